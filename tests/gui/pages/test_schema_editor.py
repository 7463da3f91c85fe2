"""The schema editor: editing by hand, presets, files, saving as one edit."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from roi_assistant.core.edits import Edit
from roi_assistant.core.records import AttributeDefinition, AttributeSchema
from roi_assistant.storage.records import HistoryState
from roi_assistant.ui.pages.schema_editor import SchemaEditor
from tests.gui.fake_session import STREET, FakeSession

undone: list[str] = []


def saved(page: SchemaEditor) -> list[AttributeSchema]:
    """The schemas that were handed to the session."""
    return [edit.schema[1] for edit in edits_of(page) if edit.schema is not None]


def edits_of(page: SchemaEditor) -> list[Edit]:
    session: Any = page.session
    edits: list[Edit] = session.store.edits
    return edits


def editor(schema: AttributeSchema = STREET) -> SchemaEditor:
    overview = SimpleNamespace(attributes={"color": (("red", 12), ("blue", 3)), "worn": (("yes", 4),)})
    project = SimpleNamespace(
        overview=lambda: overview,
        history=lambda image: HistoryState(can_undo=image == ""),
        undo=lambda image: undone.append(image),
        schema=schema,
    )
    undone.clear()
    page = SchemaEditor(FakeSession(project=project, key=""))
    page.show()
    page.activateWindow()  # shortcuts work in the active window only
    QTest.qWaitForWindowActive(page)
    return page


def test_typing_a_value_and_saving_hands_one_schema_to_the_session() -> None:
    page = editor()
    assert not page.save_button.isEnabled()
    page.list.setCurrentRow(1)
    page.values.setPlainText("small\nlarge\nhuge")
    assert page.save_button.isEnabled()
    QTest.keyClick(page.values, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert [schema.attributes[1].values for schema in saved(page)] == [("small", "large", "huge")]
    assert not page.save_button.isEnabled()


def test_the_list_is_worked_by_keyboard() -> None:
    page = editor()
    page.list.setFocus()
    page.list.setCurrentRow(1)
    QTest.keyClick(page.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert [item.name for item in page.draft] == ["size", "color", "worn", "text"]
    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    assert [item.name for item in page.draft] == ["color", "worn", "text"]
    QTest.keyClick(page.list, Qt.Key.Key_Insert)
    assert page.draft[1].name == page.attribute_name.text() == "attribute"


def test_what_happens_to_stored_values_is_counted() -> None:
    page = editor()
    assert not page.consequences.isVisibleTo(page)
    page.list.setCurrentRow(0)
    page.values.setPlainText("red")
    assert page.consequences.isVisibleTo(page)
    assert "“blue”" in page.consequence_text.text() and "3" in page.consequence_text.text()
    assert "green" not in page.consequence_text.text()


def test_a_new_name_is_saved_with_the_old_one_so_that_values_follow() -> None:
    page = editor()
    page.list.setCurrentRow(0)
    page.attribute_name.clear()
    QTest.keyClicks(page.attribute_name, "hue ")
    assert "“hue”" in page.consequence_text.text() and "15" in page.consequence_text.text()
    page.save()
    assert saved(page)[-1].attributes[0].name == "hue"
    assert edits_of(page)[-1].renamed == (("color", "hue"),)
    page.list.setCurrentRow(1)
    page.question.clear()
    QTest.keyClicks(page.question, "how large?")
    page.save()
    assert edits_of(page)[-1].renamed == ()


def test_a_wrong_draft_cannot_be_saved_and_says_why() -> None:
    page = editor()
    page.list.setCurrentRow(0)
    page.attribute_name.setText("")
    QTest.keyClicks(page.attribute_name, "size")
    assert not page.save_button.isEnabled()
    assert "“size”" in page.status.text()
    page.save()
    assert saved(page) == []
    page.discard_button.click()
    assert page.draft[0].name == "color" and page.status.text() == ""


def test_an_undo_elsewhere_is_followed_unless_something_is_typed() -> None:
    page = editor()
    other = AttributeSchema("street", (AttributeDefinition("age", "text"),))
    page.session.history.set_schema(other)
    assert [item.name for item in page.draft] == ["age"]
    page.list.setCurrentRow(0)
    page.attribute_name.clear()
    QTest.keyClicks(page.attribute_name, "years")
    page.session.history.set_schema(STREET)
    assert [item.name for item in page.draft] == ["years"]
    assert page.message.level == "warning"


def test_presets_of_the_program_are_offered(repository: Path) -> None:
    page = editor()
    page.preset_menu.aboutToShow.emit()
    offered = {action.text(): action for action in page.preset_menu.actions()}
    assert {path.stem for path in (repository / "resources" / "attribute-presets").glob("*.json")} <= set(offered)
    offered["general-objects"].trigger()
    assert page.name_edit.text() == "general-objects" and page.save_button.isEnabled()
    assert saved(page) == []


def test_export_and_import_give_the_same_schema(tmp_path: Path) -> None:
    page = editor()
    path = tmp_path / "schéma.json"
    page.export_to(path)
    other = editor(schema=AttributeSchema("empty"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())  # as some editors on Windows write it
    other.import_from(path)
    other.save()
    assert saved(other) == [STREET]


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b'{"name": "x", "attributes": [{"name": "a"}]}', None])
def test_a_file_that_holds_no_schema_is_refused_in_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    page = editor()
    path = tmp_path / "broken.json"
    if content is not None:
        path.write_bytes(content)
    page.import_from(path)
    assert page.message.level == "error" and "broken.json" in page.message.text
    assert [item.name for item in page.draft] == ["color", "size", "worn", "text"]


def test_a_read_only_project_can_be_looked_at_and_exported() -> None:
    page = editor()
    page.session.store.read_only = True
    page.hide()
    page.reload()
    page.show()
    assert not page.form_card.isEnabled() and not page.add_button.isEnabled() and page.export_button.isEnabled()
    page.use(AttributeSchema("new"))
    assert not page.save_button.isEnabled()


def test_every_control_has_a_name_for_screen_readers() -> None:
    page = editor()
    for widget in (page.name_edit, page.list, page.attribute_name, page.kind, page.values, page.question):
        assert widget.accessibleName(), widget


def test_the_last_save_is_taken_back_through_the_history_of_the_project() -> None:
    page = editor()
    assert page.undo_button.isEnabled() and not page.redo_button.isEnabled()
    page.undo_button.click()
    assert undone == [""]
