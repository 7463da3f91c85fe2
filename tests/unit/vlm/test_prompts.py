from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from roi_assistant.core.records import AttributeDefinition, AttributeSchema, DescribeRequest, Prompts
from roi_assistant.errors import BadInputError, FormatError
from roi_assistant.vlm.prompts import NOT_VISIBLE, answer_schema, checked_prompts, instruction, read_prompts

SCHEMA = AttributeSchema(
    "s",
    (
        AttributeDefinition("color", "multi", ("red", "blue"), question="what color is <region1>?"),
        AttributeDefinition("clean", "boolean"),
        AttributeDefinition("text", "text"),
    ),
)


def test_what_is_asked() -> None:
    text = instruction(DescribeRequest(attributes=SCHEMA, alternatives=3), "the thing in the red box", Prompts())
    assert text.splitlines()[-1].startswith("Look at the thing in the red box."), "what differs comes last"
    assert "a short noun phrase" in text and "up to 3 other captions" in text
    assert '"color" (what color is it?: a list of values from red, blue)' in text
    assert '"clean" (one of yes, no)' in text and '"text" (a few words)' in text
    assert NOT_VISIBLE in text


def test_only_what_is_wanted_is_asked() -> None:
    request = DescribeRequest(style="description", attributes=AttributeSchema("none"), alternatives=0, category=False)
    text = instruction(request, "it", Prompts(), examples=("a mug, red",))
    assert "two or three sentences" in text and '"a mug, red"' in text
    assert "category" not in text and "alternatives" not in text and "attributes" not in text
    assert answer_schema(request)["required"] == ["caption"]


def test_a_person_may_ask_otherwise() -> None:
    prompts = Prompts(task="Beschreibe <region>.", phrase="kurz", attributes=(("color", "welche Farbe"),))
    text = instruction(DescribeRequest(attributes=SCHEMA), "dies", prompts)
    assert text.endswith("Beschreibe dies.") and '"caption": kurz' in text
    assert '"color" (welche Farbe: a list of values from red, blue)' in text


def test_the_schema_of_the_answer() -> None:
    schema = answer_schema(DescribeRequest(attributes=SCHEMA, alternatives=2))
    assert schema["required"] == ["caption", "category", "alternatives", "attributes"]
    attributes = schema["properties"]["attributes"]
    assert attributes["properties"]["color"]["items"]["enum"] == ["red", "blue", NOT_VISIBLE]
    assert attributes["properties"]["clean"]["enum"] == ["yes", "no", NOT_VISIBLE]
    assert attributes["properties"]["text"] == {"type": "string"}
    assert attributes["additionalProperties"] is False
    json.dumps(schema)


def test_prompts_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "prompts.json"
    path.write_text(json.dumps({"phrase": "short", "attributes": [["color", "which?"]]}))
    assert read_prompts(path) == replace(Prompts(), phrase="short", attributes=(("color", "which?"),))
    for wrong in ({"task": "Describe it."}, {"phrase": " "}, {"phrase": "x" * 5000}, {"phras": "x"}, {"phrase": 1}, []):
        path.write_text(json.dumps(wrong))
        with pytest.raises(FormatError, match=r"prompts\.json"):
            read_prompts(path)
    with pytest.raises(BadInputError, match="does not hold <region>"):
        checked_prompts(Prompts(task="Describe it."))
