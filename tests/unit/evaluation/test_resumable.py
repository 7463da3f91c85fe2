"""What predictions and choices share; their own tests go through files of both kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

from roi_assistant.errors import BadInputError, FileWriteError, FormatError
from roi_assistant.evaluation.resumable import AnswerFile, AnswerFormat, Record, read_answers


def _check(header: Record) -> None:
    if header.get("format") != "numbers":
        raise FormatError("it needs the format numbers")


def _decode(record: Record) -> tuple[str, int]:
    if not isinstance(record.get("value"), int):
        raise FormatError("There is no value.")
    return record["key"], record["value"]


FORM: AnswerFormat[str, int] = AnswerFormat("file of numbers", _check, lambda k, v: {"key": k, "value": v}, _decode)
HEADER: Record = {"format": "numbers", "run": 1}


def _same_run(found: Record) -> None:
    if found != HEADER:
        raise BadInputError("another run")


def _open(path: Path | None) -> AnswerFile[str, int]:
    return AnswerFile(path, HEADER, FORM, check_run=_same_run)


def test_answers_are_there_when_the_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "n.jsonl"
    with _open(path) as file:
        file.add({"a": 1, "é": 2})
    assert path.read_bytes().count(b"\n") == 3
    with _open(path) as file:
        assert file.done == {"a": 1, "é": 2}
        file.add({"a": 3})
    assert read_answers(path, FORM) == (HEADER, {"a": 3, "é": 2}), "the later line counts"


def test_a_torn_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "n.jsonl"
    with _open(path) as file:
        file.add({"a": 1, "b": 2})
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    with _open(path) as file:
        assert file.done == {"a": 1}
        file.add({"b": 2})
    assert path.read_bytes() == whole


def test_without_a_path_answers_are_only_kept() -> None:
    with _open(None) as file:
        file.add({"a": 1})
        assert file.done == {"a": 1}


def test_other_runs_and_other_files_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "n.jsonl"
    for text, error in (
        ('{"format": "numbers", "run": 2}\n', "another run"),
        ('{"format": "letters"}\n', r"not a file of numbers \(it needs the format numbers\)"),
        ('{"format": "numbers", "run": 1}', "not one whole line"),
        ('{"format": "numbers", "run": 1}\n{"key": "a"}\n', r"n\.jsonl, line 2: There is no value"),
        ('{"format": "numbers", "run": 1}\n[]\n', "line 2: Not a JSON object"),
    ):
        path.write_text(text)
        with pytest.raises(BadInputError, match=error):
            _open(path)
        assert path.read_text() == text


def test_an_impossible_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileWriteError, match="cannot be written"):
        _open(tmp_path / "no" / "n.jsonl")
