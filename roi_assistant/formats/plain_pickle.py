"""Plain data out of pickle files, without unpickling.

Some old data sets (the ``refs(...).p`` of RefCOCO) are distributed as pickles. Unpickling a file can run any code that
it names. Here the opcodes are only *read*, with ``pickletools``, and a small stack machine carries out those that make
numbers, texts, bytes, lists, tuples, dictionaries and sets. Every other opcode, above all those that import a name or
call something, is refused before it has any effect: there is no code in this module that could import or call what a
file says.
"""

from __future__ import annotations

import io
import pickletools
import struct
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from roi_assistant.errors import FormatError

MAX_BYTES = 1 << 30
MAX_DEPTH = 200
MAX_KEY = 2**53
"""Of whole numbers that are keys: no id is larger, and larger ones can be chosen so that all have the same hash."""

C = TypeVar("C")
_MARK = object()
_CONTAINERS = (dict, list, tuple)
_SCALARS = (str, bytes, int, float, bool, type(None))

_CONSTANTS: dict[str, Callable[[], object]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_DICT": dict,
    "EMPTY_SET": set,
}
_NUMBERS = frozenset({"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"})
_BYTES = frozenset({"BINBYTES", "SHORT_BINBYTES", "BINBYTES8"})
_TEXTS = frozenset(
    {"STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"}
)
_VALUES = _NUMBERS | _BYTES | _TEXTS
"""Opcodes whose argument, already decoded by ``pickletools``, is the value."""
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_NO_EFFECT = frozenset({"PROTO", "FRAME"})


class _Refused(Exception):
    """What the file asks for is not plain data, or makes no sense."""


def read_plain_pickle(path: Path) -> object:
    """The value in the pickle file ``path``; see :func:`plain_pickle`.

    Raises:
        FormatError: the file cannot be read, is larger than ``MAX_BYTES``, or holds more than plain data.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise FormatError(f"{path} has {size} bytes; a data file of this kind has at most {MAX_BYTES}.")
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"{path} cannot be read ({error.strerror}): check the path.") from error
    return plain_pickle(data, name=str(path))


def plain_pickle(data: bytes, *, name: str) -> object:
    """The value pickled in ``data`` (protocols 0 to 5); ``name`` is what messages call it.

    Only None, numbers, texts, bytes, lists, tuples, dictionaries and sets; keys and members of sets are no containers.
    Whole numbers that are keys are at most ``MAX_KEY``. Texts of Python 2 are read as ASCII or Latin-1. Parts that
    occur twice are shared, as in the file.

    Raises:
        FormatError: an opcode that makes anything else, a container that contains itself or is nested deeper than
            ``MAX_DEPTH``, bytes after the end, or data that is no pickle.
    """
    stream = io.BytesIO(data)
    machine = _Machine()
    try:
        for opcode, argument, _ in pickletools.genops(stream):
            if opcode.name == "STOP":
                break
            machine.step(opcode.name, argument)
        value = machine.result()
        if stream.read(1):
            raise _Refused("there are bytes after its end")
        _check_shape(value)
    except _Refused as error:
        raise FormatError(f"{name} is not a pickle of plain data ({error}): it is not read.") from error
    except (ValueError, IndexError, struct.error, OverflowError, AssertionError, MemoryError) as error:
        raise FormatError(f"{name} is not a pickle file, or is damaged ({error}): copy it again.") from error
    return value


class _Machine:
    def __init__(self) -> None:
        self.stack: list[object] = []
        self.memo: dict[object, object] = {}

    def step(self, name: str, argument: object) -> None:
        stack = self.stack
        if name in _VALUES:
            stack.append(argument)
        elif name in ("BINPUT", "LONG_BINPUT", "PUT"):
            self.memo[_key(argument)] = self._top()
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = self._top()
        elif name in ("BINGET", "LONG_BINGET", "GET"):
            if _key(argument) not in self.memo:
                raise _Refused(f"it refers to part {argument}, which it does not have")
            stack.append(self.memo[argument])
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name]())
        elif name == "MARK":
            stack.append(_MARK)
        elif name in ("APPEND", "APPENDS"):
            items = [self._pop()] if name == "APPEND" else self._marked()
            self._container(list).extend(items)
        elif name in ("SETITEM", "SETITEMS"):
            if name == "SETITEM":
                value = self._pop()
                items = [self._pop(), value]
            else:
                items = self._marked()
            self._container(dict).update(_pairs(items))
        elif name == "ADDITEMS":
            members = self._marked()
            self._container(set).update(map(_key, members))
        elif name in _TUPLES:
            items = [self._pop() for _ in range(_TUPLES[name])]
            stack.append(tuple(reversed(items)))
        elif name == "TUPLE":
            stack.append(tuple(self._marked()))
        elif name == "LIST":
            stack.append(self._marked())
        elif name == "DICT":
            stack.append(_pairs(self._marked()))
        elif name == "FROZENSET":
            stack.append(frozenset(map(_key, self._marked())))
        elif name == "POP":
            if not stack:
                raise _Refused("it takes from an empty stack")
            stack.pop()
        elif name == "POP_MARK":
            self._marked()
        elif name == "DUP":
            stack.append(self._top())
        elif name not in _NO_EFFECT:
            raise _Refused(f"its opcode {name} makes something else")

    def result(self) -> object:
        value = self._pop()
        if self.stack:
            raise _Refused("it leaves parts over")
        return value

    def _top(self) -> object:
        if not self.stack or self.stack[-1] is _MARK:
            raise _Refused("it takes from an empty stack")
        return self.stack[-1]

    def _pop(self) -> object:
        value = self._top()
        self.stack.pop()
        return value

    def _marked(self) -> list[object]:
        items: list[object] = []
        while self.stack:
            value = self.stack.pop()
            if value is _MARK:
                items.reverse()
                return items
            items.append(value)
        raise _Refused("a mark is missing")

    def _container(self, kind: type[C]) -> C:
        value = self._top()
        if not isinstance(value, kind):
            raise _Refused(f"it adds to a {type(value).__name__} as if it were a {kind.__name__}")
        return value


def _key(value: object) -> object:
    # A tuple of tuples of shared tuples takes for ever to hash.
    if not isinstance(value, _SCALARS):
        raise _Refused(f"it uses a {type(value).__name__} as a key")
    if isinstance(value, int) and abs(value) > MAX_KEY:
        raise _Refused("it uses a whole number of more than 53 bits as a key")
    return value


def _pairs(items: list[object]) -> dict[object, object]:
    if len(items) % 2:
        raise _Refused("a key has no value")
    return {_key(key): value for key, value in zip(items[::2], items[1::2], strict=True)}


def _check_shape(value: object) -> None:
    """Raises ``_Refused`` for cycles and deep nesting; looks at every part once, however often it is shared."""
    depths: dict[int, int] = {}
    open_parts: set[int] = set()
    waiting: list[tuple[object, bool]] = [(value, False)]
    while waiting:
        part, done = waiting.pop()
        if not isinstance(part, _CONTAINERS):
            continue
        key = id(part)
        children = part.values() if isinstance(part, dict) else part
        if done:
            open_parts.discard(key)
            inner = (depths[id(child)] for child in children if isinstance(child, _CONTAINERS))
            depths[key] = 1 + max(inner, default=0)
            if depths[key] > MAX_DEPTH:
                raise _Refused(f"it is nested deeper than {MAX_DEPTH} levels")
        elif key in open_parts:
            raise _Refused("a part of it contains itself")
        elif key not in depths:
            open_parts.add(key)
            waiting.append((part, True))
            waiting += [(child, False) for child in children]
