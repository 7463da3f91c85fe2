"""What an accepted region teaches."""

from __future__ import annotations

from dataclasses import dataclass

from roi_assistant.core.records import Region, RegionKey
from roi_assistant.core.review import category_waits, preferred_caption


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a person decided about a region. ``category`` and ``caption`` are "" where she left none."""

    key: RegionKey
    category: str = ""
    caption: str = ""
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()


def lesson_of(image: str, region: Region) -> Lesson | None:
    """What ``region`` on the image with the key ``image`` teaches; None where nobody has decided about it, or it is
    without a category."""
    if region.state not in ("accepted", "edited") or category_waits(region) or not region.category:
        return None
    caption = preferred_caption(region)
    attributes = tuple((a.name, a.values) for a in region.attributes if a.values and not a.unconfirmed)
    return Lesson(RegionKey(image, region.id), region.category, caption.text if caption else "", attributes)
