"""Pictures as bytes of a file, made without one, and what becomes of them."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

from roi_assistant.imaging.decode import decode_bytes


def encoded(image: Image.Image, format_name: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format_name, **options)
    return stream.getvalue()


def pixels_of(data: bytes) -> np.ndarray:
    decoded = decode_bytes(data, name="picture")
    assert decoded.pixels.mode == "RGB"
    return np.asarray(decoded.pixels)


def photo(width: int = 60, height: int = 40) -> Image.Image:
    """A smooth picture with a different color in each corner, so that lossy formats keep it nearly as it is."""
    x = np.linspace(0, 255, width)[None, :].repeat(height, axis=0)
    y = np.linspace(0, 255, height)[:, None].repeat(width, axis=1)
    return Image.fromarray(np.stack([x, y, 255 - x], axis=-1).astype(np.uint8))


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def tiff(entries: list[tuple[int, int, int, int]]) -> bytes:
    """Header and directory of a TIFF; each entry is a tag, its type, a count, and a value or where the values are."""
    head = b"II\x2a\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries))
    for tag, kind, count, value in entries:
        head += struct.pack("<HHII", tag, kind, count, value)
    return head + struct.pack("<I", 0)
