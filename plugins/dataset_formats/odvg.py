"""ODVG, the JSON lines of Open-GroundingDino and MM-Grounding-DINO: one image a line, phrases with their boxes.

    {"filename": "a/1.jpg", "height": 480, "width": 640, "grounding": {"caption": "a red cup . a dog .",
     "regions": [{"bbox": [x1, y1, x2, y2], "phrase": "a red cup", "tokens_positive": [[0, 9]]}]}}

``bbox`` is in pixels of the image as displayed; ``tokens_positive`` are the characters of ``caption``, first and behind
the last, where the phrase stands. A full stop ends a phrase for these models, so that none may stand inside one.
Layouts: https://github.com/longzw1997/Open-GroundingDino/blob/main/data_format.md and MMDetection's ``ODVGDataset``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from roi_assistant.api import (
    AnnotatedImage,
    Box,
    BoxError,
    Caption,
    ExportReport,
    FormatError,
    LossCounter,
    Provenance,
    Region,
    only_caption,
    read_json_lines,
    write_each_region,
)

_FULL_STOPS = re.compile(r"\s*\.+(?=\s|$)\s*")
"""Those that end a sentence; the one in "2.5" stays."""
_BETWEEN = " . "


class Odvg:
    """Writes the kind ``grounding``; reads that and ``detection``, whose categories become those of the regions."""

    suffixes = (".jsonl",)

    def write(self, path: Path, images: Iterable[AnnotatedImage]) -> ExportReport:
        return write_each_region(path, images, _phrase, _line)

    def read(self, path: Path) -> tuple[AnnotatedImage, ...]:
        return tuple(
            _image(record, where=f"{path}, line {number}") for number, record in read_json_lines(path) if record
        )


def _phrase(image: AnnotatedImage, region: Region, losses: LossCounter) -> tuple[Box, str] | None:
    where = image.place_of(region)
    caption = only_caption(region, losses, where=where)
    if caption is None:
        return None
    if region.category is not None:
        losses.add("category", "dropped", "the phrase stands for it", example=f"{where}: {region.category}")
    written = " ".join(caption.text.split())
    phrase = _FULL_STOPS.sub(", ", written).strip(" ,")
    if phrase != written:
        losses.add("caption", "altered", "a full stop ends a phrase", example=f"{where}: {caption.text}")
    return (region.box, phrase) if phrase else None


def _line(image: AnnotatedImage, phrases: list[tuple[Box, str]]) -> str:
    distinct = list(dict.fromkeys(phrase for _, phrase in phrases))
    starts: dict[str, int] = {}
    caption = ""
    for phrase in distinct:
        starts[phrase] = len(caption)
        caption += phrase + _BETWEEN
    regions = [
        {
            "bbox": list(box.xyxy),
            "phrase": phrase,
            "tokens_positive": [[starts[phrase], starts[phrase] + len(phrase)]],
        }
        for box, phrase in phrases
    ]
    record = {
        "filename": image.file_name,
        "height": image.height,
        "width": image.width,
        "grounding": {"caption": caption.rstrip(), "regions": regions},
    }
    return json.dumps(record, ensure_ascii=False) + "\n"


def _image(record: Mapping[str, Any], *, where: str) -> AnnotatedImage:
    """Raises: FormatError: the line is not ODVG."""
    try:
        name, width, height = str(record["filename"]), int(record["width"]), int(record["height"])
        if "grounding" in record:
            entries = [(entry["bbox"], entry["phrase"], None) for entry in record["grounding"]["regions"]]
        else:
            entries = [(entry["bbox"], None, entry["category"]) for entry in record["detection"]["instances"]]
        # MM-Grounding-DINO puts all boxes of a phrase into one entry.
        boxes = [
            (Box(*map(float, corners)), phrase, category)
            for box, phrase, category in entries
            for corners in (box if box and isinstance(box[0], list) else [box])
        ]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise FormatError(
            "{where}: this is not a line of an ODVG file ({reason}).", where=where, reason=repr(error)
        ) from error
    except BoxError as error:
        raise FormatError("{where}: {problem}", where=where, problem=error) from error
    unsigned = Provenance("human", "")
    regions = tuple(
        Region(
            id=str(number),
            box=box,
            category=category,
            captions=(Caption(str(phrase), unsigned, preferred=True),) if phrase else (),
            state="accepted",
        )
        for number, (box, phrase, category) in enumerate(boxes, start=1)
    )
    return AnnotatedImage(name, width, height, regions)
