"""Looking at boxes without words: how they look is all that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from roi_assistant.core.records import LOOK_ONLY, DescribeRequest
from roi_assistant.ui.session.engine_bridge import EngineBridge

if TYPE_CHECKING:
    from roi_assistant.engine.batch import BatchItem, BatchResult, BatchRunner
    from roi_assistant.engine.scheduler import Priority


class Looking(QObject):
    """One look at boxes of any images at a time."""

    def __init__(self, engine: EngineBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._runner: BatchRunner | None = None

    @property
    def is_busy(self) -> bool:
        """Whether answers are still to come."""
        return self._runner is not None

    def start(
        self,
        items: Iterable[BatchItem],
        *,
        total: int,
        seen: Callable[[BatchResult], None],
        priority: Priority = "batch",
        request: DescribeRequest = LOOK_ONLY,
    ) -> None:
        """Look at the boxes of ``items``, ``total`` of them; ``seen`` is called for each image. What was looked at
        before is dropped. ``request`` asks for more than a look."""
        from roi_assistant.engine.batch import BatchRunner

        self.stop()
        self._runner = BatchRunner(
            items,
            total=total,
            describe=lambda path, boxes: self._engine.describe_other(path, boxes, request, priority=priority),
            cancel=self._engine.cancel_other,
            on_image=seen,
            on_progress=lambda _progress: None,
        )
        self._engine.other.connect(self._handle)
        self._runner.start()

    def stop(self) -> None:
        """Nothing more is told."""
        runner, self._runner = self._runner, None
        if runner is not None:
            self._engine.other.disconnect(self._handle)
            runner.cancel()

    def _handle(self, event: object) -> None:
        runner = self._runner
        if runner is not None:
            runner.handle(event)
            if runner.finished and runner is self._runner:
                self.stop()
