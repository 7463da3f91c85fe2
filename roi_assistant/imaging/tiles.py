"""Pictures of any size as a pyramid: each level has half the width and height of the one before, cut in tiles.

Level 0 is the picture itself, level ``n`` one pixel for 2**n x 2**n of it, sides rounded up. A picture with more pixels
than are decoded begins at a higher level. Pillow only; no Qt. A pyramid is made in one thread and read by any number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from roi_assistant.imaging.decode import MAX_PIXELS, DecodeCancelledError, decode_image, read_size
from roi_assistant.imaging.huge import decode_reduced
from roi_assistant.imaging.tone import Tone, toned

TILE = 512
"""Width and height of a tile, in pixels of its level."""
WHOLE_SIDE = 2048
"""A level that is at most this wide and high is drawn whole, not in tiles."""
LEAST_SIDE = 192
"""No level is made whose longest side would be shorter."""
_BYTES = {"RGB": 4, "I;16": 2}
"""A pixel, as Pillow keeps it."""
NEUTRAL = Tone()
_BAND = 2048
"""Rows that are shrunk between two looks at whether the picture is still wanted."""


@dataclass(frozen=True, slots=True)
class TileKey:
    """A tile of a pyramid; ``column`` and ``row`` count from the top left."""

    level: int
    column: int
    row: int


@dataclass(frozen=True, slots=True, eq=False)
class TilePyramid:
    """The levels of a picture of ``width`` x ``height`` pixels; ``levels[0]`` is level ``first``. All have mode RGB,
    or all I;16 with white at 65535."""

    width: int
    height: int
    first: int
    levels: tuple[Image.Image, ...]

    @property
    def last(self) -> int:
        """The number of the least detailed level."""
        return self.first + len(self.levels) - 1

    @property
    def whole(self) -> int:
        """The most detailed level that is small enough to be drawn whole."""
        for number, image in enumerate(self.levels):
            if max(image.size) <= WHOLE_SIDE:
                return self.first + number
        return self.last

    @property
    def nbytes(self) -> int:
        """Memory of all levels."""
        return sum(pixel_bytes(image) for image in self.levels)

    def level(self, number: int) -> Image.Image:
        """The pixels of the level ``number``, which is one from ``first`` to ``last``."""
        return self.levels[number - self.first]

    def bounds(self, key: TileKey) -> tuple[int, int, int, int]:
        """``x1, y1, x2, y2`` of a tile, in pixels of its level; tiles at the right and lower border are smaller."""
        width, height = self.level(key.level).size
        x, y = key.column * TILE, key.row * TILE
        return (x, y, min(x + TILE, width), min(y + TILE, height))

    def tile(self, key: TileKey, tone: Tone = NEUTRAL) -> Image.Image:
        """The pixels of a tile, mode RGB, as ``tone`` shows them."""
        return toned(self.level(key.level).crop(self.bounds(key)), tone)

    def tiles_in(self, level: int, area: tuple[float, float, float, float]) -> list[TileKey]:
        """The tiles of ``level`` that show ``area`` (pixels of the picture), from its middle outwards."""
        factor = TILE * 2**level
        width, height = self.level(level).size
        first_column, first_row = max(0, int(area[0] // factor)), max(0, int(area[1] // factor))
        last_column = min(math.ceil(width / TILE) - 1, math.ceil(area[2] / factor) - 1)
        last_row = min(math.ceil(height / TILE) - 1, math.ceil(area[3] / factor) - 1)
        middle = ((area[0] + area[2]) / 2 / factor - 0.5, (area[1] + area[3]) / 2 / factor - 0.5)
        keys = [
            TileKey(level, column, row)
            for row in range(first_row, last_row + 1)
            for column in range(first_column, last_column + 1)
        ]
        return sorted(keys, key=lambda key: math.dist((key.column, key.row), middle))


def pixel_bytes(image: Image.Image) -> int:
    """Memory that the pixels of a level take."""
    return image.width * image.height * _BYTES[image.mode]


def load_pyramid(path: Path, *, cancelled: Callable[[], bool] | None = None) -> TilePyramid:
    """The picture in the file ``path``, oriented and converted as ``decode_image`` does it, with all its levels. Gray
    of 16 bits stays as it is.

    Pictures of more than ``MAX_PIXELS`` pixels are read reduced where their format allows it.

    Raises:
        DecodeCancelledError: ``cancelled`` said so.
        ImageError: as ``decode_image``; a picture with too many pixels is in a format that cannot be read reduced.
    """
    width, height = read_size(path)
    if width * height <= MAX_PIXELS:
        return build_pyramid(decode_image(path, keep_depth=True, cancelled=cancelled).pixels, cancelled=cancelled)
    image, first = decode_reduced(path, cancelled=cancelled)
    return build_pyramid(image, width=width, height=height, first=first, cancelled=cancelled)


def build_pyramid(
    image: Image.Image,
    *,
    width: int | None = None,
    height: int | None = None,
    first: int = 0,
    cancelled: Callable[[], bool] | None = None,
) -> TilePyramid:
    """The levels above ``image`` (mode RGB or I;16), which is level ``first`` of a picture of ``width`` x ``height``
    pixels.

    Raises:
        DecodeCancelledError: ``cancelled`` said so.
    """
    levels = [image]
    while max(levels[-1].size) > LEAST_SIDE * 2:
        levels.append(_halved(levels[-1], cancelled))
    return TilePyramid(
        image.width << first if width is None else width,
        image.height << first if height is None else height,
        first,
        tuple(levels),
    )


def _halved(image: Image.Image, cancelled: Callable[[], bool] | None) -> Image.Image:
    if image.mode == "I;16":
        return _halved_deep(image)
    if image.height <= _BAND:
        return image.reduce(2)
    half = Image.new("RGB", ((image.width + 1) // 2, (image.height + 1) // 2))
    for top in range(0, image.height, _BAND):
        if cancelled is not None and cancelled():
            raise DecodeCancelledError
        half.paste(image.reduce(2, box=(0, top, image.width, min(top + _BAND, image.height))), (0, top // 2))
    return half


def _halved_deep(image: Image.Image) -> Image.Image:
    """What ``Image.reduce`` does for 8 bits a sample: means of 2 x 2 pixels, of fewer at the right and lower border."""
    import numpy as np

    values = np.asarray(image)
    height, width = values.shape
    even = np.pad(values, ((0, height % 2), (0, width % 2)), mode="edge")
    total = even[0::2, 0::2].astype(np.uint32)
    for part in (even[1::2, 0::2], even[0::2, 1::2], even[1::2, 1::2]):
        total += part
    return Image.fromarray(((total + 2) // 4).astype(np.uint16))
