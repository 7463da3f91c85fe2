"""Records as plain JSON objects and back, exactly: ``decode(cls, encode(record)) == record``.

Used for the project file, schemas, manifests of plugins, predictions, training configurations, and the pipe to the
model's process. Fields that have their default are left out. Reading checks types: what comes from a file or a pipe
is not trusted.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from roi_assistant.errors import BoxError, FormatError
from roi_assistant.sentences import Sentence

T = TypeVar("T")
_Convert = Callable[[Any], Any]
_REQUIRED = object()
_NAMES = {
    str: Sentence("A text"),
    int: Sentence("A whole number"),
    float: Sentence("A number"),
    bool: Sentence("true or false"),
}


def encode(record: Any) -> dict[str, Any]:
    """A dataclass as an object of JSON types.

    Its fields may be texts, numbers, truth values, literals, dataclasses, tuples, frozen sets, dicts with texts as
    keys, optional ones of these, and ``Any``, which is left as it is.
    """
    result: dict[str, Any] = _codec(type(record))[0](record)
    return result


def decode(cls: type[T], data: Any, *, name: str = "") -> T:
    """The record of type ``cls`` in ``data``; ``name`` is what messages call its source, usually a path.

    Raises:
        FormatError: a field is missing, unknown, or of another type, or a box is empty. Names the place, such as
            ``x.json: attributes[0].kind: ...``.
    """
    try:
        result: T = _codec(cls)[1](data)
    except (_Misfit, BoxError) as error:
        place = error.place.removeprefix(".") if isinstance(error, _Misfit) else ""
        problem = error.sentence
        for where in filter(None, (place, name)):
            problem = Sentence.of("{place}: {problem}", place=where, problem=problem)
        raise FormatError(problem.template, **dict(problem.values)) from error
    return result


class _Misfit(Exception):
    """Data that is no record. ``place`` grows from the inside to the outside while it is passed on."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence, self.place = sentence, ""


# ----------------------------------------------------------------------------------------------------------- codecs


def _codec(kind: Any) -> tuple[_Convert, _Convert]:
    """(encode, decode) of a type; made once per type, because a window reads thousands of captions."""
    return _made_codec(kind)


@cache
def _made_codec(kind: Any) -> tuple[_Convert, _Convert]:
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass_codec(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        to, back = _codec(inner)
        return (lambda value: None if value is None else to(value)), (lambda d: None if d is None else back(d))
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _list_codec(arguments[0], tuple)
    if origin is tuple:
        return _fixed_codec(arguments)
    if origin is frozenset:
        to, back = _list_codec(arguments[0], frozenset)
        return (lambda value: sorted(to(value))), back
    if origin is dict:
        return _dict_codec(*arguments)
    if origin is Literal:
        return _same, _one_of(arguments)
    return _same, (_same if kind is Any else _scalar(kind))


def _same(value: Any) -> Any:
    return value


def _dataclass_codec(cls: type) -> tuple[_Convert, _Convert]:
    hints = get_type_hints(cls)
    plan = []
    for field in fields(cls):
        to, back = _codec(hints[field.name])
        default = field.default
        if default is MISSING:
            default = _REQUIRED if field.default_factory is MISSING else field.default_factory()
        plan.append((field.name, to, back, default))
    names = frozenset(name for name, *_ in plan)

    def to_object(record: Any) -> dict[str, Any]:
        return {name: to(value) for name, to, _, default in plan if (value := getattr(record, name)) != default}

    def from_object(data: Any) -> Any:
        if not isinstance(data, dict):
            raise _Misfit(Sentence.of("An object is needed, not {data}.", data=f"{data!r:.80}"))
        if not data.keys() <= names:
            unknown, known = repr(min(data.keys() - names)), ", ".join(name for name, *_ in plan)
            raise _Misfit(Sentence.of("There is no field {name}; there are {choices}.", name=unknown, choices=known))
        values = {}
        for name, _, back, default in plan:
            if name in data:
                try:
                    values[name] = back(data[name])
                except _Misfit as error:
                    error.place = f".{name}{error.place}"
                    raise
            elif default is _REQUIRED:
                raise _Misfit(Sentence.of("The field {name} is missing.", name=repr(name)))
        return cls(**values)

    return to_object, from_object


def _list_codec(inner: Any, collection: Callable[[Any], Any]) -> tuple[_Convert, _Convert]:
    to, back = _codec(inner)

    def from_list(data: Any) -> Any:
        if not isinstance(data, list):
            raise _Misfit(Sentence.of("A list is needed, not {data}.", data=f"{data!r:.80}"))
        made: list[Any] = []
        try:
            made += map(back, data)
        except _Misfit as error:
            error.place = f"[{len(made)}]{error.place}"
            raise
        return collection(made)

    return (lambda value: [to(item) for item in value]), from_list


def _fixed_codec(inner: tuple[Any, ...]) -> tuple[_Convert, _Convert]:
    codecs = [_codec(item) for item in inner]

    def from_list(data: Any) -> Any:
        if not isinstance(data, list) or len(data) != len(codecs):
            count = len(codecs)
            raise _Misfit(Sentence.of("A list of {count} is needed, not {data}.", count=count, data=f"{data!r:.80}"))
        return tuple(back(item) for (_, back), item in zip(codecs, data, strict=True))

    return (lambda value: [to(item) for (to, _), item in zip(codecs, value, strict=True)]), from_list


def _dict_codec(key: Any, inner: Any) -> tuple[_Convert, _Convert]:
    if key is not str:
        raise TypeError(f"Keys of {key} have no form in JSON.")
    to, back = _codec(inner)

    def from_object(data: Any) -> Any:
        if not isinstance(data, dict):
            raise _Misfit(Sentence.of("An object is needed, not {data}.", data=f"{data!r:.80}"))
        made: dict[str, Any] = {}
        for name, value in data.items():
            try:
                made[name] = back(value)
            except _Misfit as error:
                error.place = f"[{name!r}]{error.place}"
                raise
        return made

    return (lambda value: {name: to(item) for name, item in value.items()}), from_object


def _one_of(allowed: tuple[Any, ...]) -> _Convert:
    def check(data: Any) -> Any:
        if data not in allowed:
            choices = ", ".join(map(str, allowed))
            raise _Misfit(Sentence.of("One of {choices} is needed, not {data}.", choices=choices, data=f"{data!r:.80}"))
        return data

    return check


def _scalar(kind: Any) -> _Convert:
    if kind is float:
        return _float
    if kind in (str, int, bool):
        scalar: type = kind
    else:
        raise TypeError(f"{kind} has no form in JSON.")

    def check(data: Any) -> Any:
        if not isinstance(data, scalar) or (isinstance(data, bool) and kind is not bool):
            raise _Misfit(Sentence.of("{kind} is needed, not {data}.", kind=_NAMES[kind], data=f"{data!r:.80}"))
        return data

    return check


def _float(data: Any) -> float:
    try:
        if isinstance(data, float | int) and not isinstance(data, bool):
            return float(data)
    except OverflowError:
        pass
    raise _Misfit(Sentence.of("{kind} is needed, not {data}.", kind=_NAMES[float], data=f"{data!r:.80}"))
