"""The project file is read and written here, away from the window.

Two threads share a project file: one owns the writing connection and takes work in the order in which it was given,
the other owns a connection that only reads, for lists and searches that may take long. A read begins after all writes
that were given before it, so it sees them. Answers arrive on the thread of the window, in order.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from PyQt6.QtCore import QCoreApplication, QObject, Qt, pyqtSignal

if TYPE_CHECKING:
    from roi_assistant.core.edits import Edit
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.records import HistoryState

_log = logging.getLogger(__name__)
T = TypeVar("T")
Done: TypeAlias = Callable[[T], None] | None
"""Gets the answer, on the thread of the window."""
Failed: TypeAlias = Callable[[Exception], None] | None
"""Gets the error instead, on the thread of the window."""


class Courier(QObject):
    """Runs functions on the thread of the window, from wherever they are posted."""

    _posted = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ending = threading.Lock()
        self._has_ended = False
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self._end)

    def post(self, function: Callable[[], None]) -> None:
        """Run ``function`` soon; safe from any thread, and dropped when the window is gone."""
        with self._ending:  # a signal of an object that is being destroyed would crash the program
            if self._has_ended:
                _log.debug("An answer came after the end.")
                return
            try:
                self._posted.emit(function)
            except RuntimeError:  # the object is deleted
                _log.debug("An answer came after the end.")

    def _end(self) -> None:
        """Nothing is run any more: the program ends, while threads may still be at work."""
        with self._ending:
            self._has_ended = True

    def _run(self, function: Callable[[], None]) -> None:
        function()


@dataclass(frozen=True, slots=True)
class _Work:
    """``run`` does it on a thread of the project, and answers what is then called on the thread of the window."""

    run: Callable[[Project], Callable[[], None] | None]
    failed: Failed
    epoch: int | None = None
    counted: bool = True


def _work(
    function: Callable[[Project], T], done: Done[T], failed: Failed, *, epoch: int | None = None, counted: bool = True
) -> _Work:
    def run(project: Project) -> Callable[[], None] | None:
        answer = function(project)
        return None if done is None else partial(done, answer)

    return _Work(run, failed, epoch, counted)


class StorageThread:
    """The threads of one open project.

    ``open_project`` opens the writing connection, ``open_reader`` a second one that only reads; each is called on the
    thread that then uses it. ``finished`` is called, on the writing thread, when the file is closed.
    """

    def __init__(
        self,
        courier: Courier,
        *,
        open_project: Callable[[], Project],
        open_reader: Callable[[], Project],
        opened: Callable[[Project], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        finished: Callable[[], None] = lambda: None,
    ) -> None:
        self._courier = courier
        self._open_project, self._open_reader, self._finished = open_project, open_reader, finished
        self._writes: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._reads: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._waiting = 0
        self._lock = threading.Lock()
        self._failed_epoch = -1
        self._closed = False
        self.epoch = 0
        """Edits of one epoch build on each other: when one fails, the later ones of its epoch are not written."""
        first = _work(opened, done, failed, counted=False)
        self._writer = threading.Thread(target=self._write_all, args=(first,), name="project-writer", daemon=True)
        self._reader = threading.Thread(target=self._read_all, name="project-reader", daemon=True)
        self._reading = False
        self._writer.start()

    @property
    def waiting(self) -> int:
        """How many writes are not on the disk yet."""
        return self._waiting

    def edit(self, edit: Edit, done: Callable[[HistoryState], None], failed: Callable[[Exception], None]) -> None:
        """Store ``edit``; ``done`` gets the new state of the history. When it fails, ``failed`` is called once and the
        edits after it are dropped until ``begin_epoch``."""
        self._put(_work(lambda project: project.apply(edit), done, failed, epoch=self.epoch))

    def write(self, function: Callable[[Project], T], done: Done[T] = None, failed: Failed = None) -> None:
        """Call ``function`` with the writing connection, after what was given before."""
        self._put(_work(function, done, failed))

    def read(self, function: Callable[[Project], T], done: Done[T] = None, failed: Failed = None) -> None:
        """Call ``function`` with a connection that only reads, once the writes given so far are stored."""
        work = _work(function, done, failed)
        self._put(_work(lambda _: self._hand_over(work), None, None, counted=False))

    def ask(self, function: Callable[[Project], T], done: Done[T] = None, failed: Failed = None) -> None:
        """As ``write`` for something short that only reads: its place in the order matters, but it is no change."""
        self._put(_work(function, done, failed, counted=False))

    def begin_epoch(self) -> None:
        """Later edits build on what is stored and no longer on the edit that failed."""
        self.epoch += 1

    def close(self) -> None:
        """Stop after the writes that were given; answers of reads are dropped from now on. Returns at once."""
        if not self._closed:
            self._closed = True
            self._writes.put(None)

    def wait(self, seconds: float) -> bool:
        """After ``close``: whether everything was stored and the file closed within ``seconds``."""
        self._writer.join(seconds)
        if self._reading:
            self._reader.join(0.5)
        return not self._writer.is_alive()

    @property
    def is_finished(self) -> bool:
        """Whether the writing thread has ended: everything given is stored and the file closed."""
        return not self._writer.is_alive()

    def _put(self, work: _Work) -> None:
        if self._closed:
            return
        if work.counted:
            with self._lock:
                self._waiting += 1
        self._writes.put(work)

    def _hand_over(self, work: _Work) -> None:
        if not self._reading:
            self._reading = True
            self._reader.start()
        self._reads.put(work)

    def _write_all(self, first: _Work) -> None:
        try:
            project = self._open_project()
        except Exception as error:
            self._closed = True
            if first.failed is not None:
                self._answer(partial(first.failed, error))
            return
        with project:
            self._do(first, project)
            while (work := self._writes.get()) is not None:
                self._do(work, project)
            if self._reading:
                self._reads.put(None)
                self._reader.join(30)  # the last connection to go tidies up the file
        self._finished()

    def _read_all(self) -> None:
        project: Project | None = None
        try:
            while (work := self._reads.get()) is not None:
                if self._closed:
                    continue
                try:
                    project = project or self._open_reader()
                except Exception as error:
                    self._fail(work, error)
                    continue
                self._do(work, project, is_read=True)
        finally:
            if project is not None:
                project.close()

    def _do(self, work: _Work, project: Project, *, is_read: bool = False) -> None:
        is_dropped = work.epoch is not None and work.epoch <= self._failed_epoch
        answer: Callable[[], None] | None = None
        problem: Exception | None = None
        if not is_dropped:
            try:
                answer = work.run(project)
            except Exception as error:
                problem = error
                if work.epoch is not None:
                    self._failed_epoch = work.epoch
        if work.counted and not is_read:
            with self._lock:
                self._waiting -= 1  # before the answer: who gets it asks whether all is on the disk now
        if is_dropped:
            return
        if problem is not None:
            self._fail(work, problem)
        elif answer is not None:
            self._answer(answer, dropped_when_closed=is_read)

    def _fail(self, work: _Work, error: Exception) -> None:
        _log.error("The project file: %s", error, exc_info=error)
        if work.failed is not None:
            self._answer(partial(work.failed, error))

    def _answer(self, answer: Callable[[], None], *, dropped_when_closed: bool = False) -> None:
        def deliver() -> None:
            if not (dropped_when_closed and self._closed):
                answer()

        self._courier.post(deliver)


def run_in_background(
    courier: Courier, function: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]
) -> None:
    """Call ``function`` on a thread of its own, and ``done`` or ``failed`` on the thread of the window."""

    def work() -> None:
        try:
            answer = function()
        except Exception as error:
            caught = error
            _log.error("In the background: %s", error, exc_info=error)
            courier.post(lambda: failed(caught))
        else:
            courier.post(lambda: done(answer))

    threading.Thread(target=work, name="background", daemon=True).start()


def reader_of(folder: Path) -> Callable[[], Project]:
    """Opens the project of ``folder`` for reading, without the checks that its writer has done already."""

    def open_it() -> Project:
        from roi_assistant.storage.project import Project

        return Project.open(folder, read_only=True, backup=False)

    return open_it
