"""Dated copies of the project file, a bounded number of them."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from roi_assistant.errors import ProjectError, ProjectWriteError
from roi_assistant.formats.atomic import flush_folder
from roi_assistant.sentences import Sentence
from roi_assistant.storage.acknowledged import last_commit
from roi_assistant.storage.own_files import check_own_folder
from roi_assistant.storage.schema_sql import APPLICATION_ID
from roi_assistant.temporary_files import sweep_temporaries, temporary_beside

FOLDER = ".roi-backups"
"""Beside the project file; begins with a dot, so that it is not searched for pictures."""

KEPT_NEWEST = 3
KEPT_DAYS = 5

_NAME = re.compile(r"project-(?:(?P<number>\d{6,7})-)?(?P<date>\d{8})-(?P<time>\d{6})(?:-(?P<same_second>\d+))?\.roi")
_PAGES_A_STEP = 2048


def backups(project: Path) -> list[Path]:
    """Backups of the project file ``project``, newest first: by the numbers in their names, whatever the clock says.

    Those of earlier versions have no number; they are older, and are in the order of their dates.
    """
    return [path for *_, path in sorted(_numbered(project.parent / FOLDER), reverse=True)]


def _numbered(folder: Path) -> list[tuple[int, str, str, int, Path]]:
    try:
        names = [] if folder.is_symlink() else [e.name for e in os.scandir(folder) if e.is_file(follow_symlinks=False)]
    except OSError:
        return []
    matches = filter(None, map(_NAME.fullmatch, names))
    return [
        (int(m["number"] or 0), m["date"], m["time"], int(m["same_second"] or 1), folder / m.string) for m in matches
    ]


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
    made = datetime.strptime(f"{match['date']}{match['time']}", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return f"{made.astimezone():%Y-%m-%d %H:%M}"


def is_backed_up(db: sqlite3.Connection, project: Path) -> bool:
    """Whether the newest backup holds what the project, open as ``db``, holds."""
    newest, commit = next(iter(backups(project)), None), last_commit(db)
    if newest is None or commit is None:
        return False
    try:
        with contextlib.closing(
            sqlite3.connect(newest.absolute().as_uri() + "?mode=ro&immutable=1", uri=True)
        ) as saved:
            return last_commit(saved) == commit
    except sqlite3.Error:
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
    check_own_folder(folder)
    try:
        folder.mkdir(exist_ok=True)
        sweep_temporaries(folder)
        with temporary_beside(folder) as temporary:
            copy_project(project, temporary, keep_going=keep_going)
            target = _name_it(temporary, folder, now)
        flush_folder(folder)
        for old in surplus(backups(project)):
            if old != target:
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


def sweep_backups(project: Path) -> None:
    """Remove what killed processes left of backups that they had begun."""
    folder = project.parent / FOLDER
    if not folder.is_symlink():
        sweep_temporaries(folder)


def surplus(newest_first: Sequence[Path]) -> list[Path]:
    """Which of the backups (newest first) to remove: all but the newest ones and the newest of each of the last days.

    Opening a project many times a day so does not push out the state of yesterday.
    """
    kept = set(newest_first[:KEPT_NEWEST])
    days: dict[str, Path] = {}
    for path in newest_first:
        match = _NAME.fullmatch(path.name)
        if match:
            days.setdefault(match["date"], path)
    kept.update(list(days.values())[:KEPT_DAYS])
    return [path for path in newest_first if path not in kept]


def copy_project(source_file: Path, target: Path, *, keep_going: Callable[[], bool] | None = None) -> None:
    """A checked copy of a project file, with what stands in its log, flushed to the disk. The log stays as it is.

    Raises:
        ProjectError: the copy is damaged or no project, or ``keep_going``, which is asked now and then, said no.
        OSError, sqlite3.Error: it cannot be read or written.
    """

    def step(status: int, remaining: int, total: int) -> None:
        if keep_going is not None and not keep_going():
            raise ProjectError("The backup of {project} was stopped.", project=source_file)

    with (
        contextlib.closing(sqlite3.connect(source_file.absolute().as_uri() + "?mode=ro", uri=True)) as source,
        contextlib.closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        source.isolation_level = None
        try:
            source.execute("BEGIN")  # one state for the whole copy, however long it takes and whoever writes
            source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            source.backup(copy, pages=_PAGES_A_STEP, progress=step, sleep=0)
            source.execute("ROLLBACK")
            copy.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            raise _unusable(source_file, str(error)) from error
    _check(target, what=source_file)
    with open(target, "rb+") as stream:
        os.fsync(stream.fileno())


def _check(copy: Path, *, what: Path) -> None:
    try:
        with contextlib.closing(sqlite3.connect(copy)) as connection:
            (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            (application,) = connection.execute("PRAGMA application_id").fetchone()
    except sqlite3.DatabaseError as error:
        answer, application = str(error), APPLICATION_ID
    if answer == "ok" and application != APPLICATION_ID:
        raise ProjectError("{what} is not a project of RoI Assistant: nothing was changed.", what=what)
    if answer != "ok":
        raise _unusable(what, answer)


def _unusable(what: Path, why: str) -> ProjectError:
    return ProjectError(
        "A copy of {what} is damaged ({said}): it was not used and older backups were kept.", what=what, said=why
    )


def _name_it(temporary: Path, folder: Path, now: datetime) -> Path:
    """Give the copy the next number. A link cannot take a name that another process has just taken; where there are
    none, a rename does."""
    while True:
        number = max((number for number, *_ in _numbered(folder)), default=0) + 1
        target = folder / f"project-{number:06d}-{now:%Y%m%d-%H%M%S}.roi"
        try:
            os.link(temporary, target)
        except FileExistsError:
            continue
        except OSError:
            os.replace(temporary, target)
        return target
