"""Regions of an annotation file become regions of a project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from roi_assistant.core.box import clip_box
from roi_assistant.core.edits import Edit, NotesChange, RegionChange
from roi_assistant.core.records import ImageNotes, Region
from roi_assistant.core.short_records import is_short, with_short_texts
from roi_assistant.core.text_bounds import LONGEST_NAME, LONGEST_TEXT
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.formats.annotations import AnnotatedImage, AnnotationSet, BoxUnit
from roi_assistant.formats.coco_reading import TRUE_AND_FALSE_AS_TEXT
from roi_assistant.formats.export_report import Loss
from roi_assistant.formats.photo_geometry import (
    Fit,
    FittedRecord,
    fit_to_photo,
    unit_of,
)
from roi_assistant.formats.record_matching import NamedImage, match_records
from roi_assistant.imaging.decode import read_orientation, size_if_readable
from roi_assistant.sentences import Sentence
from roi_assistant.storage.project import Project
from roi_assistant.storage.region_identity import OnConflict, free_id, match_regions

LABEL = "Import regions"
_NAMED = 10
"""So many names are told in a sentence."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many regions came to how many images; ``notes`` tell what did not, or not as it was. ``differing`` are
    regions that the project has otherwise and that stayed: somebody may decide about them."""

    images: int
    regions: int
    notes: tuple[Sentence, ...] = ()
    differing: int = 0

    def __str__(self) -> str:
        regions, images = "region" if self.regions == 1 else "regions", "image" if self.images == 1 else "images"
        head = f"{self.regions} {regions} on {self.images} {images} taken over"
        return "\n".join([head + ".", *map(str, self.notes)]) if self.notes else head + "; nothing was lost."


_FRACTIONS = Sentence("Images whose boxes are from 0 to 1 in the file and became pixels: {count}, such as {example}.")
_PERCENT = Sentence("Images whose boxes are percent in the file and became pixels: {count}, such as {example}.")
_SCALED = Sentence("Images of another size than in the file, whose boxes were scaled: {count}, such as {example}.")
_TURNED = Sentence(
    "Images that the file describes before they are turned (EXIF), whose boxes were turned: {count}, such as {example}."
)
_REFUSED = Sentence(
    "Images of another shape than in the file, whose boxes do not fit and were left out: {count}, such as {example}."
)
_UNREADABLE = Sentence("Images that cannot be read, whose boxes were not checked: {count}, such as {example}.")
_CLIPPED = Sentence("Boxes clipped to their image: {count}, such as {example}.")
_OUTSIDE = Sentence("Boxes outside their image, left out: {count}, such as {example}.")
_DOUBLE = Sentence("Regions with the box and words of another one in the file, left out: {count}, such as {example}.")
_THERE = Sentence("Regions that were there already: {count}, such as {example}.")
_DIFFERENT = Sentence("Regions that the project has otherwise, left as they are: {count}, such as {example}.")
_REPLACED = Sentence("Regions that the project had otherwise, replaced: {count}, such as {example}.")
_BESIDE = Sentence("Regions that the project has otherwise, now there twice: {count}, such as {example}.")
_OTHER_NOTE = Sentence("Images on which the project has another note, which stays: {count}, such as {example}.")
_NOT_EMPTY = Sentence(
    "Images in which nobody found anything, by the file, and that have boxes: {count}, such as {example}."
)
_OTHER_ID = Sentence("Categories that have another id in the project, which stays: {count}, such as {example}.")
_TOO_LONG = Sentence(
    "Captions, notes and values longer than 10000 letters, and names longer than 400, left out: {count}, such as "
    "{example}."
)  # core.text_bounds
_COUNTED = (
    _TOO_LONG, _OTHER_ID, _FRACTIONS, _PERCENT, _SCALED, _TURNED, _REFUSED, _UNREADABLE, _CLIPPED, _OUTSIDE, _DOUBLE,
    _THERE, _DIFFERENT, _REPLACED, _BESIDE, _OTHER_NOTE, _NOT_EMPTY,
)  # fmt: skip
_OF_FIT: dict[Fit, Sentence] = {
    "fractions": _FRACTIONS,
    "percent": _PERCENT,
    "scaled": _SCALED,
    "turned": _TURNED,
    "refused": _REFUSED,
    "unknown": _UNREADABLE,
}


class RegionImport:
    """An annotation file and the images that it has regions of: `fit` and `take_over` each, then `report`."""

    def __init__(
        self,
        file: Path,
        annotations: AnnotationSet,
        *,
        images: Sequence[NamedImage],
        on_conflict: OnConflict = "keep",
        unit: BoxUnit | None = None,
    ) -> None:
        """``annotations`` are what was read from ``file``. ``unit`` is that of their boxes, where a person said so.

        Raises:
            FormatError: they have no boxes for ``images``, or it is not certain what the boxes are given in.
        """
        self._annotations, self._on_conflict = annotations, on_conflict
        self._notes: list[Sentence] = list(annotations.left_out)
        if crowds := annotations.crowds_skipped:
            self._notes.append(
                Sentence.of(
                    "{file}: masks of crowds (iscrowd 1) left out, because they are no single things: {count}.",
                    file=file,
                    count=crowds,
                )
            )
        self.matched = match_records(images, annotations.images, file=file, notes=self._notes, notes_count=True)
        self._unit = unit or annotations.unit or _unit_of(annotations.images, file)
        self._images = self._regions = 0
        self._counts: Counter[Sentence] = Counter()
        self._examples: dict[Sentence, Sentence | str] = {}

    def begin(self, project: Project) -> None:
        """Keep the file's category ids where they are free, and note what ``project`` does not ask about or keep."""
        for name, id in self._annotations.category_ids.items():
            if len(name) > LONGEST_NAME:
                continue  # counted with the regions that have it
            given = project.ensure_category(name, id=id)
            if given != id:
                example = Sentence.of("{name}: {given} instead of {id}", name=name, given=given, id=id)
                self._count(_OTHER_ID, example)
        listed = project.category_list()
        if listed.closed and (others := sorted(self._annotations.category_ids.keys() - set(listed.names))):
            told = Sentence.of(
                "Categories that are not in the project's closed list: {names}. Their regions have them; add them to "
                "the list, or give the regions others.",
                names=", ".join(others[:_NAMED]) + (" ..." if len(others) > _NAMED else ""),
            )
            self._notes.append(told)
        kinds = {definition.name: definition.kind for definition in project.schema.attributes}
        names = {
            a.name for _, record in self.matched for region in record.regions for a in region.attributes if is_short(a)
        }
        if unknown := sorted(names - kinds.keys()):
            told = Sentence.of(
                "Attributes that the project does not ask about: {names}. They are kept; to see them in the window, "
                "add them to its attributes.",
                names=", ".join(unknown),
            )
            self._notes.append(told)
        for loss in self._annotations.losses:
            is_boolean = kinds.get(loss.field.removeprefix("attributes.")) == "boolean"
            if not (is_boolean and loss.reason == TRUE_AND_FALSE_AS_TEXT):
                self._notes.append(_told(loss))

    def fit(self, image: NamedImage, record: AnnotatedImage) -> FittedRecord:
        """``record`` in pixels of ``image``, whose header is read for it; may run in any thread."""
        return fit_to_photo(
            record,
            size_if_readable(image.path),
            orientation=lambda: read_orientation(image.path),
            unit=self._unit,
        )

    def take_over(self, project: Project, image: NamedImage, fitted: FittedRecord) -> Edit | None:
        """Add the regions and the note that ``image`` does not have: one transaction and one step of undo, which is the
        answer.

        Boxes are clipped to the image, and those outside are left out. A region that the project has already stays as
        it is, and so do notes; what becomes of one that it has otherwise was said when this was made.

        Raises:
            ProjectError: the project cannot be written; images done before stay.
        """
        if what := _OF_FIT.get(fitted.fit):
            self._count(what, fitted.sizes)
        if fitted.size is not None:
            project.set_image_size(image.name, *fitted.size)
        stored = project.regions(image.name)
        changes = self._changes(stored, image.name, fitted)
        before = project.image_notes(image.name)
        after = self._new_notes(before, image.name, fitted.record, has_regions=bool(stored or changes))
        if not changes and after == before:
            return None
        edit = Edit(
            LABEL,
            image.name,
            tuple(changes),
            notes=() if after == before else (NotesChange(image.name, before, after),),
        )
        project.apply(edit)
        self._images += 1
        self._regions += len(changes)
        return edit

    def report(self) -> ImportReport:
        """What has come of it so far."""
        counted = [
            Sentence.of(what.template, count=self._counts[what], example=self._examples[what])
            for what in _COUNTED
            if self._counts[what]
        ]
        return ImportReport(self._images, self._regions, (*self._notes, *counted), self._counts[_DIFFERENT])

    def _changes(self, stored: Sequence[Region], image: str, fitted: FittedRecord) -> list[RegionChange]:
        inside: list[Region] = []
        for region in fitted.record.regions:
            place = Sentence.of("{image}, region {id}", image=image, id=region.id)
            if (short := with_short_texts(region)) is not region:
                self._count(_TOO_LONG, place)
                region = short
            clipped = _clipped(region, fitted.size)
            if clipped is None:
                self._count(_OUTSIDE, place)
                continue
            if clipped != region:
                self._count(_CLIPPED, place)
            inside.append(clipped)
        changes: list[RegionChange] = []
        ids = {region.id: region for region in stored}
        # Those of the project may reach beyond the photo, too, and are then still the same.
        matches = match_regions(inside, [_clipped(region, fitted.size) or region for region in stored])
        for named, match in zip(inside, matches, strict=True):
            place = Sentence.of("{image}, region {id}", image=image, id=named.id)
            added, other = match.region, None if match.stored is None else ids[match.stored.id]
            if match.relation == "new":
                changes.append(RegionChange(image, None, added))
            elif match.relation == "same":
                self._count(_THERE, place)
            elif match.relation == "double" or other is None:
                self._count(_DOUBLE, place)
            elif self._on_conflict == "both":
                self._count(_BESIDE, place)
                added = replace(added, id=free_id(added.id, ids))
                changes.append(RegionChange(image, None, added))
            elif self._on_conflict == "replace" and not other.locked:
                self._count(_REPLACED, place)
                changes.append(RegionChange(image, other, added))
            else:
                self._count(_DIFFERENT, place)
            ids.setdefault(added.id, added)
        return changes

    def _new_notes(self, before: ImageNotes, image: str, record: AnnotatedImage, *, has_regions: bool) -> ImageNotes:
        if len(record.note) > LONGEST_TEXT and record.note != before.note:
            self._count(_TOO_LONG, image)
            record = replace(record, note="")
        if record.note and before.note and before.note != record.note:
            self._count(_OTHER_NOTE, image)
        if record.reviewed_empty and has_regions:
            self._count(_NOT_EMPTY, image)
        return ImageNotes(
            before.note or record.note, (before.reviewed_empty or record.reviewed_empty) and not has_regions
        )

    def _count(self, what: Sentence, example: Sentence | str) -> None:
        self._counts[what] += 1
        self._examples.setdefault(what, example)


def _clipped(region: Region, size: tuple[int, int] | None) -> Region | None:
    """``region`` with the part of its box inside a photo of ``size``, where that is known; None where there is none."""
    if size is None:
        return region
    try:
        return replace(region, box=clip_box(region.box, width=size[0], height=size[1]))
    except BoxError:
        return None


def _unit_of(records: Sequence[AnnotatedImage], file: Path) -> BoxUnit:
    """Raises: FormatError: it is not certain."""
    unit = unit_of(records)
    if unit is None:
        raise FormatError(
            "{file}: all boxes lie in the first 100 pixels of their images and may be percent. Say what they are: "
            "project import --boxes percent, or pixels.",
            file=file,
        )
    return unit


def _told(loss: Loss) -> Sentence:
    values = {"field": loss.field, "count": loss.count, "reason": loss.reason, "example": loss.example}
    if loss.kind == "dropped":
        return Sentence.of("Left out, because {reason}: {field}: {count}, such as {example}.", **values)
    return Sentence.of("Changed, because {reason}: {field}: {count}, such as {example}.", **values)
