"""Score calibration: isotonic regression on held-out answers, and log odds for regressions of several inputs."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Curve:
    """Piecewise linear and never falling: ``inputs`` ascending, ``outputs`` probabilities; flat beyond both ends."""

    inputs: tuple[float, ...]
    outputs: tuple[float, ...]

    def __call__(self, value: float) -> float:
        if not self.inputs:
            return 0.0
        place = bisect_right(self.inputs, value)
        if place == 0:
            return self.outputs[0]
        if place == len(self.inputs):
            return self.outputs[-1]
        left, right = self.inputs[place - 1], self.inputs[place]
        share = (value - left) / (right - left)
        return self.outputs[place - 1] + share * (self.outputs[place] - self.outputs[place - 1])


def fit_curve(values: Sequence[float], correct: Sequence[bool], *, smallest: int = 40) -> Curve:
    """Isotonic regression (pool adjacent violators) over bins of at least ``smallest`` answers.

    Bins keep the curve from following single answers; a prior of one right and one wrong answer per bin keeps it from
    0 and 1.
    """
    pairs = sorted(zip(values, correct, strict=True))
    if not pairs:
        return Curve((), ())
    count = max(1, len(pairs) // smallest)
    blocks: list[list[float]] = []  # right answers, all answers, sum of values
    for number in range(count):
        part = pairs[number * len(pairs) // count : (number + 1) * len(pairs) // count]
        blocks.append([sum(ok for _, ok in part) + 1.0, len(part) + 2.0, sum(v for v, _ in part) / len(part)])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] >= blocks[-1][0] / blocks[-1][1]:
            last = blocks.pop()
            before = blocks[-1]
            weight = before[1] + last[1]
            before[2] = (before[2] * before[1] + last[2] * last[1]) / weight
            before[0], before[1] = before[0] + last[0], weight
    return Curve(tuple(b[2] for b in blocks), tuple(b[0] / b[1] for b in blocks))


def log_odds(probability: float, *, rarest: float) -> float:
    """log(p / (1 - p)); probabilities closer to 0 or 1 than ``rarest`` tell the same."""
    bounded = min(max(probability, rarest), 1 - rarest)
    return math.log(bounded / (1 - bounded))
