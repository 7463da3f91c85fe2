"""What a user did, as a value: it can be applied, inverted, stored and applied again.

One ``Edit`` is one action of the user, one transaction of the project file and one step of undo.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from roi_assistant.core.records import Answer, Attribute, AttributeSchema, CategoryList, ImageNotes, Region
from roi_assistant.errors import EditConflictError
from roi_assistant.sentences import Sentence


@dataclass(frozen=True, slots=True)
class RegionChange:
    """What became of one region of one image.

    ``image`` is the key of the image: its POSIX path relative to the project's folder. ``before`` None: the region was
    created; ``after`` None: it was deleted; the two have the same id otherwise. ``index`` is the 0-based place among
    the image's regions at which it was, or is, when it is created or deleted, None for the end: regions are numbered
    by their place, and undoing a deletion must not renumber the others.
    """

    image: str
    before: Region | None
    after: Region | None
    index: int | None = None

    @property
    def region_id(self) -> str:
        """The id of the region that was created, changed or deleted."""
        region = self.after or self.before
        return region.id if region else ""


@dataclass(frozen=True, slots=True)
class NotesChange:
    """What became of the notes on the image with the key ``image``."""

    image: str
    before: ImageNotes
    after: ImageNotes


@dataclass(frozen=True, slots=True)
class CategoryMove:
    """Regions of the whole project that go from one category to another; None stands for no category.

    ``containing`` and ``attribute`` choose among the regions of ``before``: those whose caption has all of these words,
    and those with this (name, value). ``regions`` is filled in by the one who applies the edit: which they were, as
    ``storage.category_edits`` packs them. A move that has them moves these, as far as they still are in ``before``.
    """

    before: str | None
    after: str | None
    containing: str = ""
    attribute: tuple[str, str] | None = None
    regions: str | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class CategoryChange:
    """What became of the categories of a project: either ``renamed``, (before, after), to a name that is new, or
    ``moved``; ``listed`` is (before, after) of what the project says of its categories."""

    renamed: tuple[str, str] | None = None
    moved: tuple[CategoryMove, ...] = ()
    listed: tuple[CategoryList, CategoryList] | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """One action of the user.

    ``label`` is its name for the undo menu, in English ("Draw box"). ``image`` says whose undo stack it belongs to;
    empty for what concerns the whole project. ``schema`` is (before, after). ``renamed`` are names of attributes,
    (before, after), which every region of the project takes on as ``exchange`` says; such an edit has no ``regions``.
    ``notes`` are changes of notes on images, one for each image. An edit that gives regions to an image where a person
    had found nothing takes that back: who applies the edit fills this in.
    ``categories`` is what became of the categories of all regions.
    """

    label: str
    image: str
    regions: tuple[RegionChange, ...] = ()
    schema: tuple[AttributeSchema, AttributeSchema] | None = None
    renamed: tuple[tuple[str, str], ...] = ()
    notes: tuple[NotesChange, ...] = ()
    categories: CategoryChange | None = None


DESCRIBED_AT_ONCE = frozenset({"Draw box", "Suggest boxes", "Paste", "Copy from previous image"})
"""Labels of edits that add boxes at the wish of a person, about which a model is asked without being told to."""


def first_suggestion(edit: Edit) -> RegionChange | None:
    """The change of ``edit`` when that is the first thing a model says about a region that nothing was said of."""
    if len(edit.regions) != 1 or edit.schema is not None or edit.notes:
        return None
    (change,) = edit.regions
    before, after = change.before, change.after
    if (
        before is None
        or after is None
        or before.captions
        or before.attributes
        or not after.captions
        or after.state != "suggested"
    ):
        return None
    return change if all(caption.provenance.author == "model" for caption in after.captions) else None


def completed(edit: Edit, suggestion: RegionChange) -> Edit | None:
    """``edit``, which added a box, as if ``suggestion`` had been there from the beginning; None when it did not
    add that box, or not as ``suggestion`` found it."""
    if edit.label not in DESCRIBED_AT_ONCE:
        return None
    created = replace(suggestion, before=None, after=suggestion.before)
    changes = [replace(c, after=suggestion.after) if replace(c, index=None) == created else c for c in edit.regions]
    return None if tuple(changes) == edit.regions else replace(edit, regions=tuple(changes))


def inverse(edit: Edit) -> Edit:
    """The edit that takes ``edit`` back; ``inverse(inverse(edit)) == edit``."""
    changes = tuple(replace(change, before=change.after, after=change.before) for change in reversed(edit.regions))
    schema = (edit.schema[1], edit.schema[0]) if edit.schema else None
    renamed = tuple((after, before) for before, after in edit.renamed)
    notes = tuple(NotesChange(change.image, change.after, change.before) for change in edit.notes)
    categories = None if edit.categories is None else _inverse_categories(edit.categories)
    return replace(edit, regions=changes, schema=schema, renamed=renamed, categories=categories, notes=notes)


def _inverse_categories(change: CategoryChange) -> CategoryChange:
    moved = (replace(move, before=move.after, after=move.before) for move in reversed(change.moved))
    return CategoryChange(
        renamed=(change.renamed[1], change.renamed[0]) if change.renamed else None,
        moved=tuple(moved),
        listed=(change.listed[1], change.listed[0]) if change.listed else None,
    )


def exchange(renamed: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Name -> new name, for every attribute name that ``renamed`` concerns.

    Made a bijection so that undo is exact: if A becomes B and values of another B exist, that B takes the freed name
    A. Such values are of an attribute that was removed from the schema earlier.

    Raises:
        EditConflictError: a name is renamed twice, or two to the same one.
    """
    names = dict(pairs := tuple(renamed))
    back = {after: before for before, after in pairs}
    if not len(names) == len(back) == len(pairs):
        raise EditConflictError("Two attributes cannot exchange names with the same third: nothing was changed.")
    for name in back.keys() - names.keys():
        free = name
        while free in back:
            free = back[free]
        names[name] = free
    return {before: after for before, after in names.items() if before != after}


def rename_attributes(region: Region, names: Mapping[str, str]) -> Region:
    """``region`` with its attributes, suggested ones and those of other models included, under the names of
    ``exchange``; their order stays."""
    answers = tuple(_renamed_answer(answer, names) for answer in region.answers)
    attributes = _renamed(region.attributes, names)
    if (attributes, answers) == (region.attributes, region.answers):
        return region
    return replace(region, attributes=attributes, answers=answers)


def _renamed_answer(answer: Answer, names: Mapping[str, str]) -> Answer:
    return replace(answer, attributes=_renamed(answer.attributes, names))


def _renamed(attributes: tuple[Attribute, ...], names: Mapping[str, str]) -> tuple[Attribute, ...]:
    return tuple(replace(one, name=names.get(one.name, one.name)) for one in attributes)


def rename_in_edit(edit: Edit, names: Mapping[str, str], categories: Mapping[str, str]) -> Edit:
    """``edit`` as it would be, had the attributes and categories of its regions had the names of ``exchange``."""
    if not names and not categories:
        return edit

    def renamed(region: Region | None) -> Region | None:
        if region is None:
            return None
        region = rename_attributes(region, names)
        category = categories.get(region.category or "", region.category)
        return region if category == region.category else replace(region, category=category)

    changes = (replace(change, before=renamed(change.before), after=renamed(change.after)) for change in edit.regions)
    return replace(edit, regions=tuple(changes))


def apply_to_regions(regions: Sequence[Region], edit: Edit, *, image: str) -> tuple[Region, ...]:
    """The regions of ``image`` after ``edit``; those that it does not name keep their order.

    Changed regions stay where they are, deleted ones go, then created ones are put at their ``index`` in ascending
    order, and those without one at the end.

    Raises:
        EditConflictError: a region to be changed or deleted is missing or differs from ``before``, one to be created
            is there already, or the edit names a region twice.
    """
    changes = changes_of(edit, image=image)
    if not changes:
        return tuple(regions)
    current = {region.id: region for region in regions}
    for region_id, intended in changes.items():
        check_fits(intended, current.get(region_id))
    result: list[Region] = []
    for region in regions:
        change = changes.get(region.id)
        if change is None:
            result.append(region)
        elif change.after is not None:
            result.append(change.after)
    for created in in_order_of_creation(changes.values()):
        if created.after is not None:
            result.insert(len(result) if created.index is None else created.index, created.after)
    return tuple(result)


def changes_of(edit: Edit, *, image: str) -> dict[str, RegionChange]:
    """Region id -> change, for the regions of ``image``.

    Raises:
        EditConflictError: a change names no region, two different ones, or one that another change names.
    """
    changes: dict[str, RegionChange] = {}
    for change in edit.regions:
        if change.image != image:
            continue
        ids = {region.id for region in (change.before, change.after) if region is not None}
        if len(ids) != 1 or change.region_id in changes:
            raise EditConflictError(
                "{label} on {image} must name each region once: it was not applied.",
                label=repr(edit.label),
                image=image,
            )
        changes[change.region_id] = change
    return changes


def notes_after(notes: ImageNotes, edit: Edit, *, image: str) -> ImageNotes:
    """The notes on ``image`` after ``edit``, which were ``notes`` before.

    Raises:
        EditConflictError: they are not what the edit expects, or it names the image twice.
    """
    changes = [change for change in edit.notes if change.image == image]
    if not changes:
        return notes
    if len(changes) > 1 or changes[0].before != notes:
        raise EditConflictError(
            "The note on {image} was changed in the meantime: nothing was changed; open the image again.", image=image
        )
    return changes[0].after


def check_fits(change: RegionChange, current: Region | None) -> None:
    """Check that ``change`` starts from the region as it is now, ``current``.

    Raises:
        EditConflictError: it does not.
    """
    if current == change.before:
        return
    where = Sentence.of("Region {region} of {image}", region=change.region_id, image=change.image)
    if current is None:
        raise EditConflictError(
            "{where} is not there any more: nothing was changed; open the image again.", where=where
        )
    if change.before is None:
        raise EditConflictError("{where} is there already: nothing was changed; open the image again.", where=where)
    raise EditConflictError(
        "{where} was changed in the meantime: nothing was changed; open the image again.", where=where
    )


def in_order_of_creation(changes: Iterable[RegionChange]) -> list[RegionChange]:
    """The changes that create regions, in the order in which they have to be put into the list."""
    created = [change for change in changes if change.before is None and change.after is not None]
    placed = sorted((c for c in created if c.index is not None), key=lambda c: c.index or 0)
    return [*placed, *(c for c in created if c.index is None)]


def delete_changes(regions: Sequence[Region], ids: Iterable[str], *, image: str) -> tuple[RegionChange, ...]:
    """Changes that delete the regions ``ids`` of ``image`` and remember their places; unknown ids are passed over."""
    chosen = set(ids)
    return tuple(RegionChange(image, r, None, index) for index, r in enumerate(regions) if r.id in chosen)
