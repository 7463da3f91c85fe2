"""What the window does to regions: the rules of ``core.review`` with the time of now, and the making of new boxes."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from roi_assistant.core import offers, review
from roi_assistant.core.box import Box, clip_box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.offers import Offers
from roi_assistant.core.records import (
    AttributeSchema,
    DescribeRequest,
    Provenance,
    Region,
    RegionText,
)
from roi_assistant.core.schema import find_attribute, validate_values
from roi_assistant.core.times import now
from roi_assistant.errors import BoxError

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project

MIN_SIDE = 1.0
"""Pixels; a box that is narrower after clipping is no box."""


def new_id() -> str:
    return secrets.token_hex(8)


def new_regions(boxes: Iterable[Box], *, size: tuple[int, int] | None) -> list[Region]:
    """Empty regions for the parts of ``boxes`` inside an image of ``size``; those outside are left out."""
    made = []
    for box in boxes:
        inside = _inside(box, size)
        if inside is not None:
            made.append(Region(new_id(), inside, created_at=now()))
    return made


def of_category(region: Region, name: str, *, waits: bool) -> Region:
    """``region``, just drawn, with a person's category; ``waits``: a model is to suggest the words, which a person then
    decides about."""
    named = review.set_category(region, name, at=now())
    return review.reopen(named) if waits else named


def pasted(regions: Sequence[Region], *, size: tuple[int, int] | None, shift: float) -> list[Region]:
    """Copies of ``regions``, moved by ``shift`` pixels in both directions, with what a person wrote about them.

    What a model wrote is left out: it was about other pixels.
    """
    made = []
    for region in regions:
        box = region.box
        inside = _inside(Box(box.x1 + shift, box.y1 + shift, box.x2 + shift, box.y2 + shift), size)
        if inside is None:
            continue
        captions = tuple(caption for caption in region.captions if caption.provenance.author == "human")
        attributes = tuple(item for item in region.attributes if item.provenance.author == "human")
        is_own = not review.category_is_models(region)
        written = bool(captions or attributes or (is_own and region.category))
        made.append(
            Region(
                new_id(),
                inside,
                category=region.category if is_own else None,
                category_provenance=region.category_provenance if is_own else None,
                captions=captions,
                attributes=attributes,
                state="edited" if written else "suggested",
                created_at=now(),
                reviewed_at=now() if written else "",
            )
        )
    return made


def moved(region: Region, box: Box, *, size: tuple[int, int] | None) -> Region:
    """``region`` with the part of ``box`` inside the image.

    Raises:
        BoxError: no part of it is.
    """
    inside = _inside(box, size)
    if inside is None:
        raise BoxError("The box lies outside the image.")
    return review.move(region, inside)


def _inside(box: Box, size: tuple[int, int] | None) -> Box | None:
    if size is None:
        return box
    try:
        inside = clip_box(box, width=size[0], height=size[1])
    except BoxError:
        return None
    return inside if min(inside.width, inside.height) >= MIN_SIDE else None


def accept(region: Region) -> Region:
    return review.accept(region, at=now())


def reject(region: Region) -> Region:
    return review.reject(region, at=now())


def reopen(region: Region) -> Region:
    return review.reopen(region)


def lock(region: Region, locked: bool) -> Region:
    return review.lock(region, locked)


def edit_caption(region: Region, text: str) -> Region:
    return review.edit_caption(region, text, at=now())


def add_caption(region: Region, text: str) -> Region:
    return review.add_caption(region, text, at=now())


def remove_alternative(region: Region, index: int) -> Region:
    return review.remove_alternative(region, index)


def take_offer(region: Region, offered: Offers, index: int) -> Region:
    return offers.take_offer(region, offered, index, at=now())


def set_category(region: Region, name: str) -> Region:
    return review.set_category(region, name, at=now())


def set_attribute(region: Region, name: str, values: Sequence[str], schema: AttributeSchema) -> Region:
    """``values`` checked against ``schema``; an attribute that the schema does not know can only be taken away.

    Raises:
        AttributeValueError: they are not allowed.
    """
    checked = validate_values(find_attribute(schema, name), values) if values else ()
    return review.set_attribute(region, name, checked, at=now())


def called_now(
    text: RegionText, request: DescribeRequest | None, renamings: Sequence[tuple[AttributeSchema, Mapping[str, str]]]
) -> RegionText:
    """``text`` with its attributes under the names that they have now.

    ``renamings``: schemas that were replaced since, oldest first, and which of their names became which. An answer may
    come after attributes that it was asked about got other names.
    """
    places = [place for place, (schema, _) in enumerate(renamings) if request and schema == request.attributes]
    for _, names in renamings[places[-1] :] if places else ():
        attributes = (replace(item, name=names.get(item.name, item.name)) for item in text.attributes)
        text = replace(text, attributes=tuple(attributes))
    return text


SuggestedText = tuple[str, Box, RegionText, Provenance]
"""Id and box of the region that was described, what was said, and by whom."""


def suggestion(regions: Sequence[Region], texts: Iterable[SuggestedText], *, image: str) -> Edit | None:
    """The edit that keeps ``texts``; regions that are gone or were moved are left alone, None when nothing changes."""
    there = {region.id: region for region in regions}
    changes = []
    for id_, box, text, provenance in texts:
        region = there.get(id_)
        if region is None or region.box != box:
            continue
        after = review.suggest(region, text, provenance=provenance)
        if after != region:
            changes.append(RegionChange(image, region, after))
    return Edit("Suggestion", image, tuple(changes)) if changes else None


def suggest_stored(project: Project, image: str, texts: Sequence[SuggestedText]) -> Edit | None:
    """Keep suggestions for an image that is not in sight."""
    edit = suggestion(project.regions(image), texts, image=image)
    if edit is not None:
        project.apply(edit)
    return edit


def accept_stored(project: Project, image: str, ids: Sequence[str]) -> None:
    """Accept regions of an image that is not in sight."""
    pairs = [(region, accept(region)) for region in project.regions(image) if region.id in ids]
    changes = tuple(RegionChange(image, before, after) for before, after in pairs if before != after)
    if changes:
        project.apply(Edit("Accept", image, changes))
