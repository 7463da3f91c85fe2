"""The chat: references, streaming, conversations of an image."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QFont, QGuiApplication, QPalette
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QToolButton

from roi_assistant.core.records import Conversation, Turn
from roi_assistant.core.review import preferred_caption
from roi_assistant.ui.docks.chat import ChatPanel
from roi_assistant.ui.docks.chat_turn import TurnView, turn_html
from roi_assistant.ui.look.palette import look
from tests.gui.fake_session import FakeSession, make_region

OLD = Conversation("cat.jpg", ("a",), (Turn("user", "is <region1> old?"), Turn("assistant", "yes, it is")), "old")
OTHER = Conversation("cat.jpg", ("a", "b"), (Turn("user", "what is <region2>?"), Turn("assistant", "a dog")), "other")


@pytest.fixture
def session() -> FakeSession:
    session = FakeSession([make_region("a"), make_region("b", (("a brown dog", 0.6),))])
    session.project.talks = (OLD, OTHER)
    return session


@pytest.fixture
def dock(qapp: QApplication, session: FakeSession) -> Iterator[ChatPanel]:
    dock = ChatPanel(session)
    dock.resize(320, 600)
    dock.show()
    yield dock
    dock.close()


def shown(dock: ChatPanel) -> list[str]:
    return [view.text for view in dock.findChildren(TurnView) if view.isVisibleTo(dock)]


def test_a_question_and_its_answer_as_it_comes(dock: ChatPanel, session: FakeSession) -> None:
    QTest.keyClicks(dock.input, "what is this")
    QTest.keyClick(dock.input, Qt.Key.Key_Return)
    assert session.model.questions == ["what is this"] and dock.input.toPlainText() == ""
    session.say("a ")
    session.say("cat")
    assert shown(dock) == ["what is this", "a cat"]
    session.end_answer()
    assert shown(dock) == ["what is this", "a cat"]


def test_nothing_is_asked_while_an_answer_comes(dock: ChatPanel, session: FakeSession) -> None:
    session.chat.ask("first")
    dock.input.setPlainText("second")
    QTest.keyClick(dock.input, Qt.Key.Key_Return)
    assert session.model.questions == ["first"] and dock.input.toPlainText() == "second"
    dock.send.click()  # stops the answer
    assert not session.chat.is_answering
    dock.send.click()
    assert session.model.questions == ["first", "second"]


def test_shift_return_begins_a_line(dock: ChatPanel, session: FakeSession) -> None:
    QTest.keyClicks(dock.input, "a")
    QTest.keyClick(dock.input, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert not session.model.questions and dock.input.toPlainText() == "a\n"


def test_a_reference_is_completed(dock: ChatPanel, session: FakeSession) -> None:
    QTest.keyClicks(dock.input, "what is <dog")
    popup = dock.input._completer.popup()
    assert popup is not None and popup.isVisible() and popup.currentIndex().data() == "2  a brown dog"
    QTest.keyClick(popup, Qt.Key.Key_Tab)
    assert dock.input.toPlainText() == "what is <region2> "
    QTest.keyClicks(dock.input, "and <r")
    assert popup.isVisible() and popup.currentIndex().data() == "1  a gray cat"
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert dock.input.toPlainText() == "what is <region2> and <region1> " and not session.model.questions
    QTest.keyClicks(dock.input, "doing?")
    assert dock.input.toPlainText().endswith("<region1> doing?")


def test_the_list_of_regions_stays_inside_a_small_window(dock: ChatPanel, session: FakeSession) -> None:
    session.image.set_regions(tuple(make_region(str(n), ((f"thing {n}", 0.5),)) for n in range(9)))
    dock.resize(240, 420)
    dock.move(40, 40)
    QTest.keyClicks(dock.input, "is <")
    popup = dock.input._completer.popup()
    assert popup is not None and popup.isVisible()
    inside = QRect(dock.mapToGlobal(dock.rect().topLeft()), dock.size())
    assert inside.contains(popup.frameGeometry()), (inside, popup.frameGeometry())
    line = dock.input.viewport().mapToGlobal(dock.input.cursorRect().topLeft())  # type: ignore[union-attr]
    assert popup.frameGeometry().bottom() < line.y() or popup.frameGeometry().top() > line.y()


def test_a_mark_after_a_reference_takes_the_place_of_its_space(dock: ChatPanel) -> None:
    dock.input.insert_reference(1)
    QTest.keyClicks(dock.input, ", who is")
    assert dock.input.toPlainText() == "<region1>, who is"
    dock.input.insert_reference(2)
    QTest.keyClicks(dock.input, "?")
    assert dock.input.toPlainText() == "<region1>, who is <region2>?"


def test_a_number_inserts_its_region_where_the_cursor_is(dock: ChatPanel) -> None:
    dock.input.setPlainText("is a cat?")
    cursor = dock.input.textCursor()
    cursor.setPosition(2)
    dock.input.setTextCursor(cursor)
    dock._chips[0].click()
    assert dock.input.toPlainText() == "is <region1> a cat?"


def test_a_box_is_referred_to_by_a_click_while_a_question_is_typed(dock: ChatPanel, session: FakeSession) -> None:
    dock.activateWindow()
    dock.input.setFocus()
    session.image.select(("a",))
    assert dock.input.toPlainText() == ""  # nobody is asking anything
    dock.input._clicked_away.start()  # the click on the canvas takes the focus first
    QTest.keyClicks(dock.input, "what about")
    session.image.select(("b",))
    assert dock.input.toPlainText() == "what about <region2> "


def test_references_become_chips_that_select(dock: ChatPanel, session: FakeSession) -> None:
    colors = look(QPalette())
    html = turn_html("<region2> & <b>", colors, QFont())
    assert 'href="region:2"' in html and "&amp; &lt;b&gt;" in html and "<region2>" not in html
    assert "href" not in turn_html("region2", colors, QFont())
    session.chat.show(OLD)
    view = next(view for view in dock.findChildren(TurnView) if view.isVisibleTo(dock))
    view.label.linkActivated.emit("region:2")
    assert session.image.selection == ("b",)


def test_conversations_are_listed_switched_and_deleted(dock: ChatPanel, session: FakeSession) -> None:
    assert [dock.list.itemText(n) for n in range(dock.list.count())] == [
        "New conversation",
        "what is region 2?",
        "is region 1 old?",
    ]
    dock.list.activated.emit(2)
    assert shown(dock) == ["is <region1> old?", "yes, it is"]
    assert dock.list.currentData() == "old" and dock.list.count() == 2
    dock.delete.click()
    assert [c.id for c in session.project.talks] == ["other"]
    dock.new.click()
    assert shown(dock) == [] and dock.list.currentText() == "New conversation"


def test_an_answer_is_copied_or_becomes_the_caption(dock: ChatPanel, session: FakeSession) -> None:
    session.chat.show(OTHER)
    answer = [view for view in dock.findChildren(TurnView) if view.isVisibleTo(dock)][-1]
    assert isinstance(answer.use, QToolButton) and isinstance(answer.copy, QToolButton)
    session.image.select(())
    assert not answer.use.isEnabled()
    answer.copy.click()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None and clipboard.text() == "a dog"
    session.image.select(("b",))
    assert answer.use.isEnabled()
    answer.use.click()
    assert session.image.regions[1].captions[0].text == "a dog" and session.image.regions[1].state == "edited"


def test_a_model_that_cannot_chat_says_so(dock: ChatPanel, session: FakeSession) -> None:
    assert dock.can_chat and not dock._banner.isVisible()
    session.change_model(capabilities=frozenset())
    assert not dock.can_chat and "GPT4RoI mini" in dock._banner.text() and dock._banner.isVisible()
    assert not dock.input.isEnabled()


def test_titles_have_the_numbers_of_the_canvas(dock: ChatPanel, session: FakeSession) -> None:
    session.image.set_regions((make_region("new"), *session.image.regions))
    titles = [dock.list.itemText(n) for n in range(1, dock.list.count())]
    assert titles == ["what is region 3?", "is region 2 old?"]
    asked = "which of <region3> and <region2> is older, which is larger, and which one is nearer to the door?"
    session.chat.ask(asked)
    session.say("<region1> is")
    session.end_answer()
    title = "which of region 3 and region 2 is older, which is larger,…"
    assert dock.list.itemText(0) == title
    assert "nearer to the door" in dock.list.itemData(0, Qt.ItemDataRole.ToolTipRole)


def test_answers_carry_no_marks_of_prompts_and_the_numbers_of_the_canvas(dock: ChatPanel, session: FakeSession) -> None:
    session.chat.ask("is <region2> older than <region1>?")
    for piece, seen in (
        ("Assistant: <un", ""),
        ("k>No, reg", "No, reg"),
        ("ion1 <bbox> is a dog, <reg", "No, <region2> is a dog,"),
        ("ion2> a cat.</s>", "No, <region2> is a dog, <region1> a cat."),
        ("### Human: why?", "No, <region2> is a dog, <region1> a cat."),
    ):
        session.say(piece)
        assert shown(dock)[-1] == seen
    session.end_answer()
    assert shown(dock)[-1] == "No, <region2> is a dog, <region1> a cat."
    assert session.project.talks[-1].turns[-1].text == "No, <region1> is a dog, <region2> a cat."
    view = dock.findChildren(TurnView)[-1]
    session.image.select(("a",))
    view.use.click()  # type: ignore[attr-defined]
    assert preferred_caption(session.image.regions[0]).text == "No, region 2 is a dog, region 1 a cat."  # type: ignore[union-attr]
