"""Vectors that say how regions look, one for each region, made by the weights of a model.

They are derived from the photos: no step of undo and no export holds them, and whoever loses them makes them again.
SQLite forgets those of regions that are deleted or whose boxes change. A vector is little-endian float16.
"""

from __future__ import annotations

import itertools
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from roi_assistant.core.box import Box
from roi_assistant.errors import BadInputError, BoxError
from roi_assistant.storage.image_edits import image_id
from roi_assistant.storage.keys import from_db, to_db
from roi_assistant.storage.records import FeaturelessRegion, StoredFeatures
from roi_assistant.storage.region_rows import COLUMNS, RegionRows

MOST_DIMENSIONS = 4096
BYTES_OF_A_NUMBER = 2
"""float16"""

_AT_ONCE = 500
_BEFORE_ALL = -(2**63)
_MOST_BYTES = MOST_DIMENSIONS * BYTES_OF_A_NUMBER
# A file from somebody else may hold anything here. SQLite tells type and length without reading the value.
SOUND = (
    "typeof(f.model) = 'text' AND typeof(f.vector) = 'blob' "
    f"AND length(f.vector) BETWEEN {BYTES_OF_A_NUMBER} AND {_MOST_BYTES} AND length(f.vector) % {BYTES_OF_A_NUMBER} = 0"
)
"""Whether a row ``f`` of the table can be read."""
_PREFIXED = ", ".join(f"r.{name.strip()}" for name in COLUMNS.split(","))
# CROSS JOIN keeps SQLite at the order in which the tables stand.
_READ = (
    f"SELECT f.region, i.key, i.width, i.height, f.vector, {_PREFIXED} FROM features AS f "
    "CROSS JOIN regions AS r ON r.id = f.region CROSS JOIN images AS i ON i.id = r.image_id "
    f"WHERE f.model = ? AND {SOUND}"
)
_STORE = (
    "INSERT OR REPLACE INTO features (region, model, vector) SELECT id, ?, ? FROM regions "
    "WHERE image_id = (SELECT id FROM images WHERE key = ?) AND region_id = ?"
)
_LACKING = (
    "SELECT i.key, r.region_id, r.x1, r.y1, r.x2, r.y2 FROM images AS i CROSS JOIN regions AS r ON r.image_id = i.id "
    "WHERE i.id >= :image AND i.accepted + i.edited > 0 AND i.problem = '' AND r.state IN ('accepted', 'edited') "
    "AND (i.id > :image OR r.region_id > :region) AND NOT EXISTS "
    f"(SELECT 1 FROM features AS f WHERE f.region = r.id AND f.model = :model AND {SOUND}) ORDER BY i.id, r.region_id"
)

FORGET_UNUSABLE = f"DELETE FROM features AS f WHERE NOT ({SOUND}) OR f.region NOT IN (SELECT id FROM regions)"
"""A statement that deletes what is not a vector, or of no region."""


def store(
    db: sqlite3.Connection,
    image: str,
    vectors: Mapping[str, bytes],
    *,
    model: str,
    boxes: Mapping[str, Box] | None = None,
) -> None:
    """Keep ``vectors`` of regions of ``image``, by their ids, in place of those that they have of any model. Needs an
    open transaction of the caller. Ids that are not there are left out.

    Args:
        db: The project file.
        image: Key of the image.
        vectors: Region id -> little-endian float16.
        model: sha256 of the weights that made them.
        boxes: Region id -> the box that was looked at. Regions that have another by now are left out.

    Raises:
        BadInputError: a vector has no dimension, a half one, or more than `MOST_DIMENSIONS`; nothing was stored.
    """
    for vector in vectors.values():
        if not vector or len(vector) % BYTES_OF_A_NUMBER or len(vector) > _MOST_BYTES:
            raise BadInputError(
                "A vector of {count} bytes cannot be kept: it must have 1 to {most} numbers of float16.",
                count=len(vector),
                most=MOST_DIMENSIONS,
            )
    for region_id, vector in vectors.items():
        values = (model, bytes(vector), to_db(image), to_db(region_id))
        if boxes is None or region_id not in boxes:
            db.execute(_STORE, values)
        else:
            db.execute(f"{_STORE} AND (x1, y1, x2, y2) = (?, ?, ?, ?)", (*values, *boxes[region_id].xyxy))


def features(
    db: sqlite3.Connection, rows: RegionRows, *, model: str, image: str | None = None
) -> Iterator[StoredFeatures]:
    """All vectors of ``model``, or those of one ``image``, with their regions, in the order of their rows.

    Reads some hundred at a time, so iterating is safe while regions are written. What is damaged is left out.
    """
    blocks = _blocks(db, model) if image is None else _blocks_of_image(db, model, image)
    for block in blocks:
        rows.learn_names()
        for row_id, key, width, height, vector, *row in block:
            size = (width, height) if _is_side(width) and _is_side(height) else None
            for region in rows.read_all((tuple(row),)):
                yield StoredFeatures(row_id, from_db(key), region, vector, size)


def _is_side(pixels: object) -> bool:
    """Whether it is a number of pixels: a file from somebody else may hold anything."""
    return isinstance(pixels, int) and pixels > 0


def _blocks(db: sqlite3.Connection, model: str) -> Iterator[list[tuple[Any, ...]]]:
    last = _BEFORE_ALL
    while True:
        block = db.execute(f"{_READ} AND f.region > ? ORDER BY f.region LIMIT ?", (model, last, _AT_ONCE)).fetchall()
        if not block:
            return
        last = block[-1][0]
        yield block


def _blocks_of_image(db: sqlite3.Connection, model: str, image: str) -> Iterator[list[tuple[Any, ...]]]:
    found = db.execute(
        "SELECT id FROM regions WHERE image_id = (SELECT id FROM images WHERE key = ?) ORDER BY id", (to_db(image),)
    )
    row_ids = array("q", (row_id for (row_id,) in found))
    for start in range(0, len(row_ids), _AT_ONCE):
        chunk = row_ids[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(chunk))
        yield db.execute(f"{_READ} AND f.region IN ({marks}) ORDER BY f.region", (model, *chunk)).fetchall()


def without_features(
    db: sqlite3.Connection, *, model: str, most: int, after: tuple[str, str] | None = None
) -> list[FeaturelessRegion]:
    """Accepted and edited regions that lack a vector of ``model``, at most so many, image by image in the order in
    which the images were added. Those of images that cannot be read are left out.

    ``after`` (key of the image, region id): only those behind it, whether it is still there or not.
    """
    image, region_id = after or ("", "")
    values = {"model": model, "image": image_id(db, image) or 0, "region": to_db(region_id)}
    found = db.execute(_LACKING, values)
    return list(itertools.islice(_readable(found), most))


def _readable(found: Iterable[tuple[Any, ...]]) -> Iterator[FeaturelessRegion]:
    for key, region_id, *xyxy in found:
        try:
            box = Box(*xyxy)
        except (BoxError, TypeError):  # told by the check of the regions
            continue
        yield FeaturelessRegion(from_db(key), from_db(region_id), box)


def models(db: sqlite3.Connection) -> tuple[str, ...]:
    """The sha256 of the weights that made vectors, here or in a project that taught this one; first those with most."""
    found = db.execute(
        "SELECT model, count(*) AS n FROM (SELECT model FROM features UNION ALL SELECT model FROM learned) "
        "WHERE typeof(model) = 'text' GROUP BY model ORDER BY n DESC, model"
    )
    return tuple(model for model, _ in found)


def count_unusable(db: sqlite3.Connection) -> int:
    """How many rows nobody can read."""
    return int(db.execute(f"SELECT count(*) FROM features AS f WHERE NOT ({SOUND})").fetchone()[0])
