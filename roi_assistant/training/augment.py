"""What is changed at random in training photos, so that a model does not learn them by heart."""

from __future__ import annotations

import random

from PIL import Image, ImageEnhance

from roi_assistant.core.box import Box, clip_box


def shaken(box: Box, jitter: float, rng: random.Random, *, width: float, height: float) -> Box:
    """``box`` with every edge moved by up to ``jitter`` of the box's own side, clipped to the picture."""
    w, h = box.width * jitter, box.height * jitter
    moved = Box(
        box.x1 + rng.uniform(-w, w),
        box.y1 + rng.uniform(-h, h),
        box.x2 + rng.uniform(-w, w),
        box.y2 + rng.uniform(-h, h),
    )
    return clip_box(moved, width=width, height=height)


def relit(image: Image.Image, light: float, rng: random.Random) -> Image.Image:
    """``image`` (RGB) with brightness and contrast times 1 +- ``light``, and saturation times 1 +- half of it: more
    would turn the colors that people named into others."""
    for enhancer, amount in (
        (ImageEnhance.Brightness, light),
        (ImageEnhance.Contrast, light),
        (ImageEnhance.Color, light / 2),
    ):
        image = enhancer(image).enhance(rng.uniform(1 - amount, 1 + amount))
    return image
