"""Edits can be applied, taken back and applied again, and refuse what they do not fit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.core.edits import (
    Edit,
    RegionChange,
    apply_to_regions,
    delete_changes,
    exchange,
    inverse,
    rename_attributes,
)
from roi_assistant.core.records import AttributeSchema
from roi_assistant.errors import EditConflictError
from tests.unit.region_records import FEW, change, create, edits, region_lists, suggested

IMAGE = "a/b.jpg"
A, B, C, D = (suggested(id) for id in "abcd")


def test_changed_regions_keep_their_place_and_new_ones_come_last() -> None:
    locked = replace(B, locked=True)
    assert apply_to_regions((A, B, C), change(IMAGE, B, locked), image=IMAGE) == (A, locked, C)
    assert apply_to_regions((A, B), create(IMAGE, C), image=IMAGE) == (A, B, C)


def test_other_images_are_not_touched() -> None:
    edit = Edit("x", IMAGE, (RegionChange("other.jpg", A, None), RegionChange(IMAGE, B, None)))
    assert apply_to_regions((A, B), edit, image=IMAGE) == (A,)
    assert apply_to_regions((A, B), edit, image="third.jpg") == (A, B)


def test_undoing_a_deletion_does_not_renumber() -> None:
    edit = Edit("Delete", IMAGE, delete_changes((A, B, C, D), ["d", "b", "nobody"], image=IMAGE))
    left = apply_to_regions((A, B, C, D), edit, image=IMAGE)
    assert left == (A, C)
    assert apply_to_regions(left, inverse(edit), image=IMAGE) == (A, B, C, D)


def test_schema_edits_are_inverted_too() -> None:
    edit = Edit("Add attribute", "", schema=(AttributeSchema("a"), AttributeSchema("b")))
    assert inverse(edit).schema == (AttributeSchema("b"), AttributeSchema("a"))


@pytest.mark.parametrize(
    ("renamed", "names"),
    [
        ([("color", "hue")], {"color": "hue", "hue": "color"}),
        ([("a", "b"), ("b", "a")], {"a": "b", "b": "a"}),
        ([("a", "b"), ("b", "c")], {"a": "b", "b": "c", "c": "a"}),
        ([("a", "a")], {}),
    ],
)
def test_names_of_attributes_are_exchanged(renamed: list[tuple[str, str]], names: dict[str, str]) -> None:
    assert exchange(renamed) == names


@pytest.mark.parametrize("renamed", [[("a", "b"), ("a", "c")], [("a", "c"), ("b", "c")]])
def test_two_attributes_do_not_become_one(renamed: list[tuple[str, str]]) -> None:
    with pytest.raises(EditConflictError):
        exchange(renamed)


letters = st.sampled_from("abcde")


@FEW
@given(st.dictionaries(letters, letters).filter(lambda d: len(set(d.values())) == len(d)), st.sets(letters))
def test_renaming_attributes_is_taken_back(renamed: dict[str, str], there: set[str]) -> None:
    edit = Edit("Rename", "", renamed=tuple(renamed.items()))
    region = replace(A, attributes=tuple(replace(A.attributes[0], name=name, values=(name,)) for name in sorted(there)))
    after = rename_attributes(region, exchange(edit.renamed))
    names = {attribute.values[0]: attribute.name for attribute in after.attributes}
    assert len(set(names.values())) == len(there)
    assert all(names[name] == renamed[name] for name in there & renamed.keys())
    assert rename_attributes(after, exchange(inverse(edit).renamed)) == region


@pytest.mark.parametrize(
    "edit",
    [
        change(IMAGE, C, None),
        change(IMAGE, replace(A, locked=True), A),
        create(IMAGE, A),
        Edit("twice", IMAGE, (RegionChange(IMAGE, A, None), RegionChange(IMAGE, A, B))),
        Edit("nothing", IMAGE, (RegionChange(IMAGE, None, None),)),
    ],
)
def test_an_edit_that_does_not_fit_is_refused(edit: Edit) -> None:
    with pytest.raises(EditConflictError):
        apply_to_regions((A, B), edit, image=IMAGE)


@FEW
@given(st.data())
def test_the_inverse_takes_back_any_edit(data: st.DataObject) -> None:
    before = data.draw(region_lists)
    edit = data.draw(edits(before, image=IMAGE))
    after = apply_to_regions(before, edit, image=IMAGE)
    assert inverse(inverse(edit)) == edit
    assert apply_to_regions(after, inverse(edit), image=IMAGE) == before
