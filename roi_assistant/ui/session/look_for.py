"""What a detector looks for in the open project: what was typed, or else its categories."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QObject, pyqtSignal

from roi_assistant.core.categories import nearest_in_list
from roi_assistant.core.proposals import as_phrases, typed_phrases
from roi_assistant.ui.session.categories import Categories
from roi_assistant.ui.session.store import Store


@dataclass(frozen=True, slots=True)
class Wanted:
    """``words`` and ``categories`` of a `roi_assistant.core.records.BoxSearch`."""

    words: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


class LookFor(QObject):
    changed = pyqtSignal()

    def __init__(self, store: Store, categories: Categories, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._categories = store, categories
        self.text = ""
        """As it was typed; "": the categories."""

    @property
    def wanted(self) -> Wanted:
        """What a detector is told now: the list of categories, or those of regions where there is no list."""
        names = self._categories.list.names or self._categories.names
        return Wanted(typed_phrases(self.text), as_phrases(names))

    def fitting(self, label: str) -> str:
        """The category that a detector's ``label`` stands for in this project: of a closed list the nearest, or ""."""
        name = self._categories.spelled(label)
        return name if self._categories.is_allowed(name) else nearest_in_list(name, self._categories.list.names) or ""

    def reset(self, text: str) -> None:
        """The text of a project that was just opened."""
        self.text = text
        self.changed.emit()

    def replace(self, text: str) -> None:
        """Look for ``text`` from now on. In a project that is open for reading only, as long as it is open."""
        from roi_assistant.storage.project_words import LONGEST, store_words

        text = text.strip()[:LONGEST]
        if text != self.text:
            if not self._store.read_only:
                self._store.write(lambda project: store_words(project, text))
            self.reset(text)
