"""Annotation files that come into the open project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtWidgets import QApplication, QFileDialog

from roi_assistant.core.box import Box
from roi_assistant.storage.project import Project
from roi_assistant.ui.session import import_job
from roi_assistant.ui.session.import_job import start_import
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import is_open, make_photos, run_program, wait_for
from tests.gui.session.session_setup import Setup

NAMES = ("a.png", "b.png", "inner/c.png")


@pytest.fixture
def setup(tmp_path: Path, qapp: QApplication) -> Iterator[Setup]:
    made = Setup(make_photos(tmp_path / "photos"))
    yield made
    made.close()


def coco(path: Path, *annotations: dict[str, Any]) -> Path:
    """A COCO file about the photos (images 1 to 3) and one that is not there (4)."""
    names = (*NAMES, "gone.png")
    data = {
        "images": [{"id": n, "file_name": name, "width": 400, "height": 300} for n, name in enumerate(names, start=1)],
        "categories": [{"id": 7, "name": "cat"}],
        "annotations": [
            {"id": n, "category_id": 7, "bbox": [10, 10, 20, 20], **a} for n, a in enumerate(annotations, start=1)
        ],
    }
    path.write_text(json.dumps(data))
    return path


def test_regions_come_to_the_image_in_sight_and_to_others(setup: Setup, tmp_path: Path) -> None:
    session = setup.session
    mine = session.edits.add_box(Box(100, 100, 150, 150))
    file = coco(tmp_path / "in.json", {"image_id": 1, "caption": "a cat"}, {"image_id": 2, "bbox": [390, 10, 40, 20]})
    start_import(session, file)
    later = session.edits.add_box(Box(200, 100, 250, 150))
    wait_for(lambda: setup.notices)
    setup.settle()
    assert setup.notices[0].splitlines() == [
        "Imported regions: 2, on images: 2.",
        f"{file}: images without boxes in it, left out: 1.",
        "Boxes clipped to their image: 1, such as b.png, region 2.",
    ]
    (imported,) = {region.id for region in session.image.regions} - {mine, later}
    assert [job.state for job in session.jobs.statuses] == ["done"]
    with Project.open(setup.folder, read_only=True) as stored:
        assert stored.regions("a.png") == session.image.regions, "in the same order"
        assert [region.box for region in stored.regions("b.png")] == [Box(390, 10, 400, 30)]
        assert stored.category_ids() == {"cat": 7}
    session.edits.delete([later])
    session.history.undo()
    setup.settle()
    assert imported in {region.id for region in session.image.regions}, "one step each"


def test_undo_takes_one_image_back(setup: Setup, tmp_path: Path) -> None:
    start_import(
        setup.session,
        coco(
            tmp_path / "in.json",
            *({"image_id": n, "bbox": [10 * n, 10, 20, 20 + i]} for i, n in enumerate((1, 1, 2, 3))),
        ),
    )
    wait_for(lambda: setup.notices)
    assert setup.notices == ["Imported regions: 4, on images: 3."]
    assert len(setup.session.image.regions) == 2 and setup.session.history.state.undo_label == "Import regions"
    setup.session.history.undo()
    setup.settle()
    assert setup.session.image.regions == ()
    with Project.open(setup.folder, read_only=True) as stored:
        assert [len(stored.regions(name)) for name in NAMES] == [0, 1, 1]


def test_a_job_that_is_stopped_keeps_what_it_has_done(
    setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_job, "PORTION", 1)
    session, file = setup.session, coco(tmp_path / "in.json", *({"image_id": n} for n in (1, 2, 3)))
    stop: list[str] = []
    stopping = session.image.regionsChanged.connect(lambda: session.jobs.cancel(stop[0]))
    stop.append(start_import(session, file))
    wait_for(lambda: [job.state for job in session.jobs.statuses] == ["cancelled"])
    setup.settle()
    with Project.open(setup.folder, read_only=True) as stored:
        assert 1 <= sum(len(stored.regions(name)) for name in NAMES) < 3
    session.image.disconnect(stopping)
    start_import(session, file)
    wait_for(lambda: setup.notices)
    with Project.open(setup.folder, read_only=True) as stored:
        assert [len(stored.regions(name)) for name in NAMES] == [1, 1, 1]
    assert "Regions that were there already" in setup.notices[0]


def test_a_file_that_is_no_annotation_file(setup: Setup, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    for file, words in ((bad, "bad.json"), (coco(tmp_path / "in.json", {"image_id": 4}), "lists gone.png")):
        setup.notices.clear()
        start_import(setup.session, file)
        wait_for(lambda: setup.notices)
        assert words in setup.notices[0] and "not imported" in setup.notices[0]
    assert setup.session.image.regions == () and {job.state for job in setup.session.jobs.statuses} == {"failed"}
    setup.session.edits.add_box(Box(1, 1, 9, 9))
    assert len(setup.session.image.regions) == 1, "nothing waits any more"


def test_a_project_that_another_program_holds_is_not_changed(tmp_path: Path, qapp: QApplication) -> None:
    folder = make_photos(tmp_path / "photos")
    with Project.open(folder) as other:
        other.add_images(NAMES)
        setup = Setup(folder)
        start_import(setup.session, coco(tmp_path / "in.json", {"image_id": 1}))
        wait_for(lambda: any("reading only" in text for text in setup.notices))
        assert other.regions("a.png") == ()
        setup.close()


@pytest.mark.usefixtures("writer")
def test_from_the_menu_in_the_format_of_a_plugin(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = {
        "filename": "a.png", "width": 400, "height": 300,
        "grounding": {"caption": "a cat", "regions": [{"bbox": [10, 10, 30, 30], "phrase": "a cat"}]},
    }  # fmt: skip
    file = tmp_path / "in.jsonl"
    file.write_text(json.dumps(line) + "\n")
    asked: list[str] = []

    def choose(_parent: object, _title: str, _start: str, kinds: str) -> tuple[str, str]:
        asked.extend(kinds.split(";;"))
        return str(file), next(kind for kind in asked if kind.startswith("odvg"))

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)

    def drive(window: MainWindow) -> None:
        wait_for(lambda: is_open(window), "the first image")
        window.actions_of["import_annotations"].trigger()
        wait_for(lambda: window.session.image.regions, "the imported region")
        assert asked[0].startswith("All annotation files (*.json ")
        assert asked[1] == "COCO with captions and attributes (*.json)"
        assert window.session.image.regions[0].box == Box(10, 10, 30, 30)

    assert run_program(drive, "open", str(photos)) == 0


@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize("whole_folder", [True, False])
def test_files_of_labelme_are_known_by_their_content(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole_folder: bool
) -> None:
    shape = {"label": "cat", "points": [[10, 10], [30, 40]], "shape_type": "rectangle", "description": "a cat"}
    record = {"shapes": [shape], "imagePath": "a.png", "imageData": None, "imageHeight": 300, "imageWidth": 400}
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/a.json").write_text(json.dumps(record))
    file = str(tmp_path / "labels/a.json")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda _w, _t, _s, kinds: (file, kinds.split(";;")[0]))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "labels"))

    def drive(window: MainWindow) -> None:
        wait_for(lambda: is_open(window), "the first image")
        window.actions_of["import_annotation_folder" if whole_folder else "import_annotations"].trigger()
        wait_for(lambda: window.session.image.regions, "the imported region")
        (region,) = window.session.image.regions
        assert (region.box, region.category) == (Box(10, 10, 30, 40), "cat")

    assert run_program(drive, "open", str(photos)) == 0


@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize(
    ("button", "words"), [("Take those of the file", ["a mug"]), ("Keep both", ["a cup", "a mug"])]
)
def test_a_region_that_differs_is_asked_about(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, button: str, words: list[str]
) -> None:
    file = tmp_path / "in.json"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))

    def captions(window: MainWindow) -> list[str]:
        return [region.captions[0].text for region in window.session.image.stored if region.captions]

    def drive(window: MainWindow) -> None:
        wait_for(lambda: is_open(window), "the first image")
        coco(file, {"image_id": 1, "caption": "a cup"})
        window.actions_of["import_annotations"].trigger()
        wait_for(lambda: captions(window) == ["a cup"], "the imported region")
        coco(file, {"image_id": 1, "caption": "a mug"})
        window.actions_of["import_annotations"].trigger()
        wait_for(lambda: any(line.buttons for line in window.bar.lines), "the question")
        assert captions(window) == ["a cup"], "nothing is decided in silence"
        (line,) = (line for line in window.bar.lines if line.buttons)
        assert line.notice.text == "Other in in.json than in the project, which stayed: 1 region."
        next(each for each in line.buttons if each.text() == button).click()
        wait_for(lambda: captions(window) == words, "what was chosen")
        assert not any(line.buttons for line in window.bar.lines)

    assert run_program(drive, "open", str(photos)) == 0
