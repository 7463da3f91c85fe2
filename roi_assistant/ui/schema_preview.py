"""The form that an attribute schema makes, as a picture of it: the controls work and write nothing."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, QRect, QSize, Qt
from PyQt6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from roi_assistant.core.records import AttributeDefinition, AttributeSchema
from roi_assistant.ui.docks.look import GRID
from roi_assistant.ui.page import Hint

_CHIPS_SHOWN = 12
"""More values than this are told as a number: a preview is to be taken in at a glance."""


class FlowLayout(QLayout):
    """Widgets in rows that break where the width ends."""

    def __init__(self, parent: QWidget | None = None, *, gap: int = GRID // 2) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem | None) -> None:
        if item is not None:
            self._items.append(item)

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
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        x, y, row = rect.x(), rect.y(), 0
        for item in self._items:
            hint = item.sizeHint()
            if x > rect.x() and x + hint.width() > rect.right() + 1:
                x, y, row = rect.x(), y + row + self._gap, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), hint))
            x += hint.width() + self._gap
            row = max(row, hint.height())
        return y + row - rect.y()


class SchemaPreview(QWidget):
    """Shows the form of a schema; ``show_schema`` may be called as often as somebody types."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2 * GRID)
        self._grid.setVerticalSpacing(GRID)
        self._grid.setColumnStretch(1, 1)
        self._shown: AttributeSchema | None = None

    def show_schema(self, schema: AttributeSchema) -> None:
        if schema == self._shown:
            return
        self._shown = schema
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for row, definition in enumerate(schema.attributes):
            label = QLabel(definition.name)
            label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
            label.setContentsMargins(0, GRID // 2, 0, 0)
            control = self._control(definition)
            control.setAccessibleName(definition.name)
            control.setToolTip(definition.question)
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(control, row, 1)
        if not schema.attributes:
            self._grid.addWidget(
                Hint(self.tr("No attributes: regions have a category and a caption only.")), 0, 0, 1, 2
            )

    def _control(self, definition: AttributeDefinition) -> QWidget:
        if definition.kind == "text":
            line = QLineEdit()
            line.setPlaceholderText(definition.question)
            return line
        if definition.kind == "boolean":
            return self._chips((self.tr("yes"), self.tr("no")), several=False)
        if definition.kind == "multi":
            return self._chips(definition.values, several=True)
        combo = QComboBox()
        combo.addItems(["", *definition.values])
        combo.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        return combo

    def _chips(self, values: tuple[str, ...], *, several: bool) -> QWidget:
        holder = QWidget()
        flow = FlowLayout(holder)
        group = QButtonGroup(holder)
        group.setExclusive(not several)
        for value in values[:_CHIPS_SHOWN]:
            chip = QPushButton(value)
            chip.setCheckable(True)
            chip.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            group.addButton(chip)
            flow.addWidget(chip)
        if len(values) > _CHIPS_SHOWN:
            rest = Hint(self.tr("and {} more").format(len(values) - _CHIPS_SHOWN))
            rest.setWordWrap(False)
            flow.addWidget(rest)
        return holder
