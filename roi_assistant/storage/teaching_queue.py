"""The review queue in the order in which suggestions teach most; see `roi_assistant.memory.teaching`.

What looks like what is computed anew for each page, so each begins with what the decisions about the one before taught.
Of very many suggestions a sample is looked at, always the same one.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roi_assistant.errors import FormatError
from roi_assistant.memory.teaching import teaches_most
from roi_assistant.memory.vectors import from_bytes
from roi_assistant.storage.category_regions import BY_HASH, regions_by_row_id
from roi_assistant.storage.keys import from_db
from roi_assistant.storage.queries import queue_conditions
from roi_assistant.storage.records import QueueFilter, QueueItem
from roi_assistant.storage.region_features import SOUND
from roi_assistant.storage.region_rows import NO_CATEGORY_ID, RegionRows

MOST_WAITING = 2000
"""Suggestions that are compared with each other: a sample of more."""
MOST_LESSONS = 2000
"""Decided regions that they are compared with."""

_Kind = tuple[str, int]
"""Model and number of dimensions of vectors that can be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """``looks`` are None where nobody has looked at the region; ``model`` is the one that described it."""

    row_id: int
    certainty: float
    model: str
    kind: _Kind
    looks: NDArray[np.float32] | None


def teaching_queue(db: sqlite3.Connection, rows: RegionRows, flt: QueueFilter) -> list[QueueItem]:
    """One page of suggestions, those that teach most first; then those of which nobody knows how they look, the least
    certain first. The cursor of an item holds all items up to it: they do not come again."""
    shown = frozenset(flt.after or ())
    waiting = [one for one in _waiting(db, rows, flt) if one.row_id not in shown]
    kind = _most_frequent(waiting)
    seen = [one for one in waiting if one.looks is not None and one.kind == kind]
    chosen: list[_Waiting] = []
    if kind is not None:
        looks = np.stack([one.looks for one in seen if one.looks is not None])
        doubts = np.array([1 - one.certainty for one in seen], np.float32)
        chosen = [seen[n] for n in teaches_most(looks, doubts, _lessons(db, kind), count=flt.limit)]
    if len(chosen) < flt.limit:
        others = [one for one in waiting if one.looks is None or one.kind != kind]
        chosen += sorted(others, key=lambda one: (one.certainty, one.row_id))[: flt.limit - len(chosen)]
    return _items(db, rows, chosen, after=flt.after or ())


def _waiting(db: sqlite3.Connection, rows: RegionRows, flt: QueueFilter) -> list[_Waiting]:
    found = queue_conditions(flt, rows)
    if found is None:
        return []
    conditions, values = found
    # Ids first: the sort shall not carry vectors.
    chosen = f"SELECT r.id FROM regions AS r WHERE {' AND '.join(conditions)} ORDER BY {BY_HASH} LIMIT ?"
    sampled = db.execute(
        "SELECT r.id, r.certainty, r.model, f.model, f.vector FROM regions AS r LEFT JOIN features AS f "
        f"ON f.region = r.id AND {SOUND} WHERE r.id IN ({chosen}) ORDER BY r.id",
        [*values, MOST_WAITING],
    )
    return [_read(row) for row in sampled]


def _read(row: Sequence[Any]) -> _Waiting:
    row_id, certainty, model, seen_by, data = row
    looks = None if data is None else _looks(data)
    kind = (seen_by or "", 0 if looks is None else len(looks))
    return _Waiting(row_id=row_id, certainty=certainty, model=from_db(model), kind=kind, looks=looks)


def _looks(data: bytes) -> NDArray[np.float32] | None:
    try:
        return from_bytes(data)
    except FormatError:  # a file from somebody else may hold anything
        return None


def _most_frequent(waiting: Sequence[_Waiting]) -> _Kind | None:
    """Vectors of another model than most cannot be compared with them."""
    kinds = Counter(one.kind for one in waiting if one.looks is not None)
    return max(kinds, key=lambda kind: (kinds[kind], kind)) if kinds else None


def _lessons(db: sqlite3.Connection, kind: _Kind) -> NDArray[np.float32]:
    """How regions look that have taught something [regions, dimensions]."""
    model, dimensions = kind
    taught = (
        f"SELECT r.id FROM regions AS r WHERE r.category_id <> ? AND r.state IN ('accepted', 'edited') "
        f"ORDER BY {BY_HASH} LIMIT ?"
    )
    found = db.execute(
        f"SELECT f.vector FROM features AS f WHERE f.region IN ({taught}) AND f.model = ? AND {SOUND}",
        (NO_CATEGORY_ID, MOST_LESSONS, model),
    )
    vectors = [looks for (data,) in found if (looks := _looks(data)) is not None and len(looks) == dimensions]
    return np.stack(vectors) if vectors else np.zeros((0, dimensions), np.float32)


def _items(
    db: sqlite3.Connection, rows: RegionRows, chosen: Sequence[_Waiting], *, after: tuple[object, ...]
) -> list[QueueItem]:
    of_row = {one.row_id: one for one in chosen}
    items, cursor = [], after
    for found in regions_by_row_id(db, rows, [one.row_id for one in chosen]):
        one, cursor = of_row[found.row_id], (*cursor, found.row_id)
        items.append(QueueItem(found.image, found.region, one.certainty, one.model, cursor))
    return items
