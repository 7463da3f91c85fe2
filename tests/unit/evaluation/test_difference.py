"""Differences between two sets of answers, worked out by hand."""

from __future__ import annotations

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import ScoredText
from roi_assistant.evaluation.difference import differences
from roi_assistant.evaluation.items import EvaluationItem
from roi_assistant.evaluation.outcomes import ItemOutcome
from roi_assistant.evaluation.predictions import Prediction


def outcome(photo: str, number: int, *, right: bool, cider: float | None = None) -> ItemOutcome:
    item = EvaluationItem(f"{photo}#{number}", photo, Box(0, 0, 9, 9), 10, 10)
    text = ScoredText("x", 0.5)
    prediction = Prediction(item.id, item.box.xyxy, text, text)
    return ItemOutcome(item, prediction, value=0.0, right=right, relation="none", cider=cider)


def test_differences_by_hand() -> None:
    """Better by 1, 2 and 0 on photos p, p and q: 1 on average; both photos' sums are 1 off theirs (p 3 of 2, q 0 of 1):
    sqrt((1 + 1) * 2 / 1) / 3 = 2/3. That all are hard or easy for both costs nothing."""
    ones = [outcome("p", 1, right=True, cider=3.0), outcome("p", 2, right=True, cider=9.0)]
    ones.append(outcome("q", 1, right=False, cider=0.5))
    others = [outcome("p", 1, right=True, cider=2.0), outcome("p", 2, right=False, cider=7.0)]
    others.append(outcome("q", 1, right=False, cider=0.5))
    found = differences(ones, others)
    assert list(found) == ["cider", "right"], "none of them has an exact match"
    assert found["cider"] == {"label": "CIDEr", "difference": 1.0, "standard_error": pytest.approx(2 / 3)}
    assert found["right"]["difference"] == pytest.approx(1 / 3)
    assert differences(others, ones)["cider"]["difference"] == -1.0


def test_other_items_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="same items"):
        differences([outcome("p", 1, right=True)], [outcome("p", 2, right=True)])
