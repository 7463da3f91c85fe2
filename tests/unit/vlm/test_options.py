"""Letters as answers, with log probabilities made by hand, and what becomes of an attribute."""

from __future__ import annotations

import math

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import (
    AttributeDefinition,
    AttributeSchema,
    DescribeRequest,
    Prompts,
    RegionText,
    ScoredText,
    SuggestedAttribute,
)
from roi_assistant.vlm.answers import Token
from roi_assistant.vlm.options import (
    MOST_OPTIONS,
    OptionsRead,
    closed_questions,
    lettered,
    read_letters,
    read_weights,
    with_reads,
)

SCHEMA = AttributeSchema(
    "s",
    (
        AttributeDefinition("color", "single", ("red", "blue"), "What color is <region1>?"),
        AttributeDefinition("lit", "boolean"),
        AttributeDefinition("marks", "multi", ("a", "b")),
        AttributeDefinition("note", "text"),
        AttributeDefinition("kind", "single", tuple(f"kind {n}" for n in range(MOST_OPTIONS))),
        AttributeDefinition("side", "single", ("left",)),
    ),
)
ORDER = [attribute.name for attribute in SCHEMA.attributes]
COLOR, LIT = closed_questions(DescribeRequest(attributes=SCHEMA))[:2]


def place(*tokens: tuple[str, float]) -> list[Token]:
    return [Token(text, math.log(probability)) for text, probability in tokens]


def test_which_attributes_are_closed() -> None:
    asked = closed_questions(
        DescribeRequest(attributes=SCHEMA, prompts=Prompts(attributes=(("color", "Its main color?"),)))
    )
    assert [(one.name, one.text, one.options, one.is_boolean) for one in asked] == [
        ("color", "Its main color?", ("red", "blue", "not visible"), False),
        ("lit", "lit?", ("yes", "no", "not visible"), True),
    ]
    assert COLOR.text == "What color is it?"
    assert closed_questions(DescribeRequest()) == ()


def test_a_question_with_letters() -> None:
    assert lettered("Which?", ["red", "not visible"]) == (
        "Which?\nA: red\nB: not visible\nAnswer with the letter of the best one and nothing else."
    )


@pytest.mark.parametrize(
    ("places", "expected", "mass"),
    [
        ([place(("A", 0.6), ("B", 0.2), ("C", 0.1))], (6 / 9, 2 / 9, 1 / 9), 0.9),
        # The same letter behind a blank or in marks is the same answer.
        ([place(("A", 0.3), (" A", 0.2), ("\n\nB", 0.1), ("C)", 0.1))], (5 / 7, 1 / 7, 1 / 7), 0.7),
        # The one that was written is told once more among the likeliest.
        ([place(("B", 0.8), ("B", 0.8), ("A", 0.2))], (0.2, 0.8, 0.0), 1.0),
        # A letter that nobody named has nothing.
        ([place(("C", 0.5))], (0.0, 0.0, 1.0), 0.5),
        # A small letter is a word, a letter beyond the last no option, and a word no letter.
        ([place(("a", 0.6), ("B", 0.2), ("D", 0.1), ("Apple", 0.05))], (0.0, 1.0, 0.0), 0.2),
        # The answer follows a blank.
        ([place((" ", 0.9), ("C", 0.1)), place(("A", 0.7), ("B", 0.1))], (7 / 8, 1 / 8, 0.0), 0.8),
        # What stands in an answer in other words is not one.
        ([place(("The", 0.9), ("B", 0.01)), place(("A", 0.9))], (0.0, 1.0, 0.0), 0.01),
    ],
)
def test_letters_are_read(places: list[list[Token]], expected: tuple[float, ...], mass: float) -> None:
    read = read_letters(places, 3)
    assert read is not None and not read.is_forced
    assert read.probabilities == pytest.approx(expected, abs=1e-6)
    assert sum(read.probabilities) == pytest.approx(1)
    assert read.mass == pytest.approx(mass)


@pytest.mark.parametrize(
    "places",
    [[], [[]], [place(("The", 1.0))], [place((" ", 1.0))], [[Token("A", math.nan)]], [[Token("A", -math.inf)]]],
)
def test_without_a_letter_nothing_is_read(places: list[list[Token]]) -> None:
    assert read_letters(places, 3) is None


def test_weights_of_nothing() -> None:
    assert read_weights([0.0, 0.0]) is None
    assert read_weights([math.nan, 0.1]) is None


def said(**values: tuple[str, float]) -> RegionText:
    told = tuple(SuggestedAttribute(name, (value,), score) for name, (value, score) in values.items())
    return RegionText(Box(0, 0, 9, 9), ScoredText("a cup", 0.5), attributes=told)


def told(text: RegionText) -> dict[str, tuple[tuple[str, ...], float]]:
    return {one.name: (one.values, pytest.approx(one.score)) for one in text.attributes}


def test_the_likeliest_option_takes_the_place_of_what_was_written() -> None:
    reads = [OptionsRead(probabilities=(0.1, 0.8, 0.1)), OptionsRead(probabilities=(0.7, 0.2, 0.1), mass=0.9)]
    text = with_reads(said(note=("old", 0.4), color=("red", 0.9)), (COLOR, LIT), reads, order=ORDER)
    assert told(text) == {"color": (("blue",), 0.8), "lit": (("yes",), 0.7), "note": (("old",), 0.4)}
    assert [one.name for one in text.attributes] == ["color", "lit", "note"], "as the schema has them"


def test_what_cannot_be_seen_is_left_out() -> None:
    read = OptionsRead(probabilities=(0.1, 0.2, 0.7))
    assert told(with_reads(said(color=("red", 0.9)), (COLOR,), [read], order=ORDER)) == {}


def test_a_question_that_was_not_understood_makes_unsure_and_decides_nothing() -> None:
    read = OptionsRead(probabilities=(0.0, 1.0, 0.0), mass=0.2)
    assert told(with_reads(said(color=("red", 0.9)), (COLOR,), [read], order=ORDER)) == {"color": (("red",), 0.2)}
    assert told(with_reads(said(color=("red", 0.1)), (COLOR,), [read], order=ORDER)) == {"color": (("red",), 0.1)}
    assert told(with_reads(said(), (COLOR,), [read], order=ORDER)) == {}


def test_a_forced_answer_says_nothing_of_what_was_not_seen() -> None:
    read = OptionsRead(probabilities=(0.9, 0.1, 0.0), is_forced=True)
    assert told(with_reads(said(), (LIT,), [read], order=ORDER)) == {}
    assert told(with_reads(said(lit=("no", 0.6)), (LIT,), [read], order=ORDER)) == {"lit": (("yes",), 0.9)}


def test_without_a_read_what_was_written_stays() -> None:
    assert told(with_reads(said(color=("red", 0.9)), (COLOR,), [None], order=ORDER)) == {"color": (("red",), 0.9)}
