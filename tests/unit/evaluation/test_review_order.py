"""Orders of deciding among kinds of things that lie at right angles."""

from __future__ import annotations

import math

import numpy as np
import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import RegionText, ScoredText
from roi_assistant.evaluation.learning import Project
from roi_assistant.evaluation.named_regions import NamedRegion
from roi_assistant.evaluation.review_order import ORDERS, ReviewOrder, learned
from roi_assistant.memory.vectors import packed

KINDS = ("fork", "whisk", "ladle", "sieve")
BOX = Box(0, 0, 10, 10)


def region(number: int, kind: int, score: float = 0.5) -> NamedRegion:
    vector = np.eye(len(KINDS), dtype=np.float32)[kind]
    text = RegionText(BOX, ScoredText("a spoon", score), category=ScoredText("spoon", score), features=packed(vector))
    return NamedRegion(item=f"#{number}", photo=f"{number}.jpg", name=KINDS[kind], box=BOX.xyxy, text=text)


@pytest.fixture
def project() -> Project:
    """Forty forks, of which the model is a little less sure, and ten of each other kind."""
    kinds = [0] * 40 + [1] * 10 + [2] * 10 + [3] * 10
    regions = tuple(region(n, kind, 0.5 if kind else 0.49) for n, kind in enumerate(kinds))
    return Project(name="toy", regions=regions)


def test_one_of_each_kind_teaches_all(project: Project) -> None:
    found = learned(project, "teaches most", decisions=4)
    assert found.held_out == found.waiting == found.remaining == 1.0


def test_the_least_certain_are_all_forks(project: Project) -> None:
    found = learned(project, "least certain", decisions=4)
    assert 0.4 < found.held_out < 0.8 and found.waiting < 0.8


@pytest.mark.parametrize("order", ORDERS)
def test_without_decisions_nothing_is_learned(project: Project, order: ReviewOrder) -> None:
    assert learned(project, order, decisions=0) == (0.0, 0.0, 0.0)


def test_who_decides_about_all_leaves_those_held_out(project: Project) -> None:
    found = learned(project, "random", decisions=1000)
    assert math.isnan(found.waiting) and found.held_out == found.remaining == 1.0
