"""The region editor: one edit per commit, the right region, and a model's values as suggestions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QEvent, QPoint, QRect, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.completion import completion
from roi_assistant.core.records import AttributeDefinition, AttributeSchema
from roi_assistant.core.review import preferred_caption
from roi_assistant.ui.docks.attribute_form import _BooleanRow, _MultiRow, _SingleRow, _TextRow
from roi_assistant.ui.docks.region_editor import RegionEditor
from roi_assistant.ui.docks.value_picker import ValuePicker
from tests.gui.fake_session import FakeSession, make_region

COLORS = ("red", "green", "blue", "black", "white", "gray", "brown", "pink", "tan")
SCHEMA = AttributeSchema(
    "test",
    (
        AttributeDefinition("color", "multi", COLORS),
        AttributeDefinition("mood", "multi", ("calm", "wild")),
        AttributeDefinition("size", "single", ("small", "large")),
        AttributeDefinition("wet", "boolean"),
        AttributeDefinition("text", "text"),
    ),
)


@pytest.fixture
def session() -> FakeSession:
    written = (("color", ("gray", "brown"), 0.9), ("size", ("small",), 0.6), ("wet", ("no",), 0.7))
    return FakeSession([make_region("a", attributes=written), make_region("b", (("a dog", 0.5),))], schema=SCHEMA)


@pytest.fixture
def dock(qapp: QApplication, session: FakeSession) -> Iterator[RegionEditor]:
    dock = RegionEditor(session)
    dock.resize(360, 760)
    dock.show()
    session.image.select(("a",))
    yield dock
    dock.close()


def caption(session: FakeSession, number: int) -> str:
    preferred = preferred_caption(session.image.regions[number])
    return preferred.text if preferred else ""


def attribute(session: FakeSession, name: str) -> tuple[tuple[str, ...], str]:
    stored = next((a for a in session.image.regions[0].attributes if a.name == name), None)
    return (stored.values, stored.provenance.author) if stored else ((), "")


def type_caption(dock: RegionEditor, text: str) -> None:
    dock.caption.selectAll()
    QTest.keyClicks(dock.caption, text)


def test_a_caption_is_one_edit_and_the_regions_state_is_edited(dock: RegionEditor, session: FakeSession) -> None:
    type_caption(dock, "a sleeping cat")
    assert caption(session, 0) == "a gray cat" and not session.store.edits
    QTest.keyClick(dock.caption, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    dock.commit()
    assert caption(session, 0) == "a sleeping cat" and session.image.regions[0].state == "edited"
    assert len(session.store.edits) == 1


def test_a_general_word_of_an_unsure_region_has_no_percentage(qapp: QApplication) -> None:
    unsure = make_region("a", (("an animal", 0.4), ("a dog", 0.6)), unsure=True)
    session = FakeSession([unsure, make_region("b", (("a dog", 0.6),))])
    dock = RegionEditor(session)
    session.image.select(("a",))
    assert "a general word" in dock.origin.text() and "%" not in dock.origin.text()
    assert dock.category.accept.text() == "" and "a general word" in dock.category.line.toolTip()
    session.image.select(("b",))
    assert "60" in dock.origin.text() and "%" in dock.origin.text()


def test_escape_takes_the_words_back(dock: RegionEditor, session: FakeSession) -> None:
    type_caption(dock, "nonsense")
    QTest.keyClick(dock.caption, Qt.Key.Key_Escape)
    assert dock.caption.toPlainText() == "a gray cat"
    dock.commit()
    assert not session.store.edits


def test_words_go_to_the_region_that_they_were_typed_for(dock: RegionEditor, session: FakeSession) -> None:
    type_caption(dock, "a sleeping cat")
    session.image.select(("b",))
    assert (caption(session, 0), caption(session, 1)) == ("a sleeping cat", "a dog")
    assert dock.caption.toPlainText() == "a dog"


def test_no_words_are_no_caption(dock: RegionEditor, session: FakeSession) -> None:
    dock.caption.selectAll()
    QTest.keyClick(dock.caption, Qt.Key.Key_Delete)
    dock.commit()
    assert caption(session, 0) == "a gray cat" and not session.store.edits
    assert dock.caption.toPlainText() == "a gray cat"


def test_an_answer_of_the_model_does_not_disturb_typing(dock: RegionEditor, session: FakeSession) -> None:
    type_caption(dock, "a sleep")
    session.image.set_regions((make_region("a", (("a new guess", 0.9),)), session.image.regions[1]))
    assert dock.caption.toPlainText() == "a sleep"
    QTest.keyClick(dock.caption, Qt.Key.Key_Escape)
    assert dock.caption.toPlainText() == "a new guess"


def test_a_click_takes_an_alternative(dock: RegionEditor, session: FakeSession) -> None:
    shown = dock.alternatives
    assert shown.texts == ("a cat on a sofa", "a pet")
    QTest.mouseClick(shown, Qt.MouseButton.LeftButton, pos=QPoint(30, 4))
    assert caption(session, 0) == "a cat on a sofa" and session.image.regions[0].state == "accepted"


def test_a_long_alternative_is_wrapped_and_taken_by_a_click_on_any_of_its_lines(
    dock: RegionEditor, session: FakeSession
) -> None:
    long = "a small brown dog with a red collar that lies on a striped blanket beside the open door of a wooden shed"
    region = make_region("a", (("a dog", 0.8), (long, 0.4), ("a pet", 0.2)))
    session.project.stored["cat.jpg"] = regions = (region, session.image.regions[1])
    session.image.set_regions(regions)
    QApplication.processEvents()
    shown = dock.alternatives
    (first, text), (second, _) = shown._rows(shown.width())
    metrics = shown.fontMetrics()
    assert first.height() >= 3 * metrics.height() and second.top() == first.bottom() + 1
    room = QRect(0, 0, text.width(), 9999)
    assert metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, long).height() <= text.height()
    assert shown.height() >= second.bottom()
    QTest.mouseClick(shown, Qt.MouseButton.LeftButton, pos=QPoint(60, first.bottom() - 3))
    assert caption(session, 0) == long


def test_what_was_said_earlier_in_the_project_is_offered_and_completed(
    dock: RegionEditor, session: FakeSession
) -> None:
    session.earlier_texts("a tabby", "a pet", "a gray kitten", "a third")
    assert dock.alternatives.texts == ("a cat on a sofa", "a pet", "a tabby", "a gray kitten")
    assert [dock.alternatives.score(row) for row in range(4)] == [0.41, 0.2, None, None]
    assert completion("a t", phrases=dock.caption._phrases, words=()) == "abby"
    QTest.keyClick(dock.alternatives, Qt.Key.Key_4)
    assert caption(session, 0) == "a gray kitten" and session.image.regions[0].state == "edited"
    assert dock.alternatives.texts[:2] == ("a gray cat", "a cat on a sofa"), "what stood there can be taken again"


def test_the_form_does_not_jump_with_fewer_alternatives(dock: RegionEditor, session: FakeSession) -> None:
    QApplication.processEvents()
    before = dock.category.geometry().top()
    session.image.select(("b",))
    QApplication.processEvents()
    assert dock.category.geometry().top() == before


def test_category_is_typed_taken_and_confirmed(dock: RegionEditor, session: FakeSession) -> None:
    dock.category.accept.click()
    provenance = session.image.regions[0].category_provenance
    assert provenance is not None and provenance.author == "human"
    assert not dock.category.accept.isVisible()
    dock.category.line.selectAll()
    QTest.keyClicks(dock.category.line, "lynx")
    QTest.keyClick(dock.category.line, Qt.Key.Key_Return)
    assert session.image.regions[0].category == "lynx"
    QTest.keyClicks(dock.category.line, "xx")
    QTest.keyClick(dock.category.line, Qt.Key.Key_Escape)
    assert dock.category.line.text() == "lynx" and session.image.regions[0].category == "lynx"


def test_a_completed_category_is_taken(dock: RegionEditor, session: FakeSession) -> None:
    dock.activateWindow()
    dock.category.line.setFocus()
    QApplication.processEvents()
    dock.category.line.selectAll()
    QTest.keyClicks(dock.category.line, "per")
    completer = dock.category.line.completer()
    assert completer is not None
    popup = completer.popup()
    assert popup is not None and popup.isVisible() and completer.completionCount() == 1
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert session.image.regions[0].category == "person"


def test_return_in_a_line_is_not_the_windows_accept(dock: RegionEditor) -> None:
    event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    QApplication.sendEvent(dock.category.line, event)
    assert event.isAccepted()


def test_the_models_values_are_accepted_by_one_click(dock: RegionEditor, session: FakeSession) -> None:
    row = dock.attributes.row("color")
    assert row.accept.isVisible() and row.accept.text().startswith("90")
    row.accept.click()
    assert attribute(session, "color") == (("gray", "brown"), "human")
    assert not row.accept.isVisible()


def test_an_accepted_region_asks_for_nothing_more(dock: RegionEditor, session: FakeSession) -> None:
    dock.accept.click()
    assert session.image.regions[0].state == "accepted"
    assert not dock.attributes.row("color").accept.isVisible() and not dock.category.accept.isVisible()


def test_each_kind_of_attribute(dock: RegionEditor, session: FakeSession) -> None:
    single, boolean, text, mood = (dock.attributes.row(name) for name in ("size", "wet", "text", "mood"))
    assert isinstance(single, _SingleRow) and single.combo.currentText() == "small"
    single.combo.setCurrentIndex(2)
    single.combo.activated.emit(2)
    assert attribute(session, "size") == (("large",), "human")
    assert isinstance(boolean, _BooleanRow) and boolean.chips["no"].suggested
    boolean.chips["yes"].click()
    assert attribute(session, "wet") == (("yes",), "human")
    boolean.chips[""].click()
    assert attribute(session, "wet") == ((), "")
    assert isinstance(text, _TextRow)
    QTest.keyClicks(text.edit, "MEOW")
    QTest.keyClick(text.edit, Qt.Key.Key_Return)
    assert attribute(session, "text") == (("MEOW",), "human")
    assert isinstance(mood, _MultiRow) and list(mood.chips) == ["calm", "wild"]
    mood.chips["wild"].click()
    mood.chips["calm"].click()
    assert attribute(session, "mood")[0] == ("calm", "wild")


def test_of_a_long_list_only_the_chosen_values_are_chips(dock: RegionEditor, session: FakeSession) -> None:
    row = dock.attributes.row("color")
    assert isinstance(row, _MultiRow) and list(row.chips) == ["gray", "brown"]
    row.chips["brown"].click()
    assert attribute(session, "color") == (("gray",), "human")
    row.open_picker()
    picker = row.findChild(ValuePicker)
    assert picker is not None and picker.ticked() == ("gray",)
    QTest.keyClicks(picker.search, "re")
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    edits = len(session.store.edits)
    picker.close()
    assert attribute(session, "color")[0] == ("red", "gray") and len(session.store.edits) == edits + 1


def test_a_locked_region_cannot_be_changed(dock: RegionEditor, session: FakeSession) -> None:
    dock.lock.click()
    assert session.image.regions[0].locked and dock.lock.isChecked()
    assert dock.caption.isReadOnly() and not dock.attributes.isEnabled() and not dock.accept.isEnabled()
    dock.lock.click()
    assert not session.image.regions[0].locked and dock.accept.isEnabled()


def test_several_regions_are_decided_together(dock: RegionEditor, session: FakeSession) -> None:
    session.image.select(("a", "b"))
    assert dock.region is None and dock.reject.isEnabled()
    dock.reject.click()
    assert {region.state for region in session.image.regions} == {"rejected"}
    dock.reopen.click()
    assert {region.state for region in session.image.regions} == {"suggested"}


def test_nothing_selected_says_what_to_do(dock: RegionEditor, session: FakeSession) -> None:
    session.image.select(())
    assert dock.region is None and not dock.accept.isEnabled()
    assert not dock.caption.isVisible()


def test_another_schema_makes_another_form(dock: RegionEditor, session: FakeSession) -> None:
    schema = AttributeSchema("new", (AttributeDefinition("pose", "single", ("sitting", "standing")),))
    session.history.set_schema(schema)
    assert isinstance(dock.attributes.row("pose"), _SingleRow)
    with pytest.raises(KeyError):
        dock.attributes.row("color")


@pytest.mark.parametrize(
    ("name", "values", "after"),
    [
        ("size", ("tiny",), ("small", "large", "tiny")),
        ("color", ("red", "teal"), (*COLORS, "teal")),
    ],
)
def test_a_value_that_the_list_does_not_have_is_offered_to_it(
    qapp: QApplication, name: str, values: tuple[str, ...], after: tuple[str, ...]
) -> None:
    session = FakeSession([make_region("a", attributes=((name, values, 0.6),))], schema=SCHEMA)
    dock = RegionEditor(session)
    dock.resize(360, 760)
    dock.show()
    session.image.select(("a",))
    row = dock.attributes.row(name)
    assert row.extend.isVisible() and not row.accept.isVisible()
    assert row.extend.accessibleName() == f"{values[-1]} is not in the list of {name}: add it?"
    others = [other for other in ("size", "color", "mood", "wet", "text") if other != name]
    assert not any(dock.attributes.row(other).extend.isVisible() for other in others)
    assert attribute(session, name) == (values, "model")
    row.extend.click()
    definition = next(one for one in session.schema.attributes if one.name == name)
    assert definition.values == after
    assert attribute(session, name) == (values, "human")
    assert not dock.attributes.row(name).extend.isVisible()
    session.history.undo()
    assert attribute(session, name) == (values, "model") and not dock.attributes.row(name).extend.isVisible()
    session.history.undo("")
    assert session.schema == SCHEMA, "the list is as before"
    assert dock.attributes.row(name).extend.isVisible(), "the value stays, and is asked about again"
    dock.close()


def test_no_long_value_makes_the_dock_wider(qapp: QApplication) -> None:
    session = FakeSession([make_region("a", attributes=(("size", ("x" * 300,), 0.6),))], schema=SCHEMA)
    dock = RegionEditor(session)
    dock.show()
    before = dock.minimumSizeHint().width()
    session.image.select(("a",))
    assert dock.attributes.row("size").extend.isVisible()
    assert dock.minimumSizeHint().width() == before
    dock.close()
