"""From one named region to its look-alikes, on a real session: chosen, struck out, accepted, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.records import Region
from roi_assistant.core.review import preferred_caption
from roi_assistant.memory.vectors import packed
from roi_assistant.ui.pages.crops.page import CropsPage
from tests.gui.application_fixtures import make_photos, wait_for
from tests.gui.session.session_setup import Setup


def looks(degrees: float) -> str:
    angle = np.deg2rad(degrees)
    return packed(np.array([np.cos(angle), np.sin(angle)], np.float32))


WAITING = (("a spoon", 5), ("a metal fork", 10), ("a red spoon", 15), ("a ladle", 60), ("a cup", 90))
"""What the model says of regions, and the angle between them and the fork that is named."""


@pytest.fixture
def setup(tmp_path: Path, qapp: QApplication) -> Iterator[Setup]:
    made = Setup(make_photos(tmp_path / "photos"))
    yield made
    made.close()


@pytest.fixture
def fork(setup: Setup) -> str:
    """The id of a region that a person called a fork; those in `WAITING` wait."""
    ids = []
    for number, (words, degrees) in enumerate((("a spoon", 0), *WAITING)):
        ids.append(setup.session.edits.add_box(Box(60 * number + 1, 10, 60 * number + 50, 60)))
        category = words.split()[-1]
        setup.engine.answer(len(setup.engine.asked), words, category=category, features=looks(degrees))
        setup.settle()
    setup.session.edits.edit_caption(ids[0], "a gray fork")
    setup.settle()
    return ids[0]


@pytest.fixture
def page(setup: Setup, fork: str) -> Iterator[CropsPage]:
    page = CropsPage(setup.session)
    page.resize(1000, 700)
    page.show()
    page.activateWindow()
    page.setFocus()
    alike = setup.session.memory.look_alikes("a.png", [fork])
    assert alike is not None
    page.show_look_alikes(alike)
    wait_for(lambda: page.view.selected_count == 3 and page.model.region(3) is not None, "the look-alikes")
    yield page
    page.close()
    page.close_pictures()


def regions(setup: Setup) -> dict[str, Region]:
    """By what the model said of them first."""
    setup.settle()
    told: list[Any] = []
    setup.session.store.ask(lambda project: project.regions("a.png"), told.append)
    wait_for(lambda: told)
    return {region.captions[-1 if region.state == "edited" else 0].text: region for region in told[0]}


def said(region: Region) -> tuple[str, str, str | None]:
    caption = preferred_caption(region)
    return region.state, caption.text if caption else "", region.category


def test_the_likely_ones_are_chosen_and_accepted_as_the_example(page: CropsPage, setup: Setup) -> None:
    assert page.view.selected_items() == [0, 1, 2] and len(page.model.row_ids) == 4
    assert page.alike_keys.button("accept").text() == "Accept 3  A"
    assert page.alike_bar.isVisible() and not page.bar.isVisible() and "“fork”" in page.alike_bar.title.text()
    QTest.keyClick(page.view, Qt.Key.Key_Return)
    wait_for(lambda: "3 accepted" in page.decision.told.text())
    found = regions(setup)
    assert said(found["a metal fork"]) == ("accepted", "a metal fork", "fork"), "the model's words speak of it"
    assert said(found["a red spoon"]) == ("accepted", "a red fork", "fork")
    assert said(found["a ladle"])[0] == said(found["a cup"])[0] == "suggested"
    assert setup.session.memory.lessons == 4
    assert len(page.model.row_ids) == 1 and page.alike_keys.button("accept").text() == "Accept  A"


def test_one_undo_takes_all_back_and_what_they_taught(page: CropsPage, setup: Setup) -> None:
    before = regions(setup)
    QTest.keyClick(page.view, Qt.Key.Key_A)
    wait_for(lambda: setup.session.memory.lessons == 4)
    QTest.keyClick(page.view, Qt.Key.Key_U)
    wait_for(lambda: setup.session.memory.lessons == 1 and page.view.selected_count == 3)
    assert regions(setup) == before and "Taken back" in page.decision.told.text()


def test_what_is_something_else_is_struck_out_by_key_and_by_click(page: CropsPage, setup: Setup) -> None:
    QTest.keyClick(page.view, Qt.Key.Key_X)
    assert page.view.selected_items() == [1, 2] and page.view.currentIndex().row() == 1
    QTest.keyClick(page.view, Qt.Key.Key_Space)
    assert page.view.selected_items() == [2]
    place = page.view.visualRect(page.model.index(3)).center()
    QTest.mouseClick(page.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert page.view.selected_items() == [2, 3], "a click takes the others along"
    QTest.keyClick(page.view, Qt.Key.Key_A)
    wait_for(lambda: setup.session.memory.lessons == 3)
    found = regions(setup)
    assert {words for words, region in found.items() if region.state == "suggested"} == {
        "a spoon",
        "a metal fork",
        "a cup",
    }


def test_who_leaves_comes_back_to_the_crops_of_a_category(page: CropsPage) -> None:
    page.hide()
    page.show()
    wait_for(lambda: page.bar.isVisible() and not page.alike_bar.isVisible())
    wait_for(lambda: page.model.region(0) is not None, "the crops of a category")
    asked: list[tuple[str, str]] = []
    page.alikeRequested.connect(lambda image, region: asked.append((image, region)))
    page.act("all")
    page.act("alike")
    assert len(asked) == 1 and asked[0][0] == "a.png"


def test_when_none_is_left_it_says_so(page: CropsPage, setup: Setup) -> None:
    QTest.keyClick(page.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(page.view, Qt.Key.Key_A)
    wait_for(lambda: not page.model.row_ids)
    assert page._empty.text == "No look-alike waits any more"
    QTest.keyClick(page, Qt.Key.Key_U)
    wait_for(lambda: page.view.selected_count == 4)
