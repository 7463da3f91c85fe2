"""Questions to the project file: lists of images, search, the review queue, targets of a batch run."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import get_args

from roi_assistant.core.record_json import decode
from roi_assistant.core.records import Conversation, ImageNotes, Region, ReviewState
from roi_assistant.core.review import preferred_caption
from roi_assistant.errors import BadInputError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.storage.attribute_names import AttributeNames
from roi_assistant.storage.category_edits import has_regions, read_list
from roi_assistant.storage.keys import from_db, to_db
from roi_assistant.storage.records import (
    BatchFilter,
    BatchTarget,
    BatchTargets,
    ImageFilter,
    ImageGrouping,
    ImageOrder,
    ImageRow,
    ImageRows,
    ImageSort,
    QueueFilter,
    QueueItem,
    ReviewCounts,
    SearchHit,
)
from roi_assistant.storage.region_rows import COLUMNS, NO_CATEGORY_ID, RegionRows
from roi_assistant.storage.search_text import like_pattern, match_query

_IMAGE_COLUMNS = ", ".join(ImageRow._fields)
_PREFIXED = ", ".join(f"r.{name.strip()}" for name in COLUMNS.split(","))
_RANKED = 5000
"""Search hits are ranked when there are fewer than this many."""
_LATEST = 150
_LATEST_LOOKED_AT = 20_000
_LATEST_CATEGORIZED = 2_000
"""Regions of a category in one state whose captions are offered for the next one; to read them takes about 6 ms."""
_FOUND_BY_TEXT = "r.id IN (SELECT rowid FROM region_search WHERE region_search MATCH ?)"
_IN_QUEUE = "r.state = 'suggested' AND r.certainty IS NOT NULL"
_HAS_WORDS = "r.state <> 'rejected' AND r.captions > 0"
# A body that is no JSON belongs to a damaged region, which is left out when it is read.
_ANSWERED = (
    "json_valid(r.body) AND EXISTS "
    "(SELECT 1 FROM json_each(r.body, '$.o') AS o WHERE json_extract(o.value, '$[0]') = ?)"
)
_TARGET = "(r.state = 'suggested' OR (r.state IN ('accepted', 'edited') AND r.captions = 0))"

_ORDERS: dict[str, tuple[str, ...]] = {
    "certainty": ("r.certainty", "r.id"),
    "model": ("r.model", "r.certainty", "r.id"),
    "category": ("r.category_id", "r.certainty", "r.id"),
    "image": ("i.sort", "r.image_id", "r.position", "r.id"),
    # Those that no other model was asked about come last.
    "disagreement": ("-coalesce(r.disagreement, -1.0)", "r.certainty", "r.id"),
}


# {way} is where they can be turned round. States are as in ImageRow.state; in keys.sort_key a folder ends at char(2).
_IMAGE_ORDERS: dict[ImageSort, str] = {
    "name": "sort {way}, id {way}",
    "date": "file_time(key) {way} NULLS LAST, sort, id",
    "to_review": "-suggested {way}, sort, id",
    "certainty": "certainty {way} NULLS LAST, sort, id",
}
_IMAGE_GROUPS: dict[ImageGrouping, str] = {
    "none": "",
    "folder": "substr(sort, 1, instr(sort, char(2))), ",
    "state": "CASE WHEN problem <> '' THEN 3 WHEN suggested > 0 THEN 0 WHEN regions > 0 OR reviewed_empty THEN 2 "
    "ELSE 1 END, ",
}


# ------------------------------------------------------------------------------------------------------------ images


def images(
    db: sqlite3.Connection,
    flt: ImageFilter,
    names: AttributeNames,
    order: ImageOrder,
    file_time: Callable[[str], float | None],
) -> ImageRows:
    """The images that ``flt`` finds, in ``order``; ``file_time`` tells the date of the file of an image."""
    where, values = _image_condition(flt, names)
    if order.sort not in _IMAGE_ORDERS or order.group not in _IMAGE_GROUPS:
        raise BadInputError("{order} is not an order of images.", order=repr(order))
    if order.sort == "date":
        db.create_function("file_time", 1, lambda key: file_time(from_db(key)))
    way = "DESC" if order.reverse else "ASC"
    by = _IMAGE_GROUPS[order.group] + _IMAGE_ORDERS[order.sort].format(way=way)
    found = db.execute(f"SELECT {_IMAGE_COLUMNS} FROM images WHERE {where} ORDER BY {by}", values)
    return ImageRows(found, group=order.group)


def image_count(db: sqlite3.Connection, flt: ImageFilter, names: AttributeNames) -> int:
    """How many images ``flt`` finds."""
    where, values = _image_condition(flt, names)
    return int(db.execute(f"SELECT count(*) FROM images WHERE {where}", values).fetchone()[0])


def image(db: sqlite3.Connection, key: str) -> ImageRow | None:
    """One image."""
    row = db.execute(f"SELECT {_IMAGE_COLUMNS} FROM images WHERE key = ?", (to_db(key),)).fetchone()
    return None if row is None else ImageRows([row])[0]


def image_notes(db: sqlite3.Connection, key: str) -> ImageNotes:
    """What a person noted of one image; nothing for an image that is not there."""
    row = image(db, key)
    return ImageNotes() if row is None else ImageNotes(row.note, bool(row.reviewed_empty))


def _image_condition(flt: ImageFilter, names: AttributeNames) -> tuple[str, list[object]]:
    conditions: list[str] = []
    values: list[object] = []
    if flt.only_with_regions:
        conditions.append("images.regions > 0")
    if flt.problem:
        conditions.append("images.problem <> ''")
    if flt.note:
        conditions.append("images.note <> ''")
    if flt.reviewed_empty:
        conditions.append("images.reviewed_empty = 1")
    simple = not (flt.text.strip() or flt.category is not None or flt.attribute or flt.model is not None)
    if simple and flt.states:
        conditions.append("(" + " OR ".join(f"images.{_state(state)} > 0" for state in sorted(flt.states)) + ")")
    elif not simple:
        clause, more = _region_condition(flt, names)
        conditions.append(clause)
        values += more
    return " AND ".join(conditions) or "1", values


def _region_condition(flt: ImageFilter, names: AttributeNames) -> tuple[str, list[object]]:
    """Images with a region for which all holds; a text may also stand in the file name or in the note."""
    conditions: list[str] = []
    values: list[object] = []
    if flt.states:
        conditions.append("r.state IN (" + ", ".join(f"'{_state(state)}'" for state in sorted(flt.states)) + ")")
    if flt.category is not None:
        conditions.append("r.category_id = coalesce((SELECT id FROM categories WHERE name = ?), -2)")
        values.append(to_db(flt.category))
    if flt.model is not None:
        conditions.append("r.model = ?")
        values.append(to_db(flt.model))
    if flt.attribute:
        name, value = flt.attribute
        conditions.append(
            "r.id IN (SELECT rt.region FROM region_terms AS rt JOIN terms AS t ON t.id = rt.term WHERE t.name = ?"
            + (" AND t.value = ?)" if value else ")")
        )
        key = to_db(names.key(name))
        values += [key, to_db(value)] if value else [key]

    def having(*extra: str) -> str:
        return f"images.id IN (SELECT r.image_id FROM regions AS r WHERE {' AND '.join([*conditions, *extra])})"

    text = flt.text.strip()
    if not text:
        return having(), values
    words = text.split()
    noted = " AND ".join(["images.note LIKE ? ESCAPE '\\'"] * len(words))
    named = " AND ".join([f"(images.key LIKE ? ESCAPE '\\' OR {noted})", *([having()] if conditions else [])])
    all_values = [like_pattern(text), *map(like_pattern, words), *values]
    match = match_query(text, names)
    if not match:
        return f"({named})", all_values
    return f"({named} OR {having(_FOUND_BY_TEXT)})", [*all_values, *values, match]


def _state(state: str) -> str:
    if state not in get_args(ReviewState):
        raise BadInputError("{state} is not a review state.", state=repr(state))
    return state


# ------------------------------------------------------------------------------------------------------------ search


def search(db: sqlite3.Connection, rows: RegionRows, text: str, *, limit: int) -> list[SearchHit]:
    """Regions with the words of ``text``, best first, or, where very many have them, in the order of the file."""
    match = match_query(text, rows.names)
    if not match:
        return []
    # Ranking reads every hit: with the first letters of a word, in a large project, that is seconds for each key typed.
    some = db.execute(
        "SELECT count(*) FROM (SELECT rowid FROM region_search WHERE region_search MATCH ? LIMIT ?)", (match, _RANKED)
    ).fetchone()
    rank = "rank" if some[0] < _RANKED else "0 AS rank"
    hit_rows = db.execute(
        f"SELECT i.key, {_PREFIXED} FROM (SELECT rowid AS id, {rank} FROM region_search WHERE region_search MATCH ? "
        f"{'ORDER BY rank ' if some[0] < _RANKED else ''}LIMIT ?) AS hit JOIN regions AS r ON r.id = hit.id "
        "JOIN images AS i ON i.id = r.image_id ORDER BY hit.rank, r.id",
        (match, limit),
    )
    hits = []
    for key, *row in hit_rows:
        region = rows.read(tuple(row))
        caption = preferred_caption(region)
        hits.append(
            SearchHit(from_db(key), region.id, caption.text if caption else "", region.category or "", region.state)
        )
    return hits


# ------------------------------------------------------------------------------------------------------------ review


def review_queue(db: sqlite3.Connection, rows: RegionRows, flt: QueueFilter) -> list[QueueItem]:
    """One page of suggestions. Each page begins behind the last item of the one before, so it costs the same."""
    if flt.order not in _ORDERS:
        raise BadInputError("{order} is not an order of the review queue.", order=repr(flt.order))
    order, width = ", ".join(_ORDERS[flt.order]), len(_ORDERS[flt.order])
    found = queue_conditions(flt, rows)
    if found is None:
        return []
    conditions, values = found
    if flt.after is not None:
        if len(flt.after) != width:
            raise BadInputError("The cursor belongs to another order of the review queue: begin at the first page.")
        conditions.append(f"({order}) > ({', '.join('?' * width)})")
        values += flt.after
    # CROSS JOIN keeps SQLite at the order in which the tables stand; else it sorts all suggestions for each page.
    tables = "images AS i CROSS JOIN regions AS r" if flt.order == "image" else "regions AS r CROSS JOIN images AS i"
    queue_rows = db.execute(
        f"SELECT i.key, r.certainty, r.model, {order}, {_PREFIXED} FROM {tables} "
        f"WHERE i.id = r.image_id AND {' AND '.join(conditions)} ORDER BY {order} LIMIT ?",
        [*values, flt.limit],
    )
    items = []
    for key, certainty, model, *rest in queue_rows:
        cursor, row = tuple(rest[:width]), tuple(rest[width:])
        for region in rows.read_all((row,)):
            items.append(QueueItem(from_db(key), region, certainty, from_db(model), cursor))
    return items


def queue_conditions(flt: QueueFilter, rows: RegionRows) -> tuple[list[str], list[object]] | None:
    """What ``flt`` asks of the rows ``r`` of the table regions, whatever its order and page, as SQL with its values;
    None where no region can be meant."""
    conditions, values = [_IN_QUEUE], list[object]()
    if flt.model is not None:
        conditions.append("r.model = ?")
        values.append(to_db(flt.model))
    if flt.category is not None:
        conditions.append("r.category_id = coalesce((SELECT id FROM categories WHERE name = ?), ?)")
        values += [to_db(flt.category), NO_CATEGORY_ID if flt.category == "" else -2]
    if flt.image is not None:
        conditions.append("r.image_id = (SELECT id FROM images WHERE key = ?)")
        values.append(to_db(flt.image))
    if flt.text.strip():
        match = match_query(flt.text, rows.names)
        if not match:
            return None
        conditions.append(_FOUND_BY_TEXT)
        values.append(match)
    return conditions, values


def review_counts(db: sqlite3.Connection) -> ReviewCounts:
    """Sums over the images, and what stands in the queue."""
    all_images, with_regions, *states = db.execute(
        "SELECT count(*), count(*) FILTER (WHERE regions > 0), total(suggested), total(accepted), total(edited), "
        "total(rejected) FROM images"
    ).fetchone()
    suggested, accepted, edited, rejected = map(int, states)
    by_model = db.execute(f"SELECT r.model, count(*) FROM regions AS r WHERE {_IN_QUEUE} GROUP BY r.model ORDER BY 1")
    models = {from_db(model): count for model, count in by_model}
    return ReviewCounts(
        all_images, with_regions, suggested, accepted, edited, rejected, sum(models.values()), to_review_by_model=models
    )


# ---------------------------------------------------------------------------------------------------- earlier captions


def earlier_captions(
    db: sqlite3.Connection, rows: RegionRows, categories: Sequence[str], *, most: int
) -> tuple[str, ...]:
    """What people accepted or wrote of regions in ``categories``, the first category first, the most frequent first
    and of equally frequent ones the latest. Only the latest regions of each category are looked at."""
    ordered: dict[str, None] = {}
    for name in categories:
        counts: Counter[str] = Counter()
        for state in ("edited", "accepted"):
            latest = db.execute(
                f"SELECT {_PREFIXED} FROM regions AS r WHERE r.state = ? AND r.category_id = "
                "(SELECT id FROM categories WHERE name = ?) ORDER BY r.id DESC LIMIT ?",
                (state, to_db(name), _LATEST),
            )
            captions = map(preferred_caption, rows.read_all(latest))
            counts.update(caption.text for caption in captions if caption is not None)
        ordered.update(dict.fromkeys(text for text, _ in counts.most_common()))
    return tuple(itertools.islice(ordered, most))


def categorized_regions(db: sqlite3.Connection, rows: RegionRows) -> tuple[Region, ...]:
    """The latest regions that people decided about and that have a category, the latest first."""
    latest = db.execute(
        f"SELECT {_PREFIXED} FROM (SELECT * FROM regions ORDER BY id DESC LIMIT {_LATEST_LOOKED_AT}) AS r "
        f"WHERE r.state IN ('accepted', 'edited') AND r.category_id <> {NO_CATEGORY_ID} ORDER BY r.id DESC LIMIT ?",
        (_LATEST_CATEGORIZED,),
    )
    return tuple(rows.read_all(latest))


# ------------------------------------------------------------------------------------------------------------- batch


def batch_targets(db: sqlite3.Connection, flt: BatchFilter, names: AttributeNames) -> BatchTargets:
    """Counts, and an iterator that asks for some images at a time."""
    where, values = _target_condition(flt, names)
    counted = db.execute(
        f"SELECT count(DISTINCT r.image_id), count(*) FROM regions AS r WHERE r.image_id > ? AND {where}",
        [flt.after_image, *values],
    ).fetchone()

    def start() -> Iterator[BatchTarget]:
        last = flt.after_image
        while True:
            owners = db.execute(
                f"SELECT DISTINCT r.image_id FROM regions AS r WHERE r.image_id > ? AND {where} "
                "ORDER BY r.image_id LIMIT 100",
                [last, *values],
            ).fetchall()
            if not owners:
                return
            for (owner,) in owners:
                ids = db.execute(
                    f"SELECT r.region_id FROM regions AS r WHERE r.image_id = ? AND {where} ORDER BY r.position, r.id",
                    [owner, *values],
                ).fetchall()
                (key,) = db.execute("SELECT key FROM images WHERE id = ?", (owner,)).fetchone()
                if ids:
                    yield BatchTarget(owner, from_db(key), tuple(from_db(id_) for (id_,) in ids))
                last = owner

    return BatchTargets(int(counted[0]), int(counted[1]), start)


def _target_condition(flt: BatchFilter, names: AttributeNames) -> tuple[str, list[object]]:
    conditions = [_TARGET]
    values: list[object] = []
    if flt.compare_with:
        conditions = [_HAS_WORDS, "r.model <> ?", f"NOT ({_ANSWERED})"]
        values += [to_db(flt.compare_with)] * 2
    if flt.only_empty:
        conditions.append("r.captions = 0")
    if flt.skip_model:
        conditions.append("r.model <> ?")
        values.append(to_db(flt.skip_model))
    if flt.images != ImageFilter():
        where, more = _image_condition(flt.images, names)
        conditions.append(f"r.image_id IN (SELECT images.id FROM images WHERE {where})")
        values += more
    return " AND ".join(conditions), values


# ------------------------------------------------------------------------------------------------------------- export


def category_ids(db: sqlite3.Connection) -> dict[str, int]:
    """All categories by id, without those that were merged or deleted and have no regions."""
    removed = set(read_list(db).removed)
    known = {from_db(name): id_ for name, id_ in db.execute("SELECT name, id FROM categories ORDER BY id")}
    return {name: id_ for name, id_ in known.items() if name not in removed or has_regions(db, id_)}


def conversations(db: sqlite3.Connection, image: str) -> tuple[Conversation, ...]:
    """The conversations about ``image``, oldest first."""
    rows = db.execute(
        "SELECT body FROM conversations WHERE image_id = (SELECT id FROM images WHERE key = ?) ORDER BY created_at, id",
        (to_db(image),),
    )
    return tuple(decode(Conversation, json.loads(body)) for (body,) in rows)


def export_images(db: sqlite3.Connection, rows: RegionRows) -> Iterator[AnnotatedImage]:
    """All images with their regions and conversations, one after the other."""
    talked_about = {id_ for (id_,) in db.execute("SELECT DISTINCT image_id FROM conversations")}
    joined = db.execute(
        f"SELECT i.id, i.key, i.width, i.height, i.note, i.reviewed_empty, {_PREFIXED} FROM images AS i "
        "LEFT JOIN regions AS r ON r.image_id = i.id ORDER BY i.sort, i.id, r.position, r.id"
    )
    for _, group in itertools.groupby(joined, key=itemgetter(0)):
        records = list(group)
        id_, key, width, height, note, reviewed_empty = records[0][:6]
        regions = tuple(rows.read_all(record[6:] for record in records if record[6] is not None))
        yield AnnotatedImage(
            from_db(key),
            width,
            height,
            regions,
            note=from_db(note),
            reviewed_empty=bool(reviewed_empty),
            conversations=conversations(db, from_db(key)) if id_ in talked_about else (),
        )
