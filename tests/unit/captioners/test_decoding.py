"""Beam search against all answers that there are."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from roi_assistant.captioners import decoding
from roi_assistant.captioners.decoding import Hypothesis, _largest, search

END = 0
Model = Callable[[tuple[int, ...]], NDArray[np.float32]]
"""Tokens so far -> log-probabilities of the next one."""


def random_model(seed: int, vocabulary: int = 4) -> Model:
    @cache
    def next_token(tokens: tuple[int, ...]) -> NDArray[np.float32]:
        logits = np.random.default_rng([seed, *tokens]).normal(size=vocabulary) * 1.5
        return (logits - np.log(np.exp(logits).sum())).astype(np.float32)

    return next_token


class Decoder:
    """Steps over several models at once, as a decoder does over its cache: it only knows rows of its last batch."""

    def __init__(self, models: Sequence[Model]) -> None:
        self.rows: list[tuple[Model, tuple[int, ...]]] = [(model, ()) for model in models]
        self.batches: list[int] = []

    @property
    def first(self) -> NDArray[np.float32]:
        return np.stack([model(()) for model, _ in self.rows])

    def __call__(self, tokens: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        assert len(tokens) == len(rows) > 0
        assert END not in tokens
        self.rows = [(self.rows[row][0], (*self.rows[row][1], int(t))) for t, row in zip(tokens, rows, strict=True)]
        self.batches.append(len(rows))
        return np.stack([model(so_far) for model, so_far in self.rows])


def decode(
    models: Sequence[Model], widths: Sequence[int], *, longest: int = 3, power: float = 0.7
) -> list[list[Hypothesis]]:
    decoder = Decoder(models)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "LENGTH_POWER", power)
        return search(decoder.first, decoder, widths=np.array(widths), end=END, longest=longest)


def every_answer(model: Model, *, longest: int, vocabulary: int = 4) -> list[Hypothesis]:
    """All answers of up to ``longest`` tokens, the end token counted; those that reach the limit have none."""
    answers = []
    for length in range(longest + 1):
        for tokens in itertools.product(range(1, vocabulary), repeat=length):
            scores = [float(model(tokens[:k])[tokens[k]]) for k in range(length)]
            if length < longest:
                scores.append(float(model(tokens)[END]))
            answers.append(Hypothesis(tokens, tuple(scores)))
    return answers


def rank(hypothesis: Hypothesis, power: float) -> float:
    return hypothesis.total / len(hypothesis.log_probabilities) ** power


def greedy(model: Model, *, longest: int) -> Hypothesis:
    tokens: tuple[int, ...] = ()
    scores: tuple[float, ...] = ()
    while len(tokens) < longest:
        token = int(model(tokens).argmax())
        scores = (*scores, float(model(tokens)[token]))
        if token == END:
            break
        tokens = (*tokens, token)
    return Hypothesis(tokens, scores)


@pytest.mark.parametrize("power", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_wide_enough_search_finds_every_answer_in_order(seed: int, power: float) -> None:
    model = random_model(seed)
    (answers,) = decode([model], [60], power=power)
    expected = sorted(every_answer(model, longest=3), key=lambda h: -rank(h, power))
    assert len(expected) == 1 + 3 + 9 + 27
    assert [h.tokens for h in answers] == [h.tokens for h in expected]
    for left, right in zip(answers, expected, strict=True):
        assert left.log_probabilities == pytest.approx(right.log_probabilities)


@pytest.mark.parametrize("longest", [1, 2, 6])
def test_width_of_one_is_greedy(longest: int) -> None:
    models = [random_model(seed, vocabulary=9) for seed in range(30)]
    decoded = decode(models, [1] * 30, longest=longest)
    assert decoded == [[greedy(model, longest=longest)] for model in models]
    lengths = {len(answers[0].tokens) for answers in decoded}
    assert len(lengths) >= min(longest + 1, 4), "the models should end at different lengths"


def test_prompts_of_different_widths_do_not_influence_one_another() -> None:
    models = [random_model(seed, vocabulary=9) for seed in range(12)]
    widths = [1, 5, 3, 9, 1, 2, 7, 4, 1, 6, 3, 2]
    together = decode(models, widths, longest=5)
    for model, width, answers in zip(models, widths, together, strict=True):
        (alone,) = decode([model], [width], longest=5)
        assert answers == alone
        assert len(answers) >= width


def test_wider_than_the_vocabulary() -> None:
    model = random_model(3, vocabulary=2)
    (answers,) = decode([model], [10], longest=4)
    expected = every_answer(model, longest=4, vocabulary=2)
    assert {h.tokens for h in answers} == {h.tokens for h in expected} == {(), (1,), (1, 1), (1, 1, 1), (1, 1, 1, 1)}


def table(**rows: Sequence[float]) -> Model:
    """Probabilities by the tokens so far, written together: ``a12`` after 1 and 2."""

    def next_token(tokens: tuple[int, ...]) -> NDArray[np.float32]:
        return np.log(np.array(rows["a" + "".join(map(str, tokens))], np.float32))

    return next_token


def test_beam_finds_what_greedy_misses() -> None:
    model = table(a=(0.02, 0.53, 0.45), a1=(0.4, 0.3, 0.3), a2=(0.98, 0.01, 0.01), a11=(1, 0, 0), a12=(1, 0, 0))
    with np.errstate(divide="ignore"):
        (one,), (two,) = decode([model], [1], longest=3), decode([model], [2], longest=3)
    assert [h.tokens for h in one] == [(1,)]
    assert two[0].tokens == (2,)
    assert np.exp(two[0].total) == pytest.approx(0.45 * 0.98)


def test_length_power_decides_between_short_and_long() -> None:
    # The end at once: 0.5 of one token. 1, then the end: 0.5 * 0.9 of two.
    model = table(a=(0.5, 0.4999, 0.0001), a1=(0.9, 0.05, 0.05), a2=(0.9, 0.05, 0.05))
    (by_total,), (by_mean,) = (decode([model], [3], longest=2, power=power) for power in (0.0, 1.0))
    assert by_total[0].tokens == ()
    assert by_mean[0].tokens == (1,)
    assert by_mean[0].mean == pytest.approx(np.log(0.4999 * 0.9) / 2)


def test_finished_prompts_leave_the_batch() -> None:
    short = table(a=(0.96, 0.03, 0.01), a1=(0.98, 0.01, 0.01), a2=(0.98, 0.01, 0.01))
    decoder = Decoder([short, random_model(1, 3), short])
    decoded = search(decoder.first, decoder, widths=np.array([1, 2, 2]), end=END, longest=8)
    assert [len(answers) >= width for answers, width in zip(decoded, (1, 2, 2), strict=True)] == [True] * 3
    assert decoded[0] == [Hypothesis((), (float(short(())[END]),))]
    # The first prompt is done before any step; the third has two answers after one, and the others cannot catch up.
    assert decoder.batches[0] == 2 + 2
    assert max(decoder.batches[1:], default=0) <= 2


def test_no_step_is_taken_when_all_end_at_once() -> None:
    model = table(a=(0.9, 0.1))
    decoder = Decoder([model, model])
    decoded = search(decoder.first, decoder, widths=np.array([1, 1]), end=END, longest=8)
    assert [[h.tokens for h in answers] for answers in decoded] == [[()], [()]]
    assert decoder.batches == []


def test_answers_are_cut_at_the_longest() -> None:
    endless = table(a=(0.1, 0.9), a1=(0.1, 0.9), a11=(0.1, 0.9))
    ((cut,),) = decode([endless], [1], longest=3)
    assert cut.tokens == (1, 1, 1)
    assert len(cut.log_probabilities) == 3


def test_probability_of_an_answer() -> None:
    hypothesis = Hypothesis((3, 4), (-0.1, -0.2, -0.6))
    assert hypothesis.total == pytest.approx(-0.9)
    assert hypothesis.mean == pytest.approx(-0.3)


@pytest.mark.parametrize("columns", [5, 64, 512, 640, 650, 4096])
@pytest.mark.parametrize("count", [1, 2, 7])
def test_the_largest_of_a_row(columns: int, count: int) -> None:
    values = np.random.default_rng(columns).normal(size=(9, columns)).astype(np.float32)
    values[0] = np.arange(columns)  # all in the last block
    places = _largest(values, count)
    expected = np.sort(values, axis=1)[:, ::-1][:, :count]
    np.testing.assert_array_equal(np.sort(np.take_along_axis(values, places, axis=1), axis=1)[:, ::-1], expected)
