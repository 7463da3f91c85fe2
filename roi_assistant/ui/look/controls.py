"""Small controls that several docks use: a flowing layout, chips, elided labels, headings, empty states."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QIcon, QKeyEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import (
    QAbstractScrollArea,
    QLabel,
    QLayout,
    QLayoutItem,
    QMenu,
    QSizePolicy,
    QToolButton,
    QWidget,
    QWidgetItem,
)

from roi_assistant.core.text_bounds import LONGEST_NAME, shortened
from roi_assistant.ui.look.bounded_fields import BoundedLine
from roi_assistant.ui.look.drawn_text import elided
from roi_assistant.ui.look.layouts import lay_column
from roi_assistant.ui.look.palette import GRID, look, mix, small_font


class FlowLayout(QLayout):
    """Lays widgets out like words: left to right, then on the next line."""

    def __init__(self, parent: QWidget | None = None, *, spacing: int = GRID // 2) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = spacing
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem | None) -> None:
        if item is not None:
            self._items.append(item)

    def insert_widget(self, index: int, widget: QWidget) -> None:
        """Put ``widget`` before the item at ``index``."""
        self.addChildWidget(widget)
        self._items.insert(index, QWidgetItem(widget))
        self.invalidate()

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize(0, 0)
        for item in self._items:
            if not item.isEmpty():
                size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        x, y, line = rect.x(), rect.y(), 0
        for item in self._items:
            if item.isEmpty():
                continue
            hint = item.sizeHint()
            if x > rect.x() and x + hint.width() > rect.right() + 1:
                x, y, line = rect.x(), y + line + self._gap, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), QSize(min(hint.width(), max(1, rect.width())), hint.height())))
            x += hint.width() + self._gap
            line = max(line, hint.height())
        return y + line - rect.y()


_MOST_OF_CHIP = 60
"""Letters that a chip has room for at most."""


class Chip(QToolButton):
    """A rounded button that may be checked; ``suggested`` draws it dashed: a model's value, not yet accepted."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, checkable: bool = True) -> None:
        super().__init__(parent)
        self._suggested = False
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def setText(self, text: str | None) -> None:
        """No name that a project takes over is longer than what is kept of ``text``."""
        super().setText(shortened(text or "", LONGEST_NAME))

    @property
    def suggested(self) -> bool:
        """Whether the chip shows a model's value that nobody accepted yet."""
        return self._suggested

    def set_suggested(self, suggested: bool) -> None:
        """Show the value as a model's (True) or as a person's."""
        if suggested != self._suggested:
            self._suggested = suggested
            self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(shortened(self.text(), _MOST_OF_CHIP)) + 2 * GRID + 4
        if not self.icon().isNull():
            width += self._icon_side() + (4 if self.text() else -GRID)
        return QSize(width, metrics.height() + GRID)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _icon_side(self) -> int:
        return self.fontMetrics().height() - 3

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = look(self.palette())
        box = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        radius = min(11.0, box.height() / 2)
        checked = self.isChecked()
        text = colors.text if self.isEnabled() else mix(colors.text, colors.base, 0.4)
        if checked and not self._suggested:
            painter.setPen(QPen(colors.accent, 1.2))
            painter.setBrush(mix(colors.accent, colors.base, 0.28 if colors.dark else 0.16))
        elif self._suggested:
            painter.setPen(QPen(colors.suggested, 1.2, Qt.PenStyle.DashLine))
            painter.setBrush(colors.base)
        else:
            painter.setPen(QPen(colors.line, 1))
            painter.setBrush(colors.hover if self.underMouse() and self.isEnabled() else colors.base)
        painter.drawRoundedRect(box, radius, radius)
        if self.hasFocus():
            painter.setPen(QPen(colors.accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        inner = self.rect().adjusted(GRID + 2, 0, -GRID - 2, 0)
        if not self.icon().isNull():
            side = self._icon_side()
            if not self.text():
                inner = self.rect().adjusted((self.width() - side) // 2, 0, 0, 0)
            top = (self.height() - side) // 2
            mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
            self.icon().paint(painter, QRect(inner.x(), top, side, side), Qt.AlignmentFlag.AlignCenter, mode)
            inner.setLeft(inner.x() + side + 4)
        painter.setPen(text)
        painter.setFont(self.font())
        shown = elided(self.fontMetrics(), self.text(), inner.width() + 2)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()


class ElidedLabel(QLabel):
    """One line that is cut with an ellipsis and never forces its dock to be wider; the whole text is the tooltip."""

    def __init__(self, parent: QWidget | None = None, *, muted: bool = False, small: bool = False) -> None:
        super().__init__(parent)
        self._muted = muted
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(1)
        if small:
            self.setFont(small_font(self.font()))

    def set_text(self, text: str, *, tooltip: str | None = None) -> None:
        """Show ``text``; ``tooltip`` None repeats it."""
        self.setText(text)
        self.setToolTip(shortened(text) if tooltip is None else tooltip)

    def sizeHint(self) -> QSize:
        return QSize(1, self.fontMetrics().height() + 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        colors = look(self.palette())
        painter.setPen(colors.muted if self._muted else colors.text)
        text = elided(self.fontMetrics(), self.text(), self.width())
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class Heading(QLabel):
    """The name of a group of controls, small and quiet."""

    def __init__(self, text: str, parent: QWidget | None = None, *, buddy: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFont(small_font(self.font(), bold=True))
        if buddy is not None:
            self.setBuddy(buddy)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setPen(look(self.palette()).muted)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        painter.end()


class EmptyState(QWidget):
    """What a dock says when it has nothing to show, and what to do about it."""

    def __init__(self, text: str = "", hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = lay_column(parent=self, margins=3 * GRID, spacing=GRID)
        layout.addStretch(2)
        self._text = QLabel(self)
        self._hint = MutedLabel(self)
        for label in (self._text, self._hint):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            layout.addWidget(label)
        layout.addStretch(3)
        self.set_message(text, hint)

    def set_message(self, text: str, hint: str = "") -> None:
        """Say ``text``, and ``hint`` in a quieter line below."""
        text, hint = shortened(text), shortened(hint)
        self._text.setText(text)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self.setAccessibleName(f"{text} {hint}".strip())

    @property
    def text(self) -> str:
        """What it says, without the hint."""
        return self._text.text()


class MutedLabel(QLabel):
    """A label in the secondary color of whatever palette is in use."""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        color = look(self.palette()).muted
        palette = self.palette()
        if palette.color(self.foregroundRole()) != color:
            painter = QPainter(self)
            painter.setPen(color)
            flags = self.alignment() | Qt.AlignmentFlag.AlignTop
            painter.drawText(self.rect(), int(flags) | int(Qt.TextFlag.TextWordWrap), self.text())
            painter.end()
            return
        super().paintEvent(event)


def quiet_button(
    text: str, parent: QWidget, *, tooltip: str = "", icon: QIcon | None = None, slot: Callable[[], None] | None = None
) -> QToolButton:
    """A flat button that raises under the pointer."""
    button = QToolButton(parent)
    button.setAutoRaise(True)
    button.setText(text)
    button.setAccessibleName(text or tooltip)
    if tooltip:
        button.setToolTip(tooltip)
    if icon is not None:
        button.setIcon(icon)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon if text else _ICON_ONLY)
    if slot is not None:
        button.clicked.connect(lambda _checked=False: slot())
    return button


_ICON_ONLY = Qt.ToolButtonStyle.ToolButtonIconOnly


def viewport_of(view: QAbstractScrollArea) -> QWidget:
    """The viewport, which every scroll area has although its type says that it may be missing."""
    viewport = view.viewport()
    assert viewport is not None
    return viewport


def add_choice(menu: QMenu, text: str, *, checked: bool, choose: Callable[[], object]) -> None:
    """Add an entry with a check mark that calls ``choose``; ``text`` is shown as it is."""
    action = menu.addAction(text.replace("&", "&&"))
    assert action is not None
    action.setCheckable(True)
    action.setChecked(checked)
    action.triggered.connect(lambda _checked: choose())


ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


def claims_key(event: QEvent | None, keys: frozenset[Qt.Key]) -> bool:
    """Take ``keys`` (pressed without Ctrl or Alt) away from the shortcuts of the window while a widget has the focus.

    Call it first in ``event``: Qt asks the focused widget before a shortcut runs. True when the event was answered.
    """
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
        return False
    if event.key() not in keys or event.modifiers() & (_CONTROL | Qt.KeyboardModifier.AltModifier):
        return False
    event.accept()
    return True


class EntryLine(BoundedLine):
    """A line that tells Enter, Esc and the arrow down instead of leaving them to the window."""

    entered = pyqtSignal()
    escaped = pyqtSignal()
    down = pyqtSignal()

    def event(self, event: QEvent | None) -> bool:
        return claims_key(event, ENTER | {Qt.Key.Key_Escape}) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if event.key() in ENTER:
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif event.key() == Qt.Key.Key_Down and not event.modifiers():
            self.down.emit()
        else:
            super().keyPressEvent(event)


_CONTROL = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier


def line_height(metrics: QFontMetrics, lines: int) -> int:
    """Height of an editor that shows ``lines`` lines without scrolling."""
    return metrics.lineSpacing() * lines + 2 * GRID
