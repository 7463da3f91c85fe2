"""What is drawn: boxes where they are, numbers, dashes, and a legend when there is no room."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from roi_assistant.core.box import Box
from roi_assistant.core.records import RegionText, ScoredText
from roi_assistant.errors import BoxError
from roi_assistant.imaging import draw
from roi_assistant.imaging.draw import MIN_LONG_SIDE, PALETTE, draw_regions

GREY = (120, 120, 120)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are drawn, in order."""
    texts: list[str] = []
    real = ImageDraw.ImageDraw.text

    def noting(self: ImageDraw.ImageDraw, xy: tuple[float, float], text: str, *args: Any, **options: Any) -> None:
        texts.append(text)
        real(self, xy, text, *args, **options)

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", noting)
    return texts


def canvas(width: int = 800, height: int = 600) -> Image.Image:
    return Image.new("RGB", (width, height), GREY)


def region(box: Box, caption: str = "a red cup", *, unsure: bool = False, score: float = 0.87) -> RegionText:
    return RegionText(box, ScoredText(caption, score), unsure=unsure)


def color_at(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    return tuple(np.asarray(image)[y, x].tolist())


def test_outline_lies_on_the_edges_of_the_box() -> None:
    drawn = draw_regions(canvas(), [region(Box(200, 150, 500, 400))], labels="none")
    assert drawn.size == (800, 600) and drawn.mode == "RGB"
    for x, y in [(200, 275), (500, 275), (350, 150), (350, 400)]:
        assert color_at(drawn, x, y) == PALETTE[0]
    assert color_at(drawn, 350, 275) == GREY and color_at(drawn, 100, 100) == GREY


def test_the_picture_itself_is_not_changed() -> None:
    image = canvas()
    before = image.tobytes()
    draw_regions(image, [region(Box(200, 150, 500, 400))])
    assert image.tobytes() == before


def test_nothing_to_draw() -> None:
    assert draw_regions(canvas(), []).tobytes() == canvas().tobytes()


def test_number_and_caption_are_written(written: list[str]) -> None:
    draw_regions(canvas(), [region(Box(200, 150, 500, 400)), region(Box(20, 450, 80, 580), "a dog")])
    assert written == ["a red cup", "1", "a dog", "2"]


def test_numbers_only(written: list[str]) -> None:
    draw_regions(canvas(), [region(Box(200, 150, 500, 400))] * 2, labels="numbers")
    assert written == ["1", "2"]


def test_no_labels(written: list[str]) -> None:
    draw_regions(canvas(), [region(Box(200, 150, 500, 400))], labels="none")
    assert written == []


def test_unsure_has_a_question_mark_and_a_dashed_outline(written: list[str]) -> None:
    box = Box(200, 150, 500, 400)
    drawn = np.asarray(draw_regions(canvas(), [region(box, unsure=True)]))
    assert "1?" in written
    edge = (drawn[150:401, 500] == PALETTE[0]).all(axis=-1)
    assert edge[0] and edge[-1], "corners are closed"
    assert 0.4 < edge.mean() < 0.75
    solid = np.asarray(draw_regions(canvas(), [region(box)]))
    assert (solid[150:401, 500] == PALETTE[0]).all()


def test_long_captions_are_wrapped(written: list[str]) -> None:
    draw_regions(canvas(300, 620), [region(Box(60, 300, 240, 600), "a very long caption " * 3)])
    lines = written[:-1]
    assert len(lines) > 1 and " ".join(lines).split() == ("a very long caption " * 3).split()


def test_captions_without_room_go_below_the_picture(written: list[str]) -> None:
    boxes = [Box(300 + 5 * n, 200 + 5 * n, 360 + 5 * n, 260 + 5 * n) for n in range(30)]
    drawn = draw_regions(canvas(), [region(box, f"thing number {n}") for n, box in enumerate(boxes)])
    assert drawn.width == 800 and drawn.height > 620
    assert color_at(drawn, 2, drawn.height - 2) == (255, 255, 255)
    assert {f"thing number {n}" for n in range(30)} <= set(written)
    assert [written.count(str(n)) for n in range(1, 31)] == [2] * 30, "at the box and in the legend"


def test_every_box_has_a_color_and_close_boxes_differ() -> None:
    boxes = [Box(40 * n, 40 * n, 40 * n + 30, 40 * n + 30) for n in range(14)]
    colors = draw._colors(boxes)
    assert colors[: len(PALETTE)] == list(PALETTE)
    assert all(a != b for a, b in pairwise(colors))


def test_small_pictures_are_enlarged_by_a_whole_factor() -> None:
    drawn = draw_regions(canvas(200, 120), [region(Box(50, 30, 100, 80))], labels="none")
    assert drawn.size == (600, 360) and max(drawn.size) >= MIN_LONG_SIDE
    assert color_at(drawn, 150, 150) == PALETTE[0] and color_at(drawn, 300, 150) == PALETTE[0]


def test_lines_and_letters_grow_with_the_picture() -> None:
    small, large = draw._style(640, 480, None), draw._style(4000, 3000, None)
    assert small.font.size >= 13 and small.line >= 2
    assert large.font.size / small.font.size == pytest.approx(4000 / 640, rel=0.1)
    assert large.line / small.line > 4


def test_boxes_are_cut_at_the_border_of_the_picture() -> None:
    drawn = draw_regions(canvas(), [region(Box(-50, -50, 900, 700))], labels="none")
    assert color_at(drawn, 0, 300) == PALETTE[0] and color_at(drawn, 799, 300) == PALETTE[0]
    with pytest.raises(BoxError):
        draw_regions(canvas(), [region(Box(900, 0, 950, 50))])


@pytest.mark.parametrize("box", [Box(5, 5, 5.2, 5.2), Box(799.5, 599.5, 800, 600), Box(0, 0, 800, 1)])
def test_tiny_boxes(box: Box) -> None:
    drawn = np.asarray(draw_regions(canvas(), [region(box)], labels="none"))
    assert (drawn == PALETTE[0]).all(axis=-1).any()


@pytest.mark.parametrize("size", [(1, 1), (2, 3000), (3000, 2)])
def test_extreme_pictures(size: tuple[int, int]) -> None:
    drawn = draw_regions(canvas(*size), [region(Box(0, 0, *size), "a caption of several words")])
    assert drawn.width >= size[0] and drawn.height >= size[1]


@pytest.mark.parametrize("caption", ["", "   ", "two\nlines", "w" * 400, "café ½ 中文"])
def test_odd_captions(caption: str, written: list[str]) -> None:
    draw_regions(canvas(), [region(Box(200, 150, 500, 400), caption)])
    assert "1" in written and not any("\n" in text for text in written)


def test_accents_that_the_font_lacks_are_left_off(written: list[str]) -> None:
    draw_regions(canvas(), [region(Box(200, 150, 500, 400), "a café in “Köln”")])
    assert written[0] == "a cafe in “Koln”"


@pytest.mark.parametrize(
    ("background", "ink"),
    [
        ((255, 255, 255), (0, 0, 0)),
        ((0, 0, 0), (255, 255, 255)),
        ((240, 228, 66), (0, 0, 0)),
        ((0, 60, 110), (255,) * 3),
    ],
)
def test_ink_contrasts(background: tuple[int, int, int], ink: tuple[int, int, int]) -> None:
    assert draw._ink(background) == ink


def test_legend_columns_keep_the_order_and_are_level() -> None:
    assert draw._columns([10, 10, 10, 10, 10], 2) == [[0, 1, 2], [3, 4]]
    assert draw._columns([10, 30, 10, 10], 3) == [[0], [1], [2, 3]]
    assert draw._columns([5], 1) == [[0]]


def test_result_is_the_same_every_time() -> None:
    texts = [region(Box(20 * n, 15 * n, 20 * n + 90, 15 * n + 60), f"caption {n}") for n in range(9)]
    assert draw_regions(canvas(), texts).tobytes() == draw_regions(canvas(), texts).tobytes()
