"""When a category is right: the same word, a synonym, a more general word, or none of these; how texts are read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from roi_assistant.evaluation.metrics import bare_words

Relation = Literal["exact", "synonym", "narrower", "broader", "catch_all", "wrong", "none"]
"""How an answer relates to what people said, from best to worst.

``exact``: the same word; ``synonym``: another word for it; ``narrower``: a kind of it ("sedan" for "car"); ``broader``:
a more general word ("animal" for "dog"); ``catch_all``: a word that fits everything ("object"); ``none``: no answer.
Only ``exact`` counts as strictly right and only ``exact`` and ``synonym`` as right; the others are counted by
themselves.
"""

RELATIONS: tuple[Relation, ...] = get_args(Relation)
CATCH_ALL = frozenset({"object", "thing", "item", "something", "stuff", "entity"})
_ARTICLES = frozenset({"a", "an", "the", "some"})
_NOT_WORDS = re.compile(r"[^\w'-]+|_+")


@dataclass(frozen=True, slots=True)
class TextRules:
    """The lexicon's part of the comparison.

    ``head`` gives the head noun of a phrase ("" when there is none), ``same`` tells synonyms and plurals,
    ``more_general(general, specific)`` whether the first is a wider word for the second, ``attributes`` what a phrase
    says about its head, ``clause_attributes(words, start, end)`` what the rest of a sentence says about the mention at
    ``words[start:end]``, and ``canonical(attribute, value)`` the form in which values are compared.
    """

    head: Callable[[str], str]
    same: Callable[[str, str], bool]
    more_general: Callable[[str, str], bool]
    attributes: Callable[[str], Mapping[str, tuple[str, ...]]]
    clause_attributes: Callable[[Sequence[str], int, int], Mapping[str, tuple[str, ...]]]
    canonical: Callable[[str, str], str]


def lexicon_rules() -> TextRules:
    """The rules of the program's own lexicon.

    A sentence tells what people and animals do and wear ("A man [is sitting on a bench]"); of things, and of all other
    attributes, only the phrase itself is believed. Colors are compared as basic colors ("gold" as "yellow"), what is
    worn by its noun ("blue shirt" as "shirt").
    """
    from roi_assistant.core.phrases import (
        basic_color,
        is_animate,
        is_more_general,
        parse_mention,
        parse_phrase,
        same_category,
        singular,
    )

    def clause_attributes(words: Sequence[str], start: int, end: int) -> Mapping[str, tuple[str, ...]]:
        facts = parse_mention(words, start, end)
        if not is_animate(facts.head):
            return {}
        return {name: facts.attributes[name] for name in ("action", "wearing") if name in facts.attributes}

    def canonical(name: str, value: str) -> str:
        words = bare_words(value)
        if name == "color":
            return basic_color(words)
        if name == "wearing":
            return singular(parse_phrase(value).head or words)
        return words

    return TextRules(
        head=lambda text: parse_phrase(text).head,
        same=same_category,
        more_general=is_more_general,
        attributes=lambda text: parse_phrase(text).attributes,
        clause_attributes=clause_attributes,
        canonical=canonical,
    )


def category_words(text: str) -> str:
    """A category as it is compared: lower case, without article and punctuation other than inner hyphens."""
    words = [word for word in (w.strip("-'") for w in _NOT_WORDS.sub(" ", text.lower()).split()) if word]
    while len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    return " ".join(words)


def relation(answer: str, truths: Iterable[str], rules: TextRules) -> Relation:
    """How ``answer`` relates to the nearest of ``truths``. Both are nouns or noun compounds such as "wine glass"."""
    said = category_words(answer)
    wanted = [word for word in map(category_words, truths) if word]
    if not said:
        return "none"
    if bare_words(said) in map(bare_words, wanted):
        return "exact"
    if any(rules.same(said, word) for word in wanted):
        return "synonym"
    if said in CATCH_ALL:
        return "catch_all"
    specific = [word for word in wanted if word not in CATCH_ALL]
    if any(rules.more_general(word, said) for word in specific):
        return "narrower"
    if any(rules.more_general(said, word) for word in specific):
        return "broader"
    return "wrong"


def best_relation(answers: Sequence[str], truths: Sequence[str], rules: TextRules) -> Relation:
    """The best relation of any of ``answers``."""
    found = [relation(answer, truths, rules) for answer in answers]
    return min(found, key=RELATIONS.index, default="none")


def is_right(value: Relation) -> bool:
    """Right, synonyms included."""
    return value in ("exact", "synonym")


def relation_figures(relations: Sequence[Relation]) -> dict[str, Any]:
    """Shares of all items: ``strict``, ``with_synonyms`` (strict included), and each other relation by itself.

    All shares are None when there is no item.
    """
    counts = Counter(relations)
    total = len(relations)

    def share(*names: Relation) -> float | None:
        return sum(counts[name] for name in names) / total if total else None

    return {
        "items": total,
        "strict": share("exact"),
        "with_synonyms": share("exact", "synonym"),
        "narrower": share("narrower"),
        "broader": share("broader"),
        "catch_all": share("catch_all"),
        "wrong": share("wrong"),
        "no_answer": share("none"),
    }
