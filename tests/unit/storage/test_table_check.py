"""A project file in which somebody else left something to run is refused before it is read."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import pytest

from roi_assistant.errors import ProjectDamagedError, ProjectError
from roi_assistant.storage.merging import merge
from roi_assistant.storage.project import Project
from tests.unit.region_records import create, suggested

ENDLESS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, '' AS name, '' AS words FROM n"
)
FOREIGN = {
    "trigger": "CREATE TRIGGER evil AFTER INSERT ON history BEGIN DELETE FROM regions; END",
    "view": f"CREATE VIEW more AS {ENDLESS}",
    "table for a view": f"ALTER TABLE categories RENAME TO old; CREATE VIEW categories AS {ENDLESS}",
    "changed trigger": "DROP TRIGGER region_added; "
    "CREATE TRIGGER region_added AFTER INSERT ON regions BEGIN DELETE FROM history; END",
    "virtual table": "CREATE VIRTUAL TABLE more USING fts5 (words)",
    "missing index": "DROP INDEX images_by_sort",
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_is_not_ours_is_refused(tmp_path: Path, kind: str) -> None:
    with Project.open(tmp_path) as project:
        project.apply(create("a.jpg", suggested()))
    path = tmp_path / "project.roi"
    db = sqlite3.connect(path)
    db.executescript(FOREIGN[kind])
    db.close()
    before = path.read_bytes()
    refused = pytest.raises(ProjectDamagedError, match=r"which is not of RoI Assistant|it lacks index images_by_sort")
    for read_only in (False, True):
        with refused:
            Project.open(tmp_path, read_only=read_only)
    (tmp_path / "mine").mkdir()
    with Project.open(tmp_path / "mine") as mine, refused:
        merge(mine, path)
    assert path.read_bytes() == before


def test_what_sqlite_makes_itself_is_no_fault(tmp_path: Path) -> None:
    with Project.open(tmp_path) as project:
        project.apply(create("a.jpg", suggested()))
        project.database.execute("ANALYZE")
    with Project.open(tmp_path) as project:
        assert project.review_counts().regions == 1


def test_a_database_of_others_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "project.roi"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE bookmarks (url)")
    db.close()
    before = hashlib.sha256(path.read_bytes()).digest()
    for read_only in (False, True):
        with pytest.raises(ProjectError, match="not a project of RoI Assistant"):
            Project.open(tmp_path, read_only=read_only)
    assert hashlib.sha256(path.read_bytes()).digest() == before and not (tmp_path / "project.roi-wal").exists()
