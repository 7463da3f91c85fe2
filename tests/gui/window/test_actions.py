"""The table of actions: keys, menus, what needs what, and keys that must not act while somebody types."""

from __future__ import annotations

from collections import Counter
from typing import cast

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent, QKeySequence
from PyQt6.QtWidgets import (
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QToolBar,
    QWidget,
)

from roi_assistant.ui.look.keys import is_text_field, is_typing, shown_key, with_keys
from roi_assistant.ui.look.theme import icon
from roi_assistant.ui.window.action_set import ActionSet
from roi_assistant.ui.window.actions import (
    ACTIONS,
    MENUS,
    Action,
    ActionTarget,
    Surface,
    edit_labels,
    on_surface,
    shortcut_groups,
)

pytestmark = pytest.mark.usefixtures("qapp")


def test_every_action_has_its_own_name() -> None:
    names = Counter(row.id for row in ACTIONS)
    assert [name for name, count in names.items() if count > 1] == []


def test_no_key_is_given_twice() -> None:
    keys = Counter(QKeySequence(key).toString() for spec in ACTIONS for key in spec.shortcuts)
    assert "" not in keys
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("W", "draw"),
        ("V", "select"),
        ("Esc", "deselect"),
        ("A", "previous_image"),
        ("PgUp", "previous_image"),
        ("D", "next_image"),
        ("PgDown", "next_image"),
        ("Tab", "next_region"),
        ("Shift+Tab", "previous_region"),
        ("Return", "accept"),
        ("P", "suggest_boxes"),
        ("Shift+W", "larger_box"),
        ("E", "edit_caption"),
        ("X", "reject"),
        ("1", "choose_alternative_1"),
        ("9", "choose_alternative_9"),
        ("Del", "delete"),
        ("Ctrl+Z", "undo"),
        ("Ctrl+Shift+Z", "redo"),
        ("Ctrl+Y", "redo"),
        ("Ctrl+C", "copy"),
        ("Ctrl+V", "paste"),
        ("Ctrl+Shift+V", "copy_from_previous"),
        ("L", "toggle_labels"),
        ("G", "toggle_snap"),
        ("C", "toggle_crosshair"),
        ("F", "fit"),
        ("Ctrl+1", "one_to_one"),
        ("+", "zoom_in"),
        ("-", "zoom_out"),
        ("Ctrl+K", "show_palette"),
        ("Ctrl+Shift+P", "show_palette"),
        ("?", "show_shortcuts"),
        ("Ctrl+F", "search"),
        ("R", "describe"),
        ("Q", "show_review"),
        ("Ctrl+E", "show_export"),
        ("Ctrl+O", "open_folder"),
        ("F11", "full_screen"),
    ],
)
def test_keys_that_people_have_in_their_fingers(key: str, name: str) -> None:
    assert [spec.id for spec in ACTIONS if key in spec.shortcuts] == [name]


def test_every_action_is_in_a_menu_or_has_a_key_and_icons_exist() -> None:
    assert [spec.id for spec in ACTIONS if spec.menu not in MENUS and not spec.keys] == []
    palette = QApplication.palette()
    for spec in ACTIONS:
        if spec.icon:
            assert not icon(spec.icon, palette).isNull(), spec.id
    assert [spec.id for spec in ACTIONS if spec.toolbar and not spec.icon] == []


def test_surfaces_keep_the_order_that_people_know() -> None:
    """New actions may stand among them."""

    def places(surface: Surface, known: str) -> list[int]:
        shown = [row.id for group in on_surface(surface) for row in group]
        return [shown.index(id_) for id_ in known.split()]

    for surface, known in (
        (
            "toolbar",
            "select draw accept edit_caption reject describe undo redo fit one_to_one toggle_labels toggle_snap",
        ),
        ("region_menu", "accept edit_caption edit_category reject reopen describe copy toggle_locked delete"),
        ("image_menu", "paste copy_from_previous fit one_to_one toggle_labels"),
    ):
        order = places(cast("Surface", surface), known)
        assert order == sorted(order), surface


def test_an_action_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row alone gives key, menu, toolbar, context menu and the name of its edit."""
    done: list[str] = []
    row = Action("again", "Duplica&te", lambda _w: done.append("again"), "Ctrl+D", "region", "region", region_menu=3,
                 toolbar=2, icon="edit", edits=("Duplicate",))  # fmt: skip
    for module in ("actions", "action_set"):
        monkeypatch.setattr(f"roi_assistant.ui.window.{module}.ACTIONS", (*ACTIONS, row))
    window, menu, toolbar, bar = QWidget(), QMenu(), QToolBar(), QMenuBar()
    actions = ActionSet(window, lambda row: row.run(cast("ActionTarget", None)))
    actions.fill(menu, "region_menu")
    actions.fill(toolbar, "toolbar")
    menus = actions.fill_menu_bar(bar)
    for place in (menu, toolbar, menus["region"]):
        assert actions["again"] in place.actions()
    assert ("Duplicate", ("Ctrl+D",)) in dict(shortcut_groups())["Region"]
    assert "Duplicate" in edit_labels()
    actions.enable({"region"})
    actions["again"].trigger()
    assert done == ["again"]


def test_undo_is_named_after_the_edit() -> None:
    window = QWidget()
    actions = ActionSet(window, lambda _row: None)
    actions.name_edit("undo", "Accept")
    assert actions["undo"].text() == "&Undo: Accept"
    actions.name_edit("undo", "")
    assert actions["undo"].text() == "&Undo"


def test_every_key_is_on_the_page_of_shortcuts() -> None:
    shown = {key for _, rows in shortcut_groups() for _, keys in rows for key in keys}
    numbers = {f"{modifier}{number}" for number in range(1, 10) for modifier in ("", "Alt+")}
    assert {key for spec in ACTIONS for key in spec.shortcuts} - numbers <= shown
    assert {"1 – 9", "Alt+1 – Alt+9"} <= shown
    assert all(shown_key(key) for key in shown)


def test_actions_follow_what_there_is() -> None:
    window, done = QWidget(), []
    actions = ActionSet(window, lambda spec: done.append(spec.id))
    actions.enable(())
    assert actions["open_folder"].isEnabled() and not actions["accept"].isEnabled()
    actions["accept"].trigger()
    assert done == []
    actions.enable({"project", "workspace", "image", "region"})
    actions["accept"].trigger()
    actions["choose_alternative_3"].trigger()
    assert done == ["accept", "choose_alternative_3"]
    assert not actions["undo"].isEnabled()
    assert actions["next_region"] in window.actions()
    assert "Enter" in actions["accept"].toolTip()


def test_texts() -> None:
    row = Action("x", "Choose &number {}…", lambda _w: None, number=4)
    assert (row.shown_text, row.plain_text) == ("Choose &number 4…", "Choose number 4")
    assert with_keys("Accept", ("Return", "W")) == "Accept (Enter / W)"
    assert with_keys("Accept", ()) == "Accept"


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers)


def test_what_belongs_to_whoever_types() -> None:
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    assert all(is_typing(press(key)) for key in (Qt.Key.Key_A, Qt.Key.Key_1, Qt.Key.Key_Return, Qt.Key.Key_Delete))
    assert is_typing(press(Qt.Key.Key_A, shift))
    assert not is_typing(press(Qt.Key.Key_K, control))
    assert not is_typing(press(Qt.Key.Key_F11))


def test_what_a_text_field_is() -> None:
    box = QComboBox()
    assert not is_text_field(box) and not is_text_field(QPushButton())
    box.setEditable(True)
    read_only = QPlainTextEdit()
    read_only.setReadOnly(True)
    assert not is_text_field(read_only)
    assert all(is_text_field(widget) for widget in (box, QLineEdit(), QPlainTextEdit(), QSpinBox()))
