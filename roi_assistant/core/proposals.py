"""Which of the boxes that a model proposes are taken: for a whole image, and for a click on it.

Coordinates are pixels of the image as displayed.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence

from roi_assistant.core.box import Box
from roi_assistant.core.records import ScoredBox

SAME = 0.5
"""Boxes that overlap (IoU) by this much are taken for boxes of the same thing."""
LEAST_SCORE = 0.2
"""Of a box that is suggested unasked, see `ScoredBox`."""
LEAST_SCORE_AT_CLICK = 0.05
"""Of a box that is pointed at: the click says already that there is something."""
PART = 0.85
"""A box is taken for a part of another one if this share of it lies in the other."""
LARGER = 1.4
"""The next larger box has at least this many times the area: what hardly differs is no choice."""

MOST_PHRASES = 100
"""What is looked for at a time: a detector by words reads all of it for each image."""
_LONGEST_PHRASE = 100
_BETWEEN = re.compile(r"[,;\n\uff0c\u3001\uff1b]")


def typed_phrases(text: str) -> tuple[str, ...]:
    """``"red car, traffic sign"`` as ``("red car", "traffic sign")``: each once, in their order, at most
    `MOST_PHRASES`."""
    return as_phrases(_BETWEEN.split(text))


def as_phrases(names: Iterable[str]) -> tuple[str, ...]:
    """``names`` without what is empty or there already, however it is spelled, at most `MOST_PHRASES` of 100 letters
    each."""
    found: dict[str, str] = {}
    for name in names:
        phrase = " ".join(name.split())[:_LONGEST_PHRASE].strip()
        if phrase:
            found.setdefault(phrase.casefold(), phrase)
        if len(found) == MOST_PHRASES:
            break
    return tuple(found.values())


def best_boxes(proposals: Iterable[ScoredBox], *, most: int, across_labels: bool = False) -> tuple[ScoredBox, ...]:
    """The best ``most`` of ``proposals``, the surest first, without those that are the same (`SAME`) as a better one
    with their label, or, ``across_labels``, with any: non-maximum suppression. Of boxes that are equal in all numbers
    one label stays, the surest."""
    there: dict[str, BoxesThere] = {}
    kept: dict[Box, ScoredBox] = {}
    for proposal in sorted(proposals, key=lambda item: -item.score):
        if len(kept) == most:
            break
        of_label = there.setdefault("" if across_labels else proposal.label, BoxesThere(()))
        if proposal.box not in kept and not of_label.has(proposal.box):
            of_label.add(proposal.box)
            kept[proposal.box] = proposal
    return tuple(kept.values())


def new_boxes(
    proposals: Iterable[ScoredBox],
    taken: Iterable[Box],
    *,
    most: int,
    least: float = LEAST_SCORE,
    parts: bool = False,
) -> tuple[Box, ...]:
    """The best ``most`` of ``proposals`` whose score is ``least`` or more, the surest first. One that is the same
    (`SAME`) as one of ``taken``, or as a better one, is left out; without ``parts`` also what is a part (`PART`) of a
    better one: most boxes inside better ones are handles, sleeves and letters, which hardly anybody draws."""
    there = BoxesThere(taken)
    found: list[Box] = []
    for proposal in sorted(proposals, key=lambda item: -item.score):
        if proposal.score < least or len(found) == most:
            break
        if not there.has(proposal.box) and (parts or not any(_is_part(proposal.box, other) for other in found)):
            found.append(proposal.box)
            there.add(proposal.box)
    return tuple(found)


def _is_part(box: Box, other: Box) -> bool:
    width = min(box.x2, other.x2) - max(box.x1, other.x1)
    height = min(box.y2, other.y2) - max(box.y1, other.y1)
    return width > 0 and height > 0 and width * height >= PART * box.area


class BoxesThere:
    """Boxes by their left edges, so that those that may be the same as another are found among thousands."""

    def __init__(self, boxes: Iterable[Box]) -> None:
        self._boxes = sorted(box.xyxy for box in boxes)

    def add(self, box: Box) -> None:
        """One more."""
        insort(self._boxes, box.xyxy)

    def has(self, box: Box) -> bool:
        """Whether ``box`` is the same (`SAME`) as one of them."""
        x1, y1, x2, y2 = box.xyxy
        # Of the wider one of two boxes that are the same, a share of 1 - SAME at most is beside the other, which has a
        # share of SAME of its width at least.
        first = bisect_left(self._boxes, (x1 - box.width * (1 - SAME) / SAME,))
        last = bisect_right(self._boxes, (x1 + box.width * (1 - SAME), math.inf))
        for a1, b1, a2, b2 in self._boxes[first:last]:
            if a1 < x2 and x1 < a2 and b1 < y2 and y1 < b2:
                shared = (min(x2, a2) - max(x1, a1)) * (min(y2, b2) - max(y1, b1))
                if shared >= SAME * (box.area + (a2 - a1) * (b2 - b1) - shared):
                    return True
        return False


def proposal_at(
    proposals: Iterable[ScoredBox], x: float, y: float, *, least: float = LEAST_SCORE_AT_CLICK
) -> tuple[ScoredBox, ...]:
    """The boxes around the point (``x``, ``y``) whose score is ``least`` or more: first the likeliest one, then ever
    larger ones (`LARGER`), of those of about the same size the likeliest.

    Likely is a box with a high score, with the point near its middle, and a small one: a person who wants a large
    thing clicks where there is no smaller one, or asks for the larger box.
    """
    around = [item for item in proposals if item.score >= least and _nearness(item.box, x, y) > 0]
    if not around:
        return ()
    order = [max(around, key=lambda item: _likelihood(item, x, y))]
    while True:
        larger = [item for item in around if item.box.area >= LARGER * order[-1].box.area]
        if not larger:
            return tuple(order)
        order.append(_likeliest_of_smallest(larger, x, y))


def _likeliest_of_smallest(items: Sequence[ScoredBox], x: float, y: float) -> ScoredBox:
    limit = LARGER * min(item.box.area for item in items)
    return max((item for item in items if item.box.area <= limit), key=lambda item: _likelihood(item, x, y))


def _likelihood(item: ScoredBox, x: float, y: float) -> float:
    """Divided by the root of the area, which found most boxes of people by a click near their middles."""
    return item.score * _nearness(item.box, x, y) / math.sqrt(item.box.area)


def _nearness(box: Box, x: float, y: float) -> float:
    """1 in the middle of ``box``, 0 on its edge and beyond."""
    middle_x, middle_y = box.center
    off = max(abs(x - middle_x) / (box.width / 2), abs(y - middle_y) / (box.height / 2))
    return max(0.0, 1.0 - off * off)
