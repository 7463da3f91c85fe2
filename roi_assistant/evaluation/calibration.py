"""Are scores honest? Expected calibration error, and accuracy against coverage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from roi_assistant.errors import BadInputError

BINS = 10
COVERAGE_STEPS = 20


class CalibrationBin(TypedDict):
    """The answers with a score from ``low`` to ``high``; ``mean_score`` and ``accuracy`` are None without any."""

    low: float
    high: float
    count: int
    mean_score: float | None
    accuracy: float | None


class CalibrationFigures(TypedDict):
    """``ece`` and ``brier`` are None without scores; ``bins`` holds the empty ones too."""

    items: int
    ece: float | None
    brier: float | None
    bins: list[CalibrationBin]


class CoverageRow(TypedDict):
    """The surest answers: ``coverage`` is the share kept, ``threshold`` the lowest score among them."""

    coverage: float
    accuracy: float
    threshold: float


def calibration(scores: Sequence[float], correct: Sequence[bool]) -> CalibrationFigures:
    """How far ``scores``, 0..1, are from the share of right answers.

    Scores are put into `BINS` of equal width, a score of 1 into the last. The expected calibration error (Naeini et
    al., AAAI 2015) is the mean over bins of ``|accuracy - mean score|`` weighted by their counts; the Brier score is
    the mean squared difference.

    Raises:
        BadInputError: the lists differ in length, or a score is not in 0..1.
    """
    pairs = _paired(scores, correct)
    for score in scores:
        if not 0.0 <= score <= 1.0:
            raise BadInputError(f"A score must be between 0 and 1, and one is {score}.")
    grouped: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for score, right in pairs:
        grouped[min(int(score * BINS), BINS - 1)].append((score, bool(right)))
    rows: list[CalibrationBin] = []
    error = 0.0
    for index, members in enumerate(grouped):
        mean_score = sum(score for score, _ in members) / len(members) if members else None
        accuracy = sum(right for _, right in members) / len(members) if members else None
        if mean_score is not None and accuracy is not None:
            error += abs(accuracy - mean_score) * len(members)
        low, high = index / BINS, (index + 1) / BINS
        rows.append({"low": low, "high": high, "count": len(members), "mean_score": mean_score, "accuracy": accuracy})
    if not pairs:
        return {"items": 0, "ece": None, "brier": None, "bins": rows}
    brier = sum((score - right) ** 2 for score, right in pairs) / len(pairs)
    return {"items": len(pairs), "ece": error / len(pairs), "brier": brier, "bins": rows}


def coverage_curve(scores: Sequence[float], correct: Sequence[bool]) -> list[CoverageRow]:
    """Accuracy when only the surest answers are kept, from ``1 / COVERAGE_STEPS`` of them to all.

    Raises:
        BadInputError: the lists differ in length.
    """
    ranked = sorted(_paired(scores, correct), key=lambda pair: -pair[0])
    rows: list[CoverageRow] = []
    for step in range(1, COVERAGE_STEPS + 1):
        kept = ranked[: round(len(ranked) * step / COVERAGE_STEPS)]
        coverage = len(kept) / len(ranked) if ranked else 0.0
        if kept and (not rows or coverage > rows[-1]["coverage"]):
            accuracy = sum(right for _, right in kept) / len(kept)
            rows.append({"coverage": coverage, "accuracy": accuracy, "threshold": kept[-1][0]})
    return rows


def _paired(scores: Sequence[float], correct: Sequence[bool]) -> list[tuple[float, bool]]:
    if len(scores) != len(correct):
        raise BadInputError(f"{len(scores)} scores cannot be compared with {len(correct)} answers.")
    return list(zip(scores, correct, strict=True))
