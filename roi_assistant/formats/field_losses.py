"""What a format does not hold of a region, found by reading back what was written of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

from roi_assistant.core.json_values import is_number
from roi_assistant.core.records import Caption, Region
from roi_assistant.core.review import preferred_caption
from roi_assistant.formats.export_report import LossCounter
from roi_assistant.formats.one_caption import short

_NAMES = {"state": "review_state"}
"""Fields that reports call otherwise."""


def preferred_first(region: Region) -> tuple[Caption, ...]:
    """The captions of ``region`` that have a letter, the preferred one first; none where that has no letter or where
    nobody has accepted the words, see `preferred_caption`."""
    first = preferred_caption(region)
    if first is None or not first.text.strip():
        return ()
    others = (caption for caption in region.captions if caption is not first)
    return tuple(caption for caption in (first, *others) if caption.text.strip())


def count_differences(before: Region, after: Region, losses: LossCounter, *, where: str) -> None:
    """Count each value of ``before`` that ``after``, as the reader of the format made it of what was written, has not.

    Boxes are not compared: writers keep them to a part of a pixel that nobody sees. ``where`` names the region in
    examples.
    """
    if before.id != after.id or not before.id or is_number(before.id):  # numbers are no ids beyond their file
        losses.add("region_id", "dropped", "the format has no place for it", example=f"{where}: {before.id}")
    _count_captions(before, after, losses, where=where)
    kept = Counter(after.attributes)
    values = {attribute.name: attribute.values for attribute in after.attributes}
    for attribute in before.attributes:
        if kept[attribute]:
            kept[attribute] -= 1
            continue
        text = f"{where}, {attribute.name}: {', '.join(attribute.values)}"
        if not any(attribute.values):
            losses.add("attributes", "dropped", "it has no value", example=text)
        elif values.get(attribute.name) == attribute.values:
            losses.add("attributes", "altered", "its score and author have no place there", example=text)
        elif attribute.name in values:
            losses.add("attributes", "altered", "the format writes it in another way", example=text)
        else:
            losses.add("attributes", "dropped", "the format has no place for it", example=text)
    for field in fields(Region):
        name = field.name
        if name in ("id", "box", "captions", "attributes"):
            continue
        one, other = getattr(before, name), getattr(after, name)
        if one == other:
            continue
        example = f"{where}: {short(one)}"
        if other == field.default:
            losses.add(_NAMES.get(name, name), "dropped", "the format has no place for it", example=example)
        else:
            losses.add(_NAMES.get(name, name), "altered", "the format writes it in another way", example=example)


def _count_captions(before: Region, after: Region, losses: LossCounter, *, where: str) -> None:
    written = preferred_first(before)[: len(after.captions)]
    for caption in before.captions:
        if not any(caption is one for one in written):
            example = f"{where}: {caption.text}"
            losses.add("captions", "dropped", "the format has no place for it", example=example)
    for one, other in zip(written, after.captions, strict=True):
        if one.text != other.text:
            losses.add("caption", "altered", "the format writes it in another way", example=f"{where}: {one.text}")
        if one.score != other.score:
            losses.add("score", "dropped", "the format has no place for it", example=f"{where}: {one.score}")
        if one.provenance != other.provenance:
            losses.add(
                "provenance",
                "dropped",
                "the format has no place for it",
                example=f"{where}: {one.provenance.author}",
            )
