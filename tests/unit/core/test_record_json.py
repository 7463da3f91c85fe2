"""Records survive JSON exactly, and what is no record is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.core.edits import Edit
from roi_assistant.core.record_json import Foreign, Misfit, decode, encode, shown
from roi_assistant.core.records import (
    AttributeDefinition,
    AttributeSchema,
    CaptionerInfo,
    Conversation,
    DescribeRequest,
    Provenance,
    Region,
    RegionText,
    Turn,
)
from roi_assistant.errors import FormatError
from tests.unit.region_records import FEW, edits, region_lists, region_texts, regions, suggested

SCHEMA = AttributeSchema("s", (AttributeDefinition("color", "multi", ("red", "blue"), "what color?"),))


def through_json(record: Any) -> Any:
    return decode(type(record), json.loads(json.dumps(encode(record), allow_nan=False)))


@FEW
@given(regions)
def test_any_region(region: Region) -> None:
    assert through_json(region) == region


@FEW
@given(region_texts)
def test_any_answer_of_a_captioner(text: RegionText) -> None:
    assert through_json(text) == text


@FEW
@given(st.data())
def test_any_edit(data: st.DataObject) -> None:
    edit = data.draw(edits(data.draw(region_lists), image="a.jpg"))
    assert through_json(edit) == edit


@pytest.mark.parametrize(
    "record",
    [
        Edit("Add attribute", "", schema=(AttributeSchema(""), SCHEMA)),
        Conversation("a.jpg", ("r1", "r2"), (Turn("user", "what is <region1>?"), Turn("assistant", "a cup"))),
        DescribeRequest("sentence", 3, SCHEMA, "greedy", False, 0.5),
        DescribeRequest(),
        CaptionerInfo("mini", "Mini", notes=("slow",), capabilities=frozenset({"chat", "streams"})),
    ],
)
def test_other_records(record: Any) -> None:
    assert through_json(record) == record


@dataclass(frozen=True)
class Counts:
    """What no record of the core has: an object by name, a value of any type, a number that may be whole."""

    by_name: dict[str, tuple[int, ...]]
    rest: Any = None
    share: float = 0.0


def test_objects_by_name_and_values_of_any_type() -> None:
    counts = Counts({"a": (1, 2), "b": ()}, rest={"c": [None, "d"]})
    assert through_json(counts) == counts


def test_whole_numbers_become_floats() -> None:
    assert str(decode(Counts, {"by_name": {}, "share": 2}).share) == "2.0"


@pytest.mark.parametrize("values", [{"by_name": []}, {"by_name": {"a": [0.5]}}, {"by_name": {}, "share": 10**400}])
def test_what_is_no_object_by_name_and_no_number_is_refused(values: Any) -> None:
    with pytest.raises(FormatError):
        decode(Counts, values)


def test_defaults_are_left_out() -> None:
    assert encode(Provenance("human", "")) == {"author": "human", "created_at": ""}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", None),
        ("id", 3),
        ("box", [1, 2, 3, 4]),
        ("box", {"x1": 5, "y1": 0, "x2": 1, "y2": 1}),
        ("box", {"x1": True, "y1": 0, "x2": 1, "y2": 1}),
        ("state", "perhaps"),
        ("state", []),
        ("unsure", 1),
        ("captions", {"text": "a"}),
        ("captions", [{"text": "a"}]),
        ("category_score", "high"),
        ("surprise", 1),
    ],
)
def test_what_is_no_region_is_refused(field: str, value: Any) -> None:
    with pytest.raises(FormatError):
        decode(Region, {**encode(suggested()), field: value})


@pytest.mark.parametrize("data", [None, [], "x", 3, {}])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(FormatError):
        decode(Region, data)


def test_messages_name_the_place() -> None:
    wrong = {**encode(suggested()), "captions": [{"text": "a", "provenance": {"author": "dog", "created_at": ""}}]}
    with pytest.raises(FormatError) as caught:
        decode(Region, wrong, name="x.json")
    told = "x.json: captions[0].provenance.author: One of human, model is needed, not 'dog'."
    assert str(caught.value) == told


# ------------------------------------------------------------------------------------------- files of other programs


def _even(data: object) -> int:
    if isinstance(data, int) and data % 2 == 0:
        return data
    raise Misfit("An even number is needed, not {data}.", data=shown(data))


@dataclass(frozen=True)
class Inner(Foreign):
    name: str


@dataclass(frozen=True)
class Outer(Foreign):
    even: Annotated[int, _even]
    items: tuple[str | Inner, ...] = ()
    choice: Literal[0, 1] = 0
    more: dict[str, int | None] | None = None


def test_what_is_not_named_is_passed_over_and_null_is_not_there() -> None:
    data = {"even": 2, "other": [1], "items": None, "choice": None, "more": {}}
    assert decode(Outer, data) == Outer(2)


def test_a_union_is_the_first_of_its_types_that_fits() -> None:
    data = {"even": 2, "items": ["a", {"name": "b", "rest": 1}], "more": {"a": None, "b": 3}}
    assert decode(Outer, data) == Outer(2, ("a", Inner("b")), more={"a": None, "b": 3})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"even": 3}, "x: even: An even number is needed, not 3."),
        ({"even": None}, "x: The field 'even' is missing."),
        ({"items": ["a", 3]}, "x: items[1]: An object is needed, not 3."),
        ({"items": [{}]}, "x: items[0]: The field 'name' is missing."),
        ({"items": 0}, "x: items: A list is needed, not 0."),
        ({"choice": True}, "x: choice: One of 0, 1 is needed, not True."),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(FormatError) as caught:
        decode(Outer, {"even": 2, **change}, name="x")
    assert str(caught.value) == message


def test_messages_about_large_values_are_short() -> None:
    value: object = "lol"
    for _ in range(60):
        value = [value] * 10
    assert len(shown(value)) <= 80 and shown(10**5000) == "int"
