"""Samples as pictures: photos with their boxes, and a page with what is asked and answered."""

from __future__ import annotations

import io
import re
from html import escape
from pathlib import Path

from roi_assistant.core.box import Box
from roi_assistant.core.records import RegionText, ScoredText
from roi_assistant.core.references import BOX_TOKEN
from roi_assistant.datasets.dataset import RegionDataset
from roi_assistant.datasets.records import RegionSample
from roi_assistant.datasets.templates import LLAVA_REGION
from roi_assistant.errors import FormatError, ImageError
from roi_assistant.formats.atomic import write_atomically
from roi_assistant.formats.html_page import page

_REGION = re.compile(r"region(\d+)")
_SHOWN = re.compile(LLAVA_REGION.format(name=r"([^,.<]+)"))
_LONGEST_LABEL = 60
_LEAST_PIXELS = 1.0


def box_labels(sample: RegionSample) -> list[str]:
    """A label for each box: the last answer about it alone, else what a question says it shows, else its number."""
    labels: list[str] = []
    for question, answer in zip(sample.turns[::2], sample.turns[1::2], strict=True):
        count = question.text.count(BOX_TOKEN)
        named = [int(number) for number in _REGION.findall(question.text)]
        if count == 1:
            labels.append(answer.text)
        elif count:
            shown = _SHOWN.findall(question.text)
            first = len(labels) + 1
            labels += shown if len(shown) == count else [f"region{k}" for k in range(first, first + count)]
        elif len(named) == 1:
            labels[named[0] - 1] = answer.text
    return [text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1].rstrip() + "…" for text in labels]


def write_samples(dataset: RegionDataset, folder: Path, *, count: int, seed: int) -> tuple[list[Path], list[str]]:
    """Draw ``count`` samples, spread over the data set, as JPEG files and a page with the conversations, in ``folder``.

    Returns the pictures, and what went wrong with photos that are missing or damaged.

    Raises:
        FileWriteError: a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures, problems, parts = [], [], []
    most = min(count, len(dataset))
    for number in range(most):
        sample = dataset.sample(number * len(dataset) // most, seed=seed)
        try:
            data = _picture(dataset, sample)
        except (FormatError, ImageError) as error:
            problems.append(str(error))
            continue
        path = folder / f"{dataset.name}-{number + 1:02d}.jpg"
        write_atomically(path, data)
        pictures.append(path)
        parts.append(_section(sample, path.name))
    if pictures:
        write_atomically(folder / f"{dataset.name}.html", page(f"{dataset.name}, {dataset.split}", parts))
    return pictures, problems


def _picture(dataset: RegionDataset, sample: RegionSample) -> bytes:
    from roi_assistant.imaging.draw import draw_regions

    image = dataset.picture(sample.image)
    if sample.width > 1 and abs(image.width / image.height / (sample.width / sample.height) - 1) > 0.02:
        image = image.resize((max(1, round(image.height * sample.width / sample.height)), image.height))
    boxes = sample.pixel_boxes(width=image.width, height=image.height)
    labels = box_labels(sample)
    texts = [RegionText(_visible(box), ScoredText(text, 1.0)) for box, text in zip(boxes, labels, strict=True)]
    stream = io.BytesIO()
    draw_regions(image, texts).save(stream, "JPEG", quality=88)
    return stream.getvalue()


def _visible(box: Box) -> Box:
    return Box(box.x1, box.y1, max(box.x2, box.x1 + _LEAST_PIXELS), max(box.y2, box.y1 + _LEAST_PIXELS))


def _section(sample: RegionSample, picture: str) -> str:
    tags = {"user": "dt", "assistant": "dd"}
    turns = "".join(f"<{tags[turn.role]}>{escape(turn.text)}</{tags[turn.role]}>" for turn in sample.turns)
    return f'<section class="sample"><img src="{escape(picture)}" alt="{escape(sample.id)}"><dl>{turns}</dl></section>'
