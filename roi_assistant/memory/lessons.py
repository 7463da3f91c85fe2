"""What an accepted region teaches."""

from __future__ import annotations

import re
from dataclasses import dataclass

from roi_assistant.core.box import Place, place_of
from roi_assistant.core.reading import TEXT, without_quotation
from roi_assistant.core.records import Region, RegionKey
from roi_assistant.core.review import category_waits, preferred_caption


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a person decided about a region. ``category`` and ``caption`` are "" where she left none; ``place`` on its
    image is None where the size of that is not known."""

    key: RegionKey
    category: str = ""
    caption: str = ""
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    is_written: bool = False
    """Whether she wrote the caption herself, and did not take it from a model."""
    source: str = ""
    """The other project that taught it; "" for this one."""
    place: Place | None = None


def lesson_of(image: str, region: Region, *, size: tuple[int, int] | None = None) -> Lesson | None:
    """What ``region`` on the image with the key ``image``, of ``size`` (width, height) in pixels, teaches; None where
    nobody has decided about it, or it is without a category. A category that a person chose teaches while the caption
    still waits."""
    if region.state == "rejected" or category_waits(region) or not region.category:
        return None
    if region.state == "suggested":
        by = region.category_provenance
        return Lesson(RegionKey(image, region.id), region.category) if by and by.author == "human" else None
    caption = preferred_caption(region)
    words, is_written = (caption.text, caption.provenance.author == "human") if caption else ("", False)
    words = without_quotation(words)
    decided = (a for a in region.attributes if not a.unconfirmed or (is_written and _stands_in(words, a.values)))
    attributes = tuple((a.name, a.values) for a in decided if a.values and a.name != TEXT)
    place = place_of(region.box, width=size[0], height=size[1]) if size is not None else None
    return Lesson(RegionKey(image, region.id), region.category, words, attributes, is_written, place=place)


def _stands_in(caption: str, values: tuple[str, ...]) -> bool:
    """Whether a caption that a person wrote says the first of ``values``, however it is put: "fork, red"."""
    return bool(values) and re.search(rf"(?<!\w){re.escape(values[0])}(?!\w)", caption, re.IGNORECASE) is not None
