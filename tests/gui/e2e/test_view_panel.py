"""The look of picture and boxes, changed by keys in the real program."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest

from roi_assistant.settings import load_settings
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import drag, is_open, key, run_program, settle, wait_for
from tests.gui.e2e.driving import SHIFT, press, shot


@pytest.fixture(autouse=True)
def home(writer: Path) -> Path:
    """A captioner that needs no model."""
    return writer


def seen(window: MainWindow, x: float, y: float) -> str:
    """The color of a pixel of the image on the screen."""
    canvas = window.workspace.canvas
    return canvas.grab().toImage().pixelColor(canvas.mapFromScene(x, y)).name()


def test_brightness_by_keys_changes_what_is_seen_and_one_key_takes_it_back(photos: Path) -> None:
    files = {path: path.read_bytes() for path in photos.rglob("*.png")}

    def drive(window: MainWindow) -> None:
        wait_for(lambda: is_open(window) and window.workspace.canvas.picture.complete)
        canvas, panel = window.workspace.canvas, window.workspace.view_panel
        key(canvas, Qt.Key.Key_B)
        assert panel.isVisible() and window.focusWidget() is panel.brightness
        for _ in range(20):
            press(window, Qt.Key.Key_Right)
        wait_for(lambda: seen(window, 60, 260) == "#b3b3b3")  # 128 and a fifth of 255
        assert window.status.tone.text() == "Shown with brightness +20" and window.status.tone.isVisible()
        QTest.mouseClick(panel, Qt.MouseButton.LeftButton, pos=QPoint(4, panel.height() - 4))
        assert not window.session.image.regions
        shot(window, "view-panel")
        tool = window.tool
        press(window, Qt.Key.Key_Escape)
        assert not panel.isVisible() and window.focusWidget() is canvas and window.tool == tool
        key(canvas, Qt.Key.Key_D)
        wait_for(lambda: is_open(window) and seen(window, 60, 260) == "#b3b3b3")
        key(canvas, Qt.Key.Key_B, SHIFT)
        wait_for(lambda: seen(window, 60, 260) == "#808080")
        assert not window.status.tone.isVisible()

    assert run_program(drive, "open", str(photos)) == 0
    assert {path: path.read_bytes() for path in photos.rglob("*.png")} == files


def test_line_width_opacity_and_attribute_values_change_at_once_and_are_kept(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        wait_for(lambda: is_open(window))
        canvas, panel = window.workspace.canvas, window.workspace.view_panel
        canvas.camera.one_to_one()
        drag(canvas, (100, 100), (200, 200))
        drag(canvas, (250, 100), (350, 200))
        wait_for(lambda: len(window.session.image.regions) == 2 and not window.session.suggestions.pending)
        settle(window)
        window.session.image.select(())
        assert seen(window, 150, 150) == "#808080" == seen(window, 150, 104)
        key(canvas, Qt.Key.Key_B)
        for slider, times in ((panel.line_width, 6), (panel.fill, 8)):
            slider.setFocus()
            for _ in range(times):
                press(window, Qt.Key.Key_Right)
        QTest.mouseClick(panel.attributes, Qt.MouseButton.LeftButton, pos=QPoint(8, panel.attributes.height() // 2))
        assert seen(window, 150, 150) != "#808080"
        assert seen(window, 100, 150) == seen(window, 103, 150) == "#f0b020"
        assert {region.details for region in canvas.regions.regions} == {"red"}
        press(window, Qt.Key.Key_Escape)
        key(canvas, Qt.Key.Key_L, SHIFT)
        assert {region.details for region in canvas.regions.regions} == {""} and not panel.attributes.isChecked()

    assert run_program(drive, "open", str(photos)) == 0
    settings = load_settings()[0]
    assert (settings.line_width, settings.box_fill, settings.show_attributes) == (8, 8, False)
