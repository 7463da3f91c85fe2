"""Prompts: the shared prefix, the questions, and what people type."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from roi_assistant.core.prompts import (
    ANSWER,
    BOX,
    IMAGE_PATCH,
    MAX_REGIONS,
    QUESTION,
    QUESTIONS,
    REGION_NAMES,
    SPECIAL_TOKENS,
    Task,
    ask,
    normalise_question,
    prefix,
)


def test_prefix_of_two_regions() -> None:
    assert prefix(regions=2, image_tokens=2, region_tokens=3) == (
        "<s><im_start><im_patch><im_patch><im_end><region1><bbox><bbox><bbox><region2><bbox><bbox><bbox>"
    )


@pytest.mark.parametrize("regions", [0, 1, MAX_REGIONS])
def test_prefix_has_a_place_for_every_embedding(regions: int) -> None:
    text = prefix(regions=regions, image_tokens=5, region_tokens=6)
    assert text.count(IMAGE_PATCH) == 5
    assert text.count(BOX) == 6 * regions
    assert re.findall(r"<region\d>", text) == list(REGION_NAMES[:regions])


def test_prefix_grows_at_its_end() -> None:
    """A photo's part is computed once and continued for every region."""
    alone, one = (prefix(regions=n, image_tokens=5, region_tokens=6) for n in (0, 1))
    assert one == alone + REGION_NAMES[0] + BOX * 6


def test_question_ends_where_the_answer_begins() -> None:
    assert ask("what color is <region1>") == f"{QUESTION}what color is <region1>{ANSWER}"


def test_every_task_has_distinct_wordings_as_people_type_them() -> None:
    assert set(QUESTIONS) == set(get_args(Task))
    wordings = [wording for several in QUESTIONS.values() for wording in several]
    assert len(set(wordings)) == len(wordings)
    for task, several in QUESTIONS.items():
        assert len(several) == 3, task
        for wording in several:
            assert normalise_question(wording) == wording
            assert ("<region1>" in wording) is (task != "image")
            assert ("<region2>" in wording) is (task == "relation")
            assert ("{article}" in wording) is (task == "is_a")


def test_special_tokens_are_distinct_and_name_nine_regions() -> None:
    assert len(set(SPECIAL_TOKENS)) == len(SPECIAL_TOKENS) == 18
    assert REGION_NAMES[0] == "<region1>" and REGION_NAMES[-1] == "<region9>"


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("What color is <region1>?", "what color is <region1>"),
        ("  WHAT is <Region2>   doing to <1> ?? ", "what is <region2> doing to <region1>"),
        ("What is <>? And <region_2>, <region 3>?", "what is <region1>? and <region2>, <region3>"),
        ("Describe region 3.", "describe <region3>"),
        ("describe Region3!", "describe <region3>"),
        ("is region 1's hat red?", "is <region1>'s hat red"),
        ("what is in regions 4", "what is in regions 4"),
        ("describe subregion 2", "describe subregion 2"),
        ("how many 3 are there", "how many 3 are there"),
        ("describe\nthe image.", "describe the image"),
        ("why? because <region1>", "why? because <region1>"),
        ("", ""),
        (" ? ", ""),
    ],
)
def test_what_people_type(typed: str, question: str) -> None:
    assert normalise_question(typed) == question
    assert normalise_question(question) == question
