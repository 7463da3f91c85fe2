"""An export hands regions of the chosen states to a writer and counts the others."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import Attribute, Conversation, Provenance, Region, ReviewState, Turn
from roi_assistant.errors import BadInputError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.export_report import ExportReport
from roi_assistant.storage.checking import check_project
from roi_assistant.storage.project import Project
from roi_assistant.storage.region_export import export_regions


@pytest.fixture
def project(tmp_path: Path) -> Iterable[Project]:
    """``a.png`` with a region in each state, ``empty.png`` without any, and ``gone.png``, which is no picture."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.png", "empty.png"):
        Image.new("RGB", (80, 70)).save(folder / name)
    (folder / "gone.png").write_bytes(b"")
    states: tuple[ReviewState, ...] = ("suggested", "accepted", "edited", "rejected")
    changes = [RegionChange("a.png", None, Region(state, Box(0, 0, 9, 9), state=state)) for state in states]
    with Project.open(folder) as opened:
        opened.add_images(["a.png", "empty.png", "gone.png"])
        opened.apply(Edit("Draw", "a.png", tuple(changes)))
        yield opened


class Writer:
    def __init__(self, report: ExportReport | None) -> None:
        self.report, self.images = report, list[AnnotatedImage]()

    def __call__(self, path: Path, images: Iterable[AnnotatedImage]) -> ExportReport | None:
        self.images = list(images)
        return self.report


def test_regions_in_other_states_are_counted(project: Project, tmp_path: Path) -> None:
    writer = Writer(ExportReport(2, 1))
    result = export_regions(project, tmp_path / "out.txt", writer, states=["accepted"])
    first, second = writer.images
    assert (first.file_name, first.width, first.height) == ("a.png", 80, 70)
    assert [region.id for region in first.regions] == ["accepted"]
    assert (second.file_name, second.regions) == ("empty.png", ())
    assert [(loss.field, loss.count, str(loss.reason)) for loss in result.losses] == [
        ("region", 1, f"its review state is {state}") for state in ("suggested", "edited", "rejected")
    ]
    assert result.report is not None and result.report.losses == result.losses
    assert [image.key for image in result.skipped] == ["gone.png"]
    assert str(result).splitlines()[0] == f"{tmp_path / 'out.txt'}: 2 images, 1 region written."
    assert str(result).splitlines()[-1].startswith("Not written: gone.png: ")


def test_a_writer_that_does_not_count(project: Project, tmp_path: Path) -> None:
    result = export_regions(project, tmp_path / "out.txt", Writer(None), empty_images=False)
    assert result.report is None
    assert str(result).splitlines()[:2] == [
        f"{tmp_path / 'out.txt'}: written.",
        "  region: dropped 1 time, its review state is rejected (a.png, region rejected)",
    ]


def test_images_without_regions_may_be_left_out_and_a_step_stops_it(project: Project, tmp_path: Path) -> None:
    writer = Writer(None)
    steps: list[tuple[int, int]] = []
    export_regions(project, tmp_path / "x", writer, empty_images=False, step=lambda *step: steps.append(step))
    assert [image.file_name for image in writer.images] == ["a.png"] and steps == [(1, 3), (2, 3), (3, 3)]

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    writer = Writer(None)
    with pytest.raises(KeyboardInterrupt):
        export_regions(project, tmp_path / "x", writer, step=stop)
    assert writer.images == []


def test_a_picture_is_not_overwritten(project: Project) -> None:
    with pytest.raises(BadInputError, match="name of an image"):
        export_regions(project, project.folder / "a.png", Writer(None))


def test_what_nobody_confirmed_is_not_exported(project: Project, tmp_path: Path) -> None:
    model = Provenance("model", "2026-01-02T03:04:05+00:00", "mini")
    before = project.regions("a.png")[1]
    after = replace(
        before,
        category="sofa",
        category_provenance=model,
        category_unconfirmed=True,
        attributes=(
            Attribute("color", ("red",), model, 0.7),
            Attribute("action", ("sitting",), model, 0.6, unconfirmed=True),
        ),
    )
    project.apply(Edit("Change", "a.png", (RegionChange("a.png", before, after),)))
    writer = Writer(None)
    accepted: tuple[ReviewState, ...] = ("accepted",)
    result = export_regions(project, tmp_path / "out.txt", writer, states=accepted)
    (region,) = writer.images[0].regions
    assert region.category is None and [a.name for a in region.attributes] == ["color"]
    assert [str(loss) for loss in result.losses if loss.field != "region"] == [
        "attributes: dropped 1 time, nobody has confirmed it (a.png, region accepted, action: sitting)",
        "category: dropped 1 time, nobody has confirmed it (a.png, region accepted: sofa)",
        "category_provenance: dropped 1 time, nobody has confirmed it (a.png, region accepted: model)",
    ]
    export_regions(project, tmp_path / "out.txt", writer, states=accepted, lossless=True)
    assert writer.images[0].regions == (after,)


def test_conversations_go_to_formats_that_have_a_place_for_them(project: Project, tmp_path: Path) -> None:
    turns = (Turn("user", "What is here?"), Turn("assistant", "Nothing."))
    for name in ("a.png", "empty.png"):
        project.save_conversation(name, Conversation(name, (), turns))
    writer = Writer(None)
    result = export_regions(project, tmp_path / "out.txt", writer, empty_images=False, lossless=True)
    assert [image.file_name for image in writer.images] == ["a.png"]
    assert [str(loss) for loss in result.losses if loss.field == "conversation"] == [
        "conversation: dropped 1 time, the format has no place for it (a.png: What is here?)"
    ]
    result = export_regions(project, tmp_path / "out.txt", writer, empty_images=False, conversations=True)
    told = [(image.file_name, [talk.turns for talk in image.conversations]) for image in writer.images]
    assert told == [("a.png", [turns]), ("empty.png", [turns])], "one about the whole photo needs no region"
    assert not [loss for loss in result.losses if loss.field == "conversation"]


# -------------------------------------------------------------------------------------- photos that are not as recorded


def losses_of(project: Project, out: Path) -> tuple[list[str], list[AnnotatedImage]]:
    """What an export of the accepted region counts, without its examples and regions in other states."""
    writer = Writer(None)
    result = export_regions(project, out, writer, states=["accepted"], lossless=True)
    told = [f"{loss.field}: {loss.count}, {loss.reason}" for loss in result.losses if loss.kind != "dropped"]
    return told, writer.images


def test_a_photo_that_is_gone(project: Project, tmp_path: Path) -> None:
    project.set_image_size("a.png", 80, 70)
    (project.folder / "a.png").unlink()
    told, (image, _) = losses_of(project, tmp_path / "x")
    assert told == ["region: 1, its photo is missing or cannot be read"] and (image.width, image.height) == (80, 70)
    report = check_project(project)
    assert report.ok and not report.photos_fit and [fault.count for fault in report.photo_faults] == [4]


def test_a_photo_that_was_replaced_by_a_smaller_one(project: Project, tmp_path: Path) -> None:
    project.set_image_size("a.png", 80, 70)
    Image.new("RGB", (8, 20)).save(project.folder / "a.png")
    told, (image, _) = losses_of(project, tmp_path / "x")
    assert told == [
        "image: 1, its photo has another size than when its regions were made",
        "region: 1, it reaches beyond its photo",
    ]
    assert (image.width, image.height) == (8, 20)
    report = check_project(project)
    assert not report.photos_fit and [fault.count for fault in report.photo_faults] == [1, 4]


def test_a_region_outside_its_photo(project: Project, tmp_path: Path) -> None:
    outside = Region("far", Box(80, 0, 90, 9), state="accepted")
    project.apply(Edit("Draw", "a.png", (RegionChange("a.png", None, outside),)))
    assert losses_of(project, tmp_path / "x")[0] == ["region: 1, it lies outside its photo"]
    assert not check_project(project).photos_fit


def test_a_photo_that_is_turned_by_exif(project: Project, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (70, 80)).save(project.folder / "a.png", exif=exif)
    told, (image, _) = losses_of(project, tmp_path / "x")
    assert told == [
        "image: 1, readers that ignore the EXIF orientation see the photo unturned, and its boxes elsewhere"
    ]
    assert (image.width, image.height) == (80, 70)
    assert check_project(project).photos_fit


@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be made there")
@pytest.mark.parametrize(
    ("name", "reason"),
    [("a\\b.png", "Windows takes the backslash in its name for a folder"), ("a\nb.png", "its name holds a control")],
)
def test_a_photo_with_an_odd_name_is_exported_and_told(
    project: Project, tmp_path: Path, name: str, reason: str
) -> None:
    Image.new("RGB", (80, 70)).save(project.folder / name)
    project.add_images([name])
    told, images = losses_of(project, tmp_path / "x")
    assert name in [image.file_name for image in images]
    (loss,) = told
    assert loss.startswith(f"file_name: 1, {reason}")
