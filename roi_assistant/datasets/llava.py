"""LLaVA-150k: conversations about whole photos, half of them with detected objects as hints."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from roi_assistant.core.box import Box
from roi_assistant.core.json_values import Finite, Label
from roi_assistant.core.record_json import Foreign, decode
from roi_assistant.core.records import Turn
from roi_assistant.datasets.dataset import Filter, ImageFiles, RegionDataset
from roi_assistant.datasets.records import (
    IMAGE_TOKEN,
    RegionSample,
    UnitBox,
    plain_lines,
    plain_text,
    unit_box,
)
from roi_assistant.datasets.templates import BEGIN, LLAVA_REGION, LLAVA_REGIONS
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.formats.coco_tables import check_inside
from roi_assistant.formats.json_files import read_json_lines, read_json_objects

NAME = "llava"
LEAST_SCORE = 0.3
LEAST_SIDE = 0.02
MOST_BOXES = 100
HINT_SHARE = 0.5

Detections = Mapping[str, Sequence[tuple[UnitBox, str]]]
"""Photo -> boxes in 0..1 with their class names, the surest first."""


@dataclass(frozen=True, slots=True)
class _Talk:
    id: str
    image: str
    turns: tuple[tuple[str, str], ...]


def load_llava(
    path: Path, images: ImageFiles, *, detections: Detections | None = None, split: str = "train"
) -> RegionDataset:
    """The conversations of ``llava_instruct_150k.json``.

    With ``detections``, each photo that has any lists them before the first question with probability
    ``HINT_SHARE``; without, no sample has a box.

    Raises:
        FormatError: the file has another layout, or no conversation is left.
    """
    chosen, entries = Filter(), []
    for number, record in read_json_objects(path, what="conversations"):
        talk = _talk(record, where=f"{path}, entry {number}")
        if chosen.keep(talk is not None, "question without an answer"):
            entries.append(talk)
    if not entries:
        raise FormatError(f"{path} has no conversation that can be used.")
    hints = detections or {}

    def write(talk: _Talk, rng: random.Random) -> RegionSample:
        hinted = list(hints.get(talk.image, ()))[:MOST_BOXES] if rng.random() < HINT_SHARE else []
        begin = BEGIN
        if hinted:
            begin += LLAVA_REGIONS.format(regions=",".join(LLAVA_REGION.format(name=name) for _, name in hinted))
        turns = [
            turn
            for number, (ask, reply) in enumerate(talk.turns)
            for turn in (Turn("user", ask if number else begin + ask), Turn("assistant", reply))
        ]
        boxes = tuple(box for box, _ in hinted)
        # The file does not say how large a photo is; boxes in 0..1 do not need it.
        return RegionSample(NAME, talk.id, talk.image, 1, 1, boxes, tuple(turns))

    boxes = sum(min(MOST_BOXES, len(hints.get(talk.image, ()))) for talk in entries if talk is not None)
    return RegionDataset(NAME, split, entries, write, images, boxes, dict(chosen.dropped))


def _talk(record: Mapping[str, object], *, where: str) -> _Talk | None:
    image, messages = record.get("image"), record.get("conversations")
    if not isinstance(image, str) or not isinstance(messages, list):
        raise FormatError(f"{where} is no conversation about a photo: give LLaVA's instruction file.")
    check_inside(image, name=where)
    try:
        texts = [(message["from"], str(message["value"])) for message in messages]
    except (KeyError, TypeError) as error:
        raise FormatError(f"{where}: a message has no speaker or no text.") from error
    speakers = [speaker for speaker, _ in texts]
    cleaned = [plain_lines(text.replace(IMAGE_TOKEN, "")) for _, text in texts]
    if not texts or speakers != ["human", "gpt"] * (len(texts) // 2) or not all(cleaned):
        return None
    return _Talk(str(record.get("id", image)), image, tuple(zip(cleaned[::2], cleaned[1::2], strict=True)))


@dataclass(frozen=True, slots=True)
class _DetectionLine(Foreign):
    image: Label
    boxes: tuple[tuple[Finite, Finite, Finite, Finite], ...]
    scores: tuple[Finite, ...]
    labels: tuple[Label, ...]


def read_detections(path: Path) -> dict[str, list[tuple[UnitBox, str]]]:
    """Detected objects: one JSON object a line with ``image``, ``boxes`` (``xyxy`` in 0..1), ``scores`` and ``labels``
    (class names). Those with a score of ``LEAST_SCORE`` or less, or a side of ``LEAST_SIDE`` or less, are left out.

    This layout is the program's own: a detector's numbered classes depend on a list that goes with them, so names are
    written instead.

    Raises:
        FormatError: a line has another layout.
    """
    detections: dict[str, list[tuple[UnitBox, str]]] = {}
    for number, record in read_json_lines(path):
        line = decode(_DetectionLine, record, name=f"{path}, line {number}")
        if not len(line.boxes) == len(line.scores) == len(line.labels):
            raise FormatError(f"{path}, line {number}: each box needs a score and a label.")
        kept = []
        for corners, score, label in zip(line.boxes, line.scores, line.labels, strict=True):
            name = plain_text(label.replace("_", " "))
            try:
                box = unit_box(Box(*corners), width=1, height=1)
            except BoxError:
                continue
            if score > LEAST_SCORE and box[2] - box[0] > LEAST_SIDE and box[3] - box[1] > LEAST_SIDE and name:
                kept.append((score, box, name))
        kept.sort(key=lambda item: -item[0])
        detections[line.image] = [(box, name) for _, box, name in kept]
    return detections
