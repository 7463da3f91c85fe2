from __future__ import annotations

from roi_assistant.core.phrase_comparison import bare_words, canonical_value, clause_attributes


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
