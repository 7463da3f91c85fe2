"""Boxes of a file beside those of the project."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import Caption, Provenance, Region
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.written_boxes import compare_boxes, compare_files


def region(id: str, box: Box, text: str) -> Region:
    return Region(id, box, captions=(Caption(text, Provenance("human", ""), preferred=True),))


CUP, DOG = region("a", Box(64, 120, 320, 480), "a cup"), region("b", Box(10, 10, 50, 50), "a dog")
PHOTO = AnnotatedImage("a.jpg", 640, 480, (CUP, DOG))


def moved(one: Region, by: float) -> Region:
    return replace(one, box=Box(one.box.x1 + by, one.box.y1, one.box.x2, one.box.y2))


def test_rounding_is_right_and_more_is_not() -> None:
    near = replace(PHOTO, regions=(moved(CUP, 0.3), moved(DOG, 0.5)))
    assert all(one.is_right for one in compare_boxes(PHOTO, near, rounding=lambda size: (0.5, 0.1)))
    cup, dog = compare_boxes(PHOTO, near, rounding=lambda size: (0.4, 0.4))
    assert cup.is_right and not dog.is_right
    assert dog.overlap == pytest.approx(39.5 / 40)
    assert not any(one.is_right for one in compare_boxes(PHOTO, near))


def test_words_pair_boxes() -> None:
    swapped = replace(PHOTO, regions=(replace(CUP, box=DOG.box), replace(DOG, box=CUP.box)))
    assert [one.expected for one in compare_boxes(PHOTO, swapped)] == [CUP.box, DOG.box], "each under its own words"
    assert not any(one.is_right for one in compare_boxes(PHOTO, swapped))


def test_what_was_not_written_is_passed_over_and_what_is_nowhere_is_wrong() -> None:
    assert [one.is_right for one in compare_boxes(PHOTO, replace(PHOTO, regions=(DOG,)))] == [True]
    more = replace(PHOTO, regions=(CUP, DOG, DOG))
    assert [one.is_right for one in compare_boxes(PHOTO, more)] == [True, True, False]
    outside = replace(PHOTO, regions=(region("c", Box(700, 10, 800, 50), "a cup"),))
    (one,) = compare_boxes(PHOTO, outside)
    assert not one.is_right and one.overlap == 0


def test_boxes_beyond_the_photo_are_clipped_on_both_sides() -> None:
    beyond = replace(PHOTO, regions=(region("a", Box(-50, 0, 700, 480), "all"),))
    inside = replace(PHOTO, regions=(region("1", Box(0, 0, 640, 480), "all"),))
    assert [one.is_right for one in compare_boxes(beyond, inside)] == [True]


def test_files() -> None:
    other = replace(PHOTO, file_name="b.jpg")
    (pair,) = compare_files([PHOTO, other, replace(PHOTO, width=None)], {"b.jpg": other})
    assert pair[0] is other and len(pair[1]) == 2
