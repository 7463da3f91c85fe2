"""Visual Genome: descriptions of regions, and the attributes of objects."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

from roi_assistant.errors import FormatError
from roi_assistant.formats.region_photos import HumanPhoto, HumanRegion
from roi_assistant.formats.visual_genome import GenomeObject, GenomeObjects
from roi_assistant.training.datasets.dataset import Filter, ImageFiles, RegionDataset, draw, is_large_enough
from roi_assistant.training.datasets.records import RegionSample, conversation, plain_text, unit_box
from roi_assistant.training.datasets.templates import ATTRIBUTES, BEGIN, DESCRIBE, introduced, pick

NAME, ATTRIBUTES_NAME = "visual_genome", "visual_genome_attributes"
MOST_BOXES = 15


@dataclass(frozen=True, slots=True)
class _Asked:
    """A region with what its question needs."""

    region: HumanRegion | GenomeObject
    name: str
    answer: str


def load_visual_genome(photos: Iterable[HumanPhoto], images: ImageFiles, *, split: str = "train") -> RegionDataset:
    """One conversation for each photo, a turn for each described region, at most ``MOST_BOXES`` drawn at random.

    Raises:
        FormatError: no region is left.
    """
    chosen, entries, boxes = Filter(), [], 0
    for photo in photos:
        kept = []
        for region in photo.regions:
            large = is_large_enough(region.box, width=photo.width, height=photo.height)
            if chosen.keep(large, "box too small") and chosen.keep(bool(_words(region)), "no words"):
                kept.append(region)
        if kept:
            entries.append(replace(photo, regions=tuple(kept)))
            boxes += len(kept)
    if not entries:
        raise FormatError(f"The split {split} of Visual Genome has no region that can be used.")

    def write(photo: HumanPhoto, rng: random.Random) -> RegionSample:
        asked = [_Asked(region, "", _words(region)) for region in draw(photo.regions, MOST_BOXES, rng)]
        return _sample(NAME, photo, asked, DESCRIBE, rng)

    return RegionDataset(NAME, split, entries, write, images, boxes, dict(chosen.dropped))


def load_genome_attributes(
    photos: Iterable[GenomeObjects], images: ImageFiles, *, split: str = "train"
) -> RegionDataset:
    """One conversation for each photo: which attributes its objects have. GPT4RoI did not train on these.

    Raises:
        FormatError: no object is left.
    """
    chosen, entries, boxes = Filter(), [], 0
    for photo in photos:
        kept = []
        for item in photo.objects:
            large = is_large_enough(item.box, width=photo.width, height=photo.height)
            said = bool(plain_text(item.name)) and any(map(plain_text, item.attributes))
            if chosen.keep(large, "box too small") and chosen.keep(said, "no words"):
                kept.append(item)
        if kept:
            entries.append(replace(photo, objects=tuple(kept)))
            boxes += len(kept)
    if not entries:
        raise FormatError(f"The split {split} of Visual Genome has no object with attributes that can be used.")

    def write(photo: GenomeObjects, rng: random.Random) -> RegionSample:
        asked = [
            _Asked(item, plain_text(item.name), ", ".join(filter(None, map(plain_text, item.attributes))))
            for item in draw(photo.objects, MOST_BOXES, rng)
        ]
        return _sample(ATTRIBUTES_NAME, photo, asked, ATTRIBUTES, rng)

    return RegionDataset(ATTRIBUTES_NAME, split, entries, write, images, boxes, dict(chosen.dropped))


def _words(region: HumanRegion) -> str:
    return plain_text(region.phrases[0]) if region.phrases else ""


def _sample(
    name: str,
    photo: HumanPhoto | GenomeObjects,
    asked: list[_Asked],
    wordings: tuple[str, ...],
    rng: random.Random,
) -> RegionSample:
    pairs = []
    for number, item in enumerate(asked, start=1):
        question = pick(wordings, rng).format(region=introduced(number), name=item.name)
        pairs.append((question if number > 1 else BEGIN + question, item.answer))
    boxes = tuple(unit_box(item.region.box, width=photo.width, height=photo.height) for item in asked)
    return RegionSample(name, photo.image, photo.image, photo.width, photo.height, boxes, conversation(*pairs))
