"""What is put into a project comes out of it again, also after it was closed, and undo covers all of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roi_assistant.core import review
from roi_assistant.core.edits import Edit, RegionChange, apply_to_regions, delete_changes
from roi_assistant.core.records import AttributeDefinition, AttributeSchema, Conversation, Region, Turn
from roi_assistant.errors import BadInputError, EditConflictError, ProjectError
from roi_assistant.storage import image_edits
from roi_assistant.storage.checking import check_project, repair
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import HistoryState, ImageFilter, StoredJob
from tests.unit.region_records import FEW, LATER, NOW, change, create, edits, regions, suggested

IMAGE = "a/b 1.jpg"
SCHEMA = AttributeSchema("s", (AttributeDefinition("color", "single", ("red", "blue")),))


def keys(project: Project, flt: ImageFilter = ImageFilter()) -> list[str]:  # noqa: B008 - frozen
    return [row.key for row in project.images(flt)]


# --------------------------------------------------------------------------------------------------------------- images


def test_images_are_listed_as_a_person_would_and_added_once(project: Project) -> None:
    names = ["sub/a.jpg", "img10.jpg", "IMG2.jpg", "b.jpg", "sub/deep/a.jpg", "img1b.jpg", "img1.jpg"]
    assert project.add_images(names) == 7
    assert project.add_images([*names, "new.jpg"]) == 1
    assert keys(project) == [
        "b.jpg", "img1.jpg", "img1b.jpg", "IMG2.jpg", "img10.jpg", "new.jpg", "sub/a.jpg", "sub/deep/a.jpg",
    ]  # fmt: skip
    assert project.image_count() == 8


def test_any_file_name_is_a_key(project: Project) -> None:
    names = [
        "bytes \udcff\udcfe.jpg",
        "line\nbreak.jpg",
        "红色/猫.png",
        "x" * 250 + ".jpg",
        "1" * 240 + ".jpg",
        "%_'\".jpg",
    ]
    project.add_images(names)
    assert sorted(keys(project)) == sorted(names)
    for number, name in enumerate(names):
        project.apply(create(name, suggested(str(number))))
        assert [region.id for region in project.regions(name)] == [str(number)]


@pytest.mark.parametrize("key", ["", "/etc/a.jpg", "../a.jpg", "a/../b.jpg", "a//b.jpg", "./a.jpg", "a\0b.jpg"])
def test_what_is_no_key_is_refused_and_nothing_is_added(project: Project, key: str) -> None:
    with pytest.raises(BadInputError):
        project.add_images(["good.jpg", key])
    assert keys(project) == []


def test_size_and_problem(project: Project) -> None:
    project.add_images([IMAGE, "b.jpg"])
    project.set_image_problem(IMAGE, "is truncated")
    assert keys(project, ImageFilter(problem=True)) == [IMAGE]
    project.set_image_size(IMAGE, 640, 480)
    row = project.image(IMAGE)
    assert row is not None and (row.width, row.height, row.problem) == (640, 480, "")
    assert project.image("nobody.jpg") is None


# -------------------------------------------------------------------------------------------------------------- regions


@given(st.lists(regions, max_size=3, unique_by=lambda region: region.id).map(tuple))
@settings(FEW, max_examples=12)
def test_any_region_comes_back_exactly(tmp_path_factory: pytest.TempPathFactory, given: tuple[Region, ...]) -> None:
    folder = tmp_path_factory.mktemp("project")
    with Project.open(folder) as project:
        project.apply(create(IMAGE, *given))
        assert project.regions(IMAGE) == given
    with Project.open(folder, backup=False) as project:
        assert project.regions(IMAGE) == given
        report = check_project(project)
        assert report.ok, report
        project.undo(IMAGE)
        assert project.regions(IMAGE) == () and check_project(project).ok


@given(st.data())
@settings(FEW, max_examples=12)
def test_edits_do_to_the_file_what_they_do_to_the_memory(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    with Project.open(tmp_path_factory.mktemp("project")) as project:
        states: list[tuple[Region, ...]] = [()]
        for _ in range(data.draw(st.integers(1, 4))):
            edit = data.draw(edits(states[-1], image=IMAGE))
            project.set_image_size(IMAGE, data.draw(st.integers(1, 2000)), 700)  # figures depend on it
            if edit.regions:
                project.apply(edit)
                states.append(apply_to_regions(states[-1], edit, image=IMAGE))
                assert project.regions(IMAGE) == states[-1]
        shown = states[-1]
        for state in reversed(states[:-1]):
            step = project.undo(IMAGE)
            assert step is not None
            shown = apply_to_regions(shown, step[0], image=IMAGE)
            assert project.regions(IMAGE) == shown == state
        assert project.undo(IMAGE) is None
        for state in states[1:]:
            step = project.redo(IMAGE)
            assert step is not None and project.regions(IMAGE) == state
        assert project.redo(IMAGE) is None
        assert check_project(project).ok


def test_a_region_that_is_put_between_others_many_times(project: Project) -> None:
    project.apply(create(IMAGE, suggested("first"), suggested("last")))
    for number in range(60):  # more halvings than a float has digits
        project.apply(Edit("Insert", IMAGE, (RegionChange(IMAGE, None, suggested(str(number)), 1),)))
    expected = ["first", *(str(number) for number in reversed(range(60))), "last"]
    assert [region.id for region in project.regions(IMAGE)] == expected


def test_a_deletion_without_places_is_undone_in_place(project: Project) -> None:
    all_three = (suggested("a"), suggested("b"), suggested("c"))
    project.apply(create(IMAGE, *all_three))
    project.apply(change(IMAGE, all_three[1], None, label="Delete"))
    project.undo(IMAGE)
    assert project.regions(IMAGE) == all_three


def test_an_edit_of_several_images_is_one_step(project: Project) -> None:
    edit = Edit("Paste", IMAGE, (RegionChange(IMAGE, None, suggested()), RegionChange("c.jpg", None, suggested())))
    project.apply(edit)
    assert len(project.regions("c.jpg")) == 1
    project.undo(IMAGE)
    assert project.regions("c.jpg") == project.regions(IMAGE) == ()


def test_counts_follow(project: Project) -> None:
    region, other = suggested("a"), suggested("b")
    project.apply(create(IMAGE, region, other))
    project.apply(change(IMAGE, region, review.accept(region, at=NOW)))
    row = project.image(IMAGE)
    assert row is not None and row[4:9] == (2, 1, 1, 0, 0)
    project.apply(Edit("Delete", IMAGE, delete_changes(project.regions(IMAGE), ["a", "b"], image=IMAGE)))
    row = project.image(IMAGE)
    assert row is not None and row[4:9] == (0, 0, 0, 0, 0)


def test_what_does_not_fit_changes_nothing(project: Project) -> None:
    region = suggested()
    project.apply(create(IMAGE, region))
    stale = replace(region, category="pot")
    both = Edit("x", IMAGE, (RegionChange(IMAGE, None, suggested("new")), RegionChange(IMAGE, stale, None)))
    for edit in (both, create(IMAGE, region), change("other.jpg", region, None)):
        with pytest.raises(EditConflictError):
            project.apply(edit)
    assert project.regions(IMAGE) == (region,) and keys(project) == [IMAGE]
    assert project.history(IMAGE) == HistoryState(True, False, "Draw box", "")
    project.apply(change(IMAGE, region, replace(region, category="entirely new")))  # ids that were rolled back
    assert project.regions(IMAGE)[0].category == "entirely new"


# -------------------------------------------------------------------------------------------------------------- history


def test_undo_survives_a_restart_and_belongs_to_its_image(tmp_path: Path) -> None:
    with Project.open(tmp_path) as project:
        project.apply(create(IMAGE, suggested()))
        project.apply(change(IMAGE, suggested(), None, label="Delete"))
        project.apply(create("b.jpg", suggested()))
        project.undo(IMAGE)
    with Project.open(tmp_path) as project:
        assert project.history(IMAGE) == HistoryState(True, True, "Draw box", "Delete")
        assert project.history("b.jpg") == HistoryState(True, False, "Draw box", "")
        assert project.history("nobody.jpg") == HistoryState()
        project.redo(IMAGE)
        assert project.regions(IMAGE) == () and len(project.regions("b.jpg")) == 1


def test_a_new_edit_ends_what_could_be_redone(project: Project) -> None:
    project.apply(create(IMAGE, suggested("a")))
    project.undo(IMAGE)
    state = project.apply(create(IMAGE, suggested("b"), label="Paste"))
    assert state == HistoryState(True, False, "Paste", "")
    assert project.redo(IMAGE) is None


def test_history_is_bounded(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_edits, "HISTORY_STEPS", 3)
    for number in range(5):
        project.apply(create(IMAGE, suggested(str(number))))
    project.apply(create("b.jpg", suggested()))
    undone = 0
    while project.undo(IMAGE):
        undone += 1
    assert undone == 3 and [region.id for region in project.regions(IMAGE)] == ["0", "1"]
    assert project.undo("b.jpg") is not None


def test_the_schema_is_edited_in_the_history_of_the_project(project: Project) -> None:
    empty = project.schema
    project.apply(Edit("Add attribute", "", schema=(empty, SCHEMA)))
    assert project.schema == SCHEMA and project.history("").undo_label == "Add attribute"
    with pytest.raises(EditConflictError):
        project.apply(Edit("Add attribute", "", schema=(empty, SCHEMA)))
    project.undo("")
    assert project.schema == empty
    project.redo("")
    assert project.schema == SCHEMA


def test_values_follow_an_attribute_that_is_renamed(tmp_path: Path) -> None:
    hue = AttributeSchema("s", (AttributeDefinition("hue", "single", ("red", "blue")),))
    cup = suggested("cup")
    left_over = replace(cup.attributes[0], name="hue", values=("mauve",))
    both, neither = (
        replace(cup, id="both", attributes=(*cup.attributes, left_over)),
        replace(cup, id="n", attributes=()),
    )

    def values(project: Project, image: str = IMAGE) -> list[list[tuple[str, tuple[str, ...]]]]:
        return [[(a.name, a.values) for a in region.attributes] for region in project.regions(image)]

    with Project.open(tmp_path) as project:
        project.apply(Edit("Set", "", schema=(AttributeSchema(""), SCHEMA)))
        project.apply(create(IMAGE, cup, both, neither))
        project.apply(create("b.jpg", cup))
        project.apply(change("b.jpg", cup, review.set_attribute(cup, "color", ("blue",), at=NOW)))
        project.apply(change("b.jpg", project.regions("b.jpg")[0], None))
        before = project.regions(IMAGE)
        project.apply(Edit("Rename", "", schema=(SCHEMA, hue), renamed=(("color", "hue"),)))
    renamed = [[("hue", ("red",))], [("hue", ("red",)), ("color", ("mauve",))], []]
    with Project.open(tmp_path) as project:
        assert values(project) == renamed and project.schema == hue
        assert project.overview().attributes["hue"] == (("red", 2),)
        assert [hit.region_id for hit in project.search("mauve")] == ["both"]
        assert {hit.region_id for hit in project.search("hue red")} == {"cup", "both"}
        assert keys(project, ImageFilter(attribute=("hue", "red"))) == [IMAGE]
        assert keys(project, ImageFilter(attribute=("color", "red"))) == []
        project.undo("b.jpg")  # what was done before the new name is undone under it
        assert values(project, "b.jpg") == [[("hue", ("blue",))]]
        project.undo("b.jpg")
        assert values(project, "b.jpg") == [[("hue", ("red",))]]
        project.undo("")
        assert project.regions(IMAGE) == before and project.schema == SCHEMA
        assert values(project, "b.jpg") == [[("color", ("red",))]]
        project.redo("b.jpg")
        assert values(project, "b.jpg") == [[("color", ("blue",))]]
        project.redo("")
        assert values(project) == renamed and values(project, "b.jpg") == [[("hue", ("blue",))]]
        assert check_project(project).ok


def test_an_undo_that_does_not_fit_any_more_says_so(project: Project) -> None:
    region = suggested()
    project.apply(create(IMAGE, region))
    renamed = replace(region, category="pot")
    project.apply(Edit("Rename", "", (RegionChange(IMAGE, region, renamed),)))
    with pytest.raises(EditConflictError, match="cannot be undone"):
        project.undo(IMAGE)
    assert project.regions(IMAGE) == (renamed,)
    project.undo("")
    project.undo(IMAGE)
    assert project.regions(IMAGE) == ()


# ----------------------------------------------------------------------------------------------------------- categories


def test_category_ids_never_change(tmp_path: Path) -> None:
    with Project.open(tmp_path) as project:
        assert project.ensure_category("zebra", id=18) == 18
        assert project.ensure_category("zero", id=0) == 0
        assert project.ensure_category("taken", id=18) == 19
        assert project.ensure_category("negative", id=-1) == 20  # -1 stands for no category
        project.apply(create(IMAGE, suggested("a", category="apple"), suggested("b", category="zero")))
        project.undo(IMAGE)
        assert project.category_ids() == {"zero": 0, "zebra": 18, "taken": 19, "negative": 20, "apple": 21}
    with Project.open(tmp_path) as project:
        project.redo(IMAGE)
        assert [region.category for region in project.regions(IMAGE)] == ["apple", "zero"]
        assert project.category_ids()["apple"] == 21


# -------------------------------------------------------------------------------------------------- conversations, jobs


def test_conversations(tmp_path: Path) -> None:
    with Project.open(tmp_path) as project:
        first = project.save_conversation(IMAGE, Conversation(IMAGE, ("r1",), (Turn("user", "what is <region1>?"),)))
        second = project.save_conversation(IMAGE, Conversation(IMAGE))
        first = project.save_conversation(IMAGE, replace(first, turns=(*first.turns, Turn("assistant", "a cup"))))
    with Project.open(tmp_path) as project:
        assert set(project.conversations(IMAGE)) == {first, second} and first.id != second.id
        assert project.conversations("b.jpg") == ()
        project.delete_conversation(IMAGE, first)
        assert project.conversations(IMAGE) == (second,)


def test_jobs(tmp_path: Path) -> None:
    with Project.open(tmp_path) as project:
        project.save_job(StoredJob("j1", "captions", "Caption all", 0, 10, {"model": "mini", "after": [1]}, NOW))
        project.save_job(StoredJob("j2", "export", "Export", created_at=LATER))
        project.save_job(StoredJob("j1", "captions", "Caption all", 4, 10, {"model": "mini", "after": [5]}, NOW))
    with Project.open(tmp_path) as project:
        assert [(job.id, job.done, job.parameters) for job in project.load_jobs()] == [
            ("j1", 4, {"model": "mini", "after": [5]}),
            ("j2", 0, {}),
        ]
        project.delete_job("j1")
        assert [job.id for job in project.load_jobs()] == ["j2"]


# ------------------------------------------------------------------------------------------------------------- readers


def test_a_reader_sees_what_the_writer_saved_and_cannot_write(project: Project) -> None:
    with Project.open(project.folder, read_only=True) as reader:
        project.apply(create(IMAGE, suggested()))
        assert len(reader.regions(IMAGE)) == 1 and reader.read_only and not project.read_only
        with pytest.raises(ProjectError, match="read-only"):
            reader.apply(create(IMAGE, suggested("b")))


def test_who_reads_beside_the_writer_sees_new_names_at_once(tmp_path: Path) -> None:
    hue = AttributeSchema("s", (AttributeDefinition("hue", "single", ("red", "blue")),))
    with Project.open(tmp_path) as project, Project.open(tmp_path, read_only=True) as reader:
        project.apply(Edit("Set", "", schema=(AttributeSchema(""), SCHEMA)))
        project.apply(create(IMAGE, suggested("cup")))
        for schemas, names in (((SCHEMA, hue), ("color", "hue")), ((hue, SCHEMA), ("hue", "color"))):
            project.apply(Edit("Rename", "", schema=schemas, renamed=(names,)))
            assert [a.name for region in reader.regions(IMAGE) for a in region.attributes] == [names[1]]
            assert set(reader.overview().attributes) == {names[1]}


def test_a_rename_that_fails_leaves_the_names(project: Project) -> None:
    hue = AttributeSchema("s", (AttributeDefinition("hue", "single", ("red", "blue")),))
    project.apply(Edit("Set", "", schema=(AttributeSchema(""), SCHEMA)))
    project.apply(create(IMAGE, suggested("cup")))
    before = project.regions(IMAGE)
    with pytest.raises(RuntimeError), project.writing():
        image_edits.perform(
            project.database, project.rows, Edit("Rename", "", schema=(SCHEMA, hue), renamed=(("color", "hue"),))
        )
        raise RuntimeError
    assert project.regions(IMAGE) == before


def test_figures_that_are_wrong_are_found_and_made_again(project: Project) -> None:
    project.apply(create(IMAGE, suggested("cup")))
    figures = project.overview()
    with project.writing():
        project.database.execute("UPDATE figures SET n = n + 1 WHERE figure = 'term'")
    assert [problem for problem in check_project(project).problems if "'term'" in problem]
    repair(project)
    assert check_project(project).ok and project.overview() == figures


# ------------------------------------------------------------------------------------------ a box and its first words


def test_the_first_suggestion_is_part_of_the_step_that_drew_the_box(project: Project) -> None:
    words, other = suggested("r1"), suggested("r2")
    empty, empty_other = (Region(region.id, region.box, created_at=NOW) for region in (words, other))
    project.apply(create(IMAGE, empty))
    project.apply(create(IMAGE, empty_other))
    state = project.apply(change(IMAGE, empty, words, label="Suggestion"))
    assert state == HistoryState(can_undo=True, undo_label="Draw box")
    project.apply(change(IMAGE, empty_other, other, label="Suggestion"))
    project.undo(IMAGE)
    assert project.regions(IMAGE) == (words,)
    project.undo(IMAGE)
    assert project.regions(IMAGE) == () and not project.history(IMAGE).can_undo
    project.redo(IMAGE)
    assert project.regions(IMAGE) == (words,)
    project.apply(change(IMAGE, words, suggested("r1", "a mug"), label="Suggestion"))  # another one is another step
    project.undo(IMAGE)
    assert project.regions(IMAGE) == (words,)


def test_what_came_between_keeps_the_steps_apart(project: Project) -> None:
    words = suggested("r1")
    empty = Region("r1", words.box, created_at=NOW)
    locked = review.lock(empty, True)
    project.apply(create(IMAGE, empty))
    project.apply(change(IMAGE, empty, locked, label="Lock"))
    project.apply(change(IMAGE, locked, review.lock(words, True), label="Suggestion"))
    project.undo(IMAGE)
    assert project.regions(IMAGE) == (locked,)
    project.undo(IMAGE)
    project.undo(IMAGE)
    project.apply(create(IMAGE, empty, label="Import regions"))
    project.apply(change(IMAGE, empty, words, label="Suggestion"))
    project.undo(IMAGE)
    assert project.regions(IMAGE) == (empty,)
    written = review.edit_caption(empty, "by hand", at=LATER)
    project.apply(change(IMAGE, empty, written, label="Edit caption"))  # what a person writes is no suggestion
    project.undo(IMAGE)
    assert project.regions(IMAGE) == (empty,)


def test_the_next_image_with_suggestions_is_found_around_the_end(project: Project) -> None:
    project.add_images(["a.jpg", "b.jpg", "c.jpg"])
    rows = project.images()
    assert [rows.next_suggested(place) for place in (-1, 0, 2)] == [None] * 3
    project.apply(create("b.jpg", suggested()))
    rows = project.images()
    assert [rows.next_suggested(place) for place in (-1, 0, 1, 2)] == [1, 1, None, 1]
