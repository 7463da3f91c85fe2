"""Where the labels of boxes go: pure geometry, no drawing.

A label is a plate with a number chip and a caption. It is put against an edge of its box, where it covers no other
label, little of other boxes and nothing of small ones; a label for which there is no such place is left to a legend,
and only its number chip stays at the box. Rectangles are ``(x1, y1, x2, y2)`` in pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from roi_assistant.core.box import Box

Rect = tuple[float, float, float, float]
Size = tuple[float, float]

_MOST_OF_ANOTHER_BOX = 0.12
"""Largest part of another box that a caption may cover."""
_MOST_OF_OWN_BOX = 0.16
_LINE_COST = 0.15
_ASTRAY_COST = 0.4
_COVER_COST = 4.0
_CONTENT_COST = 0.35
_CORE_COST = 0.6
_CORE = (0.22, 0.1)
"""The core of a box begins this part of its width and height inwards: faces and the like are there."""
_MOST_COST = 1.3
"""A plate that disturbs more than this is better read in the legend."""
_LEGEND_FOR_ALL = 0.25
"""When more than this part of the captions has no place, all go to the legend: half and half reads worse."""
_MOST_OF_IMAGE = 0.2
"""When plates would hide more than this part of the image, all captions go to the legend."""
_SLIDES = 9


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a label is. ``plate`` is None when the caption goes to the legend; ``shape`` is the index of the chosen
    size. ``chip`` holds the number, at the left end of the plate, or at its right end when ``mirrored``."""

    chip: Rect
    plate: Rect | None = None
    shape: int = 0
    mirrored: bool = False


def overlap(a: Rect, b: Rect) -> float:
    """Area that two rectangles share."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return width * height if width > 0 and height > 0 else 0.0


def place_labels(
    boxes: Sequence[Box],
    shapes: Sequence[Sequence[Size]],
    chips: Sequence[Size],
    *,
    width: float,
    height: float,
    gap: float,
    legend: bool = True,
    outside: Sequence[int] = (),
) -> list[Placement]:
    """A place for the label of each box.

    Args:
        boxes: inside an image of ``width`` x ``height`` pixels.
        shapes: per box, the sizes that its plate may have (one line, two lines, ...), chip included, preferred first;
            none: the label is only a chip.
        chips: per box, the size of its number chip. Plates are at least as high.
        gap: least distance between two labels, and how far the outline of a box reaches over its edge.
        legend: whether there is a legend that takes all captions once many have no place; without one, as many as
            have a place keep it.
        outside: per box, how many of the first ``shapes`` may cover nothing of it; empty: none of any.

    Returns:
        Placements in the order of ``boxes``. Plates overlap neither each other nor a chip. Chips avoid each other as
        far as there is room.
    """
    rects = [box.xyxy for box in boxes]
    order = sorted(range(len(boxes)), key=lambda index: boxes[index].area)  # small boxes have the fewest places
    taken: list[Rect] = []
    plates: dict[int, Placement] = {}
    labelled = [index for index in order if shapes[index]]
    for index in labelled:
        best = _best_plate(
            index,
            rects,
            shapes[index],
            chips[index],
            taken,
            width=width,
            height=height,
            gap=gap,
            outside=outside[index] if outside else 0,
        )
        if best is not None:
            plates[index] = best
            taken.append(_grown(best.plate or best.chip, gap))
    hidden = sum(_area(placement.plate) for placement in plates.values() if placement.plate)
    homeless = len(labelled) - len(plates)
    crowded = homeless > max(1, _LEGEND_FOR_ALL * len(labelled)) or hidden > _MOST_OF_IMAGE * width * height
    if legend and crowded:
        plates.clear()
        taken.clear()
    for index in order:
        if index not in plates:
            chip = _best_chip(index, rects, chips[index], taken, width=width, height=height, gap=gap)
            plates[index] = Placement(chip)
            taken.append(_grown(chip, gap))
    return [plates[index] for index in range(len(boxes))]


def _best_plate(
    index: int,
    rects: Sequence[Rect],
    shapes: Sequence[Size],
    chip: Size,
    taken: Sequence[Rect],
    *,
    width: float,
    height: float,
    gap: float,
    outside: int,
) -> Placement | None:
    best: tuple[float, Placement] | None = None
    box = rects[index]
    for shape, size in enumerate(shapes):
        for preference, plate, mirrored in _anchors(box, size, width=width, height=height, gap=gap):
            if plate[0] < 0 or plate[1] < 0 or plate[2] > width or plate[3] > height:
                continue
            chip_rect = _chip_of(plate, chip, mirrored=mirrored)
            cost = preference + _LINE_COST * shape
            if overlap(_grown(chip_rect, gap + 1), box) == 0:  # the plate slid until its number is off the box
                cost += _ASTRAY_COST
            if best is not None and cost >= best[0]:
                continue
            if any(overlap(plate, other) > 0 for other in taken):
                continue
            cost += _cover(plate, index, rects, own_limit=0.0 if shape < outside else _MOST_OF_OWN_BOX)
            if best is None or cost < best[0]:
                best = cost, Placement(chip_rect, plate, shape, mirrored)
    return best[1] if best is not None and best[0] <= _MOST_COST else None


def _cover(rect: Rect, index: int, rects: Sequence[Rect], *, own_limit: float) -> float:
    """What it costs that ``rect`` hides parts of the boxes; infinite when it hides too much of one."""
    cost = content = core = 0.0
    for other, box in enumerate(rects):
        shared = overlap(rect, box)
        if not shared:
            continue
        part = shared / _area(box)
        if part > (own_limit if other == index else _MOST_OF_ANOTHER_BOX):
            return float("inf")
        cost += _COVER_COST * part
        # The greatest and not the sum: boxes inside boxes hide the same pixels again.
        core = max(core, overlap(rect, _core(box)))
        if other != index:
            content = max(content, shared)
    return cost + (_CORE_COST * core + _CONTENT_COST * content) / _area(rect)


def _anchors(box: Rect, size: Size, *, width: float, height: float, gap: float) -> Iterator[tuple[float, Rect, bool]]:
    """Places for a plate against ``box``: what each costs, the rectangle, and whether its chip is on the right."""
    w, h = size
    left, right = box[0] - gap, box[2] + gap - w
    above, below = box[1] - gap - h, box[3] + gap
    inside_left, inside_right = box[0] + gap, box[2] - gap - w
    inside_top, inside_bottom = box[1] + gap, box[3] - gap - h
    # At the border of the image a plate slides along the edge of its box until it fits.
    left, right = _slid(left, w, width), _slid(right, w, width)
    yield 0.0, (left, above, left + w, above + h), False
    yield 0.12, (left, below, left + w, below + h), False
    yield 0.14, (right, above, right + w, above + h), True
    yield 0.2, (right, below, right + w, below + h), True
    for step in range(1, _SLIDES):
        x = left + (right - left) * step / _SLIDES
        if w < box[2] - box[0]:
            yield 0.3, (x, above, x + w, above + h), False
            yield 0.32, (x, below, x + w, below + h), False
    beside, before = box[2] + gap, box[0] - gap - w
    for part, extra in ((0.0, 0.0), (1.0, 0.06), (0.5, 0.1)):
        y = _slid(box[1] - gap + (box[3] - box[1] + 2 * gap - h) * part, h, height)
        yield 0.26 + extra, (beside, y, beside + w, y + h), False
        yield 0.3 + extra, (before, y, before + w, y + h), True
    if inside_right >= inside_left and inside_bottom >= inside_top:
        yield 0.16, (inside_left, inside_top, inside_left + w, inside_top + h), False
        yield 0.24, (inside_left, inside_bottom, inside_left + w, inside_bottom + h), False
        yield 0.26, (inside_right, inside_top, inside_right + w, inside_top + h), True
        yield 0.28, (inside_right, inside_bottom, inside_right + w, inside_bottom + h), True
        for step in range(1, _SLIDES):
            x = inside_left + (inside_right - inside_left) * step / _SLIDES
            y = inside_top + (inside_bottom - inside_top) * step / _SLIDES
            yield 0.4, (x, inside_top, x + w, inside_top + h), False
            yield 0.44, (x, inside_bottom, x + w, inside_bottom + h), False
            middle = 0.4 * min(step, _SLIDES - step) / _SLIDES
            yield 0.42 + middle, (inside_left, y, inside_left + w, y + h), False
            yield 0.46 + middle, (inside_right, y, inside_right + w, y + h), True


def _best_chip(
    index: int, rects: Sequence[Rect], size: Size, taken: Sequence[Rect], *, width: float, height: float, gap: float
) -> Rect:
    """A chip has to go somewhere: hiding is a cost here, not a bar."""
    best: tuple[float, Rect] | None = None
    box = rects[index]
    for preference, rect, _ in _chip_anchors(box, size, width=width, height=height, gap=gap):
        x, y = _slid(rect[0], size[0], width), _slid(rect[1], size[1], height)
        chip = (x, y, x + size[0], y + size[1])
        cost = preference
        for other, other_box in enumerate(rects):
            shared = overlap(chip, other_box)
            cost += (2.0 if other == index else 3.0) * shared / _area(other_box)
        for label in taken:
            cost += 20.0 * overlap(chip, label) / _area(chip)
        if best is None or cost < best[0]:
            best = cost, chip
    assert best is not None
    return best[1]


def _chip_anchors(
    box: Rect, size: Size, *, width: float, height: float, gap: float
) -> Iterator[tuple[float, Rect, bool]]:
    w, h = size
    corner = (box[0] - gap, box[1] - gap)
    yield 0.0, (*corner, corner[0] + w, corner[1] + h), False  # on the corner: closest to the box, covers little of it
    for cost, rect, mirrored in _anchors(box, size, width=width, height=height, gap=gap):
        yield cost + 0.05, rect, mirrored


def _chip_of(plate: Rect, chip: Size, *, mirrored: bool) -> Rect:
    if mirrored:
        return (plate[2] - chip[0], plate[1], plate[2], plate[3])
    return (plate[0], plate[1], plate[0] + chip[0], plate[3])


def _core(rect: Rect) -> Rect:
    x, y = _CORE[0] * (rect[2] - rect[0]), _CORE[1] * (rect[3] - rect[1])
    return (rect[0] + x, rect[1] + y, rect[2] - x, rect[3] - y)


def _slid(start: float, length: float, limit: float) -> float:
    return max(0.0, min(start, limit - length))


def _grown(rect: Rect, by: float) -> Rect:
    return (rect[0] - by, rect[1] - by, rect[2] + by, rect[3] + by)


def _area(rect: Rect) -> float:
    return (rect[2] - rect[0]) * (rect[3] - rect[1])
