"""Visual Genome: descriptions of regions, and the attributes of objects."""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import overload

from roi_assistant.core.box import Box
from roi_assistant.datasets.dataset import Filter, ImageFiles, RegionDataset, draw, is_large_enough
from roi_assistant.datasets.records import RegionSample, conversation, plain_text, unit_box
from roi_assistant.datasets.templates import ATTRIBUTES, BEGIN, DESCRIBE, introduced, pick
from roi_assistant.errors import FormatError
from roi_assistant.formats.annotated_photos import AnnotatedPhoto
from roi_assistant.formats.visual_genome import GenomeObjects

NAME, ATTRIBUTES_NAME = "visual_genome", "visual_genome_attributes"
MOST_BOXES = 15


@dataclass(frozen=True, slots=True)
class _Asked:
    """A box with what its question needs."""

    box: Box
    name: str
    answer: str


def load_visual_genome(photos: Iterable[AnnotatedPhoto], images: ImageFiles, *, split: str = "train") -> RegionDataset:
    """One conversation for each photo, a turn for each described region, at most ``MOST_BOXES`` drawn at random.

    Raises:
        FormatError: no region is left.
    """
    chosen, entries, boxes = Filter(), _Photos(), 0
    for photo in photos:
        kept = []
        for region in photo.regions:
            large = is_large_enough(region.box, width=photo.width, height=photo.height)
            words = plain_text(region.phrases[0]) if region.phrases else ""
            if chosen.keep(large, "box too small") and chosen.keep(bool(words), "no words"):
                kept.append((region.box, words))
        if kept:
            entries.append(_Photo(photo.image, photo.width, photo.height, tuple(kept)))
            boxes += len(kept)
    if not entries:
        raise FormatError(f"The split {split} of Visual Genome has no region that can be used.")

    def write(photo: _Photo, rng: random.Random) -> RegionSample:
        asked = [_Asked(box, "", words) for box, words in draw(photo.regions, MOST_BOXES, rng)]
        return _sample(NAME, photo, asked, DESCRIBE, rng)

    return RegionDataset(NAME, split, entries, write, images, boxes, dict(chosen.dropped))


@dataclass(frozen=True, slots=True)
class _Photo:
    """A photo with boxes in its pixels and what is said of each."""

    image: str
    width: int
    height: int
    regions: tuple[tuple[Box, str], ...]


class _Photos(Sequence[_Photo]):
    """Photos that are kept in a few arrays and made when asked for: the training split has millions of regions, which
    take a fifth of the memory this way."""

    def __init__(self) -> None:
        self._photos: list[tuple[str, int, int]] = []
        self._stops = array("q", [0])
        """Where the regions of each photo end, among all."""
        self._boxes = array("d")
        self._texts = bytearray()
        self._text_stops = array("q", [0])

    def append(self, photo: _Photo) -> None:
        self._photos.append((photo.image, photo.width, photo.height))
        self._stops.append(self._stops[-1] + len(photo.regions))
        for box, words in photo.regions:
            self._boxes.extend(box.xyxy)
            self._texts += words.encode(errors="surrogatepass")  # half a letter, as "\\ud800" in a file
            self._text_stops.append(len(self._texts))

    def __len__(self) -> int:
        return len(self._photos)

    @overload
    def __getitem__(self, index: int) -> _Photo: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[_Photo]: ...
    def __getitem__(self, index: int | slice) -> _Photo | Sequence[_Photo]:
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        return _Photo(*self._photos[place], tuple(map(self._region, range(*self._stops[place : place + 2]))))

    def _region(self, number: int) -> tuple[Box, str]:
        start, stop = self._text_stops[number : number + 2]
        return Box(*self._boxes[4 * number : 4 * number + 4]), self._texts[start:stop].decode(errors="surrogatepass")


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
            has_words = bool(plain_text(item.name)) and any(map(plain_text, item.attributes))
            if chosen.keep(large, "box too small") and chosen.keep(has_words, "no words"):
                kept.append(item)
        if kept:
            entries.append(replace(photo, objects=tuple(kept)))
            boxes += len(kept)
    if not entries:
        raise FormatError(f"The split {split} of Visual Genome has no object with attributes that can be used.")

    def write(photo: GenomeObjects, rng: random.Random) -> RegionSample:
        asked = [
            _Asked(item.box, plain_text(item.name), ", ".join(filter(None, map(plain_text, item.attributes))))
            for item in draw(photo.objects, MOST_BOXES, rng)
        ]
        return _sample(ATTRIBUTES_NAME, photo, asked, ATTRIBUTES, rng)

    return RegionDataset(ATTRIBUTES_NAME, split, entries, write, images, boxes, dict(chosen.dropped))


def _sample(
    name: str,
    photo: _Photo | GenomeObjects,
    asked: list[_Asked],
    wordings: tuple[str, ...],
    rng: random.Random,
) -> RegionSample:
    pairs = []
    for number, item in enumerate(asked, start=1):
        question = pick(wordings, rng).format(region=introduced(number), name=item.name)
        pairs.append((question if number > 1 else BEGIN + question, item.answer))
    boxes = tuple(unit_box(item.box, width=photo.width, height=photo.height) for item in asked)
    return RegionSample(name, photo.image, photo.image, photo.width, photo.height, boxes, conversation(*pairs))
