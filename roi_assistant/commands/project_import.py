"""The work of ``roi-assistant project import``: regions of an annotation file become regions of a project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from roi_assistant.commands.planning import WantedImage, find_inputs, image_size, match_records
from roi_assistant.commands.progress import Progress
from roi_assistant.core.box import clip_box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import Region
from roi_assistant.errors import BoxError
from roi_assistant.formats.coco_region_text import CocoImage, CocoRegions, read_coco_boxes
from roi_assistant.storage.project import Project

LABEL = "Import regions"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many regions came to how many images; ``notes`` are sentences about what did not, or not as it was."""

    images: int
    regions: int
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        regions, images = "region" if self.regions == 1 else "regions", "image" if self.images == 1 else "images"
        head = f"{self.regions} {regions} on {self.images} {images} taken over"
        return "\n".join([head + ".", *self.notes]) if self.notes else head + "; nothing was lost."


def import_regions(folder: Path, file: Path, *, format: str) -> ImportReport:
    """Add the regions in ``file`` to the project of ``folder``, one transaction and one step of undo for each image.

    Boxes are clipped to their images, and those outside or without area are left out; regions whose id the image has
    already stay as they are in the project. ``format`` is ``coco`` or the id of a plugin's.

    Raises:
        FormatError: ``file`` is missing, does not have this format, or has no boxes for the images in ``folder``.
        ImageError: ``folder`` is missing or has no images.
        BadInputError, PluginError: there is no such format, or it cannot be read.
        ProjectError: the project is open elsewhere or cannot be written; images done before stay.
    """
    coco = _read(file, format)
    images = find_inputs([folder])
    notes: list[str] = []
    for what, count in (("crowd boxes", coco.crowds_skipped), ("boxes without area", coco.empty_skipped)):
        if count:
            notes.append(f"{file}: {what} left out: {count}.")
    matched = match_records(images, coco.images, file=file, notes=notes)
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    with Project.open(folder) as project:
        project.add_images(image.name for image in images)
        _keep_category_ids(project, coco.category_ids, notes)
        _note_unknown_attributes(project, matched, notes)
        with Progress(len(matched), what="images") as bar:
            for image, record in matched:
                new = _new_regions(project, image, record, counts, examples)
                if new:
                    changes = tuple(RegionChange(image.name, None, region) for region in new)
                    project.apply(Edit(LABEL, image.name, changes))
                    counts["images"] += 1
                    counts["regions"] += len(new)
                bar.step()
    for what in (_CLIPPED, _OUTSIDE, _THERE, _DIFFERENT):
        if counts[what]:
            notes.append(f"{what}: {counts[what]}, such as {examples[what]}.")
    return ImportReport(counts["images"], counts["regions"], tuple(notes))


_CLIPPED = "Boxes clipped to their image"
_OUTSIDE = "Boxes outside their image, left out"
_THERE = "Regions that were there already"
_DIFFERENT = "Regions that the project has otherwise, left as they are"


def _read(file: Path, format: str) -> CocoRegions:
    if format == "coco":
        return read_coco_boxes(file, empty_boxes="skip")
    from roi_assistant.plugins import PluginManager

    return CocoRegions(PluginManager().read_regions(format, file))


def _keep_category_ids(project: Project, wanted: Mapping[str, int], notes: list[str]) -> None:
    for name, id in wanted.items():
        given = project.ensure_category(name, id=id)
        if given != id:
            notes.append(
                f"The category {name!r} has the id {given} in the project and {id} in the file: {given} stays."
            )


def _note_unknown_attributes(
    project: Project, matched: Sequence[tuple[WantedImage, CocoImage]], notes: list[str]
) -> None:
    known = {definition.name for definition in project.schema.attributes}
    names = {a.name for _, record in matched for region in record.regions for a in region.attributes}
    if unknown := sorted(names - known):
        notes.append(
            f"Attributes that the project does not ask about: {', '.join(unknown)}. They are kept; to see them in the "
            "window, add them to its attributes."
        )


def _new_regions(
    project: Project, image: WantedImage, record: CocoImage, counts: Counter[str], examples: dict[str, str]
) -> list[Region]:
    """The regions of ``record`` that ``image`` does not have, clipped; what becomes of the others is counted."""
    size = image_size(image.path)
    if size is not None:
        project.set_image_size(image.name, *size)
    there = {region.id: region for region in project.regions(image.name)}
    new: list[Region] = []

    def count(what: str, region: Region) -> None:
        counts[what] += 1
        examples.setdefault(what, f"{image.name}, region {region.id}")

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
        if region.id in there:
            count(_THERE if there[region.id] == region else _DIFFERENT, region)
        else:
            new.append(region)
            there[region.id] = region
    return new
