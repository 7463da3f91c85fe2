"""Fields that take so many letters, and show a longer text without a chance to lose it."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QMimeData
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.text_bounds import LONGEST_TEXT
from roi_assistant.ui.docks.caption_edit import CaptionEdit
from roi_assistant.ui.look.bounded_fields import BoundedLine, BoundedTextEdit

pytestmark = pytest.mark.usefixtures("qapp")
LONG = "word " * 400_000


@pytest.mark.parametrize("kind", [BoundedLine, BoundedTextEdit])
def test_a_longer_text_is_shown_cut_and_cannot_be_edited(kind: type[BoundedLine | BoundedTextEdit]) -> None:
    field = kind()
    field.show_text(LONG)
    assert field.is_cut and field.isReadOnly()
    field.setReadOnly(False)  # whoever may edit the region
    assert field.isReadOnly()
    field.show_text("a dog")
    assert not field.is_cut and not field.isReadOnly()


def test_typing_and_pasting_end_at_the_bound() -> None:
    field = BoundedTextEdit(most=10)
    field.show_text("a dog")
    pasted = QMimeData()
    pasted.setText(" on a lawn")
    field.insertFromMimeData(pasted)
    assert field.toPlainText() == "a dog", "half of a text says something else"
    field.selectAll()
    field.insertFromMimeData(pasted)
    QTest.keyClicks(field, "xyz")
    assert field.toPlainText() == " on a lawn"


def test_a_long_caption_is_not_kept_by_its_beginning() -> None:
    edit = CaptionEdit()
    told: list[tuple[str, str]] = []
    edit.committed.connect(lambda subject, text: told.append((subject, text)))
    edit.show_caption("r1", LONG)
    assert len(edit.toPlainText()) < LONGEST_TEXT
    edit.show_caption("r2", "a dog")
    edit.commit()
    assert told == []
    assert QApplication.instance() is not None
