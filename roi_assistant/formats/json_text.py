"""JSON of one record, on one line."""

from __future__ import annotations

import json


def json_text(value: object) -> str:
    """``value`` as JSON, letters as they are. Names of files that are no Unicode are escaped, as UTF-8 has no place for
    them.

    Raises:
        ValueError: a number is not finite.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False)
    return text
