"""What people called things of a category earlier in the project: offered beside what the model says, and while one
types."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from roi_assistant.core.lexicon import is_broad
from roi_assistant.core.records import Region
from roi_assistant.ui.session.store import Store

_CATEGORIES = 3
"""The region's category and the likeliest other ones, whose captions are looked for."""


class EarlierCaptions(QObject):
    """Asks the project away from the window. What is known is given at once, what is new is told by ``changed``."""

    changed = pyqtSignal()

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._fresh: set[tuple[str, ...]] = set()

    def of(self, region: Region) -> tuple[str, ...]:
        """Captions for things such as ``region``, the likeliest first; empty until the project has answered."""
        names = _categories(region)
        if names and names not in self._fresh:
            self._fresh.add(names)
            self._store.read(
                lambda project: project.earlier_captions(names), lambda captions: self._learn(names, captions)
            )
        return self._known.get(names, ())

    def outdate(self) -> None:
        """Something was decided: that is earlier for the next region."""
        self._fresh.clear()

    def _learn(self, names: tuple[str, ...], captions: tuple[str, ...]) -> None:
        if captions != self._known.get(names, ()):
            self._known[names] = captions
            self.changed.emit()

    def forget(self) -> None:
        """Another project."""
        self._known.clear()
        self._fresh.clear()


def _categories(region: Region) -> tuple[str, ...]:
    """Without broad ones: what another person wore on another photo is no help."""
    others = (other.text for other in region.category_alternatives)
    return tuple(dict.fromkeys(name for name in (region.category, *others) if name and not is_broad(name)))[
        :_CATEGORIES
    ]
