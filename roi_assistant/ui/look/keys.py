"""Keys: how they are shown to the user, and which one was pressed, whatever the layout of the keyboard."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PyQt6.QtCore import QCoreApplication, QKeyCombination, Qt
from PyQt6.QtGui import QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

_ROWS: Final = {10: "1234567890", 24: "QWERTYUIOP", 38: "ASDFGHJKL", 52: "ZXCVBNM"}
"""Scan code, in X11 and Wayland, of the first key of a row -> what a US keyboard has on the keys of that row."""


def shown_key(key: str) -> str:
    """A key in Qt's portable notation as it stands on the keyboard."""
    named = {
        "Space": QCoreApplication.translate("Keys", "Space"),
        "Wheel": QCoreApplication.translate("Keys", "Wheel"),
        "Arrows": QCoreApplication.translate("Keys", "Arrow keys"),
        "Ctrl+Arrows": QCoreApplication.translate("Keys", "Ctrl+arrow keys"),
        "Return": QCoreApplication.translate("Keys", "Enter"),
    }
    return named.get(key) or QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) or key


def with_keys(text: str, keys: Iterable[str]) -> str:
    """``Accept (Return)``"""
    shown = " / ".join(shown_key(key) for key in keys)
    return f"{text} ({shown})" if shown else text


def pressed_key(event: QKeyEvent) -> QKeyCombination:
    """The key of ``event`` as commands know it.

    A Latin letter or a digit counts as it is, also a digit that the layout types with Shift. A key that types anything
    else counts as what a US keyboard has in its place: a Russian layout has no X, a French one no digits without Shift.
    The keypad counts as the digits above the letters.
    """
    key, modifiers = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier
    elif not Qt.Key.Key_A <= key <= Qt.Key.Key_Z and key < Qt.Key.Key_Escape and (name := _name_in_place(event)):
        key = ord(name)
    return QKeyCombination(modifiers, Qt.Key(key))


def _name_in_place(event: QKeyEvent) -> str:
    code = event.nativeScanCode()
    return next((row[code - first] for first, row in _ROWS.items() if 0 <= code - first < len(row)), "")


def is_text_field(widget: QWidget) -> bool:
    """Whether keys that are pressed in ``widget`` become text."""
    if isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit):
        return not widget.isReadOnly()
    return isinstance(widget, QAbstractSpinBox) or (isinstance(widget, QComboBox) and widget.isEditable())


def is_typing(event: QKeyEvent) -> bool:
    """Whether the key belongs to whoever types: no Ctrl, Alt or Meta with it, and no function key."""
    commanding = (
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    )
    return not event.modifiers() & commanding and not Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35


def is_letter(event: QKeyEvent) -> bool:
    """Whether the key types something that can be seen."""
    return event.text().isprintable() and bool(event.text().strip()) and is_typing(event)


def is_step(event: QKeyEvent) -> bool:
    """Whether the key is Tab or Shift+Tab, by themselves."""
    return event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) and is_typing(event)
