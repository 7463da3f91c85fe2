"""What became of the suggestions of each model, as bars of three parts."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QResizeEvent
from PyQt6.QtWidgets import QWidget

from roi_assistant.core.text_bounds import shortened
from roi_assistant.storage.records import ModelAgreement
from roi_assistant.ui.look.drawn_text import elided
from roi_assistant.ui.look.palette import GRID, mix, small_font
from roi_assistant.ui.pages.overview.figures import percent, reviewed
from roi_assistant.ui.pages.overview.plots import Plot

_ROW = 5 * GRID
_LEGEND = 3 * GRID


class AgreementPlot(Plot):
    """One row per model: accepted unchanged, another of its captions chosen, edited, rejected, as parts of what was
    reviewed."""

    activated = pyqtSignal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._models: tuple[ModelAgreement, ...] = ()
        self._current = -1
        self._hint = ""
        item = self.getPlotItem()
        item.hideAxis("left")
        item.hideAxis("bottom")

    def show_models(self, models: Sequence[ModelAgreement], *, hint: str) -> None:
        """Draw a bar for each of ``models``, from top to bottom. ``hint`` is the second line of a bar's tooltip."""
        self._models = tuple(models)
        self._hint = hint
        self._ready = True
        self.setFixedHeight(max(1, len(self._models)) * _ROW + _LEGEND)
        self.setVisible(bool(self._models))
        self.setAccessibleDescription(". ".join(map(self._words, self._models)))
        self.redraw()

    @property
    def models(self) -> tuple[ModelAgreement, ...]:
        """The models that are drawn, from top to bottom."""
        return self._models

    def _parts(self, model: ModelAgreement) -> tuple[tuple[str, int], ...]:
        return (
            (self.tr("accepted unchanged"), model.unchanged),
            (self.tr("alternative chosen"), model.accepted - model.unchanged),
            (self.tr("edited"), model.edited),
            (self.tr("rejected"), model.rejected),
        )

    def _words(self, model: ModelAgreement) -> str:
        whole = reviewed(model)
        parts = ", ".join(f"{name} {percent(count, whole)}" for name, count in self._parts(model))
        return f"{shortened(model.model)}: {parts}"

    def _draw(self) -> None:
        item = self.getPlotItem()
        item.clear()
        colors = self.colors()
        fills = (colors.accepted, mix(colors.accepted, colors.base, 0.6), colors.edited, colors.rejected)
        # One unit is one pixel, so that texts and bars can share a row.
        width, height = max(1, self.width()), self.height()
        item.setXRange(0, width, padding=0)
        item.setYRange(0, height, padding=0)
        item.getViewBox().invertY(True)
        font, small = self.font(), small_font(self.font())
        x = 0.0
        for (name, _), color in zip(self._parts(_NOBODY), fills, strict=True):
            item.addItem(_rectangle(x, 6, GRID + 2, GRID + 2, color))
            x += 2 * GRID
            self._text(name, x, _LEGEND / 2 - 1, small, colors.muted)
            x += QFontMetrics(small).horizontalAdvance(name) + 2 * GRID
        for row, model in enumerate(self._models):
            top = _LEGEND + row * _ROW
            if row == self._current and self.hasFocus():
                item.addItem(_rectangle(0, top, width, _ROW, colors.hover), ignoreBounds=True)
            whole = reviewed(model)
            name = elided(QFontMetrics(font), model.model, width * 2 // 3, middle=True)
            self._text(name, 0, top + GRID, font, colors.text)
            waiting = self.tr("reviewed {}, waiting {}").format(f"{whole:,}", f"{model.suggested:,}")
            self._text(waiting, width, top + GRID, small, colors.muted, right=True)
            if not whole:
                item.addItem(_rectangle(0, top + 18, width, 2 * GRID, colors.line))
                continue
            left = 0.0
            for (_, count), color in zip(self._parts(model), fills, strict=True):
                part = width * count / whole
                if part:
                    item.addItem(_rectangle(left, top + 18, max(1.0, part - 1), 2 * GRID, mix(color, colors.base, 0.9)))
                text = percent(count, whole)
                if part > QFontMetrics(small).horizontalAdvance(text) + GRID:
                    ink = colors.base
                    self._text(text, left + 4, top + 18 + GRID, small, ink)
                left += part

    def _text(self, text: str, x: float, y: float, font, color, *, right: bool = False) -> None:  # type: ignore[no-untyped-def]
        item = pg.TextItem(text, color=color, anchor=(1.0 if right else 0.0, 0.5))
        item.setFont(font)
        # TextItem keeps a margin of its document around the text.
        item.setPos(x + (4 if right else -4), y)
        self.getPlotItem().addItem(item, ignoreBounds=True)

    def _row_at(self, y: float) -> int:
        row = int((y - _LEGEND) // _ROW)
        return row if y >= _LEGEND and row < len(self._models) else -1

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.redraw()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        row = self._row_at(event.position().y())
        self.setCursor(Qt.CursorShape.PointingHandCursor if row >= 0 else Qt.CursorShape.ArrowCursor)
        if row >= 0:
            self.tell(f"{self._words(self._models[row])}\n{self._hint}", event.position())

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self._current = self._row_at(event.position().y())
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.redraw()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self._current >= 0 and self._row_at(event.position().y()) == self._current:
            self.activated.emit(self._current)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._models:
            step = -1 if event.key() == Qt.Key.Key_Up else 1
            self._current = min(max(self._current + step, 0), len(self._models) - 1)
            self.tell(self._words(self._models[self._current]), None)
            self.redraw()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._current >= 0:
            self.activated.emit(self._current)
        else:
            event.ignore()

    def focusInEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusInEvent(event)
        self._current = max(0, self._current)
        self.redraw()

    def focusOutEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusOutEvent(event)
        self.redraw()

    def leaveEvent(self, event: QEvent | None) -> None:
        super().leaveEvent(event)
        self.setCursor(Qt.CursorShape.ArrowCursor)


_NOBODY = ModelAgreement("", 0, 0, 0, 0, 0, (), None)


def _rectangle(x: float, y: float, width: float, height: float, color) -> pg.BarGraphItem:  # type: ignore[no-untyped-def]
    return pg.BarGraphItem(x0=[x], y0=[y], width=[width], height=[height], pen=None, brush=color)
