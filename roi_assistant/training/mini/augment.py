"""What is changed at random in training photos, so that a model does not learn them by heart."""

from __future__ import annotations

import random

import torch
import torch.nn.functional as F
from PIL import Image, ImageEnhance
from torch import Tensor

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


def shifted(maps: Tensor, boxes: Tensor, *, cells: int) -> tuple[Tensor, Tensor]:
    """Feature maps [N, C, h, w], each moved by up to ``cells`` cells along both axes with its edges repeated, and
    ``boxes`` on them [N, 4] (xyxy, 0..1) moved along and clipped. Draws from torch's global generator."""
    count, _, height, width = maps.shape
    padded = F.pad(maps, (cells,) * 4, mode="replicate")
    top, left = torch.randint(2 * cells + 1, (2, count))
    rows, columns = top[:, None] + torch.arange(height), left[:, None] + torch.arange(width)
    moved = padded[torch.arange(count)[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    right, down = (cells - left) / width, (cells - top) / height
    return moved, (boxes + torch.stack([right, down, right, down], dim=1)).clamp(0, 1)


def erased(maps: Tensor, *, share: float) -> Tensor:
    """Feature maps [N, C, h, w], half of them with zeros in a rectangle whose sides are up to ``share`` of the map's
    (random erasing, arXiv 1708.04896). Draws from torch's global generator."""
    count, _, height, width = maps.shape
    inside = torch.rand(count, 1, 1, 1) < 0.5
    for size, shape in ((height, (1, 1, height, 1)), (width, (1, 1, 1, width))):
        length = torch.rand(count, 1, 1, 1) * share * size
        start = torch.rand(count, 1, 1, 1) * (size - length)
        places = torch.arange(size).view(shape) + 0.5
        inside = inside & (places >= start) & (places < start + length)
    return maps.masked_fill(inside, 0.0)
