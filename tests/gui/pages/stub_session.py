"""A session for tests of the pages: signals and calls of the real one, no window, no engine, no threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from roi_assistant.core.records import AttributeDefinition, AttributeSchema
from roi_assistant.plugins import PluginManager
from roi_assistant.ui.session.jobs import JobCancelledError, JobControl, JobStatus

SCHEMA = AttributeSchema(
    "street",
    (
        AttributeDefinition("color", "multi", ("red", "blue", "green"), "what color is <region1>?"),
        AttributeDefinition("size", "single", ("small", "large"), "what size is <region1>?"),
        AttributeDefinition("worn", "boolean"),
        AttributeDefinition("text", "text", (), "what does it say on <region1>?"),
    ),
)


class StubSession(QObject):
    """``project`` is what ``run`` hands to its function, at once; ``failure`` is raised instead where it is set."""

    projectOpened = pyqtSignal(object)
    projectClosed = pyqtSignal()
    imagesChanged = pyqtSignal()
    regionsChanged = pyqtSignal()
    schemaChanged = pyqtSignal(object)
    jobsChanged = pyqtSignal()
    notice = pyqtSignal(str, str)

    def __init__(self, project: Any = None, *, folder: Path | None = Path("photos"), schema: Any = SCHEMA) -> None:
        super().__init__()
        self.project = project
        self.folder = folder
        self.read_only = False
        self.schema = schema
        self.plugins = PluginManager(packages=False)
        self.image_keys: tuple[str, ...] = ()
        self.jobs: tuple[Any, ...] = ()
        self.waiting: Any = None
        self.cancel_requested = False
        self.undone: list[str] = []
        self.filter: Any = None
        self.engine_state: Any = None
        self.failure: Exception | None = None
        self.schemas: list[AttributeSchema] = []
        self.renamed: tuple[tuple[str, str], ...] = ()
        self.batches: list[Any] = []
        self.held: list[Callable[[], None]] | None = None
        """A list: calls of ``run`` wait in it until a test makes them."""

    def run(
        self,
        function: Callable[[Any], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        def go() -> None:
            try:
                if self.failure is not None:
                    raise self.failure
                result = function(self.project)
            except Exception as error:
                if failed is None:
                    self.notice.emit("error", str(error))
                else:
                    failed(error)
            else:
                done(result)

        if self.held is None:
            go()
        else:
            self.held.append(go)

    def run_job(
        self,
        title: str,
        function: Callable[[Any, Any], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> str:
        """The job is listed and waits for ``finish_job``."""
        self.jobs = (*self.jobs, JobStatus(f"job-{len(self.jobs) + 1}", title))
        self.waiting = (function, done, failed)
        return self.jobs[-1].id

    def finish_job(self) -> None:
        """Do the work of the last job here and now, as ``JobBoard`` would."""
        function, done, failed = self.waiting
        job = self.jobs[-1]

        def report(finished: int, total: int) -> None:
            self.jobs = (*self.jobs[:-1], replace(job, done=finished, total=total))
            self.jobsChanged.emit()

        control = JobControl(report)
        if self.cancel_requested:
            control.cancel()
        try:
            answer = function(self.project, control)
        except JobCancelledError:
            self._end("cancelled")
        except Exception as error:
            self._end("failed")
            failed(error)
        else:
            self._end("done")
            done(answer)

    def cancel_job(self, id_: str) -> None:
        assert id_ == self.jobs[-1].id
        self.cancel_requested = True

    def _end(self, state: Any) -> None:
        self.jobs = (*self.jobs[:-1], replace(self.jobs[-1], state=state))
        self.jobsChanged.emit()

    def set_filter(self, flt: Any) -> None:
        self.filter = flt

    def undo(self, image: str) -> None:
        self.undone.append(image)

    def set_schema(self, schema: AttributeSchema, *, renamed: tuple[tuple[str, str], ...] = ()) -> None:
        self.schemas.append(schema)
        self.renamed = renamed
        self.schema = schema
        self.schemaChanged.emit(schema)

    def start_batch(self, flt: Any) -> str:
        self.batches.append(flt)
        self.jobs = (*self.jobs, JobStatus(f"batch-{len(self.batches)}", "Caption boxes"))
        self.jobsChanged.emit()
        return self.jobs[-1].id
