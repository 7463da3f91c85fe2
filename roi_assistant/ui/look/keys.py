"""Keys of shortcuts, as they are shown to the user."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtGui import QKeySequence


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
