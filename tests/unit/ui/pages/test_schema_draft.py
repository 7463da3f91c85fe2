"""Schemas while they are edited: what is wrong with them and what saving them does to stored values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roi_assistant.core.records import AttributeDefinition, AttributeSchema
from roi_assistant.errors import FormatError
from roi_assistant.ui.pages.schema_draft import (
    Change,
    DraftAttribute,
    Issue,
    changes,
    draft_of,
    issues,
    match_origins,
    to_schema,
    typed_values,
)

SCHEMA = AttributeSchema(
    "street",
    (
        AttributeDefinition("color", "multi", ("red", "blue"), "what color is <region1>?"),
        AttributeDefinition("worn", "boolean"),
    ),
)
STORED = {"color": {"red": 5, "blue": 2, "mauve": 1}, "worn": {"yes": 3}}


def test_a_draft_that_nobody_touched_is_the_schema_and_changes_nothing() -> None:
    draft = draft_of(SCHEMA)
    assert issues(draft) == ()
    assert to_schema(draft, name=" street ") == SCHEMA
    assert changes(SCHEMA, draft, STORED) == ()


@pytest.mark.parametrize(
    ("item", "issue"),
    [
        (DraftAttribute(" ", "text"), Issue(1, "name", "no_name")),
        (DraftAttribute("color ", "text"), Issue(1, "name", "name_twice", "color")),
        (DraftAttribute("size", "single"), Issue(1, "values", "no_values")),
        (DraftAttribute("size", "multi", ("big", "Big")), Issue(1, "values", "value_twice", "Big")),
    ],
)
def test_what_keeps_a_draft_from_being_saved_is_told_and_refused(item: DraftAttribute, issue: Issue) -> None:
    draft = (draft_of(SCHEMA)[0], item)
    assert issues(draft) == (issue,)
    with pytest.raises(FormatError):
        to_schema(draft, name="street")


def test_values_of_a_kind_without_values_are_kept_in_the_draft_and_left_out_of_the_schema() -> None:
    draft = (replace(draft_of(SCHEMA)[0], kind="text"),)
    assert draft[0].values == ("red", "blue")
    assert to_schema(draft, name="s").attributes[0].values == ()


def test_lines_and_commas_part_values() -> None:
    assert typed_values(" red \n\nblack and white, blue,\n") == ("red", "black and white", "blue")


def test_saving_tells_what_happens_to_stored_values() -> None:
    color, worn = draft_of(SCHEMA)
    without_blue = (replace(color, values=("red", "green")), worn)
    assert changes(SCHEMA, without_blue, STORED) == (Change("value", "color", 2, "blue"),)
    assert changes(SCHEMA, (color,), STORED) == (Change("removed", "worn", 3),)
    assert changes(SCHEMA, (replace(color, name="colour"), worn), STORED) == (Change("renamed", "color", 8, "colour"),)
    assert changes(SCHEMA, (color, replace(worn, kind="text")), STORED) == (Change("kind", "worn", 3, "text"),)
    other = (color, replace(worn, name="put on", kind="text"))
    assert changes(SCHEMA, other, STORED) == (
        Change("renamed", "worn", 3, "put on"),
        Change("kind", "worn", 3, "text"),
    )


def test_changes_that_concern_no_region_are_not_told() -> None:
    assert changes(SCHEMA, (), {}) == ()


def test_a_preset_with_an_attribute_of_the_same_name_does_not_remove_it() -> None:
    preset = draft_of(AttributeSchema("other", SCHEMA.attributes[:1]), stored=False)
    assert changes(SCHEMA, match_origins(preset, SCHEMA), STORED) == (Change("removed", "worn", 3),)
