"""What the protocols share: how items came out, captions beside the human baseline, attributes, sure and unsure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from roi_assistant.core.phrase_comparison import canonical_value
from roi_assistant.core.phrases import parse_phrase, without_article
from roi_assistant.evaluation.categories import Relation, RelationFigures, is_right, relation_figures
from roi_assistant.evaluation.items import EvaluationItem, photo_of
from roi_assistant.evaluation.metrics import (
    CaptionErrors,
    CaptionFigures,
    CaptionScores,
    HumanBaseline,
    TokenizerChoice,
    caption_scores,
    human_baseline,
)
from roi_assistant.evaluation.predictions import Prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringOptions:
    """``seed`` draws the human baseline's phrases; ``meteor`` and ``tokenizer``: see `metrics.caption_scores`."""

    seed: int = 0
    meteor: bool = True
    tokenizer: TokenizerChoice = "auto"


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

    @classmethod
    def of_category(cls, item: EvaluationItem, prediction: Prediction, relation: Relation) -> ItemOutcome:
        """Of an item of which only the first category is scored: the surest right one is best, the surest wrong one
        worst."""
        right = is_right(relation)
        value = (1.0 if right else -1.0) * category_score(prediction)
        return cls(item, prediction, value=value, right=right, relation=relation)


def category_score(prediction: Prediction) -> float:
    """The score of the first category, 0 without one."""
    return prediction.categories[0].score if prediction.categories else 0.0


class BothCaptions(TypedDict):
    """``specific`` scores the model's best specific caption, which is the headline; ``shown`` what users see, a more
    general word where the model is unsure."""

    specific: CaptionFigures
    shown: CaptionFigures


@dataclass(frozen=True, slots=True)
class CaptionResults:
    """Captions of a set of items. ``scores`` and ``standard_errors`` are those of the specific captions."""

    scores: CaptionScores
    captions: BothCaptions
    standard_errors: CaptionErrors
    human_agreement: HumanBaseline


def score_captions(
    items: Iterable[EvaluationItem], predictions: Mapping[str, Prediction], options: ScoringOptions
) -> CaptionResults:
    """Score the captions of ``items`` against all their references.

    Raises:
        BadInputError: an item has no prediction.
        MissingDependencyError: pycocoevalcap is not installed.
    """
    items = list(items)
    references = {item.id: list(item.references) for item in items}
    specific = {item: answer.specific.text for item, answer in predictions.items()}
    shown = {item: answer.shown.text for item, answer in predictions.items()}
    meteor, tokenizer, photos = options.meteor, options.tokenizer, photo_of(items)
    scores = caption_scores(specific, references, meteor=meteor, tokenizer=tokenizer)
    return CaptionResults(
        scores,
        {
            "specific": scores.figures,
            "shown": caption_scores(shown, references, meteor=meteor, tokenizer=tokenizer).figures,
        },
        scores.standard_errors(photos),
        human_baseline(specific, references, seed=options.seed, photos=photos, meteor=meteor, tokenizer=tokenizer),
    )


def mean(values: Sequence[float]) -> float | None:
    """None of no values."""
    return sum(values) / len(values) if values else None


class AttributeFigures(TypedDict):
    """Accuracy of one attribute over the ``labelled`` items, for which people named it.

    ``most_common`` is the value that most of these items share, ``most_common_accuracy`` what answering it everywhere
    would reach on them. ``accuracy_when_answered`` is None without an answer.
    """

    labelled: int
    answered: int
    correct: int
    accuracy: float
    accuracy_when_answered: float | None
    most_common: str
    most_common_accuracy: float


class AttributeSources(TypedDict):
    """By attribute: figures of the model's attribute answers, and of its caption read as attributes."""

    answer: dict[str, AttributeFigures]
    caption: dict[str, AttributeFigures]


def attribute_sources(
    labels: Mapping[str, Mapping[str, set[str]]], predictions: Mapping[str, Prediction]
) -> AttributeSources:
    """`attribute_figures` of the answers and of the specific captions in ``predictions``, by item."""
    answers = {item: answer.attributes for item, answer in predictions.items()}
    captions = {item: parse_phrase(answer.specific.text).attributes for item, answer in predictions.items()}
    return {"answer": attribute_figures(labels, answers), "caption": attribute_figures(labels, captions)}


def attribute_figures(
    labels: Mapping[str, Mapping[str, set[str]]], answers: Mapping[str, Mapping[str, Sequence[str]]]
) -> dict[str, AttributeFigures]:
    """Accuracy per attribute, the one with most labelled items first.

    An answer is right when one of its values is among the human ones; no answer is wrong.

    Args:
        labels: item -> attribute -> values that people named, in canonical form.
        answers: item -> attribute -> values of the model.
    """
    by_name: dict[str, list[tuple[set[str], set[str]]]] = defaultdict(list)
    for item, human in labels.items():
        for name, values in human.items():
            answered = {canonical_value(name, value) for value in answers.get(item, {}).get(name, ())} - {""}
            by_name[name].append((values, answered))
    figures: dict[str, AttributeFigures] = {}
    for name, pairs in sorted(by_name.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        answered_count = sum(bool(answered) for _, answered in pairs)
        correct = sum(bool(answered & values) for values, answered in pairs)
        counts = Counter(value for values, _ in pairs for value in values)
        common, common_count = min(counts.items(), key=lambda entry: (-entry[1], entry[0]))
        figures[name] = {
            "labelled": len(pairs),
            "answered": answered_count,
            "correct": correct,
            "accuracy": correct / len(pairs),
            "accuracy_when_answered": correct / answered_count if answered_count else None,
            "most_common": common,
            "most_common_accuracy": common_count / len(pairs),
        }
    return figures


class SurenessGroup(TypedDict, total=False):
    """Answers that are shown as sure, or as unsure. ``exact_match`` is left out where there are no captions."""

    items: int
    exact_match: float | None
    category_right: float | None
    shown_category: RelationFigures


class UnsureFigures(TypedDict):
    """The ``share`` of items shown as unsure, and what sure and unsure answers are worth."""

    items: int
    share: float | None
    sure: SurenessGroup
    unsure: SurenessGroup


def bare_share(predictions: Iterable[Prediction]) -> float | None:
    """Share of the specific captions that say nothing but what it is: "a dog"."""
    return mean([float(is_bare(prediction.specific.text)) for prediction in predictions])


def is_bare(caption: str) -> bool:
    """Whether ``caption`` is a noun and nothing else."""
    facts, words = parse_phrase(caption), without_article(caption).split()
    return not facts.attributes and len(words) <= max(1, len(facts.head.split()))


def unsure_figures(outcomes: Sequence[ItemOutcome], shown: Mapping[str, Relation], *, captions: bool) -> UnsureFigures:
    """What sure and unsure answers are worth.

    Args:
        outcomes: those of the items that are counted.
        shown: the relation of the shown category by item.
        captions: whether exact matches of the specific caption are counted too.
    """

    def group(unsure: bool) -> SurenessGroup:
        members = [outcome for outcome in outcomes if outcome.prediction.unsure is unsure]
        figures: SurenessGroup = {"items": len(members)}
        if captions:
            figures["exact_match"] = mean([float(bool(outcome.exact)) for outcome in members])
        figures["category_right"] = mean([float(outcome.right) for outcome in members])
        figures["shown_category"] = relation_figures([shown[outcome.item.id] for outcome in members])
        return figures

    share = mean([float(outcome.prediction.unsure) for outcome in outcomes])
    return {"items": len(outcomes), "share": share, "sure": group(False), "unsure": group(True)}
