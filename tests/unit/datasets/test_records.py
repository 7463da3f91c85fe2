"""Conversations about boxes: what holds for all of them, by hand and for any text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roi_assistant.core.box import Box
from roi_assistant.core.records import Turn
from roi_assistant.datasets.records import (
    RegionSample,
    Segment,
    conversation,
    plain_lines,
    plain_text,
    segments,
    unit_box,
)
from roi_assistant.errors import FormatError


@pytest.mark.parametrize(
    ("box", "size", "expected"),
    [
        ((100, 50, 300, 200), (400, 200), (0.25, 0.25, 0.75, 1.0)),
        ((0, 0, 400, 200), (400, 200), (0.0, 0.0, 1.0, 1.0)),
        ((-10, 20, 50, 1000), (100, 200), (0.0, 0.1, 0.5, 1.0)),
        ((1, 1, 2, 3), (4, 8), (0.25, 0.125, 0.5, 0.375)),
    ],
)
def test_pixels_become_parts_of_the_photo(box: Any, size: Any, expected: Any) -> None:
    assert unit_box(Box(*box), width=size[0], height=size[1]) == expected


def test_and_back() -> None:
    sample = make(boxes=[(0.25, 0.25, 0.75, 1.0)], pairs=[("<image><bbox>", "a")])
    assert sample.pixel_boxes(width=400, height=200) == [Box(100, 50, 300, 200)]


def make(*, boxes: Any = (), pairs: Any = (("<image>?", "yes"),), turns: Any = None) -> RegionSample:
    return RegionSample("set", "7", "a.jpg", 4, 2, tuple(boxes), turns or conversation(*pairs))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"pairs": [("<image> <bbox>", "a")]}, "0 boxes"),
        ({"boxes": [(0, 0, 1, 1)]}, "1 boxes"),
        ({"pairs": [("what?", "a")]}, "<image>"),
        ({"pairs": [("<image>", "a"), ("<image>", "b")]}, "<image>"),
        ({"pairs": [("<image>", " ")]}, "empty"),
        ({"pairs": [("<image>", "a <bbox>")]}, "token"),
        ({"pairs": [("<image>", "a ### b")]}, "token"),
        ({"boxes": [(0, 0, 1, 1.01)], "pairs": [("<image><bbox>", "a")]}, "0..1"),
        ({"boxes": [(0.5, 0, 0.5, 1)], "pairs": [("<image><bbox>", "a")]}, "0..1"),
        ({"boxes": [(float("nan"), 0, 0.5, 1)], "pairs": [("<image><bbox>", "a")]}, "0..1"),
        ({"turns": (Turn("user", "<image>"),)}, "turns"),
        ({"turns": (Turn("assistant", "a"), Turn("user", "<image>"))}, "turns"),
    ],
)
def test_conversations_that_cannot_be_trained_on(arguments: Any, words: str) -> None:
    with pytest.raises(FormatError, match="sample 7") as caught:
        make(**arguments)
    assert words in str(caught.value)


def test_the_answers_are_learned_and_nothing_else() -> None:
    pieces = list(segments(conversation(("<image>\nWho?", "a cat"), ("Why?", "so")), system="S."))
    assert pieces == [
        Segment("S.\n\n### Human: <image>\nWho?\n### ", False),
        Segment("Assistant: a cat\n###", True),
        Segment(" Human: Why?\n### ", False),
        Segment("Assistant: so\n###", True),
    ]


WORDS = st.lists(
    st.sampled_from(["<", ">", "bbox", "image", "#", "##", "a", " ", "\n", "<image>", "<s>", "1", "region"])
)


@settings(deadline=None)
@given(st.text() | WORDS.map("".join))
def test_texts_of_data_sets_hold_no_tokens(text: str) -> None:
    for clean in (plain_text(text), plain_lines(text)):
        assert not any(token in clean for token in ("<bbox>", "<image>", "###", "<s>", "<1>", "<>", "<region1>"))
        assert plain_lines(clean) == clean
    assert plain_text(plain_text(text)) == plain_text(text)


def test_other_texts_stay() -> None:
    assert plain_text(" a  b\n#1 < 2 > <b> ") == "a b #1 < 2 > <b>"
    assert plain_lines("a  b\n\n c ") == "a b\n\nc"
    assert plain_text("<<bbox>>") == "bbox"
