"""The form in which a person writes captions: "plate, white, top left" and "cup, red, center" are both *category,
color, place*, and so are "Teller, weiß, oben links" and "SKU 4711, rot, Mitte" where her captions show what is what.

A template is a form of her captions (`roi_assistant.memory.words`) of which all places are understood.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from roi_assistant.core.box import Place
from roi_assistant.core.records import RegionText
from roi_assistant.memory.lessons import Lesson
from roi_assistant.memory.words import SUPPORT, Aligned, Facts, Split, aligned, columns_of, facts_of, split

RECENT = 40
"""Captions, the latest that the person wrote herself, of which half must be in her form."""
LEARNED_FROM = 120
"""Captions, the latest of her own, from which words are learned."""
FEWEST = 6
"""Captions of the recent ones, at least, that the templates say word by word."""
SURE_FROM = 0.5
"""Score of an attribute value that is put into a template."""
_PHRASE = re.compile(r"(a|an|the|some|two|three|several) ", re.IGNORECASE)
"""How English phrases begin: such are what the model writes anyway, with more than a template would hold."""


@dataclass(frozen=True, slots=True)
class Template:
    """A form: what stands ``between`` its places (one string more than places), and what these say."""

    between: tuple[str, ...]
    places: tuple[Aligned, ...]

    def filled(self, facts: Facts) -> str | None:
        """The caption of a region with these ``facts``; None where the word for a place is not known."""
        said = [self.between[0]]
        for place, behind in zip(self.places, self.between[1:], strict=True):
            word = place.word(facts)
            if word is None:
                return None
            said += [word, behind]
        return "".join(said)


@dataclass(frozen=True)
class Style:
    """Templates, the most frequent first."""

    templates: tuple[Template, ...]

    def filled(self, text: RegionText, *, place: Place | None = None) -> str | None:
        """What the first template that knows all its words says of ``text``, about a region at ``place``; None where
        none does."""
        sure = ((a.name, a.values[0]) for a in text.attributes if a.values and a.score >= SURE_FROM)
        facts = facts_of(text.category.text if text.category is not None else "", sure, place)
        said = (template.filled(facts) for template in self.templates)
        return next((caption for caption in said if caption is not None), None)


def style_of(latest: Iterable[Lesson]) -> Style | None:
    """The form of the captions in ``latest``, which begins with the latest lesson; None while most have no form."""
    written = list(islice((lesson for lesson in latest if lesson.is_written and lesson.caption), LEARNED_FROM))
    forms: dict[object, list[tuple[Lesson, Split]]] = defaultdict(list)
    for lesson in written:
        if not _PHRASE.match(lesson.caption):
            parts = _split(lesson)
            # Where the category stands is a part of the form: "cup, red" is not "red, cup".
            named = tuple(word.lower() == lesson.category.lower() for word in parts.words)
            forms[parts.between, named].append((lesson, parts))
    recent = {id(lesson) for lesson in written[:RECENT]}
    templates: list[tuple[int, Template]] = []
    in_form = 0
    for examples in forms.values():
        template = _template(examples) if len(examples) >= SUPPORT else None
        if template is None:
            continue
        said = [lesson for lesson, _ in examples if template.filled(_facts(lesson)) == lesson.caption]
        if len(said) >= SUPPORT:
            in_form += sum(id(lesson) in recent for lesson in said)
            templates.append((len(said), template))
    if in_form < FEWEST or 2 * in_form < len(recent):
        return None
    return Style(tuple(template for _, template in sorted(templates, key=lambda pair: -pair[0])))


def _template(examples: Sequence[tuple[Lesson, Split]]) -> Template | None:
    columns = columns_of([_facts(lesson) for lesson, _ in examples])
    places = []
    for words in zip(*(parts.words for _, parts in examples), strict=True):
        place = aligned(words, columns)
        if place is None:
            return None
        places.append(place)
    return Template(examples[0][1].between, tuple(places)) if places else None


@lru_cache(maxsize=1024)
def _facts(lesson: Lesson) -> Facts:
    return facts_of(lesson.category, ((name, values[0]) for name, values in lesson.attributes if values), lesson.place)


@lru_cache(maxsize=1024)
def _split(lesson: Lesson) -> Split:
    return split(lesson.caption, _facts(lesson))
