"""The protocol on general photos with named boxes: COCO annotation files, or a folder with ``regions.jsonl``."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roi_assistant.core.box import clip_box
from roi_assistant.core.records import Region
from roi_assistant.core.review import preferred_caption
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.evaluation.categories import (
    Relation,
    TextRules,
    best_relation,
    category_words,
    is_right,
    relation,
    relation_figures,
)
from roi_assistant.evaluation.flickr30k import ItemOutcome, unsure_figures
from roi_assistant.evaluation.items import EvaluationItem, EvaluationSet, first_photos, item_of, photo_of
from roi_assistant.evaluation.metrics import (
    TokenizerChoice,
    calibration,
    caption_scores,
    coverage_curve,
    distinct_phrases,
    human_agreement,
    standard_error,
)
from roi_assistant.evaluation.predictions import Prediction
from roi_assistant.formats.coco_region_text import read_coco_boxes
from roi_assistant.formats.coco_tables import check_inside
from roi_assistant.formats.region_lines import RegionLines

if TYPE_CHECKING:
    from PIL.Image import Image

PROTOCOL = "general-photos"
CONFUSIONS = 40


def load_region_lines(root: Path, *, split: str, limit: int | None = None) -> EvaluationSet:
    """The boxes of ``split`` in ``root/regions.jsonl``, with the number of training photos of each category.

    Raises:
        FormatError: the folder has another layout, or the split has no box with a category.
    """
    from roi_assistant.imaging.decode import decode_bytes

    data = RegionLines(root)
    kept = tuple(item_of(p, r) for p in first_photos(data.photos(split), limit) for r in p.regions if r.category)
    if not kept:
        raise FormatError(f"The split {split} of {data.path} has no box with a category: nothing to evaluate.")
    train: Counter[str] = Counter()
    for photo in data.photos("train"):
        train.update({category_words(region.category) for region in photo.regions if region.category})

    def load(photo: str) -> Image:
        return decode_bytes(data.images.read(photo), name=photo).pixels

    return EvaluationSet(PROTOCOL, data.root.resolve().name, split, kept, load, train_photos=dict(train))


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
    with_boxes = [image for image in read_coco_boxes(annotations, empty_boxes="skip").images if image.regions]
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


def _block(items: Sequence[EvaluationItem], judged: Mapping[str, _Judged]) -> dict[str, Any]:
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


class _Judged:
    """The four relations of one item, computed once."""

    __slots__ = ("caption", "shown", "top1", "top5")

    def __init__(self, item: EvaluationItem, answer: Prediction, rules: TextRules) -> None:
        truths = [item.category or ""]
        guesses = [guess.text for guess in answer.categories]
        self.top1: Relation = relation((*guesses, "")[0], truths, rules)
        self.top5: Relation = best_relation(guesses[:5], truths, rules)
        self.shown: Relation = relation(answer.shown_category.text if answer.shown_category else "", truths, rules)
        self.caption: Relation = relation(rules.head(answer.specific.text), [*truths, rules.head(truths[0])], rules)


def evaluate_general(
    data: EvaluationSet,
    predictions: Mapping[str, Prediction],
    *,
    rules: TextRules,
    min_train_photos: int = 5,
    seed: int = 0,
    meteor: bool = True,
    tokenizer: TokenizerChoice = "auto",
    bins: int = 10,
) -> tuple[dict[str, Any], list[ItemOutcome]]:
    """All figures of the protocol, and each item's outcome. Pure: no model, no file.

    ``category.all`` counts every named box, ``category.frequent`` those whose category has ``min_train_photos``
    training photos or more (None when the data set has no training split); their ``standard_errors`` are those of
    ``strict``, if other photos had been drawn. Caption figures are there when the annotations carry captions.

    Raises:
        BadInputError: an item with captions has no prediction.
        MissingDependencyError: captions are to be scored and pycocoevalcap is not installed.
    """
    named = [item for item in data.items if item.category]
    judged = {item.id: _Judged(item, predictions[item.id], rules) for item in named}
    frequent = [
        item for item in named if data.train_photos.get(category_words(item.category or ""), 0) >= min_train_photos
    ]
    outcomes = [
        ItemOutcome(
            item=item,
            prediction=predictions[item.id],
            value=(1.0 if is_right(judged[item.id].top1) else -1.0) * _category_score(predictions[item.id]),
            right=is_right(judged[item.id].top1),
            relation=judged[item.id].top1,
        )
        for item in named
    ]
    guessed = [o for o in outcomes if o.prediction.categories]
    scores, rights = [_category_score(o.prediction) for o in guessed], [o.right for o in guessed]
    metrics: dict[str, Any] = {
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
        "unsure": unsure_figures([(o.prediction.unsure, False, o.right, judged[o.item.id].shown) for o in outcomes]),
        "calibration": {"category_right": calibration(scores, rights, bins=bins)},
        "coverage": {"category_right": coverage_curve(scores, rights)},
        "captions": None,
        "human_agreement": None,
    }
    for group in ("sure", "unsure"):
        metrics["unsure"][group].pop("exact_match")  # names are no captions

    references = {item.id: list(item.references) for item in data.items if item.references}
    if references:
        specific = {item: answer.specific.text for item, answer in predictions.items()}
        shown = {item: answer.shown.text for item, answer in predictions.items()}
        caption = caption_scores(specific, references, meteor=meteor, tokenizer=tokenizer)
        metrics["captions"] = {
            "specific": caption.figures(),
            "shown": caption_scores(shown, references, meteor=meteor, tokenizer=tokenizer).figures(),
        }
        photos = photo_of(data.items)
        metrics["standard_errors"] = caption.standard_errors(photos)
        metrics["human_agreement"] = human_agreement(
            specific, references, seed=seed, photos=photos, meteor=meteor, tokenizer=tokenizer
        )
        if not outcomes:
            captioned = [item for item in data.items if item.references]
            outcomes = [ItemOutcome.of_caption(item, predictions[item.id], caption) for item in captioned]
    return metrics, outcomes


def _category_score(answer: Prediction) -> float:
    return answer.categories[0].score if answer.categories else 0.0


def _per_category(
    items: Sequence[EvaluationItem], judged: Mapping[str, _Judged], train_photos: Mapping[str, int]
) -> list[dict[str, Any]]:
    groups: dict[str, list[_Judged]] = defaultdict(list)
    for item in items:
        groups[item.category or ""].append(judged[item.id])
    rows = []
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


def _confusions(outcomes: Sequence[ItemOutcome]) -> list[dict[str, Any]]:
    """The commonest pairs of what a box is and what the model said, answers that are right left out."""
    pairs: Counter[tuple[str, str, Relation]] = Counter()
    for outcome in outcomes:
        if not outcome.right and outcome.prediction.categories:
            said = category_words(outcome.prediction.categories[0].text)
            pairs[(outcome.item.category or "", said, outcome.relation)] += 1
    ranked = sorted(pairs.items(), key=lambda entry: (-entry[1], entry[0]))[:CONFUSIONS]
    return [{"category": t, "answer": said, "relation": kind, "count": n} for (t, said, kind), n in ranked]
