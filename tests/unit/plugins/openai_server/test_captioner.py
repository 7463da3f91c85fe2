"""A captioner of a server: what it sends, what it makes of the answers, and what it tells of itself."""

from __future__ import annotations

import itertools
import json
import logging
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from plugins.openai_server import list_models, open_server
from plugins.openai_server.captioner import NO_PROBABILITIES, NO_REUSE, ServerCaptioner
from roi_assistant.api import QWEN3_BOX, BadInputError, CaptionerError, DescribeRequest, RegionForm, Turn
from roi_assistant.core.records import AttributeDefinition, AttributeSchema
from roi_assistant.vlm.chat_captioner import UNREADABLE

from .conftest import deadline, tiles
from .simulator import KINDS, MODEL, THINKING, Fault, described, pictures_of, serving

Open = Callable[..., Any]
SCHEMA = AttributeSchema("s", (AttributeDefinition("material", "single", ("wood", "metal")),))
ASKED = DescribeRequest(attributes=SCHEMA)


@pytest.mark.parametrize("kind", KINDS)
def test_regions_are_described_in_their_order_by_the_rules_of_the_server(opened: Open, kind: str) -> None:
    chance = random.Random(1)

    def late(body: dict[str, Any], color: tuple[int, int, int]) -> str:
        time.sleep(chance.uniform(0, 0.05))
        return described(body, color)

    desk, captioner = opened(kind, answer=late)
    image, boxes, names = tiles(20)
    texts = list(captioner.describe(captioner.set_image(image), boxes, ASKED))
    assert [text.caption.text for text in texts] == names
    assert [text.box for text in texts] == boxes
    assert desk.wrong == []
    assert len(desk.bodies) == 20 and desk.most_at_once > 1
    assert len(desk.clients) < 20, "connections are kept"
    for body in desk.bodies:
        assert THINKING[kind].items() <= body.items()
        assert not any("guided" in name for name in body)
        assert len(pictures_of(body, kind)) == 1
    (material,) = texts[0].attributes
    # Of LM Studio nothing is known: 0.5. Else exp(-1.2), what the simulator says of this word.
    assert material.score == pytest.approx(0.5 if kind == "lmstudio" else 0.3012, abs=1e-3)
    assert texts[0].prompt and json.loads(texts[0].raw_output)["category"] == "thing"


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_told_of_a_server(opened: Open, kind: str) -> None:
    desk, captioner = opened(kind)
    info = captioner.info
    assert info.id == f"{kind}/{MODEL}@127.0.0.1:{desk.port}"
    assert len(info.weights_sha256) == 64
    assert {"chat", "attributes", "multi_region", "streams", "interruptible"} <= info.capabilities
    assert ("scores_options" in info.capabilities) == (kind != "lmstudio")
    assert info.notes == ((NO_PROBABILITIES,) if kind == "lmstudio" else ())


def test_the_weights_are_named_by_server_and_model(opened: Open) -> None:
    hashes = {
        opened(kind, models=(name,))[1].info.weights_sha256
        for kind, name in (("vllm", "a"), ("vllm", "b"), ("sglang", "a"), ("vllm", "a"))
    }
    assert len(hashes) == 3


def test_a_server_without_probabilities_says_so(opened: Open) -> None:
    _, captioner = opened("vllm", tells_probabilities=False)
    image, boxes, _ = tiles(1)
    assert captioner.info.notes == ()
    (text,) = captioner.describe(captioner.set_image(image), boxes, ASKED)
    assert text.caption.score == 0.5
    assert captioner.info.notes == (NO_PROBABILITIES,)


@pytest.mark.parametrize("kind", KINDS)
def test_chat_comes_in_pieces_and_without_thoughts(opened: Open, kind: str) -> None:
    desk, captioner = opened(kind)
    desk.faults.append(Fault(message={"content": "<think>It is a dog? No.</think>It is a cat.", "reasoning": "Dog!"}))
    image, boxes, _ = tiles(3)
    pieces = list(captioner.chat(captioner.set_image(image), boxes, [Turn("user", "What is <region2>?")]))
    assert "".join(pieces) == "It is a cat."
    assert len(pieces) > 1
    assert desk.wrong == [] and desk.bodies[0]["stream"] is True


def test_a_chat_goes_on_with_what_was_said(opened: Open) -> None:
    desk, captioner = opened("vllm", answer=lambda body, color: "Yes.")
    image, boxes, _ = tiles(1)
    turns = [Turn("user", "Is it red?"), Turn("assistant", "No."), Turn("user", "Blue?")]
    assert list(captioner.chat(captioner.set_image(image), boxes, turns)) == ["Yes."]
    first, second, third = desk.bodies[0]["messages"]
    assert first["content"][0]["type"] == "image_url" and first["content"][-1]["text"].endswith("Is it red?")
    assert second == {"role": "assistant", "content": "No."} and third["content"] == "Blue?"


def test_thoughts_alone_are_no_answer_to_a_chat(opened: Open) -> None:
    desk, captioner = opened("sglang")
    desk.faults.append(Fault(message={"content": "", "reasoning_content": "Hm, a dog."}))
    image, boxes, _ = tiles(1)
    with pytest.raises(CaptionerError, match="thoughts and no answer"):
        list(captioner.chat(captioner.set_image(image), boxes, [Turn("user", "What is it?")]))


def test_a_server_that_does_not_stream_is_heard(opened: Open) -> None:
    desk, captioner = opened("openai")
    reply = {"choices": [{"message": {"content": "A cat."}, "finish_reason": "stop"}]}
    desk.faults.append(Fault(text=json.dumps(reply)))
    image, boxes, _ = tiles(1)
    assert list(captioner.chat(captioner.set_image(image), boxes, [Turn("user", "What is it?")])) == ["A cat."]


def test_an_answer_that_the_server_cannot_read_is_asked_for_once_without_the_schema(opened: Open) -> None:
    desk, captioner = opened("llama.cpp")
    told = "The model produced output that does not match the expected peg-native format"
    desk.faults.append(Fault(status=500, text=json.dumps({"error": {"code": 500, "message": told}})))
    image, boxes, _ = tiles(2)
    texts = list(captioner.describe(captioner.set_image(image), boxes, DescribeRequest()))
    assert len(texts) == 2 and all(text.caption.text != UNREADABLE for text in texts)
    assert ["response_format" in body for body in desk.bodies] == [True, False, True]


def test_a_server_that_reads_no_answer_is_not_asked_for_ever(opened: Open) -> None:
    desk, captioner = opened("llama.cpp")
    told = "The model produced output that does not match the expected peg-native format"
    desk.faults.extend([Fault(status=500, text=json.dumps({"error": {"code": 500, "message": told}}))] * 5)
    image, boxes, _ = tiles(1)
    with pytest.raises(CaptionerError, match="HTTP 500"):
        list(captioner.describe(captioner.set_image(image), boxes, DescribeRequest()))
    assert len(desk.bodies) == 2


class LeftError(Exception):
    """What a caller raises to leave a call."""


@pytest.mark.parametrize("what", ["describe", "chat"])
def test_a_call_that_is_left_frees_the_server_at_once(opened: Open, what: str) -> None:
    desk, captioner = opened("vllm", seconds=30.0)
    image, boxes, names = tiles(4)
    state, begin = captioner.set_image(image), time.monotonic()
    gaps = [begin]

    def leave() -> None:
        gaps.append(time.monotonic())
        if desk.bodies and time.monotonic() - begin > 0.3:
            raise LeftError

    captioner.interrupt = leave
    with pytest.raises(LeftError):
        if what == "describe":
            list(captioner.describe(state, boxes, ASKED))
        else:
            list(captioner.chat(state, boxes, [Turn("user", "What is it?")]))
    assert time.monotonic() - begin < 3
    # 50 ms are promised; the machine may do something else meanwhile.
    assert max(after - before for before, after in itertools.pairwise(gaps)) < 0.5
    until = time.monotonic() + 5
    while desk.left < 1 and time.monotonic() < until:
        time.sleep(0.01)
    assert desk.left == 1, "the server has seen that nobody waits any more"
    desk.seconds = 0.0
    captioner.interrupt = deadline()
    assert [text.caption.text for text in captioner.describe(state, boxes, ASKED)] == names


def test_answers_that_nobody_takes_are_left(opened: Open) -> None:
    desk, captioner = opened("vllm")
    image, boxes, names = tiles(9)
    texts = captioner.describe(captioner.set_image(image), boxes, ASKED)
    assert next(texts).caption.text == names[0]
    texts.close()
    time.sleep(0.1)
    asked = len(desk.bodies)
    assert [text.caption.text for text in captioner.describe(captioner.set_image(image), boxes[:2], ASKED)] == names[:2]
    assert len(desk.bodies) == asked + 2


def test_no_thread_is_left(opened: Open) -> None:
    _, captioner = opened("vllm")
    image, boxes, _ = tiles(5)
    list(captioner.describe(captioner.set_image(image), boxes, ASKED))
    captioner.close()
    until = time.monotonic() + 5
    while any(thread.name == "server" for thread in threading.enumerate()) and time.monotonic() < until:
        time.sleep(0.01)
    assert not any(thread.name == "server" for thread in threading.enumerate())


def test_options_are_scored_by_their_letters(opened: Open) -> None:
    desk, captioner = opened("vllm", letters={"A": -2.0, "B": -0.2, " B": -4.0})
    image, boxes, _ = tiles(2)
    scores = captioner.score_options(
        captioner.set_image(image), boxes, [Turn("user", "What is <region1>?")], ["a cup", "a bowl", "a pot"]
    )
    # A exp(-2), B exp(-0.2) and exp(-4), of C nothing.
    assert scores == pytest.approx([-1.9752, -0.1528, -20.6965], abs=0.01)
    body = desk.reads[0]
    assert body["logprobs"] is True and body["top_logprobs"] == 20 and body["max_tokens"] <= 4
    assert "response_format" not in body and "B: a bowl" in body["messages"][0]["content"][-1]["text"]


def test_options_without_probabilities(opened: Open) -> None:
    _, captioner = opened("vllm", tells_probabilities=False)
    image, boxes, _ = tiles(1)
    with pytest.raises(CaptionerError, match="does not tell how likely"):
        captioner.score_options(captioner.set_image(image), boxes, [Turn("user", "?")], ["a", "b"])
    with pytest.raises(CaptionerError, match="20 at most"):
        captioner.score_options(captioner.set_image(image), boxes, [Turn("user", "?")], ["a"] * 21)


@pytest.mark.parametrize(("cached", "notes"), [(0, (NO_REUSE,)), (700, ()), (None, ())])
def test_a_server_that_keeps_nothing_of_a_picture_is_told_of(cached: int | None, notes: tuple[str, ...]) -> None:
    image, boxes, _ = tiles(6)
    with serving("vllm", cached_tokens=cached) as desk:
        numbers = RegionForm(telling="text", form=QWEN3_BOX)
        captioner = open_server(desk.url, region_form=numbers)()
        assert isinstance(captioner, ServerCaptioner)
        captioner.interrupt = deadline()
        list(captioner.describe(captioner.set_image(image), boxes, DescribeRequest()))
        assert captioner.info.notes == notes
        assert captioner.cached_tokens == 6 * (cached or 0)
        assert desk.wrong == []
        assert len({pictures_of(body, "vllm")[0] for body in desk.bodies}) == 1
        assert "[" in desk.bodies[0]["messages"][0]["content"][-1]["text"], "the box in numbers"
        captioner.close()


def test_crops_share_no_picture(opened: Open) -> None:
    _, captioner = opened("vllm", cached_tokens=0)
    image, boxes, _ = tiles(6)
    list(captioner.describe(captioner.set_image(image), boxes, ASKED))
    assert captioner.info.notes == (), "nothing could be kept"


def test_photos_stay_here_unless_that_is_allowed() -> None:
    with pytest.raises(CaptionerError, match=r"photos would be sent to 192\.0\.2\.7"):
        open_server("http://192.0.2.7:8000/v1")()
    with pytest.raises(CaptionerError, match=r"photos would be sent to localhost\.example\.org"):
        open_server("http://localhost.example.org/v1")()


def test_another_host_is_asked_when_that_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    from plugins.openai_server.client import Address

    with serving("vllm") as desk:
        monkeypatch.setattr(Address, "is_here", False)
        with pytest.raises(CaptionerError, match="photos"):
            open_server(desk.url)()
        assert desk.paths == [], "nothing was sent"
        captioner = open_server(desk.url, allow_remote=True)()
        assert captioner.info.id.startswith("vllm/")
        captioner.close()


@pytest.mark.parametrize("kind", ["llama.cpp", "ollama", "lmstudio"])
def test_a_model_that_sees_nothing_is_refused(kind: str) -> None:
    with serving(kind, sees=False) as desk, pytest.raises(CaptionerError, match=f"{MODEL} of .* sees no pictures"):
        open_server(desk.url)()


def test_a_model_is_chosen(opened: Open) -> None:
    _, captioner = opened("ollama", models=("gemma:latest", "qwen:7b"), model="gemma")
    assert captioner.info.id.startswith("ollama/gemma:latest@")
    with pytest.raises(CaptionerError, match="several models, choose one: gemma:latest, qwen:7b"):
        opened("ollama", models=("gemma:latest", "qwen:7b"))
    with pytest.raises(CaptionerError, match=r"has no model llava; it has qwen3-vl\."):
        opened("vllm", model="llava")
    with pytest.raises(CaptionerError, match="has no model: load one"):
        opened("lmstudio", models=())


@pytest.mark.parametrize("variable", ["ROI_ASSISTANT_SERVER_KEY", "OPENAI_API_KEY"])
def test_a_key_is_sent_and_never_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, variable: str
) -> None:
    secret = "sk-secret-of-mine"
    caplog.set_level(logging.DEBUG)
    image, boxes, _ = tiles(1)
    with serving("vllm", key=secret) as desk:
        with pytest.raises(CaptionerError, match="wants another key") as missing:
            open_server(desk.url)()
        monkeypatch.setenv(variable, secret)
        captioner = open_server(desk.url)()
        assert isinstance(captioner, ServerCaptioner)
        captioner.interrupt = deadline()
        desk.faults.append(Fault(status=500, text=json.dumps({"error": {"message": f"bad key {secret}"}})))
        with pytest.raises(CaptionerError, match=r"bad key \*\*\*") as failed:
            list(captioner.describe(captioner.set_image(image), boxes, ASKED))
        (text,) = captioner.describe(captioner.set_image(image), boxes, ASKED)
        told = [str(missing.value), str(failed.value), repr(captioner.info), repr(text), caplog.text]
        assert not any(secret in one for one in told)
        captioner.close()


def test_a_key_that_cannot_be_sent_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROI_ASSISTANT_SERVER_KEY", "sk-\nsecret")
    with serving("vllm") as desk, pytest.raises(CaptionerError, match="ROI_ASSISTANT_SERVER_KEY") as error:
        open_server(desk.url)()
    assert "secret" not in str(error.value)


def test_what_is_no_server_is_said_in_a_sentence() -> None:
    with serving("openai") as desk, pytest.raises(CaptionerError, match="/website is no model server"):
        list_models(f"http://127.0.0.1:{desk.port}/website")
    with pytest.raises(CaptionerError, match=r"cannot be reached .*: is it running"):
        open_server(desk.url)()
    with pytest.raises(BadInputError, match="is no address of a server"):
        open_server("ftp://127.0.0.1")


def several(body: dict[str, Any], color: tuple[int, int, int]) -> str:
    """Answers about all regions of a question, in some order, by where their boxes begin; leaves one of them out."""
    text = body["messages"][0]["content"][-1]["text"]
    places = [line.partition("[")[2].partition(",")[0] for line in text.splitlines() if "bbox_2d" in line]
    if "regions" not in text.partition("\n")[0]:
        return json.dumps({"caption": f"a thing at {places[0]}"})
    items = [{"region": n, "caption": f"a thing at {place}"} for n, place in enumerate(places, start=1)]
    return json.dumps({"regions": [*items[4:], {"region": 40, "caption": "a ghost"}, *items[:3]]})


@pytest.mark.parametrize("model", ["qwen3-vl", "Qwen/Qwen3.5-9B"])
def test_where_no_picture_is_kept_several_regions_share_a_question(model: str) -> None:
    image, boxes, _ = tiles(12)
    with serving("llama.cpp", cached_tokens=0, answer=several, models=(model,)) as desk:
        captioner = open_server(desk.url, region_form=RegionForm(telling="text", form=QWEN3_BOX))()
        assert isinstance(captioner, ServerCaptioner)
        captioner.interrupt = deadline()
        is_hybrid = "3.5" in model
        assert captioner.info.notes == ((NO_REUSE,) if is_hybrid else ())
        for asked in (12, 2 + 2):
            if is_hybrid:
                asked = 2 + 1 + 1  # the groups, and of each the one that it left out
            before = len(desk.bodies)
            texts = list(captioner.describe(captioner.set_image(image), boxes, DescribeRequest(alternatives=0)))
            assert [text.caption.text for text in texts] == [f"a thing at {round(box.x1 / 0.72)}" for box in boxes]
            assert len(desk.bodies) == before + asked
            assert captioner.info.notes == (NO_REUSE,)
        assert desk.wrong == []
        captioner.close()


def test_a_hybrid_model_whose_pictures_are_kept_is_asked_as_ever() -> None:
    image, boxes, names = tiles(6)
    with serving("vllm", cached_tokens=700, models=("Qwen3.5-9B",)) as desk:
        captioner = open_server(desk.url, region_form=RegionForm(telling="text", form=QWEN3_BOX))()
        assert isinstance(captioner, ServerCaptioner)
        captioner.interrupt = deadline()
        state = captioner.set_image(image)
        list(captioner.describe(state, boxes[:1], DescribeRequest()))
        list(captioner.describe(state, boxes[:1], DescribeRequest()))
        assert captioner.info.notes == ()
        list(captioner.describe(state, boxes, DescribeRequest()))
        assert len(desk.bodies) == 8 and len(names) == 6
        captioner.close()
