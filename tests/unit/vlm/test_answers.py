from __future__ import annotations

import json
import math

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeDefinition, AttributeSchema, DescribeRequest
from roi_assistant.vlm.answers import UNSCORED, Answer, Reading, Token, read_answer, span_score

BOX = Box(0, 0, 10, 10)
SCHEMA = AttributeSchema(
    "s",
    (
        AttributeDefinition("Color", "multi", ("red", "Dark Blue")),
        AttributeDefinition("shape", "single", ("round", "square")),
        AttributeDefinition("clean", "boolean"),
        AttributeDefinition("text", "text"),
    ),
)
REQUEST = DescribeRequest(attributes=SCHEMA, alternatives=2)


def _read(answer: object, request: DescribeRequest = REQUEST, *, cut: bool = False) -> Reading | None:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return read_answer(Answer(text=text, cut=cut), BOX, request)


def test_all_of_an_answer() -> None:
    reading = _read(
        {
            "caption": "  a \x0fred\n\x00cup ",
            "category": "Cup",
            "alternatives": ["a mug", "a red cup", "a mug", "a beaker", "a pot"],
            "attributes": {"color": ["RED", "dark blue"], "shape": "Round", "clean": True, "text": "COFFEE"},
        }
    )
    assert reading is not None and not reading.fault and reading.outside == ()
    text = reading.text
    assert text.category is not None and (text.caption.text, text.category.text) == ("a red cup", "cup")
    assert [other.text for other in text.alternatives] == ["a mug", "a beaker"]
    assert [(item.name, item.values) for item in text.attributes] == [
        ("Color", ("red", "Dark Blue")),
        ("shape", ("round",)),
        ("clean", ("yes",)),
        ("text", ("COFFEE",)),
    ]
    assert text.caption.score == UNSCORED and text.raw_output


def test_what_is_not_seen_is_left_out_and_what_the_schema_does_not_have_is_kept() -> None:
    reading = _read({"caption": "a cup", "attributes": {"color": ["not visible"], "shape": "oval", "clean": "unknown"}})
    assert reading is not None
    assert [(item.name, item.values) for item in reading.text.attributes] == [("shape", ("oval",))]
    assert reading.outside == (("shape", "oval"),)


@pytest.mark.parametrize(
    ("told", "values"),
    [
        (None, ()),
        (1, ()),
        ({}, ()),
        ([1, "red"], ("red",)),
        ("red", ("red",)),
        ("x" * 500, ("x" * 100,)),
        (["red"] * 99, ("red",)),
    ],
)
def test_odd_values(told: object, values: tuple[str, ...]) -> None:
    reading = _read({"caption": "a cup", "attributes": {"color": told}})
    assert reading is not None
    assert [item.values for item in reading.text.attributes] == ([values] if values else [])


def test_prose_is_a_caption_and_a_fault() -> None:
    reading = _read("**A red cup.**\nIt is on a table.")
    assert reading is not None and reading.text.caption.text == "A red cup." and reading.fault
    missing = _read({"category": "cup"})
    assert missing is not None and missing.text.caption.text == "cup" and missing.fault
    assert _read({"caption": 3, "category": ["cup"]}) is None
    assert _read("") is None and _read("<think>a cup") is None and _read('{"caption": ') is None


def test_an_answer_that_was_cut() -> None:
    reading = _read('{"caption": "a cup", "category": "cup", "alternatives": ["a m', cut=True)
    assert reading is not None and reading.text.caption.text == "a cup" and reading.fault


def test_nothing_is_told_that_was_not_asked_for() -> None:
    request = DescribeRequest(attributes=AttributeSchema("none"), alternatives=0, category=False)
    told = {"caption": "a cup", "category": "cup", "alternatives": ["x"], "attributes": {"color": "red"}}
    reading = _read(told, request)
    assert reading is not None and not reading.fault
    text = reading.text
    assert (text.category, text.alternatives, text.attributes) == (None, (), ())


def _tokens(*pieces: tuple[str, float]) -> tuple[Token, ...]:
    return tuple(Token(text, math.log(probability)) for text, probability in pieces)


def test_scores_are_of_the_tokens_of_the_words() -> None:
    tokens = _tokens(
        ('{"caption": "', 0.1), ("a ", 0.5), ("cup", 0.5), ('", "category": "', 0.1), ("cup", 0.8), ('"}', 0.1)
    )
    answer = Answer(text="".join(token.text for token in tokens), tokens=tokens)
    assert span_score(answer, "a cup") == pytest.approx(0.5)
    reading = read_answer(answer, BOX, DescribeRequest(attributes=AttributeSchema("none")))
    assert reading is not None and reading.text.category is not None
    assert reading.text.caption.score == pytest.approx(0.5)
    assert reading.text.category.score == pytest.approx(0.8), "behind its name, not in the caption"
    assert span_score(answer, "mug") == UNSCORED


def test_the_score_of_a_value_is_behind_its_name() -> None:
    tokens = _tokens(('{"caption": "a red cup", "attributes": {"color": "', 0.9), ("red", 0.25), ('"}}', 0.9))
    answer = Answer(text="".join(token.text for token in tokens), tokens=tokens)
    assert span_score(answer, "red", name="color") == pytest.approx(0.25)
    odd = Answer(text="red", tokens=(Token("red", -math.inf),))
    assert span_score(odd, "red") == UNSCORED
    assert span_score(Answer(text="red", tokens=(Token("red", 0.5),)), "red") == 1.0
