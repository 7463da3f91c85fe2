"""Controls in the dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtWidgets import QApplication, QCheckBox, QLineEdit, QRadioButton, QSpinBox, QWidget

from roi_assistant.ui.look.theme import apply_theme, contrast
from roi_assistant.ui.pages.page import add_form_row, form_layout


@pytest.fixture
def dark(qapp: QApplication) -> Iterator[QApplication]:
    apply_theme(qapp, "dark")
    yield qapp
    apply_theme(qapp, "light")


def strongest(image: QImage, area: tuple[int, int, int, int]) -> float:
    """The highest contrast of a pixel in ``area`` with the background, which is at the lower right."""
    background = QColor(image.pixel(image.width() - 1, image.height() - 1))
    left, top, right, bottom = area
    return max(contrast(QColor(image.pixel(x, y)), background) for x in range(left, right) for y in range(top, bottom))


@pytest.mark.parametrize("kind", [QCheckBox, QRadioButton])
def test_an_empty_box_can_be_seen(dark: QApplication, kind: type[QCheckBox] | type[QRadioButton]) -> None:
    page = QWidget()
    box = kind(page)
    page.resize(40, 40)
    box.resize(30, 30)
    image = page.grab().toImage()
    assert strongest(image, (0, 0, 30, 30)) > 3  # WCAG 2.1, 1.4.11


def test_number_fields_of_a_form_are_as_high_as_text_fields(qapp: QApplication) -> None:
    apply_theme(qapp, "light")
    page = QWidget()
    form = form_layout()
    page.setLayout(form)
    number, text = QSpinBox(), QLineEdit()
    add_form_row(form, "number", number)
    add_form_row(form, "text", text)
    page.show()
    assert number.height() == text.height()
