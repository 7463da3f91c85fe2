"""The evaluation report: one JSON document, and one HTML file that needs nothing beside itself."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict

from roi_assistant.evaluation.items import EvaluationSet
from roi_assistant.evaluation.outcomes import ItemOutcome
from roi_assistant.evaluation.predictions import Prediction, RunHeader
from roi_assistant.evaluation.proposals import ProposalFigures
from roi_assistant.evaluation.runner import Timing
from roi_assistant.evaluation.vcr import VcrFigures
from roi_assistant.formats.atomic import write_atomically

SCHEMA = "roi-assistant-evaluation"
VERSION = 1
MAX_PICTURES = 40
CIDER_SCALE = (
    "CIDEr is CIDEr-D as pycocoevalcap returns it, 0 to 10 and not multiplied by 100; its word weights come from the "
    "evaluated references, so figures of other sets of items are not comparable."
)


class ModelFacts(TypedDict):
    """Which model, and where it ran."""

    id: str
    name: str
    weights_sha256: str
    device: str
    precision: str


class DataFacts(TypedDict):
    """What was evaluated; ``sha256`` is that of `EvaluationSet`."""

    name: str
    split: str
    limit_photos: int | None
    photos: int
    items: int
    references: int
    sha256: str


class ReportHead(TypedDict):
    """What all reports begin with. Keys are stable within a ``version``."""

    schema: str
    version: int
    protocol: str
    created_at: str
    command: list[str]
    model: ModelFacts


class Report(ReportHead):
    """The JSON document.

    ``metrics`` are those of the protocol, with ``against`` (`difference.Against`) where other answers were given.
    ``timing`` is None when saved answers were scored.
    """

    decoding: str
    seed: int
    data: DataFacts
    timing: Timing | None
    metrics: dict[str, Any]
    notes: list[str]


class ChoiceReport(ReportHead):
    """The JSON document of a multiple-choice protocol; ``settings`` are split, seed and how choices were made."""

    settings: dict[str, str | int]
    data: dict[str, int | None]
    metrics: VcrFigures
    notes: list[str]


class ProposalReport(ReportHead):
    """The JSON document about proposed boxes."""

    data: dict[str, str | int | None]
    metrics: dict[str, list[ProposalFigures]]
    notes: list[str]


def build_report(
    data: EvaluationSet,
    header: RunHeader,
    metrics: Mapping[str, Any],
    *,
    command: Sequence[str],
    seed: int,
    timing: Timing | None,
    limit: int | None = None,
) -> Report:
    """The document of a protocol with boxes, made now.

    Args:
        data: what was evaluated.
        header: the model and its decoding.
        metrics: the figures of the protocol.
        command: the command line.
        seed: that of the human baseline and of the pictures.
        timing: what the model took, None when saved answers were scored.
        limit: how many photos at most were taken.
    """
    captions = metrics.get("captions")
    notes = [*data.notes, *header.notes]
    if captions:
        notes.insert(0, CIDER_SCALE)
        figures = captions["specific"]
        if figures["tokenizer"] == "plain":
            notes.append("Texts were split by the program's own tokenizer, because Java was not found or not wanted.")
        if figures["meteor"] is None:
            notes.append(f"METEOR was not computed: {figures['meteor_reason']}.")
    return {
        **_head(data.protocol, header, command),
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
        "timing": timing,
        "metrics": dict(metrics),
        "notes": notes,
    }


def build_choice_report(
    header: RunHeader,
    figures: VcrFigures,
    *,
    settings: Mapping[str, str | int],
    command: Sequence[str],
    limit: int | None = None,
) -> ChoiceReport:
    """The document of VCR, made now; ``limit`` is how many questions at most were taken."""
    return {
        **_head(header.protocol, header, command),
        "settings": dict(settings),
        "data": {"limit_items": limit, "items": figures["items"]},
        "metrics": figures,
        "notes": list(header.notes),
    }


def build_proposal_report(
    header: RunHeader, figures: Sequence[ProposalFigures], *, command: Sequence[str], limit: int | None = None
) -> ProposalReport:
    """The document of proposed boxes, made now; ``limit`` is how many photos of each data set at most were taken."""
    return {
        **_head(header.protocol, header, command),
        "data": {"split": header.split, "limit_photos": limit},
        "metrics": {"data_sets": list(figures)},
        "notes": list(header.notes),
    }


def _head(protocol: str, header: RunHeader, command: Sequence[str]) -> ReportHead:
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "protocol": protocol,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": list(command),
        "model": {
            "id": header.model_id,
            "name": header.model_name,
            "weights_sha256": header.weights_sha256,
            "device": header.device,
            "precision": header.precision,
        },
    }


def write_json(path: Path, report: Report | ChoiceReport | ProposalReport) -> None:
    """Raises: FileWriteError: ``path`` cannot be written; it is as it was."""
    write_atomically(path, json.dumps(report, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


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
