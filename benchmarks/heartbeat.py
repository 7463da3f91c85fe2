"""What keeps a window from answering: how long its event loop stood still, and what ran meanwhile.

    heart = Heartbeat()       # on the thread of the window, with its QApplication
    ...
    print(heart.report())

A timer of the window beats every two milliseconds. A thread looks at it, and while the beat is late notes where all
threads are that are not standing still. What holds the interpreter and does not let go of it (the garbage collector,
one long call of C) cannot be looked at meanwhile: collections are counted by ``gc.callbacks``, and a call of C shows as
the line that its thread is at when it returns. All of it costs a part of one core.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from types import FrameType

from PyQt6.QtCore import QObject, Qt, QTimer

_BEAT_MS = 2
_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Pause:
    """A time without a beat. ``at``: seconds since the watch began. In milliseconds: ``ms`` by the clock, ``own`` of
    the processor in the thread of the window, ``starved`` in which it could have run and no processor was free (0 where
    the system does not tell), ``collecting`` garbage, in any thread. What is left, the window waited: for the
    interpreter, a lock or the disk. ``doing``: what the script said that it did. ``seen``: stacks and how often."""

    at: float
    ms: float
    own: float
    starved: float
    collecting: float
    doing: str
    seen: Counter[str]

    @property
    def ours(self) -> float:
        """Without the time in which the machine did something else."""
        return max(0.0, self.ms - self.starved)

    def __str__(self) -> str:
        return (
            f"{self.ms:.0f} ms at {self.at:.2f} s: {self.own:.1f} of the window, {self.starved:.0f} no processor, "
            f"{self.collecting:.1f} collecting garbage {self.doing}".rstrip()
        )


class Heartbeat(QObject):
    """See the module. Pauses of more than ``limit_ms`` are kept."""

    def __init__(self, *, limit_ms: float = 8.0) -> None:
        super().__init__()
        self.pauses: list[Pause] = []
        self.beats = 0
        self.doing = ""
        self._limit = limit_ms
        self._window = threading.get_ident()
        self._collecting = self._collected = 0.0
        self._begun = time.perf_counter()
        self._closing = threading.Event()
        self.leave_out()
        gc.callbacks.append(self._on_gc)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(_BEAT_MS)
        threading.Thread(target=self._watch, name="heartbeat", daemon=True).start()

    @property
    def worst(self) -> Pause:
        """The longest pause, without the time in which no processor was free."""
        return max(self.pauses, key=lambda pause: pause.ours, default=Pause(0, 0, 0, 0, 0, "", Counter()))

    def leave_out(self) -> None:
        """What took time until now was not the program's."""
        self._last, self._own, self._starved = time.perf_counter(), time.thread_time(), _waited_for_processor()
        self._seen, self._collected = Counter[str](), 0.0

    def stop(self) -> None:
        """Look no longer."""
        self._timer.stop()
        self._closing.set()
        gc.callbacks.remove(self._on_gc)

    def report(self, *, most: int = 12) -> str:
        """The longest pauses and what was seen in them."""
        lines = [
            f"{len(self.pauses)} pauses of more than {self._limit:g} ms in {self.beats} beats; longest by the clock "
            f"{max((p.ms for p in self.pauses), default=0):.0f} ms, most of the window itself "
            f"{max((p.own for p in self.pauses), default=0):.1f} ms"
        ]
        for pause in sorted(self.pauses, key=lambda pause: -pause.ours)[:most]:
            lines += [str(pause), *(f"    {count:3} x {stack}" for stack, count in pause.seen.most_common(6))]
        return "\n".join(lines)

    def _beat(self) -> None:
        self.beats += 1
        ms = (time.perf_counter() - self._last) * 1000
        if ms > self._limit:
            own = (time.thread_time() - self._own) * 1000
            starved = (_waited_for_processor() - self._starved) * 1000
            at = self._last - self._begun
            self.pauses.append(Pause(at, ms, own, starved, self._collected * 1000, self.doing, self._seen))
        self.leave_out()

    def _watch(self) -> None:
        before: dict[int, tuple[int, int]] = {}
        while not self._closing.wait(0.001):
            if (time.perf_counter() - self._last) * 1000 < self._limit / 2:
                continue
            seen, names = self._seen, {thread.ident: thread.name for thread in threading.enumerate()}
            frames = sys._current_frames()
            places = {ident: (id(frame), frame.f_lasti) for ident, frame in frames.items()}
            for ident, frame in frames.items():
                if ident == self._window:
                    seen[f"WINDOW {_stack(frame)}"] += 1
                elif ident != threading.get_ident() and places[ident] != before.get(ident):
                    seen[f"{names.get(ident, ident)} {_stack(frame)}"] += 1
            before = places

    def _on_gc(self, phase: str, _info: dict[str, int]) -> None:
        now = time.perf_counter()
        if phase == "start":
            self._collecting = now
        else:
            self._collected += now - self._collecting


def _stack(frame: FrameType) -> str:
    calls = traceback.extract_stack(frame)[-_DEPTH:]
    return " > ".join(f"{call.filename.rpartition('/')[2]}:{call.lineno} {call.name}" for call in calls)


def _waited_for_processor() -> float:
    """Seconds in which this thread could have run and no processor was free; 0 where it is not known."""
    try:
        with open("/proc/thread-self/schedstat", "rb") as stream:
            return int(stream.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
