"""From what the proposal head says of every anchor to few boxes that differ. Numpy only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from roi_assistant.core.box import Box
from roi_assistant.core.calibration import Curve
from roi_assistant.core.records import ScoredBox

PROPOSAL = "proposal"
"""The curve of their scores in ``calibration.json``."""
CANDIDATES = 1000
"""Boxes of the highest scores that are looked at."""
SAME = 0.6
"""Two boxes that overlap (IoU) by more than this are taken for the same thing."""
SMALL_FIRST = 0.15
"""Scores are divided by this power of the root of a box's area, in units of the photo's sides. The head expects less
overlap of small boxes, and without it large ones that hardly differ take nearly all places."""
SMALLEST = 1e-3
"""Shortest side of a box, in units of the photo's."""


class ProposalReader:
    """Turns what the graph ``propose`` says into boxes, with the curve fitted on val (``calibration.json``)."""

    def __init__(self, calibration: dict[str, Any]) -> None:
        curve = calibration["curves"].get(PROPOSAL)
        self._curve = Curve(tuple(curve["inputs"]), tuple(curve["outputs"])) if curve else Curve((0.0, 1.0), (0.0, 1.0))

    def read(
        self, boxes: NDArray[np.float32], scores: NDArray[np.float32], *, width: int, height: int, most: int
    ) -> list[ScoredBox]:
        """As `best_boxes`, in pixels of a photo of ``width`` x ``height``; scores are probabilities."""
        found, expected = best_boxes(boxes, scores, most=most)
        pixels = found.astype(float) * (width, height, width, height)
        return [
            ScoredBox(Box(*box), self._curve(score))
            for box, score in zip(pixels.tolist(), expected.tolist(), strict=True)
        ]


def best_boxes(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], *, most: int, same: float = SAME
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """``boxes`` [anchors, 4] (xyxy in units of the photo's sides, they may reach beyond it) and their ``scores``
    [anchors] -> at most ``most`` boxes inside the photo that differ, and their scores by `SMALL_FIRST`, the highest
    first."""
    inside = boxes.clip(0.0, 1.0)
    width, height = inside[:, 2] - inside[:, 0], inside[:, 3] - inside[:, 1]
    real = (width >= SMALLEST) & (height >= SMALLEST)
    inside, ranked = inside[real], scores[real] * (width[real] * height[real]) ** (-SMALL_FIRST / 2)
    order = np.argsort(-ranked, kind="stable")[:CANDIDATES]
    kept = order[suppress(inside[order], most=most, same=same)]
    return inside[kept], ranked[kept]


def suppress(boxes: NDArray[np.float32], *, most: int, same: float = SAME) -> list[int]:
    """Indices of ``boxes`` [N, 4] (xyxy, the best first) after greedy non-maximum suppression: each is kept that
    overlaps none that is kept by more than ``same``, until there are ``most``."""
    kept: list[int] = []
    left = np.arange(len(boxes))
    while len(left) and len(kept) < most:
        best = int(left[0])
        kept.append(best)
        left = left[1:]
        left = left[overlaps(boxes[best], boxes[left]) <= same]
    return kept


def overlaps(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """IoU of ``box`` [4] with each of ``others`` [N, 4] (xyxy, none empty) -> [N]."""
    x1, y1, x2, y2 = others.T
    width = np.minimum(box[2], x2) - np.maximum(box[0], x1)
    height = np.minimum(box[3], y2) - np.maximum(box[1], y1)
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    union = (box[2] - box[0]) * (box[3] - box[1]) + (x2 - x1) * (y2 - y1) - shared
    return np.asarray(shared / union, np.float32)
