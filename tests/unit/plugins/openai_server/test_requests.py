"""Bodies of requests, compared with what the servers document."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from plugins.openai_server import requests
from plugins.openai_server.dialects import DIALECTS, Kind
from plugins.openai_server.requests import Pictures, encoded, request_body
from roi_assistant.api import Ask, Message

SCHEMA = {"type": "object", "properties": {"caption": {"type": "string"}}}
PICTURE = Image.new("RGB", (8, 6), (200, 10, 10))
ASK = Ask(messages=(Message("user", "What?", (PICTURE,)),), most_tokens=40, schema=SCHEMA)


def body(kind: Kind, **options: Any) -> dict[str, Any]:
    dialect = DIALECTS[kind]
    found: dict[str, Any] = json.loads(request_body(ASK, dialect, model="m", pictures=Pictures(dialect), **options))
    return found


def without_picture(found: dict[str, Any]) -> dict[str, Any]:
    if "images" in found["messages"][0]:
        assert base64.b64decode(found["messages"][0].pop("images")[0])[:3] == b"\xff\xd8\xff"
    else:
        part = found["messages"][0]["content"].pop(0)
        assert part["type"] == "image_url" and list(part["image_url"]) == ["url"]
        found["sign"] = part["image_url"]["url"][:22]
    return found


OPENAI = {
    "model": "m",
    "stream": False,
    "messages": [{"role": "user", "content": [{"type": "text", "text": "What?"}]}],
    "temperature": 0,
    "max_tokens": 40,
    "sign": "data:image/jpeg;base64",
}
JSON_SCHEMA = {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True}}
NO_TEMPLATE = {"chat_template_kwargs": {"enable_thinking": False}}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("vllm", {**OPENAI, **NO_TEMPLATE, "logprobs": True, "response_format": JSON_SCHEMA}),
        (
            "sglang",
            {**OPENAI, **NO_TEMPLATE, "reasoning_effort": "none", "logprobs": True, "response_format": JSON_SCHEMA},
        ),
        (
            "llama.cpp",
            {
                **OPENAI,
                **NO_TEMPLATE,
                "sign": "data:image/png;base64,",
                "logprobs": True,
                "response_format": {"type": "json_object", "schema": SCHEMA},
            },
        ),
        (
            "ollama",
            {
                "model": "m",
                "stream": False,
                "think": False,
                "messages": [{"role": "user", "content": "What?"}],
                "options": {"temperature": 0, "num_predict": 40},
                "logprobs": True,
                "format": SCHEMA,
            },
        ),
        ("lmstudio", {**OPENAI, "response_format": JSON_SCHEMA}),
        ("openai", {**OPENAI, **NO_TEMPLATE, "logprobs": True, "response_format": JSON_SCHEMA}),
    ],
)
def test_the_whole_body(kind: Kind, expected: dict[str, Any]) -> None:
    assert without_picture(body(kind)) == expected


def test_what_is_refused_is_left_out() -> None:
    bare = without_picture(body("vllm", without={"schema", "probabilities", "no_thinking"}, most_tokens=160))
    assert bare == {**OPENAI, "max_tokens": 160}
    assert "format" not in body("ollama", without={"schema"})
    streamed = body("vllm", is_stream=True)
    assert streamed["stream"] is True and "logprobs" not in streamed


def test_nothing_but_pixels_is_sent() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x8825] = 6, {1: "N"}
    file = io.BytesIO()
    Image.new("RGB", (30, 20), (0, 90, 0)).save(file, "JPEG", exif=exif, comment=b"my cellar")
    for is_lossless in (False, True):
        with Image.open(io.BytesIO(file.getvalue())) as photo:
            sent = base64.b64decode(encoded(photo, is_lossless=is_lossless).base64)
            assert photo.getexif()[0x0112] == 6, "the photo of the caller is as it was"
        with Image.open(io.BytesIO(sent)) as picture:
            assert picture.size == (30, 20) and not dict(picture.getexif()) and "comment" not in picture.info
        assert b"cellar" not in sent and b"Exif" not in sent


def test_only_small_pictures_are_lossless() -> None:
    assert encoded(Image.new("RGB", (512, 512)), is_lossless=True).mime == "image/png"
    assert encoded(Image.new("RGB", (513, 512)), is_lossless=True).mime == "image/jpeg"
    assert encoded(Image.new("L", (4, 4))).mime == "image/jpeg"


def test_a_picture_is_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(requests, "encoded", lambda picture, is_lossless: made.append(picture) or encoded(picture))
    dialect = DIALECTS["vllm"]
    pictures = Pictures(dialect)
    assert not pictures.has(ASK)
    first = [request_body(ASK, dialect, model="m", pictures=pictures) for _ in range(3)]
    assert made == [PICTURE] and len(set(first)) == 1 and pictures.has(ASK)
    twin = Ask(messages=(Message("user", "What?", (PICTURE.copy(),)),), most_tokens=40)
    assert not pictures.has(twin), "equal pictures are not the same"
