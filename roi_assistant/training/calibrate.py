"""Fit the scores of an exported model on val photos, so that they are probabilities that a person agrees."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from roi_assistant.core.box import Box, scale_box
from roi_assistant.core.calibration import Curve, fit_curve
from roi_assistant.core.phrases import is_more_general, parse_mention, parse_phrase, same_category
from roi_assistant.core.records import DescribeRequest, RegionText
from roi_assistant.formats.flickr30k_entities import Flickr30kEntities
from roi_assistant.formats.region_lines import RegionLines
from roi_assistant.formats.region_photos import HumanPhoto, HumanRegion
from roi_assistant.inference.answers import ATTRIBUTE_TASKS, COLOR, AnswerReader, RegionAnswers
from roi_assistant.inference.mini_captioner import BOXES_PER_BATCH, MiniCaptioner

COLOR_NAMES = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "gray", "tan")
DEFAULT_CALIBRATION: dict[str, Any] = {
    "curves": {},
    "unsure_below": 0.0,
    "general_from": 0.0,
    # Chosen on val: CIDEr of the beam's best phrase 0.92 -> 1.01.
    "ranking": {"length_power": 0.9, "category": 0.2, "color": 0.2, "recolor_below": 0.25, "recolor_from": 0.25},
    "color": {"names": list(COLOR_NAMES), "pixel_weight": 0.4, "second_from": 0.3},
}
PIXEL_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
UNSURE_BELOW = 0.4
"""Below this probability that a person agrees, a more general word is shown."""
GENERAL_FROM = 0.6
"""The more general word is itself shown only when it is at least this likely; else "an object" is."""


@dataclass(frozen=True)
class HeldOut:
    """One val region: the model's answers and what people said. ``attributes`` are labelled values by attribute."""

    source: str
    answers: RegionAnswers
    box: Box
    image: Image.Image
    nouns: frozenset[str]
    attributes: dict[str, frozenset[str]]


def calibrate_model(folder: Path, *, flickr: Path, general: Path) -> Path:
    """Fit curves and the weight of measured colors on both val splits and write ``calibration.json``."""
    from roi_assistant.training.recipe import write_manifest

    path = folder / "calibration.json"
    path.write_text(json.dumps(DEFAULT_CALIBRATION), encoding="utf-8")
    write_manifest(folder)
    model = MiniCaptioner.load(folder)
    held_out = list(held_out_answers(model, flickr=flickr, general=general))
    calibration = fit(held_out, reader=lambda values: AnswerReader(values, tokenizer=model.tokenizer))
    path.write_text(json.dumps(calibration, indent=2) + "\n", encoding="utf-8")
    write_manifest(folder)
    return path


def held_out_answers(model: MiniCaptioner, *, flickr: Path, general: Path) -> Iterator[HeldOut]:
    """The model's answers on the val photos of both corpora."""
    for source, dataset in (("flickr30k", Flickr30kEntities(flickr)), ("general", RegionLines(general))):
        for photo in dataset.photos("val"):
            if not photo.regions:
                continue
            image = Image.open(io.BytesIO(dataset.images.read(photo.image))).convert("RGB")
            boxes = [
                scale_box(r.box, x=image.width / photo.width, y=image.height / photo.height) for r in photo.regions
            ]
            state = model.set_image(image)
            for start in range(0, len(boxes), BOXES_PER_BATCH):
                part = slice(start, start + BOXES_PER_BATCH)
                answers = model.answers(state, boxes[part], DescribeRequest())
                for region, box, answer in zip(photo.regions[part], boxes[part], answers, strict=True):
                    nouns, attributes = labels(region, photo)
                    yield HeldOut(source, answer, box, image, nouns, attributes)


def labels(region: HumanRegion, photo: HumanPhoto) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    """Nouns that people used for the region, and the attribute values that they named."""
    if region.category is not None:
        return frozenset({region.category}), {}
    nouns: set[str] = set()
    attributes: dict[str, set[str]] = {}
    for sentence in photo.sentences:
        for mention in sentence.mentions:
            if mention.region_id == region.id:
                facts = parse_mention(sentence.words, mention.start, mention.end)
                nouns.add(facts.head)
                for name, values in facts.attributes.items():
                    attributes.setdefault(name, set()).update(values)
    return frozenset(nouns - {""}), {name: frozenset(values) for name, values in attributes.items()}


def fit(held_out: list[HeldOut], *, reader: Callable[[dict[str, Any]], AnswerReader]) -> dict[str, Any]:
    """The calibration: pixel weight by color accuracy, then one curve per kind of answer."""
    calibration = json.loads(json.dumps(DEFAULT_CALIBRATION))
    colored = [h for h in held_out if h.attributes.get(COLOR)]

    def color_accuracy(weight: float) -> float:
        trial = {**calibration, "color": {**calibration["color"], "pixel_weight": weight}}
        read = reader(trial)
        return sum(bool(set(_attribute(_read(read, h), COLOR)) & h.attributes[COLOR]) for h in colored) / max(
            1, len(colored)
        )

    accuracy = {weight: color_accuracy(weight) for weight in PIXEL_WEIGHTS}
    calibration["color"]["pixel_weight"] = max(accuracy, key=lambda weight: accuracy[weight])
    print(json.dumps({"color accuracy on val by pixel weight": accuracy}))
    curves: dict[str, Curve] = {}

    def answers(**changes: Any) -> list[tuple[HeldOut, RegionText]]:
        values = {**calibration, "curves": _as_json(curves), **changes}
        read = reader(values)
        return [(h, _read(read, h)) for h in held_out if h.nouns]

    plain = answers()
    curves["category"] = fit_curve(
        [t.category.score for _, t in plain if t.category],
        [_agrees(t.category.text, h.nouns) for h, t in plain if t.category],
    )
    curves["phrase"] = fit_curve(
        [t.caption.score for _, t in answers()],
        [_agrees(parse_phrase((t.specific or t.caption).text).head, h.nouns) for h, t in plain],
    )
    curves["sentence"] = curves["phrase"]
    general = answers(unsure_below=2.0)
    named = [(h, t) for h, t in general if t.category and t.category.text != "object"]
    curves["general"] = fit_curve(
        [t.category.score for _, t in named if t.category],
        [_agrees(t.category.text, h.nouns) for h, t in named if t.category],
    )
    for name in ATTRIBUTE_TASKS:
        labelled = [(h, a) for h, t in plain if h.attributes.get(name) for a in t.attributes if a.name == name]
        if len(labelled) >= 20:
            curves[name] = fit_curve(
                [a.score for _, a in labelled], [_named(a.values, h.attributes[name]) for h, a in labelled]
            )
    return {**calibration, "curves": _as_json(curves), "unsure_below": UNSURE_BELOW, "general_from": GENERAL_FROM}


def _read(reader: AnswerReader, item: HeldOut) -> RegionText:
    return reader.read(item.answers, box=item.box, request=DescribeRequest(), prompt="", image=item.image)


def _attribute(text: RegionText, name: str) -> tuple[str, ...]:
    return next((a.values for a in text.attributes if a.name == name), ())


def _agrees(noun: str, human: frozenset[str]) -> bool:
    """The same thing, a more general word for it ("person" for "man"), or, where people wrote "person", which kind of
    one."""
    return any(
        same_category(noun, other)
        or is_more_general(noun, other)
        or (other == "person" and is_more_general(other, noun))
        for other in human
    )


def _named(values: tuple[str, ...], human: frozenset[str]) -> bool:
    """A value that a person named; worn things agree by their noun."""
    heads = {parse_phrase(value).head or value for value in human}
    return bool(set(values) & human) or any((parse_phrase(value).head or value) in heads for value in values)


def _as_json(curves: dict[str, Curve]) -> dict[str, dict[str, list[float]]]:
    return {
        name: {"inputs": [round(v, 5) for v in curve.inputs], "outputs": [round(v, 4) for v in curve.outputs]}
        for name, curve in curves.items()
    }
