from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from roi_assistant.core import answers, review
from roi_assistant.core.records import Region
from roi_assistant.storage import model_outcomes
from roi_assistant.storage.checking import check_project
from roi_assistant.storage.connection import PROJECT_NAME
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import BatchFilter, QueueFilter
from tests.unit.older_projects import make_older
from tests.unit.region_records import LATER, MINI, OTHER_MODEL, answer, change, create, suggested


def asked(id: str, text: str = "a blue mug", *, category: str = "mug") -> Region:
    other = answers.answer_of(answer(text, category=category), provenance=OTHER_MODEL)
    return answers.with_answer(suggested(id), other)


def test_outcomes_are_those_that_one_counts_by_hand(tmp_path: Path) -> None:
    """mini gave 6: 2 accepted unchanged, 1 edited by 1 of 4 words, 1 by 3 of 3, 1 rejected, 1 passed over. florence was
    asked about 3 of them: its words were taken once, passed over once (an edit), and once rejected with the box."""
    other_weights = replace(MINI, weights_sha256="ef" * 32)
    newer = suggested("g")
    newer = replace(newer, captions=tuple(replace(one, provenance=other_weights) for one in newer.captions))
    regions = (
        review.accept(suggested("a"), at=LATER),
        review.accept(suggested("b"), at=LATER),
        review.edit_caption(asked("c"), "a large red cup", at=LATER),
        review.edit_caption(suggested("d"), "one two three", at=LATER),
        review.reject(asked("e"), at=LATER),
        answers.take_answer(asked("f"), 0, at=LATER),
        newer,
    )
    with Project.open(tmp_path) as project:
        project.add_images(["a.png"])
        project.apply(create("a.png", *regions))
        found = project.outcomes()
    florence, mini, mini_newer = found.models
    assert (found.counted, found.regions) == (7, 7)
    assert (mini.model_id, mini.weights_sha256, mini.given) == ("mini", "ab" * 32, 6)
    assert (mini.unchanged, mini.alternative, mini.edited, mini.rejected, mini.passed_over) == (2, 0, 2, 1, 1)
    assert mini.edit_distance == pytest.approx((1 / 4 + 3 / 3) / 2)
    assert (florence.given, florence.unchanged, florence.passed_over, florence.waiting) == (3, 1, 2, 0)
    assert florence.edit_distance is None
    assert (mini_newer.weights_sha256, mini_newer.given, mini_newer.waiting) == ("ef" * 32, 1, 1)


def test_only_the_latest_regions_are_read_and_it_is_told(tmp_path: Path) -> None:
    with Project.open(tmp_path) as project:
        project.add_images(["a.png"])
        project.apply(create("a.png", *(suggested(f"r{n}") for n in range(5))))
        found = model_outcomes.project_outcomes(project.database, project.rows, most=2)
    assert (found.counted, found.regions, found.models[0].given) == (2, 5, 2)


def test_the_queue_begins_where_models_disagree_most_and_ends_where_none_was_asked(tmp_path: Path) -> None:
    regions = (suggested("none"), asked("same", "a red cup", category="cup"), asked("most", "a dog", category="dog"))
    with Project.open(tmp_path) as project:
        project.add_images(["a.png"])
        project.apply(create("a.png", *regions))
        items = project.review_queue(QueueFilter(order="disagreement"))
        assert [item.region.id for item in items] == ["most", "same", "none"]
        first = project.review_queue(QueueFilter(order="disagreement", limit=1))
        rest = project.review_queue(QueueFilter(order="disagreement", after=first[0].cursor))
        assert [item.region.id for item in rest] == ["same", "none"], "pages go on behind the last item"
        plan = project.database.execute(
            "EXPLAIN QUERY PLAN SELECT r.id FROM regions AS r WHERE r.state = 'suggested' AND r.certainty IS NOT NULL "
            "ORDER BY -coalesce(r.disagreement, -1.0), r.certainty, r.id LIMIT 9"
        ).fetchall()
        assert "regions_to_review_by_disagreement" in plan[0][3]


def test_boxes_to_compare_are_those_with_words_about_which_the_model_has_said_nothing(tmp_path: Path) -> None:
    empty = replace(suggested("empty"), captions=(), category=None, category_provenance=None, attributes=())
    regions = (
        suggested("new"), asked("done"), review.accept(suggested("accepted"), at=LATER),
        review.reject(suggested("rejected"), at=LATER), empty,
    )  # fmt: skip
    with Project.open(tmp_path) as project:
        project.add_images(["a.png"])
        project.apply(create("a.png", *regions))
        targets = list(project.batch_targets(BatchFilter(compare_with="florence")))
        assert [target.region_ids for target in targets] == [("new", "accepted")]
        assert project.batch_targets(BatchFilter(compare_with="mini")).regions == 0
        before = project.regions("a.png")[0]
        project.apply(change("a.png", before, asked("new")))
        assert project.batch_targets(BatchFilter(compare_with="florence")).regions == 1
        project.undo("a.png")
        assert project.regions("a.png")[0] == before, "undo takes the answer away"
        project.redo("a.png")
        assert project.regions("a.png")[0].answers


def test_a_file_of_the_version_before_is_read_in_the_new_order_and_brought_up_to_date(tmp_path: Path) -> None:
    with Project.open(tmp_path) as project:
        project.add_images(["a.png"])
        project.apply(create("a.png", replace(suggested("old"), box=suggested().box), suggested("two")))
    make_older(tmp_path / PROJECT_NAME, 5)
    with Project.open(tmp_path, read_only=True) as project:
        items = project.review_queue(QueueFilter(order="disagreement"))
        assert [item.region.id for item in items] == ["old", "two"] and project.outcomes().models[0].given == 2
    with Project.open(tmp_path, backup=False) as project:
        before = project.regions("a.png")[0]
        after = answers.with_answer(before, answers.answer_of(answer("a dog", category="dog"), provenance=OTHER_MODEL))
        project.apply(change("a.png", before, after))
        assert project.regions("a.png")[0] == after and check_project(project).ok
