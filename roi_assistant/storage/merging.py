"""Taking over what another copy of a project has: two people worked on the same folder.

Regions are the same when image and id are. Where only one side was decided by a person, that side counts. Where both
were, the later decision counts, and what a person wrote on the other side is kept beside it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from roi_assistant.core import review
from roi_assistant.core.edits import Edit, NotesChange, RegionChange
from roi_assistant.core.records import (
    Attribute,
    AttributeDefinition,
    AttributeSchema,
    Caption,
    Conversation,
    ImageNotes,
    Region,
    ScoredText,
)
from roi_assistant.core.times import instant, now
from roi_assistant.errors import ProjectError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.storage import connection, conversations_and_jobs, image_edits, queries
from roi_assistant.storage.photo_faults import is_there
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import ImageFilter, ImageOrder
from roi_assistant.storage.region_rows import RegionRows
from roi_assistant.storage.sub_projects import key_mapping

LABEL = "Merge"
_COPY = "-merged"


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What became of the other project's records. ``backup`` is the project as it was before; ``conflicts``: one
    sentence for each thing to look at."""

    backup: Path
    images_added: int = 0
    regions_added: int = 0
    regions_taken: int = 0
    regions_kept: int = 0
    conversations_added: int = 0
    conflicts: tuple[str, ...] = ()

    def __str__(self) -> str:
        head = (
            f"{self.images_added} images and {self.regions_added} regions added, {self.regions_taken} regions changed, "
            f"{self.regions_kept} differing regions kept, {self.conversations_added} conversations added; "
            f"{len(self.conflicts)} conflicts."
        )
        return "\n".join([head, *(f"  {conflict}" for conflict in self.conflicts)])


def merge(project: Project, other: Path) -> MergeReport:
    """Merge the project file ``other`` into ``project``, in one transaction; each image can be undone by itself.

    A backup of ``project`` is made first, but not before ``other`` is known to be sound: backups are few, and one for
    nothing would push out an older one. Both must be of the same folder of images, or of copies of it: images are
    matched by their keys. One may also be of a folder below the other's (`key_mapping`).

    Raises:
        ProjectDamagedError, ProjectVersionError: of ``other``.
        ProjectError: ``other`` is the same file, or has not one image in common with a project that has images.
    """
    if other.exists() and other.resolve() == project.path.resolve():
        raise ProjectError("{other} is the same project: give the other copy.", other=other)
    with contextlib.closing(connection.connect(other, read_only=True)) as theirs:
        connection.check_integrity(theirs, other, full=True)
        with connection.translated(project.path):
            merging = _Merge(project, theirs, other)
            backup = project.back_up()
            with project.writing():
                return merging.run(backup)


class _Merge:
    def __init__(self, project: Project, theirs: sqlite3.Connection, path: Path) -> None:
        self._ours = project
        self._db = project.database
        self._theirs = theirs
        self._their_rows = RegionRows(theirs)
        self._path = path
        self._now = now()
        self._conflicts: list[str] = []
        self._added = self._taken = self._kept = self._conversations = 0
        self._our_keys = {row.key for row in self._ours.images()}
        self._their_images = queries.images(theirs, ImageFilter(), self._their_rows.names, ImageOrder(), lambda _: None)
        self._key_here = key_mapping(project.folder, path, (row.key for row in self._their_images))
        keys = [self._key_here(row.key) for row in self._their_images]
        if self._our_keys and keys and not any(self._is_here(key) for key in keys):
            raise ProjectError(
                "{path} has no image in common with {other}: it is of another folder.",
                path=path,
                other=project.path,
            )

    def _is_here(self, key: str | None) -> bool:
        return key is not None and (key in self._our_keys or is_there(self._ours.folder / key))

    def run(self, backup: Path) -> MergeReport:
        self._merge_categories()
        self._merge_schema()
        keys = [(key, row) for row in self._their_images if (key := self._key_here(row.key)) is not None]
        for key, row in keys:
            owner = image_edits.ensure_image(self._db, key)
            self._db.execute(
                "UPDATE images SET width = coalesce(width, ?), height = coalesce(height, ?) WHERE id = ?",
                (row.width, row.height, owner),
            )
        for image in queries.export_images(self._theirs, self._their_rows):
            key = self._key_here(image.file_name)
            if key is not None and (image.regions or image.note or image.reviewed_empty):
                copies = (self._with_key_of_copy(region) for region in image.regions)
                self._merge_image(replace(image, file_name=key, regions=tuple(copies)))
        for key, row in keys:
            self._merge_conversations(key, of_theirs=row.key)
        return MergeReport(
            backup,
            images_added=sum(1 for key, _ in keys if key not in self._our_keys),
            regions_added=self._added,
            regions_taken=self._taken,
            regions_kept=self._kept,
            conversations_added=self._conversations,
            conflicts=tuple(self._conflicts),
        )

    def _merge_categories(self) -> None:
        for name, theirs in queries.category_ids(self._theirs).items():
            given = self._ours.rows.category_id(name, new_id=theirs)
            if given != theirs:
                self._conflicts.append(f"category {name!r} has the id {given} here and {theirs} there; {given} stays.")

    def _merge_schema(self) -> None:
        ours, theirs = image_edits.read_schema(self._db), image_edits.read_schema(self._theirs)
        merged = self._merged_schema(ours, theirs)
        if merged != ours:
            edit = Edit(LABEL, "", schema=(ours, merged))
            self._apply(edit)

    def _apply(self, edit: Edit) -> None:
        rows = self._ours.rows
        image_edits.record(self._db, rows, image_edits.perform(self._db, rows, edit), at=self._now)

    def _merged_schema(self, ours: AttributeSchema, theirs: AttributeSchema) -> AttributeSchema:
        definitions = {d.name: d for d in ours.attributes}
        for definition in theirs.attributes:
            own = definitions.setdefault(definition.name, definition)
            if own.kind != definition.kind:
                self._conflicts.append(
                    f"attribute {own.name!r} is of the kind {own.kind} here and {definition.kind} there; "
                    f"{own.kind} stays."
                )
            elif own.values != definition.values:
                definitions[own.name] = _with_values(own, definition.values)
        return AttributeSchema(ours.name or theirs.name, tuple(definitions.values()))

    def _merge_image(self, record: AnnotatedImage) -> None:
        image = record.file_name
        ours = {region.id: region for region in self._ours.regions(image)}
        changes: list[RegionChange] = []
        for region in record.regions:
            own = ours.get(region.id)
            if own is None:
                changes.append(RegionChange(image, None, region))
                self._added += 1
                continue
            if own == region:
                continue
            merged, copy = self._merged(image, own, region, taken=ours.keys() | {c.region_id for c in changes})
            if merged != own:
                changes.append(RegionChange(image, own, merged))
                self._taken += 1
            else:
                self._kept += 1
            if copy is not None:
                changes.append(RegionChange(image, None, copy))
        before = self._ours.image_notes(image)
        after = _merged_notes(before, record, has_regions=bool(ours or changes))
        notes = () if after == before else (NotesChange(image, before, after),)
        if changes or notes:
            self._apply(Edit(LABEL, image, tuple(changes), notes=notes))

    def _merged(self, image: str, own: Region, other: Region, *, taken: set[str]) -> tuple[Region, Region | None]:
        """The region that stays, and a copy with what a person wrote on the other side and has no place in it."""
        if not is_touched(other):
            return (own, None) if is_touched(own) or not _has_words(other) or _has_words(own) else (other, None)
        if not is_touched(own):
            return other, None
        stays, goes = (other, own) if instant(other.reviewed_at) > instant(own.reviewed_at) else (own, other)
        here = "the other project's" if stays is other else "this project's"
        where = f"{image}, region {own.id}"
        if stays.state != goes.state or stays.box != goes.box:
            self._conflicts.append(
                f"{where}: decided on both sides ({own.state} here, {other.state} there); {here} stays."
            )
        merged = stays
        for caption in _lost_captions(stays, goes):
            self._conflicts.append(f"{where}: {caption.text!r} is kept as an alternative.")
            merged = replace(merged, captions=(*merged.captions, replace(caption, preferred=False)))
        lost = _lost_category(stays, goes)
        if lost is not None:
            self._conflicts.append(f"{where}: category {stays.category!r} stays, {lost!r} is kept as an alternative.")
            merged = replace(merged, category_alternatives=(*merged.category_alternatives, ScoredText(lost, 1.0)))
        free, clashing = _lost_attributes(stays, goes)
        if free:
            names = {a.name for a in free}
            kept = (a for a in merged.attributes if a.name not in names)
            merged = replace(merged, attributes=(*kept, *free))
        if not clashing:
            return merged, None
        names_of = ", ".join(f"{a.name} {'/'.join(a.values)}" for a in clashing)
        copy = replace(goes, id=_free_id(own.id, taken), state="rejected")
        self._conflicts.append(f"{where}: {names_of} differs; the other version is kept as the rejected {copy.id}.")
        return merged, copy

    def _with_key_of_copy(self, region: Region) -> Region:
        if region.like:  # regions of the other project
            region = replace(region, like=())
        key = self._key_here(region.copied_from) if region.copied_from else ""
        return region if key is None or key == region.copied_from else replace(region, copied_from=key)

    def _merge_conversations(self, image: str, *, of_theirs: str) -> None:
        own = {conversation.id: conversation for conversation in queries.conversations(self._db, image)}
        for conversation in queries.conversations(self._theirs, of_theirs):
            conversation = replace(conversation, image=image)
            mine = own.get(conversation.id)
            if mine == conversation:
                continue
            if mine is not None and not _continues(conversation, mine):
                if _continues(mine, conversation):
                    continue
                conversation = replace(conversation, id="")
            conversations_and_jobs.save_conversation(self._db, image, conversation, at=self._now)
            self._conversations += 1


def _merged_notes(own: ImageNotes, other: AnnotatedImage, *, has_regions: bool) -> ImageNotes:
    """Both notes, one below the other where neither has the other in it."""
    notes = (own.note, other.note)
    note = next((one for one in notes if all(other in one for other in notes)), "\n".join(notes))
    return ImageNotes(note, (own.reviewed_empty or other.reviewed_empty) and not has_regions)


def is_touched(region: Region) -> bool:
    """Whether a person decided about ``region`` or wrote something in it."""
    return region.state != "suggested" or any(_human_parts(region))


def _human_parts(region: Region) -> Iterator[bool]:
    yield any(c.provenance.author == "human" for c in region.captions)
    yield any(a.provenance.author == "human" for a in region.attributes)
    yield region.category_provenance is not None and region.category_provenance.author == "human"


def _has_words(region: Region) -> bool:
    return bool(region.captions or region.category or region.attributes)


def _lost_captions(stays: Region, goes: Region) -> list[Caption]:
    """What a person wrote, or chose, in ``goes`` and does not stand in ``stays``."""
    texts = {c.text for c in stays.captions}
    chosen = review.preferred_caption(goes) if goes.state in ("accepted", "edited") else None
    return [c for c in goes.captions if (c.provenance.author == "human" or c is chosen) and c.text not in texts]


def _lost_category(stays: Region, goes: Region) -> str | None:
    if goes.category is None or review.category_is_models(goes) or goes.category == stays.category:
        return None
    return None if any(item.text == goes.category for item in stays.category_alternatives) else goes.category


def _lost_attributes(stays: Region, goes: Region) -> tuple[list[Attribute], list[Attribute]]:
    """Attributes set by a person in ``goes``: (free to be taken over, clashing with a person's values in ``stays``)."""
    by_name = {a.name: a for a in stays.attributes}
    free: list[Attribute] = []
    clashing: list[Attribute] = []
    for attribute in goes.attributes:
        own = by_name.get(attribute.name)
        if attribute.provenance.author != "human" or (own is not None and own.values == attribute.values):
            continue
        (clashing if own is not None and own.provenance.author == "human" else free).append(attribute)
    return free, clashing


def _free_id(id_: str, taken: set[str]) -> str:
    number = 1
    while (name := f"{id_}{_COPY}{number if number > 1 else ''}") in taken:
        number += 1
    return name


def _with_values(definition: AttributeDefinition, more: Sequence[str]) -> AttributeDefinition:
    known = {value.casefold() for value in definition.values}
    return replace(definition, values=(*definition.values, *(v for v in more if v.casefold() not in known)))


def _continues(longer: Conversation, shorter: Conversation) -> bool:
    return longer.region_ids == shorter.region_ids and longer.turns[: len(shorter.turns)] == shorter.turns
