"""A project that knows what it is about looks at proposals before it shows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.records import LOOK_ONLY, ScoredBox
from roi_assistant.engine.engine import EngineStateChanged
from roi_assistant.memory import familiarity
from roi_assistant.ui.session.options import SessionOptions
from tests.gui.application_fixtures import make_photos
from tests.gui.session.session_setup import INFO, Setup
from tests.gui.session.test_memory import CUP, FORK, teach

CUP_BOX, FORK_BOX, BIRD_BOX = Box(300, 50, 340, 90), Box(200, 100, 230, 160), Box(100, 200, 180, 280)
FOUND = (ScoredBox(CUP_BOX, 0.5), ScoredBox(FORK_BOX, 0.15), ScoredBox(BIRD_BOX, 0.3))


@pytest.fixture
def setup(tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Setup]:
    """A project that has seen three forks, for which that is enough."""
    monkeypatch.setattr(familiarity, "FEWEST_LESSONS", 3)
    made = Setup(make_photos(tmp_path / "photos"))
    teach(made)
    yield made
    made.close()


def suggest(setup: Setup) -> None:
    setup.session.box_suggestions.suggest()
    setup.engine.find(max(setup.engine.searched), *FOUND)
    setup.settle()


def added(setup: Setup) -> list[Box]:
    return [region.box for region in setup.session.image.regions][3:]


def test_what_looks_like_what_was_accepted_is_shown_and_other_things_are_not(setup: Setup) -> None:
    suggest(setup)
    assert added(setup) == [], "they are looked at first"
    ticket = max(setup.engine.asked)
    image, looked = setup.engine.asked[ticket]
    assert image.name == "a.png" and looked == (CUP_BOX, BIRD_BOX, FORK_BOX)
    assert setup.engine.requests[-1] == LOOK_ONLY
    setup.engine.answer(ticket, "x", features=(CUP, CUP, FORK))
    setup.settle()
    # Forks are 1.0 alike, the rest 0: log odds of 0.15 plus 2.4, of 0.5 minus 1.6: 0.66 and 0.17.
    assert added(setup) == [FORK_BOX]
    assert setup.engine.requests[-1] != LOOK_ONLY, "and the box is described"
    setup.session.undo()
    setup.settle()
    assert added(setup) == []


def test_without_memory_the_surest_are_shown_at_once(setup: Setup) -> None:
    setup.session.options = SessionOptions(memory=False)
    suggest(setup)
    assert added(setup) == [CUP_BOX, BIRD_BOX]


def test_features_of_another_kind_or_none_are_no_reason_to_show_nothing(setup: Setup) -> None:
    suggest(setup)
    setup.engine.answer(max(setup.engine.asked), "x", features="")
    setup.settle()
    assert added(setup) == [CUP_BOX, BIRD_BOX]


def test_a_look_that_fails_or_comes_too_late_adds_nothing_wrong(setup: Setup) -> None:
    suggest(setup)
    setup.session.box_suggestions.suggest()
    assert len(setup.engine.searched) == 1, "one wish at a time"
    ticket = max(setup.engine.asked)
    setup.session.open_image("b.png")
    setup.settle()
    assert ticket in setup.engine.cancelled
    setup.engine.answer(ticket, "x", features=(CUP, CUP, FORK))
    setup.settle()
    assert list(setup.session.image.regions) == []
    setup.engine.on_event(EngineStateChanged("ready", INFO))
