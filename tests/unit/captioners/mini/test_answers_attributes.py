"""Attributes of any name and value, and models that know hardly any colors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image
from tokenizers import Tokenizer

from roi_assistant.captioners.decoding import Hypothesis
from roi_assistant.captioners.mini.answers import AnswerReader, RegionAnswers, _is_value_of, measured_shares
from roi_assistant.core.box import Box
from roi_assistant.core.records import (
    AttributeDefinition,
    AttributeKind,
    AttributeSchema,
    DescribeRequest,
    RegionText,
    ScoredText,
)

BOX = Box(10, 10, 30, 30)


def hypotheses(*texts: str) -> list[Hypothesis]:
    """Hypotheses that stand for ``texts``, whatever the tokenizer knows: see ``read``."""
    return [Hypothesis((hash(text),), (-0.1 - number,)) for number, text in enumerate(texts)]


class Reader:
    """An `AnswerReader` that reads texts instead of tokens."""

    def __init__(self, tokenizer: Tokenizer, calibration: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        self.red = np.full(tokenizer.get_vocab_size(), -30.0, np.float32)
        self.red[tokenizer.encode("red", add_special_tokens=False).ids[0]] = 0.0
        self._reader = AnswerReader(calibration, tokenizer=tokenizer)
        self._words: dict[int, str] = {}
        monkeypatch.setattr(self._reader, "_texts", lambda several: [(self._words[h.tokens[0]], h) for h in several])

    def read(
        self,
        written: dict[str, str],
        asked: dict[str, str],
        *,
        color: bool = False,
        values: dict[str, dict[str, float]] | None = None,
        schema: AttributeSchema | None = None,
    ) -> RegionText:
        """``values`` are what an attribute head says; without a ``schema`` there is one of what was answered."""
        self._words = {hash(text): text for text in (*written.values(), *asked.values())}
        answers = RegionAnswers(
            {task: hypotheses(text) for task, text in written.items()},
            {"color": self.red} if color else {},
            {name: hypotheses(text) for name, text in asked.items()},
            values={name: [ScoredText(*v) for v in several.items()] for name, several in (values or {}).items()},
        )
        shares = measured_shares(Image.new("RGB", (60, 40), (220, 20, 20)), BOX)
        names = dict.fromkeys([*asked, *(values or {})])
        schema = schema or AttributeSchema("own", tuple(AttributeDefinition(n, "text", question="?") for n in names))
        return self._reader.read(answers, box=BOX, request=DescribeRequest(attributes=schema), prompt="", shares=shares)


@pytest.fixture
def reader(tokenizer: Tokenizer, plain_calibration: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Reader:
    return Reader(tokenizer, plain_calibration, monkeypatch)


@pytest.mark.parametrize(
    ("name", "value"),
    [("pattern", "leopard print"), ("pattern", "graffiti"), ("state", "burning"), ("material", "wood")],
)
def test_values_of_the_lexicon_are_shown(name: str, value: str, reader: Reader) -> None:
    """Also those that the grammar of noun phrases takes for something else."""
    text = reader.read({"phrase": "a chair"}, {name: value})
    assert [(a.name, a.values) for a in text.attributes] == [(name, (value,))]


def test_value_of_one_attribute_is_none_of_another() -> None:
    assert _is_value_of("pattern", "leopard print") and _is_value_of("state", "burning")
    assert not _is_value_of("state", "leopard print")
    assert not _is_value_of("shape", "burning")
    assert not _is_value_of("pattern", "the moon")


@pytest.mark.parametrize("name", ["category", "phrase", "sentence", "alternatives", "image", "is_a", "relation"])
def test_attribute_may_have_any_name(name: str, reader: Reader) -> None:
    text = reader.read({"phrase": "a dog", "category": "dog"}, {name: "yes"})
    assert text.caption.text == "a dog"
    assert text.category is not None and text.category.text == "dog"
    assert [(a.name, a.values) for a in text.attributes] == [(name, ("yes",))]


@pytest.mark.parametrize(("names", "expected"), [(["red"], [("red",)]), ([], []), (["no such color"], [])])
def test_model_with_hardly_any_colors(
    names: list[str],
    expected: list[tuple[str, ...]],
    tokenizer: Tokenizer,
    plain_calibration: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain_calibration = {**plain_calibration, "color": {"names": names, "pixel_weight": 0.5, "second_from": 0.0}}
    reader = Reader(tokenizer, plain_calibration, monkeypatch)
    text = reader.read({"phrase": "a red thing"}, {"color": "red"}, color=True)
    assert text.caption.text == "a red thing"
    assert [a.values for a in text.attributes] == expected


# A model with an attribute head.


def test_the_head_knows_better_than_the_decoder(reader: Reader) -> None:
    values = {"material": {"wood": 0.6, "metal": 0.3}, "state": {"open": 0.5, "broken": 0.1}}
    text = reader.read({"phrase": "a chair"}, {"material": "glass", "shape": "round"}, values=values)
    by_name = {a.name: (a.values, a.score) for a in text.attributes}
    assert by_name["material"] == (("wood",), 0.6)
    assert by_name["state"] == (("open",), 0.5)
    assert by_name["shape"][0] == ("round",), "what the head does not know the decoder answers"


def test_what_the_head_says_must_make_sense_too(reader: Reader) -> None:
    values = {"action": {"running": 0.9}, "wearing": {"hat": 0.9}, "count": {"one": 0.9}, "material": {"wood": 0.5}}
    text = reader.read({"phrase": "a chair"}, {}, values=values)
    assert [a.name for a in text.attributes] == ["material"]


def test_attributes_of_the_schema_in_its_order(reader: Reader) -> None:
    schema = AttributeSchema(
        "own",
        (
            AttributeDefinition("state", "text"),
            AttributeDefinition("use", "text", question="what is it for?"),
            AttributeDefinition("material", "text"),
        ),
    )
    values = {"material": {"wood": 0.6}, "size": {"large": 0.5}, "state": {"open": 0.5}}
    text = reader.read({"phrase": "a chair"}, {"use": "sitting"}, values=values, schema=schema)
    assert [a.name for a in text.attributes] == ["state", "use", "material"]


def test_the_likeliest_of_the_values_that_the_schema_lists(reader: Reader) -> None:
    def material(*listed: str) -> tuple[str, ...]:
        schema = AttributeSchema("own", (AttributeDefinition("material", "single", listed),))
        values = {"material": {"wood": 0.5, "Metal": 0.3, "glass": 0.2}}
        return reader.read({"phrase": "a chair"}, {}, values=values, schema=schema).attributes[0].values

    assert material("metal", "glass") == ("Metal",)
    assert material("stone") == ("wood",), "a list that the head knows nothing of"


def test_several_garments_when_they_are_likely(reader: Reader) -> None:
    def worn(asked: dict[str, str], **values: float) -> tuple[str, ...]:
        text = reader.read({"phrase": "a man"}, asked, values={"wearing": dict(values)})
        return text.attributes[0].values

    assert worn({}, shirt=0.4, jeans=0.3, hat=0.2) == ("shirt", "jeans")
    assert worn({}, shirt=0.2, hat=0.1) == ("shirt",), "the likeliest in any case"
    assert worn({}, shirt=0.26, jeans=0.25, hat=0.25, shoe=0.25) == ("shirt", "jeans", "hat"), "three at most"
    assert worn({"wearing": "blue shirt and red hat"}, shirt=0.4, jeans=0.3) == ("blue shirt", "jeans")


def test_garments_as_the_schema_lists_them(reader: Reader) -> None:
    def worn(kind: AttributeKind) -> tuple[str, ...]:
        schema = AttributeSchema("own", (AttributeDefinition("wearing", kind, ("hat", "shirt", "shoe")),))
        values = {"wearing": {"jeans": 0.3, "shirt": 0.28, "hat": 0.26}}
        text = reader.read({"phrase": "a man"}, {"wearing": "blue shirt"}, values=values, schema=schema)
        return text.attributes[0].values

    assert worn("multi") == ("shirt", "hat")
    assert worn("single") == ("shirt",)


def test_garment_said_twice_is_said_once(reader: Reader) -> None:
    text = reader.read({"phrase": "a man"}, {"wearing": "blue shirt and blue shirt"})
    assert [a.values for a in text.attributes] == [("blue shirt",)]


@pytest.mark.parametrize(("name", "value"), [("color", "red"), ("pattern", "plaid"), ("shape", "round")])
def test_what_the_decoder_knows_better(name: str, value: str, reader: Reader) -> None:
    """See ADR 23."""
    values = {name: {"striped": 0.9, value: 0.1}}
    text = reader.read({"phrase": "a thing"}, {name: value}, color=name == "color", values=values)
    assert [a.values for a in text.attributes] == [(value,)]
