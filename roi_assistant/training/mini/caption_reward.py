"""CIDEr of single phrases against the phrases people wrote, as a reward to train with."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from roi_assistant.core.ngrams import LONGEST, ngrams, size_of

SIGMA = 6.0
"""Width of the penalty for another length, in bigrams."""

_Vector = tuple[dict[str, float], ...]


@dataclass(frozen=True)
class _Weighed:
    """TF-IDF vectors by n-gram length, their norms, and how many bigrams there are."""

    vectors: _Vector
    norms: tuple[float, ...]
    bigrams: int


class CiderReward:
    """CIDEr-D (Vedantam et al., arXiv 1411.5726, section 6.1) with word weights from the training regions.

    It gives what ``pycocoevalcap`` gives for texts of plain words (a test compares them), one phrase at a time and with
    document frequencies that are counted once.
    """

    def __init__(self, references: Mapping[int, Sequence[str]]) -> None:
        """``references`` maps a region to what people wrote of it; at least one phrase each."""
        self._frequency: Counter[str] = Counter()
        for phrases in references.values():
            self._frequency.update({gram for phrase in phrases for gram in ngrams(phrase)})
        self._log_regions = math.log(max(1, len(references)))
        self._references = {region: [self._weigh(p) for p in phrases] for region, phrases in references.items()}

    def __call__(self, region: int, phrase: str) -> float:
        """The phrase's mean score over the region's references, 0..10."""
        weighed = self._weigh(phrase)
        references = self._references[region]
        return 10 * sum(_similarity(weighed, reference) for reference in references) / len(references)

    def agreement(self, phrases: Mapping[int, Sequence[str]], *, power: float) -> dict[int, dict[str, float]]:
        """What each phrase of a region counts in training: its score to the power of ``power``, on average 1 over the
        region's ``phrases``, those said twice counted twice.

        Phrases that agree with the others then count more than those of one person alone (consensus-based weights,
        Phan et al., arXiv 1712.09532). Power 0 leaves all at 1.
        """
        weights = {}
        for region, phrases_of_region in phrases.items():
            scores = {phrase: self(region, phrase) ** power for phrase in phrases_of_region}
            mean = sum(scores[phrase] for phrase in phrases_of_region) / len(phrases_of_region)
            weights[region] = {phrase: score / mean if mean else 1.0 for phrase, score in scores.items()}
        return weights

    def _weigh(self, phrase: str) -> _Weighed:
        vectors: _Vector = tuple({} for _ in range(LONGEST))
        for gram, count in Counter(ngrams(phrase)).items():
            idf = self._log_regions - math.log(max(1, self._frequency[gram]))
            vectors[size_of(gram) - 1][gram] = count * idf
        norms = tuple(math.sqrt(sum(v * v for v in vector.values())) for vector in vectors)
        return _Weighed(vectors, norms, max(0, len(phrase.split()) - 1))


def _similarity(phrase: _Weighed, reference: _Weighed) -> float:
    total = 0.0
    for mine, theirs, norm, other in zip(phrase.vectors, reference.vectors, phrase.norms, reference.norms, strict=True):
        if norm and other:
            shared = sum(min(value, theirs[gram]) * theirs[gram] for gram, value in mine.items() if gram in theirs)
            total += shared / (norm * other)
    return total / LONGEST * math.exp(-((phrase.bigrams - reference.bigrams) ** 2) / (2 * SIGMA**2))
