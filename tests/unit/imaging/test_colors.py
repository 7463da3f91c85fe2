"""Synthetic pictures whose colors are known; no photo is needed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from roi_assistant.core.box import Box
from roi_assistant.errors import BoxError
from roi_assistant.imaging.colors import COLOR_NAMES, measure_colors, name_pixels, rgb_to_lab

RED, YELLOW, GREEN, BLUE = (220, 20, 30), (250, 230, 40), (40, 130, 50), (20, 60, 180)
WHITE, GRAY = (255, 255, 255), (125, 125, 125)
Color = tuple[int, int, int]


def plain(color: Color, *, height: int = 40, width: int = 40) -> NDArray[np.uint8]:
    return np.full((height, width, 3), color, dtype=np.uint8)


def disc(background: Color, color: Color, *, size: int = 200, radius: int = 80) -> NDArray[np.uint8]:
    pixels = plain(background, height=size, width=size)
    y, x = np.mgrid[:size, :size] + 0.5 - size / 2
    pixels[x**2 + y**2 < radius**2] = color
    return pixels


def stripes(first: Color, second: Color, *, size: int = 100, width: int = 10) -> NDArray[np.uint8]:
    pixels = plain(first, height=size, width=size)
    pixels[:, np.arange(size) // width % 2 == 1] = second
    return pixels


def first(pixels: NDArray[np.uint8], box: Box | None = None) -> str:
    return measure_colors(pixels, box)[0].text


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        # reference values of the CIELAB coordinates of sRGB colors under D65, to a tenth
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((255, 0, 0), (53.2, 80.1, 67.2)),
        ((0, 255, 0), (87.7, -86.2, 83.2)),
        ((0, 0, 255), (32.3, 79.2, -107.9)),
        ((119, 119, 119), (50.0, 0.0, 0.0)),
    ],
)
def test_lab(rgb: Color, lab: tuple[float, float, float]) -> None:
    assert rgb_to_lab(np.array(rgb, dtype=np.uint8)) == pytest.approx(np.array(lab), abs=0.1)


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        (RED, "red"),
        ((255, 140, 0), "orange"),
        (YELLOW, "yellow"),
        (GREEN, "green"),
        ((0, 0, 255), "blue"),
        ((130, 190, 240), "blue"),
        ((110, 30, 130), "purple"),
        ((250, 150, 190), "pink"),
        ((110, 65, 30), "brown"),
        ((10, 10, 10), "black"),
        ((250, 250, 250), "white"),
        (GRAY, "gray"),
        ((210, 180, 140), "tan"),
    ],
)
def test_plain_colors(rgb: Color, name: str) -> None:
    assert first(plain(rgb)) == name


def test_dark_blue_is_not_black() -> None:
    assert first(plain((10, 15, 60))) == "blue"
    assert first(plain((12, 12, 14))) == "black"


@pytest.mark.parametrize("background", [WHITE, (200, 200, 200), (0, 0, 0), GREEN])
@pytest.mark.parametrize("box", [None, Box(20, 20, 180, 180)])
def test_background_does_not_win(background: Color, box: Box | None) -> None:
    colors = measure_colors(disc(background, RED), box)
    assert colors[0].text == "red"
    assert colors[0].score > 0.8  # the corners of the box, a fifth of it, are background


def test_gray_thing_on_grass_with_noise() -> None:
    noise = np.random.default_rng(0).normal(0, 8, (200, 200, 3))
    pixels = np.clip(disc(GREEN, GRAY) + noise, 0, 255).astype(np.uint8)
    assert first(pixels, Box(20, 20, 180, 180)) == "gray"


def test_white_thing_on_white_stays_white() -> None:
    assert first(disc(WHITE, (240, 240, 240))) == "white"


def test_two_colors_share() -> None:
    colors = measure_colors(stripes(RED, YELLOW))
    assert {color.text for color in colors[:2]} == {"red", "yellow"}
    assert all(0.35 < color.score < 0.6 for color in colors[:2])


def test_only_the_box_counts() -> None:
    pixels = np.concatenate((plain(RED), plain(BLUE)), axis=1)
    assert first(pixels, Box(0, 0, 38, 40)) == "red"
    assert first(pixels, Box(42, 0, 80, 40)) == "blue"


def test_sliver_and_single_pixel() -> None:
    assert first(plain(BLUE), Box(20.2, 5, 20.4, 35)) == "blue"
    assert first(plain(BLUE, height=1, width=1)) == "blue"


def test_a_box_that_reaches_out_is_cut() -> None:
    assert measure_colors(plain(RED), Box(-20, -20, 60, 60)) == measure_colors(plain(RED))


def test_a_box_outside_is_an_error_that_names_it() -> None:
    with pytest.raises(BoxError, match=r"\(50, 50, 60, 60\)"):
        measure_colors(plain(RED), Box(50, 50, 60, 60))


def test_large_pictures_are_measured_like_small_ones() -> None:
    small, large = disc(WHITE, BLUE), disc(WHITE, BLUE, size=1600, radius=640)
    assert measure_colors(large)[0].text == "blue"
    assert measure_colors(large)[0].score == pytest.approx(measure_colors(small)[0].score, abs=0.03)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**16),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    corner=st.tuples(st.floats(0, 0.9), st.floats(0, 0.9)),
    size=st.tuples(st.floats(0.05, 1), st.floats(0.05, 1)),
)
def test_scores_are_shares(
    seed: int, height: int, width: int, corner: tuple[float, float], size: tuple[float, float]
) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
    x, y = corner[0] * width, corner[1] * height
    colors = measure_colors(pixels, Box(x, y, x + size[0] * width, y + size[1] * height))
    scores = [color.score for color in colors]
    assert scores and scores == sorted(scores, reverse=True)
    assert 0 < sum(scores) <= 1 + 1e-5
    assert {color.text for color in colors} <= set(COLOR_NAMES)


def test_names_of_a_pixel_are_probabilities() -> None:
    lab = rgb_to_lab(np.random.default_rng(0).integers(0, 256, (500, 3)).astype(np.uint8))
    likely = name_pixels(lab)
    assert likely.shape == (500, len(COLOR_NAMES))
    assert likely.min() >= 0
    assert likely.sum(axis=1) == pytest.approx(np.ones(500), abs=1e-4)
