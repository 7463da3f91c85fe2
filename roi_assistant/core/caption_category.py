"""What a caption says that a region is, and which attributes it leaves standing. Pure functions, English only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from roi_assistant.core.lexicon import basic_color, is_broad, is_more_general, is_person, same_category
from roi_assistant.core.phrases import parse_phrase
from roi_assistant.core.records import Attribute, Region
from roi_assistant.core.text_bounds import MOST_SHOWN

CategoryOfNoun: TypeAlias = Callable[[str], str | None]
"""The category that the project gave earlier to a noun or, where a caption has none, to its words; None if none."""

_EXCLUSIVE = frozenset(("color", "count", "material", "size", "shape"))
"""Attributes of which a caption names all values: "a black cup" is not white. A man in a hat may wear a shirt, too."""
_NUMBER_BEHIND = re.compile(r"([a-z])[ #]+\d+\b(?!\s+\w)", re.IGNORECASE)
_PERSON, _THING = "person", "object"


def no_earlier(noun: str) -> str | None:
    """A `CategoryOfNoun` without a project."""
    return None


def noun_of(caption: str) -> str:
    """The singular noun that names the thing in ``caption``; ``""`` when there is none, as in other languages.

    A number behind the noun is a name of the thing, not what it is: "bus 13".
    """
    head = parse_phrase(_NUMBER_BEHIND.sub(r"\1", caption[:MOST_SHOWN])).head
    return "" if head.isdigit() else head


def noun_key(caption: str) -> str:
    """What a `CategoryOfNoun` is asked for: the noun of ``caption``, else its words in small letters."""
    return noun_of(caption) or " ".join(caption.casefold().split())


def earlier_category(region: Region) -> str | None:
    """The category of ``region`` if a person chose it herself; None when it was suggested or followed a caption."""
    by = region.category_provenance
    return region.category if by is not None and by.author == "human" and not by.derived_from else None


def agrees(category: str, noun: str) -> bool:
    """Whether ``category`` is a right one for what ``noun`` names: the same thing, or a wider word for it.

    ``object`` says nothing and agrees with itself only.
    """
    return same_category(category, noun) or (category != _THING and is_more_general(category, noun))


def category_of_caption(
    caption: str, *, category: str | None, guesses: Sequence[str] = (), earlier: CategoryOfNoun = no_earlier
) -> str | None:
    """The category that ``caption`` brings with it; None when it names nothing that is known.

    The name in use for the same thing is kept, so that a project does not get two words for it: the region's
    ``category``, unless it is a broad one such as "food", else one of the model's ``guesses``, else what the project
    called it ``earlier``. Nouns for people are ``person``, as in the answers of captioners; other nouns become
    categories as they are.

    Args:
        caption: of a region, a phrase or a sentence.
        category: that the region has; pass None for one that is only a general word of an unsure model.
        guesses: other names for the region, the likeliest first.
        earlier: asked for the `noun_key` of the caption.
    """
    noun = noun_of(caption)
    if not noun:
        return earlier(noun_key(caption))
    word = _PERSON if is_person(noun) else noun.partition(" of ")[0]  # "cup of coffee"
    says_little = category is not None and is_broad(category) and category not in (noun, word)
    if category and agrees(category, noun) and not says_little:
        return category
    same = (guess for guess in guesses if same_category(guess, noun) or same_category(guess, word))
    longer = (guess for guess in guesses if guess.endswith(f" {noun}") and _has_words(caption, guess))  # "toaster oven"
    return next(longer, None) or next(same, None) or earlier(noun) or word


def is_same_thing(before: str, after: str) -> bool:
    """Whether two nouns may name the same thing in other words: "woman" and "girl", "dog" and "dalmatian"."""
    if not before or not after:
        return False
    return agrees(before, after) or agrees(after, before) or (is_person(before) and is_person(after))


def mentions(caption: str, attribute: Attribute) -> bool:
    """Whether ``caption`` names one of the values of ``attribute``."""
    named = parse_phrase(caption).attributes.get(attribute.name, ())
    if attribute.name == "color":
        return not {basic_color(c) for c in named}.isdisjoint(basic_color(v.casefold()) for v in attribute.values)
    return any(value in named or _has_words(caption, value) for value in attribute.values)


def fits(caption: str, attribute: Attribute, *, same_thing: bool) -> bool:
    """Whether ``attribute`` may be true of what ``caption`` says.

    It is when the caption mentions it. It is not when the caption names another value of a kind of which there is one,
    such as a color. What the caption says nothing about stays with the ``same_thing``; of another thing, only what was
    measured from the pixels does.
    """
    if mentions(caption, attribute):
        return True
    if attribute.name in _EXCLUSIVE and attribute.name in parse_phrase(caption).attributes:
        return False
    return same_thing or attribute.source == "pixels"


def _has_words(text: str, words: str) -> bool:
    return bool(words) and re.search(rf"\b{re.escape(words)}\b", text, re.IGNORECASE) is not None
