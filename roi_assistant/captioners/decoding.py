"""Beam search over a step function, for many prompts at once. numpy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A finished answer: its tokens without the end token, and the log-probability of each, the end token's last."""

    tokens: tuple[int, ...]
    log_probabilities: tuple[float, ...]

    @property
    def total(self) -> float:
        """Log-probability of the whole answer."""
        return float(sum(self.log_probabilities))

    @property
    def mean(self) -> float:
        """Log-probability of a token on average, the end token included."""
        return self.total / len(self.log_probabilities)


LENGTH_POWER = 0.7
"""How much a beam search favours long answers: 0 by total log-probability, 1 by that of a token."""
_BLOCK = 64


class Step(Protocol):
    """One decoder step over a cache."""

    def __call__(self, tokens: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Continue ``rows`` of the previous call's batch (they may repeat or be left out) with one token each; returns
        log-probabilities of the next token [len(rows), vocabulary]."""


def search(
    first: NDArray[np.float32],
    step: Step,
    *,
    widths: NDArray[np.int64],
    end: int,
    longest: int,
) -> list[list[Hypothesis]]:
    """Beam search of width ``widths[g]`` for each prompt g, all prompts in one batch.

    ``first`` [prompts, vocabulary] are the log-probabilities after the prompt. A prompt leaves the batch when it has
    ``width`` finished answers and no live beam could overtake the last of them by ending next; a width of 1 is greedy
    search. Answers that reach ``longest`` tokens are cut there and have no end token.
    Hypotheses are ranked by total log-probability divided by length to the power `LENGTH_POWER` (Wu et al. 2016,
    without the constant), best first.
    """
    prompts = len(first)
    done: list[list[Hypothesis]] = [[] for _ in range(prompts)]
    # One row per live beam: its prompt, tokens and log-probabilities so far.
    group = np.arange(prompts)
    tokens: list[tuple[int, ...]] = [()] * prompts
    scores: list[tuple[float, ...]] = [()] * prompts
    totals = np.zeros(prompts)
    log_probabilities = first
    widest = int(widths.max())
    for length in range(1, longest + 1):
        best = _largest(log_probabilities, widest + 1)
        count = best.shape[1]
        values = np.take_along_axis(log_probabilities, best, axis=1)
        candidates = totals[:, None] + values
        next_rows: list[int] = []
        next_tokens: list[tuple[int, ...]] = []
        next_scores: list[tuple[float, ...]] = []
        starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
        stops = np.r_[starts[1:], len(group)]
        for start, stop in zip(starts, stops, strict=True):
            prompt = int(group[start])
            width = int(widths[prompt])
            flat = candidates[start:stop].ravel()
            kept = 0
            for choice in np.argsort(-flat, kind="stable")[: 2 * width]:
                row, column = start + choice // count, choice % count
                token, score = int(best[row, column]), float(values[row, column])
                if token == end:
                    done[prompt].append(Hypothesis(tokens[row], (*scores[row], score)))
                    if width == 1:
                        kept = 0
                        break
                elif kept < width:
                    next_rows.append(int(row))
                    next_tokens.append((*tokens[row], token))
                    next_scores.append((*scores[row], score))
                    kept += 1
                if kept == width:
                    break
            if kept and _settled(done[prompt], next_scores[-kept], width, length):
                del next_rows[-kept:], next_tokens[-kept:], next_scores[-kept:]
        if not next_rows:
            break
        if length == longest:
            for row, sequence, score_list in zip(next_rows, next_tokens, next_scores, strict=True):
                done[int(group[row])].append(Hypothesis(sequence, score_list))
            break
        rows = np.array(next_rows)
        group = group[rows]
        tokens, scores = next_tokens, next_scores
        totals = np.array([sum(s) for s in scores])
        log_probabilities = step(np.array([t[-1] for t in tokens]), rows)
    return [sorted(answers, key=lambda h: -_rank(h)) for answers in done]


def _largest(values: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Columns of the ``count`` largest values of each row (all of a narrower one), in no order.

    They are in the ``count`` blocks of columns with the largest maxima, which leaves little to be sorted.
    """
    rows, columns = values.shape
    count = min(count, columns)
    blocks = columns // _BLOCK
    if blocks <= count or columns % _BLOCK:
        return np.argpartition(-values, count - 1, axis=1)[:, :count]
    maxima = values.reshape(rows, blocks, _BLOCK).max(axis=2)
    block = np.argpartition(-maxima, count - 1, axis=1)[:, :count]
    among = (block[:, :, None] * _BLOCK + np.arange(_BLOCK)).reshape(rows, -1)
    best = np.argpartition(-np.take_along_axis(values, among, axis=1), count - 1, axis=1)[:, :count]
    return np.take_along_axis(among, best, axis=1)


def _rank(hypothesis: Hypothesis) -> float:
    return hypothesis.total / len(hypothesis.log_probabilities) ** LENGTH_POWER


def _settled(answers: list[Hypothesis], live: tuple[float, ...], width: int, length: int) -> bool:
    """Enough answers are finished, and the best live beam is behind the last of them even if it ended here for free."""
    if len(answers) < width:
        return False
    worst = sorted((_rank(h) for h in answers), reverse=True)[width - 1]
    return sum(live) / (length + 1) ** LENGTH_POWER < worst
