"""Servers that fail: nothing hangs, nothing is lost, and each failure is a sentence."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from plugins.openai_server.captioner import ServerCaptioner
from plugins.openai_server.client import Address
from roi_assistant.api import Ask, CaptionerError, DescribeRequest, Message, Turn
from roi_assistant.vlm.chat_captioner import UNREADABLE

from .conftest import tiles
from .simulator import KINDS, REASONING, Desk, Fault

Open = Callable[..., tuple[Desk, ServerCaptioner]]
PLAIN = DescribeRequest()


def error(message: str, **more: Any) -> str:
    return json.dumps({"error": {"message": message, **more}})


def captions(captioner: ServerCaptioner, count: int = 3) -> list[str]:
    image, boxes, _ = tiles(count)
    return [text.caption.text for text in captioner.describe(captioner.set_image(image), boxes, PLAIN)]


FULL = error("the request exceeds", type="exceed_context_size_error", n_prompt_tokens=25938, n_ctx=4096)
FAULTS = {
    "error": (Fault(500, error("out of memory")), r"failed \(HTTP 500\): out of memory"),
    "malformed": (Fault(text='{"choices": [{"mess'), "cannot be read: it is no JSON"),
    "empty": (Fault(text=""), "cannot be read: it is no JSON"),
    "list": (Fault(text="[]"), "cannot be read: it is no JSON object"),
    "no choices": (Fault(text='{"choices": []}'), "cannot be read: there is no message"),
    "error with 200": (Fault(text=error("no memory")), "cannot be read: no memory"),
    "content type": (Fault(text="data: hello", kind="text/plain"), "it is text/plain, not JSON"),
    "page": (Fault(502, "<html>Bad gateway</html>", kind="text/html", headers={"Retry-After": "0"}), ""),
    "cut": (Fault(text='{"choices": []}' * 9, breaks_after=40), r"broke in the middle .*bytes are missing"),
    "nothing comes": (Fault(seconds=3.0), r"did not answer \(nothing for 0.6 seconds\)"),
    "full": (Fault(400, FULL), r"has room for 4096 tokens and the question has 25938"),
    "full vllm": (Fault(400, error("This model's maximum context length is 4096 tokens.")), "no room for the question"),
    "blind": (Fault(500, error("image input is not supported - hint: mmproj")), "sees no pictures"),
    "blind vllm": (Fault(400, error("At most 0 image(s) may be provided in one prompt.")), "sees no pictures"),
    "redirect": (Fault(307, headers={"Location": "http://192.0.2.1/"}), "sends to another place"),
    "no model": (Fault(404, error("model not found")), "does not know the model"),
    "too large": (Fault(413), "takes no request that large"),
    "key": (Fault(403, error("no")), "wants another key"),
}


@pytest.mark.parametrize("kind", ["vllm", "ollama"])
@pytest.mark.parametrize("name", FAULTS)
def test_a_failure_is_a_sentence_and_the_next_question_is_answered(opened: Open, name: str, kind: str) -> None:
    fault, words = FAULTS[name]
    desk, captioner = opened(kind)
    _, _, names = tiles(3)
    desk.faults.append(fault)
    if words:
        with pytest.raises(CaptionerError, match=words) as failure:
            captions(captioner)
        assert f"127.0.0.1:{desk.port}" in str(failure.value), "the place"
        assert len(str(failure.value)) < 600 and "\n" not in str(failure.value)
    assert captions(captioner) == names


def test_a_connection_on_which_something_else_answers_is_given_up(opened: Open) -> None:
    desk, captioner = opened("vllm")
    captions(captioner, 1)
    captions(captioner, 1)
    assert len(desk.clients) == 1
    desk.faults.append(Fault(text="<html>", kind="text/html"))
    with pytest.raises(CaptionerError, match="it is text/html, not JSON"):
        captions(captioner, 1)
    captions(captioner, 1)
    assert len(desk.clients) == 2


def test_what_was_answered_before_a_failure_is_not_lost(opened: Open) -> None:
    desk, captioner = opened("vllm")
    image, boxes, names = tiles(3)
    texts = captioner.describe(captioner.set_image(image), boxes, PLAIN)
    assert next(texts).caption.text == names[0]
    desk.faults.append(Fault(500, error("oh")))
    with pytest.raises(CaptionerError, match="oh"):
        list(texts)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("breaks_after", [0, 40, 120])
def test_a_stream_that_breaks_off_is_told(opened: Open, kind: str, breaks_after: int) -> None:
    desk, captioner = opened(kind)
    desk.faults.append(Fault(message={"content": "It is a cat on a mat, and so on."}, breaks_after=breaks_after))
    image, boxes, _ = tiles(1)
    state, turns = captioner.set_image(image), [Turn("user", "What is it?")]
    said = []
    with pytest.raises(CaptionerError, match=f"127.0.0.1:{desk.port} (broke|.*cannot be read)|What .* cannot be read"):
        for piece in captioner.chat(state, boxes, turns):
            said.append(piece)
    assert "It is a cat on a mat, and so on.".startswith("".join(said))
    assert "".join(captioner.chat(state, boxes, turns)).startswith('{"caption"')


@pytest.mark.parametrize("kind", ["vllm", "llama.cpp", "ollama"])
def test_an_error_in_a_stream_is_told(opened: Open, kind: str) -> None:
    desk, captioner = opened(kind)
    text = '{"error": {"message": "out of memory"}}'
    line = {"vllm": f"data: {text}\n\n", "llama.cpp": f"error: {text}\n\n", "ollama": f"{text}\n"}[kind]
    desk.faults.append(Fault(text=line, kind="application/x-ndjson" if kind == "ollama" else "text/event-stream"))
    image, boxes, _ = tiles(1)
    with pytest.raises(CaptionerError, match="failed: out of memory"):
        list(captioner.chat(captioner.set_image(image), boxes, [Turn("user", "What is it?")]))


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_is_full_is_asked_again_when_it_says(opened: Open, status: int) -> None:
    desk, captioner = opened("vllm")
    _, _, names = tiles(12)
    desk.faults.extend(Fault(status, error("busy"), headers={"Retry-After": "0.4"}) for _ in range(2))
    begin = time.monotonic()
    assert captions(captioner, 12) == names
    assert time.monotonic() - begin > 0.7
    assert len(desk.bodies) == 14


def test_a_chat_with_a_server_that_is_full_is_begun_again(opened: Open) -> None:
    desk, captioner = opened("ollama", answer=lambda body, color: "Yes.")
    desk.faults.append(Fault(503, error("server busy, please try again")))
    image, boxes, _ = tiles(1)
    assert list(captioner.chat(captioner.set_image(image), boxes, [Turn("user", "Is it?")])) == ["Yes."]


def test_a_server_that_stays_full_is_given_up(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, captioner = opened("vllm")
    desk.faults.extend(Fault(503, error("busy"), headers={"Retry-After": "0.01"}) for _ in range(40))
    with pytest.raises(CaptionerError, match=r"no room for a long time \(HTTP 503\)"):
        captions(captioner, 1)
    assert len(desk.bodies) == 8


def test_a_server_that_is_gone_is_tried_three_times(opened: Open) -> None:
    _, captioner = opened("vllm")
    # Another port, on which nobody listens.
    captioner._server._dispatcher.client.address = Address(is_secure=False, host="127.0.0.1", port=9)
    begin = time.monotonic()
    with pytest.raises(CaptionerError, match="cannot be reached"):
        captions(captioner, 1)
    assert 0.5 < time.monotonic() - begin < 10


REFUSED = {
    "schema": ("response_format", "unsupported response_format: json_schema"),
    "probabilities": ("logprobs", "logprobs are not available"),
    "no_thinking": ("chat_template_kwargs", "chat_template_kwargs is not supported for this tokenizer"),
}


@pytest.mark.parametrize("says_why", [True, False])
@pytest.mark.parametrize("extra", REFUSED)
def test_what_a_server_refuses_is_left_out_once_and_for_all(opened: Open, extra: str, says_why: bool) -> None:
    field, words = REFUSED[extra]
    desk, captioner = opened("vllm", refuses=lambda body: (words if says_why else "bad request") * (field in body))
    _, _, names = tiles(6)
    assert captions(captioner, 6) == names
    with_field = [field in body for body in desk.bodies]
    # Without words each of the three is tried, the wrong ones for this question, too.
    tries = 1 if says_why else 1 + list(REFUSED).index(extra)
    assert with_field == [True] * tries + [False] * 6
    if says_why:
        others = {name for name, _ in REFUSED.values()} - {field}
        assert all(others <= body.keys() for body in desk.bodies), "the rest is still asked for"


def test_a_refusal_of_everything_ends(opened: Open) -> None:
    desk, captioner = opened("vllm", refuses=lambda body: "I do not like it")
    with pytest.raises(CaptionerError, match=r"HTTP 400\): I do not like it"):
        captions(captioner, 1)
    assert len(desk.bodies) == 5


@pytest.mark.parametrize("kind", ["vllm", "sglang", "llama.cpp", "ollama"])
@pytest.mark.parametrize("finish", ["stop", "length"])
def test_thoughts_never_become_a_caption(opened: Open, kind: str, finish: str) -> None:
    desk, captioner = opened(kind)
    thoughts = Fault(message={"content": "", REASONING[kind]: '{"caption": "a thought"}'}, finish=finish)
    desk.faults.extend([thoughts] * 20)
    image, boxes, names = tiles(1)
    (text,) = captioner.describe(captioner.set_image(image), boxes, PLAIN)
    assert text.caption.text == UNREADABLE and text.unsure and "thought" not in text.raw_output
    assert len(desk.bodies) <= 4
    desk.faults.clear()
    assert captions(captioner, 1) == names


@pytest.mark.parametrize("finish", ["stop", "length"])
def test_an_empty_answer_is_asked_for_otherwise(opened: Open, finish: str) -> None:
    """With more room where thoughts took it, else without the schema, and so from then on."""
    desk, captioner = opened("ollama")
    _, _, names = tiles(4)
    desk.faults.append(Fault(message={"content": "", "thinking": "Hm."}, finish=finish))
    assert captions(captioner, 4) == names
    first, *others = desk.bodies
    assert len(others) == 4
    for body in others:
        assert body["options"]["num_predict"] == first["options"]["num_predict"] * (4 if finish == "length" else 1)
        assert ("format" in body) == (finish == "length")


def test_blanks_without_end_are_an_empty_answer(opened: Open) -> None:
    desk, captioner = opened("vllm")
    desk.faults.append(Fault(message={"content": " \n" * 300}, finish="length"))
    assert captions(captioner, 2) == tiles(2)[2]
    assert "response_format" not in desk.bodies[1]


def test_thoughts_in_the_text_are_not_the_caption(opened: Open) -> None:
    desk, captioner = opened("llama.cpp")
    desk.faults.append(Fault(message={"content": '<think>{"caption": "a thought"}</think>{"caption": "a cup"}'}))
    image, boxes, _ = tiles(1)
    (text,) = captioner.describe(captioner.set_image(image), boxes, PLAIN)
    assert text.caption.text == "a cup"
    assert text.caption.score == pytest.approx(0.905, abs=0.01), "the score of its own tokens"


def test_a_second_question_does_not_stop_the_others(opened: Open) -> None:
    """What cannot be read is asked once more while other regions are under way."""
    desk, captioner = opened("vllm", seconds=0.02)
    desk.faults.append(Fault(message={"content": '{"no": "caption"}'}))
    _, _, names = tiles(16)
    assert captions(captioner, 16) == names
    assert len(desk.bodies) == 17
    # It is among the first eight that go after the first answer, not behind all regions.
    assert "Answer again" in json.dumps(desk.bodies[1:9]), "the model is shown what was wrong"


class LeftError(Exception):
    """What a caller raises to leave a call."""


def test_whoever_leaves_a_second_question_leaves_the_others(opened: Open) -> None:
    """Also while somebody still holds the answers that did not come."""
    desk, captioner = opened("vllm", seconds=30.0, slots=16)
    captioner._server._dispatcher.pace.patience = 120
    captioner._server._dispatcher.client.silence_seconds = 60  # it is not patience that ends them
    desk.faults.append(Fault(message={"content": "A cat."}, seconds=0.02))
    ask = Ask(messages=(Message("user", "What is it?"),), most_tokens=20)
    others = captioner._server.answers([ask] * 12)
    assert next(others).text == "A cat."

    def leave() -> None:
        if len(desk.bodies) >= 9:
            raise LeftError

    captioner.interrupt = leave
    with pytest.raises(LeftError):
        list(captioner._server.answers([ask]))
    until = time.monotonic() + 5
    while desk.left < 8 and time.monotonic() < until:
        time.sleep(0.01)
    assert desk.left == 8
    with pytest.raises(CaptionerError, match="was stopped"):
        next(others)


def test_eight_slots_are_kept_at_work(opened: Open) -> None:
    """A short and generous form of benchmarks/servers.py."""
    desk, captioner = opened("vllm", seconds=0.1, slots=8, looks=False)
    captioner._server._dispatcher.pace.patience = 120
    image, boxes, _ = tiles(32)
    begin = time.monotonic()
    assert len(list(captioner.describe(captioner.set_image(image), boxes, PLAIN))) == 32
    assert time.monotonic() - begin < 3 * 32 / 8 * 0.1
    assert desk.most_at_once > 8


def test_no_more_is_sent_than_a_server_says_it_can_do(opened: Open) -> None:
    desk, captioner = opened("llama.cpp", slots=2, seconds=0.01)
    assert captions(captioner, 12) == tiles(12)[2]
    assert desk.most_at_once == 2
