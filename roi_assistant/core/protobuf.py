"""The wire format of protocol buffers, as far as files of models need it."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def message_fields(data: bytes | memoryview) -> Iterator[tuple[int, int | float | bytes | memoryview]]:
    """(number, value) of each field of a message. A part of ``data`` is of the type of ``data``.

    Raises:
        ValueError, IndexError, struct.error: it is not one.
    """
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        number, wire = tag >> 3, tag & 7
        value: int | float | bytes | memoryview
        if wire == _VARINT:
            value, place = _varint(data, place)
        elif wire == _BYTES:
            length, place = _varint(data, place)
            if place + length > len(data):
                raise ValueError("a field is longer than the file")
            value, place = data[place : place + length], place + length
        elif wire == _FIXED32:
            (value,), place = struct.unpack_from("<f", data, place), place + 4
        elif wire == _FIXED64:
            (value,), place = struct.unpack_from("<d", data, place), place + 8
        else:
            raise ValueError(f"wire type {wire}")
        yield number, value


def _varint(data: bytes | memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
        if shift > 63:
            raise ValueError("a number is too long")
