"""Keys of images and other texts on their way into SQLite and back, and the order of images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from roi_assistant.errors import BadInputError

_NO_PARTS = frozenset({"", ".", ".."})
_DIGITS = re.compile(r"(\d+)")
_END, _FILE, _FOLDER, _NUMBER, _TEXT = "\x01", "\x02", "\x03", "\x04", "\x05"
"""Marks in sort keys; their order is that of what they announce."""


def to_db(text: str) -> str | bytes:
    """``text`` as SQLite can hold it: bytes where it is no Unicode, as some file names are not."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def from_db(value: str | bytes) -> str:
    """The text that ``to_db`` was given."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogatepass")


def check_key(key: str) -> str:
    """``key`` itself, when it can be the key of an image.

    Raises:
        BadInputError: it is not a POSIX path below the folder of the project.
    """
    if not _NO_PARTS.isdisjoint(key.split("/")) or "\0" in key:
        raise BadInputError(
            "{key} cannot be the name of an image: it must be a path below the project's folder.", key=repr(key)
        )
    return key


def sort_key(key: str) -> str:
    """A text that orders keys as ``imaging.folders.find_images`` lists them.

    A folder's own pictures come before those of its sub-folders, ``img2`` before ``img10``, case does not matter.
    """
    folder, _, name = key.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    if not dot or not stem:
        stem, suffix = name, ""
    text = f"{_folder_key(folder)}{_FILE}{_natural(stem)}{_END}{suffix.casefold()}{_END}{name}"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


@lru_cache(maxsize=1024)
def _folder_key(folder: str) -> str:
    return "".join(f"{_FOLDER}{_natural(part)}{_END}" for part in folder.split("/")) if folder else ""


def _natural(name: str) -> str:
    return "".join(_marked(name.casefold()))


def _marked(name: str) -> Iterator[str]:
    for index, part in enumerate(_DIGITS.split(name)):
        if not part:
            continue
        if index % 2:
            digits = str(int(part)) if len(part) < 4000 else part  # Python refuses to read longer numbers
            yield f"{_NUMBER}{len(digits):04d}{digits}"
        else:
            yield f"{_TEXT}{part}"
