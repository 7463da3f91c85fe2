"""Score calibration: isotonic regression on held-out answers, and the weights that are fitted with it.

A fitted score is the probability that a person would agree with the answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from roi_assistant.captioners.mini.answers import ATTRIBUTE_TASKS, COLOR, AnswerReader, RegionAnswers, measured_shares
from roi_assistant.captioners.mini.captioner import BOXES_PER_BATCH, MiniCaptioner
from roi_assistant.captioners.mini.proposals import PROPOSAL
from roi_assistant.core.box import Box
from roi_assistant.core.calibration import Curve, fit_curve
from roi_assistant.core.phrase_comparison import canonical_value, clause_attributes
from roi_assistant.core.phrases import is_more_general, parse_phrase, same_category
from roi_assistant.core.prompts import Task
from roi_assistant.core.records import DescribeRequest, RegionText
from roi_assistant.evaluation.metrics import caption_scores
from roi_assistant.evaluation.proposals import hits_of
from roi_assistant.formats.annotated_photos import AnnotatedPhoto, AnnotatedRegion
from roi_assistant.formats.clauses import clauses_of
from roi_assistant.formats.flickr30k_entities import Flickr30kEntities
from roi_assistant.formats.region_lines import RegionLines
from roi_assistant.interfaces import Proposes, can_propose
from roi_assistant.training.mini.corpus import general_data_sets, open_picture, stored_boxes
from roi_assistant.training.mini.exported import CALIBRATION, DEFAULT_CALIBRATION, write_calibration
from roi_assistant.training.mini.instructions import normalise_phrase

PHRASE, DESCRIPTION = DescribeRequest(), DescribeRequest(style="description")
PIXEL_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
HEAD_WEIGHTS = (0.0, 0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0)
RANKING_TRIALS: tuple[dict[str, tuple[float, ...]], ...] = (
    {"people": (0.0, 0.3, 0.6, 0.6, 1.0, 1.0, 1.0), "others": (0.0, 0.3, 0.3, 0.6, 0.3, 0.6, 1.0)},
    {"length_power": (0.7, 0.9, 1.1, 1.3)},
    {"category": (0.0, 0.1, 0.2, 0.4, 0.7)},
    {"color": (0.0, 0.1, 0.2, 0.4)},
    {"recolor_below": (0.0, 0.08, 0.15, 0.25, 0.35), "recolor_from": (1.0, 0.4, 0.3, 0.25, 0.25)},
)
"""Weights of the ranking that are tried one line after another, the best of each kept; those of a line go together."""
CLAUSES_FROM = (0.4, 0.45, 0.5, 0.6, 1.1)
"""Mean probabilities of a token from which what the decoder writes on completes phrases; the last is never. Less sure
words agree better with people's, but of those that were looked at two thirds were wrong (docs/experiments.md)."""
RENAME_MARGINS = (-0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 2.0)
"""By how much likelier the category must be than the caption's noun to be written instead of it; the last is never."""
FEWEST_CERTAIN = 200
"""Val regions from which the certainty of a category is fitted."""
_NEWTON_STEPS, _PENALTY = 30, 0.1
PROPOSALS_PER_BIN = 1000
"""There are 50 proposals of each photo."""
UNSURE_BELOW = 0.45
"""Below this probability that a person agrees, a more general word is shown."""
GENERAL_FROM = 0.6
"""The more general word is itself shown only when it is at least this likely; else "an object" is."""


@dataclass(frozen=True)
class HeldOut:
    """One val region: the model's answers and what people said. ``attributes`` are labelled values by attribute."""

    source: str
    answers: RegionAnswers
    box: Box
    shares: dict[str, float]
    """Of the named colors in the box, see `measured_shares`."""
    nouns: frozenset[str]
    attributes: dict[str, frozenset[str]]
    phrases: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


def calibrate_model(folder: Path, *, flickr: Path, general: Sequence[Path], clause_task: Task | None = None) -> Path:
    """Fit curves and the weight of measured colors on all val splits and write ``calibration.json``. ``clause_task`` is
    the question whose answers complete descriptions: "description" for a decoder that was taught it; None asks none."""
    asking = {"clause_from": 0.0, "clause_task": clause_task} if clause_task else {}
    write_calibration(folder, {**DEFAULT_CALIBRATION, **asking})
    model = MiniCaptioner.load(folder)
    held_out = list(held_out_answers(model, flickr=flickr, general=general))
    calibration = fit(
        held_out,
        reader=lambda values: AnswerReader(values, tokenizer=model.tokenizer, weights=model.ngrams),
        clause_task=clause_task,
    )
    if can_propose(model):
        calibration = _with_proposals(calibration, proposal_curve(model, flickr=flickr, general=general))
    return write_calibration(folder, calibration)


def calibrate_proposals(folder: Path, *, flickr: Path, general: Sequence[Path]) -> Path:
    """Fit the scores of proposed boxes on all val splits; all else in ``calibration.json`` stays."""
    calibration = json.loads((folder / CALIBRATION).read_text(encoding="utf-8"))
    calibration["curves"].pop(PROPOSAL, None)
    write_calibration(folder, calibration)
    curve = proposal_curve(MiniCaptioner.load(folder), flickr=flickr, general=general)
    return write_calibration(folder, _with_proposals(calibration, curve))


def proposal_curve(model: Proposes, *, flickr: Path, general: Sequence[Path]) -> Curve:
    """By the score that ``model``, not calibrated yet, gives a proposal of a val photo: the share of such that overlap
    a person's box (`hits_of`)."""
    scores: list[float] = []
    hits: list[bool] = []
    data_sets: tuple[Flickr30kEntities | RegionLines, ...] = (Flickr30kEntities(flickr), *general_data_sets(general))
    for dataset in data_sets:
        for photo in dataset.photos("val"):
            image = open_picture(dataset, photo)
            proposed = model.propose(model.set_image(image))
            scores += [one.score for one in proposed]
            hits += hits_of(proposed, stored_boxes(photo, image))
    return fit_curve(scores, hits, smallest=PROPOSALS_PER_BIN)


def _with_proposals(calibration: dict[str, Any], curve: Curve) -> dict[str, Any]:
    return {**calibration, "curves": {**calibration["curves"], **_as_json({PROPOSAL: curve})}}


def held_out_answers(model: MiniCaptioner, *, flickr: Path, general: Sequence[Path]) -> Iterator[HeldOut]:
    """The model's answers on the val photos of all corpora."""
    data_sets: tuple[Flickr30kEntities | RegionLines, ...] = (Flickr30kEntities(flickr), *general_data_sets(general))
    for dataset in data_sets:
        source = "flickr30k" if dataset is data_sets[0] else "general"
        for photo in dataset.photos("val"):
            if not photo.regions:
                continue
            image = open_picture(dataset, photo)
            boxes = stored_boxes(photo, image)
            state = model.set_image(image)
            for start in range(0, len(boxes), BOXES_PER_BATCH):
                part = slice(start, start + BOXES_PER_BATCH)
                answers = model.answers(state, boxes[part], DESCRIPTION)
                for region, box, answer in zip(photo.regions[part], boxes[part], answers, strict=True):
                    nouns, attributes = labels(region, photo)
                    phrases = tuple(dict.fromkeys(map(normalise_phrase, region.phrases)))
                    clauses = tuple(dict.fromkeys(map(normalise_phrase, clauses_of(region, photo.sentences))))
                    shares = measured_shares(image, box)
                    yield HeldOut(source, answer, box, shares, nouns, attributes, phrases, clauses)


def labels(region: AnnotatedRegion, photo: AnnotatedPhoto) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    """Nouns that people used for the region, and the attribute values that they named, in canonical form."""
    if region.category is not None:
        return frozenset({region.category}), {}
    nouns: set[str] = set()
    attributes: dict[str, set[str]] = {}
    for sentence in photo.sentences:
        for mention in sentence.mentions:
            if mention.region_id != region.id:
                continue
            phrase = " ".join(sentence.words[mention.start : mention.end])
            facts = parse_phrase(phrase)
            nouns.add(facts.head)
            for named in (facts.attributes, clause_attributes(sentence.words, mention.start, mention.end)):
                for name, values in named.items():
                    attributes.setdefault(name, set()).update(canonical_value(name, value) for value in values)
    return frozenset(nouns - {""}), {name: frozenset(values - {""}) for name, values in attributes.items()}


def fit(
    held_out: list[HeldOut],
    *,
    reader: Callable[[dict[str, Any]], AnswerReader],
    clause_task: Task | None = None,
) -> dict[str, Any]:
    """The calibration: pixel weight by color accuracy, ranking by CIDEr, then one curve per kind of answer."""
    calibration = json.loads(json.dumps(DEFAULT_CALIBRATION))
    colored = [h for h in held_out if h.attributes.get(COLOR)]

    def color_accuracy(weight: float) -> float:
        trial = {**calibration, "color": {**calibration["color"], "pixel_weight": weight}}
        read = reader(trial)
        right = sum(_named(COLOR, _attribute(_read(read, h), COLOR), h.attributes[COLOR]) for h in colored)
        return right / max(1, len(colored))

    accuracy = {weight: color_accuracy(weight) for weight in PIXEL_WEIGHTS}
    calibration["color"]["pixel_weight"] = max(accuracy, key=lambda weight: accuracy[weight])
    print(json.dumps({"color accuracy on val by pixel weight": accuracy}))
    calibration["category"] = {"head_weight": fit_head_weight(held_out, calibration, reader=reader)}
    calibration["ranking"] = fit_ranking(held_out, calibration, reader=reader)
    curves: dict[str, Curve] = {}

    def answers(**changes: Any) -> list[tuple[HeldOut, RegionText]]:
        values = {**calibration, "curves": _as_json(curves), **changes}
        read = reader(values)
        return [(h, _read(read, h)) for h in held_out if h.nouns]

    certainty = fit_certainty(held_out, calibration, reader=reader)
    if certainty:
        calibration["category"]["certainty"] = certainty
    else:
        told = [(h, t.category) for h, t in answers() if t.category]
        curves["category"] = fit_curve([c.score for _, c in told], [_agrees(c.text, h.nouns) for h, c in told])
    plain = answers()
    curves["phrase"] = fit_curve(
        [t.caption.score for _, t in answers()],
        [_agrees(parse_phrase((t.specific or t.caption).text).head, h.nouns) for h, t in plain],
    )
    curves["sentence"] = curves["phrase"]
    general = answers(unsure_below=2.0, one_kind_from=2.0)  # the general word, however much the guesses agree
    named = [(h, t) for h, t in general if t.category and t.category.text != "object"]
    curves["general"] = fit_curve(
        [t.category.score for _, t in named if t.category],
        [_agrees(t.category.text, h.nouns) for h, t in named if t.category],
    )
    for name in ATTRIBUTE_TASKS:
        labelled = [(h, a) for h, t in plain if h.attributes.get(name) for a in t.attributes if a.name == name]
        if len(labelled) >= 20:
            curves[name] = through_zero(
                fit_curve(
                    [a.score for _, a in labelled], [_named(name, a.values, h.attributes[name]) for h, a in labelled]
                )
            )
    fitted = {**calibration, "curves": _as_json(curves), "unsure_below": UNSURE_BELOW, "general_from": GENERAL_FROM}
    fitted["rename_margin"] = fit_rename_margin(held_out, fitted, reader=reader)
    if clause_task is not None:
        fitted |= {"clause_task": clause_task, "clause_from": fit_clause_from(held_out, fitted, reader=reader)}
    return fitted


def fit_rename_margin(
    held_out: list[HeldOut], calibration: dict[str, Any], *, reader: Callable[[dict[str, Any]], AnswerReader]
) -> float:
    """The one of `RENAME_MARGINS` with which the best captions are best, see `fit_ranking`."""
    figures = {
        margin: round(caption_value(held_out, reader({**calibration, "rename_margin": margin})), 4)
        for margin in RENAME_MARGINS
    }
    print(json.dumps({"CIDEr plus share of right nouns on val by margin of the category": figures}))
    return max(figures, key=lambda margin: figures[margin])


def fit_clause_from(
    held_out: list[HeldOut], calibration: dict[str, Any], *, reader: Callable[[dict[str, Any]], AnswerReader]
) -> float:
    """The one of `CLAUSES_FROM` with which descriptions agree best with people's clauses (CIDEr)."""
    written = {str(number): item for number, item in enumerate(held_out) if item.clauses}
    references = {key: list(item.clauses) for key, item in written.items()}
    if not written:
        return CLAUSES_FROM[-1]

    def cider(least: float) -> float:
        read = reader({**calibration, "clause_from": least})
        texts = {key: _read(read, item, DESCRIPTION) for key, item in written.items()}
        captions = {key: (text.specific or text.caption).text for key, text in texts.items()}
        return caption_scores(captions, references, tokenizer="plain").figures["cider"]

    figures = {least: round(cider(least), 4) for least in CLAUSES_FROM}
    print(json.dumps({"CIDEr of descriptions on val by least probability of a clause": figures}))
    return max(figures, key=lambda least: figures[least])


def through_zero(curve: Curve) -> Curve:
    """``curve`` falling to 0 below its first point.

    Few regions have an attribute that people named, so that its curve may be a single point; what the model itself
    hardly believes must not be as sure as what it believes.
    """
    return Curve((0.0, *curve.inputs), (0.0, *curve.outputs)) if curve.inputs and curve.inputs[0] > 0 else curve


def fit_head_weight(
    held_out: list[HeldOut], calibration: dict[str, Any], *, reader: Callable[[dict[str, Any]], AnswerReader]
) -> float:
    """The weight of the category head with which the first guess on general photos is most often right."""
    named = [item for item in held_out if item.source == "general" and item.answers.nouns]
    if not named:
        return 0.0

    def right(weight: float) -> float:
        read = reader({**calibration, "category": {"head_weight": weight}})
        guesses = [read.guesses(item.answers) for item in named]
        return sum(guess[0].text in item.nouns for guess, item in zip(guesses, named, strict=True)) / len(named)

    shares = {weight: right(weight) for weight in HEAD_WEIGHTS}
    print(json.dumps({"first category right on general val by weight of the head": shares}))
    return max(shares, key=lambda weight: shares[weight])


def fit_certainty(
    held_out: list[HeldOut], calibration: dict[str, Any], *, reader: Callable[[dict[str, Any]], AnswerReader]
) -> list[float]:
    """Weights of `CategoryVotes.certainty_inputs`: a logistic regression of whether the first guess is right, by
    Newton's method with a small L2 penalty. Empty where few regions were both asked about and seen by a head."""
    read = reader(calibration)
    inputs, right = [], []
    for item in held_out:
        votes = read.votes(item.answers)
        if item.nouns and votes.both:
            guesses = read.guesses(item.answers)
            inputs.append(votes.certainty_inputs(guesses[0], among=guesses))
            right.append(_agrees(guesses[0].text, item.nouns))
    if len(right) < FEWEST_CERTAIN:
        return []
    x, y = np.array(inputs), np.array(right, dtype=float)
    weights = np.zeros(x.shape[1])
    for _ in range(_NEWTON_STEPS):
        likely = 1 / (1 + np.exp(-x @ weights))
        curvature = (x * (likely * (1 - likely))[:, None]).T @ x + _PENALTY * np.eye(len(weights))
        weights -= np.linalg.solve(curvature, x.T @ (likely - y) + _PENALTY * weights)
    return [round(float(weight), 5) for weight in weights]


def fit_ranking(
    held_out: list[HeldOut], calibration: dict[str, Any], *, reader: Callable[[dict[str, Any]], AnswerReader]
) -> dict[str, float]:
    """The weights of `RANKING_TRIALS` with which the best captions are best.

    That is CIDEr where there are phrases, plus the share of general photos' captions whose noun is the category: people
    wrote no captions of those, but a caption that names another thing than the category is wrong.
    """
    ranking = dict(calibration["ranking"])
    if not any(item.phrases for item in held_out):
        return ranking

    def value(weights: dict[str, float]) -> float:
        return caption_value(held_out, reader({**calibration, "ranking": weights}))

    for line in RANKING_TRIALS:
        trials = [dict(zip(line, values, strict=True)) for values in zip(*line.values(), strict=True)]
        figures = [value({**ranking, **trial}) for trial in trials]
        print(
            json.dumps(
                {
                    "CIDEr plus share of right nouns on val": [
                        [trial, round(f, 4)] for trial, f in zip(trials, figures, strict=True)
                    ]
                }
            )
        )
        ranking |= trials[figures.index(max(figures))]
    return ranking


def caption_value(held_out: Sequence[HeldOut], read: AnswerReader) -> float:
    """CIDEr of the best captions where there are phrases, plus the share of general photos' whose noun is right."""
    captions = [(text.specific or text.caption).text for text in (_read(read, item) for item in held_out)]
    phrased = {str(number): list(item.phrases) for number, item in enumerate(held_out) if item.phrases}
    if not phrased:
        return 0.0
    cider = caption_scores({key: captions[int(key)] for key in phrased}, phrased, tokenizer="plain").figures["cider"]
    right = [
        _same(parse_phrase(caption).head, item.nouns | {parse_phrase(noun).head for noun in item.nouns})
        for caption, item in zip(captions, held_out, strict=True)
        if item.source == "general"
    ]
    return cider + sum(right) / max(1, len(right))


def _read(reader: AnswerReader, item: HeldOut, request: DescribeRequest = PHRASE) -> RegionText:
    return reader.read(item.answers, box=item.box, request=request, prompt="", shares=item.shares)


def _attribute(text: RegionText, name: str) -> tuple[str, ...]:
    return next((a.values for a in text.attributes if a.name == name), ())


def _same(noun: str, human: frozenset[str]) -> bool:
    return any(same_category(noun, other) for other in human)


def _agrees(noun: str, human: frozenset[str]) -> bool:
    """The same thing, a more general word for it ("person" for "man"), or, where people wrote "person", which kind of
    one."""
    return any(
        same_category(noun, other)
        or is_more_general(noun, other)
        or (other == "person" and is_more_general(other, noun))
        for other in human
    )


def _named(name: str, values: tuple[str, ...], human: frozenset[str]) -> bool:
    """A value that a person named; ``human`` are as `labels` gives them."""
    return bool({canonical_value(name, value) for value in values} & human)


def _as_json(curves: dict[str, Curve]) -> dict[str, dict[str, list[float]]]:
    return {
        name: {"inputs": [round(v, 5) for v in curve.inputs], "outputs": [round(v, 4) for v in curve.outputs]}
        for name, curve in curves.items()
    }
