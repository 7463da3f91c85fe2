"""Findings of the open project: found in the background, walked, ignored, fixed and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import Caption, Region
from roi_assistant.storage.linting import ignored_findings
from roi_assistant.storage.project import Project
from roi_assistant.ui.session.linting import Linting
from tests.gui.application_fixtures import make_photos, wait_for
from tests.gui.session.session_setup import Setup
from tests.unit.region_records import HUMAN

PLACE = Box(20, 20, 120, 90)


def region(id_: str, category: str = "car", caption: str = "a car", box: Box = PLACE) -> Region:
    return Region(id_, box, category, (Caption(caption, HUMAN, preferred=True),), state="accepted")


def fill(folder: Path) -> None:
    """On a.png a copied box, on b.png a caption about something else, and another spelling."""
    with Project.open(folder) as project:
        project.add_images(["a.png", "b.png", "inner/c.png"])
        for image, regions in {
            "a.png": (region("r1"), region("copy")),
            "b.png": (region("r1", caption="a brown dog"), region("r2", "Cars", box=Box(200, 20, 300, 90))),
        }.items():
            changes = tuple(RegionChange(image, None, one) for one in regions)
            project.apply(Edit("Import regions", "", changes), undoable=False)


@pytest.fixture
def setup(tmp_path: Path, qapp: QApplication) -> Iterator[Setup]:
    folder = make_photos(tmp_path / "photos")
    fill(folder)
    made = Setup(folder)
    yield made
    made.close()


@pytest.fixture
def lint(setup: Setup) -> Linting:
    lint = setup.session.lint
    check(lint)
    return lint


def check(lint: Linting) -> None:
    lint.check()
    settled(lint)


def settled(lint: Linting) -> None:
    wait_for(lambda: lint.report is not None and lint.job is None, "the check")


def rules(lint: Linting) -> list[str]:
    return [finding.rule for finding in lint.findings]


def test_a_check_runs_as_a_job_and_finds(setup: Setup) -> None:
    lint = setup.session.lint
    assert lint.report is None and lint.findings == ()
    lint.check()
    assert lint.job is not None
    lint.check()
    assert len(setup.session.jobs.statuses) == 1, "one at a time"
    settled(lint)
    assert rules(lint) == ["category-spelling", "doubled-box", "caption-category"]


def test_walking_shows_images_with_their_regions_selected(setup: Setup, lint: Linting) -> None:
    image = setup.session.image
    lint.step(1)  # a finding about names is on no image
    wait_for(lambda: (image.key, set(image.selection)) == ("a.png", {"copy", "r1"}))
    assert image.selection[-1] == "copy", "the one to look at is the one that panels show"
    lint.step(1)
    wait_for(lambda: (image.key, tuple(image.selection)) == ("b.png", ("r1",)))
    lint.step(1)
    assert setup.notices[-1] == "There is no other finding in this direction."
    lint.step(-1)
    wait_for(lambda: image.key == "a.png")


def test_a_region_that_was_changed_is_passed_over(setup: Setup, lint: Linting) -> None:
    lint.step(1)
    wait_for(lambda: len(setup.session.image.selection) == 2)
    setup.session.edits.delete(("copy",))
    setup.settle()
    assert lint.is_seen_to(lint.findings[1]) and not lint.is_seen_to(lint.findings[2])
    lint.step(1)
    wait_for(lambda: setup.session.image.key == "b.png")
    lint.step(-1)
    assert setup.notices[-1] == "There is no other finding in this direction."


def test_what_is_ignored_does_not_come_back(setup: Setup, lint: Linting) -> None:
    finding = lint.findings[2]
    lint.ignore([finding])
    assert rules(lint) == ["category-spelling", "doubled-box"] and lint.report is not None
    assert (lint.report.ignored, "caption-category" in lint.report.counts) == (1, False)
    setup.settle()
    check(lint)
    assert rules(lint) == ["category-spelling", "doubled-box"]
    with Project.open(setup.folder, read_only=True) as project:
        assert ignored_findings(project) == {finding.key}


def test_fixing_is_one_step_that_is_taken_back(setup: Setup, lint: Linting) -> None:
    image = setup.session.image
    wait_for(lambda: [one.id for one in image.stored] == ["r1", "copy"])
    lint.fix("doubled-box")
    wait_for(lambda: rules(lint) == ["category-spelling", "caption-category"], "the check after the fix")
    assert [one.id for one in image.stored] == ["r1"], "memory follows the file"
    lint.fix("category-spelling")
    wait_for(lambda: rules(lint) == ["caption-category"])
    setup.session.history.undo("")
    wait_for(lambda: rules(lint) == ["category-spelling", "caption-category"], "the check after the undo")
    setup.session.history.undo("")
    wait_for(lambda: "doubled-box" in rules(lint))
    assert [one.id for one in image.stored] == ["r1", "copy"]


def test_another_project_has_no_findings_yet(setup: Setup, lint: Linting) -> None:
    setup.session.close_project()
    assert lint.report is None and lint.current == -1
    assert setup.session.store.wait_closed(30)
    lint.check()
    assert lint.job is None
    setup.session.open_folder(setup.folder)
    wait_for(lambda: setup.session.history.state is not None)
    lint.step(1)
    assert "Doubtful regions" in setup.notices[-1]
