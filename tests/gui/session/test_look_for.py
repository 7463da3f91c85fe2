"""What a detector is told to look for, and what becomes of what it finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.records import CaptionerInfo, ScoredBox
from roi_assistant.storage.project_words import project_words
from roi_assistant.ui.session.options import SessionOptions
from tests.gui.application_fixtures import make_photos
from tests.gui.session.session_setup import Setup

DETECTOR = CaptionerInfo("grounder", "Grounder", "cd" * 32)
CAR, WHEEL = Box(100, 50, 300, 200), Box(120, 150, 160, 190)


@pytest.fixture
def setup(tmp_path: Path, qapp: QApplication) -> Iterator[Setup]:
    made = Setup(make_photos(tmp_path / "photos"))
    made.session.options = SessionOptions(proposer="grounder")
    made.notices.clear()
    yield made
    made.close()


def suggest(setup: Setup, *found: ScoredBox) -> None:
    setup.session.box_suggestions.suggest()
    setup.engine.find(max(setup.engine.searched), *found, by=DETECTOR)
    setup.settle()


def test_words_are_kept_with_the_project_and_asked_for(setup: Setup) -> None:
    setup.session.look_for.replace(" red car,  Traffic sign, RED CAR ")
    suggest(setup, ScoredBox(CAR, 0.15, "red car"))
    assert setup.engine.looked_for == [(("red car", "Traffic sign"), ())]
    kept: list[str] = []
    setup.session.store.ask(project_words, kept.append)
    setup.settle()
    assert kept == ["red car,  Traffic sign, RED CAR"]
    setup.session.look_for.replace("cat")
    setup.session.box_suggestions.suggest()
    assert setup.engine.looked_for[-1] == (("cat",), ("red car",)), "what was found for other words does not count"


def test_what_is_found_is_the_category_that_is_suggested(setup: Setup) -> None:
    setup.session.look_for.replace("car, wheel")
    suggest(setup, ScoredBox(CAR, 0.15, "car"), ScoredBox(WHEEL, 0.12, "wheel"))
    car, wheel = setup.session.image.regions
    # Both are below the score from which the model's own boxes are shown, and the wheel is a part of the car.
    assert [(car.category, car.category_score), (wheel.category, wheel.category_score)] == [
        ("car", 0.15),
        ("wheel", 0.12),
    ]
    by = car.category_provenance
    assert by is not None and (by.author, by.model_id, by.weights_sha256) == ("model", "grounder", "cd" * 32)
    assert (by.prompt, by.derived_from) == ("car, wheel", "detection")
    ticket = max(setup.engine.asked)
    setup.engine.answer(ticket, "a red van", category="van")
    setup.settle()
    car = setup.session.image.regions[0]
    assert (car.category, setup.texts[0], car.state) == ("car", "a red van", "suggested")
    assert [other.text for other in car.category_alternatives] == ["van"]
    assert car.category_provenance == by


def test_without_a_detector_boxes_have_no_category(setup: Setup) -> None:
    setup.session.box_suggestions.suggest()
    setup.engine.find(max(setup.engine.searched), ScoredBox(CAR, 0.6, "car"))
    setup.settle()
    assert [region.category for region in setup.session.image.regions] == [None]
