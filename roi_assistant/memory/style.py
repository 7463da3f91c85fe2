"""The form in which a person writes captions: "plate, white" and "cup, red" are both *category, color*.

A template is a caption with its category and attribute values taken out. Words are compared as they stand, in any
language; what a person calls otherwise than the category and the values of the region say stays a part of the template.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from roi_assistant.core.records import RegionText
from roi_assistant.memory.lessons import Lesson

RECENT = 40
"""Captions, the latest that the person wrote herself, from which a form is learned."""
FEWEST = 6
"""Captions of one form, at least, and at least half of the recent ones."""
SURE_FROM = 0.5
"""Score of an attribute value that is put into a template."""
_CATEGORY = "category"
_SLOT = re.compile(r"\{([^{}]+)\}")
_PHRASE = re.compile(r"(a|an|the|some|two|three|several) ", re.IGNORECASE)
"""How English phrases begin: such are what the model writes anyway, with more than a template would hold."""


@dataclass(frozen=True)
class Style:
    """Templates, the most frequent first, with slots such as ``{category}`` and ``{color}``."""

    templates: tuple[str, ...]

    def filled(self, text: RegionText) -> str | None:
        """What the first template says of which ``text`` fills all slots; None where it fills none of them."""
        values = {a.name: ", ".join(a.values[:1]) for a in text.attributes if a.values and a.score >= SURE_FROM}
        if text.category is not None:
            values[_CATEGORY] = text.category.text
        for template in self.templates:
            if all(slot in values for slot in _SLOT.findall(template)):
                return _SLOT.sub(lambda slot: values[slot[1]], template)
        return None


def style_of(latest: Iterable[Lesson]) -> Style | None:
    """The form of the captions in ``latest``, which begins with the latest lesson; None while most have no form."""
    written = list(islice((lesson for lesson in latest if lesson.is_written and lesson.caption), RECENT))
    forms = Counter(filter(None, map(template_of, written)))
    frequent = [template for template, count in forms.most_common() if count >= FEWEST]
    if not frequent or 2 * sum(forms[template] for template in frequent) < len(written):
        return None
    return Style(tuple(frequent))


def template_of(lesson: Lesson) -> str:
    """The caption with slots for what the region says; "" where it does not say the category, or is an English phrase
    or holds braces."""
    caption = lesson.caption
    if _PHRASE.match(caption) or set(caption) & set("{}"):
        return ""
    caption, found = _with_slot(caption, _CATEGORY, (lesson.category,))
    for name, values in lesson.attributes:
        caption, _ = _with_slot(caption, name, values)
    return caption if found else ""


def _with_slot(caption: str, name: str, values: Sequence[str]) -> tuple[str, bool]:
    for value in values:
        # Not inside a word, nor inside a slot.
        pattern = rf"(?<![\w{{]){re.escape(value)}(?![\w}}])"
        replaced, count = re.subn(pattern, f"{{{name}}}", caption, count=1, flags=re.IGNORECASE)
        if count:
            return replaced, True
    return caption, False
