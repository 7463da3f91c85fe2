"""Questions and answers about invented photos."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.phrases import hypernym, same_category
from roi_assistant.core.prompts import QUESTIONS, normalise_question
from roi_assistant.formats.annotated_photos import AnnotatedPhoto, AnnotatedRegion, AnnotatedSentence
from roi_assistant.formats.flickr30k_entities import parse_sentence
from roi_assistant.training.mini.instructions import (
    Exchange,
    RegionFacts,
    descriptions_of,
    hard_negatives,
    normalise_phrase,
    photo_exchanges,
    region_exchanges,
    region_facts,
    word,
)

SENTENCES = tuple(
    parse_sentence(line)
    for line in (
        "[/EN#1/people A clown] in [/EN#2/clothing a red hat] is juggling [/EN#3/other three green pears] .",
        "[/EN#1/people A Tall  man] juggles [/EN#3/other pears] near [/EN#4/scene a fountain] while people watch .",
        "[/EN#3/other Green pears] and [/EN#1/people someone] .",
        '[/EN#1/people "A clown"] performs .',
    )
)


def region(number: str, *phrases: str, category: str | None = None) -> AnnotatedRegion:
    return AnnotatedRegion(number, Box(0, 0, 9, 9), phrases, category=category)


CLOWN = region("1", "A clown", "A Tall  man", "someone", '"A clown"')
PEARS = region("3", "three green pears", "pears", "Green pears")


def facts_of(one: AnnotatedRegion, canonical: dict[str, str] | None = None) -> RegionFacts:
    known = canonical or {}
    return region_facts(one, SENTENCES, canonical=lambda noun: known.get(noun, noun))


# Facts.


def test_phrases_are_lower_case_without_quotes_and_double_spaces() -> None:
    assert normalise_phrase(' A "Tall"  Man\n') == "a tall man"
    assert facts_of(CLOWN).phrases == ("a clown", "a tall man", "a clown")


def test_attributes_are_those_most_people_named_first() -> None:
    facts = facts_of(PEARS)
    assert facts.attributes["color"] == ("green",)
    assert facts.attributes["count"] == ("three",)
    assert facts_of(CLOWN).attributes["wearing"] == ("red hat",)
    assert facts_of(CLOWN).attributes["action"][0] == "juggling"
    doubt = tuple(parse_sentence(f"[/EN#1/other A {color} kite] .") for color in ("blue", "red", "red"))
    assert region_facts(region("1"), doubt, canonical=str).attributes["color"] == ("red", "blue")


def test_category_is_the_noun_most_people_used() -> None:
    assert facts_of(CLOWN).category == "clown"
    assert facts_of(CLOWN, {"clown": "person", "man": "person"}).category == "person"
    assert facts_of(region("3", category="fruit")).category == "fruit"
    assert facts_of(region("9")) == RegionFacts((), (), "", {})


def test_wording_asked_at_run_time_comes_half_of_the_time() -> None:
    rng = random.Random(0)
    counts = Counter(word("phrase", rng) for _ in range(600))
    assert set(counts) == set(QUESTIONS["phrase"])
    assert 0.55 < counts[QUESTIONS["phrase"][0]] / 600 < 0.78  # a half, and a third of the other half


def test_wording_with_a_noun() -> None:
    assert word("is_a", random.Random(0), article="an apple").count("an apple") == 1


def draw(facts: RegionFacts, seeds: int, *, others: tuple[str, ...] = (), extra: int = 2) -> list[list[Exchange]]:
    return [region_exchanges(facts, random.Random(seed), others=others, extra=extra) for seed in range(seeds)]


def test_more_phrases_may_be_asked_for_at_a_time() -> None:
    facts = facts_of(CLOWN)
    for phrases, heard in ((1, 1), (3, 3), (9, 3)):
        exchanges = region_exchanges(facts, random.Random(0), others=(), extra=0, phrases=phrases)
        assert sum(e.weight for e in exchanges if e.task == "phrase") == heard


def test_phrases_count_what_their_weights_say() -> None:
    facts = facts_of(CLOWN)
    heavy = facts.phrases[0]
    exchanges = region_exchanges(
        replace(facts, weights={heavy: 2.5}), random.Random(0), others=(), extra=0, phrases=len(facts.phrases)
    )
    counted = {e.answer: e.weight for e in exchanges if e.task == "phrase"}
    assert counted == {p: facts.phrases.count(p) * (2.5 if p == heavy else 1) for p in facts.phrases}


def test_region_exchanges_ask_what_people_answered() -> None:
    facts = facts_of(CLOWN)
    drawn = draw(facts, 100, others=("kite", "dog", "pear", "car"))
    for exchanges in drawn:
        phrases = [e for e in exchanges if e.task == "phrase"]
        assert 1 <= len(phrases) <= 2
        assert sum(e.weight for e in phrases) == 2, "two people were heard, whether or not they agreed"
        assert len({e.answer for e in phrases}) == len(phrases)
        assert {e.answer for e in phrases} <= set(facts.phrases)
        assert len(exchanges) - len(phrases) - sum(e.task == "category" for e in exchanges) <= 2
        assert all(normalise_question(e.question) == e.question for e in exchanges)
    everything = [e for exchanges in drawn for e in exchanges]
    known = {"phrase", "category", "sentence", "size", "wearing", "action", "is_a", "count"}
    assert {e.task for e in everything} == known
    assert 60 < sum(e.task == "category" for e in everything) < 90
    assert {e.answer for e in everything if e.task == "category"} == {"clown"}
    assert {e.answer for e in everything if e.task == "wearing"} == {"red hat"}
    assert {e.answer for e in everything if e.task == "sentence"} == set(facts.sentences)
    questions = {(e.question, e.answer) for e in everything if e.task == "is_a"}
    assert {answer for _, answer in questions} == {"yes", "no"}
    assert all(("a clown" in question) == (answer == "yes") for question, answer in questions)


def test_no_other_questions_when_none_are_wanted() -> None:
    assert {e.task for exchanges in draw(facts_of(CLOWN), 20, extra=0) for e in exchanges} == {"phrase", "category"}


def test_region_without_phrases_is_asked_its_category() -> None:
    facts = RegionFacts((), (), "kite", {})
    assert [[e.answer for e in exchanges if e.task == "category"] for exchanges in draw(facts, 9)] == [["kite"]] * 9
    assert draw(RegionFacts((), (), "", {}), 5) == [[]] * 5


def test_two_colors_and_two_pieces_of_clothing_in_one_answer() -> None:
    facts = RegionFacts(("a kite",), (), "", {"color": ("red", "blue", "green"), "wearing": ("hat", "coat")})
    answers = {e.task: e.answer for exchanges in draw(facts, 20) for e in exchanges}
    assert answers["color"] == "red and blue"
    assert answers["wearing"] == "hat and coat"


def test_other_attributes_mostly_answer_what_most_people_said() -> None:
    facts = RegionFacts(("a man",), (), "", {"action": ("juggling", "walking")})
    answers = Counter(e.answer for exchanges in draw(facts, 200) for e in exchanges if e.task == "action")
    assert set(answers) == {"juggling", "walking"}
    assert 0.75 < answers["juggling"] / 200 < 0.95


def test_a_single_thing_is_sometimes_counted() -> None:
    counts = [
        e.answer
        for exchanges in draw(RegionFacts(("a kite",), (), "", {}), 300)
        for e in exchanges
        if e.task == "count"
    ]
    assert set(counts) == {"one"} and 20 < len(counts) < 80
    several = RegionFacts(("kites",), (), "", {})
    assert not [e for exchanges in draw(several, 100) for e in exchanges if e.task == "count"]


def test_attribute_that_nobody_asks_for_is_left_out() -> None:
    facts = RegionFacts(("a man",), (), "", {"mood": ("happy",)})
    assert {e.task for exchanges in draw(facts, 50) for e in exchanges} == {"phrase", "count"}


# What a region is not.

VOCABULARY = ("dog", "cat", "horse", "car", "truck", "chair", "couch", "kite", "person")


def test_hard_negatives_are_things_nearby_then_of_the_same_kind() -> None:
    negatives = hard_negatives("dog", VOCABULARY, ["kite", "dog", ""], random.Random(0))
    assert negatives[0] == "kite"
    alike = {name for name in VOCABULARY if hypernym(name) == hypernym("dog")} - {"dog"}
    assert {"cat", "horse"} <= alike
    assert set(negatives[1 : 1 + len(alike)]) == alike
    assert not any(same_category(name, "dog") for name in negatives)
    assert "" not in negatives


def test_wider_and_narrower_words_are_not_wrong() -> None:
    for seed in range(20):
        negatives = hard_negatives("dog", [*VOCABULARY, "animal", "puppy"], ["animal"], random.Random(seed))
        assert not {"animal", "puppy"} & set(negatives)


def test_hard_negatives_of_a_small_vocabulary() -> None:
    assert hard_negatives("dog", ["dog"], [], random.Random(0)) == []
    assert hard_negatives("dog", [], ["cat"], random.Random(0)) == ["cat"]


# Exchanges about several regions.


def photo(*lines: str) -> AnnotatedPhoto:
    regions = tuple(region(str(number)) for number in range(1, 6))
    return AnnotatedPhoto("p.jpg", 9, 9, regions, tuple(parse_sentence(line) for line in lines))


def asked(one: AnnotatedPhoto, order: list[str], seeds: int = 30) -> set[tuple[str, str]]:
    found = set()
    for seed in range(seeds):
        for exchange in photo_exchanges(one, order, random.Random(seed)):
            assert exchange.weight == 1.0
            found.add((exchange.task, exchange.answer))
    return found


def test_caption_names_the_regions() -> None:
    one = photo("[/EN#1/people A clown] feeds [/EN#2/animals two ducks] by [/EN#3/scene a pond] .")
    assert ("image", "a clown <region2> feeds two ducks <region1> by a pond") in asked(one, ["2", "1"])
    assert ("image", "a clown <region1> feeds two ducks by a pond <region2>") in asked(one, ["1", "3"])


def test_caption_needs_two_regions_and_few_words() -> None:
    one = photo("[/EN#1/people A clown] feeds [/EN#2/animals two ducks] .")
    assert asked(one, ["1"]) == asked(one, ["4", "1"]) == set()
    long = photo("[/EN#1/people A clown] feeds [/EN#2/animals two ducks] " + "again " * 18 + ".")
    assert not any(task == "image" for task, _ in asked(long, ["1", "2"]))


@pytest.mark.parametrize("order", [["1", "2"], ["2", "1"], ["3", "2", "1"]])
def test_relation_is_the_words_between_two_mentions(order: list[str]) -> None:
    one = photo("[/EN#1/people A clown] Feeds [/EN#2/animals two ducks] .")
    first, second = order.index("1") + 1, order.index("2") + 1
    for seed in range(20):
        (relation,) = (e for e in photo_exchanges(one, order, random.Random(seed)) if e.task == "relation")
        assert relation.answer == "feeds"
        assert relation.question in {
            wording.format()
            .replace("<region1>", "<x>")
            .replace("<region2>", f"<region{second}>")
            .replace("<x>", f"<region{first}>")
            for wording in QUESTIONS["relation"]
        }


@pytest.mark.parametrize(
    "between",
    ["", "and", "with", ", then", "while holding", "jumps over one two three four"],
)
def test_no_relation_between_things_that_are_only_listed(between: str) -> None:
    one = photo(f"[/EN#1/people A clown] {between} [/EN#2/animals two ducks] .")
    assert not any(task == "relation" for task, _ in asked(one, ["1", "2"]))


def test_no_relation_of_a_region_to_itself_or_to_one_that_was_not_drawn() -> None:
    one = photo("[/EN#1/people A clown] washes [/EN#1/people himself] beside [/EN#2/animals two ducks] .")
    assert asked(one, ["1", "3"]) == {("image", "a clown <region1> washes himself <region1> beside two ducks")}


def test_at_most_two_relations() -> None:
    one = photo(
        "[/EN#1/people A clown] feeds [/EN#2/animals ducks] near [/EN#3/scene a pond] behind [/EN#4/other trees] ."
    )
    drawn = photo_exchanges(one, ["1", "2", "3", "4"], random.Random(1))
    assert sum(e.task == "relation" for e in drawn) == 2


def test_photo_without_sentences() -> None:
    assert (
        photo_exchanges(AnnotatedPhoto("p.jpg", 9, 9, (region("1"), region("2"))), ["1", "2"], random.Random(0)) == []
    )
    assert photo_exchanges(photo(), ["1", "2"], random.Random(0)) == []
    assert isinstance(SENTENCES[0], AnnotatedSentence)


def described(*phrases: str, sentences: tuple[str, ...] = (), category: str = "", relation: str = "") -> list[str]:
    return list(descriptions_of(RegionFacts(phrases, sentences, category, {}), relation=relation))


def test_descriptions_are_what_people_wrote_on_from_a_name() -> None:
    written = ("a man stands by a lake", "a man", "a man is a doctor", "a man " + "very " * 12 + "tall")
    assert described("a man in a red shirt", "a man", sentences=written) == [
        "a man standing by a lake",
        "a man in a red shirt",
    ]


def test_without_peoples_words_a_description_is_what_is_known_and_more_than_a_noun() -> None:
    assert described("a red cup", category="cup", relation="on a table") == ["a red cup on a table"]
    assert described("a red cup", category="cup") == ["a red cup"]
    assert described("a potted plant", category="potted plant") == []
    assert described(category="person") == []
    assert described(category="person", relation="riding a horse") == ["a person riding a horse"]


def test_descriptions_of_somebodys_things_are_not_taught() -> None:
    assert "her blue hat with flowers" not in described("a hat", "her blue hat with flowers")


def test_a_description_is_mostly_asked_for_where_one_is_known() -> None:
    facts = RegionFacts(("a man",), (), "man", {}, descriptions=("a man in a red shirt",))
    asked = [
        [e for e in region_exchanges(facts, random.Random(seed), others=(), extra=0) if e.task == "description"]
        for seed in range(200)
    ]
    assert 0.7 < sum(map(bool, asked)) / 200 < 0.9
    assert {e.answer for exchanges in asked for e in exchanges} == {"a man in a red shirt"}
