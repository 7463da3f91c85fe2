"""A question as the body of a request, in the dialect of a server. Nothing here talks to anybody."""

from __future__ import annotations

import base64
import io
import json
from collections import deque
from collections.abc import Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from roi_assistant.api import Ask, Message

from .dialects import Dialect, Extra

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

JPEG_QUALITY = 92
LARGEST_LOSSLESS = 512 * 512
"""Pixels: a larger picture is a photo of which nobody sees the loss, and as PNG it has a megabyte."""
_MOST_KEPT = 8
MOST_OPTIONS = 20
"""Servers tell no more than so many probabilities of a token."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture as base64."""

    mime: str
    base64: str


def encoded(picture: Picture, *, is_lossless: bool = False) -> Encoded:
    """``picture`` (upright, as displayed) as JPEG, or a small one as PNG where ``is_lossless``; never WebP, which
    llama.cpp cannot read. No metadata goes along: no place, no camera, and no orientation, which some servers would
    apply once more."""
    clean = picture.convert("RGB")
    if clean is picture:
        clean = picture.copy()
    clean.info = {}
    data = io.BytesIO()
    if is_lossless and clean.width * clean.height <= LARGEST_LOSSLESS:
        clean.save(data, "PNG", compress_level=3)
        mime = "image/png"
    else:
        # Without subsampling: a thin red line on a photo keeps its color.
        clean.save(data, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        mime = "image/jpeg"
    return Encoded(mime, base64.b64encode(data.getvalue()).decode("ascii"))


class Pictures:
    """What is encoded for a batch of questions: those about one image show the same picture, which is encoded once."""

    def __init__(self, dialect: Dialect) -> None:
        self._is_lossless = dialect.is_lossless
        # Known by identity: the pictures themselves are kept, so that no other one gets the same.
        self._kept: deque[tuple[Picture, Encoded]] = deque(maxlen=_MOST_KEPT)

    def has(self, ask: Ask) -> bool:
        """Whether another question has shown a picture of ``ask``."""
        shown = [picture for message in ask.messages for picture in message.pictures]
        return any(picture is kept for picture in shown for kept, _ in self._kept)

    def of(self, picture: Picture) -> Encoded:
        """``picture`` as it is sent."""
        found = next((sent for kept, sent in self._kept if kept is picture), None)
        if found is None:
            found = encoded(picture, is_lossless=self._is_lossless)
            self._kept.append((picture, found))
        return found


def request_body(
    ask: Ask,
    dialect: Dialect,
    *,
    model: str,
    pictures: Pictures,
    without: Set[Extra] = frozenset(),
    most_tokens: int = 0,
    options: int = 0,
    is_stream: bool = False,
) -> bytes:
    """``ask`` for the model named ``model``. ``without`` is what this server refuses; ``most_tokens`` 0: those of the
    question; ``options``: how many alternatives of each token are to be told."""
    most = most_tokens or ask.most_tokens
    body: dict[str, Any] = {"model": model, "stream": is_stream}
    if "no_thinking" not in without:
        body.update(dialect.no_thinking)
    asks_probabilities = dialect.has_probabilities and "probabilities" not in without and not is_stream
    if asks_probabilities:
        body["logprobs"] = True
        if options:
            body["top_logprobs"] = min(options, MOST_OPTIONS)
    schema = ask.schema if "schema" not in without else None
    if dialect.api == "ollama":
        body["messages"] = [_ollama_message(message, pictures) for message in ask.messages]
        # Its context is not set: another one than before makes it load the model again.
        body["options"] = {"temperature": 0, "num_predict": most}
        if schema is not None:
            body["format"] = schema
    else:
        body["messages"] = [_openai_message(message, pictures) for message in ask.messages]
        body["temperature"] = 0
        body["max_tokens"] = most
        if schema is not None:
            body["response_format"] = _response_format(schema, dialect)
    return json.dumps(body, ensure_ascii=False).encode()


def _response_format(schema: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    if dialect.schema == "json_object":
        return {"type": "json_object", "schema": schema}
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}


def _openai_message(message: Message, pictures: Pictures) -> dict[str, Any]:
    if not message.pictures:
        return {"role": message.role, "content": message.text}
    parts: list[dict[str, Any]] = []
    for picture in message.pictures:
        sent = pictures.of(picture)
        parts.append({"type": "image_url", "image_url": {"url": f"data:{sent.mime};base64,{sent.base64}"}})
    # The text behind the pictures: what many questions begin with is computed once.
    return {"role": message.role, "content": [*parts, {"type": "text", "text": message.text}]}


def _ollama_message(message: Message, pictures: Pictures) -> dict[str, Any]:
    told: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.pictures:
        told["images"] = [pictures.of(picture).base64 for picture in message.pictures]
    return told
