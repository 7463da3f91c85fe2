"""Lines of text in a picture: to which size a crop is brought, and in which order its lines are read. Pure.

A *quad* is four corners (x, y) of a line, clockwise from the corner that is first in the picture's own direction, in
pixels of the photo as displayed: float arrays of shape (4, 2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Quad: TypeAlias = NDArray[np.float64]
Turn: TypeAlias = Literal[0, 90, 180, 270]
"""How far a line's picture is turned, counter-clockwise, so that its letters stand upright."""

_UPSCALED_AREA = 150_000
_LARGEST_AREA = 1_000_000
_MOST_UPSCALED = 4.0
_LONGEST_SIDE = 4096
"""Pixels of what the detector is given: smaller crops are enlarged to the first area, larger ones shrunk to the
second."""
_TALL = 1.5
_SAME_ROW = 0.5
"""Part of the lower line's height by which two lines overlap that stand side by side."""


@dataclass(frozen=True, slots=True)
class Line:
    """What was read in ``quad``: ``text`` with the mean probability ``score`` of its letters."""

    quad: Quad
    text: str
    score: float


def detection_scale(width: float, height: float) -> float:
    """By which factor a crop of ``width`` x ``height`` pixels is resized before text is looked for in it."""
    area = width * height
    scale = math.sqrt(min(max(area, _UPSCALED_AREA), _LARGEST_AREA) / area)
    return min(scale, _MOST_UPSCALED, _LONGEST_SIDE / max(width, height))


def upright_turns(quad: Quad) -> tuple[Turn, ...]:
    """How the letters of a line in ``quad`` may stand, the likeliest first. Of a line that is about as high as wide
    nothing is known."""
    width, height = quad_size(quad)
    if height >= _TALL * width:
        return (90, 270)
    if width >= _TALL * height:
        return (0, 180)
    return (0, 90, 270, 180)


def quad_size(quad: Quad) -> tuple[float, float]:
    """Width and height of ``quad`` in its own direction, in pixels."""
    top, right, bottom, left = (float(np.linalg.norm(quad[k] - quad[(k + 1) % 4])) for k in range(4))
    return max(top, bottom), max(left, right)


def in_reading_order(lines: Sequence[Line], turn: Turn) -> list[list[Line]]:
    """``lines`` in rows from the first to the last, each row from its beginning to its end.

    ``turn`` is how far the picture has to be turned for its letters to stand upright; a slant is taken from the lines.
    """
    if not lines:
        return []
    angle = math.radians(turn) + _slant(lines, turn)
    cos, sin = math.cos(angle), math.sin(angle)
    # y points down: turning the picture counter-clockwise by the angle takes (x, y) to (x cos + y sin, y cos - x sin).
    back = np.array([[cos, -sin], [sin, cos]])
    places = []
    for line in lines:
        turned = line.quad @ back
        places.append((float(turned[:, 0].min()), float(turned[:, 1].min()), float(turned[:, 1].max()), line))
    rows: list[list[tuple[float, float, float, Line]]] = []
    for place in sorted(places, key=lambda place: place[1] + place[2]):
        _, top, bottom, _ = place
        for row in rows[-1:]:
            _, row_top, row_bottom, _ = row[0]
            shared = min(bottom, row_bottom) - max(top, row_top)
            if shared >= _SAME_ROW * min(bottom - top, row_bottom - row_top):
                row.append(place)
                break
        else:
            rows.append([place])
    return [[line for *_, line in sorted(row, key=lambda place: place[0])] for row in rows]


def joined(rows: Sequence[Sequence[str]]) -> str:
    """The text of ``rows`` in one line; a word that a hyphen divides between two rows is whole again."""
    text = ""
    for row in rows:
        line = " ".join(" ".join(row).split())
        if not line:
            continue
        if len(text) > 1 and text[-1] == "-" and text[-2].isalpha() and line[0].islower():
            text = text[:-1] + line
        else:
            text = f"{text} {line}" if text else line
    return text


def _slant(lines: Sequence[Line], turn: Turn) -> float:
    """By how much more than ``turn`` the lines are turned, in radians, counter-clockwise positive as seen: the median
    of their longer sides, which say the most."""
    angles = []
    for line in lines:
        width, height = quad_size(line.quad)
        start, end = (line.quad[0], line.quad[1]) if width >= height else (line.quad[1], line.quad[2])
        x, y = end - start
        seen = math.degrees(math.atan2(float(y), float(x)))  # clockwise, as y points down
        angles.append(((seen - turn + 45) % 90) - 45)  # lines are turned by turn and a little more
    return math.radians(float(np.median(angles)))
