"""Pictures with more pixels than are decoded at once: read reduced, in bounded memory. Pillow only.

JPEG is shrunk by its own decoder. A PNG is one stream in which each row may refer to the row above, so Pillow cannot
read a part of it; here the stream is unpacked row by row and cut into small PNG files, each of which begins with the
last row of the one before, and each is decoded, shrunk and forgotten.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from PIL import Image

from roi_assistant.errors import ImageError
from roi_assistant.imaging.decode import DecodeCancelledError, decode_bytes, decode_image, read_size

REDUCED_PIXELS = 100_000_000
"""Width x height of what is kept of a huge picture."""
_MOST_PIXELS = 6_000_000_000
_STRIP_PIXELS = 4_000_000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_KEPT_CHUNKS = (b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP")
_BLOCK = 1 << 20


def decode_reduced(path: Path, *, cancelled: Callable[[], bool] | None = None) -> tuple[Image.Image, int]:
    """The picture in ``path`` shrunk by 2**level until it has at most ``REDUCED_PIXELS`` pixels, and that level.

    Raises:
        DecodeCancelledError: ``cancelled`` said so.
        ImageError: the file is damaged, or is none that can be read reduced.
    """
    width, height = read_size(path)
    level = 1
    while (width >> level) * (height >> level) > REDUCED_PIXELS:
        level += 1
    with path.open("rb") as stream:
        head = stream.read(8)
    if head[:3] == b"\xff\xd8\xff" and level <= 3:
        image = decode_image(path, draft=2**level, max_pixels=2 * REDUCED_PIXELS, cancelled=cancelled).pixels
        return image, level
    if head == _SIGNATURE and width * height <= _MOST_PIXELS:
        return _reduced_png(path, level, cancelled), level
    raise ImageError(
        "{path} has {width} x {height} pixels, too many for this format to be shown: make it "
        "smaller, or save it as JPEG or PNG, which can be shown reduced.",
        path=path,
        width=width,
        height=height,
    )


def _reduced_png(path: Path, level: int, cancelled: Callable[[], bool] | None) -> Image.Image:
    with path.open("rb") as stream:
        stream.seek(len(_SIGNATURE))
        header, kept, orientation = _head(stream, path)
        width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", header)
        if depth != 8 or interlaced or kind not in _CHANNELS:
            raise ImageError(
                "{path} has {width} x {height} pixels and is an interlaced PNG or one without 8 bits a "
                "sample, which cannot be shown reduced: save it as a plain 8-bit PNG or as JPEG.",
                path=path,
                width=width,
                height=height,
            )
        row_bytes = 1 + width * _CHANNELS[kind]
        rows = max(1, _STRIP_PIXELS // width >> level) << level
        reduced = Image.new("RGB", (-(-width // 2**level), -(-height // 2**level)))
        above = b""
        top = 0
        for data in _strips(_pixels(stream, cancelled), rows * row_bytes, height * row_bytes):
            count = len(data) // row_bytes
            try:
                strip, above = _strip(header, kept, above, data, count)
            except (OSError, ValueError, SyntaxError) as error:
                raise ImageError(
                    "{path} is truncated or damaged ({reason}): copy or export it again.", path=path, reason=error
                ) from error
            reduced.paste(strip.reduce(2**level), (0, top >> level))
            top += count
    if top < height:
        raise ImageError(
            "{path} is truncated ({top} of {height} rows): copy or export it again.", path=path, top=top, height=height
        )
    turn = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}.get(orientation)
    return reduced if turn is None else reduced.transpose(Image.Transpose(turn))


def _head(stream: IO[bytes], path: Path) -> tuple[bytes, bytes, int]:
    """The IHDR data, the chunks that say what colors mean, and the EXIF orientation; ``stream`` is then at IDAT."""
    header, kept, orientation = b"", b"", 1
    while True:
        start = stream.tell()
        prefix = stream.read(8)
        if len(prefix) < 8:
            raise ImageError("{path} is truncated (no pixels): copy or export it again.", path=path)
        length, kind = struct.unpack(">I4s", prefix)
        if kind == b"IDAT":
            stream.seek(start)
            return header, kept, orientation
        data = stream.read(length + 4)
        if kind == b"IHDR":
            header = data[:-4]
        elif kind in _KEPT_CHUNKS:
            kept += prefix + data
        elif kind == b"eXIf":
            exif = Image.Exif()
            exif.load(data[:-4])
            orientation = exif.get(0x0112, 1)


def _pixels(stream: IO[bytes], cancelled: Callable[[], bool] | None) -> Iterator[bytes]:
    """The unpacked rows, in pieces of about a mebibyte."""
    unpacker = zlib.decompressobj()
    while len(prefix := stream.read(8)) == 8:
        length, kind = struct.unpack(">I4s", prefix)
        if kind != b"IDAT":
            break
        data = stream.read(length)
        stream.seek(4, io.SEEK_CUR)
        while data:
            if cancelled is not None and cancelled():
                raise DecodeCancelledError
            try:
                yield unpacker.decompress(data, _BLOCK)
            except zlib.error:
                return  # what is missing is noticed by its rows
            data = unpacker.unconsumed_tail
    yield unpacker.flush()


def _strips(pieces: Iterator[bytes], size: int, total: int) -> Iterator[bytes]:
    """``pieces`` joined to strips of ``size`` bytes, the last one shorter; bytes beyond ``total`` are left out."""
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        while len(buffer) >= size and total > 0:
            strip = bytes(buffer[: min(size, total)])
            total -= len(strip)
            del buffer[:size]
            yield strip
    if buffer and total > 0:
        yield bytes(buffer[:total])


def _strip(header: bytes, kept: bytes, above: bytes, data: bytes, count: int) -> tuple[Image.Image, bytes]:
    """The RGB picture of ``count`` filtered rows, and its last row without filter, for the strip below."""
    extra = 1 if above else 0
    size = header[:4] + struct.pack(">I", count + extra) + header[8:]
    rows = (b"\0" + above if above else b"") + data
    packed = zlib.compress(rows, 0)
    png = _SIGNATURE + _chunk(b"IHDR", size) + kept + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")
    with Image.open(io.BytesIO(png), formats=("PNG",)) as opened:
        opened.load()
        last = opened.crop((0, opened.height - 1, opened.width, opened.height)).tobytes()
        plain = opened.mode == "RGB" and not opened.info.keys() & {"icc_profile", "transparency"}
        image = opened.copy() if plain else decode_bytes(png, name="strip").pixels
    return image.crop((0, extra, image.width, image.height)), last


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
