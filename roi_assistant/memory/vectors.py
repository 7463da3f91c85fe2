"""Region features as text: how vectors travel in JSON messages and lie in memory.

A region's vector has length 1 and is stored as float16, little-endian.
"""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray

from roi_assistant.errors import FormatError

_STORED = np.dtype("<f2")
MOST_DIMENSIONS = 4096


def packed(vector: NDArray[np.float32]) -> str:
    """``vector`` [dimensions] as base64 of float16."""
    return base64.b64encode(vector.astype(_STORED).tobytes()).decode("ascii")


def unpacked(text: str) -> NDArray[np.float32]:
    """The vector that `packed` wrote, float32 [dimensions].

    Raises:
        FormatError: ``text`` is no such vector.
    """
    try:
        return from_bytes(base64.b64decode(text, validate=True))
    except ValueError as error:  # binascii.Error, or a letter beyond ASCII
        raise FormatError("Features of a region are not base64 ({reason}).", reason=error) from error


def from_bytes(data: bytes) -> NDArray[np.float32]:
    """The vector in ``data``, float32 [dimensions].

    Raises:
        FormatError: it is empty, too long, or holds something that is not a number.
    """
    if not data or len(data) % _STORED.itemsize or len(data) > MOST_DIMENSIONS * _STORED.itemsize:
        raise FormatError("Features of a region have {count} bytes: that is no vector of ours.", count=len(data))
    vector = np.frombuffer(data, dtype=_STORED).astype(np.float32)
    if not np.isfinite(vector).all():
        raise FormatError("Features of a region hold something that is not a number.")
    return vector


def to_bytes(text: str) -> bytes:
    """The bytes of a packed vector, as the project file stores them; raises as `unpacked`."""
    return unpacked(text).astype(_STORED).tobytes()
