"""Which key was pressed, whatever the layout of the keyboard."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QEvent, QKeyCombination, Qt
from PyQt6.QtGui import QKeyEvent

from roi_assistant.ui.look.keys import is_letter, is_step, pressed_key

NONE, SHIFT, CTRL, KEYPAD = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.KeypadModifier,
)


@pytest.mark.parametrize(
    ("key", "modifiers", "code", "pressed"),
    [
        (Qt.Key.Key_X, NONE, 53, QKeyCombination(Qt.Key.Key_X)),
        (Qt.Key.Key_A, NONE, 24, QKeyCombination(Qt.Key.Key_A)),  # French: where a US keyboard has Q
        (ord("Ч"), NONE, 53, QKeyCombination(Qt.Key.Key_X)),  # Russian
        (ord("Я"), CTRL, 52, QKeyCombination(CTRL, Qt.Key.Key_Z)),
        (ord("É"), NONE, 11, QKeyCombination(Qt.Key.Key_2)),  # French
        (Qt.Key.Key_2, SHIFT, 11, QKeyCombination(Qt.Key.Key_2)),
        (Qt.Key.Key_At, SHIFT, 11, QKeyCombination(SHIFT, Qt.Key.Key_2)),  # US: no digit
        (Qt.Key.Key_2, KEYPAD, 88, QKeyCombination(Qt.Key.Key_2)),
        (Qt.Key.Key_Enter, KEYPAD, 104, QKeyCombination(Qt.Key.Key_Enter)),
        (Qt.Key.Key_Slash, NONE, 61, QKeyCombination(Qt.Key.Key_Slash)),
        (ord("Ч"), NONE, 0, QKeyCombination(Qt.Key(ord("Ч")))),  # from a keyboard on the screen: it has no place
    ],
)
def test_a_key_is_known_by_its_letter_or_its_place(
    key: int, modifiers: Qt.KeyboardModifier, code: int, pressed: QKeyCombination
) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, key, modifiers, code, 0, 0, "")
    assert pressed_key(event) == pressed


def test_letters_and_steps() -> None:
    def event(key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE, text: str = "") -> QKeyEvent:
        return QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text)

    assert is_letter(event(Qt.Key.Key_A, text="a")) and is_letter(event(Qt.Key.Key_Exclam, SHIFT, "!"))
    assert not is_letter(event(Qt.Key.Key_Return, text="\r")) and not is_letter(event(Qt.Key.Key_Space, text=" "))
    assert not is_letter(event(Qt.Key.Key_A, CTRL, "a"))
    assert is_step(event(Qt.Key.Key_Tab)) and is_step(event(Qt.Key.Key_Backtab, SHIFT))
    assert not is_step(event(Qt.Key.Key_Tab, CTRL))
