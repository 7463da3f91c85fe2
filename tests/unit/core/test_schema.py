"""Attribute schemas: reading, writing and the values that they allow."""

from __future__ import annotations

import json

import pytest

from roi_assistant.core.records import AttributeDefinition, AttributeSchema
from roi_assistant.core.schema import (
    dump_schema,
    find_attribute,
    outside_values,
    parse_schema,
    validate_values,
    with_values,
)
from roi_assistant.errors import AttributeValueError, FormatError

COLOR = AttributeDefinition("color", "multi", ("red", "dark blue", "White"), "what color is <region1>")
SIZE = AttributeDefinition("size", "single", ("small", "large"))
OCCLUDED = AttributeDefinition("occluded", "boolean")
READS = AttributeDefinition("text", "text")
SCHEMA = AttributeSchema("street", (COLOR, SIZE, OCCLUDED, READS))


def test_parse() -> None:
    text = """{"name": "street", "attributes": [
        {"name": "color", "kind": "multi", "values": ["red", " dark blue ", "White"],
         "question": "what color is <region1>"},
        {"name": "size", "kind": "single", "values": ["small", "large"]},
        {"name": "occluded", "kind": "boolean"},
        {"name": "text", "kind": "text", "values": []}]}"""
    assert parse_schema(text, name="x.json") == SCHEMA


def test_there_and_back() -> None:
    assert parse_schema(dump_schema(SCHEMA), name="x") == SCHEMA
    assert parse_schema('{"name": "empty"}', name="x") == AttributeSchema("empty")


def attribute(**fields: object) -> str:
    return json.dumps({"name": "s", "attributes": [{"name": "a", "kind": "single", "values": ["x"]} | fields]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "x.json is not JSON"),
        ("[]", "x.json: An object is needed"),
        ("{}", "x.json: The field 'name' is missing"),
        ('{"name": " "}', '"name" must be a name'),
        ('{"name": "s", "attributes": {}}', "x.json: attributes: A list is needed"),
        ('{"name": "s", "attribute": []}', "There is no field 'attribute'; there are name, attributes"),
        ('{"name": "s", "attributes": [3]}', r"x.json: attributes\[0\]: An object is needed, not 3"),
        (attribute(name=""), 'attribute 1: "name" must be a name'),
        (attribute(kind="choice"), r"attributes\[0\].kind: One of single, multi, boolean, text is needed"),
        (attribute(kind=["single"]), "One of single, multi"),
        (attribute(values=[]), 'the kind single needs "values"'),
        (attribute(kind="boolean"), 'the kind boolean must not have "values"'),
        (attribute(kind="text"), 'the kind text must not have "values"'),
        (attribute(values="red"), "values: A list is needed"),
        (attribute(values=["red", 3]), r"values\[1\]: A text is needed, not 3"),
        (attribute(values=["red", " "]), '"values" must be a list of words'),
        (attribute(values=["red", "Red"]), "the value 'red' occurs twice"),
        (attribute(question=4), "question: A text is needed, not 4"),
        (attribute(default="x"), "There is no field 'default'"),
        (json.dumps({"name": "s", "attributes": [{"name": "a", "kind": "text"}] * 2}), "attribute 'a' occurs twice"),
    ],
)
def test_unusable_schemas(text: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        parse_schema(text, name="x.json")


@pytest.mark.parametrize(
    ("definition", "given", "kept"),
    [
        (COLOR, ["white", "RED"], ("red", "White")),
        (COLOR, [" dark blue", "dark blue"], ("dark blue",)),
        (COLOR, [], ()),
        (SIZE, ["Large"], ("large",)),
        (SIZE, ["large", "LARGE"], ("large",)),
        (SIZE, ["", "  "], ()),
        (OCCLUDED, ["TRUE"], ("yes",)),
        (OCCLUDED, ["no"], ("no",)),
        (OCCLUDED, ["yes", "1"], ("yes",)),
        (READS, ["  No Parking "], ("No Parking",)),
    ],
)
def test_values(definition: AttributeDefinition, given: list[str], kept: tuple[str, ...]) -> None:
    assert validate_values(definition, given) == kept


@pytest.mark.parametrize(
    ("definition", "given", "message"),
    [
        (COLOR, ["green"], "'green' is not a value of the attribute 'color'; choose from: red, dark blue, White"),
        (SIZE, ["small", "large"], "'size' takes one value, not 2: small, large"),
        (OCCLUDED, ["maybe"], "choose from: yes, no"),
        (OCCLUDED, ["yes", "no"], "takes one value"),
        (READS, ["a", "b"], "takes one value"),
    ],
)
def test_values_that_are_not_allowed(definition: AttributeDefinition, given: list[str], message: str) -> None:
    with pytest.raises(AttributeValueError, match=message) as caught:
        validate_values(definition, given)
    assert caught.value.exit_code == 2


def test_find_attribute() -> None:
    assert find_attribute(SCHEMA, "size") is SIZE
    with pytest.raises(AttributeValueError, match="it has: none"):
        find_attribute(AttributeSchema("empty"), "size")


def test_values_that_a_list_does_not_have() -> None:
    assert outside_values(SIZE, ("Small", "tiny", " LARGE ")) == ("tiny",)
    assert outside_values(COLOR, ("white", "teal", "olive")) == ("teal", "olive")
    assert outside_values(OCCLUDED, ("perhaps",)) == () and outside_values(READS, ("STOP",)) == ()


def test_a_list_grows_at_its_end_and_has_each_value_once() -> None:
    longer = with_values(SCHEMA, "color", ("RED", " teal ", "olive", "teal"))
    assert find_attribute(longer, "color").values == ("red", "dark blue", "White", "teal", "olive")
    assert longer.attributes[1:] == SCHEMA.attributes[1:]
    assert parse_schema(dump_schema(longer), name="x") == longer
    assert with_values(SCHEMA, "color", ("red",)) == SCHEMA
    for name in ("hue", "occluded", "text"):
        with pytest.raises(AttributeValueError):
            with_values(SCHEMA, name, ("teal",))
