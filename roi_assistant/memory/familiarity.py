"""Which of the boxes that a model proposes are worth showing in this project: those like what was accepted."""

from __future__ import annotations

import math
from collections.abc import Iterable

from roi_assistant.core.calibration import log_odds
from roi_assistant.core.records import ScoredBox

FEWEST_LESSONS = 20
"""Accepted regions from which on they decide about boxes."""
LEAST_LOOKED_AT = 0.08
"""Score of a proposal that is looked at: a thing that this project is about may be one that hardly anybody boxes."""
MOST_LOOKED_AT = 24
LEAST_WORTH = 0.2
"""Of a box that is suggested."""
NEAREST = 3
"""Accepted regions whose mean cosine says how familiar a box looks."""
_WEIGHT, _USUAL = 4.0, 0.4
"""How much familiarity counts, and the one that changes nothing. Chosen on more-objects val (docs/experiments.md)."""


def worth(score: float, familiarity: float) -> float:
    """The ``score`` of a box, `ScoredBox`, weighed with how familiar it looks: the mean cosine of the `NEAREST`
    accepted regions. It orders boxes; it is no probability."""
    return 1 / (1 + math.exp(-(log_odds(score, rarest=0.01) + _WEIGHT * (familiarity - _USUAL))))


def reweighed(proposals: Iterable[ScoredBox], familiarities: Iterable[float]) -> tuple[ScoredBox, ...]:
    """``proposals`` with what each is worth as its score."""
    pairs = zip(proposals, familiarities, strict=True)
    return tuple(ScoredBox(item.box, worth(item.score, familiarity)) for item, familiarity in pairs)
