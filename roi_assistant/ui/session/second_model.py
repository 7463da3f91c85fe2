"""A second model that answers about the same boxes. Its answers stand beside the words that are there.

Two models need not fit into the memory together: the first one's process ends before the second one's begins, and comes
back when the second has nothing more to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication, QObject, QTimer, pyqtSignal

from roi_assistant.core.answers import answer_of, with_answer
from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import Answer, DescribeRequest, Region, RegionText
from roi_assistant.core.suggestions import provenance_of, trimmed
from roi_assistant.core.times import now
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.session.engine_bridge import Asked, EngineBridge, EngineFactory, EngineLike
from roi_assistant.ui.session.examples_first import LookFirst
from roi_assistant.ui.session.history import EditHistory
from roi_assistant.ui.session.image import ImageInSight
from roi_assistant.ui.session.schema import SchemaInUse
from roi_assistant.ui.session.store import Notify, Store

if TYPE_CHECKING:
    from roi_assistant.engine.engine import EngineEvent, EngineStateChanged
    from roi_assistant.storage.project import Project

LABEL = "Answers of another model"
_LOOK_MS = 20
"""Between two looks whether a process has ended."""


class SecondModel(QObject):
    """Idle until it is asked; ``name`` is its id in the list of models, "" while none was chosen."""

    pendingChanged = pyqtSignal()
    kept = pyqtSignal(str, tuple)
    """Answers were stored: key of the image, ids of its regions."""

    def __init__(
        self,
        image: ImageInSight,
        history: EditHistory,
        schema: SchemaInUse,
        store: Store,
        first: EngineBridge,
        notify: Notify,
        *,
        request: Callable[[], DescribeRequest],
        parent: QObject | None = None,
    ) -> None:
        """``request`` answers how regions are described in this project."""
        super().__init__(parent)
        self._image, self._history, self._schema, self._store = image, history, schema, store
        self._first, self._notify, self._request = first, notify, request
        self.name = ""
        self.is_busy: Callable[[], bool] = lambda: False
        """Whether the first model is at work on something that must not be cut off."""
        self.is_wanted: Callable[[], bool] = lambda: False
        """Whether a batch still needs the second model."""
        self._factory: EngineFactory | None = None
        self._known_ids: dict[str, str] = {}
        self._waiting: list[Callable[[], object]] = []
        self._turn = 0
        self._is_aside = False
        self.engine = EngineBridge(self._make, self)
        self.engine.stateChanged.connect(self._state_changed)
        self.engine.described.connect(self._described)
        self.engine.failed.connect(self._failed)
        for over in (self.engine.finished, self.engine.failed, self.engine.cancelled):
            over.connect(lambda *_: self.rest())
        self.engine.pendingChanged.connect(self.pendingChanged)

    def use(self, name: str, factory: EngineFactory | None) -> None:
        """Ask the model ``name`` from now on; None: there is no second one."""
        self.close()
        self.name, self._factory = name if factory is not None else "", factory

    @property
    def model_id(self) -> str:
        """What its answers are signed with; before it was loaded once, its name in the list of models."""
        return self._known_ids.get(self.name, self.name)

    @property
    def is_at_work(self) -> bool:
        """Whether the first model was put aside for it."""
        return self._is_aside

    @property
    def request(self) -> DescribeRequest:
        """How it is asked: as the first one."""
        return self._request()

    def in_batch(self, request: DescribeRequest) -> LookFirst:
        """What asks about the boxes of many images by ``request``: without examples, which are for the first model."""
        return LookFirst(self.engine, None, request)

    def pending(self) -> frozenset[str]:
        """The regions of the image in sight that it is still to answer about."""
        return self.engine.pending(self._image.key) if self._image.key else frozenset()

    def ask(self, ids: Iterable[str]) -> None:
        """Ask about regions of the image in sight that have words."""
        key, folder = self._image.key, self._store.folder
        regions = [
            (region.id, region.box)
            for region in self._image.chosen(ids)
            if region.captions and region.state != "rejected"
        ]
        if not key or folder is None or not self._store.may_edit():
            return
        if not regions:
            text = QCoreApplication.translate(
                "SecondModel",
                "There are no words to compare yet: let the first model describe the region, or write a caption.",
            )
            self._notify("info", text)
            return
        request = self.request
        self.begin(lambda: self.engine.describe(key, folder / key, regions, request))

    def begin(self, work: Callable[[], object]) -> bool:
        """Call ``work`` once the second model is loaded; False, and the user is told, when it cannot be asked now."""
        if not self.name:
            text = QCoreApplication.translate(
                "SecondModel",
                "No second model is chosen: choose one on the page Models (Edit, Models).",
            )
            self._notify("info", text)
            return False
        if not self._is_aside and self.is_busy():
            text = QCoreApplication.translate(
                "SecondModel",
                "The first model is at work on many boxes: ask the second one when it has ended.",
            )
            self._notify("info", text)
            return False
        self._waiting.append(work)
        if not self._is_aside:
            self._is_aside = True
            self._turn += 1
            text = QCoreApplication.translate(
                "SecondModel",
                "{} answers now; the first model makes room and comes back afterwards.",
            )
            self._notify("info", text.format(self.name))
            self._first.close()
            self._when_ended(self._first, self._turn, self.engine.start)
        elif self.engine.info is not None:
            self._work()
        return True

    def rest(self) -> None:
        """Nothing more is wanted of it, perhaps: then its process ends, and the first model comes back."""
        QTimer.singleShot(0, self._rest_now)

    def _rest_now(self) -> None:
        if self._is_aside and not self._waiting and not self.engine.is_asked and not self.is_wanted():
            self._end()

    def close(self) -> None:
        """End its process at once; the first model stays as it is, and begins when it is asked."""
        self._turn += 1
        self._waiting, self._is_aside = [], False
        self.engine.close()
        self.engine.state = None

    def _end(self) -> None:
        self.close()
        self._notify("info", QCoreApplication.translate("SecondModel", "The first model is back."))
        self._when_ended(self.engine, self._turn, self._first.start)

    def _when_ended(self, bridge: EngineBridge, turn: int, then: Callable[[], None]) -> None:
        if turn != self._turn:
            return
        if bridge.is_closing:
            QTimer.singleShot(_LOOK_MS, partial(self._when_ended, bridge, turn, then))
        else:
            then()

    def _make(self, on_event: Callable[[EngineEvent], None]) -> EngineLike:
        assert self._factory is not None
        return self._factory(on_event)

    def _state_changed(self, state: EngineStateChanged) -> None:
        if state.info is not None:
            self._known_ids[self.name] = state.info.id
            self._work()
        elif state.state == "failed":
            self._waiting = []
            self._end()
            self._notify("error", translated(state.message))

    def _work(self) -> None:
        waiting, self._waiting = self._waiting, []
        for work in waiting:
            work()
        self.rest()

    def _failed(self, _ticket: int, _asked: Asked, message: str) -> None:
        self._notify("error", message)

    def _described(self, asked: Asked, index: int, text: RegionText, is_draft: bool) -> None:
        if not is_draft:
            self.keep(asked.image, [(asked.region_ids[index], asked.boxes[index], text)], request=asked.request)

    def keep(
        self, image: str, texts: Sequence[tuple[str, Box, RegionText]], *, request: DescribeRequest | None = None
    ) -> None:
        """Keep answers about regions of any image as one edit; the arguments are those of `Suggestions.keep`."""
        if self._store.read_only or not texts:
            return
        answers = {id_: (box, self._answer(text, request)) for id_, box, text in texts}
        if image == self._image.key:
            self._history.when_settled(lambda: self._keep_here(image, answers))
        else:
            self._store.write(lambda project: _keep_stored(project, image, answers), self._stored)

    def _keep_here(self, image: str, answers: dict[str, tuple[Box, Answer]]) -> None:
        if image != self._image.key:
            self._store.write(lambda project: _keep_stored(project, image, answers), self._stored)
            return
        edit = _edit_of(self._image.stored, image, answers)
        if edit is not None and self._history.commit(edit.label, edit.regions):
            self.kept.emit(image, tuple(change.region_id for change in edit.regions))

    def _stored(self, edit: Edit | None) -> None:
        if edit is not None:
            if edit.image == self._image.key:
                self._history.show_stored(edit)
            self.kept.emit(edit.image, tuple(change.region_id for change in edit.regions))

    def _answer(self, text: RegionText, request: DescribeRequest | None) -> Answer:
        said = text if request is None else trimmed(text, request)
        provenance = provenance_of(self.engine.info, request, at=now(), text=text)
        return answer_of(self._schema.called_now(said, request), provenance=provenance)


def _edit_of(regions: Sequence[Region], image: str, answers: dict[str, tuple[Box, Answer]]) -> Edit | None:
    """Regions that are gone or were moved since are left alone."""
    changes = []
    for region in regions:
        box, answer = answers.get(region.id, (None, None))
        if answer is not None and region.box == box and with_answer(region, answer) != region:
            changes.append(RegionChange(image, region, with_answer(region, answer)))
    return Edit(LABEL, image, tuple(changes)) if changes else None


def _keep_stored(project: Project, image: str, answers: dict[str, tuple[Box, Answer]]) -> Edit | None:
    edit = _edit_of(project.regions(image), image, answers)
    if edit is not None:
        project.apply(edit)
    return edit
