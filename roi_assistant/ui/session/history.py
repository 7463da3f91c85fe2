"""Edits of the open project: applied in memory at once, stored in their order, undone and redone.

While an image is being read, or an undo is in flight, memory is not what the next edit will find stored: edits wait in
`EditHistory.when_settled`, the one place where they do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from PyQt6.QtCore import QCoreApplication, QObject, pyqtSignal

from roi_assistant.core.edits import Edit, NotesChange, RegionChange, apply_to_regions, notes_after
from roi_assistant.core.records import AttributeSchema, ImageNotes, Region
from roi_assistant.errors import BadInputError, RoiAssistantError
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.session.image import ImageInSight
from roi_assistant.ui.session.schema import SchemaInUse
from roi_assistant.ui.session.storage_thread import Failed
from roi_assistant.ui.session.store import Notify, Store

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.records import HistoryState

T = TypeVar("T")
SUGGESTION = "Suggestion"
"""The label of edits that keep what a model wrote."""


class EditHistory(QObject):
    changed = pyqtSignal(object)
    """HistoryState of the image in sight, None when it is not known"""
    committed = pyqtSignal()
    """The user, or the model, changed the image in sight."""
    applied = pyqtSignal(object)
    """Edit: regions of any image are now as it says; also after an undo."""
    categoriesStored = pyqtSignal(object)
    """Edit: categories of the whole project were changed."""

    def __init__(
        self,
        image: ImageInSight,
        schema: SchemaInUse,
        store: Store,
        notify: Notify,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._image, self._schema, self._store, self._notify = image, schema, store, notify
        self.state: HistoryState | None = None
        self._waiting: list[Callable[[], None]] = []
        self._in_flight = 0
        """Undos and other changes of the file whose outcome is still to come."""
        image.opened.connect(self._image_opened)
        store.editFailed.connect(self.reload)

    # Waiting.

    @property
    def is_settled(self) -> bool:
        """Whether memory is what an edit will find stored."""
        return not (self._image.is_loading or self._in_flight)

    @property
    def is_undoing(self) -> bool:
        """Whether an undo, a redo or ``store_edits`` is on its way to the file and back."""
        return self._in_flight > 0

    @property
    def has_waiting(self) -> bool:
        """Whether something was given to ``when_settled`` that has not run yet."""
        return bool(self._waiting)

    def when_settled(self, act: Callable[[], None]) -> None:
        """Call ``act`` now, or once the image is read and no undo is in flight."""
        if self.is_settled:
            act()
        else:
            self._waiting.append(act)

    def _go_on(self) -> None:
        if self.is_settled:
            waiting, self._waiting = self._waiting, []
            for act in waiting:
                self.when_settled(act)

    # The image.

    def _image_opened(self, key: str) -> None:
        self._waiting = []
        self._set_state(None)
        if key:
            self._load(key)

    def _load(self, key: str) -> None:
        self._image.is_loading = True

        def read(project: Project) -> tuple[tuple[Region, ...], HistoryState, ImageNotes, int]:
            regions = project.regions(key)
            return regions, project.history(key), project.image_notes(key), len(project.take_unreadable())

        def loaded(answer: tuple[tuple[Region, ...], HistoryState, ImageNotes, int]) -> None:
            if key == self._image.key and self._image.is_loading:
                self._image.read(answer[0])
                self._image.set_notes(answer[2])
                self._set_state(answer[1])
                if answer[3]:
                    told = QCoreApplication.translate(
                        "Session",
                        "Regions of this image that are damaged and not shown: {}. They stay in the project file; "
                        "“project check” tells more.",
                    )
                    self._notify("warning", told.format(answer[3]))
                self._go_on()

        self._store.ask(read, loaded)

    def reload(self) -> None:
        """Read the image and the schema again: what was in memory is not what is stored."""
        self._image.drop_all_drafts()
        if self._image.key:
            self._load(self._image.key)
        self._store.ask(lambda project: project.schema, self._schema.read_again)

    def _set_state(self, state: HistoryState | None) -> None:
        self.state = state
        self.changed.emit(state)

    # Edits.

    def apply(
        self,
        label: str,
        make: Callable[[], Iterable[RegionChange]],
        *,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """One edit of the image in sight, one step of undo.

        Args:
            label: its English name for the undo menu.
            make: finds the changes, when the image is settled; an error that it raises becomes a notice.
            then: is called when the edit was made.
        """

        def act() -> None:
            try:
                changes = tuple(make())
            except RoiAssistantError as error:
                self._notify("error", translated(error))
                return
            if self.commit(label, changes):
                then()

        self.when_settled(act)

    def commit(self, label: str, changes: tuple[RegionChange, ...], *, notes: ImageNotes | None = None) -> bool:
        """Make one edit now; for a caller that has waited. Answers whether it was made."""
        key = self._image.key
        if (not changes and notes is None) or not key or not self._store.may_edit():
            return False
        edit = Edit(label, key, changes)
        if notes is not None:
            edit = replace(edit, notes=(NotesChange(key, self._image.notes, notes),))
        try:
            regions = apply_to_regions(self._image.stored, edit, image=key)
        except RoiAssistantError as error:
            self._notify("error", translated(error))
            return False
        self._keep(edit)
        self.applied.emit(edit)
        self.committed.emit()
        self._show(regions, edit)
        return True

    def _show(self, regions: tuple[Region, ...], edit: Edit) -> None:
        """Memory after ``edit``: what an image holds that has regions is not nothing.

        Raises:
            EditConflictError: the notes in memory are not what the edit expects.
        """
        before = self._image.notes
        after = notes_after(before, edit, image=self._image.key)
        if regions:
            after = replace(after, reviewed_empty=False)
        self._image.set_regions(regions)
        if after != before:
            self._image.set_notes(after)

    def set_schema(self, schema: AttributeSchema, *, renamed: tuple[tuple[str, str], ...] = ()) -> None:
        """Ask for the attributes of ``schema`` from now on. ``renamed``: names of attributes, (before, after), whose
        values all regions keep under the new name."""
        if schema != self._schema.value and self._store.may_edit():
            edit = Edit("Change attributes", "", schema=(self._schema.value, schema), renamed=renamed)
            self._keep(edit)
            self._replace_schema(edit)

    def _replace_schema(self, edit: Edit) -> None:
        self._schema.replace(edit)
        if edit.renamed:
            self.reload()

    def _keep(self, edit: Edit) -> None:
        def done(state: HistoryState) -> None:
            if edit.image == self._image.key:
                self._set_state(state)

        self._store.edit(edit, done)

    def undo(self, image: str | None = None) -> None:
        """Take the last step of the image in sight back (``image`` "": of the schema)."""
        key = self._image.key if image is None else image
        nothing = QCoreApplication.translate("Session", "There is nothing to undo on this image.")
        self._step(key, lambda project: project.undo(key), nothing)

    def redo(self, image: str | None = None) -> None:
        """Make the step again that was taken back last."""
        key = self._image.key if image is None else image
        nothing = QCoreApplication.translate("Session", "There is nothing to redo on this image.")
        self._step(key, lambda project: project.redo(key), nothing)

    def _step(self, key: str, step: Callable[[Project], tuple[Edit, HistoryState] | None], nothing: str) -> None:
        if not self._store.may_edit():
            return
        if self._waiting and not self.is_settled:  # an edit that waits comes first
            self._waiting.append(lambda: self._step(key, step, nothing))
            return

        def arrived(answer: tuple[Edit, HistoryState] | None) -> None:
            if answer is None:
                self._notify("info", nothing)
                return
            edit, state = answer
            self.show_stored(edit)
            if key == self._image.key:
                self._set_state(state)

        self._change_file(step, arrived)

    def store_edits(
        self,
        make: Callable[[Project], Sequence[Edit]],
        done: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Edits of any images that ``make`` finds and applies on the storage thread, in a short time. What the user
        does meanwhile is done after them."""
        key = self._image.key
        if self._store.read_only:
            failed(BadInputError("The project is open for reading only."))
            return

        def stored(answer: tuple[Sequence[Edit], HistoryState]) -> None:
            edits, state = answer
            for edit in edits:
                self.show_stored(edit)
            if key == self._image.key:
                self._set_state(state)
            done()

        self._change_file(lambda project: (make(project), project.history(key)), stored, failed)

    def _change_file(
        self,
        change: Callable[[Project], T],
        arrived: Callable[[T], None],
        failed: Failed = None,
    ) -> None:
        """Let ``change`` work where the project is stored; edits wait for its outcome."""

        def settled() -> None:
            self._in_flight -= 1
            self._go_on()

        self._in_flight += 1
        self._store.write(change, arrived, failed, settled=settled)

    def show_stored(self, edit: Edit) -> None:
        """Bring memory up to ``edit``, which is stored already."""
        self.applied.emit(edit)
        if edit.schema is not None:
            self._replace_schema(edit)
        if edit.categories is not None:
            self.categoriesStored.emit(edit)
            if edit.categories.renamed or edit.categories.moved:
                self.reload()
        mine = [change for change in edit.regions if change.image == self._image.key]
        is_noted = any(change.image == self._image.key for change in edit.notes)
        if not (mine or is_noted) or self._image.is_loading:
            return
        self._image.drop_drafts(change.before.id for change in mine if change.before is not None)
        try:
            self._show(apply_to_regions(self._image.stored, edit, image=self._image.key), edit)
        except RoiAssistantError:
            self.reload()
            return
        if edit.label != SUGGESTION:
            after = [change.after.id for change in mine if change.after is not None]
            self._image.select(after or self._image.selection)
