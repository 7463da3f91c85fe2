"""Phrases as weighed n-grams, the form in which CIDEr compares them (Vedantam et al., arXiv 1411.5726, section 3)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

LONGEST = 4
"""Words of the longest n-grams."""


def ngrams(phrase: str) -> Iterator[str]:
    """All runs of one to `LONGEST` words, the words of each with a space between them; those said twice come twice."""
    words = phrase.split()
    for size in range(1, LONGEST + 1):
        for start in range(len(words) - size + 1):
            yield " ".join(words[start : start + size])


def size_of(ngram: str) -> int:
    """How many words it has."""
    return ngram.count(" ") + 1


def weight_of_any(weights: Mapping[str, float]) -> Callable[[str], float]:
    """The weight of every n-gram: those that have none in ``weights`` are rare, and weigh as much as the heaviest of
    them, or 1 if there are none."""
    rare = max(weights.values(), default=1.0)
    return lambda ngram: weights.get(ngram, rare)


def unit_vectors(phrase: str, weight: Callable[[str], float]) -> dict[str, float]:
    """How often each n-gram occurs times its ``weight``, those of each length scaled to a vector of norm 1.

    Those of weight 0 are left out.
    """
    values = {gram: count * weight(gram) for gram, count in Counter(ngrams(phrase)).items()}
    squares = [0.0] * (LONGEST + 1)
    for gram, value in values.items():
        squares[size_of(gram)] += value * value
    return {gram: value / math.sqrt(squares[size_of(gram)]) for gram, value in values.items() if value}
