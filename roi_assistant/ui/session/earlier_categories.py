"""What people called the things that captions name, earlier in the project: the category that a caption brings."""

from __future__ import annotations

from collections.abc import Iterable

from roi_assistant.core.caption_category import earlier_category, noun_key
from roi_assistant.core.records import Region
from roi_assistant.core.review import preferred_caption
from roi_assistant.ui.session.store import Store


class EarlierCategories:
    """A `core.caption_category.CategoryOfNoun` of the open project. Read once when it opens, then learned."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._of: dict[str, str] = {}

    def __call__(self, noun: str) -> str | None:
        return self._of.get(noun)

    def load(self) -> None:
        """Ask the project that was opened. Reading it in the storage thread loads the lexicon there, too."""
        self._store.read(lambda project: _by_noun(project.categorized_regions()), self._loaded)

    def learn(self, region: Region) -> None:
        """Remember the category of ``region``, if a person chose it."""
        self._of.update(_by_noun((region,)))

    def forget(self) -> None:
        """Another project."""
        self._of.clear()

    def _loaded(self, by_noun: dict[str, str]) -> None:
        self._of = {**by_noun, **self._of}


def _by_noun(regions: Iterable[Region]) -> dict[str, str]:
    """Noun of the caption -> category, later regions first."""
    by_noun: dict[str, str] = {}
    for region in regions:
        caption, category = preferred_caption(region), earlier_category(region)
        if caption is not None and category:
            by_noun.setdefault(noun_key(caption.text), category)
    return by_noun
