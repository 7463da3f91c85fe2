"""Moving some regions of a category to another one: those with words in the caption, or with a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QCompleter, QFrame, QLabel, QLineEdit, QPushButton, QSizePolicy, QWidget

from roi_assistant.core.edits import CategoryMove
from roi_assistant.core.schema import NO, YES
from roi_assistant.core.text_bounds import shortened
from roi_assistant.ui.look.controls import ElidedLabel, EntryLine, quiet_button
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.palette import GRID
from roi_assistant.ui.look.timers import single_shot

if TYPE_CHECKING:
    from roi_assistant.ui.session.view import SessionView

_COUNT_AFTER_MS = 200


class CategorySplit(QFrame):
    """A form of three lines; it says how many regions would be moved before it moves them."""

    closed = pyqtSignal()

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._name = ""
        self._count = 0
        self.title = ElidedLabel(self)
        self.field = QComboBox(self)
        self.field.setAccessibleName(self.tr("Where the words stand"))
        self.field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.words = EntryLine(self)
        self.words.setAccessibleName(self.tr("Words"))
        self.into = EntryLine(self)
        self.into.setAccessibleName(self.tr("Their new category"))
        self.into.setPlaceholderText(self.tr("New category"))
        self.move_button = QPushButton(self)
        self.move_button.setAutoDefault(False)
        self._cancel = quiet_button(self.tr("Cancel"), self, slot=self.close_form)
        self._counting = single_shot(self, _COUNT_AFTER_MS, self._ask_count)
        what = lay_row((self.field, 2), (self.words, 3), spacing=GRID // 2)
        where = lay_row(QLabel("→", self), (self.into, 1), spacing=GRID // 2)
        does = lay_row((self.move_button, 1), self._cancel, spacing=GRID // 2)
        lay_column(self.title, what, where, does, parent=self, margins=GRID, spacing=GRID // 2)
        self.field.currentIndexChanged.connect(lambda _index: self._field_changed())
        for line in (self.words, self.into):
            line.textChanged.connect(lambda _text: self._changed())
            line.entered.connect(self._move)
            line.escaped.connect(self.close_form)
        self.move_button.clicked.connect(lambda _checked: self._move())

    def open(self, name: str) -> None:
        """Ask which regions of the category ``name`` are to be moved."""
        self._name = name
        self.title.set_text(self.tr("Regions of “{}” with").format(shortened(name)))
        self.field.clear()
        self.field.addItem(self.tr("caption"), None)
        for definition in self._session.schema.attributes:
            self.field.addItem(definition.name, definition.name)
        names = [other for other in self._session.categories.names if other != name]
        self.into.setCompleter(_completer(names, self.into))
        for line in (self.words, self.into):
            line.clear()
        self._changed()
        self.show()
        self.words.setFocus()

    def close_form(self) -> None:
        """Move nothing."""
        self._counting.stop()
        self.hide()
        self.closed.emit()

    @property
    def asked(self) -> CategoryMove:
        """The move that the fields describe."""
        words, attribute = " ".join(self.words.text().split()), self.field.currentData()
        into = " ".join(self.into.text().split())
        if attribute is None:
            return CategoryMove(self._name, into, containing=words)
        return CategoryMove(self._name, into, attribute=(attribute, words))

    def _field_changed(self) -> None:
        values: tuple[str, ...] = ()
        for definition in self._session.schema.attributes:
            if definition.name == self.field.currentData():
                values = (YES, NO) if definition.kind == "boolean" else definition.values
        self.words.setCompleter(_completer(values, self.words))
        in_caption = self.field.currentData() is None
        self.words.setPlaceholderText(self.tr("these words") if in_caption else self.tr("this value"))
        self._changed()

    def _changed(self) -> None:
        self._show_count(0)
        self._counting.start()

    def _ask_count(self) -> None:
        move = self.asked
        if not self.words.text().strip():
            return

        def arrived(count: int) -> None:
            if move == self.asked:
                self._show_count(count)

        self._session.categories.count_move(move, arrived)

    def _show_count(self, count: int) -> None:
        self._count = count
        self.move_button.setText(self.tr("Move %n region(s)", "", count) if count else self.tr("Move"))
        into = self.asked.after
        self.move_button.setEnabled(bool(count and into) and into != self._name)

    def _move(self) -> None:
        if self.move_button.isEnabled():
            self._session.categories.split(self.asked)
            self.close_form()


def _completer(names: tuple[str, ...] | list[str], line: QLineEdit) -> QCompleter:
    completer = QCompleter(list(names), line)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    return completer
