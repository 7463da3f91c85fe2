"""Pipes, devices, folders and files that are too large."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from roi_assistant.core.plain_files import NotPlainError, check_plain, read_small


def test_a_small_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert read_small(tmp_path / "x", most=3) == b"abc"
    with pytest.raises(ValueError, match="larger than 2 bytes"):
        read_small(tmp_path / "x", most=2)
    with pytest.raises(FileNotFoundError):
        read_small(tmp_path / "y")


@pytest.mark.skipif(sys.platform == "win32", reason="has no such files")
def test_what_has_no_end_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero"), Path("a\0b")):
        with pytest.raises(NotPlainError):
            check_plain(path)
        with pytest.raises(NotPlainError):
            read_small(path)


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="has no such names")
def test_a_pipe_that_a_shell_handed_over_is_read() -> None:
    reader, writer = os.pipe()
    try:
        check_plain(Path(f"/dev/fd/{reader}"))
        check_plain(Path("/dev/stdin"))
    finally:
        os.close(reader)
        os.close(writer)
