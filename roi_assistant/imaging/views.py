"""What the model looks at: the whole photo, and a close-up of each region. Pillow and numpy only.

Training and the ONNX runtime both call these functions, so that the model meets the same pixels in both.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from roi_assistant.core.box import Box, context_box

VIEW_MARGIN = 1.15
"""How much larger than the region its close-up window is, per side."""
VIEW_MAX_ASPECT = 2.0
"""Longest over shortest side of a close-up window before it is squashed to a square."""


def image_view(image: Image.Image, *, size: int) -> np.ndarray:
    """The whole photo squashed to ``size`` x ``size``: uint8 [size, size, 3]."""
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR))


def region_window(box: Box, *, width: float, height: float) -> Box:
    """The window of the photo (pixels of ``box``) that the close-up of ``box`` shows."""
    return context_box(box, margin=VIEW_MARGIN, max_aspect=VIEW_MAX_ASPECT, width=width, height=height)


def region_view(image: Image.Image, window: Box, *, size: int) -> np.ndarray:
    """``window`` (pixels of ``image``) squashed to ``size`` x ``size``: uint8 [size, size, 3]."""
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box=window.xyxy))


def box_in_window(box: Box, window: Box) -> tuple[float, float, float, float]:
    """``box`` in coordinates of ``window``, 0..1."""
    return (
        (box.x1 - window.x1) / window.width,
        (box.y1 - window.y1) / window.height,
        (box.x2 - window.x1) / window.width,
        (box.y2 - window.y1) / window.height,
    )


def to_network(pixels: np.ndarray) -> np.ndarray:
    """uint8 [..., H, W, 3] -> float32 [..., 3, H, W] in -1..1, the input range of the EfficientNet-Lite weights."""
    return np.moveaxis(pixels.astype(np.float32) / 127.5 - 1.0, -1, -3)
