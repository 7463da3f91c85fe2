"""Boxes on all images that have none: the model proposes them, one image after the other, with the least priority.

An image that is done has boxes, so that a run that was stopped goes on where it was when it is started again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication, QObject

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import CaptionerInfo, Region, ScoredBox
from roi_assistant.sentences import NOTHING, Sentence
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.session import region_actions
from roi_assistant.ui.session.box_choice import BoxChoice
from roi_assistant.ui.session.box_suggestions import MOST_PROPOSALS
from roi_assistant.ui.session.engine_bridge import EngineBridge
from roi_assistant.ui.session.history import EditHistory
from roi_assistant.ui.session.image_list import ImageList
from roi_assistant.ui.session.jobs import JobBoard, JobState
from roi_assistant.ui.session.look_for import LookFor
from roi_assistant.ui.session.memory import MemoryInUse
from roi_assistant.ui.session.store import Notify, Store

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project
    from roi_assistant.storage.records import ImageFilter

KIND = "batch-boxes"
MOST_PROBLEMS = 5
"""Images in a row that fail before the run gives up: then it is not the images."""


def images_without_boxes(project: Project, flt: ImageFilter) -> list[str]:
    """Keys of the images that ``flt`` finds, have no region in any state, can be read, and of which nobody has said
    that there is nothing to box."""
    rows = project.images(flt)
    return [row.key for row in rows if not (row.regions or row.reviewed_empty or row.problem)]


def add_regions(project: Project, image: str, regions: Sequence[Region]) -> Edit | None:
    """Store new ``regions`` as one step of ``image``; None where somebody has drawn there meanwhile, or there are
    none."""
    if not regions or project.regions(image):
        return None
    changes = tuple(RegionChange(image, None, region) for region in regions)
    edit = Edit("Suggest boxes", image, changes)
    project.apply(edit)
    return edit


class ProjectBoxes(QObject):
    """One run at a time; it lives on the thread of the window."""

    def __init__(
        self,
        board: JobBoard,
        store: Store,
        engine: EngineBridge,
        history: EditHistory,
        notify: Notify,
        *,
        images: ImageList,
        memory: MemoryInUse,
        look_for: LookFor,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._board, self._store, self._engine = board, store, engine
        self._history, self._notify, self._images = history, notify, images
        self._look_for, self._wanted = look_for, look_for.wanted
        self._by: CaptionerInfo | None = None
        self._choice = BoxChoice(engine, memory, self)
        self._then: Callable[[], object] = lambda: None
        self._id = ""
        self._left: deque[str] = deque()
        self._total = self._failed = self._in_a_row = 0
        self._problem: Sentence = NOTHING
        self._ticket: int | None = None
        self._found: tuple[ScoredBox, ...] = ()
        engine.other.connect(self._event)

    @property
    def is_running(self) -> bool:
        """Whether a run is under way."""
        return bool(self._id)

    def start(self, flt: ImageFilter, *, then: Callable[[], object] = lambda: None) -> str:
        """Suggest boxes on the images that ``flt`` finds and that have none; answers the job's id, "" when that is not
        possible, of which the user is told. ``then`` is called at the end, unless it was stopped or failed."""
        info = self._engine.info
        if self._id or not self._store.may_edit():
            return self._id
        if info is not None and "proposes" not in info.capabilities:
            text = QCoreApplication.translate("Session", "The model {} cannot suggest boxes: draw them.")
            self._notify("info", text.format(info.name))
            return ""
        self._then, self._wanted = then, self._look_for.wanted
        self._failed = self._in_a_row = 0
        title = QCoreApplication.translate("Jobs", "Suggest boxes")
        self._id = self._board.add(title, self.stop, id_=f"{KIND}-{region_actions.new_id()}")
        self._store.read(lambda project: images_without_boxes(project, flt), self._begin, self._cannot_read)
        return self._id

    def stop(self) -> None:
        """Stop; boxes that were added stay."""
        if self._id:
            self._end("cancelled")

    def _begin(self, keys: list[str]) -> None:
        if self._id:
            self._left, self._total = deque(keys), len(keys)
            self._next()

    def _next(self) -> None:
        self._board.show(self._id, done=self._total - len(self._left), total=self._total)
        folder = self._store.folder
        if not self._left or folder is None:
            self._end("done")
        else:
            self._found = ()
            self._ticket = self._engine.propose_other(folder / self._left[0], most=MOST_PROPOSALS, wanted=self._wanted)

    def _event(self, event: object) -> None:
        from roi_assistant.engine.engine import BoxesProposed, Cancelled, Failed, Finished

        if self._ticket is None or getattr(event, "ticket", None) != self._ticket:
            return
        if isinstance(event, BoxesProposed):
            self._found, self._by = event.boxes, event.by
        elif isinstance(event, Finished):
            self._ticket = None
            self._in_a_row = 0
            self._choose()
        elif isinstance(event, (Failed, Cancelled)):
            self._ticket = None
            self._failed += 1
            self._in_a_row += 1
            if isinstance(event, Failed):
                self._problem = event.message
            if self._in_a_row >= MOST_PROBLEMS:
                self._end("failed", translated(self._problem))
            else:
                self._left.popleft()
                self._next()

    def _choose(self) -> None:
        folder, id_ = self._store.folder, self._id
        if folder is None:
            return

        def chosen(boxes: tuple[Box, ...]) -> None:
            if self._id != id_:
                return
            image = self._left.popleft()
            made = (self._region(by_box[box]) for box in boxes)
            regions = [region for region in made if region is not None]
            self._store.write(lambda project: add_regions(project, image, regions), self._added)
            self._next()

        by_box = {item.box: item for item in reversed(self._found)}  # the surest of each
        self._choice.choose(
            folder / self._left[0], self._found, by=self._by, taken=tuple, then=chosen, priority="batch"
        )

    def _region(self, found: ScoredBox) -> Region | None:
        wanted = self._wanted
        return region_actions.found_region(
            found, by=self._by, size=None, fitting=self._look_for.fitting, words=wanted.words or wanted.categories
        )

    def _added(self, edit: Edit | None) -> None:
        if edit is not None:
            self._history.show_stored(edit)
            self._images.count(edit.image, [change.after for change in edit.regions if change.after is not None])

    def _cannot_read(self, error: Exception) -> None:
        if self._id:
            self._end("failed", translated(error))

    def _end(self, state: JobState, message: str = "") -> None:
        id_, self._id = self._id, ""
        ticket, self._ticket = self._ticket, None
        self._left.clear()
        self._choice.stop()
        if ticket is not None:
            self._engine.cancel_other(ticket)
        if not message and self._failed:
            text = QCoreApplication.translate("Jobs", "%n image(s) could not be read. {}", "", self._failed)
            message = text.format(translated(self._problem))
        self._board.end(id_, state, message)
        if state == "done":
            self._store.ask(lambda _project: None, self._all_stored)  # once all boxes are stored

    def _all_stored(self, _: None) -> None:
        self._then()
