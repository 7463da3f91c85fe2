"""How phrases of people and of models are compared: without case and punctuation, and attribute values by what they
mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from roi_assistant.core.phrases import basic_color, is_animate, parse_mention, parse_phrase, singular

_NOT_WORDS = re.compile(r"[^\w]+|_+")
_WORD = re.compile(r"\w+")
CJK = re.compile(r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")
"""A character of Chinese or Japanese, which are written without spaces between words."""
MOST_WORDS = 200
"""Words of a text whose edit distance is told: the work grows with their square."""


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


def words_of(text: str) -> list[str]:
    """The words of a caption in small letters, in their order; each Chinese or Japanese character is one."""
    return _WORD.findall(CJK.sub(r" \1 ", text).casefold())


def words_f1(one: Iterable[str], two: Iterable[str]) -> float:
    """F1 of two bags of words, 0..1, regardless of their order; 1 when neither has any.

    As answers to SQuAD are scored (Rajpurkar et al. 2016, arXiv 1606.05250).
    """
    first, second = Counter(one), Counter(two)
    if not first and not second:
        return 1.0
    return 2 * (first & second).total() / (first.total() + second.total())


def edit_distance(one: Sequence[str], two: Sequence[str]) -> float:
    """How many words are put in, left out or exchanged to make ``two`` of ``one`` (Levenshtein), as a part of the
    longer of both: 0..1, 0 when neither has any. Only the first `MOST_WORDS` of each are compared."""
    one, two = one[:MOST_WORDS], two[:MOST_WORDS]
    if not one or not two:
        return float(bool(one or two))
    row = list(range(len(two) + 1))
    for place, word in enumerate(one, start=1):
        before, row[0] = row[0], place
        for other, its in enumerate(two, start=1):
            before, row[other] = row[other], min(before + (word != its), row[other] + 1, row[other - 1] + 1)
    return row[-1] / max(len(one), len(two))
