"""A form for the attributes of a region, made from the project's schema.

A value that a model wrote is shown dashed, with its score on a button that accepts it; a value that a person chose is
plain. Nothing here writes: the form says which values were chosen.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from html import escape
from typing import Final

from PyQt6.QtCore import QEvent, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QWheelEvent
from PyQt6.QtWidgets import QButtonGroup, QComboBox, QGridLayout, QSizePolicy, QWidget

from roi_assistant.core.records import Attribute, AttributeDefinition, AttributeSchema, Region
from roi_assistant.core.review import attribute_waits
from roi_assistant.core.schema import NO, YES, outside_values
from roi_assistant.core.text_bounds import shortened
from roi_assistant.ui.docks.provenance import percent, provenance_line, provenance_tooltip
from roi_assistant.ui.docks.value_picker import ValuePicker
from roi_assistant.ui.look.bounded_fields import BoundedLine
from roi_assistant.ui.look.controls import ENTER, Chip, FlowLayout, Heading, claims_key
from roi_assistant.ui.look.layouts import lay_row
from roi_assistant.ui.look.palette import GRID, look, state_icon

ALL_CHIPS: Final = 7
"""A list of at most so many values is shown whole; of longer ones only what is chosen, and a button for the rest."""
_NONE: Final = "–"
_MOST_OF_NAME: Final = 60


class AttributeForm(QWidget):
    """One row per attribute of the schema."""

    valuesChosen = pyqtSignal(str, tuple)
    """Name of an attribute and its new values; no values means that nothing is known."""
    listExtended = pyqtSignal(str, tuple)
    """Name of an attribute and its values, of which some are to become part of its list."""
    left = pyqtSignal()
    """Enter in a text: the keyboard may go back to where it came from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._schema: AttributeSchema | None = None
        self._rows: dict[str, _Row] = {}
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setHorizontalSpacing(GRID)
        self._layout.setVerticalSpacing(GRID // 4)
        self._layout.setColumnStretch(1, 1)

    def set_schema(self, schema: AttributeSchema | None) -> None:
        """Make the rows for ``schema``, unless they are there."""
        if schema == self._schema:
            return
        self._schema = schema
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._rows = {}
        for number, definition in enumerate(schema.attributes if schema else ()):
            row = _row(definition, self)
            label = Heading(shortened(definition.name, _MOST_OF_NAME), self, buddy=row.control)
            label.setToolTip(shortened(definition.question))
            label.setMinimumHeight(row.control.fontMetrics().height() + GRID // 2)
            self._layout.addWidget(label, 2 * number, 0, Qt.AlignmentFlag.AlignTop)
            self._layout.addWidget(row.control, 2 * number, 1)
            self._layout.addWidget(row.accept, 2 * number, 2, Qt.AlignmentFlag.AlignTop)
            self._layout.addWidget(row.extend, 2 * number + 1, 1, 1, 2)
            row.chosen.connect(self.valuesChosen)
            row.extended.connect(self.listExtended)
            row.left.connect(self.left)
            self._rows[definition.name] = row

    def set_region(self, region: Region | None) -> None:
        """Show the values of ``region``."""
        known: Mapping[str, Attribute] = {a.name: a for a in region.attributes} if region else {}
        for name, row in self._rows.items():
            attribute = known.get(name)
            waits = region is not None and attribute is not None and attribute_waits(region, attribute)
            row.set_attribute(attribute, waits=waits)

    def commit(self) -> None:
        """Hand over what is being typed."""
        for row in self._rows.values():
            row.commit()

    def row(self, name: str) -> _Row:
        """The row of the attribute ``name``. Raises KeyError when the schema has none."""
        return self._rows[name]

    @property
    def is_empty(self) -> bool:
        """Whether the schema has no attributes."""
        return not self._rows


class _Row(QWidget):
    """What the kinds of attributes share. The widget itself is ``control``; ``accept`` stands beside it, and below it
    ``extend`` where a value is not in the list."""

    chosen = pyqtSignal(str, tuple)
    extended = pyqtSignal(str, tuple)
    left = pyqtSignal()

    def __init__(self, definition: AttributeDefinition, parent: QWidget) -> None:
        super().__init__(parent)
        self.definition = definition
        self.attribute: Attribute | None = None
        self.setAccessibleName(shortened(definition.name))
        self.accept = Chip("", parent, checkable=False)
        self.accept.set_suggested(True)
        policy = self.accept.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # else the controls would change their width from region to region
        self.accept.setSizePolicy(policy)
        self.accept.setFixedWidth(self.accept.fontMetrics().horizontalAdvance("100 %") + 6 * GRID)
        self.accept.clicked.connect(self._accept)
        self.accept.hide()
        self.extend = Chip("", parent, checkable=False)
        self.extend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # no word makes a dock wider
        self.extend.clicked.connect(self._extend)
        self.extend.hide()

    @property
    def control(self) -> QWidget:
        return self

    @property
    def values(self) -> tuple[str, ...]:
        """The values shown."""
        return self.attribute.values if self.attribute else ()

    def set_attribute(self, attribute: Attribute | None, *, waits: bool) -> None:
        self.attribute = attribute
        suggested = waits and attribute is not None and bool(attribute.values)
        self.accept.setVisible(suggested)
        tip = ""
        if attribute is not None:
            line = provenance_line(attribute.provenance, score=attribute.score, source=attribute.source)
            tip = f"<p>{line}</p>" + provenance_tooltip(attribute.provenance, score=attribute.score)
        if suggested and attribute is not None:
            self.accept.setIcon(state_icon("accepted", look(self.palette()).suggested))
            self.accept.setText(percent(attribute.score) if attribute.score is not None else "")
            name = self.tr("Accept {attribute}: {values}").format(
                attribute=shortened(self.definition.name), values=shortened(", ".join(attribute.values))
            )
            self.accept.setAccessibleName(name)
            self.accept.setToolTip(f"<p>{name}</p>{tip}")
        self.setToolTip(tip)
        self._offer_to_extend()
        self.show_values(self.values, suggested=suggested)

    def _offer_to_extend(self) -> None:
        """Ask whether values that the list does not have belong there. Without an answer they stay as they are."""
        outside = outside_values(self.definition, self.values)
        self.extend.setVisible(bool(outside))
        if outside:
            values = shortened(", ".join(outside), _MOST_OF_NAME)
            name = shortened(self.definition.name, _MOST_OF_NAME)
            self.extend.setText(self.tr("Not in the list: add {values}?").format(values=values))
            asked = self.tr("{values} is not in the list of {attribute}: add it?").format(values=values, attribute=name)
            self.extend.setAccessibleName(asked)
            self.extend.setToolTip(f"<p>{escape(asked)}</p>")
            self.accept.hide()  # it cannot be accepted as it is

    @abstractmethod
    def show_values(self, values: tuple[str, ...], *, suggested: bool) -> None:
        """Show ``values`` in the row's own control; ``suggested`` ones are a model's that nobody accepted."""

    def commit(self) -> None:
        """Hand over what is being typed."""

    def choose(self, values: tuple[str, ...]) -> None:
        """A person chose ``values``."""
        if values != self.values or (self.attribute is not None and self.attribute.provenance.author == "model"):
            self.chosen.emit(self.definition.name, values)

    def _extend(self) -> None:
        if self.attribute is not None:
            self.extended.emit(self.definition.name, self.attribute.values)
            self.left.emit()  # the rows are made anew, and this one had the keyboard

    def _accept(self) -> None:
        if self.attribute is not None:
            self.chosen.emit(self.definition.name, self.attribute.values)


class _Combo(QComboBox):
    """A combo box that leaves the wheel to the page unless it was clicked: no value changes by scrolling."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def event(self, event: QEvent | None) -> bool:
        return claims_key(event, ENTER) or super().event(event)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        elif event is not None:
            event.ignore()


class _SingleRow(_Row):
    def __init__(self, definition: AttributeDefinition, parent: QWidget) -> None:
        super().__init__(definition, parent)
        self.combo = _Combo(self)
        self.combo.setAccessibleName(definition.name)
        self.combo.addItem(_NONE, ())
        for value in definition.values:
            self.combo.addItem(value, (value,))
        self.combo.activated.connect(lambda index: self.choose(self.combo.itemData(index)))
        _fill(self, self.combo)

    def show_values(self, values: tuple[str, ...], *, suggested: bool) -> None:
        extra = self.combo.count() - len(self.definition.values) - 1
        if extra:
            self.combo.removeItem(self.combo.count() - 1)
        index = self.combo.findText(values[0]) if values else 0
        if index < 0:  # written under an earlier schema: shown, and not lost unless another value is chosen
            self.combo.addItem(values[0], values)
            index = self.combo.count() - 1
        self.combo.setCurrentIndex(index)
        font = self.combo.font()
        font.setItalic(suggested)
        self.combo.setFont(font)


class _TextRow(_Row):
    def __init__(self, definition: AttributeDefinition, parent: QWidget) -> None:
        super().__init__(definition, parent)
        self.edit = _TextLine(self)
        self.edit.setAccessibleName(definition.name)
        self.edit.setPlaceholderText(_NONE)
        self.edit.editingFinished.connect(self.commit)
        self.edit.returnPressed.connect(self.left)
        _fill(self, self.edit)

    def show_values(self, values: tuple[str, ...], *, suggested: bool) -> None:
        text = values[0] if values else ""
        if not (self.edit.hasFocus() and self.edit.isModified()):
            self.edit.show_text(text)
        font = self.edit.font()
        font.setItalic(suggested)
        self.edit.setFont(font)

    def commit(self) -> None:
        if self.edit.isModified():
            self.edit.setModified(False)
            text = " ".join(self.edit.text().split())
            if (text,) != self.values and (text or self.values):
                self.choose((text,) if text else ())


class _TextLine(BoundedLine):
    def event(self, event: QEvent | None) -> bool:
        return claims_key(event, ENTER) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        super().keyPressEvent(event)
        if event is not None and event.key() in ENTER:
            event.accept()  # a line passes Enter on after it has acted, and a page would act on it again


class _BooleanRow(_Row):
    def __init__(self, definition: AttributeDefinition, parent: QWidget) -> None:
        super().__init__(definition, parent)
        self.chips = {
            YES: Chip(self.tr("yes"), self),
            NO: Chip(self.tr("no"), self),
            "": Chip(self.tr("unknown"), self),
        }
        self._group = QButtonGroup(self)
        layout = lay_row(parent=self, margins=0, spacing=GRID // 2)
        for value, chip in self.chips.items():
            chip.setAccessibleName(shortened(f"{definition.name}: {chip.text()}"))
            chip.clicked.connect(lambda _checked, value=value: self.choose((value,) if value else ()))
            self._group.addButton(chip)
            layout.addWidget(chip)
        layout.addStretch(1)

    def show_values(self, values: tuple[str, ...], *, suggested: bool) -> None:
        value = values[0] if values and values[0] in self.chips else ""
        self.chips[value].setChecked(True)
        for name, chip in self.chips.items():
            chip.set_suggested(suggested and name == value)


class _MultiRow(_Row):
    def __init__(self, definition: AttributeDefinition, parent: QWidget) -> None:
        super().__init__(definition, parent)
        self._flow = FlowLayout(self)
        self._whole = len(definition.values) <= ALL_CHIPS
        self.chips: dict[str, Chip] = {}
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.add = Chip("+", self, checkable=False)
        self.add.setAccessibleName(self.tr("Choose values of {attribute}").format(attribute=shortened(definition.name)))
        self.add.setToolTip(self.add.accessibleName())
        self.add.clicked.connect(self.open_picker)
        if self._whole:
            self.add.hide()
            for value in definition.values:
                self._chip(value)
        else:
            self._flow.addWidget(self.add)

    def _chip(self, value: str) -> Chip:
        chip = Chip(value, self)
        chip.setAccessibleName(shortened(f"{self.definition.name}: {value}"))
        chip.clicked.connect(lambda _checked, value=value: self._toggle(value))
        self._flow.insert_widget(len(self.chips), chip)
        self.chips[value] = chip
        chip.show()
        return chip

    def show_values(self, values: tuple[str, ...], *, suggested: bool) -> None:
        if not self._whole and tuple(self.chips) != values:
            for chip in self.chips.values():
                self._flow.removeWidget(chip)
                chip.hide()
                chip.deleteLater()
            self.chips = {}
        for value in values:
            if value not in self.chips:
                self._chip(value)
        for value, chip in self.chips.items():
            chip.setChecked(value in values)
            chip.set_suggested(suggested and value in values)
        self.updateGeometry()

    def _toggle(self, value: str) -> None:
        values = set(self.values) ^ {value}
        # A click on a suggested value takes that one away; the others stay and are hereby a person's.
        known = [v for v in self.definition.values if v in values] + [
            v for v in self.values if v in values and v not in self.definition.values
        ]
        self.show_values(self.values, suggested=self.accept.isVisibleTo(self.accept.parentWidget()))
        self.choose(tuple(known))

    def open_picker(self) -> None:
        """Open the list of all values."""
        picker = ValuePicker(self.definition.values, self.values, self)
        picker.picked.connect(self.choose)
        picker.open_at(self.add.mapToGlobal(QPoint(0, self.add.height() + 2)))


def _fill(parent: QWidget, child: QWidget) -> None:
    lay_row(child, parent=parent, margins=0)
    parent.setFocusProxy(child)


def _row(definition: AttributeDefinition, parent: QWidget) -> _Row:
    kinds: dict[str, Callable[[AttributeDefinition, QWidget], _Row]]
    kinds = {"single": _SingleRow, "multi": _MultiRow, "boolean": _BooleanRow, "text": _TextRow}
    return kinds[definition.kind](definition, parent)
