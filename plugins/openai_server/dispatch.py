"""Questions on their way to a server: several at once, again where that helps, and left at once when that is wanted."""

from __future__ import annotations

import queue
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from roi_assistant.api import Ask, CaptionerError, OptionsAsk

from .client import Client, Event, Exchange, Response, Trouble
from .dialects import DECISIONS, Dialect, Extra
from .faults import BUSY, fault_of, is_spoilt, refused_extra, trouble_of, unreadable
from .pace import Pace
from .replies import Reply, UnreadableError, error_text, read_decisions, read_reply
from .requests import Pictures, decisions_body, request_body

MOST_BUSY = 8
"""Times that a question is sent to a server that has no room."""
MOST_CONNECTS = 3
MORE_TOKENS = 4
"""Times as many tokens, for a model that thinks first whatever it is told."""
_MOST_AHEAD = 16
"""Bodies that are made while others are under way."""
_TICK = 0.02
"""Seconds between two calls of ``interrupt``."""
_ENOUGH_SHARED = 3
"""Questions about one picture after which it shows whether the server keeps anything of it."""


@dataclass(slots=True)
class Habits:
    """What was learned about a server since it was opened.

    ``shared`` counts questions about a picture of which it had one before, and told whether it kept something of that;
    ``cached_tokens`` what it kept; ``reused`` questions of which it had most. ``decides``: whether it answers at
    `DECISIONS`, None before it was asked. ``reads_letters``: whether it never failed to tell of letters; ``trials`` of
    these, made to see whether it keeps pictures. ``lost``: pictures that it should have had by their names."""

    refused: frozenset[Extra] = frozenset()
    token_factor: int = 1
    tells_probabilities: bool | None = None
    cached_tokens: int = 0
    shared: int = 0
    reused: int = 0
    decides: bool | None = None
    reads_letters: bool = True
    trials: int = 0
    lost: int = 0

    @property
    def reuses_nothing(self) -> bool:
        """Whether each question about one picture pays for all of it."""
        return self.shared >= _ENOUGH_SHARED and not self.cached_tokens


@dataclass(slots=True, eq=False)
class Job:
    """A question on its way. ``outcome`` is set once it is over. ``without`` is what the server does not take,
    ``spoilt`` whether its answer did not come because of the schema, which other answers do not suffer from. With
    ``options`` or ``decisions`` it asks for probabilities rather than words; ``decisions`` are asked in the place of
    ``asks``. ``by_name``: its pictures were not sent, because the server should have them."""

    asks: Sequence[Ask]
    place: int
    options: int = 0
    decisions: OptionsAsk | None = None
    by_name: bool = False
    is_shared: bool | None = None
    is_stream: bool = False
    without: frozenset[Extra] = frozenset()
    token_factor: int = 1
    busy: int = 0
    connects: int = 0
    was_blank: bool = False
    spoilt: bool = False
    not_before: float = 0.0
    started_at: float = 0.0
    body: bytes = b""
    outcome: Reply | CaptionerError | None = None

    @property
    def ask(self) -> Ask:
        """The question; it is made when it is first asked for."""
        return self.asks[self.place]

    @property
    def is_read(self) -> bool:
        """Whether nothing is written: how long that takes tells nothing about other questions."""
        return bool(self.options or self.decisions)


@dataclass(slots=True)
class Dispatcher:
    """Sends questions for ``model`` to a server. It belongs to one thread, on which `interrupt` is called at least
    every 50 ms; only requests wait on others."""

    client: Client
    dialect: Dialect
    model: str
    server: str
    pace: Pace
    interrupt: Callable[[], None] = lambda: None
    habits: Habits = field(default_factory=Habits)
    pictures: Pictures = field(init=False)
    _waiting: deque[Job] = field(default_factory=deque)
    _running: dict[Exchange, Job] = field(default_factory=dict)
    _events: queue.SimpleQueue[tuple[Exchange, Event]] = field(default_factory=queue.SimpleQueue)

    def __post_init__(self) -> None:
        self.pictures = Pictures(self.dialect)

    def replies(self, asks: Sequence[Ask], *, options: int = 0) -> Iterator[Reply]:
        """A reply to each of ``asks``, in their order. It may be called while another is not yet at its end; the new
        questions then go first.

        Raises:
            CaptionerError: a question cannot be answered; the replies before it were given.
        """
        return self._outcomes([Job(asks, place, options=options) for place in range(len(asks))])

    def decisions(self, ask: OptionsAsk) -> Reply:
        """The reads of the questions of ``ask``, by one request.

        Raises:
            CaptionerError: the server does not answer such questions, or fails.
        """
        return next(self._outcomes([Job((), 0, decisions=ask)]))

    def _outcomes(self, jobs: list[Job]) -> Iterator[Reply]:
        self._waiting.extendleft(reversed(jobs))
        try:
            for place, job in enumerate(jobs):
                while job.outcome is None:
                    self._step()
                outcome, jobs[place].outcome = job.outcome, None
                if isinstance(outcome, CaptionerError):
                    raise outcome
                yield outcome
        finally:
            self._drop({id(job) for job in jobs})

    def body_of(self, job: Job) -> bytes:
        """What is sent for ``job``."""
        if job.decisions is not None:
            return decisions_body(job.decisions, model=self.model, pictures=self.pictures)
        if job.is_shared is None:
            job.is_shared = self.pictures.has(job.ask)
        job.by_name = "uuid" in self._extras(job) - self.habits.refused - job.without and (
            not self.habits.lost and self.pictures.is_there(job.ask)
        )
        return request_body(
            job.ask,
            self.dialect,
            model=self.model,
            pictures=self.pictures,
            without=self.habits.refused | job.without | ({"schema"} if job.spoilt else set()),
            most_tokens=job.ask.most_tokens * max(job.token_factor, self.habits.token_factor),
            options=job.options,
            is_stream=job.is_stream,
            by_name=job.by_name,
        )

    def next_try(self, job: Job, event: Response | Trouble) -> float | CaptionerError:
        """In how many seconds ``job`` is sent again after ``event``, or why it is not."""
        now = time.monotonic()
        if isinstance(event, Trouble):
            if event.kind == "connect" and job.connects + 1 < MOST_CONNECTS:
                job.connects += 1
                return 0.2 * 2**job.connects * random.uniform(0.5, 1.0)
            return trouble_of(event, self.server)
        if event.status in BUSY and job.busy + 1 < MOST_BUSY:
            job.busy += 1
            return self.pace.refused(retry_after=event.retry_after, tries=job.busy, started_at=job.started_at, now=now)
        if job.by_name and event.status >= 400:
            # Whatever it says: perhaps it has dropped the picture. It would again, so that all get bytes from now on.
            self.habits.lost += 1
            self.pictures.forget(job.ask)
            self._make_anew()
            job.body = b""
            return 0.0
        extra = refused_extra(event, self.habits.refused | job.without, asked=self._extras(job))
        # A read without probabilities is none, and says nothing about other questions: fewer may be asked for there.
        if extra is not None and not (job.is_read and extra == "probabilities"):
            job.without |= {extra}
            job.body = b""
            return 0.0
        told = self.client.hidden(error_text(event.body))
        if is_spoilt(event.status, told) and not job.spoilt and job.ask.schema is not None:
            job.spoilt, job.body = True, b""
            return 0.0
        return fault_of(event, self.server, self.dialect, model=self.model, told=told)

    def learned(self, job: Job) -> None:
        """``job`` was answered: what it was sent without is not asked for again, and the server has its pictures."""
        before = (self.habits.refused, self.habits.token_factor)
        self.habits.refused |= job.without
        self.habits.token_factor = max(self.habits.token_factor, job.token_factor)
        has_more = "uuid" in self._extras(job) - self.habits.refused and self.pictures.arrived(job.ask)
        if has_more or before != (self.habits.refused, self.habits.token_factor):
            self._make_anew()

    def _make_anew(self) -> None:
        for job in self._waiting:
            job.body = b""  # it was made as of before

    def stop_all(self) -> None:
        """Leave every question; their connections are closed at once."""
        for exchange in self._running:
            exchange.stop()
        for job in (*self._running.values(), *self._waiting):
            job.outcome = trouble_of(Trouble("stopped", ""), self.server)
        self._running.clear()
        self._waiting.clear()

    def _extras(self, job: Job) -> frozenset[Extra]:
        """What the request for ``job`` asks for beside the question, when nothing is left out."""
        told: list[Extra] = []
        if job.decisions is not None:
            return frozenset()
        if self.dialect.takes_uuid and any(message.pictures for message in job.ask.messages):
            told.append("uuid")
        if job.ask.schema is not None:
            told.append("schema")
        if self.dialect.has_probabilities and not job.is_stream:
            told.append("probabilities")
        if self.dialect.no_thinking:
            told.append("no_thinking")
        return frozenset(told)

    def _step(self) -> None:
        """Send what may be sent, then take one reply, make one body or wait for a moment."""
        try:
            self.interrupt()
        except BaseException:
            # Also what an outer call waits for: nobody comes back for it.
            self.stop_all()
            raise
        self._send()
        ahead = next((job for job in list(self._waiting)[:_MOST_AHEAD] if not job.body), None)
        try:
            events = [self._events.get(timeout=0 if ahead is not None else _TICK)]
            while not self._events.empty():
                events.append(self._events.get_nowait())
        except queue.Empty:
            if ahead is not None:
                ahead.body = self.body_of(ahead)  # in the time in which the server works
            return
        arrived = [(job, event) for exchange, event in events if (job := self._running.pop(exchange, None)) is not None]
        if self.pace.allowed > 1 and all(isinstance(event, Response) and event.status == 200 for _, event in arrived):
            self._send()  # the server goes on while its answers are read here; the first one is read before all
        for job, event in arrived:
            job.outcome = self._judged(job, event)
            if job.outcome is None:
                self._waiting.appendleft(job)
            else:
                job.body = b""

    def _send(self) -> None:
        now = time.monotonic()
        while self._waiting and len(self._running) < self.pace.allowed and now >= self.pace.paused_until:
            job = next((job for job in self._waiting if job.not_before <= now), None)
            if job is None:
                return
            self._waiting.remove(job)
            job.body = job.body or self.body_of(job)
            job.started_at = time.monotonic()
            path = self.dialect.path if job.decisions is None else DECISIONS
            exchange = self.client.start(path, job.body, self._report)
            self._running[exchange] = job

    def _report(self, exchange: Exchange, event: Event) -> None:
        self._events.put((exchange, event))

    def _judged(self, job: Job, event: Event) -> Reply | CaptionerError | None:
        """What came of ``job``; None when it is sent again."""
        now = time.monotonic()
        if isinstance(event, Response) and event.status == 200:
            reply = whole_reply(event, self.client, self.dialect, self.server, decisions=job.decisions)
            if isinstance(reply, CaptionerError) or job.decisions is not None:
                return reply
            if not reply.answer.text and self._may_ask_otherwise(job, reply):
                return None  # nor are more sent before it shows what helps
            if not job.is_read:
                self.pace.answered(now - job.started_at, started_at=job.started_at, now=now)
            if reply.answer.text:
                self.learned(job)
            self._count(job, reply)
            return reply
        if not isinstance(event, Response | Trouble):
            return unreadable(self.server, "a stream")
        pause = self.next_try(job, event)
        if isinstance(pause, CaptionerError):
            return pause
        job.not_before = now + pause
        return None

    def _may_ask_otherwise(self, job: Job, reply: Reply) -> bool:
        """An empty answer is asked for once more: with room for thoughts where they took all of it, else without the
        schema, which some servers apply to the thoughts, or fill with blanks."""
        if job.was_blank:
            return False
        if reply.answer.cut and reply.answer.reasoning:
            job.token_factor = MORE_TOKENS
        elif job.ask.schema is not None and "schema" not in self.habits.refused | job.without:
            job.without |= {"schema"}
        else:
            return False
        job.was_blank, job.body = True, b""
        return True

    def _count(self, job: Job, reply: Reply) -> None:
        if reply.answer.text and self.dialect.has_probabilities:
            self.habits.tells_probabilities = bool(reply.answer.tokens)
        if reply.cached_tokens is not None:
            self.habits.cached_tokens += reply.cached_tokens
            self.habits.shared += bool(job.is_shared) and not job.is_read
            # A few tokens are those before the picture, or a block of the words behind it.
            self.habits.reused += bool(job.is_shared) and 2 * reply.cached_tokens >= max(1, reply.prompt_tokens)

    def _drop(self, jobs: set[int]) -> None:
        """Leave those of ``jobs`` (their identities) that are not over."""
        for exchange, job in list(self._running.items()):
            if id(job) in jobs:
                exchange.stop()
                del self._running[exchange]
        self._waiting = deque(job for job in self._waiting if id(job) not in jobs)


def whole_reply(
    response: Response, client: Client, dialect: Dialect, server: str, *, decisions: OptionsAsk | None = None
) -> Reply | CaptionerError:
    """What ``response``, of status 200, says; an error where that cannot be read."""
    kind = response.content_type
    try:
        if kind and not kind.endswith("json"):
            raise UnreadableError(f"it is {kind}, not JSON")
        return read_reply(response.body, dialect) if decisions is None else read_decisions(response.body, decisions)
    except UnreadableError as error:
        client.drop_idle()  # perhaps something stands between that answers in the server's place
        return unreadable(server, client.hidden(str(error))[:300])
