"""What a region may be called in this project, and what speaks for each name: inputs of a small network.

Candidates are the model's guesses, the names of the regions that look most alike, and the names whose regions do so on
average. One more stands for a name that is none of them. `roi_assistant.memory.weights` weighs the inputs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roi_assistant.core.calibration import log_odds

NEIGHBOURS = 32
"""Regions that look most alike, which are asked for their names."""
VOTERS = 8
"""Those of them whose names are counted."""
_SHARPNESS = 12.0
"""A neighbour votes with exp(`_SHARPNESS` cos), and one that looks `UNLIKE` votes for no name."""
UNLIKE = 0.4
"""Cosine up to which regions do not look alike."""
MEAN_NAMES = 5
"""Names that are candidates because their regions look alike on average."""
_RAREST = 1e-3
"""Probabilities closer to 0 or 1 than this tell the same."""

INPUTS = (
    "model",
    "not the model's",
    "nearest",
    "votes",
    "mean",
    "times taught",
    "new to the project",
    "never taught",
    "model, never taught",
    "lessons",
    "names",
    "model's best",
    "nearest of all",
    "best mean",
)
"""The last five are the same for all candidates: they say how much the others tell."""
NONE_INPUTS = ("model's best", "nearest of all", "new to the project", "best mean", "lessons", "names")


@dataclass(frozen=True)
class Looks:
    """How a region looks beside those that were taught.

    ``neighbours`` are names and cosines, the nearest first; ``means`` the cosines of the names' mean vectors;
    ``taught`` says how many regions have each name.
    """

    neighbours: Sequence[tuple[str, float]]
    means: Mapping[str, float]
    taught: Mapping[str, int]


@dataclass(frozen=True)
class Evidence:
    """``inputs`` [names, `INPUTS`] for each of ``names``; ``none`` [`NONE_INPUTS`] for a name that is none of them."""

    names: tuple[str, ...]
    inputs: NDArray[np.float64]
    none: NDArray[np.float64]


def evidence(guesses: Mapping[str, float], looks: Looks) -> Evidence:
    """What speaks for each candidate. ``guesses`` are the model's categories and their calibrated probabilities."""
    nearest: dict[str, float] = {}
    for name, similarity in looks.neighbours:
        nearest.setdefault(name, similarity)
    votes = _votes(looks.neighbours[:VOTERS])
    likely_means = sorted(looks.means, key=lambda name: -looks.means[name])[:MEAN_NAMES]
    names = tuple(dict.fromkeys([*guesses, *votes, *likely_means]))
    farthest = looks.neighbours[-1][1] if looks.neighbours else 0.0
    lessons = sum(looks.taught.values())
    novelty = math.log((len(looks.taught) + 1) / (lessons + 2))
    size = (math.log(1 + lessons), math.log(1 + len(looks.taught)))
    best = (
        _odds(max(guesses.values(), default=0.0)),
        looks.neighbours[0][1] if looks.neighbours else 0.0,
        max(looks.means.values(), default=0.0),
    )
    rows = []
    for name in names:
        guess, times = guesses.get(name, 0.0), looks.taught.get(name, 0)
        rows.append(
            (
                _odds(guess),
                float(name not in guesses),
                nearest.get(name, farthest if times else 0.0),
                votes.get(name, 0.0),
                looks.means.get(name, 0.0),
                math.log(times) if times else 0.0,
                0.0 if times else novelty,
                float(not times),
                0.0 if times else _odds(guess),
                *size,
                *best,
            )
        )
    none = (best[0], best[1], novelty, best[2], *size)
    return Evidence(names, np.array(rows).reshape(len(names), len(INPUTS)), np.array(none))


def _votes(neighbours: Sequence[tuple[str, float]]) -> dict[str, float]:
    """The share of the votes for each name; where all look unlike, hardly any vote is for a name."""
    weights = [math.exp(_SHARPNESS * (similarity - UNLIKE)) for _, similarity in neighbours]
    votes: dict[str, float] = {}
    for (name, _), weight in zip(neighbours, weights, strict=True):
        votes[name] = votes.get(name, 0.0) + weight / (1 + sum(weights))
    return votes


def _odds(probability: float) -> float:
    return log_odds(probability, rarest=_RAREST)
