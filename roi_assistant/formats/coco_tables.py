"""The tables of a file in COCO's layout, for data sets that use it in their own ways.

``coco_reading`` reads COCO files of users strictly into records. Official data sets repeat photos (one entry for each
expression), have boxes without area, and put captions on images or annotations; their readers start from here. The
files have up to a gigabyte, most of it outlines, so they are read entry by entry and only what the readers use is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roi_assistant.core.box import Box, box_from_xywh, clip_box
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.formats.json_files import read_json_entries

Id = int | str
XYWH = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class CocoPhoto:
    """An image entry. ``caption`` is what some data sets put there, unchecked."""

    image: str
    width: int
    height: int
    caption: Any


@dataclass(frozen=True, slots=True)
class CocoAnnotation:
    """An annotation. ``number`` is its place in the list, from 1; ``caption`` and ``spans`` (``tokens_positive``) are
    what some data sets put there, unchecked."""

    number: int
    id: Id
    category: Id | None
    crowd: bool
    xywh: XYWH
    caption: Any
    spans: Any

    def box_in(self, photo: CocoPhoto) -> Box | None:
        """The part of the box inside ``photo``; None where there is none, as in a few official boxes."""
        return clipped_xywh(self.xywh, width=photo.width, height=photo.height)


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
        if key not in ("images", "annotations", "categories"):
            continue
        where = f"{path}, entry {number} of {key!r}"
        lists.add(key)
        if not number or not isinstance(entry, dict):
            raise FormatError(f"{where} is not an object: check that it is the official file.")
        if key == "images":
            photos[id_of(entry.get("id"), where=where)] = photo_of(entry, where=where)
        elif key == "annotations":
            image_id = id_of(entry.get("image_id"), where=f"{where}, image_id")
            annotations.setdefault(image_id, []).append(_annotation(number, entry, where=where))
        else:
            categories[id_of(entry.get("id"), where=where)] = str(entry.get("name"))
    if not {"images", "annotations"} <= lists:
        raise FormatError(f"{path} is not in COCO's layout: it has no images or no annotations.")
    for image_id, entries in annotations.items():
        if image_id not in photos:
            raise FormatError(
                f"{path}, entry {entries[0].number} of 'annotations' belongs to image {image_id!r}, which is not there."
            )
    return CocoTables(photos, annotations, categories)


def _annotation(number: int, entry: Mapping[str, Any], *, where: str) -> CocoAnnotation:
    category = entry.get("category_id")
    return CocoAnnotation(
        number=number,
        id=id_of(entry.get("id", number), where=where),
        category=None if category is None else id_of(category, where=f"{where}, category_id"),
        crowd=bool(entry.get("iscrowd")),
        xywh=xywh_of(entry.get("bbox"), where=where),
        caption=entry.get("caption"),
        spans=entry.get("tokens_positive"),
    )


def photo_of(entry: Mapping[str, Any], *, where: str) -> CocoPhoto:
    """An image entry; ``where`` is what messages call it.

    Raises:
        FormatError: name, width or height is missing or is none, or the name leads out of the folder of photos.
    """
    image = entry.get("file_name")
    if not isinstance(image, str):
        raise FormatError(f"{where} has no file_name.")
    width, height = (side_of(entry.get(key), where=f"{where}, {key}") for key in ("width", "height"))
    check_inside(image, name=where)
    return CocoPhoto(image, width, height, entry.get("caption"))


def side_of(value: Any, *, where: str) -> int:
    """Width or height of a photo. Raises: FormatError: it is not a number of pixels."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 1 <= value <= 1e9:
        raise FormatError(f"{where}: the photo cannot have {_shown(value)} pixels.")
    return int(value)


def id_of(value: Any, *, where: str) -> Id:
    """Raises: FormatError: ``value`` is neither a number nor a text, as ids are."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise FormatError(f"{where}: an id cannot be {_shown(value)}.")
    return value


def xywh_of(values: Any, *, where: str) -> XYWH:
    """Raises: FormatError: ``values`` are not four finite numbers."""
    if isinstance(values, list) and len(values) == 4:
        x, y, width, height = values
        # Exact types: a float is what nearly all are, and true is no number.
        if all(type(value) in (float, int) and -1e9 < value < 1e9 for value in values):
            return float(x), float(y), float(width), float(height)
    raise FormatError(f"{where}: a box must be four numbers, not {_shown(values)}.")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def check_inside(image: str, *, name: str) -> None:
    """Raises: FormatError: ``image`` is not a relative path below the folder of photos."""
    parts = image.replace("\\", "/").split("/")
    if image.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in image or not image:
        raise FormatError(f"{name} names the photo {image!r}, which is not inside its folder of photos.")


def clipped_xywh(xywh: XYWH, *, width: int, height: int) -> Box | None:
    """The part of a box inside a photo; None where there is none, as in a few official boxes."""
    try:
        return clip_box(box_from_xywh(xywh), width=width, height=height)
    except BoxError:
        return None
