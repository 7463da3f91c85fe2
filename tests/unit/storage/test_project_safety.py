"""Nothing is lost: damage, locks, full disks, folders that go away, newer versions, backups."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from roi_assistant.core import review
from roi_assistant.errors import (
    ProjectDamagedError,
    ProjectError,
    ProjectLockedError,
    ProjectVersionError,
    ProjectWriteError,
)
from roi_assistant.sentences import Sentence
from roi_assistant.storage import backup, connection, schema_sql
from roi_assistant.storage.backup import backups, make_backup, surplus
from roi_assistant.storage.checking import check_project
from roi_assistant.storage.project import Project
from roi_assistant.storage.restoring import restore_backup
from tests.unit.older_projects import make_older
from tests.unit.region_records import change, create, suggested

IMAGE = "a.jpg"
posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions and links are POSIX here")
not_root = pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="the superuser may write to folders that are read-only"
)


def fill(folder: Path, *, regions: int = 30) -> Path:
    """A closed project with something in it."""
    with Project.open(folder) as project:
        project.apply(create(IMAGE, *(suggested(str(number)) for number in range(regions))))
    return folder / "project.roi"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


# -------------------------------------------------------------------------------------------------------------- damage


@pytest.mark.parametrize("kind", ["empty", "text", "half", "hole", "header", "wiped pages"])
def test_a_damaged_file_is_refused_and_left_alone(tmp_path: Path, kind: str) -> None:
    path = fill(tmp_path)
    make_backup(path)
    data = bytearray(path.read_bytes())
    if kind == "empty":
        data = bytearray()
    elif kind == "text":
        data = bytearray(b"not a database " * 1000)
    elif kind == "half":
        del data[len(data) // 2 :]
    elif kind == "hole":
        data[8192:12288] = bytes(4096)
    elif kind == "header":
        data[:16] = b"x" * 16
    else:
        data[20480:] = b"\xff" * (len(data) - 20480)
    path.write_bytes(data)
    before = contents(tmp_path)
    with pytest.raises(ProjectDamagedError) as caught:
        Project.open(tmp_path)
    assert str(backups(path)[0]) in str(caught.value) and "project restore" in str(caught.value)
    assert contents(tmp_path)["project.roi"] == before["project.roi"]
    assert not (tmp_path / "project.roi.lock").exists()


def test_damage_without_a_backup_says_so(tmp_path: Path) -> None:
    (tmp_path / "project.roi").write_bytes(b"")
    with pytest.raises(ProjectDamagedError, match="there is no backup"):
        Project.open(tmp_path)


def test_a_backup_is_restored_and_the_damaged_file_kept(tmp_path: Path) -> None:
    path = fill(tmp_path)
    saved = make_backup(path)
    path.write_bytes(b"damaged")
    aside = restore_backup(path, saved)
    assert aside is not None and aside.read_bytes() == b"damaged"
    with Project.open(tmp_path) as project:
        assert len(project.regions(IMAGE)) == 30 and check_project(project).ok


def test_a_damaged_backup_is_not_restored(tmp_path: Path) -> None:
    path = fill(tmp_path)
    saved = make_backup(path)
    saved.write_bytes(saved.read_bytes()[:5000])
    with pytest.raises(ProjectError):
        restore_backup(path, saved)
    with Project.open(tmp_path) as project:
        assert len(project.regions(IMAGE)) == 30
    assert sorted(p.name for p in tmp_path.iterdir()) == [".roi-backups", "project.roi", "project.roi.last"]


def test_a_large_file_that_was_cut_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "FULL_CHECK_BYTES", 0)
    path = fill(tmp_path)
    with Project.open(tmp_path) as project:
        project.wait_for_backup()
    assert len(backups(path)) == 1
    path.write_bytes(path.read_bytes()[:-4096])
    with pytest.raises(ProjectDamagedError):
        Project.open(tmp_path)


def test_damage_of_a_large_file_after_a_kill_is_found_while_it_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "FULL_CHECK_BYTES", 0)
    path = fill(tmp_path)
    with Project.open(tmp_path) as project:
        project.wait_for_backup()
        (page,) = project.database.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'history_of_image'"
        ).fetchone()
    data = bytearray(path.read_bytes())
    data[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    path.write_bytes(data)
    wal = path.with_name("project.roi-wal")
    wal.write_bytes(b"begun")  # what a process leaves that was killed
    with Project.open(tmp_path) as project:
        project.wait_for_backup()
        assert len(project.regions(IMAGE)) == 30
        with pytest.raises(ProjectDamagedError, match="project restore"):
            project.add_images(["new.jpg"])
    assert len(backups(path)) == 1  # the damage was not copied


def test_a_newer_version_and_another_program_are_refused(tmp_path: Path) -> None:
    path = fill(tmp_path)
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {schema_sql.VERSION + 1}")
    db.close()
    for read_only in (False, True):
        with pytest.raises(ProjectVersionError, match="newer version"):
            Project.open(tmp_path, read_only=read_only)
    path.unlink()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(ProjectError, match="not a project"):
        Project.open(tmp_path)


def test_a_migration_is_backed_up_first_and_done_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fill(tmp_path)
    now = schema_sql.VERSION
    monkeypatch.setattr(schema_sql, "VERSION", now + 1)
    monkeypatch.setattr(schema_sql, "MIGRATIONS", {now: ["ALTER TABLE jobs ADD COLUMN host TEXT", "SELECT nonsense"]})
    with pytest.raises(ProjectError):
        Project.open(tmp_path, backup=False)
    assert len(backups(path)) == 1
    monkeypatch.setattr(schema_sql, "MIGRATIONS", {now: ["ALTER TABLE jobs ADD COLUMN host TEXT"]})
    with Project.open(tmp_path, backup=False) as project:  # the column is not there yet: the first try left nothing
        assert len(project.regions(IMAGE)) == 30
        assert project.database.execute("PRAGMA user_version").fetchone() == (now + 1,)


def test_a_file_that_counts_days_in_utc_gets_the_new_figures(tmp_path: Path) -> None:
    path = fill(tmp_path)
    with Project.open(tmp_path) as project:
        region = project.regions(IMAGE)[0]
        project.apply(change(IMAGE, region, review.accept(region, at="2026-01-02T22:20:00.000+00:00")))
        figures = project.overview()
    make_older(path, 2)
    with sqlite3.connect(path, isolation_level=None) as db:
        db.execute("INSERT INTO figures VALUES ('day', '2026-01-02', 0, 1)")
    db.close()
    for read_only in (True, False):
        with Project.open(tmp_path, read_only=read_only, backup=False) as project:
            assert project.overview() == figures and figures.models[0].unchanged == 1
            assert check_project(project).ok


def test_a_file_without_figures_is_read_and_gets_them(tmp_path: Path) -> None:
    path = fill(tmp_path)
    with Project.open(tmp_path) as project:
        project.set_image_size(IMAGE, 640, 480)
        figures = project.overview()
    make_older(path, 1)
    with Project.open(tmp_path, read_only=True) as project:
        assert project.overview() == figures
    with Project.open(tmp_path, backup=False) as project:
        assert project.overview() == figures
        assert check_project(project).ok


def test_messages_say_in_local_time_of_when_a_backup_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fill(tmp_path)
    make_backup(path, now=datetime(2026, 1, 2, 22, 20, tzinfo=UTC))
    try:
        monkeypatch.setenv("TZ", "EAST-2")
        time.tzset()
        assert "of 2026-01-03 00:20, is" in str(connection.damaged(path, Sentence("odd")))
    finally:
        monkeypatch.undo()
        time.tzset()


# --------------------------------------------------------------------------------------------------------------- locks


def test_a_second_writer_is_told_who_writes(tmp_path: Path) -> None:
    with Project.open(tmp_path) as first:
        first.apply(create(IMAGE, suggested()))
        with pytest.raises(ProjectLockedError, match=rf"process {os.getpid()}\b.*read-only"):
            Project.open(tmp_path)
        code = (
            "import sys; from pathlib import Path; from roi_assistant.storage.project import Project\n"
            "from roi_assistant.errors import ProjectLockedError\n"
            "try:\n    Project.open(Path(sys.argv[1]))\n"
            "except ProjectLockedError as error:\n    print(error)\n"
            "print(len(Project.open(Path(sys.argv[1]), read_only=True).regions('a.jpg')))\n"
        )
        said = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True).stdout
        assert f"process {os.getpid()}" in said and said.endswith("\n1\n")
    assert not (tmp_path / "project.roi.lock").exists()
    Project.open(tmp_path).close()


def test_the_lock_of_a_dead_process_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "project.roi.lock").write_text('{"pid": 1, "host": "elsewhere", "since": "long ago"}')
    with Project.open(tmp_path) as project:
        project.apply(create(IMAGE, suggested()))
        with pytest.raises(ProjectLockedError):
            Project.open(tmp_path)


# ------------------------------------------------------------------------------------------- full, read-only, gone away


def test_a_full_disk_loses_nothing_but_the_change(project: Project) -> None:
    project.apply(create(IMAGE, suggested("kept")))
    pages = project.database.execute("PRAGMA page_count").fetchone()[0]
    project.database.execute(f"PRAGMA max_page_count = {pages + 1}")
    many = create(IMAGE, *(suggested(str(number), "word " * 200) for number in range(200)))
    with pytest.raises(ProjectWriteError, match="disk is full"):
        project.apply(many)
    assert [region.id for region in project.regions(IMAGE)] == ["kept"]
    assert project.history(IMAGE).undo_label == "Draw box" and check_project(project).ok
    project.database.execute("PRAGMA max_page_count = 1000000")
    project.apply(many)
    assert len(project.regions(IMAGE)) == 201


def test_no_space_for_a_backup_does_not_keep_anybody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fill(tmp_path)

    def full(*arguments: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "copy_project", full)
    with Project.open(tmp_path) as project:
        assert len(project.regions(IMAGE)) == 30
        with pytest.raises(ProjectWriteError, match="No space left"):
            project.back_up()
    assert backups(path) == [] and list((tmp_path / ".roi-backups").iterdir()) == []


@posix
@not_root
def test_a_read_only_folder(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    filled = tmp_path / "filled"
    filled.mkdir()
    fill(filled)
    for folder in (empty, filled):
        folder.chmod(0o555)
        try:
            with pytest.raises(ProjectError, match="writable"):
                Project.open(folder)
            if folder is filled:
                with Project.open(folder, read_only=True) as project:
                    assert len(project.regions(IMAGE)) == 30
        finally:
            folder.chmod(0o755)


@posix
@pytest.mark.parametrize("how", ["removed", "renamed", "replaced"])
def test_a_folder_that_goes_away_while_open(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    with Project.open(folder) as project:
        project.apply(create(IMAGE, suggested()))
        if how == "removed":
            shutil.rmtree(folder)
        else:
            folder.rename(tmp_path / "elsewhere")
        if how == "replaced":
            folder.mkdir()
            fill(folder)
        with pytest.raises(ProjectWriteError, match="not saved"):
            project.apply(create(IMAGE, suggested("b")))
        if how == "renamed":
            (tmp_path / "elsewhere").rename(folder)
            project.apply(create(IMAGE, suggested("b")))
            assert len(project.regions(IMAGE)) == 2


def test_no_folder_and_no_project(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="not a folder"):
        Project.open(tmp_path / "missing")
    with pytest.raises(ProjectError, match="yet"):
        Project.open(tmp_path, read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_the_project_is_made_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_sql, "TABLES", schema_sql.TABLES + "CREATE TABLE broken")
    with pytest.raises(ProjectError):
        Project.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------------------------- backups


def test_a_backup_is_made_when_something_changed(tmp_path: Path) -> None:
    path = fill(tmp_path)
    for _ in range(2):
        with Project.open(tmp_path):
            assert len(backups(path)) == 1
    with Project.open(tmp_path) as project:
        project.apply(create(IMAGE, suggested("new")))
        os.utime(backups(path)[0], (0, 0))  # made long before the change
    with Project.open(tmp_path):
        assert len(backups(path)) == 2


def test_a_backup_is_one_state_while_somebody_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "_PAGES_A_STEP", 2)
    path = fill(tmp_path)
    with Project.open(tmp_path, backup=False) as project:
        steps = 0

        def write_meanwhile() -> bool:
            nonlocal steps
            steps += 1
            project.apply(create(f"{steps}.jpg", suggested("x"), suggested("y")))
            return True

        saved = make_backup(path, keep_going=write_meanwhile)
        assert steps > 3
    (tmp_path / "restored").mkdir()
    shutil.copy(saved, tmp_path / "restored" / "project.roi")
    with Project.open(tmp_path / "restored") as project:
        assert project.image_count() == 1 and check_project(project).ok


def test_a_stopped_backup_leaves_nothing(tmp_path: Path) -> None:
    path = fill(tmp_path)
    with pytest.raises(ProjectError):
        make_backup(path, keep_going=lambda: False)
    assert list((tmp_path / ".roi-backups").iterdir()) == []


def test_few_backups_are_kept_of_many_days(tmp_path: Path) -> None:
    path = fill(tmp_path)
    start = datetime(2026, 1, 1, 8, tzinfo=UTC)
    made = [make_backup(path, now=start + timedelta(days=day, hours=hour)) for day in range(8) for hour in range(3)]
    kept = backups(path)
    assert kept[:3] == made[:-4:-1]
    assert [p.name[15:23] for p in kept[3:]] == ["20260107", "20260106", "20260105", "20260104"]
    assert surplus(kept) == []


def test_backups_of_one_second_are_told_apart(tmp_path: Path) -> None:
    path = fill(tmp_path)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = [make_backup(path, now=now) for _ in range(3)]
    assert backups(path) == made[::-1]


def test_one_damaged_region_costs_no_other(tmp_path: Path) -> None:
    fill(tmp_path, regions=5)
    with Project.open(tmp_path) as project:
        for region_id, change_to in (("1", "body = '{'"), ("3", "state = 'acceptex'")):
            project.database.execute(f"UPDATE regions SET {change_to} WHERE region_id = ?", (region_id,))
        assert [region.id for region in project.regions(IMAGE)] == ["0", "2", "4"]
        assert project.take_unreadable() == ("1", "3") and project.take_unreadable() == ()
        (exported,) = (image.regions for image in project.export_images())
        assert len(exported) == 3 and len(project.review_queue()) == 3
        project.apply(create(IMAGE, suggested("new")))
        assert project.undo(IMAGE) is not None and len(check_project(project).problems) >= 2


def test_a_name_that_is_no_text_is_damage(tmp_path: Path) -> None:
    path = fill(tmp_path)
    make_backup(path)
    data = bytearray(path.read_bytes())
    data[data.index(b"images_by_sort")] = 0xB6
    path.write_bytes(data)
    with pytest.raises(ProjectDamagedError, match="newest backup"):
        Project.open(tmp_path)


def test_what_was_begun_before_the_file_had_a_log_is_taken_back(tmp_path: Path) -> None:
    path = fill(tmp_path)
    code = (
        "import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('PRAGMA journal_mode = DELETE'); db.execute('PRAGMA cache_size = 1'); db.execute('BEGIN')\n"
        "db.execute('UPDATE regions SET state = state || 1'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)])
    journal = tmp_path / "project.roi-journal"
    assert journal.stat().st_size > 512
    with Project.open(tmp_path, backup=False) as project:
        assert len(project.regions(IMAGE)) == 30
    assert not journal.exists()

    journal.write_bytes(b"x" * 1000)
    path.unlink()
    with pytest.raises(ProjectDamagedError, match=r"it is gone, but project\.roi-journal"):
        Project.open(tmp_path)
