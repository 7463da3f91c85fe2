"""The conversation about the current image: asking, streaming, storing.

A stored conversation numbers its own regions in the order in which they came up, because numbers on the canvas change
when a region is deleted. Views see the numbers of the canvas.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from PyQt6.QtCore import QCoreApplication, QObject, pyqtSignal

from roi_assistant.core.box import Box
from roi_assistant.core.records import Conversation, Turn
from roi_assistant.core.references import clean_answer, find_references, named_references
from roi_assistant.core.times import now
from roi_assistant.ui.session import region_actions
from roi_assistant.ui.session.engine_bridge import Asked, EngineBridge
from roi_assistant.ui.session.image import ImageInSight
from roi_assistant.ui.session.store import Notify, Store

MOST_REGIONS = 9
"""A question about more regions than the embedded model has names for takes only those that it mentions itself."""

_REFERENCE = re.compile(r"<region(\d+)>")


def renumbered(text: str, numbers: dict[int, int], *, missing: str = "") -> str:
    """``text`` with every ``<regionN>`` replaced by ``<region{numbers[N]}>``, or by ``missing`` where there is none."""

    def written(match: re.Match[str]) -> str:
        number = numbers.get(int(match[1]))
        return missing or match[0] if number is None else f"<region{number}>"

    return _REFERENCE.sub(written, named_references(text))


class ChatSession(QObject):
    changed = pyqtSignal()
    answering = pyqtSignal(str)
    """The answer that is being written as far as it has come, as it is shown."""

    def __init__(
        self,
        image: ImageInSight,
        store: Store,
        engine: EngineBridge,
        notify: Notify,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._image, self._store, self._engine, self._notify = image, store, engine, notify
        self._stored = Conversation("")
        self._ticket: int | None = None
        self._answer: list[str] = []
        engine.chatPiece.connect(self._piece_came)
        engine.finished.connect(self._finished)
        engine.failed.connect(self._failed)
        engine.cancelled.connect(lambda ticket, _asked: self._given_up(ticket))
        image.opened.connect(self._image_opened)

    @property
    def is_answering(self) -> bool:
        """Whether the answer to the last question is still being written."""
        return self._ticket is not None

    @property
    def answer(self) -> str:
        """What has come of the answer that is being written, with the numbers of the canvas."""
        text = clean_answer("".join(self._answer), finished=False)
        return self._with_shown_numbers(text, self._stored.region_ids)

    @property
    def shown(self) -> Conversation:
        """The conversation as it is shown; ``region_ids`` are all regions of the image."""
        shown = self.as_shown(self._stored)
        return replace(shown, region_ids=tuple(region.id for region in self._image.regions))

    def as_shown(self, conversation: Conversation) -> Conversation:
        """``conversation`` of this image with the numbers of the canvas, answers without the marks of prompts."""
        turns = []
        for turn in conversation.turns:
            text = turn.text if turn.role == "user" else clean_answer(turn.text)
            turns.append(Turn(turn.role, self._with_shown_numbers(text, conversation.region_ids)))
        return replace(conversation, turns=tuple(turns))

    def _with_shown_numbers(self, text: str, ids: Sequence[str]) -> str:
        numbers = {own: number for own, id_ in enumerate(ids, start=1) if (number := self._image.number(id_))}
        gone = QCoreApplication.translate("ChatSession", "(deleted region)")
        return renumbered(text, numbers, missing=gone)

    def _image_opened(self, key: str) -> None:
        """Nothing is in sight until the last stored conversation of the image was read."""
        self.begin()

        def arrived(conversations: Sequence[Conversation]) -> None:
            if conversations and key == self._image.key and not self._stored.turns:
                self._stored = conversations[-1]
                self.changed.emit()

        if key:
            self._store.ask(lambda project: project.conversations(key), arrived)

    def begin(self) -> None:
        """A new conversation; the old one stays stored. An answer that is being written is given up."""
        self.show(Conversation(self._image.key))

    def show(self, conversation: Conversation) -> None:
        """Go on with another stored conversation of the image."""
        self.stop()
        self._stored, self._answer = conversation, []
        self.changed.emit()

    def discard(self, id_: str) -> None:
        """Delete the stored conversation ``id_`` of the image."""
        image = self._image.key
        if id_ == self._stored.id:
            self.begin()
        self._store.change(lambda project: project.delete_conversation(image, id_), lambda _answer: self.changed.emit())

    def stop(self) -> None:
        """Give up the answer that is being written."""
        if self._ticket is not None:
            ticket, self._ticket = self._ticket, None
            self._engine.cancel(ticket)

    def ask(self, text: str) -> None:
        """Ask ``text``; a reference to a region that there is not is said and nothing is asked."""
        key, folder = self._image.key, self._store.folder
        text = text.strip()
        if not text or not key or folder is None or self.is_answering:
            return
        regions = self._image.regions
        wrong = [number for number in find_references(text) if not 1 <= number <= len(regions)]
        if wrong:
            message = QCoreApplication.translate("ChatSession", "There is no region {} on this image.")
            self._notify("warning", message.format(wrong[0]))
            return
        ids = list(self._stored.region_ids)
        mentioned = [regions[number - 1].id for number in find_references(text)]
        ids += [id_ for id_ in mentioned if id_ not in ids]
        own = {self._image.number(id_): ids.index(id_) + 1 for id_ in mentioned}
        turn = Turn("user", renumbered(text, own))
        if not self._stored.id:
            self._stored = Conversation(key, id=region_actions.new_id(), created_at=now())
        self._stored = replace(self._stored, region_ids=tuple(ids), turns=(*self._stored.turns, turn))
        self._answer = []
        self._keep()
        boxes, turns = self._question(mentioned)
        self._ticket = self._engine.chat(key, folder / key, boxes, turns)
        self.changed.emit()

    def _question(self, mentioned: Sequence[str]) -> tuple[list[Box], tuple[Turn, ...]]:
        """Boxes and turns as the model gets them: regions that are gone, and too many of them, are left out."""
        regions = {region.id: region for region in self._image.regions}
        ids = list(self._stored.region_ids)
        if len(ids) <= MOST_REGIONS and all(id_ in regions for id_ in ids):
            return [regions[id_].box for id_ in ids], self._stored.turns
        numbers = {ids.index(id_) + 1: place for place, id_ in enumerate(mentioned, start=1)}
        last = Turn("user", renumbered(self._stored.turns[-1].text, numbers))
        return [regions[id_].box for id_ in mentioned], (last,)

    def _piece_came(self, ticket: int, text: str) -> None:
        if ticket == self._ticket:
            self._answer.append(text)
            self.answering.emit(self.answer)

    def _finished(self, ticket: int, _asked: Asked) -> None:
        if ticket != self._ticket:
            return
        self._ticket = None
        answer = clean_answer("".join(self._answer))
        self._answer = []
        if answer:
            self._stored = replace(self._stored, turns=(*self._stored.turns, Turn("assistant", answer)))
            self._keep()
        self.changed.emit()

    def _failed(self, ticket: int, _asked: Asked, message: str) -> None:
        if ticket == self._ticket:
            self._notify("error", message)
            self._given_up(ticket)

    def _given_up(self, ticket: int) -> None:
        if ticket == self._ticket:
            self._ticket, self._answer = None, []
            self.changed.emit()

    def _keep(self) -> None:
        stored = self._stored
        self._store.write(lambda project: project.save_conversation(stored.image, stored))
