"""Two copies of a project become one, and what people wrote on either side is still there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from PIL import Image

from roi_assistant.core import review
from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit
from roi_assistant.core.records import AttributeDefinition, AttributeSchema, Conversation, Region, Turn
from roi_assistant.errors import ProjectDamagedError, ProjectError
from roi_assistant.imaging.folders import find_keys
from roi_assistant.storage.backup import backups
from roi_assistant.storage.checking import check_project
from roi_assistant.storage.merging import MergeReport, merge
from roi_assistant.storage.project import Project
from roi_assistant.storage.sub_projects import SubProjects, tell_sub_projects
from tests.unit.region_records import FEW, LATER, NOW, OTHER_MODEL, answer, change, create, regions, suggested

IMAGE = "a.jpg"
EVEN_LATER = "2026-01-04T03:04:05+00:00"
Act = Callable[[Region], Region]


def merged(tmp_path: Path, ours: Act, theirs: Act, *, region: Region | None = None) -> tuple[list[Region], MergeReport]:
    """The regions and the report, after both sides did something to copies of the same region."""
    region = region or suggested()
    here, theirs_folder = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    with Project.open(here) as project:
        project.apply(create(IMAGE, region))
    shutil.copytree(here, theirs_folder)
    for folder, act in ((here, ours), (theirs_folder, theirs)):
        with Project.open(folder, backup=False) as project:
            project.apply(change(IMAGE, region, act(region)))
    with Project.open(here, backup=False) as project:
        report = merge(project, theirs_folder / "project.roi")
        assert check_project(project).ok
        again = merge(project, theirs_folder / "project.roi")
        assert (again.regions_added, again.regions_taken) == (0, 0)
        return list(project.regions(IMAGE)), report


def same(region: Region) -> Region:
    return replace(region, created_at="copied")


def accept(region: Region) -> Region:
    return review.accept(region, at=NOW)


def test_what_only_one_side_has_is_added(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        with Project.open(tmp_path / name) as project:
            project.ensure_category("zebra" if name == "here" else "apple", id=5)
            project.add_images([IMAGE, f"{name}.jpg"])
            project.apply(create(IMAGE, suggested(name, category=name)))
            project.save_conversation(IMAGE, Conversation(IMAGE, (name,), (Turn("user", name),)))
    with Project.open(tmp_path / "there", backup=False) as project:
        project.set_image_size(IMAGE, 640, 480)
    with Project.open(tmp_path / "here", backup=False) as project:
        report = merge(project, tmp_path / "there" / "project.roi")
        assert (report.images_added, report.regions_added, report.conversations_added) == (1, 1, 1)
        assert [row.key for row in project.images()] == [IMAGE, "here.jpg", "there.jpg"]
        assert [region.id for region in project.regions(IMAGE)] == ["here", "there"]
        assert len(project.conversations(IMAGE)) == 2 and project.search("there")[0].region_id == "there"
        assert project.category_ids()["zebra"] == 5 and project.category_ids()["apple"] != 5
        assert any("'apple'" in conflict for conflict in report.conflicts)
        row = project.image(IMAGE)
        assert row is not None and (row.width, row.regions) == (640, 2)
        project.undo(IMAGE)
        assert [region.id for region in project.regions(IMAGE)] == ["here"]


def test_a_decision_beats_a_suggestion_on_either_side(tmp_path: Path) -> None:
    for ours, theirs in ((accept, same), (same, accept)):
        (region,), report = merged(tmp_path, ours, theirs)
        assert region.state == "accepted" and report.conflicts == ()
        shutil.rmtree(tmp_path / "here")
        shutil.rmtree(tmp_path / "there")


def test_the_later_decision_stays_and_the_other_words_become_an_alternative(tmp_path: Path) -> None:
    (region,), report = merged(
        tmp_path,
        lambda r: review.set_category(review.edit_caption(r, "our words", at=NOW), "our thing", at=NOW),
        lambda r: review.set_category(review.edit_caption(r, "their words", at=LATER), "their thing", at=LATER),
    )
    assert [c.text for c in region.captions if c.provenance.author == "human"] == ["their words", "our words"]
    preferred = review.preferred_caption(region)
    assert preferred is not None and preferred.text == "their words"
    assert region.category == "their thing" and "our thing" in [c.text for c in region.category_alternatives]
    assert len(report.conflicts) == 3  # and the id of the new category, which differs


def test_the_later_decision_stays_whatever_its_offset(tmp_path: Path) -> None:
    (region,), _ = merged(
        tmp_path,
        lambda r: review.edit_caption(r, "our words", at="2026-01-02T10:30:00+00:00"),
        lambda r: review.edit_caption(r, "their words", at="2026-01-02T11:00:00+02:00"),  # 9:00 in UTC
    )
    preferred = review.preferred_caption(region)
    assert preferred is not None and preferred.text == "our words"


def test_the_words_that_were_chosen_on_the_other_side_are_kept(tmp_path: Path) -> None:
    by_other = review.suggest(suggested(), answer("a striped cup"), provenance=OTHER_MODEL)
    (region,), _ = merged(
        tmp_path, lambda r: review.accept(by_other, at=NOW), lambda r: review.edit_caption(r, "their words", at=LATER)
    )
    assert "a striped cup" in [c.text for c in review.alternatives(region)]


def test_attributes_of_both_sides(tmp_path: Path) -> None:
    both, report = merged(
        tmp_path,
        lambda r: review.set_attribute(review.accept(r, at=NOW), "shape", ("round",), at=NOW),
        lambda r: review.set_attribute(review.accept(r, at=LATER), "color", ("green",), at=LATER),
    )
    assert [(a.name, a.values) for a in both[0].attributes] == [("color", ("green",)), ("shape", ("round",))]
    assert len(both) == 1 and not any("rejected" in conflict for conflict in report.conflicts)


def test_attributes_that_clash_are_kept_in_a_rejected_copy(tmp_path: Path) -> None:
    (stays, copy), report = merged(
        tmp_path,
        lambda r: review.set_attribute(review.accept(r, at=NOW), "color", ("blue",), at=NOW),
        lambda r: review.set_attribute(review.accept(r, at=LATER), "color", ("green",), at=LATER),
    )
    assert stays.attributes[0].values == ("green",) and stays.id == "r1"
    assert copy.attributes[0].values == ("blue",) and copy.state == "rejected" and copy.id != "r1"
    assert copy.id in report.conflicts[-1]


@given(regions, regions)
@settings(FEW, max_examples=12)
def test_no_words_of_a_person_are_lost(tmp_path_factory: pytest.TempPathFactory, ours: Region, theirs: Region) -> None:
    here, theirs_folder = tmp_path_factory.mktemp("here"), tmp_path_factory.mktemp("there")
    theirs = replace(theirs, id=ours.id)
    for folder, region in ((here, ours), (theirs_folder, theirs)):
        with Project.open(folder) as project:
            project.apply(create(IMAGE, region))
    with Project.open(here, backup=False) as project:
        merge(project, theirs_folder / "project.roi")
        merged = project.regions(IMAGE)
    captions = {c.text for region in merged for c in region.captions}
    categories = {region.category for region in merged} | {c.text for r in merged for c in r.category_alternatives}
    attributes = {(a.name, a.values) for region in merged for a in region.attributes}
    for region in (ours, theirs):
        assert {c.text for c in region.captions if c.provenance.author == "human"} <= captions
        assert {(a.name, a.values) for a in region.attributes if a.provenance.author == "human"} <= attributes
        if region.category_provenance is not None and region.category_provenance.author == "human" and region.category:
            assert region.category in categories


def test_schemas_are_united(tmp_path: Path) -> None:
    color = AttributeDefinition("color", "single", ("red", "blue"))
    ours = AttributeSchema("ours", (color, AttributeDefinition("note", "text")))
    theirs = AttributeSchema(
        "theirs",
        (
            replace(color, values=("blue", "green")),
            AttributeDefinition("note", "boolean"),
            AttributeDefinition("size", "single", ("big",)),
        ),
    )
    for name, schema in (("here", ours), ("there", theirs)):
        (tmp_path / name).mkdir()
        with Project.open(tmp_path / name) as project:
            project.apply(Edit("Set attributes", "", schema=(project.schema, schema)))
    with Project.open(tmp_path / "here", backup=False) as project:
        report = merge(project, tmp_path / "there" / "project.roi")
        assert project.schema == AttributeSchema(
            "ours", (replace(color, values=("red", "blue", "green")), ours.attributes[1], theirs.attributes[2])
        )
        assert len(report.conflicts) == 1 and "note" in report.conflicts[0]


def test_what_cannot_be_merged_changes_nothing(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        with Project.open(tmp_path / name) as project:
            project.apply(create(f"{name}.jpg", Region("r", Box(0, 0, 1, 1))))
    with Project.open(tmp_path / "here", backup=False) as project:
        with pytest.raises(ProjectError, match="in common"):
            merge(project, tmp_path / "there" / "project.roi")
        with pytest.raises(ProjectError, match="same project"):
            merge(project, tmp_path / "here" / "project.roi")
        (tmp_path / "bad.roi").write_bytes(b"")
        with pytest.raises(ProjectDamagedError):
            merge(project, tmp_path / "bad.roi")
        assert [row.key for row in project.images()] == ["here.jpg"]
        assert backups(project.path) == [], "a backup for nothing would push out an older one"


def folder_with(root: Path, key: str, *new: Region) -> Path:
    """The folder ``root`` with a photo and regions on it."""
    (root / key).parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (80, 70)).save(root / key)
    with Project.open(root, backup=False) as project:
        project.apply(create(key, *new))
    return root


def test_the_project_of_a_sub_folder_is_taken_over_under_its_name(tmp_path: Path) -> None:
    day = folder_with(tmp_path / "photos" / "day1", "a.png", replace(suggested("theirs"), copied_from="a.png"))
    photos = folder_with(tmp_path / "photos", "z.png", suggested("ours"))
    with Project.open(day, backup=False) as project:
        project.save_conversation("a.png", Conversation("a.png", ("theirs",), (Turn("user", "what?"),), id="c"))
    with Project.open(photos, backup=False) as project:
        assert "day1 has a project of its own" in str(tell_sub_projects(project, ["day1"]))
        report = merge(project, day / "project.roi")
        assert (report.images_added, report.regions_added, report.conversations_added) == (1, 1, 1)
        (region,) = project.regions("day1/a.png")
        assert (region.id, region.copied_from) == ("theirs", "day1/a.png")
        assert [talk.image for talk in project.conversations("day1/a.png")] == ["day1/a.png"]
        again = merge(project, day / "project.roi")
        assert (again.regions_added, again.regions_taken, again.conversations_added) == (0, 0, 0)
        assert not tell_sub_projects(project, ["day1"])
    with Project.open(day, backup=False) as project:  # and back: only what is below the sub-folder
        report = merge(project, photos / "project.roi")
        assert (report.images_added, report.regions_added) == (0, 0)
        assert project.image("z.png") is None and project.image("day1/a.png") is None


def test_a_copy_of_the_project_in_a_sub_folder_without_photos_is_a_copy(tmp_path: Path) -> None:
    photos = folder_with(tmp_path / "photos", "a.png", suggested("ours"))
    (photos / "from-anna").mkdir()
    shutil.copy(photos / "project.roi", photos / "from-anna")
    with Project.open(photos, backup=False) as project:
        report = merge(project, photos / "from-anna" / "project.roi")
        assert (report.images_added, report.regions_added) == (0, 0)


def test_projects_of_sub_folders_are_found_by_the_search_for_pictures(tmp_path: Path) -> None:
    folder_with(tmp_path / "photos" / "day1", "a.png", suggested())
    folder_with(tmp_path / "photos", "z.png", suggested())
    others = SubProjects()
    assert list(find_keys(tmp_path / "photos", other_file=others.add)) == ["z.png", "day1/a.png"]
    assert others.folders == ["day1"]
