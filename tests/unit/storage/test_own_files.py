"""Files of ours are never opened through a link, and pipes and devices are refused at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from roi_assistant.errors import ProjectError
from roi_assistant.storage.backup import make_backup
from roi_assistant.storage.own_files import open_own_file
from roi_assistant.storage.project import Project
from tests.unit.region_records import create, suggested

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes are POSIX here")

OURS = ["project.roi", "project.roi.lock", "project.roi.last", "project.roi.restoring"]


@pytest.mark.parametrize("name", OURS)
def test_nothing_is_opened_through_a_link(tmp_path: Path, name: str) -> None:
    diary, folder = tmp_path / "diary.txt", tmp_path / "photos"
    diary.write_text("a thousand lines")
    folder.mkdir()
    (folder / name).symlink_to(diary)
    with pytest.raises(ProjectError, match="is a link"):
        Project.open(folder)
    assert diary.read_text() == "a thousand lines"


@pytest.mark.parametrize("name", OURS)
def test_a_pipe_is_refused_at_once(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(ProjectError, match="not a plain file"):
        Project.open(tmp_path)


def test_backups_are_not_made_through_a_link(tmp_path: Path) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "photos"
    elsewhere.mkdir()
    folder.mkdir()
    with Project.open(folder) as project:
        project.apply(create("a.jpg", suggested()))
    (folder / ".roi-backups").symlink_to(elsewhere)
    with pytest.raises(ProjectError, match="must be a folder and not a link"):
        make_backup(folder / "project.roi")
    with Project.open(folder) as project:
        assert project.review_counts().regions == 1, "no backup keeps nobody from her data"
    assert list(elsewhere.iterdir()) == []


def test_a_new_file_is_made(tmp_path: Path) -> None:
    os.close(open_own_file(tmp_path / "x"))
    assert (tmp_path / "x").read_bytes() == b""
