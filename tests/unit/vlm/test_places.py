"""Numbers worked out by hand, on a photo that is not square."""

from __future__ import annotations

import pytest

from roi_assistant.core.box import Box
from roi_assistant.errors import BoxError
from roi_assistant.vlm.places import (
    GEMMA_BOX,
    INTERNVL_BOX,
    QWEN3_BOX,
    QWEN25_BOX,
    box_numbers,
    box_of_numbers,
    box_text,
    florence_locations,
    kosmos_patches,
    paligemma_locations,
    qwen_resized,
)

SIZE = (640, 480)
BOX = Box(64, 120, 320, 480)
"""A tenth to a half across, a quarter to the end down."""


def test_each_family_writes_it_its_way() -> None:
    assert box_text(BOX, QWEN3_BOX, size=SIZE) == '{"bbox_2d": [100, 250, 500, 1000]}'
    assert box_text(BOX, INTERNVL_BOX, size=SIZE) == "<box>[[100, 250, 500, 1000]]</box>"
    assert box_text(BOX, GEMMA_BOX, size=SIZE) == '{"box_2d": [250, 100, 1000, 500]}', "y first"
    # Twice as wide and three times as high.
    assert box_text(BOX, QWEN25_BOX, size=SIZE, resized=(1280, 1440)) == '{"bbox_2d": [128, 360, 640, 1440]}'
    assert box_numbers(BOX, "fractions", size=SIZE) == (0.1, 0.25, 0.5, 1.0)
    assert box_numbers(BOX, "pixels", size=SIZE) == (64, 120, 320, 480)


def test_a_box_beyond_the_edge_ends_there() -> None:
    assert box_numbers(Box(-5, 0, 700, 481), "thousandths", size=SIZE) == (0, 0, 1000, 1000)


@pytest.mark.parametrize("unit", ["pixels", "resized_pixels", "thousandths", "fractions"])
@pytest.mark.parametrize("y_first", [False, True])
def test_numbers_come_back_as_the_box(unit: str, y_first: bool) -> None:
    x1, y1, x2, y2 = box_numbers(BOX, unit, size=SIZE, resized=(1280, 1440))  # type: ignore[arg-type]
    numbers = (y1, x1, y2, x2) if y_first else (x1, y1, x2, y2)
    back = box_of_numbers(numbers, unit, size=SIZE, resized=(1280, 1440), y_first=y_first)  # type: ignore[arg-type]
    assert back.xyxy == pytest.approx(BOX.xyxy, abs=0.33)
    with pytest.raises(BoxError):
        box_of_numbers((5, 5, 5, 9), "pixels", size=SIZE)


def test_location_tokens() -> None:
    # 52 / 0.64 = 81.25, 100 / 0.48 = 208.3; the edge is the last bin.
    assert florence_locations(Box(52, 100, 640, 480), size=SIZE) == "<loc_81><loc_208><loc_999><loc_999>"
    # y first; 0.25 x 1023 = 255.75, 0.1 x 1023 = 102.3, 0.5 x 1023 = 511.5 (to even).
    assert paligemma_locations(BOX, size=SIZE) == "<loc0256><loc0102><loc1023><loc0512>"
    # The published example of Kosmos-2: (0.390625, 0.046875, 0.984375, 0.828125) is 44, 863.
    assert kosmos_patches(Box(250, 22.5, 630, 397.5), size=SIZE) == (44, 863)
    assert kosmos_patches(Box(1, 1, 3, 3), size=SIZE) == (0, 0), "two pixels are one patch"
    assert kosmos_patches(Box(638, 478, 640, 480), size=SIZE) == (1023, 1023)


def test_the_size_after_qwens_processor() -> None:
    assert qwen_resized((640, 480), factor=28, min_pixels=56 * 56, max_pixels=28 * 28 * 1280) == (644, 476)
    assert qwen_resized((640, 480), factor=32, min_pixels=1, max_pixels=10**9) == (640, 480)
    # Too large: 4000 x 3000 to 1,000,000 pixels: shrunk by the root of 12, then down to multiples of 28.
    assert qwen_resized((4000, 3000), factor=28, min_pixels=1, max_pixels=1_000_000) == (1148, 840)
    # Too small: 20 x 10 to 3,136 pixels: grown by 3.96, then up to multiples of 28.
    assert qwen_resized((20, 10), factor=28, min_pixels=3136, max_pixels=10**6) == (84, 56)
    with pytest.raises(ValueError, match="200"):
        qwen_resized((4020, 20), factor=28, min_pixels=1, max_pixels=10**6)
