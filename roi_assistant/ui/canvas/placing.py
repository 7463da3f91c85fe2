"""Which labels have room, and where they are kept while boxes move. Pure; pixels of the screen.

With few boxes in view each caption looks for a place that hides nothing (``imaging.label_layout``); with many, only
number chips do. A place is remembered as a distance from a corner of the box, so labels ride along while the view moves
and are placed anew when it has come to rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from roi_assistant.core.box import Box
from roi_assistant.imaging.label_layout import Placement, Rect, Size, overlap, place_labels

GAP = 3.0
MOST_CAPTIONS = 40
"""With more boxes in view captions would be a carpet, and finding places for them slow."""
_CELL = 64.0
_SMALL = 44.0
"""Boxes that are smaller on the screen are not covered by the chips of others."""


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """A label that wants a place: the part of its box in view, the size of its chip, and those its plate may have. With
    the first ``outside`` of these it may cover nothing of the box."""

    id: str
    box: Box
    chip: Size
    shapes: tuple[Size, ...] = ()
    outside: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a label is: ``dx``, ``dy`` from the right (``at_right``) or left, lower or upper edge of its box to its own
    left upper corner. ``shape`` is the index of its plate's size, None: only the chip."""

    at_right: bool
    at_bottom: bool
    dx: float
    dy: float
    shape: int | None = None
    mirrored: bool = False

    def corner(self, rect: Rect) -> tuple[float, float]:
        """Left upper corner of the label of a box at ``rect``."""
        return (rect[2 if self.at_right else 0] + self.dx, rect[3 if self.at_bottom else 1] + self.dy)


def place_all(requests: Sequence[LabelRequest], *, width: float, height: float) -> dict[str, Place]:
    """Places for ``requests`` in a view of ``width`` x ``height`` pixels; those that are missing have none."""
    if not requests:
        return {}
    if len(requests) > MOST_CAPTIONS:
        return dict(_place_chips(requests, width, height))
    placements = place_labels(
        [request.box for request in requests],
        [request.shapes for request in requests],
        [request.chip for request in requests],
        width=width,
        height=height,
        gap=GAP,
        legend=False,
        outside=[request.outside for request in requests],
    )
    return {request.id: _remembered(request.box, placed) for request, placed in zip(requests, placements, strict=True)}


def beside(box: Box, size: Size, *, shape: int | None, width: float, height: float) -> Place:
    """A place for a label that must be seen, such as that of the box under the pointer: above the box, or below it, or
    inside it when the box fills the view."""
    x = min(max(box.x1 - GAP, 0.0), max(0.0, width - size[0]))
    if box.y1 - GAP - size[1] >= 0:
        return Place(False, False, x - box.x1, -GAP - size[1], shape)
    if box.y2 + GAP + size[1] <= height:
        return Place(False, True, x - box.x1, GAP, shape)
    return Place(False, False, max(x - box.x1, GAP), GAP, shape)


def _remembered(box: Box, placed: Placement) -> Place:
    rect = placed.chip if placed.plate is None else placed.plate
    at_right = abs(rect[2] - box.x2) < abs(rect[0] - box.x1)
    at_bottom = abs(rect[1] - box.y2) < abs(rect[3] - box.y1) and rect[1] > box.center[1]
    return Place(
        at_right,
        at_bottom,
        rect[0] - (box.x2 if at_right else box.x1),
        rect[1] - (box.y2 if at_bottom else box.y1),
        None if placed.plate is None else placed.shape,
        placed.mirrored,
    )


def _place_chips(requests: Sequence[LabelRequest], width: float, height: float) -> Iterator[tuple[str, Place]]:
    """Chips at the first corner that is free; large boxes first, because theirs are looked for."""
    grid = _Grid()
    for request in requests:
        if min(request.box.width, request.box.height) < _SMALL:
            grid.add(request.box.xyxy, request.id)
    for request in sorted(requests, key=lambda r: -r.box.area):
        box, (w, h) = request.box, request.chip
        inside = box.width > 2.5 * w and box.height > 2.5 * h
        corners = [(False, False, -1.0, -h), (True, False, 1.0 - w, -h), (False, True, -1.0, 0.0)]
        if inside:
            corners = [(False, False, -1.0, -h), (False, False, 0.0, 0.0), *corners[1:]]
        for at_right, at_bottom, dx, dy in corners:
            x, y = (box.x2 if at_right else box.x1) + dx, (box.y2 if at_bottom else box.y1) + dy
            rect = (x, y, x + w, y + h)
            if x < 0 or y < 0 or rect[2] > width or rect[3] > height or grid.hit(rect, request.id):
                continue
            grid.add(rect, "")
            yield request.id, Place(at_right, at_bottom, dx, dy)
            break


class _Grid:
    """Rectangles, found by where they are."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[tuple[Rect, str]]] = {}

    def add(self, rect: Rect, owner: str) -> None:
        for cell in self._of(rect):
            self._cells.setdefault(cell, []).append((rect, owner))

    def hit(self, rect: Rect, owner: str) -> bool:
        """Whether ``rect`` covers something that is not the box of ``owner`` itself."""
        return any(
            (not other or other != owner) and overlap(rect, taken) > 0
            for cell in self._of(rect)
            for taken, other in self._cells.get(cell, ())
        )

    @staticmethod
    def _of(rect: Rect) -> Iterator[tuple[int, int]]:
        for column in range(int(rect[0] // _CELL), int(rect[2] // _CELL) + 1):
            for row in range(int(rect[1] // _CELL), int(rect[3] // _CELL) + 1):
                yield column, row
