"""The regions of one category: which, in which order, and read by their rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import Region, ReviewState
from roi_assistant.errors import BadInputError
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import CategoryFilter
from tests.unit.region_records import change, create, suggested

A, B, C = "a.jpg", "b.jpg", "c.jpg"
WAITING: frozenset[ReviewState] = frozenset({"suggested"})


def ids(project: Project, flt: CategoryFilter) -> list[str]:
    return [found.region.id for found in project.regions_by_row_id(project.category_region_ids(flt))]


@pytest.fixture
def cups(project: Project) -> Project:
    """Cups of three images, one of them accepted and one rejected, and a dog."""
    project.add_images([A, B, C])
    project.apply(create(B, suggested("b1", score=0.3), replace(suggested("b2", score=0.5), state="accepted")))
    project.apply(create(A, suggested("a1", score=0.7), suggested("dog", "a dog", score=0.1, category="dog")))
    project.apply(create(C, suggested("c1", score=0.2), replace(suggested("c2", score=0.6), state="rejected")))
    return project


def test_states_and_orders(cups: Project) -> None:
    assert ids(cups, CategoryFilter("cup", WAITING)) == ["c1", "b1", "a1"]
    assert ids(cups, CategoryFilter("cup", frozenset({"accepted", "edited", "rejected"}))) == ["b2", "c2"]
    assert ids(cups, CategoryFilter("cup")) == ["c1", "b1", "b2", "c2", "a1"]
    assert ids(cups, CategoryFilter("cup", order="image")) == ["a1", "b1", "b2", "c1", "c2"]
    assert ids(cups, CategoryFilter("dog")) == ["dog"] and ids(cups, CategoryFilter("mug")) == []
    found = cups.regions_by_row_id(cups.category_region_ids(CategoryFilter("dog")))[0]
    assert (found.image, found.certainty) == (A, 0.1)


def test_regions_without_a_category(cups: Project) -> None:
    cups.apply(create(A, Region("bare", suggested().box), replace(suggested("said"), category=None)))
    assert set(ids(cups, CategoryFilter(""))) == {"bare", "said"}
    assert ids(cups, CategoryFilter("", WAITING)) == ["said"]  # nothing is said of the other


def test_a_random_order_stays_as_regions_go(project: Project) -> None:
    project.apply(create(A, *(suggested(f"r{n:02}") for n in range(40))))
    before = ids(project, CategoryFilter("cup", order="random"))
    assert before != sorted(before) and sorted(before) == [f"r{n:02}" for n in range(40)]
    assert ids(project, CategoryFilter("cup", order="random", seed=7)) != before
    region = next(region for region in project.regions(A) if region.id == before[3])
    project.apply(change(A, region, None))
    assert ids(project, CategoryFilter("cup", order="random")) == [*before[:3], *before[4:]]


def test_what_is_gone_is_left_out_and_row_ids_are_found_again(cups: Project) -> None:
    rows = list(cups.category_region_ids(CategoryFilter("cup", WAITING)))
    assert cups.region_row_ids([(C, "c1"), (C, "gone"), ("no.jpg", "c1"), (A, "a1")]) == [rows[0], rows[2]]
    cups.apply(change(B, cups.regions(B)[0], None))
    assert [found.region.id for found in cups.regions_by_row_id(rows)] == ["c1", "a1"]


def test_categories_with_most_to_review_come_first(cups: Project) -> None:
    cups.apply(create(A, *(replace(suggested(f"x{n}", category="plate"), state="accepted") for n in range(9))))
    assert cups.categories_with_regions() == [("cup", 3, 5), ("dog", 1, 1), ("plate", 0, 9)]


def test_one_edit_of_several_images_is_one_step(cups: Project) -> None:
    found = cups.regions_by_row_id(cups.category_region_ids(CategoryFilter("cup", WAITING)))
    moved = tuple(RegionChange(f.image, f.region, replace(f.region, category="bowl")) for f in found)
    cups.apply(Edit("Set category", "", moved))
    assert ids(cups, CategoryFilter("bowl")) == ["c1", "b1", "a1"]
    assert cups.undo("") is not None
    assert ids(cups, CategoryFilter("cup", WAITING)) == ["c1", "b1", "a1"] and cups.undo("") is None


def test_indexes_give_the_order_of_suggestions_and_the_counts(cups: Project) -> None:
    statements: list[str] = []
    cups.database.set_trace_callback(statements.append)
    cups.category_region_ids(CategoryFilter("cup", WAITING))
    cups.categories_with_regions()
    cups.database.set_trace_callback(None)
    reading = [text for text in statements if text.startswith(("SELECT r.id", "SELECT category_id"))]
    plans = [str(cups.database.execute(f"EXPLAIN QUERY PLAN {text}").fetchall()) for text in reading]
    assert "INDEX regions_to_review_by_category" in plans[0] and "COVERING INDEX regions_by_category" in plans[1]
    assert "TEMP B-TREE" not in "".join(plans)


def test_wrong_conditions_are_told(project: Project) -> None:
    with pytest.raises(BadInputError, match="order"):
        project.category_region_ids(CategoryFilter("cup", order="size"))  # type: ignore[arg-type]
    with pytest.raises(BadInputError, match="state"):
        project.category_region_ids(CategoryFilter("cup", frozenset({"lost"})))  # type: ignore[arg-type]
