"""The category that a caption brings, and the attributes that it leaves standing."""

from __future__ import annotations

import pytest

from roi_assistant.core.caption_category import agrees, category_of_caption, fits, mentions
from roi_assistant.core.records import Attribute
from tests.unit.region_records import HUMAN, MINI


@pytest.mark.parametrize(
    ("caption", "category"),
    [
        ("a red bed", "bed"),
        ("a bathtub", "bathtub"),
        ("a brown teddy bear", "teddy bear"),
        ("two small dogs", "dog"),
        ("a woman in a red hat", "person"),
        ("the left wheel of a car", "wheel"),
        ("a cup of coffee", "cup"),
        ("a slice of pizza", "pizza"),
        ("a shiny flurbl", "flurbl"),
        ("bus 13", "bus"),
        ("a red bus #4", "bus"),
    ],
)
def test_a_caption_brings_the_category_of_its_noun(caption: str, category: str) -> None:
    assert category_of_caption(caption, category="sofa") == category
    assert category_of_caption(caption, category=None) == category


@pytest.mark.parametrize(
    ("caption", "category"),
    [
        ("a red couch", "sofa"),
        ("sofas", "sofa"),
        ("a dalmatian", "dog"),
        ("a woman", "person"),
        ("a cup of tea", "cup"),
    ],
)
def test_a_category_for_the_same_thing_stays(caption: str, category: str) -> None:
    assert category_of_caption(caption, category=category) == category


def test_object_is_no_category_of_a_thing() -> None:
    assert category_of_caption("a cup", category="object") == "cup"
    assert category_of_caption("a pizza", category="food") == "pizza"
    assert category_of_caption("an animal", category="animal") == "animal"
    assert not agrees("object", "cup") and agrees("object", "object")


def test_a_narrower_category_does_not_stay() -> None:
    assert category_of_caption("a white dog", category="dalmatian") == "dog"


def test_the_models_own_word_for_the_same_thing_comes_first() -> None:
    assert category_of_caption("a settee", category="bed", guesses=("chair", "couch")) == "couch"
    assert category_of_caption("a silver toaster oven", category="bed", guesses=("toaster oven",)) == "toaster oven"


def test_the_projects_earlier_category_for_the_noun() -> None:
    earlier = {"flurbl": "gizmo", "一张红色的床": "床"}.get
    assert category_of_caption("a shiny flurbl", category="sofa", earlier=earlier) == "gizmo"
    assert category_of_caption("一张红色的床", category="sofa", earlier=earlier) == "床"


@pytest.mark.parametrize("caption", ["another one", "一只猫", "white", ""])
def test_captions_without_a_noun_bring_none(caption: str) -> None:
    assert category_of_caption(caption, category="sofa") is None


COLOR = Attribute("color", ("red",), MINI, 0.7)
PIXELS = Attribute("color", ("red",), MINI, 0.7, "pixels")
ACTION = Attribute("action", ("sitting",), MINI, 0.6)
WEARING = Attribute("wearing", ("red shirt", "hat"), MINI, 0.6)


@pytest.mark.parametrize(
    ("caption", "attribute", "same", "other"),
    [
        ("a cup", COLOR, True, False),
        ("a cup", PIXELS, True, True),
        ("a red bed", COLOR, True, True),
        ("a blue bed", COLOR, False, False),
        ("a blue bed", PIXELS, False, False),
        ("a teddy bear", ACTION, True, False),
        ("a teddy bear sitting on a chair", ACTION, True, True),
        ("a teddy bear with a hat", WEARING, True, True),
        ("a man in a blue coat", WEARING, True, False),
    ],
)
def test_what_still_fits(caption: str, attribute: Attribute, same: bool, other: bool) -> None:
    assert fits(caption, attribute, same_thing=True) is same
    assert fits(caption, attribute, same_thing=False) is other


def test_a_value_is_mentioned_as_a_word() -> None:
    assert mentions("a gold cup", Attribute("color", ("yellow",), MINI)), "the lexicon's basic color"
    assert mentions("a cup, Vintage", Attribute("style", ("vintage",), HUMAN))
    assert not mentions("a hatchet", Attribute("wearing", ("hat",), MINI))
    assert not mentions("a cup", Attribute("style", ("",), HUMAN))
