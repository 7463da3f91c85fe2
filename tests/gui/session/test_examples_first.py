"""Another model than the embedded one is shown how people here write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.engine.engine import EngineStateChanged
from roi_assistant.ui.session.options import SessionOptions
from tests.gui.application_fixtures import make_photos
from tests.gui.session.session_setup import INFO, Setup
from tests.gui.session.test_memory import CUP, FORK, said, teach


@pytest.fixture
def setup(tmp_path: Path, qapp: QApplication) -> Iterator[Setup]:
    """Three forks were named with the embedded model; now another one writes, and that one looks."""
    made = Setup(make_photos(tmp_path / "photos"))
    teach(made)
    other = replace(INFO, id="vl", weights_sha256="cd" * 32, features_by=INFO.weights_sha256)
    made.engine.on_event(EngineStateChanged("ready", other))
    made.settle()
    assert made.session.memory.lessons == 3, "what the embedded model saw still counts"
    yield made
    made.close()


def test_examples_are_captions_of_what_looks_alike(setup: Setup) -> None:
    id_ = setup.session.edits.add_box(Box(200, 10, 240, 60))
    setup.settle()
    assert setup.engine.requests[-1].looks_only
    setup.engine.answer(max(setup.engine.asked), "", features=FORK)
    setup.settle()
    request = setup.engine.requests[-1]
    assert request.examples == ("a fork",) and not request.looks_only
    setup.engine.answer(max(setup.engine.asked), "a silver spoon", category="spoon", features=FORK)
    setup.settle()
    assert said(setup, id_)[1] == "fork", "and memory weighs what it answers"


def test_what_looks_like_nothing_gets_none(setup: Setup) -> None:
    setup.session.edits.add_box(Box(200, 10, 240, 60))
    setup.settle()
    setup.engine.answer(max(setup.engine.asked), "", features=CUP)
    setup.settle()
    assert setup.engine.requests[-1].examples == () and not setup.engine.requests[-1].looks_only


def test_a_look_that_fails_does_not_keep_the_words_away(setup: Setup) -> None:
    setup.session.edits.add_box(Box(200, 10, 240, 60))
    setup.settle()
    setup.engine.fail(max(setup.engine.asked), "It is damaged.")
    setup.settle()
    assert not setup.engine.requests[-1].looks_only and setup.engine.requests[-1].examples == ()


def test_without_memory_the_model_is_asked_at_once(setup: Setup) -> None:
    setup.session.options = SessionOptions(memory=False)
    setup.session.edits.add_box(Box(200, 10, 240, 60))
    setup.settle()
    assert not setup.engine.requests[-1].looks_only


def test_two_boxes_at_once_both_get_words(setup: Setup) -> None:
    before = len(setup.engine.asked)
    for place in (200, 300):
        setup.session.edits.add_box(Box(place, 10, place + 40, 60))
        setup.settle()
    for ticket in range(before + 1, before + 3):
        setup.engine.answer(ticket, "", features=FORK)
    setup.settle()
    assert [request.examples for request in setup.engine.requests[-2:]] == [("a fork",)] * 2
    assert setup.session.suggestions.pending == {region.id for region in setup.session.image.regions[3:]}


def _batch_of_two(setup: Setup) -> None:
    """A batch is asked to describe a fork and something else."""
    setup.session.options = SessionOptions(suggest_on_draw=False)
    for place in (200, 300):
        setup.session.edits.add_box(Box(place, 10, place + 40, 60))
        setup.settle()
    assert setup.session.batches.start()
    setup.settle()
    setup.settle()


def test_in_a_batch_each_box_gets_examples_of_its_own(setup: Setup) -> None:
    _batch_of_two(setup)
    look = max(setup.engine.asked)
    assert setup.engine.requests[-1].looks_only and len(setup.engine.asked[look][1]) == 2
    setup.engine.answer(look, "", features=[FORK, CUP])
    setup.settle()
    words = max(setup.engine.asked)
    request, (path, boxes) = setup.engine.requests[-1], setup.engine.asked[words]
    assert words == look + 1 and (path, boxes) == setup.engine.asked[look]
    assert not request.looks_only
    assert [request.examples_for(box) for box in boxes] == [("a fork",), ()]
    setup.engine.answer(words, "a silver thing", features=[FORK, CUP])
    setup.settle()
    setup.settle()
    assert setup.texts[3:] == ["a silver thing"] * 2
    assert all(job.is_over for job in setup.session.jobs.statuses)


def test_a_look_of_a_batch_that_fails_does_not_keep_the_words_away(setup: Setup) -> None:
    _batch_of_two(setup)
    setup.engine.fail(max(setup.engine.asked), "It is damaged.")
    setup.settle()
    words = max(setup.engine.asked)
    assert not setup.engine.requests[-1].looks_only and setup.engine.requests[-1].examples_by_box == ()
    setup.engine.answer(words, "a thing")
    setup.settle()
    setup.settle()
    assert setup.texts[3:] == ["a thing"] * 2


@pytest.mark.parametrize("looked", [False, True])
def test_a_batch_that_is_left_asks_nothing_more(setup: Setup, looked: bool) -> None:
    _batch_of_two(setup)
    look = max(setup.engine.asked)
    if looked:
        setup.engine.answer(look, "", features=FORK)
        setup.settle()
    (job,) = [job for job in setup.session.jobs.statuses if not job.is_over]
    setup.session.jobs.cancel(job.id)
    asked = max(setup.engine.asked)
    assert setup.engine.cancelled[-1] == asked == look + looked
    setup.engine.answer(asked, "too late", features=FORK)
    setup.settle()
    assert max(setup.engine.asked) == asked and "too late" not in setup.texts
