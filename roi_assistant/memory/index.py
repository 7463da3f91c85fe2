"""Nearest vectors by cosine similarity, among up to some hundred thousand.

All vectors have length 1. Their dimensions come sorted by how much they tell, the first most, so that a search over
many looks at the first `COARSE` dimensions of all, and at all dimensions of the best of those. These are kept as whole
numbers of 8 bits with a scale for each vector: numpy turns float16 into float32 one by one, and bytes many at a time.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

K = TypeVar("K", bound=Hashable)

COARSE = 64
"""Dimensions that are compared first."""
CANDIDATES = 1024
"""Vectors whose other dimensions are compared, too."""
_LEVELS = 127
_EXACT_BELOW = 2048
"""So many vectors are compared in all dimensions at once."""


@dataclass(frozen=True)
class Found(Generic[K]):
    """A vector that is near: its key, and the cosine of the angle to it."""

    key: K
    similarity: float


class VectorIndex(Generic[K]):
    """Vectors [dimensions] by their keys. A vector may be put in again, which replaces it."""

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self._levels = np.zeros((0, dimensions), np.int8)
        self._scales = np.zeros(0, np.float32)
        self._coarse = np.zeros((0, min(COARSE, dimensions)), np.float32)
        self._keys: list[K] = []
        self._rows: dict[K, int] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: K) -> bool:
        return key in self._rows

    @property
    def keys(self) -> tuple[K, ...]:
        """Of all vectors."""
        return tuple(self._keys)

    @property
    def nbytes(self) -> int:
        """Memory of the vectors, in bytes."""
        return self._levels.nbytes + self._scales.nbytes + self._coarse.nbytes

    def put(self, key: K, vector: NDArray[np.float32]) -> None:
        """Keep ``vector`` under ``key``."""
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = len(self._keys)
            self._keys.append(key)
            if row == len(self._scales):
                self._grow()
        scale = float(np.abs(vector).max()) / _LEVELS or 1.0
        self._levels[row], self._scales[row] = np.rint(vector / scale), scale
        self._coarse[row] = vector[: self._coarse.shape[1]]

    def remove(self, key: K) -> None:
        """Forget ``key``, if it is known; the last vector takes its place."""
        row = self._rows.pop(key, None)
        if row is None:
            return
        last = len(self._keys) - 1
        if row != last:
            for array in (self._levels, self._scales, self._coarse):
                array[row] = array[last]
            self._keys[row] = self._keys[last]
            self._rows[self._keys[row]] = row
        self._keys.pop()

    def vector(self, key: K) -> NDArray[np.float32]:
        """The vector of ``key``, float32 [dimensions]. Raises: KeyError."""
        row = self._rows[key]
        return self._levels[row].astype(np.float32) * self._scales[row]

    def vectors(self, keys: Iterable[K]) -> NDArray[np.float32]:
        """The vectors of ``keys``, float32 [keys, dimensions]. Raises: KeyError."""
        rows = np.array([self._rows[key] for key in keys], np.intp)
        return self._levels[rows].astype(np.float32) * self._scales[rows, None]

    def nearest(self, vector: NDArray[np.float32], count: int) -> list[Found[K]]:
        """The ``count`` vectors that are nearest to ``vector``, the nearest first."""
        size = len(self._keys)
        rows: NDArray[np.intp] | slice = slice(size)
        if size > _EXACT_BELOW:
            coarse = self._coarse[:size] @ vector[: self._coarse.shape[1]]
            rows = np.argpartition(coarse, -CANDIDATES)[-CANDIDATES:]
        similar = (self._levels[rows].astype(np.float32) @ vector) * self._scales[rows]
        best = np.argsort(-similar, kind="stable")[:count]
        found = best if isinstance(rows, slice) else rows[best]
        return [Found(self._keys[row], float(s)) for row, s in zip(found, similar[best], strict=True)]

    def _grow(self) -> None:
        room = max(256, len(self._scales) // 8)
        self._levels, self._scales, self._coarse = (
            np.concatenate([array, np.zeros((room, *array.shape[1:]), array.dtype)])
            for array in (self._levels, self._scales, self._coarse)
        )
