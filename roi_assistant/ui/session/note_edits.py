"""What a user notes of whole images. Each act is one edit: one transaction, one step of undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PyQt6.QtCore import QCoreApplication, QObject

from roi_assistant.core.edits import Edit, NotesChange
from roi_assistant.core.records import ImageNotes
from roi_assistant.ui.session.history import EditHistory
from roi_assistant.ui.session.image import ImageInSight
from roi_assistant.ui.session.image_list import ImageList
from roi_assistant.ui.session.store import Notify, Store


class NoteEdits(QObject):
    """A note, and that there is nothing to box."""

    def __init__(
        self,
        image: ImageInSight,
        images: ImageList,
        history: EditHistory,
        store: Store,
        notify: Notify,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._image, self._images, self._history = image, images, history
        self._store, self._notify = store, notify
        image.notesChanged.connect(lambda: images.set_notes(image.key, image.notes))

    def set_note(self, text: str) -> None:
        """The note on the image in sight; "" for none."""
        self._change("Edit note", lambda notes: replace(notes, note=text.strip()))

    def set_note_of(self, key: str, before: ImageNotes, text: str) -> None:
        """The note on the image ``key``, which has just gone out of sight and was noted ``before``."""
        after = replace(before, note=text.strip())
        if after != before and self._store.may_edit():
            edit = Edit("Edit note", key, notes=(NotesChange(key, before, after),))
            self._store.edit(edit, lambda _history: None)
            self._images.set_notes(key, after)

    def toggle_reviewed_empty(self) -> None:
        """Say that there is nothing to box on the image in sight, so that it is finished, or take that back."""

        def toggled(notes: ImageNotes) -> ImageNotes:
            if self._image.stored:
                text = QCoreApplication.translate("Session", "There are boxes on this image: delete them first.")
                self._notify("info", text)
                return notes
            return replace(notes, reviewed_empty=not notes.reviewed_empty)

        self._change("Nothing here", toggled)

    def _change(self, label: str, change: Callable[[ImageNotes], ImageNotes]) -> None:
        def act() -> None:
            after = change(self._image.notes)
            if after != self._image.notes:
                self._history.commit(label, (), notes=after)

        if self._image.key and self._store.may_edit():
            self._history.when_settled(act)
