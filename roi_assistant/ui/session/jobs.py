"""Long work: what runs, how far it is, how long it will take, and the way to stop it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal

from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.session.storage_thread import Courier, Done, Failed, reader_of
from roi_assistant.ui.session.store import Notify, Store

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project

_log = logging.getLogger(__name__)
T = TypeVar("T")

JobState = Literal["running", "waiting", "done", "failed", "cancelled"]
KEPT = 20
"""Jobs that have ended and are still listed."""


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job as it is shown. ``total`` 0: not known yet. ``seconds_left`` None: not known. ``message`` says what went
    wrong, or what came of it."""

    id: str
    title: str
    state: JobState = "running"
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    message: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.state in ("done", "failed", "cancelled")


class JobCancelledError(Exception):
    """The user stopped the job."""


class JobControl:
    """What the work of a job calls: it reports its progress and learns that it is to stop."""

    EVERY = 0.1
    """Seconds between two reports that reach the window."""

    def __init__(self, report: Callable[[int, int], None]) -> None:
        self._report = report
        self._stop = threading.Event()
        self._told_at = 0.0

    @property
    def cancelled(self) -> bool:
        """Whether the user has asked the job to stop."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Ask the work to stop: its next ``progress`` raises. Safe from any thread."""
        self._stop.set()

    def progress(self, done: int, total: int) -> None:
        """``done`` of ``total`` steps are done.

        Raises:
            JobCancelledError: the user stopped the job; let it pass.
        """
        if self._stop.is_set():
            raise JobCancelledError
        now = time.monotonic()
        if done >= total or now - self._told_at >= self.EVERY:
            self._told_at = now
            self._report(done, total)


class JobBoard(QObject):
    """The jobs of the open project."""

    changed = pyqtSignal()

    def __init__(self, store: Store, courier: Courier, notify: Notify, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._courier, self._notify = store, courier, notify
        self._jobs: dict[str, JobStatus] = {}
        self._cancels: dict[str, Callable[[], None]] = {}
        self._began: dict[str, tuple[float, int]] = {}
        self._count = 0
        self._generation = 0

    @property
    def statuses(self) -> tuple[JobStatus, ...]:
        """The newest last."""
        return tuple(self._jobs.values())

    def add(self, title: str, cancel: Callable[[], None], *, id_: str = "") -> str:
        """List a job that begins now; answers its id."""
        self._count += 1
        id_ = id_ or f"job-{self._count}"
        self._jobs.pop(id_, None)
        self._jobs[id_] = JobStatus(id_, title)
        self._cancels[id_] = cancel
        over = [job.id for job in self._jobs.values() if job.is_over]
        for old in over[: max(0, len(over) - KEPT)]:
            del self._jobs[old]
        self.changed.emit()
        return id_

    def show(self, id_: str, *, total: int, done: int | None = None) -> None:
        """How far the job ``id_`` is; None: as far as before. The time left follows from the pace so far."""
        job = self._jobs.get(id_)
        if job is None or job.is_over:
            return
        if done is None:
            job = replace(job, total=total)
        else:
            began, first = self._began.setdefault(id_, (time.monotonic(), done))
            worked, steps = time.monotonic() - began, done - first
            left = worked / steps * (total - done) if steps > 0 and worked > 1 else None
            job = replace(job, done=done, total=total, seconds_left=left)
        self._jobs[id_] = job
        self.changed.emit()

    def end(self, id_: str, state: JobState, message: str = "") -> None:
        """The job is over; ``message`` says what came of it."""
        job = self._jobs.get(id_)
        if job is not None and not job.is_over:
            self._jobs[id_] = replace(job, state=state, message=message, seconds_left=None)
            self.changed.emit()
        self._cancels.pop(id_, None)
        self._began.pop(id_, None)

    def cancel(self, id_: str) -> None:
        """Stop the job; it is listed as cancelled once it has stopped."""
        cancel = self._cancels.get(id_)
        if cancel is not None:
            cancel()

    def close(self) -> None:
        """The project closes: stop everything."""
        self._generation += 1
        for cancel in list(self._cancels.values()):
            cancel()
        self._jobs, self._cancels, self._began = {}, {}, {}
        self.changed.emit()

    def run(
        self, title: str, function: Callable[[Project, JobControl], T], done: Done[T] = None, failed: Failed = None
    ) -> str:
        """Long work on a thread and a reading connection of its own.

        Args:
            title: how the job is listed.
            function: the work; it reports its progress to the control.
            done: gets the answer, on the thread of the window.
            failed: gets the error; without it the error becomes a notice.

        Returns:
            The id of the job, "" when no project is open.
        """
        generation, folder = self._generation, self._store.folder
        if folder is None:
            return ""
        open_reader = reader_of(folder)

        def told(finished: int, total: int) -> None:
            self._post(generation, lambda: self.show(id_, done=finished, total=total))

        control = JobControl(told)
        id_ = self.add(title, control.cancel)

        def work() -> None:
            try:
                project = open_reader()
                with project:
                    answer = function(project, control)
            except JobCancelledError:
                self._post(generation, lambda: self.end(id_, "cancelled"))
            except Exception as error:
                caught = error
                _log.error("The job %r failed.", title, exc_info=error)
                self._post(generation, lambda: self._failed(id_, caught, failed))
            else:
                self._post(generation, lambda: self._done(id_, answer, done))

        def start(_: None) -> None:
            threading.Thread(target=work, name=f"job {id_}", daemon=True).start()

        self._store.ask(lambda _: None, start)  # once everything so far is stored
        return id_

    def _done(self, id_: str, answer: T, done: Done[T]) -> None:
        self.end(id_, "done")
        if done is not None:
            done(answer)

    def _failed(self, id_: str, error: Exception, failed: Failed) -> None:
        message = translated(error)
        self.end(id_, "failed", message)
        if failed is not None:
            failed(error)
        else:
            self._notify("error", message)

    def _post(self, generation: int, function: Callable[[], None]) -> None:
        self._courier.post(lambda: function() if generation == self._generation else None)
