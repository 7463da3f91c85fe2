"""The log is bounded, whoever writes how much, and nobody waits for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from roi_assistant.error_log import LOG_BYTES, append_to_log, log_trace
from roi_assistant.settings import log_file

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path))
    return log_file()


def sizes(log: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in log.parent.iterdir()}


def test_a_trace_is_appended(log: Path) -> None:
    append_to_log(b"before\n")
    try:
        raise ValueError("a \ud800 reason")
    except ValueError as error:
        assert log_trace(error) == log
    text = log.read_text()
    assert text.startswith("before\n") and "ValueError: a \\ud800 reason" in text and "test_error_log.py" in text


def test_a_full_log_begins_anew_and_the_last_one_is_kept(log: Path) -> None:
    for number in range(3 * LOG_BYTES // 1000):
        append_to_log(b"%999d\n" % number)
    found = sizes(log)
    assert set(found) == {"roi-assistant.log", "roi-assistant.1.log"} and all(
        size <= LOG_BYTES for size in found.values()
    )
    lines = (log.with_name("roi-assistant.1.log").read_text() + log.read_text()).split()
    assert lines == [str(number) for number in range(int(lines[0]), 3 * LOG_BYTES // 1000)], "none is lost in between"


def test_a_long_entry_is_cut_in_its_middle(log: Path) -> None:
    append_to_log(b"begin" + bytes(50_000_000) + b"end")
    data = log.read_bytes()
    assert data.startswith(b"begin") and data.endswith(b"end") and b"bytes are left out" in data
    assert len(data) < LOG_BYTES
    log_trace(ValueError("x" * 50_000_000))
    assert sum(sizes(log).values()) <= 2 * LOG_BYTES


def test_a_log_that_was_long_before_is_cut(log: Path) -> None:
    log.parent.mkdir()
    with log.open("wb") as stream:
        stream.truncate(1 << 32)
    append_to_log(b"now")
    assert log.read_bytes() == b"now"
    assert sizes(log)["roi-assistant.1.log"] <= LOG_BYTES


def test_a_program_that_has_it_open_goes_on_in_the_same_file(log: Path) -> None:
    """It would otherwise fill the file that was put aside, out of everybody's sight."""
    append_to_log(b"first")
    with log.open("ab", buffering=0) as other:
        for _ in range(30):
            other.write(bytes(LOG_BYTES // 4))
            append_to_log(b"between")
    assert all(size <= 2 * LOG_BYTES for size in sizes(log).values())


def test_several_programs_at_the_same_time(log: Path) -> None:
    code = "from roi_assistant.error_log import append_to_log\nfor _ in range(2000): append_to_log(b'y' * 5000)"
    programs = [subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY) for _ in range(3)]
    assert [program.wait() for program in programs] == [0, 0, 0]
    assert all(size <= LOG_BYTES + 3 * 5000 for size in sizes(log).values())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
@pytest.mark.parametrize("name", ["roi-assistant.log", "roi-assistant.1.log"])
def test_nobody_waits_for_a_pipe_in_the_place_of_a_log(name: str, log: Path) -> None:
    log.parent.mkdir()
    os.mkfifo(log.with_name(name))
    for _ in range(6):
        assert append_to_log(bytes(LOG_BYTES // 4)) == (None if name == log.name else log)
    assert log.stat().st_size <= LOG_BYTES


def test_without_a_place_it_is_done_without(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log.parent.write_text("")
    assert append_to_log(b"x") is None and log_trace(ValueError()) is None
