"""Plain questions are recognised in the wordings that people use; others are not."""

from __future__ import annotations

import pytest

from roi_assistant.captioners.mini.questions import PlainQuestion, plain_question, references, thing_of
from roi_assistant.core.prompts import normalise_question


def asked(text: str, regions: int = 1) -> PlainQuestion | None:
    return plain_question(normalise_question(text), regions=regions)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("What is <region1>?", "what"),
        ("what's this", "what"),
        ("Who is region 1?", "what"),
        ("Describe it.", "what"),
        ("What is in <region1>?", "what"),
        ("what kind of animal is it", "category"),
        ("What is the category of <region1>?", "category"),
        ("Which colour is it?", "color"),
        ("what is the color of region 1", "color"),
        ("What is it made of?", "material"),
        ("which material is <region1>", "material"),
        ("What is she wearing?", "wearing"),
        ("what does he wear", "wearing"),
        ("What is he doing?", "action"),
        ("Where is it?", "where"),
        ("On which side of the photo is <region1>?", "where"),
        ("How many are in <region1>?", "count"),
        ("How many people are there in <region1>?", "count"),
        ("what is next to <region1>", "beside"),
    ],
)
def test_wordings(text: str, kind: str) -> None:
    found = asked(text)
    assert found is not None and (found.kind, found.region, found.other) == (kind, 1, 0)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Is it a cat?", "is", ("cat",)),
        ("Is there a dog in <region1>?", "is", ("dog",)),
        ("is it made of wood", "is", ("made of wood",)),
        ("Is <region1> a man or a woman?", "choice", ("man", "woman")),
        ("man or woman?", "choice", ("man", "woman")),
        ("Is it red or blue?", "choice", ("red", "blue")),
        ("What color is her shirt?", "part color", ("shirt",)),
        ("what color is the shirt of <region1>", "part color", ("shirt",)),
    ],
)
def test_what_is_asked_of_it(text: str, kind: str, words: tuple[str, ...]) -> None:
    assert asked(text) == PlainQuestion(kind, 1, words=words)  # type: ignore[arg-type]


def test_regions_by_number() -> None:
    assert asked("what color is <region2>?", 3) == PlainQuestion("color", 2)
    assert asked("Is region 2 to the left of region 1?", 2) == PlainQuestion("side", 2, 1, side="left")
    assert asked("is <region1> behind <region2>", 2) == PlainQuestion("side", 1, 2, side="behind")
    assert asked("what is it", 3) == PlainQuestion("what", 1), "the first one"
    assert references("what is <region2> doing to <region1> and <region2>") == (2, 1)


@pytest.mark.parametrize(
    "text",
    [
        "What is <region1> doing to <region2>?",
        "Why is it there?",
        "what will <region1> do next",
        "what is <region3>",
        "is <region1> like <region2>",
        "describe the image",
        "",
    ],
)
def test_other_questions_are_left_to_the_decoder(text: str) -> None:
    assert asked(text, 2) is None
    assert asked("what is it", 0) is None


def test_a_thing_without_article_and_number() -> None:
    assert [thing_of(words) for words in ("a cup", "the dogs", "people")] == ["cup", "dog", "person"]
