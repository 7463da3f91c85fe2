"""Progress on stderr: a bar with the time left on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from roi_assistant.commands.console import is_terminal, say

_PLAIN_SECONDS = 10.0


class Progress:
    """Use as a context manager; call ``step`` after each of ``total`` pieces of work.

    With one piece of work nothing is shown.
    """

    def __init__(self, total: int, *, what: str) -> None:
        self._what, self._shown = what, total > 1
        self._live = self._shown and is_terminal(sys.stderr)
        self._bar = RichProgress(
            BarColumn(24),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=Console(file=sys.stderr, force_terminal=self._live),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            get_time=lambda: time.monotonic(),
        )
        self._id = self._bar.add_task(what, total=total)
        self._task = self._bar.tasks[0]
        self._last = time.monotonic()

    def __enter__(self) -> Progress:
        if self._live:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()
        if self._shown and kind is None:
            self._say(f"done in {_clock(self._task.elapsed)}")

    def step(self, count: float = 1) -> None:
        """``count`` more pieces are done."""
        self._bar.advance(self._id, count)
        if self._live:
            self._bar.start()
        elif self._shown and time.monotonic() - self._last >= _PLAIN_SECONDS:
            self._last = time.monotonic()
            self._say(f"{_clock(self._task.time_remaining)} left")

    def clear(self) -> None:
        """Take the bar away before something else is printed; the next ``step`` draws it again."""
        if self._live:
            self._bar.stop()

    def _say(self, time: str) -> None:
        say(f"{int(self._task.completed)}/{int(self._task.total or 0)} {self._what}, {time}")


def _clock(seconds: float | None) -> str:
    """``75.2`` -> ``0:01:15``."""
    return "unknown time" if seconds is None else str(timedelta(seconds=round(seconds)))
