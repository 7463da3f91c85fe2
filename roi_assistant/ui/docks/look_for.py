"""What a detector is to look for: a line that is there only while it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QSizePolicy, QWidget

from roi_assistant.ui.look.controls import ElidedLabel, EntryLine, MutedLabel
from roi_assistant.ui.look.layouts import lay_column
from roi_assistant.ui.look.palette import GRID, small_font

if TYPE_CHECKING:
    from roi_assistant.ui.session.view import SessionView


class LookForLine(QWidget):
    """Enter keeps what was typed with the project and suggests boxes for it, Esc closes. Words without a detector are
    kept, and a notice says what they need."""

    left = pyqtSignal()
    """It was closed by a key: the keyboard may go back to the picture."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.line = EntryLine(self)
        self.line.setPlaceholderText(self.tr("The categories of the project"))
        self.line.setAccessibleName(self.tr("What to look for"))
        self.line.setToolTip(
            self.tr(
                "With commas: red car, traffic sign. Empty: the project's categories. Enter suggests boxes, Esc closes"
            )
        )
        self.title = ElidedLabel(self, small=True)
        self.hint = MutedLabel(self)
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.hint.setWordWrap(True)
        self.hint.setFont(small_font(self.font()))
        self.hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        lay_column(self.title, self.line, self.hint, parent=self, margins=GRID, spacing=GRID // 2)
        self.line.entered.connect(self._enter)
        self.line.escaped.connect(self._leave)
        self.hide()

    def open(self) -> None:
        """Show the line with what is looked for in this project, selected, so that typing replaces it."""
        self.title.set_text(self.tr("What to look for"))
        proposer = self._session.box_suggestions.proposer
        self.hint.setText(self.tr("{} suggests the boxes.").format(proposer) if proposer else self._needs_detector())
        self.show()
        self.line.setText(self._session.look_for.text)
        self.line.selectAll()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _needs_detector(self) -> str:
        return self.tr("Words need a detector: add one on the page Models, and let it suggest boxes.")

    def _enter(self) -> None:
        self._session.look_for.replace(self.line.text())
        self._leave()
        if self._session.look_for.text and not self._session.box_suggestions.proposer:
            self._session.notice.emit("info", self._needs_detector())
            return  # the captioner's boxes would not be of what was typed
        self._session.box_suggestions.suggest()

    def _leave(self) -> None:
        self.hide()
        self.left.emit()
