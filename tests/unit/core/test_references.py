"""``<region1>`` in an instruction."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roi_assistant.core.references import BOX_TOKEN, clean_answer, find_references, rewrite_references
from roi_assistant.errors import RegionReferenceError


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("what is <region1> doing to <region2>?", [1, 2]),
        ("<region3>, <region1> and <region3> again", [3, 1]),
        ("<2> beside <1>", [2, 1]),
        ("what is <>?", [1]),
        ("<Region1> <REGION2> <region 3> <region_4>", [1, 2, 3, 4]),
        ("<region007>", [7]),
        ("region1, <region>, <b>, a < 1 > b, <bbox>, <-1>", []),
        ("", []),
    ],
)
def test_find(text: str, numbers: list[int]) -> None:
    assert find_references(text) == numbers


@pytest.mark.parametrize(
    ("text", "n_boxes", "rewritten"),
    [
        ("what is <region1> doing to <region2>?", 2, "what is region1 <bbox> doing to region2 <bbox>?"),
        ("<2>, then <1>", 2, "region2 <bbox>, then region1 <bbox>"),
        ("what is <>?", 1, "what is region1 <bbox>?"),
        ("is <region1> like <region1>?", 1, "is region1 <bbox> like region1?"),
        ("no reference", 0, "no reference"),
        ("region1 in words", 0, "region1 in words"),
    ],
)
def test_rewrite(text: str, n_boxes: int, rewritten: str) -> None:
    assert rewrite_references(text, n_boxes) == rewritten


def test_boxes_of_earlier_turns_are_not_introduced_again() -> None:
    assert rewrite_references("is <1> behind <2>?", 2, introduced={1}) == "is region1 behind region2 <bbox>?"


@pytest.mark.parametrize(
    ("text", "n_boxes", "message"),
    [
        ("<region3>", 2, r"<region3> refers to a box that does not exist: there are 2 boxes, <region1> to <region2>"),
        ("<region0>", 2, "<region0> refers to a box that does not exist"),
        ("<region2>", 1, "there is one box, <region1>"),
        ("<1>", 0, "there are no boxes"),
        ("<>", 0, "there are no boxes"),
        ("<>", 3, "<> is ambiguous with 3 boxes"),
        ("what is <bbox>?", 1, "<bbox> is reserved"),
        ("<image> <region1>", 1, "<image> is reserved"),
        (f"<region{'9' * 6000}>", 2, "does not exist"),
    ],
)
def test_errors(text: str, n_boxes: int, message: str) -> None:
    with pytest.raises(RegionReferenceError, match=message) as caught:
        rewrite_references(text, n_boxes)
    assert caught.value.exit_code == 2


@settings(deadline=None)
@given(st.lists(st.integers(min_value=1, max_value=9), max_size=12))
def test_the_kth_token_belongs_to_the_kth_reference(numbers: list[int]) -> None:
    text = " and ".join(f"<region{number}>" for number in numbers)
    parts = rewrite_references(text, 9).split(BOX_TOKEN)
    introduced = [int(part.split("region")[-1]) for part in parts[:-1]]
    assert introduced == find_references(text)
    assert len(set(introduced)) == len(introduced) and set(introduced) == set(numbers)


@pytest.mark.parametrize(
    ("answer", "clean"),
    [
        ("a dog</s>", "a dog"),
        ("<s> a dog <unk> on a sofa", "a dog on a sofa"),
        ("a dog.\n### Human: and then?", "a dog."),
        ("Assistant: region1 <bbox> is left of region 2", "<region1> is left of <region2>"),
        ("<1> and <Region 2>", "<region1> and <region2>"),
        ("a region12x and a<b", "a region12x and a<b"),
        ("1. a dog\n2. a cat", "1. a dog\n2. a cat"),
    ],
)
def test_an_answer_without_the_marks_of_its_prompt(answer: str, clean: str) -> None:
    assert clean_answer(answer) == clean


@pytest.mark.parametrize("begun", ["a dog</", "a dog <unk", "a dog #", "a dog ##", "a dog <region1", "a dog region 1"])
def test_what_may_become_a_mark_is_held_back(begun: str) -> None:
    assert clean_answer(begun, finished=False) == "a dog"
