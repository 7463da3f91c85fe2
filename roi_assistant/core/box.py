"""Boxes: ``xyxy`` float pixels, origin top-left, of the image as displayed (EXIF orientation applied)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from roi_assistant.errors import BoxError


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-aligned box, ``x1 < x2`` and ``y1 < y2``, in pixels of the image as displayed.

    Raises:
        BoxError: a coordinate is not finite, or the box is empty or inside out.
    """

    x1: float
    y1: float
    x2: float
    y2: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) for value in self.xyxy):
            raise BoxError("Box {box} has a coordinate that is not a finite number.", box=format_box(self.xyxy))
        if self.x2 <= self.x1 or self.y2 <= self.y1:
            raise BoxError(
                "Box {box} has no area: give x1,y1,x2,y2 with x1 < x2 and y1 < y2.", box=format_box(self.xyxy)
            )

    @property
    def xyxy(self) -> tuple[float, float, float, float]:
        """``(x1, y1, x2, y2)`` in pixels of the image as displayed."""
        return (self.x1, self.y1, self.x2, self.y2)

    @property
    def width(self) -> float:
        """Pixels from the left to the right edge, a fraction included."""
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        """Pixels from the upper to the lower edge, a fraction included."""
        return self.y2 - self.y1

    @property
    def area(self) -> float:
        """Square pixels; always more than 0."""
        return self.width * self.height

    @property
    def center(self) -> tuple[float, float]:
        """``(x, y)`` in pixels."""
        return ((self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2)


def format_box(xyxy: Iterable[float]) -> str:
    """``(120, 80, 260.5, 300)``: how a box is written in messages."""
    return "(" + ", ".join(f"{value:g}" for value in xyxy) + ")"


def box_from_xywh(xywh: Sequence[float]) -> Box:
    """COCO ``[x, y, width, height]`` -> Box.

    Raises:
        BoxError: not four finite numbers, or a width or height that is not positive.
    """
    if len(xywh) != 4:
        raise BoxError("Box {numbers} must be four numbers: x, y, width, height.", numbers=repr(list(xywh)))
    x, y, width, height = (float(value) for value in xywh)
    if width < 0 or height < 0:
        raise BoxError("Box {box} has a negative width or height.", box=format_box((x, y, width, height)))
    return Box(x, y, x + width, y + height)


def box_to_xywh(box: Box) -> tuple[float, float, float, float]:
    """Box -> COCO ``[x, y, width, height]``."""
    return (box.x1, box.y1, box.width, box.height)


def clip_box(box: Box, *, width: float, height: float) -> Box:
    """The part of ``box`` inside an image of ``width`` x ``height`` pixels.

    Raises:
        BoxError: no part of the box is inside the image.
    """
    x1, y1 = max(0.0, box.x1), max(0.0, box.y1)
    x2, y2 = min(float(width), box.x2), min(float(height), box.y2)
    if x2 <= x1 or y2 <= y1:
        raise BoxError(
            "Box {box} lies outside the image of {width} x {height} pixels.",
            box=format_box(box.xyxy),
            width=f"{width:g}",
            height=f"{height:g}",
        )
    return Box(x1, y1, x2, y2)


def scale_box(box: Box, *, x: float, y: float) -> Box:
    """``box`` with both axes scaled, for example to a resized copy of the image."""
    return Box(box.x1 * x, box.y1 * y, box.x2 * x, box.y2 * y)


def union_box(boxes: Sequence[Box]) -> Box:
    """The smallest box around all of ``boxes`` (at least one)."""
    return Box(min(b.x1 for b in boxes), min(b.y1 for b in boxes), max(b.x2 for b in boxes), max(b.y2 for b in boxes))


def intersection_over_union(a: Box, b: Box) -> float:
    """Area of overlap divided by area of union, 0..1."""
    width = min(a.x2, b.x2) - max(a.x1, b.x1)
    height = min(a.y2, b.y2) - max(a.y1, b.y1)
    if width <= 0 or height <= 0:
        return 0.0
    overlap = width * height
    return overlap / (a.area + b.area - overlap)


def context_box(box: Box, *, margin: float, max_aspect: float, width: float, height: float) -> Box:
    """The window around ``box`` that a close-up view of it shows.

    Each side grows by the factor ``margin``; then the shorter side grows until the longer one is at most
    ``max_aspect`` times as long, so that a thin box keeps some surroundings instead of being stretched out of
    recognition. The window is moved, then cut, to stay inside the image of ``width`` x ``height`` pixels.
    It contains the part of ``box`` that is inside the image (``margin`` and ``max_aspect`` at least 1).
    """
    w, h = box.width * margin, box.height * margin
    w, h = max(w, h / max_aspect), max(h, w / max_aspect)
    w, h = min(w, float(width)), min(h, float(height))
    cx, cy = box.center
    x1 = min(max(cx - w / 2, 0.0), width - w)
    y1 = min(max(cy - h / 2, 0.0), height - h)
    return Box(x1, y1, min(x1 + w, float(width)), min(y1 + h, float(height)))


@dataclass(frozen=True, slots=True)
class Place:
    """Where the middle of a box lies on an image of three rows and three columns of equal size."""

    row: Literal["top", "middle", "bottom"]
    column: Literal["left", "center", "right"]


def place_of(box: Box, *, width: float, height: float) -> Place:
    """The place of ``box`` on an image of ``width`` x ``height`` pixels."""
    x, y = box.center[0] / width, box.center[1] / height
    row: Literal["top", "middle", "bottom"] = "top" if y < 1 / 3 else "bottom" if y > 2 / 3 else "middle"
    column: Literal["left", "center", "right"] = "left" if x < 1 / 3 else "right" if x > 2 / 3 else "center"
    return Place(row, column)
