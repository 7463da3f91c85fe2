"""The last step that was acknowledged as stored, kept outside the project file and its log.

SQLite stops reading a log at the first damaged frame and drops what follows without a word. Each transaction numbers
itself in the project file; after it is on the disk, its number is written here. A project that is opened and has fewer
steps than that has lost some.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path

from roi_assistant.storage.own_files import check_own_file, open_own_file

NAME = "project.roi.last"
_KEY = "commit"
_SIZE = 200
"""Bytes; less than a sector, so that a write is whole or not at all."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A transaction of the project ``project``: its number from 1, a ``token`` that no other has, and the token of the
    one ``before`` it, which makes them a chain; "" where that is not known."""

    project: str
    number: int
    token: str
    before: str = ""


def last_commit(db: sqlite3.Connection) -> Commit | None:
    """The last transaction in the project file; None in one of before they were numbered."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    number, _, tokens = str(row[0] if row else "").partition(":")
    token, _, before = tokens.partition(":")
    return Commit(_project_id(db), int(number), token, before) if number.isdecimal() else None


def number_commit(db: sqlite3.Connection) -> Commit:
    """Number the transaction that is open."""
    before = last_commit(db)
    commit = Commit(
        before.project if before else _project_id(db),
        before.number + 1 if before else 1,
        secrets.token_hex(8),
        before.token if before else "",
    )
    value = f"{commit.number}:{commit.token}:{commit.before}"
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_KEY, value))
    return commit


class Acknowledged:
    """The file beside the project at ``folder``. Keeps it open; ``close`` it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._descriptor = open_own_file(self._path)
        if os.fstat(self._descriptor).st_size > _SIZE:  # not ours: what is written would not end where it should
            os.ftruncate(self._descriptor, 0)

    def write(self, commit: Commit) -> None:
        """``commit`` is on the disk. Raises OSError."""
        data = json.dumps(asdict(commit)).encode().ljust(_SIZE)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, data)
        getattr(os, "fdatasync", os.fsync)(self._descriptor)

    def close(self) -> None:
        """May be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def acknowledged(folder: Path) -> Commit | None:
    """What was acknowledged last; None where nothing is known, or the file cannot be read.

    Raises:
        ProjectError: the file is a link, a pipe or a device.
    """
    check_own_file(folder / NAME)
    try:
        with open(folder / NAME, "rb") as stream:
            values = json.loads(stream.read(4 * _SIZE))
        return Commit(str(values["project"]), int(values["number"]), str(values["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def lost_steps(db: sqlite3.Connection, folder: Path) -> int:
    """How many acknowledged steps the project file lacks.

    0 for another project's file, and where the file has later ones: a machine may stop between the two writes.
    """
    told, stored = acknowledged(folder), last_commit(db)
    if told is None or stored is None or told.project != stored.project:
        return 0
    return max(0, told.number - stored.number)


def is_other_history(db: sqlite3.Connection, folder: Path) -> bool:
    """Whether the last steps of the project file are others than those that were acknowledged.

    Compares the acknowledged token with the one of the same number, which the file has for its last two steps.
    """
    told, stored = acknowledged(folder), last_commit(db)
    if told is None or stored is None or told.project != stored.project:
        return False
    token = {stored.number: stored.token, stored.number - 1: stored.before or told.token}.get(told.number, told.token)
    return token != told.token


def _project_id(db: sqlite3.Connection) -> str:
    row = db.execute("SELECT value FROM meta WHERE key = 'id'").fetchone()
    return str(row[0]) if row else ""
