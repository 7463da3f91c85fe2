"""Why a server does not answer a question, as a sentence that says what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Set
from typing import Any

from roi_assistant.api import CaptionerError

from .client import KEYS, Response, Trouble
from .dialects import EXTRAS, Dialect, Extra
from .replies import error_text

_FULL = re.compile(
    r"exceed_context_size|context (length|size|window)|maximum context|max_model_len|too many tokens"
    r"|(prompt|input|request)[^.]{0,60}(too long|longer than|exceeds)",
    re.IGNORECASE,
)
_BLIND = re.compile(
    r"mmproj|not a (multi-?modal|vision)|at most 0 image"
    r"|(image|vision|multi-?modal)[^.]{0,60}(not support|unsupported|not available|not enabled|is missing)"
    r"|(not support|unsupported|unknown|missing data required for|does not accept)[^.]{0,40}"
    r"(image|vision|multi-?modal)",
    re.IGNORECASE,
)
_ABOUT: Mapping[Extra, re.Pattern[str]] = {
    "schema": re.compile(
        r"response_format|json_schema|json_object|schema|grammar|structured|\bformat\b", re.IGNORECASE
    ),
    "probabilities": re.compile(r"log_?prob|n_probs", re.IGNORECASE),
    "no_thinking": re.compile(r"chat_template|reasoning|think", re.IGNORECASE),
    "uuid": re.compile(r"uuid", re.IGNORECASE),
}
_SPOILT = re.compile(r"output[^.]{0,40}not match the expected", re.IGNORECASE)
_LONGEST_REASON = 300
BUSY = frozenset((429, 502, 503, 504))
"""States that pass: the server, or what stands before it, has no room just now."""
REFUSALS = frozenset((400, 422, 501))
"""States that may mean that it does not know something of what was asked for beside the question."""


def refused_extra(response: Response, without: Set[Extra], *, asked: Set[Extra]) -> Extra | None:
    """What of ``asked`` is left out next, after ``response`` refused it all; None where that is not the reason."""
    told = error_text(response.body)
    if response.status not in REFUSALS or _FULL.search(told) or _BLIND.search(told):
        return None
    left = [extra for extra in EXTRAS if extra in asked and extra not in without]
    return next((extra for extra in left if _ABOUT[extra].search(told)), left[0] if left else None)


def is_spoilt(status: int, told: str) -> bool:
    """Whether the model wrote an answer that the server could not read by the schema, and kept for itself: llama.cpp
    does so, with the state 500, where half a character stands in it."""
    return status == 500 and _SPOILT.search(told) is not None


def fault_of(response: Response, server: str, dialect: Dialect, *, model: str, told: str) -> CaptionerError:
    """Why ``server`` (its kind and place) answered ``response``; ``told`` are its words, without a key."""
    reason = told[:_LONGEST_REASON] or "-"
    status = response.status
    if status in (401, 403):
        return wrong_key(server, status)
    if _FULL.search(told):
        return _full(response, server, dialect)
    if _BLIND.search(told):
        return blind(server, model)
    if status == 404:
        return CaptionerError(
            "{server} does not know the model {model}, or what it is asked for ({reason}).",
            server=server,
            model=model,
            reason=reason,
        )
    if status == 413:
        return CaptionerError("{server} takes no request that large: send smaller pictures.", server=server)
    if 300 <= status < 400:
        return CaptionerError(
            "{server} sends to another place, where the photos do not go: give that address itself.", server=server
        )
    if status in BUSY:
        return CaptionerError(
            "{server} has had no room for a long time (HTTP {status}): try again later.", server=server, status=status
        )
    return CaptionerError("{server} failed (HTTP {status}): {reason}", server=server, status=status, reason=reason)


def _full(response: Response, server: str, dialect: Dialect) -> CaptionerError:
    needed, room = _figures(response.body)
    if needed and room:
        return CaptionerError(
            "{server} has room for {room} tokens and the question has {needed}: start it with more ({how}), or send "
            "smaller pictures.",
            server=server,
            room=room,
            needed=needed,
            how=dialect.remedy or "-",
        )
    return CaptionerError(
        "{server} has no room for the question and its picture: start it with more context ({how}), or send smaller "
        "pictures.",
        server=server,
        how=dialect.remedy or "-",
    )


def _figures(body: bytes) -> tuple[int, int]:
    """Tokens of the question and of the context, as llama.cpp tells them; 0 where they are not told."""
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return 0, 0
    error = found.get("error") if isinstance(found, Mapping) else None
    error = error if isinstance(error, Mapping) else {}
    needed, room = error.get("n_prompt_tokens"), error.get("n_ctx")
    return (needed if isinstance(needed, int) else 0), (room if isinstance(room, int) else 0)


def wrong_key(server: str, status: int) -> CaptionerError:
    """``server`` refused the key, or that there was none, with ``status``."""
    return CaptionerError(
        "{server} wants another key (HTTP {status}): set {variable}.", server=server, status=status, variable=KEYS[0]
    )


def blind(server: str, model: str) -> CaptionerError:
    """``model`` reads texts only."""
    return CaptionerError(
        "The model {model} of {server} sees no pictures: choose one that does, or start llama.cpp with --mmproj.",
        model=model,
        server=server,
    )


def trouble_of(trouble: Trouble, server: str) -> CaptionerError:
    """Why nothing, or only a part, came from ``server``."""
    if trouble.kind == "connect":
        return CaptionerError(
            "{server} cannot be reached ({reason}): is it running?", server=server, reason=trouble.reason
        )
    if trouble.kind == "silence":
        return CaptionerError(
            "{server} did not answer ({reason}): look at what it does, then ask again.",
            server=server,
            reason=trouble.reason,
        )
    if trouble.kind == "stopped":
        return CaptionerError("The question to {server} was stopped.", server=server)
    return CaptionerError(
        "The connection to {server} broke in the middle of an answer ({reason}): ask again.",
        server=server,
        reason=trouble.reason,
    )


def unreadable(server: str, reason: str) -> CaptionerError:
    """``server`` answered something that is no answer."""
    return CaptionerError("What {server} answered cannot be read: {reason}.", server=server, reason=reason)
