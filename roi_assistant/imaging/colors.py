"""Names the colors of what is inside a box, from its pixels. numpy, and Pillow to shrink the crop.

The crop is shrunk, converted to CIELAB (sRGB, D65), split softly into thing and background, and every pixel of the thing
votes for one of twelve basic color terms (Berlin and Kay's eleven, and tan, which photographs are full of).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from roi_assistant.core.box import Box, clip_box
from roi_assistant.core.records import ScoredText

COLOR_NAMES = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "gray", "tan")
CROP_SIZE = 64
"""Longest side, in pixels, of the shrunk window in which colors are counted."""
RING = 0.2
"""Width of the ring around the box that shows the background, as a share of the box's sides."""
SMALLEST_SHARE = 0.04
"""Colors below this share are noise and left out; the scores then sum to less than 1."""

_BIN = 16.0
"""Edge, in CIELAB units, of the cells in which thing and background are compared."""
_BINS = (7, 17, 17)
_CENTER_SPREAD = 0.55
"""Standard deviation of the weight of the centre, in half sides of the box."""
_SHADE_WEIGHT = np.array([1.25, 1.1, 1.1, 0.8, 1.0, 1.1, 1.2, 0.9, 0.9, 1.0, 0.55, 0.8], dtype=np.float32)
"""How readily people use each name: shadows and grayish casts cover more pixels than anyone mentions."""

_WHITE_D65 = np.array([0.95047, 1.0, 1.08883], dtype=np.float32)
_RGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
    dtype=np.float32,
)
_LEVELS = np.arange(256, dtype=np.float32) / 255.0
_LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(np.float32)


def rgb_to_lab(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """sRGB uint8 [..., 3] -> CIELAB float32 [..., 3] under D65 (IEC 61966-2-1, CIE 15): L 0..100, a and b about -110..110."""
    xyz = _LINEAR[pixels] @ (_RGB_TO_XYZ / _WHITE_D65[:, None]).T
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), xyz * (24389 / 27 / 116) + 16 / 116)
    return np.stack((116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])), axis=-1)


def name_pixels(lab: NDArray[np.float32]) -> NDArray[np.intp]:
    """CIELAB float32 [N, 3] -> index into ``COLOR_NAMES`` [N]."""
    lightness, chroma = lab[:, 0], np.hypot(lab[:, 1], lab[:, 2])
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360
    red, orange, yellow, green, blue, purple, pink, brown, black, white, gray, tan = range(12)
    warm = (hue < 110) | (hue >= 340)
    names = np.full(len(lab), pink)
    # Boundaries are hue angles of CIELAB, where pure red is at 40 degrees, yellow at 103, green at 136 and blue at 306.
    names[(hue >= 110) & (hue < 190)] = green
    names[(hue >= 190) & (hue < 302)] = blue
    names[(hue >= 302) & (hue < 335)] = purple
    names[(hue >= 92) & (hue < 110)] = np.where(
        lightness < 52, green, np.where(chroma < 28, tan, np.where(lightness < 62, green, yellow))
    )[(hue >= 92) & (hue < 110)]
    sector = (hue >= 72) & (hue < 92)
    names[sector] = np.where(chroma > 50, np.where(lightness > 58, yellow, brown), np.where(lightness > 55, tan, brown))[sector]
    sector = (hue >= 48) & (hue < 72)
    names[sector] = np.where(
        (chroma > 48) & (lightness > 48), orange, np.where((lightness > 58) & (chroma < 48), tan, brown)
    )[sector]
    sector = (hue < 48) | (hue >= 340)
    names[sector] = np.where(
        (lightness > 60) & (chroma < 62) & ((hue < 32) | (hue >= 340)),
        pink,
        np.where(chroma > 30, red, np.where(lightness > 58, tan, brown)),
    )[sector]
    # The eye needs more chroma to see a color in the light than in the dark, and more for warm shades than for cool ones.
    plain = chroma < np.where(warm, 9.0, 7.0) + np.where(lightness > 75, 2.0, 0.0)
    names[plain] = np.where(lightness < 32, black, np.where(lightness > 76, white, gray))[plain]
    names[(lightness < 22) & (chroma < 16)] = black
    names[lightness < 10] = black
    names[(lightness > 90) & (chroma < 14)] = white
    return names


def measure_colors(pixels: NDArray[np.uint8], box: Box | None = None) -> tuple[ScoredText, ...]:
    """Named colors of what is inside ``box``, most likely first, with their shares of it (0..1, sum at most 1).

    Args:
        pixels: sRGB uint8 [H, W, 3].
        box: in pixels; ``None`` is the whole picture. Parts outside the picture are ignored.

    Raises:
        BoxError: ``box`` lies outside the picture.
    """
    height, width = pixels.shape[:2]
    box = Box(0, 0, width, height) if box is None else clip_box(box, width=width, height=height)
    lab, inside, center = _window(pixels, box)
    weights = _thing(lab, inside, center)
    votes = np.bincount(name_pixels(lab[inside]), weights=weights, minlength=len(COLOR_NAMES)) * _SHADE_WEIGHT
    shares = votes / votes.sum()
    order = [int(index) for index in np.argsort(-shares, kind="stable") if shares[index] >= SMALLEST_SHARE]
    return tuple(ScoredText(COLOR_NAMES[index], float(shares[index])) for index in order)


def _window(pixels: NDArray[np.uint8], box: Box) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float32]]:
    """The box and the ring around it, shrunk: lab [N, 3], inside the box [N], weight of the centre [N]."""
    height, width = pixels.shape[:2]
    x1, x2 = max(0.0, box.x1 - RING * box.width), min(float(width), box.x2 + RING * box.width)
    y1, y2 = max(0.0, box.y1 - RING * box.height), min(float(height), box.y2 + RING * box.height)
    left, top = int(x1), int(y1)
    right, bottom = max(left + 1, int(np.ceil(x2))), max(top + 1, int(np.ceil(y2)))
    step = max(1, max(right - left, bottom - top) // (2 * CROP_SIZE))
    crop = np.ascontiguousarray(pixels[top:bottom:step, left:right:step])
    scale = min(1.0, CROP_SIZE / max(crop.shape[:2]))
    size = (max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale)))
    if size != (crop.shape[1], crop.shape[0]):
        crop = np.asarray(Image.fromarray(crop).resize(size, Image.Resampling.BOX))
    # centres of the shrunk pixels in half sides of the box: -1..1 is inside
    across = ((np.arange(size[0]) + 0.5) / size[0] * (right - left) + left - box.center[0]) / (box.width / 2)
    down = ((np.arange(size[1]) + 0.5) / size[1] * (bottom - top) + top - box.center[1]) / (box.height / 2)
    inside = (np.abs(down) <= 1)[:, None] & (np.abs(across) <= 1)[None, :]
    if not inside.any():  # a sliver between two pixel centres
        inside[np.abs(down).argmin(), np.abs(across).argmin()] = True
    center = np.exp(-(down[:, None] ** 2 + across[None, :] ** 2) / (2 * _CENTER_SPREAD**2))
    return rgb_to_lab(crop).reshape(-1, 3), inside.ravel(), center.astype(np.float32).ravel()


def _thing(lab: NDArray[np.float32], inside: NDArray[np.bool_], center: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much each pixel inside the box belongs to the thing, [inside.sum()].

    A color that is commoner around the box (or, without a ring, at its border) than at its centre is background.
    """
    cells = _cells(lab)
    size = int(np.prod(_BINS))
    outside = ~inside
    if outside.sum() >= 0.15 * inside.sum():
        around = np.bincount(cells[outside], minlength=size).astype(np.float32)
    else:
        border = np.where(inside & (center < np.quantile(center[inside], 0.25)), 1.0, 0.0)
        around = np.bincount(cells, weights=border, minlength=size).astype(np.float32)
    weight = center[inside]
    middle = np.bincount(cells[inside], weights=weight, minlength=size).astype(np.float32)
    middle, around = _blurred(middle / middle.sum()), _blurred(around / max(around.sum(), 1.0))
    belongs = middle / (middle + around + 1e-9)
    return weight * belongs[cells[inside]] ** 2


def _cells(lab: NDArray[np.float32]) -> NDArray[np.intp]:
    index = ((lab + np.array([0.0, 128.0, 128.0], dtype=np.float32)) / _BIN).astype(np.intp)
    index = np.clip(index, 0, np.array(_BINS) - 1)
    return np.ravel_multi_index((index[:, 0], index[:, 1], index[:, 2]), _BINS)


def _blurred(histogram: NDArray[np.float32]) -> NDArray[np.float32]:
    """Neighbouring cells share a part, so that noise across a cell's edge does not look like another color."""
    cube = histogram.reshape(_BINS)
    for axis in range(3):
        cube = 0.5 * cube + 0.25 * _shifted(cube, 1, axis) + 0.25 * _shifted(cube, -1, axis)
    return cube.ravel()


def _shifted(cube: NDArray[np.float32], by: int, axis: int) -> NDArray[np.float32]:
    moved = np.roll(cube, by, axis=axis)
    edge: list[slice | int] = [slice(None)] * 3
    edge[axis] = 0 if by > 0 else -1
    moved[tuple(edge)] = 0.0
    return moved
