"""What servers answer, read: texts, thoughts, probabilities and figures. Nothing here talks to anybody."""

from __future__ import annotations

import codecs
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from roi_assistant.api import Answer, OptionsAsk, OptionsRead, Token, read_weights, without_thoughts

from .dialects import Dialect

THOUGHTS = ("reasoning", "reasoning_content", "thinking")
"""Fields of a message in which servers put thoughts. They are never an answer."""


class UnreadableError(Exception):
    """A reply that is none; the message says what it is instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """``alternatives`` are, for each token of the answer, the likeliest tokens in its place. ``cached_tokens``: of the
    question, which has ``prompt_tokens``, those that the server had from an earlier one; None where it does not tell.
    ``reads`` are of decisions."""

    answer: Answer
    alternatives: tuple[tuple[Token, ...], ...] = ()
    cached_tokens: int | None = None
    prompt_tokens: int = 0
    reads: tuple[OptionsRead | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a streamed answer. ``is_last``: nothing but figures follows; ``thoughts``: it held some."""

    text: str = ""
    thoughts: bool = False
    is_last: bool = False
    error: str = ""


def read_reply(body: bytes, dialect: Dialect) -> Reply:
    """The whole reply in ``body``.

    Raises:
        UnreadableError: it is no answer.
    """
    found = _object(body)
    if dialect.api == "ollama":
        message, choice, cut = found.get("message"), found, found.get("done_reason") == "length"
        told = found.get("logprobs")
    else:
        choices = found.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], Mapping) else {}
        message, cut = choice.get("message"), choice.get("finish_reason") == "length"
        log_probabilities = choice.get("logprobs")
        told = log_probabilities.get("content") if isinstance(log_probabilities, Mapping) else None
    if not isinstance(message, Mapping):
        raise UnreadableError(error_text(body) or "there is no message in it")
    content = _content(message)
    text = without_thoughts(content)
    thoughts = _thoughts(message) or (content if text != content.strip() else "")
    entries = [one for one in told if isinstance(one, Mapping)] if isinstance(told, list) else []
    tokens = _tokens(entries)
    first, last = _span(tokens, text)
    return Reply(
        answer=Answer(text=text, tokens=tuple(tokens[first:last]), cut=cut, reasoning=thoughts),
        alternatives=tuple(_alternatives(one) for one in entries),
        cached_tokens=_cached(found),
        prompt_tokens=_prompt_tokens(found),
    )


def read_decisions(body: bytes, ask: OptionsAsk) -> Reply:
    """What ``/v1/systemone`` answered to ``ask``: a read for each question, None where it does not say one.

    Raises:
        UnreadableError: it is no such answer.
    """
    found = _object(body)
    answers, diagnostics = found.get("answers"), found.get("diagnostics")
    if not isinstance(answers, Mapping):
        raise UnreadableError(error_text(body) or "there are no answers in it")
    told = diagnostics if isinstance(diagnostics, Mapping) else {}
    reads = []
    for number, question in enumerate(ask.questions):
        one, about = answers.get(str(number)), told.get(str(number))
        one = one if isinstance(one, Mapping) else {}
        mass = _probability(about.get("label_mass")) if isinstance(about, Mapping) else math.nan
        if question.is_boolean:
            true = _probability(one.get("noul"))
            weights = [true, 1.0 - true, 0.0]
        else:
            given = one.get("probabilities")
            given = given if isinstance(given, Mapping) else {}
            weights = [_probability(given.get(option)) for option in question.options]
        read = read_weights(weights)
        if read is not None:
            read = replace(read, mass=1.0 if math.isnan(mass) else mass, is_forced=question.is_boolean)
        reads.append(read)
    return Reply(answer=Answer(text=""), reads=tuple(reads))


def read_piece(line: bytes, dialect: Dialect) -> Piece | None:
    """One ``line`` of a stream; None where it holds nothing.

    Raises:
        UnreadableError: it is no part of an answer.
    """
    if dialect.api != "ollama":
        name, colon, value = line.partition(b":")
        if name == b"error" and colon:  # llama.cpp
            return Piece(error=error_text(value) or "an error")
        if name != b"data" or not colon:
            return None
        line = value.strip()
        if line == b"[DONE]":
            return Piece(is_last=True)
    if not line:
        return None
    found = _object(line)
    if found.get("error"):
        return Piece(error=error_text(line) or "an error")
    if dialect.api == "ollama":
        message, ended = found.get("message"), bool(found.get("done"))
    else:
        choices = found.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], Mapping) else {}
        message, ended = choice.get("delta"), choice.get("finish_reason") is not None
    message = message if isinstance(message, Mapping) else {}
    return Piece(text=_content(message), thoughts=bool(_thoughts(message)), is_last=ended)


def error_text(body: bytes) -> str:
    """What the server says is wrong, in its own words, on one line; empty where it says nothing."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return " ".join(body.decode("utf-8", "replace").split())
    told: object = None
    for name in ("error", "message", "detail"):
        if isinstance(found, Mapping) and found.get(name):
            told = found = found[name]
    if isinstance(told, Mapping | list):
        told = json.dumps(told, ensure_ascii=False)
    return " ".join(told.split()) if isinstance(told, str) else ""


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableError("it is no JSON") from None
    if not isinstance(found, Mapping):
        raise UnreadableError("it is no JSON object")
    return found


def _content(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, Mapping) and part.get("type") == "text"]
        return "".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else ""


def _thoughts(message: Mapping[str, Any]) -> str:
    return next((message[name] for name in THOUGHTS if isinstance(message.get(name), str) and message[name]), "")


def _tokens(entries: Sequence[Mapping[str, Any]]) -> list[Token]:
    """Their texts put together are what was written: a letter may be divided between tokens, so bytes go first."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    tokens = []
    for one in entries:
        piece, raw = one.get("token"), one.get("bytes")
        text = piece if isinstance(piece, str) else ""
        if isinstance(raw, list) and raw and all(isinstance(value, int) and 0 <= value <= 255 for value in raw):
            text = decoder.decode(bytes(raw))
        tokens.append(Token(text, _number(one.get("logprob"))))
    return tokens


def _alternatives(one: Mapping[str, Any]) -> tuple[Token, ...]:
    tops = one.get("top_logprobs")
    found = [top for top in tops if isinstance(top, Mapping)] if isinstance(tops, list) else []
    return tuple(Token(str(top.get("token", "")), _number(top.get("logprob"))) for top in [one, *found])


def _number(value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else math.nan  # type: ignore[arg-type]


def _probability(value: object) -> float:
    """``value``, NaN where it is no probability."""
    number = _number(value)
    return number if 0.0 <= number <= 1.0 else math.nan


def _span(tokens: Sequence[Token], text: str) -> tuple[int, int]:
    """Which of ``tokens`` are ``text``: thoughts before it and marks behind it are not. None of them where it is not
    there, as where a server tells numbers in the place of texts."""
    begin = "".join(token.text for token in tokens).rfind(text) if text else -1
    if begin < 0:
        return 0, 0
    at, inside = 0, []
    for place, token in enumerate(tokens):
        if at < begin + len(text) and at + len(token.text) > begin:
            inside.append(place)
        at += len(token.text)
    return inside[0], inside[-1] + 1


def _cached(found: Mapping[str, Any]) -> int | None:
    usage, timings = found.get("usage"), found.get("timings")
    details = usage.get("prompt_tokens_details") if isinstance(usage, Mapping) else None
    places = ((details, "cached_tokens"), (timings, "cache_n"))
    told = [place.get(name) for place, name in places if isinstance(place, Mapping)]
    return next((value for value in told if isinstance(value, int) and not isinstance(value, bool)), None)


def _prompt_tokens(found: Mapping[str, Any]) -> int:
    usage = found.get("usage")
    told = usage.get("prompt_tokens") if isinstance(usage, Mapping) else None
    return told if isinstance(told, int) and not isinstance(told, bool) else 0
