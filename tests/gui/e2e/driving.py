"""Hands and eyes for the tests that use the program as a person does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from roi_assistant.core.review import preferred_caption
from tests.gui.application_fixtures import drag, is_open, key, wait_for

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget

    from roi_assistant.core.records import Region
    from roi_assistant.ui.window.main_window import MainWindow

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def shot(window: QWidget, name: str) -> None:
    """Keep a picture of the window in the folder ``ROI_ASSISTANT_SHOTS``, if that is set."""
    if folder := os.environ.get("ROI_ASSISTANT_SHOTS"):
        QTest.qWait(50)
        window.grab().save(str(Path(folder) / f"{name}.png"))


def words(region: Region) -> str:
    """The caption of a region, "" without one."""
    caption = preferred_caption(region)
    return caption.text if caption else ""


def draw(window: MainWindow, start: tuple[float, float], end: tuple[float, float]) -> Region:
    """Draw a box by hand and wait for what the model says about it."""
    session, canvas = window.session, window.workspace.canvas
    before = {region.id for region in session.image.regions}
    canvas.setFocus()
    key(canvas, Qt.Key.Key_W)
    drag(canvas, start, end)
    (new,) = [region for region in session.image.regions if region.id not in before]

    def is_described() -> bool:
        region = session.image.region(new.id)
        return region is not None and bool(words(region)) and new.id not in session.suggestions.pending

    wait_for(is_described, f"the suggestion; the bar says {window.bar.text!r}, the engine {session.engine.state}")
    stored(window)
    region = session.image.region(new.id)
    assert region is not None
    return region


def stored(window: MainWindow) -> None:
    """Wait until all that was done is on the disk, or failed to be, and the window knows."""
    known: list[object] = []
    window.session.store.ask(lambda _: None, known.append)
    session = window.session
    wait_for(lambda: known and not session.store.is_saving and session.store.state != "saving", "the disk")


def press(widget: QWidget, name: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """A key for the widget that has the focus, else for ``widget``."""
    key(widget.window().focusWidget() or widget, name, modifiers)  # type: ignore[union-attr]


def travel(window: MainWindow, modifiers: Qt.KeyboardModifier = CTRL) -> None:
    """Undo, or redo with Shift."""
    stored(window)
    before = window.session.history.state
    window.workspace.canvas.setFocus()
    key(window.workspace.canvas, Qt.Key.Key_Z, modifiers)
    wait_for(lambda: window.session.history.state is not before and not window.session.store.is_saving, "undo or redo")


def go_to(window: MainWindow, image: str) -> None:
    """Step by keys to an image, and wait until it is painted."""
    session, canvas = window.session, window.workspace.canvas
    for _ in range(len(session.images.keys) + 1):
        if session.image.key == image:
            break
        here, there = session.images.index(session.image.key), session.images.index(image)
        assert here is not None and there is not None
        canvas.setFocus()
        key(canvas, Qt.Key.Key_D if there > here else Qt.Key.Key_A)
        wait_for(lambda: is_open(window) or bool(session.images.row(session.image.key).problem), "the next image")
    assert session.image.key == image
    wait_for(lambda: canvas.camera.image_size[0] > 0, "the picture")
