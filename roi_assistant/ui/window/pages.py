"""The pages beside the canvas: each is made, and its module imported, when it is first shown."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from roi_assistant.ui.look import garbage
from roi_assistant.ui.look.palette import GRID, look
from roi_assistant.ui.look.theme import ICON_SIZE, icon

if TYPE_CHECKING:
    from roi_assistant.ui.window.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class PageSpec:
    """``module:class`` of a page; it is made with the session, or with the window when it is ``of_window``."""

    place: str
    of_window: bool = False


PAGES: dict[str, PageSpec] = {
    "review": PageSpec("roi_assistant.ui.pages.review_queue:ReviewQueue"),
    "batch": PageSpec("roi_assistant.ui.pages.batch:BatchPage"),
    "overview": PageSpec("roi_assistant.ui.pages.overview.page:OverviewPage"),
    "schema": PageSpec("roi_assistant.ui.pages.schema_editor:SchemaEditor"),
    "export": PageSpec("roi_assistant.ui.pages.export:ExportPage"),
    "settings": PageSpec("roi_assistant.ui.pages.settings:SettingsPage", of_window=True),
    "shortcuts": PageSpec("roi_assistant.ui.pages.shortcuts:ShortcutsPage", of_window=True),
    "about": PageSpec("roi_assistant.ui.pages.about:AboutPage", of_window=True),
}
NEED_NO_PROJECT = frozenset({"settings", "shortcuts", "about"})


def make_page(name: str, window: MainWindow) -> QWidget:
    """The page ``name`` of ``window``."""
    spec = PAGES[name]
    module, _, class_name = spec.place.partition(":")
    page_class = getattr(importlib.import_module(module), class_name)
    page: QWidget = page_class(window) if spec.of_window else page_class(window.session)
    garbage.set_aside()
    return page


class PageFrame(QWidget):
    """A page under a slim bar with the way back."""

    backRequested = pyqtSignal()

    def __init__(self, name: str, page: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self.page = name, page
        self._back = QToolButton(self)
        self._back.setAutoRaise(True)
        self._back.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        self._back.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._back.setText(self.tr("Back"))
        self._back.setToolTip(self.tr("Back (Esc)"))
        self._back.setAccessibleName(self.tr("Back"))
        self._back.clicked.connect(self.backRequested)
        bar = QWidget(self)
        bar.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(bar)
        row.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        row.addWidget(self._back)
        row.addStretch(1)
        self._bar = bar
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(page, 1)
        self._look()

    def _look(self) -> None:
        self._back.setIcon(icon("back", self.palette()))

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self._look()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setPen(look(self.palette()).line)
        painter.drawLine(0, self._bar.height() - 1, self.width(), self._bar.height() - 1)
