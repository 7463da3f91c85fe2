"""Edits of notes on images and "nothing here": undone, searched, counted, exported, imported, merged, migrated."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from roi_assistant.core.edits import Edit, NotesChange, RegionChange, inverse
from roi_assistant.core.record_json import decode, encode
from roi_assistant.core.records import ImageNotes
from roi_assistant.errors import EditConflictError, ProjectError
from roi_assistant.formats.coco_region_text import read_coco_boxes, write_coco
from roi_assistant.storage.checking import check_project
from roi_assistant.storage.connection import PROJECT_NAME
from roi_assistant.storage.merging import merge
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import ImageFilter
from roi_assistant.storage.region_export import export_regions
from roi_assistant.storage.region_import import RegionImport
from tests.unit.older_projects import make_older
from tests.unit.region_records import create, suggested

EMPTY = ImageNotes("", True)


def noted(image: str, after: ImageNotes, before: ImageNotes = ImageNotes()) -> Edit:  # noqa: B008 - frozen
    return Edit("Edit note", image, notes=(NotesChange(image, before, after),))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project.open(tmp_path)
    project.add_images(["a.jpg", "b.jpg", "c.jpg"])
    return project


def keys(project: Project, **flt: object) -> list[str]:
    return project.images(ImageFilter(**flt)).keys()  # type: ignore[arg-type]


def test_an_edit_of_a_note_is_one_step_of_undo_and_stays_small(project: Project) -> None:
    edit = noted("a.jpg", ImageNotes("blurry"))
    assert decode(Edit, encode(edit)) == edit and inverse(inverse(edit)) == edit
    state = project.apply(edit)
    assert state.undo_label == "Edit note" and project.image_notes("a.jpg").note == "blurry"
    undone = project.undo("a.jpg")
    assert undone is not None and undone[0] == inverse(edit)
    assert project.image_notes("a.jpg") == ImageNotes()
    assert project.redo("a.jpg") is not None and project.image_notes("a.jpg").note == "blurry"


def test_a_note_that_was_changed_meanwhile_is_not_overwritten(project: Project) -> None:
    project.apply(noted("a.jpg", ImageNotes("first")))
    with pytest.raises(EditConflictError, match=r"note on a\.jpg"):
        project.apply(noted("a.jpg", ImageNotes("second")))
    assert project.image_notes("a.jpg").note == "first"


def test_a_reviewed_image_without_boxes_is_finished_until_a_box_is_drawn(project: Project) -> None:
    project.apply(noted("a.jpg", EMPTY))
    assert project.images().finished == 1 and keys(project, reviewed_empty=True) == ["a.jpg"]
    region = suggested("r1")
    project.apply(create("a.jpg", region))
    row = project.image("a.jpg")
    assert row is not None and not row.reviewed_empty and not row.finished
    assert keys(project, reviewed_empty=True) == []

    undone = project.undo("a.jpg")
    assert undone is not None and undone[0].notes == (NotesChange("a.jpg", ImageNotes(), EMPTY),)
    assert keys(project, reviewed_empty=True) == ["a.jpg"]
    project.redo("a.jpg")
    assert keys(project, reviewed_empty=True) == []
    assert check_project(project).ok


def test_images_are_found_by_the_words_of_their_notes(project: Project) -> None:
    project.apply(noted("a.jpg", ImageNotes("100% blurry, left side")))
    project.apply(noted("b.jpg", ImageNotes("夜晚模糊")))
    assert keys(project, text="side BLURRY") == ["a.jpg"]
    assert keys(project, text="blurry right") == []
    assert keys(project, text="100%") == ["a.jpg"] and keys(project, text="模糊") == ["b.jpg"]
    assert keys(project, text="c.j") == ["c.jpg"]
    assert keys(project, note=True) == ["a.jpg", "b.jpg"]


@dataclass(frozen=True)
class File:
    name: str
    path: Path


def test_coco_holds_notes_and_gives_them_back(project: Project, tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        Image.new("RGB", (90, 90)).save(tmp_path / name)
    project.apply(noted("a.jpg", ImageNotes("zu dunkel", True)))
    project.apply(noted("b.jpg", ImageNotes("two lines\nof text")))
    project.apply(create("b.jpg", suggested("r1")))
    target = tmp_path / "out.json"
    export_regions(project, target, write_coco, lossless=True)
    assert '"note": "zu dunkel", "reviewed_empty": true' in target.read_text("utf-8")
    read = {image.file_name: image for image in read_coco_boxes(target).images}
    assert (read["a.jpg"].note, read["a.jpg"].reviewed_empty) == ("zu dunkel", True)
    assert (read["c.jpg"].note, read["c.jpg"].reviewed_empty) == ("", False)

    (tmp_path / "other").mkdir()
    with Project.open(tmp_path / "other") as other:
        images = [File(name, tmp_path / name) for name in ("a.jpg", "b.jpg", "c.jpg")]
        other.add_images(image.name for image in images)
        other.apply(noted("b.jpg", ImageNotes("mine")))
        importing = RegionImport(target, read_coco_boxes(target), images=images)
        for image, record in importing.matched:
            importing.take_over(other, image, importing.fit(image, record))
        assert other.image_notes("a.jpg") == ImageNotes("zu dunkel", True)
        assert other.image_notes("b.jpg") == ImageNotes("mine")
        assert "another note, which stays: 1, such as b.jpg" in str(importing.report())
        assert other.undo("a.jpg") is not None and other.image_notes("a.jpg") == ImageNotes()


def test_the_profile_without_notes_says_that_it_has_none(project: Project, tmp_path: Path) -> None:
    project.set_image_size("a.jpg", 90, 90)
    project.apply(noted("a.jpg", ImageNotes("dark", True)))
    result = export_regions(project, tmp_path / "out.json", partial(write_coco, profile="gpt4roi"))
    assert [loss.field for loss in result.losses if loss.kind == "dropped"] == ["note", "reviewed_empty"]
    assert "dark" not in (tmp_path / "out.json").read_text("utf-8")


def test_a_merge_keeps_the_notes_of_both(project: Project, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    with Project.open(tmp_path / "copy") as other:
        other.add_images(["a.jpg", "b.jpg", "c.jpg"])
        other.apply(noted("a.jpg", ImageNotes("theirs", True)))
        other.apply(noted("b.jpg", ImageNotes("theirs", True)))
    project.apply(noted("a.jpg", ImageNotes("ours")))
    project.apply(create("b.jpg", suggested("r1")))
    merge(project, tmp_path / "copy" / PROJECT_NAME)
    assert project.image_notes("a.jpg") == ImageNotes("ours\ntheirs", True)
    assert project.image_notes("b.jpg") == ImageNotes("theirs", False)
    merge(project, tmp_path / "copy" / PROJECT_NAME)
    assert project.image_notes("a.jpg") == ImageNotes("ours\ntheirs", True)


def test_a_file_of_an_earlier_version_is_read_and_brought_up_to_date(project: Project, tmp_path: Path) -> None:
    region = suggested("r1")
    project.apply(Edit("Draw box", "a.jpg", (RegionChange("a.jpg", None, region),)))
    certainty = project.database.execute("SELECT certainty FROM images WHERE key = 'a.jpg'").fetchone()
    assert certainty[0] is not None
    project.close()
    make_older(tmp_path / PROJECT_NAME, 2)
    with Project.open(tmp_path, read_only=True) as older:
        row = older.image("a.jpg")
        assert row is not None and (row.note, row.suggested) == ("", 1)
        assert older.regions("a.jpg") == (region,) and [i.note for i in older.export_images()] == ["", "", ""]
        assert check_project(older).ok
    with Project.open(tmp_path) as migrated:
        found = migrated.database.execute("SELECT certainty FROM images WHERE key = 'a.jpg'").fetchone()
        assert found == certainty and check_project(migrated).ok
        migrated.apply(noted("c.jpg", EMPTY))
        assert migrated.images().finished == 1


def test_a_step_that_unpacks_without_end_is_refused(project: Project) -> None:
    project.apply(noted("a.jpg", ImageNotes("blurry")))
    with project.writing():
        project.database.execute("UPDATE history SET edit = ?", (zlib.compress(bytes(65 << 20)),))
    with pytest.raises(ProjectError, match="unpack to more than 64 MB"):
        project.undo("a.jpg")
    assert project.image_notes("a.jpg").note == "blurry"
    assert "unpack to more than 64 MB" in str(check_project(project).problems)
