"""Curves from a model's own certainty to how often people agree."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.core.calibration import Curve, fit_curve, log_odds

VALUES = st.floats(-1e6, 1e6, allow_nan=False)


def test_curve_is_linear_between_its_points_and_flat_beyond() -> None:
    curve = Curve((0.2, 0.4, 0.8), (0.1, 0.5, 0.7))
    assert curve(-5.0) == curve(0.2) == 0.1
    assert curve(0.3) == pytest.approx(0.3)
    assert curve(0.4) == pytest.approx(0.5)
    assert curve(0.7) == pytest.approx(0.65)
    assert curve(0.8) == curve(99.0) == 0.7


def test_curve_of_one_point_and_of_none() -> None:
    assert Curve((0.5,), (0.3,))(0.1) == Curve((0.5,), (0.3,))(0.9) == 0.3
    assert Curve((), ())(0.5) == 0.0
    assert fit_curve([], []) == Curve((), ())


def test_one_bin_counts_one_right_and_one_wrong_answer_more() -> None:
    curve = fit_curve([0.2, 0.4, 0.6], [True, True, False], smallest=3)
    assert curve.inputs == pytest.approx((0.4,))
    assert curve.outputs == pytest.approx((3 / 5,))


def test_bins_by_hand() -> None:
    values = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    curve = fit_curve(values, [False, False, True, False, True, True], smallest=2)
    assert curve.inputs == pytest.approx((0.15, 0.35, 0.55))
    assert curve.outputs == pytest.approx((1 / 4, 2 / 4, 3 / 4))


def test_neighbours_in_the_wrong_order_are_pooled() -> None:
    curve = fit_curve([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [True, True, False, False, True, True], smallest=2)
    # The first two bins (3/4 and 1/4) become one of 4/8 at the mean of both.
    assert curve.inputs == pytest.approx((0.25, 0.55))
    assert curve.outputs == pytest.approx((4 / 8, 3 / 4))


def test_pooling_goes_back_as_far_as_needed() -> None:
    right = [True, False, True, False, False, False]
    curve = fit_curve([float(n) for n in range(6)], right, smallest=2)
    assert curve.inputs == pytest.approx((2.5,))
    assert curve.outputs == pytest.approx((5 / 12,))


def test_order_of_the_answers_does_not_matter() -> None:
    values, right = [0.3, 0.1, 0.2, 0.6, 0.5, 0.4], [True, False, False, True, True, False]
    pairs = sorted(zip(values, right, strict=True))
    assert fit_curve(values, right, smallest=2) == fit_curve([v for v, _ in pairs], [r for _, r in pairs], smallest=2)


def test_lists_of_different_length() -> None:
    with pytest.raises(ValueError):
        fit_curve([0.1, 0.2], [True])


@given(st.lists(st.tuples(VALUES, st.booleans()), min_size=1, max_size=60), st.integers(1, 20), VALUES, VALUES)
def test_curve_never_falls_and_stays_between_0_and_1(
    answers: list[tuple[float, bool]], smallest: int, one: float, other: float
) -> None:
    curve = fit_curve([value for value, _ in answers], [right for _, right in answers], smallest=smallest)
    assert list(curve.outputs) == sorted(curve.outputs)
    assert list(curve.inputs) == sorted(curve.inputs)
    low, high = sorted((one, other))
    assert 0 < curve(low) <= curve(high) + 1e-12 < 1 + 1e-12


def test_finds_the_probability_behind_the_answers() -> None:
    rng = random.Random(1)
    values = [rng.random() for _ in range(4000)]
    curve = fit_curve(values, [rng.random() < value**2 for value in values], smallest=200)
    for value in (0.2, 0.5, 0.8):
        assert curve(value) == pytest.approx(value**2, abs=0.07)


def test_log_odds_are_bounded() -> None:
    assert log_odds(0.5, rarest=0.01) == 0.0
    assert log_odds(0.9, rarest=0.01) == pytest.approx(2.1972, abs=1e-4)
    assert log_odds(0.0, rarest=0.01) == pytest.approx(-4.5951, abs=1e-4)
    assert log_odds(1.0, rarest=0.01) == pytest.approx(4.5951, abs=1e-4)
