"""Project files as earlier versions of the program wrote them."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from roi_assistant.storage.schema_sql import VERSION

BACK: Mapping[int, Sequence[str]] = {
    6: ("DROP INDEX regions_to_review_by_disagreement", "ALTER TABLE regions DROP COLUMN disagreement"),
    5: ("DROP TABLE learned",),
    4: ("DROP TRIGGER features_of_changed", "DROP TABLE features"),
    3: (
        "DELETE FROM figures WHERE figure IN ('unchanged', 'reviewed')",
        *(f"ALTER TABLE images DROP COLUMN {column}" for column in ("certainty", "note", "reviewed_empty")),
    ),
    2: (
        *(f"DROP TRIGGER figures_of_{what}" for what in ("added", "removed", "changing", "changed", "sizing", "sized")),
        *(f"DROP TRIGGER figures_of_term_{what}" for what in ("added", "removed")),
        "DROP TABLE figures",
        "DROP VIEW region_figures",
    ),
}
"""Version -> statements that lead to the one before."""


def make_older(file: Path, version: int) -> None:
    """Make of the project file ``file``, which nobody has open, one of ``version``. What that cannot hold is lost."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as db:
        for later in range(VERSION, version, -1):
            for statement in BACK[later]:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {version:d}")
