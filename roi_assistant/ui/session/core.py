"""The part of the session that is not about editing: the open folder, its list of images, the image in sight, and
what is stored."""

from __future__ import annotations

import logging
import time
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit
from roi_assistant.core.records import AttributeSchema, Conversation, DescribeRequest, Region, RegionText
from roi_assistant.errors import ProjectDamagedError, RoiAssistantError
from roi_assistant.sentences import Sentence
from roi_assistant.storage.records import ImageRows
from roi_assistant.ui.look.translation import said
from roi_assistant.ui.session.chat import ChatSession
from roi_assistant.ui.session.engine_bridge import EngineBridge
from roi_assistant.ui.session.jobs import JobBoard, JobControl, JobStatus
from roi_assistant.ui.session.options import SessionOptions, request_for
from roi_assistant.ui.session.project_opening import (
    FolderScan,
    OpenProblem,
    ProjectOpener,
    ProjectSummary,
    first_look,
    listing,
    newest_backup,
)
from roi_assistant.ui.session.storage_thread import Courier, StorageThread, reader_of, run_in_background

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project

_log = logging.getLogger(__name__)
T = TypeVar("T")

LIST_EVERY = 2.0
"""Seconds between two readings of the list of images while a folder is searched."""


class SessionCore(QObject):
    """What ``ProjectSession`` is built on; ids are those of regions, keys those of images."""

    projectOpened = pyqtSignal(object)
    """ProjectSummary"""
    projectClosed = pyqtSignal()
    openFailed = pyqtSignal(object)
    """OpenProblem"""
    imagesChanged = pyqtSignal()
    imageRowChanged = pyqtSignal(str)
    """One row of ``image_rows`` has new figures."""
    imageEdited = pyqtSignal(str)
    """Suggestions were stored for an image that was not in sight."""
    imageOpened = pyqtSignal(str)
    """The key, "" when there is none; ``regions`` are empty until ``regionsChanged``."""
    regionsChanged = pyqtSignal()
    selectionChanged = pyqtSignal(tuple)
    historyChanged = pyqtSignal(object)
    """HistoryState or None"""
    saveStateChanged = pyqtSignal(str)
    """saved, saving, failed, read-only"""
    notice = pyqtSignal(str, str)
    """Level (info, warning, error) and a sentence."""
    engineChanged = pyqtSignal(object)
    """EngineStateChanged"""
    pendingChanged = pyqtSignal(frozenset)
    schemaChanged = pyqtSignal(object)
    conversationChanged = pyqtSignal()
    chatPiece = pyqtSignal(str)
    jobsChanged = pyqtSignal()
    scanFinished = pyqtSignal(int)

    def __init__(
        self, engine: EngineBridge, *, options: SessionOptions | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.options = options or SessionOptions()
        self.engine = engine
        self.folder: Path | None = None
        self.summary: ProjectSummary | None = None
        self.image_rows = ImageRows()
        self.image_keys: Sequence[str] = ()
        self.filter: Any = None
        self.current = ""
        self.selection: tuple[str, ...] = ()
        self.schema = AttributeSchema("")
        self.history: Any = None
        self.save_state = "saved"
        self.image_size: tuple[int, int] | None = None
        self.model_name = ""
        """What the model is called before it has said so itself."""
        self.scanning = False
        self._regions: tuple[Region, ...] = ()
        self._drafts: dict[str, Region] = {}
        self._shown: tuple[Region, ...] | None = None
        self._row_of: dict[str, int] = {}
        self._loading = False
        self._opener = ProjectOpener(Path())
        self._later: list[Callable[[], None]] = []
        self._wanted_image = ""
        self._storage: StorageThread | None = None
        self._leaving: StorageThread | None = None
        self._scan: FolderScan | None = None
        self._listed_at = 0.0
        self._courier = Courier(self)
        self.chat = ChatSession(self)
        self._jobs = JobBoard(self, self._courier)
        engine.stateChanged.connect(self.engineChanged)
        engine.pendingChanged.connect(lambda: self.pendingChanged.emit(self.pending))

    # What a view reads.

    @property
    def read_only(self) -> bool:
        return self.summary is None or self.summary.read_only

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions of the current image, with what the model has written so far."""
        if self._shown is None:
            self._shown = tuple(self._drafts.get(region.id, region) for region in self._regions)
        return self._shown

    @property
    def pending(self) -> frozenset[str]:
        """The regions of the current image that the model is still to write about."""
        return self.engine.pending(self.current) if self.current else frozenset()

    @property
    def engine_state(self) -> Any:
        return self.engine.state

    @property
    def conversation(self) -> Conversation:
        """The conversation in sight; ``region_ids`` are all regions of the image, so that numbers are the canvas's."""
        return self.chat.shown

    @property
    def jobs(self) -> tuple[JobStatus, ...]:
        return self._jobs.statuses

    @property
    def is_saving(self) -> bool:
        return self._storage is not None and self._storage.waiting > 0

    def region(self, id_: str) -> Region | None:
        return next((region for region in self.regions if region.id == id_), None)

    def number(self, id_: str) -> int:
        """The number on the canvas, 0 for a region that is not there."""
        return next((number for number, region in enumerate(self._regions, start=1) if region.id == id_), 0)

    def path(self, key: str) -> Path:
        """The file of the image ``key``."""
        assert self.folder is not None
        return self.folder / key

    def index(self, key: str) -> int | None:
        """The place of the image ``key`` in the list; None when the filter hides it."""
        return self._row_of.get(key)

    def row(self, key: str) -> Any:
        """The ImageRow of ``key``; None when the filter hides it."""
        return self.image_rows[self._row_of[key]] if key in self._row_of else None

    # Opening and closing.

    def open_folder(self, path: Path, *, image: str = "") -> None:
        """Open the project of ``path`` (or begin one) and look for its pictures; ``image`` is shown first."""
        self.close_project()
        folder = Path(path).absolute()
        opener = self._opener = ProjectOpener(folder)
        leaving = self._leaving

        def open_project() -> Project:
            if leaving is not None:
                leaving.wait(10)  # it may be the same folder, which one window locks
            return opener()

        self._wanted_image = image
        self._storage = storage = StorageThread(
            self._courier,
            open_project=open_project,
            open_reader=lambda: reader_of(opener.place)(),
            opened=lambda project: first_look(project, opener.summary),
            done=lambda answer: self._project_opened(storage, *answer),
            failed=lambda error: self._open_failed(storage, folder, error),
            finished=opener.clean_up,
        )

    def close_project(self) -> None:
        """Close the folder. What was given to the storage thread is still stored; returns at once."""
        storage, self._storage = self._storage, None
        if storage is None:
            return
        if self._scan is not None:
            self._scan.stop()
            self._scan = None
        self._jobs.close()
        storage.close()
        self._leaving = storage
        was_open, self.folder, self.summary, self.scanning = self.folder is not None, None, None, False
        self.image_rows, self.image_keys, self._row_of, self.filter = ImageRows(), (), {}, None
        self._show_image("")
        if was_open:
            self.imagesChanged.emit()
            self.projectClosed.emit()

    def wait_closed(self, seconds: float) -> bool:
        """After ``close_project``: whether everything was stored within ``seconds``."""
        return self._leaving is None or self._leaving.wait(seconds)

    def take_over(self, other: SessionCore) -> None:
        """Follow ``other``, whose project was closed: a folder that it is still storing is opened when it is free."""
        self._leaving = other._leaving

    @property
    def is_closed(self) -> bool:
        """Whether the project that was closed last is on the disk and its file free."""
        return self._leaving is None or self._leaving.is_finished

    def post(self, function: Callable[[], None]) -> None:
        """Call ``function`` on the thread of the window; safe from any thread."""
        self._courier.post(function)

    def in_background(self, function: Callable[[], T], done: Callable[[T], None]) -> None:
        """Call ``function`` on a thread of its own and ``done`` with its answer in the window; an error is said."""
        run_in_background(self._courier, function, done, lambda error: self.notice.emit("error", said(error)))

    def _project_opened(
        self,
        storage: StorageThread,
        summary: ProjectSummary,
        schema: AttributeSchema,
        rows: ImageRows,
        keys: Sequence[str],
        row_of: dict[str, int],
        jobs: Sequence[Any],
    ) -> None:
        if storage is not self._storage:
            return
        self.folder, self.summary, self.schema = summary.folder, summary, schema
        self.projectOpened.emit(summary)
        self._set_save_state("read-only" if summary.read_only else "saved")
        self._jobs.restore(jobs)

        def show_list() -> None:
            if storage is self._storage:
                self._list_arrived((rows, keys, row_of))
                self.rescan()
                QTimer.singleShot(0, lambda: self.schemaChanged.emit(self.schema))

        QTimer.singleShot(0, show_list)  # in one event, all this would keep the window for longer than a frame

    def _open_failed(self, storage: StorageThread, folder: Path, error: Exception) -> None:
        if storage is not self._storage:
            return
        self._storage = None
        backup = newest_backup(folder) if isinstance(error, ProjectDamagedError) else None
        if isinstance(error, RoiAssistantError):
            message = said(error)
        else:
            message = self.tr("The folder {} cannot be opened ({}): check that it can be read and written.").format(
                folder, error
            )
        self.openFailed.emit(OpenProblem(folder, message, backup))

    def rescan(self) -> None:
        """Look for pictures that came into the folder since."""
        if self.folder is None or self._storage is None or self.scanning:
            return
        storage = self._storage
        if self.read_only and not self._opener.is_temporary:
            return
        self.scanning = True

        def found(group: list[str]) -> None:
            storage.write(lambda project: project.add_images(group), self._images_added, self._write_failed)

        def finished(count: int, problem: Sentence) -> None:
            storage.ask(lambda _: None, lambda _: self._scan_finished(count, problem))

        self._scan = FolderScan(self.folder, found=found, finished=finished, known=self._row_of.keys())
        self._scan.start()

    def _images_added(self, added: int) -> None:
        self._update_save_state()
        if added and (not self.image_keys or time.monotonic() - self._listed_at > LIST_EVERY):
            self.refresh_images()

    def _scan_finished(self, count: int, problem: Sentence) -> None:
        self.scanning = False
        if problem:
            self.notice.emit("warning", said(problem))
        self.refresh_images()
        self.scanFinished.emit(count)

    # The list of images.

    def set_filter(self, flt: Any) -> None:
        """Show the images that the ImageFilter ``flt`` lets through; None shows all."""
        self.filter = flt
        self.refresh_images()

    def refresh_images(self) -> None:
        """Read the list of images again."""
        self._listed_at = time.monotonic()
        flt = self.filter
        self.run(lambda project: listing(project, flt), lambda answer: self._list_arrived(answer, of=flt))

    def _list_arrived(self, answer: tuple[ImageRows, Sequence[str], dict[str, int]], *, of: Any = None) -> None:
        if of is not self.filter:
            return
        self.image_rows, self.image_keys, self._row_of = answer
        self._listed_at = time.monotonic()
        self.imagesChanged.emit()
        if not self.current and self.image_keys:
            wanted = self._wanted_image if self._wanted_image in self._row_of else self.image_keys[0]
            self.open_image(wanted)
        else:
            self._prefetch()

    def _count_regions(self) -> None:
        """The figures of the current image in the list, from memory."""
        index = self._row_of.get(self.current)
        if index is None:
            return
        states = [region.state for region in self._regions]
        names = ("suggested", "accepted", "edited", "rejected")
        counts: dict[str, Any] = {name: states.count(name) for name in names}  # type: ignore[arg-type]
        row = self.image_rows[index]._replace(regions=len(states), **counts)
        if row != self.image_rows[index]:
            self.image_rows[index] = row
            self.imageRowChanged.emit(self.current)

    # Going about.

    def open_image(self, key: str) -> None:
        """Show the image ``key``."""
        if key == self.current or self._storage is None:
            return
        self._show_image(key)
        if not key:
            return
        self._read_image(self._storage, key)
        self._prefetch()

    def _show_image(self, key: str) -> None:
        self.current, self._loading, self._later = key, False, []
        self.image_size = None
        row = self.row(key) if key else None
        if row is not None and row.width and row.height:
            self.image_size = (row.width, row.height)
        self._set_regions((), drafts={}, emit=False)
        self.selection, self.history = (), None
        self.chat.forget()
        self.imageOpened.emit(key)
        self.regionsChanged.emit()
        self.selectionChanged.emit(())
        self.historyChanged.emit(None)
        self.conversationChanged.emit()
        self.pendingChanged.emit(self.pending)

    def _read_image(self, storage: StorageThread, key: str) -> None:
        self._loading = True
        storage.ask(
            lambda project: (project.regions(key), project.history(key), project.conversations(key)),
            lambda answer: self._image_loaded(key, *answer),
            self._read_failed,
        )

    def _image_loaded(self, key: str, regions: tuple[Region, ...], history: Any, conversations: Sequence[Any]) -> None:
        if key != self.current or not self._loading:
            return
        self._loading = False
        self._set_regions(tuple(regions))
        self._set_history(history)
        self.chat.restore(conversations)
        later, self._later = self._later, []
        for act in later:
            act()

    def step_image(self, step: int) -> None:
        """The image ``step`` places on in the list; stops at its ends."""
        if not self.image_keys:
            return
        here = self._row_of.get(self.current)
        there = 0 if here is None else min(max(here + step, 0), len(self.image_keys) - 1)
        self.open_image(self.image_keys[there])

    def select(self, ids: Iterable[str]) -> None:
        known = {region.id for region in self._regions}
        chosen = tuple(dict.fromkeys(id_ for id_ in ids if id_ in known))
        if chosen != self.selection:
            self.selection = chosen
            self.selectionChanged.emit(chosen)

    def step_region(self, step: int) -> None:
        """Select the next region (or the one before), around the end."""
        ids = [region.id for region in self._regions]
        if not ids:
            return
        if self.selection and self.selection[-1] in ids:
            self.select((ids[(ids.index(self.selection[-1]) + step) % len(ids)],))
        else:
            self.select((ids[0 if step > 0 else -1],))

    def set_image_size(self, key: str, width: int, height: int) -> None:
        """The picture was decoded: its size in pixels, orientation applied."""
        if key == self.current:
            self.image_size = (width, height)
        row = self.row(key)
        if row is None or self.read_only or (row.width, row.height, row.problem) == (width, height, ""):
            return
        self.write(lambda project: project.set_image_size(key, width, height))
        self._replace_row(key, width=width, height=height, problem="")

    def set_image_problem(self, key: str, message: str) -> None:
        """The picture cannot be shown."""
        row = self.row(key)
        if row is None or self.read_only or row.problem == message:
            return
        self.write(lambda project: project.set_image_problem(key, message))
        self._replace_row(key, problem=message)

    def _replace_row(self, key: str, **fields: Any) -> None:
        index = self._row_of[key]
        self.image_rows[index] = self.image_rows[index]._replace(**fields)
        self.imageRowChanged.emit(key)

    def _prefetch(self) -> None:
        here = self._row_of.get(self.current)
        if here is None or not self.options.prefetch:
            return
        near = [self.image_keys[n] for n in (here + 1, here - 1) if 0 <= n < len(self.image_keys)]
        self.engine.prefetch([self.path(key) for key in (self.current, *near)])

    # Storing.

    def _may_edit(self) -> bool:
        if self._storage is None or self.summary is None:
            return False
        if self.summary.read_only:
            self.notice.emit("warning", self.tr("This project is open for reading only: nothing was changed."))
            return False
        return True

    def after_writes(self, done: Callable[[Any], None]) -> None:
        """Call ``done`` once everything that was given so far is stored."""
        if self._storage is not None:
            self._storage.ask(lambda _: None, done)

    def store_conversation(self, image: str, conversation: Conversation) -> None:
        """Keep ``conversation``, which has an id, instead of what was kept under that id."""
        self.write(lambda project: project.save_conversation(image, conversation))

    def _store(self, edit: Edit) -> None:
        assert self._storage is not None

        def done(history: Any) -> None:
            self._update_save_state()
            if edit.image == self.current:
                self._set_history(history)

        self._storage.edit(edit, done, self._edit_failed)
        self._update_save_state()

    def write(
        self,
        function: Callable[[Project], Any],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Change the project file beside the edits, in their order."""
        if self._storage is None or self.read_only:
            return

        self._storage.write(function, self._settled(done), self._settled(failed or self._write_failed))
        self._update_save_state()

    def _settled(self, then: Callable[[Any], None] | None) -> Callable[[Any], None]:
        def settle(value: Any) -> None:
            self._update_save_state()
            if then is not None:
                then(value)

        return settle

    def _edit_failed(self, error: Exception) -> None:
        if self._storage is not None:
            self._storage.begin_epoch()
        self._write_failed(error)
        self._reload()

    def _write_failed(self, error: Exception) -> None:
        self._set_save_state("failed")
        self.notice.emit("error", self.tr("The last change was not stored and was taken back. {}").format(said(error)))

    def _read_failed(self, error: Exception) -> None:
        self.notice.emit("error", self.tr("The project cannot be read. {}").format(said(error)))

    def _reload(self) -> None:
        """Memory as it is stored."""
        key, storage = self.current, self._storage
        if storage is None:
            return
        self._drafts.clear()
        if key:
            self._read_image(storage, key)

        def schema_read(schema: AttributeSchema) -> None:
            if schema != self.schema:
                self.schema = schema
                self.schemaChanged.emit(schema)

        storage.ask(lambda project: project.schema, schema_read, self._read_failed)

    def _update_save_state(self) -> None:
        if self._storage is not None and not self.read_only:
            self._set_save_state("saving" if self._storage.waiting else "saved")

    def _set_save_state(self, state: str) -> None:
        if state != self.save_state:
            self.save_state = state
            self.saveStateChanged.emit(state)

    def _set_history(self, history: Any) -> None:
        self.history = history
        self.historyChanged.emit(history)

    def _set_regions(
        self, regions: tuple[Region, ...], *, drafts: dict[str, Region] | None = None, emit: bool = True
    ) -> None:
        self._regions, self._shown = regions, None
        if drafts is not None:
            self._drafts = drafts
        if not emit:
            return
        known = {region.id for region in regions}
        self._count_regions()
        self.regionsChanged.emit()
        if not known.issuperset(self.selection):
            self.select(self.selection)

    # Jobs and reading.

    @property
    def request(self) -> DescribeRequest:
        """How regions are described in this project."""
        return request_for(self.options, self.schema)

    @abstractmethod
    def suggest_all(
        self, image: str, texts: Sequence[tuple[str, Box, RegionText]], *, request: DescribeRequest | None = None
    ) -> None:
        """See ``ProjectSession``."""

    def run(
        self,
        function: Callable[[Project], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Read the project away from the window: ``function`` gets a connection that cannot write and sees all edits
        made so far; ``done`` gets its answer in the window, unless the project was closed."""
        if self._storage is not None:
            self._storage.read(function, done, failed or self._read_failed)

    def run_writing(
        self,
        function: Callable[[Project], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """As ``run``, with the connection that writes, in the order of edits. For short work."""
        if self._storage is not None and self._may_edit():
            self.write(function, done, failed)

    def run_job(
        self,
        title: str,
        function: Callable[[Project, JobControl], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> str:
        """Long work with progress and cancel, on a thread and a reading connection of its own; answers the job's id."""
        return self._jobs.run(title, function, done, failed)

    def start_batch(self, flt: Any = None) -> str:
        """Caption all boxes that have no accepted or edited caption; answers the job's id."""
        return self._jobs.start_batch(flt) if self._may_edit() else ""

    def cancel_job(self, id_: str) -> None:
        self._jobs.cancel(id_)
