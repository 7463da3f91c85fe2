"""VCR (visual commonsense reasoning): ``train.jsonl``, ``val.jsonl`` and the metadata beside each photo.

``question``, ``answer_choices`` and ``rationale_choices`` are lists of words in which a list of numbers, counted from
0, stands for objects of the photo. ``question_orig`` and its like are the texts as people typed them: there an object
is a plain number, counted from 1, and so is every other number. Which is which, the word lists tell.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from roi_assistant.core.box import Box, clip_box
from roi_assistant.core.json_values import Finite, Label, Pixels
from roi_assistant.core.record_json import Foreign, decode
from roi_assistant.errors import BoxError, FormatError
from roi_assistant.formats.coco_tables import check_inside
from roi_assistant.formats.json_files import read_json, read_json_lines

IMAGES = "vcr1images"
OPTIONS = 4
TaggedText = tuple[str | int, ...]
"""Pieces of a text to be put together as they are; a number is an object of the photo, counted from 0."""

_NUMBER = re.compile(r"\d+")
_GLUED = re.compile(r"^(?:[.,;:!?%)\]}]+|n['’]t|['’](?:s|m|d|ll|re|ve)?)$", re.IGNORECASE)
_OPENING = ("(", "[", "{", "$")


@dataclass(frozen=True, slots=True)
class VcrObject:
    """A detected object: its class, and its box in pixels; None when no part of the box is inside the photo."""

    name: str
    box: Box | None


@dataclass(frozen=True, slots=True)
class VcrItem:
    """One question about a photo of ``width`` x ``height`` pixels.

    ``question``, ``answers`` and ``rationales`` are the word lists joined by spaces, as the task is scored; ``typed``
    holds question, right answer and right rationale as people typed them. Labels are None in the test split.
    """

    id: str
    image: str
    width: int
    height: int
    objects: tuple[VcrObject, ...]
    question: TaggedText
    answers: tuple[TaggedText, ...]
    rationales: tuple[TaggedText, ...]
    answer_label: int | None
    rationale_label: int | None
    typed: tuple[TaggedText, TaggedText, TaggedText] | None


def write_tags(text: TaggedText, tag: Callable[[int], str]) -> str:
    """``text`` with each object written as ``tag(number)``."""
    return "".join(piece if isinstance(piece, str) else tag(piece) for piece in text)


def tags_of(text: TaggedText) -> tuple[int, ...]:
    """The objects in ``text``, each once, in order of first mention."""
    return tuple(dict.fromkeys(piece for piece in text if isinstance(piece, int)))


def from_words(words: Sequence[object], *, tidy: bool = False) -> TaggedText:
    """A word list as text: words joined by spaces; ``tidy`` leaves out those before punctuation and "'s".

    Several objects in one place are joined by commas and "and".

    Raises:
        FormatError: an entry is neither a word nor a list of numbers.
    """
    pieces: list[str | int] = []
    after_opening = True
    for word in words:
        if isinstance(word, str):
            new: list[str | int] = [word]
        elif isinstance(word, list) and word and all(isinstance(n, int) and not isinstance(n, bool) for n in word):
            new = []
            for place, number in enumerate(word):
                if place:
                    new.append(" and " if place == len(word) - 1 else ", ")
                new.append(number)
        else:
            raise FormatError(f"{word!r} is neither a word nor a list of objects.")
        glued = tidy and isinstance(word, str) and bool(_GLUED.match(word))
        if not after_opening and not glued:
            pieces.append(" ")
        pieces += new
        after_opening = tidy and isinstance(word, str) and word in _OPENING
    return _merged(pieces)


def from_typed(text: str, words: Sequence[object]) -> TaggedText:
    """The typed ``text`` with its objects told from other numbers by the word list; the tidied word list where the two
    do not have the same numbers. ``words`` are such as `from_words` takes."""
    expected: list[tuple[int, bool]] = []
    for word in words:
        if isinstance(word, list):
            expected += [(number + 1, True) for number in word]
        else:
            expected += [(int(digits), False) for digits in _NUMBER.findall(str(word)) if len(digits) < 10]
    numbers = [match for match in _NUMBER.finditer(text) if len(match[0]) < 10]
    if [int(match[0]) for match in numbers] != [number for number, _ in expected]:
        return from_words(words, tidy=True)
    pieces: list[str | int] = []
    position = 0
    for match, (number, is_object) in zip(numbers, expected, strict=True):
        if is_object:
            pieces += [text[position : match.start()], number - 1]
            position = match.end()
    return _merged([*pieces, text[position:]])


def _merged(pieces: Sequence[str | int]) -> TaggedText:
    merged: list[str | int] = []
    for is_text, group in itertools.groupby(pieces, key=lambda piece: isinstance(piece, str)):
        if not is_text:
            merged += group
        elif text := "".join(map(str, group)):
            merged.append(text)
    return tuple(merged)


_Words = tuple[object, ...]
"""What `from_words` takes, and checks."""
_Choices = tuple[_Words, _Words, _Words, _Words]
_Label = Literal[0, 1, 2, 3] | None


@dataclass(frozen=True, slots=True)
class _Line(Foreign):
    img_fn: str
    metadata_fn: str
    question: _Words
    answer_choices: _Choices
    rationale_choices: _Choices
    annot_id: Label = ""
    answer_label: _Label = None
    rationale_label: _Label = None
    question_orig: str | None = None
    answer_orig: str = ""
    rationale_orig: str = ""


@dataclass(frozen=True, slots=True)
class _Metadata(Foreign):
    width: Pixels
    height: Pixels
    names: tuple[Label, ...]
    boxes: tuple[tuple[Finite, ...], ...]


class VcrAnnotations:
    """The data set at ``root``: ``<split>.jsonl`` and ``vcr1images/``.

    Raises:
        FormatError: a part of the layout is missing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.images = root / IMAGES
        if not self.images.is_dir():
            raise FormatError(f"{self.images} is missing: unpack vcr1images.zip of VCR there.")
        self._metadata: dict[str, tuple[int, int, tuple[VcrObject, ...]]] = {}

    def items(self, split: str) -> Iterator[VcrItem]:
        """Raises: FormatError: a file is missing, or a line has another layout; it names both."""
        path = self.root / f"{split}.jsonl"
        for number, record in read_json_lines(path):
            try:
                yield self._item(decode(_Line, record))
            except FormatError as error:
                raise FormatError(f"{path}, line {number}: {error}") from error

    def _item(self, line: _Line) -> VcrItem:
        check_inside(line.img_fn, name="the line")
        width, height, objects = self._photo(line.metadata_fn)
        answers, rationales = (
            tuple(map(from_words, choices)) for choices in (line.answer_choices, line.rationale_choices)
        )
        question = from_words(line.question)  # and so checked
        typed = None
        if line.answer_label is not None and line.rationale_label is not None and line.question_orig is not None:
            typed = (
                from_typed(line.question_orig, line.question),
                from_typed(line.answer_orig, line.answer_choices[line.answer_label]),
                from_typed(line.rationale_orig, line.rationale_choices[line.rationale_label]),
            )
        item = VcrItem(
            id=line.annot_id,
            image=line.img_fn,
            width=width,
            height=height,
            objects=objects,
            question=question,
            answers=answers,
            rationales=rationales,
            answer_label=line.answer_label,
            rationale_label=line.rationale_label,
            typed=typed,
        )
        for text in (item.question, *answers, *rationales):
            if any(isinstance(piece, int) and not 0 <= piece < len(objects) for piece in text):
                raise FormatError(f"A text names an object that is not among the photo's {len(objects)}.")
        return item

    def _photo(self, metadata: str) -> tuple[int, int, tuple[VcrObject, ...]]:
        if metadata not in self._metadata:
            check_inside(metadata, name="the line")
            path = self.images / metadata
            photo = decode(_Metadata, read_json(path), name=str(path))
            if len(photo.names) != len(photo.boxes) or any(len(corners) < 4 for corners in photo.boxes):
                raise FormatError(f"{path} is not metadata of VCR: each name needs a box of four corners.")
            objects = tuple(
                VcrObject(name, _box(corners, photo.width, photo.height))
                for name, corners in zip(photo.names, photo.boxes, strict=True)
            )
            self._metadata[metadata] = (photo.width, photo.height, objects)
        return self._metadata[metadata]


def _box(corners: Sequence[float], width: int, height: int) -> Box | None:
    x1, y1, x2, y2 = corners[:4]  # the fifth is the detector's score
    try:
        return clip_box(Box(x1, y1, x2, y2), width=width, height=height)
    except BoxError:
        return None
