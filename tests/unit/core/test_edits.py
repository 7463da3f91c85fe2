"""Edits can be applied, taken back and applied again, and refuse what they do not fit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.core.edits import Edit, RegionChange, apply_to_regions, delete_changes, inverse
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
