from __future__ import annotations

import pytest

from roi_assistant.evaluation.categories import (
    TextRules,
    best_relation,
    category_words,
    is_right,
    relation,
    relation_figures,
)

ABOVE = {"poodle": "dog", "dog": "animal", "cat": "animal", "mug": "cup"}


def _more_general(general: str, specific: str) -> bool:
    above = ABOVE.get(specific)
    return above is not None and (above == general or _more_general(general, above))


INVENTED = TextRules(
    head=lambda text: text.split()[-1],
    same=lambda a, b: {a, b} == {"sofa", "couch"},
    more_general=_more_general,
    attributes=lambda text: {},
    clause_attributes=lambda words, start, end: {},
    canonical=lambda name, value: value,
)


@pytest.mark.parametrize(
    ("answer", "truths", "expected"),
    [
        ("dog", ["dog"], "exact"),
        ("A Dog.", ["dog"], "exact"),
        ("wine_glass", ["wine glass"], "exact"),
        ("t shirt", ["T-shirt"], "exact"),
        ("couch", ["sofa"], "synonym"),
        ("couch", ["sofa", "couch"], "exact"),
        ("poodle", ["dog"], "narrower"),
        ("animal", ["poodle"], "broader"),
        ("dog", ["poodle", "animal"], "narrower"),
        ("object", ["poodle"], "catch_all"),
        ("an object", ["object"], "exact"),
        ("cat", ["dog"], "wrong"),
        ("dog", ["object"], "wrong"),
        ("", ["dog"], "none"),
        ("?", ["dog"], "none"),
    ],
)
def test_relation(answer: str, truths: list[str], expected: str) -> None:
    assert relation(answer, truths, INVENTED) == expected


def test_category_words_keep_inner_hyphens_only() -> None:
    assert category_words("The T-Shirt, -old-") == "t-shirt old"
    assert category_words("the") == "the", "an article alone is still an answer"


def test_best_relation_takes_the_nearest_guess() -> None:
    assert best_relation(["cat", "animal", "couch"], ["poodle", "sofa"], INVENTED) == "synonym"
    assert best_relation(["cat", "animal"], ["poodle"], INVENTED) == "broader"
    assert best_relation([], ["poodle"], INVENTED) == "none"


def test_only_the_word_and_its_synonyms_are_right() -> None:
    rights = [r for r in ("exact", "synonym", "narrower", "broader", "catch_all", "wrong", "none") if is_right(r)]
    assert rights == ["exact", "synonym"]


def test_relation_figures_are_shares_of_all_items() -> None:
    figures = relation_figures(["exact", "exact", "synonym", "broader", "narrower", "catch_all", "wrong", "none"])
    assert figures == {
        "items": 8,
        "strict": 0.25,
        "with_synonyms": 0.375,
        "narrower": 0.125,
        "broader": 0.125,
        "catch_all": 0.125,
        "wrong": 0.125,
        "no_answer": 0.125,
    }
    parts = ("with_synonyms", "narrower", "broader", "catch_all", "wrong", "no_answer")
    assert sum(figures[name] for name in parts) == 1.0
    assert relation_figures([])["strict"] is None


@pytest.mark.parametrize(
    ("answer", "truth", "expected"),
    [
        ("dogs", "dog", "synonym"),
        ("couch", "sofa", "synonym"),
        ("animal", "dog", "broader"),
        ("person", "woman", "broader"),
        ("woman", "person", "narrower"),
        ("ball", "tennis ball", "broader"),
        ("thing", "dog", "catch_all"),
        ("cat", "dog", "wrong"),
    ],
)
def test_the_lexicon_decides(answer: str, truth: str, expected: str, rules: TextRules) -> None:
    assert relation(answer, [truth], rules) == expected


def test_sentences_tell_what_people_do_and_things_do_not_act(rules: TextRules) -> None:
    words = ["A", "man", "is", "riding", "a", "red", "bicycle", "."]
    assert rules.clause_attributes(words, 0, 2)["action"] == ("riding",)
    assert rules.clause_attributes(words, 4, 7) == {}


def test_values_are_compared_in_a_canonical_form(rules: TextRules) -> None:
    assert rules.canonical("color", "Gold") == "yellow"
    assert rules.canonical("color", "red") == "red"
    assert rules.canonical("wearing", "blue shirts") == rules.canonical("wearing", "shirt") == "shirt"
    assert rules.canonical("material", "Wood ") == "wood"
