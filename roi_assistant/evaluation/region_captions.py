"""The protocol on region captions (RefCOCOg, Visual Genome): one caption a box, scored in two ways that are never
mixed.

*By expression*: each human sentence is an item of its own with that sentence as the only reference, as in MDETR's and
GRiT's files. *By object*: all sentences about a box are the references of one item. The model is asked once a box, so
the two differ in the references only, and by much: more references raise METEOR and CIDEr.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeDefinition, AttributeSchema
from roi_assistant.errors import FormatError
from roi_assistant.evaluation.calibration import CalibrationFigures, CoverageRow, calibration, coverage_curve
from roi_assistant.evaluation.items import EvaluationItem, EvaluationSet
from roi_assistant.evaluation.metrics import (
    CaptionErrors,
    CaptionFigures,
    HumanBaseline,
    caption_scores,
    distinct_phrases,
    normalise_phrase,
)
from roi_assistant.evaluation.outcomes import BothCaptions, ItemOutcome, ScoringOptions, score_captions
from roi_assistant.evaluation.predictions import Prediction

if TYPE_CHECKING:
    from PIL.Image import Image

BY_EXPRESSION = "each expression its own item, one reference each"
BY_OBJECT = "expressions of one object grouped, all of them references"
CAPTION_ATTRIBUTES = AttributeSchema("caption evaluation", (AttributeDefinition("color", "text"),))
"""No attribute is scored, but the embedded model puts its captions in order by the color."""


@dataclass(frozen=True, slots=True)
class ReferringExpression:
    """A box and one sentence that a person wrote about it; equal ``object_id`` on one photo means the same box."""

    photo: str
    width: int
    height: int
    object_id: str
    box: Box
    text: str


@dataclass(frozen=True, slots=True)
class RegionCaptionSet:
    """The boxes to ask about, and every sentence about each of them, repetitions included."""

    data: EvaluationSet
    expressions: dict[str, tuple[str, ...]]


def region_caption_set(
    described: Iterable[ReferringExpression],
    load: Callable[[str], Image],
    *,
    protocol: str,
    name: str,
    split: str,
    limit: int | None,
    notes: tuple[str, ...] = (),
) -> RegionCaptionSet:
    """Group sentences by box, boxes by photo; ``limit`` keeps the first so many photos.

    Raises:
        FormatError: there is no sentence.
    """
    photos: dict[str, dict[str, list[ReferringExpression]]] = defaultdict(lambda: defaultdict(list))
    for entry in described:
        if normalise_phrase(entry.text):
            photos[entry.photo][entry.object_id].append(entry)
    items, expressions = [], {}
    for photo in list(photos)[:limit]:
        for object_id, entries in photos[photo].items():
            first = entries[0]
            texts = tuple(normalise_phrase(entry.text) for entry in entries)
            item = EvaluationItem(
                f"{photo}#{object_id}",
                photo,
                first.box,
                first.width,
                first.height,
                tuple(distinct_phrases(texts)),
                kinds=("object",),
            )
            items.append(item)
            expressions[item.id] = texts
    if not items:
        raise FormatError(f"The split {split} of {name} has no box with a caption: nothing to evaluate.")
    data = EvaluationSet(protocol, name, split, tuple(items), load, notes=notes, attributes=CAPTION_ATTRIBUTES)
    return RegionCaptionSet(data, expressions)


class WayOfCounting(CaptionFigures):
    """Caption figures with the name of how items were counted."""

    label: str


class RegionCaptionMetrics(TypedDict):
    """All figures of the protocol. ``captions`` scores by object, as in the other protocols; ``by_expression`` and
    ``by_object`` are the two ways of counting the specific caption."""

    captions: BothCaptions
    by_expression: WayOfCounting
    by_object: WayOfCounting
    standard_errors: CaptionErrors
    human_agreement: HumanBaseline
    calibration: dict[str, CalibrationFigures]
    coverage: dict[str, list[CoverageRow]]


def evaluate_region_captions(
    data: EvaluationSet,
    predictions: Mapping[str, Prediction],
    options: ScoringOptions,
    *,
    expressions: Mapping[str, Sequence[str]],
) -> tuple[RegionCaptionMetrics, list[ItemOutcome]]:
    """All figures of the protocol, and each box's outcome. Pure: no model, no file.

    ``standard_errors`` are those of counting by object, if other photos had been drawn.

    Raises:
        BadInputError: a box has no prediction.
        MissingDependencyError: pycocoevalcap is not installed.
    """
    results = score_captions(data.items, predictions, options)
    single = {f"{i.id}/{k}": [text] for i in data.items for k, text in enumerate(expressions[i.id])}
    answers = {
        f"{i.id}/{k}": predictions[i.id].specific.text for i in data.items for k in range(len(expressions[i.id]))
    }
    by_expression = caption_scores(answers, single, meteor=options.meteor, tokenizer=options.tokenizer)
    outcomes = [ItemOutcome.of_caption(item, predictions[item.id], results.scores) for item in data.items]
    sure = [outcome.prediction.specific.score for outcome in outcomes]
    exact = [bool(outcome.exact) for outcome in outcomes]
    metrics: RegionCaptionMetrics = {
        "captions": results.captions,
        "by_expression": {"label": BY_EXPRESSION, **by_expression.figures},
        "by_object": {"label": BY_OBJECT, **results.scores.figures},
        "standard_errors": results.standard_errors,
        "human_agreement": results.human_agreement,
        "calibration": {"caption_exact_match": calibration(sure, exact)},
        "coverage": {"caption_exact_match": coverage_curve(sure, exact)},
    }
    return metrics, outcomes
