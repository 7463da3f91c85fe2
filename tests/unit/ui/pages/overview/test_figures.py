"""From counts to what the plots of the overview show."""

from __future__ import annotations

import pytest

from roi_assistant.storage.records import LearningCurve, Overview, ReviewCounts
from roi_assistant.ui.pages.overview.figures import (
    OTHERS,
    Bar,
    LearningBar,
    caption_figures,
    grid_mode,
    learning_bars,
    nice_steps,
    percent,
    top_bars,
    used_length,
)


def test_the_largest_have_bars_and_the_rest_is_one_bar_that_counts_them() -> None:
    counted = [("a", 9), ("b", 5), ("c", 2), ("d", 1)]
    assert top_bars(counted, most=2) == (Bar("a", 9, 0), Bar("b", 5, 1), Bar("", 3, OTHERS, 2))


def test_a_rest_of_one_is_shown_itself() -> None:
    assert [bar.label for bar in top_bars([("a", 9), ("b", 5), ("c", 2)], most=2)] == ["a", "b", "c"]
    assert top_bars([], most=2) == ()


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, "–"), (0, 9, "0 %"), (9, 9, "100 %"), (999, 1000, "99 %"), (1, 3, "33 %"), (2, 3, "67 %"),
     (1, 250, "0.4 %"), (1, 100_000, "0.1 %")],
)  # fmt: skip
def test_only_all_is_a_hundred_percent_and_only_nothing_is_zero(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text


def test_words_and_median_come_from_the_histogram_of_lengths() -> None:
    overview = Overview(ReviewCounts(), (), {}, (1, 0, 2, 1), (), 4, (), (), (), ())
    figures = caption_figures(overview)
    assert (figures.captions, figures.words, figures.median, figures.type_token) == (4, 7, 2, 4 / 7)


def test_without_captions_there_is_neither_median_nor_ratio() -> None:
    figures = caption_figures(Overview(ReviewCounts(), (), {}, (0, 0), (), 0, (), (), (), ()))
    assert figures.median is None and figures.type_token is None


def test_an_axis_ends_where_the_counts_end() -> None:
    assert used_length([0, 3, 0, 1, 0, 0], least=2) == 4
    assert used_length([0, 0, 0, 0], least=2) == 2
    assert used_length([1], least=10) == 1


def test_the_fullest_cell_is_found_and_nothing_in_an_empty_grid() -> None:
    assert grid_mode([[0, 1], [7, 7]]) == (1, 0, 7)
    assert grid_mode([[0, 0]]) == (0, 0, 0)


@pytest.mark.parametrize("most", [0, 1, 4, 6, 37, 99, 100, 2500, 7_654_321])
def test_steps_of_an_axis_are_round_few_and_reach_the_top(most: int) -> None:
    steps = nice_steps(most)
    assert steps[0] == 0 and len(steps) <= 6
    assert steps[-1] <= most and (len(steps) == 1 or steps[-1] + steps[1] > most)


def test_a_curve_of_few_steps_has_a_bar_for_each_and_of_many_means() -> None:
    curve = LearningCurve(decided=170, steps=(21, 30, 38), last=40)
    assert learning_bars(curve, most=3) == (
        LearningBar(1, 50, 21),
        LearningBar(51, 100, 30),
        LearningBar(101, 150, 38),
    )
    assert learning_bars(curve, most=2) == (LearningBar(1, 100, 26), LearningBar(101, 150, 38))
