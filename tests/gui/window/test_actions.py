"""The table of actions: keys, menus, what needs what, and keys that must not act while somebody types."""

from __future__ import annotations

from collections import Counter

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit, QPushButton, QSpinBox, QWidget

from roi_assistant.ui.look.theme import icon
from roi_assistant.ui.pages.shortcuts import shortcut_groups
from roi_assistant.ui.window.actions import ACTIONS, MENUS, TOOLBAR, ActionSet, ActionSpec, shown_key, with_keys
from roi_assistant.ui.window.commands import Commands
from roi_assistant.ui.window.main_window import is_text_field, is_typing

pytestmark = pytest.mark.usefixtures("qapp")


def test_every_action_has_a_method_and_its_own_name() -> None:
    names = Counter(spec.name for spec in ACTIONS)
    assert [name for name, count in names.items() if count > 1] == []
    assert [spec.id for spec in ACTIONS if not callable(getattr(Commands, spec.id, None))] == []


def test_no_key_is_given_twice() -> None:
    keys = Counter(QKeySequence(key).toString() for spec in ACTIONS for key in spec.keys)
    assert "" not in keys
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("W", "draw"),
        ("V", "select"),
        ("Esc", "select"),
        ("A", "previous_image"),
        ("PgUp", "previous_image"),
        ("D", "next_image"),
        ("PgDown", "next_image"),
        ("Tab", "next_region"),
        ("Shift+Tab", "previous_region"),
        ("Return", "accept"),
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
    assert [spec.name for spec in ACTIONS if key in spec.keys] == [name]


def test_every_action_is_in_a_menu_or_has_a_key_and_icons_exist() -> None:
    assert [spec.name for spec in ACTIONS if spec.menu not in MENUS and not spec.keys] == []
    palette = QApplication.palette()
    for spec in ACTIONS:
        if spec.icon:
            assert not icon(spec.icon, palette).isNull(), spec.name
    known = {spec.name: spec for spec in ACTIONS}
    assert [name for name in TOOLBAR if name and not known[name].icon] == []


def test_every_key_is_on_the_page_of_shortcuts() -> None:
    shown = {key for _, rows in shortcut_groups() for _, keys in rows for key in keys}
    numbers = {str(number) for number in range(1, 10)}
    assert {key for spec in ACTIONS for key in spec.keys} - numbers <= shown
    assert "1 – 9" in shown
    assert all(shown_key(key) for key in shown)


def test_actions_follow_what_there_is() -> None:
    window, canvas, done = QWidget(), QWidget(), []
    actions = ActionSet(window, canvas, lambda spec: done.append(spec.name))
    actions.enable(())
    assert actions["open_folder"].isEnabled() and not actions["accept"].isEnabled()
    actions["accept"].trigger()
    assert done == []
    actions.enable({"project", "workspace", "image", "region"})
    actions["accept"].trigger()
    actions["choose_alternative_3"].trigger()
    assert done == ["accept", "choose_alternative_3"]
    assert not actions["undo"].isEnabled()
    assert actions["next_region"] in canvas.actions() and actions["next_region"] not in window.actions()
    assert "Enter" in actions["accept"].toolTip()


def test_texts() -> None:
    spec = ActionSpec("x", "Choose &number {}…", keys=("Ctrl+K",), argument=4)
    assert (spec.name, spec.plain) == ("x_4", "Choose number 4")
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
