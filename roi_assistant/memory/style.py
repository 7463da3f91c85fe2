"""The form in which a person writes captions: "plate, white, top left" and "cup, red, center" are both *category,
color, place*, and so are "Teller, weiß, oben links" and "SKU 4711, rot, Mitte" where her captions show what is what.

A template is a form of her captions (`roi_assistant.memory.words`) of which all places are understood.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TypeAlias

from roi_assistant.core.box import Place
from roi_assistant.core.records import RegionText
from roi_assistant.memory.lessons import Lesson
from roi_assistant.memory.words import SUPPORT, Aligned, Facts, Split, aligned, columns_of, facts_of, split

LOOKED_AT = 400
"""Lessons, the latest, among which are those whose captions the person wrote, or took over in her form."""
LEARNED_FROM = 200
"""The latest of these, from which words are learned."""
RECENT = 40
"""The latest of them, half of which the templates must say word by word."""
FEWEST = 6
"""Of these, at least, that they must say."""
SURE_FROM = 0.5
"""Score of an attribute value that is put into a template."""
_PHRASE = re.compile(r"(a|an|the|some|two|three|several) ", re.IGNORECASE)
"""How English phrases begin: such are what the model writes anyway, with more than a template would hold."""
_Form: TypeAlias = tuple[tuple[str, ...], tuple[bool, ...]]


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
    """The form of the captions in ``latest``, which begins with the latest lesson; None while most have no form.

    What a person wrote makes a form. What she took over in that form, suggested as she would have written it, teaches
    words as well: else only what is still suggested wrongly would.
    """
    decided = [(lesson, _form(lesson)) for lesson in islice(latest, LOOKED_AT) if lesson.caption]
    written: Counter[_Form | None] = Counter(form for lesson, form in decided if lesson.is_written and form is not None)
    own = [(lesson, form) for lesson, form in decided if lesson.is_written or written[form] >= SUPPORT][:LEARNED_FROM]
    rows: dict[_Form | None, list[int]] = defaultdict(list)
    for row, (_, form) in enumerate(own):
        rows[form].append(row)
    templates: list[tuple[int, Template]] = []
    said: set[int] = set()
    for form, of_form in rows.items():
        template = _template([own[row][0] for row in of_form]) if form in written and len(of_form) >= SUPPORT else None
        if template is not None:
            right = {row for row in of_form if template.filled(_facts(own[row][0])) == own[row][0].caption}
            if len(right) >= SUPPORT:
                said |= right
                templates.append((len(right), template))
    recent = [row in said for row in range(len(own[:RECENT]))]
    if sum(recent) < FEWEST or 2 * sum(recent) < len(recent):
        return None
    return Style(tuple(template for _, template in sorted(templates, key=lambda pair: -pair[0])))


def _template(lessons: Sequence[Lesson]) -> Template | None:
    parts = [_split(lesson) for lesson in lessons]
    columns = columns_of([_facts(lesson) for lesson in lessons])
    places = []
    for words in zip(*(one.words for one in parts), strict=True):
        place = aligned(words, columns)
        if place is None:
            return None
        places.append(place)
    return Template(parts[0].between, tuple(places)) if places else None


@lru_cache(maxsize=1024)
def _facts(lesson: Lesson) -> Facts:
    return facts_of(lesson.category, ((name, values[0]) for name, values in lesson.attributes if values), lesson.place)


@lru_cache(maxsize=1024)
def _split(lesson: Lesson) -> Split:
    return split(lesson.caption, _facts(lesson))


@lru_cache(maxsize=1024)
def _form(lesson: Lesson) -> _Form | None:
    """What captions of one form have in common: also where the category stands, "cup, red" is not "red, cup". None for
    English phrases."""
    if _PHRASE.match(lesson.caption):
        return None
    parts = _split(lesson)
    return parts.between, tuple(word.lower() == lesson.category.lower() for word in parts.words)
