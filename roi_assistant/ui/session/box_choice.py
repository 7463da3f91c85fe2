"""Which of the boxes that the model proposes are suggested: the surest, or what this project has shown to be about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from roi_assistant.core.box import Box
from roi_assistant.core.proposals import new_boxes
from roi_assistant.core.records import CaptionerInfo, ScoredBox
from roi_assistant.ui.session.engine_bridge import EngineBridge
from roi_assistant.ui.session.looking import Looking
from roi_assistant.ui.session.memory import MemoryInUse

if TYPE_CHECKING:
    from roi_assistant.engine.batch import BatchResult
    from roi_assistant.engine.scheduler import Priority

MOST_SUGGESTED = 12
"""Boxes of an image that are added unasked at a time: each is to be looked at."""


MOST_DETECTED = 50
"""Of a detector's, which says what each is: a glance tells whether it is right."""


class BoxChoice(QObject):
    def __init__(self, engine: EngineBridge, memory: MemoryInUse, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._memory, self._looking = memory, Looking(engine, self)

    @property
    def is_busy(self) -> bool:
        """Whether boxes are being looked at."""
        return self._looking.is_busy

    def stop(self) -> None:
        """Choose nothing more."""
        self._looking.stop()

    def choose(
        self,
        path: Path,
        found: Sequence[ScoredBox],
        *,
        by: CaptionerInfo | None = None,
        taken: Callable[[], Sequence[Box]],
        then: Callable[[tuple[Box, ...]], None],
        priority: Priority = "pointer",
    ) -> None:
        """Call ``then`` with the boxes of ``found`` on the image in the file ``path`` that are worth showing, the best
        first, and none that is there already: ``taken`` answers these. At once, or, where enough was accepted in this
        project, after a look at them. What the detector ``by`` found is shown as it is, also parts of things: its
        score decided, and somebody asked for just that."""
        if by is not None:
            then(new_boxes(found, taken(), most=MOST_DETECTED, least=0.0, parts=True))
            return
        if not self._memory.decides_about_boxes:
            then(new_boxes(found, taken(), most=MOST_SUGGESTED))
            return
        from roi_assistant.memory.familiarity import LEAST_LOOKED_AT, LEAST_WORTH, MOST_LOOKED_AT

        scores = {item.box: item.score for item in found}
        boxes = new_boxes(found, taken(), most=MOST_LOOKED_AT, least=LEAST_LOOKED_AT, parts=True)

        def seen(result: BatchResult) -> None:
            texts = dict(result.texts)
            looked = [(ScoredBox(box, scores[box]), texts[str(n)]) for n, box in enumerate(boxes) if str(n) in texts]
            weighed = self._memory.reweighed(looked)
            if weighed is None:  # the model was changed, or cannot say how they look
                then(new_boxes(found, taken(), most=MOST_SUGGESTED))
            else:
                then(new_boxes(weighed, taken(), most=MOST_SUGGESTED, least=LEAST_WORTH))

        if not boxes:
            then(())
            return
        items = [(path, "", [(str(number), box) for number, box in enumerate(boxes)])]
        self._looking.start(items, total=len(boxes), seen=seen, priority=priority)
