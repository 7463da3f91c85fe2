"""The names of edits in the undo menu, for the translator: an ``Edit`` carries them in English."""

from __future__ import annotations

from PyQt6.QtCore import QT_TRANSLATE_NOOP

EDIT_LABELS: tuple[str, ...] = (
    QT_TRANSLATE_NOOP("Edits", "Accept"),
    QT_TRANSLATE_NOOP("Edits", "Add caption"),
    QT_TRANSLATE_NOOP("Edits", "Change attributes"),
    QT_TRANSLATE_NOOP("Edits", "Choose alternative"),
    QT_TRANSLATE_NOOP("Edits", "Copy from previous image"),
    QT_TRANSLATE_NOOP("Edits", "Delete"),
    QT_TRANSLATE_NOOP("Edits", "Draw box"),
    QT_TRANSLATE_NOOP("Edits", "Edit caption"),
    QT_TRANSLATE_NOOP("Edits", "Import regions"),
    QT_TRANSLATE_NOOP("Edits", "Lock"),
    QT_TRANSLATE_NOOP("Edits", "Merge"),
    QT_TRANSLATE_NOOP("Edits", "Move box"),
    QT_TRANSLATE_NOOP("Edits", "Paste"),
    QT_TRANSLATE_NOOP("Edits", "Reject"),
    QT_TRANSLATE_NOOP("Edits", "Remove alternative"),
    QT_TRANSLATE_NOOP("Edits", "Reopen"),
    QT_TRANSLATE_NOOP("Edits", "Set attribute"),
    QT_TRANSLATE_NOOP("Edits", "Set category"),
    QT_TRANSLATE_NOOP("Edits", "Suggestion"),
    QT_TRANSLATE_NOOP("Edits", "Unlock"),
)
