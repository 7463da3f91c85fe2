"""What an object in a file of another program holds beyond the fields that its record reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from roi_assistant.core.record_json import Foreign


def unread_fields(kind: type[Foreign], data: object) -> Iterator[tuple[str, object]]:
    """Place, such as ``captions.language``, and value of what is in ``data`` and that ``kind`` does not read.

    Values that say nothing are left out: null, an empty text, list or object.
    """
    if not isinstance(data, dict):
        return
    known = _records_in(kind)  # type: ignore[arg-type]  # a class is hashable, whatever its objects are
    for name, value in data.items():
        if name not in known:
            if not (value is None or (isinstance(value, str | list | dict) and not value)):
                yield str(name), value
            continue
        inner, is_mapping = known[name]
        if inner is None:
            continue
        if is_mapping and isinstance(value, dict):
            value = list(value.values())
        for item in value if isinstance(value, list) else [value]:
            for place, unread in unread_fields(inner, item):
                yield f"{name}.{place}", unread


@cache
def _records_in(kind: type[Foreign]) -> dict[str, tuple[type[Foreign] | None, bool]]:
    """Name of each field -> the kind of record in it, if any, and whether it is a mapping to such records."""
    hints: dict[str, Any] = get_type_hints(kind)
    return {
        field.name: (_record_in(hints[field.name]), get_origin(hints[field.name]) is dict)
        for field in fields(kind)  # type: ignore[arg-type]  # a dataclass, as all that derive from Foreign
    }


def _record_in(hint: Any) -> type[Foreign] | None:
    if isinstance(hint, type) and issubclass(hint, Foreign):
        return hint
    return next((found for part in get_args(hint) if (found := _record_in(part)) is not None), None)
