"""Unpacking of compressed data that somebody else may have made: a bound is looked at before memory is taken."""

from __future__ import annotations

import zlib

from roi_assistant.errors import FormatError


def unpacked(data: bytes, *, most: int) -> bytes:
    """What zlib's ``data`` unpacks to, at most ``most`` bytes.

    Raises:
        FormatError: it is more, or ``data`` is damaged.
    """
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(data, most + 1)
    except (zlib.error, TypeError) as error:  # TypeError: a database may hold a number there
        raise FormatError("Packed data are damaged ({reason}).", reason=error) from error
    if len(plain) > most:
        raise FormatError("Packed data unpack to more than {limit} MB.", limit=most >> 20)
    if not unpacker.eof:
        raise FormatError("Packed data are damaged ({reason}).", reason="truncated")
    return plain
