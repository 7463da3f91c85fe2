"""Models that are asked in words get examples: captions that people accepted for regions that look alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from roi_assistant.core.box import Box
from roi_assistant.core.records import DescribeRequest
from roi_assistant.ui.session.engine_bridge import EngineBridge
from roi_assistant.ui.session.looking import Looking
from roi_assistant.ui.session.memory import MemoryInUse

if TYPE_CHECKING:
    from roi_assistant.engine.batch import BatchResult


class ExamplesFirst(QObject):
    """Asks a model about regions, after a look at them where that brings examples."""

    def __init__(self, engine: EngineBridge, memory: MemoryInUse, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine, self._memory = engine, memory
        self._looks: set[Looking] = set()

    def describe(self, image: str, path: Path, regions: Sequence[tuple[str, Box]], request: DescribeRequest) -> None:
        """As `EngineBridge.describe`. The embedded model, which takes no examples, is asked at once."""
        info = self._engine.info
        if info is None or not info.features_by or not self._memory.has_examples:
            self._engine.describe(image, path, regions, request)
            return
        looking = Looking(self._engine, self)
        boxes = dict(regions)

        def seen(result: BatchResult) -> None:
            self._looks.discard(looking)
            texts = dict(result.texts)
            for id_, box in boxes.items():
                examples = self._memory.examples(texts[id_].features) if id_ in texts else ()
                self._engine.describe(image, path, [(id_, box)], replace(request, examples=examples))

        self._looks.add(looking)
        looking.start([(path, image, list(regions))], total=len(regions), seen=seen, priority="pointer")

    def stop(self) -> None:
        """The project is closed: nothing more is asked."""
        for looking in self._looks:
            looking.stop()
        self._looks.clear()
