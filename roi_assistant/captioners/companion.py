"""The embedded model beside another one: it says how regions look and proposes boxes, where the other cannot.

So a project learns, and boxes are suggested, whatever model writes. It is loaded when it is first needed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from roi_assistant.core.box import Box
from roi_assistant.core.records import (
    LOOK_ONLY,
    Capability,
    DescribeRequest,
    RegionText,
    ScoredBox,
    ScoredText,
    Turn,
)
from roi_assistant.errors import RoiAssistantError
from roi_assistant.interfaces import (
    Captioner,
    ImageState,
    can_be_interrupted,
    can_draft,
    can_propose,
    can_score_options,
)

if TYPE_CHECKING:
    from PIL.Image import Image

_log = logging.getLogger(__name__)
GIVEN: frozenset[Capability] = frozenset({"features", "proposes"})
"""What the companion adds."""


@dataclass
class BothStates:
    """What each of the two made of an image; the companion's, once it was needed."""

    image: Image
    own: ImageState
    companion: ImageState = None

    @property
    def nbytes(self) -> int:
        """Of both, and the picture."""
        states = [getattr(state, "nbytes", 0) for state in (self.own, self.companion)]
        return self.image.width * self.image.height * 3 + sum(size for size in states if isinstance(size, int))


def with_companion(captioner: Captioner, load: Callable[[], Captioner], *, weights_sha256: str) -> Captioner:
    """``captioner``, with what it lacks of `GIVEN` from the model that ``load`` loads, whose weights are known by
    ``weights_sha256``; itself where it lacks nothing."""
    if captioner.info.capabilities >= GIVEN:
        return captioner
    return WithCompanion(captioner, load, weights_sha256=weights_sha256)


class WithCompanion:
    """See `roi_assistant.interfaces.Captioner`. Where the companion cannot be loaded, regions have no features."""

    def __init__(self, captioner: Captioner, load: Callable[[], Captioner], *, weights_sha256: str) -> None:
        self._captioner, self._load = captioner, load
        self._interrupt: Callable[[], None] = lambda: None
        self._looks = "features" not in captioner.info.capabilities
        by = weights_sha256 if self._looks else captioner.info.features_by
        self.info = replace(captioner.info, capabilities=captioner.info.capabilities | GIVEN, features_by=by)

    @cached_property
    def _companion(self) -> Captioner | None:
        try:
            companion = self._load()
        except RoiAssistantError:
            _log.exception("the companion of %s cannot be loaded", self.info.id)
            return None
        if can_be_interrupted(companion):
            companion.interrupt = self._interrupt
        return companion

    @property
    def interrupt(self) -> Callable[[], None]:
        """See `roi_assistant.interfaces.Interruptible`."""
        return self._interrupt

    @interrupt.setter
    def interrupt(self, function: Callable[[], None]) -> None:
        self._interrupt = function
        if can_be_interrupted(self._captioner):
            self._captioner.interrupt = function

    def set_image(self, image: Image) -> BothStates:
        """The companion encodes it when it is first asked about it."""
        return BothStates(image, self._captioner.set_image(image))

    def describe(self, state: BothStates, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        """Words of the captioner, looks of the companion. Of a request for looks only there are no words."""
        looks = self._looked(state, boxes) if self._looks else None
        if request.looks_only and looks is not None:
            for box in boxes:
                yield RegionText(box, ScoredText("", 0.0), features=next(looks))
            return
        for text in self._captioner.describe(state.own, boxes, request):
            yield text if looks is None else replace(text, features=next(looks, ""))

    def draft(self, state: BothStates, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        """See `roi_assistant.interfaces.Drafts`; of a captioner with that capability."""
        assert can_draft(self._captioner)
        yield from self._captioner.draft(state.own, boxes, request)

    def chat(self, state: BothStates, boxes: Sequence[Box], turns: Sequence[Turn]) -> Iterator[str]:
        """The captioner's."""
        yield from self._captioner.chat(state.own, boxes, turns)

    def score_options(
        self, state: BothStates, boxes: Sequence[Box], turns: Sequence[Turn], options: Sequence[str]
    ) -> Sequence[float]:
        """See `roi_assistant.interfaces.ScoresOptions`; of a captioner with that capability."""
        assert can_score_options(self._captioner)
        return self._captioner.score_options(state.own, boxes, turns, options)

    def propose(self, state: BothStates, *, most: int = 50) -> Sequence[ScoredBox]:
        """Boxes of the captioner, or else of the companion; none where that cannot be loaded."""
        if can_propose(self._captioner):
            return self._captioner.propose(state.own, most=most)
        companion = self._companion
        if companion is None or not can_propose(companion):
            return ()
        return companion.propose(self._state(companion, state), most=most)

    def close(self) -> None:
        """Both give memory back."""
        self._captioner.close()
        companion = self.__dict__.get("_companion")
        if companion is not None:
            companion.close()

    def _looked(self, state: BothStates, boxes: Sequence[Box]) -> Iterator[str]:
        """How ``boxes`` look, one after the other; "" where that cannot be told."""
        companion = self._companion
        if companion is None:
            yield from [""] * len(boxes)
        else:
            for text in companion.describe(self._state(companion, state), boxes, LOOK_ONLY):
                yield text.features

    @staticmethod
    def _state(companion: Captioner, state: BothStates) -> ImageState:
        if state.companion is None:
            state.companion = companion.set_image(state.image)
        return state.companion
