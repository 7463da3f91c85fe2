"""Which caption is the best, worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from roi_assistant.captioners.decoding import Hypothesis
from roi_assistant.captioners.mini.ranking import Evidence, PhraseSimilarity, Ranking, consensus, renamed
from roi_assistant.core.records import ScoredText

WEIGHTS = {"a": 1.0, "dog": 2.0, "hat": 2.0, "a dog": 1.0, "a hat": 1.0}
"""The phrase head's classes of these tests; "cat" is none of them and weighs 2, as the heaviest."""
SILENT = {"length_power": 0.0, "category": 0.0, "color": 0.0, "recolor_below": 0.0, "recolor_from": 1.0}

Captions = Sequence[tuple[str, float]]


@pytest.fixture
def candidates() -> Callable[[Captions], list[tuple[str, Hypothesis]]]:
    def make(captions: Captions) -> list[tuple[str, Hypothesis]]:
        return [(text, Hypothesis((1,), (math.log(probability),))) for text, probability in captions]

    return make


def test_agreement_with_people() -> None:
    """Words of "a dog" are 1 and 2 of norm 5 ** .5; the head expects half of "dog" and a quarter of "a dog"."""
    expected = np.array([0.1, 0.5, 0.0, 0.25, 0.0], np.float32)
    scores = PhraseSimilarity(WEIGHTS).with_people(["a dog", "dog", "cat"], expected)
    assert scores == pytest.approx([((1 * 0.1 + 2 * 0.5) / 5**0.5 + 0.25) / 4, 0.5 / 4, 0.0])


def test_agreement_with_each_other() -> None:
    """A dog and a hat have "a" in common, which is 1/5 of their words' cosine, of four lengths; with themselves 2/4.
    The dog is three times as likely, which counts as 3 ** 0.6 = 1.933 times: shares of 0.6591 and 0.3409."""
    scores = PhraseSimilarity(WEIGHTS).with_each_other(["a dog", "a hat"], [math.log(0.3), math.log(0.1)])
    expected = [0.6591 * 0.5 + 0.3409 * 0.2 / 4, 0.3409 * 0.5 + 0.6591 * 0.2 / 4]
    assert scores == pytest.approx(expected, abs=1e-4)


def test_agreement_without_weights_counts_words_alike() -> None:
    scores = PhraseSimilarity({}).with_each_other(["a dog", "a hat"], [0.0, 0.0])
    assert scores == pytest.approx([(0.5 + 0.5 / 4) / 2] * 2)


def test_probabilities_may_be_next_to_nothing() -> None:
    scores = PhraseSimilarity({}).with_each_other(["a dog", "a hat"], [-2000.0, -2000.0])
    assert np.isfinite(scores).all()


def test_likelier_captions_come_first(candidates: Callable[[Captions], Any]) -> None:
    ranked = Ranking(SILENT, PhraseSimilarity({})).ranked(candidates([("a dog", 0.2), ("a hat", 0.3)]), Evidence())
    assert [text for text, _ in ranked] == ["a hat", "a dog"]


def test_people_have_a_say(candidates: Callable[[Captions], Any]) -> None:
    """log(.3 / .2) is .405; what people would say of the dog is (.5 / 4 + .02) / .02 = 7.25 times as much, log 1.98."""
    captions = candidates([("hat", 0.3), ("dog", 0.2)])
    expected = np.array([0.0, 0.5, 0.0, 0.0, 0.0], np.float32)

    def best(weight: float, evidence: Evidence) -> str:
        return Ranking({**SILENT, "people": weight}, PhraseSimilarity(WEIGHTS)).ranked(captions, evidence)[0][0]

    assert best(0.2, Evidence(ngrams=expected)) == "hat", "0.2 * 1.98 = 0.396"
    assert best(0.21, Evidence(ngrams=expected)) == "dog", "0.21 * 1.98 = 0.416"
    assert best(9.0, Evidence()) == "hat", "a model without a phrase head"


def test_other_captions_have_a_say(candidates: Callable[[Captions], Any]) -> None:
    captions = candidates([("a cat", 0.3), ("a dog running", 0.25), ("a dog", 0.25)])

    def best(weight: float) -> str:
        return Ranking({**SILENT, "others": weight}, PhraseSimilarity({})).ranked(captions, Evidence())[0][0]

    assert (best(0.1), best(2.0)) == ("a cat", "a dog running")


def test_captions_of_equal_value_keep_their_order(candidates: Callable[[Captions], Any]) -> None:
    captions = candidates([(text, 0.25) for text in ("c", "a", "b")])
    assert Ranking(SILENT, PhraseSimilarity({})).ranked(captions, Evidence()) == captions


def test_people_are_asked_about_the_caption_in_its_right_color(candidates: Callable[[Captions], Any]) -> None:
    """What the pixels turn into "a red hat" is judged as that."""
    weights = {"red": 1.0, "blue": 1.0, "hat": 1.0}
    captions = candidates([("a red hat", 0.2), ("a blue hat", 0.3)])
    evidence = Evidence(colors={"red": 0.9, "blue": 0.01}, ngrams=np.array([0.9, 0.0, 0.9], np.float32))
    ranking = Ranking({**SILENT, "recolor_below": 0.1, "recolor_from": 0.5, "people": 5.0}, PhraseSimilarity(weights))
    assert ranking.ranked(captions, evidence)[0][0] == "a blue hat"
    assert ranking.recolored("a blue hat", evidence.colors or {}) == "a red hat"


# Consensus.


def test_consensus_prefers_what_others_agree_with(candidates: Callable[[Captions], Any]) -> None:
    captions = candidates(
        [("a red hat", 0.3), ("a brown dog", 0.25), ("a brown dog running", 0.25), ("a small brown dog", 0.2)]
    )
    ranked = consensus(captions, PhraseSimilarity({}))
    assert ranked[0][0] == "a brown dog running"
    assert ranked[-1][0] == "a red hat"
    assert sorted(ranked) == sorted(captions)


def test_consensus_by_hand(candidates: Callable[[Captions], Any]) -> None:
    """Their flattened shares are 0.432, 0.318, 0.249. cat: 0.432 / 4 = 0.11. a dog: 0.318 * 2 / 4 + 0.249 * 0.5 / 4
    = 0.19, a hat: 0.249 * 2 / 4 + 0.318 * 0.5 / 4 = 0.16."""
    ranked = consensus(candidates([("cat", 0.5), ("a dog", 0.3), ("a hat", 0.2)]), PhraseSimilarity({}))
    assert [text for text, _ in ranked] == ["a dog", "a hat", "cat"]


def test_consensus_of_two_keeps_their_order(candidates: Callable[[Captions], Any]) -> None:
    pair = candidates([("a dog", 0.1), ("a cat", 0.9)])
    assert consensus(pair, PhraseSimilarity({})) == pair
    assert consensus(pair[:1], PhraseSimilarity({})) == pair[:1]


def texts(*pairs: tuple[str, float]) -> list[ScoredText]:
    return [ScoredText(*pair) for pair in pairs]


@pytest.mark.parametrize(
    ("captions", "category", "first"),
    [
        (texts(("a black bottle", 0.4), ("a bottle", 0.3)), ("jam jar", 0.7), "a black jam jar"),
        (texts(("a bottle", 0.4), ("an old jam jar", 0.3)), ("jam jar", 0.7), "an old jam jar"),
        (texts(("a bird", 0.5)), ("flamingo", 0.8), "a flamingo"),
    ],
)
def test_a_likelier_category_names_the_thing(
    captions: list[ScoredText], category: tuple[str, float], first: str
) -> None:
    better = renamed(captions, ScoredText(*category), margin=0.1)
    assert better[0] == ScoredText(first, category[1])
    assert [one for one in captions if one.text != first] == better[1:], "the others stay to choose from"


@pytest.mark.parametrize(
    ("caption", "category"),
    [
        (("a bottle", 0.65), ("jam jar", 0.7)),  # hardly likelier
        (("a man", 0.3), ("jam jar", 0.7)),
        (("a bottle", 0.3), ("person", 0.9)),
        (("a red mug", 0.3), ("mug", 0.9)),
        (("a terrier", 0.3), ("dog", 0.9)),  # says more than its category
    ],
)
def test_a_caption_that_is_as_good_stays(caption: tuple[str, float], category: tuple[str, float]) -> None:
    assert renamed(texts(caption), ScoredText(*category), margin=0.1) == texts(caption)
