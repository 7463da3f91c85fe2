"""Edits wait while an image is read or an undo is in flight, in their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.edits import RegionChange
from tests.gui.fake_session import FakeSession, make_region


@pytest.fixture
def session(qapp: QApplication) -> FakeSession:
    return FakeSession([make_region("a"), make_region("b")])


def hold(session: FakeSession, monkeypatch: pytest.MonkeyPatch, name: str) -> list[Callable[[], None]]:
    """Calls of a method of the store wait in the list."""
    waiting: list[Callable[[], None]] = []
    real = getattr(session.store, name)
    monkeypatch.setattr(
        session.store, name, lambda *args, **options: waiting.append(lambda: real(*args, **options)), raising=True
    )
    return waiting


def labels(session: FakeSession) -> list[str]:
    return [edit.label for edit in session.store.edits]


def test_acts_on_an_image_that_is_being_read_come_after_it_in_their_order(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.project.stored["dog.jpg"] = (make_region("c"),)
    reads = hold(session, monkeypatch, "ask")
    session.open_image("dog.jpg")
    session.edits.accept(("c",))
    session.edits.edit_caption("c", "a dog")
    assert labels(session) == [] and not session.history.is_settled
    for read in reads:
        read()
    assert labels(session) == ["Accept", "Edit caption"] and session.image.regions[0].state == "edited"


def test_an_act_for_an_image_that_was_left_is_forgotten(session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = hold(session, monkeypatch, "ask")
    session.open_image("dog.jpg")
    session.edits.delete(("a",))
    session.open_image("cat.jpg")
    for read in reads:
        read()
    assert labels(session) == [] and len(session.image.regions) == 2


def test_an_edit_waits_for_an_undo_and_an_undo_for_the_edit_before(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.edits.accept(("a",))
    writes = hold(session, monkeypatch, "write")
    session.history.undo()
    session.edits.reject(("b",))
    session.history.undo()
    assert labels(session) == ["Accept"] and len(writes) == 1
    writes[0]()
    assert labels(session) == ["Accept", "Reject"] and len(writes) == 2, "the second undo takes the rejection back"
    writes[1]()
    assert [region.state for region in session.image.regions] == ["suggested", "suggested"]


def test_waiting_ends_when_an_undo_fails(session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_image: str) -> Any:
        raise OSError("the disk is gone")

    monkeypatch.setattr(session.project, "undo", fail)
    session.history.undo()
    assert session.notices == ["the disk is gone"] and session.history.is_settled
    session.edits.accept(("a",))
    assert labels(session) == ["Accept"]


def test_a_change_that_cannot_be_made_is_a_notice_and_no_edit(session: FakeSession) -> None:
    stranger = make_region("x")
    assert not session.history.commit("Accept", (RegionChange("cat.jpg", stranger, make_region("x", locked=True)),))
    assert session.notices and labels(session) == []
