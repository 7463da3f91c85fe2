"""Edits and their history inside an open transaction."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from roi_assistant.core.edits import (
    Edit,
    NotesChange,
    RegionChange,
    changes_of,
    check_fits,
    completed,
    exchange,
    first_suggestion,
    in_order_of_creation,
    notes_after,
    rename_in_edit,
)
from roi_assistant.core.record_json import decode, encode
from roi_assistant.core.records import AttributeSchema
from roi_assistant.core.unpacking import unpacked
from roi_assistant.errors import EditConflictError, FormatError, ProjectError
from roi_assistant.storage.category_edits import change_categories
from roi_assistant.storage.keys import check_key, from_db, sort_key, to_db
from roi_assistant.storage.queries import image_notes
from roi_assistant.storage.records import HistoryState
from roi_assistant.storage.region_rows import COLUMNS, RegionRows, dump
from roi_assistant.storage.schema_sql import COUNT_REGIONS

HISTORY_STEPS = 200
"""Steps that are kept for each image, and for the project."""
_MOST_OF_STEP = 64 << 20
"""Bytes of a step of undo before it was packed, at most: an import of a hundred thousand regions to one image."""
_STEPS_BACK_TO_CREATION = 50
"""So many steps may be done while a model writes about a box."""
PROJECT_STACK = 0
"""Stands for the whole project where other steps have the id of their image."""
_SMALLEST_GAP = 1e-6


def image_id(db: sqlite3.Connection, key: str) -> int | None:
    """The row id of the image ``key``, None when the project does not have it."""
    row = db.execute("SELECT id FROM images WHERE key = ?", (to_db(key),)).fetchone()
    return None if row is None else int(row[0])


def ensure_image(db: sqlite3.Connection, key: str) -> int:
    """The row id of the image ``key``, added when the project does not have it.

    Raises:
        BadInputError: it cannot be the key of an image.
    """
    row_id = image_id(db, key)
    if row_id is not None:
        return row_id
    values = (to_db(check_key(key)), sort_key(key))
    return int(db.execute("INSERT INTO images (key, sort) VALUES (?, ?)", values).lastrowid or 0)


def stack_of(db: sqlite3.Connection, image: str) -> int | None:
    """Whose undo stack: an image's row id, ``PROJECT_STACK`` for an empty key; None for an unknown image."""
    return image_id(db, image) if image else PROJECT_STACK


def perform(db: sqlite3.Connection, rows: RegionRows, edit: Edit) -> Edit:
    """Make the changes of ``edit``; the answer has the places of deleted regions filled in, and that there is
    something where a person had found nothing.

    Raises:
        EditConflictError: it does not fit what is there; the caller rolls back.
    """
    if edit.schema is not None:
        before, after = edit.schema
        if read_schema(db) != before:
            raise EditConflictError("The attributes of the project were changed in the meantime: nothing was changed.")
        db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('schema', ?)", (dump(encode(after)),))
    if edit.renamed:
        rows.rename(exchange(edit.renamed))
    if edit.categories is not None:
        edit = replace(edit, categories=change_categories(db, rows, edit.categories))
    placed: dict[tuple[str, str], RegionChange] = {}
    for image in dict.fromkeys(change.image for change in edit.regions):
        changes = changes_of(edit, image=image)
        for change in _perform_on_image(db, rows, image, list(changes.values())):
            placed[image, change.region_id] = change
    edit = replace(edit, regions=tuple(placed[change.image, change.region_id] for change in edit.regions))
    return _perform_notes(db, edit)


def _perform_notes(db: sqlite3.Connection, edit: Edit) -> Edit:
    """Change the notes as ``edit`` says, and say that images which have regions now are not empty: the edit that gave
    them regions takes this back when it is undone."""
    for image in dict.fromkeys([*(change.image for change in edit.notes), *(change.image for change in edit.regions)]):
        before = image_notes(db, image)
        after = notes_after(before, edit, image=image)
        if after.reviewed_empty and _has_regions(db, image):
            after = replace(after, reviewed_empty=False)
            others = (change for change in edit.notes if change.image != image)
            edit = replace(edit, notes=(*others, NotesChange(image, before, after)))
        if after != before:
            db.execute(
                "UPDATE images SET note = ?, reviewed_empty = ? WHERE id = ?",
                (to_db(after.note), int(after.reviewed_empty), ensure_image(db, image)),
            )
    return edit


def _has_regions(db: sqlite3.Connection, image: str) -> bool:
    row = db.execute("SELECT regions FROM images WHERE key = ?", (to_db(image),)).fetchone()
    return row is not None and row[0] > 0


def _perform_on_image(
    db: sqlite3.Connection, rows: RegionRows, image: str, changes: list[RegionChange]
) -> list[RegionChange]:
    owner = ensure_image(db, image)
    done: list[RegionChange] = []
    places = _places(db, owner) if any(c.after is None for c in changes) else {}
    for change in changes:
        row = db.execute(
            f"SELECT id, {COLUMNS} FROM regions WHERE image_id = ? AND region_id = ?", (owner, to_db(change.region_id))
        ).fetchone()
        check_fits(change, None if row is None else rows.read(row[1:]))
        if change.before is not None and change.after is not None:
            rows.update(row[0], change.before, change.after)
        elif change.after is None and row is not None:
            rows.delete(row[0])
            if change.index is None:
                change = replace(change, index=places[row[0]])
        done.append(change)
    for created in in_order_of_creation(changes):
        if created.after is not None:
            rows.insert(owner, created.after, position=_position(db, owner, created.index))
    db.execute(f"{COUNT_REGIONS} WHERE id = ?", (owner,))
    return done


def _places(db: sqlite3.Connection, owner: int) -> dict[int, int]:
    rows = db.execute("SELECT id FROM regions WHERE image_id = ? ORDER BY position, id", (owner,))
    return {id_: place for place, (id_,) in enumerate(rows)}


def _position(db: sqlite3.Connection, owner: int, index: int | None) -> float:
    """A position that puts a new region at ``index``; others are renumbered only where no number is left between."""
    if index is None:
        (last,) = db.execute("SELECT max(position) FROM regions WHERE image_id = ?", (owner,)).fetchone()
        return 0.0 if last is None else float(last) + 1.0
    while True:
        around = db.execute(
            "SELECT position FROM regions WHERE image_id = ? ORDER BY position, id LIMIT 2 OFFSET ?",
            (owner, max(index - 1, 0)),
        ).fetchall()
        if not around:
            return _position(db, owner, None)
        if index == 0:
            return float(around[0][0]) - 1.0
        if len(around) == 1:
            return float(around[0][0]) + 1.0
        below, above = float(around[0][0]), float(around[1][0])
        if above - below > _SMALLEST_GAP:
            return (below + above) / 2
        db.executemany("UPDATE regions SET position = ? WHERE id = ?", [(p, i) for i, p in _places(db, owner).items()])


# ---------------------------------------------------------------------------------------------------------- history


def record(db: sqlite3.Connection, rows: RegionRows, edit: Edit, *, at: str) -> None:
    """Put ``edit`` on its undo stack: what could be redone is gone, and so are steps beyond ``HISTORY_STEPS``.

    The first suggestion about a region becomes part of the step that created the region.
    """
    stack = ensure_image(db, edit.image) if edit.image else PROJECT_STACK
    db.execute("DELETE FROM history WHERE image_id = ? AND undone = 1", (stack,))
    if _complete_creation(db, rows, stack, edit):
        return
    db.execute(
        "INSERT INTO history (image_id, label, created_at, edit) VALUES (?, ?, ?, ?)",
        (stack, to_db(edit.label), at, _pack(edit, rows)),
    )
    db.execute(
        "DELETE FROM history WHERE image_id = ?1 AND undone = 0 AND id <= (SELECT id FROM history WHERE image_id = ?1 "
        "AND undone = 0 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        (stack, HISTORY_STEPS),
    )


def _complete_creation(db: sqlite3.Connection, rows: RegionRows, stack: int, edit: Edit) -> bool:
    """Make ``edit`` part of the step that created its region, when it is the first suggestion about that and the region
    is as it was created. Answers whether it was made so."""
    suggestion = first_suggestion(edit)
    if suggestion is None:
        return False
    steps = db.execute(
        "SELECT id, edit FROM history WHERE image_id = ? ORDER BY id DESC LIMIT ?", (stack, _STEPS_BACK_TO_CREATION)
    )
    for id_, packed in steps:
        try:
            step = unpack(packed, rows)
        except ProjectError:
            return False
        if suggestion.region_id not in {change.region_id for change in step.regions}:
            continue
        whole = completed(step, suggestion)
        if whole is not None:
            db.execute("UPDATE history SET edit = ? WHERE id = ?", (_pack(whole, rows), id_))
        return whole is not None
    return False


def next_step(
    db: sqlite3.Connection, rows: RegionRows, stack: int, way: Literal["undo", "redo"]
) -> tuple[int, Edit] | None:
    """(row id, edit) of the step that undo or redo takes next."""
    order = "undone = 0 ORDER BY id DESC" if way == "undo" else "undone = 1 ORDER BY id"
    row = db.execute(f"SELECT id, edit FROM history WHERE image_id = ? AND {order} LIMIT 1", (stack,)).fetchone()
    return None if row is None else (int(row[0]), unpack(row[1], rows))


def mark(db: sqlite3.Connection, step: int, way: Literal["undo", "redo"]) -> None:
    """The step was undone, or done again."""
    db.execute("UPDATE history SET undone = ? WHERE id = ?", (1 if way == "undo" else 0, step))


def history_state(db: sqlite3.Connection, stack: int | None) -> HistoryState:
    """What undo and redo would do."""
    if stack is None:
        return HistoryState()
    labels = [
        db.execute(f"SELECT label FROM history WHERE image_id = ? AND {order} LIMIT 1", (stack,)).fetchone()
        for order in ("undone = 0 ORDER BY id DESC", "undone = 1 ORDER BY id")
    ]
    undo, redo = (None if row is None else from_db(row[0]) for row in labels)
    return HistoryState(undo is not None, redo is not None, undo or "", redo or "")


def recount(db: sqlite3.Connection, owners: Sequence[int]) -> None:
    """Count the regions of images again."""
    db.executemany(f"{COUNT_REGIONS} WHERE id = ?", [(owner,) for owner in owners])


def read_schema(db: sqlite3.Connection) -> AttributeSchema:
    """The attributes that the project asks about; one without name and attributes until it was set."""
    row = db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    return AttributeSchema("") if row is None else decode(AttributeSchema, json.loads(row[0]))


def _pack(edit: Edit, rows: RegionRows) -> bytes:
    """``edit`` as the history keeps it: regions hold the same words before and after, so compression halves it."""
    kept = rename_in_edit(edit, rows.names.keys, rows.category_names.keys)
    return zlib.compress(json.dumps(encode(kept), separators=(",", ":")).encode("ascii"), 1)


def unpack(data: bytes, rows: RegionRows) -> Edit:
    """The edit that a step of the history is, its attributes and categories called by their names of now.

    Raises:
        ProjectError: it is damaged, or unpacks to more than `_MOST_OF_STEP`.
    """
    try:
        edit = decode(Edit, json.loads(unpacked(data, most=_MOST_OF_STEP)))
    except (FormatError, ValueError, RecursionError) as error:
        raise ProjectError(
            "A step of the history cannot be read ({reason}): what it changed stays as it is.", reason=error
        ) from error
    return rename_in_edit(edit, rows.names.names, rows.category_names.names)
