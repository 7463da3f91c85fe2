"""What a window works on: the open folder, the image in sight, its regions, the model, and all that can be done.

`ProjectSession` composes parts that each own one thing. Views show what the parts hold and call their methods; they
touch neither the project file nor the engine. `SessionView` says what a view may rely on.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PyQt6.QtCore import QCoreApplication, QObject, QTimer, pyqtSignal

from roi_assistant.core.records import AttributeSchema
from roi_assistant.errors import ProjectDamagedError, RoiAssistantError
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.session.batch_job import Batches
from roi_assistant.ui.session.engine_bridge import EngineBridge
from roi_assistant.ui.session.jobs import JobBoard
from roi_assistant.ui.session.linting import Linting
from roi_assistant.ui.session.options import SessionOptions
from roi_assistant.ui.session.parts import make_parts
from roi_assistant.ui.session.project_boxes import ProjectBoxes
from roi_assistant.ui.session.project_opening import (
    FirstLook,
    OpenProblem,
    ProjectSummary,
    first_look,
    newest_backup,
)
from roi_assistant.ui.session.storage_thread import Courier, run_in_background
from roi_assistant.ui.session.store import Level, ProjectStore

if TYPE_CHECKING:
    from roi_assistant.plugins import PluginManager

__all__ = ["ProjectSession", "SessionOptions"]

T = TypeVar("T")


class ProjectSession(QObject):
    """Parts, each built on those before: ``store`` (the file), ``image`` (in sight), ``images`` (the list), ``history``
    (edits, undo), ``categories``, ``memory`` (of what was accepted), ``suggestions`` (of the model), ``edits`` (of the
    user), ``box_suggestions`` (of the model), ``notes`` (on images), ``jobs``, ``batches``, ``lint`` (what is
    doubtful), ``chat``. Keys are those of images: POSIX paths relative to the folder."""

    projectOpened = pyqtSignal(object)
    """ProjectSummary"""
    projectClosed = pyqtSignal()
    openFailed = pyqtSignal(object)
    """OpenProblem"""
    notice = pyqtSignal(str, str)
    """Level (info, warning, error) and a sentence."""

    def __init__(
        self,
        engine: EngineBridge,
        *,
        plugins: PluginManager,
        options: SessionOptions | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.options = options or SessionOptions()
        self.engine = engine
        self.plugins = plugins
        self.model_name = ""
        """What the model is called before it has said so itself."""
        self._first_image = ""
        self._courier = Courier(self)

        notify = self._notify
        self.store = ProjectStore(self._courier, notify, self)
        parts = make_parts(self.store, engine, notify, options=lambda: self.options, parent=self)
        self.image, self.images, self.attributes, self.chat = parts.image, parts.images, parts.attributes, parts.chat
        self.history, self.categories = parts.history, parts.categories
        self.suggestions, self.second, self.edits = parts.suggestions, parts.second, parts.edits
        self.notes, self.memory, self.box_suggestions = parts.notes, parts.memory, parts.box_suggestions
        self.prompts, self.look_for, self.reading = parts.prompts, parts.look_for, parts.reading
        self.jobs = JobBoard(self.store, self._courier, notify, self)
        boxes = ProjectBoxes(
            *(self.jobs, self.store, engine, self.history, notify),
            images=self.images,
            memory=self.memory,
            look_for=self.look_for,
            parent=self,
        )
        self.batches = Batches(
            *(self.jobs, self.store, engine, self.suggestions, notify), boxes=boxes, second=self.second, parent=self
        )
        self.lint = Linting(
            *(self.image, self.history, self.jobs, self.store, notify), open_image=self.open_image, parent=self
        )
        self.led_from = ""
        """The image from which the last decision led here, as long as nothing was done since."""
        self.image.regionsChanged.connect(self._count_regions)
        self.image.opened.connect(lambda _key: self._stay())
        self.history.committed.connect(self._stay)
        self.edits.reviewed.connect(self._open_next_waiting)
        self.images.listed.connect(self._listed)
        self.images.listed.connect(self.categories.count_soon)

    @property
    def folder(self) -> Path | None:
        return self.store.folder

    @property
    def read_only(self) -> bool:
        return self.store.read_only

    @property
    def schema(self) -> AttributeSchema:
        return self.attributes.value

    def _notify(self, level: Level, text: str) -> None:
        self.notice.emit(level, text)

    def path(self, key: str) -> Path:
        """The file of the image ``key``."""
        assert self.folder is not None
        return self.folder / key

    # Opening and closing.

    def open_folder(self, path: Path, *, image: str = "") -> None:
        """Open the project of ``path`` (or begin one) and look for its pictures; ``image`` is shown first."""
        self.close_project()
        folder, order = Path(path).absolute(), self.images.order
        self._first_image = image
        self.store.open(
            folder,
            first_look=lambda project: first_look(project, order),
            opened=self._opened,
            failed=lambda error: self._open_failed(folder, error),
        )

    def close_project(self) -> None:
        """Close the folder. What the user did is still stored; returns at once."""
        was_open = self.folder is not None
        if not self.store.close():
            return
        self.batches.suspend()
        self.jobs.close()
        self.images.clear()
        self.edits.earlier.forget()
        self.edits.earlier_categories.forget()
        self.categories.reset()
        self.lint.reset()
        self.suggestions.reset()
        self.second.close()
        self.memory.reset()
        self.prompts.reset(None)
        self.look_for.reset("")
        self.reading.reset("if_possible")
        self.image.show("", None)
        if was_open:
            self.images.changed.emit()
            self.projectClosed.emit()

    def _opened(self, summary: ProjectSummary, look: FirstLook) -> None:
        self.attributes.reset(look.schema)
        self.prompts.reset(look.prompts)
        self.look_for.reset(look.look_for)
        self.reading.reset(look.reading)
        self.projectOpened.emit(summary)
        self.batches.restore(look.jobs)
        self.memory.load()
        self.edits.earlier_categories.load()

        def show_list() -> None:
            if self.store.summary is summary:
                self.images.show(look.images)
                if self.images.order.sort == "date":
                    self.images.refresh()
                self.images.rescan()
                QTimer.singleShot(0, lambda: self.attributes.changed.emit(self.schema))

        QTimer.singleShot(0, show_list)  # in one event, all this would keep the window for longer than a frame

    def _open_failed(self, folder: Path, error: Exception) -> None:
        backup = newest_backup(folder) if isinstance(error, ProjectDamagedError) else None
        if isinstance(error, RoiAssistantError):
            message = translated(error)
        else:
            message = QCoreApplication.translate(
                "Session", "The folder {} cannot be opened ({}): check that it can be read and written."
            ).format(folder, error)
        self.openFailed.emit(OpenProblem(folder, message, backup))

    # Going about.

    def open_image(self, key: str, *, region: str = "") -> None:
        """Show the image ``key`` with ``region`` selected, or else the first region that waits; what waits for an undo
        on the image in sight comes first."""
        if self.history.is_undoing and self.history.has_waiting:
            self.history.when_settled(lambda: self.open_image(key, region=region))
        elif key == self.image.key and region:
            self.history.when_settled(lambda: self.image.select((region,)))
        elif key != self.image.key and self.folder is not None:
            self.image.show(key, self.images.size(key), region=region)
            self._prefetch()

    def step_image(self, step: int) -> None:
        """The image ``step`` places on in the list; stops at its ends."""
        keys = self.images.keys
        if keys:
            here = self.images.index(self.image.key)
            self.open_image(keys[0 if here is None else min(max(here + step, 0), len(keys) - 1)])

    def _open_next_waiting(self) -> None:
        """All regions of the image in sight are decided."""
        if not self.options.advance_image:
            return
        key, here = self.images.next_waiting(self.image.key), self.image.key
        if key:
            self.open_image(key)
            self.led_from = here
            self.history.changed.emit(self.history.state)
        else:
            self._notify("info", QCoreApplication.translate("Session", "No other image in the list waits for review."))

    def _stay(self) -> None:
        self.led_from = ""

    def undo(self) -> None:
        """Take back the last step on the image in sight, or the decision that led to it, on the image before."""
        if self.led_from:
            self.open_image(self.led_from)
        self.history.undo()

    def copy_from_previous(self, *, words: bool) -> None:
        """Copy the boxes of the image before this one in the list, also with their words."""
        here = self.images.index(self.image.key)
        if not here:
            self._notify(
                "info", QCoreApplication.translate("Session", "There is no image before this one to copy boxes from.")
            )
        else:
            self.edits.copy_from(self.images.keys[here - 1], words=words)

    def set_image_size(self, key: str, width: int, height: int) -> None:
        """The picture was decoded: its size in pixels, orientation applied."""
        if key == self.image.key:
            self.image.size = (width, height)
        self.images.set_size(key, width, height)

    def _listed(self) -> None:
        if not self.image.key and self.images.keys:
            first = self._first_image if self.images.index(self._first_image) is not None else self.images.keys[0]
            self.open_image(first)
        else:
            self._prefetch()

    def _count_regions(self) -> None:
        if not self.image.is_loading:
            self.images.count(self.image.key, self.image.stored)

    def _prefetch(self) -> None:
        key = self.image.key
        if self.options.prefetch and self.images.index(key) is not None:
            self.engine.prefetch([self.path(other) for other in (key, *self.images.near(key))])

    # Threads.

    def post(self, function: Callable[[], None]) -> None:
        """Call ``function`` on the thread of the window; safe from any thread."""
        self._courier.post(function)

    def in_background(self, function: Callable[[], T], done: Callable[[T], None]) -> None:
        """Call ``function`` on a thread of its own and ``done`` with its answer in the window; an error is a notice."""
        run_in_background(self._courier, function, done, lambda error: self._notify("error", translated(error)))
