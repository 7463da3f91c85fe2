from __future__ import annotations

import math
import shutil
import statistics
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.errors import BadInputError, MissingDependencyError
from roi_assistant.evaluation import metrics
from roi_assistant.evaluation.metrics import (
    caption_scores,
    distinct_phrases,
    human_baseline,
    is_exact_match,
    leave_one_out,
    plain_tokenize,
    standard_error,
    tokenize,
)

needs_java = pytest.mark.skipif(shutil.which("java") is None, reason="the PTB tokenizer and METEOR need Java")
REFERENCES = {"a": ["a red dog"], "b": ["the blue cat"]}


@pytest.fixture
def no_java(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise AssertionError("a program was started although there is no Java")

    monkeypatch.setattr(metrics.shutil, "which", lambda _name: None)
    monkeypatch.setattr(subprocess, "run", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)


def test_distinct_phrases_ignore_case_and_spacing() -> None:
    assert distinct_phrases(["A Man", "a  man ", "", " ", "the man", "A MAN"]) == ["a man", "the man"]


def test_exact_match_ignores_case_and_punctuation() -> None:
    assert is_exact_match("a man's t-shirt.", ["the hat", "A man 's T shirt"])
    assert not is_exact_match("a man", ["a tall man"])
    assert not is_exact_match("...", ["..."]), "punctuation alone is no caption"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("A man's T-shirt, red.", "a man 's t-shirt red"),
        ("She doesn't; they\u2019re", "she does n't they 're"),
        ('"two" dogs -- 1,000 (brown) ones', "two dogs 1,000 brown ones"),
        ("  ", ""),
    ],
)
def test_plain_tokenizer(text: str, tokens: str) -> None:
    assert plain_tokenize(text) == tokens


@needs_java
def test_plain_tokenizer_agrees_with_ptb(scorers: None) -> None:
    texts = [
        "A man's t-shirt .",
        "Two dogs, running!",
        'a "big" sign',
        "the kids' toys",
        "No. 28 jersey",
        "caf\u00e9 s",
    ]
    ptb, used = tokenize(texts)
    assert used == "ptb"
    plain, _ = tokenize(texts, tokenizer="plain")
    assert [ptb[t] for t in texts[:4]] == [plain[t] for t in texts[:4]]
    assert ptb["caf\u00e9 s"] == plain["caf\u00e9 s"] == "caf\u00e9 s", "the jar must read UTF-8 in any locale"


@needs_java
def test_ptb_tokens_belong_to_their_texts(scorers: None) -> None:
    texts = ["one\u2028two\nthree", "", "four", "four", "..."]
    tokens, used = tokenize(texts)
    assert used == "ptb"
    assert tokens == {"one\u2028two\nthree": "one two three", "four": "four", "...": ""}


def test_cider_by_hand(scorers: None) -> None:
    """Two items, all n-grams of the references in one item each: every idf is log 2.

    a: equal, three words: 1- to 3-grams match, there is no 4-gram: (1 + 1 + 1 + 0) / 4 x 10.
    b: two of three words and one of two 2-grams match: (2/3 + 1/2 + 0 + 0) / 4 x 10.
    """
    scores = caption_scores({"a": "a red dog", "b": "the blue dog"}, REFERENCES, tokenizer="plain")
    assert scores.item_cider["a"] == pytest.approx(7.5)
    assert scores.item_cider["b"] == pytest.approx((2 / 3 + 1 / 2) / 4 * 10)
    assert scores.figures["cider"] == pytest.approx((7.5 + (2 / 3 + 1 / 2) / 4 * 10) / 2)
    assert scores.figures["rouge_l"] == pytest.approx((1 + 2 / 3) / 2)
    assert scores.figures["bleu1"] == pytest.approx(5 / 6)
    assert scores.figures["exact_match"] == 0.5
    assert scores.item_exact == {"a": True, "b": False}


def test_identical_captions_of_four_words_score_ten(scorers: None) -> None:
    references = {"a": ["a red dog runs"], "b": ["the blue cat sleeps"]}
    figures = caption_scores({k: v[0] for k, v in references.items()}, references, tokenizer="plain").figures
    assert figures["cider"] == pytest.approx(10.0), "pycocoevalcap's scale, not times 100"
    assert figures["bleu4"] == pytest.approx(1.0)
    assert figures["exact_match"] == 1.0
    assert figures["items"] == 2


def test_cider_averages_over_references(scorers: None) -> None:
    references = {"a": ["a red dog runs", "my old hound"], "b": ["the blue cat sleeps"]}
    scores = caption_scores({"a": "a red dog runs", "b": ""}, references, tokenizer="plain")
    assert scores.item_cider == {"a": pytest.approx(5.0), "b": 0.0}


def test_further_predictions_are_ignored(scorers: None) -> None:
    answers = {"a": "a red dog", "b": "the blue cat", "c": "a cup"}
    assert caption_scores(answers, REFERENCES, tokenizer="plain").figures["items"] == 2


@pytest.mark.parametrize(
    ("predictions", "references", "message"),
    [
        ({}, {}, "nothing to score"),
        ({"a": "x"}, REFERENCES, "1 of 2 items have no prediction, for example 'b'"),
        ({"a": "x", "b": "y"}, {"a": ["z"], "b": [" "]}, "no reference text, for example 'b'"),
    ],
)
def test_unusable_items_are_refused(predictions: dict, references: dict, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        caption_scores(predictions, references)


def test_without_java_cider_and_bleu_still_work(scorers: None, no_java: None) -> None:
    figures = caption_scores({"a": "a red dog", "b": "the blue dog"}, REFERENCES, meteor=True).figures
    assert figures["tokenizer"] == "plain"
    assert figures["cider"] == pytest.approx((7.5 + (2 / 3 + 1 / 2) / 4 * 10) / 2)
    assert figures["meteor"] is None
    assert "java" in figures["meteor_reason"]


def test_without_pycocoevalcap_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pycocoevalcap", None)
    monkeypatch.setitem(sys.modules, "pycocoevalcap.cider.cider", None)
    with pytest.raises(MissingDependencyError, match=r"roi-assistant\[evaluation\]") as caught:
        caption_scores({"a": "x", "b": "y"}, REFERENCES)
    assert caught.value.exit_code == 5


@needs_java
def test_meteor(scorers: None) -> None:
    """One process for all figures: starting the jar takes seconds."""
    references = {"a": ["a red dog runs"], "b": ["the blue cat sleeps"]}
    with metrics.one_meteor_process():
        right = caption_scores({k: v[0] for k, v in references.items()}, references, meteor=True).figures
        half = caption_scores({"a": "a red dog runs", "b": ""}, references, meteor=True).figures
        wrong = caption_scores({"a": "many umbrellas", "b": ""}, references, meteor=True).figures
    assert right["meteor"] == pytest.approx(1.0, abs=0.01)
    assert right["meteor_reason"] is None
    assert 0.2 < half["meteor"] < 0.8
    assert wrong["meteor"] == 0.0


def test_a_jar_that_dies_is_reported(scorers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    class Dead:
        def __init__(self) -> None:
            self.lock = threading.Lock()

        def compute_score(self, gts: Any, res: Any) -> None:
            self.lock.acquire()
            raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(metrics, "java_missing", lambda: None)
    monkeypatch.setattr(metrics._pycocoevalcap("meteor.meteor"), "Meteor", Dead)
    figures = caption_scores({"a": "x", "b": "y"}, REFERENCES, meteor=True, tokenizer="plain").figures
    assert figures["meteor"] is None
    assert "Broken pipe" in figures["meteor_reason"]


PHRASES = {
    "1": ["a red dog runs", "The dog", "the  dog", "my dog"],
    "2": ["a cup of tea"],
    "3": ["two tall trees", "Two Tall Trees"],
    "4": ["old boat", "a blue boat"],
}


PHOTOS = {"1": "a.jpg", "2": "a.jpg", "3": "b.jpg", "4": "b.jpg"}


@pytest.mark.parametrize("seed", range(6))
def test_leave_one_out_removes_the_chosen_phrase(seed: int) -> None:
    chosen = leave_one_out(PHRASES, seed=seed)
    assert set(chosen) == {"1", "4"}, "items with one distinct phrase are left out"
    for item, (pick, rest) in chosen.items():
        assert pick not in rest
        assert sorted([pick, *rest]) == sorted(distinct_phrases(PHRASES[item]))


def test_standard_error_by_hand() -> None:
    """The mean is 2/3. Photo p is 1 - 2 * 2/3 = -1/3 off it, q 1/3: sqrt(2/9 * 2) / 3 = 2/9."""
    values, photos = {"a": 1.0, "b": 0.0, "c": 1.0}, {"a": "p", "b": "p", "c": "q", "unused": "r"}
    assert standard_error(values, photos) == pytest.approx(2 / 9)
    assert standard_error({"a": 1.0, "b": 0.0}, photos) is None, "one photo tells nothing of others"
    assert standard_error({}, photos) is None


@given(st.lists(st.floats(0, 10), min_size=2, max_size=20))
def test_standard_error_counts_photos(values: list[float]) -> None:
    """With one region a photo it is that of the mean; asking about every region twice makes it no smaller."""
    single = {str(k): value for k, value in enumerate(values)}
    twice = {f"{k}/{copy}": value for k, value in single.items() for copy in "ab"}
    expected = statistics.stdev(values) / math.sqrt(len(values))
    assert standard_error(single, {k: k for k in single}) == pytest.approx(expected, abs=1e-9)
    assert standard_error(twice, {k: k.partition("/")[0] for k in twice}) == pytest.approx(expected, abs=1e-9)


def test_leave_one_out_depends_on_seed_and_item_only() -> None:
    alone = leave_one_out({"1": list(reversed(PHRASES["1"]))}, seed=3)
    assert alone["1"][0] == leave_one_out(PHRASES, seed=3)["1"][0]
    assert len({leave_one_out(PHRASES, seed=seed)["1"][0] for seed in range(20)}) == 3


def test_person_and_model_meet_the_same_references(scorers: None) -> None:
    """The model that repeats the drawn phrase gets exactly the person's figures; one that knows the rest beats both."""
    chosen = leave_one_out(PHRASES, seed=1)
    parrot = {item: pick for item, (pick, _) in chosen.items()}
    agreement = human_baseline(parrot, PHRASES, seed=1, photos=PHOTOS, tokenizer="plain")
    assert agreement["items"] == 2
    assert agreement["model"] == agreement["human"]
    assert agreement["human"]["exact_match"] == 0.0, "the drawn phrase is not among the references"

    oracle = {item: rest[0] for item, (_, rest) in chosen.items()}
    better = human_baseline(oracle, PHRASES, seed=1, photos=PHOTOS, tokenizer="plain")
    assert better["human"] == agreement["human"]
    assert better["model"]["exact_match"] == 1.0
    assert better["model"]["cider"] > better["human"]["cider"]


def test_agreement_needs_two_phrases() -> None:
    assert human_baseline({"2": "x"}, {"2": PHRASES["2"]}, seed=0, photos=PHOTOS) == {
        "seed": 0,
        "items": 0,
        "human": None,
        "model": None,
    }
