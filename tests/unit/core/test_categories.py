"""Which word of a list stands for a category, and how categories become a tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.core.box import Box
from roi_assistant.core.categories import (
    TreeLine,
    broader_words,
    color_of,
    derived_color,
    fit_to_list,
    hierarchy,
    in_list,
    nearest_in_list,
)
from roi_assistant.core.records import CategoryList, RegionText, ScoredText

CLOSED = ("animal", "sofa", "ball", "Person", "cup")
some_names = st.lists(st.sampled_from(["dog", "dogs", "dalmatian", "couch", "sofa", "red cup", "object", "", "x y"]))


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("sofa", "sofa"),
        ("SOFA", "sofa"),
        ("couch", "sofa"),
        ("sofas", "sofa"),
        ("dalmatian", "animal"),
        ("tennis ball", "ball"),
        ("baseball player", "Person"),
        ("red coffee mug", "cup"),
        ("gearbox", None),
        ("", None),
    ],
)
def test_the_nearest_name_is_the_same_noun_or_a_more_general_one(name: str, nearest: str | None) -> None:
    assert nearest_in_list(name, CLOSED) == nearest


def test_the_nearest_of_two_more_general_words_is_taken() -> None:
    assert nearest_in_list("dalmatian", ("animal", "dog")) == "dog"
    assert nearest_in_list("dog", ("dalmatian",)) is None


def test_case_does_not_matter_in_a_list() -> None:
    assert in_list("person", CLOSED) and not in_list("persons", CLOSED)


def test_broader_words_end_at_the_most_general() -> None:
    assert list(broader_words("Dalmatians"))[::3] == ["dalmatian", "object"]


def test_a_tree_has_headings_that_several_share_and_no_others() -> None:
    assert hierarchy(["dog", "dalmatian", "cat", "sofa", "tennis ball", "ball"]) == (
        TreeLine("animal", 0, is_heading=True),
        TreeLine("cat", 1),
        TreeLine("dog", 1),
        TreeLine("dalmatian", 2),
        TreeLine("ball", 0),
        TreeLine("tennis ball", 1),
        TreeLine("sofa", 0),
    )


@given(some_names)
def test_each_name_is_once_in_the_tree(names: list[str]) -> None:
    lines = hierarchy(names)
    assert sorted(line.name for line in lines if not line.is_heading) == sorted(set(names) - {""})


def test_a_suggestion_outside_a_closed_list_keeps_the_word_of_the_model() -> None:
    said = RegionText(
        Box(0, 0, 5, 5), ScoredText("a dog", 0.5), category=ScoredText("dog", 0.4),
        category_alternatives=(ScoredText("animal", 0.3), ScoredText("cat", 0.2)),
    )  # fmt: skip
    fitted = fit_to_list(said, CategoryList(CLOSED, closed=True))
    assert fitted.category == ScoredText("animal", 0.4)
    assert fitted.category_alternatives == (ScoredText("dog", 0.4), ScoredText("cat", 0.2))
    assert fit_to_list(said, CategoryList(CLOSED)) is said
    assert fit_to_list(said, CategoryList(("cup",), closed=True)) is said


@given(st.text(max_size=8))
def test_a_color_follows_from_the_name(name: str) -> None:
    assert derived_color(name) == derived_color(name)
    assert len(derived_color(name)) == 7 and int(derived_color(name)[1:], 16) >= 0


def test_a_chosen_color_counts() -> None:
    assert color_of("dog", CategoryList(colors=(("dog", "#112233"),))) == "#112233"
    assert color_of("cat", CategoryList(colors=(("dog", "#112233"),))) == derived_color("cat")
