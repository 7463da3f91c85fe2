"""What the decoder writes on from a noun: "in a beige jacket holding a parrot" of "a woman in a beige jacket holding a
parrot". It is looked over before it completes a phrase: the decoder is small, and says things twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from roi_assistant.captioners.mini.wording import is_garbled
from roi_assistant.core.lexicon import is_function_word, kind_of, load_lexicon
from roi_assistant.core.phrases import (
    basic_color,
    is_animate,
    is_person,
    parse_phrase,
    same_category,
    singular,
)
from roi_assistant.imaging.colors import COLOR_NAMES

LONGEST_WORDS = 12
"""Words of a description at most."""
SEEN_FROM = 0.12
"""Share of a box that has a color, at least, for the color of a garment or a detail to be told."""
_OF_THINGS = frozenset(
    (
        *("parked", "sitting", "hanging", "filled", "covered", "standing", "made", "lying", "surrounded", "attached"),
        *("containing", "floating", "growing", "decorated", "topped", "stacked", "flying", "waiting", "shaped"),
        *("full", "holding", "leaning", "resting", "mounted", "painted", "labeled"),
    )
)
"""What things do, of the words that go on from a noun without a preposition."""
_NOT_OF_THINGS = frozenset(("wearing", "dressed", "wears", "his", "her", "their", "its"))
_SAYS_NOTHING = re.compile(r"in (?:the|a) (?:background|foreground|air|picture|photo|middle)\b")
"""Of a thing; a ball in the air is one of few that are."""
_ANOTHER_BEGINS = frozenset(("and", "or", ",", "but"))
_WORN = frozenset(("clothing", "body part", "accessory"))
"""Kinds of which the decoder says what their wearer does."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A noun, what is said of it, and the mean probability of a token of that."""

    head: str
    words: tuple[str, ...]
    score: float


def split_clause(text: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The noun of ``text``, the words up to it, and those after it: "man", ("a", "tall", "man"), ("in", "a", "hat").

    The noun is empty where none is recognised.
    """
    head, words = parse_phrase(text).head, tuple(text.split())
    size = len(head.split())
    for stop in range(size, len(words) + 1):
        if head and [singular(word) for word in words[stop - size : stop]] == [singular(w) for w in head.split()]:
            return head, words[:stop], words[stop:]
    return "", words, ()


def continued(phrase: str, clause: Clause, shares: Mapping[str, float] | None) -> str:
    """``phrase`` with what ``clause`` says; "" where that would be another thing, or is no sound description of it.

    ``shares`` are those of the colors in the box by name, where they were measured: colors that are not seen are left
    out.
    """
    head, first, rest = split_clause(phrase)
    if not head or not clause.words or not _same_thing(head, clause.head):
        return ""
    words = _with_seen_colors(clause.words, shares)
    if not words or words[0] in _ANOTHER_BEGINS or (rest and words[: len(rest)] != rest):
        return ""
    text = " ".join([*first, *words])
    if len(text.split()) > LONGEST_WORDS or not _makes_sense(head, words) or is_garbled(text):
        return ""
    return text


def _same_thing(head: str, other: str) -> bool:
    return same_category(head, other) or (is_person(head) and is_person(other))


def _with_seen_colors(words: tuple[str, ...], shares: Mapping[str, float] | None) -> tuple[str, ...]:
    """``words`` without colors that are not seen; none where such a color is one of several ("red and white")."""
    if shares is None:
        return words
    unseen = {
        k
        for k, word in enumerate(words)
        if basic_color(word) in COLOR_NAMES and shares.get(basic_color(word), 0.0) < SEEN_FROM
    }
    if any("and" in words[max(0, k - 1) : k + 2] for k in unseen):
        return ()
    return tuple(word for k, word in enumerate(words) if k not in unseen)


def _makes_sense(head: str, words: tuple[str, ...]) -> bool:
    """Whether no noun is said twice, and nothing is said of a thing that only people do."""
    content = [singular(word) for word in words if not is_function_word(word)]
    if len(set(content)) < len(content) or set(content) & {singular(word) for word in head.split()}:
        return False
    if is_animate(head):
        return True
    if _SAYS_NOTHING.search(" ".join(words)) or kind_of(head) in _WORN:
        return False
    return (words[0] in load_lexicon().prepositions or words[0] in _OF_THINGS) and not _NOT_OF_THINGS & set(words)
