"""At each moment of a restore there is one whole project, and a file that is gone is not replaced by an empty one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from roi_assistant.errors import ProjectDamagedError, ProjectError
from roi_assistant.storage import restoring
from roi_assistant.storage.backup import backups, make_backup
from roi_assistant.storage.project import Project
from roi_assistant.storage.restoring import restore_project
from tests.unit.region_records import create, suggested


def project_with(folder: Path, regions: int) -> Path:
    """A closed project; its file."""
    folder.mkdir(exist_ok=True)
    with Project.open(folder, backup=False) as project:
        project.apply(create("a.jpg", *(suggested(f"r{number}") for number in range(regions))))
    return folder / "project.roi"


def regions_of(folder: Path, *, read_only: bool = False) -> int:
    with Project.open(folder, read_only=read_only, backup=False) as project:
        return project.review_counts().regions


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("call", range(1, 30))
def test_killed_at_each_call_there_is_the_old_project_or_the_restored_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    path = project_with(tmp_path / "p", 3)
    backup = make_backup(path)
    with Project.open(tmp_path / "p") as project:
        project.apply(create("a.jpg", suggested("later")))
    calls = 0

    def dying(name: str) -> None:
        real = getattr(os, name)

        def act(*args: object, **more: object) -> object:
            nonlocal calls
            calls += 1
            if calls == call:
                raise Killed
            return real(*args, **more)

        monkeypatch.setattr(os, name, act)

    for name in ("replace", "unlink", "fsync", "open", "close", "link", "remove"):
        dying(name)
    try:
        restore_project(tmp_path / "p", backup)
        finished = True
    except Killed:
        finished = False
    monkeypatch.undo()
    assert finished or calls >= call
    seen = {regions_of(tmp_path / "p", read_only=True), regions_of(tmp_path / "p")}
    assert seen == {3} if finished else seen in ({3}, {4})


def test_the_old_file_and_its_log_are_put_aside(tmp_path: Path) -> None:
    path = project_with(tmp_path, 3)
    backup = make_backup(path)
    path.write_bytes(b"broken")
    log = tmp_path / "project.roi-wal"
    log.write_bytes(b"of the broken one")
    aside = restore_project(tmp_path, backup)
    assert aside is not None and aside.read_bytes() == b"broken"
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == b"of the broken one"
    assert not log.exists() and regions_of(tmp_path) == 3


def test_a_backup_brings_the_log_beside_it(tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    project_with(ours, 1)
    project_with(theirs, 1)
    with Project.open(theirs, backup=False) as project:
        project.apply(create("a.jpg", suggested("in the log")))
        copied = tmp_path / "copied"
        shutil.copytree(theirs, copied)
    assert (copied / "project.roi-wal").stat().st_size
    restore_project(ours, copied / "project.roi")
    assert regions_of(ours) == 2


def test_a_database_of_others_is_not_restored(tmp_path: Path) -> None:
    import sqlite3

    path = project_with(tmp_path, 3)
    with sqlite3.connect(tmp_path / "places.sqlite") as db:
        db.execute("CREATE TABLE bookmarks (url)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(ProjectError, match="not a project of RoI Assistant"):
        restore_project(tmp_path, tmp_path / "places.sqlite")
    assert path.read_bytes() == before and regions_of(tmp_path) == 3


@pytest.mark.parametrize("left", ["backup", "log", "damaged"])
def test_a_project_that_is_gone_is_not_begun_anew(tmp_path: Path, left: str) -> None:
    path = project_with(tmp_path, 3)
    if left == "backup":
        make_backup(path)
    elif left == "log":
        (tmp_path / "project.roi-wal").write_bytes(b"steps")
    else:
        shutil.copy(path, tmp_path / "project.roi.damaged-20260101-000000")
    path.unlink()
    name = {"backup": r"\.roi-backups/project-", "log": "project.roi-wal", "damaged": r"project\.roi\.damaged-"}[left]
    for read_only in (False, True):
        with pytest.raises(ProjectDamagedError, match=f"it is gone, but {name}"):
            Project.open(tmp_path, read_only=read_only)
    assert not path.exists()
    if left == "backup":
        restore_project(tmp_path, backups(path)[0])
        assert regions_of(tmp_path) == 3


def test_a_copy_that_waits_is_read_and_finished(tmp_path: Path) -> None:
    path = project_with(tmp_path, 3)
    shutil.copy(make_backup(path), tmp_path / restoring.RESTORING_NAME)
    path.write_bytes(b"broken")
    assert regions_of(tmp_path, read_only=True) == 3 and path.read_bytes() == b"broken"
    assert regions_of(tmp_path) == 3 and not (tmp_path / restoring.RESTORING_NAME).exists()
