"""The evaluation report: one JSON document, and one HTML file that needs nothing beside itself."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from roi_assistant.core.records import CaptionerInfo
from roi_assistant.evaluation.flickr30k import ItemOutcome
from roi_assistant.evaluation.items import EvaluationSet
from roi_assistant.evaluation.predictions import Prediction, RunHeader
from roi_assistant.formats.atomic import write_atomically

SCHEMA = "roi-assistant-evaluation"
VERSION = 1
MAX_PICTURES = 40
CIDER_SCALE = (
    "CIDEr is CIDEr-D as pycocoevalcap returns it, 0 to 10 and not multiplied by 100; its word weights come from the "
    "evaluated references, so figures of other sets of items are not comparable."
)


def build_report(
    data: EvaluationSet,
    header: RunHeader,
    metrics: Mapping[str, Any],
    *,
    command: Sequence[str],
    seed: int,
    timing: Mapping[str, Any] | None,
    limit: int | None = None,
    created_at: datetime | None = None,
    notes: Iterable[str] = (),
) -> dict[str, Any]:
    """The JSON document. Keys are stable within a ``version``; ``timing`` is None when saved answers were scored."""
    captions = metrics.get("captions")
    told = [*data.notes, *header.notes, *notes]
    if captions:
        told.insert(0, CIDER_SCALE)
        figures = captions["specific"]
        if figures["tokenizer"] == "plain":
            told.append("Texts were split by the program's own tokenizer, because Java was not found or not wanted.")
        if figures["meteor"] is None:
            told.append(f"METEOR was not computed: {figures['meteor_reason']}.")
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "protocol": data.protocol,
        "created_at": (created_at or datetime.now(UTC)).isoformat(timespec="seconds"),
        "command": list(command),
        "model": {
            "id": header.model_id,
            "name": header.model_name,
            "weights_sha256": header.weights_sha256,
            "device": header.device,
            "precision": header.precision,
        },
        "decoding": header.decoding,
        "seed": seed,
        "data": {
            "name": data.name,
            "split": data.split,
            "limit_photos": limit,
            "photos": data.photos,
            "items": len(data.items),
            "references": sum(len(item.references) for item in data.items),
            "sha256": data.sha256,
        },
        "timing": None if timing is None else dict(timing),
        "metrics": dict(metrics),
        "notes": told,
    }


def build_choice_report(
    protocol: str,
    info: CaptionerInfo,
    figures: Mapping[str, Any],
    *,
    settings: Mapping[str, Any],
    command: Sequence[str],
    limit: int | None = None,
    created_at: datetime | None = None,
) -> dict[str, Any]:
    """The JSON document of a multiple-choice protocol; ``settings`` are split, seed and how choices were made."""
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "protocol": protocol,
        "created_at": (created_at or datetime.now(UTC)).isoformat(timespec="seconds"),
        "command": list(command),
        "model": {
            "id": info.id,
            "name": info.name,
            "weights_sha256": info.weights_sha256,
            "device": info.device,
            "precision": info.precision,
        },
        "settings": dict(settings),
        "data": {"limit_items": limit, "items": figures["items"]},
        "metrics": dict(figures),
        "notes": list(info.notes),
    }


def write_json(path: Path, report: Mapping[str, Any]) -> None:
    """Raises: FileWriteError: ``path`` cannot be written; it is as it was."""
    write_atomically(path, json.dumps(report, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def write_html(
    path: Path,
    report: Mapping[str, Any],
    data: EvaluationSet,
    outcomes: Sequence[ItemOutcome],
    *,
    pictures: int = MAX_PICTURES,
) -> None:
    """Raises: FileWriteError as :func:`write_json`, ImageError when a shown photo cannot be read."""
    from roi_assistant.evaluation.report_html import render_html

    write_atomically(path, render_html(report, data, choose_outcomes(outcomes, pictures=pictures, seed=report["seed"])))


def choose_outcomes(
    outcomes: Sequence[ItemOutcome], *, pictures: int = MAX_PICTURES, seed: int = 0
) -> dict[str, list[ItemOutcome]]:
    """Which items are shown with a picture: ``best``, ``worst`` and ``random``, together at most ``pictures``.

    The worst are those where the model was surest of what scored lowest: the errors that a user is least warned of. No
    item is shown twice, and best and worst take one item of a photo at most.
    """
    share = pictures // 5 * 2
    used_items: set[str] = set()

    def take(ranked: Iterable[ItemOutcome], count: int, *, one_per_photo: bool) -> list[ItemOutcome]:
        chosen: list[ItemOutcome] = []
        photos: set[str] = set()
        for outcome in ranked:
            if len(chosen) == count:
                break
            if outcome.item.id in used_items or (one_per_photo and outcome.item.photo in photos):
                continue
            chosen.append(outcome)
            used_items.add(outcome.item.id)
            photos.add(outcome.item.photo)
        return chosen

    good = [o for o in outcomes if o.value > 0]
    best = take(sorted(good, key=lambda o: (-o.value, -_surety(o.prediction))), share, one_per_photo=True)
    wrong = [o for o in outcomes if not o.right]
    worst = take(sorted(wrong, key=lambda o: (o.value, -_surety(o.prediction))), share, one_per_photo=True)
    shuffled = random.Random(seed).sample(list(outcomes), len(outcomes))
    rest = take(shuffled, pictures - len(best) - len(worst), one_per_photo=False)
    return {"best": best, "worst": worst, "random": rest}


def _surety(answer: Prediction) -> float:
    return answer.specific.score
