"""Options scored by letters: many at a time and a shared picture change nothing, and what it costs is bounded."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from plugins.local_vlm.chat import PREFIXES_KEPT, LocalChatModel
from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeDefinition, AttributeSchema, DescribeRequest
from roi_assistant.vlm.chat_captioner import ChatCaptioner, Message, OptionsAsk
from roi_assistant.vlm.options import closed_questions

from .test_chat import BOXES, model_of

SCHEMA = AttributeSchema(
    "s",
    (
        AttributeDefinition("color", "single", ("red", "green", "blue"), "What color is it?"),
        AttributeDefinition("lit", "boolean", (), "Is it lit?"),
        AttributeDefinition("material", "single", ("wood", "metal", "glass", "a kind of stone"), "What is it made of?"),
        AttributeDefinition("marks", "multi", ("a", "b")),
        AttributeDefinition("note", "text"),
    ),
)
ASKED = DescribeRequest(alternatives=0, attributes=SCHEMA)
SHARING = ("qwen3_vl", "qwen2_5_vl", "internvl", "glm4v", "vipllava")


def ask_about(photo: Image.Image, place: str = "the thing at the left") -> OptionsAsk:
    return OptionsAsk(message=Message("user", f"Look at {place}.", (photo,)), questions=closed_questions(ASKED))


@pytest.mark.parametrize("family", SHARING)
def test_batched_shared_equals_one_by_one_from_scratch(
    captioner: Callable[[str], Any], photo: Image.Image, monkeypatch: pytest.MonkeyPatch, family: str
) -> None:
    model = model_of(captioner(family))
    assert model._may_share
    asks = ask_about(photo).lettered
    together = model.letter_weights(asks)
    single = [model.letter_weights([ask])[0] for ask in asks]
    monkeypatch.setattr(model, "_may_share", False)
    naive = [model.letter_weights([ask])[0] for ask in asks]
    # Of random weights letters have little: logarithms show whether they are the same.
    for rows in (together, single):
        for row, expected in zip(rows, naive, strict=True):
            assert [math.log(one) for one in row] == pytest.approx([math.log(one) for one in expected], abs=1e-4)
    assert len({tuple(row) for row in naive}) == len(asks), "the question matters"


def test_the_letters_are_those_of_the_next_token(captioner: Callable[[str], Any], photo: Image.Image) -> None:
    model = model_of(captioner("qwen3_vl"))
    tokenizer = model._processor.tokenizer
    (ask, *_) = ask_about(photo).lettered
    inputs, cache = model.inputs([ask])
    likely = model._speaker.next_logs(inputs, cache=cache)[0].exp()
    expected = sum(float(likely[i]) for i in range(len(tokenizer)) if tokenizer.decode([i]) in ("B", " B"))
    assert model.letter_weights([ask])[0][1] == pytest.approx(expected, rel=1e-4) and expected > 0


@pytest.mark.parametrize("family", ["qwen3_5", "gemma3", "gemma4", "lfm2_vl"])
def test_where_no_picture_is_shared_nothing_is_read(
    captioner: Callable[[str], Any], photo: Image.Image, family: str
) -> None:
    assert model_of(captioner(family)).option_reads(ask_about(photo)) == [None, None, None]


def test_what_is_read_decides_closed_attributes(
    captioner: Callable[[str], Any], photo: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: ChatCaptioner = captioner("qwen3_vl")
    model = model_of(loaded)
    seen: list[int] = []

    def weights(asks: Any) -> list[list[float]]:
        seen.append(len(asks))
        return [[0.01, 0.85, 0.04, 0.05] + [0.0] * 22 for _ in asks]

    monkeypatch.setattr(model, "letter_weights", weights)
    said = '{"caption": "a cup", "attributes": {"color": "red", "lit": "yes", "material": "cork", "marks": ["a"]}}'
    from roi_assistant.vlm.answers import Answer

    monkeypatch.setattr(model, "answers", lambda asks: iter([Answer(text=said) for _ in range(len(asks))]))
    texts = list(loaded.describe(loaded.set_image(photo), BOXES[:2], ASKED))
    assert seen == [2, 2], "one batch for each region, without what is not in its list"
    for text in texts:
        found = {one.name: one for one in text.attributes}
        assert found["color"].values == ("green",) and found["color"].score == pytest.approx(0.85 / 0.95)
        assert found["lit"].values == ("no",) and found["lit"].score == pytest.approx(0.85 / 0.90)
        assert found["material"].values == ("cork",), "kept: it may belong into the list"
        assert found["marks"].values == ("a",) and found["marks"].score == 0.5


def test_reading_computes_no_picture_again(
    captioner: Callable[[str], Any], photo: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: ChatCaptioner = captioner("qwen3_vl")
    model = model_of(loaded)
    begun: list[Any] = []
    begin = model._begun
    monkeypatch.setattr(model, "_begun", lambda *of: begun.append(of) or begin(*of))
    picture, other = photo.copy(), photo.copy()
    boxes = [Box(10.0 * n, 10, 10.0 * n + 80, 90) for n in range(10)]
    for image in (picture, other, picture):
        list(loaded.describe(loaded.set_image(image), boxes, ASKED))
    assert len(begun) <= 3
    assert len(model._prefixes) <= PREFIXES_KEPT
    assert isinstance(model, LocalChatModel)
