"""The file of the open project: reading, writing, and whether everything is stored.

Work is done on the threads of `StorageThread`; answers arrive on the thread of the window.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, TypeVar

from PyQt6.QtCore import QCoreApplication, QObject, pyqtBoundSignal, pyqtSignal

from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.session.project_opening import ProjectOpener, ProjectSummary
from roi_assistant.ui.session.storage_thread import Courier, Done, Failed, StorageThread, reader_of

if TYPE_CHECKING:
    from roi_assistant.core.edits import Edit
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.records import HistoryState

T = TypeVar("T")
SaveState = Literal["saved", "saving", "failed", "read-only"]
Level = Literal["info", "warning", "error"]
Settled: TypeAlias = Callable[[], None] | None
Notify = Callable[[Level, str], None]
"""Shows one sentence to the user."""


class Store(Protocol):
    """What the parts of a session, and views, need of the project file. ``done`` and ``failed`` are called later, on
    the thread of the window; what fails without ``failed`` becomes a notice."""

    @property
    def folder(self) -> Path | None:
        """The folder of the open project; None while none is open."""

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed; True while no project is open."""

    @property
    def state(self) -> SaveState:
        """Whether everything is stored; ``stateChanged`` tells of another state."""

    @property
    def keeps_list(self) -> bool:
        """Whether pictures that are new in the folder can be added to the list."""

    @property
    def stateChanged(self) -> pyqtBoundSignal:
        """Emitted with the new ``state``."""

    @property
    def editFailed(self) -> pyqtBoundSignal:
        """Emitted when an edit could not be stored: what is in memory has to be read again from the file."""

    def may_edit(self) -> bool:
        """Whether the project can be changed; says so to the user when it cannot."""

    def read(self, function: Callable[[Project], T], done: Done[T] = None, failed: Failed = None) -> None:
        """Read with a connection of its own, after the writes so far. The answer is dropped when the project closes."""

    def ask(self, function: Callable[[Project], T], done: Done[T] = None, failed: Failed = None) -> None:
        """A short read at its place among the writes."""

    def write(
        self, function: Callable[[Project], T], done: Done[T] = None, failed: Failed = None, *, settled: Settled = None
    ) -> None:
        """Change the file, in the order of edits. Nothing happens when it is open for reading only. ``settled`` is
        called after ``done`` or ``failed``."""

    def change(self, function: Callable[[Project], T], done: Done[T] = None, failed: Failed = None) -> None:
        """As ``write``; the user is told when the project is open for reading only."""

    def edit(self, edit: Edit, done: Callable[[HistoryState], None]) -> None:
        """Store ``edit`` as one transaction. When it fails, ``editFailed`` is emitted and later edits are dropped."""

    def add_images(self, keys: list[str], done: Callable[[int], None]) -> None:
        """Add pictures to the list of a project that ``keeps_list``; safe from any thread."""


class ProjectStore(QObject):
    """The `Store` of a project file. One object serves all projects that a window opens, one after the other."""

    stateChanged = pyqtSignal(str)
    editFailed = pyqtSignal()
    """Memory has to be read again from the file."""

    def __init__(self, courier: Courier, notify: Notify, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._courier, self._notify = courier, notify
        self.summary: ProjectSummary | None = None
        """The project that is open; None while none is."""
        self.state: SaveState = "saved"
        self._thread: StorageThread | None = None
        self._leaving: StorageThread | None = None
        self._opener = ProjectOpener(Path())

    @property
    def folder(self) -> Path | None:
        return self.summary.folder if self.summary is not None else None

    @property
    def read_only(self) -> bool:
        return self.summary is None or self.summary.read_only

    @property
    def keeps_list(self) -> bool:
        return self.summary is not None and (not self.read_only or self._opener.is_temporary)

    @property
    def is_saving(self) -> bool:
        """Whether changes wait to be written."""
        return self._thread is not None and self._thread.waiting > 0

    # Opening and closing.

    def open(
        self,
        folder: Path,
        *,
        first_look: Callable[[Project], T],
        opened: Callable[[ProjectSummary, T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Open the project of ``folder``, or begin one. ``first_look`` runs on the storage thread."""
        opener = self._opener = ProjectOpener(folder)
        leaving = self._leaving

        def open_project() -> Project:
            if leaving is not None:
                leaving.wait(10)  # it may be the same folder, which one window locks
            return opener()

        def done(answer: T) -> None:
            if thread is self._thread:
                self.summary = opener.summary
                self._set_state("read-only" if opener.summary.read_only else "saved")
                opened(opener.summary, answer)

        def not_opened(error: Exception) -> None:
            if thread is self._thread:
                self._thread = None
                failed(error)

        self._thread = thread = StorageThread(
            self._courier,
            open_project=open_project,
            open_reader=lambda: reader_of(opener.place)(),
            opened=first_look,
            done=done,
            failed=not_opened,
            finished=opener.clean_up,
        )

    def close(self) -> bool:
        """Close the project; answers whether one was open or being opened. What was given is still stored."""
        thread, self._thread = self._thread, None
        self.summary = None
        if thread is None:
            return False
        thread.close()
        self._leaving = thread
        return True

    @property
    def is_closed(self) -> bool:
        """Whether the project that was closed last is on the disk and its file free."""
        return self._leaving is None or self._leaving.is_finished

    def wait_closed(self, seconds: float) -> bool:
        """After ``close``: whether everything was stored within ``seconds``."""
        return self._leaving is None or self._leaving.wait(seconds)

    def take_over(self, other: ProjectStore) -> None:
        """Follow ``other``, whose project was closed: a folder that it is still storing is opened when it is free."""
        self._leaving = other._leaving

    # See `Store`.

    def may_edit(self) -> bool:
        if self._thread is None or self.summary is None:
            return False
        if self.summary.read_only:
            self._notify(
                "warning",
                QCoreApplication.translate("Session", "This project is open for reading only: nothing was changed."),
            )
            return False
        return True

    def read(self, function: Callable[[Project], T], done: Done[T] = None, failed: Failed = None) -> None:
        if self._thread is not None:
            self._thread.read(function, done, failed or self._read_failed)

    def ask(self, function: Callable[[Project], T], done: Done[T] = None, failed: Failed = None) -> None:
        if self._thread is not None:
            self._thread.ask(function, done, failed or self._read_failed)

    def write(
        self, function: Callable[[Project], T], done: Done[T] = None, failed: Failed = None, *, settled: Settled = None
    ) -> None:
        if self._thread is not None and not self.read_only:
            failed = failed or self._write_failed
            self._thread.write(function, self._settled(done, settled), self._settled(failed, settled))
            self._update_state()

    def change(self, function: Callable[[Project], T], done: Done[T] = None, failed: Failed = None) -> None:
        if self.may_edit():
            self.write(function, done, failed)

    def edit(self, edit: Edit, done: Callable[[HistoryState], None]) -> None:
        assert self._thread is not None
        self._thread.edit(edit, self._settled(done), self._edit_failed)
        self._update_state()

    def add_images(self, keys: list[str], done: Callable[[int], None]) -> None:
        if self._thread is not None:
            self._thread.write(lambda project: project.add_images(keys), self._settled(done), self._write_failed)

    def _settled(self, then: Done[T], last: Settled = None) -> Callable[[T], None]:
        def settle(value: T) -> None:
            self._update_state()
            if then is not None:
                then(value)
            if last is not None:
                last()

        return settle

    def _edit_failed(self, error: Exception) -> None:
        if self._thread is not None:
            self._thread.begin_epoch()
        self._write_failed(error)
        self.editFailed.emit()

    def _write_failed(self, error: Exception) -> None:
        self._set_state("failed")
        text = QCoreApplication.translate("Session", "The last change was not stored and was taken back. {}")
        self._notify("error", text.format(translated(error)))

    def _read_failed(self, error: Exception) -> None:
        self._notify(
            "error", QCoreApplication.translate("Session", "The project cannot be read. {}").format(translated(error))
        )

    def _update_state(self) -> None:
        if self._thread is not None and not self.read_only:
            self._set_state("saving" if self._thread.waiting else "saved")

    def _set_state(self, state: SaveState) -> None:
        if state != self.state:
            self.state = state
            self.stateChanged.emit(state)
