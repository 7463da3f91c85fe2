"""The numbered alternatives of a region: one click, or its digit, takes one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PyQt6.QtCore import QEvent, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from roi_assistant.core.records import Caption
from roi_assistant.ui.docks.controls import ENTER, claims_key
from roi_assistant.ui.docks.look import GRID, look, mix, paint_bar, small_font
from roi_assistant.ui.docks.provenance import percent, provenance_tooltip

ROOM: Final = 5
"""Rows that are always reserved, so that what stands below does not jump from region to region."""
MOST: Final = 9
"""As many as there are digits."""
_BAR: Final = 56


class Alternatives(QWidget):
    """Captions with their scores as bars. Shows at most nine; keeps room for five."""

    chosen = pyqtSignal(int)
    """The index, from 0, of the alternative that was clicked or whose digit was pressed."""

    def __init__(self, parent: QWidget | None = None, *, room: int = ROOM) -> None:
        super().__init__(parent)
        self._room = room
        self._captions: tuple[Caption, ...] = ()
        self._hover = -1
        self._current = 0
        self._enabled_look = True
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Alternatives"))

    def set_captions(self, captions: Sequence[Caption]) -> None:
        """Show ``captions``, the first nine."""
        new = tuple(captions[:MOST])
        if new == self._captions:
            return
        higher = max(self._room, len(new)) != max(self._room, len(self._captions))
        self._captions = new
        self._hover, self._current = -1, 0
        self.setAccessibleDescription("; ".join(f"{n} {c.text}" for n, c in enumerate(new, start=1)))
        if higher:
            self.updateGeometry()
        self.update()

    @property
    def captions(self) -> tuple[Caption, ...]:
        """What is shown."""
        return self._captions

    def _row(self) -> int:
        return self.fontMetrics().height() + GRID

    def sizeHint(self) -> QSize:
        return QSize(160, self._row() * max(self._room, len(self._captions)))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        colors = look(self.palette())
        if not self._captions:
            painter.setPen(colors.muted)
            rect = QRect(0, 0, self.width(), self._row())
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, self.tr("The model gave no alternatives."))
            painter.end()
            return
        height, small = self._row(), small_font(self.font())
        metrics, lower = self.fontMetrics(), QFontMetrics(small)
        score_width = lower.horizontalAdvance("100 %")
        bars = self.width() > 220
        right = score_width + (_BAR + GRID if bars else 0)
        for row, caption in enumerate(self._captions):
            rect = QRect(0, row * height, self.width(), height)
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
            key = QRect(GRID // 2, rect.y() + (height - metrics.height()) // 2, metrics.height(), metrics.height())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colors.line, 1))
            painter.setBrush(colors.raised)
            painter.drawRoundedRect(QRectF(key).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
            painter.setFont(small)
            painter.setPen(colors.muted)
            painter.drawText(key, Qt.AlignmentFlag.AlignCenter, str(row + 1))
            painter.setFont(self.font())
            painter.setPen(colors.text if self.isEnabled() else mix(colors.text, colors.base, 0.5))
            left = key.right() + GRID
            text = QRect(left, rect.y(), max(8, self.width() - left - right - GRID), height)
            shown = metrics.elidedText(caption.text, Qt.TextElideMode.ElideRight, text.width())
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
            if caption.score is None:
                continue
            if bars:
                bar = QRectF(self.width() - right, rect.center().y() - 2, _BAR, 5)
                paint_bar(painter, bar, caption.score, colors)
            painter.setFont(small)
            painter.setPen(colors.muted)
            place = QRect(self.width() - score_width, rect.y(), score_width, height)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, percent(caption.score))
        painter.end()

    def _at(self, y: float) -> int:
        row = int(y // self._row())
        return row if 0 <= row < len(self._captions) else -1

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
        key, last = event.key(), len(self._captions) - 1
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
                caption = self._captions[row]
                QToolTip.showText(event.globalPos(), _tooltip(caption, self.tr("Take it: {key}"), row), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)


def _tooltip(caption: Caption, take: str, row: int) -> str:
    from html import escape

    details = provenance_tooltip(caption.provenance, score=caption.score)
    return f"<p>{escape(caption.text)}</p>{details}<p>{escape(take.format(key=row + 1))}</p>"
