"""Where the photos of a project are not what its records say: missing, of another size, turned, oddly named.

Exports and ``project check`` ask here, so that both tell the same.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from roi_assistant.core.box import format_box
from roi_assistant.core.records import Region
from roi_assistant.errors import ImageError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.export_report import LossCounter, LossKind
from roi_assistant.imaging.decode import PhotoHeader, read_header

_TOLERANCE = 0.5
"""Pixels that a box may reach beyond its photo: files of other tools round."""


def compare_with_photo(image: AnnotatedImage, folder: Path, losses: LossCounter) -> AnnotatedImage:
    """``image`` with the size of its photo, as displayed. What does not fit is counted in ``losses``.

    Only the header of the photo is read. An image without regions whose size is known is not looked at closer than
    whether it is there. One whose photo cannot be read keeps the size that is known, which may be none.
    """
    _count_name(image, losses)
    path = folder / image.file_name
    if image.width is not None and image.height is not None and not image.regions and is_there(path):
        return image
    try:
        photo = read_header(path)
    except ImageError as error:
        _count_unreadable(image, error, losses)
        return image
    if image.width is not None and (image.width, image.height) != (photo.width, photo.height):
        losses.add(
            "image",
            "altered",
            "its photo has another size than when its regions were made",
            example=f"{image.file_name}: {image.width} x {image.height} pixels, now {photo.width} x {photo.height}",
        )
    if photo.is_turned:
        losses.add(
            "image",
            "ignored by readers",
            "readers that ignore the EXIF orientation see the photo unturned, and its boxes elsewhere",
            example=f"{image.file_name}: orientation {photo.orientation}",
        )
    for region in image.regions:
        _count_outside(image, region, photo, losses)
    return replace(image, width=photo.width, height=photo.height)


def _count_name(image: AnnotatedImage, losses: LossCounter) -> None:
    name = image.file_name
    kind: LossKind = "ignored by readers"
    if "\\" in name:
        losses.add("file_name", kind, "Windows takes the backslash in its name for a folder", example=ascii(name))
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        losses.add("file_name", kind, "its name is not Unicode", example=ascii(name))
    if any(letter < " " for letter in name):
        losses.add("file_name", kind, "its name holds a control character", example=ascii(name))


def _count_unreadable(image: AnnotatedImage, error: ImageError, losses: LossCounter) -> None:
    for region in image.regions:
        where = f"{image.place_of(region)}: {error}"
        losses.add("region", "ignored by readers", "its photo is missing or cannot be read", example=where)
    if not image.regions:
        losses.add("image", "ignored by readers", "its photo is missing or cannot be read", example=str(error))


def _count_outside(image: AnnotatedImage, region: Region, photo: PhotoHeader, losses: LossCounter) -> None:
    box, width, height = region.box, photo.width, photo.height
    where = f"{image.place_of(region)}: {format_box(box.xyxy)} of {width} x {height} pixels"
    if box.x1 >= width or box.y1 >= height or box.x2 <= 0 or box.y2 <= 0:
        losses.add("region", "ignored by readers", "it lies outside its photo", example=where)
    elif max(-box.x1, -box.y1, box.x2 - width, box.y2 - height) > _TOLERANCE:
        losses.add("region", "ignored by readers", "it reaches beyond its photo", example=where)


def is_there(path: Path) -> bool:
    """Whether ``path`` is a file; False, too, where nobody can tell."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
