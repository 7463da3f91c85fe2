"""PaliGemma and Kosmos-2: one caption for a region that is told by location tokens, and nothing else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PIL import Image

from roi_assistant.api import (
    Box,
    DescribeRequest,
    RegionText,
    ScoredText,
    clip_box,
    kosmos_patches,
    paligemma_locations,
)

from .plain import BEAMS, GRAY, NOTHING_SAID, PictureState, PlainCaptioner, distinct

if TYPE_CHECKING:
    from .loading import Loaded

LONGEST = 48


class LocatedCaptioner(PlainCaptioner, ABC):
    """See `roi_assistant.api.Captioner`. A category or attributes cannot be asked for."""

    def __init__(self, loaded: Loaded) -> None:
        super().__init__(loaded, frozenset({"alternatives"}))
        self._captions(GRAY, [Box(0, 0, 64, 48)], kept=1, longest=1)

    @abstractmethod
    def prompt(self, box: Box, size: tuple[int, int]) -> str:
        """What asks about ``box``, in pixels of an image of ``size`` (width, height)."""

    @abstractmethod
    def words(self, text: str) -> str:
        """The caption in the answer ``text``."""

    def describe(self, state: PictureState, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        """Captions of ``boxes``, in their order."""
        image = state.image
        clipped = [clip_box(box, width=image.width, height=image.height) for box in boxes]
        captions = self._captions(image, clipped, kept=min(BEAMS, 1 + request.alternatives))
        for box, inside, caption in zip(boxes, clipped, captions, strict=True):
            best = caption[0] if caption else NOTHING_SAID
            yield RegionText(
                box=box,
                caption=best,
                alternatives=tuple(caption[1:]),
                unsure=not caption,
                prompt=self.prompt(inside, image.size),
                raw_output=best.text,
            )

    def _captions(
        self, image: Image.Image, boxes: Sequence[Box], *, kept: int, longest: int = LONGEST
    ) -> list[list[ScoredText]]:
        prompts = [self.prompt(box, image.size) for box in boxes]
        answers = self.said(image, prompts, most=longest, kept=kept)
        return [distinct([ScoredText(self.words(one.text), one.score) for one in each]) for each in answers]


class PaliGemmaCaptioner(LocatedCaptioner):
    """PaliGemma was trained on ``caption`` and four locations, y before x."""

    def prompt(self, box: Box, size: tuple[int, int]) -> str:
        """See `LocatedCaptioner`."""
        return f"<image>caption {paligemma_locations(box, size=size)}"

    def words(self, text: str) -> str:
        """See `LocatedCaptioner`."""
        return text.strip()

    def decoded(self, ids: Sequence[int]) -> str:
        """Without marks: its answers have none that say anything."""
        return str(self.processor.decode(ids, skip_special_tokens=True))


class Kosmos2Captioner(LocatedCaptioner):
    """Kosmos-2 goes on with a sentence about a phrase that is tied to two patches."""

    def prompt(self, box: Box, size: tuple[int, int]) -> str:
        """See `LocatedCaptioner`."""
        first, last = kosmos_patches(box, size=size)
        return f"<grounding><phrase> It</phrase><object><patch_index_{first:04d}><patch_index_{last:04d}></object> is"

    def words(self, text: str) -> str:
        """See `LocatedCaptioner`."""
        caption, _ = self.processor.post_process_generation(text)
        return str(caption).strip()

    def decoded(self, ids: Sequence[int]) -> str:
        """Without the end of the text: the marks of phrases and patches are no special tokens."""
        return str(self.processor.decode(ids, skip_special_tokens=True))
