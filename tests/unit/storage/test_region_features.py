"""How regions look: kept with them, forgotten with what they were made of, and never in the way."""

from __future__ import annotations

import sqlite3
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from roi_assistant.core import review
from roi_assistant.core.box import Box
from roi_assistant.core.records import Conversation, Region, Turn
from roi_assistant.errors import BadInputError, ProjectError
from roi_assistant.storage import region_features
from roi_assistant.storage.acknowledged import acknowledged
from roi_assistant.storage.backup import make_backup
from roi_assistant.storage.checking import check_project, repair
from roi_assistant.storage.merging import merge
from roi_assistant.storage.project import PROJECT_NAME, Project
from roi_assistant.storage.restoring import restore_project
from tests.unit.older_projects import make_older
from tests.unit.region_records import LATER, change, create, suggested

IMAGE, OTHER = "a.jpg", "b.jpg"
MODEL, NEWER = "ab" * 32, "cd" * 32


def vector(number: float) -> bytes:
    """Two dimensions."""
    return struct.pack("<2e", number, -number)


def kept(project: Project, *, model: str = MODEL, image: str | None = None) -> dict[str, bytes]:
    """Region id -> vector."""
    return {found.region.id: found.vector for found in project.features(model=model, image=image)}


def lacking(project: Project, *, model: str = MODEL, most: int = 100) -> list[str]:
    return [found.region_id for found in project.without_features(model=model, most=most)]


def accepted(id: str) -> Region:
    return review.accept(suggested(id), at=LATER)


@pytest.fixture
def cups(project: Project) -> Project:
    """Two regions on one image and one on another, each with a vector."""
    project.apply(create(IMAGE, suggested("a1"), suggested("a2")))
    project.apply(create(OTHER, suggested("b1")))
    project.store_features(IMAGE, {"a1": vector(1), "a2": vector(2)}, model=MODEL)
    project.store_features(OTHER, {"b1": vector(3)}, model=MODEL)
    return project


# ------------------------------------------------------------------------------------------------ keeping, forgetting


def test_what_is_stored_is_read_with_its_region(cups: Project) -> None:
    found = list(cups.features(model=MODEL))
    assert [(one.image, one.region, one.vector) for one in found] == [
        (IMAGE, suggested("a1"), vector(1)),
        (IMAGE, suggested("a2"), vector(2)),
        (OTHER, suggested("b1"), vector(3)),
    ]
    assert {one.size for one in found} == {None}
    cups.set_image_size(IMAGE, 400, 300)
    assert [one.size for one in cups.features(model=MODEL)] == [(400, 300), (400, 300), None]
    assert [one.size for one in cups.features(model=MODEL, image=IMAGE)] == [(400, 300)] * 2
    rows = cups.region_row_ids([(one.image, one.region.id) for one in found])
    assert [one.row_id for one in found] == rows
    assert kept(cups, image=OTHER) == {"b1": vector(3)} and kept(cups, image="no.jpg") == {}


def test_a_vector_replaces_the_one_before_of_any_model(cups: Project) -> None:
    cups.store_features(IMAGE, {"a1": vector(4)}, model=MODEL)
    cups.store_features(IMAGE, {"a2": vector(5)}, model=NEWER)
    assert kept(cups) == {"a1": vector(4), "b1": vector(3)}
    assert kept(cups, model=NEWER) == {"a2": vector(5)} == kept(cups, model=NEWER, image=IMAGE)


def test_what_is_not_there_is_left_out(cups: Project) -> None:
    cups.store_features(IMAGE, {"gone": vector(1), "a1": vector(4), "b1": vector(9)}, model=MODEL)
    cups.store_features("no.jpg", {"a1": vector(9)}, model=MODEL)
    assert kept(cups) == {"a1": vector(4), "a2": vector(2), "b1": vector(3)}
    assert cups.image("no.jpg") is None


def test_a_box_that_moved_meanwhile_is_not_given_what_was_seen_in_the_old_one(cups: Project) -> None:
    boxes = {"a1": suggested().box, "a2": Box(1, 1, 2, 2)}
    cups.store_features(IMAGE, {"a1": vector(4), "a2": vector(5)}, model=MODEL, boxes=boxes)
    assert kept(cups, image=IMAGE) == {"a1": vector(4), "a2": vector(2)}


def test_a_region_that_is_deleted_takes_its_vector_along(cups: Project) -> None:
    cups.apply(change(IMAGE, suggested("a1"), None))
    assert kept(cups) == {"a2": vector(2), "b1": vector(3)}
    assert cups.undo(IMAGE) is not None and len(cups.regions(IMAGE)) == 2
    assert kept(cups) == {"a2": vector(2), "b1": vector(3)}
    # The last row of the table: the next region gets its number.
    cups.apply(change(OTHER, suggested("b1"), None))
    cups.apply(create(OTHER, suggested("b2")))
    assert kept(cups, image=OTHER) == {} and check_project(cups).ok


def test_a_box_that_is_moved_loses_its_vector_and_other_edits_keep_it(cups: Project) -> None:
    before = suggested("a1")
    for side in ("x1", "y1", "x2", "y2"):
        moved = replace(before, box=replace(before.box, **{side: getattr(before.box, side) + 1}))
        cups.apply(change(IMAGE, before, moved))
        assert kept(cups) == {"a2": vector(2), "b1": vector(3)}, side
        assert cups.undo(IMAGE) is not None
        cups.store_features(IMAGE, {"a1": vector(1)}, model=MODEL)
    cups.apply(change(IMAGE, before, replace(review.accept(before, at=LATER), category="mug")))
    cups.rename_category("cup", "goblet")
    cups.rename_category("goblet", "mug")  # a merge
    assert kept(cups) == {"a1": vector(1), "a2": vector(2), "b1": vector(3)}
    assert {one.region.category for one in cups.features(model=MODEL)} == {"mug"}


def test_storing_is_no_step_of_undo_but_a_step_that_is_acknowledged(cups: Project, tmp_path: Path) -> None:
    before, history = acknowledged(tmp_path), cups.history(IMAGE)
    cups.store_features(IMAGE, {"a1": vector(7)}, model=MODEL)
    after = acknowledged(tmp_path)
    assert before is not None and after is not None and after.number == before.number + 1
    cups.store_features(IMAGE, {}, model=MODEL)
    assert cups.history(IMAGE) == history and acknowledged(tmp_path) == after


@pytest.mark.parametrize("wrong", [b"", b"\0" * 3, b"\0" * 8194])
def test_what_is_no_vector_is_refused_and_nothing_is_stored(cups: Project, wrong: bytes) -> None:
    with pytest.raises(BadInputError, match=f"{len(wrong)} bytes"):
        cups.store_features(IMAGE, {"a1": vector(9), "a2": wrong}, model=MODEL)
    assert kept(cups, image=IMAGE) == {"a1": vector(1), "a2": vector(2)}
    cups.store_features(IMAGE, {"a2": b"\0" * 8192}, model=MODEL)
    assert len(kept(cups)["a2"]) == 8192


def test_who_reads_beside_the_writer_sees_vectors_and_cannot_store(cups: Project, tmp_path: Path) -> None:
    with Project.open(tmp_path, read_only=True) as reader:
        assert kept(reader) == kept(cups)
        with pytest.raises(ProjectError, match="read-only"):
            reader.store_features(IMAGE, {"a1": vector(9)}, model=MODEL)


def test_any_name_of_a_region_and_of_an_image(project: Project) -> None:
    project.apply(create("D\udcff.jpg", suggested("\udcff")))
    project.store_features("D\udcff.jpg", {"\udcff": vector(1)}, model=MODEL)
    assert [(one.image, one.region.id) for one in project.features(model=MODEL)] == [("D\udcff.jpg", "\udcff")]
    assert kept(project, image="D\udcff.jpg") == {"\udcff": vector(1)}


# ---------------------------------------------------------------------------------------------------- many, and later


def test_many_are_read_in_blocks_while_others_are_written(project: Project) -> None:
    ids = [f"r{number}" for number in range(2000)]
    project.apply(create(IMAGE, *map(suggested, ids)))
    project.store_features(IMAGE, {id: vector(number) for number, id in enumerate(ids)}, model=MODEL)
    assert list(kept(project)) == ids == list(kept(project, image=IMAGE))
    statements: list[str] = []
    project.database.set_trace_callback(statements.append)
    reading = project.features(model=MODEL)
    first = next(reading)
    assert sum("f.vector" in statement for statement in statements) == 1
    project.apply(change(IMAGE, suggested("r1999"), None))
    project.rename_category("cup", "mug")
    rest = list(reading)
    project.database.set_trace_callback(None)
    assert [one.region.id for one in (first, *rest)] == ids[:-1]
    assert (first.region.category, rest[-1].region.category) == ("cup", "mug")
    assert sum("f.vector" in statement for statement in statements) == 2000 // region_features._AT_ONCE + 1


def test_who_reads_on_sees_what_the_writer_renamed(project: Project, tmp_path: Path) -> None:
    ids = [f"r{number}" for number in range(region_features._AT_ONCE + 1)]
    project.apply(create(IMAGE, *map(suggested, ids)))
    project.store_features(IMAGE, dict.fromkeys(ids, vector(1)), model=MODEL)
    with Project.open(tmp_path, read_only=True) as reader:
        reading = reader.features(model=MODEL)
        assert next(reading).region.category == "cup"
        project.rename_category("cup", "mug")
        assert list(reading)[-1].region.category == "mug"


def test_blocks_are_found_by_their_rows(cups: Project) -> None:
    statements: list[str] = []
    cups.database.set_trace_callback(statements.append)
    kept(cups)
    kept(cups, image=IMAGE)
    lacking(cups)
    cups.database.set_trace_callback(None)
    reading = [text for text in statements if " FROM features AS f" in text and text.startswith("SELECT")]
    plans = [str(cups.database.execute(f"EXPLAIN QUERY PLAN {text}").fetchall()) for text in reading]
    assert len(plans) == 4 and all("SEARCH f USING INTEGER PRIMARY KEY" in plan for plan in plans)
    assert "TEMP B-TREE" not in "".join(plans)


def test_what_was_decided_and_has_no_vector_is_named(project: Project) -> None:
    project.apply(create(OTHER, accepted("b2"), suggested("b3"), accepted("b1")))
    project.apply(create(IMAGE, replace(accepted("a1"), state="edited"), replace(accepted("a2"), state="rejected")))
    assert project.without_features(model=MODEL, most=9) == [
        (OTHER, "b1", suggested().box),
        (OTHER, "b2", suggested().box),
        (IMAGE, "a1", suggested().box),
    ]
    assert lacking(project, most=2) == ["b1", "b2"] and lacking(project, most=0) == []
    project.store_features(OTHER, {"b1": vector(1), "b3": vector(3)}, model=MODEL)
    assert lacking(project) == ["b2", "a1"] and lacking(project, model=NEWER) == ["b1", "b2", "a1"]
    project.set_image_problem(OTHER, "it is damaged")
    assert lacking(project) == ["a1"]


def test_a_list_of_what_lacks_vectors_goes_on_behind_what_could_not_be_encoded(project: Project) -> None:
    project.apply(create(OTHER, accepted("b1"), accepted("b2")))
    project.apply(create(IMAGE, accepted("a1"), accepted("a2")))
    seen: list[str] = []
    after: tuple[str, str] | None = None
    while (page := project.without_features(model=MODEL, most=1, after=after)) and len(seen) < 9:
        seen.append(page[0].region_id)
        after = page[0][:2]
        if seen[-1] == "b2":  # a place that is gone is a place
            project.apply(change(OTHER, accepted("b2"), None))
    assert seen == ["b1", "b2", "a1", "a2"]


def test_a_damaged_box_is_not_to_be_encoded(project: Project) -> None:
    project.apply(create(IMAGE, accepted("a1"), accepted("a2"), accepted("a3")))
    project.database.execute("UPDATE regions SET x2 = 0 WHERE region_id = 'a1'")
    project.database.execute("UPDATE regions SET x2 = 'wide' WHERE region_id = 'a2'")
    assert lacking(project, most=1) == ["a3"]


# ---------------------------------------------------------------------------------------------------- files of others

DAMAGE = {
    "odd length": "UPDATE features SET vector = x'000102'",
    "no length": "UPDATE features SET vector = x''",
    "too long": "UPDATE features SET vector = zeroblob(8194)",
    "a text": "UPDATE features SET vector = 'abcd'",
    "a number": "UPDATE features SET vector = 1.5",
    "a text that is no Unicode": "UPDATE features SET vector = CAST(x'ffff' AS TEXT)",
    "a model that is no text": f"UPDATE features SET model = CAST('{MODEL}' AS BLOB)",
    "a model that is no Unicode": "UPDATE features SET model = CAST(x'ff' AS TEXT)",
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_features_are_skipped_told_and_repaired(cups: Project, tmp_path: Path, kind: str) -> None:
    cups.apply(change(IMAGE, suggested("a1"), accepted("a1")))
    cups.database.execute(f"{DAMAGE[kind]} WHERE region = 1")
    others = {"a2": vector(2), "b1": vector(3)}
    assert kept(cups) == others and kept(cups, image=IMAGE) == {"a2": vector(2)}
    assert lacking(cups) == ["a1"]
    assert [len(image.regions) for image in cups.export_images()] == [2, 1]
    if kind != "a model that is no Unicode":  # which nobody asks for
        assert check_project(cups).problems == (
            "features of regions that cannot be read: 1; project check --repair removes them",
        )
        with Project.open(tmp_path, read_only=True) as reader:
            assert kept(reader) == others and not check_project(reader).ok
        repair(cups)
    assert check_project(cups).ok and kept(cups) == others
    cups.store_features(IMAGE, {"a1": vector(8)}, model=MODEL)
    assert kept(cups) == {"a1": vector(8), **others} and lacking(cups) == []


def test_features_of_no_region_are_repaired(cups: Project) -> None:
    cups.database.execute("PRAGMA foreign_keys = OFF")
    cups.database.execute("INSERT INTO features VALUES (99, ?, ?)", (MODEL, vector(1)))
    assert len(kept(cups)) == 3 and "features, row 99" in str(check_project(cups).problems)
    repair(cups)
    assert check_project(cups).ok and len(kept(cups)) == 3


def test_a_damaged_region_costs_no_other(cups: Project) -> None:
    cups.database.execute("UPDATE regions SET body = '{' WHERE region_id = 'a1'")
    assert kept(cups) == {"a2": vector(2), "b1": vector(3)} and cups.take_unreadable() == ("a1",)


# ------------------------------------------------------------------------------------------- copies, earlier versions


def test_vectors_go_with_the_file_and_not_with_a_merge(cups: Project, tmp_path: Path) -> None:
    saved = make_backup(cups.path)
    cups.apply(change(IMAGE, suggested("a2"), None))
    cups.close()
    (tmp_path / "mine").mkdir()
    with Project.open(tmp_path / "mine") as mine:
        mine.apply(create(IMAGE, replace(suggested("a1"), box=Box(1, 1, 9, 9)), suggested("mine")))
        mine.store_features(IMAGE, {"a1": vector(5), "mine": vector(6)}, model=MODEL)
        mine.apply(create(OTHER, suggested("b0")))
        with Project.open(tmp_path) as theirs:
            moved = review.accept(replace(suggested("a1"), box=Box(2, 2, 9, 9)), at=LATER)
            theirs.apply(change(IMAGE, suggested("a1"), moved))
        merge(mine, cups.path)
        assert mine.regions(IMAGE)[0].box == Box(2, 2, 9, 9)
        assert kept(mine) == {"mine": vector(6)} and check_project(mine).ok
    restore_project(tmp_path, saved)
    with Project.open(tmp_path) as restored:
        assert kept(restored) == {"a1": vector(1), "a2": vector(2), "b1": vector(3)}


def dump(path: Path) -> list[str]:
    """All that is in the file, but for the number of its last transaction."""
    db = sqlite3.connect(path)
    try:
        return [line for line in db.iterdump() if "'commit'" not in line and "region_search" not in line]
    finally:
        db.close()


def test_a_file_of_version_3_is_read_and_brought_up_to_date_with_all_that_it_has(
    project: Project, tmp_path: Path
) -> None:
    project.apply(create(IMAGE, accepted("a1"), suggested("a2")))
    project.set_image_size(IMAGE, 640, 480)
    project.save_conversation(IMAGE, Conversation(IMAGE, ("a1",), (Turn("user", "What is it?"),)))
    project.close()
    before = dump(project.path)
    make_older(project.path, 3)
    assert dump(project.path) != before
    with Project.open(tmp_path, read_only=True) as older:
        figures = older.overview()
        assert kept(older) == {} == kept(older, image=IMAGE) and lacking(older) == ["a1"]
        assert len(older.regions(IMAGE)) == 2 and check_project(older).ok
        statements: list[str] = []
        older.database.set_trace_callback(statements.append)
        assert older.overview() == figures
        assert not any("UNION ALL" in statement for statement in statements)  # it has figures, which are not counted
    with Project.open(tmp_path) as migrated:
        assert migrated.overview() == figures and check_project(migrated).ok
        assert migrated.history(IMAGE).can_undo and len(migrated.conversations(IMAGE)) == 1
        assert dump(migrated.path) == before
        migrated.store_features(IMAGE, {"a1": vector(1)}, model=MODEL)
        assert kept(migrated) == {"a1": vector(1)}
        moved = replace(accepted("a1"), box=Box(1, 1, 9, 9))
        migrated.apply(change(IMAGE, accepted("a1"), moved))
        assert kept(migrated) == {}


def test_wrong_figures_of_a_file_of_version_3_that_is_only_read_are_told(project: Project, tmp_path: Path) -> None:
    project.apply(create(IMAGE, suggested("a1")))
    project.database.execute("UPDATE figures SET n = n + 1 WHERE figure = 'category'")
    project.close()
    make_older(project.path, 3)
    with Project.open(tmp_path, read_only=True) as older:
        assert "figures of 'category' are wrong" in str(check_project(older).problems)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_file_of_an_earlier_version_is_merged(project: Project, tmp_path: Path, version: int) -> None:
    (tmp_path / "theirs").mkdir()
    with Project.open(tmp_path / "theirs") as theirs:
        theirs.apply(create(IMAGE, suggested("a1")))
    make_older(theirs.path, version)
    merge(project, tmp_path / "theirs" / PROJECT_NAME)
    assert [region.id for region in project.regions(IMAGE)] == ["a1"]
