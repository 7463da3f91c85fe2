"""Rules that need all regions of a project: copied captions, missing ones, and languages. They keep counts and short
keys, not the regions, so that their memory does not grow with the length of texts."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from roi_assistant.core.caption_category import noun_of
from roi_assistant.core.lint.findings import Finding, LintImage, caption_of
from roi_assistant.core.lint.spelling import plain_name
from roi_assistant.core.lint.words import are_different_kinds, family_of
from roi_assistant.core.phrase_comparison import bare_words, words_of
from roi_assistant.core.records import RegionKey
from roi_assistant.sentences import Sentence

COPIES = 5
"""Regions with one long caption from which it was copied: people do not write the same sentence so often."""
LONG = 8
"""Words of a caption that nobody writes twice by chance."""
MEDIUM = 4
"""Words of a caption that says more than "the other one"."""
MOST_KINDS = 6
"""Categories that are kept of one caption."""
USUAL = 0.8
"""Part of the captions that are in one script, from which the others stand out; likewise of the decided regions that
have a caption, from which one is expected."""
MOST_CAPTIONS = 500_000
"""Different captions that are told apart; later ones are not counted."""
MOST_KEPT = 2_000
"""Regions without a caption, or in one script, that are kept, the first ones."""


@dataclass(slots=True)
class _Copies:
    """One caption that came again: its text, how often, on how many images, the first region in each category."""

    text: str
    count: int = 0
    images: int = 0
    last_image: str = ""
    first: dict[str, RegionKey] = field(default_factory=dict)

    def add(self, key: RegionKey, category: str) -> None:
        self.count += 1
        if key.image != self.last_image:
            self.last_image = key.image
            self.images += 1
        if len(self.first) < MOST_KINDS:
            self.first.setdefault(category, key)


class CaptionTally:
    """Finds captions that were copied. Of one that was seen once, only a hash, region and category are kept."""

    def __init__(self) -> None:
        self._once: dict[int, tuple[RegionKey, str]] = {}
        self._again: dict[int, _Copies] = {}

    def add(self, image: LintImage) -> None:
        """Count the captions of ``image``."""
        for region in image.regions:
            text = caption_of(region)
            words = bare_words(text)
            if not words:
                continue
            key, place, category = _hash(words), RegionKey(image.key, region.id), plain_name(region.category or "")
            if (copies := self._again.get(key)) is not None:
                copies.add(place, category)
            elif (first := self._once.pop(key, None)) is not None:
                copies = self._again[key] = _Copies(text)
                copies.add(*first)
                copies.add(place, category)
            elif len(self._once) < MOST_CAPTIONS:
                self._once[key] = (place, category)

    def findings(self) -> Iterator[Finding]:
        """Captions on regions of different kinds, and long ones that stand on many images."""
        for copies in sorted(self._again.values(), key=lambda copies: -copies.count):
            length = len(words_of(copies.text))
            # Where its noun is known, the rule about caption and category tells which of them is wrong.
            may_differ = length >= MEDIUM and not family_of(noun_of(copies.text))
            different = _different_kinds([name for name in copies.first if name]) if may_differ else None
            if different is not None:
                one, other = different
                text = Sentence.of(
                    "{count} regions have the caption “{caption}”, a “{one}” and a “{other}” among them.",
                    count=copies.count,
                    caption=copies.text,
                    one=one,
                    other=other,
                )
                place = copies.first[other]
            elif copies.images >= COPIES and length >= LONG:
                text = Sentence.of(
                    "{count} regions on {images} images have the same long caption “{caption}”.",
                    count=copies.count,
                    images=copies.images,
                    caption=copies.text,
                )
                place = next(iter(copies.first.values()))
            else:
                continue
            yield Finding(
                rule="copied-caption", text=text, image=place.image, regions=(place.region,), subject=copies.text
            )


def _different_kinds(categories: list[str]) -> tuple[str, str] | None:
    """Two of ``categories`` that people do not give to the same thing."""
    for one, other in combinations(categories, 2):
        if are_different_kinds(one, other):
            return one, other
    return None


class MissingCaptions:
    """Finds decided regions without a caption, in a project whose decided regions usually have one: where boxes and
    categories are all that is wanted, none is missing."""

    def __init__(self) -> None:
        self._decided = 0
        self._without: list[RegionKey] = []
        self._count = 0

    def add(self, image: LintImage) -> None:
        """Count the regions of ``image`` that people decided about."""
        for region in image.regions:
            if region.state in ("accepted", "edited"):
                self._decided += 1
                if not region.captions:
                    self._count += 1
                    if len(self._without) < MOST_KEPT:
                        self._without.append(RegionKey(image.key, region.id))

    def findings(self) -> Iterator[Finding]:
        """One for each region without a caption."""
        if self._decided - self._count < USUAL * self._decided:
            return
        for place in self._without:
            yield Finding(
                rule="empty-caption",
                text=Sentence("The region was reviewed and has no caption."),
                image=place.image,
                regions=(place.region,),
            )


class ScriptTally:
    """Finds captions in another script than most: Latin, Chinese and Japanese, Korean, Cyrillic, Greek, Arabic, Hebrew,
    Thai or Devanagari. Languages that share a script are not told apart."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._kept: dict[str, list[tuple[RegionKey, str]]] = {}

    def add(self, image: LintImage) -> None:
        """Count the scripts of the captions of ``image``."""
        for region in image.regions:
            text = caption_of(region)
            if script := script_of(text):
                self._counts[script] += 1
                kept = self._kept.setdefault(script, [])
                if len(kept) < MOST_KEPT:
                    kept.append((RegionKey(image.key, region.id), text))

    def findings(self) -> Iterator[Finding]:
        """One for each caption that stands out; where no script is usual, one for the project."""
        if len(self._counts) < 2:
            return
        (main, count), *others = self._counts.most_common()
        total = self._counts.total()
        if count < USUAL * total:
            other, more = others[0]
            place, _ = self._kept[other][0]
            yield Finding(
                rule="mixed-languages",
                text=Sentence.of(
                    "The captions are in several scripts: {main} ({count}), {other} ({more}).",
                    main=_TOLD[main],
                    count=count,
                    other=_TOLD[other],
                    more=more,
                ),
                image=place.image,
                regions=(place.region,),
                subject=",".join(sorted(self._counts)),
            )
            return
        for script, _ in others:
            for place, text in self._kept[script]:
                yield Finding(
                    rule="mixed-languages",
                    text=Sentence.of(
                        "The caption “{caption}” is {script}, most others are {main}.",
                        caption=text,
                        script=_TOLD[script],
                        main=_TOLD[main],
                    ),
                    image=place.image,
                    regions=(place.region,),
                    subject=text,
                )


_HAN = "Chinese or Japanese"
_SCRIPTS = {
    "LATIN": "Latin",
    "CJK": _HAN,
    "HIRAGANA": _HAN,
    "KATAKANA": _HAN,
    "HANGUL": "Korean",
    "CYRILLIC": "Cyrillic",
    "GREEK": "Greek",
    "ARABIC": "Arabic",
    "HEBREW": "Hebrew",
    "THAI": "Thai",
    "DEVANAGARI": "Devanagari",
}
"""First word of the name that Unicode gives a letter -> its script."""
_TOLD = {
    str(name): name
    for name in (
        *(Sentence("Latin"), Sentence("Chinese or Japanese"), Sentence("Korean"), Sentence("Cyrillic")),
        *(Sentence("Greek"), Sentence("Arabic"), Sentence("Hebrew"), Sentence("Thai"), Sentence("Devanagari")),
    )
}
_READ = 200
"""Letters of a caption whose script is looked up."""


def script_of(text: str) -> str:
    """The script of most letters of ``text``; "" when it has none, or of a script that we do not know. What is quoted
    in another one, as on a sign, does not count against the words around it."""
    counts: Counter[str] = Counter()
    for letter in text[:_READ]:
        if letter.isalpha():
            script = _SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0], "")
            # One character of Chinese stands for about a word of three letters or more.
            counts[script] += 3 if script == _HAN else 1
    return counts.most_common(1)[0][0] if counts else ""


def _hash(words: str) -> int:
    return int.from_bytes(hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).digest())
