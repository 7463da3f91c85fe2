"""The texts of a conversation with its boxes: in the text itself, or as marks beside a list of boxes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roi_assistant.api import Box, BoxError, BoxSyntax, FormatError, FoundBox, scale_box

from .dialects import Dialect, Listed

MARKS = re.compile(r"<(?:image|video|audio|region[0-9]+|bbox_location[0-9]+|bbox|ref-object)>")
"""What trainers replace, whichever of them reads the file."""
_NUMBERED = re.compile(r"<region([1-9][0-9]{0,5})>")
_OF_TURN = re.compile(r"<bbox_location([0-9]{1,6})>")
_IN_ORDER = re.compile(r"<ref-object>|<bbox>")


@dataclass(frozen=True, slots=True)
class Mention:
    """A box in a sentence: the ``number`` of its region in the record, from 1, and in answers the name that it has."""

    number: int
    box: Box
    phrase: str = ""


Turn = Sequence[str | Mention]
"""A question or an answer: texts, and boxes between them."""


def written(turns: Sequence[Turn], dialect: Dialect, *, size: tuple[int, int]) -> tuple[list[str], dict[str, Any]]:
    """The texts of ``turns``, and what the record has beside them.

    Raises:
        ValueError: the family's processor refuses images of this size.
    """
    syntax = dialect.boxes
    if not isinstance(syntax, Listed):
        in_text: BoxSyntax = syntax
        return [
            _joined(turn, lambda mention: in_text.write(mention.box, size=size, phrase=mention.phrase))
            for turn in turns
        ], {}
    if syntax.kind == "numbered":
        boxes: dict[int, list[float]] = {}
        texts = [_joined(turn, lambda mention: _named(f"<region{mention.number}>", mention)) for turn in turns]
        for mention in _mentions(turns):
            boxes[mention.number] = list(mention.box.xyxy)
        return texts, {"boxes": [boxes.get(number, []) for number in range(1, max(boxes, default=0) + 1)]}
    if syntax.kind == "of each turn":
        texts, of_turns = [], []
        for turn in turns:
            places = {id(mention): n for n, mention in enumerate(_mentions([turn]))}
            texts.append(_joined(turn, lambda mention, at=places: _named(f"<bbox_location{at[id(mention)]}>", mention)))
            of_turns.append([list(mention.box.xyxy) for mention in _mentions([turn])])
        return texts, {"box_x1y1x2y2": of_turns, "image_w": size[0], "image_h": size[1]}
    texts = [_joined(turn, lambda mention: "<ref-object><bbox>" if mention.phrase else "<bbox>") for turn in turns]
    mentions = _mentions(turns)
    names = [mention.phrase for mention in mentions if mention.phrase]
    return texts, {"objects": {"ref": names, "bbox": [list(mention.box.xyxy) for mention in mentions]}}


def found(
    texts: Sequence[str], record: Mapping[str, Any], dialect: Dialect, *, size: tuple[int, int] | None
) -> list[list[FoundBox]]:
    """The boxes in each of ``texts``; ``record`` has what stands beside them. ``size`` None: it is not known, and boxes
    that are parts of the sides come from 0 to 1.

    Raises:
        FormatError: the size is needed, marks and lists do not fit, or a list holds something else than boxes.
    """
    syntax = dialect.boxes
    if not isinstance(syntax, Listed):
        if size is None and dialect.frame == "resized":
            raise FormatError("It has no width and height, which boxes in pixels of the resized image need.")
        try:
            return [syntax.find(text, size=size or (1, 1)) for text in texts]
        except ValueError as error:
            raise FormatError("No processor takes such an image: {reason}.", reason=error) from error
    if syntax.kind == "numbered":
        boxes = _boxes(record.get("boxes"))
        return [[_at(match, boxes, int(match[1]) - 1) for match in _NUMBERED.finditer(text)] for text in texts]
    if syntax.kind == "of each turn":
        of_turns = record.get("box_x1y1x2y2")
        if not isinstance(of_turns, list):
            of_turns = []
        lists = [_boxes(entry) for entry in of_turns[: len(texts)]] + [[]] * (len(texts) - len(of_turns))
        return [
            [_at(match, own, int(match[1])) for match in _OF_TURN.finditer(text)]
            for text, own in zip(texts, lists, strict=True)
        ]
    return _in_order(texts, record, size)


def _in_order(texts: Sequence[str], record: Mapping[str, Any], size: tuple[int, int] | None) -> list[list[FoundBox]]:
    objects = record.get("objects")
    objects = objects if isinstance(objects, dict) else {}
    names = objects.get("ref")
    names = [str(name) for name in names] if isinstance(names, list) else []
    boxes = _boxes(objects.get("bbox"))
    if objects.get("bbox_type") == "norm1":
        if size is None:
            raise FormatError("It has no width and height, which boxes from 0 to 1 need here.")
        boxes = [box and scale_box(box, x=size[0], y=size[1]) for box in boxes]
    # The framework fills both kinds of marks independently, each in its own order.
    result, next_name, next_box = [], 0, 0
    for text in texts:
        of_text, name, name_end = [], "", -1
        for match in _IN_ORDER.finditer(text):
            if match[0] == "<bbox>":
                called = name if not text[name_end : match.start()].strip() and name_end >= 0 else ""
                of_text.append(_at(match, boxes, next_box, phrase=called))
                next_box += 1
                name_end = -1
            else:
                name, name_end = names[next_name] if next_name < len(names) else "", match.end()
                next_name += 1
        result.append(of_text)
    return result


def _at(match: re.Match[str], boxes: Sequence[Box | None], place: int, *, phrase: str = "") -> FoundBox:
    if place >= len(boxes):
        raise FormatError("{mark} has no box in the list beside the text.", mark=match[0])
    return FoundBox(start=match.start(), end=match.end(), box=boxes[place], phrase=phrase)


def _boxes(data: object) -> list[Box | None]:
    """The boxes of a list; None for those without area."""
    if data is None:
        return []
    if not isinstance(data, list):
        raise FormatError("Its boxes are not a list.")
    boxes: list[Box | None] = []
    for entry in data:
        is_four = isinstance(entry, list) and len(entry) == 4
        if not is_four or any(type(number) not in (int, float) or not abs(number) < 1e9 for number in entry):
            boxes.append(None)  # a point, or a number that nobody has mentioned
            continue
        try:
            boxes.append(Box(*map(float, entry)))
        except BoxError:
            boxes.append(None)
    return boxes


def _mentions(turns: Sequence[Turn]) -> list[Mention]:
    return [part for turn in turns for part in turn if isinstance(part, Mention)]


def _joined(turn: Turn, mark: Any) -> str:
    return "".join(part if isinstance(part, str) else mark(part) for part in turn)


def _named(mark: str, mention: Mention) -> str:
    return f"{mention.phrase} {mark}" if mention.phrase else mark
