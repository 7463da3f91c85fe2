"""What is left when the window was closed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtTest import QTest

from roi_assistant.ui.window.application import ENGINE_AFTER_MS
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import run_program, wait_for

pytestmark = pytest.mark.usefixtures("writer")


def test_a_window_that_is_closed_at_once_starts_no_model(photos: Path) -> None:
    windows: list[MainWindow] = []
    assert run_program(windows.append, "open", str(photos)) == 0
    QTest.qWait(ENGINE_AFTER_MS + 100)
    assert windows[0].session.engine.engine is None
    assert windows[0].session.store.is_closed


def test_a_window_that_is_closed_while_a_folder_is_opened(photos: Path) -> None:
    """Nothing is left locked: the next window can write."""
    assert run_program(lambda window: None, "open", str(photos)) == 0

    def drive(window: MainWindow) -> None:
        wait_for(lambda: window.session.folder is not None, "the folder")
        assert not window.session.read_only

    assert run_program(drive, "open", str(photos)) == 0
