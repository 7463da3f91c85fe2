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
from typing import TYPE_CHECKING, Any

from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeDefinition, AttributeSchema
from roi_assistant.errors import FormatError
from roi_assistant.evaluation.categories import TextRules
from roi_assistant.evaluation.flickr30k import ItemOutcome
from roi_assistant.evaluation.items import EvaluationItem, EvaluationSet, photo_of
from roi_assistant.evaluation.metrics import (
    TokenizerChoice,
    calibration,
    caption_scores,
    coverage_curve,
    distinct_phrases,
    human_agreement,
    normalise_phrase,
)
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


def evaluate_region_captions(
    data: EvaluationSet,
    predictions: Mapping[str, Prediction],
    *,
    expressions: Mapping[str, Sequence[str]],
    rules: TextRules,
    seed: int = 0,
    meteor: bool = True,
    tokenizer: TokenizerChoice = "auto",
    bins: int = 10,
) -> tuple[dict[str, Any], list[ItemOutcome]]:
    """All figures of the protocol, and each box's outcome. Pure: no model, no file.

    ``captions`` scores by object (specific guess and what is shown, as in the other protocols); ``by_expression`` and
    ``by_object`` are the two ways for the specific guess, each with its ``label``. ``standard_errors`` are those of the
    latter, if other photos had been drawn.

    Raises:
        BadInputError: a box has no prediction.
        MissingDependencyError: pycocoevalcap is not installed.
    """
    references = {item.id: list(item.references) for item in data.items}
    specific = {item: answer.specific.text for item, answer in predictions.items()}
    shown = {item: answer.shown.text for item, answer in predictions.items()}
    scores = caption_scores(specific, references, meteor=meteor, tokenizer=tokenizer)
    single = {f"{item}/{k}": [text] for item in references for k, text in enumerate(expressions[item])}
    answers = {f"{item}/{k}": specific.get(item, "") for item in references for k in range(len(expressions[item]))}
    by_expression = caption_scores(answers, single, meteor=meteor, tokenizer=tokenizer)
    photos = photo_of(data.items)
    outcomes = [ItemOutcome.of_caption(item, predictions[item.id], scores) for item in data.items]
    sure = [outcome.prediction.specific.score for outcome in outcomes]
    exact = [bool(outcome.exact) for outcome in outcomes]
    metrics: dict[str, Any] = {
        "captions": {
            "specific": scores.figures(),
            "shown": caption_scores(shown, references, meteor=meteor, tokenizer=tokenizer).figures(),
        },
        "by_expression": {"label": BY_EXPRESSION, **by_expression.figures()},
        "by_object": {"label": BY_OBJECT, **scores.figures()},
        "standard_errors": scores.standard_errors(photos),
        "human_agreement": human_agreement(
            specific, references, seed=seed, photos=photos, meteor=meteor, tokenizer=tokenizer
        ),
        "calibration": {"caption_exact_match": calibration(sure, exact, bins=bins)},
        "coverage": {"caption_exact_match": coverage_curve(sure, exact)},
    }
    return metrics, outcomes
