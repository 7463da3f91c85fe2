"""A session in memory with the signals and methods that the docks use, on the real review rules and no threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange, apply_to_regions, inverse
from roi_assistant.core.offers import Offers, offers
from roi_assistant.core.records import (
    Attribute,
    AttributeSchema,
    Caption,
    Conversation,
    Provenance,
    Region,
    ScoredText,
    Turn,
)
from roi_assistant.storage.records import ImageRows
from roi_assistant.ui.session import region_actions

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


class FakeEarlier(QObject):
    """Captions of earlier regions: set ``texts`` and tell."""

    changed = pyqtSignal()

    def __init__(self, session: FakeSession) -> None:
        super().__init__(session)
        self.texts: tuple[str, ...] = ()

    def of(self, _region: Region) -> tuple[str, ...]:
        return self.texts

    def learn(self, *texts: str) -> None:
        self.texts = texts
        self.changed.emit()


class FakeChat(QObject):
    def __init__(self, session: FakeSession) -> None:
        super().__init__(session)
        self._session = session
        self.is_answering = False
        self.answer = ""
        self.shown = Conversation("")
        self.id = ""

    def piece(self, text: str) -> None:
        self.answer += text
        self._session.chatPiece.emit(text)

    def finish(self) -> None:
        turns = (*self.shown.turns, Turn("assistant", self.answer.strip()))
        self.shown = Conversation(self.shown.image, self.shown.region_ids, turns, self.id or "c1")
        self.is_answering, self.answer = False, ""
        self._session.conversationChanged.emit()

    def stop(self) -> None:
        self.is_answering, self.answer = False, ""

    def show(self, conversation: Conversation) -> None:
        self.shown, self.id = conversation, conversation.id
        self._session.conversationChanged.emit()

    def discard(self, id_: str) -> None:
        self._session.stored = tuple(c for c in self._session.stored if c.id != id_)
        if self.shown.id == id_:
            self.shown, self.id = Conversation(self._session.current), ""
        self._session.conversationChanged.emit()


class FakeSession(QObject):
    projectOpened = pyqtSignal(object)
    projectClosed = pyqtSignal()
    imagesChanged = pyqtSignal()
    imageRowChanged = pyqtSignal(str)
    imageOpened = pyqtSignal(str)
    regionsChanged = pyqtSignal()
    selectionChanged = pyqtSignal(tuple)
    historyChanged = pyqtSignal(object)
    saveStateChanged = pyqtSignal(str)
    notice = pyqtSignal(str, str)
    engineChanged = pyqtSignal(object)
    pendingChanged = pyqtSignal(frozenset)
    schemaChanged = pyqtSignal(object)
    conversationChanged = pyqtSignal()
    chatPiece = pyqtSignal(str)
    jobsChanged = pyqtSignal()
    scanFinished = pyqtSignal(int)

    def __init__(self, regions: Sequence[Region] = (), *, schema: AttributeSchema | None = None) -> None:
        super().__init__()
        self.folder: Path | None = Path("/photos")
        self.read_only = False
        self.current = "cat.jpg"
        self.regions = tuple(regions)
        self.selection: tuple[str, ...] = ()
        self.schema = schema or AttributeSchema("")
        self.image_rows = ImageRows()
        self.earlier = FakeEarlier(self)
        self.image_keys: list[str] = []
        self.filter: Any = None
        self.pending: frozenset[str] = frozenset()
        self.jobs: tuple[Any, ...] = ()
        self.scanning = False
        self.engine_state: Any = SimpleNamespace(
            state="ready", info=SimpleNamespace(name="GPT4RoI mini", capabilities=frozenset({"chat"})), message=""
        )
        self.chat = FakeChat(self)
        self.stored: tuple[Conversation, ...] = ()
        self.asked: list[str] = []
        self.cancelled: list[str] = []
        self.edits: list[Edit] = []
        self.project: Any = SimpleNamespace(category_ids=lambda: {"cat": 1, "dog": 2, "person": 3})

    # What views read.
    @property
    def conversation(self) -> Conversation:
        return self.chat.shown

    def row(self, key: str) -> Any:
        return next((row for row in self.image_rows if row.key == key), None)

    def number(self, id_: str) -> int:
        return next((n for n, region in enumerate(self.regions, start=1) if region.id == id_), 0)

    # Going about.
    def open_image(self, key: str) -> None:
        self.current = key
        self.imageOpened.emit(key)

    def set_image_problem(self, key: str, message: str) -> None:
        place = self.image_keys.index(key)
        self.image_rows[place] = self.image_rows[place]._replace(problem=message)
        self.imageRowChanged.emit(key)

    def step_image(self, step: int) -> None:
        place = self.image_keys.index(self.current) + step
        self.open_image(self.image_keys[max(0, min(place, len(self.image_keys) - 1))])

    def set_filter(self, flt: Any) -> None:
        self.filter = flt
        self.imagesChanged.emit()

    def select(self, ids: Iterable[str]) -> None:
        chosen = tuple(ids)
        if chosen != self.selection:
            self.selection = chosen
            self.selectionChanged.emit(chosen)

    # Edits.
    def _change(self, label: str, ids: Iterable[str], act: Callable[[Region], Region]) -> None:
        wanted = set(ids)
        pairs = [(region, act(region)) for region in self.regions if region.id in wanted]
        changes = tuple(RegionChange(self.current, a, b) for a, b in pairs if a != b)
        if changes:
            self._apply(Edit(label, self.current, changes))

    def _apply(self, edit: Edit) -> None:
        self.regions = apply_to_regions(self.regions, edit, image=self.current)
        self.edits.append(edit)
        self.regionsChanged.emit()

    def undo(self, image: str | None = None) -> None:
        edit = self.edits.pop()
        self.regions = apply_to_regions(self.regions, inverse(edit), image=self.current)
        self.regionsChanged.emit()

    def decide(self, act: Callable[[Iterable[str]], None], ids: Iterable[str]) -> None:
        act(tuple(ids))

    def accept(self, ids: Iterable[str]) -> None:
        self._change("Accept", ids, region_actions.accept)

    def reject(self, ids: Iterable[str]) -> None:
        self._change("Reject", ids, region_actions.reject)

    def reopen(self, ids: Iterable[str]) -> None:
        self._change("Reopen", ids, region_actions.reopen)

    def delete(self, ids: Iterable[str]) -> None:
        gone = set(ids)
        self.regions = tuple(region for region in self.regions if region.id not in gone)
        self.regionsChanged.emit()
        self.select(tuple(id_ for id_ in self.selection if id_ not in gone))

    def edit_caption(self, id_: str, text: str) -> None:
        self._change("Edit caption", (id_,), lambda region: region_actions.edit_caption(region, text))

    def choose_alternative(self, id_: str, index: int) -> None:
        self._change("Choose alternative", (id_,), lambda r: region_actions.take_offer(r, self.offers(r), index))

    def offers(self, region: Region) -> Offers:
        return offers(region, earlier=self.earlier.of(region))

    def set_category(self, id_: str, text: str) -> None:
        self._change("Set category", (id_,), lambda region: region_actions.set_category(region, text))

    def set_attribute(self, id_: str, name: str, values: Sequence[str]) -> None:
        self._change("Set", (id_,), lambda r: region_actions.set_attribute(r, name, values, self.schema))

    def set_locked(self, ids: Iterable[str], locked: bool) -> None:
        self._change("Lock", ids, lambda region: region_actions.lock(region, locked))

    # The model and the rest.
    def describe(self, ids: Iterable[str]) -> None:
        self.pending = frozenset(ids)
        self.pendingChanged.emit(self.pending)

    def ask(self, text: str) -> None:
        self.asked.append(text)
        shown = self.chat.shown
        ids = tuple(region.id for region in self.regions)
        self.chat.shown = Conversation(self.current, ids, (*shown.turns, Turn("user", text)), shown.id)
        self.chat.is_answering = True
        self.conversationChanged.emit()

    def new_conversation(self) -> None:
        self.chat.shown, self.chat.id = Conversation(self.current), ""
        self.conversationChanged.emit()

    def cancel_job(self, id_: str) -> None:
        self.cancelled.append(id_)

    def run(self, function: Callable[[Any], Any], done: Any = None, failed: Any = None) -> None:
        try:
            answer = function(self.project)
        except Exception as error:
            if failed is None:
                raise
            failed(error)
            return
        if done is not None:
            done(answer)

    def run_writing(self, function: Callable[[Any], Any], done: Any = None, failed: Any = None) -> None:
        self.run(function, done, failed)

    def refresh_images(self) -> None:
        self.imagesChanged.emit()

    def change(self, label: str, ids: Iterable[str], act: Callable[[Region], Region]) -> None:
        self._change(label, ids, act)
