"""Boxes by the model, on a photo: real window, real model, mouse and keys."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from roi_assistant.core.box import Box, intersection_over_union
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import is_open, key, run_program, wait_for
from tests.gui.e2e.driving import CTRL, SHIFT, go_to, shot, stored, travel, words

CUP = Box(172, 17, 409, 310)
"""As a person drew it, see the sample photos."""
ON_THE_CUP = (280.0, 150.0)


def described(window: MainWindow) -> bool:
    session = window.session
    return bool(session.image.regions) and not session.suggestions.pending and all(map(words, session.image.regions))


def press(window: MainWindow, name: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    window.workspace.canvas.setFocus()
    key(window.workspace.canvas, name, modifiers)


def click(window: MainWindow, x: float, y: float) -> None:
    canvas = window.workspace.canvas
    canvas.setFocus()
    view = canvas.viewport()
    assert view is not None
    place = canvas.mapFromScene(x, y)
    QTest.mouseMove(view, place)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def work(window: MainWindow) -> None:
    wait_for(lambda: is_open(window) and len(window.session.images.keys) == 3, "the photos")
    session = window.session
    go_to(window, "café/咖啡 1.jpg")
    wait_for(lambda: session.image.size == (600, 400), "the picture")

    press(window, Qt.Key.Key_P)
    wait_for(lambda: described(window), "boxes with words")
    stored(window)
    found = [region.box for region in session.image.regions]
    assert 2 <= len(found) <= 12 and max(intersection_over_union(CUP, box) for box in found) > 0.5
    assert {region.state for region in session.image.regions} == {"suggested"}
    shot(window, "suggested-boxes")
    travel(window)
    assert not session.image.regions, "one undo takes them away, with their words"
    travel(window, CTRL | SHIFT)
    assert [region.box for region in session.image.regions] == found and described(window)
    travel(window)

    press(window, Qt.Key.Key_W)
    click(window, *ON_THE_CUP)
    wait_for(lambda: described(window), "a box at the pointer")
    stored(window)
    (region,) = session.image.regions
    first = region.box
    assert first.x1 < ON_THE_CUP[0] < first.x2 and first.y1 < ON_THE_CUP[1] < first.y2
    assert session.image.selection == (region.id,)
    shot(window, "clicked")
    press(window, Qt.Key.Key_W, SHIFT)
    wait_for(lambda: session.image.regions[0].box.area > 1.1 * first.area and described(window), "a larger box")
    stored(window)
    larger = session.image.regions[0].box
    assert larger.x1 < ON_THE_CUP[0] < larger.x2 and larger.y1 < ON_THE_CUP[1] < larger.y2
    shot(window, "clicked-larger")
    press(window, Qt.Key.Key_Return)
    wait_for(lambda: session.image.regions[0].state == "accepted", "accepted as any other")


def test_the_model_suggests_boxes(home: Path, samples_copy: Path) -> None:
    assert run_program(work, "open", str(samples_copy)) == 0
