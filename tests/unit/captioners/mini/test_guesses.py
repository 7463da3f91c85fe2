"""The decoder's answers and the head's nouns as one list of guesses, and how sure they are."""

from __future__ import annotations

import math

import pytest

from roi_assistant.captioners.mini.guesses import CategoryVotes, category_mass
from roi_assistant.core.records import ScoredText

VOTES = CategoryVotes({"cup": 0.4, "mug": 0.2}, {"bowl": 0.64, "cup": 0.1})


def test_answers_and_nouns_are_weighed() -> None:
    """sqrt(0.4 * 0.1) = 0.2 for the cup; the bowl is not answered: sqrt(0.1 * 0.64); the mug not a noun of the head."""
    found = VOTES.guesses(head_weight=0.5)
    assert [guess.text for guess in found] == ["bowl", "cup", "mug"]
    assert [guess.score for guess in found] == pytest.approx([(0.1 * 0.64) ** 0.5, 0.2, (0.2 * 0.05) ** 0.5])
    assert VOTES.guesses(head_weight=0.0)[0].text == "cup"


def test_one_of_them_alone_is_told_as_it_is() -> None:
    assert [g.text for g in CategoryVotes({"mug": 0.2, "cup": 0.4}, {}).guesses(head_weight=0.5)] == ["mug", "cup"], (
        "in the order of the search"
    )
    assert [g.text for g in CategoryVotes({}, {"mug": 0.2, "cup": 0.4}).guesses(head_weight=0.5)] == ["cup", "mug"]


def test_people_are_one_category() -> None:
    nouns = [ScoredText("man", 0.3), ScoredText("cup", 0.5), ScoredText("woman", 0.1)]
    assert category_mass(nouns) == pytest.approx({"person": 0.4, "cup": 0.5})


def test_what_tells_whether_a_guess_is_right() -> None:
    guesses = [ScoredText("cup", 0.5), ScoredText("bowl", 0.25), ScoredText("mug", 0.25)]
    inputs = VOTES.certainty_inputs(guesses[1], among=guesses)
    assert inputs[0] == 1 and inputs[-1] == 0
    assert inputs[1:3] == pytest.approx([math.log(0.25 / 0.75)] * 2), "the sum of all guesses is 1 here"
    assert inputs[3] == pytest.approx(math.log(0.64 / 0.36))
    assert inputs[4] == pytest.approx(math.log(1e-4 / (1 - 1e-4))), "the decoder did not say it"
    assert inputs[5:7] == pytest.approx([math.log(0.64 / 0.36), math.log(0.4 / 0.6)])


def test_scores_are_probabilities_that_never_rise() -> None:
    """The weight of the head's probability alone: 0.1 for the cup, 0.64 for the bowl, which comes second."""
    guesses = [ScoredText("cup", 0.4), ScoredText("bowl", 0.3), ScoredText("mug", 0.2)]
    certain = VOTES.certain(guesses, among=guesses, weights=(0, 0, 0, 1, 0, 0, 0, 0))
    assert [guess.text for guess in certain] == ["cup", "bowl", "mug"]
    assert [guess.score for guess in certain] == pytest.approx([0.1, 0.1, 1e-4])
