"""Numbers worked out by hand."""

from __future__ import annotations

import math

import pytest

from roi_assistant.memory.evidence import INPUTS, NONE_INPUTS, Evidence, Looks, evidence

NOTHING = Looks([], {}, {})


def _of(given: Evidence, name: str) -> dict[str, float]:
    return dict(zip(INPUTS, given.inputs[given.names.index(name)].tolist(), strict=True))


def _none(given: Evidence) -> dict[str, float]:
    return dict(zip(NONE_INPUTS, given.none.tolist(), strict=True))


def test_without_lessons_the_model_alone_speaks() -> None:
    given = evidence({"spoon": 0.75, "fork": 0.25}, NOTHING)
    assert given.names == ("spoon", "fork")
    assert _of(given, "spoon") == pytest.approx(
        {
            "model": math.log(3),
            "not the model's": 0,
            "nearest": 0,
            "votes": 0,
            "mean": 0,
            "times taught": 0,
            "new to the project": math.log(1 / 2),
            "never taught": 1,
            "model, never taught": math.log(3),
            "lessons": 0,
            "names": 0,
            "model's best": math.log(3),
            "nearest of all": 0,
            "best mean": 0,
        }
    )
    assert _of(given, "fork")["model"] == pytest.approx(-math.log(3))
    assert _none(given) == pytest.approx(
        {
            "model's best": math.log(3),
            "nearest of all": 0,
            "new to the project": math.log(0.5),
            "best mean": 0,
            "lessons": 0,
            "names": 0,
        }
    )


def test_neighbours_vote_by_their_likeness() -> None:
    """Cosines that make weights of 4, 2 and 1; one vote is for no name, so that each is out of 8."""
    cosines = [0.4 + math.log(weight) / 12 for weight in (4, 2, 1)]
    near = list(zip(("fork", "whisk", "fork"), cosines, strict=True))
    given = evidence({"spoon": 0.5}, Looks(near, {"fork": 0.9, "whisk": 0.3}, {"fork": 2, "whisk": 1}))
    assert given.names == ("spoon", "fork", "whisk")
    fork = _of(given, "fork")
    assert fork["votes"] == pytest.approx(5 / 8)
    assert fork["nearest"] == cosines[0]
    assert fork["mean"] == 0.9
    assert fork["times taught"] == pytest.approx(math.log(2))
    assert (fork["not the model's"], fork["never taught"], fork["new to the project"]) == (1, 0, 0)
    assert fork["model"] == pytest.approx(math.log(0.001 / 0.999)), "no guess counts as a rare one"
    assert fork["model, never taught"] == 0
    assert _of(given, "whisk")["votes"] == pytest.approx(2 / 8)
    spoon = _of(given, "spoon")
    assert (spoon["votes"], spoon["nearest"], spoon["never taught"]) == (0, 0, 1)
    assert spoon["new to the project"] == pytest.approx(math.log(3 / 5)), "2 names, 3 lessons"
    assert _none(given)["nearest of all"] == cosines[0]
    assert _none(given)["best mean"] == 0.9
    for told in (spoon, _none(given)):
        assert (told["lessons"], told["names"]) == pytest.approx((math.log(4), math.log(3)))
    assert (spoon["nearest of all"], spoon["best mean"], spoon["model's best"]) == (cosines[0], 0.9, 0)


def test_only_the_nearest_eight_vote() -> None:
    near = [("fork", 0.4)] * 8 + [("ladle", 0.4)]
    given = evidence({}, Looks(near, {}, {"fork": 8, "ladle": 1}))
    assert given.names == ("fork",)
    assert _of(given, "fork")["votes"] == pytest.approx(8 / 9)


def test_names_with_a_likely_mean_are_candidates() -> None:
    """A taught name that is not among the neighbours is as far as the farthest of them."""
    means = {f"name {number}": number / 10 for number in range(8)}
    looks = Looks([("name 0", 0.5), ("name 0", 0.4)], means, dict.fromkeys(means, 1))
    given = evidence({}, looks)
    assert given.names == ("name 0", "name 7", "name 6", "name 5", "name 4", "name 3")
    assert _of(given, "name 7")["nearest"] == 0.4
    assert _of(given, "name 7")["votes"] == 0


def test_nothing_known_at_all_has_no_candidate() -> None:
    given = evidence({}, NOTHING)
    assert given.names == ()
    assert given.inputs.shape == (0, len(INPUTS))
    assert _none(given)["model's best"] == pytest.approx(math.log(0.001 / 0.999))
