"""Prompts are changed, tried on a box, and kept with the project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.records import Prompts
from roi_assistant.ui.pages.prompts import PromptsPage
from tests.gui.application_fixtures import make_photos, wait_for
from tests.gui.session.session_setup import Setup


@pytest.fixture
def setup(tmp_path: Path, qapp: QApplication) -> Iterator[Setup]:
    made = Setup(make_photos(tmp_path / "photos"))
    yield made
    made.close()


@pytest.fixture
def page(setup: Setup) -> PromptsPage:
    page = PromptsPage(setup.session)
    page.show()
    return page


def test_what_is_kept_is_asked_from_then_on_and_after_a_restart(setup: Setup, page: PromptsPage) -> None:
    assert page.fields["phrase"].toPlainText() == Prompts().phrase
    assert not page.keep_button.isEnabled() and not page.reset_button.isEnabled()
    page.fields["phrase"].setPlainText("in one word")
    assert page.keep_button.isEnabled()
    page.keep()
    assert not page.keep_button.isEnabled()
    setup.session.edits.add_box(Box(1, 1, 50, 50))
    setup.settle()
    asked = setup.engine.requests[-1].prompts
    assert asked is not None and asked.phrase == "in one word"
    setup.session.close_project()
    assert setup.session.store.wait_closed(30)
    assert page.fields["phrase"].toPlainText() == Prompts().phrase
    setup.session.open_folder(setup.folder)
    wait_for(lambda: page.fields["phrase"].toPlainText() == "in one word", "the prompts of the project")
    page.reset_button.click()
    page.keep()
    assert setup.session.prompts.value is None


def test_they_are_tried_on_the_selected_box_and_nothing_is_stored(setup: Setup, page: PromptsPage) -> None:
    assert not page.try_button.isEnabled()
    id_ = setup.session.edits.add_box(Box(1, 1, 50, 50))
    setup.engine.answer(max(setup.engine.asked), "a cup")
    setup.settle()
    setup.session.image.select((id_,))
    page.fields["phrase"].setPlainText("in one word")
    page.try_them()
    request = setup.engine.requests[-1]
    assert request.prompts is not None and request.prompts.phrase == "in one word"
    setup.engine.answer(max(setup.engine.asked), "cup", category="cup")
    wait_for(lambda: page.said.text() != "", "the answer")
    assert page.said.text() == "cup\ncategory: cup\ncolor: red"
    assert setup.texts == ["a cup"] and setup.session.prompts.value is None


def test_a_prompt_that_tells_no_place_is_refused(setup: Setup, page: PromptsPage) -> None:
    page.fields["task"].setPlainText("Describe it.")
    page.keep()
    assert page.message.level == "error" and "does not hold <region>" in page.message.text
    assert setup.session.prompts.value is None
