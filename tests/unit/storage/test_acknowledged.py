"""A step that was acknowledged as stored and is not there any more is noticed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from roi_assistant.cli import main
from roi_assistant.errors import ProjectDamagedError
from roi_assistant.storage.acknowledged import NAME, acknowledged
from roi_assistant.storage.backup import make_backup
from roi_assistant.storage.project import Project
from tests.unit.region_records import create, suggested

FRAME = 24 + 4096


def killed_session(folder: Path, steps: int) -> Path:
    """A project with one region, and a session of ``steps`` steps that was killed; answers its log."""
    Image.new("RGB", (500, 500)).save(folder / "a.jpg")
    with Project.open(folder) as project:
        project.apply(create("a.jpg", suggested("first")))
    make_backup(folder / "project.roi")
    code = (
        "import os, sys; from pathlib import Path; from roi_assistant.storage.project import Project\n"
        "from tests.unit.region_records import create, suggested\n"
        "project = Project.open(Path(sys.argv[1]), backup=False)\n"
        "for k in range(int(sys.argv[2])): project.apply(create('a.jpg', suggested(f'late {k}')))\n"
        "os._exit(9)"
    )
    root = Path(__file__).resolve().parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    subprocess.run([sys.executable, "-c", code, str(folder), str(steps)], cwd=root, env=environment)
    log = folder / "project.roi-wal"
    assert log.stat().st_size > 20 * FRAME
    return log


def test_a_killed_session_loses_nothing(tmp_path: Path) -> None:
    killed_session(tmp_path, 20)
    with Project.open(tmp_path) as project:
        assert project.review_counts().regions == 21


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
def test_a_damaged_log_is_noticed_and_kept(tmp_path: Path, damage: str) -> None:
    log = killed_session(tmp_path, 20)
    data = bytearray(log.read_bytes())
    if damage == "flipped":
        data[32 + FRAME * 12 + 500] ^= 1
    elif damage == "cut":
        del data[32 + FRAME * 12 :]
    log.write_bytes(data)
    if damage == "gone":
        log.unlink()
    (tmp_path / "project.roi-shm").unlink(missing_ok=True)
    with pytest.raises(ProjectDamagedError, match=r"the last \d+ steps that were stored are missing.*newest backup"):
        Project.open(tmp_path)
    assert damage == "gone" or log.read_bytes() == data
    assert main(["project", "check", str(tmp_path)]) == 6
    with Project.open(tmp_path, read_only=True) as project:
        assert 1 <= project.review_counts().regions < 21, "what is there can be looked at"

    assert main(["project", "check", "--repair", str(tmp_path)]) == 0
    if damage != "gone":
        (kept,) = tmp_path.glob("project.roi-wal.kept-*")
        assert kept.read_bytes() == data
    with Project.open(tmp_path) as project:
        project.apply(create("a.jpg", suggested("new")))
    with Project.open(tmp_path) as project:
        assert project.regions("a.jpg")[-1].id == "new"


def test_a_backup_in_place_by_hand_is_noticed_too(tmp_path: Path) -> None:
    with Project.open(tmp_path) as project:
        project.apply(create("a.jpg", suggested("first")))
    shutil.copy(tmp_path / "project.roi", tmp_path / "copy")
    with Project.open(tmp_path) as project:
        project.apply(create("a.jpg", suggested("second")))
    shutil.copy(tmp_path / "copy", tmp_path / "project.roi")
    with pytest.raises(ProjectDamagedError, match="the last 1 steps"):
        Project.open(tmp_path)


@pytest.mark.parametrize("text", [None, b"", b"not json", b'{"project": 1}', b"[]", b"\xff" * 200])
def test_without_the_note_nothing_is_claimed(tmp_path: Path, text: bytes | None) -> None:
    with Project.open(tmp_path) as project:
        project.apply(create("a.jpg", suggested()))
    note = tmp_path / NAME
    note.unlink() if text is None else note.write_bytes(text)
    assert acknowledged(tmp_path) is None
    with Project.open(tmp_path) as project:
        project.apply(create("a.jpg", suggested("again")))
    known = acknowledged(tmp_path)
    assert known is not None and known.number >= 2


def test_another_projects_note_is_not_compared(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        with Project.open(tmp_path / name) as project:
            for number in range(5 if name == "one" else 1):
                project.apply(create("a.jpg", suggested(str(number))))
    shutil.copy(tmp_path / "one" / NAME, tmp_path / "two" / NAME)
    with Project.open(tmp_path / "two") as project:
        assert project.review_counts().regions == 1


def _exchange_log(folder: Path, *, own: int, foreign: int) -> None:
    """A killed session of ``own`` steps, with the file and the log of one of ``foreign`` steps in the same project."""
    mine, theirs = folder / "mine", folder / "theirs"
    mine.mkdir()
    Project.open(mine).close()
    shutil.copytree(mine, theirs)
    killed_session(mine, own)
    killed_session(theirs, foreign)
    shutil.copy(theirs / "project.roi-wal", mine / "project.roi-wal")
    (mine / "project.roi-shm").unlink()
    shutil.copy(theirs / "project.roi", mine / "project.roi")


@pytest.mark.parametrize("more", [0, 1])
def test_a_log_of_other_steps_is_noticed(tmp_path: Path, more: int) -> None:
    _exchange_log(tmp_path, own=20, foreign=20 + more)
    folder = tmp_path / "mine"
    log = (folder / "project.roi-wal").read_bytes()
    with pytest.raises(ProjectDamagedError, match=r"the steps in its log project.roi-wal are not those"):
        Project.open(folder)
    assert (folder / "project.roi-wal").read_bytes() == log
    assert main(["project", "check", "--repair", str(folder)]) == 0
    with Project.open(folder) as project:
        project.apply(create("a.jpg", suggested("new")))


def test_a_step_that_was_stored_but_not_noted_is_no_other_history(tmp_path: Path) -> None:
    killed_session(tmp_path, 20)
    note = (tmp_path / NAME).read_bytes()
    with Project.open(tmp_path) as project:
        project.apply(create("a.jpg", suggested("one more")))
        (tmp_path / "copy").mkdir()
        for name in ("project.roi", "project.roi-wal", "a.jpg"):
            shutil.copy(tmp_path / name, tmp_path / "copy" / name)
    (tmp_path / "copy" / NAME).write_bytes(note)
    with Project.open(tmp_path / "copy") as project:
        assert project.review_counts().regions == 22
