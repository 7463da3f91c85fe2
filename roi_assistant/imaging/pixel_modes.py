"""What Pillow decodes -> 8-bit RGB or 16-bit gray; the rules are those of `roi_assistant.imaging.decode`.

All of it in bands and, where the mode allows it, in place: a picture near the limit takes 0.8 GB, and each copy of it
as much again. Who calls gives a picture up: it may be changed.
"""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from PIL import Image, ImageCms, ImageFile, TiffImagePlugin

if TYPE_CHECKING:
    import numpy as np

_WHITES = (255, 1023, 4095, 16383, 65535)
"""The greatest samples of 8, 10, 12, 14 and 16 bits."""
_LEAST_FULL_HIGH_BYTE = 64
"""A picture with a sample of this high byte needs all 16 bits."""
_TIFF_BITS, _TIFF_PHOTOMETRIC, _TIFF_WHITE_IS_ZERO = 258, 262, 0
_PIXELS_AT_ONCE = 1 << 20
_log = logging.getLogger(__name__)
_Rows = tuple[int, int, int, int]


def is_sixteen_bit(image: Image.Image) -> bool:
    """Whether ``image`` is 16-bit gray."""
    return image.mode.startswith("I;16")


def to_rgb(image: Image.Image) -> Image.Image:
    """``image``, whose pixels are loaded, as sRGB of 8 bits a sample; it may be changed for it."""
    if is_sixteen_bit(image):
        return _looked_up(image, white=255)
    if image.mode in ("I", "F"):
        return _wide_to_rgb(image)
    profile = image.info.get("icc_profile")
    if image.has_transparency_data:
        return _to_srgb(_on_white(image), profile)
    if image.mode in ("RGB", "CMYK"):
        return _to_srgb(image, profile)
    return image.convert("RGB")


def _bands(image: Image.Image) -> Iterator[_Rows]:
    """Boxes of whole rows, from top to bottom, of about a million pixels each."""
    rows = max(1, _PIXELS_AT_ONCE // max(1, image.width))
    for top in range(0, image.height, rows):
        yield 0, top, image.width, min(top + rows, image.height)


def _on_white(image: Image.Image) -> Image.Image:
    """``image`` without its transparency, in mode RGB; in its own place if that is its mode (one color is a hole)."""
    target = image if image.mode == "RGB" else Image.new("RGB", image.size)
    for box in _bands(image):
        band = image.crop(box)
        with_alpha = (band.convert("LA") if image.mode == "La" else band).convert("RGBA")
        pixels = Image.new("RGB", band.size, "white")
        pixels.paste(with_alpha, mask=with_alpha.getchannel("A"))
        target.paste(pixels, box)
    return target


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """``image`` (RGB or CMYK) as sRGB; without a usable profile, CMYK is converted by the plain formula."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            described = (source.profile.profile_description or "").casefold()
            if source.profile.xcolor_space.strip() == image.mode and "srgb" not in described:
                in_place = image.mode == "RGB"
                transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), image.mode, "RGB")
                target = image if in_place else Image.new("RGB", image.size)
                for box in _bands(image):
                    target.paste(transform.apply(image.crop(box)), box)
                return target._new(target.im)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
            _log.warning("Color profile of a picture is ignored: %s", error)
    # Another picture with the same pixels: it lets go of the file's reader.
    return image._new(image.im) if image.mode == "RGB" else image.convert("RGB")


def sixteen_bit(image: Image.Image) -> Image.Image:
    """16-bit gray ``image`` in mode I;16 with white at 65535."""
    return _looked_up(image, white=65535)


def _white_of(brightest: float) -> float:
    """The white of the fewest bits that hold ``brightest``, a sample of 0 to 65535."""
    return float(next(white for white in _WHITES if brightest <= white))


def low_byte_rawmodes(image: ImageFile.ImageFile) -> list[str]:
    """For 16-bit color, of which Pillow keeps the high bytes: the raw modes under which it keeps the low ones.

    Call it before ``load``. The answer is empty for all other pictures.
    """
    swapped = []
    for tile in image.tile:
        rawmode = tile[3] if isinstance(tile[3], str) else tile[3][0] if tile[3] else ""
        if not (isinstance(rawmode, str) and rawmode[:-1] in ("RGB;16", "RGBA;16")):
            return []
        order = rawmode[-1].replace("N", "L" if sys.byteorder == "little" else "B")
        swapped.append(rawmode[:-1] + ("B" if order == "L" else "L"))
    return swapped


def is_dark(image: Image.Image) -> bool:
    """Whether the colors of 16-bit ``image``, of which these are the high bytes, fit into fewer bits."""
    extrema = cast("tuple[tuple[int, int], ...]", image.getextrema())
    return max(high for _, high in extrema[:3]) < _LEAST_FULL_HIGH_BYTE


def with_low_bytes(high: Image.Image, low: Image.Image) -> Image.Image:
    """The 16-bit color picture of which these are the high and the low bytes, in 8 bits a sample with white by its
    bits; in the place of ``high``."""
    import numpy as np

    def samples(box: _Rows) -> np.ndarray:
        return np.asarray(high.crop(box)).astype(np.uint16) << 8 | np.asarray(low.crop(box))

    greatest = np.max([samples(box).max(axis=(0, 1)) for box in _bands(high)], axis=0)
    white = _white_of(int(greatest[:3].max()))
    scale = np.full(len(greatest), 255 / white)
    if len(greatest) == 4 and greatest[3] > white:
        scale[3] = 255 / _WHITES[-1]
    for box in _bands(high):
        high.paste(Image.fromarray((samples(box) * scale + 0.5).astype(np.uint8)), box)
    return high


def _looked_up(image: Image.Image, *, white: int) -> Image.Image:
    """The grays of ``image`` from 0 to ``white``: in mode RGB for 255, in I;16 for 65535."""
    import numpy as np  # late: few pictures are of this kind, and the window starts without it

    def samples(box: _Rows) -> np.ndarray:
        return np.asarray(image.crop(box)).astype(np.uint16, copy=False)

    key = image.info.get("transparency")
    bits = 16
    inverted = False
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        tags = image.tag_v2
        bits = int(tags.get(_TIFF_BITS, (16,))[0])
        inverted = tags.get(_TIFF_PHOTOMETRIC) == _TIFF_WHITE_IS_ZERO
    if bits == 16:
        seen = (band[band != key] if isinstance(key, int) else band for band in (samples(box) for box in _bands(image)))
        highest = _white_of(max((int(band.max(initial=0)) for band in seen), default=0))
    else:
        highest = (1 << bits) - 1
    table = np.minimum(np.arange(1 << 16) * (white / highest) + 0.5, float(white))
    table = table.astype(np.uint8 if white == _WHITES[0] else np.uint16)
    if inverted:
        table = white - table
    if isinstance(key, int) and 0 <= key < len(table):
        table[key] = white
    target = Image.new("RGB" if white == _WHITES[0] else "I;16", image.size)
    for box in _bands(image):
        band = Image.fromarray(table[samples(box)])
        target.paste(band.convert("RGB") if target.mode == "RGB" else band, box)
    return target


def _wide_to_rgb(image: Image.Image) -> Image.Image:
    import numpy as np

    low, high = _range(image)
    inverted = (
        isinstance(image, TiffImagePlugin.TiffImageFile) and image.tag_v2.get(_TIFF_PHOTOMETRIC) == _TIFF_WHITE_IS_ZERO
    )
    target = Image.new("RGB", image.size)
    for box in _bands(image):
        band = np.asarray(image.crop(box)).astype(np.float64)
        band = np.nan_to_num(np.clip((band - low) * 255.0 / (high - low), 0.0, 255.0), nan=0.0)
        gray = (band + 0.5).astype(np.uint8)
        target.paste(Image.fromarray(255 - gray if inverted else gray).convert("RGB"), box)
    return target


def _range(image: Image.Image) -> tuple[float, float]:
    """Which values are black and white; see the rules at the top of `roi_assistant.imaging.decode`."""
    import numpy as np

    whole = image.mode == "I"
    lows, highs = [], []
    for box in _bands(image):
        values = np.asarray(image.crop(box))
        finite = values if whole else values[np.isfinite(values)]
        if finite.size:
            lows.append(float(finite.min()))
            highs.append(float(finite.max()))
    if not lows:
        return 0.0, 1.0
    low, high = min(lows), max(highs)
    if low >= 0 and high <= _WHITES[-1]:
        return 0.0, 1.0 if high <= 1 and not whole else _white_of(high)
    return (low, high) if high > low else (low - 1.0, high)
