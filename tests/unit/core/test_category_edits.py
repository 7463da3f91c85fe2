"""What renaming, merging and deleting does to what a project says of its categories."""

from __future__ import annotations

from roi_assistant.core.category_edits import (
    delete_edit,
    filled_keys,
    list_edit,
    merge_edit,
    rename_edit,
    split_edit,
    with_color,
    with_key,
    with_names,
)
from roi_assistant.core.edits import CategoryMove, Edit, inverse
from roi_assistant.core.records import CategoryList

KNOWN = CategoryList(("dog", "cat"), closed=True, colors=(("dog", "#aa0000"),), keys=("cat", "dog"))


def listed(edit: Edit) -> CategoryList:
    assert edit.categories is not None and edit.categories.listed is not None
    return edit.categories.listed[1]


def test_color_and_digit_follow_a_new_name() -> None:
    after = listed(rename_edit(KNOWN, "dog", "hound", is_used=True))
    assert after == CategoryList(
        ("hound", "cat"), closed=True, colors=(("hound", "#aa0000"),), keys=("cat", "hound"), removed=("dog",)
    )


def test_a_name_that_only_the_list_has_renames_no_region() -> None:
    edit = rename_edit(KNOWN, "dog", "hound", is_used=False)
    assert edit.categories is not None and edit.categories.renamed is None


def test_what_was_merged_is_gone_from_the_list() -> None:
    edit = merge_edit(KNOWN, ["dog", "cat"], "animal")
    assert edit.categories is not None
    assert edit.categories.moved == (CategoryMove("dog", "animal"), CategoryMove("cat", "animal"))
    assert listed(edit) == CategoryList(("animal",), closed=True, keys=("", ""), removed=("dog", "cat"))


def test_a_name_that_was_removed_comes_back() -> None:
    removed = CategoryList(removed=("dog",))
    assert listed(merge_edit(removed, ["cat"], "dog")).removed == ("cat",)
    assert listed(split_edit(removed, CategoryMove("cat", "dog", containing="bark"))).removed == ()


def test_deleting_takes_the_category_away() -> None:
    edit = delete_edit(KNOWN, ["dog"])
    assert edit.categories is not None and edit.categories.moved == (CategoryMove("dog", None),)
    assert listed(edit).names == ("cat",)


def test_an_edit_can_be_inverted_twice() -> None:
    for edit in (
        rename_edit(KNOWN, "dog", "hound", is_used=True),
        merge_edit(KNOWN, ["dog", "cat"], "animal"),
        delete_edit(KNOWN, ["dog"]),
        list_edit(KNOWN, with_color(KNOWN, "cat", "#123456")),
    ):
        assert inverse(edit) != edit
        assert inverse(inverse(edit)) == edit


def test_a_digit_belongs_to_one_category() -> None:
    after = with_key(KNOWN, "dog", 1)
    assert after.keys[:2] == ("dog", "")
    assert with_key(after, "dog", 0).keys[:2] == ("", "")


def test_free_digits_go_to_the_first_names_and_stay() -> None:
    filled = filled_keys(("cat",), ["dog", "cat", "bird"])
    assert filled[:4] == ("cat", "dog", "bird", "")
    assert filled_keys(filled, ["bird", "fish"])[:4] == ("cat", "dog", "bird", "fish")


def test_names_are_added_once() -> None:
    assert with_names(KNOWN, ["Dog", "bird", "bird"]).names == ("dog", "cat", "bird")
