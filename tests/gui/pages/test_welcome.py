"""The empty state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from roi_assistant.ui.pages.welcome import WelcomePage

FOLDERS = [Path("/photos/street"), Path("/photos/猫")]


def welcome(**options: Any) -> tuple[WelcomePage, list[object]]:
    told: list[object] = []
    page = WelcomePage(
        open_folder=lambda: told.append("open"),
        open_recent=told.append,
        open_samples=options.pop("open_samples", lambda: told.append("samples")),
        forget_recent=lambda folder: told.append(("forget", folder)),
        recent=FOLDERS,
        **options,
    )
    page.show()
    return page, told


def test_buttons_and_recent_folders_call_what_they_were_given() -> None:
    page, told = welcome()
    page.open_button.click()
    page.samples_button.click()
    page.recent_list.setFocus()
    page.recent_list.setCurrentRow(1)
    QTest.keyClick(page.recent_list, Qt.Key.Key_Return)
    assert told == ["open", "samples", FOLDERS[1]]


def test_delete_takes_a_folder_off_the_list() -> None:
    page, told = welcome()
    page.activateWindow()
    QTest.qWaitForWindowActive(page)
    page.recent_list.setFocus()
    page.recent_list.setCurrentRow(0)
    QTest.keyClick(page.recent_list, Qt.Key.Key_Delete)
    assert told == [("forget", FOLDERS[0])] and page.recent_list.count() == 1


def test_without_recent_folders_and_samples_only_the_button_is_left() -> None:
    page, _ = welcome(open_samples=None)
    page.set_recent([])
    assert not page.recent_card.isVisibleTo(page) and not page.samples_button.isVisibleTo(page)
