"""What a drag is about, from press to release: drawing, moving, resizing, a rubber band. Pure; pixels of the image.

A gesture never changes what it started from, so that leaving it off is cancelling it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from roi_assistant.core.box import Box, union_box
from roi_assistant.ui.canvas.geometry import Handle, Rect, across, box_between, down, moved, resized, span
from roi_assistant.ui.canvas.snapping import SnapLines, snap_point, snap_shift

Guides = tuple[float | None, float | None]
Point = tuple[float, float]


@dataclass(slots=True)
class DrawGesture:
    """A new box between ``start`` and the pointer."""

    start: Point
    width: float
    height: float
    lines: SnapLines
    reach: float
    box: Box | None = None
    guides: Guides = (None, None)
    end: Point = (0.0, 0.0)
    _from: Point = field(default=(0.0, 0.0), init=False)

    def __post_init__(self) -> None:
        snapped = snap_point(*self.start, self.lines, reach=self.reach)
        self._from, self.end = (snapped.x, snapped.y), self.start

    def update(self, x: float, y: float, *, reach: float) -> None:
        """The pointer is at ``x``, ``y``; lines pull within ``reach`` (0: they do not)."""
        snapped = snap_point(x, y, self.lines, reach=reach)
        self.end = (x, y)
        self.guides = (snapped.line_x, snapped.line_y)
        start = self._from if reach > 0 else self.start
        self.box = box_between(start, (snapped.x, snapped.y), width=self.width, height=self.height)

    def result(self, least: float) -> Box | None:
        """The box; None when the hand moved less than ``least`` in one direction, which is a click."""
        x1, y1, x2, y2 = span(self.start, self.end)
        return self.box if x2 - x1 >= least and y2 - y1 >= least else None


@dataclass(slots=True)
class MoveGesture:
    """Boxes that move together."""

    start: Point
    before: Mapping[str, Box]
    width: float
    height: float
    lines: SnapLines
    boxes: dict[str, Box] = field(default_factory=dict)
    guides: Guides = (None, None)

    def update(self, x: float, y: float, *, reach: float) -> None:
        """The pointer is at ``x``, ``y``; lines pull within ``reach`` (0: they do not)."""
        around = union_box(list(self.before.values()))
        snapped = snap_shift(around, x - self.start[0], y - self.start[1], self.lines, reach=reach)
        self.boxes, dx, dy = moved(self.before, snapped.x, snapped.y, width=self.width, height=self.height)
        self.guides = (
            snapped.line_x if abs(dx - snapped.x) < 0.5 else None,
            snapped.line_y if abs(dy - snapped.y) < 0.5 else None,
        )


@dataclass(slots=True)
class ResizeGesture:
    """One box whose edge or corner follows the pointer. ``start`` keeps the distance between edge and pointer."""

    start: Point
    name: str
    before: Box
    handle: Handle
    width: float
    height: float
    lines: SnapLines
    boxes: dict[str, Box] = field(default_factory=dict)
    guides: Guides = (None, None)

    def update(self, x: float, y: float, *, reach: float) -> None:
        """The pointer is at ``x``, ``y``; lines pull within ``reach`` (0: they do not)."""
        to_right, to_bottom = across(self.handle), down(self.handle)
        edge_x = (self.before.x1 if to_right < 0 else self.before.x2) + x - self.start[0]
        edge_y = (self.before.y1 if to_bottom < 0 else self.before.y2) + y - self.start[1]
        snapped = snap_point(
            edge_x, edge_y, self.lines, reach=reach, horizontally=to_right != 0, vertically=to_bottom != 0
        )
        self.guides = (snapped.line_x, snapped.line_y)
        box = resized(self.before, self.handle, snapped.x, snapped.y, width=self.width, height=self.height)
        self.boxes = {self.name: box}


@dataclass(slots=True)
class BandGesture:
    """A rubber band, to select what is inside or to zoom to it."""

    start: Point
    end: Point
    zoom: bool = False
    add: bool = False

    def update(self, x: float, y: float) -> None:
        """The pointer is at ``x``, ``y``, in pixels of the image."""
        self.end = (x, y)

    @property
    def rect(self) -> Rect:
        """The band from corner to corner, in pixels of the image."""
        return span(self.start, self.end)


Gesture = DrawGesture | MoveGesture | ResizeGesture | BandGesture
