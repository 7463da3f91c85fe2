from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from roi_assistant.core.box import Box
from roi_assistant.vlm.pictures import (
    MOST_ASPECT,
    SMALLEST_SENT,
    bounded,
    crop_with_context,
    with_drawn_box,
    with_numbered_boxes,
)


def _photo(width: int, height: int) -> Image.Image:
    """Red grows to the right, green down: a pixel tells its place."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return Image.fromarray(np.stack([x, y, np.zeros_like(x)], axis=-1).astype(np.uint8))


def _place(photo: Image.Image, part: Image.Image, inside: Box) -> tuple[float, float]:
    """Where the middle of ``inside`` lies on the photo, by its color."""
    x, y = inside.center
    red, green, _ = part.getpixel((int(x), int(y)))  # type: ignore[misc]
    return red / 255 * photo.width, green / 255 * photo.height


def test_a_crop_has_three_times_the_sides_and_the_box_in_its_middle() -> None:
    photo = _photo(900, 900)
    part, inside = crop_with_context(photo, Box(400, 300, 500, 400))
    assert part.size == (300, 300) and inside.xyxy == (100, 100, 200, 200)


def test_at_the_border_it_is_moved_inside() -> None:
    part, inside = crop_with_context(_photo(900, 600), Box(0, 500, 100, 600))
    assert part.size == (300, 300) and inside.xyxy == (0, 200, 100, 300)


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((640, 480), Box(100, 100, 102, 102)),
        ((640, 480), Box(638, 478, 640, 480)),
        ((3000, 40), Box(0, 15, 3000, 25)),
        ((3000, 3000), Box(0, 1000, 3000, 1010)),
        ((10, 3000), Box(2, 0, 4, 3000)),
        ((1, 1), Box(0, 0, 1, 1)),
        ((30, 20), Box(0, 0, 30, 20)),
    ],
)
def test_thin_and_tiny_boxes_can_be_sent(size: tuple[int, int], box: Box) -> None:
    photo = _photo(*size)
    part, inside = crop_with_context(photo, box)
    assert min(part.size) >= SMALLEST_SENT or min(part.size) >= min(min(size), SMALLEST_SENT)
    assert max(part.size) / min(part.size) <= MOST_ASPECT * 1.05
    assert inside.x1 >= -0.01 and inside.x2 <= part.width + 0.01 and inside.y2 <= part.height + 0.01
    if min(size) > 1:
        x, y = _place(photo, part, inside)
        assert (x, y) == pytest.approx(box.center, abs=0.02 * max(size) + 2)


def test_a_drawn_box_covers_nothing_of_the_thing() -> None:
    photo = _photo(300, 200)
    box = Box(100, 50, 200, 150)
    drawn = np.asarray(with_drawn_box(photo, box))
    assert (drawn[50:150, 100:200] == np.asarray(photo)[50:150, 100:200]).all()
    assert tuple(drawn[100, 99]) == (255, 0, 0) and tuple(drawn[100, 200]) == (255, 0, 0)
    assert tuple(drawn[49, 150]) == (255, 0, 0) and tuple(drawn[150, 150]) == (255, 0, 0)
    edge = with_drawn_box(photo, Box(0, 0, 300, 200))
    assert edge.size == photo.size


def test_numbered_boxes_have_different_colors() -> None:
    drawn = np.asarray(with_numbered_boxes(_photo(400, 300), [Box(50, 100, 150, 200), Box(250, 100, 350, 200)]))
    assert tuple(drawn[150, 49]) != tuple(drawn[150, 249])
    white = (drawn > 230).all(axis=-1)
    assert white[60:100, 40:100].any() and white[60:100, 240:300].any(), "their numbers stand above them"


def test_a_bound_keeps_the_shape() -> None:
    assert bounded(_photo(4000, 1000), 1280).size == (1280, 320)
    small = _photo(100, 50)
    assert bounded(small, 1280) is small
