"""Regions that were decided about before anybody looked at them: imported ones, and those of another model's days.

They are looked at when the model has nothing else to do, so that they teach, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeSchema, DescribeRequest, RegionText
from roi_assistant.ui.session.engine_bridge import EngineBridge
from roi_assistant.ui.session.store import Store

if TYPE_CHECKING:
    from roi_assistant.engine.batch import BatchResult, BatchRunner
    from roi_assistant.storage.records import FeaturelessRegion

MOST = 500
"""Regions that are looked at after a project was opened: at worst some minutes of a core, behind all other work."""
_LOOK = DescribeRequest(alternatives=0, attributes=AttributeSchema("none"), decoding="greedy", category=False)
"""The least that a captioner can be asked for; its words are dropped."""

Seen = Callable[[str, Sequence[tuple[str, Box, RegionText]]], None]
"""Takes the key of an image, and what was said of regions of it."""


class CatchUp(QObject):
    def __init__(self, store: Store, engine: EngineBridge, seen: Seen, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._engine, self._seen = store, engine, seen
        self._runner: BatchRunner | None = None

    def start(self, model: str) -> None:
        """Look at regions of which nobody knows how they look to ``model``, the weights that are loaded."""
        self.stop()
        if not self._store.read_only:
            self._store.read(lambda project: project.without_features(model=model, most=MOST), self._look)

    def stop(self) -> None:
        """The project is closed, or another model is there."""
        runner, self._runner = self._runner, None
        if runner is not None:
            self._engine.other.disconnect(self._handle)
            runner.cancel()

    def _look(self, regions: Iterable[FeaturelessRegion]) -> None:
        from roi_assistant.engine.batch import BatchRunner

        folder = self._store.folder
        if folder is None or self._runner is not None:
            return
        of_images = [(key, list(group)) for key, group in groupby(regions, key=lambda region: region.image)]
        boxes = {(key, one.region_id): one.box for key, group in of_images for one in group}
        if not boxes:
            return

        def looked(result: BatchResult) -> None:
            self._seen(result.image, [(id_, boxes[result.image, id_], text) for id_, text in result.texts])

        self._runner = BatchRunner(
            ((folder / key, key, [(one.region_id, one.box) for one in group]) for key, group in of_images),
            total=len(boxes),
            describe=lambda path, wanted: self._engine.describe_other(path, wanted, _LOOK),
            cancel=self._engine.cancel_other,
            on_image=looked,
            on_progress=lambda _progress: None,
        )
        self._engine.other.connect(self._handle)
        self._runner.start()

    def _handle(self, event: object) -> None:
        if self._runner is not None:
            self._runner.handle(event)
            if self._runner.finished:
                self.stop()
