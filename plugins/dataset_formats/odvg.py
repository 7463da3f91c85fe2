"""ODVG, the JSON lines of Open-GroundingDino and MM-Grounding-DINO: one image a line, phrases with their boxes.

    {"filename": "a/1.jpg", "height": 480, "width": 640, "grounding": {"caption": "a red cup . a dog .",
     "regions": [{"bbox": [x1, y1, x2, y2], "phrase": "a red cup", "tokens_positive": [[0, 9]]}]}}

``bbox`` is in pixels of the image as displayed; ``tokens_positive`` are the characters of ``caption``, first and behind
the last, where the phrase stands.

Grounding DINO cuts the caption at the tokens ``.``, ``?``, ``[CLS]`` and ``[SEP]``, and its tokenizer makes a token of
each dot and question mark, also in "2.5": none stays inside a phrase. It reads 256 tokens of a caption; where an image
needs more it gets several lines, and the reader joins them again.
Layouts: https://github.com/longzw1997/Open-GroundingDino/blob/main/data_format.md and MMDetection's ``ODVGDataset``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
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
    json_text,
    only_caption,
    read_json_lines,
    write_each_region,
)

_SEPARATORS = (
    (re.compile(r"\[(CLS|SEP)\]", re.IGNORECASE), r"\1"),
    (re.compile(r"(?<=\d)\.(?=\d)"), ","),
    (re.compile(r"\s*(\?|[.?]+(?=\s|$))[.?]*\s*"), ", "),
    (re.compile(r"\.+"), " "),
)
"""Tokens at which Grounding DINO cuts a caption, and what stands for them: 2,5 for 2.5, commas between sentences."""
_MOST_TOKENS = 256
_OWN_TOKENS = 2
"""Those that the model puts before and behind the caption."""
_WORD = re.compile(r"[^\W_]+|\S")
_ONE_PIECE, _PIECE = 4, 3
"""Letters of a word that is one token at most, and of each token of a longer one: its vocabulary is not here, and no
English text needs more."""
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
        return write_each_region(path, images, _phrase, _lines)

    def read(self, path: Path) -> tuple[AnnotatedImage, ...]:
        lines = (_image(record, name=f"{path}, line {number}") for number, record in read_json_lines(path) if record)
        return tuple(_joined(list(of_image)) for _, of_image in itertools.groupby(lines, lambda image: image.file_name))


def _phrase(image: AnnotatedImage, region: Region, losses: LossCounter) -> tuple[Box, str] | None:
    where = image.place_of(region)
    caption = only_caption(region, losses, where=where)
    if caption is None:
        return None
    if region.category is not None:
        losses.add("category", "dropped", "the phrase stands for it", example=f"{where}: {region.category}")
    written = " ".join(caption.text.split())
    phrase = written
    for separator, instead in _SEPARATORS:
        phrase = separator.sub(instead, phrase)
    phrase = " ".join(phrase.split()).strip(" ,")
    if not phrase:
        losses.add("region", "dropped", "its caption has no words", example=f"{where}: {caption.text}")
        return None
    if phrase != written:
        why = f"{where}: {caption.text}"
        losses.add("caption", "altered", "full stops and question marks end a phrase", example=why)
    if _tokens(phrase) > _MOST_TOKENS - _OWN_TOKENS:
        losses.add("caption", "ignored by readers", "Grounding DINO reads 256 tokens", example=where)
    return region.box, phrase


def _tokens(text: str) -> int:
    """The most tokens that the model's tokenizer is likely to make of ``text``, with a separator behind it."""
    pieces = 1
    for word in _WORD.findall(text):
        if not word.isascii() or word.isdecimal():
            pieces += len(word)
        else:
            pieces += 1 if len(word) <= _ONE_PIECE else -(-len(word) // _PIECE)
    return pieces


def _lines(image: AnnotatedImage, phrases: list[tuple[Box, str]]) -> str:
    """The line of ``image``, or several with parts of its phrases, each of them within the tokens that are read."""
    groups: list[list[tuple[Box, str]]] = [[]]
    seen: set[str] = set()
    tokens = _OWN_TOKENS
    # Boxes with the same phrase share it: they stay together.
    for phrase, boxes in _by_phrase(phrases).items():
        needed = _tokens(phrase)
        if seen and tokens + needed > _MOST_TOKENS:
            groups.append([])
            seen, tokens = set(), _OWN_TOKENS
        seen.add(phrase)
        tokens += needed
        groups[-1] += [(box, phrase) for box in boxes]
    if len(groups) == 1:
        return _line(image, phrases)
    return "".join(_line(image, group) for group in groups)


def _by_phrase(phrases: list[tuple[Box, str]]) -> dict[str, list[Box]]:
    boxes: dict[str, list[Box]] = {}
    for box, phrase in phrases:
        boxes.setdefault(phrase, []).append(box)
    return boxes


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
    return json_text(record) + "\n"


def _joined(lines: list[AnnotatedImage]) -> AnnotatedImage:
    """One image of the lines about it that follow each other."""
    if len(lines) == 1:
        return lines[0]
    regions = [region for line in lines for region in line.regions]
    numbered = (replace(region, id=str(number)) for number, region in enumerate(regions, start=1))
    return replace(lines[0], regions=tuple(numbered))


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
