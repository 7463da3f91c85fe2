"""All keys on one page, from the table of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPalette
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from roi_assistant.ui.look.palette import GRID, look
from roi_assistant.ui.pages.page import Card, Page
from roi_assistant.ui.window.actions import ACTIONS, CANVAS_KEYS, MENUS, ActionSpec, shown_key

if TYPE_CHECKING:
    from roi_assistant.ui.window.main_window import MainWindow


def shortcut_groups() -> list[tuple[str, list[tuple[str, tuple[str, ...]]]]]:
    """Title and (what it does, keys) of each group, in the order of the menus."""
    groups: list[tuple[str, list[tuple[str, tuple[str, ...]]]]] = []
    for menu, title in MENUS.items():
        rows = [(spec.plain, spec.keys) for spec in ACTIONS if spec.menu == menu and spec.keys]
        if menu == "region":
            choices = [spec for spec in ACTIONS if spec.id == "choose_alternative"]
            rows.append(_choices(choices))
        if rows:
            groups.append((QCoreApplication.translate("Actions", title).replace("&", ""), rows))
    canvas: list[tuple[str, tuple[str, ...]]] = [
        (QCoreApplication.translate("Actions", text), (key,)) for key, text in CANVAS_KEYS
    ]
    groups.append((QCoreApplication.translate("Actions", "On the image"), canvas))
    return groups


def _choices(specs: list[ActionSpec]) -> tuple[str, tuple[str, ...]]:
    text = QCoreApplication.translate("Actions", "Choose an alternative")
    return text, (f"{specs[0].keys[0]} – {specs[-1].keys[0]}",)


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
    """What ``?`` shows."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(title="", lead="", width=1000)
        self.heading.setText(self.tr("Keyboard shortcuts"))
        self.lead.setText(
            self.tr("Single keys work everywhere but in text fields. Ctrl+K finds a command by its name.")
        )
        self.setAccessibleName(self.tr("Keyboard shortcuts"))
        columns = QHBoxLayout()
        columns.setSpacing(2 * GRID)
        left, right = QGridLayout(), QGridLayout()
        for grid in (left, right):
            grid.setVerticalSpacing(2 * GRID)
            columns.addLayout(grid, 1)
        heights = [0, 0]
        for title, rows in shortcut_groups():
            shorter = 0 if heights[0] <= heights[1] else 1
            grid = (left, right)[shorter]
            grid.addWidget(self._card(title, rows), grid.rowCount(), 0)
            heights[shorter] += len(rows) + 2
        for grid in (left, right):
            grid.setRowStretch(grid.rowCount(), 1)
        self.body.addLayout(columns)
        self.body.addStretch(1)

    def _card(self, title: str, rows: list[tuple[str, tuple[str, ...]]]) -> Card:
        card = Card(title)
        grid = QGridLayout()
        grid.setVerticalSpacing(GRID // 2)
        grid.setColumnStretch(0, 1)
        for number, (text, keys) in enumerate(rows):
            grid.addWidget(QLabel(text), number, 0)
            row = QHBoxLayout()
            row.setSpacing(GRID // 2)
            row.addStretch(1)
            shown = list(dict.fromkeys(map(shown_key, keys)))
            for key in shown[:2]:
                row.addWidget(Key(key))
            grid.addLayout(row, number, 1)
        card.body.addLayout(grid)
        return card
