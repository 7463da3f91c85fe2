"""What is proposed to a person who types a caption."""

from __future__ import annotations

import pytest

from roi_assistant.core.completion import completion

NAMES = dict.fromkeys(("head", "helmet", "shirt", "cat", "cattle", "space", "space shuttle", "station"))


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("a he", "ad"),  # the most frequent name
        ("a hel", "met"),
        ("A Hel", "met"),
        ("a h", ""),  # too little to go on
        ("a helmet", ""),
        ("a cat", ""),  # finished, and not the beginning of cattle
        ("a catt", "le"),
        ("a white sp", "ace"),  # "a white space" may be meant
        ("a white space", ""),
        ("a white space ", "shuttle"),
        ("a space s", "huttle"),  # the name goes before one that begins with its last word
        ("a space st", "ation"),
        ("", ""),
        ("   ", ""),
        ("a ", ""),
    ],
)
def test_names_are_completed(text: str, rest: str) -> None:
    assert completion(text, phrases=(), words=NAMES) == rest


def test_whole_captions_come_first_and_keep_their_letters() -> None:
    phrases = ("a Red tower", "a red shirt")
    assert completion("a r", phrases=phrases, words=NAMES) == "ed tower"
    assert completion("A RED s", phrases=phrases, words=NAMES) == "hirt"
    assert completion("a red tower", phrases=phrases, words=NAMES) == ""
    assert completion("a ", phrases=phrases, words=NAMES) == "Red tower"
    assert completion("a", phrases=phrases, words=NAMES) == " Red tower"
    assert completion("a red h", phrases=(), words=()) == ""


def test_names_that_the_thing_may_well_have_come_first_and_from_the_first_letter() -> None:
    likely = ("station", "cat", "hat")
    assert completion("a h", phrases=(), words=NAMES, likely=likely) == "at"
    assert completion("a s", phrases=(), words=NAMES, likely=likely) == "tation"
    assert completion("a he", phrases=(), words=NAMES, likely=likely) == "ad"
    assert completion("a ", phrases=(), words=NAMES, likely=likely) == ""
    assert completion("a", phrases=(), words=NAMES, likely=("apple",)) == "pple"
    assert completion("a hat", phrases=(), words=NAMES, likely=likely) == ""
