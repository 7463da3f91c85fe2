"""Values in the sentences of a chatting model."""

from __future__ import annotations

import pytest

from roi_assistant.captioners.gpt4roi.short_answers import (
    attribute_questions,
    attribute_values,
    category_name,
    short_answer,
)
from roi_assistant.core.records import AttributeDefinition, AttributeSchema

COLOR = AttributeDefinition("color", "multi", ("blue", "dark blue", "red", "white"))
SIZE = AttributeDefinition("size", "single", ("small", "large"))
WET = AttributeDefinition("wet", "boolean")
TEXT = AttributeDefinition("brand", "text")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("blue", "blue"),
        ("Blue.", "Blue"),
        ("The color of region1 is dark blue.", "dark blue"),
        ("It is a wooden table. It stands in a room.", "wooden table"),
        ("region1 is made of wood", "made of wood"),
        ("Category: the dog", "dog"),
        ("A man\nwith a hat", "man"),
        ("1.5 liters", "1.5 liters"),
        ("", ""),
    ],
)
def test_short_answers(text: str, expected: str) -> None:
    assert short_answer(text) == expected


def test_categories() -> None:
    assert category_name("The category of region1 is Person.") == "person"
    assert category_name(" .") == "object"


@pytest.mark.parametrize(
    ("attribute", "text", "expected"),
    [
        (COLOR, "Red and white.", ("red", "white")),
        (COLOR, "It is dark blue", ("dark blue",)),
        (COLOR, "blueish", ()),
        (COLOR, "a colored one", ()),
        (SIZE, "Large, not small", ("large",)),
        (SIZE, "no idea", ()),
        (WET, "Yes, it is.", ("yes",)),
        (WET, "no", ("no",)),
        (WET, "It may be", ()),
        (WET, "Nothing", ()),
        (TEXT, "The brand is Acme.", ("acme",)),
        (TEXT, "Unknown", ()),
        (TEXT, "", ()),
    ],
)
def test_values_of_attributes(attribute: AttributeDefinition, text: str, expected: tuple[str, ...]) -> None:
    assert attribute_values(attribute, text) == expected


def test_questions_of_a_schema() -> None:
    own = AttributeDefinition("mood", "text", (), "how does <region1> feel")
    schema = AttributeSchema("s", (COLOR, SIZE, WET, own))
    assert [question for _, question in attribute_questions(schema)] == [
        "What color is <region1>? Using only one word or phrase.",
        "What is the size of <region1>? Using only one word or phrase.",
        "Is <region1> wet? Answer yes or no.",
        "How does <region1> feel? Using only one word or phrase.",
    ]
    assert attribute_questions(AttributeSchema("none")) == []
    assert {a.kind for a, _ in attribute_questions(None)} == {"text"}
