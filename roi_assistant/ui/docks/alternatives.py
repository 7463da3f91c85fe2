"""The numbered alternatives of a region, whole: one click, or its digit, takes one."""

from __future__ import annotations

from html import escape
from typing import Final

from PyQt6.QtCore import QEvent, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from roi_assistant.core.offers import Offers
from roi_assistant.core.text_bounds import shortened
from roi_assistant.ui.docks.provenance import percent, provenance_tooltip
from roi_assistant.ui.look.controls import ENTER, claims_key
from roi_assistant.ui.look.drawn_text import elided
from roi_assistant.ui.look.palette import GRID, look, mix, paint_bar, small_font

ROOM: Final = 5
"""Rows that are always reserved, so that what stands below does not jump from region to region."""
MOST: Final = 9
"""As many as there are digits."""
_BAR: Final = 56
_BARS_FROM: Final = 220
_LEAST_TEXT: Final = 40
_WRAPPED: Final = int(Qt.TextFlag.TextWordWrap)


class Alternatives(QWidget):
    """A model's captions with their scores as bars, and captions from earlier in the project. Shows at most nine; keeps
    room for five."""

    chosen = pyqtSignal(int)
    """The index, from 0, of the alternative that was clicked or whose digit was pressed."""

    def __init__(self, parent: QWidget | None = None, *, room: int = ROOM) -> None:
        super().__init__(parent)
        self._room = room
        self._offers = Offers()
        self._texts: tuple[str, ...] = ()
        self._hover = -1
        self._current = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Alternatives"))

    def show_offers(self, offers: Offers) -> None:
        """Show ``offers``, the first nine."""
        if offers == self._offers:
            return
        texts = (*(caption.text for caption in offers.alternatives), *offers.earlier)[:MOST]
        texts = tuple(map(shortened, texts))
        self._offers, self._texts = offers, texts
        self._hover, self._current = -1, 0
        self.setAccessibleDescription("; ".join(f"{n} {text}" for n, text in enumerate(texts, start=1)))
        self.updateGeometry()
        self.update()

    @property
    def texts(self) -> tuple[str, ...]:
        """What is shown, by row."""
        return self._texts

    @property
    def count(self) -> int:
        """How many rows there are, and digits that take one."""
        return len(self._texts)

    def score(self, row: int) -> float | None:
        """The model's score of a row; None for what people said earlier."""
        own = self._offers.alternatives
        return own[row].score if row < len(own) else None

    def _row(self) -> int:
        """Height of a row whose text needs one line."""
        return self.fontMetrics().height() + GRID // 2

    def _rows(self, width: int) -> list[tuple[QRect, QRect]]:
        """For each row its place and that of its text, which is wrapped: a caption is chosen by its last words, too."""
        metrics, rows, y = self.fontMetrics(), [], 0
        left = GRID // 2 + metrics.height() + GRID - 1
        room = max(_LEAST_TEXT, width - left - self._right(width) - GRID)
        for text in self._texts:
            height = metrics.boundingRect(QRect(0, 0, room, 10_000), _WRAPPED, text).height() + GRID // 2
            rows.append((QRect(0, y, width, height), QRect(left, y, room, height)))
            y += height
        return rows

    def _right(self, width: int) -> int:
        """Room for the score, and for its bar where there is much."""
        score = QFontMetrics(small_font(self.font())).horizontalAdvance("100 %")
        return score + (_BAR + GRID if width > _BARS_FROM else 0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = self._rows(width)
        return max(self._room * self._row(), rows[-1][0].bottom() + 1 if rows else 0)

    def sizeHint(self) -> QSize:
        width = max(160, self.width())
        return QSize(160, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        colors = look(self.palette())
        if not self._texts:
            painter.setPen(colors.muted)
            rect = QRect(0, 0, self.width(), self._row())
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, self.tr("The model gave no alternatives."))
            painter.end()
            return
        height, small = self._row(), small_font(self.font())
        metrics, lower = self.fontMetrics(), QFontMetrics(small)
        score_width = lower.horizontalAdvance("100 %")
        bars, right = self.width() > _BARS_FROM, self._right(self.width())
        for row, (rect, text) in enumerate(self._rows(self.width())):
            first = QRect(rect.x(), rect.y(), rect.width(), height)  # digit and score stand at the first line
            if row == self._hover and self.isEnabled():
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colors.hover)
                painter.drawRoundedRect(QRectF(rect), 4, 4)
            if self.hasFocus() and row == self._current:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colors.accent, 1.5))
                painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 4, 4)
            key = QRect(GRID // 2, first.y() + (height - metrics.height()) // 2, metrics.height(), metrics.height())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colors.line, 1))
            painter.setBrush(colors.raised)
            painter.drawRoundedRect(QRectF(key).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
            painter.setFont(small)
            painter.setPen(colors.muted)
            painter.drawText(key, Qt.AlignmentFlag.AlignCenter, str(row + 1))
            painter.setFont(self.font())
            painter.setPen(colors.text if self.isEnabled() else mix(colors.text, colors.base, 0.5))
            painter.drawText(text, _WRAPPED | Qt.AlignmentFlag.AlignVCenter, self._texts[row])
            painter.setFont(small)
            painter.setPen(colors.muted)
            score = self.score(row)
            if score is not None and bars:
                bar = QRectF(self.width() - right, first.center().y() - 2, _BAR, 5)
                paint_bar(painter, bar, score, colors)
            if row >= len(self._offers.alternatives):
                place = QRect(self.width() - right, first.y(), right, height)
                told = elided(lower, self.tr("said before"), right)
            else:
                place = QRect(self.width() - score_width, first.y(), score_width, height)
                told = percent(score) if score is not None else ""
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, told)
        painter.end()

    def _at(self, y: float) -> int:
        return next((n for n, (rect, _) in enumerate(self._rows(self.width())) if rect.top() <= y <= rect.bottom()), -1)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        row = self._at(event.position().y()) if event else -1
        if row != self._hover:
            self._hover = row
            self.setCursor(Qt.CursorShape.PointingHandCursor if row >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, _event: QEvent | None) -> None:
        self._hover = -1
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        row = self._at(event.position().y())
        if row >= 0:
            self.chosen.emit(row)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        key, last = event.key(), self.count - 1
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and last >= 0:
            self._current = min(last, max(0, self._current + (1 if key == Qt.Key.Key_Down else -1)))
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and last >= 0:
            self.chosen.emit(self._current)
        elif 0 <= key - Qt.Key.Key_1 <= last:
            self.chosen.emit(key - Qt.Key.Key_1)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent | None) -> bool:
        if claims_key(event, ENTER):
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = self._at(event.pos().y())
            if row >= 0:
                QToolTip.showText(event.globalPos(), self._tooltip(row), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def _tooltip(self, row: int) -> str:
        own = self._offers.alternatives
        if row < len(own):
            details = provenance_tooltip(own[row].provenance, score=own[row].score)
        else:
            details = f"<p>{escape(self.tr('A person said this of such a thing earlier in this project'))}</p>"
        take = escape(self.tr("Take it: {key}").format(key=row + 1))
        return f"<p>{escape(self._texts[row])}</p>{details}<p>{take}</p>"
