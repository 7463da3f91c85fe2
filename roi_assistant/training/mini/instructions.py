"""Questions and answers about regions, made from what people said of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from roi_assistant.core.participles import participial
from roi_assistant.core.phrases import (
    hypernym,
    is_more_general,
    is_person,
    parse_mention,
    parse_phrase,
    same_category,
    singular,
    with_article,
    without_article,
)
from roi_assistant.core.prompts import QUESTIONS, Task
from roi_assistant.formats.annotated_photos import AnnotatedPhoto, AnnotatedRegion, AnnotatedSentence
from roi_assistant.formats.clauses import CLAUSE_STOPS, clauses_of

CATEGORY_SHARE = 0.75
"""How often the category is asked about a region that has phrases too."""
DESCRIPTION_SHARE = 0.8
"""How often a description is asked of a region of which one is known."""
DESCRIPTION_WORDS = range(4, 13)
"""Words of a description."""
SINGLE_SHARE = 0.15
"""How often "how many" is asked about a single thing; always would leave little room for other questions."""
_PRONOUNS = frozenset(
    {
        *("it", "them", "they", "he", "she", "him", "her", "his", "their", "its"),
        *("himself", "herself", "themselves", "one", "another", "others", "other", "each", "some"),
        *("that", "this", "which", "who", "both", "all", "something", "someone"),
    }
)


_POSSESSIVES = frozenset(("his", "her", "their", "its", "no"))


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question about the regions of a prefix, and its answer. ``<regionN>`` counts the regions of the prefix."""

    task: Task
    question: str
    answer: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """What a region's phrases tell: captions, category, attribute values with how many people named them."""

    phrases: tuple[str, ...]
    sentences: tuple[str, ...]
    category: str
    attributes: dict[str, tuple[str, ...]]
    nouns: tuple[tuple[str, float], ...] = ()
    """What people called it, with the share of each noun; synonyms are one noun, but "man" is not "person" here."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """What its phrases count in training; those that are not here count 1."""
    descriptions: tuple[str, ...] = ()
    """See `descriptions_of`."""


def normalise_phrase(phrase: str) -> str:
    """Lower case, without quotation marks, runs of white space as one space."""
    return " ".join(phrase.lower().replace('"', " ").split())


def region_facts(
    region: AnnotatedRegion, sentences: Sequence[AnnotatedSentence], *, canonical: Callable[[str], str]
) -> RegionFacts:
    """Parse a region's phrases. ``canonical`` gives the category word that stands for all synonyms of a noun."""
    phrases = tuple(p for p in map(normalise_phrase, region.phrases) if p and p not in _PRONOUNS)
    longer = tuple(map(normalise_phrase, clauses_of(region, sentences)))
    attributes: dict[str, dict[str, int]] = {}
    heads: dict[str, int] = {}
    nouns: dict[str, int] = {}
    for sentence in sentences:
        for mention in sentence.mentions:
            if mention.region_id != region.id:
                continue
            facts = parse_mention(sentence.words, mention.start, mention.end)
            if facts.head:
                head = canonical(facts.head)
                heads[head] = heads.get(head, 0) + 1
                noun = singular(facts.head) if is_person(facts.head) else head
                nouns[noun] = nouns.get(noun, 0) + 1
            for name, values in facts.attributes.items():
                counts = attributes.setdefault(name, {})
                for value in values:
                    counts[value] = counts.get(value, 0) + 1
    for phrase in phrases if region.category else ():  # who named a category wrote these phrases beside it
        facts = parse_phrase(phrase)
        if facts.head and is_person(facts.head):
            nouns[singular(facts.head)] = nouns.get(singular(facts.head), 0) + 1
        for name, values in facts.attributes.items():
            for value in values:
                counts = attributes.setdefault(name, {})
                counts[value] = counts.get(value, 0) + 1
    for name, told in region.attributes.items():
        attributes.setdefault(name, {}).update(dict.fromkeys(told, 1))
    category = region.category or (max(heads, key=lambda head: heads[head]) if heads else "")
    ranked = {name: tuple(sorted(values, key=lambda v: -values[v])) for name, values in attributes.items()}
    if region.category and not (nouns and is_person(region.category)):
        nouns = {region.category: 1}
    shares = tuple((noun, count / sum(nouns.values())) for noun, count in nouns.items())
    return RegionFacts(phrases, longer, category, ranked, shares)


def descriptions_of(facts: RegionFacts, *, relation: str = "") -> tuple[str, ...]:
    """Descriptions that are taught of a region: what people wrote on from its name, and their long phrases. Where there
    are none, what is known, if that is more than a noun: "a red cup on a table" for "a red cup" and the ``relation``
    "on a table"."""
    written = (participial(text) for text in (*facts.sentences, *facts.phrases))
    if by_people := tuple(dict.fromkeys(t for t in written if len(t.split()) in DESCRIPTION_WORDS and _describes(t))):
        return by_people
    of_nobody = (phrase for phrase in facts.phrases if phrase.split()[0] not in _POSSESSIVES)
    phrase = max(of_nobody, key=len, default=with_article(facts.category) if facts.category else "")
    says_more = phrase != with_article(facts.category) and parse_phrase(phrase).attributes.keys() - {"count"}
    known = f"{phrase} {relation}".strip()
    return (known,) if phrase and (relation or says_more) and len(known.split()) > 2 else ()


def _describes(text: str) -> bool:
    """Whether ``text`` is more than a noun, and not of somebody's thing ("her blue hat")."""
    return text.split()[0] not in _POSSESSIVES and singular(without_article(text)) != parse_phrase(text).head


def word(task: Task, rng: random.Random, **fields: str) -> str:
    """A wording of the task's question; the one asked at run time half of the time."""
    wordings = QUESTIONS[task]
    return (wordings[0] if rng.random() < 0.5 else rng.choice(wordings)).format(**fields)


def region_exchanges(
    facts: RegionFacts, rng: random.Random, *, others: Sequence[str], extra: int, phrases: int = 2
) -> list[Exchange]:
    """Up to ``phrases`` phrases, mostly a description and the category, and ``extra`` other questions about one region.

    ``others`` are categories that the region is not, the hardest first, for yes/no questions.
    """
    exchanges = []
    if facts.phrases:
        drawn = rng.sample(facts.phrases, min(phrases, len(facts.phrases)))
        for phrase in sorted(set(drawn)):
            weight = drawn.count(phrase) * facts.weights.get(phrase, 1.0)
            exchanges.append(Exchange("phrase", word("phrase", rng), phrase, weight=weight))
    if facts.descriptions and rng.random() < DESCRIPTION_SHARE:
        exchanges.append(Exchange("description", word("description", rng), rng.choice(facts.descriptions)))
    if facts.category and (rng.random() < CATEGORY_SHARE or not facts.phrases):
        exchanges.append(Exchange("category", word("category", rng), facts.category))
    pool = [_attribute(name, values, rng) for name, values in facts.attributes.items() if name in QUESTIONS]
    if "count" not in facts.attributes and rng.random() < SINGLE_SHARE and _is_one(facts.phrases):
        pool.append(Exchange("count", word("count", rng), "one"))
    if facts.sentences:
        pool.append(Exchange("sentence", word("sentence", rng), rng.choice(facts.sentences)))
    if facts.category and others and rng.random() < 0.3:
        yes = rng.random() < 0.5
        wrong = rng.choice(others[:3]) if rng.random() < 0.7 else rng.choice(others)
        if yes or not _may_be_called(wrong, facts.category):
            noun = facts.category if yes else wrong
            question = word("is_a", rng, article=with_article(noun))
            pool.append(Exchange("is_a", question, "yes" if yes else "no"))
    rng.shuffle(pool)
    return exchanges + pool[:extra]


def _attribute(name: str, values: Sequence[str], rng: random.Random) -> Exchange:
    if name in ("color", "wearing"):
        answer = " and ".join(values[:2])
    else:
        answer = values[0] if rng.random() < 0.7 else rng.choice(values)
    return Exchange(name, word(name, rng), answer)  # type: ignore[arg-type]


def hard_negatives(category: str, vocabulary: Sequence[str], nearby: Sequence[str], rng: random.Random) -> list[str]:
    """Categories that a region is not: things in the same photo and things of the same kind first."""
    kind = hypernym(category)
    alike = [other for other in rng.sample(vocabulary, min(60, len(vocabulary))) if hypernym(other) == kind]
    wrong = [*nearby, *alike, *rng.sample(vocabulary, min(3, len(vocabulary)))]
    return [other for other in wrong if other and not _may_be_called(other, category)]


def _may_be_called(word: str, category: str) -> bool:
    """Whether ``word`` could be right for a thing of ``category``: the same, wider ("animal") or narrower ("puppy")."""
    return same_category(word, category) or is_more_general(word, category) or is_more_general(category, word)


def _is_one(phrases: Sequence[str]) -> bool:
    return bool(phrases) and all(phrase.startswith(("a ", "an ", "one ")) for phrase in phrases)


_SIDES = {"left": "right", "right": "left", "leftmost": "rightmost", "rightmost": "leftmost"}


def mirrored(exchange: Exchange) -> Exchange:
    """The exchange for the picture flipped left to right: "the man on the left" is on the right there."""
    words = exchange.answer.split(" ")
    return replace(exchange, answer=" ".join(_SIDES.get(word, word) for word in words))


def photo_exchanges(photo: AnnotatedPhoto, order: Sequence[str], rng: random.Random) -> list[Exchange]:
    """Questions about several regions: a caption that names them, and how two regions of a sentence relate.

    ``order[k]`` is the region id behind ``<region{k+1}>``.
    """
    place = {region_id: number for number, region_id in enumerate(order, start=1)}
    exchanges = []
    captions = [s for s in photo.sentences if len(s.words) <= 22 and sum(m.region_id in place for m in s.mentions) >= 2]
    if captions:
        sentence = rng.choice(captions)
        words = list(sentence.words)
        for mention in sorted(sentence.mentions, key=lambda m: -m.start):
            if mention.region_id in place:
                words.insert(mention.end, f"<region{place[mention.region_id]}>")
        text = normalise_phrase(" ".join(w for w in words if w not in (".",)))
        exchanges.append(Exchange("image", word("image", rng), text))
    relations = []
    for sentence in photo.sentences:
        for first, second in zip(sentence.mentions, sentence.mentions[1:], strict=False):
            between = sentence.words[first.end : second.start]
            known = first.region_id in place and second.region_id in place and first.region_id != second.region_id
            if (
                known
                and 1 <= len(between) <= 5
                and not set(w.lower() for w in between) & (CLAUSE_STOPS | {"and", "with", "or"})
            ):
                relations.append((place[first.region_id], place[second.region_id], " ".join(between)))
    for first_number, second_number, text in rng.sample(relations, min(2, len(relations))):
        question = word("relation", rng).replace("<region1>", "<A>").replace("<region2>", f"<region{second_number}>")
        exchanges.append(
            Exchange("relation", question.replace("<A>", f"<region{first_number}>"), normalise_phrase(text))
        )
    return exchanges
