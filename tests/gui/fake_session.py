"""A session whose project is in memory, or any object that a test gives, and whose threads are the test's own.

The parts are the program's. Only what is behind them is replaced: the file, the engine, and the threads of jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, apply_to_regions, inverse
from roi_assistant.core.records import (
    Attribute,
    AttributeDefinition,
    AttributeSchema,
    Caption,
    CaptionerInfo,
    CategoryList,
    Conversation,
    DescribeRequest,
    ImageNotes,
    Provenance,
    Region,
    ScoredText,
    Turn,
)
from roi_assistant.engine.engine import ChatPiece, EngineStateChanged, Finished
from roi_assistant.plugins import PluginManager
from roi_assistant.storage.records import (
    BatchFilter,
    HistoryState,
    ImageFilter,
    ImageOrder,
    ImageRow,
    ImageRows,
    SearchHit,
)
from roi_assistant.ui.session.batch_job import Batches
from roi_assistant.ui.session.engine_bridge import EngineBridge
from roi_assistant.ui.session.jobs import JobBoard, JobCancelledError, JobControl, JobState, JobStatus
from roi_assistant.ui.session.options import SessionOptions
from roi_assistant.ui.session.parts import make_parts
from roi_assistant.ui.session.storage_thread import Courier, Done, Failed
from roi_assistant.ui.session.store import Level, SaveState, Settled, Store
from roi_assistant.ui.session.view import SessionView

T = TypeVar("T")
MODEL = Provenance(
    "model",
    "2026-03-12T14:02:11.000Z",
    model_id="gpt4roi-mini",
    weights_sha256="8f3a" * 16,
    prompt="describe region1 <bbox>",
    decoding="beam",
    raw_output="a gray cat with green eyes | cat | color: gray",
)
HUMAN = Provenance("human", "2026-03-12T15:20:00.000Z")
STREET = AttributeSchema(
    "street",
    (
        AttributeDefinition("color", "multi", ("red", "blue", "green"), "what color is <region1>?"),
        AttributeDefinition("size", "single", ("small", "large"), "what size is <region1>?"),
        AttributeDefinition("worn", "boolean"),
        AttributeDefinition("text", "text", (), "what does it say on <region1>?"),
    ),
)


def make_region(
    id_: str = "a",
    texts: Sequence[tuple[str, float]] = (("a gray cat", 0.82), ("a cat on a sofa", 0.41), ("a pet", 0.2)),
    *,
    category: str | None = "cat",
    attributes: Iterable[tuple[str, tuple[str, ...], float]] = (),
    box: Box | None = None,
    **fields: Any,
) -> Region:
    """A region as a model suggests it."""
    return Region(
        id=id_,
        box=box or Box(10, 10, 110, 90),
        category=category,
        captions=tuple(Caption(text, MODEL, score, preferred=n == 0) for n, (text, score) in enumerate(texts)),
        attributes=tuple(Attribute(name, values, MODEL, score, "model") for name, values, score in attributes),
        category_score=0.77 if category else None,
        category_provenance=MODEL if category else None,
        category_alternatives=fields.pop("category_alternatives", (ScoredText("animal", 0.5),)),
        **fields,
    )


class MemoryProject:
    """What views read of a project, in attributes that a test sets."""

    def __init__(self, regions: Sequence[Region] = (), *, schema: AttributeSchema | None = None) -> None:
        self.schema = schema or AttributeSchema("")
        self.stored = {"cat.jpg": tuple(regions)}
        self.rows: list[ImageRow] = []
        self.talks: tuple[Conversation, ...] = ()
        self.earlier: tuple[str, ...] = ()
        self.categories: Mapping[str, int] = {"cat": 1, "dog": 2, "person": 3}
        self.listed = CategoryList()
        self.hits: list[SearchHit] = []
        self.edits: list[Edit] = []
        self.noted: dict[str, ImageNotes] = {}

    def apply(self, edit: Edit) -> HistoryState:
        self.edits.append(edit)
        self._change(edit)
        return HistoryState(can_undo=True)

    def undo(self, image: str) -> tuple[Edit, HistoryState] | None:
        if not self.edits:
            return None
        edit = inverse(self.edits.pop())
        self._change(edit)
        return edit, HistoryState(can_undo=bool(self.edits), can_redo=True)

    def _change(self, edit: Edit) -> None:
        if edit.schema is not None:
            self.schema = edit.schema[1]
        self.noted.update((change.image, change.after) for change in edit.notes)
        if edit.image:
            self.stored[edit.image] = apply_to_regions(self.stored.get(edit.image, ()), edit, image=edit.image)

    def regions(self, image: str) -> tuple[Region, ...]:
        return self.stored.get(image, ())

    def take_unreadable(self) -> tuple[str, ...]:
        return ()

    def image_notes(self, image: str) -> ImageNotes:
        return self.noted.get(image, ImageNotes())

    def history(self, image: str) -> HistoryState:
        return HistoryState(can_undo=bool(self.edits))

    def images(self, flt: ImageFilter, order: ImageOrder, *, file_time: object = None) -> ImageRows:
        return ImageRows(self.rows, group=order.group)

    def category_ids(self) -> Mapping[str, int]:
        return self.categories

    def category_counts(self) -> dict[str, int]:
        return dict.fromkeys(self.categories, 1)

    def category_list(self) -> CategoryList:
        return self.listed

    def earlier_captions(self, _categories: Sequence[str]) -> tuple[str, ...]:
        return self.earlier

    def search(self, _text: str, *, limit: int) -> list[SearchHit]:
        return self.hits

    def conversations(self, _image: str) -> tuple[Conversation, ...]:
        return self.talks

    def save_conversation(self, _image: str, conversation: Conversation) -> None:
        self.talks = (*(talk for talk in self.talks if talk.id != conversation.id), conversation)

    def delete_conversation(self, _image: str, id_: str) -> None:
        self.talks = tuple(talk for talk in self.talks if talk.id != id_)

    def set_image_problem(self, _key: str, _message: str) -> None: ...


class FakeStore(QObject):
    """Calls the project at once. ``held``: a list in which reads wait until a test makes them. ``failure``: is raised
    instead of a read."""

    stateChanged = pyqtSignal(str)
    editFailed = pyqtSignal()

    def __init__(self, project: Any, folder: Path | None, notify: Callable[[Level, str], None]) -> None:
        super().__init__()
        self.project, self.folder, self._notify = project, folder, notify
        self.read_only = False
        self.keeps_list = False
        self.state: SaveState = "saved"
        self.edits: list[Edit] = []
        self.held: list[Callable[[], None]] | None = None
        self.failure: Exception | None = None

    def may_edit(self) -> bool:
        return not self.read_only

    def read(self, function: Callable[[Any], T], done: Done[T] = None, failed: Failed = None) -> None:
        def go() -> None:
            if self.failure is not None:
                self._fail(self.failure, failed)
            else:
                self.ask(function, done, failed)

        if self.held is None:
            go()
        else:
            self.held.append(go)

    def ask(self, function: Callable[[Any], T], done: Done[T] = None, failed: Failed = None) -> None:
        try:
            answer = function(self.project)
        except Exception as error:
            self._fail(error, failed)
            return
        if done is not None:
            done(answer)

    def write(
        self, function: Callable[[Any], T], done: Done[T] = None, failed: Failed = None, *, settled: Settled = None
    ) -> None:
        if not self.read_only:
            self.ask(function, done, failed)
            if settled is not None:
                settled()

    def change(self, function: Callable[[Any], T], done: Done[T] = None, failed: Failed = None) -> None:
        self.write(function, done, failed)

    def edit(self, edit: Edit, done: Callable[[HistoryState], None]) -> None:
        self.edits.append(edit)
        done(self.project.apply(edit) if hasattr(self.project, "apply") else HistoryState(can_undo=True))

    def add_images(self, keys: list[str], done: Callable[[int], None]) -> None:
        raise AssertionError("no folder is searched in these tests")

    def _fail(self, error: Exception, failed: Failed) -> None:
        if failed is not None:
            failed(error)
        else:
            self._notify("error", str(error))


class FakeEngine:
    """Keeps what it is asked and says nothing by itself."""

    def __init__(self) -> None:
        self.questions: list[str] = []
        self.described: list[tuple[Box, ...]] = []
        self.searched: list[Path] = []

    @property
    def ticket(self) -> int:
        """Of the last request."""
        return len(self.questions) + len(self.described) + len(self.searched)

    def start(self) -> None: ...

    def describe(self, image: Path, boxes: Sequence[Box], request: DescribeRequest, *, priority: str = "") -> int:
        self.described.append(tuple(boxes))
        return self.ticket

    def chat(self, image: Path, boxes: Sequence[Box], turns: Sequence[Turn]) -> int:
        self.questions.append(turns[-1].text)
        return self.ticket

    def propose(
        self, image: Path, *, most: int, words: Sequence[str] = (), categories: Sequence[str] = (), priority: str = ""
    ) -> int:
        self.searched.append(image)
        return self.ticket

    def prefetch(self, images: Sequence[Path]) -> None: ...

    def cancel(self, ticket: int) -> None: ...

    def close(self) -> None: ...


class FakeJobs(JobBoard):
    """Jobs are listed and wait for ``finish``."""

    def __init__(self, store: FakeStore, notify: Callable[[Level, str], None]) -> None:
        super().__init__(store, Courier(), notify)
        self._fake_store = store
        self._work: tuple[Callable[[Any, JobControl], Any], Any, Any] = (lambda *_: None, None, None)
        self.cancelled: list[str] = []

    def run(self, title: str, function: Any, done: Any = None, failed: Any = None) -> str:
        self._work = (function, done, failed)
        return self.add(title, lambda: None)

    def cancel(self, id_: str) -> None:
        self.cancelled.append(id_)

    def set(self, *statuses: JobStatus) -> None:
        """List these jobs and no others."""
        self._jobs = {status.id: status for status in statuses}
        self.changed.emit()

    def finish(self) -> None:
        """Do the work of the last job here and now."""
        function, done, failed = self._work
        id_ = self.statuses[-1].id
        control = JobControl(lambda finished, total: self.show(id_, done=finished, total=total))
        if id_ in self.cancelled:
            control.cancel()
        state: JobState = "done"
        told: Callable[[], None] = lambda: None  # noqa: E731
        try:
            answer = function(self._fake_store.project, control)
            told = lambda: done(answer)  # noqa: E731
        except JobCancelledError:
            state = "cancelled"
        except Exception as error:
            caught, state = error, "failed"
            told = lambda: failed(caught)  # noqa: E731
        self.end(id_, state)
        told()


class FakeBatches(Batches):
    """Keeps the filters with which batches were started, and lists a job for each."""

    def __init__(self, session: FakeSession) -> None:
        super().__init__(session.jobs, session.store, session.engine, session.suggestions, session.notice.emit)
        self._jobs = session.jobs
        self.filters: list[BatchFilter | None] = []

    def start(self, flt: BatchFilter | None = None, *, boxes_first: bool = False) -> str:
        self.filters.append(flt)
        self.boxes_first = boxes_first
        return self._jobs.add("Caption boxes", lambda: None, id_=f"batch-{len(self.filters)}")


class FakeSession(QObject):
    """``key`` is the image in sight, "" for none; ``project`` is what the store hands on."""

    projectOpened = pyqtSignal(object)
    projectClosed = pyqtSignal()
    notice = pyqtSignal(str, str)

    def __init__(
        self,
        regions: Sequence[Region] = (),
        *,
        schema: AttributeSchema | None = None,
        project: Any = None,
        folder: Path | None = Path("/photos"),
        key: str = "cat.jpg",
    ) -> None:
        super().__init__()
        self.project = project if project is not None else MemoryProject(regions, schema=schema)
        self.notices: list[str] = []
        self.notice.connect(lambda _level, text: self.notices.append(text))
        notify = self.notice.emit
        self.plugins = PluginManager(user=Path("/no plugins"), packages=False)
        self.model_name = "gpt4roi-mini"
        self.model = FakeEngine()
        self.engine = EngineBridge(self._make_engine)
        info = CaptionerInfo("gpt4roi-mini", "GPT4RoI mini", capabilities=frozenset({"chat"}))
        self.engine.state = EngineStateChanged("ready", info)
        self.store = FakeStore(self.project, folder, notify)
        self.options = SessionOptions(advance=False)
        parts = make_parts(self.store, self.engine, notify, options=lambda: self.options)
        self.image, self.images, self.attributes, self.chat = parts.image, parts.images, parts.attributes, parts.chat
        self.history, self.categories, self.memory = parts.history, parts.categories, parts.memory
        self.suggestions, self.second, self.edits = parts.suggestions, parts.second, parts.edits
        self.look_for, self.reading = parts.look_for, parts.reading
        self.notes, self.keep_previous, self.box_suggestions = parts.notes, parts.keep_previous, parts.box_suggestions
        known: AttributeSchema = getattr(self.project, "schema", AttributeSchema(""))
        self.attributes.reset(schema or known)
        if hasattr(self.project, "category_counts"):
            self.categories.refresh()
        self.jobs = FakeJobs(self.store, notify)
        self.batches = FakeBatches(self)
        if key:
            self.image.show(key, None)

    def _make_engine(self, on_event: Callable[[Any], None]) -> FakeEngine:
        self._on_event = on_event
        return self.model

    @property
    def folder(self) -> Path | None:
        return self.store.folder

    @property
    def read_only(self) -> bool:
        return self.store.read_only

    @property
    def schema(self) -> AttributeSchema:
        return self.attributes.value

    def open_image(self, key: str, *, region: str = "") -> None:
        self.image.show(key, None, region=region)

    def step_image(self, step: int) -> None:
        place = self.images.keys.index(self.image.key) + step
        self.open_image(self.images.keys[max(0, min(place, len(self.images.keys) - 1))])

    # What the tests do.

    def list_images(self, rows: Sequence[ImageRow]) -> None:
        """The project has these images."""
        self.project.rows = list(rows)
        self.images.refresh()

    def earlier_texts(self, *texts: str) -> None:
        """What regions like these were called earlier."""
        self.project.earlier = texts
        self.edits.earlier.outdate()
        self.edits.earlier.of(self.image.regions[0])

    def say(self, text: str) -> None:
        """More of the answer to the last question."""
        self.tell(ChatPiece(self.model.ticket, text))

    def end_answer(self) -> None:
        self.tell(Finished(self.model.ticket))

    def change_model(self, **fields: Any) -> None:
        """Another model than the one that can chat."""
        assert self.engine.info is not None
        self.engine.state = EngineStateChanged("ready", replace(self.engine.info, **fields))
        self.engine.stateChanged.emit(self.engine.state)

    def tell(self, event: object) -> None:
        """The engine says something."""
        self._on_event(event)
        QApplication.processEvents()


def checked(session: FakeSession) -> tuple[SessionView, Store]:
    """Not called: the type checker reads here that the stand-ins have what views rely on."""
    return session, session.store
