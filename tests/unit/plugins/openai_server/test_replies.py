"""Replies of each form, and what is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plugins.openai_server.dialects import DIALECTS
from plugins.openai_server.replies import Reply, UnreadableError, error_text, read_piece, read_reply

VLLM, OLLAMA = DIALECTS["vllm"], DIALECTS["ollama"]


def openai(content: object, *, tokens: list[dict[str, Any]] | None = None, finish: str = "stop", **more: Any) -> Reply:
    choice = {"message": {"content": content, **more.pop("message", {})}, "finish_reason": finish}
    if tokens is not None:
        choice["logprobs"] = {"content": tokens}
    return read_reply(json.dumps({"choices": [choice], **more}).encode(), VLLM)


def token(text: str, log: float = -0.5, **more: Any) -> dict[str, Any]:
    return {"token": text, "logprob": log, **more}


def test_an_answer_with_all_there_is() -> None:
    reply = openai(
        '{"a": 1}',
        tokens=[token('{"a"'), token(": 1", -0.25), token("}"), token("<|im_end|>", -9.0)],
        finish="length",
        usage={"prompt_tokens_details": {"cached_tokens": 512}},
        timings={"cache_n": 7},
    )
    assert reply.answer.text == '{"a": 1}' and reply.answer.cut and reply.answer.reasoning == ""
    assert [tuple(one) for one in reply.answer.tokens] == [('{"a"', -0.5), (": 1", -0.25), ("}", -0.5)]
    assert reply.cached_tokens == 512


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content", "thinking"])
def test_thoughts_stay_thoughts(field: str) -> None:
    reply = openai(None, message={field: "a dog"})
    assert (reply.answer.text, reply.answer.reasoning) == ("", "a dog")
    reply = openai("A cat.", message={field: "a dog"})
    assert (reply.answer.text, reply.answer.reasoning) == ("A cat.", "a dog")


@pytest.mark.parametrize("content", ["<think>a dog</think>A cat.", "a dog</think>\nA cat.", "<think>a dog"])
def test_thoughts_in_the_text_are_cut_off_with_their_tokens(content: str) -> None:
    reply = openai(content, tokens=[token(letter) for letter in content])
    assert reply.answer.text == ("A cat." if "cat" in content else "")
    assert "".join(one.text for one in reply.answer.tokens) == reply.answer.text
    assert "dog" in reply.answer.reasoning


def test_letters_that_are_divided_between_tokens() -> None:
    word = "Tür".encode()
    tokens = [token("T\ufffd", bytes=list(word[:2])), token("\ufffdr", bytes=list(word[2:]))]
    assert "".join(one.text for one in openai("Tür", tokens=tokens).answer.tokens) == "Tür"


def test_tokens_that_are_not_the_text_are_no_tokens() -> None:
    assert openai("A cat.", tokens=[token("token_id:17"), token("token_id:4")]).answer.tokens == ()
    assert openai("A cat.", tokens=[]).answer.tokens == ()
    assert openai("A", tokens=[token("A", log="much")]).answer.tokens[0].text == "A"  # type: ignore[arg-type]


def test_parts_of_a_content_are_put_together() -> None:
    assert (
        openai([{"type": "text", "text": "A "}, {"type": "x"}, {"type": "text", "text": "cat"}]).answer.text == "A cat"
    )


def test_llama_tells_what_it_kept() -> None:
    assert openai("x", timings={"cache_n": 7}).cached_tokens == 7
    assert openai("x", usage={"prompt_tokens_details": None}).cached_tokens is None


def test_ollama() -> None:
    found = {"message": {"content": "A cat.", "thinking": "Hm."}, "done": True, "done_reason": "length"}
    reply = read_reply(json.dumps({**found, "logprobs": [token("A cat.", -0.1)]}).encode(), OLLAMA)
    assert (reply.answer.text, reply.answer.reasoning, reply.answer.cut) == ("A cat.", "Hm.", True)
    assert [tuple(one) for one in reply.answer.tokens] == [("A cat.", -0.1)]


@pytest.mark.parametrize(
    "body", ["", "nothing", "[]", "null", "{}", '{"choices": [3]}', '{"choices": [{"message": "x"}]}', "[" * 100_000]
)
def test_what_is_no_answer(body: str) -> None:
    for dialect in (VLLM, OLLAMA):
        with pytest.raises(UnreadableError):
            read_reply(body.encode(), dialect)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('{"error": {"message": "no\\nmemory", "type": "x"}}', "no memory"),
        ('{"error": "no memory"}', "no memory"),
        ('{"detail": [{"msg": "bad"}]}', '[{"msg": "bad"}]'),
        ('{"object": "error", "message": "no memory"}', "no memory"),
        ("no\n memory", "no memory"),
        ("{}", ""),
        ("[]", ""),
        ("", ""),
    ],
)
def test_what_a_server_says_is_wrong(body: str, text: str) -> None:
    assert error_text(body.encode()) == text


@pytest.mark.parametrize(
    ("line", "text", "is_last"),
    [
        (b'data: {"choices": [{"delta": {"content": "a"}, "finish_reason": null}]}', "a", False),
        (b'data:{"choices": [{"delta": {}, "finish_reason": "stop"}]}', "", True),
        (b"data: [DONE]", "", True),
        (b'data: {"choices": [], "usage": {}}', "", False),
    ],
)
def test_pieces_of_a_stream(line: bytes, text: str, is_last: bool) -> None:
    piece = read_piece(line, VLLM)
    assert piece is not None and (piece.text, piece.is_last) == (text, is_last)


def test_lines_that_hold_nothing() -> None:
    assert [read_piece(line, VLLM) for line in (b"", b": ping", b"event: x", b"id: 3")] == [None] * 4
    assert read_piece(b"", OLLAMA) is None
    with pytest.raises(UnreadableError):
        read_piece(b"data: {", VLLM)
