"""A description: one clause that says what a thing is, what it looks like, and what it does.

It is the phrase, completed by what the heads, the decoder and the pixels are sure enough of and the phrase does not
say: "a cup" becomes "a red plastic cup", "a woman" "a woman in a blue dress walking". Nothing is added that the phrase
contradicts, that is said already, or that makes no sense for such a thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roi_assistant.captioners.mini.clause import LONGEST_WORDS, SEEN_FROM, Clause, continued
from roi_assistant.core.phrases import (
    PhraseFacts,
    basic_color,
    hypernym,
    is_animate,
    is_person,
    parse_phrase,
    singular,
    with_article,
    without_article,
)
from roi_assistant.core.records import SuggestedAttribute
from roi_assistant.imaging.colors import COLOR_NAMES

DESCRIBING = ("color", "material", "wearing", "action")
"""The attributes that a description is completed with."""
_LONG_ENOUGH = 6
"""A phrase of so many words describes already."""

MATERIALS: Mapping[str, frozenset[str]] = {
    "furniture": frozenset(("wood", "metal", "plastic", "leather", "glass", "stone", "rope")),
    "container": frozenset(("glass", "plastic", "metal", "paper")),
    "utensil": frozenset(("metal", "plastic")),
    "household item": frozenset(("metal", "plastic", "glass", "leather", "wool")),
    "building": frozenset(("brick", "stone", "wood", "concrete", "glass", "metal")),
    "structure": frozenset(("brick", "stone", "wood", "concrete", "glass", "metal", "tile", "rope")),
    "clothing": frozenset(("denim", "leather", "wool")),
    "bag": frozenset(("leather", "plastic", "paper")),
    "tool": frozenset(("wood", "metal", "plastic", "rope")),
    "bathroom fixture": frozenset(("metal", "glass")),
    "accessory": frozenset(("leather", "metal", "plastic")),
    "place": frozenset(("dirt", "concrete", "brick", "stone", "gravel", "asphalt", "grass", "sand", "wood")),
}
"""What things of a kind are made of, of what the attribute head knows: it learned from outdoor photos and gives an
airplane of wood. Kinds that are not here have no material."""
_OF_GLASS = frozenset(("jar", "bottle", "vase", "table", "coffee table", "building"))
"""What is told to be of glass; the attribute head says so of much that is white."""
_ADJECTIVE_OF = {"wood": "wooden", "wool": "woolen", "rock": "rocky", "sand": "sandy", "grass": "grassy"}
ACTIONS = frozenset(
    (
        *("standing", "sitting", "walking", "running", "jumping", "lying", "smiling", "sleeping", "swimming", "flying"),
        *("posing", "dancing", "laughing", "kneeling", "crouching", "resting", "eating", "drinking", "reading"),
        *("surfing", "skiing", "snowboarding", "skateboarding", "skating", "playing", "leaping", "talking", "waiting"),
    )
)
"""What is done to nothing else, so that it ends a clause."""
ANIMAL_ACTIONS = frozenset(("standing", "sitting", "walking", "running", "jumping", "lying", "swimming", "flying"))
_WORN_FROM, _ACTION_FROM, _COLOR_FROM, _MATERIAL_FROM = 0.4, 0.5, 0.62, 0.55
"""Calibrated scores from which a value is told, chosen by looking at boxes of val (docs/experiments.md)."""
_WITHOUT_COLOR = frozenset(("natural feature", "place", "body part", "person"))
"""Kinds that have many colors, or whose color nobody tells."""
_DETERMINERS = frozenset(("the", "this", "that", "his", "her", "their", "its", "some", "several", "many", "another"))
_CLEAR = frozenset(("wine glass", "glass", "window", "bubble", "water", "mirror", "plastic bag"))
"""Things through which one sees what is behind them."""
_ANY_GARMENT = frozenset(("clothing", "clothes", "outfit", "gear", "garment", "attire", "top"))
"""What nearly everybody wears, unless it has a color."""
_NO_COLOR = frozenset(("multicolored", "clear", "transparent"))


def described(
    phrase: str,
    attributes: Sequence[SuggestedAttribute],
    shares: Mapping[str, float] | None = None,
    clauses: Sequence[Clause] = (),
) -> str:
    """``phrase`` with what ``attributes`` and the first fitting one of ``clauses`` add to it.

    ``attributes`` have calibrated scores; ``shares`` are those of the colors in the box, by name, where they were
    measured. Where nothing is added, the answer is ``phrase``.
    """
    words = phrase.split()
    facts = parse_phrase(phrase)
    if not facts.head or len(words) >= _LONG_ENOUGH or phrase == "an object":
        return phrase
    known = {attribute.name: attribute for attribute in attributes if attribute.values}
    if not is_person(facts.head):
        phrase = _colored(phrase, facts, known)
        phrase = _made_of(phrase, facts, known)
    if said := next((text for clause in clauses if (text := continued(phrase, clause, shares))), ""):
        return said
    after = _after(facts.head, phrase, facts.attributes, known, shares)
    while after and len(phrase.split()) + sum(len(part.split()) for part in after) > LONGEST_WORDS:
        after.pop()
    return " ".join([phrase, *after])


def _sure(known: Mapping[str, SuggestedAttribute], name: str, least: float) -> tuple[str, ...]:
    attribute = known.get(name)
    return attribute.values if attribute is not None and attribute.score >= least else ()


def _colored(phrase: str, facts: PhraseFacts, known: Mapping[str, SuggestedAttribute]) -> str:
    """ "a cup" -> "a red cup"."""
    color = next(iter(_sure(known, "color", _COLOR_FROM)), "")
    if phrase.split()[0] in _DETERMINERS or facts.head in _CLEAR or (color and known["color"].source != "pixels"):
        return phrase
    if "count" in facts.attributes:
        return phrase
    if not color or color in _NO_COLOR or "color" in facts.attributes or basic_color(facts.head) in COLOR_NAMES:
        return phrase
    if hypernym(facts.head) in _WITHOUT_COLOR:
        return phrase
    return _inserted(phrase, color, 0)


def _made_of(phrase: str, facts: PhraseFacts, known: Mapping[str, SuggestedAttribute]) -> str:
    """ "a red cup" -> "a red plastic cup"."""
    material = next(iter(_sure(known, "material", _MATERIAL_FROM)), "")
    if material == "glass" and facts.head not in _OF_GLASS:
        return phrase
    if material not in _materials(hypernym(facts.head)) or "material" in facts.attributes or material == facts.head:
        return phrase
    words, noun = without_article(phrase).split(), facts.head.split()
    place = next((k for k in range(len(words)) if [singular(w) for w in words[k : k + len(noun)]] == noun), None)
    return phrase if place is None else _inserted(phrase, _ADJECTIVE_OF.get(material, material), place)


def _inserted(phrase: str, adjective: str, place: int) -> str:
    """``phrase`` with ``adjective`` before the word at ``place``, articles not counted."""
    bare = without_article(phrase)
    words = bare.split()
    text = " ".join([*words[:place], adjective, *words[place:]])
    if phrase.startswith("the "):
        return f"the {text}"
    return with_article(text) if bare != phrase else text


def _materials(kind: str) -> frozenset[str]:
    return MATERIALS.get(kind) or MATERIALS.get(hypernym(kind), frozenset())


def _after(
    head: str,
    phrase: str,
    said: Mapping[str, tuple[str, ...]],
    known: Mapping[str, SuggestedAttribute],
    shares: Mapping[str, float] | None,
) -> list[str]:
    """What is worn, and what is done."""
    words: list[str] = []
    if is_person(head) and not {"wearing", "count"} & said.keys() and " in " not in phrase and " with " not in phrase:
        garment = _as_seen(next(iter(_sure(known, "wearing", _WORN_FROM)), ""), shares)
        if garment and garment not in _ANY_GARMENT:
            words += ["in", _worn(garment)]
    if is_animate(head) and "action" not in said:
        doing = next(iter(_sure(known, "action", _ACTION_FROM)), "")
        if doing in (ACTIONS if is_person(head) else ANIMAL_ACTIONS):
            words.append(doing)
    return words


def _as_seen(garment: str, shares: Mapping[str, float] | None) -> str:
    """ "red shirt" -> "shirt" where nothing red is seen."""
    if shares is None:
        return garment
    words = garment.split()
    return " ".join(
        word
        for word in words
        if basic_color(word) not in COLOR_NAMES or shares.get(basic_color(word), 0.0) >= SEEN_FROM
    )


def _worn(garment: str) -> str:
    """ "a blue shirt", but "jeans"."""
    last = garment.split()[-1]
    plural = (last.endswith("s") and last not in ("dress", "harness")) or last in ("clothing", "gear", "clothes")
    return garment if plural else with_article(without_article(garment))
