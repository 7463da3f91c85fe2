"""The line that says what a detector is to look for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from roi_assistant.storage import project_words
from roi_assistant.ui.docks.look_for import LookForLine
from tests.gui.fake_session import FakeSession

Made = tuple[LookForLine, FakeSession, list[str]]


@pytest.fixture
def made(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Made:
    """The line, its session, and what happens: words that are stored, a search, the keyboard going back."""
    told: list[str] = []
    monkeypatch.setattr(project_words, "store_words", lambda _project, text: told.append(f"store {text}"))
    session = FakeSession()
    monkeypatch.setattr(session.box_suggestions, "suggest", lambda: told.append("suggest"))
    line = LookForLine(session)
    line.left.connect(lambda: told.append("left"))
    return line, session, told


def test_enter_keeps_the_words_and_suggests_boxes(made: Made) -> None:
    line, session, told = made
    assert line.isHidden()
    session.options = replace(session.options, proposer="owl")
    line.open()
    assert not line.isHidden() and line.focusWidget() is line.line
    assert line.line.text() == "" and line.line.placeholderText() == "The categories of the project"
    assert (line.title.text(), line.hint.text()) == ("What to look for", "owl suggests the boxes.")
    QTest.keyClicks(line.line, "red car, sign")
    assert told == [], "nothing is looked for while one types"
    QTest.keyClick(line.line, Qt.Key.Key_Return)
    assert line.isHidden() and told == ["store red car, sign", "left", "suggest"]
    assert session.look_for.wanted.words == ("red car", "sign")


def test_what_is_looked_for_is_there_again_and_typing_replaces_it(made: Made) -> None:
    line, session, told = made
    session.options = replace(session.options, proposer="owl")
    session.look_for.reset("red car")
    line.open()
    assert line.line.selectedText() == "red car"
    QTest.keyClick(line.line, Qt.Key.Key_Return)
    assert told == ["left", "suggest"], "the same words are not stored again, but looked for"
    line.open()
    QTest.keyClick(line.line, Qt.Key.Key_Delete)
    QTest.keyClick(line.line, Qt.Key.Key_Enter)
    assert told[2:] == ["store ", "left", "suggest"] and session.look_for.wanted.words == ()


def test_escape_changes_nothing(made: Made) -> None:
    line, session, told = made
    session.look_for.reset("red car")
    line.open()
    QTest.keyClicks(line.line, "blue bus")
    QTest.keyClick(line.line, Qt.Key.Key_Escape)
    assert line.isHidden() and told == ["left"] and session.look_for.text == "red car"
    line.open()
    assert line.line.text() == "red car"


def test_words_need_a_detector(made: Made) -> None:
    line, session, told = made
    line.open()
    assert line.hint.text().startswith("Words need a detector") and line.hint.wordWrap()
    QTest.keyClicks(line.line, "cat")
    QTest.keyClick(line.line, Qt.Key.Key_Return)
    assert told == ["store cat", "left"] and session.notices == [line.hint.text()], "other boxes are not what she typed"
    line.open()
    line.line.clear()
    QTest.keyClick(line.line, Qt.Key.Key_Return)
    assert told[2:] == ["store ", "left", "suggest"], "without words the captioner suggests boxes, as by P"


def test_a_project_that_is_open_for_reading_only(made: Made) -> None:
    line, session, told = made
    session.options = replace(session.options, proposer="owl")
    session.store.read_only = True
    line.open()
    QTest.keyClicks(line.line, "cat")
    QTest.keyClick(line.line, Qt.Key.Key_Return)
    assert told == ["left", "suggest"] and session.look_for.text == "cat", "looked for, and not kept"
