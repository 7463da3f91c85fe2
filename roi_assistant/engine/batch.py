"""Describing the boxes of many images: what is asked next, what came back. No threads, no Qt.

The runner is driven by the events of an engine: `BatchRunner.start` asks about the first images, and each event that is
handed to `BatchRunner.handle` may ask about the next. A few images are under way at a time, so that the model never
waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from roi_assistant.core.box import Box
from roi_assistant.core.records import RegionText
from roi_assistant.engine.engine import Cancelled, Described, Failed, Finished
from roi_assistant.sentences import NOTHING, Sentence

IMAGES_AT_ONCE = 2
"""One is worked at while the next waits."""

BatchItem = tuple[Path, str, Sequence[tuple[str, Box]]]
"""File of an image, its key, and id and box of its regions to describe."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """An image that is done. ``texts`` are region ids and what was written; with a ``problem``, the image
    was left out, or only those regions that were answered before are in ``texts``."""

    image: str
    texts: tuple[tuple[str, RegionText], ...] = ()
    problem: Sentence = NOTHING


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """``done`` of ``total`` boxes; ``failed`` images were left out. ``last_image`` is a key: it and all images before
    it are done."""

    done: int
    total: int
    failed: int = 0
    last_image: str = ""
    finished: bool = False


@dataclass(slots=True)
class _Image:
    key: str
    regions: tuple[tuple[str, Box], ...]
    texts: dict[int, RegionText] = field(default_factory=dict)
    is_done: bool = False


class BatchRunner:
    """Describes the boxes of ``items``, in order.

    ``total`` is the number of boxes of all items. ``describe`` queues the boxes of one file and returns a ticket at
    once, ``cancel`` forgets one: ``Engine.describe`` with a request and the priority ``batch``, and ``Engine.cancel``.

    ``on_image`` is called once for each image, in the order in which they are done, before ``on_progress`` counts it:
    what it stores is stored before the batch says that it need not be done again. Both are called from `start`,
    `handle` and `cancel`, on the caller's thread; all three belong on one thread.
    """

    def __init__(
        self,
        items: Iterable[BatchItem],
        *,
        total: int,
        describe: Callable[[Path, Sequence[Box]], int],
        cancel: Callable[[int], None],
        on_image: Callable[[BatchResult], None],
        on_progress: Callable[[BatchProgress], None],
    ) -> None:
        self._next, self._total = iter(items), total
        self._describe, self._cancel = describe, cancel
        self._on_image, self._on_progress = on_image, on_progress
        self._open: dict[int, _Image] = {}
        self._order: deque[_Image] = deque()
        """Images from the first that is not done on; ``last_image`` is the one before."""
        self._done = self._failed = 0
        self._last = ""
        self._begun = self._cancelled = self._all_asked = self._told = False

    @property
    def finished(self) -> bool:
        """Whether nothing more comes: all done, or cancelled."""
        return self._cancelled or (self._all_asked and not self._open)

    def start(self) -> None:
        """Ask about the first images."""
        if self._begun:
            return
        self._begun = True
        self._ask()
        self._tell()

    def handle(self, event: object) -> bool:
        """Take what the engine says; whether it was about this batch."""
        if not isinstance(event, (Described, Finished, Failed, Cancelled)) or event.ticket not in self._open:
            return False
        image = self._open[event.ticket]
        if isinstance(event, Described):
            if not event.partial and event.index not in image.texts:
                image.texts[event.index] = event.text
                self._done += 1
                self._tell()
            return True
        del self._open[event.ticket]
        problem = event.message if isinstance(event, Failed) else NOTHING
        if isinstance(event, Cancelled):  # by somebody else: the batch goes on with the rest
            problem = Sentence.of("{image} was cancelled.", image=image.key)
        self._close(image, problem)
        self._ask()
        self._tell()
        return True

    def cancel(self) -> None:
        """Stop: what is under way is forgotten, what is done stays. `BatchProgress.last_image` says where to go on."""
        if self.finished:
            return
        self._cancelled = True
        for ticket in self._open:
            self._cancel(ticket)
        self._open.clear()
        self._tell()

    def _ask(self) -> None:
        while not self._cancelled and not self._all_asked and len(self._open) < IMAGES_AT_ONCE:
            item = next(self._next, None)
            if item is None:
                self._all_asked = True
                return
            path, key, regions = item
            image = _Image(key, tuple(regions))
            self._order.append(image)
            if image.regions:
                self._open[self._describe(path, [box for _, box in image.regions])] = image
            else:
                self._close(image, NOTHING)

    def _close(self, image: _Image, problem: Sentence) -> None:
        texts = tuple((image.regions[index][0], text) for index, text in sorted(image.texts.items()))
        self._failed += bool(problem)
        self._done += len(image.regions) - len(texts)  # left out, but over
        image.is_done = True
        if image.regions:
            self._on_image(BatchResult(image.key, texts, problem))
        while self._order and self._order[0].is_done:
            self._last = self._order.popleft().key

    def _tell(self) -> None:
        """Call ``on_progress``, once only after the end."""
        if self._told:
            return
        self._told = self.finished
        self._on_progress(
            BatchProgress(
                done=self._done,
                total=max(self._total, self._done),
                failed=self._failed,
                last_image=self._last,
                finished=self.finished,
            )
        )
