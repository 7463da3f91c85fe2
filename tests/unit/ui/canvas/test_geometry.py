"""Hit-testing, moving and resizing on the canvas, without a window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.core.box import Box
from roi_assistant.ui.canvas import geometry
from roi_assistant.ui.canvas.geometry import HANDLES, Handle, box_at, box_between, grown, handle_at, moved, resized

WIDTH, HEIGHT = 640.0, 480.0
coordinates = st.floats(-2000, 2000)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x, y = draw(st.floats(0, WIDTH - 2)), draw(st.floats(0, HEIGHT - 2))
    return Box(x, y, draw(st.floats(x + 1, WIDTH)), draw(st.floats(y + 1, HEIGHT)))


def assert_inside(box: Box) -> None:
    assert box.x1 >= 0 and box.y1 >= 0 and box.x2 <= WIDTH and box.y2 <= HEIGHT
    assert box.width > 0 and box.height > 0


@given(boxes(), st.sampled_from(HANDLES), coordinates, coordinates)
def test_resizing_stays_inside_and_never_gets_empty(box: Box, handle: Handle, x: float, y: float) -> None:
    result = resized(box, handle, x, y, width=WIDTH, height=HEIGHT)
    assert_inside(result)
    assert result.width >= min(1.0, box.width) - 1e-9 and result.height >= min(1.0, box.height) - 1e-9


@given(st.lists(boxes(), min_size=1, max_size=4), coordinates, coordinates)
def test_moving_keeps_sizes_and_distances(several: list[Box], dx: float, dy: float) -> None:
    before = {str(number): box for number, box in enumerate(several)}
    after, by_x, by_y = moved(before, dx, dy, width=WIDTH, height=HEIGHT)
    for name, box in after.items():
        assert box.x1 >= -1e-6 and box.y1 >= -1e-6 and box.x2 <= WIDTH + 1e-6 and box.y2 <= HEIGHT + 1e-6
        assert box.width == pytest.approx(before[name].width)
        assert (box.x1 - before[name].x1, box.y1 - before[name].y1) == (pytest.approx(by_x), pytest.approx(by_y))


@given(coordinates, coordinates, coordinates, coordinates)
def test_drawn_boxes_are_inside_and_on_whole_pixels(x1: float, y1: float, x2: float, y2: float) -> None:
    box = box_between((x1, y1), (x2, y2), width=WIDTH, height=HEIGHT)
    if box is not None:
        assert_inside(box)
        assert all(value == int(value) for value in box.xyxy)


@given(boxes(), st.integers(-2000, 2000), st.integers(-2000, 2000))
def test_growing_stays_inside_and_never_gets_empty(box: Box, dx: int, dy: int) -> None:
    assert_inside(grown(box, dx, dy, width=WIDTH, height=HEIGHT))


def test_an_edge_that_is_pulled_over_the_other_turns_the_box() -> None:
    assert resized(Box(100, 100, 200, 200), "e", 40.2, 0, width=WIDTH, height=HEIGHT) == Box(40, 100, 100, 200)
    assert resized(Box(100, 100, 200, 200), "nw", 300, 310, width=WIDTH, height=HEIGHT) == Box(200, 200, 300, 310)


def test_edges_that_are_not_pulled_keep_their_fractions() -> None:
    assert resized(Box(10.25, 20.5, 30.75, 40.5), "s", 0, 50.4, width=WIDTH, height=HEIGHT) == Box(
        10.25, 20.5, 30.75, 50
    )


def test_moving_stops_at_the_border_for_all_together() -> None:
    both = {"a": Box(10, 10, 50, 50), "b": Box(100, 100, 150, 150)}
    after, dx, _ = moved(both, -30, 0, width=WIDTH, height=HEIGHT)
    assert dx == -10
    assert after["b"] == Box(90, 100, 140, 150)


def test_the_smallest_box_under_the_pointer_is_meant() -> None:
    nested = [("big", Box(0, 0, 100, 100)), ("small", Box(40, 40, 60, 60)), ("far", Box(300, 300, 310, 310))]
    assert box_at(nested, 50, 50, reach=5) == "small"
    assert box_at(nested, 10, 10, reach=5) == "big"
    assert box_at(nested, 297, 305, reach=5) == "far"
    assert box_at(nested, 200, 200, reach=5) is None
    assert box_at(nested, 62, 50, reach=5) == "big"  # inside it, only near the small one


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (100, 100, "nw"),
        (92, 93, "nw"),
        (200, 100, "n"),
        (150, 103, "n"),  # the edge, not only the handle in its middle
        (300, 250, "se"),
        (296, 170, "e"),
        (200, 180, None),
        (320, 180, None),
    ],
)
def test_handles_and_edges_are_easy_to_hit(x: float, y: float, expected: Handle | None) -> None:
    assert handle_at((100, 100, 300, 250), x, y) == expected


def test_a_small_box_can_be_moved_by_its_inside_and_resized_from_outside() -> None:
    tiny = (100.0, 100.0, 112.0, 112.0)
    assert handle_at(tiny, 106, 106) is None
    assert handle_at(tiny, 96, 96) == "nw"
    assert handle_at(tiny, 116, 116) == "se"
    assert set(geometry.handle_points(tiny)) == set(geometry.CORNERS)


def test_a_band_selects_what_is_wholly_inside() -> None:
    several = [("in", Box(10, 10, 20, 20)), ("across", Box(10, 10, 80, 20))]
    assert geometry.boxes_inside(several, (0, 0, 50, 50)) == ("in",)
