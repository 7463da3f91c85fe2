"""The region list: selection in both directions, keys, what a row tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PyQt6.QtCore import QEvent, QItemSelectionModel, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QApplication

from roi_assistant.ui.docks.region_list import RegionList
from tests.gui.fake_session import FakeSession, make_region


@pytest.fixture
def session() -> FakeSession:
    return FakeSession([make_region("a"), make_region("b", (("a dog", 0.5),), unsure=True), make_region("c", ())])


@pytest.fixture
def dock(qapp: QApplication, session: FakeSession) -> Iterator[RegionList]:
    dock = RegionList(session)
    dock.resize(300, 300)
    dock.show()
    yield dock
    dock.close()


def selected_rows(dock: RegionList) -> list[int]:
    selection = dock.view.selectionModel()
    assert selection is not None
    return sorted(index.row() for index in selection.selectedRows())


def test_the_selection_of_the_session_is_shown(dock: RegionList, session: FakeSession) -> None:
    session.image.select(("c", "a"))
    assert selected_rows(dock) == [0, 2]
    session.image.select(())
    assert selected_rows(dock) == []


def test_rows_that_are_selected_are_selected_in_the_session(dock: RegionList, session: FakeSession) -> None:
    model, selection = dock.view.model(), dock.view.selectionModel()
    assert model is not None and selection is not None
    selection.select(model.index(1, 0), QItemSelectionModel.SelectionFlag.ClearAndSelect)
    assert session.image.selection == ("b",)
    selection.select(model.index(0, 0), QItemSelectionModel.SelectionFlag.Select)
    assert session.image.selection == ("a", "b")


def test_a_selection_survives_new_and_deleted_rows(dock: RegionList, session: FakeSession) -> None:
    session.image.select(("c",))
    session.edits.delete(("a",))
    assert session.image.selection == ("c",) and selected_rows(dock) == [1]


def test_letters_and_digits_are_the_windows(dock: RegionList, session: FakeSession) -> None:
    def taken(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers)
        event.ignore()
        QApplication.sendEvent(dock.view, event)
        return event.isAccepted()

    assert taken(Qt.Key.Key_PageDown)
    assert not any(taken(key) for key in (Qt.Key.Key_Return, Qt.Key.Key_X, Qt.Key.Key_1, Qt.Key.Key_Tab))
    session.image.select(("a",))
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_R, Qt.KeyboardModifier.NoModifier, "r")
    dock.view.keyPressEvent(event)  # a list would look for a row with this letter
    assert not event.isAccepted() and session.image.selection == ("a",)


def test_what_a_row_says_aloud(dock: RegionList, session: FakeSession) -> None:
    model = dock.view.model()
    assert model is not None
    spoken = [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(3)]
    assert "Region 1" in spoken[0] and "a gray cat" in spoken[0] and "unsure" not in spoken[0]
    assert "unsure" in spoken[1]
    session.suggestions.describe(("c",))
    assert "writing" in model.index(2, 0).data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_change_of_one_region_keeps_the_rows(dock: RegionList, session: FakeSession) -> None:
    resets: list[int] = []
    model = dock.view.model()
    assert model is not None
    model.modelReset.connect(lambda: resets.append(1))
    session.edits.accept(("a",))
    assert not resets
    session.image.set_regions((*session.image.regions, replace(make_region("d"), category="new")))
    assert resets and model.rowCount() == 4
