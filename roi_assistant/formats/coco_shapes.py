"""COCO's ``segmentation``: polygons and masks, of which this program keeps the box around them."""

from __future__ import annotations

import math

from roi_assistant.core.box import Box
from roi_assistant.errors import BoxError

_LARGEST = 1e9
"""Pixels from the corner at most; also NaN is not less."""
_ROUNDING = 0.011
"""Pixels by which tools round corners."""


def box_of_shape(segmentation: object) -> Box | None:
    """The box around polygons ``[[x, y, x, y, ...], ...]`` or a mask ``{"size": [height, width], "counts": [...]}``,
    whose counts may also be the text of a compressed mask.

    None where it is neither, or where there is nothing in it.
    """
    try:
        if isinstance(segmentation, dict):
            return _box_of_mask(segmentation)
        points = _points(segmentation)
        if not points:
            return None
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return Box(min(xs), min(ys), max(xs), max(ys))
    except (BoxError, OverflowError):
        return None


def is_outline_of(box: Box, segmentation: object) -> bool:
    """Whether it is one polygon with just the corners of ``box``, which says nothing more than the box."""
    if not isinstance(segmentation, list) or len(segmentation) != 1:
        return False
    if not isinstance(segmentation[0], list) or len(segmentation[0]) not in (8, 10):
        return False
    corners = [(x, y) for x in (box.x1, box.x2) for y in (box.y1, box.y2)]
    met = set()
    for x, y in _points(segmentation):
        distance, nearest = min((max(abs(c[0] - x), abs(c[1] - y)), c) for c in corners)  # a tiny box has several near
        if distance > _ROUNDING:
            return False
        met.add(nearest)
    return met == set(corners)


def _points(segmentation: object) -> list[tuple[float, float]]:
    """Empty where it is no list of polygons."""
    if not isinstance(segmentation, list):
        return []
    points: list[tuple[float, float]] = []
    for polygon in segmentation:
        if not isinstance(polygon, list) or len(polygon) < 6 or len(polygon) % 2:
            return []
        if not all(type(value) in (int, float) and abs(value) < _LARGEST for value in polygon):
            return []
        points += zip(map(float, polygon[::2]), map(float, polygon[1::2]), strict=True)
    return points


def _box_of_mask(mask: dict[object, object]) -> Box | None:
    """``counts`` are lengths of runs, column by column, of nothing and mask in turns."""
    size, counts = mask.get("size"), mask.get("counts")
    if isinstance(counts, str):
        counts = _runs(counts)
    if not isinstance(size, list) or len(size) != 2 or not isinstance(counts, list):
        return None
    height = size[0]
    if not all(type(value) is int and value >= 0 for value in (*size, *counts)) or not height:
        return None
    x1 = y1 = math.inf
    x2 = y2 = -math.inf
    position = 0
    for number, count in enumerate(counts):
        if number % 2 and count:
            first, last = position // height, (position + count - 1) // height
            top, bottom = (position % height, (position + count - 1) % height) if first == last else (0, height - 1)
            x1, x2 = min(x1, first), max(x2, last + 1)
            y1, y2 = min(y1, top), max(y2, bottom + 1)
        position += count
    return None if x2 < x1 or position > height * size[1] else Box(x1, y1, x2, y2)


def _runs(text: str) -> list[int] | None:
    """The runs of a mask that pycocotools compressed; None where ``text`` is none.

    Each number is written in groups of five bits, the lowest first, as the letters from "0": 32 says that another group
    follows, 16 in the last one that the number is negative. From the fourth on it is the difference to the last but
    one.
    """
    runs: list[int] = []
    value = shift = 0
    for letter in text:
        group = ord(letter) - 48
        if not 0 <= group < 64 or shift > 60:
            return None
        value |= (group & 31) << shift
        shift += 5
        if group & 32:
            continue
        if group & 16:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    return None if shift else runs
