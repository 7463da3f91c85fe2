"""N-grams and their vectors, worked out by hand."""

from __future__ import annotations

import pytest

from roi_assistant.core.ngrams import ngrams, size_of, unit_vectors


def test_ngrams_are_runs_of_one_to_four_words() -> None:
    assert list(ngrams("a b c d e")) == [
        *("a", "b", "c", "d", "e"),
        *("a b", "b c", "c d", "d e"),
        *("a b c", "b c d", "c d e"),
        *("a b c d", "b c d e"),
    ]
    assert list(ngrams("dog dog")) == ["dog", "dog", "dog dog"]
    assert list(ngrams("  ")) == []


def test_size_of() -> None:
    assert [size_of(gram) for gram in ngrams("a red hat")] == [1, 1, 1, 2, 2, 3]


def test_vectors_of_each_length_have_norm_one() -> None:
    """Two dogs that weigh 2 each beside a cat that weighs 3: 4 and 3, of norm 5."""
    weights = {"dog": 2.0, "cat": 3.0, "dog dog": 1.0, "dog cat": 1.0}
    found = unit_vectors("dog dog cat", lambda gram: weights.get(gram, 7.0))
    assert found == pytest.approx(
        {"dog": 0.8, "cat": 0.6, "dog dog": 0.5**0.5, "dog cat": 0.5**0.5, "dog dog cat": 1.0}
    )


def test_what_weighs_nothing_is_left_out() -> None:
    assert unit_vectors("a dog", {"a": 0.0, "dog": 2.0, "a dog": 1.0}.__getitem__) == {"dog": 1.0, "a dog": 1.0}
    assert unit_vectors("a", lambda gram: 0.0) == {}
    assert unit_vectors("", lambda gram: 1.0) == {}
