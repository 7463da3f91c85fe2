"""The one place where the window says something: a bar above the pages. Nothing pops up and nothing blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from roi_assistant.ui.look.layouts import lay_row
from roi_assistant.ui.look.palette import GRID, look, mix
from roi_assistant.ui.look.palette_change import on_palette_change
from roi_assistant.ui.look.theme import icon, tinted
from roi_assistant.ui.look.timers import single_shot

Level = Literal["info", "warning", "error"]
SHOWN_FOR = 6000
"""Milliseconds after which a mere information goes away by itself."""
MOST = 20


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence, and perhaps something to do about it."""

    level: Level
    text: str
    action: str = ""
    act: Callable[[], None] | None = None


class NotificationBar(QFrame):
    """Shows one notice at a time, the gravest and then the oldest first. Information goes by itself, the rest stays
    until it is dismissed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notices: list[Notice] = []
        row = lay_row(parent=self, margins=(2 * GRID, GRID // 2, GRID, GRID // 2), spacing=GRID)
        self._sign = QLabel(self)
        self._sign.setFixedSize(QSize(20, 20))
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._more = QLabel(self)
        self._act = QPushButton(self)
        self._act.clicked.connect(self._do)
        self._close = QToolButton(self)
        self._close.setAutoRaise(True)
        self._close.setToolTip(self.tr("Dismiss"))
        self._close.setAccessibleName(self.tr("Dismiss this message"))
        self._close.clicked.connect(self.dismiss)
        row.addWidget(self._sign)
        row.addWidget(self._text, 1)
        row.addWidget(self._more)
        row.addWidget(self._act)
        row.addWidget(self._close)
        self._timer = single_shot(self, SHOWN_FOR, self.dismiss)
        self.hide()
        on_palette_change(self, self._draw_sign)

    @property
    def current(self) -> Notice | None:
        """The notice in sight; None when there is none."""
        return self._notices[0] if self._notices else None

    @property
    def text(self) -> str:
        """The sentence in sight, "" when there is none."""
        return self.current.text if self.current else ""

    def say(self, level: Level, text: str, *, action: str = "", act: Callable[[], None] | None = None) -> None:
        """Show ``text``, each sentence once. ``action`` is the word on a button that calls ``act``."""
        notice = Notice(level, text, action, act)
        if any((old.level, old.text) == (level, text) for old in self._notices):
            return
        waiting = self._notices
        if level == "info" and waiting and waiting[0].level == "info":
            waiting.pop(0)  # a newer information replaces the one in sight
        place = next((n for n, old in enumerate(waiting) if _gravity(old) < _gravity(notice)), len(waiting))
        waiting.insert(place, notice)
        del waiting[MOST:]
        self._show()

    def dismiss(self) -> None:
        """Take the notice in sight away; the next one comes."""
        if self._notices:
            self._notices.pop(0)
        self._show()

    def clear(self) -> None:
        """Drop the notice in sight and all that wait behind it."""
        self._notices.clear()
        self._show()

    def _do(self) -> None:
        notice = self.current
        self.dismiss()
        if notice is not None and notice.act is not None:
            notice.act()

    def _show(self) -> None:
        notice = self.current
        self._timer.stop()
        if notice is None:
            self.hide()
            return
        self._text.setText(notice.text)
        self._act.setText(notice.action)
        self._act.setVisible(notice.act is not None)
        others = len(self._notices) - 1
        self._more.setText(self.tr("%n more", "", others))
        self._more.setVisible(others > 0)
        self._draw_sign()
        self.show()
        self.update()
        names = {"info": self.tr("Note"), "warning": self.tr("Warning"), "error": self.tr("Error")}
        self.setAccessibleName(f"{names[notice.level]}: {notice.text}")
        if notice.level == "info":
            self._timer.start()

    def _accent(self) -> QColor:
        colors = look(self.palette())
        level = self.current.level if self.current else "info"
        return {"info": colors.info, "warning": colors.warning, "error": colors.error}[level]

    def _draw_sign(self) -> None:
        if self.current is not None:
            self._sign.setPixmap(tinted(self.current.level, self._accent(), 20, self.devicePixelRatioF()))
        self._close.setIcon(icon("close", self.palette()))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        base = look(self.palette()).base
        painter.fillRect(self.rect(), mix(self._accent(), base, 0.13))
        painter.fillRect(QRectF(0, 0, 4, self.height()), self._accent())


def _gravity(notice: Notice) -> int:
    return {"info": 0, "warning": 1, "error": 2}[notice.level]
