"""What the model looks at, against pixels and numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from roi_assistant.core.box import Box
from roi_assistant.imaging.views import (
    VIEW_MARGIN,
    VIEW_MAX_ASPECT,
    box_in_window,
    image_view,
    region_view,
    region_window,
    to_network,
)


def quarters() -> Image.Image:
    """80 x 40 pixels: red, green above; blue, white below."""
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:20, :40], pixels[:20, 40:], pixels[20:, :40], pixels[20:, 40:] = (
        (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255),
    )  # fmt: skip
    return Image.fromarray(pixels)


def test_whole_image_is_squashed_without_cropping() -> None:
    view = image_view(quarters(), size=20)
    assert view.shape == (20, 20, 3) and view.dtype == np.uint8
    assert view[2, 2].tolist() == [255, 0, 0] and view[2, 17].tolist() == [0, 255, 0]
    assert view[17, 2].tolist() == [0, 0, 255] and view[17, 17].tolist() == [255, 255, 255]


def test_region_view_shows_the_window_only() -> None:
    view = region_view(quarters(), Box(40, 20, 80, 40), size=8)
    assert view.shape == (8, 8, 3)
    assert (view[1:, 1:] == 255).all(), "only the outermost samples may see beyond the window"


def test_region_view_takes_fractions_of_pixels() -> None:
    view = region_view(quarters(), Box(39.5, 0, 40.5, 10), size=4)
    assert 0 < view[1, 1, 0] <= 255 and 0 < view[1, 2, 1] <= 255


def test_region_window_by_hand() -> None:
    assert (VIEW_MARGIN, VIEW_MAX_ASPECT) == (1.15, 2.0)
    window = region_window(Box(100, 100, 200, 200), width=1000, height=1000)
    assert window.xyxy == pytest.approx((92.5, 92.5, 207.5, 207.5))
    # 10 x 100 grows to 11.5 x 115, then to 57.5 x 115, around (505, 550)
    tall = region_window(Box(500, 500, 510, 600), width=1000, height=1000)
    assert tall.xyxy == pytest.approx((476.25, 492.5, 533.75, 607.5))


def test_box_in_window_by_hand() -> None:
    assert box_in_window(Box(20, 30, 40, 60), Box(10, 10, 50, 110)) == pytest.approx((0.25, 0.2, 0.75, 0.5))
    assert box_in_window(Box(0, 0, 8, 6), Box(0, 0, 8, 6)) == (0, 0, 1, 1)


def test_network_input_by_hand() -> None:
    pixels = np.array([[[0, 255, 127], [51, 102, 204]]], np.uint8)
    values = to_network(pixels)
    assert values.shape == (3, 1, 2) and values.dtype == np.float32
    np.testing.assert_allclose(values[:, 0, 0], [-1, 1, -1 / 255], atol=1e-6)
    np.testing.assert_allclose(values[:, 0, 1], [-0.6, -0.2, 0.6], atol=1e-6)
    assert to_network(np.zeros((5, 4, 6, 3), np.uint8)).shape == (5, 3, 4, 6)
