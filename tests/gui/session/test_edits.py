"""What a user does to regions, on a project in memory."""

from __future__ import annotations

import pytest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.records import Region, RegionText, ScoredText
from roi_assistant.engine.engine import Described, Finished
from tests.gui.fake_session import FakeSession, make_region


@pytest.fixture
def session(qapp: QApplication) -> FakeSession:
    return FakeSession([make_region("a")])


def drawn(session: FakeSession) -> str:
    """The id of a box that was drawn; the engine is asked about it."""
    return session.edits.add_box(Box(1, 2, 31, 42))


def caption_comes(session: FakeSession, text: str = "a cup") -> None:
    ticket = session.model.ticket
    session.tell(Described(ticket, 0, RegionText(session.model.described[-1][0], ScoredText(text, 0.8))))
    session.tell(Finished(ticket))


def texts(regions: tuple[Region, ...]) -> list[tuple[str, str]]:
    return [(region.state, region.captions[0].text if region.captions else "") for region in regions]


def test_a_region_that_was_accepted_early_is_when_its_caption_comes(session: FakeSession) -> None:
    id_ = drawn(session)
    session.edits.accept((id_,))
    assert texts(session.image.regions)[1] == ("suggested", "") and not session.notices
    caption_comes(session)
    assert texts(session.image.regions)[1] == ("accepted", "a cup")


def test_the_caption_of_an_image_that_was_left_is_accepted_too(session: FakeSession) -> None:
    id_ = drawn(session)
    session.edits.accept((id_,))
    session.open_image("dog.jpg")
    caption_comes(session)
    assert texts(session.project.regions("cat.jpg"))[1] == ("accepted", "a cup")


def test_the_next_caption_of_the_region_is_not_accepted_as_well(session: FakeSession) -> None:
    id_ = drawn(session)
    session.edits.accept((id_,))
    caption_comes(session)
    session.edits.reopen((id_,))
    session.suggestions.describe((id_,))
    caption_comes(session, "a mug")
    assert texts(session.image.regions)[1] == ("suggested", "a mug")


def test_an_empty_region_cannot_be_accepted_and_says_so(session: FakeSession) -> None:
    id_ = drawn(session)
    session.tell(Finished(session.model.ticket))  # the model had nothing to say
    session.edits.accept((id_, "a"))
    assert texts(session.image.regions) == [("accepted", "a gray cat"), ("suggested", "")]
    assert len(session.notices) == 1 and "empty region" in session.notices[0]
