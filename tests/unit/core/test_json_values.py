"""What the converters of foreign files take, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from roi_assistant.core import json_values
from roi_assistant.core.record_json import decode
from roi_assistant.errors import FormatError

NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("kind", "written", "read"),
    [
        ("Id", 0, 0),
        ("Id", -3, -3),
        ("Id", 2**53, 2**53),
        ("Id", -(2**53), -(2**53)),
        ("Id", 2**53 + 1, "9007199254740993"),
        ("Id", "9007199254740993", "9007199254740993"),
        ("Id", -(2**63), "-9223372036854775808"),
        ("Id", 5.0, 5),
        ("Id", "5", 5),
        ("Id", "-5", -5),
        ("Id", "05", "05"),
        ("Id", "a/b", "a/b"),
        ("Id", "9" * 19, "9" * 19),
        ("Id", "9" * 5000, "9" * 5000),
        ("Flag", 0, False),
        ("Flag", "False", False),
        ("Flag", "0", False),
        ("Flag", 1.0, True),
        ("Flag", "true", True),
        ("Finite", 3, 3.0),
        ("Pixels", 640.0, 640),
        ("Label", 7, "7"),
        ("Label", -0.25, "-0.25"),
        ("Label", 3.0, "3"),
        ("Label", 2**128 - 1, "340282366920938463463374607431768211455"),
        ("Label", 1e22, "1e+22"),
        ("Label", 12345678.5, "12345678.5"),
        ("Label", "", ""),
        ("Name", 7, "7"),
        ("Xywh", [1, 2.5, 0, -4], (1.0, 2.5, 0.0, -4.0)),
    ],
)
def test_what_is_read(kind: str, written: object, read: object) -> None:
    value = decode(getattr(json_values, kind), written)
    assert (value, type(value)) == (read, type(read))


REFUSED: dict[str, list[Any]] = {
    "Id": [None, True, 5.5, NAN, INFINITE, 1e300, 2**63, -(2**63) - 1, "", [1], {}],
    "Flag": [None, 2, -1, 0.5, NAN, "", "yes", "null", [], {}, [0]],
    "Finite": [None, True, "3", NAN, INFINITE, 10**400, [1]],
    "Pixels": [None, True, "640", 0, -1, 0.5, NAN, INFINITE, 10**400],
    "Label": [None, True, NAN, INFINITE, ["a"], {}, 2**128, -(10**400)],
    "Name": [None, True, "", []],
    "Text": [None, True, "", 7],
    "Xywh": [None, [1, 2, 3], [1, 2, 3, "4"], [1, 2, 3, True], [1, 2, 3, NAN], [1, 2, 3, 10**400], "abcd", {}],
    "Xyxy": [None, [1, 2, 3], [1, 2, 3, "4"], [1, 2, 3, True], [1, 2, 3, NAN], [1, 2, 3, 1e9], "abcd", {}],
}


@pytest.mark.parametrize(("kind", "written"), [(kind, value) for kind, values in REFUSED.items() for value in values])
def test_what_is_refused(kind: str, written: object) -> None:
    with pytest.raises(FormatError, match=r"x\.json: "):
        decode(getattr(json_values, kind), written, name="x.json")
