"""Boxes on all images that have none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.records import ScoredBox
from roi_assistant.engine.engine import EngineStateChanged
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import BatchFilter
from tests.gui.application_fixtures import make_photos, wait_for
from tests.gui.session.session_setup import INFO, Setup

IMAGES = ("a.png", "b.png", "inner/c.png")
CUP, TABLE = ScoredBox(Box(100, 50, 200, 150), 0.6), ScoredBox(Box(0, 0, 400, 300), 0.3)


@pytest.fixture
def setup(tmp_path: Path, qapp: QApplication) -> Iterator[Setup]:
    made = Setup(make_photos(tmp_path / "photos"))
    made.notices.clear()
    yield made
    made.close()


def searched(setup: Setup) -> list[str]:
    return [path.name for path, _ in setup.engine.searched.values()]


def find(setup: Setup, *found: ScoredBox) -> None:
    """The image that is searched now has these boxes."""
    setup.engine.find(max(setup.engine.searched), *found)
    setup.settle()


def start(setup: Setup) -> str:
    id_: str = setup.session.batches.start(BatchFilter(), boxes_first=True)
    wait_for(lambda: bool(setup.engine.searched), "the first image")
    return id_


def stored(setup: Setup) -> dict[str, list[Box]]:
    found: dict[str, list[Box]] = {}

    def read(project: Project) -> dict[str, list[Box]]:
        return {row.key: [region.box for region in project.regions(row.key)] for row in project.images()}

    setup.session.store.read(read, found.update)
    wait_for(lambda: bool(found))
    return found


def state(setup: Setup, id_: str) -> str:
    return next(job.state for job in setup.session.jobs.statuses if job.id == id_)


def test_all_images_without_boxes_get_some_and_then_words(setup: Setup) -> None:
    setup.session.edits.add_box(Box(1, 1, 50, 50))
    setup.engine.answer(max(setup.engine.asked), "a cup")
    setup.settle()
    id_ = start(setup)
    assert searched(setup) == ["b.png"], "the first has a box"
    find(setup, CUP, TABLE)
    assert searched(setup) == ["b.png", "c.png"]
    assert state(setup, id_) == "running"
    find(setup)
    wait_for(lambda: state(setup, id_) == "done", "the end")
    assert stored(setup) == {"a.png": [Box(1, 1, 50, 50)], "b.png": [CUP.box, TABLE.box], "inner/c.png": []}
    wait_for(lambda: setup.engine.asked[max(setup.engine.asked)][0].name == "b.png", "they are captioned")
    wait_for(lambda: setup.session.images.row("b.png").regions == 2, "the list of images counts them")
    setup.session.open_image("b.png")
    setup.settle()
    wait_for(lambda: len(setup.session.image.regions) == 2)
    setup.session.undo()
    wait_for(lambda: stored(setup)["b.png"] == [], "the undo")


def test_stopped_it_goes_on_where_it_was(setup: Setup) -> None:
    id_ = start(setup)
    find(setup, CUP)
    wait_for(lambda: len(setup.session.image.regions) == 1, "the image in sight shows its boxes")
    setup.session.jobs.cancel(id_)
    assert state(setup, id_) == "cancelled" and setup.engine.cancelled == [max(setup.engine.searched)]
    find(setup, CUP)
    assert stored(setup)["b.png"] == [], "an answer that comes too late"
    start(setup)
    wait_for(lambda: searched(setup) == ["a.png", "b.png", "b.png"], "the first is done")


def test_who_draws_meanwhile_is_not_disturbed(setup: Setup) -> None:
    start(setup)
    setup.session.edits.add_box(Box(1, 1, 50, 50))
    setup.settle()
    find(setup, CUP)
    assert stored(setup)["a.png"] == [Box(1, 1, 50, 50)]


def test_images_that_fail_are_passed_over_until_it_is_not_the_images(setup: Setup) -> None:
    id_ = start(setup)
    for _ in IMAGES:
        setup.engine.fail(max(setup.engine.searched), "It is damaged.")
        setup.settle()
    wait_for(lambda: state(setup, id_) in ("failed", "done"))
    job = next(job for job in setup.session.jobs.statuses if job.id == id_)
    assert "It is damaged." in job.message


def test_a_model_that_proposes_nothing_is_named(setup: Setup) -> None:
    setup.engine.on_event(EngineStateChanged("ready", replace(INFO, capabilities=frozenset())))
    setup.settle()
    assert setup.session.batches.start(BatchFilter(), boxes_first=True) == ""
    assert setup.notices == ["The model M cannot suggest boxes: draw them."]
