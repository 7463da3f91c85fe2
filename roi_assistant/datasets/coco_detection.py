"""COCO detection: one question a box, the category as the answer."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from roi_assistant.core.references import BOX_TOKEN
from roi_assistant.datasets.dataset import Filter, ImageFiles, RegionDataset, draw, is_large_enough
from roi_assistant.datasets.records import RegionSample, UnitBox, conversation, plain_text, unit_box
from roi_assistant.datasets.templates import COCO_BEGIN
from roi_assistant.errors import FormatError
from roi_assistant.formats.coco_tables import read_coco_tables

NAME = "coco_detection"
MOST_BOXES = 100


@dataclass(frozen=True, slots=True)
class _Photo:
    image: str
    width: int
    height: int
    objects: tuple[tuple[UnitBox, str], ...]


def load_coco_detection(annotations: Path, images: ImageFiles, *, split: str = "train") -> RegionDataset:
    """The boxes of ``instances_train2017.json`` or another file in its layout.

    Crowds and boxes of ``LEAST_SIDE`` or less are left out; of a photo with more than ``MOST_BOXES`` that many are
    drawn at random.

    Raises:
        FormatError: the file has another layout, or no box is left.
    """
    tables = read_coco_tables(annotations)
    names = {key: plain_text(name) for key, name in tables.categories.items()}
    begin = COCO_BEGIN.format(categories=", ".join(names.values()))
    chosen, entries, boxes = Filter(), [], 0
    for image_id, rows in tables.annotations.items():
        photo = tables.photos[image_id]
        size = {"width": photo.width, "height": photo.height}
        objects = []
        for row in rows:
            if not chosen.keep(not row.iscrowd, "crowd"):
                continue
            name = names.get(row.category_id) if row.category_id is not None else None
            if not name:
                where = f"{annotations}, entry {row.number} of 'annotations'"
                raise FormatError(f"{where}: there is no category {row.category_id!r}.")
            box = row.box_in(photo)
            if box is None:
                chosen.keep(False, "box without area")
            elif chosen.keep(is_large_enough(box, **size), "box too small"):
                objects.append((unit_box(box, **size), name))
        if objects:
            entries.append(_Photo(photo.file_name, photo.width, photo.height, tuple(objects)))
            boxes += len(objects)
    if not entries:
        raise FormatError(f"{annotations} has no box that can be used.")

    def write(photo: _Photo, rng: random.Random) -> RegionSample:
        taken = draw(photo.objects, MOST_BOXES, rng)
        pairs = [(BOX_TOKEN if k else begin + BOX_TOKEN, name) for k, (_, name) in enumerate(taken)]
        return RegionSample(
            NAME,
            photo.image,
            photo.image,
            photo.width,
            photo.height,
            tuple(box for box, _ in taken),
            conversation(*pairs),
        )

    return RegionDataset(NAME, split, entries, write, images, boxes, dict(chosen.dropped), mirrors=True)
