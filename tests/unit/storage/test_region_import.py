"""Annotation files that come into a project: what comes of regions that are there, do not fit, or cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from roi_assistant.cli import main
from roi_assistant.core.box import Box
from roi_assistant.core.edits import CategoryChange, Edit, RegionChange
from roi_assistant.core.records import CategoryList, Region
from roi_assistant.core.text_bounds import LONGEST_NAME, LONGEST_TEXT
from roi_assistant.storage.project import Project

Import = Callable[..., str]


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``a.png`` of 64 x 48 pixels, and ``turned.jpg``, which is stored with 64 x 48 and shown with 48 x 64."""
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path / "home"))
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.new("RGB", (64, 48)).save(folder / "a.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (64, 48)).save(folder / "turned.jpg", exif=exif)
    return folder


@pytest.fixture
def imported(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Import:
    """Imports boxes of 20 x 20 pixels on ``a.png``, unless told otherwise, and answers what was said."""

    def run(*entries: dict[str, Any], options: tuple[str, ...] = (), code: int = 0, **image: object) -> str:
        plain = {"image_id": 1, "category_id": 1, "bbox": [8, 8, 20, 20]}
        file = tmp_path / "in.json"
        file.write_text(
            json.dumps(
                {
                    "images": [{"id": 1, "file_name": "a.png", "width": 64, "height": 48} | image],
                    "categories": [{"id": 1, "name": "cup"}],
                    "annotations": [{"id": n} | plain | entry for n, entry in enumerate(entries, start=1)],
                }
            )
        )
        assert main(["project", "import", str(photos), str(file), *options]) == code
        said = capsys.readouterr()
        return said.out + said.err

    return run


def regions(photos: Path, name: str = "a.png") -> tuple[Region, ...]:
    with Project.open(photos, read_only=True) as project:
        return tuple(project.regions(name))


def test_a_second_file_with_the_same_numbers(photos: Path, imported: Import) -> None:
    imported({})
    assert "1 region on 1 image taken over" in imported({"bbox": [34, 20, 20, 20]})
    assert [region.box for region in regions(photos)] == [Box(8, 8, 28, 28), Box(34, 20, 54, 40)]


def test_a_box_with_other_words_stays_is_replaced_or_comes_beside(photos: Path, imported: Import) -> None:
    imported({"caption": "a cup"})
    (before,) = regions(photos)
    mug = {"caption": "a mug"}
    said = imported(mug)
    assert "left as they are: 1, such as a.png, region 1." in said and "--on-conflict replace, or both" in said
    assert regions(photos) == (before,)
    assert "now there twice: 1" in imported(mug, options=("--on-conflict", "both"))
    assert [region.captions[0].text for region in regions(photos)] == ["a cup", "a mug"]
    assert "there already: 1" in imported(mug, options=("--on-conflict", "both"))
    with Project.open(photos) as project:
        project.undo("a.png")
    assert "replaced: 1" in imported(mug, options=("--on-conflict", "replace"))
    (after,) = regions(photos)
    assert (after.id, after.captions[0].text) == (before.id, "a mug")
    with Project.open(photos) as project:
        project.undo("a.png")
    assert regions(photos) == (before,)


def test_a_locked_region_is_not_replaced(photos: Path, imported: Import) -> None:
    imported({"caption": "a cup"})
    (before,) = regions(photos)
    locked = replace(before, locked=True)
    with Project.open(photos) as project:
        project.apply(Edit("Lock", "a.png", (RegionChange("a.png", before, locked),)))
    assert "left as they are: 1" in imported({"caption": "a mug"}, options=("--on-conflict", "replace"))
    assert regions(photos) == (locked,)


def test_a_region_that_was_edited_does_not_come_again(photos: Path, imported: Import) -> None:
    imported({"caption": "a cup"})
    (before,) = regions(photos)
    edited = replace(before, box=Box(30, 20, 50, 40), category="mug", captions=())
    with Project.open(photos) as project:
        project.apply(Edit("Edit", "a.png", (RegionChange("a.png", before, edited),)))
    assert "left as they are: 1" in imported({"caption": "a cup"})
    assert regions(photos) == (edited,)


def test_equal_annotations_of_one_file_come_once(photos: Path, imported: Import) -> None:
    assert "with the box and words of another one in the file, left out: 1, such as a.png, region 2." in imported(
        {}, {}
    )
    assert len(regions(photos)) == 1


def test_that_there_is_nothing_is_not_believed_of_an_image_with_boxes(photos: Path, imported: Import) -> None:
    assert "because the image has boxes: images.reviewed_empty: 1, such as a.png" in imported({}, reviewed_empty=True)
    assert "by the file, and that have boxes: 1, such as a.png." in imported(reviewed_empty=True)
    with Project.open(photos, read_only=True) as project:
        assert not project.image_notes("a.png").reviewed_empty


def test_boxes_of_a_resized_copy(photos: Path, imported: Import) -> None:
    said = imported({"bbox": [16, 12, 16, 12]}, width=32, height=24)
    assert "whose boxes were scaled: 1, such as a.png: 32 x 24 in the file, 64 x 48 in the photo." in said
    assert regions(photos)[0].box == Box(32, 24, 64, 48)


def test_boxes_of_a_photo_before_it_is_turned(photos: Path, imported: Import) -> None:
    said = imported({"bbox": [2, 2, 20, 10]}, file_name="turned.jpg")
    assert "whose boxes were turned: 1, such as turned.jpg: 64 x 48 in the file, 48 x 64 in the photo." in said
    assert regions(photos, "turned.jpg")[0].box == Box(36, 2, 46, 22)


def test_boxes_from_0_to_1(photos: Path, imported: Import) -> None:
    assert "from 0 to 1 in the file and became pixels: 1" in imported({"bbox": [0.25, 0.5, 0.5, 0.25]})
    assert regions(photos)[0].box == Box(16, 24, 48, 36)


def test_tiny_boxes_of_our_own_file_stay_in_pixels(photos: Path, imported: Import) -> None:
    assert "became pixels" not in imported({"bbox": [0.25, 0.5, 0.5, 0.25], "region_id": "0123456789abcdef"})
    assert regions(photos)[0].box == Box(0.25, 0.5, 0.75, 0.75)


def test_boxes_that_may_be_percent_are_not_guessed(photos: Path, imported: Import) -> None:
    Image.new("RGB", (640, 480)).save(photos / "a.png")
    boxes: list[dict[str, Any]] = [{"bbox": [x, 10, 10, 70]} for x in (0, 30, 85)]
    size = {"width": 640, "height": 480}
    said = imported(*boxes, code=2, **size)
    assert "may be percent. Say what they are: project import --boxes percent, or pixels." in said
    assert not (photos / "project.roi").exists()
    assert "percent in the file and became pixels: 1, such as a.png" in imported(
        *boxes, options=("--boxes", "percent"), **size
    )
    assert regions(photos)[2].box == Box(544, 48, 608, 384)
    assert "3 regions on 1 image" in imported(*boxes, options=("--boxes", "pixels"), **size)


def test_boxes_of_another_photo(photos: Path, imported: Import) -> None:
    assert "Stop" not in (said := imported({}, width=64, height=64, options=("--strict",), code=2))
    assert "a.png: 64 x 64 in the file, 64 x 48 in the photo: boxes of the file do not fit" in said
    assert not (photos / "project.roi").exists()
    said = imported({}, width=64, height=64)
    assert "0 regions on 0 images taken over." in said and "do not fit and were left out: 1, such as a.png" in said
    assert regions(photos) == ()


def test_one_stray_annotation_stops_only_where_that_is_wanted(photos: Path, imported: Import) -> None:
    assert "There is no image with the id 9" in imported({}, {"image_id": 9}, options=("--strict",), code=2)
    assert not (photos / "project.roi").exists()
    said = imported({}, {"image_id": 9})
    assert "1 region on 1 image taken over." in said
    assert "annotations left out: 1, such as: " in said and "annotation 2: There is no image with the id 9." in said


def test_nothing_but_crowds_is_said(imported: Import) -> None:
    assert "masks of crowds (iscrowd 1) left out" in imported({"iscrowd": 1}, code=2)


def test_polygons_are_not_called_lossless(imported: Import) -> None:
    said = imported({"segmentation": [[8, 8, 28, 8, 18, 28]]})
    assert "nothing was lost" not in said
    assert "Left out, because projects have no place for it: segmentation: 1, such as a.png, region 1" in said


def test_true_and_false_are_lost_only_where_the_project_does_not_ask_so(photos: Path, imported: Import) -> None:
    assert "true and false are kept as the texts yes and no: attributes.clean: 1" in imported(
        {"attributes": {"clean": True}}
    )


def test_a_region_on_a_photo_that_cannot_be_read_is_counted_by_the_export(
    photos: Path, imported: Import, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / "a.png").write_bytes(b"no picture")
    assert "cannot be read, whose boxes were not checked: 1, such as a.png." in imported({})
    assert main(["project", "export", str(photos), str(tmp_path / "out.json")]) == 2
    said = capsys.readouterr().err
    assert "region: dropped 1 time, its image cannot be read" in said and "nothing was lost" not in said


def test_categories_outside_a_closed_list_are_told(photos: Path, imported: Import) -> None:
    with Project.open(photos) as project:
        listed = (CategoryList(), CategoryList(("dog",), closed=True))
        project.change_categories(Edit("Categories", "", categories=CategoryChange(listed=listed)))
    assert "not in the project's closed list: cup." in imported({})
    assert regions(photos)[0].category == "cup"


def test_texts_without_end_are_left_out_and_counted(photos: Path, imported: Import) -> None:
    said = imported(
        {"caption": "word " * 20_000}, {"caption": "a cup", "bbox": [1, 1, 9, 9], "attributes": {"a" * 500: "b"}}
    )
    assert f"longer than {LONGEST_TEXT} letters, and names longer than {LONGEST_NAME}, left out: 2, such as a" in said
    first, second = regions(photos)
    assert (first.captions, second.captions[0].text, second.attributes) == ((), "a cup", ())
