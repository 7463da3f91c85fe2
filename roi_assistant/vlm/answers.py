"""What a model answered, read as texts and values: lenient about the form, strict about what it says."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from roi_assistant.core.box import Box
from roi_assistant.core.records import (
    AttributeDefinition,
    DescribeRequest,
    RegionText,
    ScoredText,
    SuggestedAttribute,
)
from roi_assistant.core.schema import NO, YES
from roi_assistant.sentences import NOTHING, Sentence
from roi_assistant.vlm.lenient_json import json_object, without_thoughts
from roi_assistant.vlm.prompts import NOT_VISIBLE, asked_attributes, choices

UNSCORED = 0.5
"""The score of what a model says without telling how sure it is."""
LONGEST_CAPTION = 2000
_LONGEST_VALUE = 100
_MOST_VALUES = 8
_NOTHING_SEEN = frozenset(
    ("", "unknown", "none", "null", "n/a", "na", "not applicable", NOT_VISIBLE, "unclear", "unsure")
)
_UNPRINTED = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_TRUE, _FALSE = frozenset(("yes", "true", "1")), frozenset(("no", "false", "0"))


class Token(NamedTuple):
    """A piece of the answer and its log probability."""

    text: str
    log_probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model wrote. ``tokens`` are the pieces of ``text``, where the model tells how likely they were. ``cut``:
    it ended because it was too long. ``reasoning`` are thoughts that came apart; they are never a caption."""

    text: str
    tokens: tuple[Token, ...] = ()
    cut: bool = False
    reasoning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """``text`` is what could be read. ``fault`` says what is wrong with the form, so that the model can be told once;
    `NOTHING` where all is well. ``outside`` are values that the schema does not have: they are kept, too."""

    text: RegionText
    fault: Sentence = NOTHING
    outside: tuple[tuple[str, str], ...] = ()


def read_answer(answer: Answer, box: Box, request: DescribeRequest) -> Reading | None:
    """The ``answer`` to `prompts.instruction` about ``box``; None where nothing in it could be a caption."""
    words = without_thoughts(answer.text)
    found = json_object(words)
    if found is None:
        caption = _plain_caption(words)
        if not caption:
            return None
        fault = Sentence.of("The answer is no JSON object.")
        return Reading(text=_region_text(box, {"caption": caption}, answer, request, ())[0], fault=fault)
    return read_object(found, answer, box, request)


def read_object(found: Mapping[str, Any], answer: Answer, box: Box, request: DescribeRequest) -> Reading | None:
    """As `read_answer`, of the object ``found`` that stands in ``answer``."""
    fault = NOTHING
    caption = _text(found.get("caption"), LONGEST_CAPTION)
    if not caption:
        caption = _text(found.get("category"), _LONGEST_VALUE)
        fault = Sentence.of("The answer has no caption.")
        if not caption:
            return None
    attributes = asked_attributes(request)
    if (
        answer.cut
        and request.attributes is not None
        and not isinstance(found.get("attributes"), Mapping)
        and attributes
    ):
        fault = Sentence.of("The answer was cut off.")
    text, outside = _region_text(box, {**found, "caption": caption}, answer, request, attributes)
    return Reading(text=text, fault=fault, outside=outside)


def _region_text(
    box: Box,
    found: Mapping[str, Any],
    answer: Answer,
    request: DescribeRequest,
    attributes: Sequence[AttributeDefinition],
) -> tuple[RegionText, tuple[tuple[str, str], ...]]:
    caption = str(found["caption"])
    category = _text(found.get("category"), _LONGEST_VALUE).lower() if request.category else ""
    others = found.get("alternatives")
    alternatives = [_text(other, LONGEST_CAPTION) for other in others] if isinstance(others, list) else []
    told = found.get("attributes")
    values, outside = _attributes(told if isinstance(told, Mapping) else {}, attributes, answer)
    score = span_score(answer, caption)
    # An alternative is less likely than what was said first, whatever its own tokens were.
    ranked = [
        ScoredText(other, score / (place + 2))
        for place, other in enumerate(dict.fromkeys(other for other in alternatives if other and other != caption))
    ]
    text = RegionText(
        box=box,
        caption=ScoredText(caption, score),
        alternatives=tuple(ranked[: request.alternatives]),
        category=ScoredText(category, span_score(answer, category, name="category")) if category else None,
        attributes=values,
        raw_output=answer.text,
    )
    return text, outside


def _plain_caption(words: str) -> str:
    """The first line of prose; a begun object is none."""
    line = next((line.strip(" \"'*`#-") for line in words.splitlines() if line.strip(" \"'*`#-")), "")
    return "" if line[:1] in ("{", "[") else _text(line, LONGEST_CAPTION)


def _text(value: object, longest: int) -> str:
    """``value`` in one line without control characters; "" where it is no text."""
    return _UNPRINTED.sub(" ", value).strip()[:longest] if isinstance(value, str) else ""


def _attributes(
    told: Mapping[str, Any], attributes: Sequence[AttributeDefinition], answer: Answer
) -> tuple[tuple[SuggestedAttribute, ...], tuple[tuple[str, str], ...]]:
    by_name = {str(key).strip().casefold(): value for key, value in told.items()}
    found, outside = [], []
    for attribute in attributes:
        given = _values(by_name.get(attribute.name.casefold()))
        known = choices(attribute)
        values = []
        for value in given:
            value = _boolean(value) if attribute.kind == "boolean" else value
            fitting = next((choice for choice in known if choice.casefold() == value.casefold()), None)
            if known and fitting is None:
                outside.append((attribute.name, value))
            values.append(fitting or value)
        kept = tuple(dict.fromkeys(values))[: None if attribute.kind == "multi" else 1]
        if kept:
            scores = [span_score(answer, value, name=attribute.name) for value in kept]
            found.append(SuggestedAttribute(attribute.name, kept, min(scores)))
    return tuple(found), tuple(outside)


def _values(told: object) -> list[str]:
    """Texts of a value or of a list of values, without those that say that nothing is seen."""
    several = told if isinstance(told, list) else [told]
    texts = [
        str(one).lower() if isinstance(one, bool) else _text(one, _LONGEST_VALUE) for one in several[:_MOST_VALUES]
    ]
    return [text for text in texts if text.casefold() not in _NOTHING_SEEN]


def _boolean(value: str) -> str:
    word = value.casefold()
    return YES if word in _TRUE else NO if word in _FALSE else value


def span_score(answer: Answer, words: str, *, name: str = "") -> float:
    """How likely the model found ``words``: the geometric mean of the probabilities of the tokens that they stand in,
    behind ``name`` where it is given. `UNSCORED` where that is not told."""
    text = "".join(token.text for token in answer.tokens)
    begin = text.find(f'"{name}"') + len(name) if name and f'"{name}"' in text else 0
    place = text.casefold().find(words.casefold(), begin) if words else -1
    if place < 0:
        return UNSCORED
    logs, at = [], 0
    for token in answer.tokens:
        if at < place + len(words) and at + len(token.text) > place and token.text.strip(' "\n,:'):
            logs.append(token.log_probability)
        at += len(token.text)
    if not logs or not all(map(math.isfinite, logs)):
        return UNSCORED
    return min(1.0, math.exp(min(0.0, sum(logs) / len(logs))))
