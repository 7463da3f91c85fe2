from __future__ import annotations

import pytest

from roi_assistant.core.phrase_comparison import (
    bare_words,
    canonical_value,
    clause_attributes,
    edit_distance,
    words_f1,
    words_of,
)


def test_bare_words_have_no_punctuation() -> None:
    assert bare_words("A man 's T-shirt!") == "a man s t shirt"


def test_sentences_tell_what_people_do_and_things_do_not_act() -> None:
    words = ["A", "man", "is", "riding", "a", "red", "bicycle", "."]
    assert clause_attributes(words, 0, 2)["action"] == ("riding",)
    assert clause_attributes(words, 4, 7) == {}


def test_values_are_compared_in_a_canonical_form() -> None:
    assert canonical_value("color", "Gold") == "yellow"
    assert canonical_value("color", "red") == "red"
    assert canonical_value("wearing", "blue shirts") == canonical_value("wearing", "shirt") == "shirt"
    assert canonical_value("material", "Wood ") == "wood"


@pytest.mark.parametrize(
    ("one", "two", "distance"),
    [
        ("", "", 0),
        ("a cup", "a cup", 0),
        ("a cup", "", 1),
        ("a red cup", "a large red cup", 1 / 4),
        ("a red cup", "a blue mug", 2 / 3),
        ("one two three", "two three one", 2 / 3),
    ],
)
def test_edit_distance_counts_words_of_the_longer_text(one: str, two: str, distance: float) -> None:
    assert edit_distance(words_of(one), words_of(two)) == pytest.approx(distance)
    assert edit_distance(words_of(two), words_of(one)) == pytest.approx(distance)


def test_words_are_counted_whatever_their_order_and_characters_of_chinese_one_by_one() -> None:
    assert words_of("A cup, red-hot") == ["a", "cup", "red", "hot"] and words_of("红杯 x") == ["红", "杯", "x"]
    assert words_f1(["a", "cup"], ["cup", "a"]) == 1 and words_f1([], []) == 1
    assert words_f1(["a", "a", "cup"], ["a", "mug"]) == pytest.approx(2 / 5)
