"""Putting a backup in the place of a project, so that at each moment there is one whole project.

The copy is made and checked first, then gets the name ``project.roi.restoring`` in one step: that is the moment from
which the backup counts. What follows, putting the old file and its log aside and giving the copy its name, is done
again from the beginning by whoever opens the project next, if it was interrupted.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from roi_assistant.errors import ProjectWriteError
from roi_assistant.formats.atomic import flush_folder
from roi_assistant.sentences import Sentence
from roi_assistant.storage import acknowledged
from roi_assistant.storage.backup import backups, copy_project
from roi_assistant.storage.connection import LOCK_NAME, PROJECT_NAME, damaged
from roi_assistant.storage.lock import WriterLock
from roi_assistant.storage.own_files import check_own_file
from roi_assistant.temporary_files import sweep_temporaries, temporary_beside

RESTORING_NAME = f"{PROJECT_NAME}.restoring"


def restore_project(folder: Path, backup: Path) -> Path | None:
    """Put ``backup``, with the log beside it if it has one, in the place of the project of ``folder``.

    Returns where the file that was there is now. Nothing is deleted.

    Raises:
        ProjectLockedError: another process has the project open.
        ProjectError: the backup is damaged, or no project; nothing was changed.
        ProjectWriteError: it cannot be written.
    """
    project = folder / PROJECT_NAME
    lock = WriterLock.acquire(folder / LOCK_NAME, project=project)
    try:
        finish_restore(folder)
        return restore_backup(project, backup)
    finally:
        lock.release()


def restore_backup(project: Path, backup: Path) -> Path | None:
    """As `restore_project`, for a caller that holds the writer's lock."""
    folder = project.parent
    try:
        sweep_temporaries(folder)
        check_own_file(folder / RESTORING_NAME)
        with temporary_beside(folder) as temporary:
            copy_project(backup, temporary)
            os.replace(temporary, folder / RESTORING_NAME)
        flush_folder(folder)
        return finish_restore(folder)
    except (OSError, sqlite3.Error) as error:
        raise ProjectWriteError(
            "{project} could not be restored from {backup} ({reason}): check that there is space and "
            "that the folder is writable.",
            project=project,
            backup=backup,
            reason=error,
        ) from error


def finish_restore(folder: Path) -> Path | None:
    """Do what is left of a restore, if one was begun; returns where the old file is now.

    Raises:
        ProjectError: the copy is not a plain file.
        OSError: a file cannot be renamed.
    """
    restoring, project = folder / RESTORING_NAME, folder / PROJECT_NAME
    check_own_file(restoring)
    if not restoring.exists():
        return None
    aside = _free_name(project)
    # The log first: it must never lie beside a file that it does not belong to.
    for suffix in ("-wal", "-shm", "-journal", ""):
        old = project.with_name(project.name + suffix)
        if old.exists():
            os.replace(old, aside.with_name(aside.name + suffix))
    with contextlib.suppress(FileNotFoundError):
        (folder / acknowledged.NAME).unlink()
    os.replace(restoring, project)
    flush_folder(folder)
    return aside if aside.exists() else None


def file_to_read(folder: Path) -> Path:
    """The file that holds the project of ``folder`` for reading: after an interrupted restore, the restored one."""
    restoring = folder / RESTORING_NAME
    return restoring if restoring.exists() else folder / PROJECT_NAME


def _remains(folder: Path) -> list[Path]:
    """What lies in ``folder`` of a project whose file is gone: its log, and files that were put aside."""
    logs = (folder / f"{PROJECT_NAME}{suffix}" for suffix in ("-wal", "-journal"))
    left = [log for log in logs if log.exists() and log.stat().st_size]
    with contextlib.suppress(OSError):
        left += sorted(
            path
            for path in folder.glob(f"{PROJECT_NAME}.damaged-*")
            if not path.name.endswith(("-wal", "-shm", "-journal"))
        )
    return left


def refuse_remains(folder: Path) -> None:
    """Check that nothing is left of a project whose file is gone: none is begun in its place.

    Raises:
        ProjectDamagedError: there is; names it.
    """
    path = folder / PROJECT_NAME
    left = [*_remains(folder), *backups(path)[:1]]
    if left:
        names = ", ".join(file.relative_to(folder).as_posix() for file in left)
        raise damaged(
            path,
            Sentence.of("it is gone, but {names} is there; to begin anew, move that away", names=names),
        )


def keep_log(wal: Path) -> None:
    """Copy the log ``wal``, if there is something in it, beside itself."""
    if wal.exists() and wal.stat().st_size:
        shutil.copy2(wal, wal.with_name(f"{wal.name}.kept-{datetime.now(UTC):%Y%m%d-%H%M%S}"))


def _free_name(project: Path) -> Path:
    stem = f"{project.name}.damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    aside, number = project.with_name(stem), 1
    while any(project.with_name(aside.name + suffix).exists() for suffix in ("", "-wal")):
        number += 1
        aside = project.with_name(f"{stem}-{number}")
    return aside
