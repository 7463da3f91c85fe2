"""What a person notes of the image in sight: one line of text, and that there is nothing to box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QWidget

from roi_assistant.core.records import ImageNotes
from roi_assistant.ui.look.controls import Chip, EntryLine
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.marks import nothing_icon
from roi_assistant.ui.look.palette import GRID, look, small_font
from roi_assistant.ui.look.palette_change import on_palette_change

if TYPE_CHECKING:
    from roi_assistant.ui.session.view import SessionView


class ImageNotesBar(QWidget):
    """Stands below the list of images. What is typed is kept on Enter, and when the keyboard or the image goes on."""

    left = pyqtSignal()
    """Enter or Esc: the keyboard may go back to the picture."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown_of = ""
        """Key of the image whose notes are shown."""
        self._shown = ImageNotes()
        self.line = EntryLine(self)
        self.line.setPlaceholderText(self.tr("Note on this image"))
        self.line.setAccessibleName(self.tr("Note on this image"))
        self.line.setToolTip(self.tr("Note on this image (N)"))
        self.reviewed_empty = Chip(self.tr("Nothing here"), self)
        self.reviewed_empty.setFont(small_font(self.font()))
        self.reviewed_empty.setToolTip(
            self.tr("There is nothing to box: the image is finished until a box is drawn (0)")
        )
        lay_column(
            self.line, lay_row(self.reviewed_empty, None), parent=self, margins=(GRID, GRID, GRID, 0), spacing=GRID
        )
        self.line.editingFinished.connect(self.commit)
        self.line.entered.connect(self._keep)
        self.line.escaped.connect(self._take_back)
        self.reviewed_empty.clicked.connect(self._toggle)
        session.image.opened.connect(lambda _key: self._show())
        session.image.notesChanged.connect(self._show)
        session.image.regionsChanged.connect(self._show_chip)
        self._follow_look()
        on_palette_change(self, self._follow_look)
        self._show()

    def focus_note(self) -> None:
        """Put the cursor into the note."""
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def commit(self) -> None:
        """Keep what was typed, if it differs."""
        if self.line.isModified() and self._shown_of == self._session.image.key:
            self.line.setModified(False)
            self._session.notes.set_note(self.line.text())

    def _keep(self) -> None:
        self.commit()
        self.left.emit()

    def _show(self) -> None:
        image = self._session.image
        if self.line.isModified():
            if self._shown_of == image.key:
                self._shown = image.notes
                return  # what is being typed stays
            if self._shown_of and image.key:  # typed for the image that was in sight until now
                self._session.notes.set_note_of(self._shown_of, self._shown, self.line.text())
        self._shown_of, self._shown = image.key, image.notes
        self.line.show_text(image.notes.note)
        self.line.setModified(False)
        self._show_chip()

    def _show_chip(self) -> None:
        image, may_edit = self._session.image, not self._session.read_only
        self.line.setReadOnly(not may_edit)
        self.line.setEnabled(bool(image.key))
        self.reviewed_empty.setChecked(image.notes.reviewed_empty)
        self.reviewed_empty.setEnabled(bool(image.key) and may_edit and not image.stored)

    def _toggle(self) -> None:
        self._show_chip()  # a click checks the chip, but only an edit does so for good
        self._session.notes.toggle_reviewed_empty()

    def _take_back(self) -> None:
        self.line.setModified(False)
        self._show()
        self.left.emit()

    def _follow_look(self) -> None:
        self.reviewed_empty.setIcon(nothing_icon(look(self.palette()).text))
