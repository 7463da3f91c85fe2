"""What is asked of a chatting model about one region, and its sentences read as values. Pure text."""

from __future__ import annotations

import re

from roi_assistant.core.records import AttributeDefinition, AttributeSchema, CaptionStyle
from roi_assistant.core.schema import NO, YES

CAPTION: dict[CaptionStyle, str] = {
    "phrase": "Give a short description of <region1>.",
    "sentence": "Can you give a description of the region mentioned by <region1>",
    "description": "Can you give a short description of <region1>: what it is, what it looks like and what it does?",
}
"""Wordings that this model is asked with in the literature, so that answers can be compared."""
CATEGORY = "What is the category of <region1>? Using only one word or phrase."
IN_SHORT = "Using only one word or phrase."
ATTRIBUTES = {
    "color": "What color is <region1>?",
    "material": "What is <region1> made of?",
    "state": "What state is <region1> in?",
    "shape": "What shape is <region1>?",
    "action": "What is <region1> doing?",
}
"""What is asked without a schema."""
UNKNOWN_THING = "object"
_LEAD = re.compile(
    r"(?:it|this|that|they|these|there|the [\w '-]{1,40}?|region ?\d+(?: [\w'-]+){0,3}?) "
    r"(?:is|are|has|have|seems? to be|appears? to be|looks?) ",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?:a|an|the) ", re.IGNORECASE)
_NOTHING = frozenset(("", "unknown", "none", "n/a", "not applicable", "not visible", "unclear"))


def attribute_questions(schema: AttributeSchema | None) -> list[tuple[AttributeDefinition, str]]:
    """The attributes to ask about and how; None asks about `ATTRIBUTES`."""
    if schema is None:
        return [(AttributeDefinition(name, "text"), f"{text} {IN_SHORT}") for name, text in ATTRIBUTES.items()]
    return [(attribute, _question(attribute)) for attribute in schema.attributes]


def _question(attribute: AttributeDefinition) -> str:
    if attribute.question:
        text = attribute.question.strip()
    elif attribute.kind == "boolean":
        text = f"Is <region1> {attribute.name}?"
    else:
        text = ATTRIBUTES.get(attribute.name, f"What is the {attribute.name} of <region1>?")
    text = text[0].upper() + text[1:] + ("" if text[-1] in "?." else "?")
    return f"{text} {'Answer yes or no.' if attribute.kind == 'boolean' else IN_SHORT}"


def short_answer(text: str) -> str:
    """The value in an answer: ``The color of region1 is dark blue.`` -> ``dark blue``."""
    line = text.strip().split("\n", 1)[0].strip()
    line = line.rpartition(": ")[2]
    line = re.split(r"[.;](?:\s|$)", line, maxsplit=1)[0].strip(" .,:;!\"'")
    lead = _LEAD.match(line)
    if lead:
        line = line[lead.end() :]
    return _ARTICLE.sub("", line, count=1) if _ARTICLE.match(line) else line


def category_name(text: str) -> str:
    """A category in an answer, in lower case; ``object`` where there is none."""
    return short_answer(text).lower() or UNKNOWN_THING


def attribute_values(attribute: AttributeDefinition, text: str) -> tuple[str, ...]:
    """The values of ``attribute`` that an answer names, in the schema's spelling; empty where it names none."""
    answer = short_answer(text)
    if attribute.kind == "boolean":
        word = re.match(r"\W*(yes|no)\b", text, re.IGNORECASE)
        return ((YES if word[1].lower() == "yes" else NO),) if word else ()
    if attribute.kind == "text":
        return () if answer.lower() in _NOTHING else (answer.lower(),)
    places = {value: _place(value, answer) for value in attribute.values}
    named = [value for value in attribute.values if places[value] is not None]
    # "dark blue" names "blue" only where the schema does not have "dark blue".
    named = [v for v in named if not any(v != w and _place(v, w) is not None for w in named)]
    if attribute.kind == "single":
        return tuple(sorted(named, key=lambda value: places[value] or 0)[:1])
    return tuple(named)


def _place(words: str, text: str) -> int | None:
    match = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE)
    return match.start() if match else None
