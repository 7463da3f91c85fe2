"""What the words of a person's captions stand for, found by comparing captions with what is known of their regions.

Captions are split into words and what stands between them; those that are alike but for their words have one *form*.
Each place of a form is *aligned* (`aligned`): is its word always the same, or does it follow the category, an
attribute, the place on the photo? Words are compared as they stand, so this holds in any language.

A fact is a kind and a value: ("color", "white"). The kinds that are no attributes begin with ``#``.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from roi_assistant.core.box import Place

SUPPORT = 3
"""Captions, at least, in which a word went with a value."""
CONSISTENT = 0.8
"""Share of the captions with that value that have the word."""
_AS_GOOD = 0.9
"""What says so large a share of the words that the best explanation says cannot be told from it by counting."""
CATEGORY, PLACE, ROW, COLUMN = "#category", "#place", "#row", "#column"

Facts: TypeAlias = Mapping[str, str]
"""Kind -> value."""
_Kind: TypeAlias = tuple[str, ...]
"""The kinds that a word follows: () for one that is always the same, two for a color that agrees with its noun."""
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Letters of scripts that write words without spaces."""


def facts_of(category: str, attributes: Iterable[tuple[str, str]], place: Place | None) -> dict[str, str]:
    """What is known of a region. ``attributes`` are names and the value that is put into captions."""
    facts = {CATEGORY: category, **dict(attributes)}
    if place is not None:
        facts |= {ROW: place.row, COLUMN: place.column, PLACE: f"{place.row} {place.column}"}
    return {kind: value for kind, value in facts.items() if value}


@dataclass(frozen=True, slots=True)
class Split:
    """A caption as ``words`` and what stands before, between and after them (one string more than words)."""

    words: tuple[str, ...]
    between: tuple[str, ...]


def split(caption: str, facts: Facts) -> Split:
    """``caption`` in words. A value that stands in it, whatever the case, is one word: "wine glass"."""
    lower, taken = caption.lower(), [(0, 0), (len(caption), len(caption))]
    values = sorted({value.lower() for value in facts.values()}, key=len, reverse=True)
    for value in values if len(lower) == len(caption) else ():
        begin = lower.find(value)
        while begin >= 0 and not _is_free(caption, begin, begin + len(value), taken):
            begin = lower.find(value, begin + 1)
        if begin >= 0:
            taken.append((begin, begin + len(value)))
    spans = [span for span in taken if span[1] > span[0]]
    for (_, begin), (end, _) in pairwise(sorted(taken)):
        spans += [(begin + word.start(), begin + word.end()) for word in _WORD.finditer(caption[begin:end])]
    spans.sort()
    edges = [0, *(edge for span in spans for edge in span), len(caption)]
    return Split(
        tuple(caption[begin:end] for begin, end in spans),
        tuple(caption[begin:end] for begin, end in zip(edges[::2], edges[1::2], strict=True)),
    )


def _is_free(caption: str, begin: int, end: int, taken: Iterable[tuple[int, int]]) -> bool:
    """Whether ``caption[begin:end]`` is no part of a word, nor of what was ``taken``."""
    if any(begin < other_end and other_begin < end for other_begin, other_end in taken):
        return False
    edges = ((begin - 1, begin), (end - 1, end))
    inside = (0 <= out < len(caption) and 0 <= into < len(caption) for out, into in edges)
    return not any(
        known
        and _WORD.match(caption[out])
        and _WORD.match(caption[into])
        and not (_UNSPACED.match(caption[out]) or _UNSPACED.match(caption[into]))
        for known, (out, into) in zip(inside, edges, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Example:
    """A word at one place of a form, and the facts of its region."""

    word: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the word at a place follows: ``kinds``, whose values say the ``words``; None for those that went with
    several. A value that was never met is said as it is where ``is_literal``, with a capital where ``is_capital``."""

    kinds: _Kind
    words: Mapping[tuple[str, ...], str | None]
    is_literal: bool = False
    is_capital: bool = False

    def word(self, facts: Facts) -> str | None:
        """The word for a region with these ``facts``; None where it is not known."""
        values = _values(self.kinds, facts)
        if values is None or values in self.words or not self.is_literal:
            return None if values is None else self.words.get(values)
        return values[0][:1].upper() + values[0][1:] if self.is_capital else values[0]


@dataclass(frozen=True, slots=True)
class Aligned:
    """A place of a form. The captions cannot tell its ``explanations`` apart."""

    explanations: tuple[Explanation, ...]

    def word(self, facts: Facts) -> str | None:
        """The word on which all explanations agree; None where one of them does not know it."""
        words = {explanation.word(facts) for explanation in self.explanations}
        return words.pop() if len(words) == 1 else None


def aligned(examples: Sequence[Example]) -> Aligned | None:
    """What the words of ``examples``, which stand at one place of captions of one form, follow.

    1. If half of the words are the region's category, or a value of the same attribute, they follow it literally. A
       value that she calls otherwise ("grey" for gray) has her word.
    2. Else what explains the most words is believed if it explains half: nothing (a constant), a row, column or cell of
       the photo, the category, an attribute, or an attribute with the category ("rote Tasse", "roter Becher"). A value
       has a word when `SUPPORT` captions and a share of `CONSISTENT` say so.
    3. Of explanations that explain about as much, one is dropped that tells apart more than another: where red cups
       *and* red bottles are "rot", the category does not matter. Those that remain were never told apart: that cups are
       "rot", when all cups were red. Then only a word on which they agree is said.

    None where nothing explains half of the words.
    """
    literal = _literal(examples)
    if literal is not None:
        return Aligned((literal,))
    found = [_explanation(kinds, examples) for kinds in _kinds(examples)]
    most = max(score for _, score in found)
    if most < SUPPORT or 2 * most < len(examples):
        return None
    good = [explanation for explanation, score in found if score >= _AS_GOOD * most]
    kept = [one for one in good if not any(_only_refines(one.kinds, other.kinds, examples) for other in good)]
    return Aligned(tuple(kept))


def _kinds(examples: Sequence[Example]) -> list[_Kind]:
    alone = list(dict.fromkeys(kind for example in examples for kind in example.facts))
    attributes = [kind for kind in alone if not kind.startswith("#")]
    return [(), *((kind,) for kind in alone), *((kind, CATEGORY) for kind in attributes)]


def _values(kinds: _Kind, facts: Facts) -> tuple[str, ...] | None:
    """None where one of ``kinds`` is not known."""
    try:
        return tuple([facts[kind] for kind in kinds])
    except KeyError:
        return None


def _said(kinds: _Kind, examples: Sequence[Example]) -> dict[tuple[str, ...], Counter[str]]:
    """How often each word goes with the values of ``kinds``."""
    said: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for example in examples:
        values = _values(kinds, example.facts)
        if values is not None:
            said[values][example.word] += 1
    return said


def _explanation(kinds: _Kind, examples: Sequence[Example]) -> tuple[Explanation, int]:
    """Also, of how many ``examples`` it says the word."""
    words: dict[tuple[str, ...], str | None] = {}
    score = 0
    for values, counts in _said(kinds, examples).items():
        word, count = counts.most_common(1)[0]
        is_known = count >= SUPPORT and count >= CONSISTENT * counts.total()
        words[values] = word if is_known else None
        score += count * is_known
    return Explanation(kinds, words), score


def _literal(examples: Sequence[Example]) -> Explanation | None:
    same = Counter(kind for one in examples for kind, value in one.facts.items() if value.lower() == one.word.lower())
    same = Counter({kind: count for kind, count in same.items() if kind not in (ROW, COLUMN, PLACE)})
    if not same:
        return None
    kind, count = same.most_common(1)[0]
    if count < SUPPORT or 2 * count < len(examples):
        return None
    words: dict[tuple[str, ...], str | None] = {}
    for values, counts in _said((kind,), examples).items():
        word, times = counts.most_common(1)[0]
        is_own = times >= CONSISTENT * counts.total() and (times >= SUPPORT or word.lower() == values[0].lower())
        words[values] = word if is_own else None
    capitals = sum(one.word[:1].isupper() and one.facts.get(kind, "")[:1].islower() for one in examples)
    return Explanation((kind,), words, is_literal=True, is_capital=2 * capitals > len(examples))


def _only_refines(kinds: _Kind, other: _Kind, examples: Sequence[Example]) -> bool:
    """Whether the values of ``kinds`` say those of ``other`` in all ``examples``, and not the other way round."""
    pairs = {
        (one, two)
        for example in examples
        if (one := _values(kinds, example.facts)) is not None and (two := _values(other, example.facts)) is not None
    }
    return len({one for one, _ in pairs}) == len(pairs) > len({two for _, two in pairs})
