"""What the window's process and the model's process say to each other: frozen dataclasses as JSON in frames.

A frame is four bytes of length, big-endian, and that many bytes of ASCII JSON: one object with a ``type`` and the
fields of the message. Everything is checked when it is read, so that a plugin or a damaged pipe cannot put anything but
these messages, with fields of these types, into the other process. There is no pickle.
"""

from __future__ import annotations

import json
import math
import struct
import types
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from typing import IO, Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

from roi_assistant.core.box import Box
from roi_assistant.core.records import CaptionerInfo, DescribeRequest, RegionText, Turn
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
class Done:
    """All of ``job`` was answered."""

    job: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """``job`` was left because of a `Stop`."""

    job: int


@dataclass(frozen=True, slots=True)
class Problem:
    """``job`` (0: loading) cannot be done; ``message`` is a sentence for the user."""

    job: int
    message: str


Command: TypeAlias = Load | Describe | Chat | Prepare | Stop
Report: TypeAlias = Loaded | Text | Piece | Done | Stopped | Problem


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
    data = {"type": type(message).__name__.lower(), **to_plain(message)}
    try:
        body = json.dumps(data, allow_nan=False, separators=(",", ":"), default=_number).encode("ascii")
    except (TypeError, ValueError) as error:
        raise EngineError(f"An answer cannot be passed on ({error}): the model wrote something unusual.") from error
    if len(body) > MAX_FRAME:
        raise EngineError(f"An answer of {len(body)} bytes is too long to be passed on.")
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


def _read(stream: IO[bytes], union: Any) -> Any:
    head = stream.read(_HEAD.size)
    if not head:
        return None
    if len(head) < _HEAD.size:
        raise EngineError("A message of the model's process ends in its length.")
    (length,) = _HEAD.unpack(head)
    if length > MAX_FRAME:
        raise EngineError(f"A message of the model's process claims {length} bytes: it is not one of ours.")
    body = stream.read(length)
    if len(body) < length:
        raise EngineError(f"A message of the model's process ends after {len(body)} of {length} bytes.")
    return decode(body, union)


def decode(body: bytes, union: Any) -> Any:
    """The message in the JSON ``body``, one of the types in ``union`` (`Command` or `Report`).

    Raises:
        EngineError: it is none of them.
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise EngineError(f"A message of the model's process is not JSON ({error}).") from error
    kinds = {kind.__name__.lower(): kind for kind in get_args(union)}
    name = data.pop("type", None) if isinstance(data, dict) else None
    if not isinstance(name, str) or name not in kinds:
        raise EngineError(f"A message of the model's process has the unknown type {name!r}.")
    return from_plain(kinds[name], data, name)


def to_plain(value: Any) -> Any:
    """``value`` as dicts, lists and scalars; dataclasses become dicts of their fields."""
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(to_plain(item) for item in value)
    return value


def from_plain(kind: Any, data: Any, where: str) -> Any:
    """``data`` as a value of the type ``kind``: the reverse of `to_plain`. ``where`` is what messages call it.

    Raises:
        EngineError: a type, a field or a value does not fit.
    """
    return _reader(kind)(data, where)


def _number(value: Any) -> Any:
    """numpy's scalars as Python's: a plugin may well score with them."""
    if hasattr(value, "item") and not hasattr(value, "__len__"):
        return value.item()
    raise TypeError(f"{type(value).__name__} is not plain data")


def _bad(where: str, wanted: str, data: Any) -> EngineError:
    return EngineError(f"A message of the model's process has {data!r:.60} for {where}, which should be {wanted}.")


@cache
def _reader(kind: Any) -> Callable[[Any, str], Any]:
    """The function that checks and converts data to ``kind``."""
    origin, arguments = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _record_reader(kind)
    if origin in (Union, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        read = _reader(inner)
        return lambda data, where: None if data is None else read(data, where)
    if origin in (tuple, frozenset):
        return _several_reader(origin, _reader(arguments[0]))
    if origin is Literal:
        return _check(lambda data: isinstance(data, str) and data in arguments, f"one of {', '.join(arguments)}")
    if kind is float:
        return _check(lambda data: type(data) in (int, float) and math.isfinite(data), "a number", convert=float)
    if kind in (str, int, bool):
        return _check(lambda data: type(data) is kind, kind.__name__)
    raise TypeError(f"messages cannot hold {kind!r}")


def _check(
    fits: Callable[[Any], bool], wanted: str, *, convert: Callable[[Any], Any] = lambda data: data
) -> Callable[[Any, str], Any]:
    def read(data: Any, where: str) -> Any:
        if not fits(data):
            raise _bad(where, wanted, data)
        return convert(data)

    return read


def _several_reader(make: Any, read_item: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    def read(data: Any, where: str) -> Any:
        if not isinstance(data, list):
            raise _bad(where, "a list", data)
        return make(read_item(item, where) for item in data)

    return read


def _record_reader(kind: Any) -> Callable[[Any, str], Any]:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}
    needed = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}

    def read(data: Any, where: str) -> Any:
        if not isinstance(data, dict) or not needed <= data.keys() <= readers.keys():
            raise _bad(where, f"the fields of {kind.__name__}", data)
        try:
            return kind(**{name: readers[name](value, f"{where}.{name}") for name, value in data.items()})
        except EngineError:
            raise
        except RoiAssistantError as error:  # a record that checks itself, such as a box
            raise EngineError(f"A message of the model's process has a bad {where}: {error}") from error

    return read
