"""``roi-assistant project``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from roi_assistant.cli import main
from roi_assistant.core import review
from roi_assistant.formats.coco_region_text import read_coco_boxes
from roi_assistant.storage.backup import backups
from roi_assistant.storage.project import Project
from tests.unit.region_records import NOW, change, create, suggested

IMAGE = "sub/cup.png"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures, one with a suggestion, an accepted and a rejected region."""
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    for name in (IMAGE, "empty.png"):
        Image.new("RGB", (80, 70)).save(folder / name)
    accepted, rejected = suggested("accepted"), suggested("rejected")
    with Project.open(folder) as project:
        project.add_images([IMAGE, "empty.png"])
        project.apply(create(IMAGE, suggested(), accepted, rejected))
        project.apply(change(IMAGE, accepted, review.accept(accepted, at=NOW)))
        project.apply(change(IMAGE, rejected, review.reject(rejected, at=NOW)))
    return folder


def test_info(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["project", "info", str(folder), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["images"], facts["regions"], facts["accepted"], facts["categories"]) == (2, 3, 1, 1)
    assert facts["right_of_first_50"] is facts["right_of_last_50"] is None, "too few were decided"
    (outcome,) = facts["outcomes"]
    assert outcome["given"] == sum(outcome[kind] for kind in ("waiting", "unchanged", "edited", "rejected"))
    assert main(["project", "info", str(folder)]) == 0
    told = capsys.readouterr().out
    assert "images with regions" in told and f"{outcome['model_id']} {outcome['weights_sha256'][:8]}: " in told


@pytest.mark.parametrize("command", ["info", "check", "backup", "export"])
def test_a_folder_without_a_project_stays_so(tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    more = [str(tmp_path / "out.json")] if command == "export" else []
    assert main(["project", command, str(tmp_path), *more]) == 2
    assert "open the folder once" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_check_of_a_sound_project(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "empty.png").unlink()
    assert main(["project", "check", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "missing file: empty.png" in out and "is sound: 2 images (1 files missing), 3 regions" in out


def test_check_finds_what_is_wrong_and_repairs_what_is_derived(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Project.open(folder, backup=False) as project:
        project.database.execute("UPDATE images SET accepted = 7")
        (trigger,) = project.database.execute("SELECT sql FROM sqlite_schema WHERE name = 'region_changed'").fetchone()
        project.database.execute("DROP TRIGGER region_changed")
        project.database.execute("UPDATE regions SET caption_text = 'nowhere' WHERE region_id = 'r1'")
        project.database.execute(trigger)
    assert main(["project", "check", str(folder)]) == 1
    out = capsys.readouterr().out
    assert "search index" in out and f"{IMAGE}: the counts" in out and "NOT sound" in out
    assert main(["project", "check", str(folder), "--repair"]) == 0
    assert main(["project", "check", str(folder)]) == 0


def test_check_beside_an_open_window(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Project.open(folder, backup=False):
        assert main(["project", "check", str(folder)]) == 0
        assert "search index is not checked" in capsys.readouterr().err
        assert main(["project", "check", str(folder), "--repair"]) == 6


def test_backup_and_restore(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["project", "restore", str(folder)]) == 2
    with Project.open(folder, backup=False):  # also while it is open
        assert main(["project", "backup", str(folder)]) == 0
        assert main(["project", "restore", str(folder)]) == 6
    saved = backups(folder / "project.roi")
    assert len(saved) == 1 and str(saved[0]) in capsys.readouterr().out
    (folder / "project.roi").write_bytes(b"broken")
    assert main(["project", "check", str(folder)]) == 6
    assert str(saved[0]) in capsys.readouterr().err
    assert main(["project", "restore", str(folder)]) == 0
    assert main(["project", "check", str(folder)]) == 0


def test_merge(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    with Project.open(copy, backup=False) as project:
        project.apply(create(IMAGE, suggested("theirs")))
    assert main(["project", "merge", str(folder), str(copy)]) == 0
    assert "1 regions added" in capsys.readouterr().out
    assert len(backups(folder / "project.roi")) == 1
    assert main(["project", "merge", str(folder), str(tmp_path / "no.roi")]) == 2
    with Project.open(folder, read_only=True) as project:
        assert len(project.regions(IMAGE)) == 4


def test_export(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    assert main(["project", "export", str(folder), str(out)]) == 0
    assert "2 images, 2 regions written" in capsys.readouterr().err
    data = read_coco_boxes(out)
    assert [(image.file_name, image.width, image.height) for image in data.images] == [
        ("empty.png", 80, 70),
        (IMAGE, 80, 70),
    ]
    with Project.open(folder, read_only=True) as project:
        assert data.images[1].regions == project.regions(IMAGE)[:2]
        assert data.category_ids == project.category_ids()
    assert main(["project", "export", str(folder), str(out), "--state", "accepted", "--profile", "gpt4roi"]) == 0
    assert "2 images, 1 region written" in capsys.readouterr().err


def test_an_image_that_cannot_be_read_is_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / IMAGE).write_bytes(b"no picture")
    assert main(["project", "export", str(folder), str(tmp_path / "out.json")]) == 2
    assert f"Not written: {IMAGE}: " in capsys.readouterr().err
    assert [image.file_name for image in read_coco_boxes(tmp_path / "out.json").images] == ["empty.png"]


@pytest.mark.parametrize("name", ["project.roi", "PROJECT.ROI", IMAGE, "new.JPG", "link", "project.roi-wal"])
def test_images_and_projects_are_not_overwritten_by_an_export(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "link").symlink_to(folder / IMAGE)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert main(["project", "export", str(folder), str(folder / name)]) == 2
    assert "give another name" in capsys.readouterr().err
    assert {name: (folder / name).read_bytes() for name in before} == before
