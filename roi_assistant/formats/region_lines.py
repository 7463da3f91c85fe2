"""Boxes with categories, one JSON object a line and photo: ``regions.jsonl`` beside ``images/`` or ``images-*.tar``.

Each line has ``image``, ``width``, ``height``, ``split`` and ``regions`` of ``bbox`` [x, y, width, height],
``category`` and ``fine`` (the source's own, more specific label), and, where people wrote of a region, ``phrases``,
``phrases_long`` (sentences that begin with it) and ``attributes`` (a value or several by name). Words of people may
also lie in a file of their own: lines of ``image`` and ``regions`` with ``region``, its place in that photo's list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from roi_assistant.core.box import Box
from roi_assistant.core.json_values import Label, Pixels, Xywh
from roi_assistant.core.record_json import Foreign, decode
from roi_assistant.errors import FormatError
from roi_assistant.formats.annotated_photos import AnnotatedPhoto, AnnotatedRegion
from roi_assistant.formats.coco_tables import clipped_xywh
from roi_assistant.formats.file_tree import FileTree
from roi_assistant.formats.json_files import read_json_lines


@dataclass(frozen=True, slots=True)
class _Words(Foreign):
    phrases: tuple[Label, ...] = ()
    phrases_long: tuple[Label, ...] = ()
    attributes: dict[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Region(_Words):
    bbox: Xywh = field(kw_only=True)
    category: Label = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class _RegionWords(_Words):
    region: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class _PhotoWords(Foreign):
    image: str
    regions: tuple[_RegionWords, ...]


@dataclass(frozen=True, slots=True)
class _Photo(Foreign):
    image: str
    width: Pixels
    height: Pixels
    split: str
    regions: tuple[_Region, ...]


class RegionLines:
    """The data set at ``root``; ``words`` is a file with people's words on its regions.

    Raises:
        FormatError: ``regions.jsonl`` or the photos are missing, or a line cannot be read.
    """

    def __init__(self, root: Path, *, words: Path | None = None) -> None:
        self.root = Path(root)
        self.path = self.root / "regions.jsonl"
        if not self.path.is_file():
            raise FormatError(f"{self.path} is missing: give the folder that holds regions.jsonl.")
        self.images = FileTree.find(self.root, "images")
        self._words = _words_in(words) if words is not None else {}

    def photos(self, split: str) -> Iterator[AnnotatedPhoto]:
        """The photos of ``split``, read line by line. Boxes that lie outside their photo are left out.

        Raises:
            FormatError: a line has another layout; names file and line.
        """
        for number, record in read_json_lines(self.path):
            photo = decode(_Photo, record, name=f"{self.path}, line {number}")
            if photo.split == split:
                # Boxes of zero size occur in the sources.
                boxes = [clipped_xywh(item.bbox, width=photo.width, height=photo.height) for item in photo.regions]
                regions = tuple(
                    _region(item, self._words.get((photo.image, index), item), index, box)
                    for index, (item, box) in enumerate(zip(photo.regions, boxes, strict=True))
                    if box is not None
                )
                yield AnnotatedPhoto(photo.image, photo.width, photo.height, regions)


def _region(item: _Region, words: _Words, index: int, box: Box) -> AnnotatedRegion:
    attributes = {
        name: (value,) if isinstance(value, str) else tuple(value) for name, value in words.attributes.items() if value
    }
    return AnnotatedRegion(
        id=str(index),
        box=box,
        phrases=words.phrases,
        category=item.category,
        kinds=("object",),
        clauses=words.phrases_long,
        attributes=attributes,
    )


def _words_in(path: Path) -> dict[tuple[str, int], _Words]:
    """(photo, place of the region in its list) -> what people wrote."""
    photos = (decode(_PhotoWords, record, name=f"{path}, line {number}") for number, record in read_json_lines(path))
    return {(photo.image, words.region): words for photo in photos for words in photo.regions}
