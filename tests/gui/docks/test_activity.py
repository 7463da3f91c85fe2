"""The activity dock: what runs, what is left, how it ended."""

from __future__ import annotations

import pytest
from PyQt6.QtWidgets import QApplication

from roi_assistant.ui.docks.activity import Activity, time_left
from roi_assistant.ui.session.jobs import JobStatus
from tests.gui.fake_session import FakeSession


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (4.0, "a few seconds left"),
        (44.0, "about 40 s left"),
        (61.0, "about 1 min left"),
        (3720.0, "about 1 h 2 min left"),
    ],
)
def test_time_left(seconds: float | None, text: str) -> None:
    assert time_left(seconds) == text


def test_jobs_come_go_and_are_cancelled(qapp: QApplication) -> None:
    session = FakeSession()
    dock = Activity(session)
    dock.show()
    assert not dock.cards
    session.jobs.set(
        JobStatus("a", "Export", "done", 3, 3, None, "3 regions"),
        JobStatus("b", "Caption", "running", 1, 4, 90.0),
    )
    first = dock.cards["b"]
    assert first.detail == "1 of 4 · about 2 min left" and dock.cards["a"].message == "3 regions"
    assert first.cancel_button.isVisible() and not dock.cards["a"].cancel_button.isVisible()
    assert first.y() < dock.cards["a"].y() or dock._column.indexOf(first) < dock._column.indexOf(dock.cards["a"])
    first.cancel_button.click()
    first.cancel_button.click()
    assert session.jobs.cancelled == ["b"]
    session.jobs.set(JobStatus("b", "Caption", "failed", 1, 4, None, "The disk is full."))
    assert list(dock.cards) == ["b"] and dock.cards["b"] is first
    assert first.message == "The disk is full." and first.detail.startswith("failed")
    dock.close()
