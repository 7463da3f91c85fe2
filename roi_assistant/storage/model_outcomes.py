"""What people made of what each model said, read from the regions as they are."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from typing import get_args

from roi_assistant.core.answers import OutcomeKind, outcomes
from roi_assistant.storage.records import ModelOutcomes, ProjectOutcomes
from roi_assistant.storage.region_rows import COLUMNS, RegionRows

MOST_READ = 10_000
"""Regions that are read, the latest: captions and provenances stand in no column. These take about 0.6 s."""


def project_outcomes(db: sqlite3.Connection, rows: RegionRows, *, most: int = MOST_READ) -> ProjectOutcomes:
    """Of each model and set of weights, how many suggestions it gave and what became of them.

    Counted is what the project holds now: a region that was deleted, a suggestion that a later run replaced, and an
    answer that newer ones pushed out are not. A region that was decided twice counts once, as decided last.
    """
    (regions,) = db.execute("SELECT count(*) FROM regions WHERE model <> ''").fetchone()
    found = db.execute(f"SELECT {COLUMNS} FROM regions WHERE model <> '' ORDER BY id DESC LIMIT ?", (most,))
    kinds: defaultdict[tuple[str, str], Counter[OutcomeKind]] = defaultdict(Counter)
    distances: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    counted = 0
    for region in rows.read_all(found):
        counted += 1
        for outcome in outcomes(region):
            model = (outcome.model_id, outcome.weights_sha256)
            kinds[model][outcome.kind] += 1
            if outcome.edit_distance is not None:
                distances[model].append(outcome.edit_distance)
    models = tuple(
        ModelOutcomes(
            model_id=id_,
            weights_sha256=weights,
            given=kinds[id_, weights].total(),
            **{kind: kinds[id_, weights][kind] for kind in get_args(OutcomeKind)},
            edit_distance=_mean(distances[id_, weights]),
        )
        for id_, weights in sorted(kinds)
    )
    return ProjectOutcomes(models=models, counted=counted, regions=regions)


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
