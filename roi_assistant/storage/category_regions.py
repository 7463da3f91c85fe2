"""The regions of one category across all images, for looking through them as crops.

A category may have hundreds of thousands of regions. Their row ids are read at once and in order, so a view knows how
many there are and can select all of them; the regions themselves are read by row id as they come into sight.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import cast, get_args

from roi_assistant.core.records import ReviewState
from roi_assistant.errors import BadInputError
from roi_assistant.storage.keys import from_db, to_db
from roi_assistant.storage.records import CategoryCount, CategoryFilter, CategoryRegion
from roi_assistant.storage.region_rows import COLUMNS, NO_CATEGORY_ID, RegionRows

_PREFIXED = ", ".join(f"r.{name.strip()}" for name in COLUMNS.split(","))
_IDS_AT_ONCE = 500
_MIXED = "(r.id * 2654435761 + {seed}) % 4294967296"
"""Knuth's multiplicative hash."""
BY_HASH = _MIXED.format(seed=0)
"""An order that mixes regions, always in the same way."""
_ORDERS = {
    "certainty": "r.certainty, r.id",
    "image": "i.sort, r.image_id, r.position, r.id",
    # The same for a region as long as `seed` is, so that decisions do not shuffle again.
    "random": _MIXED.format(seed=":seed * 2246822519"),
}


def category_counts(db: sqlite3.Connection, rows: RegionRows) -> list[CategoryCount]:
    """The categories that regions have, those with most to review first. Read from the index `regions_by_category`."""
    counts: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for category, state, count in db.execute("SELECT category_id, state, count(*) FROM regions GROUP BY 1, 2"):
        counts[category][state] = count
    categories = (
        CategoryCount(rows.category_name(category) or "", states.get("suggested", 0), sum(states.values()))
        for category, states in counts.items()
    )
    return sorted(categories, key=lambda category: (-category.suggested, -category.regions, category.name))


def category_region_ids(db: sqlite3.Connection, flt: CategoryFilter) -> array[int]:
    """Row ids of all regions that ``flt`` chooses, in its order.

    Suggestions, the least certain first, are read in the order of an index. Other orders and states sort: each takes
    about half a second for 200,000 regions.

    Raises:
        BadInputError: there is no such order or state.
    """
    if flt.order not in _ORDERS:
        raise BadInputError("{order} is not an order of regions.", order=repr(flt.order))
    for state in flt.states - set(get_args(ReviewState)):
        raise BadInputError("{state} is not a review state.", state=repr(state))
    conditions = ["r.category_id = coalesce((SELECT id FROM categories WHERE name = :name), :otherwise)"]
    if flt.states == {"suggested"}:
        conditions.append("r.state = 'suggested' AND r.certainty IS NOT NULL")
    elif flt.states:
        states = ", ".join(f"'{state}'" for state in sorted(flt.states))
        conditions.append(f"r.state IN ({states})")
    tables = "regions AS r"
    if flt.order == "image":
        tables += " CROSS JOIN images AS i ON i.id = r.image_id"
    values = {
        "name": to_db(flt.category),
        "otherwise": -2 if flt.category else NO_CATEGORY_ID,
        "seed": flt.seed,
    }
    found = db.execute(
        f"SELECT r.id FROM {tables} WHERE {' AND '.join(conditions)} ORDER BY {_ORDERS[flt.order]}", values
    )
    return array("q", (row_id for (row_id,) in found))


def regions_by_row_id(db: sqlite3.Connection, rows: RegionRows, row_ids: Sequence[int]) -> list[CategoryRegion]:
    """The regions with ``row_ids``, in their order; those that are gone are left out."""
    regions: dict[int, CategoryRegion] = {}
    for start in range(0, len(row_ids), _IDS_AT_ONCE):
        chunk = row_ids[start : start + _IDS_AT_ONCE]
        found = db.execute(
            f"SELECT r.id, i.key, r.certainty, {_PREFIXED} FROM regions AS r CROSS JOIN images AS i "
            f"ON i.id = r.image_id WHERE r.id IN ({', '.join('?' * len(chunk))})",
            list(chunk),
        )
        for row_id, key, certainty, *row in found:
            for region in rows.read_all((tuple(row),)):
                regions[row_id] = CategoryRegion(row_id, from_db(key), region, cast("float | None", certainty))
    return [regions[row_id] for row_id in row_ids if row_id in regions]


def region_row_ids(db: sqlite3.Connection, regions: Iterable[tuple[str, str]]) -> list[int]:
    """The row ids of ``regions``, (key of the image, id of the region); those that are not there are left out."""
    found = (
        db.execute(
            "SELECT id FROM regions WHERE image_id = (SELECT id FROM images WHERE key = ?) AND region_id = ?",
            (to_db(image), to_db(region_id)),
        ).fetchone()
        for image, region_id in regions
    )
    return [row[0] for row in found if row is not None]
