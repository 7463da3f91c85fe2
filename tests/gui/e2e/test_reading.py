"""What is written on signs becomes an attribute, by hand and in a batch: real window, process and reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import AttributeDefinition, AttributeSchema, Region
from roi_assistant.storage.project import Project
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import is_open, run_program, wait_for
from tests.gui.e2e.driving import draw, shot, stored

SCHEMA = AttributeSchema("signs", (AttributeDefinition("color", "text"), AttributeDefinition("text", "text")))
SIGNS = {"a.png": "PLATFORM 9", "b.png": "EXIT"}
BOX = (110, 130, 520, 270)


def make_signs(folder: Path) -> None:
    for name, words in SIGNS.items():
        photo = Image.new("RGB", (640, 480), (96, 120, 96))
        pen = ImageDraw.Draw(photo)
        pen.rectangle(BOX, fill="navy")
        pen.text((140, 165), words, fill="white", font=ImageFont.load_default(54))
        photo.save(folder / name)
    with Project.open(folder) as project:
        project.apply(Edit("Change attributes", "", schema=(project.schema, SCHEMA)))
        project.add_images(SIGNS)
        project.apply(Edit("Add a box", "b.png", regions=(RegionChange("b.png", None, Region("waits", Box(*BOX))),)))


def values(region: Region | None) -> dict[str, str]:
    assert region is not None
    return {item.name: item.values[0] for item in region.attributes}


def work(window: MainWindow) -> None:
    wait_for(lambda: is_open(window) and len(window.session.images.keys) == 2, "the photos")
    session = window.session
    wait_for(lambda: session.image.size == (640, 480), "the picture")
    region = draw(window, (100, 120), (530, 280))
    assert values(region)["text"] == "PLATFORM 9"
    (by,) = [item.provenance for item in region.attributes if item.name == "text"]
    assert by.model_id == "rapidocr" and len(by.weights_sha256) == 64
    shot(window, "reading")
    session.reading.replace("no")
    assert "text" not in values(draw(window, (105, 125), (525, 275)))
    session.reading.replace("yes")
    session.open_image("b.png")
    wait_for(lambda: session.image.key == "b.png" and is_open(window), "the other photo")
    (id_,) = [region.id for region in session.image.regions]
    assert "text" not in values(session.image.region(id_))
    session.batches.start()

    def is_read() -> bool:
        region = session.image.region(id_)
        return region is not None and values(region).get("text") == "EXIT"

    wait_for(is_read, f"the batch; the jobs are {session.jobs.statuses}")
    stored(window)


def test_a_sign_is_read(home: Path, tmp_path: Path) -> None:
    pytest.importorskip("rapidocr", reason="reading text needs the extra 'ocr'")
    folder = tmp_path / "signs"
    folder.mkdir()
    make_signs(folder)
    assert run_program(work, "open", str(folder)) == 0
    with Project.open(folder, read_only=True) as project:
        kept = [values(region).get("text") for key in SIGNS for region in project.regions(key)]
    assert sorted(kept, key=str) == ["EXIT", "PLATFORM 9", "PLATFORM 9"], "the batch read the box that was not read"
