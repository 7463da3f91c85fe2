"""The command palette: type a few letters of an action, a recent folder or an image, and press Enter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from PyQt6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QRect, QSize, Qt
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette
from PyQt6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsDropShadowEffect,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from roi_assistant.ui.look.drawn_text import elided
from roi_assistant.ui.look.layouts import lay_column
from roi_assistant.ui.look.palette import GRID, look

MOST = 60
WIDTH = 620
ROWS = 11


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the palette: its text, the note beside it, and the callback for Enter."""

    text: str
    note: str
    act: Callable[[], object]


def score(query: str, text: str) -> float | None:
    """How well ``query`` fits ``text``, lower is better; None when its letters do not occur in this order.

    Letters at the beginning of words and next to each other count more, and shorter texts.
    """
    query, text = query.casefold(), text.casefold()
    if not query:
        return 0.0
    place = text.find(query)
    if place >= 0:
        at_word = place == 0 or not text[place - 1].isalnum()
        return (0.0 if at_word else 1.0) + place / 100 + len(text) / 1000
    total, last = 2.0, -1
    for letter in query.replace(" ", ""):
        place = text.find(letter, last + 1)
        if place < 0:
            return None
        if place != last + 1:
            total += 0.4 if place == 0 or not text[place - 1].isalnum() else 1.0
        last = place
    return total + len(text) / 1000


def best(query: str, entries: Iterable[Entry], *, most: int = MOST) -> list[Entry]:
    """The entries that fit ``query``, the best first."""
    scored = [
        (value, place, entry) for place, entry in enumerate(entries) if (value := score(query, entry.text)) is not None
    ]
    return [entry for _, _, entry in sorted(scored, key=lambda item: item[:2])[:most]]


def keys_with(query: str, keys: Sequence[str], *, most: int) -> list[str]:
    """Image keys that contain ``query``: a plain search, since there may be a hundred thousand."""
    query = query.casefold()
    return list(islice((key for key in keys if query in key.casefold()), most))


class _Model(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []

    def show(self, entries: list[Entry]) -> None:
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.text}, {entry.note}" if entry.note else entry.text
        return entry.note if role == Qt.ItemDataRole.UserRole else None


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(0, option.fontMetrics.height() + 2 * GRID)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        if painter is None:
            return
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        palette = option.palette
        if selected:
            painter.fillRect(option.rect, palette.color(QPalette.ColorRole.Highlight))
        area = option.rect.adjusted(2 * GRID, 0, -2 * GRID, 0)
        metrics = option.fontMetrics
        note = str(index.data(Qt.ItemDataRole.UserRole) or "")
        note = elided(metrics, note, area.width() // 2, middle=True)
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        painter.setPen(palette.color(role) if selected else look(palette).muted)
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, note)
        painter.setPen(palette.color(role))
        left = QRect(area)
        left.setWidth(area.width() - metrics.horizontalAdvance(note) - 2 * GRID)
        text = elided(metrics, str(index.data()), left.width(), middle=True)
        painter.drawText(left, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


class CommandPalette(QFrame):
    """Lies over the window; goes when something is chosen, on Esc, and when the focus leaves it."""

    def __init__(self, window: QWidget, images: Callable[[str, int], list[Entry]]) -> None:
        """``images`` gives at most so many entries for images that a query of two letters or more fits."""
        super().__init__(window)
        self._window, self._images = window, images
        self._entries: Sequence[Entry] = ()
        self._before: QWidget | None = None
        self.search = QLineEdit(self)
        self.search.setFrame(False)
        self.search.setTextMargins(GRID, GRID, GRID, GRID)
        self.search.textChanged.connect(self._find)
        self.search.installEventFilter(self)
        self.model = _Model(self)
        self.list = QListView(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(lambda index: self._choose(index.row()))
        lay_column(self.search, self.list, parent=self, margins=1, spacing=0)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(32)
        shadow.setOffset(0, 6)
        self.setGraphicsEffect(shadow)
        self.hide()

    def open(self, entries: Sequence[Entry]) -> None:
        """Show it with ``entries``, nothing typed and the cursor in it."""
        self.setAccessibleName(self.tr("Command palette"))
        self.search.setAccessibleName(self.tr("Command palette"))
        self.list.setAccessibleName(self.tr("Commands, folders and images"))
        self.search.setPlaceholderText(self.tr("Type a command, a folder or the name of an image"))
        if not self.isVisible():
            self._before = QApplication.focusWidget()
        self._entries = entries
        self.search.clear()
        self._find("")
        self._place()
        self.show()
        self.raise_()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_palette(self) -> None:
        """Hide it and give the focus back."""
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus()
        self._before = None

    def _find(self, query: str) -> None:
        query = query.strip()
        images = self._images(query, MOST // 2) if len(query) >= 2 else []
        self.model.show([*best(query, self._entries), *images][:MOST])
        self.list.setCurrentIndex(self.model.index(0))
        self._place()

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self.model.entries):
            entry = self.model.entries[row]
            self.close_palette()
            entry.act()

    def _place(self) -> None:
        window = self._window
        rows = min(max(len(self.model.entries), 1), ROWS)
        row = self.list.fontMetrics().height() + 2 * GRID
        self.list.setFixedHeight(rows * row + 2)
        width = min(WIDTH, window.width() - 4 * GRID)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((window.width() - width) // 2, max(5 * GRID, window.height() // 8))

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.FocusOut and self.isVisible():
            reason = event.reason()  # type: ignore[attr-defined]
            if reason not in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason):
                self._before = None
                self.hide()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            rows, here = len(self.model.entries), self.list.currentIndex().row()
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: ROWS - 1, Qt.Key.Key_PageUp: 1 - ROWS}
            key = Qt.Key(event.key())
            if key == Qt.Key.Key_Escape:
                self.close_palette()
            elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(here)
            elif key in steps and rows:
                step = steps[key]
                target = (here + step) % rows if abs(step) == 1 else min(max(here + step, 0), rows - 1)
                self.list.setCurrentIndex(self.model.index(target))
            elif key not in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
                return super().eventFilter(watched, event)
            return True
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        painter.setPen(look(self.palette()).line)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        bottom = self.search.geometry().bottom()
        painter.drawLine(0, bottom, self.width(), bottom)
