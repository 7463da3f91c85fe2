"""Which proposals are taken, with numbers by hand."""

from __future__ import annotations

import time

from roi_assistant.core.box import Box, intersection_over_union
from roi_assistant.core.proposals import MOST_PHRASES, BoxesThere, best_boxes, new_boxes, proposal_at, typed_phrases
from roi_assistant.core.records import ScoredBox

LOW, HIGH = Box(0, 0, 100, 100), Box(200, 0, 300, 100)


def scored(*items: tuple[Box, float]) -> list[ScoredBox]:
    return [ScoredBox(box, score) for box, score in items]


def test_the_surest_come_first_and_not_more_than_wanted() -> None:
    third = Box(400, 0, 500, 100)
    found = scored((LOW, 0.3), (HIGH, 0.6), (third, 0.4))
    assert new_boxes(found, (), most=2) == (HIGH, third)


def test_boxes_of_low_score_are_left_out() -> None:
    assert new_boxes(scored((LOW, 0.2), (HIGH, 0.19)), (), most=9) == (LOW,)


def test_what_is_there_is_not_proposed_again_nor_twice() -> None:
    half = Box(0, 0, 100, 50)  # IoU 0.5 with LOW
    less = Box(0, 0, 100, 49)
    assert new_boxes(scored((half, 0.9)), (LOW,), most=9) == ()
    assert new_boxes(scored((less, 0.9)), (LOW,), most=9) == (less,)
    assert new_boxes(scored((LOW, 0.5), (half, 0.9)), (), most=9) == (half,)


def test_parts_of_a_better_box_are_left_out() -> None:
    handle = Box(80, 20, 110, 60)  # 20 of its 30 columns lie in LOW: two thirds
    lid = Box(10, -5, 60, 30)  # 30 of its 35 rows: 0.857
    found = scored((LOW, 0.9), (handle, 0.5), (lid, 0.4))
    assert new_boxes(found, (), most=9) == (LOW, handle)
    assert new_boxes(found, (), most=9, parts=True) == (LOW, handle, lid)
    assert new_boxes(scored((lid, 0.9), (LOW, 0.5)), (), most=9) == (lid, LOW), "a larger one is no part"
    assert new_boxes(scored((lid, 0.9)), (LOW,), most=9) == (lid,), "of what people drew there may be parts"


def test_overlap_is_that_of_boxes() -> None:
    boxes = [Box(x, y, x + w, y + 60) for w in (20, 30, 40) for x in range(0, 90, 5) for y in range(0, 90, 11)]
    for box in boxes[::5]:
        for other in boxes:
            assert BoxesThere([other]).has(box) == (intersection_over_union(box, other) >= 0.5)


def test_a_thousand_regions_and_two_hundred_proposals_are_compared_at_once() -> None:
    taken = [Box(x, y, x + 300, y + 300) for x in range(0, 4000, 100) for y in range(0, 2500, 100)]
    found = scored(*((Box(10 * n, 3 * n, 10 * n + 30, 3 * n + 400), 0.5) for n in range(200)))
    begun = time.perf_counter()
    assert len(new_boxes(found, taken, most=12)) == 12
    assert time.perf_counter() - begun < 1, "patience of a busy machine; it takes a few milliseconds"


def test_small_box_before_large_one_of_about_the_same_score_then_ever_larger() -> None:
    face, person, crowd = Box(40, 10, 60, 30), Box(20, 0, 90, 100), Box(0, 0, 400, 120)
    # score x nearness / side of the square: face .3 x 1 / 20 = .015; person .5 x (1 - .6^2) / 83.7 = .0038.
    found = scored((crowd, 0.6), (person, 0.5), (face, 0.3))
    assert [item.box for item in proposal_at(found, 50, 20)] == [face, person, crowd]
    assert [item.box for item in proposal_at(found, 50, 60)] == [person, crowd], "the face is elsewhere"
    assert proposal_at(found, 500, 20) == ()


def test_the_box_whose_middle_is_near_wins() -> None:
    left, right = Box(0, 0, 100, 100), Box(40, 0, 140, 100)
    assert proposal_at(scored((left, 0.5), (right, 0.4)), 80, 50)[0].box == right  # nearness .64 and .96
    assert proposal_at(scored((left, 0.5), (right, 0.3)), 80, 50)[0].box == left  # .5 x .64 = .32 and .3 x .96 = .29


def test_a_sure_large_box_before_an_unlikely_small_one_which_is_not_among_the_larger() -> None:
    bit, thing = Box(45, 45, 55, 55), Box(0, 0, 100, 100)
    found = scored((thing, 0.9), (bit, 0.06))  # .9 / 100 = .009 and .06 / 10 = .006
    assert [item.box for item in proposal_at(found, 50, 50)] == [thing]
    assert [item.box for item in proposal_at(scored((thing, 0.9), (bit, 0.1)), 50, 50)] == [bit, thing]
    assert proposal_at(scored((bit, 0.04)), 50, 50) == (), "nobody would draw that"


def test_of_boxes_of_about_the_same_size_the_likeliest_is_the_larger_one() -> None:
    first, little_larger = Box(40, 40, 60, 60), Box(39, 39, 61, 61)  # 400 and 484: less than 1.4 times
    second, other = Box(30, 30, 70, 70), Box(28, 30, 72, 72)  # 1600 and 1848
    found = scored((first, 0.8), (little_larger, 0.7), (second, 0.3), (other, 0.5))
    assert [item.box for item in proposal_at(found, 50, 50)] == [first, other]


def test_typed_phrases() -> None:
    assert typed_phrases(" red car,Traffic  sign;\nred CAR，猫、") == ("red car", "Traffic sign", "猫")
    assert typed_phrases(" , ") == ()
    assert len(typed_phrases(",".join(map(str, range(500))))) == MOST_PHRASES
    assert typed_phrases("x" * 500) == ("x" * 100,)


def test_the_best_boxes_of_each_label() -> None:
    first, nearly, far = Box(0, 0, 100, 100), Box(0, 0, 100, 90), Box(200, 0, 300, 100)
    found = [
        ScoredBox(nearly, 0.7, "cat"),
        ScoredBox(first, 0.9, "cat"),
        ScoredBox(nearly, 0.6, "dog"),
        ScoredBox(first, 0.5, "dog"),
        ScoredBox(far, 0.4, "cat"),
    ]
    assert best_boxes(found, most=9) == (found[1], found[2], found[4])
    assert best_boxes(found, most=9, across_labels=True) == (found[1], found[4])
    assert best_boxes(found, most=1) == (found[1],)
