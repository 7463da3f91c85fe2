"""What a project was taught by other projects: their lessons and the vectors of their regions, kept here, because
those projects may move or change. They are derived, as the features of regions: no step of undo and no export holds
them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from roi_assistant.storage.region_features import BYTES_OF_A_NUMBER, MOST_DIMENSIONS

_AT_ONCE = 500
_MOST_BYTES = MOST_DIMENSIONS * BYTES_OF_A_NUMBER
# A file from somebody else may hold anything here. SQLite tells type and length without reading the value.
_SOUND = (
    "typeof(source) = 'text' AND typeof(model) = 'text' AND typeof(lesson) = 'text' AND typeof(vector) = 'blob' "
    f"AND length(lesson) < 100000 AND length(vector) BETWEEN {BYTES_OF_A_NUMBER} AND {_MOST_BYTES} "
    f"AND length(vector) % {BYTES_OF_A_NUMBER} = 0"
)

FORGET_UNUSABLE = f"DELETE FROM learned WHERE NOT ({_SOUND})"
"""A statement that deletes what nobody can read."""


class LearnedRow(NamedTuple):
    """A lesson as JSON (``memory.borrowing`` reads it), the sha256 of the weights, and the ``vector`` of its region,
    little-endian float16."""

    model: str
    lesson: str
    vector: bytes


def replace(db: sqlite3.Connection, source: str, rows: Iterable[LearnedRow]) -> int:
    """Keep ``rows`` of the project called ``source`` in place of those that it taught before; the number of them. Needs
    an open transaction of the caller."""
    db.execute("DELETE FROM learned WHERE source = ?", (source,))
    return db.executemany(
        "INSERT INTO learned (source, model, lesson, vector) VALUES (?, ?, ?, ?)", ((source, *row) for row in rows)
    ).rowcount


def learned(db: sqlite3.Connection, *, model: str) -> Iterator[tuple[str, LearnedRow]]:
    """All lessons with vectors of ``model``, and the project that taught them, in the order in which they came. What is
    damaged is left out."""
    last = -1
    while True:
        block = db.execute(
            f"SELECT id, source, model, lesson, vector FROM learned WHERE model = ? AND id > ? AND {_SOUND} "
            "ORDER BY id LIMIT ?",
            (model, last, _AT_ONCE),
        ).fetchall()
        if not block:
            return
        last = block[-1][0]
        for _, source, *row in block:
            yield source, LearnedRow(*row)


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """How many lessons there are of each project, by its name."""
    found = db.execute(f"SELECT source, count(*) FROM learned WHERE {_SOUND} GROUP BY source ORDER BY source")
    return {source: count for source, count in found}


def count_unusable(db: sqlite3.Connection) -> int:
    """How many rows nobody can read."""
    return int(db.execute(f"SELECT count(*) FROM learned WHERE NOT ({_SOUND})").fetchone()[0])
