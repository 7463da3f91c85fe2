"""What attributes are called now, and what they are called in the file.

A region, a step of undo and a value that can be filtered by name their attributes by a *key*: the name that the
attribute had when the file saw it first. What a key is called now is one row of the table ``meta``, so renaming writes
that row, whether two regions have the attribute or two million. Steps of undo name categories by keys in the same way.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

ATTRIBUTES, CATEGORIES = "attribute names", "category names"
"""Rows of the table ``meta``."""


@dataclass(frozen=True, slots=True)
class AttributeNames:
    """Key -> name, for the attributes (or categories) that were renamed; all others are called by their key.

    It is a permutation: no two keys have one name, and the keys and names that are listed are the same texts.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", {name: key for key, name in self.names.items()})

    def name(self, key: str) -> str:
        """What the attribute ``key`` is called."""
        return self.names.get(key, key)

    def key(self, name: str) -> str:
        """The attribute that is called ``name``."""
        return self.keys.get(name, name)

    def renamed(self, exchanged: Mapping[str, str]) -> AttributeNames:
        """After the names of ``core.edits.exchange`` have changed."""
        changed = {self.key(before): after for before, after in exchanged.items()}
        return AttributeNames({key: name for key, name in {**self.names, **changed}.items() if key != name})


def stored_names(db: sqlite3.Connection, row_key: str) -> str:
    """The names as the file has them, for ``parse_names``; empty when nothing was ever renamed."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (row_key,)).fetchone()
    return "" if row is None else row[0]


def parse_names(stored: str) -> AttributeNames:
    """The names that ``stored_names`` has read."""
    return AttributeNames(json.loads(stored)) if stored else AttributeNames()


def store_names(db: sqlite3.Connection, row_key: str, names: AttributeNames) -> str:
    """Write ``names``, in an open transaction; answers what ``stored_names`` would."""
    stored = json.dumps(names.names)  # ASCII, whatever the names are
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (row_key, stored))
    return stored
