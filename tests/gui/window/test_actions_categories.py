"""Categories in the real program: armed by keys, drawn, colored, hidden, renamed for the whole project, taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLineEdit

from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import drag, is_open, key, run_program, wait_for

pytestmark = pytest.mark.usefixtures("writer")
CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def test_from_a_new_category_to_a_renamed_one(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session, canvas, dock = window.session, window.workspace.canvas, window.workspace.categories
        wait_for(lambda: is_open(window), "the first image")

        def categories() -> list[str | None]:
            return [region.category for region in session.image.regions]

        def described() -> bool:
            regions = session.image.regions
            return not session.suggestions.pending and all(region.captions for region in regions)

        canvas.setFocus()
        key(canvas, Qt.Key.Key_T, CTRL | SHIFT)
        QTest.keyClicks(dock.filter, "sofa")
        key(dock.filter, Qt.Key.Key_Return)
        wait_for(lambda: session.categories.armed == "sofa", "the category")
        assert window.focusWidget() is canvas and window.status.armed.text() == "Next boxes: sofa"
        drag(canvas, (20, 20), (90, 200))
        drag(canvas, (120, 20), (190, 200))
        key(canvas, Qt.Key.Key_Escape)
        assert session.categories.armed == "" and window.tool == "draw"
        drag(canvas, (220, 20), (290, 200))
        wait_for(described, "the words")
        assert categories() == ["sofa", "sofa", "thing"]
        assert [region.state for region in session.image.regions] == ["suggested"] * 3

        wait_for(lambda: session.categories.counts.get("sofa") == 2, "the counts")
        key(canvas, Qt.Key.Key_1, ALT)
        assert session.categories.armed == session.categories.digits[0] == "sofa"
        key(canvas, Qt.Key.Key_1, ALT)
        assert session.categories.armed == ""

        key(canvas, Qt.Key.Key_C, SHIFT)
        assert {region.color for region in canvas.regions.regions} == {
            session.categories.color("sofa"),
            session.categories.color("thing"),
        }
        session.image.select(())
        dock.select("sofa")
        dock.view.setFocus()
        key(dock.view, Qt.Key.Key_Space)
        assert [region.number for region in canvas.regions.regions] == [3]
        session.image.select((session.image.regions[0].id,))
        assert [region.number for region in canvas.regions.regions] == [1, 3], "a selected region is shown"
        key(dock.view, Qt.Key.Key_Space)

        key(dock.view, Qt.Key.Key_F2)
        editor = dock.view.findChild(QLineEdit)
        assert editor is not None
        QTest.keyClicks(editor, "couch")
        key(editor, Qt.Key.Key_Return)
        wait_for(lambda: categories() == ["couch", "couch", "thing"], "the new name")
        wait_for(lambda: dock.model.row_of("couch") >= 0, "the row")
        dock.view.setFocus()
        key(dock.view, Qt.Key.Key_Z, CTRL)
        wait_for(lambda: categories() == ["sofa", "sofa", "thing"], "the old name")
        canvas.setFocus()
        key(canvas, Qt.Key.Key_Z, CTRL)
        wait_for(lambda: len(session.image.regions) == 2, "the step of the image: the box that was drawn last")

    assert run_program(drive, "open", str(photos)) == 0
