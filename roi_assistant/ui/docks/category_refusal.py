"""What is said below a category that a closed list does not have, and two ways on: the nearest name, or adding it."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QLabel, QWidget

from roi_assistant.core.text_bounds import shortened
from roi_assistant.ui.look.controls import Chip, FlowLayout
from roi_assistant.ui.look.keys import shown_key
from roi_assistant.ui.look.layouts import lay_column
from roi_assistant.ui.look.palette import GRID, small_font

ADD_KEY = "Ctrl+Return"


class CategoryRefusal(QWidget):
    """Hidden until ``show_name``. Its key works while the focus is in ``field``, the field of the category."""

    taken = pyqtSignal(str)
    """A name of the list, instead."""
    added = pyqtSignal(str)
    """A name that is to be added to the list."""

    def __init__(self, field: QWidget) -> None:
        super().__init__(field)
        self._name = self._nearest = ""
        self._sentence = QLabel(self)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setWordWrap(True)
        self._sentence.setFont(small_font(self.font()))
        self.nearest = Chip("", self, checkable=False)
        self.add = Chip("", self, checkable=False)
        ways = QWidget(self)
        flow = FlowLayout(ways)
        flow.addWidget(self.nearest)
        flow.addWidget(self.add)
        lay_column(self._sentence, ways, parent=self, margins=0, spacing=GRID // 2)
        self.nearest.clicked.connect(lambda _checked: self.taken.emit(self._nearest))
        self.add.clicked.connect(lambda _checked: self.added.emit(self._name))
        self._key = QShortcut(QKeySequence(ADD_KEY), field)
        self._key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._key.activated.connect(lambda: self.added.emit(self._name))
        self.clear()

    @property
    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return self._sentence.text() if self._name else ""

    def show_name(self, name: str, *, nearest: str | None) -> None:
        """Say that ``name`` is not in the list; ``nearest`` is the name of the list that stands for it."""
        self._name, self._nearest = name, nearest or ""
        self._sentence.setText(self.tr("“{}” is not in the list of categories.").format(shortened(name)))
        self.nearest.setText(self._nearest)
        self.nearest.setAccessibleName(self.tr("Take {} instead").format(self._nearest))
        self.nearest.setVisible(bool(nearest))
        self.add.setText(self.tr("Add to the list ({})").format(shown_key(ADD_KEY)))
        self._key.setEnabled(True)
        self.show()

    def clear(self) -> None:
        """There is nothing to refuse."""
        self._name = self._nearest = ""
        self._key.setEnabled(False)
        self.hide()
