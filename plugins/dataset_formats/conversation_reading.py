"""Reads conversations of a dialect: boxes from the texts, and what is said of them from questions and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from roi_assistant.api import (
    AnnotatedImage,
    AnnotationSet,
    Attribute,
    Box,
    Caption,
    Foreign,
    FormatError,
    FoundBox,
    Pixels,
    ReadingCounter,
    Region,
    Sentence,
    Text,
    decode,
    read_json_records,
)

from .asking import CHAT, UNSIGNED, split_values
from .dialects import Dialect
from .marked_texts import found

_RECORDS = Sentence("{file}: conversations left out: {count}, such as: {problem}")
_BOXES = Sentence("{file}: boxes left out: {count}, such as: {problem}")
_USER, _ASSISTANT = ("human", "user"), ("gpt", "assistant", "model")
_ATTRIBUTE = "attribute: "


@dataclass(frozen=True, slots=True)
class _Record(Foreign):
    """``from`` is no name in Python: turns are read by hand."""

    conversations: tuple[object, ...] = ()
    messages: tuple[object, ...] = ()
    image: Text | tuple[Text, ...] = ""
    images: tuple[Text, ...] = ()
    width: Pixels | None = None
    height: Pixels | None = None
    asked: tuple[str, ...] = ()
    id: object = None
    boxes: object = None
    box_x1y1x2y2: object = None
    image_w: Pixels | None = None
    image_h: Pixels | None = None
    objects: object = None


@dataclass(slots=True)
class _Told:
    """A region as far as it was told of."""

    box: Box
    category: str | None = None
    captions: list[str] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)


@dataclass(slots=True)
class _Photo:
    size: tuple[int, int] | None
    regions: list[_Told] = field(default_factory=list)
    latest: dict[tuple[float, ...], _Told] = field(default_factory=dict)
    """By what its box is in the text: the same numbers are the same box."""

    def region(self, box: Box, *, anew: bool = False) -> _Told:
        if anew or box.xyxy not in self.latest:
            self.latest[box.xyxy] = _Told(box)
            self.regions.append(self.latest[box.xyxy])
        return self.latest[box.xyxy]


class ConversationReader:
    """Reads one file. Records and boxes that cannot be used are left out and counted."""

    def __init__(self, path: Path, dialect: Dialect) -> None:
        self._path, self._dialect = path, dialect
        self._counter = ReadingCounter()
        self._first_stray: FormatError | None = None
        self._photos: dict[str, _Photo] = {}

    def read(self) -> AnnotationSet:
        """Raises: FormatError: the file cannot be read, or none of its records can."""
        for number, data in read_json_records(self._path, what="conversations", stray=self._leave_out):
            where = f"{self._path}, entry {number}"
            try:
                self._take(data, where)
            except FormatError as error:
                self._leave_out(FormatError("{where}: {problem}", where=where, problem=error), error)
        if not self._photos and self._first_stray is not None:
            raise self._first_stray
        in_pixels = self._dialect.frame != "sides" or all(photo.size for photo in self._photos.values())
        return AnnotationSet(
            tuple(self._image(name, photo, in_pixels=in_pixels) for name, photo in self._photos.items()),
            left_out=self._counter.left_out(),
            losses=self._counter.losses(),
            unit="pixels" if in_pixels else "fractions",
        )

    def _leave_out(self, placed: FormatError, error: FormatError | None = None) -> None:
        self._first_stray = self._first_stray or placed
        self._counter.leave_out(_RECORDS, placed, file=self._path, error=error or placed)

    # --------------------------------------------------------------------------------------------------------- records

    def _take(self, data: dict[str, object], where: str) -> None:
        record = decode(_Record, data)
        name = _name(record)
        size = _size(record)
        turns = _turns(record, data)
        before = self._photos.get(name)
        if before is not None and before.size != size:
            raise FormatError("The size of the photo is another than in an earlier record about it.")
        boxes = found([text for _, text in turns], data, self._dialect, size=size)
        boxes = [self._usable(of_turn, where) for of_turn in boxes]
        photo = self._photos.setdefault(name, _Photo(size))
        self._counter.lose_unread(_Record, data, name)
        if any(role == "system" for role, _ in turns):
            told = next(text for role, text in turns if role == "system")
            self._counter.lose("system", name, told)
        spoken = [(role, text, own) for (role, text), own in zip(turns, boxes, strict=True) if role != "system"]
        for n in range(0, len(spoken) - 1, 2):
            (_, question, in_question), (_, answer, in_answer) = spoken[n : n + 2]
            asked = record.asked[n // 2] if n // 2 < len(record.asked) else ""
            self._pair(photo, name, asked, question, answer, in_question, in_answer)
        if len(spoken) % 2:
            self._counter.lose("conversation", name, spoken[-1][1])

    def _pair(
        self,
        photo: _Photo,
        name: str,
        asked: str,
        question: str,
        answer: str,
        in_question: Sequence[FoundBox],
        in_answer: Sequence[FoundBox],
    ) -> None:
        """Take one question with its answer. Without ``asked``, as in files of others, a question about one box, whose
        answer has none, asks for its caption."""
        is_one = len(in_question) == 1 and not in_answer and bool(answer.strip())
        boxes = [found_box.box for found_box in (*in_question, *in_answer) if found_box.box is not None]
        if asked == "caption" and is_one:
            known = photo.latest.get(boxes[0].xyxy)
            photo.region(boxes[0], anew=known is not None and bool(known.captions)).captions.append(answer)
        elif not asked and is_one:
            captions = photo.region(boxes[0]).captions
            captions += [answer] if answer not in captions else []
        elif asked == "category" and is_one:
            photo.region(boxes[0]).category = answer
        elif asked.startswith(_ATTRIBUTE) and is_one:
            attribute = Attribute(asked.removeprefix(_ATTRIBUTE), tuple(split_values(answer)), UNSIGNED)
            photo.region(boxes[0]).attributes.append(attribute)
        elif asked == "grounding":
            for box in boxes:
                photo.region(box)
        else:
            for found_box in (*in_question, *in_answer):
                assert found_box.box is not None
                region = photo.region(found_box.box)
                if found_box.phrase and asked != CHAT and found_box.phrase not in region.captions:
                    region.captions.append(found_box.phrase)
            if asked == CHAT or not any(found_box.phrase for found_box in in_answer):
                self._counter.lose("conversation", name, question)

    def _usable(self, boxes: Sequence[FoundBox], where: str) -> list[FoundBox]:
        usable = [found_box for found_box in boxes if found_box.box is not None]
        for _ in range(len(boxes) - len(usable)):
            error = FormatError("A box in the text has no area.")
            placed = FormatError("{where}: {problem}", where=where, problem=error)
            self._counter.leave_out(_BOXES, placed, file=self._path, error=error)
        return usable

    def _image(self, name: str, photo: _Photo, *, in_pixels: bool) -> AnnotatedImage:
        width, height = photo.size or (None, None)
        regions = []
        for number, told in enumerate(photo.regions, start=1):
            box = told.box
            if not in_pixels and width and height:
                box = Box(box.x1 / width, box.y1 / height, box.x2 / width, box.y2 / height)
            captions = tuple(Caption(text, UNSIGNED, preferred=n == 0) for n, text in enumerate(told.captions))
            regions.append(Region(str(number), box, told.category, captions, tuple(told.attributes), state="accepted"))
        return AnnotatedImage(name, width, height, tuple(regions))


def _name(record: _Record) -> str:
    names = (record.image,) if isinstance(record.image, str) else record.image
    names = tuple(filter(None, names)) or record.images
    if len(names) != 1:
        raise FormatError("It is about {count} photos, not about one.", count=len(names))
    return names[0]


def _size(record: _Record) -> tuple[int, int] | None:
    width, height = record.width or record.image_w, record.height or record.image_h
    return (width, height) if width and height else None


def _turns(record: _Record, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Role and text of each turn; user and assistant take turns.

    Raises:
        FormatError: it is no conversation.
    """
    entries = record.conversations or record.messages
    if not entries:
        raise FormatError("It has no conversations and no messages.")
    turns = []
    for entry in entries:
        if not isinstance(entry, dict):
            raise FormatError("A turn is not an object.")
        role = entry.get("from", entry.get("role"))
        text = entry.get("value", entry.get("content"))
        known = "user" if role in _USER else "assistant" if role in _ASSISTANT else "system" if role == "system" else ""
        if not known or not isinstance(text, str):
            raise FormatError("A turn is not a text of user, assistant or system.")
        turns.append((known, text))
    spoken = [role for role, _ in turns if role != "system"]
    if any(role != ("user", "assistant")[n % 2] for n, role in enumerate(spoken)):
        raise FormatError("Questions and answers do not take turns.")
    return turns
