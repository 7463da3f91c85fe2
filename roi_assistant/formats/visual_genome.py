"""Visual Genome: region descriptions and attributes in the official files, and GRiT's preprocessed split.

* ``region_descriptions.json``, ``attributes.json`` and ``image_data.json`` (version 1.2 or 1.4), photos in
  ``VG_100K/`` and ``VG_100K_2/``, which of the two ``image_data.json`` says. ``densecap_splits.json`` divides them.
* GRiT's ``train.json`` and ``test.json``: COCO's layout with a ``caption`` on each annotation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roi_assistant.core.box import Box
from roi_assistant.errors import FormatError
from roi_assistant.formats.annotated_photos import AnnotatedPhoto, AnnotatedRegion
from roi_assistant.formats.coco_tables import (
    CocoPhoto,
    Id,
    clipped_xywh,
    id_of,
    photo_of,
    read_coco_tables,
    xywh_of,
)
from roi_assistant.formats.json_files import read_json, read_json_objects

REGIONS, ATTRIBUTES, IMAGES = "region_descriptions.json", "attributes.json", "image_data.json"
SPLITS = "densecap_splits.json"


@dataclass(frozen=True, slots=True)
class GenomeObject:
    """An object with what people said of it: ``attributes`` such as "green" and "tall", in lower case."""

    id: str
    box: Box
    name: str
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GenomeObjects:
    """The objects of one photo of ``width`` x ``height`` pixels that have attributes."""

    image: str
    width: int
    height: int
    objects: tuple[GenomeObject, ...]


def read_region_descriptions(root: Path, *, split: str | None = None) -> Iterator[AnnotatedPhoto]:
    """Photos with their region descriptions, one phrase a region; ``split`` None takes all photos.

    Raises:
        FormatError: a file is missing or has another layout, or there is no such split.
    """
    photos = _photos(root, split)
    path = root / REGIONS
    for number, entry in read_json_objects(path, what="photos"):
        where = f"{path}, entry {number}"
        photo = photos.get(id_of(entry.get("id"), where=where))
        if photo is None:
            continue
        regions = []
        for region in _items(entry.get("regions"), where=where):
            box = _box(region, photo, "width", "height", where=where)
            phrase = region.get("phrase")
            if not isinstance(phrase, str):
                raise FormatError(f"{where}: a region has no phrase.")
            if box is not None and phrase.strip():
                regions.append(AnnotatedRegion(str(region.get("region_id")), box, (" ".join(phrase.split()),)))
        yield AnnotatedPhoto(photo.image, photo.width, photo.height, tuple(regions))


def read_attributes(root: Path, *, split: str | None = None) -> Iterator[GenomeObjects]:
    """Photos with those objects for which people named attributes.

    Raises:
        FormatError: a file is missing or has another layout, or there is no such split.
    """
    photos = _photos(root, split)
    path = root / ATTRIBUTES
    for number, entry in read_json_objects(path, what="photos"):
        where = f"{path}, entry {number}"
        photo = photos.get(id_of(entry.get("image_id", entry.get("id")), where=where))
        if photo is None:
            continue
        objects = []
        for item in _items(entry.get("attributes", entry.get("objects")), where=where):
            box = _box(item, photo, "w", "h", where=where)
            names = _words(item.get("names"), where=where)
            attributes = tuple(dict.fromkeys(map(str.lower, _words(item.get("attributes"), where=where))))
            if box is not None and names and attributes:
                objects.append(GenomeObject(str(item.get("object_id")), box, names[0], attributes))
        if objects:
            yield GenomeObjects(photo.image, photo.width, photo.height, tuple(objects))


def read_grit_split(path: Path) -> Iterator[AnnotatedPhoto]:
    """Photos and described regions of GRiT's ``train.json`` or ``test.json``.

    Raises:
        FormatError: the file has another layout.
    """
    tables = read_coco_tables(path)
    for image_id, entries in tables.annotations.items():
        photo = tables.photos[image_id]
        regions = []
        for entry in entries:
            box = entry.box_in(photo)
            if not isinstance(entry.caption, str):
                where = f"{path}, entry {entry.number} of 'annotations'"
                raise FormatError(f"{where} has no caption: give the file that GRiT uses.")
            if box is not None and entry.caption.strip():
                regions.append(AnnotatedRegion(str(entry.id), box, (" ".join(entry.caption.split()),)))
        yield AnnotatedPhoto(photo.image, photo.width, photo.height, tuple(regions))


def _photos(root: Path, split: str | None) -> dict[Id, CocoPhoto]:
    """Image id -> photo, named by its path below ``root``."""
    chosen: set[Id] | None = None
    if split is not None:
        splits = read_json(root / SPLITS)
        if not isinstance(splits, dict) or not isinstance(splits.get(split), list):
            known = ", ".join(sorted(splits)) if isinstance(splits, dict) else "none"
            raise FormatError(f"{root / SPLITS} has no split {split!r}; it has {known}.")
        chosen = {id_of(value, where=f"{root / SPLITS}, {split}") for value in splits[split]}
    photos = {}
    for number, entry in read_json_objects(root / IMAGES, what="photos"):
        where = f"{root / IMAGES}, entry {number}"
        image_id = id_of(entry.get("image_id", entry.get("id")), where=where)
        if chosen is not None and image_id not in chosen:
            continue
        folder, _, name = str(entry.get("url", "")).rpartition("/")
        named = {"file_name": f"{folder.rpartition('/')[2]}/{name}" if name else f"{image_id}.jpg", **entry}
        photos[image_id] = photo_of(named, where=where)
    return photos


def _items(value: Any, *, where: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise FormatError(f"{where} has no list of regions or objects.")
    return value


def _words(value: Any, *, where: str) -> list[str]:
    """Texts on one line each, without empty ones; some objects of the official files have none."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise FormatError(f"{where}: names and attributes must be lists of words.")
    return [text for text in (" ".join(word.split()) for word in value) if text]


def _box(item: dict[str, Any], photo: CocoPhoto, width: str, height: str, *, where: str) -> Box | None:
    xywh = xywh_of([item.get("x"), item.get("y"), item.get(width), item.get(height)], where=where)
    return clipped_xywh(xywh, width=photo.width, height=photo.height)
