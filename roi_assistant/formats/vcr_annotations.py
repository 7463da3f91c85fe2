"""VCR (visual commonsense reasoning): ``train.jsonl``, ``val.jsonl`` and the metadata beside each photo.

``question``, ``answer_choices`` and ``rationale_choices`` are lists of words in which a list of numbers, counted from
0, stands for objects of the photo. ``question_orig`` and its like are the texts as people typed them: there an object
is a plain number, counted from 1, and so is every other number. Which is which, the word lists tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roi_assistant.core.box import Box, clip_box
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


def from_words(words: Sequence[Any], *, tidy: bool = False) -> TaggedText:
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


def from_typed(text: str, words: Sequence[Any]) -> TaggedText:
    """The typed ``text`` with its objects told from other numbers by the word list; the tidied word list where the two
    do not have the same numbers."""
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
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        elif piece != "":
            merged.append(piece)
    return tuple(merged)


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
                yield self._item(record)
            except (KeyError, TypeError, ValueError, IndexError) as error:
                what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
                raise FormatError(f"{path}, line {number}: {what}.") from error
            except FormatError as error:
                raise FormatError(f"{path}, line {number}: {error}") from error

    def _item(self, record: dict[str, Any]) -> VcrItem:
        image = str(record["img_fn"])
        check_inside(image, name="the line")
        width, height, objects = self._photo(str(record["metadata_fn"]))
        answers, rationales = (_choices(record[key]) for key in ("answer_choices", "rationale_choices"))
        labels = [_label(record.get(key)) for key in ("answer_label", "rationale_label")]
        typed = None
        if labels[0] is not None and labels[1] is not None and "question_orig" in record:
            typed = (
                from_typed(record["question_orig"], record["question"]),
                from_typed(record["answer_orig"], record["answer_choices"][labels[0]]),
                from_typed(record["rationale_orig"], record["rationale_choices"][labels[1]]),
            )
        item = VcrItem(
            id=str(record["annot_id"]),
            image=image,
            width=width,
            height=height,
            objects=objects,
            question=from_words(record["question"]),
            answers=answers,
            rationales=rationales,
            answer_label=labels[0],
            rationale_label=labels[1],
            typed=typed,
        )
        for text in (item.question, *answers, *rationales):
            if any(tag >= len(objects) or tag < 0 for tag in tags_of(text)):
                raise ValueError(f"a text names an object that is not among the photo's {len(objects)}")
        return item

    def _photo(self, metadata: str) -> tuple[int, int, tuple[VcrObject, ...]]:
        if metadata not in self._metadata:
            check_inside(metadata, name="the line")
            path = self.images / metadata
            record = read_json(path)
            try:
                width, height = int(record["width"]), int(record["height"])
                pairs = list(zip(record["names"], record["boxes"], strict=True))
                objects = tuple(VcrObject(str(name), _box(values, width, height)) for name, values in pairs)
            except (KeyError, TypeError, ValueError, OverflowError) as error:
                raise FormatError(f"{path} is not metadata of VCR ({error!r}).") from error
            self._metadata[metadata] = (width, height, objects)
        return self._metadata[metadata]


def _box(values: Sequence[Any], width: int, height: int) -> Box | None:
    x1, y1, x2, y2 = (float(value) for value in values[:4])  # the fifth is the detector's score
    try:
        return clip_box(Box(x1, y1, x2, y2), width=width, height=height)
    except BoxError:
        return None


def _choices(value: Any) -> tuple[TaggedText, ...]:
    if not isinstance(value, list) or len(value) != OPTIONS:
        raise ValueError(f"there must be {OPTIONS} choices")
    return tuple(from_words(words) for words in value)


def _label(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < OPTIONS:
        raise ValueError(f"a label must be 0 to {OPTIONS - 1}, not {value!r}")
    return value
