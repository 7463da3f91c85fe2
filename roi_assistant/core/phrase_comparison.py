"""How phrases of people and of models are compared: without case and punctuation, and attribute values by what they
mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from roi_assistant.core.phrases import basic_color, is_animate, parse_mention, parse_phrase, singular

_NOT_WORDS = re.compile(r"[^\w]+|_+")


def bare_words(text: str) -> str:
    """Lower case without punctuation: the form in which captions are compared for an exact match."""
    return " ".join(_NOT_WORDS.sub(" ", text.lower()).split())


def clause_attributes(words: Sequence[str], start: int, end: int) -> Mapping[str, tuple[str, ...]]:
    """What the rest of a sentence says about the mention at ``words[start:end]``.

    A sentence tells what people and animals do and wear ("A man [is sitting on a bench]"). Of things, and of all other
    attributes, only the phrase itself is believed.
    """
    facts = parse_mention(words, start, end)
    if not is_animate(facts.head):
        return {}
    return {name: facts.attributes[name] for name in ("action", "wearing") if name in facts.attributes}


def canonical_value(attribute: str, value: str) -> str:
    """The form in which values of ``attribute`` are compared: colors as basic colors ("gold" as "yellow"), clothes by
    their noun ("blue shirt" as "shirt")."""
    words = bare_words(value)
    if attribute == "color":
        return basic_color(words)
    if attribute == "wearing":
        return singular(parse_phrase(value).head or words)
    return words
