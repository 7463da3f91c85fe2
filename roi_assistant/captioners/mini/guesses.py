"""What a thing is: the decoder's answers and the category head's nouns together, and how sure they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from roi_assistant.core.calibration import log_odds
from roi_assistant.core.phrases import is_person
from roi_assistant.core.records import ScoredText

_RAREST = 1e-4
"""Probabilities closer to 0 or 1 than this tell the same."""


@dataclass(frozen=True)
class CategoryVotes:
    """Raw probabilities of categories: the decoder's answers ``asked``, and those of the category ``head``, which a
    model may lack. All nouns for people are the one category "person"."""

    asked: Mapping[str, float]
    head: Mapping[str, float]

    @property
    def both(self) -> bool:
        """Whether there are two to be heard."""
        return bool(self.asked and self.head)

    def guesses(self, *, head_weight: float) -> list[ScoredText]:
        """Categories with raw scores, best first; ``head_weight`` is 0 for the decoder's alone, 1 for the head's."""
        if self.asked and not self.head:
            return [ScoredText(*pair) for pair in self.asked.items()]
        if not self.asked:
            return sorted((ScoredText(*pair) for pair in self.head.items()), key=lambda guess: -guess.score)
        return _weighed(self.asked, self.head, weight=head_weight)

    def certain(
        self, guesses: Sequence[ScoredText], *, among: Sequence[ScoredText], weights: Sequence[float]
    ) -> list[ScoredText]:
        """``guesses``, the first of ``among``, with the probability that a person agrees, which never rises from one to
        the next. ``weights`` are those of `certainty_inputs`."""
        certain: list[ScoredText] = []
        for guess in guesses:
            inputs = self.certainty_inputs(guess, among=among)
            score = 1 / (1 + math.exp(-sum(w * value for w, value in zip(weights, inputs, strict=True))))
            certain.append(ScoredText(guess.text, min([score, *(before.score for before in certain[-1:])])))
        return certain

    def certainty_inputs(self, guess: ScoredText, *, among: Sequence[ScoredText]) -> tuple[float, ...]:
        """What tells whether ``guess`` is right: inputs of a logistic regression, the first of them 1.

        One curve over the guess's own score does not do: the decoder has seen many names of everyday things too rarely
        to agree with a head that is right about them.
        """
        return (
            1.0,
            _odds(guess.score),
            _odds(guess.score / sum(other.score for other in among)),
            _odds(self.head.get(guess.text, 0.0)),
            _odds(self.asked.get(guess.text, 0.0)),
            _odds(max(self.head.values())),
            _odds(max(self.asked.values())),
            float(guess.text == "person"),
        )


def category_mass(nouns: Sequence[ScoredText]) -> dict[str, float]:
    """The probabilities of categories, of those of nouns."""
    mass: dict[str, float] = {}
    for noun in nouns:
        word = "person" if is_person(noun.text) else noun.text
        mass[word] = mass.get(word, 0.0) + noun.score
    return mass


def _weighed(asked: Mapping[str, float], head: Mapping[str, float], *, weight: float) -> list[ScoredText]:
    """Weighted geometric mean of two lists of probabilities, best first.

    What one list lacks counts there as half as likely as the least likely that it has.
    """
    low_asked, low_head = min(asked.values()) / 2, min(head.values()) / 2
    scores = {
        word: asked.get(word, low_asked) ** (1 - weight) * head.get(word, low_head) ** weight
        for word in {**asked, **head}
    }
    return sorted((ScoredText(*pair) for pair in scores.items()), key=lambda guess: -guess.score)


def _odds(probability: float) -> float:
    return log_odds(probability, rarest=_RAREST)
