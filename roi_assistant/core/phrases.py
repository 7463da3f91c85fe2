"""Reads what a short human phrase says of a region: what it is, and which attributes it has.

The word lists are in ``resources/lexicon.json`` (loaded once, at the first call); the rules are here. English only.
Gender, age and the color of a person are never attributes, whatever the phrase says.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Iterator, Sequence

from roi_assistant.resources_path import resource

_TOKENS = re.compile(r"'s(?![a-z0-9])|[a-z0-9]+(?:[-'.][a-z0-9]+)*|,")
_MODIFIER_LISTS = ("colors", "materials", "sizes", "patterns", "states", "shapes")
_ATTRIBUTE_OF = dict(zip(_MODIFIER_LISTS, ("color", "material", "size", "pattern", "state", "shape"), strict=True))
_JOINERS = frozenset(("and", "or"))
_BE = frozenset(("is", "are", "was", "were", "be", "being"))
_RELATIVE = frozenset(("who", "that", "which"))
_SHADES = frozenset(("light", "dark", "bright", "deep", "pale", "neon", "clear", "hot"))
_POST_PARTICIPLES = frozenset(
    "dressed covered made filled surrounded seated clad wrapped decorated tied attached called labeled painted lined "
    "held carried topped followed pulled taken seen shown written standing suspended".split()
)
_CLAUSE_STOPS = frozenset(("while", "as", "when", "because", "so", "but", "if", "where", "then"))
_LONGEST_COMPOUND = 5


@dataclass(frozen=True, slots=True)
class PhraseFacts:
    """``head`` is the singular noun that names the thing, or ``""`` when the phrase names none ("another one", "red").

    ``attributes`` maps ``color``, ``material``, ``size``, ``pattern``, ``state``, ``shape``, ``action``, ``wearing`` and
    ``count`` to canonical values in the order in which the phrase has them; what it does not mention is absent.
    """

    head: str
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)


class _Lexicon:
    """The word lists, arranged for lookups by word."""

    def __init__(self, lists: dict) -> None:
        self.values: dict[str, list[tuple[str, str]]] = {}
        for name in _MODIFIER_LISTS:
            for value, words in lists[name].items():
                for word in words:
                    self.values.setdefault(word, []).append((_ATTRIBUTE_OF[name], value))
        self.colors = _inverted(lists["colors"])
        self.materials = _inverted(lists["materials"])
        self.basic_colors: dict[str, str] = lists["basic_colors"]
        self.states_of_things = frozenset(lists["person_free_states"])
        self.counts = _inverted(lists["counts"])
        self.count_partitives = _inverted(lists["count_partitives"])
        self.transparent_partitives = frozenset(lists["transparent_partitives"])
        self.collectives = frozenset(lists["collectives"])
        self.irregular: dict[str, str] = lists["irregular_plurals"]
        self.pair_nouns = frozenset(lists["pair_nouns"])
        self.pair_plurals = frozenset(lists["pair_plurals"])
        self.plural_only = frozenset(lists["plural_only"])
        self.invariant = frozenset(lists["invariant"])
        self.singular_s = frozenset(lists["singular_s"])
        self.mass = frozenset(lists["mass_nouns"])
        self.determiners = frozenset(lists["determiners"])
        self.pronouns = _inverted(lists["pronouns"])
        self.empty_heads = frozenset(lists["empty_heads"])
        self.prepositions = frozenset(lists["prepositions"])
        self.garments = frozenset(lists["garments"])
        self.compounds = frozenset(lists["compounds"])
        self.light_verbs = frozenset(lists["light_verbs"])
        self.not_actions = frozenset(lists["not_actions"]) | self.light_verbs
        self.general = {word: general for general, words in lists["hypernyms"].items() for word in words}
        self.general.update(lists["general_parents"])
        self.generals = frozenset(lists["hypernyms"]) | {"object"}
        self.groups: dict[str, set[int]] = {}
        for number, group in enumerate(lists["synonyms"]):
            for word in group:
                self.groups.setdefault(word, set()).add(number)
        modifiers = set(lists["modifiers"]) | set(self.values) | set(self.counts) | self.determiners
        # "rock", "orange" and "glass" are things when they come last, qualities when a noun follows
        self.modifiers = frozenset(modifiers)
        self.finite = dict(_finite_forms(lists["verbs"], frozenset(lists["ambiguous_verbs"])))


def _inverted(groups: dict[str, list[str]]) -> dict[str, str]:
    return {word: value for value, words in groups.items() for word in words}


def _participle(verb: str) -> str:
    """``run`` -> ``running``."""
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "ye", "oe")):
        return verb[:-1] + "ing"
    short = re.fullmatch(r"[^aeiou]*(?:qu)?[aeiou][bdgklmnprt]|(?:snowboar|snow)x", verb)
    return (verb + verb[-1] if short and not verb.endswith(("w", "x", "y")) else verb) + "ing"


def _third_person(verb: str) -> str:
    """``watch`` -> ``watches``."""
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + "s"


def _finite_forms(verbs: Sequence[str], ambiguous: frozenset[str]) -> Iterator[tuple[str, tuple[str, bool, bool]]]:
    """``rides`` -> (``riding``, is third person, may also be a noun)."""
    for verb in verbs:
        yield verb, (_participle(verb), False, verb in ambiguous)
        yield _third_person(verb), (_participle(verb), True, verb in ambiguous)


@cache
def _lexicon() -> _Lexicon:
    with resource("lexicon.json").open(encoding="utf-8") as stream:
        return _Lexicon(json.load(stream))


# -- nouns ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=20000)
def singular(noun: str) -> str:
    """``dogs`` -> ``dog``, ``people`` -> ``person``, ``tennis rackets`` -> ``tennis racket``; ``scissors`` stays."""
    lexicon = _lexicon()
    front, _, word = noun.rpartition(" ")
    if noun in lexicon.pair_nouns or noun in lexicon.plural_only:
        return noun
    one = _singular_word(word, lexicon)
    return f"{front} {one}" if front else one


def _singular_word(word: str, lexicon: _Lexicon) -> str:
    if word in lexicon.irregular:
        return lexicon.irregular[word]
    if not word.endswith("s") or len(word) < 4 or word in lexicon.general and word[:-1] not in lexicon.general:
        return word
    if word in lexicon.singular_s or word in lexicon.pair_nouns or word in lexicon.plural_only or word.endswith("ss"):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("men"):
        return word[:-2] + "an"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    if word.endswith("us") and len(word) > 4:
        return word
    return word[:-1]


def _general_of(noun: str) -> str | None:
    """The more general word of ``noun``, or of its last words."""
    general = _lexicon().general
    words = noun.split(" ")
    for start in range(len(words)):
        found = general.get(" ".join(words[start:]))
        if found is not None:
            return found
    return None


@lru_cache(maxsize=20000)
def hypernym(noun: str) -> str:
    """The more general word for unsure answers: ``dalmatian`` -> ``dog`` -> ``animal`` -> ``object``.

    ``noun`` may be plural or have words in front ("red coffee mugs"). Unknown nouns are an ``object``.
    """
    return _general_of(noun) or _general_of(singular(noun)) or "object"


def is_more_general(general: str, specific: str) -> bool:
    """Whether ``general`` is a wider word for ``specific``: "animal" for "dog", "ball" for "tennis ball", not itself."""
    general, word = singular(general), singular(specific)
    if general == word:
        return False
    if general == "object" or word.endswith(" " + general):
        return True
    for _ in range(6):
        above = hypernym(word)
        if above == general or above != "object" and same_category(above, general):
            return True
        if above == word or above == "object":
            return False
        word = above
    return False


@lru_cache(maxsize=50000)
def same_category(a: str, b: str) -> bool:
    """Whether two nouns count as the same category: equal but for number, or synonyms ("sofa", "couch")."""
    a, b = singular(a), singular(b)
    if a == b:
        return True
    groups = _lexicon().groups
    return not groups.get(a, set()).isdisjoint(groups.get(b, set()))


def is_person(noun: str) -> bool:
    """Whether ``noun`` names a human being or several."""
    return noun == "person" or hypernym(noun) == "person"


def is_animate(noun: str) -> bool:
    """Whether ``noun`` names a person or an animal."""
    word = noun
    for _ in range(4):
        if word in ("person", "animal"):
            return True
        word = hypernym(word)
    return False


def basic_color(color: str) -> str:
    """The color of ``imaging.colors`` that comes nearest: ``gold`` -> ``yellow``; the basic ones stay."""
    return _lexicon().basic_colors.get(color, color)


def with_article(noun_phrase: str) -> str:
    """``apple`` -> ``an apple``, ``red scissors`` -> ``a pair of red scissors``.

    Things that are not counted ("water", "green grass") and other plurals ("stairs", "dogs") get no article.
    """
    lexicon = _lexicon()
    words = noun_phrase.split()
    if not words:
        return noun_phrase
    for start in range(max(0, len(words) - 3), len(words)):
        last = " ".join(words[start:])
        if last in lexicon.pair_nouns or singular(last) != last and singular(last) in lexicon.pair_plurals:
            return "a pair of " + noun_phrase
    if words[-1] in lexicon.mass or " ".join(words[-2:]) in lexicon.mass:
        return noun_phrase
    if words[-1] in lexicon.plural_only or singular(words[-1]) != words[-1]:
        return noun_phrase
    return ("an " if _vowel_sound(words[0]) else "a ") + noun_phrase


def _vowel_sound(word: str) -> bool:
    if re.match(r"(hour|honest|heir|honou?r)", word):
        return True
    if re.match(r"(uni(?!n|m)|use|usu|eu|ewe|one\b|one-|once|u-|ukulele|utensil|urin|uro)", word):
        return False
    return word[0] in "aeiou"


# -- phrases ----------------------------------------------------------------------------------------------------------


def parse_phrase(text: str) -> PhraseFacts:
    """What ``text`` ("a man in a blue shirt holding a guitar") says of the region that it is about.

    Works for any text: without a noun the head is empty.
    """
    tokens = _tokens(text)
    return _parse(tokens, None)


def parse_mention(words: Sequence[str], start: int, end: int) -> PhraseFacts:
    """The same for words ``start:end`` of a sentence, with what the rest of the clause says of them.

    ``A man | is sitting on a bench`` has the action "sitting", which the mention itself does not name.
    """
    mention = _tokens(" ".join(words[start:end]))
    rest: list[str] = []
    for token in _tokens(" ".join(words[end:])):
        if token in _CLAUSE_STOPS:
            break
        rest.append(token)
    return _parse(mention + rest, len(mention))


def _tokens(text: str) -> list[str]:
    return _TOKENS.findall(text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("&", " and "))


class _Facts:
    """Attributes while they are collected."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    def add(self, name: str, value: str) -> None:
        values = self.found.setdefault(name, [])
        if value not in values:
            values.append(value)

    def frozen(self, head: str) -> PhraseFacts:
        return PhraseFacts(head, {name: tuple(values) for name, values in self.found.items()})


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
        return self.surface != self.head or self.head in _lexicon().invariant


def _is_action(token: str, lexicon: _Lexicon) -> bool:
    return token.endswith("ing") and len(token) > 4 and token not in lexicon.not_actions and token not in lexicon.general


def _noun_phrase(tokens: list[str], start: int, limit: int | None = None) -> _NounPhrase:
    """The noun phrase that begins at ``start``; ``end`` is the first token after it."""
    lexicon = _lexicon()
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
            if position > begin or position + 1 < stop:
                if not _inside_compound(tokens, position, stop, lexicon):
                    break
            noun_at = position
        elif _is_action(token, lexicon):
            if noun_at >= 0 and not _names_a_kind(tokens, position, stop, lexicon):
                break
        elif token in lexicon.determiners:
            negated = negated or token == "no"
            if noun_at >= 0:
                break
        elif noun_at >= 0 and _ends_before(tokens, position, stop, lexicon):
            break
        elif token not in lexicon.modifiers and not token.endswith("ly") or token in ("family", "fly", "bully", "butterfly"):
            noun_at = position
        position += 1
    return _with_head(tokens, begin, position, negated, lexicon)


def _inside_compound(tokens: list[str], position: int, stop: int, lexicon: _Lexicon) -> bool:
    """Whether a joining word belongs to a fixed expression ("salt and pepper shaker")."""
    for first in range(max(0, position - 2), position):
        for last in range(position + 2, min(stop, position + 4) + 1):
            if " ".join(tokens[first:last]) in lexicon.compounds:
                return True
    return False


def _names_a_kind(tokens: list[str], position: int, stop: int, lexicon: _Lexicon) -> bool:
    """Whether the "-ing" word at ``position``, after a noun, is part of the name: "a rock climbing wall"."""
    if position + 1 >= stop:
        return " ".join(tokens[position - 1 : position + 1]) in lexicon.compounds
    following = tokens[position + 1]
    pair = f"{tokens[position]} {singular(following)}"
    if pair in lexicon.compounds:
        return not is_animate(singular(tokens[position - 1]))
    before = singular(tokens[position - 1])
    last = position + 2 >= stop or tokens[position + 2] in lexicon.prepositions
    # an unknown word before it is an adjective more often than a thing that acts: "a happy smiling dog"
    return last and before not in lexicon.general and is_animate(singular(following))


def _ends_before(tokens: list[str], position: int, stop: int, lexicon: _Lexicon) -> bool:
    """Whether the word at ``position``, after a noun, begins what is said about that noun."""
    token = tokens[position]
    following = tokens[position + 1] if position + 1 < stop else ""
    if token in _POST_PARTICIPLES and (not following or following in lexicon.prepositions):
        return True
    return _finite_verb(tokens, position, stop, lexicon) is not None


def _finite_verb(tokens: list[str], position: int, stop: int, lexicon: _Lexicon) -> str | None:
    """The "-ing" form of a verb that agrees with the living noun before it."""
    form = lexicon.finite.get(tokens[position])
    if form is None:
        return None
    participle, third_person, may_be_noun = form
    before = tokens[position - 1]
    one = singular(before)
    if not is_animate(one) or f"{one} {singular(tokens[position])}" in lexicon.compounds:
        return None
    many = one != before and before not in lexicon.singular_s
    if many == third_person:
        return None
    if may_be_noun and position + 1 >= stop and not third_person:
        return None  # "the boys race" is the verb, "the dogs race" as a whole phrase mostly the event
    return participle


def _with_head(tokens: list[str], begin: int, end: int, negated: bool, lexicon: _Lexicon) -> _NounPhrase:
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
    if surface in lexicon.colors and (surface != "orange" or len(words) == 1 and tokens[begin] == surface):
        return _NounPhrase("", "", words + trailing, end, negated)
    if _only_quality(surface, lexicon):
        return _NounPhrase("", "", words + trailing, end, negated)
    if surface in lexicon.pronouns:
        return _NounPhrase(lexicon.pronouns[surface], surface, words[:-1] + trailing, end, negated)
    return _NounPhrase(singular(surface), surface, words[:-1] + trailing, end, negated)


def _is_thing(word: str, lexicon: _Lexicon) -> bool:
    return word in lexicon.general or singular(word) in lexicon.general or word in lexicon.pronouns


def _only_quality(word: str, lexicon: _Lexicon) -> bool:
    return word in lexicon.modifiers and not _is_thing(word, lexicon) and word not in lexicon.materials


def _parse(tokens: list[str], mention_end: int | None) -> PhraseFacts:
    lexicon = _lexicon()
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
    elif partitive and "count" not in facts.found:
        facts.add("count", partitive)
    elif head in lexicon.collectives and "count" not in facts.found and phrase.surface == head:
        facts.add("count", lexicon.count_partitives.get(head, "group"))
    end = phrase.end if mention_end is None else max(phrase.end, mention_end)
    _read_rest(tokens, end, head, phrase.plural, facts, lexicon)
    return facts.frozen(head)


def _inner(tokens: list[str], phrase: _NounPhrase, limit: int | None, lexicon: _Lexicon) -> _NounPhrase | None:
    """The noun after "of" when the noun before it only measures: "a group of people"."""
    stop = len(tokens) if limit is None else limit
    at = phrase.end
    if at + 1 >= stop or tokens[at] != "of":
        return None
    before = phrase.surface.split(" ")[-1] if phrase.surface else tokens[at - 1]
    if before not in lexicon.count_partitives and before not in lexicon.transparent_partitives:
        if phrase.head:
            return None
    inner = _noun_phrase(tokens, at + 1, limit)
    return inner if inner.head else None


def _partitive_count(outer: _NounPhrase, inner: _NounPhrase, lexicon: _Lexicon) -> str:
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


def _values_of(word: str, lexicon: _Lexicon) -> list[tuple[str, str]]:
    found = lexicon.values.get(word)
    if found is not None or "-" not in word:
        return found or []
    parts = word.split("-")
    colors = [lexicon.colors[part] for part in parts if part in lexicon.colors]
    rest = [p for p in parts if p not in lexicon.colors and p not in _SHADES and p not in ("and", "colored", "coloured")]
    return [("color", color) for color in colors] if colors and not rest else []


def _read_modifiers(phrase: _NounPhrase, facts: _Facts, lexicon: _Lexicon) -> None:
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
                facts.add("action", word)
            continue
        for name, value in _values_of(word, lexicon):
            if person and (name in ("color", "material") or word == "little" or value in lexicon.states_of_things):
                continue  # skin and hair are not the person's color; "little" and "old" tell age
            if name == "material" and singular(word) == head:
                continue
            facts.add(name, value)


def _read_rest(tokens: list[str], start: int, head: str, plural: bool, facts: _Facts, lexicon: _Lexicon) -> None:
    """What follows the noun phrase: clothes, actions, and what "is" says."""
    lives = not head or is_animate(head)
    mine = True  # whether an action here is still the region's and not another person's
    expects_verb = True
    position, stop = start, len(tokens)
    while position < stop:
        token = tokens[position]
        if token in ("wearing", "wears", "wear", "dressed", "clad", "sporting", "donning", "in", "with", "without") and lives:
            position = _read_clothes(tokens, position, mine, head, facts, lexicon)
            expects_verb = True
            continue
        if token in _BE or token in _RELATIVE:
            expects_verb = True
            mine = mine or token in _BE
            following = tokens[position + 1] if position + 1 < stop else ""
            if token in _BE and mine and following in lexicon.values and not _is_thing(following, lexicon):
                _read_modifiers(_NounPhrase(head, head, [following], position), facts, lexicon)
        elif token in _JOINERS or token == ",":
            following = tokens[position + 1] if position + 1 < stop else ""
            mine = mine or _is_action(following, lexicon) or following in lexicon.finite
            expects_verb = True
        elif _is_action(token, lexicon):
            if mine:
                facts.add("action", token)
            expects_verb = False
        elif expects_verb and lives and mine and _agrees(tokens, position, plural, lexicon):
            facts.add("action", lexicon.finite[token][0])
            expects_verb = False
        elif token in lexicon.materials and tokens[position - 1] == "of" and not lives:
            facts.add("material", lexicon.materials[token])
        elif token not in ("'s",) and is_animate(singular(token)) and token not in lexicon.finite:
            mine = False
        elif token not in lexicon.determiners and not token.endswith("ly"):
            expects_verb = False
        position += 1


def _agrees(tokens: list[str], position: int, plural: bool, lexicon: _Lexicon) -> bool:
    form = lexicon.finite.get(tokens[position])
    if form is None or tokens[position - 1] in lexicon.determiners or tokens[position - 1] in lexicon.values:
        return False
    return form[1] != plural


def _read_clothes(
    tokens: list[str], position: int, mine: bool, head: str, facts: _Facts, lexicon: _Lexicon
) -> int:
    """Garments after "wearing", "in" and the like; gives the position after them."""
    word = tokens[position]
    position += 1
    if word in ("dressed", "clad") and position < len(tokens) and tokens[position] in ("in", "as", "up"):
        position += 1
    sure = word in ("wearing", "wears", "wear", "dressed", "clad", "sporting", "donning")
    while position < len(tokens):
        garment = _noun_phrase(tokens, position)
        if garment.end == position:
            return position
        named = garment.head in lexicon.garments or garment.surface in lexicon.garments
        colors = [lexicon.colors[m] for m in garment.modifiers if m in lexicon.colors]
        dressed_in_color = not garment.head and bool(colors) and (sure or word == "in")
        if not (named or dressed_in_color):
            return position if not sure else garment.end
        if mine and word != "without" and not garment.negated:
            name = (garment.surface if garment.head in ("", garment.surface) or garment.plural else garment.head) or "clothing"
            facts.add("wearing", " ".join([" and ".join(colors), name]).strip())
        elif mine and garment.head == "shirt" and head and is_person(head):
            facts.add("state", "shirtless")
        position = garment.end
        if position >= len(tokens) or tokens[position] not in ("and", ",", "with"):
            return position
        following = position + 1
        if following < len(tokens) and tokens[following] == "and":
            following += 1
        upcoming = _noun_phrase(tokens, following) if following < len(tokens) else None
        if upcoming is None or not (upcoming.head in lexicon.garments or upcoming.surface in lexicon.garments):
            return position
        position = following
    return position
