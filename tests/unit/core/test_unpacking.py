"""Packed data of others."""

from __future__ import annotations

import tracemalloc
import zlib

import pytest

from roi_assistant.core.unpacking import unpacked
from roi_assistant.errors import FormatError


def test_data_up_to_the_bound() -> None:
    assert unpacked(zlib.compress(b"x" * 100), most=100) == b"x" * 100


def test_data_without_end_take_no_memory() -> None:
    packed = zlib.compress(bytes(64 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="more than 1 MB"):
            unpacked(packed, most=1 << 20)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("data", [b"", b"no zlib", zlib.compress(b"x" * 100)[:-5]])
def test_damaged_data(data: bytes) -> None:
    with pytest.raises(FormatError, match="damaged"):
        unpacked(data, most=100)
