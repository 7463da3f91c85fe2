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
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from roi_assistant.api import (
    AnnotatedImage,
    Box,
    BoxError,
    Caption,
    ExportReport,
    Foreign,
    FormatError,
    Label,
    LossCounter,
    Pixels,
    Provenance,
    Region,
    decode,
    only_caption,
    read_json_lines,
    write_each_region,
)

_FULL_STOPS = re.compile(r"\s*\.+(?=\s|$)\s*")
"""Those that end a sentence; the one in "2.5" stays."""
_BETWEEN = " . "


_Corners = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Phrase(Foreign):
    bbox: _Corners
    phrase: Label


@dataclass(frozen=True, slots=True)
class _Phrases(Foreign):
    """All boxes of a phrase in one entry, as in MM-Grounding-DINO."""

    bbox: tuple[_Corners, ...]
    phrase: Label


@dataclass(frozen=True, slots=True)
class _Grounding(Foreign):
    regions: tuple[_Phrases | _Phrase, ...]


@dataclass(frozen=True, slots=True)
class _Instance(Foreign):
    bbox: _Corners
    category: Label


@dataclass(frozen=True, slots=True)
class _Detection(Foreign):
    instances: tuple[_Instance, ...]


@dataclass(frozen=True, slots=True)
class _Line(Foreign):
    filename: str
    width: Pixels
    height: Pixels
    grounding: _Grounding | None = None
    detection: _Detection | None = None


class Odvg:
    """Writes the kind ``grounding``; reads that and ``detection``, whose categories become those of the regions."""

    suffixes = (".jsonl",)

    def write(self, path: Path, images: Iterable[AnnotatedImage]) -> ExportReport:
        return write_each_region(path, images, _phrase, _line)

    def read(self, path: Path) -> tuple[AnnotatedImage, ...]:
        return tuple(
            _image(record, name=f"{path}, line {number}") for number, record in read_json_lines(path) if record
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


def _image(record: dict[str, object], *, name: str) -> AnnotatedImage:
    """Raises: FormatError: the line ``name`` is not ODVG."""
    line = decode(_Line, record, name=name)
    boxes: list[tuple[_Corners, str, str | None]] = []
    if line.grounding is not None:
        for entry in line.grounding.regions:
            several = entry.bbox if isinstance(entry, _Phrases) else (entry.bbox,)
            boxes += [(corners, entry.phrase, None) for corners in several]
    elif line.detection is not None:
        boxes += [(instance.bbox, "", instance.category) for instance in line.detection.instances]
    else:
        raise FormatError("{where}: this is not a line of an ODVG file: it has no boxes.", where=name)
    unsigned = Provenance("human", "")
    try:
        regions = tuple(
            Region(
                id=str(number),
                box=Box(*corners),
                category=category,
                captions=(Caption(phrase, unsigned, preferred=True),) if phrase else (),
                state="accepted",
            )
            for number, (corners, phrase, category) in enumerate(boxes, start=1)
        )
    except BoxError as error:
        raise FormatError("{where}: {problem}", where=name, problem=error) from error
    return AnnotatedImage(line.filename, line.width, line.height, regions)
