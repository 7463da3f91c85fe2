"""Boxes with categories, one JSON object a line and photo: ``regions.jsonl`` beside ``images/`` or ``images-*.tar``.

Each line has ``image``, ``width``, ``height``, ``split`` and ``regions`` of ``bbox`` [x, y, width, height],
``category`` and ``fine`` (the source's own, more specific label).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from roi_assistant.core.json_values import Label, Pixels, Xywh
from roi_assistant.core.record_json import Foreign, decode
from roi_assistant.errors import FormatError
from roi_assistant.formats.annotated_photos import AnnotatedPhoto, AnnotatedRegion
from roi_assistant.formats.coco_tables import clipped_xywh
from roi_assistant.formats.file_tree import FileTree
from roi_assistant.formats.json_files import read_json_lines


@dataclass(frozen=True, slots=True)
class _Region(Foreign):
    bbox: Xywh
    category: Label


@dataclass(frozen=True, slots=True)
class _Photo(Foreign):
    image: str
    width: Pixels
    height: Pixels
    split: str
    regions: tuple[_Region, ...]


class RegionLines:
    """The data set at ``root``.

    Raises:
        FormatError: ``regions.jsonl`` or the photos are missing, or a line cannot be read.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self.path = self.root / "regions.jsonl"
        if not self.path.is_file():
            raise FormatError(f"{self.path} is missing: give the folder that holds regions.jsonl.")
        self.images = FileTree.find(self.root, "images")

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
                    AnnotatedRegion(id=str(index), box=box, category=item.category, kinds=("object",))
                    for index, (item, box) in enumerate(zip(photo.regions, boxes, strict=True))
                    if box is not None
                )
                yield AnnotatedPhoto(photo.image, photo.width, photo.height, regions)
