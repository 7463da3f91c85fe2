"""What a region may be called instead: its own alternatives first, then what people said before."""

from __future__ import annotations

import pytest

from roi_assistant.core import review
from roi_assistant.core.box import Box
from roi_assistant.core.offers import Offers, offers, take_offer
from roi_assistant.core.records import Caption, Provenance, Region
from roi_assistant.errors import BadInputError

MODEL = Provenance("model", "2026-01-01T00:00:00Z", model_id="mini")
LATER = "2026-01-02T00:00:00Z"


def region(alternatives: int) -> Region:
    words = ["a cat", *(f"guess {n}" for n in range(alternatives))]
    captions = tuple(Caption(text, MODEL, 0.5, preferred=n == 0) for n, text in enumerate(words))
    return Region("r", Box(0, 0, 9, 9), captions=captions)


def shown(offered: Offers) -> list[str]:
    return [*(caption.text for caption in offered.alternatives), *offered.earlier]


def test_without_earlier_captions_all_alternatives_are_offered() -> None:
    assert shown(offers(region(7))) == [f"guess {n}" for n in range(7)]


def test_earlier_captions_stand_below_and_move_no_digit() -> None:
    earlier = ["a tabby", "a cat", "a kitten", "a lion"]
    guesses = [f"guess {n}" for n in range(5)]
    assert shown(offers(region(5), earlier=earlier)) == [*guesses, "a tabby", "a kitten"]
    assert shown(offers(region(2), earlier=earlier)) == ["guess 0", "guess 1", "a tabby", "a kitten"]


def test_what_the_region_has_is_not_offered_twice() -> None:
    assert offers(region(2), earlier=["A cat", "GUESS 1", "a cat"]).earlier == ()


def test_an_alternative_is_chosen_and_an_earlier_caption_is_written() -> None:
    cat = region(5)
    offered = offers(cat, earlier=["a tabby"])
    chosen = take_offer(cat, offered, 1, at=LATER)
    assert chosen == review.choose_alternative(cat, 1, at=LATER) and chosen.state == "accepted"
    written = take_offer(cat, offered, 5, at=LATER)
    caption = review.preferred_caption(written)
    assert caption is not None and (caption.text, caption.provenance) == ("a tabby", Provenance("human", LATER))
    assert written.state == "edited"


@pytest.mark.parametrize("index", [-1, 6])
def test_a_digit_without_a_row_is_refused(index: int) -> None:
    cat = region(5)
    with pytest.raises(BadInputError, match=f"no alternative {index + 1}: the region has 6"):
        take_offer(cat, offers(cat, earlier=["a tabby"]), index, at=LATER)
