"""When Python collects garbage in a program with a window.

A collection runs in whichever thread it falls due. Garbage that holds widgets must be collected in the thread of the
window: Qt objects that are destroyed in another one corrupt memory, and the program crashes much later. A full
collection also looks at every object and lets no other thread run meanwhile, longer than a frame of the window.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PyQt6.QtCore import QTimer

_EVERY = 500
"""Milliseconds between two looks whether a collection is due."""


@contextmanager
def collected_here() -> Iterator[None]:
    """Collect garbage in this thread only, which is that of the window and runs an event loop."""
    timer = QTimer()
    timer.setInterval(_EVERY)
    timer.timeout.connect(collect_when_due)
    was_enabled = gc.isenabled()
    gc.disable()
    timer.start()
    try:
        yield
    finally:
        timer.stop()
        gc.unfreeze()
        if was_enabled:
            gc.enable()


def collect_when_due() -> None:
    """The collection that Python would have made by itself by now, if any."""
    counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
    due = [generation for generation, (count, limit) in enumerate(counts) if count > limit]
    if due:
        gc.collect(due[-1])


def gc_freeze() -> None:
    """Leave all objects of now out of collections until the end of the program (`gc.freeze`). Takes microseconds.

    Called after something large was made that stays: the program itself after its first picture, a page with the
    modules that it needs. Garbage that is among it stays too.
    """
    gc.freeze()
