"""What the model does next. Pure: no threads, no processes, no clock.

A *task* is what was asked for under one ticket; a *job* is what the model's process is given at a time: a few boxes of
one image, perhaps of several tasks, or one chat, one search for boxes, or an image to encode ahead. Jobs are small, so
that what matters more never waits long, and can be taken back and put in the queue again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from roi_assistant.core.box import Box
from roi_assistant.core.records import DescribeRequest, Turn

Priority = Literal["pointer", "batch"]
JobKind = Literal["describe", "chat", "propose", "prepare"]

BOXES_PER_JOB: dict[Priority, int] = {"pointer": 4, "batch": 16}
"""One call for several boxes costs less per box, but all of them wait for it."""

_RANKS: dict[Priority, int] = {"pointer": 0, "batch": 3}
_FINISH_RANK, _PREPARE_RANK = 1, 2
"""Attributes of boxes whose captions are shown already come after captions under the pointer, before all else."""


@dataclass(slots=True)
class Task:
    """What was asked for under ``ticket``: to describe ``boxes`` (``request``), to answer ``turns``, or to find
    ``most`` boxes."""

    ticket: int
    image: str
    boxes: tuple[Box, ...]
    request: DescribeRequest | None = None
    turns: tuple[Turn, ...] = ()
    most: int = 0
    """Above 0: boxes are to be found."""
    words: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """Of a `BoxSearch`."""
    priority: Priority = "pointer"
    attempts: int = 0
    """How often the process ended while it was at this task."""
    left: set[int] = field(default_factory=set)
    """Boxes without a final answer."""
    drafted: set[int] = field(default_factory=set)
    """Boxes that were answered but for their attributes."""
    running: set[int] = field(default_factory=set)

    def waiting(self) -> list[int]:
        """Boxes that no job has, those without any answer first."""
        return sorted(self.left - self.running, key=lambda index: (index in self.drafted, index))

    def only_attributes_wait(self) -> bool:
        """Whether all boxes that wait have their caption already."""
        return self.left - self.running <= self.drafted

    def rank(self) -> int:
        """Lower is served first."""
        later = self.priority == "pointer" and self.request is not None and self.only_attributes_wait()
        return _FINISH_RANK if later else _RANKS[self.priority]


@dataclass(frozen=True, slots=True)
class Job:
    """One call of the model. ``places[k]`` is the ticket and the index of the box that ``boxes[k]`` came from."""

    number: int
    kind: JobKind
    image: str
    places: tuple[tuple[int, int], ...] = ()
    boxes: tuple[Box, ...] = ()
    request: DescribeRequest | None = None
    turns: tuple[Turn, ...] = ()
    most: int = 0
    words: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    draft: bool = False
    """Captions and categories only, for now."""


class Scheduler:
    """The queue. Whoever takes a job tells how it went: `answer` per box, then `finish` or `give_back`.

    ``drafts`` says that the model can give captions before attributes. Boxes under the pointer are then described in
    two jobs, so that no caption waits for another box's attributes.
    """

    def __init__(self, *, drafts: bool = False) -> None:
        self.drafts = drafts
        self._tasks: dict[int, Task] = {}
        self._prepare: list[str] = []
        self._jobs = 0

    @property
    def tickets(self) -> tuple[int, ...]:
        """All that is not finished, the oldest first."""
        return tuple(self._tasks)

    def has_work(self) -> bool:
        """Whether a task waits or runs; images to encode ahead do not count."""
        return bool(self._tasks)

    def task(self, ticket: int) -> Task | None:
        """The task of ``ticket``; None once it is finished or cancelled."""
        return self._tasks.get(ticket)

    def add(self, task: Task) -> None:
        """Queue ``task``. A chat, or a search for boxes, is one piece of work."""
        task.left = set(range(len(task.boxes))) if task.request is not None else {0}
        self._tasks[task.ticket] = task

    def cancel(self, ticket: int) -> Task | None:
        """Forget ``ticket``; None when it is not there (any more). Its answers still under way are to be dropped."""
        return self._tasks.pop(ticket, None)

    def prepare(self, images: Sequence[str]) -> None:
        """Encode these images, in this order, when nothing more urgent waits; replaces what was given before."""
        self._prepare = list(dict.fromkeys(images))

    def take(self) -> Job | None:
        """The most urgent job; None when nothing waits."""
        task = self._best()
        if self._prepare and (task is None or task.rank() > _PREPARE_RANK):
            return self._job("prepare", self._prepare.pop(0))
        if task is None:
            return None
        if task.most:
            task.running = {0}
            job = self._job("propose", task.image, ((task.ticket, 0),))
            return replace(job, most=task.most, words=task.words, categories=task.categories)
        if task.request is None:
            task.running = {0}
            return self._job("chat", task.image, ((task.ticket, 0),), task.boxes, turns=task.turns)
        draft = self.drafts and task.priority == "pointer" and not task.only_attributes_wait()
        room = BOXES_PER_JOB[task.priority]
        tasks = [task]
        # The newest box under the pointer does not wait for others, and a task that the process died of runs alone.
        if task.rank() != _RANKS["pointer"] and not task.attempts:
            tasks += [other for other in self._tasks.values() if _go_together(task, other)]
        places: list[tuple[int, int]] = []
        boxes: list[Box] = []
        for other in tasks:
            for index in other.waiting()[: room - len(places)]:
                if draft and index in other.drafted:
                    break
                other.running.add(index)
                places.append((other.ticket, index))
                boxes.append(other.boxes[index])
        return self._job("describe", task.image, tuple(places), tuple(boxes), request=task.request, draft=draft)

    def waits_more_urgent(self, job: Job) -> bool:
        """Whether to take ``job`` back for boxes under the pointer that wait, unless the pointer waits for ``job``."""
        best = self._best()
        return best is not None and best.rank() <= _FINISH_RANK and best.rank() < self._rank_of(job)

    def answer(self, job: Job, index: int) -> tuple[int, int] | None:
        """``job.boxes[index]``, or a search for boxes, is answered: the ticket and its box; None when the task was
        cancelled."""
        ticket, place = job.places[index]
        task = self._tasks.get(ticket)
        if task is None or place not in task.running:
            return None
        task.running.discard(place)
        if job.draft:
            task.drafted.add(place)
        else:
            task.left.discard(place)
        return ticket, place

    def finish(self, job: Job) -> tuple[int, ...]:
        """``job`` is over: the tickets that are now finished and forgotten. Boxes without an answer wait again."""
        self._release(job)
        if job.kind == "chat" and (task := self._tasks.get(job.places[0][0])) is not None:
            task.left.clear()
        return self.answered(job)

    def answered(self, job: Job) -> tuple[int, ...]:
        """Those tickets of ``job`` of which all boxes are answered; they are finished and forgotten."""
        tickets = tuple(dict.fromkeys(ticket for ticket, _ in job.places))
        done = tuple(ticket for ticket in tickets if (task := self._tasks.get(ticket)) is not None and not task.left)
        for ticket in done:
            del self._tasks[ticket]
        return done

    def give_back(self, job: Job, *, died: bool = False) -> tuple[int, ...]:
        """``job`` was left: what it did not answer waits again. ``died`` counts an attempt, and gives an image that was
        to be encoded ahead up. Returns the tickets of the job that are not finished."""
        if job.kind == "prepare" and not died:
            self._prepare.insert(0, job.image)
        tickets = self._release(job)
        for ticket in tickets:
            self._tasks[ticket].attempts += died
        return tickets

    def _release(self, job: Job) -> tuple[int, ...]:
        tickets = tuple(dict.fromkeys(ticket for ticket, _ in job.places if ticket in self._tasks))
        for ticket, place in job.places:
            if ticket in self._tasks:
                self._tasks[ticket].running.discard(place)
        return tickets

    def _best(self) -> Task | None:
        """The task to serve next: the newest under the pointer, else the oldest."""
        best, best_rank = None, max(_RANKS.values()) + 1
        for task in self._tasks.values():  # in the order in which they were added
            if not task.left - task.running:
                continue
            rank = task.rank()
            if rank < best_rank or (rank == best_rank and task.priority == "pointer"):
                best, best_rank = task, rank
        return best

    def _rank_of(self, job: Job) -> int:
        if job.kind == "prepare":
            return _PREPARE_RANK
        ranks = []
        for ticket, place in job.places:
            task = self._tasks.get(ticket)
            if task is not None and place in task.running:
                ranks.append(_FINISH_RANK if place in task.drafted else _RANKS[task.priority])
        return min(ranks, default=max(_RANKS.values()) + 1)

    def _job(
        self,
        kind: JobKind,
        image: str,
        places: tuple[tuple[int, int], ...] = (),
        boxes: tuple[Box, ...] = (),
        *,
        request: DescribeRequest | None = None,
        turns: tuple[Turn, ...] = (),
        draft: bool = False,
    ) -> Job:
        self._jobs += 1
        return Job(self._jobs, kind, image, places, boxes, request, turns, draft=draft)


def _go_together(task: Task, other: Task) -> bool:
    return (
        other is not task
        and other.request == task.request
        and other.image == task.image
        and other.priority == task.priority
        and other.rank() == task.rank()
        and not other.attempts
    )
