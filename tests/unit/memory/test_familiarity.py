from __future__ import annotations

import numpy as np
import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import RegionKey, ScoredBox
from roi_assistant.memory.familiarity import reweighed, worth
from roi_assistant.memory.lessons import Lesson
from roi_assistant.memory.recall import ProjectMemory


def test_the_usual_familiarity_changes_nothing() -> None:
    assert worth(0.3, 0.4) == pytest.approx(0.3)
    # log odds of 0.5 are 0; 4 x (0.65 - 0.4) = 1, and 1 / (1 + e^-1) = 0.731.
    assert worth(0.5, 0.65) == pytest.approx(0.7311, abs=1e-4)
    assert worth(0.5, 0.15) == pytest.approx(0.2689, abs=1e-4)
    assert worth(0.0, 0.4) == pytest.approx(0.01), "no score is so low that nothing could help"


def test_boxes_are_weighed_one_by_one() -> None:
    one, two = ScoredBox(Box(0, 0, 9, 9), 0.5), ScoredBox(Box(9, 0, 19, 9), 0.6)
    found = reweighed([one, two], [0.9, 0.1])
    assert [item.box for item in found] == [one.box, two.box]
    assert found[0].score > 0.8 > 0.4 > found[1].score


def test_familiar_is_the_mean_of_the_nearest_three() -> None:
    memory = ProjectMemory(2)
    assert memory.familiarity(np.array([1, 0], np.float32)) == 0
    for number, (x, y) in enumerate([(1, 0), (0.6, 0.8), (0, 1), (-1, 0)]):
        memory.learn(Lesson(RegionKey("a", str(number)), "cup"), np.array([x, y], np.float32))
    assert memory.familiarity(np.array([1, 0], np.float32)) == pytest.approx((1 + 0.6 + 0) / 3, abs=0.01)
