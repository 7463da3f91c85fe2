"""Captions are set right: garbled ones, colors that the pixels speak against, spaces before commas."""

from __future__ import annotations

import pytest

from roi_assistant.captioners.mini.wording import is_garbled, once, recolor, written

NAMES = ("red", "blue", "green", "gold", "orange", "brown", "black", "white")


def mostly(name: str) -> dict[str, float]:
    return {other: 0.93 if other == name else 0.01 for other in NAMES}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a black cup", "a red cup"),
        ("two black cups", "two red cups"),
        ("the black cup on a table", "the red cup on a table"),
        ("a red cup", "a red cup"),
        ("a cup", "a cup"),
        ("a white and black cup", "a white and black cup"),
        ("a man in a black hat", "a man in a black hat"),
        ("a blonde woman", "a blonde woman"),
        ("", ""),
    ],
)
def test_color_that_the_pixels_speak_against_is_replaced(text: str, expected: str) -> None:
    assert recolor(text, mostly("red"), below=0.1, at_least=0.5) == expected


def test_article_fits_the_new_color() -> None:
    assert recolor("a black cup", mostly("orange"), below=0.1, at_least=0.5) == "an orange cup"
    assert recolor("an orange cup", mostly("black"), below=0.1, at_least=0.5) == "a black cup"


@pytest.mark.parametrize("text", ["a dog with a black collar", "a building with blue windows", "an orange"])
def test_color_of_something_else_stays(text: str) -> None:
    assert recolor(text, mostly("brown"), below=0.1, at_least=0.5) == text


def test_color_is_replaced_only_when_that_is_clear() -> None:
    doubtful = {"red": 0.6, "black": 0.2, "white": 0.2}
    assert recolor("a black cup", doubtful, below=0.1, at_least=0.5) == "a black cup"
    assert recolor("a black cup", doubtful, below=0.3, at_least=0.7) == "a black cup"
    assert recolor("a black cup", doubtful, below=0.3, at_least=0.5) == "a red cup"
    assert recolor("a black cup", {}, below=0.3, at_least=0.5) == "a black cup"


@pytest.mark.parametrize(
    "phrase",
    [
        "",
        "a red ,",
        "a black , black , , and",
        "a man in a",
        "a person of a person",
        "a person 's person",
        "a person white person",
        "the window of a window",
        "two dogs and a dog",
        "an orange orange",
        "a yellow , white and blue and white",
        "red , white , and red flag",
    ],
)
def test_what_nobody_would_write_is_garbled(phrase: str) -> None:
    assert is_garbled(phrase)


@pytest.mark.parametrize(
    "phrase",
    [
        "a man",
        "blue",
        "it",
        "a boy in a red shirt and a red hat",
        "a black , white , and brown dog",
        "a man with another man",
        "one man behind the other men",
        "a person 's hand",
        "a black and white dog with a black collar",
        "a woman in a white , sleeveless dress",
    ],
)
def test_what_people_write_is_not(phrase: str) -> None:
    assert not is_garbled(phrase)


def test_words_that_follow_themselves_are_said_once() -> None:
    assert once("a black black table") == "a black table"
    assert once("a white and white building") == "a white building"
    assert once("a man and a man") == "a man and a man"


def test_commas_and_genitives_follow_their_word() -> None:
    assert written("a black , white and brown dog 's tail") == "a black, white and brown dog's tail"
    assert written("a eye of an dog with an uniform") == "an eye of a dog with a uniform"
    assert written("a boy holding the ' stop ' sign") == "a boy holding the ' stop ' sign"
