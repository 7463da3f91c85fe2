"""Which region of a file is which of the project."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import Caption, Provenance, Region
from roi_assistant.storage.region_identity import match_regions

LONG, OTHER_LONG = "0123456789abcdef", "fedcba9876543210"
CUP = Box(8, 8, 28, 28)


def region(id: str, box: Box = CUP, text: str = "a cup", category: str | None = "cup") -> Region:
    captions = (Caption(text, Provenance("human", ""), preferred=True),) if text else ()
    return Region(id, box, category, captions, state="accepted")


def relations(regions: list[Region], stored: list[Region]) -> list[str]:
    return [match.relation for match in match_regions(regions, stored)]


def stored_from(*regions: Region) -> list[Region]:
    """What the project has after these were imported."""
    return [match.region for match in match_regions(regions, [])]


def test_numbers_of_two_files_are_no_identity() -> None:
    cups = stored_from(region("1"))
    (match,) = match_regions([region("1", Box(34, 20, 54, 40), "a dog", "dog")], cups)
    assert match.relation == "new" and match.region.id != cups[0].id


def test_a_file_that_grew_and_was_numbered_anew() -> None:
    stored = stored_from(region("1"))
    grown = [region("1", Box(1, 1, 10, 10), "new"), region("2")]
    assert relations(grown, stored) == ["new", "same"]


def test_two_people_who_import_the_same_file_get_the_same_ids() -> None:
    assert stored_from(region("1"))[0].id == stored_from(region("77"))[0].id
    assert stored_from(region("1"))[0].id != stored_from(region("1", text="a mug"))[0].id


@pytest.mark.parametrize(
    ("new", "relation"),
    [
        (region("5"), "same"),
        (region("5", Box(8.001, 8, 28, 28.004)), "same"),  # 0.01 pixels is how tools round
        (region("5", text="a mug"), "conflict"),
        (region("5", text="", category=None), "conflict"),
        (region("5", Box(8, 8, 28, 29)), "conflict"),  # overlap 400 / 420 = 0.95
        (region("5", Box(8, 8, 28, 40)), "new"),  # overlap 400 / 640 = 0.63
        (region("5", Box(8, 8, 28, 29), "a mug"), "new"),
    ],
)
def test_a_box_of_another_file(new: Region, relation: str) -> None:
    assert relations([new], stored_from(region("1"))) == [relation]


def test_an_edited_region_is_known_when_its_file_comes_again() -> None:
    (imported,) = stored_from(region("1"))
    edited = replace(imported, box=Box(30, 30, 40, 40), category="mug", captions=())
    (match,) = match_regions([region("1")], [edited])
    assert (match.relation, match.stored) == ("conflict", edited)


def test_our_own_ids_hold_wherever_the_box_is() -> None:
    moved = region(LONG, Box(40, 40, 50, 50), "something else", None)
    assert relations([moved], [region(LONG)]) == ["conflict"]
    assert relations([region(LONG)], [region(LONG)]) == ["same"]
    # x + (x2 - x) is x2 but for the last bits, and no conflict.
    assert relations([region(LONG, Box(8, 8, 28 + 1e-14, 28))], [region(LONG)]) == ["same"]
    assert relations([replace(region(LONG), state="edited")], [region(LONG)]) == ["conflict"]


def test_two_regions_with_ids_of_their_own_are_two_even_where_they_are_equal() -> None:
    assert relations([region(LONG), region(OTHER_LONG)], []) == ["new", "new"]
    assert relations([region(LONG), region(OTHER_LONG)], [region(LONG), region(OTHER_LONG)]) == ["same", "same"]
    assert relations([region(OTHER_LONG)], [region(LONG)]) == ["new"]


def test_a_short_id_of_two_people_is_not_one_region() -> None:
    other = region("r1", Box(40, 40, 50, 50), "a dog", "dog")
    (match,) = match_regions([other], [region("r1")])
    assert (match.relation, match.region.id) == ("new", "r1-2")
    assert relations([replace(other, box=Box(9, 9, 29, 29))], [region("r1")]) == ["conflict"]


def test_equal_boxes_of_one_file_come_once_and_equal_boxes_with_other_words_each() -> None:
    regions = [region("1"), region("2"), region("3", text="a mug")]
    matches = match_regions(regions, [])
    assert [match.relation for match in matches] == ["new", "double", "new"]
    stored = [match.region for match in matches if match.relation == "new"]
    assert relations(regions, stored) == ["same", "double", "same"]
    assert relations([*regions, region("4", text="a bowl")], stored) == ["same", "double", "same", "new"]
