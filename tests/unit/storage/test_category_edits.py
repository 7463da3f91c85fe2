"""Categories of the whole project are changed in one step, and undo gives back exactly what was there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roi_assistant.core import review
from roi_assistant.core.category_edits import delete_edit, list_edit, merge_edit, rename_edit, split_edit
from roi_assistant.core.edits import CategoryChange, CategoryMove, Edit, delete_changes
from roi_assistant.core.records import CategoryList, Region
from roi_assistant.errors import EditConflictError
from roi_assistant.storage.checking import check_project
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import QueueFilter
from tests.unit.region_records import FEW, LATER, change, create, regions, suggested

ONE, TWO = "a.jpg", "b/c.jpg"
NOTHING = CategoryList()


def fill(project: Project) -> None:
    dogs = (suggested("d1", "a wet dog", category="dog"), suggested("d2", "a dog", category="dog"))
    project.apply(create(ONE, *dogs, suggested("c1", "a cat", category="cat")))
    rejected = replace(suggested("d3", "a wet thing", category="dog"), state="rejected")
    project.apply(create(TWO, rejected, replace(suggested("n1"), captions=(), category=None)))


def stored(project: Project) -> dict[str, tuple[Region, ...]]:
    return {image: project.regions(image) for image in (ONE, TWO)}


def categories(project: Project) -> dict[str, str | None]:
    return {region.id: region.category for found in stored(project).values() for region in found}


def figures(project: Project) -> set[tuple[object, ...]]:
    return set(project.database.execute("SELECT * FROM figures WHERE n <> 0"))


def rows(project: Project) -> list[tuple[object, ...]]:
    """All that is stored of regions, also what is only counted and searched."""
    return project.database.execute("SELECT * FROM regions ORDER BY id").fetchall()


def move_count(edit: Edit) -> int:
    assert edit.categories is not None
    return sum(move.count for move in edit.categories.moved)


def test_a_renamed_category_keeps_its_id_and_is_found(project: Project) -> None:
    fill(project)
    ids = project.category_ids()
    project.change_categories(rename_edit(NOTHING, "dog", "hound", is_used=True))
    assert categories(project) == {"d1": "hound", "d2": "hound", "c1": "cat", "d3": "hound", "n1": None}
    assert project.category_ids() == {("hound" if name == "dog" else name): id_ for name, id_ in ids.items()}
    assert len(project.search("hound")) == 3
    assert check_project(project).ok
    assert project.history("").undo_label == "Rename category"
    project.undo("")
    assert project.category_ids() == ids
    assert not project.search("hound")


def test_earlier_steps_of_an_image_can_be_undone_after_a_new_name(project: Project) -> None:
    fill(project)
    before = project.regions(ONE)[0]
    project.apply(change(ONE, before, review.accept(before, at=LATER)))
    project.change_categories(rename_edit(NOTHING, "dog", "hound", is_used=True))
    project.undo(ONE)
    assert project.regions(ONE)[0] == replace(before, category="hound")
    project.redo(ONE)
    project.undo("")
    project.undo(ONE)
    assert project.regions(ONE)[0] == before


def test_another_connection_hears_of_a_new_name(project: Project) -> None:
    fill(project)
    with Project.open(project.folder, read_only=True) as reader:
        assert reader.regions(ONE)[0].category == "dog"
        project.change_categories(rename_edit(NOTHING, "dog", "hound", is_used=True))
        assert reader.regions(ONE)[0].category == "hound"


def test_a_name_that_is_taken_is_refused(project: Project) -> None:
    fill(project)
    before = rows(project)
    with pytest.raises(EditConflictError, match="'dog' cannot be called 'cat'"):
        project.change_categories(rename_edit(NOTHING, "dog", "cat", is_used=True))
    assert rows(project) == before and project.category_list() == NOTHING


def test_a_new_name_that_regions_have_merges(project: Project) -> None:
    fill(project)
    assert move_count(project.rename_category("dog", "cat")) == 3
    assert move_count(project.rename_category("cat", "hound")) == 0
    assert project.category_counts() == {"": 1, "hound": 3}
    project.rename_category("hound", "dog")  # a name that no region has any more
    assert set(project.category_ids()) == {"dog"}
    for _ in range(3):
        project.undo("")
    assert project.category_counts() == {"": 1, "dog": 2, "cat": 1}


def test_merging_moves_all_regions_and_undo_moves_back_only_these(project: Project) -> None:
    fill(project)
    before, counts = rows(project), figures(project)
    done = project.change_categories(merge_edit(NOTHING, ["dog"], "cat"))
    assert move_count(done) == 3
    assert set(categories(project).values()) == {"cat", None}
    assert project.category_counts() == {"": 1, "cat": 3}
    assert set(project.category_ids()) == {"cat"}
    assert check_project(project).ok
    project.undo("")
    assert (rows(project), figures(project)) == (before, counts)
    project.redo("")
    assert project.category_counts() == {"": 1, "cat": 3}


def test_what_was_changed_since_is_left_alone_by_undo(project: Project) -> None:
    fill(project)
    project.change_categories(merge_edit(NOTHING, ["dog"], "cat"))
    region = project.regions(ONE)[0]
    project.apply(change(ONE, region, review.set_category(region, "wolf", at=LATER)))
    project.undo("")
    assert categories(project) == {"d1": "wolf", "d2": "dog", "c1": "cat", "d3": "dog", "n1": None}


def test_a_region_that_was_deleted_and_came_back_is_still_known(project: Project) -> None:
    fill(project)
    project.change_categories(merge_edit(NOTHING, ["dog"], "cat"))
    project.apply(Edit("Delete", TWO, delete_changes(project.regions(TWO), ["d3", "n1"], image=TWO)))
    project.apply(create(ONE, suggested("new", category="cat")))  # takes the row that has become free
    project.undo(TWO)
    project.undo("")
    assert categories(project) == {"d1": "dog", "d2": "dog", "c1": "cat", "new": "cat", "d3": "dog", "n1": None}


def test_deleting_takes_regions_without_words_off_the_queue(project: Project) -> None:
    project.apply(create(ONE, replace(suggested("bare", category="dog"), captions=()), suggested("d", category="dog")))
    before = rows(project)
    assert move_count(project.change_categories(delete_edit(NOTHING, ["dog"]))) == 2
    assert [item.region.id for item in project.review_queue(QueueFilter())] == ["d"]
    assert project.regions(ONE)[1].category is None
    assert check_project(project).ok
    project.undo("")
    assert rows(project) == before
    assert len(project.review_queue(QueueFilter())) == 2


@pytest.mark.parametrize(
    ("move", "ids"),
    [
        (CategoryMove("dog", "wet dog", containing="WET"), {"d1", "d3"}),
        (CategoryMove("dog", "wet dog", containing="wet dog"), {"d1"}),
        (CategoryMove("dog", "wet dog", containing='"*'), set()),
        (CategoryMove("dog", "wet dog", attribute=("color", "red")), {"d1", "d2", "d3"}),
        (CategoryMove("dog", "wet dog", attribute=("color", "blue")), set()),
        (CategoryMove("cat", "wet dog", containing="cat", attribute=("color", "red")), {"c1"}),
        (CategoryMove("bird", "wet dog"), set()),
    ],
)
def test_splitting_moves_what_has_the_words_or_the_value(project: Project, move: CategoryMove, ids: set[str]) -> None:
    fill(project)
    before = rows(project)
    assert project.count_move(move) == len(ids)
    project.change_categories(split_edit(NOTHING, move))
    assert {id_ for id_, name in categories(project).items() if name == "wet dog"} == ids
    assert check_project(project).ok
    project.undo("")
    assert rows(project) == before


def test_a_list_that_was_changed_meanwhile_is_not_overwritten(project: Project) -> None:
    first = CategoryList(("dog",), closed=True)
    project.change_categories(list_edit(NOTHING, first))
    assert project.category_list() == first
    with pytest.raises(EditConflictError, match="changed in the meantime"):
        project.change_categories(list_edit(NOTHING, CategoryList(("cat",))))
    project.undo("")
    assert project.category_list() == NOTHING


def test_several_steps_survive_closing(tmp_path: Path) -> None:
    with Project.open(tmp_path) as project:
        fill(project)
        before = rows(project)
        project.change_categories(rename_edit(NOTHING, "dog", "hound", is_used=True))
        project.change_categories(merge_edit(project.category_list(), ["hound"], "cat"))
    with Project.open(tmp_path) as project:
        project.undo("")
        project.undo("")
        assert rows(project) == before and project.category_list() == NOTHING
        project.redo("")
        project.redo("")
        assert set(categories(project).values()) == {"cat", None}


names = st.sampled_from(["dog", "cat", "bird"])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), names, names),
        st.tuples(st.just("rename"), names, names),
        st.tuples(st.just("delete"), names, names),
        st.tuples(st.just("split"), names, names),
    ),
    min_size=1,
    max_size=4,
)


@given(st.lists(regions, max_size=4, unique_by=lambda region: region.id), st.lists(names, min_size=4), steps)
@settings(FEW, max_examples=30)
def test_undo_is_exact(given_regions: list[Region], given_names: list[str], wanted: list[tuple[str, str, str]]) -> None:
    with TemporaryDirectory() as folder, Project.open(Path(folder)) as project:
        named = [replace(r, category=name) for r, name in zip(given_regions, given_names, strict=False)]
        project.apply(create(ONE, *named))
        states = [(rows(project), figures(project), project.category_list())]
        for kind, first, second in wanted:
            known = project.category_list()
            make: dict[str, Callable[[CategoryList, str, str], Edit]] = {
                "merge": lambda k, a, b: merge_edit(k, [a], b),
                "rename": lambda k, a, b: rename_edit(k, a, b, is_used=True),
                "delete": lambda k, a, _: delete_edit(k, [a]),
                "split": lambda k, a, b: split_edit(k, CategoryMove(a, b, containing="cup")),
            }
            try:
                project.change_categories(make[kind](known, first, second))
            except EditConflictError:
                assert (rows(project), figures(project), project.category_list()) == states[-1]
                continue
            assert check_project(project).ok
            states.append((rows(project), figures(project), project.category_list()))
        for state in reversed(states[:-1]):
            project.undo("")
            assert (rows(project), figures(project), project.category_list()) == state
        for state in states[1:]:
            project.redo("")
            assert (rows(project), figures(project), project.category_list()) == state


def test_an_edit_of_categories_is_kept_as_it_is(project: Project) -> None:
    fill(project)
    done = project.change_categories(merge_edit(NOTHING, ["dog"], "cat"))
    undone = project.undo("")
    assert undone is not None and undone[0].categories is not None and done.categories is not None
    (back,), (forth,) = undone[0].categories.moved, done.categories.moved
    assert (back.before, back.after, back.regions) == ("cat", "dog", forth.regions)
    assert isinstance(done.categories, CategoryChange) and forth.regions


def test_an_image_is_as_certain_as_its_regions_after_a_category_went(project: Project) -> None:
    only_category = replace(suggested("only", category="dog"), captions=(), attributes=(), category_score=0.2)
    project.apply(create(ONE, only_category, suggested("other", category="cat")))
    by_certainty = "SELECT certainty FROM images WHERE key = ?"
    assert project.database.execute(by_certainty, (ONE,)).fetchone() == (0.2,)
    project.change_categories(delete_edit(NOTHING, ["dog"]))
    assert project.database.execute(by_certainty, (ONE,)).fetchone() == (0.8,)
    assert check_project(project).problems == ()
    project.undo("")
    assert project.database.execute(by_certainty, (ONE,)).fetchone() == (0.2,)
