"""Going to an image by number or name."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from roi_assistant.storage.records import ImageRow
from roi_assistant.ui.docks.image_jump import ImageJump, image_index
from tests.gui.fake_session import FakeSession


@pytest.mark.parametrize(
    ("text", "after", "index"),
    [
        ("1", 0, 0),
        ("4", 0, 3),
        ("5", -1, 1),  # more than there are images: a part of a name
        ("0", -1, 2),
        ("cat", -1, 0),
        ("CAT", 0, 3),
        ("cat", 3, 0),
        ("", 0, None),
        ("unicorn", 0, None),
    ],
)
def test_a_number_of_the_list_or_the_next_name(text: str, after: int, index: int | None) -> None:
    assert image_index(text, ["cat-7.jpg", "dog5.jpg", "dog0.jpg", "in/Cat.jpg"], after=after) == index


def test_enter_goes_also_before_the_answer_and_escape_does_not(qapp: QApplication) -> None:
    session = FakeSession()
    session.list_images([ImageRow(n, f"p/{n:03}.jpg", 9, 9, 0, 0, 0, 0, 0, "") for n in range(1200)])
    session.open_image("p/005.jpg")
    jump, left = ImageJump(session), []
    jump.left.connect(lambda: left.append(1))
    jump.open()
    assert jump.line.text() == "6" and jump.line.selectedText() == "6"
    QTest.keyClicks(jump.line, "1100")
    number, total = map(jump.locale().toString, (1100, 1200))
    assert jump.target.text() == f"{number} of {total}: 1099.jpg" and session.image.key == "p/005.jpg"
    QTest.keyClick(jump.line, Qt.Key.Key_Escape)
    assert jump.isHidden() and session.image.key == "p/005.jpg" and len(left) == 1

    jump.open()
    session.store.held = []
    QTest.keyClicks(jump.line, "07.jpg")
    QTest.keyClick(jump.line, Qt.Key.Key_Return)
    held, session.store.held = session.store.held, None
    for read in held:
        read()
    assert session.image.key == "p/007.jpg" and jump.isHidden() and len(left) == 2

    jump.open()
    QTest.keyClicks(jump.line, "unicorn")
    QTest.keyClick(jump.line, Qt.Key.Key_Return)
    assert not jump.isHidden() and total in jump.target.text() and session.image.key == "p/007.jpg"
