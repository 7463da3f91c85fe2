"""Whether the boxes that a file gives back are those of the project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from roi_assistant.core.box import Box, clip_box, intersection_over_union
from roi_assistant.core.records import Region
from roi_assistant.core.review import preferred_caption
from roi_assistant.errors import BoxError
from roi_assistant.formats.annotations import AnnotatedImage

Rounding = Callable[[tuple[int, int]], tuple[float, float]]
"""Of the width and height of an image: by how many pixels x and y of a corner may differ in a format."""
_FLOATS = 1e-6
"""Of a side: what writing x and width instead of two corners may change."""


@dataclass(frozen=True, slots=True)
class WrittenBox:
    """A box that a file gives, and that of the project that it should be. Both are in pixels of the image and clipped
    to it; ``expected`` None: the project has no such region."""

    file_name: str
    read: Region
    box: Box
    expected: Box | None
    is_right: bool

    @property
    def overlap(self) -> float:
        """Intersection over union of both, 0 without ``expected``."""
        return intersection_over_union(self.box, self.expected) if self.expected else 0.0


def compare_boxes(
    image: AnnotatedImage, found: AnnotatedImage, *, rounding: Rounding = lambda size: (0.0, 0.0)
) -> list[WrittenBox]:
    """Each box of ``found``, read from a file, beside the one of ``image``, as the project has it. Regions that the
    file does not have are passed over: the report of the export counts them.

    Args:
        image: its size is known.
        found: boxes in pixels.
        rounding: of the format.
    """
    assert image.width and image.height
    size = image.width, image.height
    across, down = rounding(size)
    left = [(region, box) for region in image.regions if (box := _clipped(region.box, size)) is not None]
    result = []
    for read in found.regions:
        box = _clipped(read.box, size)
        if box is None:
            result.append(WrittenBox(image.file_name, read, read.box, None, is_right=False))
            continue
        best = max(
            left,
            key=lambda pair: (_words(pair[0]) == _words(read), intersection_over_union(pair[1], box)),
            default=None,
        )
        if best is None:
            result.append(WrittenBox(image.file_name, read, box, None, is_right=False))
            continue
        left.remove(best)
        is_right = _is_near(box.x1, box.x2, best[1].x1, best[1].x2, across + _FLOATS * size[0]) and _is_near(
            box.y1, box.y2, best[1].y1, best[1].y2, down + _FLOATS * size[1]
        )
        result.append(WrittenBox(image.file_name, read, box, best[1], is_right))
    return result


def compare_files(
    images: Iterable[AnnotatedImage],
    found: Mapping[str, AnnotatedImage],
    *,
    rounding: Rounding = lambda size: (0.0, 0.0),
) -> Iterable[tuple[AnnotatedImage, list[WrittenBox]]]:
    """`compare_boxes` of each image that is in the file, by its name."""
    for image in images:
        if image.file_name in found and image.width and image.height:
            yield image, compare_boxes(image, found[image.file_name], rounding=rounding)


def _clipped(box: Box, size: tuple[int, int]) -> Box | None:
    try:
        return clip_box(box, width=size[0], height=size[1])
    except BoxError:
        return None


def _words(region: Region) -> str:
    caption = preferred_caption(region)
    return caption.text if caption else ""


def _is_near(a1: float, a2: float, b1: float, b2: float, most: float) -> bool:
    return abs(a1 - b1) <= most and abs(a2 - b2) <= most
