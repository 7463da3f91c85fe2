"""How families of models write boxes as numbers. Everywhere else a box is xyxy float pixels of the image as shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from roi_assistant.core.box import Box

Unit = Literal["pixels", "resized_pixels", "thousandths", "fractions"]
"""``resized_pixels``: of the image as the model's processor resizes it (Qwen2.5-VL). ``thousandths``: 0 to 1000 of the
whole side (Qwen3-VL, InternVL, GLM-V, Gemma)."""

LOCATIONS_FLORENCE, LOCATIONS_PALIGEMMA, GRID_KOSMOS = 1000, 1024, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxForm:
    """How a family writes a box in text. ``template`` has the fields ``{0}`` to ``{3}``: x1, y1, x2, y2, or with
    ``y_first`` y1, x1, y2, x2."""

    unit: Unit
    template: str
    y_first: bool = False


QWEN3_BOX = BoxForm(unit="thousandths", template='{{"bbox_2d": [{0}, {1}, {2}, {3}]}}')
QWEN25_BOX = BoxForm(unit="resized_pixels", template='{{"bbox_2d": [{0}, {1}, {2}, {3}]}}')
INTERNVL_BOX = BoxForm(unit="thousandths", template="<box>[[{0}, {1}, {2}, {3}]]</box>")
GEMMA_BOX = BoxForm(unit="thousandths", template='{{"box_2d": [{0}, {1}, {2}, {3}]}}', y_first=True)


def box_text(box: Box, form: BoxForm, *, size: tuple[int, int], resized: tuple[int, int] | None = None) -> str:
    """``box`` as the family writes it.

    Args:
        box: Pixels of the image.
        form: The family's.
        size: Width and height of the image.
        resized: Width and height after the processor's resizing; needed for ``resized_pixels``.
    """
    x1, y1, x2, y2 = box_numbers(box, form.unit, size=size, resized=resized)
    return form.template.format(*((y1, x1, y2, x2) if form.y_first else (x1, y1, x2, y2)))


def box_numbers(
    box: Box, unit: Unit, *, size: tuple[int, int], resized: tuple[int, int] | None = None
) -> tuple[float, float, float, float]:
    """x1, y1, x2, y2 of ``box`` in ``unit``: whole numbers, but fractions, which have three decimals. Arguments as in
    `box_text`."""
    most, digits = _units(unit, size=size, resized=resized) * 2, 3 if unit == "fractions" else None
    scaled = (value * units / side for value, units, side in zip(box.xyxy, most, size * 2, strict=True))
    found = [round(min(max(value, 0.0), units), digits) for value, units in zip(scaled, most, strict=True)]
    return (found[0], found[1], found[2], found[3])


def box_of_numbers(
    numbers: tuple[float, float, float, float],
    unit: Unit,
    *,
    size: tuple[int, int],
    resized: tuple[int, int] | None = None,
    y_first: bool = False,
) -> Box:
    """The box that a model wrote as ``numbers``, in pixels of the image.

    Raises:
        BoxError: it has no area.
    """
    a, b, c, d = numbers
    x1, y1, x2, y2 = (b, a, d, c) if y_first else (a, b, c, d)
    (width, height), (across, down) = size, _units(unit, size=size, resized=resized)
    # Multiplied first, so that the far border comes back as it is.
    return Box(x1 * width / across, y1 * height / down, x2 * width / across, y2 * height / down)


def _units(unit: Unit, *, size: tuple[int, int], resized: tuple[int, int] | None) -> tuple[float, float]:
    """How many units the sides of the image have."""
    if unit == "pixels":
        return size
    if unit == "resized_pixels":
        assert resized is not None, "the processor's size of the image is needed"
        return resized
    most = 1000.0 if unit == "thousandths" else 1.0
    return most, most


def qwen_resized(size: tuple[int, int], *, factor: int, min_pixels: int, max_pixels: int) -> tuple[int, int]:
    """Width and height to which the processors of Qwen-VL resize an image: multiples of ``factor`` (28 for Qwen2.5-VL,
    32 for Qwen3-VL), area between ``min_pixels`` and ``max_pixels`` (``smart_resize`` in transformers).

    Raises:
        ValueError: one side is more than 200 times the other, which the processors refuse.
    """
    width, height = size
    if max(size) / min(size) > 200:
        raise ValueError("one side of the image is more than 200 times the other")
    w, h = (max(factor, round(side / factor) * factor) for side in size)
    if w * h > max_pixels:
        shrink = math.sqrt(width * height / max_pixels)
        w, h = (max(factor, math.floor(side / shrink / factor) * factor) for side in size)
    elif w * h < min_pixels:
        grow = math.sqrt(min_pixels / (width * height))
        w, h = (math.ceil(side * grow / factor) * factor for side in size)
    return w, h


def florence_locations(box: Box, *, size: tuple[int, int]) -> str:
    """``<loc_52><loc_332><loc_932><loc_774>``: x1, y1, x2, y2 in 1,000 bins of the side, rounded down (Florence-2)."""
    bins = [
        min(max(math.floor(value * LOCATIONS_FLORENCE / side), 0), LOCATIONS_FLORENCE - 1)
        for value, side in zip(box.xyxy, size * 2, strict=True)
    ]
    return "".join(f"<loc_{bin_}>" for bin_ in bins)


def paligemma_locations(box: Box, *, size: tuple[int, int]) -> str:
    """``<loc0102><loc0051>...``: y1, x1, y2, x2 in 1,024 bins of the side, rounded, with four digits (PaliGemma)."""
    bins = [
        min(max(round(value / side * (LOCATIONS_PALIGEMMA - 1)), 0), LOCATIONS_PALIGEMMA - 1)
        for value, side in zip(box.xyxy, size * 2, strict=True)
    ]
    return "".join(f"<loc{bins[place]:04d}>" for place in (1, 0, 3, 2))


def kosmos_patches(box: Box, *, size: tuple[int, int]) -> tuple[int, int]:
    """The patches of the upper left and the lower right corner in a grid of 32 x 32, row by row (Kosmos-2)."""
    x1, y1, x2, y2 = (value / side * GRID_KOSMOS for value, side in zip(box.xyxy, size * 2, strict=True))
    left, top = (min(max(math.floor(value), 0), GRID_KOSMOS - 1) for value in (x1, y1))
    right, bottom = (min(max(math.ceil(value - 1), 0), GRID_KOSMOS - 1) for value in (x2, y2))
    return top * GRID_KOSMOS + left, max(bottom, top) * GRID_KOSMOS + max(right, left)


def box_of_florence(bins: tuple[int, int, int, int], *, size: tuple[int, int]) -> Box:
    """The box of four bins x1, y1, x2, y2: the middle of each, as the processor of Florence-2 reads them.

    Raises:
        BoxError: it has no area.
    """
    x1, y1, x2, y2 = ((bin_ + 0.5) * side / LOCATIONS_FLORENCE for bin_, side in zip(bins, (*size, *size), strict=True))
    return Box(x1, y1, x2, y2)


def box_of_paligemma(bins: tuple[int, int, int, int], *, size: tuple[int, int]) -> Box:
    """The box of four bins y1, x1, y2, x2 (PaliGemma).

    Raises:
        BoxError: it has no area.
    """
    y1, x1, y2, x2 = (bin_ / (LOCATIONS_PALIGEMMA - 1) for bin_ in bins)
    return Box(x1 * size[0], y1 * size[1], x2 * size[0], y2 * size[1])


def box_of_kosmos(first: int, last: int, *, size: tuple[int, int]) -> Box:
    """The box between two patches, as the processor of Kosmos-2 reads them: from middle to middle, and whole patches
    where both are in one row or column.

    Raises:
        BoxError: ``last`` is above ``first`` or left of it.
    """
    (top, left), (bottom, right) = divmod(first, GRID_KOSMOS), divmod(last, GRID_KOSMOS)
    begin, end = (0.0, 1.0) if left == right or top == bottom else (0.5, 0.5)
    across, down = size[0] / GRID_KOSMOS, size[1] / GRID_KOSMOS
    return Box((left + begin) * across, (top + begin) * down, (right + end) * across, (bottom + end) * down)
