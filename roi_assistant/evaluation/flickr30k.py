"""The protocol on Flickr30k Entities: captions, category, attributes, calibration, and people under the same rule.

Every boxed chain that people named is one item (the union box of a group); all its distinct phrases, lower-cased, are
its references.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roi_assistant.errors import FormatError
from roi_assistant.evaluation.categories import (
    Relation,
    TextRules,
    best_relation,
    is_right,
    relation,
    relation_figures,
)
from roi_assistant.evaluation.items import EvaluationItem, EvaluationSet, first_photos, item_of, photo_of
from roi_assistant.evaluation.metrics import (
    CaptionScores,
    TokenizerChoice,
    calibration,
    caption_scores,
    coverage_curve,
    human_agreement,
    is_exact_match,
    leave_one_out,
    standard_error,
)
from roi_assistant.evaluation.predictions import Prediction
from roi_assistant.formats.flickr30k_entities import Flickr30kEntities

if TYPE_CHECKING:
    from PIL.Image import Image

PROTOCOL = "flickr30k-entities"


def load_flickr30k(root: Path, *, split: str, limit: int | None = None) -> EvaluationSet:
    """The items of ``split`` of the data set at ``root``; ``limit`` keeps the first so many photos.

    Raises:
        FormatError: the layout is not the official one, or the split has no boxed region with a phrase.
    """
    from roi_assistant.imaging.decode import decode_bytes

    data = Flickr30kEntities(root)
    items = [item_of(p, r) for p in first_photos(data.photos(split), limit) for r in p.regions]

    def load(photo: str) -> Image:
        return decode_bytes(data.images.read(photo), name=photo).pixels

    kept = tuple(item for item in items if item.references)
    if not kept:
        raise FormatError(f"The split {split} of {root} has no box with a phrase: nothing to evaluate.")
    notes = (
        "The data set's photos are of people, dogs, sports and streets; indoor objects, food and electronics are rare.",
    )
    return EvaluationSet(PROTOCOL, "Flickr30k Entities", split, kept, load, notes=notes)


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """How one item came out, for the report. ``value`` orders best and worst; ``right`` is what calibration counts."""

    item: EvaluationItem
    prediction: Prediction
    value: float
    right: bool
    relation: Relation
    cider: float | None = None
    exact: bool | None = None

    @classmethod
    def of_caption(cls, item: EvaluationItem, prediction: Prediction, scores: CaptionScores) -> ItemOutcome:
        """Of an item of which only the caption is scored."""
        cider, exact = scores.item_cider[item.id], scores.item_exact[item.id]
        return cls(item, prediction, value=cider, right=exact, relation="none", cider=cider, exact=exact)


def human_labels(item: EvaluationItem, rules: TextRules) -> dict[str, set[str]]:
    """Attribute values that people named for the item, over all its phrases and the sentences that they stand in."""
    labels: dict[str, set[str]] = defaultdict(set)
    named = [rules.attributes(phrase) for phrase in item.references]
    named += [rules.clause_attributes(*mention) for mention in item.mentions]
    for name, values in ((name, values) for facts in named for name, values in facts.items()):
        labels[name].update(filter(None, (rules.canonical(name, value) for value in values)))
    return {name: values for name, values in labels.items() if values}


def attribute_figures(
    labels: Mapping[str, Mapping[str, set[str]]],
    answers: Mapping[str, Mapping[str, Sequence[str]]],
    *,
    canonical: Callable[[str, str], str],
) -> dict[str, dict[str, Any]]:
    """Accuracy per attribute over the items for which people named it.

    Both arguments map item -> attribute -> values; ``labels`` are canonical already. An answer is right when one of its
    values is among the human ones; no answer is wrong. ``most_common`` is the value that most items share, and
    ``most_common_accuracy`` what answering it everywhere would reach on these very items.
    """
    by_name: dict[str, list[tuple[set[str], set[str]]]] = defaultdict(list)
    for item, named in labels.items():
        for name, values in named.items():
            said = {canonical(name, value) for value in answers.get(item, {}).get(name, ())} - {""}
            by_name[name].append((values, said))
    figures: dict[str, dict[str, Any]] = {}
    for name, pairs in sorted(by_name.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        answered = sum(bool(said) for _, said in pairs)
        correct = sum(bool(said & values) for values, said in pairs)
        counts = Counter(value for values, _ in pairs for value in values)
        common, common_count = min(counts.items(), key=lambda entry: (-entry[1], entry[0]))
        figures[name] = {
            "labelled": len(pairs),
            "answered": answered,
            "correct": correct,
            "accuracy": correct / len(pairs),
            "accuracy_when_answered": correct / answered if answered else None,
            "most_common": common,
            "most_common_accuracy": common_count / len(pairs),
        }
    return figures


def _heads(phrases: Sequence[str], rules: TextRules) -> list[str]:
    return list(dict.fromkeys(head for head in map(rules.head, phrases) if head))


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def category_agreement(
    predictions: Mapping[str, Prediction], references: Mapping[str, Sequence[str]], rules: TextRules, *, seed: int
) -> dict[str, Any]:
    """Head noun of the person's phrase and of the model's caption against the heads of the region's other phrases."""
    human: list[Relation] = []
    model: list[Relation] = []
    for item, (pick, rest) in leave_one_out(references, seed=seed).items():
        truths = _heads(rest, rules)
        if truths:
            human.append(relation(rules.head(pick), truths, rules))
            model.append(relation(rules.head(predictions[item].specific.text), truths, rules))
    return {"human": relation_figures(human), "model": relation_figures(model)}


def unsure_figures(rows: Sequence[tuple[bool, bool, bool, Relation]]) -> dict[str, Any]:
    """Share shown as unsure, and what sure and unsure answers are worth.

    Each row: unsure, exact match of the specific caption, specific category right, relation of the shown category.
    """
    figures: dict[str, Any] = {"items": len(rows), "share": _mean([float(row[0]) for row in rows])}
    for name, wanted in (("sure", False), ("unsure", True)):
        group = [row for row in rows if row[0] is wanted]
        figures[name] = {
            "items": len(group),
            "exact_match": _mean([float(row[1]) for row in group]),
            "category_right": _mean([float(row[2]) for row in group]),
            "shown_category": relation_figures([row[3] for row in group]),
        }
    return figures


def evaluate_flickr30k(
    data: EvaluationSet,
    predictions: Mapping[str, Prediction],
    *,
    rules: TextRules,
    seed: int = 0,
    meteor: bool = True,
    tokenizer: TokenizerChoice = "auto",
    bins: int = 10,
) -> tuple[dict[str, Any], list[ItemOutcome]]:
    """All figures of the protocol, and each item's outcome. Pure: no model, no file.

    ``captions.specific`` (the headline) scores the model's best specific caption, ``captions.shown`` what users see
    when the model is unsure and falls back to a more general word. ``standard_errors`` are those of the headline, if
    other photos had been drawn.

    Raises:
        BadInputError: an item has no prediction.
        MissingDependencyError: pycocoevalcap is not installed.
    """
    references = {item.id: list(item.references) for item in data.items}
    specific = {item: answer.specific.text for item, answer in predictions.items()}
    shown = {item: answer.shown.text for item, answer in predictions.items()}
    scores = caption_scores(specific, references, meteor=meteor, tokenizer=tokenizer)
    shown_scores = caption_scores(shown, references, meteor=meteor, tokenizer=tokenizer)
    photos = photo_of(data.items)
    agreement = human_agreement(specific, references, seed=seed, photos=photos, meteor=meteor, tokenizer=tokenizer)
    agreement["category"] = category_agreement(predictions, references, rules, seed=seed)

    truths = {item.id: _heads(item.references, rules) for item in data.items}
    headed = [item for item in data.items if truths[item.id]]
    heads = {item.id: relation(rules.head(specific[item.id]), truths[item.id], rules) for item in headed}
    shown_heads = {item.id: relation(rules.head(shown[item.id]), truths[item.id], rules) for item in headed}
    answers = {item.id: [guess.text for guess in predictions[item.id].categories] for item in headed}
    labels = {item.id: human_labels(item, rules) for item in data.items}
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
    metrics: dict[str, Any] = {
        "captions": {"specific": scores.figures(), "shown": shown_scores.figures()},
        "standard_errors": {
            **scores.standard_errors(photos),
            "strict": standard_error({item: kind == "exact" for item, kind in heads.items()}, photos),
            "with_synonyms": standard_error({item: is_right(kind) for item, kind in heads.items()}, photos),
        },
        "human_agreement": agreement,
        "category": {
            "caption_head": relation_figures(list(heads.values())),
            "caption_head_shown": relation_figures(list(shown_heads.values())),
            "answer": relation_figures([relation((*answers[i.id], "")[0], truths[i.id], rules) for i in headed]),
            "answer_top5": relation_figures([best_relation(answers[i.id][:5], truths[i.id], rules) for i in headed]),
            "items_without_human_head": len(data.items) - len(headed),
        },
        "attributes": {
            "answer": attribute_figures(
                labels, {item: p.attributes for item, p in predictions.items()}, canonical=rules.canonical
            ),
            "caption": attribute_figures(
                labels, {item: rules.attributes(text) for item, text in specific.items()}, canonical=rules.canonical
            ),
        },
        "unsure": unsure_figures(
            [
                (o.prediction.unsure, bool(o.exact), o.right, shown_heads[o.item.id])
                for o in outcomes
                if o.item.id in shown_heads
            ]
        ),
        "calibration": _calibrations(outcomes, truths, references, rules, bins=bins),
        "coverage": {
            "caption_exact_match": coverage_curve(
                [o.prediction.specific.score for o in outcomes], [bool(o.exact) for o in outcomes]
            )
        },
        "groups": _groups(data, scores, heads),
    }
    return metrics, outcomes


def _calibrations(
    outcomes: Sequence[ItemOutcome],
    truths: Mapping[str, Sequence[str]],
    references: Mapping[str, Sequence[str]],
    rules: TextRules,
    *,
    bins: int,
) -> dict[str, Any]:
    guessed = [o for o in outcomes if o.prediction.categories and truths[o.item.id]]
    headed = [o for o in outcomes if truths[o.item.id]]
    return {
        "caption_exact_match": calibration(
            [o.prediction.specific.score for o in outcomes], [bool(o.exact) for o in outcomes], bins=bins
        ),
        "shown_caption_exact_match": calibration(
            [o.prediction.shown.score for o in outcomes],
            [is_exact_match(o.prediction.shown.text, references[o.item.id]) for o in outcomes],
            bins=bins,
        ),
        "caption_head_right": calibration(
            [o.prediction.specific.score for o in headed], [o.right for o in headed], bins=bins
        ),
        "category_right": calibration(
            [o.prediction.categories[0].score for o in guessed],
            [is_right(relation(o.prediction.categories[0].text, truths[o.item.id], rules)) for o in guessed],
            bins=bins,
        ),
    }


def _groups(data: EvaluationSet, scores: CaptionScores, heads: Mapping[str, Relation]) -> dict[str, dict[str, Any]]:
    """Figures by kind of thing, box size, single or group; CIDEr is the mean of items under the whole set's weights."""
    members: dict[str, list[str]] = defaultdict(list)
    for item in data.items:
        for kind in item.kinds:
            members[f"kind: {kind}"].append(item.id)
        members[f"size: {item.size}"].append(item.id)
        members["boxes: several" if item.members > 1 else "boxes: one"].append(item.id)
    figures = {}
    for name, ids in sorted(members.items()):
        rights = [float(is_right(heads[item])) for item in ids if item in heads]
        figures[name] = {
            "items": len(ids),
            "cider": _mean([scores.item_cider[item] for item in ids]),
            "exact_match": _mean([float(scores.item_exact[item]) for item in ids]),
            "category_right": _mean(rights),
        }
    return figures
