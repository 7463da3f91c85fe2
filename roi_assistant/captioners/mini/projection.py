"""How a region looks, in a few hundred numbers: what tells kinds of things apart in the vectors that the model has.

A linear discriminant analysis (Fisher 1936; `training.mini.projection_stage` fits it): directions in which things of
one name lie close together and things of different names far apart, the most telling first. Cosines of such vectors
find alike regions better than cosines of what they are made from, and take a tenth of the room.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roi_assistant.captioners.model_folder import ModelFile
from roi_assistant.errors import ModelFileError

PROJECTION = "projection.npz"
_PARTS = ("pooled_mean", "tokens_mean", "mean", "matrix")


@dataclass(frozen=True)
class RegionProjection:
    """``pooled_mean`` [channels], ``tokens_mean`` [region tokens * width], ``mean`` [both], ``matrix`` [both,
    dimensions]."""

    pooled_mean: NDArray[np.float32]
    tokens_mean: NDArray[np.float32]
    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]

    @classmethod
    def read(cls, file: ModelFile) -> RegionProjection:
        """The projection in ``file``. Raises: ModelFileError: it is none."""
        try:
            with np.load(io.BytesIO(file.data), allow_pickle=False) as stored:
                parts = [stored[name].astype(np.float32) for name in _PARTS]
        except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise ModelFileError(
                "{path} cannot be read ({reason}): copy it again.", path=file.path, reason=error
            ) from error
        return cls(*parts)

    def __call__(self, pooled: NDArray[np.float32], tokens: NDArray[np.float32]) -> NDArray[np.float32]:
        """The close-ups' ``pooled`` vectors [boxes, channels] and region ``tokens`` [boxes, region tokens, width] ->
        vectors of length 1 [boxes, dimensions]."""
        flat = tokens.reshape(len(tokens), -1)
        both = joined(pooled - self.pooled_mean, flat - self.tokens_mean)
        return unit((both - self.mean) @ self.matrix)


def joined(pooled: NDArray[np.float32], tokens: NDArray[np.float32]) -> NDArray[np.float32]:
    """Both parts at length 1, side by side."""
    return np.concatenate([unit(pooled), unit(tokens)], axis=1)


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """``vectors`` [rows, dimensions] at length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-6)).astype(np.float32)
