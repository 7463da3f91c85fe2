"""How much of a text is shown."""

from __future__ import annotations

import pytest

from roi_assistant.core.caption_category import noun_of
from roi_assistant.core.categories import broader_words
from roi_assistant.core.lexicon import hypernym
from roi_assistant.core.text_bounds import shortened, with_both_ends

LONG = "word " * 400_000


@pytest.mark.parametrize("cut", [shortened, with_both_ends])
def test_a_text_is_no_longer_than_what_is_shown(cut: object) -> None:
    assert callable(cut)
    for text in (LONG, "x" * 2_000_000):
        assert len(cut(text)) <= 1000 and "…" in cut(text)
        assert len(cut(text, 60)) <= 60
    assert cut("a dog") == "a dog"


def test_a_text_is_cut_between_words_and_a_name_in_its_middle() -> None:
    assert shortened("a dog on a lawn", 10) == "a dog on…"
    assert with_both_ends("photo-000001.jpg", 9) == "phot….jpg"


def test_words_about_a_long_text_are_found_in_no_time() -> None:
    assert noun_of("a dog on a lawn " + LONG) == "dog"
    assert list(broader_words(LONG)) == [LONG]
    assert hypernym(LONG + "dog") == "animal"
