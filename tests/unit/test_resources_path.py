"""Resources are found, and the attribute presets agree with what phrases are read into."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roi_assistant import resources_path
from roi_assistant.core.phrases import parse_phrase
from roi_assistant.core.records import AttributeSchema
from roi_assistant.core.schema import dump_schema, parse_schema
from roi_assistant.resources_path import plugins_folder, resource

LISTS = json.loads(resource("lexicon.json").read_text(encoding="utf-8"))
LISTED = {"color": "colors", "material": "materials", "size": "sizes", "pattern": "patterns", "shape": "shapes"}


def preset(name: str) -> AttributeSchema:
    path = resource("attribute-presets", f"{name}.json")
    schema = parse_schema(path.read_text(encoding="utf-8"), name=path.name)
    assert path.read_text(encoding="utf-8") == dump_schema(schema)
    return schema


def test_a_wheel_carries_its_own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("resources", "plugins"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(resources_path, "_BUNDLED", tmp_path)
    assert resource("samples", "a.jpg") == tmp_path / "resources" / "samples" / "a.jpg"
    assert plugins_folder() == tmp_path / "plugins"


@pytest.mark.parametrize("parts", [("..",), ("samples", "..", "..", "README.md"), (str(Path("/").resolve()),)])
def test_nothing_outside_is_a_resource(parts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="is not below"):
        resource(*parts)


@pytest.mark.parametrize("name", ["default", "everything", "general-objects"])
def test_presets_ask_about_a_region_and_name_the_values_of_the_lexicon(name: str) -> None:
    schema = preset(name)
    assert schema.name == name
    for attribute in schema.attributes:
        assert "<region1>" in attribute.question
        if attribute.name in LISTED:
            assert set(attribute.values) == set(LISTS[LISTED[attribute.name]])
        assert {"gender", "sex", "age"}.isdisjoint({attribute.name, *attribute.values})


def test_one_preset_has_every_attribute_of_a_phrase_and_the_default_neither_size_nor_clothing() -> None:
    phrase = "two small wet striped round red wooden dogs wearing hats sitting"
    kinds = {attribute.name: attribute.kind for attribute in preset("everything").attributes}
    assert set(parse_phrase(phrase).attributes) == set(kinds)
    assert kinds["wearing"] == "text"
    assert {attribute.name for attribute in preset("default").attributes} == set(kinds) - {"size", "wearing"}


def test_actions_of_the_default_preset_are_what_phrases_give() -> None:
    action = next(attribute for attribute in preset("default").attributes if attribute.name == "action")
    for value in action.values:
        assert parse_phrase(f"a man {value}").attributes.get("action") == (value,), value
