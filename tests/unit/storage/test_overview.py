"""The learning curve: how many suggestions were right as they came, in the order of the decisions."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from roi_assistant.core import review
from roi_assistant.core.records import Region
from roi_assistant.storage import overview
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import LearningCurve
from tests.unit.region_records import create, suggested

IMAGE = "a.jpg"


def at(minute: int) -> str:
    return f"2026-01-02T{3 + minute // 60:02}:{minute % 60:02}:05.000+00:00"


def right(minute: int) -> Region:
    return review.accept(suggested(f"r{minute}"), at=at(minute))


def wrong(minute: int) -> Region:
    return review.edit_caption(suggested(f"r{minute}"), "a red bowl", at=at(minute))


def add(project: Project, regions: Iterable[Region]) -> None:
    project.apply(create(IMAGE, *regions))


def test_fifty_decisions_make_a_curve(project: Project) -> None:
    add(project, [wrong(n) for n in range(49)])
    assert project.learning_curve() is None and project.overview().learning is None
    add(project, [right(49)])
    assert project.learning_curve() == LearningCurve(decided=50, steps=(1,), last=1)


def test_the_order_is_that_of_the_decisions_and_not_of_the_file(project: Project) -> None:
    add(project, [right(n) for n in range(60, 120)])
    add(project, [wrong(n) for n in range(60)])
    curve = project.learning_curve()
    assert curve == LearningCurve(decided=120, steps=(0, 40), last=50) == project.overview().learning


def test_what_is_right_is_caption_and_category_as_they_came(project: Project) -> None:
    add(project, [right(n) for n in range(46)])
    renamed = review.accept(review.set_category(suggested("named"), "bowl", at=at(47)), at=at(47))
    add(
        project,
        [
            renamed,
            review.reject(suggested("no"), at=at(48)),
            review.choose_alternative(suggested("other"), 0, at=at(49)),
            review.accept_as(suggested("alike"), "jar", "a red jar", at=at(50)),
            suggested("waits"),
        ],
    )
    assert project.learning_curve() == LearningCurve(decided=50, steps=(46,), last=46)


def test_only_the_latest_regions_are_looked_at(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "_LEARNED_FROM", 60)
    add(project, [wrong(n) for n in range(40)])
    add(project, [right(n) for n in range(40, 90)])
    assert project.learning_curve() == LearningCurve(decided=60, steps=(40,), last=50)
