"""Where boxes and their handles are, and what a drag makes of them. Pure; pixels of the image unless said otherwise.

Edges that a hand moves land on whole pixels, and a box is never thinner than one: what is drawn is what is exported.
Boxes that came with fractions keep them where the hand does not touch them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from roi_assistant.core.box import Box, union_box

Handle = Literal["nw", "n", "ne", "e", "se", "s", "sw", "w"]
HANDLES: tuple[Handle, ...] = ("nw", "n", "ne", "e", "se", "s", "sw", "w")
CORNERS: tuple[Handle, ...] = ("nw", "ne", "se", "sw")

LEAST_SIDE = 1.0
"""Of a box, in pixels of the image."""
HANDLE_REACH = 9.0
"""How far from its middle a handle is still grabbed, in pixels of the screen."""
EDGE_REACH = 5.0
"""How far from an edge of a selected box the edge is still grabbed, in pixels of the screen."""
_ROOM_FOR_EDGE_HANDLES = 44.0
_ROOM_INSIDE = 30.0
_OUTSIDE = 4.0

Rect = tuple[float, float, float, float]


def across(handle: Handle) -> int:
    """Which vertical edge ``handle`` moves: -1 the left one, 1 the right one, 0 none."""
    return -1 if "w" in handle else 1 if "e" in handle else 0


def down(handle: Handle) -> int:
    """Which horizontal edge ``handle`` moves: -1 the upper one, 1 the lower one, 0 none."""
    return -1 if "n" in handle else 1 if "s" in handle else 0


def handle_points(rect: Rect) -> dict[Handle, tuple[float, float]]:
    """Middles of the handles of a box at ``rect``, all in pixels of the screen.

    Small boxes have fewer handles, a little outside, so that something of the box is left to be grabbed and moved.
    """
    x1, y1, x2, y2 = rect
    width, height = x2 - x1, y2 - y1
    out = _OUTSIDE if min(width, height) < _ROOM_INSIDE else 0.0
    xs, ys = {-1: x1 - out, 0: (x1 + x2) / 2, 1: x2 + out}, {-1: y1 - out, 0: (y1 + y2) / 2, 1: y2 + out}
    shown = list(CORNERS)
    if width >= _ROOM_FOR_EDGE_HANDLES:
        shown += ["n", "s"]
    if height >= _ROOM_FOR_EDGE_HANDLES:
        shown += ["e", "w"]
    return {handle: (xs[across(handle)], ys[down(handle)]) for handle in HANDLES if handle in shown}


def handle_at(rect: Rect, x: float, y: float) -> Handle | None:
    """The handle or edge of a box at ``rect`` that a pointer at ``x``, ``y`` grabs; all in pixels of the screen."""
    best: tuple[float, Handle] | None = None
    for handle, (hx, hy) in handle_points(rect).items():
        distance = max(abs(hx - x), abs(hy - y))
        if distance <= HANDLE_REACH and (best is None or distance < best[0]):
            best = distance, handle
    x1, y1, x2, y2 = rect
    small = min(x2 - x1, y2 - y1) < _ROOM_INSIDE
    if best is not None:
        if small and x1 + 2 < x < x2 - 2 and y1 + 2 < y < y2 - 2:
            return None  # the little that is inside a small box moves it
        return best[1]
    if small:
        return None
    if x1 - EDGE_REACH <= x <= x2 + EDGE_REACH:
        if abs(y - y1) <= EDGE_REACH:
            return "n"
        if abs(y - y2) <= EDGE_REACH:
            return "s"
    if y1 - EDGE_REACH <= y <= y2 + EDGE_REACH:
        if abs(x - x1) <= EDGE_REACH:
            return "w"
        if abs(x - x2) <= EDGE_REACH:
            return "e"
    return None


def box_at(boxes: Iterable[tuple[str, Box]], x: float, y: float, *, reach: float) -> str | None:
    """Id of the smallest box that contains the point, or has it within ``reach`` of its edge; None when no box does.

    The smallest, because a box inside another could not be clicked otherwise. Boxes that contain the point win over
    boxes that are only near.
    """
    best: tuple[bool, float, str] | None = None
    for name, box in boxes:
        if not (box.x1 - reach <= x <= box.x2 + reach and box.y1 - reach <= y <= box.y2 + reach):
            continue
        near = not (box.x1 <= x <= box.x2 and box.y1 <= y <= box.y2)
        key = (near, box.area, name)
        if best is None or key[:2] < best[:2]:
            best = key
    return best[2] if best is not None else None


def boxes_inside(boxes: Iterable[tuple[str, Box]], band: Rect) -> tuple[str, ...]:
    """Ids of the boxes that lie wholly inside ``band``."""
    x1, y1, x2, y2 = band
    return tuple(n for n, b in boxes if b.x1 >= x1 and b.y1 >= y1 and b.x2 <= x2 and b.y2 <= y2)


def span(a: tuple[float, float], b: tuple[float, float]) -> Rect:
    """The rectangle between two corners."""
    return (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))


def box_between(a: tuple[float, float], b: tuple[float, float], *, width: float, height: float) -> Box | None:
    """The box between two corners, on whole pixels and inside the image; None when nothing of it is inside."""
    x1, y1, x2, y2 = span(a, b)
    x1, x2 = max(0.0, float(round(x1))), min(width, float(round(x2)))
    y1, y2 = max(0.0, float(round(y1))), min(height, float(round(y2)))
    if x2 - x1 < LEAST_SIDE or y2 - y1 < LEAST_SIDE:
        return None
    return Box(x1, y1, x2, y2)


def moved(
    boxes: Mapping[str, Box], dx: float, dy: float, *, width: float, height: float
) -> tuple[dict[str, Box], float, float]:
    """``boxes`` moved together by whole pixels, as far as all of them stay inside the image, and how far that was."""
    if not boxes:
        return {}, 0.0, 0.0
    around = union_box(list(boxes.values()))
    dx = _kept(float(round(dx)), -around.x1, width - around.x2)
    dy = _kept(float(round(dy)), -around.y1, height - around.y2)
    shifted = {name: Box(b.x1 + dx, b.y1 + dy, b.x2 + dx, b.y2 + dy) for name, b in boxes.items()}
    return shifted, dx, dy


def resized(box: Box, handle: Handle, x: float, y: float, *, width: float, height: float) -> Box:
    """``box`` with the edges of ``handle`` at ``x`` and ``y``, on whole pixels and inside the image.

    An edge that is pulled over the opposite one turns the box inside out, as hands expect; it never gets empty.
    """
    x1, x2 = _pulled(box.x1, box.x2, across(handle), x, width)
    y1, y2 = _pulled(box.y1, box.y2, down(handle), y, height)
    return Box(x1, y1, x2, y2)


def grown(box: Box, dx: float, dy: float, *, width: float, height: float) -> Box:
    """``box`` with its right edge moved by ``dx`` and its lower edge by ``dy``; inside the image, never empty."""
    x2 = min(width, max(box.x1 + LEAST_SIDE, box.x2 + dx)) if dx else box.x2
    y2 = min(height, max(box.y1 + LEAST_SIDE, box.y2 + dy)) if dy else box.y2
    return Box(box.x1, box.y1, max(x2, box.x1 + LEAST_SIDE / 2), max(y2, box.y1 + LEAST_SIDE / 2))


def _pulled(low: float, high: float, side: int, to: float, limit: float) -> tuple[float, float]:
    if side == 0:
        return low, high
    fixed = high if side < 0 else low
    pulled = _kept(float(round(to)), 0.0, limit)
    if abs(pulled - fixed) < LEAST_SIDE:
        pulled = fixed + (LEAST_SIDE if pulled > fixed or (pulled == fixed and side > 0) else -LEAST_SIDE)
        if not 0.0 <= pulled <= limit:
            pulled = fixed - LEAST_SIDE if pulled > limit else fixed + LEAST_SIDE
    return min(fixed, pulled), max(fixed, pulled)


def _kept(value: float, low: float, high: float) -> float:
    """``value`` between ``low`` and ``high``; zero when a box is larger than the image and cannot move."""
    return min(max(value, low), high) if low <= high else 0.0
