"""Figures of the whole project, kept by SQLite as regions change."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from itertools import islice
from typing import Any

from roi_assistant.core.lexicon import is_function_word
from roi_assistant.core.times import local_day
from roi_assistant.storage.attribute_names import AttributeNames
from roi_assistant.storage.keys import from_db
from roi_assistant.storage.queries import review_counts
from roi_assistant.storage.records import LEARNING_STEP, LearningCurve, ModelAgreement, Overview
from roi_assistant.storage.region_rows import NO_CATEGORY_ID
from roi_assistant.storage.schema_sql import (
    AGREEMENT_STEPS,
    AGREEMENT_UNIT,
    AREA_STEPS,
    FIGURES_VERSION,
    GRID,
    MOST_WORDS,
    REGION_FIGURES,
)

VOCABULARY = 500
"""Most frequent words that are listed, function words aside."""

_LEARNED_FROM = 100_000
"""Row ids, the latest, among which the learning curve is looked for: no index knows when regions were decided."""
_DECISIONS = (
    "SELECT r.state = 'accepted' AND r.agreement = 1 AND (r.category_score IS NOT NULL OR r.category_id = ?) "
    "FROM regions AS r WHERE r.id > (SELECT max(id) FROM regions) - ? AND r.reviewed_at <> '' AND r.model <> '' "
    "AND (r.agreement IS NOT NULL OR r.state = 'rejected') ORDER BY r.reviewed_at, r.id"
)

Counts = dict[tuple[Any, Any], int]
"""The arguments of a figure, as SQLite has them -> its value."""


def overview(db: sqlite3.Connection, names: AttributeNames) -> Overview:
    """All figures, as of one moment."""
    db.execute("SAVEPOINT overview")
    try:
        figures = _figures(db)
        vocabulary, distinct = _vocabulary(db)
        return Overview(
            counts=review_counts(db),
            categories=_categories(db, figures["category"]),
            attributes=_attributes(db, figures["term"], names),
            caption_words=_listed(figures["words"], MOST_WORDS + 1),
            vocabulary=vocabulary,
            distinct_words=distinct,
            positions=_grid(figures["position"]),
            sizes=_grid(figures["size"]),
            models=_models(figures),
            reviewed_per_day=_per_day(figures["reviewed"]),
            areas=_listed(figures["area"], AREA_STEPS),
            learning=learning_curve(db),
        )
    finally:
        db.execute("RELEASE overview")


def learning_curve(db: sqlite3.Connection) -> LearningCurve | None:
    """How many suggestions of models were right: accepted with the words that came first, and with the category of a
    model. None before `LEARNING_STEP` decisions.

    A project keeps when a person decided about a region last, not each time: one that is decided again moves to the
    end. Of a project with very many regions only the latest that were added are looked at.
    """
    right = [bool(is_right) for (is_right,) in db.execute(_DECISIONS, (NO_CATEGORY_ID, _LEARNED_FROM))]
    if len(right) < LEARNING_STEP:
        return None
    whole = range(0, len(right) - LEARNING_STEP + 1, LEARNING_STEP)
    steps = tuple(sum(right[start : start + LEARNING_STEP]) for start in whole)
    return LearningCurve(decided=len(right), steps=steps, last=sum(right[-LEARNING_STEP:]))


def models(db: sqlite3.Connection) -> tuple[str, ...]:
    """The models that regions in any state have suggestions of."""
    return tuple(sorted(from_db(model) for model in {model for model, _ in _figures(db)["model"]}))


def category_counts(db: sqlite3.Connection) -> dict[str, int]:
    """Name -> regions that are not rejected, the most frequent first; "" stands for no category."""
    counts = _figures(db)["category"]
    return {"": counts.get((NO_CATEGORY_ID, 0), 0), **dict(_categories(db, counts))}


def _figures(db: sqlite3.Connection) -> defaultdict[str, Counts]:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    # A file of an older program that is only read has no sums yet, or not all.
    counted = (
        "figures"
        if version >= FIGURES_VERSION
        else f"(SELECT figure, a, b, sum(n) AS n FROM ({REGION_FIGURES}) GROUP BY 1, 2, 3)"
    )
    counts: defaultdict[str, Counts] = defaultdict(dict)
    for figure, a, b, n in db.execute(f"SELECT figure, a, b, n FROM {counted} WHERE n <> 0"):
        counts[figure][a, b] = n
    return counts


def _categories(db: sqlite3.Connection, counts: Counts) -> tuple[tuple[str, int], ...]:
    names = dict(db.execute("SELECT id, name FROM categories"))
    named = [(from_db(names[category]), n) for (category, _), n in counts.items() if category in names]
    return tuple(sorted(named, key=_most_first))


def _attributes(
    db: sqlite3.Connection, counts: Counts, names: AttributeNames
) -> dict[str, tuple[tuple[str, int], ...]]:
    values: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for term, key, value in db.execute("SELECT id, name, value FROM terms"):
        if (term, 0) in counts:
            values[names.name(from_db(key))].append((from_db(value), counts[term, 0]))
    return {name: tuple(sorted(values[name], key=_most_first)) for name in sorted(values)}


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _listed(counts: Counts, length: int) -> tuple[int, ...]:
    return tuple(counts.get((place, 0), 0) for place in range(length))


def _grid(counts: Counts) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(counts.get((row, column), 0) for column in range(GRID)) for row in range(GRID))


def _vocabulary(db: sqlite3.Connection) -> tuple[tuple[tuple[str, int], ...], int]:
    """From the index of the search: in how many regions' captions a word stands, and how many words there are.

    Articles, prepositions and the like are not listed: they would lead in every project and say nothing of any.
    """
    db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.words USING fts5vocab (main, region_search, col)")
    words = db.execute("SELECT term, doc FROM temp.words WHERE col = 'caption'").fetchall()
    words.sort(key=_most_first)
    told = (pair for pair in words if not is_function_word(pair[0]))
    return tuple(islice(told, VOCABULARY)), len(words)


def _per_day(quarters: Counts) -> tuple[tuple[str, int], ...]:
    """Sums of quarters of an hour for the days of this computer's time zone, as ``2026-01-02``, in order."""
    days: Counter[str] = Counter()
    for (quarter, _), n in quarters.items():
        days[local_day(from_db(quarter))] += n
    return tuple(sorted(days.items()))


def _models(figures: defaultdict[str, Counts]) -> tuple[ModelAgreement, ...]:
    states: dict[Any, dict[str, int]] = defaultdict(dict)
    for (model, state), n in figures["model"].items():
        states[model][state] = n
    models = []
    for model, counts in states.items():
        histogram = tuple(figures["agreement"].get((model, step), 0) for step in range(AGREEMENT_STEPS))
        judged = sum(histogram)
        agreed = figures["agreed"].get((model, 0), 0) / AGREEMENT_UNIT
        models.append(
            ModelAgreement(
                from_db(model),
                suggested=counts.get("suggested", 0),
                accepted=counts.get("accepted", 0),
                unchanged=figures["unchanged"].get((model, 0), 0),
                edited=counts.get("edited", 0),
                rejected=counts.get("rejected", 0),
                histogram=histogram,
                mean=agreed / judged if judged else None,
            )
        )
    return tuple(sorted(models, key=lambda model: model.model))
