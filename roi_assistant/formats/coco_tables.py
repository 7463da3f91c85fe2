"""The tables of a file in COCO's layout, for data sets that use it in their own ways.

``coco_reading`` reads COCO files of users strictly into records. Official data sets repeat photos (one entry for each
expression), have boxes without area, and put captions on images or annotations; their readers start from here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roi_assistant.core.box import Box, box_from_xywh, clip_box
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.formats.json_files import read_json


@dataclass(frozen=True, slots=True)
class CocoTables:
    """Entries by id as they stand in the file; ``name`` is what messages call it."""

    name: str
    images: Mapping[Any, dict[str, Any]]
    annotations: Sequence[dict[str, Any]]
    categories: Mapping[Any, str]

    def by_image(self) -> dict[Any, list[dict[str, Any]]]:
        """Annotations of each image that has any, in the order of the file.

        Raises:
            FormatError: an annotation belongs to no image of the file.
        """
        found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for entry in self.annotations:
            image = entry.get("image_id")
            if image not in self.images:
                raise FormatError(f"{self.name}: an annotation belongs to image {image!r}, which is not in the file.")
            found[image].append(entry)
        return found


def read_coco_tables(path: Path) -> CocoTables:
    """Raises: FormatError: the file is not JSON or lacks ``images`` or ``annotations``."""
    data = read_json(path)
    try:
        return CocoTables(
            name=path.name,
            images={entry["id"]: entry for entry in data["images"]},
            annotations=[entry for entry in data["annotations"] if isinstance(entry, dict)],
            categories={entry["id"]: str(entry["name"]) for entry in data.get("categories", [])},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"{path} is not in COCO's layout ({error!r}): check that it is the official file.") from error


def photo_of(entry: Mapping[str, Any], *, name: str) -> tuple[str, int, int]:
    """File name, width and height of an image entry.

    Raises:
        FormatError: one of them is missing, or the name leads out of the folder of photos.
    """
    try:
        image, width, height = str(entry["file_name"]), int(entry["width"]), int(entry["height"])
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{name}: an image has no {error}.") from error
    check_inside(image, name=name)
    if width < 1 or height < 1:
        raise FormatError(f"{name}: the image {image} is said to have {width} x {height} pixels.")
    return image, width, height


def check_inside(image: str, *, name: str) -> None:
    """Raises: FormatError: ``image`` is not a relative path below the folder of photos."""
    parts = image.replace("\\", "/").split("/")
    if image.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in image or not image:
        raise FormatError(f"{name} names the photo {image!r}, which is not inside its folder of photos.")


def clipped_xywh(values: Any, *, width: int, height: int) -> Box | None:
    """The part of ``[x, y, width, height]`` inside the photo; None where there is none, as in a few official boxes."""
    try:
        return clip_box(box_from_xywh(values), width=width, height=height)
    except (BoxError, TypeError, ValueError, OverflowError):
        return None
