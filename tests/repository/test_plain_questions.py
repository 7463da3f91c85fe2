"""Plain questions about photos, with what is right as somebody saw who looked at them (``plain_questions.jsonl``).

A line has the ``photo``, the ``boxes`` that are asked about (x1, y1, x2, y2 as shares of its width and height), the
``question``, and words of which a ``right`` answer has one. The sample photos are in the repository, the others in
``shared``.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image

from roi_assistant.captioners.mini.captioner import MiniCaptioner
from roi_assistant.core.box import Box
from roi_assistant.core.records import Turn
from roi_assistant.formats.file_tree import FileTree
from roi_assistant.resources_path import resource

LEAST_OF_SAMPLES, LEAST = 9, 45


@dataclass(frozen=True, slots=True)
class Asked:
    photo: str
    boxes: tuple[tuple[float, float, float, float], ...]
    question: str
    right: tuple[str, ...]


QUESTIONS = [
    Asked(item["photo"], tuple(map(tuple, item["boxes"])), item["question"], tuple(item["right"]))
    for item in map(json.loads, Path(__file__).with_name("plain_questions.jsonl").read_text("utf-8").splitlines())
]
OF_SAMPLES = [asked for asked in QUESTIONS if asked.photo.startswith("samples/")]


@cache
def model() -> MiniCaptioner:
    return MiniCaptioner.load(resource("models", "gpt4roi-mini"), device="cpu")


@cache
def photos_in(folder: Path) -> FileTree:
    return FileTree.find(folder, "images")


def is_right(asked: Asked, shared: Path) -> bool:
    folder, file = asked.photo.split("/")
    data = resource("samples", file).read_bytes() if folder == "samples" else photos_in(shared / folder).read(file)
    image = Image.open(io.BytesIO(data)).convert("RGB")
    width, height = image.size
    boxes = [Box(x1 * width, y1 * height, x2 * width, y2 * height) for x1, y1, x2, y2 in asked.boxes]
    answer = "".join(model().chat(model().set_image(image), boxes, [Turn("user", asked.question)]))
    return any(re.search(rf"\b{word}\b", answer.lower()) for word in asked.right)


def test_there_are_sixty() -> None:
    assert len(QUESTIONS) == 60


def test_questions_about_the_sample_photos(tmp_path: Path) -> None:
    assert sum(is_right(asked, tmp_path) for asked in OF_SAMPLES) >= LEAST_OF_SAMPLES, f"of {len(OF_SAMPLES)}"


def test_questions_about_all_photos(shared: Path) -> None:
    assert sum(is_right(asked, shared) for asked in QUESTIONS) >= LEAST
