"""Which of the captions that a search found is the best.

The likeliest words are not the best caption: a phrase whose every part is likely, though nobody would put it just so,
agrees better with what people write. How well is told by the phrase head, and by the other captions (minimum Bayes
risk, Kumar and Byrne 2004).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roi_assistant.captioners.decoding import Hypothesis
from roi_assistant.captioners.mini.wording import recolor, single_color
from roi_assistant.core.naming import names, naming
from roi_assistant.core.ngrams import LONGEST, unit_vectors, weight_of_any
from roi_assistant.core.phrases import (
    basic_color,
    is_more_general,
    is_person,
    parse_phrase,
    same_category,
)
from roi_assistant.core.records import ScoredText

Candidate = tuple[str, Hypothesis]


class PhraseSimilarity:
    """How well phrases agree, from 0 to 1, as CIDEr compares them: the mean over lengths of the cosine of their
    n-grams. A phrase of two words has no longer n-grams and agrees with itself by 0.5."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        """``weights`` of n-grams, in the order of the phrase head's classes; of others see `weight_of_any`."""
        self._place = {gram: number for number, gram in enumerate(weights)}
        self._weight = weight_of_any(weights)

    def with_people(self, phrases: Sequence[str], expected: NDArray[np.float32]) -> NDArray[np.float64]:
        """-> [phrases]: expected agreement with a person's phrase. ``expected`` [n-grams] are the phrase head's, the
        expected values of its `unit_vectors`; what is no class of it counts nothing."""
        place = self._place
        totals = [
            sum(value * float(expected[place[gram]]) for gram, value in self._vector(phrase).items() if gram in place)
            for phrase in phrases
        ]
        return np.array(totals) / LONGEST

    def with_each_other(self, phrases: Sequence[str], log_probabilities: Sequence[float]) -> NDArray[np.float64]:
        """-> [phrases]: agreement with all of them, itself included, weighed by their probabilities, flattened."""
        shares = np.exp(_FLATTENED * (np.array(log_probabilities) - max(log_probabilities)))
        vectors = [self._vector(phrase) for phrase in phrases]
        mean: dict[str, float] = {}
        for vector, share in zip(vectors, shares / shares.sum(), strict=True):
            for gram, value in vector.items():
                mean[gram] = mean.get(gram, 0.0) + float(share) * value
        return np.array([sum(value * mean[gram] for gram, value in v.items()) for v in vectors]) / LONGEST

    def _vector(self, phrase: str) -> dict[str, float]:
        return unit_vectors(phrase, self._weight)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What else is known of the region: probabilities of ``nouns`` (empty: not asked) and of ``colors`` by name, and
    what the phrase head expects [n-grams], if the model has one."""

    nouns: Sequence[ScoredText] = ()
    colors: Mapping[str, float] | None = None
    ngrams: NDArray[np.float32] | None = None


class Ranking:
    """Puts captions in order by a weighted sum of logarithms, whose weights are fitted on val."""

    def __init__(self, weights: Mapping[str, float], agreement: PhraseSimilarity) -> None:
        """``weights``: the table ``ranking`` of ``calibration.json``. Its ``category``, ``color``, ``people`` and
        ``others`` are those of what the evidence says; log-probabilities are divided by the length to the power
        ``length_power``. Weights that an older model's table lacks are 0."""
        self._weights, self._agreement = {"people": 0.0, "others": 0.0, **weights}, agreement

    def recolored(self, text: str, colors: Mapping[str, float]) -> str:
        """``text`` with colors that the pixels contradict replaced by those that they show; ``colors``: name ->
        probability."""
        weights = self._weights
        return recolor(text, colors, below=weights["recolor_below"], at_least=weights["recolor_from"])

    def ranked(self, captions: Sequence[Candidate], evidence: Evidence) -> list[Candidate]:
        """``captions``, the best first."""
        weights, colors = self._weights, evidence.colors or {}
        texts = [self.recolored(text, colors) for text, _ in captions]
        totals = [hypothesis.total for _, hypothesis in captions]
        values = np.array([self._value(*caption, evidence.nouns, colors) for caption in captions])
        if weights["people"] and evidence.ngrams is not None:
            values += weights["people"] * np.log(self._agreement.with_people(texts, evidence.ngrams) + _LEAST_AGREEMENT)
        if weights["others"]:
            values += weights["others"] * np.log(self._agreement.with_each_other(texts, totals) + _LEAST_AGREEMENT)
        return [captions[k] for k in np.argsort(-values, kind="stable")]

    def _value(
        self, text: str, hypothesis: Hypothesis, nouns: Sequence[ScoredText], colors: Mapping[str, float]
    ) -> float:
        """Of one caption by itself: the probability of its words, and how well its noun and its color fit."""
        weights, head = self._weights, parse_phrase(text).head
        value = hypothesis.total / len(hypothesis.log_probabilities) ** weights["length_power"]
        if nouns:
            agreeing = sum(noun.score for noun in nouns if _same_thing(noun.text, head))
            value += weights["category"] * math.log(agreeing + 0.02)
        color = single_color(text, head, colors)
        if color is not None:
            value += weights["color"] * math.log(4 * colors[basic_color(text.split()[color])] + 0.05)
        return value


def renamed(captions: Sequence[ScoredText], category: ScoredText, *, margin: float) -> list[ScoredText]:
    """``captions``, best first, with one that names the ``category`` in front, where that is likelier to be right than
    the first caption's noun, by more than ``margin``; both have calibrated scores.

    The decoder has seen some things too rarely to write their names; the category head learns them from fewer photos.
    People are left alone: "a man" says more than their category. If no caption names the thing, one is made, in the
    color that the first one says.
    """
    first, noun = captions[0], category.text
    head = parse_phrase(first.text).head
    if is_person(noun) or is_person(head) or category.score <= first.score + margin:
        return list(captions)
    if names(first.text, noun) or is_more_general(noun, head):
        return list(captions)
    fitting = next((one for one in captions if names(one.text, noun)), None)
    text = fitting.text if fitting else naming(first.text, noun)
    return [ScoredText(text, category.score), *(one for one in captions if one is not fitting)]


_FLATTENED = 0.6
"""Power of the captions' probabilities: those of a beam tell too little of what is less likely (docs/adr/0025)."""
_LEAST_AGREEMENT = 0.02
"""Added before the logarithm, so that a caption which nothing speaks for is not ruled out."""


def _same_thing(category: str, head: str) -> bool:
    return same_category(category, head) or (category == "person" and is_person(head))


def consensus(captions: Sequence[Candidate], agreement: PhraseSimilarity) -> list[Candidate]:
    """Minimum Bayes risk alone: captions by their agreement with each other. One or two stay as they are."""
    if len(captions) < 3:
        return list(captions)
    values = agreement.with_each_other([text for text, _ in captions], [hypothesis.total for _, hypothesis in captions])
    return [captions[k] for k in np.argsort(-values, kind="stable")]
