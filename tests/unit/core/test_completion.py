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
