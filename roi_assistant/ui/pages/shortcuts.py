"""All keys on one page."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPalette
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from roi_assistant.ui.look.keys import shown_key
from roi_assistant.ui.look.layouts import lay_row
from roi_assistant.ui.look.palette import GRID, look
from roi_assistant.ui.pages.page import Card, Page

ShortcutRow = tuple[str, tuple[str, ...]]
"""What happens, and the keys that do it in Qt's portable notation."""


class Key(QLabel):
    """One key, drawn as one."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setContentsMargins(GRID, 2, GRID, 3)
        self.setMinimumWidth(3 * GRID)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(look(self.palette()).line)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Window))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()
        super().paintEvent(event)


class ShortcutsPage(Page):
    """What ``?`` shows: a card for each group, given by its title and rows."""

    def __init__(self, groups: Sequence[tuple[str, Sequence[ShortcutRow]]]) -> None:
        super().__init__(width=1000)
        self.set_title(
            self.tr("Keyboard shortcuts"),
            self.tr("Single keys work everywhere but in text fields. Ctrl+K finds a command by its name."),
        )
        columns = QHBoxLayout()
        columns.setSpacing(2 * GRID)
        left, right = QGridLayout(), QGridLayout()
        for grid in (left, right):
            grid.setVerticalSpacing(2 * GRID)
            columns.addLayout(grid, 1)
        heights = [0, 0]
        for title, rows in groups:
            shorter = 0 if heights[0] <= heights[1] else 1
            grid = (left, right)[shorter]
            grid.addWidget(self._card(title, rows), grid.rowCount(), 0)
            heights[shorter] += len(rows) + 2
        for grid in (left, right):
            grid.setRowStretch(grid.rowCount(), 1)
        self.body.addLayout(columns)
        self.body.addStretch(1)

    def _card(self, title: str, rows: Sequence[ShortcutRow]) -> Card:
        card = Card(title)
        grid = QGridLayout()
        grid.setVerticalSpacing(GRID // 2)
        grid.setColumnStretch(0, 1)
        for number, (text, keys) in enumerate(rows):
            grid.addWidget(QLabel(text), number, 0)
            row = lay_row(None, spacing=GRID // 2)
            shown = list(dict.fromkeys(map(shown_key, keys)))
            for key in shown[:2]:
                row.addWidget(Key(key))
            grid.addLayout(row, number, 1)
        card.body.addLayout(grid)
        return card
