"""Large JSON files are read entry by entry, and say where they are damaged."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roi_assistant.errors import FormatError
from roi_assistant.formats import json_files
from roi_assistant.formats.json_files import (
    read_json,
    read_json_entries,
    read_json_lines,
    read_json_objects,
    read_json_records,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(
    value=st.lists(VALUES, max_size=4) | st.dictionaries(st.text(max_size=3), VALUES, max_size=4),
    block=st.integers(1, 40),
    indent=st.sampled_from([None, 1]),
    ascii_only=st.booleans(),
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_entries_are_those_of_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: Any, block: int, indent: int | None, ascii_only: bool
) -> None:
    """Wherever the blocks that are read end: inside a number, a text, a letter of several bytes."""
    monkeypatch.setattr(json_files, "_BLOCK", block)
    path = tmp_path / "a.json"
    path.write_bytes(json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass"))
    try:
        whole: Any = read_json(path)
    except FormatError:
        with pytest.raises(FormatError):
            list(read_json_entries(path))
        return
    expected: list[tuple[str, int, Any]] = []
    for key, inner in [("", whole)] if isinstance(whole, list) else whole.items():
        is_list = isinstance(inner, list) and (inner or isinstance(whole, list))
        expected += [(key, n, entry) for n, entry in enumerate(inner, start=1)] if is_list else [(key, 0, inner)]
    assert list(read_json_entries(path)) == expected


def test_memory_is_that_of_an_entry(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"a": [{"outline": list(range(200))}] * 10_000}), encoding="utf-8")
    tracemalloc.start()
    count = sum(isinstance(entry, dict) and len(entry["outline"]) == 200 for _, _, entry in read_json_entries(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 10_000 and peak < path.stat().st_size / 1.5 > 5e6


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("", "its beginning"),
        ("7", "its beginning"),
        ('{"a": [1, 2', "the end of entry 2 of 'a'"),
        ('{"a": [1, {"b": 2]}', "the end of entry 1 of 'a'"),
        ('[1, 2, "thr', "the end of entry 2"),
        ("[1 2]", "the end of entry 1"),
        ("[1] 2", "the end of entry 1"),
        ('{"a": 1, 2: 3}', "'a'"),
        ("[" * 100_000, "its beginning"),
        ("[1, " + "9" * 5000 + "]", "the end of entry 1"),
    ],
)
def test_damage_is_placed(tmp_path: Path, content: str, place: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FormatError, match=rf"a\.json is not a JSON file behind {place}: .+\.$"):
        list(read_json_entries(path))


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'["a", "\xff"]')
    for read in (read_json, lambda p: list(read_json_entries(p))):
        for target in (path, tmp_path / "none.json", tmp_path):
            with pytest.raises(FormatError, match=target.name):
                read(target)


def test_an_entry_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_files, "_BLOCK", 100)
    monkeypatch.setattr(json_files, "_LONGEST", 1000)
    path = tmp_path / "a.json"
    path.write_text('[1, "' + "a" * 100_000, encoding="utf-8")
    sizes = []
    read = json_files._Text._read
    monkeypatch.setattr(json_files._Text, "_read", lambda text: (read(text), sizes.append(len(text._buffer)))[0])
    with pytest.raises(FormatError, match="entry 1"):
        list(read_json_entries(path))
    assert max(sizes) < 4000


@pytest.mark.parametrize(
    ("content", "words"),
    [("{}", "list of photos"), ('{"a": [{}]}', "list of photos"), ("[{}, 3]", "entry 2: not an object")],
)
def test_lists_of_objects(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FormatError, match=words):
        list(read_json_objects(path, what="photos"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_other_unicode_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes('{"a": ["é"]}'.encode(encoding))
    assert list(read_json_entries(path)) == [("a", 1, "é")]


def test_what_does_not_fit_into_the_memory_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> object:
        raise MemoryError

    (tmp_path / "a.json").write_text("[1]")
    monkeypatch.setattr(json_files._Text, "value", fail)
    monkeypatch.setattr(json, "loads", fail)
    for read in (read_json, lambda path: list(read_json_entries(path)), lambda path: list(read_json_lines(path))):
        with pytest.raises(FormatError, match="does not fit into the memory"):
            read(tmp_path / "a.json")


def test_stray_lines_are_handed_on_and_long_ones_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = tmp_path / "a.jsonl"
    lines.write_bytes(b'{"a": 1}\n\xff\n[]\n{"b": 2}\n{"c": "' + b"x" * 100 + b'"}\n')
    strays: list[FormatError] = []
    assert [number for number, _ in read_json_lines(lines, stray=strays.append)] == [1, 4, 5]
    assert ["line 2" in str(strays[0]), "line 3" in str(strays[1])] == [True, True]
    monkeypatch.setattr(json_files, "_LONGEST_LINE", 100)
    with pytest.raises(FormatError, match="line 5: it has more than"):
        list(read_json_lines(lines, stray=strays.append))


def test_lines(tmp_path: Path) -> None:
    lines = tmp_path / "a.jsonl"
    lines.write_text('{"a": 1}\n\n[2]\n')
    rows = read_json_lines(lines)
    assert next(rows) == (1, {"a": 1})
    with pytest.raises(FormatError, match="line 3"):
        next(rows)


@pytest.mark.parametrize("text", ['[{"a": 1}, {"a": 2}]', '\ufeff [{"a": 1},\n{"a": 2}]', '{"a": 1}\n\n{"a": 2}\n'])
def test_records_are_a_list_or_lines(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text, encoding="utf-8")
    assert [record for _, record in read_json_records(file, what="things")] == [{"a": 1}, {"a": 2}]


def test_a_record_that_is_no_object_is_refused_or_told(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text('[{"a": 1}, 7, {"a": 2}]')
    with pytest.raises(FormatError, match="entry 2: not a JSON object"):
        list(read_json_records(file, what="things"))
    told: list[FormatError] = []
    assert [number for number, _ in read_json_records(file, what="things", stray=told.append)] == [1, 3]
    assert len(told) == 1
    with pytest.raises(FormatError, match="does not exist"):
        list(read_json_records(tmp_path / "no.json", what="things"))
