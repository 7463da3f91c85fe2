"""When a category is right: the same word, a synonym, a more general word, or none of these."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, TypedDict, get_args

from roi_assistant.core.phrase_comparison import bare_words
from roi_assistant.core.phrases import is_more_general, same_category

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


class RelationFigures(TypedDict):
    """Shares of ``items``; all are None when there is no item. ``with_synonyms`` includes ``strict``."""

    items: int
    strict: float | None
    with_synonyms: float | None
    narrower: float | None
    broader: float | None
    catch_all: float | None
    wrong: float | None
    no_answer: float | None


def category_words(text: str) -> str:
    """A category as it is compared: lower case, without article and punctuation other than inner hyphens."""
    words = [word for word in (w.strip("-'") for w in _NOT_WORDS.sub(" ", text.lower()).split()) if word]
    while len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    return " ".join(words)


def relation(answer: str, truths: Iterable[str]) -> Relation:
    """How ``answer`` relates to the nearest of ``truths``, by the lexicon. All are nouns or noun compounds such as
    "wine glass"."""
    category = category_words(answer)
    references = [word for word in map(category_words, truths) if word]
    if not category:
        return "none"
    if bare_words(category) in map(bare_words, references):
        return "exact"
    if any(same_category(category, reference) for reference in references):
        return "synonym"
    if category in CATCH_ALL:
        return "catch_all"
    specific = [reference for reference in references if reference not in CATCH_ALL]
    if any(is_more_general(reference, category) for reference in specific):
        return "narrower"
    if any(is_more_general(category, reference) for reference in specific):
        return "broader"
    return "wrong"


def best_relation(answers: Sequence[str], truths: Sequence[str]) -> Relation:
    """The best relation of any of ``answers``."""
    return min((relation(answer, truths) for answer in answers), key=RELATIONS.index, default="none")


def is_right(value: Relation) -> bool:
    """Right, synonyms included."""
    return value in ("exact", "synonym")


def relation_figures(relations: Sequence[Relation]) -> RelationFigures:
    """The share of each relation."""
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
