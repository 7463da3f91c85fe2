"""Thoughts in an answer that comes in pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.vlm.lenient_json import spoken


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A cat.", "A cat."),
        ("<think>a dog</think>\n\nA cat.", "A cat."),
        ("It is <THINKING>a dog</THINKING>a cat.", "It is a cat."),
        ("<think>a dog", ""),
        ("</think>A cat.", "A cat."),
        ("<think>a <reasoning> dog</think>A cat.", "A cat."),
        ("1 < 2 and <b>bold</b> <thin", "1 < 2 and <b>bold</b> <thin"),
    ],
)
def test_what_is_spoken(text: str, expected: str) -> None:
    for size in range(1, len(text) + 1):
        assert "".join(spoken(text[at : at + size] for at in range(0, len(text), size))) == expected


def test_nothing_is_held_back_without_need() -> None:
    pieces = iter(["A ", "cat", " <i", ">sits"])
    assert list(spoken(pieces)) == ["A ", "cat", " ", "<i>sits"]


@given(st.lists(st.sampled_from(["a", "<", "think", "</", ">", "<think>", "</think>", " "]), max_size=20))
def test_how_it_is_divided_does_not_matter(pieces: list[str]) -> None:
    assert "".join(spoken(iter(pieces))) == "".join(spoken(iter(["".join(pieces)])))
