"""The protocol on Flickr30k Entities: captions, category, attributes, calibration, and the human baseline
(leave-one-out).

Every boxed chain that people named is one item (the union box of a group); all its distinct phrases, lower-cased, are
its references.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TypedDict

from roi_assistant.core.lexicon import canonical_noun
from roi_assistant.core.phrase_comparison import canonical_value, clause_attributes
from roi_assistant.core.phrases import parse_mention, parse_phrase
from roi_assistant.core.records import CaptionStyle
from roi_assistant.errors import FormatError
from roi_assistant.evaluation.calibration import CalibrationFigures, CoverageRow, calibration, coverage_curve
from roi_assistant.evaluation.categories import (
    Relation,
    RelationFigures,
    best_relation,
    is_right,
    relation,
    relation_figures,
)
from roi_assistant.evaluation.items import EvaluationItem, EvaluationSet, item_of, photo_loader, photo_of
from roi_assistant.evaluation.metrics import (
    CaptionErrors,
    CaptionScores,
    HumanBaseline,
    is_exact_match,
    leave_one_out,
    standard_error,
)
from roi_assistant.evaluation.outcomes import (
    AttributeSources,
    BothCaptions,
    ItemOutcome,
    ScoringOptions,
    UnsureFigures,
    attribute_sources,
    bare_share,
    mean,
    score_captions,
    unsure_figures,
)
from roi_assistant.evaluation.predictions import Prediction
from roi_assistant.formats.flickr30k_entities import Flickr30kEntities

PROTOCOL = "flickr30k-entities"


def load_flickr30k(
    root: Path, *, split: str, limit: int | None = None, style: CaptionStyle = "phrase"
) -> EvaluationSet:
    """The items of ``split`` of the data set at ``root`` that people wrote of in ``style``; ``limit`` keeps the first
    so many photos.

    Raises:
        FormatError: the layout is not the official one, or the split has no boxed region with a phrase.
    """
    data = Flickr30kEntities(root)
    items = [item_of(p, r, style=style) for p in islice(data.photos(split), limit) for r in p.regions]
    kept = tuple(item for item in items if item.references)
    if not kept:
        raise FormatError(f"The split {split} of {root} has no box with a phrase: nothing to evaluate.")
    notes = (
        "The data set's photos are of people, dogs, sports and streets; indoor objects, food and electronics are rare.",
    )
    return EvaluationSet(PROTOCOL, "Flickr30k Entities", split, kept, photo_loader(data.images), notes=notes)


def named_by_nouns(data: EvaluationSet) -> EvaluationSet:
    """``data`` with a category for each item: the noun by which most sentences call it, all people being a "person" and
    synonyms the one that people use most. An item without a noun ("another one") has no category."""
    heads = {item.id: [parse_mention(*mention).head for mention in item.mentions] for item in data.items}
    nouns = {item: [head for head in of_item if head] for item, of_item in heads.items()}
    words: dict[str, str] = {}
    for noun, _ in Counter(chain.from_iterable(nouns.values())).most_common():
        words[noun] = canonical_noun(noun, words.values())

    def category(item: EvaluationItem) -> str | None:
        return next((word for word, _ in Counter(words[noun] for noun in nouns[item.id]).most_common(1)), None)

    return replace(data, items=tuple(replace(item, category=category(item)) for item in data.items))


class CategoryAgreement(TypedDict):
    """A person's and the model's head noun against the heads of a region's other phrases."""

    human: RelationFigures
    model: RelationFigures


class Flickr30kAgreement(HumanBaseline):
    """The human baseline with categories."""

    category: CategoryAgreement


class Flickr30kErrors(CaptionErrors):
    """Standard errors of the headline figures, those of the category included."""

    strict: float | None
    with_synonyms: float | None


class Flickr30kCategory(TypedDict):
    """Head nouns of captions, and category answers, against the head nouns of all human phrases of a region."""

    caption_head: RelationFigures
    caption_head_shown: RelationFigures
    answer: RelationFigures
    answer_top5: RelationFigures
    items_without_human_head: int


class GroupFigures(TypedDict):
    """Figures of a group of items; CIDEr is their mean under the word weights of the whole set."""

    items: int
    cider: float | None
    exact_match: float | None
    category_right: float | None


class Flickr30kMetrics(TypedDict):
    """All figures of the protocol."""

    captions: BothCaptions
    standard_errors: Flickr30kErrors
    human_agreement: Flickr30kAgreement
    category: Flickr30kCategory
    attributes: AttributeSources
    unsure: UnsureFigures
    calibration: dict[str, CalibrationFigures]
    coverage: dict[str, list[CoverageRow]]
    groups: dict[str, GroupFigures]
    bare_captions: float | None


def human_labels(item: EvaluationItem) -> dict[str, set[str]]:
    """Attribute values that people named for the item, over all its phrases and the sentences that they stand in."""
    labels: dict[str, set[str]] = defaultdict(set)
    named = [parse_phrase(phrase).attributes for phrase in item.references]
    named += [clause_attributes(*mention) for mention in item.mentions]
    for name, values in ((name, values) for facts in named for name, values in facts.items()):
        labels[name].update(filter(None, (canonical_value(name, value) for value in values)))
    return {name: values for name, values in labels.items() if values}


def _heads(phrases: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(head for phrase in phrases if (head := parse_phrase(phrase).head)))


def category_agreement(
    predictions: Mapping[str, Prediction], references: Mapping[str, Sequence[str]], *, seed: int
) -> CategoryAgreement:
    """Head noun of the person's phrase and of the model's caption against the heads of the region's other phrases."""
    human: list[Relation] = []
    model: list[Relation] = []
    for item, (pick, rest) in leave_one_out(references, seed=seed).items():
        truths = _heads(rest)
        if truths:
            human.append(relation(parse_phrase(pick).head, truths))
            model.append(relation(parse_phrase(predictions[item].specific.text).head, truths))
    return {"human": relation_figures(human), "model": relation_figures(model)}


def evaluate_flickr30k(
    data: EvaluationSet, predictions: Mapping[str, Prediction], options: ScoringOptions
) -> tuple[Flickr30kMetrics, list[ItemOutcome]]:
    """All figures of the protocol, and each item's outcome. Pure: no model, no file.

    ``standard_errors`` are those of the best specific caption, if other photos had been drawn.

    Raises:
        BadInputError: an item has no prediction.
        MissingDependencyError: pycocoevalcap is not installed.
    """
    photos = photo_of(data.items)
    results = score_captions(data.items, predictions, options)
    scores = results.scores
    references = {item.id: list(item.references) for item in data.items}
    category = category_agreement(predictions, references, seed=options.seed)

    truths = {item.id: _heads(item.references) for item in data.items}
    headed = [item for item in data.items if truths[item.id]]

    def head_relation(item: EvaluationItem, caption: str) -> Relation:
        return relation(parse_phrase(caption).head, truths[item.id])

    heads = {item.id: head_relation(item, predictions[item.id].specific.text) for item in headed}
    shown_heads = {item.id: head_relation(item, predictions[item.id].shown.text) for item in headed}
    answers = {item.id: [guess.text for guess in predictions[item.id].categories] for item in headed}
    labels = {item.id: human_labels(item) for item in data.items}
    outcomes = [
        ItemOutcome(
            item=item,
            prediction=predictions[item.id],
            value=scores.item_cider[item.id],
            right=is_right(heads.get(item.id, "none")),
            relation=heads.get(item.id, "none"),
            cider=scores.item_cider[item.id],
            exact=scores.item_exact[item.id],
        )
        for item in data.items
    ]
    of_headed = [outcome for outcome in outcomes if outcome.item.id in heads]
    exact = [bool(outcome.exact) for outcome in outcomes]
    metrics: Flickr30kMetrics = {
        "captions": results.captions,
        "standard_errors": {
            **results.standard_errors,
            "strict": standard_error({item: kind == "exact" for item, kind in heads.items()}, photos),
            "with_synonyms": standard_error({item: is_right(kind) for item, kind in heads.items()}, photos),
        },
        "human_agreement": {**results.human_agreement, "category": category},
        "category": {
            "caption_head": relation_figures(list(heads.values())),
            "caption_head_shown": relation_figures(list(shown_heads.values())),
            "answer": relation_figures([relation((*answers[i.id], "")[0], truths[i.id]) for i in headed]),
            "answer_top5": relation_figures([best_relation(answers[i.id][:5], truths[i.id]) for i in headed]),
            "items_without_human_head": len(data.items) - len(headed),
        },
        "attributes": attribute_sources(labels, predictions),
        "unsure": unsure_figures(of_headed, shown_heads, captions=True),
        "calibration": _calibrations(outcomes, of_headed, truths),
        "coverage": {"caption_exact_match": coverage_curve([o.prediction.specific.score for o in outcomes], exact)},
        "groups": _groups(data, scores, heads),
        "bare_captions": bare_share(predictions[item.id] for item in data.items),
    }
    return metrics, outcomes


def _calibrations(
    outcomes: Sequence[ItemOutcome], headed: Sequence[ItemOutcome], truths: Mapping[str, Sequence[str]]
) -> dict[str, CalibrationFigures]:
    """``headed`` are the outcomes of items that have ``truths``: human head nouns."""
    guesses = [(o.prediction.categories[0], truths[o.item.id]) for o in headed if o.prediction.categories]
    return {
        "caption_exact_match": calibration(
            [o.prediction.specific.score for o in outcomes], [bool(o.exact) for o in outcomes]
        ),
        "shown_caption_exact_match": calibration(
            [o.prediction.shown.score for o in outcomes],
            [is_exact_match(o.prediction.shown.text, o.item.references) for o in outcomes],
        ),
        "caption_head_right": calibration([o.prediction.specific.score for o in headed], [o.right for o in headed]),
        "category_right": calibration(
            [guess.score for guess, _ in guesses], [is_right(relation(guess.text, heads)) for guess, heads in guesses]
        ),
    }


def _groups(data: EvaluationSet, scores: CaptionScores, heads: Mapping[str, Relation]) -> dict[str, GroupFigures]:
    """Figures by kind of thing, box size, single or group."""
    members: dict[str, list[str]] = defaultdict(list)
    for item in data.items:
        for kind in item.kinds:
            members[f"kind: {kind}"].append(item.id)
        members[f"size: {item.size}"].append(item.id)
        members["boxes: several" if item.members > 1 else "boxes: one"].append(item.id)
    return {
        name: {
            "items": len(ids),
            "cider": mean([scores.item_cider[item] for item in ids]),
            "exact_match": mean([float(scores.item_exact[item]) for item in ids]),
            "category_right": mean([float(is_right(heads[item])) for item in ids if item in heads]),
        }
        for name, ids in sorted(members.items())
    }
