from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from roi_assistant.memory import index
from roi_assistant.memory.index import VectorIndex

Vectors = NDArray[np.float32]


def _unit(vectors: NDArray[np.float64]) -> Vectors:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def _filled(vectors: Vectors) -> VectorIndex[int]:
    filled: VectorIndex[int] = VectorIndex(vectors.shape[1])
    for key, vector in enumerate(vectors):
        filled.put(key, vector)
    return filled


def test_the_nearest_are_those_of_all_comparisons() -> None:
    random = np.random.default_rng(1)
    vectors, asked = _unit(random.normal(size=(300, 48))), _unit(random.normal(size=(20, 48)))
    filled = _filled(vectors)
    kept = np.stack([filled.vector(key) for key in range(300)])
    assert np.abs(kept - vectors).max() < 1 / 254, "half a level of the largest value, which is at most 1"
    for vector in asked:
        found = filled.nearest(vector, 10)
        expected = np.argsort(-(kept @ vector))[:10]
        assert [one.key for one in found] == expected.tolist()
        assert [one.similarity for one in found] == pytest.approx((kept @ vector)[expected].tolist(), abs=1e-5)
        assert [one.similarity for one in found] == pytest.approx((vectors @ vector)[expected].tolist(), abs=0.02)


def test_a_vector_is_replaced_and_removed() -> None:
    east, north, west = np.array([[1, 0], [0, 1], [-1, 0]], np.float32)
    filled: VectorIndex[str] = VectorIndex(2)
    assert filled.nearest(east, 3) == []
    for key, vector in (("a", east), ("b", north), ("c", west)):
        filled.put(key, vector)
    filled.put("a", west)
    assert len(filled) == 3
    assert filled.nearest(north, 1)[0].key == "b"
    assert {one.key for one in filled.nearest(west, 2)} == {"a", "c"}

    filled.remove("a")
    filled.remove("a")
    assert "a" not in filled
    assert "c" in filled, "the last one took its place"
    assert [(one.key, one.similarity) for one in filled.nearest(west, 5)] == [("c", 1.0), ("b", 0.0)]
    filled.remove("c")
    filled.remove("b")
    assert len(filled) == 0
    assert filled.nearest(west, 5) == []
    with pytest.raises(KeyError):
        filled.vector("b")


def test_removing_leaves_what_never_was_there() -> None:
    """Puts and removals in any order give the index of what is left."""
    random = np.random.default_rng(2)
    vectors = _unit(random.normal(size=(400, 16)))
    filled: VectorIndex[int] = VectorIndex(16)
    left: dict[int, int] = {}
    for _ in range(2000):
        key = int(random.integers(300))
        if random.random() < 0.4:
            filled.remove(key)
            left.pop(key, None)
        else:
            left[key] = int(random.integers(400))
            filled.put(key, vectors[left[key]])
    assert len(filled) == len(left)
    fresh: VectorIndex[int] = VectorIndex(16)
    for key, row in left.items():
        fresh.put(key, vectors[row])
        assert np.array_equal(filled.vector(key), fresh.vector(key))
    assert np.array_equal(filled.vectors(left), [fresh.vector(key) for key in left])
    found, expected = filled.nearest(vectors[0], 20), fresh.nearest(vectors[0], 20)
    assert [one.similarity for one in found] == [one.similarity for one in expected]


def test_many_vectors_are_found_by_their_first_dimensions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds of things lie in clusters, and dimensions tell less and less, as those of a projection do."""
    random = np.random.default_rng(3)
    strength = 1 / np.sqrt(1 + np.arange(96))
    centers = random.normal(size=(150, 96)) * strength
    members = centers[random.integers(150, size=4000)] + 0.5 * random.normal(size=(4000, 96)) * strength
    vectors = _unit(members)
    filled = _filled(vectors)
    asked = vectors[::80]
    found = [{one.key for one in filled.nearest(vector, 10)} for vector in asked]
    assert len(filled) > index._EXACT_BELOW
    with monkeypatch.context() as patch:
        patch.setattr(index, "_EXACT_BELOW", 10_000)
        exact = [{one.key for one in filled.nearest(vector, 10)} for vector in asked]
    recall = sum(len(a & b) for a, b in zip(found, exact, strict=True)) / (10 * len(asked))
    assert recall >= 0.9
    assert all(len(keys) == 10 for keys in found)
