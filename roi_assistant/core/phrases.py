"""Parses a short human phrase about a region into a noun and attributes.

The word lists are in ``resources/lexicon.json`` (loaded once, at the first call); the rules are here. English only.
Gender, age and the color of a person are never attributes, whatever the phrase says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from roi_assistant.core.lexicon import (
    Lexicon,
    basic_color,
    hypernym,
    is_animate,
    is_more_general,
    is_person,
    kind_of,
    load_lexicon,
    same_category,
    singular,
    with_article,
    without_article,
)
from roi_assistant.core.reading import without_quotation
from roi_assistant.core.text_bounds import MOST_SHOWN

_TOKENS = re.compile(r"'s(?![a-z0-9])|[a-z0-9]+(?:(?!'s(?![a-z0-9]))[-'.]+[a-z0-9]+)*|,")
_JOINERS = frozenset(("and", "or"))
_BE = frozenset(("is", "are", "was", "were", "be", "being"))
_RELATIVE = frozenset(("who", "that", "which"))
_SHADES = frozenset(("light", "dark", "bright", "deep", "pale", "neon", "clear", "hot"))
_POST_PARTICIPLES = frozenset(
    {
        *("dressed", "covered", "made", "filled", "surrounded", "seated", "clad", "wrapped", "decorated", "tied"),
        *("attached", "called", "labeled", "painted", "lined", "held", "carried", "topped", "followed", "pulled"),
        *("taken", "seen", "shown", "written", "standing", "suspended"),
    }
)
_WEARING = frozenset(("wearing", "wears", "wear", "dressed", "clad", "sporting", "donning"))
_CLOTHES_FOLLOW = _WEARING | {"in", "with", "without"}
_NOT_ADVERBS = frozenset(("family", "fly", "bully", "butterfly", "jelly", "belly", "trolley", "lily", "ally", "dolly"))
_SUBJECT_FOLLOWS = frozenset((",", "and", "or", "while", "as", "when", "where", "because", "but", "that", ";"))
_CLAUSE_STOPS = frozenset(("while", "as", "when", "because", "so", "but", "if", "where", "then"))
_LONGEST_COMPOUND = 5


__all__ = [
    "PhraseFacts",
    "basic_color",
    "hypernym",
    "is_animate",
    "is_more_general",
    "is_person",
    "kind_of",
    "parse_mention",
    "parse_phrase",
    "same_category",
    "singular",
    "with_article",
    "without_article",
]


@dataclass(frozen=True, slots=True)
class PhraseFacts:
    """``head`` is the singular noun that names the thing, or ``""`` when the phrase names none ("another one").

    ``attributes`` maps ``color``, ``material``, ``size``, ``pattern``, ``state``, ``shape``, ``action``, ``wearing``
    and ``count`` to canonical values, in the order of the phrase. What it does not mention is absent.
    """

    head: str
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def parse_phrase(text: str) -> PhraseFacts:
    """What ``text`` ("a man in a blue shirt holding a guitar") says of the region that it is about.

    Works for any text: without a noun the head is empty. What stands behind its first thousand letters is not read, and
    neither is what a description quotes: a bus that reads "DOG" is a bus.
    """
    return _parsed(without_quotation(text)[:MOST_SHOWN])


@lru_cache(maxsize=4096)  # each caption is looked at many times while it is chosen, colored, judged and filtered
def _parsed(text: str) -> PhraseFacts:
    return _parse(_tokens(text), None)


def parse_mention(words: Sequence[str], start: int, end: int) -> PhraseFacts:
    """The same for words ``start:end`` of a sentence, with what the rest of the clause says of them.

    ``A man | is sitting on a bench`` has the action "sitting", which the mention itself does not name.
    """
    lexicon = load_lexicon()
    mention = _tokens(" ".join(words[start:end]))
    subject = start == 0 or words[start - 1].lower() in _SUBJECT_FOLLOWS
    rest: list[str] = []
    for token in _tokens(" ".join(words[end:])):
        if token in _CLAUSE_STOPS:
            break
        # "a boy in [a hat] is running": the verb is the boy's
        follows_relative = bool(rest) and rest[-1] in _RELATIVE
        if not subject and not follows_relative and (token in _BE or (token in lexicon.finite and not rest)):
            break
        rest.append(token)
    facts = _parse(mention + rest, len(mention))
    if not subject and facts.head and not is_animate(facts.head) and "action" in facts.attributes:
        return PhraseFacts(facts.head, {name: values for name, values in facts.attributes.items() if name != "action"})
    return facts


def _tokens(text: str) -> list[str]:
    plain = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("&", " and ")
    misspellings = load_lexicon().misspellings
    return [misspellings.get(token, token) for token in _TOKENS.findall(plain)]


class _Facts:
    """Attributes while they are collected."""

    def __init__(self) -> None:
        self.by_name: dict[str, list[str]] = {}

    def add_action(self, participle: str, lexicon: Lexicon) -> None:
        """Only verbs that the lexicon knows: other words in "-ing" are slips of the pen and names more often."""
        participle = lexicon.action_words.get(participle, participle)
        if participle in lexicon.participles and participle not in lexicon.light_verbs:
            self.add("action", participle)

    def add(self, name: str, value: str) -> None:
        values = self.by_name.setdefault(name, [])
        if value not in values:
            values.append(value)

    def frozen(self, head: str) -> PhraseFacts:
        return PhraseFacts(head, {name: tuple(values) for name, values in self.by_name.items()})


@dataclass(slots=True)
class _NounPhrase:
    head: str
    surface: str
    modifiers: list[str]
    end: int
    negated: bool = False
    words: tuple[str, ...] = ()

    @property
    def plural(self) -> bool:
        return self.surface != self.head or self.head in load_lexicon().invariant


def _is_action(token: str, lexicon: Lexicon) -> bool:
    if not token.endswith("ing") or len(token) < 5:
        return False
    return token not in lexicon.not_actions and token not in lexicon.general


def _does(tokens: list[str], position: int, lexicon: Lexicon) -> bool:
    """Whether a verb that is also a thing ("painting", "building") is what the living noun before it does."""
    token = tokens[position]
    if token not in lexicon.participles or _is_action(token, lexicon) or token in lexicon.light_verbs or not position:
        return False
    before = tokens[position - 1]
    return before in _BE or is_animate(singular(before))


def _noun_phrase(
    tokens: list[str], start: int, limit: int | None = None, *, wearers: bool | None = None
) -> _NounPhrase:
    """The noun phrase that begins at ``start``; ``end`` is the first token after it.

    ``wearers`` is set where clothes are expected, and says whether several wear them: a verb that agrees with the
    wearer ends the clothes ("a boy in a red shirt [runs]").
    """
    lexicon = load_lexicon()
    stop = len(tokens) if limit is None else limit
    begin, position, noun_at, negated = start, start, -1, False
    while position < stop:
        token = tokens[position]
        if token == "'s":
            begin, noun_at = position + 1, -1
        elif token == "," or token in _JOINERS:
            if noun_at >= 0 and not _inside_compound(tokens, position, stop, lexicon):
                break
        elif token in lexicon.light_verbs:
            if noun_at >= 0:
                break
        elif token in lexicon.prepositions:
            alone = position == begin and position + 1 == stop
            if not alone and not _inside_compound(tokens, position, stop, lexicon):
                break
            noun_at = position
        elif _does(tokens, position, lexicon) and position > begin:
            break
        elif _is_action(token, lexicon):
            if noun_at >= 0 and not _names_a_kind(tokens, position, stop, lexicon):
                break
        elif token in lexicon.determiners:
            negated = negated or token == "no"
            if noun_at >= 0:
                break
        elif (noun_at >= 0 and _ends_before(tokens, position, stop, lexicon)) or (
            wearers is not None and position > start and _wearer_acts(tokens, position, wearers, lexicon)
        ):
            break
        elif token not in lexicon.modifiers and (not token.endswith("ly") or token in _NOT_ADVERBS):
            noun_at = position
        position += 1
    return _with_head(tokens, begin, position, negated, lexicon)


def _inside_compound(tokens: list[str], position: int, stop: int, lexicon: Lexicon) -> bool:
    """Whether a joining word belongs to a fixed expression ("salt and pepper shaker")."""
    for first in range(max(0, position - 2), position):
        for last in range(position + 2, min(stop, position + 4) + 1):
            if " ".join(tokens[first:last]) in lexicon.compounds:
                return True
    return False


def _names_a_kind(tokens: list[str], position: int, stop: int, lexicon: Lexicon) -> bool:
    """Whether the "-ing" word at ``position``, after a noun, is part of the name: "a rock climbing wall"."""
    if position + 1 >= stop:
        return position == 1 and f"{tokens[0]} {tokens[1]}" in lexicon.compounds  # "rock climbing"
    following = tokens[position + 1]
    pair = f"{tokens[position]} {singular(following)}"
    if pair in lexicon.compounds:
        return not is_animate(singular(tokens[position - 1]))
    before = singular(tokens[position - 1])
    last = position + 2 >= stop or tokens[position + 2] in lexicon.prepositions
    # an unknown word before it is an adjective more often than a thing that acts: "a happy smiling dog"
    return last and before not in lexicon.general and is_animate(singular(following))


def _ends_before(tokens: list[str], position: int, stop: int, lexicon: Lexicon) -> bool:
    """Whether the word at ``position``, after a noun, begins what is said about that noun."""
    token = tokens[position]
    following = tokens[position + 1] if position + 1 < stop else ""
    if token in _POST_PARTICIPLES and (not following or following in lexicon.prepositions):
        return True
    return _finite_verb(tokens, position, stop, lexicon) is not None


def _wearer_acts(tokens: list[str], position: int, wearers: bool, lexicon: Lexicon) -> bool:
    form = lexicon.finite.get(tokens[position])
    if form is None or form[1] == wearers:
        return False
    before = tokens[position - 1]
    return before in lexicon.garments or singular(before) in lexicon.garments or before in lexicon.colors


def _finite_verb(tokens: list[str], position: int, stop: int, lexicon: Lexicon) -> str | None:
    """The "-ing" form of a verb that agrees with the living noun before it."""
    form = lexicon.finite.get(tokens[position])
    if form is None:
        return None
    participle, third_person = form
    before = tokens[position - 1]
    one = singular(before)
    if not is_animate(one) or f"{one} {singular(tokens[position])}" in lexicon.compounds:
        return None
    many = one != before and before not in lexicon.singular_s
    if many == third_person:
        return None
    return participle


def _with_head(tokens: list[str], begin: int, end: int, negated: bool, lexicon: Lexicon) -> _NounPhrase:
    words = [token for token in tokens[begin:end] if token != ","]
    while words and words[-1] in _JOINERS:
        words.pop()
    trailing: list[str] = []
    # "mouth open", "something red": qualities after the noun
    while len(words) > 1 and words[-1] in lexicon.values and not _is_thing(words[-1], lexicon):
        if not any(_is_thing(word, lexicon) for word in words[:-1]):
            break
        trailing.append(words.pop())
    words = [word for word in words if word not in lexicon.determiners or word in ("some",)]
    if not words or words[-1] in lexicon.empty_heads or words[-1] == "some":
        qualities = [word for word in words if word not in lexicon.empty_heads] + trailing
        return _NounPhrase("", "", qualities, end, negated, tuple(tokens[begin:end]))
    for length in range(min(_LONGEST_COMPOUND, len(words)), 1, -1):
        surface = " ".join(words[-length:])
        if surface in lexicon.compounds or singular(surface) in lexicon.compounds:
            return _NounPhrase(singular(surface), surface, words[:-length] + trailing, end, negated)
    surface = words[-1]
    bare = len(words) == 1 and tokens[begin] == surface  # "orange" alone is the color, "an orange" the fruit
    if surface in lexicon.colors and (bare or not _is_thing(surface, lexicon)):
        return _NounPhrase("", "", words + trailing, end, negated)
    if _only_quality(surface, lexicon):
        return _NounPhrase("", "", words + trailing, end, negated)
    if surface in lexicon.pronouns:
        return _NounPhrase(lexicon.pronouns[surface], surface, words[:-1] + trailing, end, negated)
    return _NounPhrase(singular(surface), surface, words[:-1] + trailing, end, negated)


def _is_thing(word: str, lexicon: Lexicon) -> bool:
    return word in lexicon.general or singular(word) in lexicon.general or word in lexicon.pronouns


def _only_quality(word: str, lexicon: Lexicon) -> bool:
    return word in lexicon.modifiers and not _is_thing(word, lexicon) and word not in lexicon.materials


def _parse(tokens: list[str], mention_end: int | None) -> PhraseFacts:
    lexicon = load_lexicon()
    phrase = _noun_phrase(tokens, 0, mention_end)
    facts = _Facts()
    partitive = ""
    for _ in range(3):  # "one of a group of people"
        inner = _inner(tokens, phrase, mention_end, lexicon)
        if inner is None:
            break
        partitive = partitive or _partitive_count(phrase, inner, lexicon)
        phrase = inner
    joined = _joined_person(tokens, phrase, mention_end)
    head = phrase.head
    _read_modifiers(phrase, facts, lexicon)
    if joined is not None:
        head = head if joined.head == head else "person"
        if not phrase.plural and not joined.plural:
            facts.add("count", "two")
        phrase.end = joined.end
    elif partitive and "count" not in facts.by_name:
        facts.add("count", partitive)
    elif head in lexicon.collectives and "count" not in facts.by_name and phrase.surface == head:
        facts.add("count", lexicon.count_partitives.get(head, "group"))
    end = phrase.end if mention_end is None else max(phrase.end, mention_end)
    _read_rest(tokens, end, head, phrase.plural, facts, lexicon)
    return facts.frozen(head)


def _inner(tokens: list[str], phrase: _NounPhrase, limit: int | None, lexicon: Lexicon) -> _NounPhrase | None:
    """The noun after "of" when the noun before it only measures: "a group of people"."""
    stop = len(tokens) if limit is None else limit
    at = phrase.end
    if at + 1 >= stop or tokens[at] != "of":
        return None
    before = phrase.surface.split(" ")[-1] if phrase.surface else tokens[at - 1]
    measures = before in lexicon.count_partitives or before in lexicon.transparent_partitives
    if phrase.head and not measures:
        return None
    inner = _noun_phrase(tokens, at + 1, limit)
    return inner if inner.head else None


def _partitive_count(outer: _NounPhrase, inner: _NounPhrase, lexicon: Lexicon) -> str:
    if not inner.plural or inner.head in lexicon.pair_nouns or inner.head in lexicon.plural_only:
        return ""
    if outer.surface:
        return lexicon.count_partitives.get(outer.surface, "")
    return next((lexicon.counts[word] for word in outer.words if word in lexicon.counts), "")


def _joined_person(tokens: list[str], phrase: _NounPhrase, limit: int | None) -> _NounPhrase | None:
    """The woman of "a man and a woman": one region of two people."""
    stop = len(tokens) if limit is None else limit
    if phrase.end + 1 >= stop or tokens[phrase.end] != "and" or not phrase.head or not is_person(phrase.head):
        return None
    other = _noun_phrase(tokens, phrase.end + 1, limit)
    return other if other.head and is_person(other.head) else None


def _values_of(word: str, lexicon: Lexicon) -> list[tuple[str, str]]:
    values = lexicon.values.get(word)
    if values is not None or "-" not in word:
        return values or []
    parts = word.split("-")
    colors = [lexicon.colors[part] for part in parts if part in lexicon.colors]
    fillers = _SHADES | {"and", "colored", "coloured"}
    plain = all(part in lexicon.colors or part in fillers for part in parts)
    return [("color", color) for color in colors] if plain else []


def _read_modifiers(phrase: _NounPhrase, facts: _Facts, lexicon: Lexicon) -> None:
    head = phrase.head
    person = bool(head) and is_person(head)
    words = phrase.modifiers
    for index, word in enumerate(words):
        if word in lexicon.counts:
            value = lexicon.counts[word]
            if value == "one" or phrase.plural:
                facts.add("count", value)
            continue
        following = words[index + 1] if index + 1 < len(words) else ""
        if word in _SHADES and (following in lexicon.colors or following in ("blond", "colored")):
            continue
        if _is_action(word, lexicon):
            if head and is_animate(head):
                facts.add_action(word, lexicon)
            continue
        if word in lexicon.action_words and person:
            facts.add_action(word, lexicon)
            continue
        if word == "dotted" and index and words[index - 1] == "polka":
            continue
        for name, value in _values_of(word, lexicon):
            if person and (name in ("color", "material") or word == "little" or value in lexicon.states_of_things):
                continue  # skin and hair are not the person's color; "little" and "old" tell age
            if name == "material" and singular(word) == head:
                continue
            facts.add(name, value)


def _read_rest(tokens: list[str], start: int, head: str, plural: bool, facts: _Facts, lexicon: Lexicon) -> None:
    """What follows the noun phrase: clothes, actions, and what "is" says."""
    lives = not head or is_animate(head)
    mine = True  # whether an action here is still the region's and not another person's
    expects_verb = True
    words_of_action = lexicon.light_verbs | lexicon.action_words.keys()
    position, stop = start, len(tokens)
    while position < stop:
        token = tokens[position]
        following = tokens[position + 1] if position + 1 < stop else ""
        if token == "whose":
            return
        if token in _CLOTHES_FOLLOW and lives:
            after = _read_clothes(tokens, position, mine, head, plural, facts, lexicon)
            expects_verb = after > position + 1
            position = after
            continue
        quality = token in lexicon.values and not _is_thing(token, lexicon)
        if quality and position == start and (following in ("", ",", "and") or following in lexicon.prepositions):
            _read_modifiers(_NounPhrase(head, head, [token], position), facts, lexicon)  # "its mouth open"
        if token in _BE or token in _RELATIVE:
            expects_verb = True
            mine = mine or token in _BE
            if token in _BE and mine and following in lexicon.values and not _is_thing(following, lexicon):
                _read_modifiers(_NounPhrase(head, head, [following], position), facts, lexicon)
        elif token in _JOINERS or token == ",":
            mine = mine or _is_action(following, lexicon) or following in lexicon.finite
            expects_verb = True
            other = _noun_phrase(tokens, position + 1) if position == start and lives else None
            if other is not None and other.head and is_animate(other.head):
                position = other.end  # "[men] and women walking": all of them walk
                plural = True
                continue
        elif token in words_of_action or _is_action(token, lexicon) or _does(tokens, position, lexicon):
            describes_another = tokens[position - 1] in lexicon.modifiers and position > start  # "his crying child"
            if mine and not describes_another:
                facts.add_action(_meant(tokens, position, token, lexicon), lexicon)
            expects_verb = False
        elif expects_verb and lives and mine and _agrees(tokens, position, plural, lexicon):
            facts.add_action(_meant(tokens, position, lexicon.finite[token][0], lexicon), lexicon)
            expects_verb = False
        elif tokens[position - 1] == "of" and token in lexicon.materials and not lives:
            if _noun_phrase(tokens, position).surface == token:
                facts.add("material", lexicon.materials[token])
        elif token not in lexicon.finite and is_animate(singular(token)):
            mine = False
        elif token not in lexicon.determiners and not token.endswith("ly"):
            expects_verb = False
        position += 1


def _meant(tokens: list[str], position: int, participle: str, lexicon: Lexicon) -> str:
    """What a light verb stands for: "trying to catch" is catching, "taking a picture" is photographing."""
    following = tokens[position + 1 : position + 3]
    if len(following) == 2 and following[0] == "to":
        form = lexicon.finite.get(following[1])
        light = participle in lexicon.light_verbs or participle in ("preparing", "waiting", "starting")
        if light and form is not None and not form[1]:
            return form[0]
    if participle == "taking" and any(word in ("picture", "pictures", "photo", "photos") for word in following):
        return "photographing"
    return participle


def _agrees(tokens: list[str], position: int, plural: bool, lexicon: Lexicon) -> bool:
    form = lexicon.finite.get(tokens[position])
    if form is None or tokens[position - 1] in lexicon.determiners or tokens[position - 1] in lexicon.values:
        return False
    return form[1] != plural


def _read_clothes(
    tokens: list[str], position: int, mine: bool, head: str, plural: bool, facts: _Facts, lexicon: Lexicon
) -> int:
    """Garments after "wearing", "in" and the like; gives the position after them."""
    word = tokens[position]
    position += 1
    if word in ("dressed", "clad") and position < len(tokens) and tokens[position] in ("in", "as", "up"):
        position += 1
    sure = word in _WEARING
    while position < len(tokens):
        garment = _noun_phrase(tokens, position, wearers=plural)
        if garment.end == position:
            return position
        named = garment.head in lexicon.garments or garment.surface in lexicon.garments
        colors = [lexicon.colors[m] for m in garment.modifiers if m in lexicon.colors]
        dressed_in_color = not garment.head and bool(colors) and (sure or word == "in")
        if not (named or dressed_in_color):
            return position if not sure else garment.end
        if mine and word != "without" and not garment.negated:
            facts.add("wearing", " ".join([" and ".join(colors), garment.head or "clothing"]).strip())
        elif mine and garment.head == "shirt" and head and is_person(head):
            facts.add("state", "shirtless")
        position = garment.end
        if position >= len(tokens) or tokens[position] not in ("and", ",", "with"):
            return position
        following = position + 1
        if following < len(tokens) and tokens[following] == "and":
            following += 1
        upcoming = _noun_phrase(tokens, following, wearers=plural) if following < len(tokens) else None
        if upcoming is None or not (upcoming.head in lexicon.garments or upcoming.surface in lexicon.garments):
            return position
        position = following
    return position
