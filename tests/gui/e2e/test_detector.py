"""Detectors suggest boxes in the place of the model that writes: real window, real process, real if tiny detectors."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QPushButton

from roi_assistant.added_models import AddedModel, add_model
from roi_assistant.core.records import Region
from roi_assistant.storage.project import Project
from roi_assistant.storage.project_words import project_words
from roi_assistant.ui.pages.batch import BatchPage
from roi_assistant.ui.pages.models import ModelsPage
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import is_open, key, run_program, wait_for, write_settings
from tests.gui.e2e.driving import SHIFT, draw, shot, stored, words

SETTINGS = {"model": "writer", "language": "en", "theme": "light", "threads": 1, "device": "cpu"}


@pytest.fixture
def detectors(writer: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Name of a maker in `tests.unit.tiny_detectors` -> the folder that it made, added under its name."""
    for name in ("torch", "torchvision", "timm", "transformers"):
        pytest.importorskip(name, reason="detectors need the extra 'torch'")

    from tests.unit import tiny_detectors

    def add(name: str) -> Path:
        folder: Path = getattr(tiny_detectors, name)(tmp_path / name)
        add_model(AddedModel(id=name, kind="folder", place=str(folder), makes="proposer"))
        return folder

    return add


def opened(window: MainWindow) -> None:
    wait_for(lambda: is_open(window) and len(window.session.images.keys) == 3, "the photos")
    wait_for(lambda: window.session.image.size == (400, 300), "the picture")


def choose(window: MainWindow, detector: str) -> None:
    """Press the button of ``detector`` on the page Models, and go back to the picture."""
    window.show_page("models")
    page = window.pages.page("models")
    assert isinstance(page, ModelsPage)

    def button() -> QPushButton | None:
        found = page.findChildren(QPushButton)
        return next((one for one in found if one.accessibleName() == f"Let {detector} suggest boxes"), None)

    wait_for(lambda: button() is not None, "the list of models")
    shot(window, f"detector-models-{detector}")
    pressed = button()
    assert pressed is not None and pressed.isEnabled()
    pressed.click()
    wait_for(lambda: (now := button()) is not None and now.text() == "In use", "the choice")
    window.show_page("workspace")


def press(window: MainWindow, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    window.workspace.canvas.setFocus()
    key(window.workspace.canvas, Qt.Key.Key_P, modifiers)


def described(window: MainWindow) -> tuple[Region, ...]:
    """The boxes of the image in sight, once there are some and all have words."""
    session = window.session

    def is_done() -> bool:
        regions = session.image.regions
        return bool(regions) and not session.suggestions.pending and all(map(words, regions))

    wait_for(is_done, f"boxes with words; the bar says {window.bar.text!r}, the engine {session.engine.state}")
    stored(window)
    return tuple(session.image.regions)


def check(regions: tuple[Region, ...], *, by: str, labels: set[str], looked_for: str) -> None:
    """Boxes of ``by`` with its labels, in which the captioner wrote."""
    assert regions and {region.state for region in regions} == {"suggested"}
    for region in regions:
        box, named = region.box, region.category_provenance
        assert 0 <= box.x1 < box.x2 <= 400 and 0 <= box.y1 < box.y2 <= 300
        assert region.category in labels and named is not None
        assert (named.author, named.model_id, named.derived_from) == ("model", by, "detection")
        assert named.prompt == looked_for
        assert len(named.weights_sha256) == 64 and named.weights_sha256 != "ab" * 32
        assert region.category_score is not None and region.category_score > 0.7
        assert words(region) == f"a thing of {box.width:.0f}", "the captioner was asked about that box"
        assert [other.text for other in region.category_alternatives] == ["thing"], "what the captioner would call it"


def work(window: MainWindow) -> None:
    opened(window)
    session = window.session
    choose(window, "sees_cats")
    press(window)
    cats = described(window)
    shot(window, "detector-classes")
    check(cats, by="sees_cats", labels={"cat"}, looked_for="")

    choose(window, "sees_words")
    session.step_image(1)
    wait_for(lambda: session.image.key == "b.png" and is_open(window), "the next photo")
    press(window, SHIFT)
    line = window.workspace.regions.look_for
    assert line.isVisible() and window.focusWidget() is line.line
    assert line.hint.text() == "sees_words suggests the boxes."
    QTest.keyClicks(line.line, "red car, blue bus")
    shot(window, "detector-line")
    QTest.keyClick(line.line, Qt.Key.Key_Return)
    assert line.isHidden() and window.focusWidget() is window.workspace.canvas
    found = described(window)
    shot(window, "detector-words")
    assert len(found) == 12, "of 16 parts of a square the lower four lie outside the photo"
    check(found, by="sees_words", labels={"red car", "blue bus"}, looked_for="red car, blue bus")

    window.show_page("batch")
    batch = window.pages.page(window.page)
    assert isinstance(batch, BatchPage)
    assert batch.words.isHidden()
    batch.boxes_first.setChecked(True)
    assert batch.words.isVisible() and batch.words.text() == "red car, blue bus"
    wait_for(lambda: batch.start_button.text() == "Suggest boxes on 1 images", "the count")
    batch.words.setFocus()
    batch.words.selectAll()
    QTest.keyClicks(batch.words, "a cat")
    shot(window, "detector-batch")
    batch.start()
    wait_for(lambda: len(session.jobs.statuses) == 2 and all(job.is_over for job in session.jobs.statuses), "the batch")
    assert [job.state for job in session.jobs.statuses] == ["done", "done"], session.jobs.statuses
    window.show_page("workspace")
    session.open_image("inner/c.png")
    wait_for(lambda: session.image.key == "inner/c.png" and is_open(window), "the photo of the batch")
    check(described(window), by="sees_words", labels={"a cat"}, looked_for="a cat")


def test_boxes_of_classes_and_of_words(detectors: Callable[[str], Path], writer: Path, photos: Path) -> None:
    detectors("sees_cats")
    detectors("sees_words")
    write_settings(writer, **SETTINGS)
    assert run_program(work, "open", str(photos)) == 0
    assert json.loads((writer / "config" / "settings.json").read_text())["proposer"] == "sees_words"
    with Project.open(photos, read_only=True) as project:
        assert project_words(project) == "a cat"
        assert {region.category for region in project.regions("a.png")} == {"cat"}


def without_its_folder(folder: Path, window: MainWindow) -> None:
    opened(window)
    session = window.session
    notices: list[tuple[str, str]] = []
    session.notice.connect(lambda level, text: notices.append((level, text)))
    wait_for(lambda: session.engine.info is not None, "the captioner")
    shutil.rmtree(folder)
    for count in (1, 2):  # it is looked for again each time: the disk may have come back
        press(window)
        wait_for(lambda count=count: len(notices) == count, "the sentence")  # type: ignore[misc]
    shot(window, "detector-gone")
    told = f"The folder of sees_cats is gone: {folder}. Bring it back, or choose another model on the page Models."
    assert set(notices) == {("error", told)}
    assert not session.image.regions
    assert words(draw(window, (50, 40), (150, 140))) == "a thing of 100", "the captioner goes on"


def test_a_detector_whose_folder_is_gone(detectors: Callable[[str], Path], writer: Path, photos: Path) -> None:
    folder = detectors("sees_cats")
    write_settings(writer, **SETTINGS, proposer="sees_cats")
    assert run_program(partial(without_its_folder, folder), "open", str(photos)) == 0


SLOW = '''
"""Loads for ever the first time, and says in which process."""
import os, time
from pathlib import Path
from roi_assistant.api import Box, hookimpl

BESIDE = Path(__file__).parent


class Slow:
    def propose(self, image):
        return [Box(10, 10, 110, 90)]


def load(*, device="auto", threads=None):
    with (BESIDE / "loads").open("a") as file:
        file.write(f"{os.getpid()}\\n")
    while len((BESIDE / "loads").read_text().split()) == 1:
        time.sleep(0.01)
    return Slow()


@hookimpl
def register_proposers(register):
    register("slow", load)
'''


def killed_while_it_loads(loads: Path, window: MainWindow) -> None:
    opened(window)
    press(window)
    wait_for(lambda: loads.exists() and loads.read_text().endswith("\n"), "the detector begins to load")
    os.kill(int(loads.read_text()), signal.SIGKILL)
    (region,) = described(window)
    assert region.box.xyxy == (10, 10, 110, 90) and words(region) == "a thing of 100"
    assert region.category == "thing", "it names nothing: the captioner's word stands"
    assert len(loads.read_text().split()) == 2, "the search was begun again in a new process"


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed in another way there")
def test_the_engine_is_killed_while_the_detector_loads(writer: Path, photos: Path) -> None:
    plugin = writer / "data" / "plugins" / "slow"
    plugin.mkdir()
    manifest = {"name": "slow", "version": "1.0", "kinds": ["proposer"], "module": "slow", "proposers": ["slow"]}
    (plugin / "plugin.json").write_text(json.dumps({**manifest, "weights_licence": "none needed"}))
    (plugin / "__init__.py").write_text(SLOW)
    write_settings(writer, **SETTINGS, proposer="slow")
    assert run_program(partial(killed_while_it_loads, plugin / "loads"), "open", str(photos)) == 0
