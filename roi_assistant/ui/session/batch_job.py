"""A batch: all boxes that wait for words are described, with the least priority, and the run survives a restart.

Targets are read from the project in groups, so that two million boxes need no memory. What was written about an image
is stored before the stored job says that the image is done.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QCoreApplication, QObject

from roi_assistant.core import record_json
from roi_assistant.core.box import Box
from roi_assistant.core.times import now
from roi_assistant.errors import FormatError
from roi_assistant.sentences import NOTHING, Sentence
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.session import region_actions
from roi_assistant.ui.session.engine_bridge import EngineBridge
from roi_assistant.ui.session.jobs import JobBoard, JobState
from roi_assistant.ui.session.project_boxes import MOST_PROBLEMS, ProjectBoxes
from roi_assistant.ui.session.second_model import SecondModel
from roi_assistant.ui.session.store import Notify, Store
from roi_assistant.ui.session.suggestions import Suggestions

if TYPE_CHECKING:
    from roi_assistant.engine.batch import BatchProgress, BatchResult, BatchRunner
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.records import BatchFilter, StoredJob

_log = logging.getLogger(__name__)

KIND = "batch"
GROUP = 100
"""Images whose boxes are read at a time."""
KEEP_EVERY = 2.0
"""Seconds between two notes of how far the run is; what was done since is done again after a crash."""


@dataclass(frozen=True, slots=True)
class _Target:
    row: int
    key: str
    regions: tuple[tuple[str, Box], ...]


def filter_to_json(flt: BatchFilter) -> dict[str, Any]:
    """``flt`` as a stored job keeps it."""
    return record_json.encode(replace(flt, after_image=0))


def filter_from_json(data: object, *, after_image: int = 0) -> BatchFilter:
    """The inverse of ``filter_to_json``. Raises: FormatError: not written by it."""
    from roi_assistant.storage.records import BatchFilter

    return replace(record_json.decode(BatchFilter, data), after_image=after_image)


class BatchJob:
    """One run. Lives on the thread of the window; reads through the session, asks through its engine."""

    def __init__(
        self,
        board: JobBoard,
        store: Store,
        engine: EngineBridge,
        suggestions: Suggestions | SecondModel,
        flt: BatchFilter,
        *,
        stored: StoredJob | None = None,
    ) -> None:
        """``stored`` is the job to go on with, as an earlier run kept it."""
        self._board, self._store, self._engine, self._suggestions = board, store, engine, suggestions
        self._filter, self._request = flt, suggestions.request
        self._asking = suggestions.in_batch(self._request)
        self.id = stored.id if stored is not None else f"{KIND}-{region_actions.new_id()}"
        self._done, self._total = (stored.done, stored.total) if stored is not None else (0, 0)
        self._created = stored.created_at if stored is not None and stored.created_at else now()
        self._after = flt.after_image
        caption, ask = (
            QCoreApplication.translate("Jobs", "Caption boxes"),
            QCoreApplication.translate("Jobs", "Ask the second model"),
        )
        self._title = ask if flt.compare_with else caption
        self._runner: BatchRunner | None = None
        self._group: dict[str, _Target] = {}
        self._before = self._done
        self._failed = self._in_a_row = 0
        self._problem: Sentence = NOTHING
        self._kept_at = 0.0
        self._over = False
        board.add(self._title, self.cancel, id_=self.id)
        board.show(self.id, done=self._done, total=self._total)
        engine.other.connect(self._event)
        store.read(lambda project: project.batch_targets(flt).regions, self._counted, self._failed_to_read)

    def cancel(self) -> None:
        """Stop for good; what was written stays."""
        if not self._over:
            self._end("cancelled")

    @property
    def is_over(self) -> bool:
        """Whether it has ended, or was suspended."""
        return self._over

    def suspend(self) -> None:
        """Stop because the project closes: the run goes on when it is opened again."""
        if self._over:
            return
        self._over = True
        self._engine.other.disconnect(self._event)
        if self._runner is not None:
            self._runner.cancel()

    def _counted(self, regions: int) -> None:
        self._total = self._done + regions
        self._board.show(self.id, total=self._total)
        self._keep()
        self._next_group()

    def _next_group(self) -> None:
        flt = replace(self._filter, after_image=self._after)
        self._store.read(lambda project: _read_group(project, flt), self._start_group, self._failed_to_read)

    def _start_group(self, targets: Sequence[_Target]) -> None:
        from roi_assistant.engine.batch import BatchRunner

        if self._over:
            return
        if not targets:
            self._end("done")
            return
        folder = self._store.folder
        assert folder is not None
        self._group = {target.key: target for target in targets}
        self._before = self._done

        self._runner = BatchRunner(
            [(folder / target.key, target.key, target.regions) for target in targets],
            total=sum(len(target.regions) for target in targets),
            describe=self._asking.describe,
            cancel=self._asking.cancel,
            on_image=self._image_done,
            on_progress=self._progress,
        )
        self._runner.start()

    def _event(self, event: object) -> None:
        told = self._asking.told(event)
        if self._runner is not None and told is not None:
            self._runner.handle(told)

    def _image_done(self, result: BatchResult) -> None:
        boxes = dict(self._group[result.image].regions)
        texts = [(id_, boxes[id_], text) for id_, text in result.texts]
        self._suggestions.keep(result.image, texts, request=self._request)
        if result.problem:
            self._failed += 1
            self._in_a_row += 1
            self._problem = result.problem
        else:
            self._in_a_row = 0

    def _progress(self, progress: BatchProgress) -> None:
        if self._over:
            return
        self._done = self._before + progress.done
        if progress.last_image:
            self._after = self._group[progress.last_image].row
        self._board.show(self.id, done=self._done, total=max(self._total, self._done))
        if self._in_a_row >= MOST_PROBLEMS:
            self._end("failed", translated(self._problem))
        elif progress.finished:
            self._keep()
            self._next_group()
        elif time.monotonic() - self._kept_at > KEEP_EVERY:
            self._keep()

    def _failed_to_read(self, error: Exception) -> None:
        self._end("failed", translated(error))

    def _end(self, state: JobState, message: str = "") -> None:
        if self._over:
            return
        self._over = True
        self._engine.other.disconnect(self._event)
        if self._runner is not None:
            self._runner.cancel()
        id_ = self.id
        self._store.write(lambda project: project.delete_job(id_))
        if not message and self._failed:
            text = QCoreApplication.translate("Jobs", "%n image(s) could not be described. {}", "", self._failed)
            message = text.format(translated(self._problem))
        self._board.end(id_, state, message)

    def _keep(self) -> None:
        from roi_assistant.storage.records import StoredJob

        self._kept_at = time.monotonic()
        parameters = {"filter": filter_to_json(self._filter), "after_image": self._after}
        job = StoredJob(self.id, KIND, self._title, self._done, self._total, parameters, self._created)
        self._store.write(lambda project: project.save_job(job))


class Batches(QObject):
    """The batches of the open project, one at a time; they go on when the project is opened again."""

    def __init__(
        self,
        board: JobBoard,
        store: Store,
        engine: EngineBridge,
        suggestions: Suggestions,
        notify: Notify,
        *,
        boxes: ProjectBoxes | None = None,
        second: SecondModel | None = None,
        parent: QObject | None = None,
    ) -> None:
        """``boxes`` suggests boxes on images that have none, where that is asked for; ``second`` answers beside."""
        super().__init__(parent)
        self._store, self._notify, self._boxes = store, notify, boxes
        self._make_job = partial(BatchJob, board, store, engine, suggestions)
        self._running: list[BatchJob] = []
        self._second = second
        if second is not None:
            self._compare_job = partial(BatchJob, board, store, second.engine, second)
            second.is_busy = lambda: any(job.id.startswith(KIND) and not job.is_over for job in board.statuses)
            second.is_wanted = lambda: any(not job.is_over for job in self._running)
            board.changed.connect(second.rest)

    def start(self, flt: BatchFilter | None = None, *, boxes_first: bool = False) -> str:
        """Caption all boxes that ``flt`` finds (None: those without a caption of a person); answers the job's id, ""
        when the project cannot be changed. ``boxes_first``: let the model suggest boxes on its images that have none,
        and caption them all then; the id is that of the first job."""
        from roi_assistant.storage.records import BatchFilter

        if not self._store.may_edit():
            return ""
        if boxes_first and self._boxes is not None:
            return self._boxes.start((flt or BatchFilter()).images, then=lambda: self.start(flt))
        running = next((job for job in self._running if not job.is_over), None)
        if running is not None:
            self._notify("info", QCoreApplication.translate("Jobs", "A batch is running already: see Activity."))
            return running.id
        flt = flt or BatchFilter()
        if flt.compare_with:
            self._begin_compare(flt, None)
            return ""
        if self._second is not None and self._second.is_at_work:
            self._notify("info", QCoreApplication.translate("Jobs", "The second model is at work: wait until it ends."))
            return ""
        return self._begin(flt, None)

    def restore(self, rows: Sequence[StoredJob]) -> None:
        """Go on with the batches that were running when the project was closed."""
        if self._store.read_only:
            return
        for row in rows:
            if row.kind != KIND:
                continue
            try:
                flt = filter_from_json(row.parameters["filter"], after_image=row.parameters["after_image"])
            except (KeyError, TypeError, FormatError) as error:
                _log.warning("The stored job %s cannot go on: %r", row.id, error)
                continue
            (self._begin_compare if flt.compare_with else self._begin)(flt, row)

    def suspend(self) -> None:
        """The project closes."""
        for job in self._running:
            job.suspend()
        self._running = []

    def _begin_compare(self, flt: BatchFilter, stored: StoredJob | None) -> str:
        """Once the second model is loaded: its answers are known by what it calls itself."""
        second = self._second
        if second is None:
            return ""

        def begin() -> None:
            job = self._compare_job(replace(flt, compare_with=second.model_id), stored=stored)
            self._running = [*(other for other in self._running if not other.is_over), job]

        second.begin(begin)
        return ""

    def _begin(self, flt: BatchFilter, stored: StoredJob | None) -> str:
        job = self._make_job(flt, stored=stored)
        self._running = [*(other for other in self._running if not other.is_over), job]
        return job.id


def _read_group(project: Project, flt: BatchFilter) -> list[_Target]:
    """The next images with boxes to describe."""
    group: list[_Target] = []
    for target in project.batch_targets(flt):
        ids = set(target.region_ids)
        regions = tuple((region.id, region.box) for region in project.regions(target.image) if region.id in ids)
        group.append(_Target(target.image_id, target.image, regions))
        if len(group) >= GROUP:
            break
    return group
