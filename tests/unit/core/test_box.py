"""Boxes: numbers worked out by hand, and what must hold for any box."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from roi_assistant.core.box import (
    Box,
    Place,
    box_from_xywh,
    box_to_xywh,
    clip_box,
    context_box,
    format_box,
    intersection_over_union,
    place_of,
    scale_box,
    union_box,
)
from roi_assistant.errors import BadInputError, BoxError

SIDE = st.floats(min_value=1, max_value=5000)
PLACE = st.floats(min_value=-6000, max_value=6000)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x, y, width, height = draw(PLACE), draw(PLACE), draw(SIDE), draw(SIDE)
    return Box(x, y, x + width, y + height)


@st.composite
def boxes_that_touch_the_image(draw: st.DrawFn) -> tuple[Box, float, float]:
    width, height = draw(SIDE), draw(SIDE)
    box = draw(boxes())
    assume(box.x1 < width - 0.5 and box.x2 > 0.5 and box.y1 < height - 0.5 and box.y2 > 0.5)
    return box, width, height


def test_sizes_by_hand() -> None:
    box = Box(120, 80, 260.5, 300)
    assert (box.width, box.height, box.area, box.center) == (140.5, 220, 30910, (190.25, 190))
    assert box.xyxy == (120, 80, 260.5, 300)


@pytest.mark.parametrize(
    ("xywh", "xyxy"),
    [
        ([120, 80, 140.5, 220], (120, 80, 260.5, 300)),
        ([0, 0, 1, 1], (0, 0, 1, 1)),
        ([-5, 2.25, 10, 0.5], (-5, 2.25, 5, 2.75)),
    ],
)
def test_xywh_by_hand(xywh: list[float], xyxy: tuple[float, ...]) -> None:
    assert box_from_xywh(xywh).xyxy == xyxy
    assert box_to_xywh(Box(*xyxy)) == tuple(xywh)


@pytest.mark.parametrize(
    ("xywh", "message"),
    [
        ([1, 2, 3], "must be four numbers"),
        ([1, 2, 3, 4, 5], "must be four numbers"),
        ([1, 2, -3, 4], r"Box \(1, 2, -3, 4\) has a negative width or height"),
        ([1, 2, 3, -4], "negative"),
        ([1, 2, 0, 4], "has no area"),
        ([1, math.nan, 3, 4], "not a finite number"),
        ([1, 2, math.inf, 4], "not a finite number"),
    ],
)
def test_xywh_that_is_no_box(xywh: list[float], message: str) -> None:
    with pytest.raises(BoxError, match=message):
        box_from_xywh(xywh)


@pytest.mark.parametrize(
    ("xyxy", "message"),
    [
        ((10, 10, 10, 20), r"Box \(10, 10, 10, 20\) has no area"),
        ((10, 10, 20, 10), "has no area"),
        ((20, 10, 10, 20), "x1 < x2"),
        ((0, 0, math.nan, 1), "not a finite number"),
        ((-math.inf, 0, 1, 1), "not a finite number"),
    ],
)
def test_box_names_itself_in_its_error(xyxy: tuple[float, float, float, float], message: str) -> None:
    with pytest.raises(BoxError, match=message) as caught:
        Box(*xyxy)
    assert isinstance(caught.value, BadInputError) and caught.value.exit_code == 2


def test_format_box() -> None:
    assert format_box((120.0, 80, 260.5, 300)) == "(120, 80, 260.5, 300)"


def test_clip_by_hand() -> None:
    assert clip_box(Box(-10, 5, 50, 205), width=40, height=100) == Box(0, 5, 40, 100)
    assert clip_box(Box(1, 2, 3, 4), width=40, height=100) == Box(1, 2, 3, 4)


@pytest.mark.parametrize("box", [Box(40, 0, 50, 10), Box(-5, 0, 0, 10), Box(0, 100, 5, 120), Box(0, -9, 5, 0)])
def test_clip_of_a_box_outside(box: Box) -> None:
    with pytest.raises(BoxError, match="lies outside the image of 40 x 100 pixels"):
        clip_box(box, width=40, height=100)


def test_scale_by_hand() -> None:
    assert scale_box(Box(10, 20, 30, 60), x=0.5, y=2) == Box(5, 40, 15, 120)


def test_union_by_hand() -> None:
    assert union_box([Box(10, 20, 30, 40), Box(5, 25, 12, 90)]) == Box(5, 20, 30, 90)
    assert union_box([Box(1, 2, 3, 4)]) == Box(1, 2, 3, 4)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (Box(0, 0, 10, 10), Box(0, 0, 10, 10), 1.0),
        (Box(0, 0, 10, 10), Box(5, 0, 15, 10), 50 / 150),
        (Box(0, 0, 10, 10), Box(2, 2, 4, 7), 10 / 100),
        (Box(0, 0, 10, 10), Box(10, 0, 20, 10), 0.0),
        (Box(0, 0, 10, 10), Box(50, 50, 60, 60), 0.0),
    ],
)
def test_intersection_over_union_by_hand(a: Box, b: Box, expected: float) -> None:
    assert intersection_over_union(a, b) == pytest.approx(expected)


def test_context_of_a_square_in_the_middle() -> None:
    # 20 x 20 grows by half to 30 x 30 around (50, 50)
    assert context_box(Box(40, 40, 60, 60), margin=1.5, max_aspect=2, width=100, height=100) == Box(35, 35, 65, 65)


def test_context_of_a_thin_box_is_widened() -> None:
    # 4 x 40 grows to 8 x 80; 80 / 2 = 40 is the least width
    assert context_box(Box(98, 80, 102, 120), margin=2, max_aspect=2, width=200, height=200) == Box(80, 60, 120, 140)


def test_context_at_a_corner_is_moved_inside() -> None:
    assert context_box(Box(0, 80, 20, 100), margin=1.5, max_aspect=2, width=100, height=100) == Box(0, 70, 30, 100)


def test_context_larger_than_the_image_is_cut() -> None:
    assert context_box(Box(0, 0, 100, 40), margin=1.2, max_aspect=2, width=100, height=50) == Box(0, 0, 100, 50)


# ---------------------------------------------------------------------------------------------------- for any box


@settings(deadline=None)
@given(boxes())
def test_xywh_there_and_back(box: Box) -> None:
    assert box_from_xywh(box_to_xywh(box)).xyxy == pytest.approx(box.xyxy, abs=1e-8)


@settings(deadline=None)
@given(boxes_that_touch_the_image())
def test_clipping_stays_inside_both_and_changes_nothing_twice(case: tuple[Box, float, float]) -> None:
    box, width, height = case
    clipped = clip_box(box, width=width, height=height)
    assert 0 <= clipped.x1 < clipped.x2 <= width and 0 <= clipped.y1 < clipped.y2 <= height
    assert clipped.x1 >= box.x1 and clipped.y1 >= box.y1 and clipped.x2 <= box.x2 and clipped.y2 <= box.y2
    assert clip_box(clipped, width=width, height=height) == clipped


@settings(deadline=None)
@given(boxes(), SIDE, SIDE)
def test_clipping_fails_exactly_outside(box: Box, width: float, height: float) -> None:
    outside = box.x2 <= 0 or box.y2 <= 0 or box.x1 >= width or box.y1 >= height
    if outside:
        with pytest.raises(BoxError):
            clip_box(box, width=width, height=height)
    else:
        assert clip_box(box, width=width, height=height).area > 0


@settings(deadline=None)
@given(
    boxes_that_touch_the_image(),
    st.floats(min_value=1, max_value=4),
    st.floats(min_value=1, max_value=5),
)
def test_context_stays_inside_and_holds_the_visible_part(
    case: tuple[Box, float, float], margin: float, max_aspect: float
) -> None:
    box, width, height = case
    window = context_box(box, margin=margin, max_aspect=max_aspect, width=width, height=height)
    assert 0 <= window.x1 < window.x2 <= width and 0 <= window.y1 < window.y2 <= height
    visible = clip_box(box, width=width, height=height)
    slack = 1e-6
    assert window.x1 <= visible.x1 + slack and window.x2 >= visible.x2 - slack
    assert window.y1 <= visible.y1 + slack and window.y2 >= visible.y2 - slack


@settings(deadline=None)
@given(boxes(), st.floats(min_value=1, max_value=3), st.floats(min_value=1, max_value=5))
def test_context_keeps_its_aspect_where_there_is_room(box: Box, margin: float, max_aspect: float) -> None:
    room = 1e6
    middle = Box(box.x1 + room / 2, box.y1 + room / 2, box.x2 + room / 2, box.y2 + room / 2)
    window = context_box(middle, margin=margin, max_aspect=max_aspect, width=room, height=room)
    longer, shorter = max(window.width, window.height), min(window.width, window.height)
    assert longer / shorter <= max_aspect * (1 + 1e-6) or longer / shorter <= 1 + 1e-6
    assert window.center == pytest.approx(middle.center, abs=1e-3)
    assert window.width >= middle.width * margin * (1 - 1e-6)


@settings(deadline=None)
@given(boxes(), boxes())
def test_overlap_is_symmetric_and_between_0_and_1(a: Box, b: Box) -> None:
    overlap = intersection_over_union(a, b)
    assert 0 <= overlap <= 1 + 1e-9
    assert overlap == intersection_over_union(b, a)
    assert intersection_over_union(a, a) == pytest.approx(1)


@settings(deadline=None)
@given(st.lists(boxes(), min_size=1, max_size=6))
def test_union_holds_all(members: list[Box]) -> None:
    union = union_box(members)
    assert all(union.x1 <= b.x1 and union.y1 <= b.y1 and union.x2 >= b.x2 and union.y2 >= b.y2 for b in members)
    assert {union.x1, union.y1, union.x2, union.y2} <= {value for b in members for value in b.xyxy}


@settings(deadline=None)
@given(boxes(), st.floats(min_value=0.1, max_value=10), st.floats(min_value=0.1, max_value=10))
def test_scaling_scales_the_area(box: Box, x: float, y: float) -> None:
    assert scale_box(box, x=x, y=y).area == pytest.approx(box.area * x * y, rel=1e-6)


def test_places_are_thirds_of_the_image_in_which_the_middle_lies() -> None:
    assert place_of(Box(0, 0, 90, 90), width=300, height=300) == Place("top", "left")
    assert place_of(Box(0, 0, 300, 300), width=300, height=300) == Place("middle", "center")
    assert place_of(Box(210, 90, 290, 130), width=300, height=300) == Place("middle", "right")
    assert place_of(Box(90, 210, 130, 290), width=300, height=300) == Place("bottom", "center")
    assert place_of(Box(0, 0, 100, 100), width=600, height=120) == Place("middle", "left")
