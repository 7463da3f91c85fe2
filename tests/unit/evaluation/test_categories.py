from __future__ import annotations

import pytest

from roi_assistant.evaluation.categories import (
    best_relation,
    category_words,
    is_right,
    relation,
    relation_figures,
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
        ("puppy", ["dog"], "narrower"),
        ("animal", ["puppy"], "broader"),
        ("dog", ["puppy", "animal"], "narrower"),
        ("object", ["puppy"], "catch_all"),
        ("an object", ["object"], "exact"),
        ("cat", ["dog"], "wrong"),
        ("dog", ["object"], "wrong"),
        ("", ["dog"], "none"),
        ("?", ["dog"], "none"),
    ],
)
def test_relation(answer: str, truths: list[str], expected: str) -> None:
    assert relation(answer, truths) == expected


def test_category_words_keep_inner_hyphens_only() -> None:
    assert category_words("The T-Shirt, -old-") == "t-shirt old"
    assert category_words("the") == "the", "an article alone is still an answer"


def test_best_relation_takes_the_nearest_guess() -> None:
    assert best_relation(["cat", "animal", "couch"], ["puppy", "sofa"]) == "synonym"
    assert best_relation(["cat", "animal"], ["puppy"]) == "broader"
    assert best_relation([], ["puppy"]) == "none"


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
def test_the_lexicon_decides(answer: str, truth: str, expected: str) -> None:
    assert relation(answer, [truth]) == expected
