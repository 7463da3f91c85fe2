"""What the words of a person's captions stand for, found by comparing captions with what is known of their regions.

Captions are split into words and what stands between them; those that are alike but for their words have one *form*.
Each place of a form is *aligned* (`aligned`): is its word always the same, or does it follow the category, an
attribute, the place on the photo? Words are compared as they stand, so this holds in any language.

A fact is a kind and a value: ("color", "white"). The kinds that are no attributes begin with ``#``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
_Kinds: TypeAlias = tuple[str, ...]
"""The kinds that a word follows: () for one that is always the same, two for a color that agrees with its noun."""
_Values: TypeAlias = tuple[str, ...]
Columns: TypeAlias = Mapping[_Kinds, Sequence[_Values | None]]
"""What may explain words: for each region the values of these kinds, None where they are not known."""
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
class Explanation:
    """What the word at a place follows: ``kinds``, whose values say the ``words``; None for those that went with
    several. A value that was never met is said as it is where ``is_literal``, with a capital where ``is_capital``."""

    kinds: _Kinds
    words: Mapping[_Values, str | None]
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


def columns_of(facts: Sequence[Facts]) -> Columns:
    """The values of all kinds that at least half of the regions have, a region after the other."""
    counts = Counter(kind for one in facts for kind in one)
    columns: dict[_Kinds, list[_Values | None]] = {(): [()] * len(facts)}
    for kind, count in counts.items():
        if 2 * count >= len(facts):
            columns[kind,] = [(one[kind],) if kind in one else None for one in facts]
    categories = columns.get((CATEGORY,))
    for kinds, column in tuple(columns.items()):
        if categories and kinds and not kinds[0].startswith("#"):
            joint = zip(column, categories, strict=True)
            columns[*kinds, CATEGORY] = [one + two if one and two else None for one, two in joint]
    return columns


def aligned(words: Sequence[str], columns: Columns) -> Aligned | None:
    """What ``words`` follow, which stand at one place of captions of one form about regions with ``columns`` of facts.

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
    literal = _literal(words, columns)
    if literal is not None:
        return Aligned((literal,))
    found = {kinds: _explanation(kinds, words, columns) for kinds in columns if len(kinds) < 2}
    most = max(score for _, score in found.values())
    for kinds in columns:
        # Two facts explain what none explains alone, and show where one was never met without the other.
        if len(kinds) > 1 and (most < _AS_GOOD * len(words) or found[kinds[:1]][1] >= _AS_GOOD * most):
            found[kinds] = _explanation(kinds, words, columns)
    most = max(score for _, score in found.values())
    if most < SUPPORT or 2 * most < len(words):
        return None
    good = [kinds for kinds, (_, score) in found.items() if score >= _AS_GOOD * most]
    kept = [one for one in good if not any(_only_refines(columns[one], columns[two]) for two in good)]
    return Aligned(tuple(found[kinds][0] for kinds in kept))


def _values(kinds: _Kinds, facts: Facts) -> _Values | None:
    """None where one of ``kinds`` is not known."""
    try:
        return tuple([facts[kind] for kind in kinds])
    except KeyError:
        return None


def _most_said(words: Sequence[str], column: Sequence[_Values | None]) -> Iterator[tuple[_Values, str, int, int]]:
    """The values, the word that goes most often with each, how often it does, and how often there is another."""
    most: dict[_Values, tuple[str, int, int]] = {}
    for (values, word), count in Counter(zip(column, words, strict=True)).items():
        if values is not None:
            first, often, others = most.get(values, (word, 0, 0))
            most[values] = (word, count, others + often) if count > often else (first, often, others + count)
    return ((values, *of_values) for values, of_values in most.items())


def _explanation(kinds: _Kinds, words: Sequence[str], columns: Columns) -> tuple[Explanation, int]:
    """Also, of how many regions it says the word."""
    said: dict[_Values, str | None] = {}
    score = 0
    for values, word, count, others in _most_said(words, columns[kinds]):
        is_known = count >= SUPPORT and count >= CONSISTENT * (count + others)
        said[values] = word if is_known else None
        score += count * is_known
    return Explanation(kinds, said), score


def _literal(words: Sequence[str], columns: Columns) -> Explanation | None:
    lower = [word.lower() for word in words]
    same: dict[_Kinds, list[int]] = {
        kinds: [row for row, values in enumerate(column) if values and values[0].lower() == lower[row]]
        for kinds, column in columns.items()
        if len(kinds) == 1 and kinds[0] not in (ROW, COLUMN, PLACE)
    }
    kinds = max(same, key=lambda kinds: len(same[kinds]), default=())
    often = len(same.get(kinds, ()))
    if often < SUPPORT or 2 * often < len(words):
        return None
    said: dict[_Values, str | None] = {}
    for values, word, count, others in _most_said(words, columns[kinds]):
        is_own = count >= SUPPORT or word.lower() == values[0].lower()
        said[values] = word if is_own and count >= CONSISTENT * (count + others) else None
    raised = sum(words[row][:1].isupper() and words[row] not in (columns[kinds][row] or ()) for row in same[kinds])
    return Explanation(kinds, said, is_literal=True, is_capital=2 * raised > often)


def _only_refines(column: Sequence[_Values | None], other: Sequence[_Values | None]) -> bool:
    """Whether the values of ``column`` say those of ``other`` for all regions, and not the other way round."""
    pairs = {pair for pair in zip(column, other, strict=True) if None not in pair}
    return len({one for one, _ in pairs}) == len(pairs) > len({two for _, two in pairs})
