"""Fields for texts that a project keeps. They take texts of a bounded length; a longer one that a project has already
is shown cut and cannot be edited, so that no word of it is lost."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication, QMimeData, QPoint, Qt
from PyQt6.QtGui import QInputMethodEvent, QKeyEvent
from PyQt6.QtWidgets import QLineEdit, QPlainTextEdit, QToolTip, QWidget

from roi_assistant.core.text_bounds import LONGEST_TEXT, shortened


class BoundedLine(QLineEdit):
    """A line of at most ``most`` letters."""

    def __init__(self, parent: QWidget | None = None, *, most: int = LONGEST_TEXT) -> None:
        super().__init__(parent)
        self._is_locked = self.is_cut = False
        """``is_cut``: the text is longer than what is shown of it."""
        self.setMaxLength(most)
        self.inputRejected.connect(self._refuse)

    def show_text(self, text: str) -> None:
        """Show ``text``, or its beginning, and from its first letter on."""
        self.is_cut = len(text) > self.maxLength()
        self.setText(shortened(text, self.maxLength()))
        self.setCursorPosition(0)
        super().setReadOnly(self._is_locked or self.is_cut)

    def setReadOnly(self, on: bool) -> None:
        self._is_locked = on
        super().setReadOnly(on or self.is_cut)

    def _refuse(self) -> None:
        if len(self.text()) >= self.maxLength():  # else a letter that a validator does not take
            _say(self, self.maxLength())


class BoundedTextEdit(QPlainTextEdit):
    """Several lines of at most ``most`` letters together."""

    def __init__(self, parent: QWidget | None = None, *, most: int = LONGEST_TEXT) -> None:
        super().__init__(parent)
        self._most = most
        self._is_locked = self.is_cut = False
        """``is_cut``: the text is longer than what is shown of it."""

    def show_text(self, text: str) -> None:
        """Show ``text``, or its beginning."""
        self.is_cut = len(text) > self._most
        self.setPlainText(shortened(text) if self.is_cut else text)
        super().setReadOnly(self._is_locked or self.is_cut)

    def setReadOnly(self, on: bool) -> None:
        self._is_locked = on
        super().setReadOnly(on or self.is_cut)

    def insertFromMimeData(self, source: QMimeData | None) -> None:
        """A text that there is no room for is refused as a whole: half of it would say something else."""
        if source is None or self._has_room(source.text()):
            super().insertFromMimeData(source)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        typed = event is not None and event.text().isprintable() and event.text()
        is_command = event is not None and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if not typed or is_command or self._has_room(typed):
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent | None) -> None:
        if event is None or self._has_room(event.commitString()):
            super().inputMethodEvent(event)

    def _has_room(self, text: str) -> bool:
        document, cursor = self.document(), self.textCursor()
        assert document is not None
        kept = document.characterCount() - 1 - abs(cursor.selectionEnd() - cursor.selectionStart())
        if not text or kept + len(text) <= self._most:
            return True
        _say(self, self._most)
        return False


def _say(field: QWidget, most: int) -> None:
    told = QCoreApplication.translate("Fields", "At most {count} letters can be written here.")
    QToolTip.showText(field.mapToGlobal(QPoint(0, field.height())), told.format(count=f"{most:,}"), field)
