"""Snapping and drags, without a window."""

from __future__ import annotations

import pytest

from roi_assistant.core.box import Box
from roi_assistant.ui.canvas.gestures import DrawGesture, MoveGesture, ResizeGesture
from roi_assistant.ui.canvas.snapping import SnapLines, nearest, snap_lines, snap_point, snap_shift

LINES = snap_lines([Box(100, 50, 200, 150)], width=640, height=480)


def test_lines_are_those_of_boxes_and_of_the_image() -> None:
    assert SnapLines((0.0, 100.0, 200.0, 640.0), (0.0, 50.0, 150.0, 480.0)) == LINES


@pytest.mark.parametrize(("value", "expected"), [(96, 100), (104, 100), (108, None), (-3, 0), (643, 640), (150, None)])
def test_the_nearest_line_pulls_within_reach(value: float, expected: float | None) -> None:
    assert nearest(LINES.xs, value, 5) == expected


def test_without_reach_nothing_pulls() -> None:
    assert snap_point(100.0, 51.0, LINES, reach=0).line_x is None
    assert snap_shift(Box(10, 10, 20, 20), 79.5, 0, LINES, reach=0).x == 79.5


def test_the_nearer_edge_of_a_moved_box_decides() -> None:
    snapped = snap_shift(Box(0, 200, 97, 300), 4, 0, LINES, reach=5)  # left edge at 4, right edge at 101
    assert (snapped.x, snapped.line_x) == (3, 100)


def test_drawing_snaps_both_corners_and_can_be_kept_from_it() -> None:
    gesture = DrawGesture((103, 148), 640, 480, LINES, reach=5)
    gesture.update(197, 300, reach=5)
    assert gesture.result(3) == Box(100, 150, 200, 300)
    assert gesture.guides == (200, None)
    gesture.update(197, 300, reach=0)
    assert gesture.result(3) == Box(103, 148, 197, 300)


def test_a_click_or_a_hair_draws_nothing() -> None:
    gesture = DrawGesture((300, 300), 640, 480, LINES, reach=0)
    assert gesture.result(3) is None
    gesture.update(400, 301, reach=0)
    assert gesture.result(3) is None


def test_drawing_outside_is_cut_to_the_image() -> None:
    gesture = DrawGesture((600, 400), 640, 480, LINES, reach=0)
    gesture.update(900, 1000, reach=0)
    assert gesture.result(3) == Box(600, 400, 640, 480)
    beside = DrawGesture((700, 10), 640, 480, LINES, reach=0)
    beside.update(800, 100, reach=0)
    assert beside.result(3) is None


def test_moved_boxes_snap_as_one_and_start_from_where_they_were() -> None:
    before = {"a": Box(300, 300, 340, 340), "b": Box(400, 300, 437, 340)}
    gesture = MoveGesture((310, 310), before, 640, 480, LINES)
    gesture.update(310 + 200, 310, reach=5)  # the right edge of both would be at 637
    assert gesture.boxes["b"] == Box(603, 300, 640, 340)
    assert gesture.guides[0] == 640
    gesture.update(311, 310, reach=0)
    assert gesture.boxes["a"] == Box(301, 300, 341, 340)
    assert before["a"] == Box(300, 300, 340, 340)


def test_resizing_keeps_the_distance_between_hand_and_edge() -> None:
    gesture = ResizeGesture((343, 320), "a", Box(300, 300, 340, 340), "e", 640, 480, LINES)
    gesture.update(373, 999, reach=0)
    assert gesture.boxes == {"a": Box(300, 300, 370, 340)}
