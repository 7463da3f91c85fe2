"""The published prompts, word for word, and what is an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.core.records import Turn
from roi_assistant.errors import BadInputError, RegionReferenceError
from roi_assistant.models.gpt4roi.prompting import (
    answer_text,
    conversation_prompt,
    expand_image,
    has_ended,
    shared_text,
)

HEAD = (
    "A chat between a curious human and an artificial intelligence assistant. The assistant gives helpful, detailed, "
    "and polite answers to the human's questions.\n\n### Human: The <image> provides an overview of the picture.\n"
)


def user(text: str) -> Turn:
    return Turn("user", text)


def test_first_question() -> None:
    prompt = conversation_prompt([user("What can you tell me about <region1>?")], n_boxes=1)
    assert prompt.text == HEAD + "What can you tell me about region1 <bbox>?\n### "
    assert prompt.regions == (0,)
    assert prompt.text.startswith(shared_text())


def test_later_turns_say_known_regions_in_words_and_boxes_accumulate() -> None:
    turns = [
        user("What is <region2> doing?"),
        Turn("assistant", "Region2 is sleeping."),
        user("And <3>, next to <region2>?"),
        Turn("assistant", "It sits."),
        user("Does <region1> see <region3>?"),
    ]
    prompt = conversation_prompt(turns, n_boxes=3)
    assert prompt.text == HEAD + (
        "What is region2 <bbox> doing?\n### Assistant: Region2 is sleeping.\n"
        "### Human: And region3 <bbox>, next to region2?\n### Assistant: It sits.\n"
        "### Human: Does region1 <bbox> see region3?\n### "
    )
    assert prompt.regions == (1, 2, 0)


def test_a_question_without_regions() -> None:
    assert conversation_prompt([user(" Where is it? \n")], n_boxes=2).text == HEAD + "Where is it?\n### "


def test_tokens_in_the_models_own_answer_hold_no_features() -> None:
    turns = [user("a"), Turn("assistant", "b <bbox> c <image> <im_patch>[PAD]"), user("<region1>")]
    prompt = conversation_prompt(turns, n_boxes=1)
    assert prompt.text.count("<bbox>") == 1
    assert prompt.text.count("<image>") == 1
    assert "### Assistant: b  c\n" in prompt.text
    assert "[PAD]" not in prompt.text and "<im_patch>" not in prompt.text


@pytest.mark.parametrize("text", ["<region2>", "<region0>", "<bbox>", "a <image>", "<im_patch>", "[PAD]"])
def test_references_that_do_not_exist(text: str) -> None:
    with pytest.raises(RegionReferenceError):
        conversation_prompt([user(text)], n_boxes=1)


@pytest.mark.parametrize("turns", [[], [user("  ")], [user("a"), Turn("assistant", "b")]])
def test_there_must_be_a_question(turns: list[Turn]) -> None:
    with pytest.raises(BadInputError, match="no question"):
        conversation_prompt(turns, n_boxes=1)


def test_image_tokens() -> None:
    assert expand_image("a <image> b", image_tokens=3) == "a <im_start><im_patch><im_patch><im_patch><im_end> b"


@pytest.mark.parametrize(
    ("continuation", "unfinished", "finished"),
    [
        ("", "", ""),
        ("Assis", "", "Assis"),
        ("Assistant:", "", ""),
        ("Assistant: a dog", "a dog", "a dog"),
        (" Assistant: a dog\n##", "a dog", "a dog\n##"),
        ("Assistant: a dog\n### Human: why", "a dog", "a dog"),
        ("Assistant: C# ", "C", "C#"),
        ("Assistant: caf\ufffd", "caf", "caf\ufffd"),
        ("a dog", "a dog", "a dog"),
    ],
)
def test_answers(continuation: str, unfinished: str, finished: str) -> None:
    assert answer_text(continuation, finished=False) == unfinished
    assert answer_text(continuation, finished=True) == finished


@given(st.text(alphabet="a#\n \ufffd:", max_size=12), st.booleans())
def test_what_was_shown_is_never_taken_back(text: str, named: bool) -> None:
    whole = ("Assistant: " if named else "") + text
    shown = ""
    for stop in range(len(whole) + 1):
        part = answer_text(whole[:stop], finished=False)
        assert part.startswith(shown)
        shown = part
    assert answer_text(whole, finished=True).startswith(shown)


def test_end() -> None:
    assert has_ended("a dog\n###")
    assert not has_ended("a dog\n##")
