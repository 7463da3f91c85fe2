"""Records as plain JSON objects and back, exactly: ``decode(cls, encode(record)) == record``.

Used for the project file, schemas, manifests of plugins, predictions, training configurations, and the pipe to the
model's process. Fields that have their default are left out. Reading checks types: what comes from a file or a pipe
is not trusted.

Files of other programs are read with records that derive from `Foreign`. Their fields may say how a value is converted:
``Annotated[int, converter]``; ``core.json_values`` has the converters that several formats need.
"""

from __future__ import annotations

import reprlib
import types
from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from roi_assistant.errors import BoxError, FormatError
from roi_assistant.sentences import Sentence

T = TypeVar("T")
_Encode = Callable[[Any], Any]
_Decode = Callable[[object], Any]
_REQUIRED = object()
_SHORT = reprlib.Repr()
_SHORT.maxlevel = 3
_NAMES = {
    str: Sentence("A text"),
    int: Sentence("A whole number"),
    float: Sentence("A number"),
    bool: Sentence("true or false"),
}


class Foreign:
    """Base of records in files of other programs. Fields that the record does not name are passed over; null, and an
    empty list or object in a field with a default, are as if the field was not there."""

    __slots__ = ()


class Misfit(Exception):
    """What a converter raises for a value that it cannot convert. ``sentence`` says what is needed; `decode` adds the
    place, which grows from the inside to the outside while the error is passed on."""

    def __init__(self, template: str, /, **values: object) -> None:
        self.sentence, self.place = Sentence.of(template, **values), ""
        super().__init__(str(self.sentence))


def encode(record: object) -> dict[str, Any]:
    """A dataclass as an object of JSON types.

    Its fields may be texts, numbers, truth values, literals, dataclasses, tuples, frozen sets, dicts with texts as
    keys, optional ones of these, and ``Any`` or ``object``, which are left as they are.
    """
    result: dict[str, Any] = _codec(type(record))[0](record)
    return result


def decode(cls: type[T], data: object, *, name: str = "") -> T:
    """The record of type ``cls`` in ``data``; ``name`` is what messages call its source, usually a path.

    Besides what `encode` writes, fields may be unions, read as the first of their types that fits, and
    ``Annotated[type, converter]``; the converter raises `Misfit`.

    Raises:
        FormatError: a field is missing, unknown, or of another type, or a box is empty. Names the place, such as
            ``x.json: attributes[0].kind: ...``.
    """
    try:
        result: T = _codec(cls)[1](data)
    except (Misfit, BoxError) as error:
        place = error.place.removeprefix(".") if isinstance(error, Misfit) else ""
        problem = error.sentence
        for where in filter(None, (place, name)):
            problem = Sentence.of("{place}: {problem}", place=where, problem=problem)
        raise FormatError(problem.template, **dict(problem.values)) from error
    return result


def shown(data: object) -> str:
    """``data`` in a message: short, and made in no time however large or often shared its parts are."""
    try:
        return f"{_SHORT.repr(data):.80}"
    except ValueError:  # a number of thousands of digits
        return type(data).__name__


# ----------------------------------------------------------------------------------------------------------- codecs


def _codec(kind: Any) -> tuple[_Encode, _Decode]:
    """(encode, decode) of a type; made once per type, because a window reads thousands of captions."""
    return _made_codec(kind)


@cache
def _made_codec(kind: Any) -> tuple[_Encode, _Decode]:
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass_codec(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _same, arguments[1]
    if origin in (Union, types.UnionType):
        return _union_codec(arguments)
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
    return _same, (_same if kind in (Any, object) else _scalar(kind))


def _same(value: Any) -> Any:
    return value


def _union_codec(kinds: tuple[object, ...]) -> tuple[_Encode, _Decode]:
    codecs = [_codec(kind) for kind in kinds if kind is not types.NoneType]
    optional = len(codecs) < len(kinds)
    to, last = codecs[-1]
    *others, _ = (back for _, back in codecs)

    def first_that_fits(data: object) -> Any:
        if data is None and optional:
            return None
        for back in others:
            try:
                return back(data)
            except Misfit:
                continue
        return last(data)

    return (_same if others else lambda value: None if value is None else to(value)), first_that_fits


def _dataclass_codec(cls: type) -> tuple[_Encode, _Decode]:
    hints = get_type_hints(cls, include_extras=True)
    plan = []
    for field in fields(cls):
        default = field.default
        if default is MISSING:
            default = _REQUIRED if field.default_factory is MISSING else field.default_factory()
        plan.append((field.name, *_codec(hints[field.name]), default))
    readers = {name: back for name, _, back, _ in plan}
    required = [name for name, _, _, default in plan if default is _REQUIRED]
    is_foreign = issubclass(cls, Foreign)

    def to_object(record: Any) -> dict[str, Any]:
        return {name: to(value) for name, to, _, default in plan if (value := getattr(record, name)) != default}

    def from_object(data: object) -> Any:
        if not isinstance(data, dict):
            raise Misfit("An object is needed, not {data}.", data=shown(data))
        values = {}
        for name, value in data.items():
            back = readers.get(name)
            if back is None:
                if is_foreign:
                    continue
                known = ", ".join(readers)
                raise Misfit("There is no field {name}; there are {choices}.", name=repr(name), choices=known)
            if is_foreign and (
                value is None or (not value and isinstance(value, list | dict) and name not in required)
            ):
                continue
            try:
                values[name] = back(value)
            except Misfit as error:
                error.place = f".{name}{error.place}"
                raise
        for name in required:
            if name not in values:
                raise Misfit("The field {name} is missing.", name=repr(name))
        return cls(**values)

    return to_object, from_object


def _list_codec(inner: object, collection: Callable[[Iterable[object]], object]) -> tuple[_Encode, _Decode]:
    to, back = _codec(inner)

    def from_list(data: object) -> Any:
        if not isinstance(data, list):
            raise Misfit("A list is needed, not {data}.", data=shown(data))
        made: list[Any] = []
        try:
            made += map(back, data)
        except Misfit as error:
            error.place = f"[{len(made)}]{error.place}"
            raise
        return collection(made)

    return (lambda value: [to(item) for item in value]), from_list


def _fixed_codec(inner: tuple[object, ...]) -> tuple[_Encode, _Decode]:
    codecs = [_codec(item) for item in inner]

    def from_list(data: object) -> Any:
        if not isinstance(data, list) or len(data) != len(codecs):
            count = len(codecs)
            raise Misfit("A list of {count} is needed, not {data}.", count=count, data=shown(data))
        return tuple(back(item) for (_, back), item in zip(codecs, data, strict=True))

    return (lambda value: [to(item) for (to, _), item in zip(codecs, value, strict=True)]), from_list


def _dict_codec(key: object, inner: object) -> tuple[_Encode, _Decode]:
    if key is not str:
        raise TypeError(f"Keys of {key} have no form in JSON.")
    to, back = _codec(inner)

    def from_object(data: object) -> Any:
        if not isinstance(data, dict):
            raise Misfit("An object is needed, not {data}.", data=shown(data))
        made: dict[str, Any] = {}
        for name, value in data.items():
            try:
                made[name] = back(value)
            except Misfit as error:
                error.place = f"[{name!r}]{error.place}"
                raise
        return made

    return (lambda value: {name: to(item) for name, item in value.items()}), from_object


def _one_of(allowed: tuple[object, ...]) -> _Decode:
    typed = [(type(choice), choice) for choice in allowed]  # true is not 1

    def check(data: object) -> Any:
        if (type(data), data) not in typed:
            choices = ", ".join(map(str, allowed))
            raise Misfit("One of {choices} is needed, not {data}.", choices=choices, data=shown(data))
        return data

    return check


def _scalar(kind: object) -> _Decode:
    if kind is float:
        return _float
    if kind in (str, int, bool):
        scalar: type = kind
    else:
        raise TypeError(f"{kind} has no form in JSON.")

    def check(data: object) -> Any:
        if not isinstance(data, scalar) or (isinstance(data, bool) and kind is not bool):
            raise Misfit("{kind} is needed, not {data}.", kind=_NAMES[kind], data=shown(data))
        return data

    return check


def _float(data: object) -> float:
    try:
        if isinstance(data, float | int) and not isinstance(data, bool):
            return float(data)
    except OverflowError:
        pass
    raise Misfit("{kind} is needed, not {data}.", kind=_NAMES[float], data=shown(data))
