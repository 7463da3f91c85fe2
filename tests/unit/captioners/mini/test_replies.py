"""Answers from what is known of a region."""

from __future__ import annotations

import pytest

from roi_assistant.captioners.mini.questions import PlainQuestion, plain_question
from roi_assistant.captioners.mini.replies import CANNOT_TELL, Known, is_on_side, position, reply, reply_from_boxes
from roi_assistant.core.box import Box
from roi_assistant.core.prompts import normalise_question
from roi_assistant.core.records import RegionText, ScoredText, SuggestedAttribute

BOX = Box(100, 100, 200, 300)


def known(
    caption: str,
    category: str,
    *attributes: tuple[str, str, float],
    nouns: tuple[tuple[str, float], ...] = (),
    box: Box = BOX,
) -> Known:
    text = RegionText(
        box,
        ScoredText(caption, 0.8),
        category=ScoredText(category, 0.8),
        attributes=tuple(SuggestedAttribute(name, (value,), score) for name, value, score in attributes),
    )
    return Known(box, text, tuple(ScoredText(*pair) for pair in nouns))


DOG = known(
    "a brown dog", "dog", ("color", "brown", 0.8), ("action", "running", 0.6), nouns=(("dog", 0.7), ("puppy", 0.1))
)
WOMAN = known(
    "a woman in a red dress",
    "person",
    ("wearing", "red dress", 0.6),
    ("action", "standing", 0.2),
    nouns=(("woman", 0.5), ("girl", 0.2), ("man", 0.1)),
)
CUP = known(
    "a white cup", "cup", ("color", "white", 0.9), ("material", "plastic", 0.6), nouns=(("cup", 0.6), ("bowl", 0.2))
)


@pytest.mark.parametrize(
    ("about", "question", "answer"),
    [
        (DOG, "what is it?", "a brown dog"),
        (DOG, "what kind of animal is it?", "dog"),
        (DOG, "is it a cat?", "no"),
        (DOG, "is it a dog?", "yes"),
        (DOG, "is it an animal?", "yes"),
        (DOG, "is it running?", "yes"),
        (DOG, "is it sitting?", "no"),
        (DOG, "what is it doing?", "running"),
        (DOG, "is it brown?", "yes"),
        (DOG, "is it black or brown?", "brown"),
        (DOG, "what color is the dog?", "brown"),
        (DOG, "what is it made of?", CANNOT_TELL),
        (WOMAN, "is it a man or a woman?", "woman"),
        (WOMAN, "is she a woman?", "yes"),
        (WOMAN, "what color is her dress?", "red"),
        (WOMAN, "what color are her shoes?", CANNOT_TELL),
        (WOMAN, "what is she wearing?", "red dress"),
        (WOMAN, "what is she doing?", CANNOT_TELL),
        (CUP, "what is it made of?", "plastic"),
        (CUP, "is it made of wood?", "no"),
        (CUP, "is it a bowl?", CANNOT_TELL),
        (CUP, "what is it doing?", CANNOT_TELL),
        (CUP, "how many are in <region1>?", "one"),
    ],
)
def test_answers(about: Known, question: str, answer: str) -> None:
    plain = plain_question(normalise_question(question), regions=1)
    assert plain is not None and reply(plain, about) == answer


def test_places() -> None:
    places = {
        position(Box(x, y, x + 10, y + 10), width=300, height=300) for x in (10, 140, 280) for y in (10, 140, 280)
    }
    assert places == {
        *("in the upper left", "at the top", "in the upper right", "on the left", "in the middle", "on the right"),
        *("in the lower left", "at the bottom", "in the lower right"),
    }
    far, near = Box(0, 0, 10, 20), Box(50, 50, 90, 90)
    assert is_on_side("left", far, near) and is_on_side("above", far, near) and is_on_side("behind", far, near)
    assert not is_on_side("right", far, near) and is_on_side("in front", near, far)


def test_what_boxes_alone_tell() -> None:
    boxes = [Box(50, 50, 90, 90), Box(0, 0, 10, 20)]

    def told(question: PlainQuestion) -> str | None:
        return reply_from_boxes(question, boxes, width=600, height=400)

    assert told(PlainQuestion("side", 1, 2, side="below")) == "yes"
    assert told(PlainQuestion("side", 2, 1, side="below")) == "no"
    assert told(PlainQuestion("where", 1)) == "in the upper left"
    assert told(PlainQuestion("what", 1)) is None


def test_what_is_beside_it() -> None:
    fork = known("a fork", "fork", box=Box(210, 100, 230, 300))
    lamp = known("a lamp", "lamp", box=Box(580, 0, 600, 50))
    assert reply(PlainQuestion("beside", 1), CUP, [lamp, fork]) == "a fork"
    assert reply(PlainQuestion("beside", 1), CUP, [lamp]) == CANNOT_TELL
