"""The engine process as a Qt object: what it says arrives as signals on the thread of the window.

The bridge also remembers for which image and regions a request was made, so that an answer finds its way home however
far the user has gone on meanwhile.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from PyQt6.QtCore import QObject, Qt, pyqtSignal

from roi_assistant.core.box import Box
from roi_assistant.core.records import CaptionerInfo, DescribeRequest, Turn
from roi_assistant.ui.look.translation import translated

if TYPE_CHECKING:
    from roi_assistant.engine.engine import EngineEvent, EngineStateChanged
    from roi_assistant.engine.scheduler import Priority
    from roi_assistant.ui.session.look_for import Wanted

_log = logging.getLogger(__name__)


class EngineLike(Protocol):
    """What the bridge needs of ``roi_assistant.engine.engine.Engine``."""

    def start(self) -> None:
        """Load the model, also after a failure; returns at once."""

    def describe(
        self, image: Path, boxes: Sequence[Box], request: DescribeRequest, *, priority: Priority = "pointer"
    ) -> int:
        """Queue ``boxes`` (pixels of the image as displayed); returns a ticket at once, which the events name."""

    def chat(self, image: Path, boxes: Sequence[Box], turns: Sequence[Turn]) -> int:
        """Queue the last of ``turns``, in which ``<region1>`` is ``boxes[0]``; returns a ticket at once."""

    def propose(
        self,
        image: Path,
        *,
        most: int,
        words: Sequence[str] = (),
        categories: Sequence[str] = (),
        priority: Priority = "pointer",
    ) -> int:
        """Queue a search for at most ``most`` boxes; returns a ticket at once. See `core.records.BoxSearch`."""

    def prefetch(self, images: Sequence[Path]) -> None:
        """Encode these images when there is nothing else to do, in place of those asked for earlier."""

    def cancel(self, ticket: int) -> None:
        """Drop a request; `Cancelled` follows unless it was over already."""

    def close(self) -> None:
        """End the process; may take two seconds. No event comes afterwards."""


EngineFactory: TypeAlias = "Callable[[Callable[[EngineEvent], None]], EngineLike]"
"""Makes an engine that calls the given function, from any thread, with its events."""


@dataclass(slots=True)
class Asked:
    """One request: about which regions of which image. ``region_ids`` are empty for a question of the chat and a
    search for boxes."""

    image: str
    region_ids: tuple[str, ...]
    boxes: tuple[Box, ...] = ()
    request: DescribeRequest | None = None
    answered: set[str] = field(default_factory=set)


class EngineBridge(QObject):
    """One captioner at a time; a change of model or device makes a new engine."""

    stateChanged = pyqtSignal(object)
    """EngineStateChanged"""
    described = pyqtSignal(object, int, object, bool)
    """Asked, index of the region, RegionText, and whether the attributes are still to come in a second answer"""
    chatPiece = pyqtSignal(int, str)
    proposed = pyqtSignal(int, tuple, object)
    """Ticket, the ScoredBoxes that were found, the surest first, and the CaptionerInfo of the detector that found them;
    None where the captioner did"""
    finished = pyqtSignal(int, object)
    """Ticket, Asked: all answers have come."""
    failed = pyqtSignal(int, object, str)
    """Ticket, Asked, one sentence"""
    cancelled = pyqtSignal(int, object)
    noted = pyqtSignal(str)
    """One sentence about what answers lack."""
    pendingChanged = pyqtSignal()
    other = pyqtSignal(object)
    """What the engine says about a request of ``describe_other`` or ``propose_other``."""

    _event = pyqtSignal(int, object)

    def __init__(self, factory: EngineFactory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._factory = factory
        self._engine: EngineLike | None = None
        self._generation = 0
        self._asked: dict[int, Asked] = {}
        self._closing: threading.Thread | None = None
        self.state: EngineStateChanged | None = None
        self._event.connect(self._handle, Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]

    @property
    def info(self) -> CaptionerInfo | None:
        """What is loaded; None before."""
        return self.state.info if self.state is not None else None

    @property
    def engine(self) -> EngineLike | None:
        """The engine that was started last; None before the first ``start`` and after ``close``."""
        return self._engine

    def start(self) -> None:
        """Make the engine and let it load its model; returns at once."""
        if self._engine is not None:
            return
        self._generation += 1
        generation = self._generation
        self._engine = self._factory(lambda event: self._post(generation, event))
        self._engine.start()

    def restart(self, factory: EngineFactory) -> None:
        """Another model or device. What was asked of the old engine fails."""
        self.close()
        self._factory = factory
        self.start()

    def describe(
        self,
        image: str,
        path: Path,
        regions: Sequence[tuple[str, Box]],
        request: DescribeRequest,
        *,
        priority: Priority = "pointer",
    ) -> int:
        """Ask for texts about ``regions`` (id and box) of the image with the key ``image``."""
        self.start()
        assert self._engine is not None
        ticket = self._engine.describe(path, [box for _, box in regions], request, priority=priority)
        self._asked[ticket] = Asked(image, tuple(id_ for id_, _ in regions), tuple(box for _, box in regions), request)
        self.pendingChanged.emit()
        return ticket

    def chat(self, image: str, path: Path, boxes: Sequence[Box], turns: Sequence[Turn]) -> int:
        """Ask the last of ``turns``; ``<region1>`` in a text is ``boxes[0]``."""
        self.start()
        assert self._engine is not None
        ticket = self._engine.chat(path, boxes, turns)
        self._asked[ticket] = Asked(image, ())
        return ticket

    def propose(self, image: str, path: Path, *, most: int, wanted: Wanted) -> int:
        """Ask for at most ``most`` boxes of the image with the key ``image``, which come by ``proposed``."""
        self.start()
        assert self._engine is not None
        ticket = self._engine.propose(path, most=most, words=wanted.words, categories=wanted.categories)
        self._asked[ticket] = Asked(image, ())
        return ticket

    def prefetch(self, paths: Sequence[Path]) -> None:
        """Encode these files ahead, in place of those asked for earlier. Starts no engine."""
        if self._engine is not None:
            self._engine.prefetch(paths)

    def describe_other(
        self, path: Path, boxes: Sequence[Box], request: DescribeRequest, *, priority: Priority = "batch"
    ) -> int:
        """For a batch, which keeps its own books: the answers come by ``other``."""
        self.start()
        assert self._engine is not None
        return self._engine.describe(path, boxes, request, priority=priority)

    def propose_other(self, path: Path, *, most: int, wanted: Wanted) -> int:
        """As ``propose``, for a batch."""
        self.start()
        assert self._engine is not None
        return self._engine.propose(path, most=most, words=wanted.words, categories=wanted.categories, priority="batch")

    def cancel_other(self, ticket: int) -> None:
        """Drop a request of ``describe_other`` or ``propose_other``."""
        if self._engine is not None:
            self._engine.cancel(ticket)

    def cancel(self, ticket: int) -> None:
        """Drop a request of ``describe``, ``chat`` or ``propose``; ``cancelled`` follows unless it was over already."""
        if self._engine is not None and ticket in self._asked:
            self._engine.cancel(ticket)

    def cancel_regions(self, image: str, ids: Iterable[str]) -> None:
        """Drop what is asked about regions that are gone, unless it is asked about others, too."""
        gone = set(ids)
        for ticket, asked in list(self._asked.items()):
            if asked.image == image and asked.region_ids and gone.issuperset(asked.region_ids):
                self.cancel(ticket)

    def pending(self, image: str) -> frozenset[str]:
        """The regions of ``image`` whose text is still to come."""
        return frozenset(
            id_
            for asked in self._asked.values()
            if asked.image == image
            for id_ in asked.region_ids
            if id_ not in asked.answered
        )

    def close(self) -> None:
        """End the engine process."""
        engine, self._engine = self._engine, None
        self._generation += 1
        left, self._asked = self._asked, {}
        if engine is not None:
            # It may take its two seconds to die; the window does not wait for it.
            self._closing = threading.Thread(target=engine.close, name="engine-closing", daemon=True)
            self._closing.start()
        for ticket, asked in left.items():
            self.cancelled.emit(ticket, asked)
        if left:
            self.pendingChanged.emit()

    @property
    def is_closing(self) -> bool:
        """Whether a process that was told to end is still there."""
        return self._closing is not None and self._closing.is_alive()

    @property
    def is_asked(self) -> bool:
        """Whether a request of ``describe``, ``chat`` or ``propose`` is under way."""
        return bool(self._asked)

    def wait_closed(self, seconds: float) -> None:
        """After ``close``: give the engine process this long to end."""
        if self._closing is not None:
            self._closing.join(seconds)

    def _post(self, generation: int, event: EngineEvent) -> None:
        try:
            self._event.emit(generation, event)
        except RuntimeError:  # the window is gone
            _log.debug("The engine spoke after the end.")

    def _handle(self, generation: int, event: EngineEvent) -> None:
        if generation != self._generation:
            return
        from roi_assistant.engine import engine as events

        if isinstance(event, events.EngineStateChanged):
            self.state = event
            self.stateChanged.emit(event)
            return
        if isinstance(event, events.Noted):
            self.noted.emit(translated(event.message))
            return
        asked = self._asked.get(event.ticket)
        if asked is None:
            self.other.emit(event)
            return
        if isinstance(event, events.Described):
            if not event.partial:
                asked.answered.add(asked.region_ids[event.index])
            self.described.emit(asked, event.index, event.text, event.partial)
            self.pendingChanged.emit()
        elif isinstance(event, events.ChatPiece):
            self.chatPiece.emit(event.ticket, event.text)
        elif isinstance(event, events.BoxesProposed):
            self.proposed.emit(event.ticket, event.boxes, event.by)
        else:
            del self._asked[event.ticket]
            if isinstance(event, events.Finished):
                self.finished.emit(event.ticket, asked)
            elif isinstance(event, events.Cancelled):
                self.cancelled.emit(event.ticket, asked)
            else:
                self.failed.emit(event.ticket, asked, translated(event.message))
            self.pendingChanged.emit()


def engine_factory(
    *, model: str, device: str, threads: int | None, cache_bytes: int, idle_seconds: float, proposer: str = ""
) -> EngineFactory:
    """Engines of the captioner ``model``, and of ``proposer`` if boxes are another one's; the module of the
    engine is imported when the first one is made."""

    def make(on_event: Callable[[EngineEvent], None]) -> EngineLike:
        from roi_assistant.engine.engine import Engine

        return Engine(
            model=model,
            device=device,
            threads=threads,
            on_event=on_event,
            cache_bytes=cache_bytes,
            companion=True,
            proposer=proposer,
            idle_seconds=idle_seconds,
        )

    return make
