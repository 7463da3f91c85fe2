"""Types of fields in annotation files of other programs, each with the converter that reads it; see `record_json`."""

from __future__ import annotations

import math
import re
from typing import Annotated

from roi_assistant.core.record_json import Misfit, shown

_SMALLEST_ID, _LARGEST_ID = -(2**63), 2**63 - 1
"""What SQLite holds, and every reader of COCO that keeps ids in 64 bits."""
_LARGEST_COORDINATE = 1e9
_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,18}")
"""As programs write it: 007 is a name."""


def _id(data: object) -> int | str:
    number = data
    if (isinstance(data, float) and data.is_integer()) or (isinstance(data, str) and _WHOLE_NUMBER.fullmatch(data)):
        number = int(data)
    if isinstance(number, int) and not isinstance(number, bool) and _SMALLEST_ID <= number <= _LARGEST_ID:
        return number
    if isinstance(data, str) and data:
        return data
    raise Misfit("An id must be a text or a whole number of at most 64 bits, not {data}.", data=shown(data))


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
        Misfit: it is neither.
    """
    if isinstance(data, str):
        return data
    if isinstance(data, int) and not isinstance(data, bool):
        return str(data)
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
    if isinstance(data, list) and len(data) == 4:
        x, y, width, height = data
        # Exact types: a float is what nearly all are, and true is no number.
        if all(type(value) in (float, int) and abs(value) < _LARGEST_COORDINATE for value in data):
            return float(x), float(y), float(width), float(height)
    raise Misfit("A box must be four numbers, x, y, width and height, not {data}.", data=shown(data))


Id = Annotated[int | str, _id]
"""A whole number of at most 64 bits, or a text that is not empty. ``"5"`` and ``5.0`` are 5: programs differ in how
they write the same id."""
Flag = Annotated[bool, _flag]
"""true or false, also written as 0, 1 or a text of these."""
Finite = Annotated[float, _finite]
Pixels = Annotated[int, _pixels]
"""Width or height of an image, cut to a whole number."""
Label = Annotated[str, read_label]
"""A text; a number becomes one without losing a digit."""
Text = Annotated[str, _text]
"""A text that is not empty."""
Name = Annotated[str, _name]
"""A `Label` that is not empty."""
Xywh = Annotated[tuple[float, float, float, float], _xywh]
"""x, y, width and height, as they are: width and height may be 0 or negative."""
