"""Boxes that the model proposes become regions: of the whole image, at a click, and larger ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.records import ScoredBox
from roi_assistant.engine.engine import EngineStateChanged
from roi_assistant.ui.session.box_choice import MOST_SUGGESTED
from roi_assistant.ui.session.box_suggestions import MOST_PROPOSALS
from roi_assistant.ui.session.options import SessionOptions
from tests.gui.application_fixtures import make_photos, wait_for
from tests.gui.session.session_setup import INFO, Setup

CUP, SAUCER, TABLE = Box(100, 50, 200, 150), Box(60, 40, 240, 200), Box(0, 0, 400, 300)
FOUND = (ScoredBox(CUP, 0.6), ScoredBox(SAUCER, 0.4), ScoredBox(TABLE, 0.3), ScoredBox(Box(300, 200, 320, 220), 0.19))
NO_MORE = "No more boxes were found here: draw them."


@pytest.fixture
def setup(tmp_path: Path, qapp: QApplication) -> Iterator[Setup]:
    made = Setup(make_photos(tmp_path / "photos"))
    made.notices.clear()
    yield made
    made.close()


def boxes(setup: Setup) -> list[Box]:
    return [region.box for region in setup.session.image.regions]


def suggest(setup: Setup, *found: ScoredBox) -> None:
    setup.session.box_suggestions.suggest()
    if found:
        setup.engine.find(max(setup.engine.searched), *found)
    setup.settle()


def click(setup: Setup, x: float, y: float, *found: ScoredBox) -> None:
    setup.session.box_suggestions.add_at(x, y)
    if found:
        setup.engine.find(max(setup.engine.searched), *found)
    setup.settle()


def enlarge(setup: Setup) -> None:
    setup.session.box_suggestions.enlarge()
    setup.settle()


def undo(setup: Setup) -> None:
    before = setup.session.history.state
    setup.session.undo()
    wait_for(lambda: setup.session.history.state is not before, "the undo")
    setup.settle()


def test_suggested_boxes_are_one_edit_and_described_like_drawn_ones(setup: Setup) -> None:
    suggest(setup, *FOUND)
    assert boxes(setup) == [CUP, SAUCER, TABLE], "the last one is not sure enough"
    assert list(setup.engine.searched.values()) == [(setup.folder / "a.png", MOST_PROPOSALS)]
    ((image, asked),) = setup.engine.asked.values()
    assert (image.name, asked) == ("a.png", (CUP, SAUCER, TABLE))
    session = setup.session
    assert {region.state for region in session.image.regions} == {"suggested"}
    assert session.image.selection == (session.image.regions[0].id,), "Return accepts one after another"
    assert session.history.state is not None and session.history.state.undo_label == "Suggest boxes"
    setup.engine.answer(max(setup.engine.asked), "a thing")
    setup.settle()
    assert setup.texts == ["a thing"] * 3
    undo(setup)
    assert boxes(setup) == [], "words that came with the boxes are no step of their own"


def test_undo_takes_all_boxes_and_what_is_asked_about_them(setup: Setup) -> None:
    suggest(setup, *FOUND)
    undo(setup)
    assert boxes(setup) == []
    assert setup.engine.cancelled == list(setup.engine.asked)


def test_what_is_there_is_not_suggested_again_also_when_it_was_rejected(setup: Setup) -> None:
    drawn = setup.session.edits.add_box(Box(105, 50, 200, 150))
    setup.session.edits.reject((drawn,))
    suggest(setup, *FOUND)
    assert boxes(setup) == [Box(105, 50, 200, 150), SAUCER, TABLE]
    suggest(setup)
    assert len(boxes(setup)) == 3 and setup.notices == [NO_MORE]
    assert len(setup.engine.searched) == 1, "proposals are kept while the image is in sight"


def test_a_few_at_a_time(setup: Setup) -> None:
    suggest(setup, *(ScoredBox(Box(20 * n, 0, 20 * n + 10, 10), 0.9 - n / 100) for n in range(15)))
    assert len(boxes(setup)) == MOST_SUGGESTED
    suggest(setup)
    assert len(boxes(setup)) == 15


def test_impatience_adds_nothing_twice(setup: Setup) -> None:
    setup.session.box_suggestions.suggest()
    suggest(setup, *FOUND)
    assert len(boxes(setup)) == 3 and not setup.notices


def test_an_answer_for_an_image_that_is_not_in_sight_is_dropped(setup: Setup) -> None:
    session = setup.session
    session.box_suggestions.suggest()
    session.box_suggestions.add_at(150, 100)
    session.open_image("b.png")
    wait_for(lambda: session.history.state is not None)
    assert setup.engine.cancelled == [1]
    setup.engine.find(1, *FOUND)
    setup.settle()
    assert boxes(setup) == []
    session.open_image("a.png")
    wait_for(lambda: session.history.state is not None)
    setup.settle()
    assert boxes(setup) == [] and not setup.notices
    suggest(setup, *FOUND)
    assert len(boxes(setup)) == 3 and len(setup.engine.searched) == 2


def test_who_selects_something_meanwhile_keeps_it(setup: Setup) -> None:
    drawn = setup.session.edits.add_box(Box(300, 200, 390, 290))
    setup.session.image.select(())
    setup.session.box_suggestions.suggest()
    setup.session.image.select((drawn,))
    setup.engine.find(max(setup.engine.searched), *FOUND)
    setup.settle()
    assert len(boxes(setup)) == 4 and setup.session.image.selection == (drawn,)


def test_nothing_found_is_told_for_a_wish_in_words_only(setup: Setup) -> None:
    setup.session.box_suggestions.suggest()
    setup.engine.find(1)
    setup.settle()
    assert setup.notices == [NO_MORE]
    click(setup, 10, 10)
    assert boxes(setup) == [] and len(setup.notices) == 1


def test_a_model_that_proposes_no_boxes(setup: Setup) -> None:
    other = EngineStateChanged("ready", INFO.__class__("m", "M"))
    setup.engine.on_event(other)
    setup.settle()
    click(setup, 150, 100)
    assert not setup.notices
    suggest(setup)
    assert setup.notices == ["The model M cannot suggest boxes: draw them."]
    assert not setup.engine.searched


def test_a_search_that_fails_is_told_and_may_be_tried_again(setup: Setup) -> None:
    setup.session.box_suggestions.suggest()
    setup.engine.fail(1, "The pencil is broken.")
    setup.settle()
    assert setup.notices == ["The pencil is broken."]
    setup.session.box_suggestions.add_at(150, 100)
    setup.engine.fail(2, "The pencil is broken.")
    setup.settle()
    assert len(setup.notices) == 1
    suggest(setup, *FOUND)
    assert len(boxes(setup)) == 3


def test_a_project_for_reading_only_gets_no_boxes(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(setup.session.store), "read_only", True)
    monkeypatch.setattr(type(setup.session.store), "may_edit", lambda self: False)
    suggest(setup)
    click(setup, 150, 100)
    assert not setup.engine.searched


def test_a_click_adds_the_likeliest_box_as_if_it_was_drawn(setup: Setup) -> None:
    click(setup, 150, 100, *FOUND)
    assert boxes(setup) == [CUP]
    session = setup.session
    assert session.image.selection == (session.image.regions[0].id,)
    assert [asked for _, asked in setup.engine.asked.values()] == [(CUP,)]
    assert session.history.state is not None and session.history.state.undo_label == "Draw box"
    click(setup, 310, 210)
    assert boxes(setup)[1:] == [Box(300, 200, 320, 220)], "what is pointed at need not be that sure"
    click(setup, 10, 10)
    assert boxes(setup)[2:] == [TABLE]
    click(setup, 390, 290)
    assert len(boxes(setup)) == 3, "the table is there"
    assert len(setup.engine.searched) == 1


def test_clicks_bring_no_box_to_whom_does_not_want_them(setup: Setup) -> None:
    setup.session.options = SessionOptions(box_on_click=False)
    setup.session.box_suggestions.add_at(150, 100)
    setup.settle()
    assert not boxes(setup) and not setup.engine.searched


def test_two_quick_clicks_bring_one_box_and_clicks_beside_it_others(setup: Setup) -> None:
    for x, y in ((150, 100), (152, 100), (310, 210)):
        setup.session.box_suggestions.add_at(x, y)
    setup.engine.find(1, *FOUND)
    setup.settle()
    assert boxes(setup) == [CUP, Box(300, 200, 320, 220)]


def test_larger_boxes_one_edit_each(setup: Setup) -> None:
    click(setup, 150, 100, *FOUND)
    enlarge(setup)
    assert boxes(setup) == [SAUCER]
    state = setup.session.history.state
    assert state is not None and state.undo_label == "Larger box"
    assert [asked for _, asked in setup.engine.asked.values()] == [(CUP,), (SAUCER,)]
    enlarge(setup)
    assert boxes(setup) == [TABLE] and not setup.notices
    enlarge(setup)
    assert boxes(setup) == [TABLE] and setup.notices == ["No larger box was found here: drag the edges of this one."]
    undo(setup)
    undo(setup)
    assert boxes(setup) == [CUP]


def test_a_drawn_box_gets_larger_and_takes_no_box_of_another(setup: Setup) -> None:
    setup.session.edits.add_box(Box(70, 40, 230, 190))  # the saucer, about
    drawn = setup.session.edits.add_box(Box(120, 70, 180, 130))
    setup.session.box_suggestions.enlarge()
    setup.engine.find(max(setup.engine.searched), *FOUND)
    setup.settle()
    assert boxes(setup)[1:] == [CUP]
    enlarge(setup)
    assert boxes(setup)[1:] == [TABLE]
    setup.session.edits.set_locked((drawn,), True)
    enlarge(setup)
    assert setup.notices == ["Only a box that is not decided and not locked gets larger."]


def test_another_model_is_asked_anew(setup: Setup) -> None:
    click(setup, 150, 100, *FOUND)
    setup.engine.on_event(
        EngineStateChanged("ready", INFO.__class__("n", "N", "cd" * 32, capabilities=INFO.capabilities))
    )
    setup.settle()
    setup.session.box_suggestions.add_at(310, 210)
    assert len(setup.engine.searched) == 2


def test_the_larger_box_is_around_the_click_that_brought_the_region(setup: Setup) -> None:
    beside_the_middle = Box(20, 20, 145, 180)
    click(setup, 110, 100, *FOUND, ScoredBox(beside_the_middle, 0.1))
    assert boxes(setup) == [CUP]
    enlarge(setup)
    assert boxes(setup) == [beside_the_middle]
