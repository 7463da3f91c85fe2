"""What models are asked for in the open project."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from roi_assistant.core.records import Prompts
from roi_assistant.ui.session.store import Store


class PromptsInUse(QObject):
    changed = pyqtSignal()

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.value: Prompts | None = None
        """Those of the project; None: the program's."""

    def reset(self, prompts: Prompts | None) -> None:
        """The prompts of a project that was just opened."""
        self.value = prompts
        self.changed.emit()

    def replace(self, prompts: Prompts | None) -> None:
        """Ask with ``prompts`` from now on; None: as the program does. Nothing happens in a project that is open for
        reading only, of which the user is told."""
        from roi_assistant.storage.project_prompts import store_prompts

        if self._store.may_edit():
            self._store.write(lambda project: store_prompts(project, prompts))
            self.reset(None if prompts == Prompts() else prompts)
