"""The JSON object in what a model wrote: in fences, behind thoughts, with single quotes, or cut off in the middle."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

_THOUGHTS = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_LATE_THOUGHTS = re.compile(r"\A.*?</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
_MARK = re.compile(r"<(/?)(think|thinking|reasoning)>", re.IGNORECASE)
_BEGUN_MARK = re.compile(r"</?[a-z]{0,9}\Z", re.IGNORECASE)
_FENCE = re.compile(r"```[a-zA-Z]*\s*\n?(.*?)(?:```|\Z)", re.DOTALL)
_COMMA = re.compile(r",\s*(?=[}\]])")
MOST_LETTERS = 100_000
"""Of an answer that is read: what is longer is no answer about a region."""
_DEEPEST = 20


def without_thoughts(text: str) -> str:
    """``text`` without what stands between ``<think>`` and ``</think>``, also where one of the two is missing."""
    text = _THOUGHTS.sub("", text)
    return _LATE_THOUGHTS.sub("", text).strip()


def spoken(pieces: Iterable[str]) -> Iterator[str]:
    """``pieces`` of an answer while it is written, without what stands between ``<think>`` and ``</think>``. What may
    become such a mark is held back until it is none."""
    held, closing, is_behind = "", "", False
    for piece in pieces:
        held = (held + piece).lstrip() if is_behind else held + piece
        is_behind = is_behind and not held
        while True:
            if closing:
                end = held.lower().find(closing)
                if end < 0:
                    held = held[-len(closing) :]
                    break
                held, closing = held[end + len(closing) :].lstrip(), ""
                is_behind = not held  # the blanks behind thoughts may come later
            mark = _MARK.search(held)
            if mark is None:
                begun = _BEGUN_MARK.search(held)
                ready = len(held) if begun is None else begun.start()
                if held[:ready]:
                    yield held[:ready]
                held = held[ready:]
                break
            if held[: mark.start()]:
                yield held[: mark.start()]
            held = held[mark.end() :]
            if not mark[1]:  # a mark of the end alone: its begin was in the prompt
                closing = f"</{mark[2].lower()}>"
    if held and not closing:
        yield held


def json_object(text: str) -> dict[str, Any] | None:
    """The first JSON object in ``text``; None where there is none. One that is cut off is closed, and what was not
    finished is left out."""
    text = without_thoughts(text[:MOST_LETTERS])
    fenced = _FENCE.search(text)
    for candidate in (fenced[1], text) if fenced else (text,):
        start = candidate.find("{")
        if start >= 0 and (found := _parsed(candidate[start:])) is not None:
            return found
    return None


def _parsed(text: str) -> dict[str, Any] | None:
    end, closed = _end(text)
    for attempt in (text[:end], _COMMA.sub("", text[:end])) if closed else ():
        if (found := _loaded(attempt)) is not None:
            return found
    if closed:
        return _literal(text[:end])
    return _closed(text)


def _loaded(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _literal(text: str) -> dict[str, Any] | None:
    """An object with single quotes, as Python would write it."""
    python = re.sub(r"\b(true|false|null)\b", lambda m: {"true": "True", "false": "False", "null": "None"}[m[1]], text)
    try:
        found = ast.literal_eval(python)
        json.dumps(found)  # a set, as a comma for a colon makes one, is nothing that JSON has
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None
    return found if isinstance(found, dict) and all(isinstance(key, str) for key in found) else None


def _end(text: str) -> tuple[int, bool]:
    """Where the object that begins ``text`` ends, and whether it does."""
    depth, quote, escaped = 0, "", False
    for place, letter in enumerate(text):
        if quote:
            if escaped:
                escaped = False
            elif letter == "\\":
                escaped = True
            elif letter == quote:
                quote = ""
        elif letter == '"' or (letter == "'" and text[place - 1 : place] in ("{", "[", " ", ",", ":")):
            quote = letter
        elif letter in "{[":
            depth += 1
            if depth > _DEEPEST:
                return place, False
        elif letter in "}]":
            depth -= 1
            if depth == 0:
                return place + 1, True
    return len(text), False


def _closed(text: str) -> dict[str, Any] | None:
    """What of a cut object is whole: cut back comma by comma until it can be closed."""
    for _ in range(200):
        place = text.rfind(",")
        if place < 0:
            return None
        text = text[:place]
        brackets: list[str] = []
        quote, escaped = False, False
        for letter in text:
            if quote:
                quote, escaped = (letter != '"' or escaped), (letter == "\\" and not escaped)
            elif letter == '"':
                quote = True
            elif letter in "{[":
                brackets.append("}" if letter == "{" else "]")
            elif letter in "}]" and brackets:
                brackets.pop()
        if (
            not quote
            and len(brackets) <= _DEEPEST
            and (found := _loaded(text + "".join(reversed(brackets)))) is not None
        ):
            return found
    return None
