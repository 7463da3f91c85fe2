"""Pictures that tell a model which region is meant: a part of the photo, or the photo with the box drawn on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from roi_assistant.core.box import Box

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

CONTEXT = 3.0
"""A crop has this many times the sides of the box: what is around it helps (Describe Anything, arXiv 2504.16072)."""
FEWEST_PIXELS = 48
"""Shortest side of a crop, in pixels of the photo, where the photo has them."""
SMALLEST_SENT = 224
"""Shortest side of what is sent: smaller crops are enlarged, because models see patches of 14 to 32 pixels."""
MOST_ASPECT = 20.0
"""A longer crop is padded: processors of Qwen-VL refuse 200, and models see little of a strip."""
DRAWN = (255, 0, 0)
_COLORS = (DRAWN, (0, 110, 255), (0, 150, 60), (200, 0, 200), (220, 120, 0), (0, 150, 160))
_PADDING = (127, 127, 127)


def crop_with_context(image: Picture, box: Box, *, context: float = CONTEXT) -> tuple[Picture, Box]:
    """The part of ``image`` around ``box`` with ``context`` times its sides, inside the image, and ``box`` in pixels
    of that part. It has a shortest side of `SMALLEST_SENT`, and no side more than `MOST_ASPECT` times the other."""
    width, height = image.size
    across, down = (max(side * context, FEWEST_PIXELS) for side in (box.width, box.height))
    # A thin box gets more of what is beside it rather than padding.
    across, down = max(across, down / MOST_ASPECT), max(down, across / MOST_ASPECT)
    x, y = box.center
    left, right = _span(x, across, width)
    top, bottom = _span(y, down, height)
    part = image.crop((left, top, right, bottom))
    inside = (box.x1 - left, box.y1 - top, box.x2 - left, box.y2 - top)
    part = padded(part)
    scale = max(1.0, SMALLEST_SENT / min(part.size))
    if scale > 1:
        size = (max(1, round(part.width * scale)), max(1, round(part.height * scale)))
        ratio = (size[0] / part.width, size[1] / part.height)
        part = part.resize(size, Image.Resampling.BICUBIC)
        inside = tuple(value * ratio[place % 2] for place, value in enumerate(inside))  # type: ignore[assignment]
    return part, Box(*inside)


def _span(middle: float, length: float, most: int) -> tuple[int, int]:
    """Whole pixels around ``middle``, moved inside 0 to ``most`` rather than cut."""
    length = min(length, most)
    first = min(max(middle - length / 2, 0), most - length)
    return int(first), min(most, max(int(first) + 1, round(first + length)))


def padded(image: Picture) -> Picture:
    """``image``, with gray at the right or below where one side is more than `MOST_ASPECT` times the other."""
    shortest = round(max(image.size) / MOST_ASPECT)
    if min(image.size) >= shortest:
        return image
    wider = Image.new("RGB", (max(image.width, shortest), max(image.height, shortest)), _PADDING)
    wider.paste(image, (0, 0))
    return wider


def with_drawn_box(image: Picture, box: Box) -> Picture:
    """``image`` with ``box`` as a red rectangle just outside of it, so that nothing of the thing is covered."""
    drawn = image.copy()
    line = max(2, round(max(image.size) / 300))
    x1, y1, x2, y2 = box.xyxy
    ImageDraw.Draw(drawn).rectangle((x1 - line, y1 - line, x2 + line - 1, y2 + line - 1), outline=DRAWN, width=line)
    return drawn


def bounded(image: Picture, longest: int) -> Picture:
    """``image`` with no side longer than ``longest``."""
    if max(image.size) <= longest:
        return image
    scale = longest / max(image.size)
    return image.resize(
        (max(1, round(image.width * scale)), max(1, round(image.height * scale))), Image.Resampling.LANCZOS
    )


def with_numbered_boxes(image: Picture, boxes: Sequence[Box]) -> Picture:
    """``image`` with ``boxes`` as rectangles of different colors, each with its number, from 1 on, at its upper left
    corner."""
    drawn = image.copy()
    draw = ImageDraw.Draw(drawn)
    line = max(2, round(max(image.size) / 300))
    font = ImageFont.load_default(size=max(14, round(max(image.size) / 40)))
    for number, box in enumerate(boxes):
        color = _COLORS[number % len(_COLORS)]
        x1, y1, x2, y2 = box.xyxy
        draw.rectangle((x1 - line, y1 - line, x2 + line - 1, y2 + line - 1), outline=color, width=line)
        text = str(number + 1)
        left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
        width, height = right - left + 2 * line, bottom - top + 2 * line
        x, y = min(max(x1, 0), image.width - width), min(max(y1 - height, 0), image.height - height)
        draw.rectangle((x, y, x + width, y + height), fill=color)
        draw.text((x + line - left, y + line - top), text, fill=(255, 255, 255), font=font)
    return drawn
