"""Few boxes of many anchors, with numbers worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from roi_assistant.captioners.mini.proposals import PROPOSAL, ProposalReader, best_boxes, overlaps, suppress
from roi_assistant.core.box import Box


def array(*rows: Any) -> Any:
    return np.array(rows, np.float32)


def test_overlaps() -> None:
    box = array(0.0, 0.0, 0.4, 0.4)
    others = array((0.0, 0.0, 0.4, 0.4), (0.2, 0.0, 0.6, 0.4), (0.4, 0.0, 0.8, 0.4), (0.1, 0.1, 0.3, 0.3))
    # Half of each is shared: 0.08 of 0.24. The last lies inside: 0.04 of 0.16.
    np.testing.assert_allclose(overlaps(box, others), [1.0, 1 / 3, 0.0, 0.25], atol=1e-6)


def test_what_overlaps_a_better_box_goes() -> None:
    boxes = array(
        (0.0, 0.0, 1.0, 1.0),
        (0.0, 0.0, 1.0, 0.8),  # 0.8 of the first
        (0.0, 0.0, 1.0, 0.6),  # 0.6 of the first; 0.75 of the second, which is gone
        (0.0, 0.0, 0.1, 0.1),
    )
    assert suppress(boxes, most=9, same=0.7) == [0, 2, 3]
    assert suppress(boxes, most=9, same=0.5) == [0, 3]
    assert suppress(boxes, most=9, same=0.81) == [0, 1, 2, 3]
    assert suppress(boxes, most=2, same=0.7) == [0, 2]
    assert suppress(boxes[:0], most=2) == []


def test_best_boxes_are_inside_the_photo_and_the_surest_first() -> None:
    boxes = array(
        (0.5, 0.5, 1.2, 1.5),
        (-0.2, 0.0, 0.5, 0.5),
        (1.1, 0.2, 1.4, 0.6),  # outside
        (0.3, 0.3, 0.3, 0.9),  # a line
        (-0.1, -0.1, 0.5, 0.5),  # inside the photo it is the second
    )
    found, scores = best_boxes(boxes, array(0.3, 0.9, 0.8, 0.7, 0.6), most=10)
    np.testing.assert_allclose(found, [(0.0, 0.0, 0.5, 0.5), (0.5, 0.5, 1.0, 1.0)], atol=1e-6)
    np.testing.assert_allclose(scores, np.array([0.9, 0.3]) * 2**0.15, atol=1e-6)
    found, scores = best_boxes(boxes[:0], array()[:0], most=10)
    assert found.shape == (0, 4) and scores.shape == (0,)


def test_small_boxes_come_before_large_ones_of_nearly_their_score() -> None:
    boxes = array((0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.2, 0.05), (0.5, 0.5, 0.6, 0.6))
    # The root of both small areas is 0.1, so their scores count 10 ** 0.15 = 1.41 times.
    found, scores = best_boxes(boxes, array(0.8, 0.6, 0.5), most=10)
    np.testing.assert_allclose(found, boxes[[1, 0, 2]])
    np.testing.assert_allclose(scores, [0.6 * 10**0.15, 0.8, 0.5 * 10**0.15], rtol=1e-5)


@pytest.mark.parametrize(
    ("curve", "score"),
    [({"inputs": [0.0, 1.0], "outputs": [0.2, 0.6]}, 0.4), (None, 0.5), ({"inputs": [0.5], "outputs": [0.3]}, 0.3)],
)
def test_boxes_are_in_pixels_and_scores_are_calibrated(curve: Any, score: float) -> None:
    reader = ProposalReader({"curves": {PROPOSAL: curve} if curve else {}})
    given = 0.5 * (0.25 * 0.5) ** 0.075
    (one,) = reader.read(array((0.25, 0.5, 0.5, 2.0)), array(given), width=200, height=100, most=3)
    assert one.box == Box(50, 50, 100, 100)
    assert one.score == pytest.approx(score)
