"""The field in which a question is typed; ``<`` offers the regions of the image."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from PyQt6.QtCore import QEvent, QMimeData, QPoint, QRect, QSize, QStringListModel, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PyQt6.QtWidgets import QAbstractItemView, QCompleter, QSizePolicy, QWidget

from roi_assistant.core.records import Region
from roi_assistant.core.text_bounds import shortened
from roi_assistant.ui.docks.region_model import caption_text
from roi_assistant.ui.look.bounded_fields import BoundedTextEdit
from roi_assistant.ui.look.controls import ENTER, claims_key, line_height

_LEAST, _MOST = 2, 6
_BEGUN: Final = re.compile(r"<(?:region)?[ _]?([^<>\n]{0,40})$", re.IGNORECASE)
_REFERRED: Final = re.compile(r"<region\d+> $")
_CLOSING: Final = ",.;:?!)"
_POPUP_KEYS: Final = ENTER | {Qt.Key.Key_Escape, Qt.Key.Key_Tab}
CLICK_MS: Final = 400
"""A box that is selected so soon after the field lost the focus to a click was clicked to be referred to."""


class ChatInput(BoundedTextEdit):
    """Enter sends, Shift+Enter begins a line. Regions are written ``<region1>``."""

    submitted = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._regions: tuple[Region, ...] = ()
        self._words = QStringListModel(self)
        self._completer = QCompleter(self._words, self)
        self._completer.setWidget(self)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self._completer.setMaxVisibleItems(9)
        self._completer.activated[str].connect(self._complete)
        self._clicked_away = QTimer(self)
        self._clicked_away.setSingleShot(True)
        self._clicked_away.setInterval(CLICK_MS)
        self.setTabChangesFocus(True)
        self.setAccessibleName(self.tr("Question"))
        self.setPlaceholderText(self.tr("Ask about a region: type < for <region1>"))
        self.setToolTip(self.tr("Enter sends, Shift+Enter begins a line, < or a click on a box refers to a region"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self._fit)
        self._fit()

    def canInsertFromMimeData(self, source: QMimeData | None) -> bool:
        """Files that are dropped here are for the window, which opens them; their paths are no words."""
        return source is not None and not source.hasUrls() and super().canInsertFromMimeData(source)

    def set_regions(self, regions: Sequence[Region]) -> None:
        """The regions that completion offers, in the order of their numbers."""
        self._regions = tuple(regions)
        told = (caption_text(region) or shortened(region.category or "") for region in regions)
        words = [f"{number}  {text}".rstrip() for number, text in enumerate(told, start=1)]
        if words != self._words.stringList():
            self._words.setStringList(words)

    @property
    def takes_clicks(self) -> bool:
        """Whether a box that is selected now is meant as part of the question: something is typed, and the field has
        the focus or lost it a moment ago to the click."""
        return bool(self.toPlainText().strip()) and (self.hasFocus() or self._clicked_away.isActive())

    def insert_reference(self, number: int) -> None:
        """Write ``<region{number}>`` at the cursor, with a space where one is needed, and take the focus."""
        cursor = self.textCursor()
        before = self.toPlainText()[: cursor.selectionStart()][-1:]
        after = self.toPlainText()[cursor.selectionEnd() :][:1]
        lead = "" if not before or before.isspace() or before in "(<" else " "
        trail = "" if after and (after.isspace() or after in _CLOSING) else " "
        cursor.insertText(f"{lead}<region{number}>{trail}")
        self.setTextCursor(cursor)
        self.setFocus()

    def submit(self) -> None:
        """Send what is typed, if anything is."""
        text = self.toPlainText().strip()
        if text:
            self.submitted.emit(text)

    def _begun(self) -> re.Match[str] | None:
        cursor = self.textCursor()
        return _BEGUN.search(self.toPlainText()[: cursor.position()])

    def _complete(self, word: str) -> None:
        match = self._begun()
        if match is None:
            return
        number = int(word.split()[0])
        cursor = self.textCursor()
        position = cursor.position()
        cursor.setPosition(match.start())
        cursor.setPosition(position, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        self.setTextCursor(cursor)
        self.insert_reference(number)

    def _offer(self) -> None:
        popup = self._completer.popup()
        match = self._begun()
        if popup is None or match is None or not self._regions:
            if popup is not None:
                popup.hide()
            return
        self._completer.setCompletionPrefix(match[1])
        if not self._completer.completionCount():
            popup.hide()
            return
        popup.setCurrentIndex(self._completer.completionModel().index(0, 0))  # type: ignore[union-attr]
        place = self.cursorRect()
        place.setWidth(self.width())
        place.moveLeft(0)
        self._completer.complete(place)
        self._keep_inside(popup, place)

    def _keep_inside(self, popup: QAbstractItemView, place: QRect) -> None:
        """Move ``popup`` above the line ``place`` when there is no room below it in the window: the completer looks at
        the screen only."""
        window, viewport = self.window(), self.viewport()
        assert window is not None and viewport is not None
        corner = viewport.mapToGlobal(place.topLeft())
        below = window.mapToGlobal(window.rect().bottomLeft()).y() - popup.y()
        if popup.y() > corner.y() and below < popup.height():
            popup.move(popup.x(), max(window.mapToGlobal(QPoint()).y(), corner.y() - popup.height()))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        enter = event.key() in ENTER
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.submit()
            return
        if event.text() and event.text() in _CLOSING:
            self._close_up()
        super().keyPressEvent(event)
        if event.text() or event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._offer()

    def _close_up(self) -> None:
        """Take the space after a reference away again: "<region1> ?" was not meant."""
        cursor = self.textCursor()
        if not cursor.hasSelection() and _REFERRED.search(self.toPlainText()[: cursor.position()]):
            cursor.deletePreviousChar()

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in _POPUP_KEYS:
            popup = self._completer.popup()
            if popup is not None and popup.isVisible():
                event.ignore()  # the completer passes keys on to this field first, and acts on those it leaves
                return True
        return claims_key(event, ENTER) or super().event(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        if event is not None and event.reason() == Qt.FocusReason.MouseFocusReason:
            self._clicked_away.start()

    def _fit(self) -> None:
        document = self.document()
        lines = document.blockCount() if document is not None else 1
        if document is not None and document.documentLayout() is not None:
            lines = max(lines, round(document.size().height()))
        height = line_height(self.fontMetrics(), min(_MOST, max(_LEAST, lines))) + 2 * self.frameWidth()
        if height != self.height():
            self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        return QSize(160, self.minimumHeight())
