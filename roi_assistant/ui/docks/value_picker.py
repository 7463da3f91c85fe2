"""A popup in which several values of a long list are ticked, found by typing."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QObject, QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QHideEvent, QKeyEvent
from PyQt6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QWidget

from roi_assistant.ui.look.layouts import lay_column
from roi_assistant.ui.look.palette import GRID

_ROWS = 10


class ValuePicker(QFrame):
    """Opens below a button; closing it hands all ticks over at once, so that they are one undo step."""

    picked = pyqtSignal(tuple)
    """The ticked values, in the order of the list, when they differ from those at opening."""

    def __init__(self, values: Sequence[str], ticked: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._before = tuple(value for value in values if value in ticked)
        self._cancelled = False
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Find a value"))
        self.search.setAccessibleName(self.tr("Find a value"))
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Values"))
        self.list.setUniformItemSizes(True)
        for value in values:
            item = QListWidgetItem(value, self.list)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable)
            item.setCheckState(Qt.CheckState.Checked if value in ticked else Qt.CheckState.Unchecked)
        lay_column(self.search, self.list, parent=self, margins=GRID, spacing=GRID // 2)
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self.list.itemActivated.connect(self._toggle)
        self.setFixedSize(self._size(len(values)))
        self._filter("")

    def _size(self, count: int) -> QSize:
        row = self.list.sizeHintForRow(0)
        height = row * min(_ROWS, max(3, count)) + self.search.sizeHint().height() + 4 * GRID
        return QSize(max(200, self.list.sizeHintForColumn(0) + 6 * GRID), height)

    def open_at(self, point: QPoint) -> None:
        """Show with the top left corner at ``point`` (global), moved to stay on the screen."""
        screen = self.screen()
        if screen is not None:
            room = screen.availableGeometry()
            point = QPoint(
                max(room.left(), min(point.x(), room.right() - self.width())),
                max(room.top(), min(point.y(), room.bottom() - self.height())),
            )
        self.move(point)
        self.show()
        self.search.setFocus()

    def ticked(self) -> tuple[str, ...]:
        """The values that are ticked now."""
        items = [item for row in range(self.list.count()) if (item := self.list.item(row)) is not None]
        return tuple(item.text() for item in items if item.checkState() == Qt.CheckState.Checked)

    def _filter(self, text: str) -> None:
        part = text.strip().casefold()
        first = -1
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item is None:
                continue
            hidden = part not in item.text().casefold()
            item.setHidden(hidden)
            if not hidden and first < 0:
                first = row
        self.list.setCurrentRow(first)

    def _toggle(self, item: QListWidgetItem | None) -> None:
        if item is not None and not item.isHidden():
            on = item.checkState() == Qt.CheckState.Checked
            item.setCheckState(Qt.CheckState.Unchecked if on else Qt.CheckState.Checked)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self.list.setFocus()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._toggle(self.list.currentItem())
                self.search.selectAll()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self._cancelled = True
            self.close()
            return
        super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        ticked = self.ticked()
        if not self._cancelled and ticked != self._before:
            self._before = ticked
            self.picked.emit(ticked)
