"""Widgets that follow the theme."""

from __future__ import annotations

import pytest
from PyQt6.QtGui import QColor, QFont, QPalette
from PyQt6.QtWidgets import QWidget

from roi_assistant.ui.look.palette_change import on_palette_change

pytestmark = pytest.mark.usefixtures("qapp")


def test_the_function_is_called_for_palettes_and_only_when_asked_for_fonts() -> None:
    outer, changes = QWidget(), []
    inner = QWidget(outer)
    on_palette_change(inner, lambda: changes.append(inner.palette().color(QPalette.ColorRole.Window).name()))
    on_palette_change(inner, lambda: changes.append(inner.font().pointSize()), fonts=True)
    outer.setPalette(QPalette(QColor("#102030")))
    assert "#102030" in changes and len(changes) == 2
    inner.setFont(QFont("sans", 31))
    assert changes[2:] == [31]
