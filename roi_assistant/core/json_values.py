"""Types of fields in annotation files of other programs, each with the converter that reads it; see `record_json`."""

from __future__ import annotations

import math
import re
from typing import Annotated

from roi_assistant.core.record_json import Misfit, shown

_ID_BITS, _NUMBER_BITS = 64, 128
"""Of ids, as readers that keep them in 64 bits; of other whole numbers that become texts, such as UUIDs."""
_LARGEST_EXACT = 2**53
"""Whole numbers up to here are the same in every program. Larger ones are kept as texts: many programs read them as
floats, and they can be chosen so that a table of them takes hours (equal hashes, multiples of 2**61 - 1)."""
_LARGEST_COORDINATE = 1e9
_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,18}")
"""As programs write it: 007 is a name."""
_ONLY_DIGITS = re.compile(r"-?[0-9]+")


def is_number(id: str) -> bool:
    """Whether ``id`` only numbers an entry of its file, and names nothing beyond it."""
    return bool(_ONLY_DIGITS.fullmatch(id))


def _id(data: object) -> int | str:
    number = data
    if (isinstance(data, float) and data.is_integer()) or (isinstance(data, str) and _WHOLE_NUMBER.fullmatch(data)):
        number = int(data)
    if isinstance(number, int) and not isinstance(number, bool):
        if -_LARGEST_EXACT <= number <= _LARGEST_EXACT:
            return number
        if -(2 ** (_ID_BITS - 1)) <= number < 2 ** (_ID_BITS - 1):
            return str(number)
    if isinstance(data, str) and data:
        return data
    raise Misfit(
        "An id must be a text or a whole number of at most {bits} bits, not {data}.", bits=_ID_BITS, data=shown(data)
    )


def _flag(data: object) -> bool:
    told = data.lower() if isinstance(data, str) else data
    if told in (0, "0", "false"):  # 0 is also 0.0 and false
        return False
    if told in (1, "1", "true"):
        return True
    raise Misfit("0, 1, true or false is needed, not {data}.", data=shown(data))


def _finite(data: object) -> float:
    if isinstance(data, float | int) and not isinstance(data, bool) and abs(data) < 1e300:
        return float(data)
    raise Misfit("A finite number is needed, not {data}.", data=shown(data))


def _pixels(data: object) -> int:
    if isinstance(data, int | float) and not isinstance(data, bool) and 1 <= data <= _LARGEST_COORDINATE:
        return int(data)
    raise Misfit("A positive number of pixels is needed, not {data}.", data=shown(data))


def read_label(data: object) -> str:
    """A text, or a number with all its digits, as text.

    Raises:
        Misfit: it is neither, or a whole number of more than 128 bits, which is no value but damage.
    """
    if isinstance(data, str):
        return data
    if isinstance(data, int) and not isinstance(data, bool):
        if abs(data) < 2**_NUMBER_BITS:
            return str(data)
        raise Misfit("A whole number has at most {bits} bits, not {data}.", bits=_NUMBER_BITS, data=shown(data))
    if isinstance(data, float) and math.isfinite(data):
        # 3.0 is how a table with gaps writes 3.
        return str(int(data)) if data.is_integer() and abs(data) < 1e15 else repr(data)
    raise Misfit("A text or a number is needed, not {data}.", data=shown(data))


def _name(data: object) -> str:
    return _text(read_label(data))


def _text(data: object) -> str:
    if isinstance(data, str) and data:
        return data
    raise Misfit("A text that is not empty is needed, not {data}.", data=shown(data))


def _xywh(data: object) -> tuple[float, float, float, float]:
    if numbers := _four_numbers(data):
        return numbers
    raise Misfit("A box must be four numbers, x, y, width and height, not {data}.", data=shown(data))


def _xyxy(data: object) -> tuple[float, float, float, float]:
    if numbers := _four_numbers(data):
        return numbers
    raise Misfit("A box must be four numbers, x1, y1, x2 and y2, not {data}.", data=shown(data))


def _four_numbers(data: object) -> tuple[float, float, float, float] | None:
    if isinstance(data, list) and len(data) == 4:
        a, b, c, d = data
        # Exact types: a float is what nearly all are, and true is no number.
        if all(type(value) in (float, int) and abs(value) < _LARGEST_COORDINATE for value in data):
            return float(a), float(b), float(c), float(d)
    return None


Id = Annotated[int | str, _id]
"""A whole number of at most 53 bits, or a text that is not empty, as which larger numbers of up to 64 bits are kept.
``"5"`` and ``5.0`` are 5: programs differ in how they write the same id."""
Flag = Annotated[bool, _flag]
"""true or false, also written as 0, 1 or a text of these."""
Finite = Annotated[float, _finite]
Pixels = Annotated[int, _pixels]
"""Width or height of an image, cut to a whole number."""
Label = Annotated[str, read_label]
"""A text; a number of up to 128 bits becomes one without losing a digit."""
Text = Annotated[str, _text]
"""A text that is not empty."""
Name = Annotated[str, _name]
"""A `Label` that is not empty."""
Xywh = Annotated[tuple[float, float, float, float], _xywh]
"""x, y, width and height, as they are: width and height may be 0 or negative."""
Xyxy = Annotated[tuple[float, float, float, float], _xyxy]
"""The corners of a box, as they are: it may be empty or inside out."""
