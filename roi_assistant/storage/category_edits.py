"""Renaming, merging, splitting and deleting categories of the whole project, inside an open transaction.

A project may have two million regions, so nothing here reads them one by one: SQLite changes them in a few statements.
Undo needs to know which regions were moved. Row ids would be given to other regions after a deletion, so each region is
known by a fingerprint of its image and id: 8 bytes, sorted, in the step of undo.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import sqlite3
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace

from roi_assistant.core import review
from roi_assistant.core.edits import CategoryChange, CategoryMove
from roi_assistant.core.record_json import decode, encode
from roi_assistant.core.records import CategoryList
from roi_assistant.errors import EditConflictError
from roi_assistant.storage.keys import to_db
from roi_assistant.storage.region_rows import COLUMNS, NO_CATEGORY_ID, RegionRows, dump
from roi_assistant.storage.schema_sql import COUNT_REGIONS
from roi_assistant.storage.search_text import caption_query, searchable

_LISTED = "categories"
_CHUNK = 1000
_TRIGGERS = "('figures_of_changing', 'figures_of_changed', 'region_changing', 'region_changed')"


def read_list(db: sqlite3.Connection) -> CategoryList:
    """What the project says of its categories; nothing until something was said."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (_LISTED,)).fetchone()
    return CategoryList() if row is None else decode(CategoryList, json.loads(row[0]))


def change_categories(db: sqlite3.Connection, rows: RegionRows, change: CategoryChange) -> CategoryChange:
    """Do ``change``; the answer has filled in which regions were moved.

    Raises:
        EditConflictError: a category to be renamed is not there, its new name is, or the list was changed meanwhile;
            the caller rolls back.
    """
    if change.listed is not None:
        before, after = change.listed
        if read_list(db) != before:
            raise EditConflictError("The list of categories was changed in the meantime: nothing was changed.")
        db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_LISTED, dump(encode(after))))
    if change.renamed is not None:
        _rename(db, rows, *change.renamed)
    return replace(change, moved=tuple(_move(db, rows, move) for move in change.moved))


def _rename(db: sqlite3.Connection, rows: RegionRows, before: str, after: str) -> None:
    owner, other = find_category(db, before), find_category(db, after)
    if owner is None or (other is not None and has_regions(db, other)):
        raise EditConflictError(
            "The category {before} cannot be called {after} now: one is gone, or the other is there again. Nothing was "
            "changed.",
            before=repr(before),
            after=repr(after),
        )
    renamed = f"SELECT id FROM regions WHERE category_id = {owner:d}"
    _leave_search(db, renamed)
    if other is not None:  # without regions: it takes the name that becomes free, so that ids stay
        db.execute("UPDATE categories SET name = ? WHERE id = ?", (b"\0", other))
    db.execute("UPDATE categories SET name = ?, words = ? WHERE id = ?", (to_db(after), searchable(after), owner))
    if other is not None:
        db.execute("UPDATE categories SET name = ?, words = ? WHERE id = ?", (to_db(before), searchable(before), other))
    _enter_search(db, renamed)
    rows.rename_category({before: after, after: before})


def _leave_search(db: sqlite3.Connection, which: str) -> None:
    """Take the regions whose row ids ``which`` selects out of the index of the search. The index keeps no texts: it
    must be told what an entry was made of."""
    db.execute(
        "INSERT INTO region_search (region_search, rowid, caption, category, attributes) "
        f"SELECT 'delete', id, caption, category, attributes FROM region_words WHERE id IN ({which})"
    )


def _enter_search(db: sqlite3.Connection, which: str) -> None:
    """Put them into the index as they are now."""
    db.execute(
        "INSERT INTO region_search (rowid, caption, category, attributes) "
        f"SELECT id, caption, category, attributes FROM region_words WHERE id IN ({which})"
    )


def find_category(db: sqlite3.Connection, name: str) -> int | None:
    """The id of the category ``name``; None: no region ever had it."""
    row = db.execute("SELECT id FROM categories WHERE name = ?", (to_db(name),)).fetchone()
    return None if row is None else int(row[0])


def has_regions(db: sqlite3.Connection, category_id: int) -> bool:
    """Whether regions, in any state, have the category."""
    return db.execute("SELECT 1 FROM regions WHERE category_id = ?", (category_id,)).fetchone() is not None


def _move(db: sqlite3.Connection, rows: RegionRows, move: CategoryMove) -> CategoryMove:
    source = NO_CATEGORY_ID if move.before is None else find_category(db, move.before)
    if source is None:
        return replace(move, regions=move.regions or "", count=0)
    target = rows.category_id(move.after)
    db.execute("CREATE TEMP TABLE IF NOT EXISTS moving (id INTEGER PRIMARY KEY)")
    db.execute("DELETE FROM temp.moving")
    fingerprints = array("Q")
    wanted = None if move.regions is None else _unpacked(move.regions)

    def chosen() -> Iterator[tuple[int]]:
        where, values = _condition(move, rows)
        for row_id, image_id, region_id in db.execute(
            f"SELECT r.id, r.image_id, r.region_id FROM regions AS r WHERE r.category_id = ?{where}", (source, *values)
        ):
            mark = fingerprint(image_id, region_id)
            if wanted is None:
                fingerprints.append(mark)
            elif not _is_in(wanted, mark):
                continue
            yield (row_id,)

    db.executemany("INSERT INTO temp.moving VALUES (?)", chosen())
    moving = "SELECT id FROM temp.moving"
    with _without_triggers(db):
        for category, sign in ((source, -1), (target, 1)):
            db.execute(
                "INSERT INTO figures SELECT 'category', ?, 0, ? * count(*) FROM regions "
                f"WHERE id IN ({moving}) AND state <> 'rejected' "
                "ON CONFLICT DO UPDATE SET n = n + excluded.n",
                (category, sign),
            )
        _leave_search(db, moving)
        db.execute(f"UPDATE regions SET category_id = ? WHERE id IN ({moving})", (target,))
        _enter_search(db, moving)
    if NO_CATEGORY_ID in (source, target):
        _weigh_again(db, rows)
    (count,) = db.execute("SELECT count(*) FROM temp.moving").fetchone()
    db.execute("DELETE FROM temp.moving")
    return replace(move, regions=_packed(fingerprints) if wanted is None else move.regions, count=count)


def _condition(move: CategoryMove, rows: RegionRows) -> tuple[str, tuple[str | bytes, ...]]:
    """Which regions of the category; a move that is done again, or taken back, knows them."""
    where, values = "", list[str | bytes]()
    if move.regions is not None:
        return where, ()
    if move.containing:
        where += " AND r.id IN (SELECT rowid FROM region_search WHERE region_search MATCH ?)"
        values.append(caption_query(move.containing))
    if move.attribute is not None:
        where += (
            " AND r.id IN (SELECT rt.region FROM region_terms AS rt JOIN terms AS t ON t.id = rt.term "
            "WHERE t.name = ? AND t.value = ?)"
        )
        values += [to_db(rows.names.key(move.attribute[0])), to_db(move.attribute[1])]
    return where, tuple(values)


def count_chosen(db: sqlite3.Connection, rows: RegionRows, move: CategoryMove) -> int:
    """How many regions ``move`` would move now."""
    where, values = _condition(replace(move, regions=None), rows)
    source = NO_CATEGORY_ID if move.before is None else find_category(db, move.before)
    if source is None:
        return 0
    found = db.execute(f"SELECT count(*) FROM regions AS r WHERE r.category_id = ?{where}", (source, *values))
    return int(found.fetchone()[0])


@contextlib.contextmanager
def _without_triggers(db: sqlite3.Connection) -> Iterator[None]:
    """Without the triggers that keep figures and search: for each region they take ten times as long as the change
    itself, and of all figures only the counts of categories change here."""
    triggers = db.execute(
        f"SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name IN {_TRIGGERS}"
    ).fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    yield
    for _, statement in triggers:
        db.execute(statement)


def _weigh_again(db: sqlite3.Connection, rows: RegionRows) -> None:
    """Regions that lost their category, or got one, are as certain as what they have now, and their images as the least
    certain of them; see ``core.review``."""
    last = 0
    while True:
        found = db.execute(
            f"SELECT id, {COLUMNS} FROM regions WHERE id IN (SELECT id FROM temp.moving WHERE id > ?) "
            "AND (category_score IS NOT NULL OR captions = 0) ORDER BY id LIMIT ?",
            (last, _CHUNK),
        ).fetchall()
        if not found:
            break
        last = found[-1][0]
        regions = ((row_id, region) for row_id, *row in found for region in rows.read_all((tuple(row),)))
        db.executemany(
            "UPDATE regions SET certainty = ? WHERE id = ?",
            [(review.certainty(region) if review.has_words(region) else None, row_id) for row_id, region in regions],
        )
    moved = "SELECT image_id FROM regions WHERE id IN (SELECT id FROM temp.moving)"
    db.execute(f"{COUNT_REGIONS} WHERE id IN ({moved})")


# -------------------------------------------------------------------------------------------------- fingerprints


def fingerprint(image_id: int, region_id: str | bytes) -> int:
    """What a region is known by in a step of undo: 64 bits of its image and id, as the file has them."""
    text = region_id if isinstance(region_id, bytes) else region_id.encode()
    return int.from_bytes(hashlib.blake2b(b"%d/%s" % (image_id, text), digest_size=8).digest(), "little")


def _packed(fingerprints: array[int]) -> str:
    ordered = array("Q", sorted(fingerprints))
    if sys.byteorder == "big":
        ordered.byteswap()
    return base64.b64encode(ordered.tobytes()).decode("ascii")


def _unpacked(regions: str) -> array[int]:
    ordered = array("Q", base64.b64decode(regions))
    if sys.byteorder == "big":
        ordered.byteswap()
    return ordered


def _is_in(ordered: array[int], value: int) -> bool:
    place = bisect_left(ordered, value)
    return place < len(ordered) and ordered[place] == value
