"""Regions of an annotation file become regions of a project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from roi_assistant.core.box import clip_box
from roi_assistant.core.edits import Edit, NotesChange, RegionChange
from roi_assistant.core.records import ImageNotes, Region
from roi_assistant.errors import BoxError
from roi_assistant.formats.annotations import AnnotatedImage, AnnotationSet
from roi_assistant.formats.record_matching import NamedImage, match_records
from roi_assistant.sentences import Sentence
from roi_assistant.storage.project import Project

LABEL = "Import regions"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many regions came to how many images; ``notes`` tell what did not, or not as it was."""

    images: int
    regions: int
    notes: tuple[Sentence, ...] = ()

    def __str__(self) -> str:
        regions, images = "region" if self.regions == 1 else "regions", "image" if self.images == 1 else "images"
        head = f"{self.regions} {regions} on {self.images} {images} taken over"
        return "\n".join([head + ".", *map(str, self.notes)]) if self.notes else head + "; nothing was lost."


_CLIPPED = Sentence("Boxes clipped to their image: {count}, such as {example}.")
_OUTSIDE = Sentence("Boxes outside their image, left out: {count}, such as {example}.")
_THERE = Sentence("Regions that were there already: {count}, such as {example}.")
_DIFFERENT = Sentence("Regions that the project has otherwise, left as they are: {count}, such as {example}.")
_OTHER_NOTE = Sentence("Images on which the project has another note, which stays: {count}, such as {example}.")
_OTHER_ID = Sentence("Categories that have another id in the project, which stays: {count}, such as {example}.")


class RegionImport:
    """An annotation file and the images that it has regions of. `take_over` them one by one, then `report`."""

    def __init__(self, file: Path, annotations: AnnotationSet, *, images: Sequence[NamedImage]) -> None:
        """``annotations`` are what was read from ``file``.

        Raises:
            FormatError: they have no boxes for ``images``.
        """
        self._annotations = annotations
        self._notes: list[Sentence] = []
        if crowds := annotations.crowds_skipped:
            self._notes.append(Sentence.of("{file}: crowd boxes left out: {count}.", file=file, count=crowds))
        if empty := annotations.empty_skipped:
            self._notes.append(Sentence.of("{file}: boxes without area left out: {count}.", file=file, count=empty))
        self.matched = match_records(images, self._annotations.images, file=file, notes=self._notes, notes_count=True)
        self._images = self._regions = 0
        self._counts: Counter[Sentence] = Counter()
        self._examples: dict[Sentence, Sentence | str] = {}

    def begin(self, project: Project) -> None:
        """Keep the file's category ids where they are free, and note attributes that ``project`` does not ask about."""
        for name, id in self._annotations.category_ids.items():
            given = project.ensure_category(name, id=id)
            if given != id:
                example = Sentence.of("{name}: {given} instead of {id}", name=name, given=given, id=id)
                self._count(_OTHER_ID, example)
        known = {definition.name for definition in project.schema.attributes}
        names = {a.name for _, record in self.matched for region in record.regions for a in region.attributes}
        if unknown := sorted(names - known):
            told = Sentence.of(
                "Attributes that the project does not ask about: {names}. They are kept; to see them in the window, "
                "add them to its attributes.",
                names=", ".join(unknown),
            )
            self._notes.append(told)

    def take_over(
        self, project: Project, image: NamedImage, record: AnnotatedImage, *, size: tuple[int, int] | None
    ) -> Edit | None:
        """Add the regions and the note of ``record`` that ``image`` does not have: one transaction and one step of
        undo, which is the answer.

        Boxes are clipped to ``size`` (`imaging.decode.size_if_readable`), and those outside are left out; regions whose
        id the image has already, and a note, stay as they are in the project.

        Raises:
            ProjectError: the project cannot be written; images done before stay.
        """
        if size is not None:
            project.set_image_size(image.name, *size)
        there = project.regions(image.name)
        new = self._new_regions(there, image.name, record, size)
        before = project.image_notes(image.name)
        after = self._new_notes(before, image.name, record, has_regions=bool(there or new))
        if not new and after == before:
            return None
        edit = Edit(
            LABEL,
            image.name,
            tuple(RegionChange(image.name, None, region) for region in new),
            notes=() if after == before else (NotesChange(image.name, before, after),),
        )
        project.apply(edit)
        self._images += 1
        self._regions += len(new)
        return edit

    def report(self) -> ImportReport:
        """What has come of it so far."""
        counted = [
            Sentence.of(what.template, count=self._counts[what], example=self._examples[what])
            for what in (_OTHER_ID, _CLIPPED, _OUTSIDE, _THERE, _DIFFERENT, _OTHER_NOTE)
            if self._counts[what]
        ]
        return ImportReport(self._images, self._regions, (*self._notes, *counted))

    def _new_regions(
        self, stored: Sequence[Region], image: str, record: AnnotatedImage, size: tuple[int, int] | None
    ) -> list[Region]:
        known = {region.id: region for region in stored}
        new: list[Region] = []

        def count(what: Sentence, region: Region) -> None:
            self._count(what, Sentence.of("{image}, region {id}", image=image, id=region.id))

        for region in record.regions:
            if size is not None:
                try:
                    box = clip_box(region.box, width=size[0], height=size[1])
                except BoxError:
                    count(_OUTSIDE, region)
                    continue
                if box != region.box:
                    count(_CLIPPED, region)
                    region = replace(region, box=box)
            if region.id in known:
                count(_THERE if known[region.id] == region else _DIFFERENT, region)
            else:
                new.append(region)
                known[region.id] = region
        return new

    def _new_notes(self, before: ImageNotes, image: str, record: AnnotatedImage, *, has_regions: bool) -> ImageNotes:
        if record.note and before.note and before.note != record.note:
            self._count(_OTHER_NOTE, image)
        return ImageNotes(
            before.note or record.note, (before.reviewed_empty or record.reviewed_empty) and not has_regions
        )

    def _count(self, what: Sentence, example: Sentence | str) -> None:
        self._counts[what] += 1
        self._examples.setdefault(what, example)
