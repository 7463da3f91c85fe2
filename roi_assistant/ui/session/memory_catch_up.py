"""Regions that were decided about before anybody looked at them: imported ones, and those of another model's days.

They are looked at when the model has nothing else to do, so that they teach, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from roi_assistant.core.box import Box
from roi_assistant.core.records import RegionText
from roi_assistant.ui.session.engine_bridge import EngineBridge
from roi_assistant.ui.session.looking import Looking
from roi_assistant.ui.session.store import Store

if TYPE_CHECKING:
    from roi_assistant.engine.batch import BatchResult
    from roi_assistant.storage.records import FeaturelessRegion

MOST = 500
"""Regions that are looked at after a project was opened: at worst some minutes of a core, behind all other work."""
Seen = Callable[[str, Sequence[tuple[str, Box, RegionText]]], None]
"""Takes the key of an image, and what was said of regions of it."""


class CatchUp(QObject):
    def __init__(self, store: Store, engine: EngineBridge, seen: Seen, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._seen, self._looking = store, seen, Looking(engine, self)

    def start(self, model: str) -> None:
        """Look at regions of which nobody knows how they look to ``model``, the weights that are loaded."""
        self.stop()
        if not self._store.read_only:
            self._store.read(lambda project: project.without_features(model=model, most=MOST), self._look)

    def stop(self) -> None:
        """The project is closed, or another model is there."""
        self._looking.stop()

    def _look(self, regions: Iterable[FeaturelessRegion]) -> None:
        folder = self._store.folder
        if folder is None or self._looking.is_busy:
            return
        of_images = [(key, list(group)) for key, group in groupby(regions, key=lambda region: region.image)]
        boxes = {(key, one.region_id): one.box for key, group in of_images for one in group}

        def looked(result: BatchResult) -> None:
            self._seen(result.image, [(id_, boxes[result.image, id_], text) for id_, text in result.texts])

        if boxes:
            items = ((folder / key, key, [(one.region_id, one.box) for one in group]) for key, group in of_images)
            self._looking.start(items, total=len(boxes), seen=looked)
