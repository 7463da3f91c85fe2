"""The row that says after which accepted regions a suggestion was told."""

from __future__ import annotations

import pytest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.records import RegionKey
from roi_assistant.ui.docks.alike import AlikeRow
from tests.gui.fake_session import FakeSession, make_region


@pytest.fixture
def session(qapp: QApplication) -> FakeSession:
    taught = [make_region(f"t{n}", ((f"fork {n}", 0.9),), box=Box(n, 0, n + 9, 9), state="accepted") for n in range(3)]
    return FakeSession(taught)


def test_it_tells_how_many_and_leads_to_them(session: FakeSession) -> None:
    row = AlikeRow(session, None)  # type: ignore[arg-type]
    opened: list[tuple[str, str]] = []
    session.open_image = lambda key, *, region="": opened.append((key, region))  # type: ignore[method-assign]
    like = tuple(RegionKey("cat.jpg", id_) for id_ in ("t1", "gone", "t0"))
    row.show_region(make_region(like=like))
    assert not row.isHidden() and "3" in row.title.text()
    shown = [button for button in row.buttons if not button.isHidden()]
    assert [button.accessibleName() for button in shown] == ["fork 1, on cat.jpg", "fork 0, on cat.jpg"]
    shown[1].click()
    assert opened == [("cat.jpg", "t0")]


def test_it_is_hidden_where_the_model_speaks_alone_or_a_person_has_decided(session: FakeSession) -> None:
    row = AlikeRow(session, None)  # type: ignore[arg-type]
    row.show_region(make_region())
    assert row.isHidden()
    like = (RegionKey("cat.jpg", "t1"),)
    row.show_region(make_region(like=like))
    assert not row.isHidden()
    row.show_region(make_region(like=like, state="accepted"))
    assert row.isHidden()
    row.show_region(make_region(like=like))
    row.show_region(None)
    assert row.isHidden()
