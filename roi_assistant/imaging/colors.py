"""Names the colors of what is inside a box, from its pixels. numpy, and Pillow to shrink the crop.

The crop is shrunk, converted to CIELAB (sRGB, D65) and split softly into thing and background; every pixel of the thing
votes for twelve basic color terms (Berlin and Kay's eleven, and tan, which photographs are full of). How people name a
pixel is a function of its lightness, a, b and chroma, fitted to phrases of people: see ``scripts/fit_color_names.py``.
"""

from __future__ import annotations

import json
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from roi_assistant.core.box import Box, clip_box
from roi_assistant.core.records import ScoredText
from roi_assistant.errors import ModelFileError
from roi_assistant.resources_path import resource

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
_SHARPNESS = 3.5
"""Exponent of the belief that a pixel is not background."""

_WHITE_D65 = np.array([0.95047, 1.0, 1.08883], dtype=np.float32)
_RGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
    dtype=np.float32,
)
_LEVELS = np.arange(256, dtype=np.float32) / 255.0
_LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(np.float32)


def rgb_to_lab(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """sRGB uint8 [..., 3] -> CIELAB float32 [..., 3] under D65: L 0..100, a and b about -110..110.

    Formulas: IEC 61966-2-1 (sRGB) and CIE 15 (CIELAB).
    """
    xyz = _LINEAR[pixels] @ (_RGB_TO_XYZ / _WHITE_D65[:, None]).T
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), xyz * (24389 / 27 / 116) + 16 / 116)
    return np.stack((116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])), axis=-1)


def color_features(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """CIELAB float32 [..., 3] -> what the namer sees, float32 [..., 4]: lightness, a, b and chroma, scaled."""
    lightness, a, b = lab[..., 0] / 50 - 1, lab[..., 1] / 40, lab[..., 2] / 40
    return np.stack((lightness, a, b, np.sqrt(a * a + b * b)), axis=-1)


@cache
def _namer() -> tuple[NDArray[np.float32], ...]:
    """Weights and biases of the two layers; ``scripts/fit_color_names.py`` writes their file."""
    with resource("colors.json").open(encoding="utf-8") as stream:
        stored = json.load(stream)
    if tuple(stored["names"]) != COLOR_NAMES:
        raise ModelFileError("resources/colors.json has other color names than this version: reinstall the program.")
    keys = ("hidden_weights", "hidden_bias", "name_weights", "name_bias")
    return tuple(np.array(stored[key], dtype=np.float32) for key in keys)


def name_pixels(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """CIELAB float32 [N, 3] -> how likely a person calls it each of ``COLOR_NAMES``, float32 [N, 12], rows sum to 1."""
    hidden_weights, hidden_bias, name_weights, name_bias = _namer()
    logits = np.tanh(color_features(lab) @ hidden_weights + hidden_bias) @ name_weights + name_bias
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    return likely / likely.sum(axis=1, keepdims=True)


def measure_colors(
    pixels: NDArray[np.uint8], box: Box | None = None, *, whole_box: bool = False
) -> tuple[ScoredText, ...]:
    """Named colors of what is inside ``box``, most likely first, with their shares of it (0..1, sum at most 1).

    Args:
        pixels: sRGB uint8 [H, W, 3].
        box: in pixels; ``None`` is the whole picture. Parts outside the picture are ignored.
        whole_box: every pixel of the box counts the same, whether it belongs to the thing in it or not.

    Raises:
        BoxError: ``box`` lies outside the picture.
    """
    height, width = pixels.shape[:2]
    box = Box(0, 0, width, height) if box is None else clip_box(box, width=width, height=height)
    lab, weights = thing_pixels(pixels, box)
    names = name_pixels(lab)
    shares = names.mean(axis=0) if whole_box else weights @ names
    order = [int(index) for index in np.argsort(-shares, kind="stable") if shares[index] >= SMALLEST_SHARE]
    return tuple(ScoredText(COLOR_NAMES[index], float(shares[index])) for index in order)


def thing_pixels(pixels: NDArray[np.uint8], box: Box) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Pixels of the shrunk box and how much each counts as part of the thing in it.

    Args:
        pixels: sRGB uint8 [H, W, 3].
        box: inside the picture.

    Returns:
        CIELAB float32 [N, 3] and weights float32 [N] that sum to 1.
    """
    lab, inside, center = _window(pixels, box)
    weights = _belonging(lab, inside, center)
    return lab[inside], weights / weights.sum()


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
    across, down = np.clip(across, -1.5, 1.5), np.clip(down, -1.5, 1.5)  # keeps the weight of a sliver above zero
    center = np.exp(-(down[:, None] ** 2 + across[None, :] ** 2) / (2 * _CENTER_SPREAD**2))
    return rgb_to_lab(crop).reshape(-1, 3), inside.ravel(), center.astype(np.float32).ravel()


def _belonging(lab: NDArray[np.float32], inside: NDArray[np.bool_], center: NDArray[np.float32]) -> NDArray[np.float32]:
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
    return (weight * belongs[cells[inside]] ** _SHARPNESS).astype(np.float32)


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
