"""The tables of a file in COCO's layout, for data sets that use it in their own ways.

``coco_reading`` reads COCO files of users strictly into records. Official data sets repeat photos (one entry for each
expression), have boxes without area, and put captions on images or annotations; their readers start from here. The
files have up to a gigabyte, most of it outlines, so they are read entry by entry and only what the readers use is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from roi_assistant.core.box import Box, box_from_xywh, clip_box
from roi_assistant.core.json_values import Flag, Id, Label, Pixels, Xywh
from roi_assistant.core.record_json import Foreign, decode
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.formats.json_files import read_json_entries


@dataclass(frozen=True, slots=True)
class CocoPhoto(Foreign):
    """An image entry; some data sets put a ``caption`` there."""

    file_name: str
    width: Pixels
    height: Pixels
    caption: str | None = None


@dataclass(frozen=True, slots=True)
class CocoAnnotation(Foreign):
    """An annotation. ``number`` is its place in the list, from 1, and its ``id`` where it has none; ``caption`` and
    ``tokens_positive`` (characters of the photo's caption) are what some data sets put there."""

    number: int
    id: Id
    image_id: Id
    bbox: Xywh
    category_id: Id | None = None
    iscrowd: Flag = False
    caption: str | None = None
    tokens_positive: tuple[tuple[int, int], ...] = ()

    def box_in(self, photo: CocoPhoto) -> Box | None:
        """The part of the box inside ``photo``; None where there is none, as in a few official boxes."""
        return clipped_xywh(self.bbox, width=photo.width, height=photo.height)


@dataclass(frozen=True, slots=True)
class _Category(Foreign):
    id: Id
    name: Label


@dataclass(frozen=True, slots=True)
class NumberedPhoto(Foreign):
    """Which photo an entry is, or is about."""

    id: Id


@dataclass(frozen=True, slots=True)
class CocoTables:
    """``photos`` and ``categories`` (names) by id; ``annotations`` by the id of their photo, photos and annotations in
    the order of the file."""

    photos: Mapping[Id, CocoPhoto]
    annotations: Mapping[Id, Sequence[CocoAnnotation]]
    categories: Mapping[Id, str]


def read_coco_tables(path: Path) -> CocoTables:
    """The tables of ``path``, checked as far as all data sets need it.

    Raises:
        FormatError: the file is not JSON or not in COCO's layout, or an annotation belongs to no photo of the file; the
            message says which entry.
    """
    photos: dict[Id, CocoPhoto] = {}
    annotations: dict[Id, list[CocoAnnotation]] = {}
    categories: dict[Id, str] = {}
    lists = set()
    for key, number, entry in read_json_entries(path):
        if key not in ("images", "annotations", "categories") or entry == []:
            continue
        where = f"{path}, entry {number} of {key!r}"
        lists.add(key)
        if not number or not isinstance(entry, dict):
            raise FormatError(f"{where} is not an object: check that it is the official file.")
        if key == "images":
            photos[decode(NumberedPhoto, entry, name=where).id] = photo_of(entry, where=where)
        elif key == "annotations":
            annotation = decode(CocoAnnotation, {"id": number, **entry, "number": number}, name=where)
            annotations.setdefault(annotation.image_id, []).append(annotation)
        else:
            category = decode(_Category, entry, name=where)
            categories[category.id] = category.name
    if not {"images", "annotations"} <= lists:
        raise FormatError(f"{path} is not in COCO's layout: it has no images or no annotations.")
    for image_id, of_photo in annotations.items():
        if image_id not in photos:
            raise FormatError(
                f"{path}, entry {of_photo[0].number} of 'annotations' is of image {image_id!r}; it has no such image."
            )
    return CocoTables(photos, annotations, categories)


def photo_of(entry: Mapping[str, object], *, where: str) -> CocoPhoto:
    """An image entry; ``where`` is what messages call it.

    Raises:
        FormatError: name, width or height is missing or is none, or the name leads out of the folder of photos.
    """
    photo = decode(CocoPhoto, entry, name=where)
    check_inside(photo.file_name, name=where)
    return photo


def check_inside(image: str, *, name: str) -> None:
    """Raises: FormatError: ``image`` is not a relative path below the folder of photos."""
    parts = image.replace("\\", "/").split("/")
    if image.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in image or not image:
        raise FormatError(f"{name} names the photo {image!r}, which is not inside its folder of photos.")


def clipped_xywh(xywh: Xywh, *, width: int, height: int) -> Box | None:
    """The part of a box inside a photo; None where there is none, as in a few official boxes."""
    try:
        return clip_box(box_from_xywh(xywh), width=width, height=height)
    except BoxError:
        return None
