"""What the window does to regions: the rules of ``core.review`` with the time of now, and the making of new boxes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from roi_assistant.core import answers, offers, review
from roi_assistant.core.box import Box, clip_box
from roi_assistant.core.caption_category import CategoryOfNoun
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.offers import Offers
from roi_assistant.core.records import (
    AttributeSchema,
    CaptionerInfo,
    DescribeRequest,
    Provenance,
    Region,
    RegionText,
    ScoredBox,
)
from roi_assistant.core.schema import find_attribute, validate_values
from roi_assistant.core.times import now
from roi_assistant.errors import BadInputError, BoxError

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project

MIN_SIDE = 1.0
"""Pixels; a box that is narrower after clipping is no box."""


def new_id() -> str:
    """A random id of 16 hexadecimal digits."""
    return secrets.token_hex(8)


def new_regions(boxes: Iterable[Box], *, size: tuple[int, int] | None) -> list[Region]:
    """Empty regions for the parts of ``boxes`` inside an image of ``size``; those outside are left out."""
    made = []
    for box in boxes:
        inside = _inside(box, size)
        if inside is not None:
            made.append(Region(new_id(), inside, created_at=now()))
    return made


def found_region(
    found: ScoredBox,
    *,
    by: CaptionerInfo | None,
    size: tuple[int, int] | None,
    fitting: Callable[[str], str],
    words: Sequence[str] = (),
) -> Region | None:
    """A new region for what was ``found`` in an image of ``size``; None where nothing of it is inside. Where the
    detector ``by`` found it, its label is the category, as the project has it by ``fitting``, and ``words`` are what
    was looked for."""
    made = new_regions((found.box,), size=size)
    if not made or by is None:
        return made[0] if made else None
    named = replace(found, label=fitting(found.label) if found.label else "")
    return review.detected(made[0], named, by=by, at=now(), prompt=", ".join(words))


def of_category(region: Region, name: str, *, waits: bool) -> Region:
    """``region``, just drawn, with a person's category; ``waits``: a model is to suggest the words, which a person then
    decides about."""
    named = review.set_category(region, name, at=now())
    return review.reopen(named) if waits else named


def copies(regions: Iterable[Region], *, size: tuple[int, int] | None, shift: float = 0.0) -> list[Region]:
    """New regions like ``regions``, moved by ``shift`` pixels in both directions, for an image of ``size``; what is
    beyond its edge is cut off, and boxes outside are left out."""
    made = []
    for region in regions:
        box = region.box
        inside = _inside(Box(box.x1 + shift, box.y1 + shift, box.x2 + shift, box.y2 + shift), size)
        if inside is not None:
            made.append(replace(region, id=new_id(), box=inside, locked=False, created_at=now()))
    return made


def suggested_copies(regions: Sequence[Region], *, source: str, size: tuple[int, int]) -> list[Region]:
    """Copies of ``regions`` of the image with the key ``source``, with all their words, to be reviewed on an image of
    ``size``. Rejected ones, and those outside, are left out."""
    kept = (review.reopen(region) for region in regions if region.state != "rejected")
    return [replace(copy, copied_from=source) for copy in copies(kept, size=size)]


def without_words(region: Region) -> Region:
    """Only the box of ``region``."""
    return Region(region.id, region.box)


def with_own_words(region: Region) -> Region:
    """``region`` with what a person wrote about it. What a model wrote is left out: it was about other pixels."""
    captions = tuple(caption for caption in region.captions if caption.provenance.author == "human")
    attributes = tuple(item for item in region.attributes if item.provenance.author == "human")
    is_own = not review.category_is_models(region)
    written = bool(captions or attributes or (is_own and region.category))
    return Region(
        region.id,
        region.box,
        category=region.category if is_own else None,
        category_provenance=region.category_provenance if is_own else None,
        captions=captions,
        attributes=attributes,
        state="edited" if written else "suggested",
        reviewed_at=now() if written else "",
    )


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


def accept(region: Region, earlier: CategoryOfNoun) -> Region:
    """`review.accept` with the time of now.

    Raises:
        BadInputError: the region is empty.
    """
    return review.accept(region, at=now(), earlier=earlier)


def accept_as(region: Region, name: str, words: str) -> Region:
    """`review.accept_as` with the time of now.

    Raises:
        BadInputError: ``words`` has no words.
    """
    return review.accept_as(region, name, words, at=now())


def reject(region: Region) -> Region:
    """`review.reject` with the time of now."""
    return review.reject(region, at=now())


def reopen(region: Region) -> Region:
    """`review.reopen`: the region waits for review again."""
    return review.reopen(region)


def lock(region: Region, locked: bool) -> Region:
    """`review.lock`: the box of a locked region cannot be moved or deleted."""
    return review.lock(region, locked)


def edit_caption(region: Region, text: str, earlier: CategoryOfNoun) -> Region:
    """`review.edit_caption` with the time of now.

    Raises:
        BadInputError: ``text`` has no words.
    """
    return review.edit_caption(region, text, at=now(), earlier=earlier)


def add_caption(region: Region, text: str, earlier: CategoryOfNoun) -> Region:
    """`review.add_caption` with the time of now.

    Raises:
        BadInputError: ``text`` has no words, or the region has this caption already.
    """
    return review.add_caption(region, text, at=now(), earlier=earlier)


def remove_alternative(region: Region, index: int) -> Region:
    """`review.remove_alternative`; ``index`` counts from 0.

    Raises:
        BadInputError: there is no such alternative.
    """
    return review.remove_alternative(region, index)


def take_offer(region: Region, offered: Offers, index: int, earlier: CategoryOfNoun) -> Region:
    """`offers.take_offer` with the time of now; ``index`` counts from 0.

    Raises:
        BadInputError: there is no such offer.
    """
    return offers.take_offer(region, offered, index, at=now(), earlier=earlier)


AnswerPart = Literal["caption", "category", "attribute"]


def take_part(region: Region, index: int, part: AnswerPart, name: str = "") -> Region:
    """One part of ``region.answers[index]`` with the time of now; ``name`` is that of an attribute.

    Raises:
        BadInputError: there is no such answer, or it does not speak of the attribute.
    """
    if part == "attribute":
        return answers.take_attribute(region, index, name, at=now())
    take = answers.take_caption if part == "caption" else answers.take_category
    return take(region, index, at=now())


def set_category(region: Region, name: str) -> Region:
    """`review.set_category` with the time of now; "" takes the category away."""
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
    by_id = {region.id: region for region in regions}
    changes = []
    for id_, box, text, provenance in texts:
        region = by_id.get(id_)
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


def accept_stored(project: Project, image: str, ids: Sequence[str], act: Callable[[Region], Region]) -> Edit | None:
    """Accept, by ``act``, regions of an image that is not in sight."""
    pairs = [(region, act(region)) for region in project.regions(image) if region.id in ids]
    changes = tuple(RegionChange(image, before, after) for before, after in pairs if before != after)
    edit = Edit("Accept", image, changes) if changes else None
    if edit is not None:
        project.apply(edit)
    return edit


@dataclass(frozen=True, slots=True)
class JointDecision:
    """What became of regions that were decided together: ``regions`` as they are now, by row id, and how many were
    passed over because they are ``locked``, ``empty`` or of a category that a closed list does not have
    (``unlisted``)."""

    edit: Edit | None
    regions: Mapping[int, Region]
    locked: int = 0
    empty: int = 0
    unlisted: int = 0


def decide_stored(
    project: Project,
    label: str,
    row_ids: Sequence[int],
    act: Callable[[Region], Region],
    *,
    fitted: Callable[[Region, Region], Region],
) -> JointDecision:
    """Apply ``act`` to regions of any images as one edit, one step on the undo stack of the project. ``fitted`` is
    `Categories.fitted`."""
    decided: dict[int, Region] = {}
    changes: list[RegionChange] = []
    locked = empty = unlisted = 0
    for found in project.regions_by_row_id(row_ids):
        if found.region.locked:
            locked += 1
            continue
        try:
            after = act(found.region)
        except BadInputError:
            empty += 1
            continue
        try:
            after = fitted(found.region, after)
        except BadInputError:
            unlisted += 1
            continue
        decided[found.row_id] = after
        if after != found.region:
            changes.append(RegionChange(found.image, found.region, after))
    edit = Edit(label, "", tuple(changes)) if changes else None
    if edit is not None:
        project.apply(edit)
    return JointDecision(edit, decided, locked, empty, unlisted)


def take_back_stored(project: Project, labels: Collection[str], way: Literal["undo", "redo"]) -> Edit | None:
    """Undo, or redo, the last step of the project if it is one of ``labels``: other steps of the project (its
    attributes, say) were made elsewhere. Answers the edit that was applied to do so."""
    history = project.history("")
    if (history.undo_label if way == "undo" else history.redo_label) not in labels:
        return None
    step = project.undo("") if way == "undo" else project.redo("")
    return step[0] if step is not None else None
