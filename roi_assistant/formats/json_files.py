"""Large JSON files of data sets: read whole or line by line, with errors that name file and line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from roi_assistant.errors import FormatError


def read_json(path: Path) -> Any:
    """The value in ``path``.

    Raises:
        FormatError: the file is missing, cannot be read, or is not JSON in UTF-8.
    """
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise FormatError(f"{path} does not exist: check the path.") from error
    except OSError as error:
        raise FormatError(f"{path} cannot be read ({error.strerror}): check the path and its permissions.") from error
    except (ValueError, RecursionError) as error:  # ValueError: also bytes that are not UTF-8
        raise FormatError(f"{path} is not a JSON file: {error}.") from error


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Number, from 1, and object of every line that is not empty.

    Raises:
        FormatError: the file cannot be read, or a line is not a JSON object.
    """
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                try:
                    record = json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise FormatError(f"{path}, line {number}: not JSON ({error}).") from error
                if not isinstance(record, dict):
                    raise FormatError(f"{path}, line {number}: not a JSON object.")
                yield number, record
    except OSError as error:
        raise FormatError(f"{path} cannot be read ({error.strerror}): check the path and its permissions.") from error
