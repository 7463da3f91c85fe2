from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.errors import BadInputError
from roi_assistant.evaluation.calibration import calibration, coverage_curve


def test_calibration_by_hand() -> None:
    figures = calibration([0.05, 0.15, 0.95, 0.95], [False, False, True, False])
    assert figures["ece"] == pytest.approx((0.05 + 0.15 + 2 * 0.45) / 4)
    assert figures["brier"] == pytest.approx((0.0025 + 0.0225 + 0.0025 + 0.9025) / 4)
    assert [row["count"] for row in figures["bins"]] == [1, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    assert figures["bins"][9] == {
        "low": 0.9,
        "high": 1.0,
        "count": 2,
        "mean_score": pytest.approx(0.95),
        "accuracy": 0.5,
    }
    assert figures["bins"][4]["accuracy"] is None


def test_a_score_of_one_falls_into_the_last_bin() -> None:
    figures = calibration([1.0, 0.0], [True, False])
    assert [row["count"] for row in figures["bins"]] == [1, *[0] * 8, 1]
    assert figures["ece"] == 0.0


def test_calibration_without_answers() -> None:
    figures = calibration([], [])
    assert (figures["items"], figures["ece"], figures["brier"]) == (0, None, None)


@pytest.mark.parametrize("score", [-0.1, 1.1, math.nan])
def test_scores_must_be_probabilities(score: float) -> None:
    with pytest.raises(BadInputError, match="between 0 and 1"):
        calibration([score], [True])


def test_lists_of_different_length_are_refused() -> None:
    for function in (calibration, coverage_curve):
        with pytest.raises(BadInputError, match="1 scores cannot be compared with 2"):
            function([0.5], [True, False])


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_calibration_is_bounded(pairs: list[tuple[float, bool]]) -> None:
    figures = calibration([score for score, _ in pairs], [right for _, right in pairs])
    assert figures["ece"] is not None and 0 <= figures["ece"] <= 1
    assert sum(row["count"] for row in figures["bins"]) == len(pairs)


def test_coverage_by_hand() -> None:
    rows = coverage_curve([0.9, 0.2, 0.7, 0.4], [True, False, True, False])
    assert rows == [
        {"coverage": 0.25, "accuracy": 1.0, "threshold": 0.9},
        {"coverage": 0.5, "accuracy": 1.0, "threshold": 0.7},
        {"coverage": 0.75, "accuracy": pytest.approx(2 / 3), "threshold": 0.4},
        {"coverage": 1.0, "accuracy": 0.5, "threshold": 0.2},
    ]
    assert coverage_curve([], []) == []
    assert coverage_curve([0.3], [True]) == [{"coverage": 1.0, "accuracy": 1.0, "threshold": 0.3}]
