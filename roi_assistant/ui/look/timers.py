"""Timers that run once."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer


def single_shot(parent: QObject | None, milliseconds: int, function: Callable[[], object]) -> QTimer:
    """A timer that calls ``function`` so long after its last ``start``."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(function)
    return timer
