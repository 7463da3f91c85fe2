"""Visual Genome: region descriptions and attributes in the official files, and GRiT's preprocessed split.

* ``region_descriptions.json``, ``attributes.json`` and ``image_data.json`` (version 1.2 or 1.4), photos in
  ``VG_100K/`` and ``VG_100K_2/``, which of the two ``image_data.json`` says. ``densecap_splits.json`` divides them.
* GRiT's ``train.json`` and ``test.json``: COCO's layout with a ``caption`` on each annotation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from roi_assistant.core.box import Box
from roi_assistant.core.json_values import Finite, Id, Label
from roi_assistant.core.record_json import Foreign, decode
from roi_assistant.errors import FormatError
from roi_assistant.formats.annotated_photos import AnnotatedPhoto, AnnotatedRegion
from roi_assistant.formats.coco_tables import CocoPhoto, clipped_xywh, photo_of, read_coco_tables
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


@dataclass(frozen=True, slots=True)
class _OfImage(Foreign):
    image_id: Id


@dataclass(frozen=True, slots=True)
class _Region(Foreign):
    x: Finite
    y: Finite
    width: Finite
    height: Finite
    phrase: str
    region_id: Label = ""


@dataclass(frozen=True, slots=True)
class _Regions(Foreign):
    regions: tuple[_Region, ...]


@dataclass(frozen=True, slots=True)
class _Object(Foreign):
    """Some objects of the official files have no names, most no attributes."""

    x: Finite
    y: Finite
    w: Finite
    h: Finite
    names: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    object_id: Label = ""


@dataclass(frozen=True, slots=True)
class _Objects(Foreign):
    attributes: tuple[_Object, ...]


def read_region_descriptions(root: Path, *, split: str | None = None) -> Iterator[AnnotatedPhoto]:
    """Photos with their region descriptions, one phrase a region; ``split`` None takes all photos.

    Raises:
        FormatError: a file is missing or has another layout, or there is no such split.
    """
    photos = _photos(root, split)
    path = root / REGIONS
    for number, entry in read_json_objects(path, what="photos"):
        where = f"{path}, entry {number}"
        photo = photos.get(_image_id(entry, where=where))
        if photo is None:
            continue
        regions = []
        for item in decode(_Regions, entry, name=where).regions:
            box = clipped_xywh((item.x, item.y, item.width, item.height), width=photo.width, height=photo.height)
            if box is not None and item.phrase.strip():
                regions.append(AnnotatedRegion(item.region_id, box, (_one_line(item.phrase),)))
        yield AnnotatedPhoto(photo.file_name, photo.width, photo.height, tuple(regions))


def read_attributes(root: Path, *, split: str | None = None) -> Iterator[GenomeObjects]:
    """Photos with those objects for which people named attributes.

    Raises:
        FormatError: a file is missing or has another layout, or there is no such split.
    """
    photos = _photos(root, split)
    path = root / ATTRIBUTES
    for number, entry in read_json_objects(path, what="photos"):
        where = f"{path}, entry {number}"
        photo = photos.get(_image_id(entry, where=where))
        if photo is None:
            continue
        objects = []
        for item in decode(_Objects, {"attributes": entry.get("objects"), **entry}, name=where).attributes:
            box = clipped_xywh((item.x, item.y, item.w, item.h), width=photo.width, height=photo.height)
            names = list(filter(None, map(_one_line, item.names)))
            attributes = tuple(dict.fromkeys(filter(None, map(_one_line, map(str.lower, item.attributes)))))
            if box is not None and names and attributes:
                objects.append(GenomeObject(item.object_id, box, names[0], attributes))
        if objects:
            yield GenomeObjects(photo.file_name, photo.width, photo.height, tuple(objects))


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
            if entry.caption is None:
                where = f"{path}, entry {entry.number} of 'annotations'"
                raise FormatError(f"{where} has no caption: give the file that GRiT uses.")
            if box is not None and entry.caption.strip():
                regions.append(AnnotatedRegion(str(entry.id), box, (_one_line(entry.caption),)))
        yield AnnotatedPhoto(photo.file_name, photo.width, photo.height, tuple(regions))


def _photos(root: Path, split: str | None) -> dict[Id, CocoPhoto]:
    """Image id -> photo, named by its path below ``root``."""
    chosen: set[Id] | None = None
    if split is not None:
        splits = decode(dict[str, tuple[Id, ...]], read_json(root / SPLITS), name=str(root / SPLITS))
        if split not in splits:
            known = ", ".join(sorted(splits)) or "none"
            raise FormatError(f"{root / SPLITS} has no split {split!r}; it has {known}.")
        chosen = set(splits[split])
    photos = {}
    for number, entry in read_json_objects(root / IMAGES, what="photos"):
        where = f"{root / IMAGES}, entry {number}"
        image_id = _image_id(entry, where=where)
        if chosen is not None and image_id not in chosen:
            continue
        folder, _, name = str(entry.get("url", "")).rpartition("/")
        named = {"file_name": f"{folder.rpartition('/')[2]}/{name}" if name else f"{image_id}.jpg", **entry}
        photos[image_id] = photo_of(named, where=where)
    return photos


def _image_id(entry: Mapping[str, object], *, where: str) -> Id:
    """Which photo ``entry`` is about; some of the files call it ``id``."""
    return decode(_OfImage, {"image_id": entry.get("id"), **entry}, name=where).image_id


def _one_line(text: str) -> str:
    return " ".join(text.split())
