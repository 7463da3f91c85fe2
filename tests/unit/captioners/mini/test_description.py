"""A phrase is completed by what is sure, said nowhere yet, and makes sense of such a thing."""

from __future__ import annotations

import pytest

from roi_assistant.captioners.mini.description import described
from roi_assistant.core.records import SuggestedAttribute


def told(values: dict[str, str], score: float) -> list[SuggestedAttribute]:
    return [SuggestedAttribute(name, (value,), score, "pixels") for name, value in values.items()]


@pytest.mark.parametrize(
    ("phrase", "values", "text"),
    [
        ("a cup", {"color": "red", "material": "plastic"}, "a red plastic cup"),
        ("a dining table", {"material": "wood"}, "a wooden dining table"),
        ("a woman", {"wearing": "blue dress", "action": "walking"}, "a woman in a blue dress walking"),
        ("a person", {"wearing": "jeans"}, "a person in jeans"),
        ("a dog", {"color": "brown", "action": "lying"}, "a brown dog lying"),
        ("a wooden spoon", {"color": "brown"}, "a brown wooden spoon"),
        ("umbrellas", {"color": "red"}, "red umbrellas"),
        ("an umbrella", {"color": "black"}, "a black umbrella"),
    ],
)
def test_what_is_added(phrase: str, values: dict[str, str], text: str) -> None:
    assert described(phrase, told(values, 0.8)) == text


@pytest.mark.parametrize(
    ("phrase", "values"),
    [
        ("a red apple", {"color": "green"}),  # a color is said
        ("an orange", {"color": "orange"}),  # the name of a color
        ("two dogs", {"color": "white"}),
        ("his glove", {"color": "blue"}),
        ("a wine glass", {"color": "red"}),  # one sees through it
        ("a bottle", {"material": "wood"}),
        ("an airplane", {"material": "wood"}),  # airplanes have no material here
        ("a hydrant", {"action": "walking"}),  # a thing does nothing
        ("a dog", {"wearing": "shirt"}),  # only people wear something
        ("two men", {"wearing": "suit"}),
        ("a man in a hat", {"wearing": "red shirt"}),
        ("a man running", {"action": "standing"}),
        ("a dog", {"action": "riding"}),  # of something that is not known
        ("a man", {"color": "white"}),  # a person has no color
        ("an object", {"color": "red"}),
        ("a small boy in a blue shirt on a swing", {"action": "sitting"}),
    ],
)
def test_what_is_not_added(phrase: str, values: dict[str, str]) -> None:
    assert described(phrase, told(values, 0.9)) == phrase


def test_what_is_not_sure_enough_is_left_out() -> None:
    assert described("a cup", told({"color": "red"}, 0.5)) == "a cup"
    assert described("a cup", [SuggestedAttribute("color", ("red",), 0.9, "model")]) == "a cup", (
        "the pixels do not say so"
    )
    assert described("a cup", []) == "a cup"


def test_the_color_of_a_garment_must_be_seen() -> None:
    worn = told({"wearing": "red shirt"}, 0.8)
    assert described("a boy", worn, {"red": 0.2, "black": 0.5}) == "a boy in a red shirt"
    assert described("a boy", worn, {"red": 0.05, "black": 0.5}) == "a boy in a shirt"
    plain = told({"wearing": "black clothing"}, 0.8)
    assert described("a man", plain, {"black": 0.5}) == "a man in black clothing"
    assert described("a man", plain, {"white": 0.5}) == "a man", "everybody wears something"
