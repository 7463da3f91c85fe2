"""Mixing data sets, in an order that depends on seed and epoch only, and shifting and flipping of photos."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from roi_assistant.datasets.dataset import INPUT_SIDE, RegionDataset
from roi_assistant.datasets.records import RegionSample, UnitBox
from roi_assistant.errors import BadInputError

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_SHIFT = 32
"""Pixels of the squeezed photo."""


@dataclass(frozen=True, slots=True)
class Part:
    """One data set of a mix. In each epoch ``share`` of its entries are drawn: 1 is all of them once, 0.25 a quarter,
    other entries each time; 2 is each twice."""

    dataset: RegionDataset
    share: float = 1.0


class DatasetMix:
    """Several data sets shuffled together.

    Raises:
        BadInputError: there is no data set, or a share is not positive.
    """

    def __init__(self, parts: Sequence[Part], *, seed: int) -> None:
        if not parts or any(not part.share > 0 for part in parts):
            raise BadInputError("A mix needs data sets, each with a share above 0.")
        self.parts, self.seed = tuple(parts), seed
        self.counts = [max(1, round(part.share * len(part.dataset))) for part in self.parts]

    def __len__(self) -> int:
        """Samples of an epoch."""
        return sum(self.counts)

    def order(self, epoch: int) -> np.ndarray:
        """Rows of (part, index) in the order of ``epoch``."""
        rows = []
        for number, (part, count) in enumerate(zip(self.parts, self.counts, strict=True)):
            size = len(part.dataset)
            # Consecutive stretches of one shuffled cycle: all entries come before any comes again, over epochs too.
            first = epoch * count
            places = np.arange(first, first + count)
            indices = np.empty(count, dtype=np.int64)
            for cycle in range(first // size, (first + count - 1) // size + 1):
                cycle_order = np.random.default_rng([self.seed, number, cycle]).permutation(size)
                inside = places // size == cycle
                indices[inside] = cycle_order[places[inside] % size]
            rows.append(np.stack([np.full(count, number), indices], axis=1))
        return np.random.default_rng([self.seed, len(self.parts), epoch]).permutation(np.concatenate(rows))

    def samples(self, *, epoch: int, start: int = 0, rank: int = 0, world: int = 1) -> Iterator[RegionSample]:
        """The samples of one of ``world`` processes, from its ``start``-th on (to go on after a stop).

        All processes get equally many: the first few samples are repeated at the end where it does not come out even.
        """
        order = self.order(epoch)
        places = np.arange(-(-len(order) // world) * world) % len(order)
        for number, index in order[places[rank::world][start:]]:
            yield self.parts[number].dataset.sample(int(index), seed=self.seed, epoch=epoch)


@dataclass(frozen=True, slots=True)
class View:
    """How a squeezed photo is shown: flipped left to right, then moved by pixels of the squeezed photo."""

    flip: bool = False
    dx: int = 0
    dy: int = 0


def draw_view(rng: random.Random) -> View:
    """A flip in half of all cases, a shift by up to ``MOST_SHIFT`` in half. Only for data sets with ``mirrors``."""
    flip = rng.random() < 0.5
    if rng.random() < 0.5:
        return View(flip, rng.randint(-MOST_SHIFT, MOST_SHIFT), rng.randint(-MOST_SHIFT, MOST_SHIFT))
    return View(flip)


def viewed_box(box: UnitBox, view: View) -> UnitBox | None:
    """``box`` in the viewed photo; None when less than a pixel of it is left in width or height."""
    x1, y1, x2, y2 = box
    if view.flip:
        x1, x2 = 1.0 - x2, 1.0 - x1
    x1, x2 = (min(max(x + view.dx / INPUT_SIDE, 0.0), 1.0) for x in (x1, x2))
    y1, y2 = (min(max(y + view.dy / INPUT_SIDE, 0.0), 1.0) for y in (y1, y2))
    return (x1, y1, x2, y2) if min(x2 - x1, y2 - y1) * INPUT_SIDE >= 1.0 else None


def viewed_sample(sample: RegionSample, view: View) -> RegionSample:
    """``sample`` for the viewed photo.

    Raises:
        BadInputError: the view pushes a box out of the photo; ``view_for`` gives views that do not.
    """
    boxes = tuple(box for box in (viewed_box(box, view) for box in sample.boxes) if box is not None)
    if len(boxes) != len(sample.boxes):
        raise BadInputError(f"The view pushes a box of {sample.id} out of the photo: draw it with view_for.")
    return replace(sample, boxes=boxes)


def view_for(sample: RegionSample, rng: random.Random) -> View:
    """A view that keeps all boxes of ``sample``: what was drawn, else only its flip."""
    view = draw_view(rng)
    return view if all(viewed_box(box, view) is not None for box in sample.boxes) else View(view.flip)


def viewed_picture(image: Image, view: View) -> Image:
    """``image`` squeezed to a square of ``INPUT_SIDE``, flipped and moved; what comes in is black."""
    from PIL import Image as images

    squeezed = image.resize((INPUT_SIDE, INPUT_SIDE), images.Resampling.BILINEAR)
    if view.flip:
        squeezed = squeezed.transpose(images.Transpose.FLIP_LEFT_RIGHT)
    if not (view.dx or view.dy):
        return squeezed
    moved = images.new("RGB", squeezed.size)
    moved.paste(squeezed, (view.dx, view.dy))
    return moved
