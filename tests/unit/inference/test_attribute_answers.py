"""Attributes of any name and value, and models that know hardly any colors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image
from tokenizers import Tokenizer

from roi_assistant.core.box import Box
from roi_assistant.core.records import DescribeRequest, RegionText
from roi_assistant.inference.answers import AnswerReader, RegionAnswers, _is_value_of
from roi_assistant.inference.decoding import Hypothesis

BOX = Box(10, 10, 30, 30)


def said(*texts: str) -> list[Hypothesis]:
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

    def read(self, found: dict[str, str], asked: dict[str, str], *, color: bool = False) -> RegionText:
        self._words = {hash(text): text for text in (*found.values(), *asked.values())}
        answers = RegionAnswers(
            {task: said(text) for task, text in found.items()},
            {"color": self.red} if color else {},
            {name: said(text) for name, text in asked.items()},
        )
        image = Image.new("RGB", (60, 40), (220, 20, 20))
        return self._reader.read(answers, box=BOX, request=DescribeRequest(), prompt="", image=image)


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
