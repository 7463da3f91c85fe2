"""A caption that names another thing: what was "a black bottle" is "a black jam jar"."""

from __future__ import annotations

from roi_assistant.core.lexicon import same_category
from roi_assistant.core.phrases import parse_phrase, singular, with_article


def names(text: str, noun: str) -> bool:
    """Whether ``text`` speaks of a ``noun``; "an old jam jar" of a jam jar, "a jar" does not."""
    words = " ".join(singular(word) for word in text.split())
    return same_category(parse_phrase(text).head, noun) or f" {noun} " in f" {words} "


def naming(caption: str, noun: str) -> str:
    """A caption that says ``noun``, in the color that ``caption`` says."""
    colors = [word for word in parse_phrase(caption).attributes.get("color", ()) if word in caption.split()]
    return with_article(f"{colors[0]} {noun}" if len(colors) == 1 else noun)
