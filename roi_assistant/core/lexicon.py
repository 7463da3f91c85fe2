"""English nouns and word lists: singulars, articles, more general words, synonyms.

The lists are in ``resources/lexicon.json``, read once at the first call.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any

from roi_assistant.resources_path import resource

_ARTICLE = re.compile(r"^(?:an?|the) ", re.IGNORECASE)
_MODIFIER_LISTS = ("colors", "materials", "sizes", "patterns", "states", "shapes")
_ATTRIBUTE_OF = dict(zip(_MODIFIER_LISTS, ("color", "material", "size", "pattern", "state", "shape"), strict=True))


class Lexicon:
    """The word lists, arranged for lookups by word."""

    def __init__(self, lists: dict[str, Any]) -> None:
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
        pronouns = self.empty_heads - self.counts.keys()
        self.function_words = self.determiners | self.prepositions | pronouns | {"and", "but", "not", "or", "s"}
        self.garments = frozenset(lists["garments"])
        self.compounds = frozenset(lists["compounds"])
        self.light_verbs = frozenset(lists["light_verbs"])
        self.not_actions = frozenset(lists["not_actions"]) | self.light_verbs
        self.general = {word: general for general, words in lists["hypernyms"].items() for word in words}
        self.general.update(lists["general_parents"])
        self.most_words = max(len(word.split(" ")) for word in self.general)
        """Of the words that have a more general one; those in front of them say nothing of it."""
        self.broad = frozenset(self.general.values())
        self.groups: dict[str, set[int]] = {}
        for number, group in enumerate(lists["synonyms"]):
            for word in group:
                self.groups.setdefault(word, set()).add(number)
        modifiers = set(lists["modifiers"]) | set(self.values) | set(self.counts) | self.determiners
        # "rock", "orange" and "glass" are things when they come last, qualities when a noun follows
        self.modifiers = frozenset(modifiers)
        self.misspellings: dict[str, str] = lists["misspellings"]
        self.action_words: dict[str, str] = lists["action_words"]
        self.participles = frozenset(_participle(verb) for verb in lists["verbs"])
        self.finite = dict(_finite_forms(lists["verbs"]))


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


def _finite_forms(verbs: Sequence[str]) -> Iterator[tuple[str, tuple[str, bool]]]:
    """``rides`` -> (``riding``, is third person singular)."""
    for verb in verbs:
        yield verb, (_participle(verb), False)
        yield _third_person(verb), (_participle(verb), True)


@cache
def load_lexicon() -> Lexicon:
    """The lexicon that ships with the program; the file is read once."""
    with resource("lexicon.json").open(encoding="utf-8") as stream:
        return Lexicon(json.load(stream))


@lru_cache(maxsize=20000)
def singular(noun: str) -> str:
    """``dogs`` -> ``dog``, ``people`` -> ``person``, ``tennis rackets`` -> ``tennis racket``; ``scissors`` stays."""
    lexicon = load_lexicon()
    measure, of, rest = noun.partition(" of ")
    if of:
        return singular(measure) + of + rest
    front, _, word = noun.rpartition(" ")
    if noun in lexicon.pair_nouns or noun in lexicon.plural_only:
        return noun
    one = _singular_word(word, lexicon)
    return f"{front} {one}" if front else one


def _singular_word(word: str, lexicon: Lexicon) -> str:
    if word in lexicon.irregular:
        return lexicon.irregular[word]
    if not word.endswith("s") or len(word) < 4:
        return word
    if word in lexicon.general and word[:-1] not in lexicon.general:
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
    lexicon = load_lexicon()
    general = lexicon.general
    words = noun.split(" ")[-lexicon.most_words :]
    for start in range(len(words)):
        general_word = general.get(" ".join(words[start:]))
        if general_word is not None:
            return general_word
    return None


@lru_cache(maxsize=20000)
def hypernym(noun: str) -> str:
    """The more general word for unsure answers: ``dalmatian`` -> ``dog`` -> ``animal`` -> ``object``.

    ``noun`` may be plural or have words in front ("red coffee mugs"). Unknown nouns are an ``object``.
    """
    return _general_of(noun) or _general_of(singular(noun)) or "object"


def is_broad(noun: str) -> bool:
    """Whether ``noun`` is one of the widest words, of which little can be said: "object", "animal", "person"."""
    return noun == "object" or (hypernym(noun) == "object" and noun in load_lexicon().broad)


def is_function_word(word: str) -> bool:
    """Whether ``word``, in small letters, says nothing of what is in a picture: "the", "of", "his"."""
    return word in load_lexicon().function_words


def is_more_general(general: str, specific: str) -> bool:
    """Whether ``general`` is a wider word for ``specific``: "animal" for "dog", "ball" for "tennis ball"."""
    general, word = singular(general), singular(specific)
    if general == word:
        return False
    if general == "object" or word.endswith(" " + general):
        return True
    for _ in range(6):
        above = hypernym(word)
        if above == general or (above != "object" and same_category(above, general)):
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
    groups = load_lexicon().groups
    return not groups.get(a, set()).isdisjoint(groups.get(b, set()))


def is_person(noun: str) -> bool:
    """Whether ``noun`` names a human being or several."""
    return noun == "person" or hypernym(noun) == "person"


def canonical_noun(noun: str, nouns: Collection[str]) -> str:
    """The word that stands for ``noun``: "person" for all people, else itself where ``nouns`` has it, else the first of
    ``nouns`` that is a synonym, else itself."""
    if is_person(noun):
        return "person"
    return noun if noun in nouns else next((other for other in nouns if same_category(noun, other)), noun)


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
    return load_lexicon().basic_colors.get(color, color)


def without_article(phrase: str) -> str:
    """``a dog`` and ``the dog`` -> ``dog``."""
    return _ARTICLE.sub("", phrase)


def kind_of(noun: str) -> str:
    """The widest word for ``noun`` below "object": "animal" for "dalmatian"; ``noun`` itself where none is known."""
    if is_person(noun):
        return "person"
    while (wider := hypernym(noun)) not in ("object", noun):
        noun = wider
    return noun


def with_article(noun_phrase: str) -> str:
    """``apple`` -> ``an apple``, ``red scissors`` -> ``a pair of red scissors``.

    Things that are not counted ("water", "green grass") and other plurals ("stairs", "dogs") get no article.
    """
    lexicon = load_lexicon()
    words = noun_phrase.partition(" of ")[0].split()
    if not words:
        return noun_phrase
    for start in range(max(0, len(words) - 3), len(words)):
        last = " ".join(words[start:])
        if last in lexicon.pair_nouns or (singular(last) != last and singular(last) in lexicon.pair_plurals):
            return "a pair of " + noun_phrase
    if words[-1] in lexicon.mass or " ".join(words[-2:]) in lexicon.mass:
        return noun_phrase
    if words[-1] in lexicon.plural_only or singular(words[-1]) != words[-1]:
        return noun_phrase
    return f"{article_before(words[0])} {noun_phrase}"


def article_before(word: str) -> str:
    """The indefinite article that stands before ``word``: "an" where it begins with the sound of a vowel."""
    return "an" if _vowel_sound(word) else "a"


def _vowel_sound(word: str) -> bool:
    if re.match(r"(hour|honest|heir|honou?r)", word):
        return True
    if re.match(r"(uni(?!n|m)|use|usu|eu|ewe|one\b|one-|once|u-|ukulele|utensil|urin|uro)", word):
        return False
    return word[0] in "aeiou"
