from __future__ import annotations

from dataclasses import replace

import pytest

from roi_assistant.core.disagreement import Words, compare, disagreement, most_disagreeing
from roi_assistant.core.records import Answer, Attribute
from tests.unit.region_records import NOW, OTHER_MODEL, suggested


def words(caption: str = "", category: str = "", **attributes: str) -> Words:
    return Words(
        caption=caption, category=category, attributes={name: tuple(v.split("+")) for name, v in attributes.items()}
    )


@pytest.mark.parametrize(
    ("left", "right", "relation"),
    [
        ("dog", "Dog", "same"),
        ("sofa", "couch", "synonym"),
        ("dogs", "dog", "synonym"),
        ("animal", "dog", "wider"),
        ("tennis ball", "ball", "wider"),
        ("cat", "dog", "different"),
        ("cat", "", "missing"),
        ("", "", "missing"),
    ],
)
def test_how_two_categories_relate(left: str, right: str, relation: str) -> None:
    assert compare(words(category=left), words(category=right)).category == relation


def test_captions_are_compared_by_their_words_without_articles_and_the_like() -> None:
    found = compare(words("a red cup on the table"), words("the cup of a red table"))
    assert found.caption_similarity == 1  # red, cup, table on both sides
    found = compare(words("a red cup"), words("a blue cup with a handle"))
    assert found.caption_similarity == pytest.approx(2 * 1 / (2 + 3))  # red cup; blue cup handle
    assert compare(words("a red cup"), words()).caption_similarity is None
    assert compare(words("红色的杯子"), words("蓝色的杯子")).caption_similarity == pytest.approx(4 / 5)


def test_attributes_agree_by_what_they_mean_and_differ_or_are_missing() -> None:
    left = words(color="gold", wearing="blue shirt", size="large", material="wood")
    right = words(color="yellow", wearing="shirt", size="small", pattern="striped")
    found = compare(left, right)
    assert dict(found.attributes) == {
        "color": "agree", "wearing": "agree", "size": "differ", "material": "missing", "pattern": "missing",
    }  # fmt: skip
    assert compare(words(color="red+blue"), words(color="blue+red")).attributes["color"] == "agree"
    assert compare(words(color="red+blue"), words(color="red")).attributes["color"] == "differ"


def test_the_amount_is_the_weighted_mean_of_what_both_speak_of() -> None:
    left = words("a red cup", "cup", color="red", size="small")
    assert compare(left, left).disagreement == 0
    right = words("a red cup", "dog", color="blue", size="small")
    assert compare(left, right).disagreement == pytest.approx(0.5 * 1 + 0.3 * 0 + 0.2 * 0.5)
    assert compare(words(category="cat"), words(category="dog")).disagreement == 1  # nothing else was said
    assert compare(words("a cup"), words(category="cup")).disagreement == 0, "nothing in common to disagree about"


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        (words("a cat", "cat", color="red"), words("a dog", "dog", color="blue"), "cat against dog"),
        (words("a cat", "cat", color="red"), words("a cat", "cat", color="blue"), "color: red against blue"),
        (words("a dog", "animal"), words("a dog", "dog"), "animal against dog"),
        (words("a cup", "cup"), words("a red cup", "cup"), "a cup against a red cup"),
        (words("a cup", "cup"), words("a cup", "cup"), ""),
    ],
)
def test_the_reason_is_told_in_plain_words(left: Words, right: Words, reason: str) -> None:
    assert str(compare(left, right).reason) == reason


def test_a_long_caption_is_shortened_in_the_reason() -> None:
    reason = str(compare(words("word " * 200), words("other " * 200)).reason)
    assert len(reason) < 120 and "…" in reason


def test_of_several_answers_the_one_that_differs_most_counts() -> None:
    region = suggested()
    assert disagreement(region) is None and most_disagreeing(region) is None
    same = Answer(provenance=OTHER_MODEL, caption="a red cup", category="cup")
    other = Answer(
        provenance=replace(OTHER_MODEL, model_id="qwen"),
        caption="a dog",
        category="dog",
        attributes=(Attribute("color", ("blue",), OTHER_MODEL),),
    )
    assert disagreement(replace(region, answers=(same,))) == 0
    found = most_disagreeing(replace(region, answers=(other, same)))
    assert found is not None and found[0] is other
    assert found[1].disagreement == pytest.approx(1.0) and NOW
