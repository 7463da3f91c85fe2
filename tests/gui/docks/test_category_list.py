"""The panel of categories, worked by mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLineEdit

from roi_assistant.core.records import AttributeDefinition, AttributeSchema
from roi_assistant.storage.project import Project
from roi_assistant.ui.docks.category_list import CategoryList
from roi_assistant.ui.docks.region_editor import RegionEditor
from tests.gui.application_fixtures import wait_for
from tests.gui.fake_session import FakeSession, make_region
from tests.unit.region_records import create

PLAIN = Qt.KeyboardModifier.NoModifier
SCHEMA = AttributeSchema("s", (AttributeDefinition("color", "multi", ("gray", "red")),))


@pytest.fixture
def project(tmp_path: Path, qapp: QApplication) -> Iterator[Project]:
    with Project.open(tmp_path) as opened:
        cats = [make_region(id_, attributes=[("color", ("gray",), 0.8)]) for id_ in "ab"]
        dog = make_region("c", (("a wet dog", 0.5),), category="dog")
        opened.apply(create("cat.jpg", *cats, dog, make_region("d", category="dalmatian")), undoable=False)
        yield opened


@pytest.fixture
def session(project: Project) -> FakeSession:
    session = FakeSession(project=project, schema=SCHEMA)
    session.categories.refresh()
    return session


@pytest.fixture
def dock(session: FakeSession) -> Iterator[CategoryList]:
    dock = CategoryList(session)
    dock.resize(280, 500)
    dock.show()
    yield dock
    dock.close()


def names(dock: CategoryList) -> list[str]:
    return [row.name for row in dock.model.rows]


def click(dock: CategoryList, name: str, x: int, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    place = dock.view.visualRect(dock.model.index(dock.model.row_of(name)))
    point = QPoint(x, place.center().y())
    QTest.mouseClick(dock.view.viewport(), Qt.MouseButton.LeftButton, modifiers, point)


def press(dock: CategoryList, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    QTest.keyClick(dock.view, key, modifiers)


def categories(session: FakeSession) -> list[str | None]:
    return [region.category for region in session.image.regions]


def entries(dock: CategoryList) -> dict[str, object]:
    menu = dock.row_menu()
    assert menu is not None
    return {action.text().partition("\t")[0]: action for action in menu.actions() if action.text()}


def test_rows_have_count_digit_and_what_is_said_of_them(dock: CategoryList) -> None:
    rows = [(row.name, row.count, row.digit) for row in dock.model.rows]
    assert rows == [("cat", 2, 1), ("dalmatian", 1, 2), ("dog", 1, 3)]
    spoken = dock.model.data(dock.model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("cat, 2 region") and spoken.endswith("the next boxes with Alt+1")
    assert dock.told.text() == "Categories: 3"


def test_a_click_on_the_name_arms_and_one_on_the_eye_hides(dock: CategoryList, session: FakeSession) -> None:
    click(dock, "dog", 60)
    assert session.categories.armed == "dog" and dock.model.rows[2].is_armed
    click(dock, "dog", 60)
    assert session.categories.armed == ""
    click(dock, "cat", 12)
    assert session.categories.hidden == {"cat"} and session.categories.armed == ""
    assert dock.told.text().endswith("1 hidden")


def test_keys_arm_hide_and_take_back(dock: CategoryList, session: FakeSession) -> None:
    dock.select("dog")
    press(dock, Qt.Key.Key_Return)
    assert session.categories.armed == "dog"
    press(dock, Qt.Key.Key_Escape)
    assert session.categories.armed == ""
    press(dock, Qt.Key.Key_Space)
    assert session.categories.hidden == {"dog"}
    press(dock, Qt.Key.Key_Delete)
    assert categories(session) == ["cat", "cat", None, "dalmatian"]
    assert dock.told.text().startswith("“dog” deleted: 1 region") and dock.undo.isVisible()
    press(dock, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert categories(session)[2] == "dog" and not dock.undo.isVisible()


def test_f2_renames_and_the_name_of_another_merges(dock: CategoryList, session: FakeSession) -> None:
    dock.activateWindow()
    assert QTest.qWaitForWindowActive(dock)
    for new, expected in (("hound", ["cat", "cat", "hound", "dalmatian"]), ("cat", ["cat", "cat", "cat", "dalmatian"])):
        dock.select(categories(session)[2] or "")
        press(dock, Qt.Key.Key_F2)
        editor = dock.view.findChild(QLineEdit)
        assert editor is not None
        editor.setText(new)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        wait_for(lambda expected=expected: categories(session) == expected, "the new name")  # type: ignore[misc]
        wait_for(lambda: dock.view.findChild(QLineEdit) is None, "the editor to be gone")
    dock.undo.click()
    assert categories(session)[2] == "hound"


def test_selected_categories_are_merged_into_the_current_one(dock: CategoryList, session: FakeSession) -> None:
    click(dock, "dog", 60)
    click(dock, "dalmatian", 60, Qt.KeyboardModifier.ControlModifier)
    dock.select("dalmatian", "dog")
    entries(dock)["Merge 2 categories into “dog”"].trigger()  # type: ignore[attr-defined]
    assert categories(session) == ["cat", "cat", "dog", "dog"]
    assert names(dock) == ["cat", "dog"]


def test_typing_finds_and_adds(dock: CategoryList, session: FakeSession) -> None:
    QTest.keyClicks(dock.filter, "do")
    assert names(dock) == ["dog"]
    QTest.keyClick(dock.filter, Qt.Key.Key_Return)
    assert session.categories.armed == "dog" and dock.filter.text() == ""
    QTest.keyClicks(dock.filter, "bird")
    assert names(dock) == [] and dock._empty.text == "No category “bird”"
    QTest.keyClick(dock.filter, Qt.Key.Key_Return)
    assert session.categories.armed == "bird" and "bird" in names(dock)


def test_a_tree_puts_names_below_more_general_ones(dock: CategoryList) -> None:
    dock.set_tree(True)
    shown = [(row.name, row.depth, row.is_heading) for row in dock.model.rows]
    assert shown == [("animal", 0, True), ("cat", 1, False), ("dog", 1, False), ("dalmatian", 2, False)]


def test_some_regions_are_moved_by_words_or_value(dock: CategoryList, session: FakeSession) -> None:
    dock.split.open("dog")
    QTest.keyClicks(dock.split.words, "wet")
    QTest.keyClicks(dock.split.into, "wet dog")
    dock.split._ask_count()
    assert dock.split.move_button.text().startswith("Move 1 region")
    QTest.keyClick(dock.split.into, Qt.Key.Key_Return)
    assert categories(session)[2] == "wet dog" and not dock.split.isVisible()
    dock.split.open("cat")
    dock.split.field.setCurrentIndex(1)
    QTest.keyClicks(dock.split.words, "red")
    dock.split.into.setText("x")
    dock.split._ask_count()
    assert not dock.split.move_button.isEnabled()
    dock.split.words.setText("gray")
    dock.split._ask_count()
    dock.split.move_button.click()
    assert categories(session)[:2] == ["x", "x"]


def test_a_color_is_chosen_and_given_back(dock: CategoryList, session: FakeSession) -> None:
    before = dock.model.rows[0].color
    session.categories.set_color("cat", "#e6194b")
    assert dock.model.rows[0].color == "#e6194b"
    session.categories.set_color("cat", "")
    assert dock.model.rows[0].color == before


def test_a_closed_list_is_made_and_shows_what_is_outside(dock: CategoryList, session: FakeSession) -> None:
    dock.list_menu().actions()[0].trigger()
    assert session.categories.list.closed and not any(row.is_outside for row in dock.model.rows)
    dock.select("cat")
    entries(dock)["Take off the list"].trigger()  # type: ignore[attr-defined]
    assert [row.name for row in dock.model.rows if row.is_outside] == ["cat"]
    assert "closed list" in dock.told.text()


def test_a_refused_name_says_why_and_one_key_adds_it(session: FakeSession) -> None:
    session.categories.set_closed(True)
    editor = RegionEditor(session)
    editor.show()
    editor.activateWindow()
    assert QTest.qWaitForWindowActive(editor)
    session.image.select(("a",))
    line = editor.category.line
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "puppy")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert categories(session)[0] == "cat" and line.text() == "puppy"
    assert editor.category.refusal.text == "“puppy” is not in the list of categories."
    assert editor.category.refusal.nearest.text() == "dog"
    QTest.keyClick(line, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert categories(session)[0] == "puppy" and "puppy" in session.categories.list.names
    assert not editor.category.refusal.text
    editor.close()
