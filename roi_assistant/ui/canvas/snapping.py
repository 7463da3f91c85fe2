"""Edges that pull: a moved edge jumps to the edge of another box or of the image when it comes near. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from roi_assistant.core.box import Box

REACH = 7.0
"""From how far an edge pulls, in pixels of the screen."""


@dataclass(frozen=True, slots=True)
class SnapLines:
    """Where edges are, ascending: ``xs`` of vertical ones, ``ys`` of horizontal ones, in pixels of the image."""

    xs: tuple[float, ...] = ()
    ys: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapped:
    """A point or a shift after snapping, and the lines that pulled (None: nothing did)."""

    x: float
    y: float
    line_x: float | None = None
    line_y: float | None = None


def snap_lines(boxes: Iterable[Box], *, width: float, height: float) -> SnapLines:
    """The edges of ``boxes`` and of an image of ``width`` x ``height`` pixels."""
    xs, ys = {0.0, float(width)}, {0.0, float(height)}
    for box in boxes:
        xs.update((box.x1, box.x2))
        ys.update((box.y1, box.y2))
    return SnapLines(tuple(sorted(xs)), tuple(sorted(ys)))


def nearest(lines: Sequence[float], value: float, reach: float) -> float | None:
    """The one of ``lines`` that is nearest to ``value``; None when none is within ``reach``."""
    place = bisect_left(lines, value)
    near = [line for line in lines[max(0, place - 1) : place + 1] if abs(line - value) <= reach]
    return min(near, key=lambda line: abs(line - value)) if near else None


def snap_point(
    x: float, y: float, lines: SnapLines, *, reach: float, horizontally: bool = True, vertically: bool = True
) -> Snapped:
    """The point, pulled to the nearest lines. ``reach`` is in pixels of the image; 0 or less: nothing pulls."""
    line_x = nearest(lines.xs, x, reach) if horizontally and reach > 0 else None
    line_y = nearest(lines.ys, y, reach) if vertically and reach > 0 else None
    return Snapped(x if line_x is None else line_x, y if line_y is None else line_y, line_x, line_y)


def snap_shift(box: Box, dx: float, dy: float, lines: SnapLines, *, reach: float) -> Snapped:
    """The shift by which ``box`` moves so that the nearest of its edges lies on a line."""
    if reach <= 0:
        return Snapped(dx, dy)
    by_x, line_x = _pull((box.x1 + dx, box.x2 + dx), lines.xs, reach)
    by_y, line_y = _pull((box.y1 + dy, box.y2 + dy), lines.ys, reach)
    return Snapped(dx + by_x, dy + by_y, line_x, line_y)


def _pull(edges: tuple[float, float], lines: Sequence[float], reach: float) -> tuple[float, float | None]:
    best: tuple[float, float] | None = None
    for edge in edges:
        line = nearest(lines, edge, reach)
        if line is not None and (best is None or abs(line - edge) < abs(best[0])):
            best = line - edge, line
    return best if best is not None else (0.0, None)
