"""Rules about the words of one region."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.lint.findings import LintImage
from roi_assistant.core.lint.words import (
    are_different_kinds,
    captions_against_categories,
    color_against_caption,
    empty_captions,
    values_outside_schema,
    wants_colors,
)
from roi_assistant.core.records import (
    Attribute,
    AttributeDefinition,
    AttributeSchema,
    Caption,
    Region,
    ScoredText,
)
from tests.unit.region_records import HUMAN, MINI


def region(caption: str, category: str | None = None, *, box: Box | None = None) -> Region:
    return Region("r", box or Box(0, 0, 50, 50), category, (Caption(caption, HUMAN, preferred=True),), state="accepted")


def image(*regions: Region) -> LintImage:
    return LintImage(key="a.jpg", regions=regions)


@pytest.mark.parametrize(
    ("caption", "says_something"), [("", 0), (" .", 0), ("?!", 0), ("7", 1), ("狗", 1), ("dog", 1)]
)
def test_a_caption_that_says_nothing(caption: str, says_something: int) -> None:
    assert len(list(empty_captions(image(region(caption))))) == 1 - says_something


def test_a_region_without_captions_is_not_empty_by_itself() -> None:
    assert not list(empty_captions(image(replace(region("x"), captions=()))))


@pytest.mark.parametrize(
    ("caption", "category"),
    [("a brown dog on a sofa", "car"), ("a man in a red shirt", "dog"), ("a sliced pizza", "horse")],
)
def test_a_caption_about_something_else(caption: str, category: str) -> None:
    (finding,) = captions_against_categories(image(region(caption, category)))
    assert f"the category is “{category}”" in str(finding.text) and finding.severity == "warning"


@pytest.mark.parametrize(
    ("caption", "category"),
    [
        ("a brown dog", "dog"),
        ("a dalmatian", "animal"),
        ("two dogs", "Dog"),
        ("a young woman", "person"),
        ("a sofa", "couch"),
        ("a glass of beer", "drink"),
        ("a toy dog", "toy"),
        ("wet grass", "field"),
        ("a quokka", "car"),  # nobody knows what kind of thing it is
        ("the other one", "dog"),
        ("", "dog"),
        ("一只狗", "car"),
        ("a truck full of dogs", "dog"),  # the category is named
    ],
)
def test_captions_that_may_be_right(caption: str, category: str) -> None:
    assert not list(captions_against_categories(image(region(caption, category))))


def test_kinds_are_told_apart_only_for_certain() -> None:
    assert are_different_kinds("dog", "car") and are_different_kinds("person", "pizza")
    assert not are_different_kinds("object", "dog") and not are_different_kinds("sculpture", "statue")


def measured(**shares: float) -> tuple[ScoredText, ...]:
    return tuple(ScoredText(name, share) for name, share in sorted(shares.items(), key=lambda pair: -pair[1]))


def test_a_color_that_is_nowhere() -> None:
    found = color_against_caption("a.jpg", region("a red car"), measured(green=0.9), measured(green=0.8, white=0.1))
    assert found is not None and "says red, the box is 90 percent green" in str(found.text)


@pytest.mark.parametrize(
    ("caption", "thing", "anywhere"),
    [
        ("a red car", {"green": 0.9, "red": 0.05}, {}),  # it is there
        ("a red chain", {"green": 0.9}, {"green": 0.9, "red": 0.05}),  # thin, and taken for background
        ("a red car", {"green": 0.5, "white": 0.4}, {}),  # nothing fills it
        ("a red car", {"orange": 0.9}, {}),  # neighbors in the light of the evening
        ("a red and white car", {"green": 0.9}, {}),
        ("a gold medal", {"green": 0.9}, {}),
        ("a man in a red shirt", {"green": 0.9}, {}),  # the shirt, not the man
        ("a red car", {}, {}),
    ],
)
def test_colors_that_are_no_finding(caption: str, thing: dict[str, float], anywhere: dict[str, float]) -> None:
    assert color_against_caption("a.jpg", region(caption), measured(**thing), measured(**anywhere)) is None


def test_photos_are_read_only_for_what_can_be_judged() -> None:
    assert wants_colors(region("a red car"))
    assert not wants_colors(region("a car")) and not wants_colors(region("a colorful car"))
    assert not wants_colors(region("a red car", box=Box(0, 0, 100, 10)))


SCHEMA = AttributeSchema(
    "street",
    (
        AttributeDefinition("size", "single", ("small", "large")),
        AttributeDefinition("worn", "boolean"),
        AttributeDefinition("text", "text"),
    ),
)


def with_value(name: str, *values: str) -> LintImage:
    return image(replace(region("a cup"), attributes=(Attribute(name, values, MINI),)))


@pytest.mark.parametrize(("name", "values"), [("size", ("huge",)), ("size", ("small", "large")), ("worn", ("maybe",))])
def test_a_value_outside_the_schema(name: str, values: tuple[str, ...]) -> None:
    (finding,) = values_outside_schema(with_value(name, *values), SCHEMA)
    assert name in str(finding.text) and finding.fix is None


def test_an_attribute_that_the_project_does_not_have() -> None:
    (finding,) = values_outside_schema(with_value("mood", "happy"), SCHEMA)
    assert str(finding.text) == "The project has no attribute mood; here it is “happy”."


def test_values_that_are_allowed() -> None:
    for name, value in (("size", "Small"), ("worn", "true"), ("text", "anything at all")):
        assert not list(values_outside_schema(with_value(name, value), SCHEMA))
    assert not list(values_outside_schema(with_value("mood", "happy"), AttributeSchema("")))
