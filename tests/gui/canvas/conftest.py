"""A canvas with an image on it, and hands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.ui.canvas import Canvas, CanvasRegion

NONE = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


def wait_for(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    """Let the event loop run until ``condition``."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        QTest.qWait(5)


def region(name: str, number: int, box: tuple[float, float, float, float], **more: Any) -> CanvasRegion:
    return CanvasRegion(name, number, Box(*box), more.pop("label", f"thing {number}"), "suggested", **more)


class Hand:
    """Mouse events in pixels of the image, sent with their modifiers, which QTest leaves out of moves."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def at(self, x: float, y: float) -> QPointF:
        frame = self.canvas.regions.frame()
        return QPointF(frame.left + x * frame.scale, frame.top + y * frame.scale)

    def send(
        self, kind: QEvent.Type, point: QPointF, button: Qt.MouseButton, buttons: Qt.MouseButton, keys: Any = NONE
    ) -> None:
        viewport = self.canvas.viewport()
        assert viewport is not None
        event = QMouseEvent(kind, point, viewport.mapToGlobal(point), button, buttons, keys)
        QApplication.sendEvent(viewport, event)

    def press(self, x: float, y: float, *, keys: Any = NONE, button: Qt.MouseButton = LEFT) -> None:
        self.send(QEvent.Type.MouseButtonPress, self.at(x, y), button, button, keys)

    def move(self, x: float, y: float, *, keys: Any = NONE, buttons: Qt.MouseButton = LEFT) -> None:
        self.send(QEvent.Type.MouseMove, self.at(x, y), Qt.MouseButton.NoButton, buttons, keys)

    def release(self, x: float, y: float, *, keys: Any = NONE, button: Qt.MouseButton = LEFT) -> None:
        self.send(QEvent.Type.MouseButtonRelease, self.at(x, y), button, Qt.MouseButton.NoButton, keys)

    def drag(self, *points: tuple[float, float], keys: Any = NONE, button: Qt.MouseButton = LEFT) -> None:
        """From the first point over the others; points are where they are before the drag begins."""
        places = [self.at(*point) for point in points]
        self.send(QEvent.Type.MouseButtonPress, places[0], button, button, keys)
        for place in places[1:]:
            self.send(QEvent.Type.MouseMove, place, Qt.MouseButton.NoButton, button, keys)
        self.send(QEvent.Type.MouseButtonRelease, places[-1], button, Qt.MouseButton.NoButton, keys)

    def click(self, x: float, y: float, *, keys: Any = NONE) -> None:
        self.press(x, y, keys=keys)
        self.release(x, y, keys=keys)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.new("RGB", (800, 600), (120, 90, 60)).save(path)
    return path


@pytest.fixture
def bare(qapp: QApplication) -> Iterator[Canvas]:
    """A canvas without an image."""
    canvas = Canvas()
    canvas.resize(1000, 760)
    canvas.show()
    yield canvas
    canvas.close_threads()
    canvas.close()
    canvas.deleteLater()


@pytest.fixture
def canvas(bare: Canvas, photo: Path) -> Canvas:
    """A canvas with a photo of 800 x 600 pixels at 1:1, and no regions; snapping is off."""
    bare.set_image(photo, key="photo.png")
    wait_for(lambda: bare.picture.complete)
    bare.camera.one_to_one()
    bare.hand.set_snap(False)
    return bare


@pytest.fixture
def hand(canvas: Canvas) -> Hand:
    return Hand(canvas)


@pytest.fixture
def signals(canvas: Canvas) -> list[tuple[Any, ...]]:
    """What the canvas says: name of the signal and its values."""
    log: list[tuple[Any, ...]] = []
    for name in (
        "boxDrawn",
        "boxesChanged",
        "selectionChanged",
        "regionActivated",
        "regionHovered",
        "deleteRequested",
        "contextMenuRequested",
        "toolChanged",
    ):
        part = canvas.hand if hasattr(canvas.hand, name) else canvas.regions
        getattr(part, name).connect(lambda *values, name=name: log.append((name, *values)))
    return log
