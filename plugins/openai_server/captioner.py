"""The captioner of a model behind a server."""

from __future__ import annotations

import hashlib
import math
import queue
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from roi_assistant.api import (
    LETTER_TOKENS,
    MOST_OPTIONS,
    Answer,
    Ask,
    Box,
    CaptionerError,
    CaptionerInfo,
    ChatCaptioner,
    ChatState,
    OptionsAsk,
    OptionsRead,
    RegionForm,
    Sentence,
    Turn,
    lettered,
    read_letters,
)

from .client import Address, Client, End, Event, Exchange, Response, Trouble, key_of_environment, next_event
from .dialects import Served, ServedModel
from .dispatch import Dispatcher, Job, whole_reply
from .faults import blind, trouble_of, unreadable
from .pace import Pace
from .probing import probe, sees_pictures
from .replies import Reply, UnreadableError, read_piece

NO_PROBABILITIES = Sentence("This server tells no probabilities: 0.5 stands for them.").to_text()
NO_REUSE = Sentence(
    "This server keeps nothing of a picture between questions: it is asked about up to 8 regions of a photo at once."
).to_text()
_MOST_NAMED = 8
_HYBRID = re.compile(r"qwen-?3\.[5-9]|lfm-?[23]", re.IGNORECASE)
"""Names of models with linear attention, whose state servers seldom keep for a picture."""
MOST_TRIALS = 3
"""Questions by which it is found out whether a server keeps pictures, where it was not asked twice about one."""


class ServerModel:
    """See `roi_assistant.api.ChatModel`, `roi_assistant.api.ReadsOptions` and `roi_assistant.api.AsksTogether`."""

    def __init__(self, dispatcher: Dispatcher, info: CaptionerInfo, region_form: RegionForm) -> None:
        self._dispatcher = dispatcher
        self._info = info
        self.region_form = region_form

    @property
    def interrupt(self) -> Callable[[], None]:
        """See `roi_assistant.api.Interruptible`."""
        return self._dispatcher.interrupt

    @interrupt.setter
    def interrupt(self, function: Callable[[], None]) -> None:
        self._dispatcher.interrupt = function

    @property
    def info(self) -> CaptionerInfo:
        """What the server runs, with notes on what it has shown so far."""
        habits = self._dispatcher.habits
        notes = list(self._info.notes)
        silent = habits.tells_probabilities is False or "probabilities" in habits.refused
        if silent or not self._dispatcher.dialect.has_probabilities:
            notes.append(NO_PROBABILITIES)
        if self.asks_together:
            notes.append(NO_REUSE)
        return replace(self._info, notes=tuple(notes))

    @property
    def asks_together(self) -> bool:
        """See `roi_assistant.api.AsksTogether`. Parts of the photo are each a picture of their own: they share none."""
        habits = self._dispatcher.habits
        if self.region_form.telling != "text" or habits.reused:
            return False
        return habits.reuses_nothing or bool(_HYBRID.search(self._dispatcher.model))

    @property
    def cached_tokens(self) -> int:
        """Of all questions so far: what the server had from an earlier one and did not compute again."""
        return self._dispatcher.habits.cached_tokens

    def answers(self, asks: Sequence[Ask]) -> Iterator[Answer]:
        """See `roi_assistant.api.ChatModel`."""
        for reply in self._dispatcher.replies(asks):
            yield reply.answer

    def option_reads(self, ask: OptionsAsk) -> Sequence[OptionsRead | None]:
        """See `roi_assistant.api.ReadsOptions`. All questions in one request where the server decides; else one request
        each, as letters, where the server has shown that it keeps pictures and only the words cost something."""
        dispatcher, habits = self._dispatcher, self._dispatcher.habits
        if dispatcher.dialect.may_decide and habits.decides is not False:
            try:
                reads = dispatcher.decisions(ask).reads
            except CaptionerError:
                habits.decides = False  # most models cannot: their server has no such place, or says so
            else:
                habits.decides = True
                return reads
        asks = ask.lettered if self._may_read_letters else ()
        if asks and not habits.reused:
            habits.trials += 1
            asks = asks[:1]
        try:
            replies = list(dispatcher.replies(asks, options=MOST_OPTIONS))
        except CaptionerError:
            habits.reads_letters = False
            raise
        found = [
            read_letters(reply.alternatives, len(question.options))
            for question, reply in zip(ask.questions, replies, strict=False)
        ]
        return (*found, *[None] * (len(ask.questions) - len(found)))

    @property
    def _may_read_letters(self) -> bool:
        dispatcher, habits = self._dispatcher, self._dispatcher.habits
        if not dispatcher.dialect.has_probabilities or "probabilities" in habits.refused:
            return False
        if habits.tells_probabilities is False or not habits.reads_letters:
            return False
        return habits.reused > 0 or (habits.trials < MOST_TRIALS and not habits.reuses_nothing)

    def replies(self, ask: Ask, *, options: int) -> Reply:
        """The reply to ``ask``, with the probabilities of ``options`` alternatives of each token. Raises:
        CaptionerError."""
        return next(self._dispatcher.replies([ask], options=options))

    def stream(self, ask: Ask) -> Iterator[str]:
        """See `roi_assistant.api.ChatModel`. Thoughts in fields of their own are left out."""
        dispatcher = self._dispatcher
        job = Job([ask], 0, is_stream=True)
        while True:
            body, events = dispatcher.body_of(job), queue.SimpleQueue[Event]()
            job.started_at = time.monotonic()
            exchange = dispatcher.client.start(dispatcher.dialect.path, body, partial(_put, events))
            try:
                head = next_event(events, self.interrupt)
                if isinstance(head, Response) and head.status == 200:
                    yield from self._told(head, events)
                    dispatcher.learned(job)
                    return
            finally:
                exchange.stop()
            assert isinstance(head, Response | Trouble)
            pause = dispatcher.next_try(job, head)
            if isinstance(pause, CaptionerError):
                raise pause
            self._wait(pause)

    def close(self) -> None:
        """See `roi_assistant.api.ChatModel`."""
        self._dispatcher.stop_all()
        self._dispatcher.client.close()

    def _told(self, head: Response, events: queue.SimpleQueue[Event]) -> Iterator[str]:
        """The pieces of an answer that has begun with ``head``."""
        dispatcher, server = self._dispatcher, self._dispatcher.server
        if not head.is_stream:  # a server that does not stream answers as a whole
            reply = whole_reply(head, dispatcher.client, dispatcher.dialect, server)
            if isinstance(reply, CaptionerError):
                raise reply
            yield reply.answer.text
            return
        thoughts = said = False
        while True:
            event = next_event(events, self.interrupt)
            if isinstance(event, Trouble):
                raise trouble_of(event, server)
            if isinstance(event, End | Response):
                raise trouble_of(Trouble("cut", "no end was told"), server)
            try:
                piece = read_piece(event.text, dispatcher.dialect)
            except UnreadableError as error:
                raise unreadable(server, str(error)) from None
            if piece is None:
                continue
            if piece.error:
                reason = dispatcher.client.hidden(piece.error)[:300]
                raise CaptionerError("{server} failed: {reason}", server=server, reason=reason)
            thoughts |= piece.thoughts
            if piece.text:
                said = True
                yield piece.text
            if piece.is_last:
                break
        if thoughts and not said:
            raise CaptionerError(
                "{server} wrote thoughts and no answer: turn thinking off where it is started.", server=server
            )

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.interrupt()
            time.sleep(min(0.02, left))


def _put(events: queue.SimpleQueue[Event], _: Exchange, event: Event) -> None:
    events.put(event)


class ServerCaptioner(ChatCaptioner):
    """See `roi_assistant.api.Captioner` and `roi_assistant.api.ScoresOptions`."""

    def __init__(self, model: ServerModel) -> None:
        super().__init__(model)
        self._server = model

    @property
    def cached_tokens(self) -> int:
        """See `ServerModel.cached_tokens`."""
        return self._server.cached_tokens

    def score_options(
        self, state: ChatState, boxes: Sequence[Box], turns: Sequence[Turn], options: Sequence[str]
    ) -> Sequence[float]:
        """For each of ``options`` the log probability that it is chosen when all are shown with letters. They are
        not calibrated: models like some letters better than others.

        Raises:
            CaptionerError: of the server; or there are more than 20 options; or it tells no probabilities.
        """
        if len(options) > MOST_OPTIONS:
            raise CaptionerError(
                "{count} options cannot be compared at once: {most} at most.", count=len(options), most=MOST_OPTIONS
            )
        asked = lettered(turns[-1].text, options)
        ask = self.chat_ask(state, boxes, [*turns[:-1], Turn(turns[-1].role, asked)], most_tokens=LETTER_TOKENS)
        read = read_letters(self._server.replies(ask, options=MOST_OPTIONS).alternatives, len(options))
        if read is not None:
            return [math.log(probability) for probability in read.probabilities]
        raise CaptionerError("{model} does not tell how likely each of the options is.", model=self._server.info.name)


def connect(
    address: Address, *, model: str = "", allow_remote: bool = False, region_form: RegionForm
) -> ServerCaptioner:
    """A captioner of ``model`` (empty: the only one) of the server at ``address``.

    Raises:
        CaptionerError: no server answers there, it lies elsewhere and ``allow_remote`` is not set, or the model is
            missing or sees no pictures.
    """
    if not (address.is_here or allow_remote):
        raise CaptionerError(
            "{address} is not on this machine: parts of your photos would be sent to {host}. Allow it for this server "
            "if you want that.",
            address=address,
            host=address.host,
        )
    served = probe(address)
    dialect = served.dialect
    server = f"{dialect.label} at {address}"
    chosen = _chosen(served, model, server)
    sees = chosen.sees
    if dialect.api == "ollama" and sees is None:
        sees = sees_pictures(address, chosen.id)
    if sees is False:
        raise blind(server, chosen.id)
    client = Client(address, key=key_of_environment(address))
    dispatcher = Dispatcher(
        client, dialect, chosen.id, server, Pace(patience=client.silence_seconds, slots=served.slots)
    )
    info = CaptionerInfo(
        id=f"{dialect.kind}/{chosen.id}@{address}",
        name=f"{chosen.id} ({dialect.label})",
        # Nobody tells the weights' own hash: what can be known of them is who runs which model.
        weights_sha256=hashlib.sha256(f"{dialect.kind}\n{chosen.id}".encode()).hexdigest(),
        device=server,
        precision="",
        capabilities=frozenset({"scores_options"}) if dialect.has_probabilities else frozenset(),
    )
    return ServerCaptioner(ServerModel(dispatcher, info, region_form))


def _chosen(served: Served, model: str, server: str) -> ServedModel:
    names = {one.id: one for one in served.models}
    if model:
        found = names.get(model) or names.get(f"{model}:latest")
        if found is None and served.models:
            raise CaptionerError(
                "{server} has no model {model}; it has {names}.", server=server, model=model, names=_named(list(names))
            )
        return found or ServedModel(id=model)
    seeing = [one for one in served.models if one.sees is not False] or list(served.models)
    loaded = [one for one in seeing if one.is_loaded] or seeing
    if not loaded:
        raise CaptionerError("{server} has no model: load one there.", server=server)
    if len(loaded) > 1:
        raise CaptionerError(
            "{server} has several models, choose one: {names}.", server=server, names=_named([one.id for one in loaded])
        )
    return loaded[0]


def _named(names: Sequence[str]) -> str:
    more = f" (+{len(names) - _MOST_NAMED})" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
