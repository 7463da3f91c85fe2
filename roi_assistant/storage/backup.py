"""Dated copies of the project file, a bounded number of them."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from roi_assistant.errors import ProjectError, ProjectWriteError
from roi_assistant.sentences import Sentence

FOLDER = ".roi-backups"
"""Beside the project file; begins with a dot, so that it is not searched for pictures."""

KEPT_NEWEST = 3
KEPT_DAYS = 5

_NAME = re.compile(r"project-(\d{8})-(\d{6})(?:-(\d+))?\.roi")
_PAGES_A_STEP = 2048


def backups(project: Path) -> list[Path]:
    """Backups of the project file ``project``, newest first."""
    try:
        names = [entry.name for entry in os.scandir(project.parent / FOLDER) if entry.is_file()]
    except OSError:
        return []
    parts = [(match[1], match[2], int(match[3] or 1), name) for name in names if (match := _NAME.fullmatch(name))]
    return [project.parent / FOLDER / name for *_, name in sorted(parts, reverse=True)]


def newest_backup_words(project: Path) -> Sentence:
    """What messages say about what can be restored."""
    existing = backups(project)
    if not existing:
        return Sentence("there is no backup")
    return Sentence.of(
        "the newest backup, of {when}, is {backup}; restore it with: roi-assistant project restore {folder}",
        when=local_time_of(existing[0]),
        backup=existing[0],
        folder=project.parent,
    )


def local_time_of(backup: Path) -> str:
    """When ``backup`` was made, as ``2026-01-02 15:04`` in the time zone of this computer; its name says it in UTC."""
    match = _NAME.fullmatch(backup.name)
    if match is None:
        return backup.name
    made = datetime.strptime(f"{match[1]}{match[2]}", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return f"{made.astimezone():%Y-%m-%d %H:%M}"


def is_backed_up(project: Path) -> bool:
    """Whether nothing was written since the newest backup."""
    existing = backups(project)
    if not existing:
        return False
    try:
        saved = existing[0].stat().st_mtime_ns
        wal = project.with_name(project.name + "-wal")
        files = [project, wal] if wal.exists() and wal.stat().st_size else [project]
        return all(file.stat().st_mtime_ns <= saved for file in files)
    except OSError:
        return False


def make_backup(project: Path, *, now: datetime | None = None, keep_going: Callable[[], bool] | None = None) -> Path:
    """Copy the project file as it is at this moment, also while it is written to, and remove surplus backups.

    The copy is checked and gets its name only when it is whole. ``keep_going`` is asked now and then; when it says no,
    nothing is left behind.

    Raises:
        ProjectWriteError: no space, or the folder cannot be written.
        ProjectError: the copy turned out damaged, or ``keep_going`` said no.
    """
    now = now or datetime.now(UTC)
    folder = project.parent / FOLDER
    temporary = folder / f".{secrets.token_hex(6)}.tmp"
    try:
        folder.mkdir(exist_ok=True)
        _remove_leftovers(folder)
        _copy(project, temporary, keep_going)
        target = _free_name(folder, now)
        with open(temporary, "rb+") as stream:
            os.fsync(stream.fileno())
        os.replace(temporary, target)
        for old in surplus(backups(project)):
            with contextlib.suppress(OSError):
                old.unlink()
        return target
    except (OSError, sqlite3.Error) as error:
        raise ProjectWriteError(
            "{project} could not be backed up to {folder} ({reason}): check that there is space and "
            "that the folder is writable. The project itself is unchanged.",
            project=project,
            folder=folder,
            reason=error,
        ) from error
    finally:
        for file in folder.glob(f"{temporary.name}*"):
            with contextlib.suppress(OSError):
                file.unlink()


def surplus(newest_first: Sequence[Path]) -> list[Path]:
    """Which of the backups (newest first) to remove: all but the newest ones and the newest of each of the last days.

    Opening a project many times a day so does not push out the state of yesterday.
    """
    kept = set(newest_first[:KEPT_NEWEST])
    days: dict[str, Path] = {}
    for path in newest_first:
        match = _NAME.fullmatch(path.name)
        if match:
            days.setdefault(match[1], path)
    kept.update(list(days.values())[:KEPT_DAYS])
    return [path for path in newest_first if path not in kept]


def restore_backup(project: Path, backup: Path, *, now: datetime | None = None) -> Path | None:
    """Put ``backup`` in the place of the project file; returns where the file that was there is now.

    The caller holds the writer's lock. Nothing is deleted: the old file (with its ``-wal``) is renamed.

    Raises:
        ProjectError: the backup is damaged too; nothing was changed.
        ProjectWriteError: it cannot be written; nothing was changed.
    """
    now = now or datetime.now(UTC)
    temporary = project.with_name(f".{project.name}.{secrets.token_hex(6)}.tmp")
    try:
        shutil.copyfile(backup, temporary)
        _check(temporary, what=backup)
        with open(temporary, "rb+") as stream:
            os.fsync(stream.fileno())
        aside = None
        if project.exists():
            aside = project.with_name(f"{project.name}.damaged-{now:%Y%m%d-%H%M%S}")
            os.replace(project, aside)
        for suffix in ("-wal", "-shm"):
            beside = project.with_name(project.name + suffix)
            if beside.exists() and aside is not None:
                os.replace(beside, aside.with_name(aside.name + suffix))
        os.replace(temporary, project)
        return aside
    except OSError as error:
        raise ProjectWriteError(
            "{project} could not be restored from {backup} ({reason}): check that there is space and "
            "that the folder is writable.",
            project=project,
            backup=backup,
            reason=error,
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _copy(project: Path, target: Path, keep_going: Callable[[], bool] | None) -> None:
    def step(status: int, remaining: int, total: int) -> None:
        if keep_going is not None and not keep_going():
            raise ProjectError("The backup of {project} was stopped.", project=project)

    with (
        contextlib.closing(sqlite3.connect(project.absolute().as_uri() + "?mode=ro", uri=True)) as source,
        contextlib.closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        source.isolation_level = None
        source.execute("BEGIN")  # one state for the whole copy, however long it takes and whoever writes
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        source.backup(copy, pages=_PAGES_A_STEP, progress=step, sleep=0)
        source.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode = DELETE")
    _check(target, what=project)


def _check(copy: Path, *, what: Path) -> None:
    try:
        with contextlib.closing(sqlite3.connect(copy)) as connection:
            (outcome,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        outcome = str(error)
    if outcome != "ok":
        raise ProjectError(
            "A copy of {what} is damaged ({said}): it was not used and older backups were kept.",
            what=what,
            said=outcome,
        )


def _free_name(folder: Path, now: datetime) -> Path:
    stem = f"project-{now:%Y%m%d-%H%M%S}"
    path, number = folder / f"{stem}.roi", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.roi"
    return path


def _remove_leftovers(folder: Path) -> None:
    """Temporary files of a process that was killed; only one process at a time writes here."""
    for file in folder.glob(".*.tmp*"):
        with contextlib.suppress(OSError):
            file.unlink()
