"""Whether the tables of a project file are ours: what a file from somebody else could make us run is in them.

Views, triggers and virtual tables must have the very text that this program or an earlier version wrote; tables and
indexes its names. See https://www.sqlite.org/security.html.
"""

from __future__ import annotations

import contextlib
import sqlite3
from functools import cache
from hashlib import sha256

from roi_assistant.storage import schema_sql

_FULL_TEXT = ("region_search",)


def compare_tables(db: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """What the file has and we did not make, and what a file of the newest version has and this one lacks: "view x"."""
    known, seen = _known(), set[tuple[str, str]]()
    foreign = []
    for kind, name, sql in _defined(db):
        seen.add((kind, name))
        own = known.get((kind, name))
        runs = kind in ("view", "trigger") or sql.upper().startswith("CREATE VIRTUAL")
        if own is None or (runs and sql != own and sha256(sql.encode()).hexdigest() not in schema_sql.FORMER):
            foreign.append(f"{kind} {name}")
    return foreign, sorted(f"{kind} {name}" for kind, name in known.keys() - seen)


def _defined(db: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """(type, name, SQL) of what is in the file, without what SQLite makes itself."""
    rows = db.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_schema").fetchall()
    # A full-text table keeps its data in tables that are called after it.
    prefixes = ("sqlite_", *(f"{name}_" for name in _FULL_TEXT))
    return [row for row in rows if not (row[1].startswith(prefixes) and row[0] in ("table", "index"))]


@cache
def _known() -> dict[tuple[str, str], str]:
    """(type, name) -> SQL of what a new project has."""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.executescript(schema_sql.TABLES)
        return {(kind, name): sql for kind, name, sql in _defined(db)}
