"""Finds places for labels in a thread; what was asked last is what counts."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from PyQt6.QtCore import QObject, pyqtSignal

from roi_assistant.ui.canvas.placing import LabelRequest, place_all


class LabelService(QObject):
    """See the module."""

    placed = pyqtSignal(object)
    """A dict, region id -> Place, for the last request."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changed = threading.Condition()
        self._asked: tuple[int, Sequence[LabelRequest], float, float] | None = None
        self._number = 0
        self._closing = False
        self._thread: threading.Thread | None = None
        self._found.connect(self._on_found)

    _found = pyqtSignal(int, object)

    def ask(self, requests: Sequence[LabelRequest], *, width: float, height: float) -> None:
        """Find places in a view of ``width`` x ``height`` pixels."""
        with self._changed:
            self._number += 1
            self._asked = (self._number, requests, width, height)
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._run, name="labels", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Stop the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def _on_found(self, number: int, places: object) -> None:
        if number == self._number:
            self.placed.emit(places)

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._asked is None and not self._closing:
                    self._changed.wait()
                if self._closing or self._asked is None:
                    return
                number, requests, width, height = self._asked
                self._asked = None
            places = place_all(requests, width=width, height=height)
            try:
                self._found.emit(number, places)
            except RuntimeError:  # the window is gone
                return
