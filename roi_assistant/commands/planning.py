"""What a command is asked to describe, checked before anything is loaded or written.

A plan lists the images and, for each, its boxes. All boxes are checked here against the sizes in the files' headers, so
a bad box in the last image stops the command before the model is asked about the first.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from roi_assistant.core.box import Box, clip_box, format_box
from roi_assistant.core.records import ScoredBox
from roi_assistant.errors import BadInputError, BoxError, ImageError
from roi_assistant.formats.record_matching import match_records
from roi_assistant.sentences import Sentence

if TYPE_CHECKING:
    from roi_assistant.formats.annotations import AnnotationSet

_SHOWN_NOTES = 10


@dataclass(frozen=True, slots=True)
class WantedRegion:
    """A box to describe. ``label`` is what messages call it (``--box 3``); ``box`` None is the whole image. ``found``:
    what a detector said of it."""

    id: str
    label: str
    box: Box | None
    found: ScoredBox | None = None


@dataclass(frozen=True, slots=True)
class WantedImage:
    """An image to describe. ``name`` is its POSIX path relative to the folder that holds all images of the plan."""

    path: Path
    name: str
    regions: tuple[WantedRegion, ...]


@dataclass(frozen=True, slots=True)
class CaptionPlan:
    """Checked work. ``notes`` are lines for the user; ``category_ids`` are those of the COCO file with the boxes."""

    images: tuple[WantedImage, ...]
    notes: tuple[str, ...] = ()
    category_ids: Mapping[str, int] = field(default_factory=dict)


def parse_box(text: str, *, label: str) -> Box:
    """``"120,80,260,300"`` (x1,y1,x2,y2 in pixels) -> Box; ``label`` is what messages call it.

    Raises:
        BoxError: not four finite numbers, or no area.
    """
    parts = [part for part in re.split(r"[,\s]+", text.strip().strip("()[]")) if part]
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) != 4:
        raise BoxError(f"{label} is {text!r}: give four numbers, x1,y1,x2,y2.")
    x1, y1, x2, y2 = numbers
    if all(map(math.isfinite, numbers)) and (x2 < x1 or y2 < y1):
        raise BoxError(
            f"{label} {format_box(numbers)} has a negative width or height: give x1,y1,x2,y2 with x1 < x2 and y1 < y2."
        )
    try:
        return Box(x1, y1, x2, y2)
    except BoxError as error:
        raise BoxError(f"{label}: {error}") from error


def parse_boxes(texts: Iterable[str]) -> tuple[WantedRegion, ...]:
    """The values of ``--box``, in their order.

    Raises:
        BoxError: as ``parse_box``; the message names the box by its number.
    """
    return tuple(
        WantedRegion(str(number), f"--box {number}", parse_box(text, label=f"--box {number}"))
        for number, text in enumerate(texts, start=1)
    )


def fit_box(region: WantedRegion, *, image: str, width: int, height: int) -> tuple[Box, str | None]:
    """The box of ``region`` inside the image, and what to tell the user when it had to be clipped.

    Raises:
        BoxError: no part of the box is inside the image.
    """
    if region.box is None:
        return Box(0.0, 0.0, float(width), float(height)), None
    try:
        clipped = clip_box(region.box, width=width, height=height)
    except BoxError as error:
        raise BoxError(f"{region.label} on {image}: {error}") from error
    if clipped == region.box:
        return clipped, None
    return clipped, (
        f"{region.label} on {image} reaches beyond the image of {width} x {height} pixels: "
        f"{format_box(region.box.xyxy)} is clipped to {format_box(clipped.xyxy)}."
    )


def make_plan(
    paths: Sequence[Path], *, boxes: Sequence[str] = (), boxes_file: Path | None = None, propose: bool = False
) -> CaptionPlan:
    """The images in ``paths`` (files and folders) with the boxes of ``--box`` or ``--boxes``, all checked.

    Without boxes each image is one region, or has none yet if they are to be proposed. ``boxes`` apply to every image;
    with ``boxes_file`` the images that it does not list are left out.

    Raises:
        BadInputError: boxes from two sources, or images on different drives.
        BoxError: a box is malformed or outside its image.
        ImageError: a path is missing, or a folder has no images.
        FormatError: ``boxes_file`` is not COCO, or has no boxes for these images.
    """
    if boxes and boxes_file is not None:
        raise BadInputError("Give either --box or --boxes, not both.")
    if propose and (boxes or boxes_file is not None):
        raise BadInputError("--propose finds the boxes itself: leave out --box and --boxes.")
    regions = parse_boxes(boxes)
    notes: list[str] = []
    images = find_inputs(paths, notes=notes)
    category_ids: Mapping[str, int] = {}
    if boxes_file is not None:
        from roi_assistant.formats.coco_region_text import read_coco_boxes

        coco = read_coco_boxes(boxes_file)
        images = _with_coco_boxes(images, coco, boxes_file, notes)
        category_ids = coco.category_ids
        if coco.crowds_skipped:
            notes.append(f"{boxes_file}: {_count(coco.crowds_skipped, 'crowd box', 'crowd boxes')} left out.")
    elif regions:
        images = [replace(image, regions=regions) for image in images]
    elif not propose:
        whole = (WantedRegion("1", "the whole image", None),)
        images = [replace(image, regions=whole) for image in images]
        what = "the whole image" if len(images) == 1 else "each image as a whole"
        notes.append(f"No box given: {what} is described as one region.")
    notes += check_boxes(images)
    return CaptionPlan(tuple(images), tuple(notes), category_ids)


def find_inputs(paths: Sequence[Path], *, notes: list[str] | None = None) -> list[WantedImage]:
    """The images in ``paths``, folders searched through, each once, without regions. ``notes`` gets a line about
    pictures of kinds that cannot be read.

    Raises:
        ImageError: a path is missing, or a folder has no images.
        BadInputError: the paths are on different drives.
    """
    from roi_assistant.imaging.folders import UnreadPictures, find_images

    unread = UnreadPictures()
    files: dict[str, Path] = {}
    folders: list[str] = []
    for path in paths:
        if path.is_dir():
            images = find_images(path, other_file=unread.add)
            folders.append(os.path.abspath(path))
        elif path.exists():
            images = iter((path,))
            folders.append(os.path.dirname(os.path.abspath(path)))
        else:
            raise ImageError(f"{path} does not exist: check the path.")
        for file in images:
            files.setdefault(os.path.abspath(file), file)
    if notes is not None and unread.sentence:
        notes.append(str(unread.sentence))
    try:
        root = os.path.commonpath(folders)
    except ValueError as error:
        raise BadInputError("The images are on different drives: give those of one drive at a time.") from error
    return [WantedImage(file, Path(os.path.relpath(full, root)).as_posix(), ()) for full, file in files.items()]


def check_boxes(images: Iterable[WantedImage]) -> list[str]:
    """Check every box against the size of its image; the answer says which were clipped.

    An image whose header cannot be read is passed over: it fails on its own when its turn comes.

    Raises:
        BoxError: no part of a box is inside its image.
    """
    from roi_assistant.imaging.decode import size_if_readable

    notes: list[str] = []
    more = 0
    for image in images:
        if all(region.box is None for region in image.regions):
            continue
        size = size_if_readable(image.path)
        if size is None:
            continue
        for region in image.regions:
            _, note = fit_box(region, image=str(image.path), width=size[0], height=size[1])
            if note and len(notes) < _SHOWN_NOTES:
                notes.append(note)
            elif note:
                more += 1
    if more:
        notes.append(f"{_count(more, 'more box is', 'more boxes are')} clipped in the same way.")
    return notes


def _with_coco_boxes(
    images: Sequence[WantedImage], coco: AnnotationSet, file: Path, notes: list[str]
) -> list[WantedImage]:
    """The images with the boxes that ``file`` has for them; those without any are left out."""
    from roi_assistant.formats.photo_geometry import fit_to_photo, unit_of
    from roi_assistant.imaging.decode import read_orientation, size_if_readable

    planned = []
    told: list[Sentence] = []
    matched = match_records(images, coco.images, file=file, notes=told)
    notes += map(str, told)
    unit = coco.unit or unit_of(coco.images)
    if unit is None:
        raise BadInputError(
            f"{file}: all boxes lie in the first 100 pixels of their images and may be percent: take them into a "
            "project with project import --boxes, which is told what they are."
        )
    for image, record in matched:
        fitted = fit_to_photo(
            record,
            size_if_readable(image.path),
            orientation=partial(read_orientation, image.path),
            unit=unit,
        )
        if fitted.fit == "refused":
            notes.append(f"{fitted.sizes}: boxes of {file} do not fit the photo, which is left out.")
            continue
        if fitted.fit in ("fractions", "percent", "scaled", "turned"):
            notes.append(f"{fitted.sizes}: boxes of {file} were fitted to the photo.")
        regions = tuple(WantedRegion(r.id, f"{file}, region {r.id}", r.box) for r in fitted.record.regions)
        planned.append(replace(image, regions=regions))
    if not planned:
        raise BadInputError(notes[-1])
    return planned


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
