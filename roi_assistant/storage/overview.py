"""Figures of the whole project, counted by SQLite."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from itertools import islice

from roi_assistant.core.lexicon import is_function_word
from roi_assistant.storage.keys import from_db
from roi_assistant.storage.queries import review_counts
from roi_assistant.storage.records import ModelAgreement, Overview

GRID = 32
"""Rows and columns of the grids of positions and sizes."""
MOST_WORDS = 40
"""Captions of this many words or more are counted together."""
VOCABULARY = 500
"""Most frequent words that are listed, function words aside."""
AGREEMENT_STEPS = 10
AREA_STEPS = 10
"""Classes of box areas, each a quarter of the one before: they halve the side of a square."""


def overview(db: sqlite3.Connection) -> Overview:
    """All figures, as of one moment."""
    db.execute("SAVEPOINT overview")
    try:
        vocabulary, distinct = _vocabulary(db)
        return Overview(
            counts=review_counts(db),
            categories=_categories(db),
            attributes=_attributes(db),
            caption_words=_caption_words(db),
            vocabulary=vocabulary,
            distinct_words=distinct,
            positions=_grid(db, "(r.x1 + r.x2) / 2 / i.width", "(r.y1 + r.y2) / 2 / i.height"),
            sizes=_grid(db, "(r.x2 - r.x1) / i.width", "(r.y2 - r.y1) / i.height"),
            models=_models(db),
            reviewed_per_day=_reviewed_per_day(db),
            areas=_areas(db),
        )
    finally:
        db.execute("RELEASE overview")


def _categories(db: sqlite3.Connection) -> tuple[tuple[str, int], ...]:
    rows = db.execute(
        "SELECT c.name, n FROM (SELECT category_id, count(*) AS n FROM regions WHERE state <> 'rejected' "
        "GROUP BY category_id) AS counted JOIN categories AS c ON c.id = counted.category_id ORDER BY n DESC, c.name"
    )
    return tuple((from_db(name), count) for name, count in rows)


def _attributes(db: sqlite3.Connection) -> dict[str, tuple[tuple[str, int], ...]]:
    rows = db.execute(
        "SELECT t.name, t.value, n FROM (SELECT rt.term, count(*) AS n FROM region_terms AS rt "
        "JOIN regions AS r ON r.id = rt.region WHERE r.state <> 'rejected' GROUP BY rt.term) AS counted "
        "JOIN terms AS t ON t.id = counted.term ORDER BY t.name, n DESC, t.value"
    )
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for name, value, count in rows:
        found[from_db(name)].append((from_db(value), count))
    return {name: tuple(values) for name, values in found.items()}


def _caption_words(db: sqlite3.Connection) -> tuple[int, ...]:
    counts = [0] * (MOST_WORDS + 1)
    rows = db.execute(
        "SELECT min(caption_words, ?), count(*) FROM regions WHERE captions > 0 AND state <> 'rejected' GROUP BY 1",
        (MOST_WORDS,),
    )
    for words, count in rows:
        counts[words] = count
    return tuple(counts)


def _vocabulary(db: sqlite3.Connection) -> tuple[tuple[tuple[str, int], ...], int]:
    """From the index of the search: in how many regions' captions a word stands, and how many words there are.

    Articles, prepositions and the like are not listed: they would lead in every project and say nothing of any.
    """
    db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.words USING fts5vocab (main, region_search, col)")
    words = db.execute("SELECT term, doc FROM temp.words WHERE col = 'caption'").fetchall()
    words.sort(key=lambda pair: (-pair[1], pair[0]))
    told = (pair for pair in words if not is_function_word(pair[0]))
    return tuple(islice(told, VOCABULARY)), len(words)


def _grid(db: sqlite3.Connection, across: str, down: str) -> tuple[tuple[int, ...], ...]:
    grid = [[0] * GRID for _ in range(GRID)]
    cell = "max(0, min(?, CAST(({}) * ? AS INTEGER)))"
    rows = db.execute(
        f"SELECT {cell.format(down)}, {cell.format(across)}, count(*) FROM regions AS r "
        "JOIN images AS i ON i.id = r.image_id "
        "WHERE i.width > 0 AND i.height > 0 AND r.state <> 'rejected' GROUP BY 1, 2",
        (GRID - 1, GRID) * 2,
    )
    for row, column, count in rows:
        grid[row][column] = count
    return tuple(map(tuple, grid))


def _areas(db: sqlite3.Connection) -> tuple[int, ...]:
    # Comparisons, because SQLite has a logarithm only when it was built with one.
    cases = " ".join(f"WHEN area > {4.0 ** -(step + 1)!r} THEN {step}" for step in range(AREA_STEPS - 1))
    rows = db.execute(
        f"SELECT CASE {cases} ELSE {AREA_STEPS - 1} END, count(*) FROM ("
        "SELECT (r.x2 - r.x1) * (r.y2 - r.y1) / i.width / i.height AS area FROM regions AS r "
        "JOIN images AS i ON i.id = r.image_id "
        "WHERE i.width > 0 AND i.height > 0 AND r.state <> 'rejected') GROUP BY 1"
    )
    counts = [0] * AREA_STEPS
    for step, count in rows:
        counts[step] = count
    return tuple(counts)


def _models(db: sqlite3.Connection) -> tuple[ModelAgreement, ...]:
    states: dict[str, dict[str, int]] = defaultdict(dict)
    for model, state, count in db.execute(
        "SELECT model, state, count(*) FROM regions WHERE model <> '' GROUP BY model, state"
    ):
        states[from_db(model)][state] = count
    steps: dict[str, list[int]] = defaultdict(lambda: [0] * AGREEMENT_STEPS)
    totals: dict[str, float] = defaultdict(float)
    for model, step, count, total in db.execute(
        "SELECT model, min(?, CAST(agreement * ? AS INTEGER)), count(*), sum(agreement) FROM regions "
        "WHERE agreement IS NOT NULL AND model <> '' GROUP BY 1, 2",
        (AGREEMENT_STEPS - 1, AGREEMENT_STEPS),
    ):
        steps[from_db(model)][step] += count
        totals[from_db(model)] += total
    return tuple(
        ModelAgreement(
            model,
            suggested=counts.get("suggested", 0),
            accepted=counts.get("accepted", 0),
            edited=counts.get("edited", 0),
            rejected=counts.get("rejected", 0),
            histogram=tuple(steps[model]),
            mean=totals[model] / sum(steps[model]) if sum(steps[model]) else None,
        )
        for model, counts in sorted(states.items())
    )


def _reviewed_per_day(db: sqlite3.Connection) -> tuple[tuple[str, int], ...]:
    rows = db.execute(
        "SELECT substr(reviewed_at, 1, 10), count(*) FROM regions WHERE reviewed_at <> '' GROUP BY 1 ORDER BY 1"
    )
    return tuple((from_db(day), count) for day, count in rows)
