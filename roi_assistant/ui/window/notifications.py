"""The one place where the window says something: a bar above the pages. Nothing pops up and nothing blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from roi_assistant.core.text_bounds import with_both_ends
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.palette import GRID, look, mix
from roi_assistant.ui.look.palette_change import on_palette_change
from roi_assistant.ui.look.theme import icon, tinted
from roi_assistant.ui.look.timers import single_shot

Level = Literal["info", "warning", "error"]
SHOWN_FOR = 6000
"""Milliseconds after which a mere information goes away by itself."""
MOST = 20
IN_SIGHT = 3
"""Notices that are shown at a time."""


@dataclass(frozen=True, slots=True)
class NoticeAction:
    """Something to do about a notice: the word on its button, and what it does."""

    word: str
    act: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence, and perhaps what can be done about it."""

    level: Level
    text: str
    actions: tuple[NoticeAction, ...] = ()


class NotificationBar(QFrame):
    """Shows the gravest notices and then the oldest, one below the other, and how many more there are. Information goes
    by itself, the rest stays until it is dismissed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notices: list[Notice] = []
        self._lines: dict[Notice, NoticeLine] = {}
        self._more = QLabel(self)
        self._more.setContentsMargins(3 * GRID + 20, GRID // 2, GRID, GRID // 2)
        self._column = lay_column(self._more, parent=self, margins=0, spacing=1)
        self.hide()

    @property
    def current(self) -> Notice | None:
        """The notice at the top."""
        return self._notices[0] if self._notices else None

    @property
    def text(self) -> str:
        """What the notice at the top says."""
        return self.current.text if self.current else ""

    @property
    def notices(self) -> tuple[Notice, ...]:
        """All that were not dismissed, from the top."""
        return tuple(self._notices)

    @property
    def lines(self) -> list[NoticeLine]:
        """What is in sight, from the top."""
        return [self._lines[notice] for notice in self._notices[:IN_SIGHT]]

    def say(self, level: Level, text: str, *actions: NoticeAction) -> None:
        """Show ``text``, each sentence once, with a button for each action."""
        notice = Notice(level, text, actions)
        if any((old.level, old.text) == (level, text) for old in self._notices):
            return
        waiting = self._notices
        if level == "info" and waiting and waiting[-1].level == "info":
            waiting.pop()  # a newer information replaces the one before
        place = next((n for n, old in enumerate(waiting) if _gravity(old) < _gravity(notice)), len(waiting))
        waiting.insert(place, notice)
        del waiting[MOST:]
        self._show()

    def dismiss(self, notice: Notice | None = None) -> None:
        """Take ``notice`` away, or the one at the top; what waits comes into sight."""
        notice = notice or self.current
        if notice in self._notices:
            self._notices.remove(notice)
        self._show()

    def clear(self) -> None:
        """Drop the notice in sight and all that wait behind it."""
        self._notices.clear()
        self._show()

    def _show(self) -> None:
        shown = self._notices[:IN_SIGHT]
        for gone in self._lines.keys() - set(shown):
            line = self._lines.pop(gone)
            line.hide()
            line.deleteLater()
        for place, notice in enumerate(shown):
            if notice not in self._lines:
                self._lines[notice] = NoticeLine(notice, self.dismiss, self)
                self._column.insertWidget(place, self._lines[notice])
        others = len(self._notices) - len(shown)
        self._more.setText(self.tr("%n more", "", others))
        self._more.setVisible(others > 0)
        self.setVisible(bool(shown))


class NoticeLine(QFrame):
    """One notice: a sign, the sentence, perhaps buttons, and a way to dismiss it."""

    def __init__(self, notice: Notice, dismiss: Callable[[Notice], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.notice = notice
        self._dismiss = dismiss
        names = {"info": self.tr("Note"), "warning": self.tr("Warning"), "error": self.tr("Error")}
        told = with_both_ends(notice.text)
        self.setAccessibleName(f"{names[notice.level]}: {told}")
        self._sign = QLabel(self)
        self._sign.setFixedSize(QSize(20, 20))
        text = QLabel(told, self)
        text.setWordWrap(True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.buttons = [self._button(action) for action in notice.actions]
        self.close_button = QToolButton(self)
        self.close_button.setAutoRaise(True)
        self.close_button.setToolTip(self.tr("Dismiss"))
        self.close_button.setAccessibleName(self.tr("Dismiss this message"))
        self.close_button.clicked.connect(lambda: dismiss(notice))
        lay_row(
            self._sign,
            (text, 1),
            *self.buttons,
            self.close_button,
            parent=self,
            margins=(2 * GRID, GRID // 2, GRID, GRID // 2),
            spacing=GRID,
        )
        self._draw_signs()
        on_palette_change(self, self._draw_signs)
        if notice.level == "info":
            single_shot(self, SHOWN_FOR, lambda: dismiss(notice)).start()

    def _button(self, action: NoticeAction) -> QPushButton:
        def act() -> None:
            self._dismiss(self.notice)
            action.act()

        button = QPushButton(action.word, self)
        button.clicked.connect(act)
        return button

    def _accent(self) -> QColor:
        colors = look(self.palette())
        return {"info": colors.info, "warning": colors.warning, "error": colors.error}[self.notice.level]

    def _draw_signs(self) -> None:
        self._sign.setPixmap(tinted(self.notice.level, self._accent(), 20, self.devicePixelRatioF()))
        self.close_button.setIcon(icon("close", self.palette()))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        base = look(self.palette()).base
        painter.fillRect(self.rect(), mix(self._accent(), base, 0.13))
        painter.fillRect(QRectF(0, 0, 4, self.height()), self._accent())


def _gravity(notice: Notice) -> int:
    return {"info": 0, "warning": 1, "error": 2}[notice.level]
