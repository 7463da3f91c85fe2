"""A progress bar on stderr that shows the time left and makes room for other output."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from roi_assistant.commands.console import is_terminal, printable

_BAR = 24
_REDRAW_SECONDS = 0.1
_PLAIN_SECONDS = 10.0


class Progress:
    """Use as a context manager; call ``step`` after each of ``total`` pieces of work.

    On a terminal one line is rewritten; elsewhere (a log, a pipe) a line is printed every ten seconds. With one piece
    of work nothing is shown.
    """

    def __init__(self, total: int, *, what: str) -> None:
        self._total = total
        self._what = what
        self._done = 0
        self._stream = sys.stderr
        self._live = is_terminal(self._stream)
        self._start = self._last = time.monotonic()
        self._width = 0

    def __enter__(self) -> Progress:
        self._draw(force=self._live)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._draw(force=True)
        if self._width:
            print(file=self._stream, flush=True)

    def step(self) -> None:
        """One more piece is done."""
        self._done += 1
        self._draw(force=False)

    def clear(self) -> None:
        """Take the bar away before something else is printed; the next ``step`` draws it again."""
        if self._width:
            print("\r" + " " * self._width + "\r", end="", file=self._stream, flush=True)
            self._width = 0
            self._last = float("-inf")

    def _draw(self, *, force: bool) -> None:
        now = time.monotonic()
        if self._total < 2 or not (force or now - self._last >= (_REDRAW_SECONDS if self._live else _PLAIN_SECONDS)):
            return
        self._last = now
        text = f"{self._done}/{self._total} {self._what}, {self._time(now)}"
        if not self._live:
            print(printable(text), file=self._stream, flush=True)
            return
        filled = _BAR * self._done // self._total
        text = f"[{'#' * filled}{'.' * (_BAR - filled)}] {text}"
        print("\r" + text.ljust(self._width), end="", file=self._stream, flush=True)
        self._width = len(text)

    def _time(self, now: float) -> str:
        elapsed = now - self._start
        if self._done == self._total:
            return f"done in {clock(elapsed)}"
        if self._done == 0:
            return "time left unknown"
        return f"{clock(elapsed / self._done * (self._total - self._done))} left"


def clock(seconds: float) -> str:
    """``75.2`` -> ``1:15``; hours are shown when there are any."""
    minutes, second = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{second:02d}" if hours else f"{minutes}:{second:02d}"
