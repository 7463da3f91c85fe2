"""An engine under watch, and small things for the tests of it."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from PIL import Image

from roi_assistant.core.box import Box
from roi_assistant.core.records import DescribeRequest
from roi_assistant.engine.engine import (
    Cancelled,
    Engine,
    EngineEvent,
    EngineStateChanged,
    Failed,
    Finished,
)

E = TypeVar("E", bound=EngineEvent)
LONG = 60.0
REQUEST = DescribeRequest()


class Watched:
    """An engine and what it said."""

    def __init__(self, **options: Any) -> None:
        self._queue: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        self.events: list[EngineEvent] = []
        self.engine = Engine(on_event=self._queue.put, **{"model": "fake", "restart_seconds": 0.0, **options})

    def wait(self, kind: Any, fits: Callable[[Any], bool] = lambda event: True) -> Any:
        """The next event of ``kind`` that fits; those before it are in ``events``."""
        end = time.monotonic() + LONG
        while True:
            try:
                event = self._queue.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {kind} after {self.events}") from None
            self.events.append(event)
            if isinstance(event, kind) and fits(event):
                return event

    def over(self, *tickets: int) -> None:
        """Wait until all ``tickets`` are finished, failed or cancelled."""
        left = set(tickets)
        while left:
            event = self.wait(Finished | Failed | Cancelled)
            left.discard(event.ticket)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def states(self) -> list[str]:
        return [event.state for event in self.of(EngineStateChanged)]


def picture(path: Path, width: int = 100) -> Path:
    Image.new("RGB", (width, 80), (200, 30, 30)).save(path)
    return path


def boxes(*lefts: int) -> list[Box]:
    return [Box(left, 0, left + 10, 10) for left in lefts]


def eventually(holds: Callable[[], bool]) -> bool:
    """Wait until ``holds``; False after a long time."""
    end = time.monotonic() + LONG
    while not holds() and time.monotonic() < end:
        time.sleep(0.005)
    return holds()


def runs(process: int) -> bool:
    """Whether the process is there and not a zombie."""
    try:
        return f"{Path(f'/proc/{process}/stat').read_text()}".rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
