"""The model in a process of its own, seen from the window: ask, and be called back.

`Engine` never blocks its caller. One thread of its own holds all state and calls ``on_event``; others write to the
child process, read its answers and wait for its end (`engine.process`). Neither torch nor onnxruntime nor Qt is
imported here. See docs/adr/0009-engine-process.md.
"""

from __future__ import annotations

import itertools
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from roi_assistant.core.box import Box
from roi_assistant.core.records import CaptionerInfo, DescribeRequest, RegionText, ScoredBox, Turn
from roi_assistant.engine import messages
from roi_assistant.engine.process import PATIENCE, ModelProcess
from roi_assistant.engine.scheduler import Job, Priority, Scheduler, Task
from roi_assistant.errors import EngineError
from roi_assistant.sentences import NOTHING, Sentence
from roi_assistant.settings import log_file

State = Literal["stopped", "starting", "ready", "busy", "unloaded", "failed"]

MOST_CRASHES = 5
"""Ends of the process in a row, without an answer in between, after which it is not started again by itself."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EngineStateChanged:
    """``info`` is set while a captioner is loaded; ``message`` says what went wrong."""

    state: State
    info: CaptionerInfo | None = None
    message: Sentence = NOTHING


@dataclass(frozen=True, slots=True)
class Described:
    """The answer about box ``index`` of ``ticket``. ``partial``: caption and category stand, attributes follow in a
    second event for the same box."""

    ticket: int
    index: int
    text: RegionText
    partial: bool = False


@dataclass(frozen=True, slots=True)
class ChatPiece:
    """More of the answer: append it to what came before."""

    ticket: int
    text: str


@dataclass(frozen=True, slots=True)
class BoxesProposed:
    """The answer to ``propose``: boxes in pixels of the image as displayed, inside it, the surest first. ``by``: what
    found them, where it is not the captioner."""

    ticket: int
    boxes: tuple[ScoredBox, ...]
    by: CaptionerInfo | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """Something is missing from answers though all goes on; ``message`` is for the user. Said once."""

    message: Sentence


@dataclass(frozen=True, slots=True)
class Finished:
    """All of ``ticket`` was answered; nothing more comes."""

    ticket: int


@dataclass(frozen=True, slots=True)
class Failed:
    """``ticket`` ends here; ``message`` is for the user. Answers that came before stand."""

    ticket: int
    message: Sentence


@dataclass(frozen=True, slots=True)
class Cancelled:
    """``ticket`` was cancelled; nothing more comes."""

    ticket: int


EngineEvent: TypeAlias = (
    EngineStateChanged | Described | ChatPiece | BoxesProposed | Noted | Finished | Failed | Cancelled
)


class Engine:
    """A captioner in a child process, with a queue.

    ``model`` is any registered captioner id. ``threads`` None leaves one core to the window. ``cache_bytes`` bounds the
    states of images that the child keeps. With ``companion`` the embedded model stands by for what ``model`` cannot do
    (`captioners.companion`), and ``proposer``, the id of one, finds boxes in its place. After ``idle_seconds`` without
    work the child is ended, which gives all its memory back; the next request starts it again.
    A child that ends by itself is started again, after ``restart_seconds``, doubled each time, when that happens
    repeatedly; what it was at is tried a second time and then reported. One that does not leave its work within
    ``stop_seconds`` of being told to is ended.

    ``on_event`` is called from a thread of the engine, one event at a time.
    """

    def __init__(
        self,
        *,
        model: str = "gpt4roi-mini",
        device: str = "auto",
        threads: int | None = None,
        on_event: Callable[[EngineEvent], None],
        cache_bytes: int = 512 << 20,
        companion: bool = False,
        proposer: str = "",
        idle_seconds: float = 900,
        restart_seconds: float = 0.5,
        stop_seconds: float = 60,
    ) -> None:
        self.model = model
        self._load = messages.Load(model, device, threads or _threads(), cache_bytes, companion, proposer)
        self._on_event = on_event
        self._idle_seconds, self._restart_seconds, self._stop_seconds = idle_seconds, restart_seconds, stop_seconds
        self._tickets = itertools.count(1)
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._scheduler = Scheduler()
        self._state = EngineStateChanged("stopped")
        self._child: ModelProcess | None = None
        self._info: CaptionerInfo | None = None
        self._job: Job | None = None
        self._answered: set[int] = set()
        """Places of the running job that were answered; for a chat or proposals, 0 once a piece or they came."""
        self._stop_until: float | None = None
        """The running job was told to stop, and has until then."""
        self._crashes = 0
        self._restart_at: float | None = None
        self._idle_since = time.monotonic()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    # What callers use; everything else runs on the engine's thread.

    def start(self) -> None:
        """Start the child and load the model, also after a failure; returns at once."""
        self._inbox.put(self._start_again)

    def describe(
        self, image: Path, boxes: Sequence[Box], request: DescribeRequest, *, priority: Priority = "pointer"
    ) -> int:
        """Queue ``boxes`` (pixels of the file ``image`` as displayed) and return the ticket at once.

        One `Described` or, with captions before attributes, two come for each box, then `Finished`.
        """
        ticket = next(self._tickets)
        task = Task(ticket, str(Path(image).absolute()), tuple(boxes), request, priority=priority)
        self._inbox.put(lambda: self._add(task))
        return ticket

    def chat(self, image: Path, boxes: Sequence[Box], turns: Sequence[Turn]) -> int:
        """Queue the last of ``turns`` about ``boxes`` (``boxes[0]`` is ``<region1>``); pieces come as they are
        written."""
        ticket = next(self._tickets)
        task = Task(ticket, str(Path(image).absolute()), tuple(boxes), turns=tuple(turns))
        self._inbox.put(lambda: self._add(task))
        return ticket

    def propose(
        self,
        image: Path,
        *,
        most: int,
        words: Sequence[str] = (),
        categories: Sequence[str] = (),
        priority: Priority = "pointer",
    ) -> int:
        """Queue a search for at most ``most`` (1 and up) boxes of the file ``image`` and return the ticket at once:
        `BoxesProposed`, then `Finished`; `Failed` when the captioner proposes none. ``words`` and ``categories`` as of
        a `BoxSearch`; a captioner that finds boxes itself does not follow them."""
        ticket = next(self._tickets)
        task = Task(
            *(ticket, str(Path(image).absolute()), ()),
            most=max(1, most),
            words=tuple(words),
            categories=tuple(categories),
            priority=priority,
        )
        self._inbox.put(lambda: self._add(task))
        return ticket

    def prefetch(self, images: Sequence[Path]) -> None:
        """Encode these images, in this order, when there is nothing better to do; replaces the earlier list. An image
        that cannot be read is passed over in silence."""
        paths = [str(Path(image).absolute()) for image in images]
        self._inbox.put(lambda: self._prepare(paths))

    def cancel(self, ticket: int) -> None:
        """Forget ``ticket``, also when it is being worked at; `Cancelled` follows unless it was over already."""
        self._inbox.put(lambda: self._cancel(ticket))

    def close(self) -> None:
        """End the child, within two seconds. No event comes after this returns."""
        self._closing.set()
        self._inbox.put(lambda: None)
        if threading.current_thread() is not self._thread:
            self._thread.join(2 * PATIENCE)

    # The engine's thread.

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                action = self._inbox.get(timeout=self._patience())
            except queue.Empty:
                action = self._wake
            if self._closing.is_set():
                break
            try:
                action()
                self._work()
            except Exception:  # a defect here must not leave the window without answers for good
                _log.exception("engine")
        if self._child is not None:
            self._child.end()
            self._child = None
        self._set_state("stopped")

    def _patience(self) -> float | None:
        """Seconds until something is due; None: until somebody calls."""
        now = time.monotonic()
        if self._restart_at is not None:
            return max(0.0, self._restart_at - now)
        if self._job is not None and self._stop_until is not None:
            return max(0.0, self._stop_until - now)
        if self._child is not None and self._info is not None and not self._scheduler.has_work():
            return max(0.0, self._idle_since + self._idle_seconds - now)
        return None

    def _wake(self) -> None:
        now = time.monotonic()
        if self._restart_at is not None and now >= self._restart_at:
            self._spawn()
        elif self._child is not None and self._job is not None:
            if self._stop_until is not None and now >= self._stop_until:
                told = Sentence.of("it did not stop within {seconds} seconds", seconds=f"{self._stop_seconds:g}")
                self._broken(self._child, told)
        elif not self._scheduler.has_work() and now >= self._idle_since + self._idle_seconds:
            self._unload()

    def _start_again(self) -> None:
        if self._child is None:
            self._crashes = 0
            self._spawn()

    def _add(self, task: Task) -> None:
        if self._state.state == "failed":
            self._emit(Failed(task.ticket, self._state.message))
            return
        self._scheduler.add(task)
        if not task.boxes and task.request is not None:
            self._scheduler.cancel(task.ticket)
            self._emit(Finished(task.ticket))
        elif self._child is None and self._restart_at is None:
            self._spawn()

    def _prepare(self, images: Sequence[str]) -> None:
        self._scheduler.prepare(images)

    def _cancel(self, ticket: int) -> None:
        if self._scheduler.cancel(ticket) is not None:
            self._emit(Cancelled(ticket))
            job = self._job
            if job is not None and job.places and not any(self._scheduler.task(t) for t, _ in job.places):
                self._stop_job()

    def _work(self) -> None:
        """Give the child its next job, or take the running one back for something more urgent."""
        if self._child is None or self._info is None:
            return
        if self._job is not None:
            if self._scheduler.waits_more_urgent(self._job):
                self._stop_job()
            return
        job = self._scheduler.take()
        if job is None:
            self._set_state("ready", info=self._info)
            return
        self._job, self._answered, self._stop_until = job, set(), None
        self._idle_since = time.monotonic()
        if job.kind != "prepare":
            self._set_state("busy", info=self._info)
        self._send(_command(job))

    def _stop_job(self) -> None:
        if self._job is not None and self._stop_until is None:
            self._stop_until = time.monotonic() + self._stop_seconds
            self._send(messages.Stop(self._job.number))

    def _send(self, command: messages.Command) -> None:
        assert self._child is not None
        try:
            self._child.send(command)
        except EngineError as error:  # a box or a request that is no plain data
            self._fail_job(error.sentence)

    # The child's life.

    def _spawn(self) -> None:
        self._restart_at = None
        self._set_state("starting")
        try:
            child = ModelProcess()
        except OSError as error:
            self._give_up(Sentence.of("The model's process cannot be started ({reason}).", reason=error))
            return
        self._child = child
        child.listen(
            lambda report: self._inbox.put(lambda: self._report(child, report)),
            lambda error: self._inbox.put(lambda: self._ended(child, error)),
        )
        self._send(self._load)

    def _unload(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = self._info = None
            self._set_state("unloaded")

    def _ended(self, child: ModelProcess, error: EngineError | None) -> None:
        """The child's answers ended: it crashed, was killed, or wrote something that is no message."""
        if child is not self._child:
            return
        how = child.end() if error is None else Sentence.of("{reason} It was ended.", reason=error)
        if error is not None:
            child.end()
        loading = self._info is None
        job, self._job, self._child, self._info = self._job, None, None, None
        self._crashes += 1
        facts = {"model": self.model, "how": how, "log": log_file()}
        if loading:
            message = Sentence.of(
                "The process of the model {model} ended while it was loading the model: {how} The log is {log}.",
                **facts,
            )
        elif job:
            message = Sentence.of(
                "The process of the model {model} ended at {image}: {how} The log is {log}.", image=job.image, **facts
            )
        else:
            message = Sentence.of(
                "The process of the model {model} ended while it was idle: {how} The log is {log}.", **facts
            )
        _log.error("%s", message)
        if job is not None:
            self._retry(job, message)
        if self._crashes >= MOST_CRASHES:
            self._give_up(message)
            return
        delay = self._restart_seconds * 2 ** (self._crashes - 2) if self._crashes > 1 else 0.0
        self._restart_at = time.monotonic() + delay
        self._set_state("starting", message=message)

    def _retry(self, job: Job, message: Sentence) -> None:
        answered = bool(self._answered)
        self._finish(self._scheduler.answered(job))
        for ticket in self._scheduler.give_back(job, died=True):
            task = self._scheduler.task(ticket)
            # A chat that was shown in part is not written a second time behind that.
            if task is not None and (task.attempts > 1 or (job.kind == "chat" and answered)):
                self._scheduler.cancel(ticket)
                if task.attempts > 1:
                    message = Sentence.of("{problem} It was tried twice.", problem=message)
                self._emit(Failed(ticket, message))

    def _give_up(self, message: Sentence) -> None:
        """Fail everything; only `start` tries again."""
        self._job = self._restart_at = None
        self._set_state("failed", message=message)
        for ticket in self._scheduler.tickets:
            self._scheduler.cancel(ticket)
            self._emit(Failed(ticket, message))

    # What the child says.

    def _report(self, child: ModelProcess, report: messages.Report) -> None:
        if child is not self._child:
            return
        if isinstance(report, messages.Loaded):
            self._info = report.info
            self._scheduler.drafts = "drafts" in report.info.capabilities
            self._idle_since = time.monotonic()
            return
        if isinstance(report, messages.Problem) and self._info is None:
            self._child = None
            child.end()
            self._give_up(Sentence.from_text(report.message))
            return
        job = self._job
        if job is None or report.job != job.number:
            self._broken(child, Sentence("it answered what was not asked"))
        elif isinstance(report, messages.Text):
            self._text(child, job, report)
        elif isinstance(report, messages.Piece):
            if job.kind != "chat":
                self._broken(child, Sentence("it chatted instead of describing"))
            elif self._scheduler.task(job.places[0][0]) is not None:
                self._answered.add(0)
                self._emit(ChatPiece(job.places[0][0], report.text))
        elif isinstance(report, messages.Note):
            self._emit(Noted(Sentence.from_text(report.message)))
        elif isinstance(report, messages.Proposed):
            self._proposed(child, job, report)
        elif isinstance(report, messages.Problem):
            self._fail_job(Sentence.from_text(report.message))
        elif isinstance(report, messages.Stopped):
            self._job = None
            self._finish(self._scheduler.answered(job))
            self._scheduler.give_back(job)
        elif job.kind in ("describe", "propose") and len(self._answered) < len(job.places):
            self._broken(child, Sentence("it left boxes without an answer"))
        else:
            self._job, self._crashes = None, 0
            self._idle_since = time.monotonic()
            self._finish(self._scheduler.finish(job))

    def _finish(self, tickets: Sequence[int]) -> None:
        for ticket in tickets:
            self._emit(Finished(ticket))

    def _text(self, child: ModelProcess, job: Job, report: messages.Text) -> None:
        if job.kind != "describe" or not 0 <= report.index < len(job.places) or report.index in self._answered:
            self._broken(child, Sentence("it answered about a box that was not asked for"))
            return
        self._answered.add(report.index)
        self._crashes = 0
        place = self._scheduler.answer(job, report.index)
        if place is not None:
            self._emit(Described(*place, report.text, partial=job.draft))

    def _proposed(self, child: ModelProcess, job: Job, report: messages.Proposed) -> None:
        if job.kind != "propose" or self._answered:
            self._broken(child, Sentence("it proposed boxes that were not asked for"))
            return
        self._answered.add(0)
        self._crashes = 0
        place = self._scheduler.answer(job, 0)
        if place is not None:
            self._emit(BoxesProposed(place[0], report.boxes, report.by))

    def _fail_job(self, message: Sentence) -> None:
        """The child could not do the running job. Several tickets are then tried one by one, as one of them may be to
        blame."""
        job, self._job = self._job, None
        if job is None:
            return
        self._crashes = 0
        if job.kind == "prepare":
            _log.info("not encoded ahead: %s", message)
            return
        self._finish(self._scheduler.answered(job))
        tickets = self._scheduler.give_back(job, died=True)
        for ticket in tickets if len(tickets) == 1 else ():
            self._scheduler.cancel(ticket)
            self._emit(Failed(ticket, message))

    def _broken(self, child: ModelProcess, what: Sentence) -> None:
        self._ended(child, EngineError("Its answers cannot be used, {what}.", what=what))

    # Events.

    def _set_state(self, state: State, *, info: CaptionerInfo | None = None, message: Sentence = NOTHING) -> None:
        changed = EngineStateChanged(state, info, message)
        if changed != self._state:
            self._state = changed
            self._emit(changed)

    def _emit(self, event: EngineEvent) -> None:
        try:
            self._on_event(event)
        except Exception:
            _log.exception("on_event")


def _threads() -> int:
    """All cores that this process may use but one.

    A model that splits its work over all of them waits in every step for the one that the window or another program is
    using, and its waiting threads burn what is left: docs/adr/0009-engine-process.md has figures.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
    return max(1, cores - 1)


def _command(job: Job) -> messages.Command:
    if job.kind == "prepare":
        return messages.Prepare(job.number, job.image)
    if job.kind == "propose":
        return messages.Propose(job.number, job.image, job.most, job.words, job.categories)
    if job.request is None:
        return messages.Chat(job.number, job.image, job.boxes, job.turns)
    return messages.Describe(job.number, job.image, job.boxes, job.request, job.draft)
