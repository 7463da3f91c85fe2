"""Labels stay readable: in the image, apart from each other, off small boxes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roi_assistant.core.box import Box
from roi_assistant.imaging.label_layout import Placement, overlap, place_labels

CHIP = (20.0, 16.0)
GAP = 2.0


@st.composite
def scenes(draw: st.DrawFn) -> tuple[float, float, list[Box], list[list[tuple[float, float]]]]:
    width, height = draw(st.integers(100, 800)), draw(st.integers(80, 800))
    boxes, shapes = [], []
    for _ in range(draw(st.integers(1, 12))):
        w, h = draw(st.integers(2, width)), draw(st.integers(2, height))
        x, y = draw(st.integers(0, width - w)), draw(st.integers(0, height - h))
        boxes.append(Box(x, y, x + w, y + h))
        text = draw(st.integers(10, 300))
        shapes.append([(20.0 + text / lines, 16.0 * lines) for lines in (1, 2, 3)] if draw(st.booleans()) else [])
    return width, height, boxes, shapes


def inside(rect: tuple[float, float, float, float], width: float, height: float) -> bool:
    return rect[0] >= 0 and rect[1] >= 0 and rect[2] <= width and rect[3] <= height


@settings(max_examples=60, deadline=None)
@given(scenes())
def test_any_scene(scene: tuple[float, float, list[Box], list[list[tuple[float, float]]]]) -> None:
    width, height, boxes, shapes = scene
    placed = place_labels(boxes, shapes, [CHIP] * len(boxes), width=width, height=height, gap=GAP)
    assert len(placed) == len(boxes)
    for box, sizes, place in zip(boxes, shapes, placed, strict=True):
        assert inside(place.chip, width, height)
        if place.plate is None:
            continue
        assert inside(place.plate, width, height)
        size = (place.plate[2] - place.plate[0], place.plate[3] - place.plate[1])
        assert size == pytest.approx(sizes[place.shape])
        assert overlap(place.chip, place.plate) == pytest.approx(CHIP[0] * size[1]), "the chip is an end of the plate"
        assert place.chip[2 if place.mirrored else 0] == pytest.approx(place.plate[2 if place.mirrored else 0])
        for other in boxes:
            most = 0.16 if other == box else 0.12
            assert overlap(place.plate, other.xyxy) <= most * other.area + 1e-6
    plates = [place.plate for place in placed if place.plate is not None]
    assert all(overlap(a, b) == 0 for a, b in itertools.combinations(plates, 2))


def alone(box: Box, *, size: tuple[float, float] = (100, 16)) -> Placement:
    return place_labels([box], [[size]], [CHIP], width=400, height=300, gap=GAP)[0]


def test_the_first_choice_is_above_the_left_corner() -> None:
    assert alone(Box(50, 60, 90, 200)) == Placement((48, 42, 68, 58), (48, 42, 148, 58))


def test_below_where_there_is_no_room_above() -> None:
    assert alone(Box(50, 5, 90, 100)).plate == (48, 102, 148, 118)


def test_at_the_right_border_the_number_moves_to_the_right_end() -> None:
    assert alone(Box(360, 60, 398, 200)) == Placement((380, 42, 400, 58), (300, 42, 400, 58), mirrored=True)


def test_at_the_left_border_the_plate_slides_inwards() -> None:
    assert alone(Box(1, 60, 40, 200)).plate == (0, 42, 100, 58)


def test_a_box_that_fills_the_image_is_labelled_inside() -> None:
    assert alone(Box(0, 0, 400, 300)).plate == (2, 2, 102, 18)


def test_a_small_box_is_not_covered_by_its_neighbours_label() -> None:
    boxes = [Box(50, 60, 150, 200), Box(60, 44, 70, 54)]
    first, second = place_labels(boxes, [[(100, 16)], []], [CHIP] * 2, width=400, height=300, gap=GAP)
    assert first.plate is not None
    assert overlap(first.plate, boxes[1].xyxy) == 0
    assert overlap(first.plate, second.chip) == 0


def test_captions_without_room_go_to_the_legend_all_together() -> None:
    boxes = [Box(10 + n, 10 + n, 60 + n, 40 + n) for n in range(8)]
    placed = place_labels(boxes, [[(90, 16)]] * 8, [CHIP] * 8, width=120, height=80, gap=GAP)
    assert all(place.plate is None for place in placed)


def test_captions_wider_than_the_image_go_to_the_legend() -> None:
    placed = place_labels([Box(10, 30, 60, 60)], [[(900, 16)]], [CHIP], width=120, height=80, gap=GAP)
    assert placed[0].plate is None


def test_a_number_alone_stands_where_the_caption_would_begin() -> None:
    (placed,) = place_labels([Box(50, 60, 90, 200)], [[]], [CHIP], width=400, height=300, gap=GAP)
    assert placed == Placement((48, 42, 68, 58))


def test_chips_of_equal_boxes_stand_apart() -> None:
    boxes = [Box(100, 100, 200, 200)] * 6
    placed = place_labels(boxes, [[]] * 6, [CHIP] * 6, width=400, height=300, gap=GAP)
    assert all(overlap(a.chip, b.chip) == 0 for a, b in itertools.combinations(placed, 2))


def test_no_boxes() -> None:
    assert place_labels([], [], [], width=10, height=10, gap=1) == []
