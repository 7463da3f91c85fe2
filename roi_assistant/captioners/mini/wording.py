"""The words of a small model set right: said twice, garbled, in a color that the pixels speak against."""

from __future__ import annotations

import re
from collections.abc import Mapping

from roi_assistant.core.lexicon import article_before
from roi_assistant.core.phrases import basic_color, is_person, parse_phrase, singular
from roi_assistant.imaging.colors import COLOR_NAMES

_SAID_TWICE = re.compile(r"\b(\w+)(?: and)? \1\b")
_TOKENS = re.compile(r"\w+|[^\w\s]")
_JOINS = frozenset((",", "and", "or"))
_NOT_LAST = _JOINS | {"a", "an", "the", "of", "in", "on", "at", "with", "for", "to", "from", "by", "s"}
_ANOTHER = frozenset(("another", "other", "each"))
_ARTICLE = re.compile(r"\b(an?) (?=([a-z]\w*))")
_LOOSE = re.compile(r" (?=[,;:.!?]|'\w)")


def once(text: str) -> str:
    """``text`` without words that directly follow themselves: "a white and white building", "a black black table"."""
    return _SAID_TWICE.sub(r"\1", text)


def written(text: str) -> str:
    """``text`` as people write it: the model puts a space before commas and the genitive, as its training text does,
    and now and then the other article ("a eye")."""
    return _ARTICLE.sub(lambda found: f"{article_before(found[2])} ", _LOOSE.sub("", text))


def is_garbled(phrase: str) -> bool:
    """Whether ``phrase`` is none that a person would write: broken off ("a red ,"), a thing of itself ("a person of a
    person"), or a list that names a color again ("red, white and red")."""
    words = _TOKENS.findall(phrase.lower())
    if not words or words[-1] in _NOT_LAST:
        return True
    head = parse_phrase(phrase).head
    if head and sum(singular(word) == head for word in words) > 1 and not _ANOTHER.intersection(words):
        return True
    listed: set[str] = set()
    for before, word in zip(("", *words), words, strict=False):
        color = basic_color(word)
        if word in _JOINS and before in _JOINS and (before, word) != (",", "and"):
            return True
        if color in COLOR_NAMES:
            if color in listed:
                return True
            listed.add(color)
        elif word not in _JOINS:
            listed.clear()
    return False


def recolor(text: str, probabilities: Mapping[str, float], *, below: float, at_least: float) -> str:
    """``text`` with its color word replaced by the likeliest color, where the pixels clearly speak against it.

    "a black cup" becomes "a red cup" when black is less likely than ``below`` and red at least as likely as
    ``at_least``. Texts with several colors, and people (whose clothes are meant), stay.
    """
    place = single_color(text, parse_phrase(text).head, probabilities)
    if place is None:
        return text
    words = text.split()
    best = max(probabilities, key=lambda name: probabilities[name])
    if probabilities[basic_color(words[place])] >= below or probabilities[best] < at_least:
        return text
    words[place] = best
    if place > 0 and words[place - 1] in ("a", "an"):
        words[place - 1] = article_before(best)
    return " ".join(words)


def single_color(text: str, head: str, colors: Mapping[str, float]) -> int | None:
    """Place of the only color word in ``text``, if it is one of ``colors`` and speaks of the thing itself."""
    words = text.split()
    places = [k for k, word in enumerate(words) if basic_color(word) in colors]
    if len(places) != 1 or is_person(head):
        return None
    own = {basic_color(color) for color in parse_phrase(text).attributes.get("color", ())}
    return places[0] if basic_color(words[places[0]]) in own else None
