"""A scripted annotator among kinds of things that lie at right angles; figures worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from roi_assistant.core.box import Box, Place
from roi_assistant.core.records import RegionText, ScoredText
from roi_assistant.evaluation.learning import (
    ALL,
    FEW_NAMES,
    LAST,
    Decision,
    Draw,
    Project,
    Window,
    annotate,
    decision,
    drawn_projects,
    first_guess,
    learning_curve,
    measure,
    mixed_project,
    mode_figures,
    unknown_names,
    window_figures,
)
from roi_assistant.evaluation.named_regions import NamedRegion
from roi_assistant.evaluation.restyled import Restyled
from roi_assistant.memory.evidence import INPUTS, NONE_INPUTS
from roi_assistant.memory.recall import ProjectMemory
from roi_assistant.memory.vectors import packed
from roi_assistant.memory.weights import Scorer, Weights

LOOKS = {"fork": (1, 0), "whisk": (0, 1), "ladle": (-1, 0), "person": (0, -1)}
BOX = Box(0, 0, 10, 10)
SPOON = RegionText(BOX, ScoredText("a spoon", 0.5), category=ScoredText("spoon", 0.5))


def _weights(**named: float) -> Weights:
    linear = Scorer.of_linear([named.get(name, 0.0) for name in INPUTS])
    return Weights(linear, Scorer.of_linear([0.0] * len(NONE_INPUTS)))


BY_VOTES = _weights(model=1.0, votes=10.0)
"""The model counts as much as its log odds; what looks the same wins over it."""


def _region(number: int, name: str, text: RegionText = SPOON, photo: str = "") -> NamedRegion:
    """Something whose looks are those of its kind."""
    vector = packed(np.array(LOOKS.get(name, (1, 0)), np.float32))
    seen = replace(text, features=vector)
    return NamedRegion(item=f"#{number}", photo=photo or f"{number}.jpg", name=name, box=BOX.xyxy, text=seen)


def _project(*names: str) -> Project:
    return Project(name="toy", regions=tuple(_region(number, name) for number, name in enumerate(names)))


def _memory(weights: Weights = BY_VOTES) -> ProjectMemory:
    return ProjectMemory(2, weights=weights)


FIVE = ("fork", "whisk", "fork", "whisk", "fork")


def test_a_model_that_is_always_wrong_costs_all_letters() -> None:
    decisions = annotate(_project(*FIVE), None)
    assert [one.right for one in decisions] == [False] * 5
    assert [one.keys for one in decisions] == [5, 6, 5, 6, 5]
    assert {one.score for one in decisions} == {0.5}


def test_memory_is_right_from_the_second_box_of_a_kind_on() -> None:
    decisions = annotate(_project(*FIVE), _memory())
    assert [one.right for one in decisions] == [False, False, True, True, True]
    assert [one.unchanged for one in decisions] == [False, False, True, True, True]
    assert [one.keys for one in decisions] == [5, 6, 1, 1, 1]


def test_wrong_lessons_are_believed() -> None:
    """All are wrong: a fork is taught as a whisk, a whisk as a fork, and the true name is then an alternative."""
    decisions = annotate(_project(*FIVE), _memory(), wrong=1.0)
    assert [one.right for one in decisions] == [False] * 5
    assert [one.keys for one in decisions] == [5, 6, 1, 1, 1]
    of_one_name = annotate(_project("fork", "fork"), _memory(), wrong=1.0)
    assert [one.right for one in of_one_name] == [False, True], "there is no other name to teach"


def test_some_wrong_lessons_are_drawn() -> None:
    project = _project(*("fork", "whisk", "ladle") * 200)
    memory = _memory()
    annotate(project, memory, wrong=0.25, seed=3)
    taught = {lesson.key.region: lesson.category for lesson, _ in memory.lessons()}
    wrong = [region for region in project.regions if taught[region.item] != region.name]
    assert 0.2 < len(wrong) / 600 < 0.3
    again = _memory()
    annotate(project, again, wrong=0.25, seed=3)
    assert {lesson.key.region: lesson.category for lesson, _ in again.lessons()} == taught


def test_captions_in_a_form_are_kept_to_the_letter() -> None:
    """After three forks and three whisks at the top left she has shown what her captions are made of."""
    project = _project(*("fork", "whisk") * 6)
    places = {region.item: Place("top", "left") for region in project.regions}
    her = Restyled(forms=("{category} ({place})",), words={"place": {"top left": "oben links"}}, places=places)
    assert not any(one.unchanged for one in annotate(project, None, restyled=her))
    decisions = annotate(project, _memory(), restyled=her)
    assert [one.unchanged for one in decisions] == [False] * 6 + [True] * 6
    assert [one.right for one in decisions] == [False] * 2 + [True] * 10
    memory = _memory()
    annotate(project, memory, restyled=her)
    written = [lesson.is_written for lesson, _ in memory.lessons()]
    assert written == [True] * 6 + [False] * 6, "what is kept was suggested"


def _said(category: str, *others: str, caption: str = "a spoon", specific: str = "") -> RegionText:
    return RegionText(
        BOX,
        ScoredText(caption, 0.5),
        category=ScoredText(category, 0.7),
        category_alternatives=tuple(ScoredText(other, 0.1) for other in others),
        specific=ScoredText(specific, 0.1) if specific else None,
    )


TEN = [f"kind {number}" for number in range(9)]


@pytest.mark.parametrize(
    ("text", "right", "unchanged", "keys"),
    [
        (_said("fork", caption="a silver fork"), True, True, 1),
        (_said("Fork", caption="a spoon"), True, False, 1),
        (_said("spoon", "knife", "fork", caption="a fork"), False, False, 1),
        (_said("spoon", *TEN[:8], "fork"), False, False, 1),
        (_said("spoon", *TEN, "fork"), False, False, 5),
        (_said("cutlery", caption="a fork"), False, False, 5),
        (replace(SPOON, category=None), False, False, 5),
    ],
)
def test_what_a_suggestion_costs(text: RegionText, right: bool, unchanged: bool, keys: int) -> None:
    made = decision(_region(1, "fork"), text)
    assert (made.right, made.unchanged, made.keys) == (right, unchanged, keys)


def test_a_general_word_is_wrong_and_the_guess_behind_it_right() -> None:
    text = _said("object", "fork", caption="an object", specific="a fork")
    assert first_guess(text) == ScoredText("fork", 0.1)
    made = decision(_region(1, "fork"), text)
    assert (made.right, made.guessed, made.score, made.keys) == (False, True, 0.1, 1)
    assert first_guess(replace(SPOON, category=None)) is None


# ---------------------------------------------------------------------------------------------------------- streams


def _boxes(counts: dict[str, int], per_photo: int = 2) -> list[NamedRegion]:
    names = [name for name, count in counts.items() for _ in range(count)]
    return [_region(number, name, photo=f"{number // per_photo}.jpg") for number, name in enumerate(names)]


def test_photos_come_in_an_order_that_the_seed_draws() -> None:
    boxes = _boxes({"fork": 20, "person": 20})
    project = mixed_project(boxes, seed=1, most=1700)
    assert sorted(region.item for region in project.regions) == sorted(region.item for region in boxes)
    photos = [region.photo for region in project.regions]
    assert photos[::2] == photos[1::2], "boxes of a photo follow each other"
    assert photos != [region.photo for region in boxes]
    assert mixed_project(boxes, seed=1, most=1700) == project
    assert mixed_project(boxes, seed=2, most=1700) != project
    assert mixed_project(boxes, seed=1, most=7).regions == project.regions[:7]


def test_projects_of_few_names_have_names_that_are_often_met() -> None:
    counts = {f"kind {number}": 10 for number in range(20)} | {"rare": 9, "person": 300}
    projects = drawn_projects(_boxes(counts), FEW_NAMES, count=3, seed=0)
    chosen = [{region.name for region in project.regions} for project in projects]
    assert [len(names) for names in chosen] == [12, 12, 12]
    assert not any(names & {"rare", "person"} for names in chosen)
    assert len({frozenset(names) for names in chosen}) == 3
    assert [len(project.regions) for project in projects] == [120] * 3
    short = drawn_projects(_boxes(counts), replace(FEW_NAMES, most=50), count=1, seed=0)
    assert short[0].regions == projects[0].regions[:50]
    few = drawn_projects(_boxes({"a": 5, "b": 5}), Draw(names=18, fewest=5), count=2, seed=0)
    assert [{region.name for region in project.regions} for project in few] == [{"a", "b"}] * 2
    assert drawn_projects(_boxes({"a": 5}), FEW_NAMES, count=2, seed=0) == []
    assert drawn_projects(_boxes(counts), FEW_NAMES, count=2, seed=0, among={"rare"}) == []


def test_unknown_names_are_those_that_the_model_never_says_first() -> None:
    boxes = [
        _region(1, "fork", _said("spoon", "fork")),
        _region(2, "spoon", _said("knife")),
        _region(3, "knife", _said("object", "Knife", specific="a knife")),
    ]
    assert unknown_names(boxes) == {"fork"}


# ---------------------------------------------------------------------------------------------------------- figures


def _decisions(rights: Sequence[bool], photos: int = 10) -> list[Decision]:
    return [
        Decision(f"#{number}", f"{number % photos}.jpg", right, right, False, 1 if right else 5, 0.5)
        for number, right in enumerate(rights)
    ]


def test_windows_are_means_over_boxes_with_the_error_of_other_projects() -> None:
    """50 of 50 and 25 of 50: as two numbers 1 and 1/2, whose standard deviation is 0.354."""
    projects = [_decisions([True] * 50 + [False] * 50), _decisions([True, False] * 25)]
    figures = window_figures(Window("first", 0, 50), projects)
    assert figures is not None
    assert (figures["projects"], figures["regions"]) == (2, 100)
    assert figures["right"] == {"mean": 0.75, "standard_error": pytest.approx(0.25)}
    assert figures["keys"]["mean"] == 2.0
    assert figures["unchanged"] == {"mean": 0.0, "standard_error": 0.0}
    second = window_figures(Window("second", 50, 100), projects)
    assert second is not None
    assert (second["projects"], second["regions"]) == (1, 50)
    assert second["right"] == {"mean": 0.0, "standard_error": None}
    assert window_figures(Window("third", 100), projects) is None


def test_a_single_project_has_the_error_of_other_photos() -> None:
    """Two photos of two boxes: both right, none right."""
    figures = window_figures(ALL, [_decisions([True, False, True, False], photos=2)])
    assert figures is not None
    assert figures["right"] == {"mean": 0.5, "standard_error": pytest.approx(0.5)}


def test_the_last_boxes_are_told_of_long_projects() -> None:
    long = _decisions([False] * 400 + [True] * 500)
    named = {row["window"]: row for row in mode_figures([long])["windows"]}
    assert list(named) == ["all", "0-50", "50-100", "100-200", "after 200", "last 500"]
    assert [row["regions"] for row in named.values()] == [900, 50, 50, 100, 700, 500]
    assert named[LAST.name]["right"]["mean"] == 1.0
    assert [row["window"] for row in mode_figures([long[:500]])["windows"]][-1] == "after 200"


def test_the_learning_curve_moves_over_fifty_boxes() -> None:
    rising = [False] * 50 + [True] * 50
    curve = learning_curve([rising])
    assert curve[0] == (50, 0.0)
    assert curve[25] == (75, 0.5)
    assert curve[-1] == (100, 1.0)
    assert learning_curve([rising, [True] * 60, [True] * 55])[-1] == (60, pytest.approx((0.2 + 1.0) / 2)), (
        "half of them"
    )
    assert learning_curve([[True] * 49]) == []
    assert learning_curve([]) == []


def test_both_modes_go_through_the_same_boxes() -> None:
    done = []
    metrics = measure({"Toy": [_project(*FIVE)]}, weights=BY_VOTES, progress=lambda: done.append(1))
    (group,) = metrics["groups"]
    assert done == [1]
    assert (group["name"], group["projects"], group["regions"], group["categories"]) == ("Toy", 1, 5, 2)
    plain, helped = group["without_memory"]["windows"][0], group["with_memory"]["windows"][0]
    assert (plain["right"]["mean"], helped["right"]["mean"]) == (0.0, 0.6)
    assert (plain["keys"]["mean"], helped["keys"]["mean"]) == (27 / 5, 14 / 5)
    assert group["with_memory"]["calibration"]["items"] == 5
