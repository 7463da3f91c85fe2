"""How a region looks, as a vector: what is taken away, put side by side, and turned."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from roi_assistant.captioners.mini.projection import RegionProjection
from roi_assistant.captioners.model_folder import ModelFile
from roi_assistant.errors import ModelFileError


def stored(**parts: Any) -> ModelFile:
    file = io.BytesIO()
    arrays: dict[str, Any] = {name: np.asarray(value, np.float16) for name, value in parts.items()}
    np.savez(file, **arrays)
    return ModelFile(Path("projection.npz"), file.getvalue())


def test_both_parts_are_centred_brought_to_length_one_and_projected() -> None:
    """Pooled (4, 5) less (1, 1) is (3, 4), at length one (0.6, 0.8); tokens (0, 2) less (0, 0) are (0, 1). Side by side
    less the mean (0.6, 0, 0, 0): (0, 0.8, 0, 1). The matrix keeps the second and the fourth: (0.8, 1) / 1.2806."""
    matrix = [[0, 0], [1, 0], [0, 0], [0, 1]]
    file = stored(pooled_mean=[1, 1], tokens_mean=[0, 0], mean=[0.6, 0, 0, 0], matrix=matrix)
    looks = RegionProjection.read(file)(np.array([[4, 5]], np.float32), np.array([[[0], [2]]], np.float32))
    assert looks.shape == (1, 2) and looks[0] == pytest.approx([0.6247, 0.7809], abs=1e-3)


@pytest.mark.parametrize("data", [b"", b"PK no archive", stored(mean=[1.0]).data])
def test_what_is_no_projection_is_refused(data: bytes) -> None:
    with pytest.raises(ModelFileError, match=r"projection\.npz cannot be read"):
        RegionProjection.read(ModelFile(Path("projection.npz"), data))


def test_pickled_objects_are_not_opened() -> None:
    file = io.BytesIO()
    np.savez(file, pooled_mean=np.array([print], object), tokens_mean=[0], mean=[0], matrix=[[0]])
    with pytest.raises(ModelFileError):
        RegionProjection.read(ModelFile(Path("projection.npz"), file.getvalue()))
