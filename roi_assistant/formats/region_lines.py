"""Boxes with categories, one JSON object a line and photo: ``regions.jsonl`` beside ``images/`` or ``images-*.tar``.

Each line has ``image``, ``width``, ``height``, ``split`` and ``regions`` of ``bbox`` [x, y, width, height],
``category`` and ``fine`` (the source's own, more specific label).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from roi_assistant.core.box import box_from_xywh, clip_box
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.formats.annotated_photos import AnnotatedPhoto, AnnotatedRegion
from roi_assistant.formats.file_tree import FileTree


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
            FormatError: a line is no JSON, or a field is missing.
        """
        with self.path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    record = json.loads(line)
                    if record["split"] == split:
                        yield _photo(record)
                except (ValueError, KeyError, TypeError) as error:  # ValueError: also JSON that cannot be read
                    what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
                    raise FormatError(f"{self.path}, line {number}: {what}.") from error


def _photo(record: dict[str, Any]) -> AnnotatedPhoto:
    width, height = int(record["width"]), int(record["height"])
    regions = []
    for index, item in enumerate(record["regions"]):
        try:
            box = clip_box(box_from_xywh(item["bbox"]), width=width, height=height)
        except BoxError:
            continue  # boxes of zero size occur in the sources
        regions.append(AnnotatedRegion(id=str(index), box=box, category=item["category"], kinds=("object",)))
    return AnnotatedPhoto(record["image"], width, height, tuple(regions))
