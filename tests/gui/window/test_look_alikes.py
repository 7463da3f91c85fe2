"""The way from a named region to its look-alikes, by key, in the window with a real session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.settings import Settings
from roi_assistant.ui.window.main_window import MainWindow
from roi_assistant.ui.window.recents import Memory
from tests.gui.application_fixtures import key, make_photos, wait_for
from tests.gui.e2e.driving import shot
from tests.gui.session.session_setup import Setup
from tests.gui.session.test_memory import CUP, FORK


@pytest.fixture
def setup(tmp_path: Path, qapp: QApplication) -> Iterator[Setup]:
    made = Setup(make_photos(tmp_path / "photos"))
    yield made
    made.close()


@pytest.fixture
def window(setup: Setup, tmp_path: Path) -> Iterator[MainWindow]:
    made = MainWindow(setup.session, Settings(), Memory(tmp_path / "config" / "window.json"))
    made.resize(1200, 800)
    made.show()
    made.show_page("workspace")
    yield made
    made.workspace.close_threads()
    made.deleteLater()


def drawn(setup: Setup, *looks: str) -> list[str]:
    """The ids of new boxes that the model calls spoons."""
    ids = []
    for features in looks:
        number = len(setup.session.image.regions)
        ids.append(setup.session.edits.add_box(Box(50 * number + 1, 10, 50 * number + 40, 60)))
        setup.engine.answer(len(setup.engine.asked), "a spoon", category="spoon", features=features)
        setup.settle()
    return ids


def test_from_the_image_to_the_look_alikes(window: MainWindow, setup: Setup) -> None:
    named, alike, _, selected = drawn(setup, FORK, FORK, CUP, CUP)
    canvas = window.workspace.canvas
    key(canvas, Qt.Key.Key_Y)
    assert "Accept or name a region first" in window.bar.text
    setup.session.edits.edit_caption(named, "a fork")
    setup.settle()
    setup.session.image.select((selected,))
    key(canvas, Qt.Key.Key_Y)
    wait_for(lambda: window.page == "crops")
    page: Any = window.pages.page("crops")
    wait_for(lambda: page.view.selected_count == 1 and page.model.region(0) is not None)
    assert page.model.region(0).region.id == alike, "like the region that was decided last"
    shot(window, "look-alikes")
    key(page.view, Qt.Key.Key_Return)
    wait_for(lambda: setup.session.memory.lessons == 2)
    key(page, Qt.Key.Key_Escape)
    wait_for(lambda: window.page == "workspace")
    region = setup.session.image.region(alike)
    assert region is not None and (region.state, region.category) == ("accepted", "fork")
    key(canvas, Qt.Key.Key_Y)
    wait_for(lambda: "No region that waits looks like this “fork”" in window.bar.text)
    assert window.page == "workspace"


def test_from_the_review_queue(window: MainWindow, setup: Setup) -> None:
    drawn(setup, FORK, FORK, CUP)
    window.show_page("review")
    queue: Any = window.pages.page("review")
    wait_for(lambda: queue.deck.current is not None)
    assert not queue.keys.button("alike").isEnabled()
    key(queue, Qt.Key.Key_Return)
    wait_for(lambda: setup.session.memory.lessons == 1)
    key(queue, Qt.Key.Key_Y)
    wait_for(lambda: window.page == "crops")
