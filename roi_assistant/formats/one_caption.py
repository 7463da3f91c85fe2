"""What is common to the formats that hold a box and one text about it, and nothing else of a region."""

from __future__ import annotations

from dataclasses import fields

from roi_assistant.core.records import Caption, Provenance, Region, ScoredText
from roi_assistant.core.review import preferred_caption
from roi_assistant.formats.export_report import LossCounter

_COUNTED = ("box", "captions", "attributes", "category")
"""Fields of a region that the format holds, or that are counted one by one. Of all others, also of those that records
get one day, each value is lost."""
_ALWAYS_LOST = {"id": "region_id", "state": "review_state"}
"""Fields whose default is a value as good as any other, by the names that reports give them."""
_LONGEST_EXAMPLE = 80


def only_caption(region: Region, losses: LossCounter, *, where: str) -> Caption | None:
    """The preferred caption of ``region``; None, and counted as a dropped region, when it has no words.

    Everything else is counted in ``losses`` but for the category, for which each format has another place; ``where``
    names the region in examples.
    """
    caption = preferred_caption(region)
    if caption is None or not caption.text.strip():
        losses.add("region", "dropped", "it has no caption", example=where)
        return None
    for other in region.captions:
        if other is not caption:
            losses.add("captions", "dropped", "the profile holds one caption", example=f"{where}: {other.text}")
    for attribute in region.attributes:
        text = f"{where}: {attribute.name} {', '.join(attribute.values)}"
        losses.add("attributes", "dropped", "the profile has no attributes", example=text)
    for name, value in (("score", caption.score), ("provenance", caption.provenance.author)):
        if value is not None:
            losses.add(name, "dropped", "the format has no place for it", example=f"{where}: {value}")
    for field in fields(region):
        value = getattr(region, field.name)
        if field.name in _ALWAYS_LOST or (field.name not in _COUNTED and value != field.default):
            name = _ALWAYS_LOST.get(field.name, field.name)
            losses.add(name, "dropped", "the format has no place for it", example=f"{where}: {short(value)}")
    return caption


def short(value: object) -> str:
    """The value of a field of a region, in an example."""
    if isinstance(value, tuple):
        text = ", ".join(map(short, value))
    elif isinstance(value, ScoredText):
        text = value.text
    else:
        text = value.author if isinstance(value, Provenance) else str(value)
    return text if len(text) <= _LONGEST_EXAMPLE else text[: _LONGEST_EXAMPLE - 1] + "…"
