"""Regions as rows of the table ``regions`` and back, exactly.

Columns hold what is searched, counted and sorted; captions, attributes and alternatives are JSON in ``body``, because
they are only ever read with their region. Provenances repeat for every field of a run and are kept once each.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast, get_args

from roi_assistant.core import review
from roi_assistant.core.box import Box
from roi_assistant.core.disagreement import disagreement
from roi_assistant.core.record_json import decode, encode
from roi_assistant.core.records import (
    Answer,
    Attribute,
    Caption,
    Provenance,
    Region,
    RegionKey,
    ReviewState,
    ScoredText,
)
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.storage.attribute_names import (
    ATTRIBUTES,
    CATEGORIES,
    AttributeNames,
    parse_names,
    store_names,
    stored_names,
)
from roi_assistant.storage.keys import from_db, to_db
from roi_assistant.storage.search_text import searchable, word_agreement, word_count

_log = logging.getLogger(__name__)
COLUMNS = "region_id, x1, y1, x2, y2, category_id, category_score, state, unsure, locked, created_at, reviewed_at, body"
"""What ``RegionRows.read`` needs, in this order."""

_WRITTEN = (
    "region_id", "x1", "y1", "x2", "y2", "category_id", "category_score", "state", "unsure", "locked", "created_at",
    "reviewed_at", "certainty", "model", "captions", "caption_words", "agreement", "caption_text", "attribute_text",
    "body", "disagreement",
)  # fmt: skip
_INSERT = (
    f"INSERT INTO regions (image_id, position, {', '.join(_WRITTEN)}) "
    f"VALUES (:image_id, :position, {', '.join(':' + name for name in _WRITTEN)})"
)
_UPDATE = f"UPDATE regions SET {', '.join(f'{name} = :{name}' for name in _WRITTEN)} WHERE id = :id"
_CACHED_PROVENANCES = 20_000
_STATES = frozenset(get_args(ReviewState))
NO_CATEGORY_ID = -1


class RegionRows:
    """Reads and writes regions over one connection. Writing needs an open transaction of the caller."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._provenances: dict[int, Provenance] = {}
        self._provenance_ids: dict[Provenance, int] = {}
        self._categories: dict[int, str] = {}
        self._category_ids: dict[str, int] = {}
        self._unreadable: list[str] = []
        self._stored_names = self._stored_category_names = ""
        self.names = AttributeNames()
        """What attributes are called, as of the last ``learn_names``."""
        self.category_names = AttributeNames()
        """What categories are called that steps of undo name by their keys."""
        self.learn_names()

    def forget(self) -> None:
        """Drop what is remembered of ids; needed after a rollback, which may have taken new ids back."""
        for memory in (self._provenances, self._provenance_ids, self._categories, self._category_ids):
            memory.clear()
        self.learn_names()

    def learn_names(self) -> None:
        """Look what attributes and categories are called now: another connection may have renamed some."""
        stored = stored_names(self._db, ATTRIBUTES)
        if stored != self._stored_names:
            self._stored_names, self.names = stored, parse_names(stored)
        stored = stored_names(self._db, CATEGORIES)
        if stored != self._stored_category_names:
            self._stored_category_names, self.category_names = stored, parse_names(stored)
            self._categories.clear()
            self._category_ids.clear()

    def rename(self, exchanged: Mapping[str, str]) -> None:
        """Give the attributes of all regions and steps of undo the names of ``core.edits.exchange``."""
        self.names = self.names.renamed(exchanged)
        self._stored_names = store_names(self._db, ATTRIBUTES, self.names)

    def rename_category(self, exchanged: Mapping[str, str]) -> None:
        """The row of a category has another name: steps of undo find it under that."""
        self.category_names = self.category_names.renamed(exchanged)
        self._stored_category_names = store_names(self._db, CATEGORIES, self.category_names)
        self._categories.clear()
        self._category_ids.clear()

    # ------------------------------------------------------------------------------------------------------ reading

    def read_all(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[Region]:
        """The regions of ``rows``. One that is damaged is left out and costs no other; see `take_unreadable`."""
        for row in rows:
            try:
                yield self.read(row)
            except (ValueError, KeyError, TypeError, BoxError, FormatError, sqlite3.DatabaseError) as error:
                _log.warning("Region %s cannot be read: %s", from_db(row[0]), error)
                self._unreadable.append(from_db(row[0]))

    def take_unreadable(self) -> tuple[str, ...]:
        """The ids of regions that were left out since this was asked last."""
        ids, self._unreadable = tuple(self._unreadable), []
        return ids

    def read(self, row: tuple[Any, ...]) -> Region:
        """A row of ``COLUMNS`` as a region."""
        (id_, x1, y1, x2, y2, category, category_score, state, unsure, locked, created_at, reviewed_at, body) = row
        data = json.loads(body)
        if state not in _STATES:
            raise ValueError(f"there is no review state {state!r}")
        return Region(
            id=from_db(id_),
            box=Box(x1, y1, x2, y2),
            category=self.category_name(category),
            captions=tuple(
                Caption(text, self._provenance(by, raw), score, bool(preferred))
                for text, by, raw, score, preferred in data.get("c", ())
            ),
            attributes=self._attributes(data.get("a", ())),
            state=cast(ReviewState, state),
            category_score=category_score,
            unsure=bool(unsure),
            category_provenance=self._provenance(*data["p"]) if "p" in data else None,
            category_alternatives=tuple(ScoredText(text, score) for text, score in data.get("g", ())),
            locked=bool(locked),
            created_at=from_db(created_at),
            reviewed_at=from_db(reviewed_at),
            category_unconfirmed="u" in data,
            copied_from=data.get("f", ""),
            like=tuple(RegionKey(image, id_) for image, id_ in data.get("l", ())),
            answers=tuple(map(self._answer, data.get("o", ()))),
        )

    def _attributes(self, stored: Iterable[Sequence[Any]]) -> tuple[Attribute, ...]:
        return tuple(
            Attribute(self.names.name(key), tuple(values), self._provenance(by, raw), score, source, bool(unconfirmed))
            for key, values, by, raw, score, source, *unconfirmed in stored
        )

    def _answer(self, stored: Sequence[Any]) -> Answer:
        _model, by, raw, caption, score, category, category_score, attributes = stored
        return Answer(
            provenance=self._provenance(by, raw),
            caption=caption,
            score=score,
            category=category,
            category_score=category_score,
            attributes=self._attributes(attributes),
        )

    def category_name(self, category_id: int) -> str | None:
        """The name of a category, None for ``NO_CATEGORY_ID``."""
        if category_id == NO_CATEGORY_ID:
            return None
        if category_id not in self._categories:
            row = self._db.execute("SELECT name FROM categories WHERE id = ?", (category_id,)).fetchone()
            if row is None:
                raise sqlite3.DatabaseError(f"category {category_id} is missing")
            self._categories[category_id] = from_db(row[0])
        return self._categories[category_id]

    def _provenance(self, id_: int, raw_output: str) -> Provenance:
        provenance = self._provenances.get(id_)
        if provenance is None:
            row = self._db.execute("SELECT body FROM provenances WHERE id = ?", (id_,)).fetchone()
            if row is None:
                raise sqlite3.DatabaseError(f"provenance {id_} is missing")
            provenance = decode(Provenance, json.loads(row[0]))
            if len(self._provenances) >= _CACHED_PROVENANCES:
                self._provenances.clear()
            self._provenances[id_] = provenance
        return replace(provenance, raw_output=raw_output) if raw_output else provenance

    # ------------------------------------------------------------------------------------------------------ writing

    def insert(self, image_id: int, region: Region, *, position: float) -> None:
        """A new row for ``region``."""
        values = self._values(region)
        row_id = self._db.execute(_INSERT, {"image_id": image_id, "position": position, **values}).lastrowid or 0
        self._write_terms(row_id, region.attributes)

    def update(self, row_id: int, before: Region, after: Region) -> None:
        """The row ``row_id``, which holds ``before``, gets ``after``."""
        self._db.execute(_UPDATE, {"id": row_id, **self._values(after)})
        if _terms(before.attributes) != _terms(after.attributes):
            self._db.execute("DELETE FROM region_terms WHERE region = ?", (row_id,))
            self._write_terms(row_id, after.attributes)

    def delete(self, row_id: int) -> None:
        """Delete a row; its rows in ``region_terms`` go with it."""
        self._db.execute("DELETE FROM regions WHERE id = ?", (row_id,))

    def category_id(self, name: str | None, *, new_id: int | None = None) -> int:
        """The id of the category ``name``, made when it is new (``new_id``, if that is free)."""
        if name is None:
            return NO_CATEGORY_ID
        known = self._category_ids.get(name)
        if known is not None:
            return known
        stored = to_db(name)
        row = self._db.execute("SELECT id FROM categories WHERE name = ?", (stored,)).fetchone()
        if row is None:
            taken = "SELECT 1 FROM categories WHERE id = ?"
            if new_id is not None and (new_id < 0 or self._db.execute(taken, (new_id,)).fetchone()):
                new_id = None
            cursor = self._db.execute(
                "INSERT INTO categories (id, name, words) VALUES (?, ?, ?)", (new_id, stored, searchable(name))
            )
            row = (cursor.lastrowid,)
        self._category_ids[name] = row[0]
        return int(row[0])

    def _values(self, region: Region) -> Mapping[str, object]:
        preferred = review.preferred_caption(region)
        suggested = review.suggested_caption(region)
        searched = [c.text for c in region.captions if c is preferred or c.provenance.author == "human"]
        return {
            "region_id": to_db(region.id),
            "x1": region.box.x1,
            "y1": region.box.y1,
            "x2": region.box.x2,
            "y2": region.box.y2,
            "category_id": self.category_id(region.category),
            "category_score": region.category_score,
            "state": region.state,
            "unsure": int(region.unsure),
            "locked": int(region.locked),
            "created_at": to_db(region.created_at),
            "reviewed_at": to_db(region.reviewed_at),
            "certainty": review.certainty(region) if review.has_words(region) else None,
            "model": to_db(_model(region)),
            "captions": len(region.captions),
            "caption_words": word_count(preferred.text) if preferred else 0,
            "agreement": (
                word_agreement(suggested.text, preferred.text)
                if preferred and suggested and region.state in ("accepted", "edited")
                else None
            ),
            "caption_text": "\n".join(map(searchable, searched)),
            "attribute_text": "\n".join(
                searchable(f"{self.names.key(a.name)} {' '.join(a.values)}") for a in region.attributes
            ),
            "body": self._body(region),
            "disagreement": disagreement(region),
        }

    def _body(self, region: Region) -> str:
        data: dict[str, object] = {}
        if region.captions:
            data["c"] = [
                (c.text, *self._signed(c.provenance), c.score, 1 if c.preferred else 0) for c in region.captions
            ]
        if region.attributes:
            data["a"] = self._attribute_rows(region.attributes)
        if region.category_provenance is not None:
            data["p"] = self._signed(region.category_provenance)
        if region.category_alternatives:
            data["g"] = [(item.text, item.score) for item in region.category_alternatives]
        if region.category_unconfirmed:
            data["u"] = 1
        if region.copied_from:
            data["f"] = region.copied_from
        if region.like:
            data["l"] = [(key.image, key.region) for key in region.like]
        if region.answers:  # the id of the model first: queries.py looks for it there
            data["o"] = [
                (
                    answer.provenance.model_id,
                    *self._signed(answer.provenance),
                    answer.caption,
                    answer.score,
                    answer.category,
                    answer.category_score,
                    self._attribute_rows(answer.attributes),
                )
                for answer in region.answers
            ]
        return dump(data)

    def _attribute_rows(self, attributes: Iterable[Attribute]) -> list[tuple[object, ...]]:
        return [
            (self.names.key(a.name), a.values, *self._signed(a.provenance), a.score, a.source, *([1] * a.unconfirmed))
            for a in attributes
        ]

    def _signed(self, provenance: Provenance) -> tuple[int, str]:
        raw = provenance.raw_output
        shared = replace(provenance, raw_output="") if raw else provenance
        id_ = self._provenance_ids.get(shared)
        if id_ is None:
            body = dump(encode(shared))
            row = self._db.execute("SELECT id FROM provenances WHERE body = ?", (body,)).fetchone()
            if row is None:
                row = (self._db.execute("INSERT INTO provenances (body) VALUES (?)", (body,)).lastrowid,)
            if len(self._provenance_ids) >= _CACHED_PROVENANCES:
                self._provenance_ids.clear()
            id_ = self._provenance_ids[shared] = int(row[0])
        return id_, raw

    def _write_terms(self, row_id: int, attributes: Iterable[Attribute]) -> None:
        for name, value in _terms(attributes):
            pair = (to_db(self.names.key(name)), to_db(value))
            row = self._db.execute("SELECT id FROM terms WHERE name = ? AND value = ?", pair).fetchone()
            if row is None:
                row = (self._db.execute("INSERT INTO terms (name, value) VALUES (?, ?)", pair).lastrowid,)
            self._db.execute("INSERT OR IGNORE INTO region_terms (region, term) VALUES (?, ?)", (row_id, row[0]))


def dump(data: object) -> str:
    """``data`` as compact JSON text that SQLite can hold, whatever characters it has."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    if isinstance(to_db(text), bytes):
        return json.dumps(data, separators=(",", ":"))
    return text


def _terms(attributes: Iterable[Attribute]) -> set[tuple[str, str]]:
    return {(a.name, value) for a in attributes for value in a.values if value}


def _model(region: Region) -> str:
    suggested = review.suggested_caption(region)
    if suggested is not None:
        return suggested.provenance.model_id
    by = region.category_provenance
    return by.model_id if by is not None and by.author == "model" else ""
