"""Sizes, and the order of lines, by numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from plugins.ocr.layout import Line, Turn, detection_scale, in_reading_order, joined, upright_turns

PAGE = 1000


def line(text: str, x: float, y: float, width: float = 100, height: float = 20) -> Line:
    return Line(np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], dtype=float), text, 0.9)


TEXTS = ["one", "two", "three", "four"]
LINES = [line("four", 60, 140), line("two", 180, 103), line("three", 60, 120), line("one", 60, 100)]


def turned(item: Line, degrees: float) -> Line:
    """The line on a page that was turned clockwise about its middle; its corners begin at the top left, as seen."""
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    quad = (item.quad - PAGE / 2) @ np.array([[cos, sin], [-sin, cos]]) + PAGE / 2
    first = int(np.argmin(quad.sum(axis=1)))
    return Line(np.roll(quad, -first, axis=0), item.text, item.score)


@pytest.mark.parametrize("slant", [0, 12, -12])
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_order_of_a_page_however_it_is_turned(turn: Turn, slant: int) -> None:
    rows = in_reading_order([turned(item, turn + slant) for item in LINES], turn)
    assert [[item.text for item in row] for row in rows] == [["one", "two"], ["three"], ["four"]]


def test_no_lines() -> None:
    assert in_reading_order([], 0) == []


@pytest.mark.parametrize(
    ("width", "height", "turns"), [(100, 20, (0, 180)), (20, 100, (90, 270)), (30, 30, (0, 90, 270, 180))]
)
def test_how_letters_may_stand(width: float, height: float, turns: tuple[Turn, ...]) -> None:
    assert upright_turns(line("", 0, 0, width, height).quad) == turns


@pytest.mark.parametrize(
    ("width", "height", "scale"),
    [
        (500, 300, 1.0),
        (250, 150, 2.0),
        (10, 10, 4.0),
        (1000, 800, 1.0),
        (4000, 1000, 0.5),
        (40_960, 20, 0.1),
    ],
)
def test_size_for_the_detector(width: float, height: float, scale: float) -> None:
    assert detection_scale(width, height) == pytest.approx(scale)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([["one", "two"], ["three"]], "one two three"),
        ([["infor-"], ["mation desk"]], "information desk"),
        ([["Stratford-"], ["Avon"]], "Stratford- Avon"),
        ([["10-"], ["12"]], "10- 12"),
        ([[" ", ""], ["a  b"]], "a b"),
        ([], ""),
    ],
)
def test_joined(rows: list[list[str]], text: str) -> None:
    assert joined(rows) == text
