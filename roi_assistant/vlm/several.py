"""Answers about several numbered regions at once: each is read for the region whose number it bears, or not at all."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from roi_assistant.core.box import Box
from roi_assistant.core.records import DescribeRequest
from roi_assistant.vlm.answers import Answer, Reading, Token, read_object
from roi_assistant.vlm.lenient_json import json_object, without_thoughts

MOST_TOGETHER = 8
"""Regions in one request: models lose count of more, and a long answer is cut off."""
_NUMBER = re.compile(r"\D*(\d{1,4})\D*")
_MARK = re.compile(r'"region"\s*:')


def read_several(answer: Answer, boxes: Sequence[Box], request: DescribeRequest) -> list[Reading | None]:
    """What ``answer`` to `prompts.instruction_for_several` says about each of ``boxes``, which are numbered from 1 on.
    None of those that it leaves out, names twice or says nothing clear about: they are to be asked about alone."""
    items = _items(answer)
    numbers = [_number(item) for item in items]
    counts = Counter(numbers)
    found: list[Reading | None] = [None] * len(boxes)
    for number, item, tokens in zip(numbers, items, _tokens(answer, items), strict=True):
        if number is None or counts[number] > 1 or not 1 <= number <= len(boxes):
            continue
        about = Answer(text=json.dumps(item, ensure_ascii=False), tokens=tokens)
        reading = read_object(item, about, boxes[number - 1], request)
        if reading is not None and not reading.fault:
            found[number - 1] = reading
    return found


def _items(answer: Answer) -> list[Mapping[str, Any]]:
    words = without_thoughts(answer.text)
    listed: object = (json_object(words) or {}).get("regions")
    if not isinstance(listed, list) and "[" in words:  # the list alone
        listed = (json_object(f'{{"regions": {words[words.index("[") :]}}}') or {}).get("regions")
    items = [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []
    return items[:-1] if answer.cut else items  # nobody knows how much of the last one is there


def _number(item: Mapping[str, Any]) -> int | None:
    told = item.get("region")
    found = _NUMBER.fullmatch(str(told)) if isinstance(told, int | str) and not isinstance(told, bool) else None
    return int(found[1]) if found else None


def _tokens(answer: Answer, items: Sequence[Mapping[str, Any]]) -> list[tuple[Token, ...]]:
    """The tokens of each of ``items``; none at all where it is not certain which belong to which."""
    text = "".join(token.text for token in answer.tokens)
    marks = [mark.start() for mark in _MARK.finditer(text)]
    if len(marks) < len(items) or any(next(iter(item), "") != "region" for item in items):
        return [()] * len(items)
    if len(marks) > len(items) + answer.cut:
        return [()] * len(items)
    ends, at = [], 0
    for token in answer.tokens:
        at += len(token.text)
        ends.append(at)
    spans = [*pairwise([*marks, len(text)])][: len(items)]
    return [
        tuple(token for token, end in zip(answer.tokens, ends, strict=True) if begin < end <= after)
        for begin, after in spans
    ]
