"""The plots of the overview, on pyqtgraph. Import this module only once they are wanted: pyqtgraph takes its time.

All plots take colors from the palette of their widget and are painted anew when it changes. They leave the wheel to the
page, can be reached with Tab, and say in their accessible description what is under the cursor.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from roi_assistant.core.records import ReviewState
from roi_assistant.core.text_bounds import shortened
from roi_assistant.ui.look.drawn_text import elided
from roi_assistant.ui.look.palette import GRID, Look, look, mix, small_font
from roi_assistant.ui.look.palette_change import on_palette_change
from roi_assistant.ui.look.timers import single_shot
from roi_assistant.ui.pages.overview.figures import nice_steps

# At exit pyqtgraph would take its scenes apart itself; the window does that.
pg.setConfigOption("exitCleanup", False)

_ROW = 3 * GRID
_LABEL_PART = 0.32
"""Largest part of a bar chart's width that labels may take."""


class Plot(pg.PlotWidget):
    """A plot that stands still: no panning, no menus, colors of the theme."""

    _ready = False
    """Events arrive while a base class is being made; nothing is drawn before there is something."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.setAccessibleName(name)
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        item = self.getPlotItem()
        item.hideButtons()
        item.setMenuEnabled(False)
        item.setMouseEnabled(False, False)
        item.setContentsMargins(0, 0, 0, 0)
        item.getViewBox().setDefaultPadding(0)
        for axis in ("left", "bottom"):
            item.getAxis(axis).setStyle(showValues=False)  # those of nothing, in colors of no theme
        # Several reasons to draw at once (shown, resized, new figures) are one.
        self._drawing = single_shot(self, 0, self._draw_now)
        on_palette_change(self, self.redraw, fonts=True)

    def redraw(self) -> None:
        """Draw everything anew, soon, in the colors of then."""
        if self._ready:
            self._drawing.start()

    def _draw_now(self) -> None:
        self.setBackground(self.colors().base)
        self._draw()

    @abstractmethod
    def _draw(self) -> None:
        """Put the plot's items in place, in the colors of now."""

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """The plot stands still, so pyqtgraph, which would end a drag here, is not told."""
        if event is not None:
            event.accept()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            event.ignore()  # the page scrolls

    def colors(self) -> Look:
        """The colors of the theme now."""
        return look(self.palette())

    def style_axis(self, name: str) -> pg.AxisItem:
        """The axis ``name`` in quiet colors, with the small font."""
        axis = self.getPlotItem().getAxis(name)
        colors = self.colors()
        axis.setPen(pg.mkPen(colors.line))
        axis.setTextPen(pg.mkPen(colors.muted))
        axis.setStyle(showValues=True, tickFont=small_font(self.font()), tickLength=0, tickTextOffset=GRID // 2)
        return axis

    def tell(self, text: str, at: QPointF | None) -> None:
        """Show what is under the pointer (``at`` in widget coordinates) and tell screen readers."""
        self.setAccessibleDescription(text)
        if at is not None:
            QToolTip.showText(self.mapToGlobal(at.toPoint()), text, self)


class BarChart(Plot):
    """Horizontal bars with a label on the left and a figure at the end.

    Up and Down choose a bar, Return or a click activates it: ``activated(key)``; with Ctrl ``ctrlActivated(key)``, if
    that is connected. Bars with a negative key stand for what cannot be chosen.
    """

    activated = pyqtSignal(int)
    ctrlActivated = pyqtSignal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._labels: tuple[str, ...] = ()
        self._counts: tuple[int, ...] = ()
        self._figures: tuple[str, ...] = ()
        self._keys: tuple[int, ...] = ()
        self._states: tuple[ReviewState, ...] = ()
        self._current = -1
        self._hover = -1
        self._hint = ""
        self._band: pg.BarGraphItem | None = None
        self._bars: pg.BarGraphItem | None = None
        self.getPlotItem().hideAxis("bottom")

    def show_bars(
        self,
        labels: Sequence[str],
        counts: Sequence[int],
        *,
        keys: Sequence[int] | None = None,
        figures: Sequence[str] | None = None,
        states: Sequence[ReviewState] = (),
        hint: str = "",
    ) -> None:
        """Show one bar for each label. ``figures`` are what stands at their ends (else the counts), ``states`` one per
        bar give their colors (else the accent), ``hint`` says what activating a bar does."""
        self._labels, self._counts = tuple(map(shortened, labels)), tuple(counts)
        self._figures = tuple(figures) if figures is not None else tuple(f"{count:,}" for count in counts)
        self._keys = tuple(keys) if keys is not None else tuple(range(len(self._labels)))
        self._states = tuple(states)
        self._hint = hint
        self._current = min(self._current, len(self._labels) - 1)
        self._ready = True
        self.setFixedHeight(max(1, len(self._labels)) * _ROW + 2)
        self.setAccessibleDescription(", ".join(map(self._words, range(len(self._labels)))))
        self.redraw()

    @property
    def bars(self) -> tuple[tuple[str, int], ...]:
        """Label and count of each bar, from top to bottom."""
        return tuple(zip(self._labels, self._counts, strict=True))

    def sizeHint(self) -> QSize:
        return QSize(320, max(1, len(self._labels)) * _ROW + 2)

    def _draw(self) -> None:
        item = self.getPlotItem()
        item.clear()
        colors = self.colors()
        count = len(self._labels)
        metrics = QFontMetrics(self.font())
        room = max(8 * GRID, round(self.width() * _LABEL_PART))
        shown = [elided(metrics, label, room) for label in self._labels]
        axis = self.style_axis("left")
        axis.setTextPen(pg.mkPen(colors.text))
        axis.setPen(pg.mkPen(None))
        axis.setStyle(tickFont=self.font(), tickTextOffset=GRID, autoExpandTextSpace=False)
        axis.setTicks([list(enumerate(shown))])
        widest = max((metrics.horizontalAdvance(text) for text in shown), default=0)
        axis.setWidth(min(room, widest) + GRID + 2)
        most = max(self._counts, default=0) or 1
        ends = max((metrics.horizontalAdvance(figure) for figure in self._figures), default=0) + 2 * GRID
        plot_width = max(GRID, self.width() - axis.width())
        item.setXRange(0, most * plot_width / max(GRID, plot_width - ends), padding=0)
        item.setYRange(-0.5, count - 0.5, padding=0)
        item.getViewBox().invertY(True)
        self._band = pg.BarGraphItem(x0=[0], y0=[0], width=[most * 10], height=[1], pen=None, brush=colors.hover)
        self._band.setZValue(-10)
        item.addItem(self._band, ignoreBounds=True)
        self._bars = None
        if count:
            self._bars = pg.BarGraphItem(
                x0=np.zeros(count),
                y0=np.arange(count) - 0.32,
                width=np.asarray(self._counts, dtype=float),
                height=np.full(count, 0.64),
                pen=pg.mkPen(None),
                brushes=[self._brush(row, colors) for row in range(count)],
            )
            item.addItem(self._bars)
        for row in range(count):
            text = pg.TextItem(self._figures[row], color=colors.muted, anchor=(0, 0.5))
            text.setFont(small_font(self.font()))
            text.setPos(self._counts[row], row)
            item.addItem(text, ignoreBounds=True)
        self._mark()

    def _mark(self) -> None:
        """Show which bar is pointed at and which one the keyboard has, without drawing the rest anew."""
        if self._band is None or self._bars is None or self._drawing.isActive():
            return
        colors = self.colors()
        row = self._hover if self._can_choose(self._hover) else self._current if self.hasFocus() else -1
        self._band.setVisible(row >= 0)
        self._band.setOpts(y0=[row - 0.5])
        self._bars.setOpts(brushes=[self._brush(n, colors) for n in range(len(self._labels))])

    def _brush(self, row: int, colors: Look) -> QColor:
        if self._keys[row] < 0:
            return mix(colors.text, colors.base, 0.28)
        color = colors.state(self._states[row]) if self._states else mix(colors.info, colors.base, 0.82)
        return color if row in (self._hover, self._current) and self._can_choose(row) else mix(color, colors.base, 0.85)

    def _can_choose(self, row: int) -> bool:
        return 0 <= row < len(self._keys) and self._keys[row] >= 0 and bool(self._hint)

    def _words(self, row: int) -> str:
        return f"{self._labels[row]}: {self._figures[row]}"

    def _row_at(self, y: float) -> int:
        row = int(y // _ROW)
        return row if 0 <= row < len(self._labels) else -1

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.redraw()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        row = self._row_at(event.position().y())
        if row != self._hover:
            self._hover = row
            can = self._can_choose(row)
            self.setCursor(Qt.CursorShape.PointingHandCursor if can else Qt.CursorShape.ArrowCursor)
            self._mark()
            if row >= 0:
                self.tell(f"{self._words(row)}\n{self._hint}" if can else self._words(row), event.position())

    def leaveEvent(self, event: QEvent | None) -> None:
        super().leaveEvent(event)
        self._hover = -1
        self._mark()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._current = self._row_at(event.position().y())
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self._mark()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            row = self._row_at(event.position().y())
            if row == self._current:
                self._activate(row, event.modifiers())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = -1 if key == Qt.Key.Key_Up else 1
            self._choose(min(max(self._current + step, 0), len(self._labels) - 1))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._choose(0 if key == Qt.Key.Key_Home else len(self._labels) - 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._activate(self._current, event.modifiers())
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        if self._current < 0 and self._labels:
            self._current = 0
        self._mark()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self._mark()

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._labels):
            self._current = row
            self.tell(self._words(row), None)
            self._mark()

    def _activate(self, row: int, modifiers: Qt.KeyboardModifier) -> None:
        if self._can_choose(row):
            with_ctrl = modifiers & Qt.KeyboardModifier.ControlModifier and self.receivers(self.ctrlActivated)
            (self.ctrlActivated if with_ctrl else self.activated).emit(self._keys[row])


class Histogram(Plot):
    """Vertical bars over equal steps. Left and Right choose a bar and tell its figure. The axis ends at ``most``, or at
    the highest bar."""

    def __init__(
        self, name: str, *, across: str, most: int = 0, height: int = 24 * GRID, parent: QWidget | None = None
    ) -> None:
        super().__init__(name, parent)
        self._most = most
        self._counts: tuple[int, ...] = ()
        self._ticks: tuple[str, ...] = ()
        self._names: tuple[str, ...] = ()
        self._across = across
        self._current = -1
        self._bars: pg.BarGraphItem | None = None
        self.setFixedHeight(height)

    def show_counts(self, counts: Sequence[int], *, ticks: Sequence[str], names: Sequence[str]) -> None:
        """``ticks`` are the labels under the bars (empty: none there), ``names`` what tooltips call them."""
        self._counts, self._ticks, self._names = tuple(counts), tuple(ticks), tuple(names)
        self._current = -1
        self._ready = True
        told = (self._words(index) for index, count in enumerate(self._counts) if count)
        self.setAccessibleDescription(", ".join(told))
        self.redraw()

    @property
    def counts(self) -> tuple[int, ...]:
        """The height of each bar, from left to right."""
        return self._counts

    def _draw(self) -> None:
        item = self.getPlotItem()
        item.clear()
        colors = self.colors()
        left, bottom = self.style_axis("left"), self.style_axis("bottom")
        left.setPen(pg.mkPen(None))
        left.setWidth(6 * GRID)
        left.enableAutoSIPrefix(False)
        bottom.setTicks([[(index, tick) for index, tick in enumerate(self._ticks) if tick]])
        bottom.setLabel(self._across, color=colors.muted.name())
        bottom.label.setFont(small_font(self.font()))
        most = self._most or max(self._counts, default=0) or 1
        item.setXRange(-0.6, len(self._counts) - 0.4, padding=0)
        item.setYRange(0, most * 1.06, padding=0)
        left.setTicks([[(value, f"{value:,}") for value in nice_steps(most)]])
        item.showGrid(x=False, y=True, alpha=0.12)
        self._bars = pg.BarGraphItem(
            x=np.arange(len(self._counts)),
            height=np.asarray(self._counts, dtype=float),
            width=0.8,
            pen=pg.mkPen(None),
            brushes=self._brushes(),
        )
        item.addItem(self._bars)

    def _brushes(self) -> list[QColor]:
        colors = self.colors()
        quiet = mix(colors.info, colors.base, 0.7)
        return [colors.info if index == self._current else quiet for index in range(len(self._counts))]

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        place = self.getPlotItem().getViewBox().mapSceneToView(self.mapToScene(event.position().toPoint()))
        self._choose(round(place.x()), event.position())

    def leaveEvent(self, event: QEvent | None) -> None:
        super().leaveEvent(event)
        self._choose(-1, None)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = -1 if event.key() == Qt.Key.Key_Left else 1
            index = min(max(self._current + step, 0), len(self._counts) - 1)
            self._choose(index, QPointF(GRID, GRID))
        else:
            event.ignore()

    def _words(self, index: int) -> str:
        return f"{self._names[index]}: {self._counts[index]:,}"

    def _choose(self, index: int, at: QPointF | None) -> None:
        if index == self._current:
            return
        self._current = index if 0 <= index < len(self._counts) else -1
        if self._current >= 0:
            self.tell(self._words(index), at)
        self.redraw()


class HeatMap(Plot):
    """Counts on a square grid; both axes go from 0 to 100 percent of the image, downwards when ``downwards``.

    Colors follow the square root of the counts, so that one full corner does not blank out the rest.
    """

    def __init__(
        self, name: str, *, across: str, down: str, told: str, downwards: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(name, parent)
        self._grid = np.zeros((1, 1))
        self._across, self._down, self._told, self._downwards = across, down, told, downwards
        self.setFixedHeight(32 * GRID)
        self.getPlotItem().setContentsMargins(0, GRID, 3 * GRID, 0)

    def show_grid(self, grid: Sequence[Sequence[int]], *, summary: str) -> None:
        """``grid[row][column]``, row 0 at the origin of the axis down."""
        self._grid = np.asarray(grid, dtype=float)
        self._ready = True
        self.setAccessibleDescription(summary)
        self.redraw()

    @property
    def total(self) -> int:
        """The sum of all cells."""
        return int(self._grid.sum())

    def _draw(self) -> None:
        item = self.getPlotItem()
        item.clear()
        colors = self.colors()
        ticks = [[(part, f"{round(part * 100)} %") for part in (0.0, 0.25, 0.5, 0.75, 1.0)]]
        for name, text in (("bottom", self._across), ("left", self._down)):
            axis = self.style_axis(name)
            axis.setTicks(ticks)
            axis.setStyle(hideOverlappingLabels=False)  # the first and the last stand half outside
            axis.setLabel(text, color=colors.muted.name())
            axis.label.setFont(small_font(self.font()))
        item.getAxis("left").setWidth(8 * GRID)
        view = item.getViewBox()
        view.invertY(self._downwards)
        view.setAspectLocked(False)
        shown = np.sqrt(self._grid)
        image = pg.ImageItem(axisOrder="row-major")
        map_ = pg.ColorMap(
            [0.0, 0.5, 1.0],
            [
                mix(colors.info, colors.base, 0.05),
                mix(colors.info, colors.base, 0.6),
                mix(colors.text, colors.info, 0.25),
            ],
        )
        image.setColorMap(map_)
        image.setImage(shown, levels=(0.0, max(1.0, float(shown.max()))))
        image.setRect(QRectF(0, 0, 1, 1))
        item.addItem(image)
        item.setXRange(0, 1, padding=0)
        item.setYRange(0, 1, padding=0)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        place = self.getPlotItem().getViewBox().mapSceneToView(self.mapToScene(event.position().toPoint()))
        rows, columns = self._grid.shape
        row, column = int(place.y() * rows), int(place.x() * columns)
        if 0 <= place.x() < 1 and 0 <= place.y() < 1:
            self.tell(
                self._told.format(
                    f"{self._grid[row, column]:,.0f}", f"{place.x() * 100:.0f} %", f"{place.y() * 100:.0f} %"
                ),
                event.position(),
            )
