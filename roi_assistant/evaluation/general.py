"""The protocol on general photos with named boxes: COCO annotation files, or a folder with ``regions.jsonl``."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, TypedDict

from roi_assistant.core.box import clip_box
from roi_assistant.core.phrases import parse_phrase
from roi_assistant.core.records import CaptionStyle, Region
from roi_assistant.core.review import preferred_caption
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.evaluation.calibration import CalibrationFigures, CoverageRow, calibration, coverage_curve
from roi_assistant.evaluation.categories import (
    Relation,
    RelationFigures,
    best_relation,
    category_words,
    relation,
    relation_figures,
)
from roi_assistant.evaluation.items import EvaluationItem, EvaluationSet, item_of, photo_loader, photo_of
from roi_assistant.evaluation.metrics import CaptionErrors, HumanBaseline, distinct_phrases, standard_error
from roi_assistant.evaluation.outcomes import (
    BothCaptions,
    ItemOutcome,
    ScoringOptions,
    UnsureFigures,
    bare_share,
    category_score,
    score_captions,
    unsure_figures,
)
from roi_assistant.evaluation.predictions import Prediction
from roi_assistant.formats.coco_reading import from_coco
from roi_assistant.formats.coco_tables import check_inside
from roi_assistant.formats.json_files import read_json
from roi_assistant.formats.region_lines import RegionLines

if TYPE_CHECKING:
    from PIL.Image import Image

PROTOCOL = "general-photos"
CONFUSIONS = 40


def load_region_lines(
    root: Path,
    *,
    split: str,
    limit: int | None = None,
    style: CaptionStyle = "phrase",
    words: Path | None = None,
) -> EvaluationSet:
    """The boxes of ``split`` in ``root/regions.jsonl``, with the number of training photos of each category, and what
    people wrote of them in ``style``, there or in the file ``words``.

    Raises:
        FormatError: the folder has another layout, or the split has no box with a category.
    """
    data = RegionLines(root, words=words)
    kept = tuple(item_of(p, r, style=style) for p in islice(data.photos(split), limit) for r in p.regions if r.category)
    if not kept:
        raise FormatError(f"The split {split} of {data.path} has no box with a category: nothing to evaluate.")
    train: Counter[str] = Counter()
    for photo in data.photos("train"):
        train.update({category_words(region.category) for region in photo.regions if region.category})
    load, name = photo_loader(data.images), data.root.resolve().name
    return EvaluationSet(PROTOCOL, name, split, kept, load, train_photos=dict(train))


def load_coco(root: Path, annotations: Path, *, limit: int | None = None) -> EvaluationSet:
    """The boxes of a COCO annotation file whose photos are under ``root``.

    Crowds, rejected regions and boxes without area are left out. Where people wrote captions of a region, or accepted
    one, these are its references: then captions are scored too.

    Raises:
        FormatError: the file is not COCO, names a photo outside ``root`` or does not say its size, or has no usable
            box.
    """
    from roi_assistant.imaging.decode import decode_image

    if not root.is_dir():
        raise FormatError(f"{root} is not a folder: give the folder of the photos.")
    data = _without_empty_boxes(read_json(annotations))
    with_boxes = [image for image in from_coco(data, name=str(annotations)).images if image.regions]
    items: list[EvaluationItem] = []
    for image in with_boxes[:limit]:
        check_inside(image.file_name, name=str(annotations))
        if image.width is None or image.height is None:
            raise FormatError(f"{annotations} does not say the width and height of {image.file_name}.")
        for region in image.regions:
            item = _coco_item(image.file_name, region, width=image.width, height=image.height)
            if item is not None:
                items.append(item)
    if not items:
        raise FormatError(f"{annotations} has no box with a category or caption: nothing to evaluate.")

    def load(photo: str) -> Image:
        return decode_image(root / photo).pixels

    return EvaluationSet(PROTOCOL, annotations.name, "all", tuple(items), load)


def _without_empty_boxes(data: object) -> object:
    """A COCO object without boxes that have no area, which a few official files have; all else has to be right."""
    records = data.get("annotations") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(records, list):
        return data
    return {**data, "annotations": [record for record in records if not _is_empty_box(record)]}


def _is_empty_box(record: object) -> bool:
    box = record.get("bbox") if isinstance(record, dict) else None
    if not isinstance(box, list) or len(box) != 4 or not all(isinstance(number, int | float) for number in box):
        return False
    return min(box[2:]) <= 0


def _coco_item(photo: str, region: Region, *, width: int, height: int) -> EvaluationItem | None:
    """None for a region that nobody named or described, that was rejected, or that lies outside the photo."""
    # Region-caption files put every box under one category "object", which names nothing.
    category = category_words(region.category or "")
    by_person = region.category_provenance is None or region.category_provenance.author == "human"
    named = category not in ("", "object") and (by_person or region.state != "suggested")
    references = distinct_phrases(human_captions(region))
    if region.state == "rejected" or not (named or references):
        return None
    try:
        box = clip_box(region.box, width=width, height=height)
    except BoxError:
        return None
    return EvaluationItem(
        f"{photo}#{region.id}",
        photo,
        box,
        width,
        height,
        tuple(references),
        category if named else None,
        ("object",),
        label=(region.category or "") if named else "",
    )


def human_captions(region: Region) -> list[str]:
    """What people wrote about ``region``, and what a model wrote and a person accepted."""
    preferred = preferred_caption(region)
    accepted = preferred if region.state in ("accepted", "edited") else None
    return [c.text for c in region.captions if c.provenance.author == "human" or c is accepted]


class TopErrors(TypedDict):
    """Standard errors of the shares that are strictly right."""

    top1: float | None
    top5: float | None


class CategoryBlock(TypedDict):
    """Categories of a group of items: the first guess, the best of five, what users see, the caption's head noun."""

    items: int
    categories: int
    standard_errors: TopErrors
    top1: RelationFigures
    top5: RelationFigures
    shown: RelationFigures
    caption_head: RelationFigures


class PerCategory(TypedDict):
    """One category; ``train_photos`` is None where the data set has no training split."""

    category: str
    items: int
    train_photos: int | None
    top1_strict: float | None
    top1_with_synonyms: float | None
    top1_broader: float | None
    top5_strict: float | None
    top5_with_synonyms: float | None


class Confusion(TypedDict):
    """How often (``count``) a box of ``category`` was answered with ``answer``."""

    category: str
    answer: str
    relation: Relation
    count: int


class GeneralCategory(TypedDict):
    """``all`` counts every named box, ``frequent`` those whose category has ``min_train_photos`` training photos or
    more (None when the data set has no training split)."""

    all: CategoryBlock
    frequent: CategoryBlock | None
    min_train_photos: int
    by_size: dict[str, CategoryBlock]
    per_category: list[PerCategory]
    confusions: list[Confusion]


class GeneralMetrics(TypedDict):
    """All figures of the protocol; those of captions are None where the annotations carry no captions."""

    category: GeneralCategory
    unsure: UnsureFigures
    calibration: dict[str, CalibrationFigures]
    coverage: dict[str, list[CoverageRow]]
    captions: BothCaptions | None
    human_agreement: HumanBaseline | None
    standard_errors: NotRequired[CaptionErrors]
    bare_captions: float | None


@dataclass(frozen=True, slots=True)
class _Judged:
    """The four relations of one item, computed once."""

    top1: Relation
    top5: Relation
    shown: Relation
    caption: Relation

    @classmethod
    def of(cls, item: EvaluationItem, answer: Prediction) -> _Judged:
        category = item.category or ""
        guesses = [guess.text for guess in answer.categories]
        return cls(
            relation((*guesses, "")[0], [category]),
            best_relation(guesses[:5], [category]),
            relation(answer.shown_category.text if answer.shown_category else "", [category]),
            relation(parse_phrase(answer.specific.text).head, [category, parse_phrase(category).head]),
        )


def _block(items: Sequence[EvaluationItem], judged: Mapping[str, _Judged]) -> CategoryBlock:
    rows = [judged[item.id] for item in items]
    photos = photo_of(items)
    return {
        "items": len(items),
        "categories": len({item.category for item in items}),
        "standard_errors": {
            "top1": standard_error({item.id: judged[item.id].top1 == "exact" for item in items}, photos),
            "top5": standard_error({item.id: judged[item.id].top5 == "exact" for item in items}, photos),
        },
        "top1": relation_figures([row.top1 for row in rows]),
        "top5": relation_figures([row.top5 for row in rows]),
        "shown": relation_figures([row.shown for row in rows]),
        "caption_head": relation_figures([row.caption for row in rows]),
    }


def evaluate_general(
    data: EvaluationSet,
    predictions: Mapping[str, Prediction],
    options: ScoringOptions,
    *,
    min_train_photos: int = 5,
) -> tuple[GeneralMetrics, list[ItemOutcome]]:
    """All figures of the protocol, and each item's outcome. Pure: no model, no file.

    Standard errors of categories are those of ``strict``, if other photos had been drawn.

    Raises:
        BadInputError: an item with captions has no prediction.
        MissingDependencyError: captions are to be scored and pycocoevalcap is not installed.
    """
    named = [item for item in data.items if item.category]
    judged = {item.id: _Judged.of(item, predictions[item.id]) for item in named}
    frequent = [
        item for item in named if data.train_photos.get(category_words(item.category or ""), 0) >= min_train_photos
    ]
    outcomes = [ItemOutcome.of_category(item, predictions[item.id], judged[item.id].top1) for item in named]
    guessed = [o for o in outcomes if o.prediction.categories]
    scores, rights = [category_score(o.prediction) for o in guessed], [o.right for o in guessed]
    metrics: GeneralMetrics = {
        "category": {
            "all": _block(named, judged),
            "frequent": _block(frequent, judged) if data.train_photos else None,
            "min_train_photos": min_train_photos,
            "by_size": {
                size: _block([item for item in named if item.size == size], judged)
                for size in ("small", "medium", "large")
            },
            "per_category": _per_category(named, judged, data.train_photos),
            "confusions": _confusions(outcomes),
        },
        "unsure": unsure_figures(outcomes, {item: row.shown for item, row in judged.items()}, captions=False),
        "calibration": {"category_right": calibration(scores, rights)},
        "coverage": {"category_right": coverage_curve(scores, rights)},
        "captions": None,
        "human_agreement": None,
        "bare_captions": bare_share(predictions[item.id] for item in data.items),
    }
    captioned = [item for item in data.items if item.references]
    if captioned:
        results = score_captions(captioned, predictions, options)
        metrics["captions"] = results.captions
        metrics["standard_errors"] = results.standard_errors
        metrics["human_agreement"] = results.human_agreement
        if not outcomes:
            outcomes = [ItemOutcome.of_caption(item, predictions[item.id], results.scores) for item in captioned]
    return metrics, outcomes


def _per_category(
    items: Sequence[EvaluationItem], judged: Mapping[str, _Judged], train_photos: Mapping[str, int]
) -> list[PerCategory]:
    groups: dict[str, list[_Judged]] = defaultdict(list)
    for item in items:
        groups[item.category or ""].append(judged[item.id])
    rows: list[PerCategory] = []
    for category, members in sorted(groups.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        top1, top5 = relation_figures([m.top1 for m in members]), relation_figures([m.top5 for m in members])
        rows.append(
            {
                "category": category,
                "items": len(members),
                "train_photos": train_photos.get(category_words(category), 0) if train_photos else None,
                "top1_strict": top1["strict"],
                "top1_with_synonyms": top1["with_synonyms"],
                "top1_broader": top1["broader"],
                "top5_strict": top5["strict"],
                "top5_with_synonyms": top5["with_synonyms"],
            }
        )
    return rows


def _confusions(outcomes: Sequence[ItemOutcome]) -> list[Confusion]:
    """The commonest wrong answers, as pairs (class of the box, answer)."""
    pairs: Counter[tuple[str, str, Relation]] = Counter()
    for outcome in outcomes:
        if not outcome.right and outcome.prediction.categories:
            answer = category_words(outcome.prediction.categories[0].text)
            pairs[(outcome.item.category or "", answer, outcome.relation)] += 1
    ranked = sorted(pairs.items(), key=lambda entry: (-entry[1], entry[0]))[:CONFUSIONS]
    return [{"category": t, "answer": answer, "relation": kind, "count": n} for (t, answer, kind), n in ranked]
