"""Answers in a JSON Lines file as they come, so that a run that was stopped goes on.

The first line describes the run. Each further line is one answer. A line torn by a crash is cut off when the run goes
on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Generic, TypeVar

from roi_assistant.errors import BadInputError, FileWriteError, FormatError

K = TypeVar("K")
V = TypeVar("V")
Record = dict[str, Any]
"""A JSON object."""


@dataclass(frozen=True)
class AnswerFormat(Generic[K, V]):
    """How answers are written. ``name`` says in messages what such a file is.

    ``encode`` makes a JSON object of an answer and its key, ``decode`` is its inverse; ``check`` looks at the first
    line. Both raise FormatError, or BadInputError for a box without area.
    """

    name: str
    check: Callable[[Record], object]
    encode: Callable[[K, V], Record]
    decode: Callable[[Record], tuple[K, V]]


def read_answers(path: Path, form: AnswerFormat[K, V]) -> tuple[Record, dict[K, V]]:
    """The first line, and the answers; of two with one key the later.

    Raises:
        FormatError: the file cannot be read, or is something else.
    """
    data = _bytes(path)
    try:
        lines = data[: data.rfind(b"\n") + 1].decode("utf-8").split("\n")[:-1]
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is not a {form.name} (it is not UTF-8 text): give another file.") from error
    if not lines:
        reason = f"is not a {form.name} (it has not one whole line)" if data else "is empty"
        raise FormatError(f"{path} {reason}: delete it or give another file.")
    try:
        header = _object(lines[0])
        form.check(header)
    except FormatError as error:
        raise FormatError(f"{path} is not a {form.name} ({error}): give another file.") from error
    answers: dict[K, V] = {}
    for number, line in enumerate(lines[1:], start=2):
        try:
            key, value = form.decode(_object(line))
        except (FormatError, BadInputError) as error:
            raise FormatError(f"{path}, line {number}: {error}") from error
        answers[key] = value
    return header, answers


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FormatError(f"{path} cannot be read ({error.strerror}): check the path.") from error


def _object(line: str) -> Record:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"Not JSON ({error}).") from error
    if not isinstance(record, dict):
        raise FormatError("Not a JSON object.")
    return record


class AnswerFile(Generic[K, V]):
    """Appends answers to ``path``, or only keeps them in memory when it is None. A context manager.

    ``done`` holds the answers, those that the file had already among them.
    """

    def __init__(
        self,
        path: Path | None,
        header: Record,
        form: AnswerFormat[K, V],
        *,
        check_run: Callable[[Record], None],
    ) -> None:
        """Open ``path``, or begin it with ``header``.

        Args:
            path: where the answers are, or None.
            header: the first line.
            form: how answers are written.
            check_run: raises BadInputError when answers under the first line that was found may not be mixed with
                those of this run.

        Raises:
            BadInputError: the file belongs to another run.
            FormatError: the file is something else.
            FileWriteError: it cannot be written.
        """
        self.done: dict[K, V] = {}
        self._form = form
        self._stream: IO[bytes] | None = None
        if path is None:
            return
        resumed = path.exists() and path.stat().st_size > 0
        if resumed:
            written_header, self.done = read_answers(path, form)
            check_run(written_header)
        try:
            self._stream = path.open("r+b" if resumed else "wb")
            if resumed:
                self._stream.truncate(_bytes(path).rfind(b"\n") + 1)
                self._stream.seek(0, os.SEEK_END)
            else:
                self._write([header])
        except OSError as error:
            raise FileWriteError(f"{path} cannot be written ({error.strerror}): check the path.") from error

    def add(self, answers: Mapping[K, V]) -> None:
        """Append ``answers``; they are in the file when this returns."""
        self.done.update(answers)
        self._write([self._form.encode(key, value) for key, value in answers.items()])

    def _write(self, records: list[Record]) -> None:
        if self._stream is not None:
            self._stream.write("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode())
            self._stream.flush()

    def __enter__(self) -> AnswerFile[K, V]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            os.fsync(self._stream.fileno())
            self._stream.close()
