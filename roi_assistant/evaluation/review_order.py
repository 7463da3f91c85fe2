"""What the order teaches in which a scripted annotator decides about boxes that all wait. Pure.

A third of a project's boxes is held out: they are never decided, and tell what was learned. Boxes that an order leaves
for the end tell less, since an order that begins with the hard ones leaves the easy ones.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from roi_assistant.core.records import RegionKey
from roi_assistant.evaluation.learning import Project, decision, first_guess, lesson
from roi_assistant.evaluation.named_regions import NamedRegion
from roi_assistant.memory.recall import ProjectMemory
from roi_assistant.memory.teaching import teaches_most

ReviewOrder = Literal["random", "least certain", "teaches most"]
ORDERS: tuple[ReviewOrder, ...] = ("random", "least certain", "teaches most")
_HELD_OUT = 3
"""Every so manyth box."""
_PAGE = 10
"""Boxes that are decided before the order is made anew."""


class Learned(NamedTuple):
    """Shares of boxes whose category is right after the decisions: of those that still wait, of those held out, and of
    both."""

    waiting: float
    held_out: float
    remaining: float


def learned(project: Project, order: ReviewOrder, *, decisions: int, seed: int = 0) -> Learned:
    """Decide about ``decisions`` boxes of ``project`` in ``order``, with an empty memory; ``seed`` draws the boxes that
    are held out. The project has more boxes than that, by half at least, and all have vectors of one model."""
    drawn = list(project.regions)
    random.Random(f"{seed} {project.name} order").shuffle(drawn)
    held_out, waiting = drawn[::_HELD_OUT], [one for n, one in enumerate(drawn) if n % _HELD_OUT]
    memory = ProjectMemory(len(drawn[0].vector))
    decided: list[NamedRegion] = []
    while len(decided) < decisions and waiting:
        page = _page(waiting, decided, order, count=min(_PAGE, decisions - len(decided)))
        for region in page:
            key = RegionKey(region.photo, region.item)
            text = memory.recalled(region.text, region.vector, key=key).text
            memory.learn(lesson(key, region.name, text), region.vector)
        decided += page
        gone = {region.item for region in page}
        waiting = [region for region in waiting if region.item not in gone]
    return Learned(*(_right(rest, memory) for rest in (waiting, held_out, [*waiting, *held_out])))


def _page(
    waiting: Sequence[NamedRegion], decided: Sequence[NamedRegion], order: ReviewOrder, *, count: int
) -> list[NamedRegion]:
    """The next boxes in ``order``. Those in ``waiting`` are in random order."""
    if order == "random":
        return list(waiting[:count])
    if order == "least certain":
        return sorted(waiting, key=_certainty)[:count]
    doubts = np.array([1 - _certainty(region) for region in waiting], np.float32)
    looks = np.stack([region.vector for region in waiting])
    lessons = np.stack([region.vector for region in decided]) if decided else looks[:0]
    return [waiting[n] for n in teaches_most(looks, doubts, lessons, count=count)]


def _certainty(region: NamedRegion) -> float:
    """As it is stored with a suggestion that came before all decisions."""
    guess = first_guess(region.text)
    return guess.score if guess is not None else 0.0


def _right(regions: Sequence[NamedRegion], memory: ProjectMemory) -> float:
    if not regions:
        return float("nan")
    keys = [RegionKey(region.photo, region.item) for region in regions]
    texts = [memory.recalled(one.text, one.vector, key=key).text for one, key in zip(regions, keys, strict=True)]
    return sum(decision(one, text).right for one, text in zip(regions, texts, strict=True)) / len(regions)
