"""Categories of a project: what counts as the same, which word of a list is nearest, and how a list becomes a tree.

Names are compared without regard to case; nouns by the lexicon (`roi_assistant.core.lexicon`).
"""

from __future__ import annotations

import colorsys
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from roi_assistant.core.lexicon import hypernym, same_category, singular
from roi_assistant.core.records import CategoryList, RegionText, ScoredText
from roi_assistant.core.text_bounds import LONGEST_NAME

ROOT = "object"
"""The most general word of the lexicon; a tree has no line for it."""
_DEEPEST = 8


def spelled_in_list(name: str, names: Iterable[str]) -> str | None:
    """``name`` as ``names`` spell it, regardless of case; None where it is none of them."""
    folded = name.casefold()
    return next((other for other in names if other.casefold() == folded), None)


def in_list(name: str, names: Iterable[str]) -> bool:
    """Whether ``name`` is one of ``names``, regardless of case."""
    return spelled_in_list(name, names) is not None


def nearest_in_list(name: str, closed: Sequence[str]) -> str | None:
    """The name of the list ``closed`` that stands for ``name``.

    That is the name itself, else the same noun in the plural or a synonym, else the nearest more general word. None:
    the list has none of them.
    """
    if (listed := spelled_in_list(name, closed)) is not None:
        return listed
    for word in broader_words(name):
        for other in closed:
            if same_category(word, other.casefold()):
                return other
    return None


def broader_words(name: str) -> Iterator[str]:
    """``name`` and ever more general words: tennis ball, ball, toy, object. None are known of a name that is longer
    than any of our own."""
    if len(name) > LONGEST_NAME:
        yield name.casefold()
        return
    word = singular(name.casefold())
    for _ in range(_DEEPEST):
        yield word
        _, space, shorter = word.partition(" ")
        broader = hypernym(word)
        if space and (broader == ROOT or not word.endswith(" " + broader)):
            yield from _shorter(shorter)
        if broader == word:
            return
        word = broader


def _shorter(words: str) -> Iterator[str]:
    """``words``, and ``words`` without the first, and so on."""
    while words:
        yield words
        words = words.partition(" ")[2]


@dataclass(frozen=True, slots=True)
class TreeLine:
    """One line of a tree of categories. ``is_heading``: a more general word that is itself no category."""

    name: str
    depth: int
    is_heading: bool = False


def hierarchy(names: Iterable[str]) -> tuple[TreeLine, ...]:
    """``names`` as the lines of a tree, from top to bottom: each below the nearest more general word.

    That is another one of ``names``, or a word of the lexicon that several of them share.
    """
    ordered = sorted(set(names) - {""}, key=str.casefold)
    above = {name: _parents(name, ordered) for name in ordered}
    shared = Counter(word for words in above.values() for word in words)
    below: dict[str, list[str]] = {}
    known = set(ordered)
    for name, words in above.items():
        path = [word for word in words if word in known or shared[word] > 1]
        for child, parent in zip([name, *path], [*path, ""], strict=True):
            children = below.setdefault(parent, [])
            if child not in children:
                children.append(child)
    return tuple(_lines(below, "", 0, known))


def _parents(name: str, names: Sequence[str]) -> list[str]:
    """The more general words of ``name``, the nearest first, in the spelling of ``names`` where one is the same."""
    found: dict[str, None] = {}
    for word in broader_words(name):
        listed = next((other for other in names if same_category(word, other.casefold())), word)
        if listed != name and not same_category(word, name.casefold()) and word != ROOT:
            found[listed] = None
    return list(found)


def _lines(below: dict[str, list[str]], parent: str, depth: int, known: set[str]) -> Iterator[TreeLine]:
    for name in sorted((_shown(child, below, known) for child in below.get(parent, ())), key=str.casefold):
        yield TreeLine(name, depth, is_heading=name not in known)
        if depth < _DEEPEST:
            yield from _lines(below, name, depth + 1, known)


def _shown(name: str, below: dict[str, list[str]], known: set[str]) -> str:
    """``name``, or what is below it where it would be the heading of one thing."""
    while name not in known and len(below[name]) == 1:
        name = below[name][0]
    return name


def fit_to_list(text: RegionText, categories: CategoryList) -> RegionText:
    """``text`` with the nearest category of a closed list; the model's own word is the first of the alternatives.

    A category for which the list has no word stays: who reviews it sees that it is not in the list.
    """
    said = text.category
    if not categories.closed or said is None:
        return text
    nearest = nearest_in_list(said.text, categories.names)
    if nearest is None or nearest == said.text:
        return text
    others = (other for other in text.category_alternatives if other.text not in (nearest, said.text))
    return replace(
        text,
        category=ScoredText(nearest, said.score),
        category_alternatives=(ScoredText(said.text, said.score), *others),
    )


def color_of(name: str, categories: CategoryList) -> str:
    """The color of the category ``name`` as ``#rrggbb``: the one that was chosen, else one that follows from the
    name, so that it is the same in every project."""
    return dict(categories.colors).get(name) or derived_color(name)


def derived_color(name: str) -> str:
    """A color for ``name`` that is seen on most photos."""
    digest = hashlib.blake2b(name.casefold().encode("utf-8", "surrogatepass"), digest_size=3).digest()
    lightness, saturation = 0.5 + 0.16 * (digest[1] % 3) / 2, 0.62 + 0.3 * (digest[2] % 2)
    red, green, blue = colorsys.hls_to_rgb(digest[0] / 256, lightness, saturation)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
