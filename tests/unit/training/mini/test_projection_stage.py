"""Directions in which things of one name lie together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from roi_assistant.captioners.mini.projection import RegionProjection
from roi_assistant.captioners.model_folder import ModelFile
from roi_assistant.errors import BadInputError
from roi_assistant.training.mini.projection_stage import ProjectionConfig, fit_projection


def cosines_of(vectors: np.ndarray, names: np.ndarray) -> tuple[float, float]:
    """Mean cosine of pairs of the same name, and of others."""
    cosines, same = vectors @ vectors.T, names[:, None] == names
    others = ~np.eye(len(names), dtype=bool)
    return float(cosines[same & others].mean()), float(cosines[~same].mean())


def test_what_tells_names_apart_is_kept_and_what_only_varies_is_not() -> None:
    """Names differ in one number of eight, a little; another number varies three times as much and says nothing."""
    rng = np.random.default_rng(0)
    number = np.repeat(np.arange(4), 40)
    pooled = rng.normal(size=(160, 4)).astype(np.float32) * np.array([0.2, 0.2, 0.2, 3.0], np.float32)
    pooled[:, 0] += 2.0 * (number % 2)
    tokens = rng.normal(size=(160, 1, 4)).astype(np.float32) * 0.3
    tokens[:, 0, 0] += 1.0 * (number // 2)
    names = [("fork", "cup", "dog", "")[n] for n in number]
    data = fit_projection(pooled, tokens, names, ProjectionConfig(dimensions=2, shrinkage=0.1))
    looks = RegionProjection.read(ModelFile(Path("projection.npz"), data))(pooled, tokens)
    assert looks.shape == (160, 2) and np.linalg.norm(looks, axis=1) == pytest.approx(1, abs=1e-3)
    same, other = cosines_of(looks, number)
    plain = np.concatenate([pooled, tokens[:, 0]], axis=1)
    plain_same, plain_other = cosines_of(plain / np.linalg.norm(plain, axis=1, keepdims=True), number)
    assert same - other > 0.5 > plain_same - plain_other, "also of things whose name nobody told"


def test_without_names_there_is_nothing_to_learn() -> None:
    some = np.ones((6, 2), np.float32)
    with pytest.raises(BadInputError, match="too few named regions"):
        fit_projection(some, some[:, None], ["cup"] * 5 + [""], ProjectionConfig())
