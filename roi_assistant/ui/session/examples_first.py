"""Models that are asked in words get examples: captions that people accepted for regions that look alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from roi_assistant.core.box import Box
from roi_assistant.core.records import LOOK_ONLY, DescribeRequest
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

    def in_batch(self, request: DescribeRequest) -> LookFirst:
        """What asks about the boxes of many images by ``request``."""
        return LookFirst(self._engine, self._memory, request)

    def describe(self, image: str, path: Path, regions: Sequence[tuple[str, Box]], request: DescribeRequest) -> None:
        """As `EngineBridge.describe`. The embedded model, which takes no examples, is asked at once."""
        if not _brings_examples(self._engine, self._memory):
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


@dataclass(slots=True)
class _Asked:
    """A look at ``boxes`` of the file ``path``, or the question that followed: then ``now`` is its ticket."""

    path: Path
    boxes: tuple[Box, ...]
    looks: dict[int, str] = field(default_factory=dict)
    now: int | None = None


class LookFirst:
    """Asks about the boxes of one file after another, each file after a look where that brings examples. Whoever asks
    knows a file by one ticket, that of the look: events of the question that follows get it by `told`."""

    def __init__(self, engine: EngineBridge, memory: MemoryInUse | None, request: DescribeRequest) -> None:
        """Without ``memory`` there are no examples."""
        self._engine, self._memory, self._request = engine, memory, request
        self._asked: dict[int, _Asked] = {}
        self._tickets: dict[int, int] = {}
        """Ticket of a question -> that of its look."""

    def describe(self, path: Path, boxes: Sequence[Box]) -> int:
        """As `EngineBridge.describe_other`."""
        if self._memory is None or not _brings_examples(self._engine, self._memory):
            return self._engine.describe_other(path, boxes, self._request)
        ticket = self._engine.describe_other(path, boxes, LOOK_ONLY)
        self._asked[ticket] = _Asked(path, tuple(boxes))
        return ticket

    def cancel(self, ticket: int) -> None:
        """As `EngineBridge.cancel_other`."""
        asked = self._asked.pop(ticket, None)
        if asked is not None and asked.now is not None:
            self._tickets.pop(asked.now, None)
        self._engine.cancel_other(ticket if asked is None or asked.now is None else asked.now)

    def told(self, event: object) -> object | None:
        """``event`` of the engine as whoever asked knows it; None for one of a look."""
        from roi_assistant.engine.engine import Cancelled, Described, Failed, Finished

        if not isinstance(event, Described | Finished | Failed | Cancelled):
            return event
        if (ticket := self._tickets.get(event.ticket)) is not None:
            if not isinstance(event, Described):
                del self._tickets[event.ticket], self._asked[ticket]
            return replace(event, ticket=ticket)
        asked = self._asked.get(event.ticket)
        if asked is None:
            return event
        if isinstance(event, Described):
            if not event.partial:
                asked.looks[event.index] = event.text.features
        elif isinstance(event, Cancelled):
            del self._asked[event.ticket]
            return event
        else:  # a look that failed does not keep the words away
            asked.now = self._engine.describe_other(asked.path, asked.boxes, self._with_examples(asked))
            self._tickets[asked.now] = event.ticket
        return None

    def _with_examples(self, asked: _Asked) -> DescribeRequest:
        examples_of = self._memory.examples if self._memory is not None else lambda features: ()
        found = ((asked.boxes[place], examples_of(features)) for place, features in asked.looks.items() if features)
        return replace(self._request, examples_by_box=tuple((box, examples) for box, examples in found if examples))


def _brings_examples(engine: EngineBridge, memory: MemoryInUse) -> bool:
    info = engine.info
    return info is not None and bool(info.features_by) and memory.has_examples
