"""Opening a project file so that nothing is lost: creation, checks, migration, and errors as sentences."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from roi_assistant.core.times import now
from roi_assistant.errors import (
    ProjectDamagedError,
    ProjectError,
    ProjectLockedError,
    ProjectVersionError,
    ProjectWriteError,
)
from roi_assistant.sentences import Sentence
from roi_assistant.storage import schema_sql
from roi_assistant.storage.acknowledged import is_other_history, lost_steps
from roi_assistant.storage.backup import backups, make_backup, newest_backup_words
from roi_assistant.storage.own_files import check_own_file
from roi_assistant.storage.table_check import compare_tables
from roi_assistant.temporary_files import temporary_beside

_log = logging.getLogger(__name__)
PROJECT_NAME = "project.roi"
LOCK_NAME = "project.roi.lock"

FULL_CHECK_BYTES = 64 << 20
"""Up to this size every page is checked on opening; see docs/adr/0008-project-file.md for what that costs."""

_BUSY_MS = 10_000
_STEPS_BETWEEN_QUESTIONS = 100_000
_CACHE_KIB = 16_384
_WAL_BYTES = 64 << 20
_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100


def create(path: Path) -> None:
    """Make an empty project file at ``path``. It appears there complete or not at all.

    Raises:
        ProjectWriteError: the folder cannot be written, or the disk is full.
    """
    with temporary_beside(path.parent) as temporary:
        with translated(path), contextlib.closing(sqlite3.connect(temporary, isolation_level=None)) as connection:
            # The log comes last and stays empty: the closing would merge it, and says nothing when the disk is full.
            connection.execute(f"PRAGMA application_id = {schema_sql.APPLICATION_ID}")
            connection.executescript(f"BEGIN; {schema_sql.TABLES}; PRAGMA user_version = {schema_sql.VERSION};")
            connection.executemany(
                "INSERT INTO meta (key, value) VALUES (?, ?)",
                [("id", uuid.uuid4().hex), ("created_at", now())],
            )
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = WAL")
        with translated(path):
            with open(temporary, "rb+") as stream:
                os.fsync(stream.fileno())
            os.replace(temporary, path)


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """A connection to the existing project file, its header checked, and, with ``read_only``, its tables.

    Raises:
        ProjectDamagedError: it is not a database any more, or something in it is not ours.
        ProjectVersionError: a newer version of the program wrote it.
        ProjectError: it is no project file, or cannot be read.
    """
    _check_header(path)  # before anything that could write
    connection = None
    try:
        with translated(path):
            connection = _connected(path, read_only=read_only)
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        _check_kind(path, application, version)
        if read_only:  # who writes looks at it like this first, see `check_before_writing`
            check_tables(connection, path)
        for since, statement in schema_sql.OLDER.items():
            if read_only and version < since:
                connection.execute(statement)
        return connection
    except BaseException:
        if connection is not None:
            connection.close()
        raise


def finish_rollback(path: Path) -> None:
    """Take back what a killed program had begun while the file had no log yet: as a new or restored one gets its log.
    A file that is only read could not do it.

    Raises:
        ProjectError: as `connect`.
    """
    journal = path.with_name(path.name + "-journal")
    check_own_file(journal)
    if journal.exists() and path.exists():
        _check_header(path)
        with (
            translated(path),
            contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as db,
        ):
            db.execute("PRAGMA schema_version").fetchone()


def check_integrity(connection: sqlite3.Connection, path: Path, *, full: bool) -> None:
    """Look at every page of the file; ``full`` also compares indexes with their tables.

    Raises:
        ProjectDamagedError: something is wrong; names the newest backup.
    """
    with translated(path):
        outcome = connection.execute(f"PRAGMA {'integrity_check' if full else 'quick_check'}(1)").fetchone()[0]
        if outcome != "ok":
            raise damaged(path, Sentence(str(outcome)))


def check_on_opening(connection: sqlite3.Connection, path: Path, *, clean: bool) -> None:
    """The check that opening can afford: all of a small file; of a large one its length, unless its last session did
    not end as it should (``clean`` False) and a part of it may stand in the log.

    Raises:
        ProjectDamagedError: something is wrong; names the newest backup.
    """
    size = path.stat().st_size
    if size <= FULL_CHECK_BYTES:
        check_integrity(connection, path, full=True)
        return
    with translated(path):
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (page_size,) = connection.execute("PRAGMA page_size").fetchone()
        if pages * page_size > size and clean:
            raise damaged(
                path,
                Sentence.of("it is {size} bytes long and should be {expected}", size=size, expected=pages * page_size),
            )
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()


def find_damage(path: Path, *, keep_going: Callable[[], bool]) -> ProjectDamagedError | None:
    """Look at every page of the file, over a connection of its own, while it is worked with; None: nothing is wrong, or
    ``keep_going`` said no."""
    try:
        with contextlib.closing(connect(path, read_only=True)) as connection:
            connection.set_progress_handler(lambda: not keep_going(), _STEPS_BETWEEN_QUESTIONS)
            check_integrity(connection, path, full=False)
    except ProjectDamagedError as error:
        return error
    except ProjectError as error:  # interrupted, or it cannot be read just now: work with it will show
        _log.info("%s", error)
    return None


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the tables to the version of this program, after a backup.

    Raises:
        ProjectError: a step failed; the file is as it was.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version >= schema_sql.VERSION:
        return
    make_backup(path)
    while version < schema_sql.VERSION:
        with translated(path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                for statement in schema_sql.MIGRATIONS[version]:
                    connection.execute(statement)
                version += 1
                connection.execute(f"PRAGMA user_version = {version:d}")
                connection.execute("COMMIT")
            except BaseException:
                roll_back(connection)
                raise


def roll_back(connection: sqlite3.Connection) -> None:
    """End a transaction that failed; on some errors SQLite has done so already."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Errors of SQLite and of the disk as sentences about the project ``path``.

    Raises:
        ProjectDamagedError, ProjectLockedError, ProjectWriteError, ProjectError
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _operational(path, error) from error
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise damaged(path, Sentence(" ".join(str(error).split()))) from error
    except OSError as error:
        raise ProjectWriteError(
            "{path} cannot be written ({reason}): check that the folder exists, is writable and has "
            "space. The change was not saved.",
            path=path,
            reason=error,
        ) from error


def damaged(path: Path, reason: Sentence) -> ProjectDamagedError:
    """The error for a damaged project; names the backup."""
    return ProjectDamagedError(
        "{path} is damaged ({reason}); it was left as it is, and {backup}.",
        path=path,
        reason=reason,
        backup=newest_backup_words(path),
    )


def ensure_in_place(path: Path, identity: tuple[int, int]) -> None:
    """Check that ``path`` still names the open file; writes to a removed file would succeed and be lost.

    Raises:
        ProjectWriteError: it does not.
    """
    try:
        status = os.stat(path)
    except OSError as error:
        raise ProjectWriteError(
            "{path} is gone: its folder was moved, renamed or removed, or the disk was taken out. The change was not "
            "saved; bring it back, or open the folder again.",
            path=path,
        ) from error
    if (status.st_dev, status.st_ino) != identity:
        raise ProjectWriteError(
            "{path} was replaced by another file. The change was not saved; bring it back, or open the folder again.",
            path=path,
        )


def identity_of(path: Path) -> tuple[int, int]:
    """What ``ensure_in_place`` compares."""
    with translated(path):
        status = os.stat(path)
        return status.st_dev, status.st_ino


def _connected(path: Path, *, read_only: bool) -> sqlite3.Connection:
    uri = path.absolute().as_uri()
    if not read_only:
        connection = sqlite3.connect(f"{uri}?mode=rw", uri=True, isolation_level=None, cached_statements=256)
        _prepare(connection)
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            connection.close()
            raise ProjectError(
                "{path} cannot be kept safe on this disk (no write-ahead log): move the folder.", path=path
            )
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection
    connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, isolation_level=None, cached_statements=256)
    try:
        _prepare(connection)
        # The file may come from somebody else. (Where it is written, our own triggers need the full-text table, which
        # this forbids; the tables were compared before.)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        return connection
    except sqlite3.OperationalError:
        connection.close()
        wal = path.with_name(path.name + "-wal")
        if os.access(path.parent, os.W_OK) or (wal.exists() and wal.stat().st_size):
            raise
    # Nobody can write in this folder and nothing waits in a log: the file may be read without any file beside it.
    connection = sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True, isolation_level=None)
    _prepare(connection)
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone leaves data in the disk's own memory
    connection.execute("PRAGMA checkpoint_fullfsync = ON")


def check_before_writing(path: Path) -> None:
    """Look at the tables and the last step of an existing project, without writing anything.

    Raises:
        ProjectDamagedError: something in it is not ours, or steps that were acknowledged are missing. The log stays.
        ProjectError: as `connect`.
    """
    with contextlib.closing(connect(path, read_only=True)) as connection, translated(path):
        lost = lost_steps(connection, path.parent)
        if lost:
            raise damaged(
                path,
                Sentence.of(
                    "the last {count} steps that were stored are missing; to go on without them: roi-assistant project "
                    "check --repair {folder}",
                    count=lost,
                    folder=path.parent,
                ),
            )
        log = path.with_name(path.name + "-wal")
        # A file that was exchanged on purpose comes without a log.
        if log.exists() and log.stat().st_size and is_other_history(connection, path.parent):
            raise damaged(
                path,
                Sentence.of(
                    "the steps in its log {log} are not those that were stored last; move that away, or go on with "
                    "them: roi-assistant project check --repair {folder}",
                    log=log.name,
                    folder=path.parent,
                ),
            )


def check_tables(connection: sqlite3.Connection, path: Path) -> None:
    """Check that the file has the tables of its version and nothing else.

    Raises:
        ProjectDamagedError: it has not.
    """
    with translated(path):
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        foreign, missing = compare_tables(connection)
    if foreign:
        raise damaged(path, Sentence.of("it holds {what}, which is not of RoI Assistant", what=foreign[0]))
    if missing and version == schema_sql.VERSION:
        raise damaged(path, Sentence.of("it lacks {what}", what=missing[0]))


def _check_kind(path: Path, application: int, version: int) -> None:
    if application != schema_sql.APPLICATION_ID:
        if backups(path):  # there was a project of ours
            raise damaged(path, Sentence("its beginning is not that of a project file"))
        raise ProjectError(
            "{path} is not a project of RoI Assistant: move it away, or choose another folder.", path=path
        )
    if version > schema_sql.VERSION:
        raise ProjectVersionError(
            "{path} was written by a newer version of RoI Assistant (its tables have version "
            "{version}, this one knows up to {known}): install the newer version. Nothing was "
            "changed.",
            path=path,
            version=version,
            known=schema_sql.VERSION,
        )


def _check_header(path: Path) -> None:
    """See https://www.sqlite.org/fileformat.html, 1.3: the version of the tables at byte 60, the application at 68."""
    check_own_file(path)
    try:
        with open(path, "rb") as stream:
            header = stream.read(_HEADER_BYTES)
            start = header[: len(_MAGIC)]
    except OSError as error:
        raise ProjectError(
            "{path} cannot be read ({reason}): check its permissions.", path=path, reason=error
        ) from error
    if start != _MAGIC:
        if not start:
            raise damaged(path, Sentence("it is empty"))
        raise damaged(path, Sentence("its beginning is not that of a project file"))
    if len(header) == _HEADER_BYTES:
        _check_kind(path, int.from_bytes(header[68:72], "big"), int.from_bytes(header[60:64], "big"))


def _operational(path: Path, error: sqlite3.OperationalError) -> ProjectError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (0, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        # Our own statements are right, so their tables are not: names, definitions or texts are broken.
        return damaged(path, Sentence(" ".join(str(error).split())))
    if code == sqlite3.SQLITE_FULL:
        return ProjectWriteError(
            "{path} cannot be written (the disk is full): free some space. The change was not saved; "
            "what was saved before is safe.",
            path=path,
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ProjectLockedError("{path} is in use by another program: close that, then try again.", path=path)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM):
        return ProjectWriteError(
            "{path} cannot be read or written ({reason}): check that its folder exists, is writable "
            "and has space. The change was not saved.",
            path=path,
            reason=error,
        )
    return ProjectError("{path} cannot be used ({reason}); nothing was changed.", path=path, reason=error)
