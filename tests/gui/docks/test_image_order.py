"""Sorting and grouping the list of images: the menu, headings, and the order of next and previous."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu

from roi_assistant.storage.records import ImageOrder, ImageRow
from roi_assistant.ui.docks.image_list import ImageList
from roi_assistant.ui.docks.image_model import HEADING_ROLE, heading_height
from roi_assistant.ui.look.thumbnails import Thumbnails
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import is_open, key, run_program, wait_for
from tests.gui.e2e.driving import shot
from tests.gui.fake_session import FakeSession


def test_headings_stand_above_the_first_row_of_each_group_only(qapp: QApplication) -> None:
    session = FakeSession()
    dock = ImageList(session, thumbnails=Thumbnails(size=56, load=lambda path, size: None))  # type: ignore[arg-type]
    dock.resize(280, 600)
    dock.show()
    session.images.set_order(ImageOrder(group="folder"))
    rows = [ImageRow(n, f"{n // 50}/{n:03}.jpg", 9, 9, 0, 0, 0, 0, 0, "") for n in range(150)]
    session.list_images(rows)

    def headings() -> dict[int, str]:
        texts = (dock.model.index(row).data(HEADING_ROLE) for row in range(dock.model.rowCount()))
        return {row: text for row, text in enumerate(texts) if text}

    def higher() -> list[int]:
        plain = dock.view.rowHeight(1)
        heights = {row: dock.view.rowHeight(row) - plain for row in range(dock.model.rowCount())}
        assert set(heights.values()) <= {0, heading_height(dock.view.font())}
        return [row for row, height in heights.items() if height]

    assert headings() == {0: "0 · 50", 50: "1 · 50", 100: "2 · 50"} and higher() == [0, 50, 100]
    session.list_images(rows[25:120])
    assert list(headings()) == higher() == [0, 25, 75]
    session.images.set_order(ImageOrder(group="state"))
    assert headings() == {0: "No boxes · 95"} and higher() == [0]
    session.images.set_order(ImageOrder())
    assert headings() == {} and higher() == []
    dock.close()
    dock.close_pictures()


@pytest.mark.usefixtures("writer")
def test_the_order_is_chosen_by_keys_kept_and_walked(photos: Path) -> None:
    for age, name in enumerate(("a.png", "inner/c.png", "b.png")):
        os.utime(photos / name, (1_700_000_000 + age, 1_700_000_000 + age))

    def walk(window: MainWindow) -> list[str]:
        """The images in the order in which D reaches them."""
        session, canvas = window.session, window.workspace.canvas
        session.open_image(session.images.keys[0])
        seen = [session.image.key]
        canvas.setFocus()
        for _ in range(len(session.images.keys)):
            key(canvas, Qt.Key.Key_D)
            wait_for(lambda: is_open(window), "the next image")
            if session.image.key != seen[-1]:
                seen.append(session.image.key)
        return seen

    def choose(window: MainWindow, *names: Qt.Key) -> None:
        """Open the menu with its key and press ``names`` in it."""
        window.workspace.canvas.setFocus()
        key(window.workspace.canvas, Qt.Key.Key_S)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        shot(window, "order-menu")
        for name in (*names, Qt.Key.Key_Return):
            QTest.keyClick(menu, name)
        assert QApplication.activePopupWidget() is None
        window.activateWindow()  # a window that another test left may have come up when the menu closed

    def drive(window: MainWindow) -> None:
        session, chip = window.session, window.workspace.images.order
        wait_for(lambda: is_open(window) and not session.images.scanning, "the first image")
        assert walk(window) == ["a.png", "b.png", "inner/c.png"]
        choose(window, Qt.Key.Key_Down)
        wait_for(lambda: list(session.images.keys) == ["a.png", "inner/c.png", "b.png"], "the dates")
        assert walk(window) == ["a.png", "inner/c.png", "b.png"] and "Date" in chip.text()
        choose(window, *[Qt.Key.Key_Down] * 3)
        wait_for(lambda: list(session.images.keys) == ["b.png", "inner/c.png", "a.png"], "the other way round")
        choose(window, *[Qt.Key.Key_Down] * 5)
        wait_for(lambda: list(session.images.keys) == ["b.png", "a.png", "inner/c.png"], "the folders")
        assert walk(window) == ["b.png", "a.png", "inner/c.png"]
        assert list(session.images.rows.groups) == [0, 2]
        shot(window, "grouped")

        key(window.workspace.canvas, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
        line = window.workspace.images.jump.line
        assert line.hasFocus() and line.text() == "3"
        QTest.keyClicks(line, "2")
        shot(window, "jump")
        key(line, Qt.Key.Key_Return)
        wait_for(lambda: session.image.key == "a.png", "the second image")
        assert window.workspace.canvas.hasFocus() and not line.isVisible()

    def drive_again(window: MainWindow) -> None:
        keys = ["b.png", "a.png", "inner/c.png"]
        wait_for(lambda: is_open(window) and list(window.session.images.keys) == keys, "the order that was kept")

    assert run_program(drive, "open", str(photos)) == 0
    assert run_program(drive_again, "open", str(photos)) == 0
