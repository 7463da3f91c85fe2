"""The form that an attribute schema makes, as a picture of it: the controls work and write nothing."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from roi_assistant.core.records import AttributeDefinition, AttributeSchema
from roi_assistant.core.text_bounds import shortened
from roi_assistant.ui.look.controls import FlowLayout
from roi_assistant.ui.look.palette import GRID
from roi_assistant.ui.pages.page import Hint

_MOST_OF_NAME = 60
_CHIPS_SHOWN = 12
"""More values than this are told as a number: a preview is to be taken in at a glance."""


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
        """Show a control for each attribute of ``schema``; nothing is rebuilt when it is the same as before."""
        if schema == self._shown:
            return
        self._shown = schema
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for row, definition in enumerate(schema.attributes):
            label = QLabel(shortened(definition.name, _MOST_OF_NAME))
            label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
            label.setContentsMargins(0, GRID // 2, 0, 0)
            control = self._control(definition)
            control.setAccessibleName(shortened(definition.name))
            control.setToolTip(shortened(definition.question))
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(control, row, 1)
        if not schema.attributes:
            self._grid.addWidget(
                Hint(self.tr("No attributes: regions have a category and a caption only.")), 0, 0, 1, 2
            )

    def _control(self, definition: AttributeDefinition) -> QWidget:
        if definition.kind == "text":
            line = QLineEdit()
            line.setPlaceholderText(shortened(definition.question))
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
        # Else the column of labels takes what is left, and the chips stand below each other.
        holder.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
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
