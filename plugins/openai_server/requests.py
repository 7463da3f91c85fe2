"""A question as the body of a request, in the dialect of a server. Nothing here talks to anybody."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections import deque
from collections.abc import Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from roi_assistant.api import MOST_OPTIONS, Ask, Message, OptionsAsk

from .dialects import Dialect, Extra

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

JPEG_QUALITY = 92
LARGEST_LOSSLESS = 512 * 512
"""Pixels: a larger picture is a photo of which nobody sees the loss, and as PNG it has a megabyte."""
_MOST_KEPT = 8


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture as base64. ``uuid`` is made of its bytes: no two pictures have the same."""

    mime: str
    base64: str
    uuid: str

    @property
    def url(self) -> str:
        """As a data URL."""
        return f"data:{self.mime};base64,{self.base64}"


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
    raw = data.getvalue()
    return Encoded(mime, base64.b64encode(raw).decode("ascii"), hashlib.sha256(raw).hexdigest()[:32])


class Pictures:
    """What was encoded for the last questions: those about one image show the same picture, which is encoded once, and
    sent once to a server that keeps it."""

    def __init__(self, dialect: Dialect) -> None:
        self._is_lossless = dialect.is_lossless
        # Known by identity: the pictures themselves are kept, so that no other one gets the same.
        self._kept: deque[tuple[Picture, Encoded]] = deque(maxlen=_MOST_KEPT)
        self._arrived: set[str] = set()

    def has(self, ask: Ask) -> bool:
        """Whether another question has shown a picture of ``ask``."""
        return any(picture is kept for picture in shown(ask) for kept, _ in self._kept)

    def arrived(self, ask: Ask) -> bool:
        """A server has answered ``ask`` and knows its pictures by name from now on; whether it did not before."""
        known = {sent.uuid for _, sent in self._kept}
        before, here = self._arrived, {self.of(picture).uuid for picture in shown(ask)}
        self._arrived = (before & known) | here
        return not here <= before

    def forget(self, ask: Ask) -> None:
        """The server has the pictures of ``ask`` no more."""
        self._arrived -= {self.of(picture).uuid for picture in shown(ask)}

    def is_there(self, ask: Ask) -> bool:
        """Whether the pictures of ``ask`` have arrived, all of them, and need not be sent again."""
        return bool(shown(ask)) and all(self.of(picture).uuid in self._arrived for picture in shown(ask))

    def of(self, picture: Picture) -> Encoded:
        """``picture`` as it is sent."""
        found = next((sent for kept, sent in self._kept if kept is picture), None)
        if found is None:
            found = encoded(picture, is_lossless=self._is_lossless)
            self._kept.append((picture, found))
        return found


def shown(ask: Ask) -> list[Picture]:
    """The pictures of all messages of ``ask``."""
    return [picture for message in ask.messages for picture in message.pictures]


def decisions_body(ask: OptionsAsk, *, model: str, pictures: Pictures) -> bytes:
    """The questions of ``ask`` for ``/v1/systemone``, all about one state: the pictures and the words for the region.
    They are called by their numbers, because names of attributes may be anything."""
    questions: dict[str, Any] = {}
    for number, question in enumerate(ask.questions):
        asked: dict[str, Any] = {"instructions": question.text}
        if question.is_boolean:
            asked["type"] = "noul"
        else:
            asked |= {"type": "choice", "criteria": dict.fromkeys(question.options)}
        questions[str(number)] = asked
    body = {
        "model": model,
        "state": ask.message.text,
        "images": [pictures.of(picture).url for picture in ask.message.pictures],
        "questions": questions,
    }
    return json.dumps(body, ensure_ascii=False).encode()


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
    by_name: bool = False,
) -> bytes:
    """``ask`` for the model named ``model``. ``without`` is what this server refuses; ``most_tokens`` 0: those of the
    question; ``options``: how many alternatives of each token are to be told; ``by_name``: the server has the pictures
    and needs their names only."""
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
        names = dialect.takes_uuid and "uuid" not in without
        body["messages"] = [
            _openai_message(message, pictures, names=names, by_name=by_name and names) for message in ask.messages
        ]
        body["temperature"] = 0
        body["max_tokens"] = most
        if schema is not None:
            body["response_format"] = _response_format(schema, dialect)
    return json.dumps(body, ensure_ascii=False).encode()


def _response_format(schema: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    if dialect.schema == "json_object":
        return {"type": "json_object", "schema": schema}
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}


def _openai_message(message: Message, pictures: Pictures, *, names: bool, by_name: bool) -> dict[str, Any]:
    if not message.pictures:
        return {"role": message.role, "content": message.text}
    parts: list[dict[str, Any]] = []
    for picture in message.pictures:
        sent = pictures.of(picture)
        name = {"uuid": sent.uuid} if names else {}
        parts.append({"type": "image_url", "image_url": None if by_name else {"url": sent.url}, **name})
    # The text behind the pictures: what many questions begin with is computed once.
    return {"role": message.role, "content": [*parts, {"type": "text", "text": message.text}]}


def _ollama_message(message: Message, pictures: Pictures) -> dict[str, Any]:
    told: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.pictures:
        told["images"] = [pictures.of(picture).base64 for picture in message.pictures]
    return told
