from __future__ import annotations

import base64

import numpy as np
import pytest

from roi_assistant.errors import FormatError
from roi_assistant.memory.vectors import MOST_DIMENSIONS, from_bytes, packed, to_bytes, unpacked


def test_a_vector_comes_back_as_it_was_stored() -> None:
    vector = np.random.default_rng(1).normal(size=224).astype(np.float32)
    vector /= np.linalg.norm(vector)
    text = packed(vector)
    back = unpacked(text)
    assert back.dtype == np.float32
    assert np.abs(back - vector).max() < 2**-11
    assert packed(back) == text, "what was stored once does not drift"
    assert len(to_bytes(text)) == 448
    assert np.array_equal(from_bytes(to_bytes(text)), back)


def test_the_bytes_are_little_endian() -> None:
    assert base64.b64decode(packed(np.array([1.0, -2.0], np.float32))) == b"\x00\x3c\x00\xc0"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "0 bytes"),
        (b"\x00", "1 bytes"),
        (b"\x00\x00" * (MOST_DIMENSIONS + 1), f"{2 * MOST_DIMENSIONS + 2} bytes"),
        (np.array([np.nan], "<f2").tobytes(), "not a number"),
        (np.array([0, np.inf], "<f2").tobytes(), "not a number"),
    ],
)
def test_what_is_no_vector_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        from_bytes(data)
    with pytest.raises(FormatError, match=message):
        to_bytes(base64.b64encode(data).decode())


@pytest.mark.parametrize("text", ["*", "AAA", "AA=A", "ä"])
def test_what_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        unpacked(text)
