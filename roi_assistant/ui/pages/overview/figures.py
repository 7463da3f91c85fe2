"""From the counts of a project to what a plot shows. No Qt and no pyqtgraph in here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roi_assistant.storage.records import LEARNING_STEP, LearningCurve, ModelAgreement, Overview

OTHERS = -1
"""Key of the bar that stands for all that has no bar of its own."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. ``key`` is its place in what was counted, ``OTHERS`` for the rest; ``others`` counts what is in it."""

    label: str
    count: int
    key: int
    others: int = 0


def top_bars(counted: Sequence[tuple[str, int]], *, most: int) -> tuple[Bar, ...]:
    """The ``most`` largest of ``counted`` (largest first), then the rest in one bar. A rest of one is shown itself."""
    if len(counted) <= most + 1:
        return tuple(Bar(label, count, key) for key, (label, count) in enumerate(counted))
    rest = counted[most:]
    bars = tuple(Bar(label, count, key) for key, (label, count) in enumerate(counted[:most]))
    return (*bars, Bar("", sum(count for _, count in rest), OTHERS, len(rest)))


def used_length(histogram: Sequence[int], *, least: int) -> int:
    """How many entries of ``histogram`` are worth an axis: up to the last that is not zero, ``least`` or more."""
    last = max((index for index, count in enumerate(histogram) if count), default=-1)
    return min(len(histogram), max(least, last + 1))


@dataclass(frozen=True, slots=True)
class CaptionFigures:
    """``words`` counts all words of all captions, captions of the longest class as of their least length. ``median``
    is a number of words; None without captions."""

    captions: int
    words: int
    distinct: int
    median: int | None

    @property
    def type_token(self) -> float | None:
        """Different words divided by words, 0..1."""
        return self.distinct / self.words if self.words else None


def caption_figures(overview: Overview) -> CaptionFigures:
    """Figures about the captions' words."""
    histogram = overview.caption_words
    captions = sum(histogram)
    words = sum(length * count for length, count in enumerate(histogram))
    median, seen = None, 0
    for length, count in enumerate(histogram):
        seen += count
        if captions and seen * 2 >= captions:
            median = length
            break
    return CaptionFigures(captions, words, overview.distinct_words, median)


def share(part: int, whole: int) -> float | None:
    """``part`` of ``whole``, 0..1; None of nothing."""
    return part / whole if whole else None


def percent(part: int, whole: int) -> str:
    """``37 %``, ``0.4 %`` below one percent, a dash of nothing. Only all is ``100 %`` and only none ``0 %``."""
    value = share(part, whole)
    if value is None:
        return "–"
    if 0 < value < 0.01:
        return f"{max(0.1, value * 100):.1f} %"
    return f"{round(value * 100) if value in (0.0, 1.0) else min(99, round(value * 100))} %"


def reviewed(model: ModelAgreement) -> int:
    """How many of the model's suggestions a person has decided about."""
    return model.accepted + model.edited + model.rejected


def grid_total(grid: Sequence[Sequence[int]]) -> int:
    """The sum of all cells."""
    return sum(map(sum, grid))


def grid_mode(grid: Sequence[Sequence[int]]) -> tuple[int, int, int]:
    """(row, column, count) of the fullest cell; (0, 0, 0) of an empty grid."""
    cells = ((count, -row, -column) for row, line in enumerate(grid) for column, count in enumerate(line))
    count, row, column = max(cells, default=(0, 0, 0))
    return (-row, -column, count) if count else (0, 0, 0)


def latest_days(per_day: Sequence[tuple[str, int]], *, most: int) -> tuple[tuple[str, int], ...]:
    """The last ``most`` days on which something was decided."""
    return tuple(per_day[-most:])


@dataclass(frozen=True, slots=True)
class LearningBar:
    """``right`` of each 50 decisions on average, between the decisions ``first`` and ``last``, counted from 1."""

    first: int
    last: int
    right: int


def learning_bars(curve: LearningCurve, *, most: int) -> tuple[LearningBar, ...]:
    """At most so many bars; where there are more steps, each bar is the mean of several."""
    width = -(-len(curve.steps) // most)
    bars = []
    for start in range(0, len(curve.steps), width):
        steps = curve.steps[start : start + width]
        end = (start + len(steps)) * LEARNING_STEP
        bars.append(LearningBar(start * LEARNING_STEP + 1, end, round(sum(steps) / len(steps))))
    return tuple(bars)


def nice_steps(most: int) -> tuple[int, ...]:
    """Round whole numbers from 0 up to ``most``: at most six."""
    steps = (digit * 10**power for power in range(20) for digit in (1, 2, 5))
    step = next(step for step in steps if most // step <= 5)
    return tuple(range(0, most + 1, step))
