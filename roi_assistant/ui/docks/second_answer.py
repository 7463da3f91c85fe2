"""What stands in a region beside what another model said about it, line by line, and taking from it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from roi_assistant.core.disagreement import (
    AttributeRelation,
    Comparison,
    Words,
    compare,
    most_disagreeing,
    words_of_answer,
    words_of_region,
)
from roi_assistant.core.records import Region
from roi_assistant.core.text_bounds import shortened
from roi_assistant.ui.docks.provenance import provenance_tooltip
from roi_assistant.ui.look.controls import ElidedLabel, Heading
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.palette import GRID, small_font
from roi_assistant.ui.look.translation import translated

if TYPE_CHECKING:
    from roi_assistant.ui.session.region_actions import AnswerPart

_LONGEST: Final = 300
_NAMES: Final = 9 * GRID
"""Room for the names of the lines, in device-independent pixels."""
_SIGNS: Final = {"agree": "=", "differ": "≠", "missing": ""}


class SecondAnswer(QWidget):
    """Hidden where no other model has answered. The left side is what stands in the region. Of several answers the one
    that differs most is shown first, a button shows the next."""

    allTaken = pyqtSignal(int)
    """The answer of this index is to be taken as a whole."""
    leftKept = pyqtSignal()
    """What stands there is right."""
    partTaken = pyqtSignal(int, str, str)
    """Index, part (caption, category, attribute) and the name of the attribute."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._region: Region | None = None
        self.index = -1
        """Of the answer that is shown, in the region's ``answers``; -1 for none."""
        self.reason = ElidedLabel(self, small=True)
        self.names = (ElidedLabel(self, muted=True, small=True), ElidedLabel(self, muted=True, small=True))
        self.next_button = QToolButton(self)
        self.next_button.setText(self.tr("Next answer"))
        self.next_button.setAutoRaise(True)
        self.next_button.clicked.connect(self._show_next)
        self.left_button = QPushButton(self.tr("Keep left"), self)
        self.left_button.setToolTip(self.tr("Accept what stands there (L in the review queue)"))
        self.left_button.clicked.connect(self.leftKept)
        self.right_button = QPushButton(self.tr("Take right"), self)
        self.right_button.setToolTip(self.tr("Accept the other model's words (Shift+Return; R in the review queue)"))
        self.right_button.clicked.connect(lambda: self.allTaken.emit(self.index))
        self._grid = QGridLayout()
        self._grid.setSpacing(GRID // 2)
        self._grid.setColumnMinimumWidth(0, _NAMES)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(3, 1)
        self.take_buttons: list[QToolButton] = []
        """One for each line that differs, from top to bottom."""
        head = lay_row((Heading(self.tr("Another model"), self), 1), self.next_button, spacing=GRID)
        lay_column(
            head,
            self.reason,
            self._grid,
            lay_row((self.left_button, 1), (self.right_button, 1), spacing=GRID),
            parent=self,
            margins=(0, GRID // 2, 0, GRID // 2),
            spacing=GRID // 2,
        )
        self.hide()

    def show_region(self, region: Region | None) -> None:
        """Show what other models said about ``region``."""
        if region == self._region:
            return
        same = self._region is not None and region is not None and self._region.id == region.id
        self._region = region
        if region is None or not region.answers:
            self.index = -1
            self.hide()
            return
        found = most_disagreeing(region)
        if not (same and 0 <= self.index < len(region.answers)) and found is not None:
            self.index = region.answers.index(found[0])
        self._show()
        self.show()

    def set_enabled(self, enabled: bool) -> None:
        """Whether anything can be taken."""
        for button in (self.left_button, self.right_button, *self.take_buttons):
            button.setEnabled(enabled)

    def _show_next(self) -> None:
        if self._region is not None:
            self.index = (self.index + 1) % len(self._region.answers)
            self._show()

    def _show(self) -> None:
        region = self._region
        if region is None:
            return
        answer = region.answers[self.index]
        left, right = words_of_region(region), words_of_answer(answer)
        found = compare(left, right)
        self.reason.set_text(translated(found.reason) if found.reason else self.tr("Both say the same."))
        self.names[0].set_text(self.tr("stands there"))
        self.names[1].set_text(
            answer.provenance.model_id, tooltip=provenance_tooltip(answer.provenance, score=answer.score)
        )
        self.next_button.setVisible(len(region.answers) > 1)
        self._clear()
        for column, label in ((1, self.names[0]), (3, self.names[1])):
            self._grid.addWidget(label, 0, column)
        for row, line in enumerate(_lines(left, right, found), start=1):
            self._add_line(row, *line)
        self.setAccessibleDescription(
            "; ".join(f"{name}: {one or '–'}, {other or '–'}" for name, one, other, *_ in _lines(left, right, found))
        )

    def _clear(self) -> None:
        self.take_buttons = []
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None and widget not in self.names:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()

    def _add_line(
        self, row: int, name: str, left: str, right: str, relation: AttributeRelation, part: AnswerPart
    ) -> None:
        shown = {"caption": self.tr("caption"), "category": self.tr("category")}.get(part, name)
        title = ElidedLabel(self, muted=True, small=True)
        title.set_text(shown)
        self._grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(self._words(left, strong=relation == "differ"), row, 1)
        self._grid.addWidget(self._words(right, strong=relation == "differ"), row, 3)
        if right and relation != "agree":
            button = QToolButton(self)
            button.setText("←")
            button.setAccessibleName(self.tr("Take {part}: {words}").format(part=shown, words=right))
            button.setToolTip(self.tr("Take only this from the other model"))
            named = name if part == "attribute" else ""
            button.clicked.connect(partial(self._take_part, part, named))
            self.take_buttons.append(button)
            self._grid.addWidget(button, row, 2, Qt.AlignmentFlag.AlignTop)
        else:
            sign = QLabel(_SIGNS[relation], self)
            sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._grid.addWidget(sign, row, 2, Qt.AlignmentFlag.AlignTop)

    def _take_part(self, part: str, name: str, _checked: bool = False) -> None:
        self.partTaken.emit(self.index, part, name)

    def _words(self, text: str, *, strong: bool) -> QLabel:
        label = QLabel(shortened(text, _LONGEST) or "–", self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setFont(small_font(label.font(), bold=strong))
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        return label


def _lines(left: Words, right: Words, found: Comparison) -> list[tuple[str, str, str, AttributeRelation, AnswerPart]]:
    """Name, both sides, how they relate, and which part it is."""
    lines: list[tuple[str, str, str, AttributeRelation, AnswerPart]] = [
        ("caption", left.caption, right.caption, _relation(left.caption, right.caption), "caption"),
        ("category", left.category, right.category, _relation(left.category, right.category), "category"),
    ]
    for name, relation in found.attributes.items():
        one, other = (", ".join(side.attributes.get(name, ())) for side in (left, right))
        lines.append((name, one, other, relation, "attribute"))
    return lines


def _relation(left: str, right: str) -> AttributeRelation:
    if not left or not right:
        return "missing"
    return "agree" if left == right else "differ"
