"""Labels by the evaluation's rules, and the ranking that reads best."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from roi_assistant.captioners.mini.guesses import CategoryVotes
from roi_assistant.core.box import Box
from roi_assistant.core.calibration import Curve
from roi_assistant.core.records import RegionText, ScoredText
from roi_assistant.formats.annotated_photos import AnnotatedPhoto, AnnotatedRegion
from roi_assistant.formats.flickr30k_entities import parse_sentence

BOX = Box(1, 1, 9, 9)


@pytest.fixture
def calibrate(torch: Any) -> Any:
    """The module; it stands beside the training, which needs torch."""
    from roi_assistant.training.mini import calibrate

    return calibrate


def region(id_: str, category: str | None = None) -> AnnotatedRegion:
    return AnnotatedRegion(id_, BOX, (), category=category)


def test_labels_are_read_as_the_evaluation_reads_them(calibrate: Any) -> None:
    lines = (
        "[/EN#1/people A man] in [/EN#2/clothing a blue shirt] is sitting on [/EN#3/other a golden bench] .",
        "[/EN#1/people The worker] waits on [/EN#3/other the bench] .",
    )
    photo = AnnotatedPhoto("p.jpg", 9, 9, (region("1"), region("3")), tuple(map(parse_sentence, lines)))
    nouns, attributes = calibrate.labels(photo.regions[0], photo)
    assert nouns == {"man", "worker"}
    assert attributes["wearing"] == {"shirt"}, "by its noun"
    assert "sitting" in attributes["action"]
    nouns, attributes = calibrate.labels(photo.regions[1], photo)
    assert nouns == {"bench"} and attributes["color"] == {"yellow"}, "gold is a yellow"
    assert calibrate.labels(region("4", category="cup"), photo) == ({"cup"}, {})


def test_a_value_in_other_words_is_the_one_that_was_named(calibrate: Any) -> None:
    assert calibrate._named("wearing", ("a blue shirt",), frozenset({"shirt"}))
    assert calibrate._named("color", ("red", "gold"), frozenset({"yellow"}))
    assert not calibrate._named("color", ("red",), frozenset({"yellow"}))
    assert not calibrate._named("color", (), frozenset({"yellow"}))


def test_the_ranking_with_the_best_captions_is_kept(calibrate: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that is right only with one pair of weights: it is found although its line goes together."""
    answers = [("a red kite", "a kite"), ("a brown dog", "a cat"), ("two cups", "a table")]
    held_out = [
        calibrate.HeldOut("flickr30k", number, BOX, {}, frozenset({"x"}), {}, (right,))
        for number, (right, _) in enumerate(answers)
    ]
    held_out.append(calibrate.HeldOut("general", 0, BOX, {}, frozenset({"x"}), {}))

    def reader(calibration: dict[str, Any]) -> Any:
        weights = calibration["ranking"]
        good = (weights["recolor_below"], weights["recolor_from"]) == (0.15, 0.3) and weights["category"] == 0.4

        def read(number: int, **_: Any) -> RegionText:
            return RegionText(BOX, ScoredText(answers[number][0 if good or number == weights["category"] else 1], 0.5))

        return SimpleNamespace(read=read)

    monkeypatch.setattr(
        calibrate,
        "RANKING_TRIALS",
        ({"category": (0.2, 0.4)}, {"recolor_below": (0.0, 0.15, 0.15), "recolor_from": (0.3, 0.4, 0.3)}),
    )
    start = {
        "ranking": {"length_power": 0.9, "category": 0.4, "color": 0.2, "recolor_below": 0.15, "recolor_from": 0.3}
    }
    found = calibrate.fit_ranking(held_out, start, reader=reader)
    assert found == start["ranking"], "each line is tried with the other weights as they stand"
    assert calibrate.fit_ranking(held_out[3:], start, reader=reader) == start["ranking"], "nothing to learn from"


def test_the_least_sure_clauses_and_the_margin_are_those_with_the_best_captions(calibrate: Any) -> None:
    held_out = [
        calibrate.HeldOut("general", k, BOX, {}, frozenset({"cup"}), {}, (right,), (right,))
        for k, right in enumerate(("a red cup on a table", "a cup of black coffee", "two cups"))
    ]

    def reader(calibration: dict[str, Any]) -> Any:
        good = calibration.get("clause_from") == 0.45 or calibration.get("rename_margin") == 0.1

        def read(number: int, **_: Any) -> RegionText:
            return RegionText(BOX, ScoredText(held_out[number].phrases[0] if good else "a table", 0.5))

        return SimpleNamespace(read=read)

    assert calibrate.fit_clause_from(held_out, {}, reader=reader) == 0.45
    assert calibrate.fit_rename_margin(held_out, {}, reader=reader) == 0.1
    assert calibrate.fit_clause_from([], {}, reader=reader) > 1, "never, where nobody wrote clauses"


def test_curves_of_attributes_begin_at_zero(calibrate: Any) -> None:
    """One point only, because few people named the attribute: half as sure is half as likely, not just as likely."""
    curve = calibrate.through_zero(Curve((0.4,), (0.6,)))
    assert [curve(value) for value in (0.0, 0.2, 0.4, 0.9)] == pytest.approx([0.0, 0.3, 0.6, 0.6])
    for whole in (Curve((), ()), Curve((0.0, 0.5), (0.1, 0.7))):
        assert calibrate.through_zero(whole) == whole


def test_certainty_is_the_log_odds_of_what_it_was_fitted_on(calibrate: Any) -> None:
    """Guesses of which the head is 0.9 sure are right nine times of ten, those of 0.3 three times: that is found."""

    def votes(sure: float) -> CategoryVotes:
        return CategoryVotes({"cup": 0.5}, {"cup": sure})

    reader = SimpleNamespace(votes=votes, guesses=lambda sure: votes(sure).guesses(head_weight=1.0))
    held_out = [
        calibrate.HeldOut("general", sure, BOX, {}, frozenset({"cup" if k < 10 * sure else "horse"}), {})
        for sure in (0.9, 0.3)
        for k in range(10)
        for _ in range(20)
    ]
    weights = calibrate.fit_certainty(held_out, {}, reader=lambda _: reader)
    for sure in (0.9, 0.3):
        (cup,) = votes(sure).certain([ScoredText("cup", sure)], among=[ScoredText("cup", sure)], weights=weights)
        assert cup.score == pytest.approx(sure, abs=0.02)
    assert calibrate.fit_certainty(held_out[:50], {}, reader=lambda _: reader) == [], "too few to learn from"
