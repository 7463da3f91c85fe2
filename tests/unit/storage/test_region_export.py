"""An export hands regions of the chosen states to a writer and counts the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import Attribute, Provenance, Region, ReviewState
from roi_assistant.errors import BadInputError
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.formats.export_report import ExportReport
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
    ]
    export_regions(project, tmp_path / "out.txt", writer, states=accepted, lossless=True)
    assert writer.images[0].regions == (after,)
