"""Temporary files: named for their process, and swept when it is gone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from roi_assistant.formats.atomic import write_atomically
from roi_assistant.temporary_files import sweep_temporaries, temporary_beside, temporary_name

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is swept there")


def name_of(pid: int) -> str:
    """What a process of this computer would call its file."""
    return temporary_name().replace(f".{os.getpid()}-", f".{pid}-", 1)


@pytest.fixture
def gone() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


def test_leftovers_of_processes_that_are_gone_are_swept(tmp_path: Path, gone: int) -> None:
    left = tmp_path / name_of(gone)
    other = tmp_path / ".0-notes.tmp"
    with temporary_beside(tmp_path) as own:
        for path in (left, left.with_name(f"{left.name}-wal"), own, other):
            path.write_bytes(b"x")
        sweep_temporaries(tmp_path)
        assert sorted(tmp_path.iterdir()) == sorted([own, other])
    assert list(tmp_path.iterdir()) == [other]


def test_a_number_that_was_given_again_is_not_the_owner(tmp_path: Path) -> None:
    if not Path("/proc/self/stat").exists():
        pytest.skip("the system does not say when a process began")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        old, new = tmp_path / name_of(process.pid), tmp_path / name_of(process.pid)
        for path in (old, new):
            path.write_bytes(b"x")
        before = time.time() - 86_400
        os.utime(old, (before, before))
        sweep_temporaries(tmp_path)
        assert process.stdin is not None
        process.stdin.close()
    assert list(tmp_path.iterdir()) == [new]


@pytest.mark.parametrize("form", [".{pid}-notes.tmp", "{pid}-0123456789ab.tmp", ".x.0123456789ab.tmp", ".{pid}-01.tmp"])
def test_files_of_other_programs_stay(tmp_path: Path, gone: int, form: str) -> None:
    path = tmp_path / form.format(pid=gone)
    path.write_bytes(b"x")
    sweep_temporaries(tmp_path)
    assert path.exists()


def test_a_file_of_another_computer_stays(tmp_path: Path, gone: int) -> None:
    host, random = (name := name_of(gone))[len(f".{gone}-") :][:4], name[len(f".{gone}-") + 4 :]
    path = tmp_path / f".{gone}-{int(host, 16) ^ 1:04x}{random}"
    path.write_bytes(b"x")
    sweep_temporaries(tmp_path)
    assert path.exists()


def test_a_write_sweeps_what_a_killed_one_left(tmp_path: Path) -> None:
    code = (
        "import os, signal\nfrom roi_assistant.formats.atomic import write_atomically\n"
        "os.replace = lambda a, b: os.kill(os.getpid(), signal.SIGKILL)\nwrite_atomically('x.json', 'half')"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False)
    assert len(list(tmp_path.iterdir())) == 1
    write_atomically(tmp_path / "y.json", "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["y.json"]
