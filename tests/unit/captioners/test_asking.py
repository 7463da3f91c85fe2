"""Answers of captioners are checked and trimmed in one place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from roi_assistant.captioners.asking import describe_checked
from roi_assistant.core.box import Box
from roi_assistant.core.records import (
    Capability,
    CaptionerInfo,
    DescribeRequest,
    RegionText,
    ScoredText,
    SuggestedAttribute,
    Turn,
)
from roi_assistant.errors import CaptionerError

BOXES = (Box(0, 0, 5, 5), Box(5, 5, 9, 9))
TEXT = RegionText(
    Box(0, 0, 1, 1),
    ScoredText("a cup", 0.9),
    (ScoredText("a mug", 0.5), ScoredText("a bowl", 0.2)),
    attributes=(SuggestedAttribute("size", ("large",), 0.4), SuggestedAttribute("color", ("red",), 0.8)),
)


class Talker:
    """Gives ``answers`` whatever it is asked; drafts are one word."""

    def __init__(self, *answers: Any, capabilities: frozenset[Capability] = frozenset()) -> None:
        self.answers = answers
        self.info = CaptionerInfo("talker", "Talker", capabilities=capabilities)

    def set_image(self, image: Any) -> None: ...

    def describe(self, state: Any, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[Any]:
        yield from self.answers

    def draft(self, state: Any, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        for box in boxes:
            yield RegionText(box, ScoredText("draft", 0.5))

    def chat(self, state: Any, boxes: Sequence[Box], turns: Sequence[Turn]) -> Iterator[str]:
        yield ""

    def close(self) -> None: ...


def ask(captioner: Talker, request: DescribeRequest, *, draft: bool = False) -> list[RegionText]:
    return list(describe_checked(captioner, None, BOXES, request, image="a.png", draft=draft))


def test_answers_are_trimmed_to_the_request_and_about_the_boxes() -> None:
    first, second = ask(Talker(TEXT, TEXT), DescribeRequest(alternatives=1, attribute_score=0.5))
    assert (first.box, second.box) == BOXES
    assert [text.text for text in first.alternatives] == ["a mug"]
    assert [attribute.name for attribute in first.attributes] == ["color"]


def test_drafts_are_asked_for_only_where_the_captioner_says_that_it_makes_them() -> None:
    drafting = Talker(TEXT, TEXT, capabilities=frozenset({"drafts"}))
    assert [text.caption.text for text in ask(drafting, DescribeRequest(), draft=True)] == ["draft", "draft"]
    assert [text.caption.text for text in ask(drafting, DescribeRequest())] == ["a cup", "a cup"]
    assert [text.caption.text for text in ask(Talker(TEXT, TEXT), DescribeRequest(), draft=True)] == ["a cup", "a cup"]


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ((), "The model talker gave 0 answers about 2 boxes of a.png"),
        ((TEXT, "a cup"), "gave 1 answers about 2 boxes"),
        ((TEXT, TEXT, TEXT), "gave 3 answers about 2 boxes"),
        ((replace(TEXT, caption=ScoredText("a cup", 7.0)),), "gave a score of 7.0 on a.png"),
        ((replace(TEXT, specific=ScoredText("a cup", float("nan"))),), "gave a score of nan on a.png"),
        ((replace(TEXT, attributes=(SuggestedAttribute("size", ("large",), -0.1),)),), "gave a score of -0.1"),
    ],
)
def test_answers_that_are_none(answers: tuple[Any, ...], message: str) -> None:
    with pytest.raises(CaptionerError, match=message):
        ask(Talker(*answers), DescribeRequest())


def test_without_boxes_nothing_is_asked() -> None:
    assert list(describe_checked(Talker(TEXT), None, (), DescribeRequest(), image="a.png")) == []
