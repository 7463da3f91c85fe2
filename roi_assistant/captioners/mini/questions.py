"""What a plain question about regions asks for, whatever its wording.

A small decoder answers the questions that it was trained on, and guesses at others. Most of what people ask has an
answer that is known otherwise: from the caption, the heads, the pixels and the boxes. A question that is not recognised
here goes to the decoder as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from roi_assistant.core.lexicon import singular, without_article

QuestionKind = Literal[
    "what", "category", "color", "part color", "material", "action", "wearing", "where", "side", "is", "choice",
    "count", "beside",
]  # fmt: skip
Side = Literal["left", "right", "above", "below", "in front", "behind"]


@dataclass(frozen=True, slots=True)
class PlainQuestion:
    """``region`` is the number, from 1, of the region that is asked about, ``other`` that of a second one or 0.

    ``words`` are what is asked of it: the thing of "is it a cup", the garment of "what color is her shirt", or the
    choices of "is it a cat or a dog".
    """

    kind: QuestionKind
    region: int
    other: int = 0
    words: tuple[str, ...] = ()
    side: Side | None = None


_REFERENCE = re.compile(r"<region(\d+)>")
_IT = r"(?:it|this|that|he|she|they|him|them|the (?:box|region|thing|object|person|animal))"
_THING = r"(?P<thing>[a-z][a-z '-]*?)"
_NOUN = r"[a-z][a-z -]*?"
_SIDES: dict[str, Side] = {
    "left of": "left", "to the left of": "left", "on the left of": "left", "right of": "right",
    "to the right of": "right", "on the right of": "right", "above": "above", "over": "above", "on top of": "above",
    "below": "below", "under": "below", "beneath": "below", "underneath": "below", "in front of": "in front",
    "behind": "behind",
}  # fmt: skip
_SIDE = "|".join(sorted(map(re.escape, _SIDES), key=len, reverse=True))
_BE = r"(?:is|are|'s|was|were)"
_A = r"(?:an? |the |any |some )?"

_IMAGE = r"(?:image|photo|picture)"
_WHAT = r"(?:what|which)"

_PATTERNS: tuple[tuple[QuestionKind, str], ...] = (
    ("side", rf"{_BE} R (?:the one )?(?P<side>{_SIDE}) S"),
    ("where", rf"where {_BE} R(?: in the {_IMAGE})?"),
    ("where", rf"on {_WHAT} side(?: of the {_IMAGE})? {_BE} R"),
    ("where", rf"where {_BE} (?:the |a |an ){_NOUN}(?: in the {_IMAGE})?"),
    ("where", r"(?:position|place|location) of R"),
    ("part color", rf"{_WHAT} colou?rs? {_BE} (?:R's|R|the|its) {_THING}(?: of R| on R| R)?"),
    ("color", rf"{_WHAT} colou?rs? {_BE} R"),
    ("color", rf"{_WHAT} colou?rs? does R have"),
    ("color", rf"(?:what {_BE} )?(?:the )?colou?rs? of R|what {_BE} R's colou?r|what colou?r R {_BE}"),
    ("material", rf"{_WHAT} materials? {_BE} R(?: made (?:of|from|out of))?"),
    ("material", rf"what {_BE} R made (?:of|from|out of)"),
    ("material", rf"(?:what {_BE} )?(?:the )?material of R"),
    ("wearing", rf"what {_BE} R wearing|what (?:does|do) R wear|what does R have on|how {_BE} R dressed"),
    ("wearing", rf"what (?:clothes|garments?) (?:{_BE} R wearing|does R (?:wear|have on))"),
    ("action", rf"what {_BE} R doing|what does R do"),
    ("action", rf"what (?:{_BE} )?(?:happening|going on) (?:in|with|to) R"),
    ("count", rf"how many(?: {_THING})? {_BE} (?:there )?(?:in|on|inside) R|how many {_BE} R|count R"),
    ("beside", rf"what {_BE} (?:next to|beside|near|close to|by|around) R"),
    ("choice", rf"{_BE} R {_A}(?P<first>[a-z][a-z -]*?),? or {_A}(?P<second>[a-z][a-z -]*)"),
    ("choice", r"(?P<first>man|boy|male) or (?P<second>woman|girl|female)"),
    ("is", rf"{_BE} (?:R|there) {_A}{_THING}(?: in R| here)?"),
    ("is", rf"can you see {_A}{_THING} in R"),
    ("category", rf"{_WHAT} (?:kind|type|sort) of (?:thing|object|animal|item|vehicle|food) {_BE} R"),
    ("category", rf"{_WHAT} (?:thing|object|animal|item|vehicle|food|fruit|plant) {_BE} R"),
    ("category", rf"(?:what {_BE} )?(?:the )?category of R|{_WHAT} category {_BE} R"),
    ("what", rf"(?:what|who) {_BE} (?:in )?R|what do you see in R|what does R show"),
    ("what", r"what can (?:you see|be seen) in R"),
    ("what", r"describe R|give a (?:short )?description of R|name R|what do you call R"),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)


def references(question: str) -> tuple[int, ...]:
    """The numbers of the regions that ``question`` (normalised, see `core.prompts.normalise_question`) names, each
    once, in its order."""
    return tuple(dict.fromkeys(int(number) for number in _REFERENCE.findall(question)))


def plain_question(question: str, *, regions: int) -> PlainQuestion | None:
    """What ``question`` asks of one or two of ``regions`` regions; None when it is another question.

    ``question`` is normalised. Without a reference "it" is the first region.
    """
    named = references(question)
    if len(named) > 2 or not regions or any(not 1 <= number <= regions for number in named):
        return None
    text = question
    if named:
        text = text.replace(f"<region{named[0]}>", "R")
        if len(named) == 2:
            text = text.replace(f"<region{named[1]}>", "S")
    else:
        text = re.sub(rf"\b{_IT}\b", "R", text, count=1)
    text = re.sub(r"\b(?:his|her|its|their|your)\b", "the", text)
    text = re.sub(r"\b(?:the )?(?:thing|object|person|box|region) (?:in )?R\b", "R", text)
    text = re.sub(r"\bwhat's\b", "what is", re.sub(r"\bwho's\b", "who is", text))
    text = re.sub(r"^(?:please|tell me|can you tell me|and|so|hm+),? ", "", text).strip()
    first, second = (*named, 0, 0)[:2] if named else (1, 0)
    for kind, pattern in _COMPILED:
        match = pattern.fullmatch(text)
        if match is None or (second and kind != "side"):
            continue
        groups = {name: value.strip() for name, value in match.groupdict().items() if value}
        side = _SIDES[groups["side"]] if "side" in groups else None
        return PlainQuestion(kind, first, second, _words(groups), side)
    return None


def _words(groups: dict[str, str]) -> tuple[str, ...]:
    order: Sequence[str] = ("thing", "first", "second")
    return tuple(groups[name] for name in order if name in groups)


def thing_of(words: str) -> str:
    """The noun of "a cup", as it is compared."""
    return singular(without_article(words))
