"""A sample of `scripts/fault_test.py`; the command tries every point."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from scripts import fault_test
from scripts.fault_test import Ending, LostError, Operation, Undisturbed

NOTHING = Operation("nothing", fault_test.project, lambda folder, say: None)


def test_a_sample_of_all_failures(tmp_path: Path) -> None:
    shim = fault_test.build_shim(tmp_path)
    if shim is None:
        pytest.skip("a C compiler on Linux is needed")
    done = fault_test.start(["--every", "149"], shim)
    assert done.returncode == 0, done.stdout
    failures = re.search(r"(\d+) failures, (\d+) of them kills", done.stdout)
    assert failures and int(failures[1]) > 50 and int(failures[2]) > 15, done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="a signal is looked for")
def test_what_is_lost_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    fault_test.project(folder)
    state = fault_test.stored_state(folder)
    usual, ending = Undisturbed((state, "later"), {}, 1), Ending(0, (), 1, "")
    fault_test.check_after(NOTHING, folder, ending, usual, kind="e")

    with pytest.raises(LostError, match="1 were acknowledged"):
        fault_test.check_after(NOTHING, folder, Ending(0, ("later",), 1, ""), usual, kind="e")
    with pytest.raises(LostError, match="ended with 70"):
        fault_test.check_after(NOTHING, folder, Ending(70, (), 1, "a trace"), usual, kind="e")
    (folder / "x.tmp").touch()
    with pytest.raises(LostError, match="temporary files"):
        fault_test.check_after(NOTHING, folder, ending, usual, kind="f")
    (folder / "x.tmp").unlink()
    with open(folder / "project.roi", "r+b") as stream:
        stream.seek(4096 * 3)
        stream.write(b"\xff" * 4096)
    with pytest.raises(LostError, match="ProjectDamagedError"):
        fault_test.check_after(NOTHING, folder, ending, usual, kind="e")
