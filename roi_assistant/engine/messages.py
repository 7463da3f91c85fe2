"""What the window's process and the model's process say to each other: frozen dataclasses as JSON in frames.

A frame is four bytes of length, big-endian, and that many bytes of ASCII JSON: one object with a ``type`` and the
fields of the message. Everything is checked when it is read, so that a plugin or a damaged pipe cannot put anything but
these messages, with fields of these types, into the other process. There is no pickle.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import IO, Any, NoReturn, TypeAlias, get_args

from roi_assistant.core import record_json
from roi_assistant.core.box import Box
from roi_assistant.core.records import CaptionerInfo, DescribeRequest, RegionText, ScoredBox, Turn
from roi_assistant.errors import EngineError, RoiAssistantError

MAX_FRAME = 64 << 20
"""Bytes; a longer frame is no message of ours."""

_HEAD = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Load:
    """Load the captioner ``model``. The first message, answered by `Loaded` or by a `Problem` of job 0."""

    model: str
    device: str
    threads: int | None
    cache_bytes: int
    companion: bool = False
    """Whether the embedded model stands by for what ``model`` cannot do, see `captioners.companion`."""
    proposer: str = ""
    """What proposes boxes in the place of ``model``; it is loaded when it is first needed. "": nothing does."""


@dataclass(frozen=True, slots=True)
class Describe:
    """Describe ``boxes`` of the file ``image`` (absolute path): `Text` for each, then `Done`."""

    job: int
    image: str
    boxes: tuple[Box, ...]
    request: DescribeRequest
    draft: bool = False
    """Only what a captioner with the capability ``drafts`` can say at once."""


@dataclass(frozen=True, slots=True)
class Chat:
    """Answer the last of ``turns``: `Piece` after `Piece`, then `Done`."""

    job: int
    image: str
    boxes: tuple[Box, ...]
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Propose:
    """Find at most ``most`` boxes of ``image`` that are worth describing: `Proposed`, then `Done`. ``words`` and
    ``categories`` as of a `BoxSearch`."""

    job: int
    image: str
    most: int
    words: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepare:
    """Encode ``image``, so that its first box is answered like a later one: `Done`."""

    job: int
    image: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Leave ``job`` at the next place where that is possible: `Stopped`, or `Done` if it was as good as done."""

    job: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """The captioner is ready."""

    info: CaptionerInfo


@dataclass(frozen=True, slots=True)
class Text:
    """The answer about ``boxes[index]`` of a `Describe`."""

    job: int
    index: int
    text: RegionText


@dataclass(frozen=True, slots=True)
class Piece:
    """More of the answer to a `Chat`."""

    job: int
    text: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """The answer to a `Propose`: pixels of the image, inside it, the surest box first. ``by``: the proposer, where it
    is not the captioner."""

    job: int
    boxes: tuple[ScoredBox, ...]
    by: CaptionerInfo | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something that ``job`` lacks though it goes on; ``message`` as in `Problem`."""

    job: int
    message: str


@dataclass(frozen=True, slots=True)
class Done:
    """All of ``job`` was answered."""

    job: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """``job`` was left because of a `Stop`."""

    job: int


@dataclass(frozen=True, slots=True)
class Problem:
    """``job`` (0: loading) cannot be done; ``message`` is a `Sentence` for the user, as ``to_text`` writes it."""

    job: int
    message: str


Command: TypeAlias = Load | Describe | Chat | Propose | Prepare | Stop
Report: TypeAlias = Loaded | Text | Piece | Proposed | Note | Done | Stopped | Problem


def write_message(stream: IO[bytes], message: Command | Report) -> None:
    """Write one frame and flush.

    Raises:
        EngineError: the message holds something that is not plain data, such as a score that is not a number.
        OSError: the pipe is closed.
    """
    stream.write(encode(message))
    stream.flush()


def encode(message: Command | Report) -> bytes:
    """The frame of ``message``; raises as `write_message`."""
    try:
        data = {"type": type(message).__name__.lower(), **record_json.encode(message)}
        body = json.dumps(data, allow_nan=False, separators=(",", ":"), default=_plain_number).encode("ascii")
    except (AttributeError, TypeError, ValueError) as error:  # a plugin's record may hold anything
        raise EngineError(
            "An answer cannot be passed on ({reason}): the model wrote something unusual.", reason=error
        ) from error
    if len(body) > MAX_FRAME:
        raise EngineError("An answer of {count} bytes is too long to be passed on.", count=len(body))
    return _HEAD.pack(len(body)) + body


def read_command(stream: IO[bytes]) -> Command | None:
    """The next message for the model's process; None at the end of the stream.

    Raises:
        EngineError: what was read is not such a message.
    """
    return _read(stream, Command)


def read_report(stream: IO[bytes]) -> Report | None:
    """The next message of the model's process; as `read_command`."""
    return _read(stream, Report)


def _read(stream: IO[bytes], union: object) -> Any:
    head = stream.read(_HEAD.size)
    if not head:
        return None
    if len(head) < _HEAD.size:
        raise EngineError("A message of the model's process ends in its length.")
    (length,) = _HEAD.unpack(head)
    if length > MAX_FRAME:
        raise EngineError(
            "A message of the model's process claims {length} bytes: it is not one of ours.", length=length
        )
    body = stream.read(length)
    if len(body) < length:
        raise EngineError(
            "A message of the model's process ends after {count} of {length} bytes.", count=len(body), length=length
        )
    return decode(body, union)


def decode(body: bytes, union: object) -> Any:
    """The message in the JSON ``body``, one of the types in ``union`` (`Command` or `Report`).

    Raises:
        EngineError: it is none of them.
    """
    try:
        data = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise EngineError("A message of the model's process is not JSON ({reason}).", reason=error) from error
    kinds = {kind.__name__.lower(): kind for kind in get_args(union)}
    name = data.pop("type", None) if isinstance(data, dict) else None
    if not isinstance(name, str) or name not in kinds:
        raise EngineError("A message of the model's process has the unknown type {name}.", name=f"{name!r:.60}")
    try:
        return record_json.decode(kinds[name], data)
    except RoiAssistantError as error:  # a field of another type, or a record that checks itself, such as a box
        raise EngineError("A message of the model's process cannot be read: {reason}", reason=error) from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _plain_number(value: object) -> object:
    """numpy's scalars as Python's: a plugin may well score with them."""
    if hasattr(value, "item") and not hasattr(value, "__len__"):
        return value.item()
    raise TypeError(f"{type(value).__name__} is not plain data")
