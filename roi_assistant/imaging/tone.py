"""Brightness, contrast and gamma of a picture that is looked at: one table of gray values, nothing of the file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL.Image import Image

LEAST_GAMMA: Final = 0.2
MOST_GAMMA: Final = 5.0
_STEEPEST: Final = 0.95
"""Of the way to a vertical line, for a contrast of 100: a picture of two colors is of no use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """How a picture is shown. ``brightness`` and ``contrast`` are -100 to 100, 0 is as it is; a ``gamma`` above 1 makes
    dark parts lighter, one below 1 makes light parts darker."""

    brightness: int = 0
    contrast: int = 0
    gamma: float = 1.0

    @property
    def is_neutral(self) -> bool:
        """Whether the picture is shown as it is."""
        return self == Tone()

    def table(self, size: int = 256) -> bytes:
        """The gray value (0 to 255) to show for each of ``size`` evenly spaced values from black to white."""
        return _table(self, size)


@lru_cache(maxsize=4)
def _table(tone: Tone, size: int) -> bytes:
    slope = math.tan((1 + _STEEPEST * tone.contrast / 100) * math.pi / 4)
    middle = 0.5 + tone.brightness / 100
    highest, power = size - 1, 1 / tone.gamma
    return bytes(
        min(255, max(0, math.floor(255 * (((value / highest) ** power - 0.5) * slope + middle) + 0.5)))
        for value in range(size)
    )


def toned(image: Image, tone: Tone) -> Image:
    """``image`` (mode RGB, or I;16 with white at 65535) as ``tone`` shows it, in mode RGB.

    Gray values of 16 bits are looked up as they are: a dark picture that is made lighter has all its steps.
    """
    if image.mode == "RGB":
        return image if tone.is_neutral else image.point(tone.table() * 3)
    import numpy as np
    from PIL import Image as Pictures

    table = np.frombuffer(tone.table(1 << 16), np.uint8)
    return Pictures.fromarray(table[np.asarray(image)]).convert("RGB")
