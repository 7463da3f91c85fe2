"""Boxes of the image before appear on the next one: for series of photos in which little changes."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject

from roi_assistant.core.edits import RegionChange
from roi_assistant.core.records import Region
from roi_assistant.imaging.decode import size_if_readable
from roi_assistant.storage.project import Project
from roi_assistant.ui.session import region_actions
from roi_assistant.ui.session.history import EditHistory
from roi_assistant.ui.session.image import ImageInSight
from roi_assistant.ui.session.image_list import ImageList
from roi_assistant.ui.session.options import SessionOptions
from roi_assistant.ui.session.store import Store


class KeepPrevious(QObject):
    """Copies boxes, as one edit, whenever the next image of the list is opened and nobody has worked on it yet. An
    image on which this was undone has a step to redo, so it is left alone for good."""

    def __init__(
        self,
        image: ImageInSight,
        images: ImageList,
        history: EditHistory,
        store: Store,
        *,
        options: Callable[[], SessionOptions],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._image, self._images, self._history, self._store = image, images, history, store
        self._options = options
        self._previous = ""
        image.opened.connect(self._image_opened)

    def _image_opened(self, key: str) -> None:
        previous, self._previous = self._previous, key
        here, before = self._images.index(key), self._images.index(previous)
        is_next = here is not None and before is not None and here == before + 1
        if is_next and self._options().keep_previous and not self._store.read_only:
            self._history.when_settled(lambda: self._ask(previous, key))

    def _is_untouched(self, key: str) -> bool:
        state = self._history.state
        return (
            key == self._image.key
            and not self._image.stored
            and not self._image.notes.reviewed_empty
            and state is not None
            and not (state.can_undo or state.can_redo)
        )

    def _ask(self, previous: str, key: str) -> None:
        folder, size = self._store.folder, self._image.size
        if folder is None or not self._is_untouched(key):
            return

        def boxes(project: Project) -> tuple[tuple[Region, ...], tuple[int, int] | None]:
            regions = project.regions(previous)
            return regions, size or (size_if_readable(folder / key) if regions else None)

        def arrived(answer: tuple[tuple[Region, ...], tuple[int, int] | None]) -> None:
            regions, known_size = answer
            if known_size is not None:
                self._copy(region_actions.suggested_copies(regions, source=previous, size=known_size), key)

        self._store.ask(boxes, arrived)

    def _copy(self, copies: list[Region], key: str) -> None:
        def make() -> list[RegionChange]:
            return [RegionChange(key, None, region) for region in copies] if self._is_untouched(key) else []

        if copies and key == self._image.key:

            def kept() -> None:
                self._image.brought |= {region.id for region in copies}  # nobody drew them here
                self._image.select((copies[0].id,))

            self._history.apply("Keep previous boxes", make, then=kept)
