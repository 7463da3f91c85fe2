"""Frames between the two processes: what goes in comes out, and nothing else is let through."""

from __future__ import annotations

import dataclasses
import io
import json
import struct
from typing import Any

import numpy as np
import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import (
    AttributeDefinition,
    AttributeSchema,
    CaptionerInfo,
    DescribeRequest,
    RegionText,
    ScoredBox,
    ScoredText,
    SuggestedAttribute,
    Turn,
)
from roi_assistant.engine import messages
from roi_assistant.engine.messages import (
    Chat,
    Describe,
    Done,
    Load,
    Loaded,
    Piece,
    Prepare,
    Problem,
    Propose,
    Proposed,
    Report,
    Stop,
    Stopped,
    Text,
    encode,
    read_command,
    read_report,
)
from roi_assistant.errors import EngineError

BOX = Box(0.1, 2, 30.25, 40)
SCHEMA = AttributeSchema("traffic", (AttributeDefinition("occluded", "boolean", question="Is <region1> hidden?"),))
TEXT = RegionText(
    BOX,
    ScoredText("a dog – 狗", 1 / 3),
    alternatives=(ScoredText("a cat", 0.1),),
    category=ScoredText("dog", 1.0),
    category_alternatives=(ScoredText("cat", 0.0),),
    attributes=(SuggestedAttribute("color", ("red", "blue"), 0.75, source="pixels"),),
    unsure=True,
    prompt="describe <region1>",
    raw_output="a dog\n",
    specific=ScoredText("a puppy", 0.25),
)
COMMANDS = [
    Load("gpt4roi-mini", "auto", None, 512 << 20),
    Load("x", "cuda", 3, 0),
    Describe(
        1, "/a/b\nc \udcff.png", (BOX, Box(0, 0, 1, 1)), DescribeRequest("sentence", 2, SCHEMA, "greedy", False, 0.5)
    ),
    Describe(2, "C:\\x.png", (), DescribeRequest(), draft=True),
    Chat(3, "/a", (BOX,), (Turn("user", "what is <region1>?"), Turn("assistant", "a dog"))),
    Propose(6, "/a", 200),
    Prepare(4, "/a"),
    Stop(5),
]
REPORTS: list[Report] = [
    Loaded(CaptionerInfo("id", "Name", "ab" * 32, "CPU", "fp32", ("a note",), frozenset({"chat", "drafts"}))),
    Text(1, 0, TEXT),
    Text(1, 1, RegionText(BOX, ScoredText("", 0.0))),
    Piece(3, " dog"),
    Proposed(6, (ScoredBox(BOX, 1 / 3), ScoredBox(Box(0, 0, 1, 1), 0.0))),
    Proposed(7, ()),
    Done(1),
    Stopped(2),
    Problem(0, "No weights."),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_commands_come_through(command: Any) -> None:
    assert read_command(io.BytesIO(encode(command))) == command


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: type(report).__name__)
def test_reports_come_through(report: Any) -> None:
    assert read_report(io.BytesIO(encode(report))) == report


def test_messages_follow_each_other() -> None:
    stream = io.BytesIO(b"".join(encode(report) for report in REPORTS))
    assert [read_report(stream) for _ in REPORTS] == REPORTS
    assert read_report(stream) is None


def test_scores_of_numpy_become_numbers() -> None:
    score: Any = np.float32(0.5)
    text = RegionText(BOX, ScoredText("a dog", score), attributes=(SuggestedAttribute("count", ("2",), np.float64(1)),))
    read = read_report(io.BytesIO(encode(Text(1, 0, text))))
    assert isinstance(read, Text)
    assert (type(read.text.caption.score), read.text.caption.score) == (float, 0.5)


@pytest.mark.parametrize(
    "caption",
    [ScoredText("a dog", float("nan")), ScoredText("a dog", float("inf")), "a dog", None, ScoredText(b"dog", 0.5)],  # type: ignore[arg-type]
)
def test_what_is_no_plain_data_is_not_sent(caption: Any) -> None:
    with pytest.raises(EngineError, match="cannot be passed on"):
        encode(Text(1, 0, RegionText(BOX, caption)))


def test_long_messages_are_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MAX_FRAME", 100)
    with pytest.raises(EngineError, match="too long"):
        encode(Piece(1, "x" * 100))


def frame(body: bytes) -> io.BytesIO:
    return io.BytesIO(struct.pack(">I", len(body)) + body)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ([], "unknown type"),
        ({}, "unknown type"),
        ({"type": "nothing"}, "unknown type 'nothing'"),
        ({"type": ["done"]}, "unknown type"),
        ({"type": "stop", "job": 1}, "unknown type 'stop'"),
        ({"type": "done"}, "The field 'job' is missing"),
        ({"type": "done", "job": "1"}, "job: A whole number is needed"),
        ({"type": "done", "job": True}, "job: A whole number is needed"),
        ({"type": "done", "job": 1, "code": "x"}, "no field 'code'"),
        ({"type": "text", "job": 1, "index": 0, "text": "a dog"}, "text: An object is needed"),
    ],
)
def test_what_is_no_report(data: Any, says: str) -> None:
    with pytest.raises(EngineError, match=says):
        read_report(frame(json.dumps(data).encode()))


def test_an_empty_box_is_refused() -> None:
    data = json.loads(encode(Text(1, 0, TEXT))[4:])
    data["text"]["box"].update(x1=50.0)
    with pytest.raises(EngineError, match="has no area"):
        read_report(frame(json.dumps(data).encode()))


@pytest.mark.parametrize(
    ("stream", "says"),
    [
        (b"\x00\x00", "ends in its length"),
        (b"\x00\x00\x00\x09{}", "ends after 2 of 9 bytes"),
        (b"\xff\xff\xff\xff", "claims 4294967295 bytes"),
        (frame(b"{").getvalue(), "is not JSON"),
        (frame(b"\xff\xfe\x00").getvalue(), "is not JSON"),
        (frame(b"[" * 100_000).getvalue(), "is not JSON"),
        (frame(b'{"type": "done", "job": NaN}').getvalue(), "is not JSON"),
        (b"Loading weights: 100%\n" * 10, "claims"),
    ],
)
def test_what_is_no_frame(stream: bytes, says: str) -> None:
    with pytest.raises(EngineError, match=says):
        read_report(io.BytesIO(stream))


def test_every_field_of_an_answer_is_checked() -> None:
    """A field of a record that got the wrong type is refused, wherever it is."""
    data = json.loads(encode(Text(1, 0, TEXT))[4:])
    for field in dataclasses.fields(RegionText):
        broken = {**data, "text": {**data["text"], field.name: {"x": 1}}}
        with pytest.raises(EngineError):
            read_report(frame(json.dumps(broken).encode()))
