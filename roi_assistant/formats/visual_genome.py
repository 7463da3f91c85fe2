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
from roi_assistant.formats.coco_tables import check_inside, clipped_xywh, photo_of, read_coco_tables
from roi_assistant.formats.json_files import read_json
from roi_assistant.formats.region_photos import HumanPhoto, HumanRegion

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


def read_region_descriptions(root: Path, *, split: str | None = None) -> Iterator[HumanPhoto]:
    """Photos with their region descriptions, one phrase a region; ``split`` None takes all photos.

    Raises:
        FormatError: a file is missing or has another layout, or there is no such split.
    """
    photos = _photos(root, split)
    for entry in _list(root / REGIONS):
        image_id, regions = entry.get("id"), entry.get("regions")
        if image_id not in photos:
            continue
        image, width, height = photos[image_id]
        found = []
        for region in _items(regions, root / REGIONS):
            box = clipped_xywh(_xywh(region, "width", "height"), width=width, height=height)
            phrase = region.get("phrase")
            if box is not None and isinstance(phrase, str) and phrase.strip():
                found.append(HumanRegion(str(region.get("region_id")), box, (" ".join(phrase.split()),)))
        yield HumanPhoto(image, width, height, tuple(found))


def read_attributes(root: Path, *, split: str | None = None) -> Iterator[GenomeObjects]:
    """Photos with those objects for which people named attributes.

    Raises:
        FormatError: a file is missing or has another layout, or there is no such split.
    """
    photos = _photos(root, split)
    for entry in _list(root / ATTRIBUTES):
        image_id = entry.get("image_id", entry.get("id"))
        if image_id not in photos:
            continue
        image, width, height = photos[image_id]
        found = []
        for item in _items(entry.get("attributes", entry.get("objects")), root / ATTRIBUTES):
            box = clipped_xywh(_xywh(item, "w", "h"), width=width, height=height)
            names = [name for name in item.get("names") or [] if isinstance(name, str) and name.strip()]
            words = [" ".join(w.lower().split()) for w in item.get("attributes") or [] if isinstance(w, str)]
            if box is not None and names and any(words):
                attributes = tuple(dict.fromkeys(word for word in words if word))
                found.append(GenomeObject(str(item.get("object_id")), box, " ".join(names[0].split()), attributes))
        if found:
            yield GenomeObjects(image, width, height, tuple(found))


def read_grit_split(path: Path) -> Iterator[HumanPhoto]:
    """Photos and described regions of GRiT's ``train.json`` or ``test.json``.

    Raises:
        FormatError: the file has another layout.
    """
    tables = read_coco_tables(path)
    for image_id, entries in tables.by_image().items():
        image, width, height = photo_of(tables.images[image_id], name=tables.name)
        found = []
        for number, entry in enumerate(entries):
            box = clipped_xywh(entry.get("bbox"), width=width, height=height)
            caption = entry.get("caption")
            if not isinstance(caption, str):
                raise FormatError(f"{path}: an annotation of {image} has no caption: give the file that GRiT uses.")
            if box is not None and caption.strip():
                found.append(HumanRegion(str(entry.get("id", number)), box, (" ".join(caption.split()),)))
        yield HumanPhoto(image, width, height, tuple(found))


def _photos(root: Path, split: str | None) -> dict[Any, tuple[str, int, int]]:
    """Image id -> path below ``root``, width, height."""
    chosen: set[Any] | None = None
    if split is not None:
        splits = read_json(root / SPLITS)
        if not isinstance(splits, dict) or not isinstance(splits.get(split), list):
            known = ", ".join(sorted(splits)) if isinstance(splits, dict) else "none"
            raise FormatError(f"{root / SPLITS} has no split {split!r}; it has {known}.")
        chosen = set(splits[split])
    photos = {}
    for entry in _list(root / IMAGES):
        image_id = entry.get("image_id", entry.get("id"))
        if chosen is not None and image_id not in chosen:
            continue
        folder, _, name = str(entry.get("url", "")).rpartition("/")
        named = {"file_name": f"{folder.rpartition('/')[2]}/{name}" if name else f"{image_id}.jpg", **entry}
        photos[image_id] = photo_of(named, name=IMAGES)
        check_inside(photos[image_id][0], name=IMAGES)
    return photos


def _list(path: Path) -> list[dict[str, Any]]:
    data = read_json(path)
    if not isinstance(data, list) or not all(isinstance(entry, dict) for entry in data):
        raise FormatError(f"{path} must be a list of photos: give the file of Visual Genome as it is distributed.")
    return data


def _items(value: Any, path: Path) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise FormatError(f"{path}: a photo has no list of regions or objects.")
    return value


def _xywh(item: dict[str, Any], width: str, height: str) -> list[Any]:
    return [item.get("x"), item.get("y"), item.get(width), item.get(height)]
