"""What the list of images tells about the folder and its photos."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.storage.project import Project
from tests.gui.application_fixtures import make_photos, wait_for
from tests.gui.session.session_setup import Setup
from tests.unit.region_records import create, suggested


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_photos(tmp_path / "photos")


@pytest.fixture
def setup(folder: Path, qapp: QApplication) -> Iterator[Setup]:
    made = Setup(folder)
    yield made
    made.close()


class TestFolder:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """Two photos, one in a sub-folder with a project of its own, a third there, and a file of Photoshop."""
        folder = make_photos(tmp_path / "photos")
        (folder / "layers.psd").touch()
        (folder / "day1").mkdir()
        (folder / "inner" / "c.png").unlink()
        Image.new("RGB", (80, 70)).save(folder / "day1" / "x.png")
        with Project.open(folder / "day1") as project:
            project.apply(create("x.png", suggested()))
        return folder

    def test_what_is_left_out_and_projects_of_sub_folders_are_told(self, setup: Setup) -> None:
        wait_for(lambda: len(setup.notices) == 2)
        unread, project = setup.notices
        assert "1 .psd, such as layers.psd" in unread
        assert project.startswith("day1 has a project of its own") and "project merge" in project


def test_a_photo_of_another_size_than_before_is_told(setup: Setup) -> None:
    setup.session.edits.add_box(Box(10, 10, 60, 60))
    setup.settle()
    wait_for(lambda: setup.session.images.row("a.png").regions == 1)
    setup.session.set_image_size("a.png", 400, 300)
    assert setup.notices == []
    setup.session.set_image_size("a.png", 200, 150)
    (notice,) = setup.notices
    assert notice.startswith("a.png had 400 x 300 pixels when its regions were made, and now has 200 x 150")
