"""Rules about the names of categories: one that is spelled in several ways, and two words for the same thing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations

from roi_assistant.core.lexicon import load_lexicon, singular
from roi_assistant.core.lint.findings import Finding, MergeCategory
from roi_assistant.sentences import Sentence

_BREAKS = re.compile(r"[\s_\-]+")


def plain_name(name: str) -> str:
    """``name`` in small letters, in the singular, its words separated by single spaces."""
    return singular(_BREAKS.sub(" ", name.strip().casefold()).strip())


def spelling_key(name: str) -> str:
    """What all spellings of a category have in common: "Traffic-Lights" and "traffic light" are "trafficlight"."""
    return plain_name(name).replace(" ", "")


def category_spellings(counts: Mapping[str, int]) -> Iterator[Finding]:
    """Categories that differ in case, number, spaces or hyphens only. Each may become the most frequent spelling.

    Args:
        counts: How many regions each category has.
    """
    spellings: dict[str, list[str]] = {}
    for name in counts:
        if key := spelling_key(name):
            spellings.setdefault(key, []).append(name)
    for names in spellings.values():
        into, *others = sorted(names, key=lambda name: (-counts[name], name))
        for name in others:
            yield Finding(
                rule="category-spelling",
                text=Sentence.of(
                    "“{name}” ({count}) is also spelled “{into}” ({more}).",
                    name=name,
                    count=counts[name],
                    into=into,
                    more=counts[into],
                ),
                subject=f"{name}\0{into}",
                fix=MergeCategory(name, into),
            )


def category_synonyms(counts: Mapping[str, int]) -> Iterator[Finding]:
    """Pairs of categories that are synonyms in the lexicon ("sofa", "couch"). Only a person knows whether the project
    keeps them apart on purpose.

    Args:
        counts: How many regions each category has.
    """
    groups: dict[int, dict[str, str]] = {}
    known = load_lexicon().groups
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        word = plain_name(name)
        for group in known.get(word, ()):
            groups.setdefault(group, {}).setdefault(word, name)
    told: set[tuple[str, str]] = set()
    for words in groups.values():
        for (word, into), (other, name) in combinations(words.items(), 2):
            is_narrower = other.endswith(f" {word}") or word.endswith(f" {other}")  # "wall clock" beside "clock"
            if not is_narrower and (into, name) not in told:
                told.add((into, name))
                yield Finding(
                    rule="category-synonym",
                    text=Sentence.of(
                        "“{name}” ({count}) and “{into}” ({more}) are words for the same.",
                        name=name,
                        count=counts[name],
                        into=into,
                        more=counts[into],
                    ),
                    subject=f"{name}\0{into}",
                )
