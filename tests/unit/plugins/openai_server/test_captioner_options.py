"""Closed attributes scored by what a server tells of options, and pictures that are sent once."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from PIL import Image

from plugins.openai_server import open_server
from plugins.openai_server.captioner import MOST_TRIALS, ServerCaptioner
from plugins.openai_server.client import Client
from plugins.openai_server.pace import Pace
from roi_assistant.api import QWEN3_BOX, DescribeRequest, RegionForm, RegionText
from roi_assistant.core.records import AttributeDefinition, AttributeSchema

from .conftest import deadline, tiles
from .simulator import Desk, Fault, pictures_of

Open = Callable[..., tuple[Desk, ServerCaptioner]]
SCHEMA = AttributeSchema(
    "s",
    (
        AttributeDefinition("material", "single", ("wood", "metal"), "What is it made of?"),
        AttributeDefinition("lit", "boolean", (), "Is it lit?"),
        AttributeDefinition("note", "text"),
    ),
)
ASKED = DescribeRequest(alternatives=0, attributes=SCHEMA)
LETTERS = {"B": math.log(0.8), "A": math.log(0.1), " C": math.log(0.05), "The": math.log(0.05)}


def good(body: dict[str, Any], color: tuple[int, int, int]) -> str:
    name = f"a thing of color {'-'.join(str(round(value / 40)) for value in color)}"
    return json.dumps({"caption": name, "category": "thing", "attributes": {"material": "wood", "lit": "yes"}})


def said(captioner: ServerCaptioner, count: int) -> list[RegionText]:
    image, boxes, names = tiles(count)
    texts = list(captioner.describe(captioner.set_image(image), boxes, ASKED))
    assert [text.caption.text for text in texts] == names, "whatever becomes of the attributes"
    return texts


def told(text: RegionText) -> dict[str, Any]:
    return {one.name: (one.values[0], pytest.approx(one.score, abs=1e-3)) for one in text.attributes}


WRITTEN = {"material": ("wood", 0.301), "lit": ("yes", 0.905)}
"""What the words' own probabilities make of it: the simulator is less sure of wood."""
READ = {"material": ("metal", 0.8 / 0.95), "lit": ("no", 0.8 / 0.95)}


def decided(body: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """The answer of a server that decides."""
    assert list(body["questions"]) == ["0", "1"]
    answers = {
        "0": {
            "choice": "metal",
            "probabilities": {"wood": 0.2, "metal": 0.7, "not visible": 0.1},
            "confidence": 0.7,
        },
        "1": {"noul": 0.1},
    }
    mass = {"0": {"label_mass": 0.98}, "1": {"label_mass": 0.9}}
    return {"answers": answers, "diagnostics": mass, **changed}


# /v1/systemone


@pytest.mark.parametrize("kind", ["vllm", "sglang", "llama.cpp"])
def test_one_request_decides_all_attributes_of_a_region(opened: Open, kind: str) -> None:
    desk, captioner = opened(kind, answer=good, decides=decided)
    for text in said(captioner, 6):
        assert told(text) == {"material": ("metal", 0.7), "lit": ("no", 0.9)}
    assert len(desk.bodies) == len(desk.reads) == 6 and desk.wrong == []
    questions = desk.reads[0]["questions"]
    assert questions["0"] == {
        "type": "choice",
        "instructions": "What is it made of?",
        "criteria": {"wood": None, "metal": None, "not visible": None},
    }
    assert questions["1"] == {"type": "noul", "instructions": "Is it lit?"}
    assert desk.reads[0]["state"].startswith("Look at the thing in the red box.")
    assert desk.reads[0]["images"][0] == desk.bodies[0]["messages"][0]["content"][0]["image_url"]["url"]


def test_a_question_that_was_not_understood_is_told_as_unsure(opened: Open) -> None:
    low = {"0": {"label_mass": 0.03}, "1": {"label_mass": 0.9}}
    _, captioner = opened("vllm", answer=good, decides=lambda body: decided(body, diagnostics=low))
    (text,) = said(captioner, 1)
    assert told(text) == {"material": ("wood", 0.03), "lit": ("no", 0.9)}


def test_what_is_not_written_is_not_seen_by_a_yes_or_no(opened: Open) -> None:
    blind = '{"caption": "a thing of color 0-0-0", "attributes": {"material": "wood", "lit": "not visible"}}'
    _, captioner = opened("vllm", answer=lambda body, color: blind, decides=decided)
    (text,) = said(captioner, 1)
    assert told(text) == {"material": ("metal", 0.7)}


REFUSALS = {
    "not implemented": Fault(501, '{"error": {"message": "no read strategy for Qwen3VL"}}'),
    "bad request": Fault(400, '{"error": {"message": "each label must be one token"}}'),
    "validation": Fault(422, '{"detail": "extra fields"}'),
    "failure": Fault(500, "oh"),
    "no json": Fault(text="<html>", kind="text/html"),
    "something else": Fault(text='{"object": "list"}'),
    "silence": Fault(seconds=2.0),
    "cut": Fault(text='{"answers": {}}' * 9, breaks_after=20),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_server_that_does_not_decide_is_not_asked_again(opened: Open, name: str) -> None:
    desk, captioner = opened("vllm", answer=good, decides=decided, tells_probabilities=False)
    desk.read_faults.append(REFUSALS[name])
    said(captioner, 4)
    said(captioner, 2)
    assert len(desk.reads) == 1 and desk.wrong == []


def test_a_server_without_the_place_is_asked_for_it_once(opened: Open) -> None:
    desk, captioner = opened("vllm", answer=good, tells_probabilities=False)
    assert [told(text)["material"][0] for text in said(captioner, 4)] == ["wood"] * 4
    assert desk.paths.count("/v1/systemone") == 1
    other, captioner = opened("ollama", answer=good)
    said(captioner, 2)
    assert "/v1/systemone" not in other.paths


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"0": {"probabilities": {"wood": "much", "metal": 2, "not visible": None}}, "1": {"noul": -1}},
        {"0": {"probabilities": ["wood"]}, "1": {"noul": True}},
        {"0": 1, "1": []},
    ],
)
def test_answers_that_say_nothing_change_nothing(opened: Open, answers: Mapping[str, Any]) -> None:
    _, captioner = opened("vllm", answer=good, decides=lambda body: {"answers": answers, "diagnostics": 7})
    (text,) = said(captioner, 1)
    assert told(text) == WRITTEN


# Letters


@pytest.mark.parametrize("kind", ["vllm", "llama.cpp", "openai"])
def test_letters_are_read_where_pictures_are_kept(opened: Open, kind: str) -> None:
    desk, captioner = opened(kind, answer=good, letters=LETTERS, cached_tokens=700)
    texts = said(captioner, 5)
    # The first question shows that the picture is kept; from then on all are asked.
    assert told(texts[0]) == {"material": READ["material"], "lit": WRITTEN["lit"]}
    for text in texts[1:]:
        assert told(text) == READ
    assert len(desk.reads) == 1 + 4 * 2 and desk.wrong == []
    content = desk.reads[0]["messages"][0]["content"]
    assert "\nWhat is it made of?\nA: wood\nB: metal\nC: not visible\nAnswer with the letter" in content[-1]["text"]
    assert desk.reads[0]["max_tokens"] <= 4 and "response_format" not in desk.reads[0]
    assert pictures_of(desk.reads[0], kind) == pictures_of(desk.bodies[0], kind)


@pytest.mark.parametrize("cached", [0, 16, None])
def test_where_each_question_would_cost_the_picture_words_have_to_do(opened: Open, cached: int | None) -> None:
    desk, captioner = opened("vllm", answer=good, letters=LETTERS, cached_tokens=cached)
    texts = said(captioner, 9)
    assert len(desk.reads) == MOST_TRIALS
    for text in texts[MOST_TRIALS:]:
        assert told(text) == WRITTEN
    assert captioner.info.notes == ()


def test_a_server_without_probabilities_is_not_asked_for_letters(opened: Open) -> None:
    for kind, options in (("lmstudio", {}), ("vllm", {"tells_probabilities": False})):
        desk, captioner = opened(kind, answer=good, letters=LETTERS, cached_tokens=700, **options)
        (text,) = said(captioner, 1)
        assert told(text) == {"material": ("wood", 0.5), "lit": ("yes", 0.5)} and desk.reads == []


def test_a_read_that_fails_takes_no_caption_along_and_is_not_tried_again(opened: Open) -> None:
    desk, captioner = opened("llama.cpp", answer=good, letters=LETTERS, cached_tokens=700)
    desk.read_faults.append(Fault(500, '{"error": {"message": "oh"}}'))
    assert [told(text) for text in said(captioner, 4)] == [WRITTEN] * 4
    assert len(desk.reads) == 1


def test_a_server_that_tells_fewer_alternatives_goes_on_telling_of_words(opened: Open) -> None:
    def refuses(body: dict[str, Any]) -> str:
        return "requested logprobs of 20, max_logprobs is 5" if body.get("top_logprobs", 0) > 5 else ""

    desk, captioner = opened("llama.cpp", answer=good, letters=LETTERS, cached_tokens=700, refuses=refuses)
    assert [told(text) for text in said(captioner, 4)] == [WRITTEN] * 4
    assert len(desk.reads) == 1 and all(body["logprobs"] for body in desk.bodies)


def test_reads_do_not_tell_how_long_answers_take(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, captioner = opened("vllm", answer=good, letters=LETTERS, cached_tokens=700)
    lasted: list[Any] = []
    monkeypatch.setattr(Pace, "answered", lambda *of, **times: lasted.append(of))
    said(captioner, 4)
    assert len(lasted) == len(desk.bodies) == 4


# Names of pictures


@pytest.fixture
def whole_photo() -> tuple[Image.Image, list[Any]]:
    image, boxes, _ = tiles(8)
    return image, boxes


def numbered(desk: Desk) -> ServerCaptioner:
    captioner = open_server(desk.url, region_form=RegionForm(telling="text", form=QWEN3_BOX))()
    assert isinstance(captioner, ServerCaptioner)
    captioner.interrupt = deadline()
    return captioner


def test_a_picture_is_sent_once_and_then_named(opened: Open, whole_photo: tuple[Image.Image, list[Any]]) -> None:
    desk, _ = opened("vllm")
    captioner, (image, boxes) = numbered(desk), whole_photo
    state = captioner.set_image(image)
    list(captioner.describe(state, boxes, DescribeRequest()))
    list(captioner.describe(state, boxes[:2], DescribeRequest()))
    assert len(desk.kept) == 1 and desk.by_name == 9, "all but the first"
    list(captioner.describe(captioner.set_image(image.rotate(180)), boxes[:1], DescribeRequest()))
    assert len(desk.kept) == 2 and desk.by_name == 9, "another picture has another name"
    assert desk.wrong == [] and len(desk.bodies) == 11
    captioner.close()


def test_a_picture_that_was_lost_is_sent_again_at_once(
    opened: Open, whole_photo: tuple[Image.Image, list[Any]]
) -> None:
    desk, _ = opened("vllm", keeps_pictures=False)
    captioner, (image, boxes) = numbered(desk), whole_photo
    texts = list(captioner.describe(captioner.set_image(image), boxes, DescribeRequest()))
    assert len(texts) == 8 and len({text.caption.text for text in texts}) == 1
    list(captioner.describe(captioner.set_image(image.rotate(180)), boxes, DescribeRequest()))
    assert 1 <= desk.by_name <= 8, "those that were under way; no more once one was lost"
    assert desk.wrong == []
    captioner.close()


@pytest.mark.parametrize("status", [400, 404, 422, 500])
def test_any_refusal_of_a_name_is_answered_by_bytes(
    opened: Open, whole_photo: tuple[Image.Image, list[Any]], status: int
) -> None:
    desk, _ = opened("vllm")
    captioner, (image, boxes) = numbered(desk), whole_photo
    state = captioner.set_image(image)
    list(captioner.describe(state, boxes[:1], DescribeRequest()))
    desk.faults.append(Fault(status, '{"error": {"message": "something"}}'))
    assert len(list(captioner.describe(state, boxes[:1], DescribeRequest()))) == 1
    assert desk.by_name == 1 and len(desk.bodies) == 3
    schema = desk.bodies[-1].get("response_format")
    assert schema is not None, "the schema was not what it refused"
    captioner.close()


def test_a_server_that_knows_no_names_gets_none(opened: Open) -> None:
    desk, captioner = opened(
        "vllm", answer=good, refuses=lambda body: "uuid: extra field" if '"uuid"' in json.dumps(body) else ""
    )
    said(captioner, 3)
    assert sum('"uuid"' in json.dumps(body) for body in desk.bodies) == 1
    for kind in ("sglang", "ollama", "openai"):
        other, captioner = opened(kind, answer=good)
        said(captioner, 1)
        assert '"uuid"' not in json.dumps(other.bodies)


def test_reads_are_left_with_the_call(opened: Open) -> None:
    desk, captioner = opened("vllm", answer=good, decides=decided)
    desk.read_faults.append(Fault(seconds=15.0))
    captioner._server._dispatcher.client = Client(captioner._server._dispatcher.client.address)

    class LeftError(Exception): ...

    def leave() -> None:
        if desk.reads:
            raise LeftError

    captioner.interrupt = leave
    with pytest.raises(LeftError):
        said(captioner, 1)
    captioner.interrupt = deadline()
    said(captioner, 1)
