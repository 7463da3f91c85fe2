"""Rows and columns of widgets in one call."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

Item = QWidget | QLayout | int | None
"""A widget, a layout, a space of so many pixels, or a gap that grows (None)."""
Margins = int | tuple[int, int, int, int]
"""In pixels: the same on all sides, or left, top, right, bottom."""


def lay_row(
    *items: Item | tuple[QWidget | QLayout, int],
    parent: QWidget | None = None,
    margins: Margins | None = None,
    spacing: int | None = None,
) -> QHBoxLayout:
    """``items`` from left to right; ``(item, n)`` grows by ``n`` parts of the room that is left. ``parent`` gets the
    layout; margins and spacing of None are the style's, in a layout within another no margins."""
    layout = QHBoxLayout(parent)
    _fill(layout, items, margins, spacing)
    return layout


def lay_column(
    *items: Item | tuple[QWidget | QLayout, int],
    parent: QWidget | None = None,
    margins: Margins | None = None,
    spacing: int | None = None,
) -> QVBoxLayout:
    """As `lay_row`, from top to bottom."""
    layout = QVBoxLayout(parent)
    _fill(layout, items, margins, spacing)
    return layout


def _fill(
    layout: QBoxLayout,
    items: tuple[Item | tuple[QWidget | QLayout, int], ...],
    margins: Margins | None,
    spacing: int | None,
) -> None:
    if margins is not None:
        layout.setContentsMargins(*((margins,) * 4 if isinstance(margins, int) else margins))
    if spacing is not None:
        layout.setSpacing(spacing)
    for item in items:
        part, stretch = item if isinstance(item, tuple) else (item, 0)
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, int):
            layout.addSpacing(part)
        elif isinstance(part, QLayout):
            layout.addLayout(part, stretch)
        else:
            layout.addWidget(part, stretch)


def scrolled(widget: QWidget, area: QScrollArea | None = None) -> QScrollArea:
    """``widget`` in an area that scrolls up and down only, without a frame; ``area`` None makes one."""
    area = area or QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
