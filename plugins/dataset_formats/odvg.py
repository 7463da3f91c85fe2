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

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from roi_assistant.api import (
    AnnotatedImage,
    AnnotationSet,
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
    ReadingCounter,
    Region,
    Sentence,
    Text,
    Xyxy,
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


_Entry = TypeVar("_Entry", bound=Foreign)
_LINES = Sentence("{file}: lines left out: {count}, such as: {problem}")
_BOXES = Sentence("{file}: boxes left out: {count}, such as: {problem}")


@dataclass(frozen=True, slots=True)
class _Phrase(Foreign):
    """``tokens_positive`` are places in the caption, and lost with it."""

    bbox: Xyxy
    phrase: Label
    tokens_positive: object = None


@dataclass(frozen=True, slots=True)
class _Phrases(Foreign):
    """All boxes of a phrase in one entry, as in MM-Grounding-DINO."""

    bbox: tuple[Xyxy, ...]
    phrase: Label
    tokens_positive: object = None


@dataclass(frozen=True, slots=True)
class _Grounding(Foreign):
    regions: tuple[object, ...]
    caption: object = None


@dataclass(frozen=True, slots=True)
class _Instance(Foreign):
    bbox: Xyxy
    category: Label


@dataclass(frozen=True, slots=True)
class _Detection(Foreign):
    instances: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Line(Foreign):
    filename: Text
    width: Pixels
    height: Pixels
    grounding: _Grounding | None = None
    detection: _Detection | None = None


_Boxed = tuple[Box, str, str | None]
"""A box with its phrase, "" where there is none, and its category."""


class Odvg:
    """Writes the kind ``grounding``; reads that and ``detection``, whose categories become those of the regions."""

    suffixes = (".jsonl",)

    def write(self, path: Path, images: Iterable[AnnotatedImage]) -> ExportReport:
        return write_each_region(path, images, _phrase, _lines)

    def read(self, path: Path) -> AnnotationSet:
        return _Reader(path).read()


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
    elif written != caption.text:
        losses.add("caption", "altered", "a phrase is on one line, with single spaces", example=f"{where}: {written}")
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
    starts: dict[str, int] = {}
    place = 0
    for phrase in dict.fromkeys(phrase for _, phrase in phrases):
        starts[phrase] = place
        place += len(phrase + _BETWEEN)
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
        "grounding": {"caption": _caption(starts), "regions": regions},
    }
    return json_text(record) + "\n"


def _caption(phrases: Iterable[str]) -> str:
    """What the file has as the caption of a photo: all ``phrases``, each of them once."""
    return "".join(phrase + _BETWEEN for phrase in phrases).rstrip()


class _Reader:
    """Reads one file. Lines and boxes that cannot be used are left out and counted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._counter = ReadingCounter()
        self._first_stray: FormatError | None = None

    def read(self) -> AnnotationSet:
        """Raises: FormatError: the file cannot be read, or none of its lines can."""
        images: dict[str, _Line] = {}
        boxes: dict[str, list[_Boxed]] = {}
        for number, record in read_json_lines(self._path, stray=self._leave_out):
            where = f"{self._path}, line {number}"
            try:
                line = decode(_Line, record, name=where)
                _check(line, images.get(line.filename), where=where)
            except FormatError as error:
                self._leave_out(error)
                continue
            images.setdefault(line.filename, line)
            self._counter.lose_unread(_Line, record, line.filename)
            boxes.setdefault(line.filename, []).extend(self._boxes(line, where=where))
        if not images and self._first_stray is not None:
            raise self._first_stray
        return AnnotationSet(
            tuple(AnnotatedImage(name, i.width, i.height, _regions(boxes[name])) for name, i in images.items()),
            left_out=self._counter.left_out(),
            losses=self._counter.losses(),
            unit="pixels" if any(max(box.xyxy) > 1 for found in boxes.values() for box, _, _ in found) else None,
        )

    def _leave_out(self, error: FormatError) -> None:
        self._first_stray = self._first_stray or error
        self._counter.leave_out(_LINES, error, file=self._path, error=error)

    def _boxes(self, line: _Line, *, where: str) -> Iterator[_Boxed]:
        """The boxes of a line, which ``where`` names."""
        phrases: dict[str, None] = {}
        for number, entry in enumerate(line.grounding.regions if line.grounding else (), start=1):
            kind: type[_Phrases | _Phrase] = _Phrases if _is_list_of_boxes(entry) else _Phrase
            found = self._decoded(kind, entry, name=f"{where}, region {number}", image=line.filename)
            if found is not None:
                phrases[found.phrase] = None
                corners = found.bbox if isinstance(found, _Phrases) else (found.bbox,)
                yield from self._usable(corners, found.phrase, None, name=f"{where}, region {number}")
        if line.grounding and line.grounding.caption and line.grounding.caption != _caption(phrases):
            self._counter.lose("grounding.caption", line.filename, line.grounding.caption)
        for number, entry in enumerate(line.detection.instances if line.detection else (), start=1):
            name = f"{where}, instance {number}"
            instance = self._decoded(_Instance, entry, name=name, image=line.filename)
            if instance is not None:
                yield from self._usable((instance.bbox,), "", instance.category, name=name)

    def _decoded(self, kind: type[_Entry], entry: object, *, name: str, image: str) -> _Entry | None:
        try:
            record = decode(kind, entry, name=name)
        except FormatError as error:
            self._counter.leave_out(_BOXES, error, file=self._path, error=error)
            return None
        self._counter.lose_unread(kind, entry, image)
        return record

    def _usable(
        self, corners: Iterable[tuple[float, float, float, float]], phrase: str, category: str | None, *, name: str
    ) -> Iterator[_Boxed]:
        for xyxy in corners:
            try:
                yield Box(*xyxy), phrase, category or None
            except BoxError as error:
                placed = FormatError("{where}: {problem}", where=name, problem=error)
                self._counter.leave_out(_BOXES, placed, file=self._path, error=error)


def _is_list_of_boxes(entry: object) -> bool:
    boxes = entry.get("bbox") if isinstance(entry, dict) else None
    return isinstance(boxes, list) and bool(boxes) and isinstance(boxes[0], list)


def _check(line: _Line, before: _Line | None, *, where: str) -> None:
    """Raises: FormatError: the line has no boxes, or says another size of the photo than the line ``before`` it."""
    if line.grounding is None and line.detection is None:
        raise FormatError("{where}: this is not a line of an ODVG file: it has no boxes.", where=where)
    if before is not None and (line.width, line.height) != (before.width, before.height):
        problem = Sentence("The size of the photo is another than in an earlier line about it.")
        raise FormatError("{where}: {problem}", where=where, problem=problem)


def _regions(boxes: Iterable[_Boxed]) -> tuple[Region, ...]:
    unsigned = Provenance("human", "")
    return tuple(
        Region(
            id=str(number),
            box=box,
            category=category,
            captions=(Caption(phrase, unsigned, preferred=True),) if phrase.strip() else (),
            state="accepted",
        )
        for number, (box, phrase, category) in enumerate(boxes, start=1)
    )
