"""Large JSON files of data sets: read whole, entry by entry or line by line, with errors that name file and place."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

from roi_assistant.core.plain_files import check_plain
from roi_assistant.errors import FormatError
from roi_assistant.formats.other_tools import JSON_LINES, tool_of_file
from roi_assistant.sentences import NOTHING, Sentence

_BLOCK = 1 << 20
_LONGEST = 1 << 28
"""Letters of one entry at most: nobody's photo has more, and a file without an end must not fill the memory."""
_LONGEST_LINE = 1 << 25
"""Bytes: a million boxes. As objects in memory they are thirty times as large."""
_TOO_LARGE = Sentence("it does not fit into the memory of this computer")
_SPACE = re.compile(r"[ \t\n\r]*")


def read_json(path: Path) -> object:
    """The value in ``path``.

    Raises:
        FormatError: the file is missing, cannot be read, or is not JSON in UTF-8.
    """
    try:
        check_plain(path)
        return json.loads(path.read_bytes())
    except OSError as error:
        raise _unreadable(path, error) from error
    except (ValueError, RecursionError, MemoryError) as error:  # ValueError: also bytes that are not UTF-8
        raise _not_json(path, error) from error


def read_json_entries(path: Path) -> Iterator[tuple[str, int, object]]:
    """The entries of the lists in ``path``, one after the other: a file of gigabytes takes the memory of one entry.

    Of ``[a, b]``: ``("", 1, a)``, ``("", 2, b)``. Of ``{"images": [a, b], "info": c}``: ``("images", 1, a)``,
    ``("images", 2, b)``, ``("info", 0, c)``; an empty list in an object gives ``("images", 0, [])``.

    Raises:
        FormatError: the file is missing, cannot be read, or is neither a list nor an object in JSON and UTF-8.
    """
    return _entries(path, list_of=None)


def _entries(path: Path, *, list_of: str | None) -> Iterator[tuple[str, int, object]]:
    """As `read_json_entries`; with ``list_of``, what the entries are called, the file must be a list."""
    place = Sentence("its beginning")
    try:
        check_plain(path)
        with path.open("rb") as stream:
            text = _Text(stream)
            if text.taken("["):
                for number, value in _items(text):
                    place = Sentence.of("the end of entry {number}", number=number)
                    yield "", number, value
            elif list_of is not None:
                raise FormatError(
                    "{path} must be a list of {what}: give the official file as it is distributed.",
                    path=path,
                    what=list_of,
                )
            else:
                text.take("{")
                for key in _keys(text):
                    place = Sentence(repr(key))
                    if text.taken("["):
                        number = 0
                        for number, value in _items(text):
                            place = Sentence.of("the end of entry {number} of {key}", number=number, key=repr(key))
                            yield key, number, value
                        if not number:
                            yield key, 0, []
                    else:
                        yield key, 0, text.value()
            text.end()
    except OSError as error:
        raise _unreadable(path, error) from error
    except (ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, UnicodeDecodeError) or tool_of_file(path):
            raise _not_json(path, error) from error
        raise FormatError(
            "{path} is not a JSON file behind {place}: {reason}.", path=path, place=place, reason=_reason(error)
        ) from error


def read_json_objects(path: Path, *, what: str) -> Iterator[tuple[int, dict[str, object]]]:
    """Number, from 1, and object of every entry of the list in ``path``; ``what`` says in messages what they are.

    Raises:
        FormatError: as `read_json_entries`, or the file is no list, or an entry of it no object.
    """
    for _, number, entry in _entries(path, list_of=what):
        if not isinstance(entry, dict):
            raise FormatError(
                "{path}, entry {number}: not an object, but the file must be a list of {what}.",
                path=path,
                number=number,
                what=what,
            )
        yield number, entry


def read_json_lines(
    path: Path, *, stray: Callable[[FormatError], None] | None = None
) -> Iterator[tuple[int, dict[str, object]]]:
    """Number, from 1, and object of every line that is not empty. Lines have 32 MB at most.

    Args:
        path: the file.
        stray: is told of each line that is not a JSON object, which is passed over. Without it, and where the first
            line is none because the file is something else, the file is refused.

    Raises:
        FormatError: the file cannot be read, or a line is not a JSON object.
    """
    try:
        check_plain(path)
        with path.open("rb") as stream:
            for number, line in enumerate(iter(partial(stream.readline, _LONGEST_LINE + 1), b""), start=1):
                if not line.strip():
                    continue
                if len(line) > _LONGEST_LINE:
                    raise FormatError(
                        "{path}, line {number}: it has more than {size} MB, as no photo has: check the file.",
                        path=path,
                        number=number,
                        size=_LONGEST_LINE >> 20,
                    )
                try:
                    yield number, _object_in(line, path, number)
                except FormatError as error:
                    if stray is None or (number == 1 and _other_tool(path)):
                        raise
                    stray(error)
    except OSError as error:
        raise _unreadable(path, error) from error


def read_json_records(
    path: Path, *, what: str, stray: Callable[[FormatError], None] | None = None
) -> Iterator[tuple[int, dict[str, object]]]:
    """Number, from 1, and object of every entry of a JSON list of ``what``, or of every line of JSON lines, as
    `read_json_lines`: trainers read both, and names of files do not tell.

    Raises:
        FormatError: as `read_json_lines`; an entry of a list is no object, without ``stray``.
    """
    if not _is_list(path):
        yield from read_json_lines(path, stray=stray)
        return
    for _, number, entry in _entries(path, list_of=what):
        if isinstance(entry, dict):
            yield number, entry
            continue
        error = FormatError("{path}, entry {number}: not a JSON object.", path=path, number=number)
        if stray is None:
            raise error
        stray(error)


def _is_list(path: Path) -> bool:
    try:
        check_plain(path)
        with path.open("rb") as stream:
            return stream.read(1024).removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"[")
    except OSError as error:
        raise _unreadable(path, error) from error


def _object_in(line: bytes, path: Path, number: int) -> dict[str, object]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError, MemoryError) as error:
        if number == 1 and _other_tool(path):
            raise _not_json(path, error) from error
        raise FormatError(
            "{path}, line {number}: not JSON ({reason}).", path=path, number=number, reason=_reason_of(error)
        ) from error
    if not isinstance(record, dict):
        raise FormatError("{path}, line {number}: not a JSON object.", path=path, number=number)
    return record


def _other_tool(path: Path) -> Sentence:
    """What a file of JSON lines, which cannot be read as such, is instead."""
    tool = tool_of_file(path)
    return NOTHING if tool == JSON_LINES else tool


def _unreadable(path: Path, error: OSError) -> FormatError:
    if isinstance(error, FileNotFoundError):
        return FormatError("{path} does not exist: check the path.", path=path)
    return FormatError("{path} cannot be read ({reason}): check the path and its permissions.", path=path, reason=error)


def _not_json(path: Path, error: Exception) -> FormatError:
    if tool := tool_of_file(path):
        return FormatError("{path}: {problem}", path=path, problem=tool)
    if isinstance(error, UnicodeDecodeError):
        return FormatError("{path} is not a JSON file: it is not text in UTF-8.", path=path)
    return FormatError("{path} is not a JSON file: {reason}.", path=path, reason=_reason_of(error))


def _reason(error: Exception) -> Sentence | str:
    """Without the place: it is counted from the block that was read last."""
    return error.msg if isinstance(error, json.JSONDecodeError) else _reason_of(error)


def _reason_of(error: Exception) -> Sentence | str:
    return _TOO_LARGE if isinstance(error, MemoryError) else str(error)


def _items(text: _Text) -> Iterator[tuple[int, object]]:
    """Number and value of the entries of a list whose ``[`` was taken."""
    number = 0
    while not text.taken("]"):
        if number:
            text.take(",")
        number += 1
        yield number, text.value()


def _keys(text: _Text) -> Iterator[str]:
    """The keys of an object whose ``{`` was taken; the value behind each must be taken before the next."""
    first = True
    while not text.taken("}"):
        if not first:
            text.take(",")
        first = False
        key = text.value()
        if not isinstance(key, str):
            raise ValueError("a key is not a text")
        text.take(":")
        yield key


class _Text:
    """A JSON text that is read forwards, a block at a time. All methods raise ValueError where it is not JSON."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        head = stream.read(4)  # and kept, as a pipe cannot be read again
        encoding = json.detect_encoding(head)  # UTF-16 is what some consoles write
        # Half a letter passes, as it does where the whole file is read.
        self._decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)("surrogatepass")
        self._scan = json.JSONDecoder().raw_decode
        self._buffer, self._place = self._decoder.decode(head), 0

    def taken(self, sign: str) -> bool:
        """Whether ``sign`` comes next; it is passed then."""
        is_next = self._next() == sign
        self._place += is_next
        return is_next

    def take(self, sign: str) -> None:
        if not self.taken(sign):
            raise ValueError(f"there is {self._next() or 'the end of the file'!r} instead of {sign!r}")

    def end(self) -> None:
        if self._next():
            raise ValueError("there is something after its end")

    def value(self) -> object:
        """The value that comes next, whole."""
        decoded: object
        self._next()
        while True:
            try:
                decoded, end = self._scan(self._buffer, self._place)
            except ValueError:
                # It may be whole with the next block; blocks double, so an entry is not begun again too often.
                if len(self._buffer) - self._place > _LONGEST or not self._read():
                    raise
                continue
            # A number at the end of what was read may go on: "1" in "1e+" and "7".
            if end + 2 < len(self._buffer) or not self._read():
                self._place = end
                return decoded

    def _next(self) -> str:
        """The next sign that is not white space, "" at the end."""
        while True:
            match = _SPACE.match(self._buffer, self._place)
            assert match is not None
            self._place = match.end()
            if self._place < len(self._buffer):
                return self._buffer[self._place]
            if not self._read():
                return ""

    def _read(self) -> bool:
        """Read on and forget what was passed; False, and nothing changes, at the end of the file."""
        data = self._stream.read(max(_BLOCK, len(self._buffer) - self._place))
        more = self._decoder.decode(data, final=not data)
        if data:
            self._buffer, self._place = self._buffer[self._place :] + more, 0
        return bool(data)
