"""The text field for a caption: kept with Enter or by leaving it, taken back with Esc."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache

from PyQt6.QtCore import QEvent, QMimeData, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from roi_assistant.core.completion import completion
from roi_assistant.core.text_bounds import LONGEST_TEXT
from roi_assistant.resources_path import resource
from roi_assistant.ui.look.bounded_fields import BoundedTextEdit
from roi_assistant.ui.look.controls import ENTER, line_height
from roi_assistant.ui.look.drawn_text import elided
from roi_assistant.ui.look.keys import is_step
from roi_assistant.ui.look.palette import look

_LINES = 2
_TAKE = (Qt.Key.Key_Tab, Qt.Key.Key_Right, Qt.Key.Key_End)


@cache
def _names() -> dict[str, None]:
    """Names of things, the most frequent first: those that the embedded model chooses from, then the lexicon's."""
    try:
        names = json.loads(resource("models", "gpt4roi-mini", "nouns.json").read_text(encoding="utf-8"))
        lexicon = json.loads(resource("lexicon.json").read_text(encoding="utf-8"))
        more = (*lexicon["compounds"], *(name for kinds in lexicon["hypernyms"].values() for name in kinds))
    except (OSError, ValueError, KeyError):
        return {}
    return dict.fromkeys((*names, *more))


class CaptionEdit(BoundedTextEdit):
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
        self._phrases: tuple[str, ...] = ()
        self._likely: tuple[str, ...] = ()
        self.completion = ""
        """What is proposed after the cursor, in gray: Tab or the right arrow takes it."""
        self.textChanged.connect(self._propose)
        self.cursorPositionChanged.connect(self._propose)
        self.setTabChangesFocus(True)
        self.setAccessibleName(self.tr("Caption"))
        self.setPlaceholderText(self.tr("Write a caption"))
        self.setToolTip(
            self.tr(
                "Enter keeps what you wrote, Tab takes the gray words, Shift+Enter begins a line, Esc takes it back"
            )
        )
        self.setFixedHeight(line_height(self.fontMetrics(), lines) + 2 * self.frameWidth())
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def subject(self) -> str:
        """The id of the region whose caption is shown; empty for none."""
        return self._subject

    @property
    def is_changed(self) -> bool:
        """Whether something was typed that is not committed yet."""
        return bool(self._subject) and not self.is_cut and self._text() != self._stored

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
        if changed or (not self.is_cut and self._text() != self._stored):
            self.show_text(text)

    def set_phrases(self, phrases: Iterable[str], *, names: Iterable[str] = ()) -> None:
        """Whole captions to propose for the subject, and names that it may well have, the likeliest first."""
        self._phrases = tuple(phrase for phrase in phrases if len(phrase) <= LONGEST_TEXT)
        self._likely = tuple(names)

    def canInsertFromMimeData(self, source: QMimeData | None) -> bool:
        """Files that are dropped here are for the window, which opens them; their paths are no words."""
        return source is not None and not source.hasUrls() and super().canInsertFromMimeData(source)

    def _propose(self) -> None:
        cursor = self.textCursor()
        text, proposed = self.toPlainText(), ""
        if self.hasFocus() and self.is_changed and cursor.atEnd() and not self.isReadOnly():
            proposed = completion(text, phrases=self._phrases, words=_names(), likely=self._likely)
        if proposed or self.completion:
            self.completion = proposed
            viewport = self.viewport()
            assert viewport is not None
            viewport.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        if not self.completion:
            return
        viewport, place = self.viewport(), self.cursorRect()
        assert viewport is not None
        painter = QPainter(viewport)
        painter.setFont(self.font())
        painter.setPen(look(self.palette()).muted)
        room = viewport.width() - place.right()
        shown = elided(self.fontMetrics(), self.completion, room)
        painter.drawText(place.right(), place.top() + self.fontMetrics().ascent(), shown)
        painter.end()

    def _take(self, event: QKeyEvent) -> bool:
        """Tab and the right arrow put what is proposed into the text."""
        if not self.completion or event.key() not in _TAKE or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        self.insertPlainText(self.completion)
        return True

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
        self.show_text(self._stored)

    def event(self, event: QEvent | None) -> bool:
        is_asked = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        own_keys = ENTER | {Qt.Key.Key_Escape, *(_TAKE if self.completion else ())}
        if isinstance(event, QKeyEvent) and is_asked and (event.key() in own_keys or is_step(event)):
            event.setAccepted(event.key() in own_keys)  # Qt's own field would claim Tab, although it types none
            return True
        # Tab leaves a field before its keyPressEvent sees it.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._take(event):
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
        self._propose()
        # The context menu and the completion popup take the focus only for a moment.
        if event is None or event.reason() not in (
            Qt.FocusReason.PopupFocusReason,
            Qt.FocusReason.MenuBarFocusReason,
        ):
            self.commit()
