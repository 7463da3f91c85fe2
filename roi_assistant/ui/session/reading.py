"""Whether what is written in boxes is read in the open project."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from roi_assistant.core.records import ReadingText
from roi_assistant.ui.session.store import Store


class ReadingInUse(QObject):
    changed = pyqtSignal()

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.value: ReadingText = "if_possible"

    def reset(self, choice: ReadingText) -> None:
        """The choice of a project that was just opened."""
        self.value = choice
        self.changed.emit()

    def replace(self, choice: ReadingText) -> None:
        """Read boxes, or not, from now on. Nothing happens in a project that is open for reading only, of which the
        user is told."""
        from roi_assistant.storage.project_reading import store_reading

        if choice != self.value and self._store.may_edit():
            self._store.write(lambda project: store_reading(project, choice))
            self.value = choice
        self.changed.emit()
