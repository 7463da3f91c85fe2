"""The text field for a caption: kept with Enter or by leaving it, taken back with Esc."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent
from PyQt6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from roi_assistant.ui.docks.controls import ENTER, line_height

_LINES = 3


class CaptionEdit(QPlainTextEdit):
    """Edits the caption of one subject (a region's id). What was typed belongs to the subject it was typed for, also
    when the selection has moved on by the time it is committed."""

    committed = pyqtSignal(str, str)
    """Subject and its new text, stripped; once per change."""
    confirmed = pyqtSignal(str)
    """Enter on words that were not changed: the subject whose caption is right as it is."""
    left = pyqtSignal()
    """Esc or Enter: the keyboard may go back to where it came from."""

    def __init__(self, parent: QWidget | None = None, *, lines: int = _LINES) -> None:
        super().__init__(parent)
        self._subject = ""
        self._stored = ""
        self.was_kept = False
        """Whether what is told now was decided by Enter, and not by leaving the field."""
        self.setTabChangesFocus(True)
        self.setAccessibleName(self.tr("Caption"))
        self.setPlaceholderText(self.tr("Write a caption"))
        self.setToolTip(self.tr("Enter keeps what you wrote and goes on, Shift+Enter begins a line, Esc takes it back"))
        self.setFixedHeight(line_height(self.fontMetrics(), lines) + 2 * self.frameWidth())
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def subject(self) -> str:
        """The id of the region whose caption is shown; empty for none."""
        return self._subject

    @property
    def is_changed(self) -> bool:
        """Whether something was typed that is not committed yet."""
        return bool(self._subject) and self._text() != self._stored

    def _text(self) -> str:
        return self.toPlainText().strip()

    def show_caption(self, subject: str, text: str) -> None:
        """Show the caption ``text`` of ``subject``. Another subject commits what was typed for the one before; for the
        same subject, words that are being typed are not disturbed."""
        if subject != self._subject:
            self.commit()
        elif self.is_changed:
            if text.strip() != self._stored:  # a model or an undo wrote meanwhile: Esc goes back to that
                self._stored = text.strip()
            return
        changed = subject != self._subject or text.strip() != self._stored
        self._subject, self._stored = subject, text.strip()
        if changed or self._text() != self._stored:
            self.setPlainText(text)

    def commit(self) -> None:
        """Hand over what was typed, if it differs and is not empty."""
        if not self.is_changed:
            return
        text = self._text()
        if not text:  # a caption is taken away by rejecting or deleting the region
            self.revert()
            return
        self._stored = text
        self.committed.emit(self._subject, text)

    def revert(self) -> None:
        """Show the stored text again."""
        self.setPlainText(self._stored)

    def event(self, event: QEvent | None) -> bool:
        is_asked = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if isinstance(event, QKeyEvent) and is_asked and event.key() in ENTER | {Qt.Key.Key_Escape}:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if event.key() == Qt.Key.Key_Escape:
            self.revert()
            self.left.emit()
            return
        if event.key() in ENTER and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._keep()
            return
        super().keyPressEvent(event)

    def _keep(self) -> None:
        subject, was_changed = self._subject, self.is_changed
        self.was_kept = True
        try:
            self.commit()
            if subject and not was_changed:
                self.confirmed.emit(subject)
            self.left.emit()
        finally:
            self.was_kept = False

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        # The context menu and the completion popup take the focus only for a moment.
        if event is None or event.reason() not in (
            Qt.FocusReason.PopupFocusReason,
            Qt.FocusReason.MenuBarFocusReason,
        ):
            self.commit()
