"""Regions of a project become an annotation file."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TypeAlias

from roi_assistant.core.records import Region, ReviewState
from roi_assistant.errors import BadInputError, ImageError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.export_report import ExportReport, Loss, LossCounter
from roi_assistant.formats.one_caption import short
from roi_assistant.imaging.decode import read_header
from roi_assistant.imaging.folders import IMAGE_SUFFIXES
from roi_assistant.sentences import Sentence
from roi_assistant.storage.photo_faults import compare_with_photo
from roi_assistant.storage.project import PROJECT_NAME, Project

KEPT_STATES: tuple[ReviewState, ...] = ("suggested", "accepted", "edited")
"""Review states that are exported unless told otherwise: all but ``rejected``."""

Write: TypeAlias = Callable[[Path, Iterable[AnnotatedImage]], ExportReport | None]
"""Writes images to a file, see `roi_assistant.interfaces.RegionWriter`."""


@dataclass(frozen=True, slots=True)
class SkippedImage:
    """An image that is not in the file, and why."""

    key: str
    reason: Sentence


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was written to ``path``. ``report`` is None when the writer does not count; ``losses`` then are only those
    that were counted before it, regions in other review states."""

    path: Path
    report: ExportReport | None
    losses: tuple[Loss, ...] = ()
    skipped: tuple[SkippedImage, ...] = ()

    def __str__(self) -> str:
        if self.report is not None:
            lines = [str(self.report)]
        else:
            lines = ["written" + ("." if self.losses else ""), *(f"  {loss}" for loss in self.losses)]
        lines += [f"Not written: {image.key}: {image.reason}" for image in self.skipped]
        return f"{self.path}: " + "\n".join(lines)


def check_target(path: Path) -> None:
    """Check that an export may be written to ``path``: names of images and of project files are refused, so that
    nothing that cannot be made again is overwritten.

    Raises:
        BadInputError: it may not.
    """
    names = {path.name.lower(), os.path.basename(os.path.realpath(path)).lower()}
    if any(name.endswith(IMAGE_SUFFIXES) for name in names):
        raise BadInputError("{path} has the name of an image: give another name.", path=path)
    if any(name.startswith(PROJECT_NAME) or name.endswith(Path(PROJECT_NAME).suffix) for name in names):
        raise BadInputError("{path} has the name of a project: give another name.", path=path)


def export_regions(
    project: Project,
    path: Path,
    write: Write,
    *,
    states: Collection[ReviewState] = KEPT_STATES,
    empty_images: bool = True,
    lossless: bool = False,
    conversations: bool = False,
    step: Callable[[int, int], None] = lambda done, total: None,
) -> ExportResult:
    """Hand the regions of ``project`` that are in ``states`` to ``write``; the others are counted.

    Photos are compared with what the project knows of them (`compare_with_photo`), which is counted, too. Those that
    cannot be read and whose size is not known are skipped and told.

    Args:
        project: open for reading.
        path: the file to write.
        write: called once, with the images in their order.
        states: review states of the regions to write.
        empty_images: also write images in which the project has no region in any state.
        lossless: the format has a place for notes on images, and marks fields that nobody has confirmed in regions
            that were decided. Otherwise both are left out and counted.
        conversations: the format has a place for conversations of the chat. Otherwise they are left out and counted.
        step: called with (done, total) for each image; may raise an exception to stop.

    Raises:
        BadInputError: `check_target` refuses ``path``.
        RoiAssistantError: of ``write``.
    """
    check_target(path)
    losses = LossCounter()
    skipped: list[SkippedImage] = []

    def images() -> Iterator[AnnotatedImage]:
        total = project.review_counts().images
        for done, image in enumerate(project.export_images(), start=1):
            step(done, total)
            for id_ in project.take_unreadable():
                where = f"{image.file_name}, region {id_}"
                losses.add("region", "dropped", "it is damaged; project check tells how", example=where)
            if not (image.regions or empty_images or (conversations and image.conversations)):
                continue
            kept = tuple(region for region in image.regions if region.state in states)
            for region in image.regions:
                if region.state not in states:
                    where = image.place_of(region)
                    losses.add("region", "dropped", "its review state is {state}", state=region.state, example=where)
            image = replace(image, regions=kept)
            if image.width is None or image.height is None:
                try:
                    read_header(project.folder / image.file_name)
                except ImageError as error:
                    skipped.append(SkippedImage(image.file_name, error.sentence))
                    for region in kept:
                        losses.add("region", "dropped", "its image cannot be read", example=image.place_of(region))
                    continue
            image = compare_with_photo(image, project.folder, losses)
            if not conversations:
                image = _without_conversations(image, losses)
            if not lossless:
                image = _without_notes(image, losses)
                confirmed = (
                    _without_unconfirmed(region, losses, where=image.place_of(region)) for region in image.regions
                )
                image = replace(image, regions=tuple(confirmed))
            yield image

    report = write(path, images())
    left_out = losses.report(images=0, regions=0).losses
    if report is not None:
        report = replace(report, losses=(*left_out, *report.losses))
    return ExportResult(path, report, report.losses if report is not None else left_out, tuple(skipped))


def _without_conversations(image: AnnotatedImage, losses: LossCounter) -> AnnotatedImage:
    for conversation in image.conversations:
        told = short(conversation.turns[0].text) if conversation.turns else ""
        losses.add("conversation", "dropped", "the format has no place for it", example=f"{image.file_name}: {told}")
    return replace(image, conversations=())


def _without_notes(image: AnnotatedImage, losses: LossCounter) -> AnnotatedImage:
    for name, value in (("note", image.note), ("reviewed_empty", image.reviewed_empty)):
        if value:
            losses.add(name, "dropped", "the format has no place for it", example=f"{image.file_name}: {value}")
    return replace(image, note="", reviewed_empty=False)


def _without_unconfirmed(region: Region, losses: LossCounter, *, where: str) -> Region:
    why = "nobody has confirmed it"
    for attribute in region.attributes:
        if attribute.unconfirmed:
            example = f"{where}, {attribute.name}: {', '.join(attribute.values)}"
            losses.add("attributes", "dropped", why, example=example)
    kept = replace(region, attributes=tuple(a for a in region.attributes if not a.unconfirmed))
    if region.category_unconfirmed:
        kept = replace(kept, category=None, category_score=None, category_provenance=None)
        for field in fields(region):
            value = getattr(region, field.name)
            if field.name != "attributes" and value != getattr(kept, field.name):
                losses.add(field.name, "dropped", why, example=f"{where}: {short(value)}")
    return replace(kept, category_unconfirmed=False)
