"""The note on an image and "nothing here", by mouse and keys, in the dock and in the whole program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from roi_assistant.cli import main
from roi_assistant.core.records import ImageNotes
from roi_assistant.ui.docks.image_notes import ImageNotesBar
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import drag, is_open, key, run_program, settle, wait_for
from tests.gui.fake_session import FakeSession, make_region


def type_note(bar: ImageNotesBar, text: str) -> None:
    bar.focus_note()
    QTest.keyClicks(bar.line, text)


def test_what_was_typed_is_kept_when_another_image_comes(qapp: QApplication) -> None:
    session = FakeSession()
    bar = ImageNotesBar(session)
    bar.show()
    type_note(bar, "too dark")
    session.image.show("dog.jpg", None)  # as when a photo is dropped on the window
    assert session.project.noted["cat.jpg"] == ImageNotes("too dark")
    assert bar.line.text() == ""
    session.notes.set_note(" sharp ")
    assert bar.line.text() == "sharp" and session.project.noted["dog.jpg"] == ImageNotes("sharp")


def test_escape_takes_back_what_was_typed(qapp: QApplication) -> None:
    session = FakeSession()
    session.notes.set_note("before")
    bar = ImageNotesBar(session)
    bar.show()
    type_note(bar, "after")
    QTest.keyClick(bar.line, Qt.Key.Key_Escape)
    assert bar.line.text() == "before" and len(session.store.edits) == 1


def test_an_image_with_boxes_is_not_nothing(qapp: QApplication) -> None:
    session = FakeSession()
    bar = ImageNotesBar(session)
    bar.show()
    bar.reviewed_empty.click()
    assert session.image.notes.reviewed_empty and bar.reviewed_empty.isChecked()
    bar.reviewed_empty.click()
    assert not session.image.notes.reviewed_empty and not bar.reviewed_empty.isChecked()
    session.image.set_regions((make_region(),))
    assert not bar.reviewed_empty.isEnabled()
    session.notes.toggle_reviewed_empty()
    assert not session.image.notes.reviewed_empty and "delete them first" in session.notices[-1]


@pytest.mark.usefixtures("writer")
def test_notes_and_nothing_here_in_the_program(photos: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.json"

    def drive(window: MainWindow) -> None:
        session, images, canvas = window.session, window.workspace.images, window.workspace.canvas
        wait_for(lambda: is_open(window) and not session.images.scanning, "the first image")
        first = session.image.key
        canvas.setFocus()
        key(canvas, Qt.Key.Key_N)
        assert images.notes.line.hasFocus()
        QTest.keyClicks(images.notes.line, "wet road 0 N")
        key(images.notes.line, Qt.Key.Key_Return)
        assert canvas.hasFocus()
        key(canvas, Qt.Key.Key_0)
        settle(window)
        row = session.images.row(first)
        assert row is not None and (row.note, row.finished) == ("wet road 0 N", True)
        assert images._count.text().startswith("1 of 3")

        drag(canvas, (20, 20), (120, 120))
        settle(window)
        row = session.images.row(first)
        assert row is not None and not row.finished and not images.notes.reviewed_empty.isChecked()
        wait_for(lambda: not session.suggestions.pending, "the suggestion")
        while session.image.stored:
            settle(window)
            key(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
            settle(window)
        row = session.images.row(first)
        assert row is not None and row.finished and images.notes.reviewed_empty.isChecked()

        QTest.mouseClick(images.filters.reviewed_empty, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
        wait_for(lambda: len(session.images.keys) == 1, "the filter")
        images.clear_filter()
        images.search.setFocus()
        QTest.keyClicks(images.search, "road WET")
        key(images.search, Qt.Key.Key_Return)
        wait_for(lambda: list(session.images.keys) == [first], "the search")

    assert run_program(drive, "open", str(photos)) == 0
    assert main(["project", "export", str(photos), str(target)]) == 0
    record = json.loads(target.read_text("utf-8"))["images"][0]
    assert record["note"] == "wet road 0 N" and record["reviewed_empty"] is True
