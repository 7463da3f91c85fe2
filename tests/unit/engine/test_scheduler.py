"""The order of work."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.core.box import Box
from roi_assistant.core.records import DescribeRequest, Turn
from roi_assistant.engine.scheduler import BOXES_PER_JOB, Job, Priority, Scheduler, Task

REQUEST = DescribeRequest()


def task(ticket: int, image: str = "a", count: int = 1, **changes: Any) -> Task:
    boxes = tuple(Box(ticket, k, ticket + 1, k + 1) for k in range(count))
    return Task(ticket, image, boxes, **{"request": REQUEST, **changes})


def queue(*tasks: Task, drafts: bool = False) -> Scheduler:
    scheduler = Scheduler(drafts=drafts)
    for one in tasks:
        scheduler.add(one)
    return scheduler


def take(scheduler: Scheduler) -> Job:
    job = scheduler.take()
    assert job is not None
    return job


def do(scheduler: Scheduler, job: Job) -> tuple[int, ...]:
    """Answer everything in ``job``."""
    for index in range(len(job.places)):
        scheduler.answer(job, index)
    return scheduler.finish(job)


def test_nothing_to_do() -> None:
    scheduler = Scheduler()
    assert scheduler.take() is None and not scheduler.has_work()


def test_priorities() -> None:
    names: tuple[Priority, ...] = ("batch", "pointer")
    scheduler = queue(*(task(number, priority=name) for number, name in enumerate(names)))
    order: list[int] = []
    while (job := scheduler.take()) is not None:
        order += do(scheduler, job)
    assert order == [1, 0]
    assert not scheduler.has_work()


def test_newest_first_under_the_pointer_oldest_first_elsewhere() -> None:
    scheduler = queue(*(task(number, image=str(number)) for number in (1, 2, 3)))
    assert [do(scheduler, take(scheduler)) for _ in range(3)] == [(3,), (2,), (1,)]
    scheduler = queue(*(task(number, image=str(number), priority="batch") for number in (1, 2, 3)))
    assert [do(scheduler, take(scheduler)) for _ in range(3)] == [(1,), (2,), (3,)]


def test_boxes_of_an_image_go_together() -> None:
    other = DescribeRequest(style="sentence")
    scheduler = queue(
        task(1, count=2, priority="batch"),
        task(2, image="b", priority="batch"),
        task(3, priority="batch", request=other),
        task(4),
        task(5, priority="batch"),
    )
    assert take(scheduler).places == ((4, 0),), "not with one of another priority"
    job = take(scheduler)
    assert job.places == ((1, 0), (1, 1), (5, 0))
    assert job.boxes == (Box(1, 0, 2, 1), Box(1, 1, 2, 2), Box(5, 0, 6, 1))
    assert (job.image, job.request, job.kind) == ("a", REQUEST, "describe")
    assert do(scheduler, job) == (1, 5)


def test_large_tasks_are_cut() -> None:
    room = BOXES_PER_JOB["batch"]
    scheduler = queue(task(1, count=2 * room + 1, priority="batch"))
    sizes = []
    while (job := scheduler.take()) is not None:
        sizes.append(len(job.boxes))
        finished = do(scheduler, job)
        assert finished == ((1,) if sum(sizes) == 2 * room + 1 else ())
    assert sizes == [room, room, 1]


def test_captions_of_all_boxes_come_before_attributes() -> None:
    scheduler = queue(task(1, count=5), drafts=True)
    for places in (((1, 0), (1, 1), (1, 2), (1, 3)), ((1, 4),)):
        job = take(scheduler)
        assert job.draft and job.places == places
        assert do(scheduler, job) == ()
    scheduler.add(task(2))
    job = take(scheduler)
    assert job.draft and job.places == ((2, 0),)
    do(scheduler, job)
    job = take(scheduler)
    assert not job.draft and job.places == ((2, 0), (1, 0), (1, 1), (1, 2)), "together, the newest first"
    assert do(scheduler, job) == (2,)
    assert do(scheduler, take(scheduler)) == (1,)


def test_attributes_come_before_a_batch() -> None:
    scheduler = queue(task(1), task(2, priority="batch"), drafts=True)
    jobs = []
    while (job := scheduler.take()) is not None:
        jobs.append((job.draft, job.places))
        do(scheduler, job)
    assert jobs == [(True, ((1, 0),)), (False, ((1, 0),)), (False, ((2, 0),))]


def test_chat_is_one_piece_of_work() -> None:
    turns = (Turn("user", "what?"),)
    scheduler = queue(task(1, count=3, request=None, turns=turns))
    job = take(scheduler)
    assert (job.kind, job.places, len(job.boxes), job.turns) == ("chat", ((1, 0),), 3, turns)
    assert scheduler.take() is None
    assert scheduler.finish(job) == (1,)


@pytest.mark.parametrize("priority", ["pointer", "batch"])
def test_a_search_for_boxes_is_one_piece_of_work_of_its_priority(priority: Priority) -> None:
    other: Priority = "batch" if priority == "pointer" else "pointer"
    scheduler = queue(Task(1, "a.png", (), most=50, priority=priority), task(2, priority=other))
    jobs = [take(scheduler), take(scheduler)]
    assert [job.kind for job in jobs] == (["propose", "describe"] if priority == "pointer" else ["describe", "propose"])
    (job,) = [job for job in jobs if job.kind == "propose"]
    assert (job.places, job.boxes, job.most) == (((1, 0),), (), 50)
    scheduler.give_back(job)
    again = take(scheduler)
    assert (again.kind, again.most) == ("propose", 50)
    assert scheduler.answer(again, 0) == (1, 0)
    assert scheduler.finish(again) == (1,)


def test_images_are_prepared_between_the_pointer_and_a_batch() -> None:
    scheduler = queue(task(1, priority="batch"), task(2))
    scheduler.prepare(["x", "y"])
    scheduler.prepare(["b", "c", "b"])
    kinds = []
    while (job := scheduler.take()) is not None:
        kinds.append((job.kind, job.image))
        do(scheduler, job)
    assert kinds == [("describe", "a"), ("prepare", "b"), ("prepare", "c"), ("describe", "a")]


def test_image_that_was_left_is_prepared_later_and_one_that_killed_is_not() -> None:
    scheduler = Scheduler()
    scheduler.prepare(["b", "c"])
    job = take(scheduler)
    scheduler.give_back(job)
    job = take(scheduler)
    assert job.image == "b"
    scheduler.give_back(job, died=True)
    assert take(scheduler).image == "c"
    assert scheduler.take() is None


def test_what_is_taken_back_for_what() -> None:
    kinds: dict[str, tuple[Priority, bool]] = {
        "drafting": ("pointer", True),
        "pointer": ("pointer", False),
        "batch": ("batch", False),
    }
    yields: dict[str, set[Priority]] = {
        "drafting": set(),
        "pointer": set(),
        "batch": {"pointer"},
    }
    for name, (priority, drafts) in kinds.items():
        for other in BOXES_PER_JOB:
            scheduler = queue(task(1, priority=priority), drafts=drafts)
            job = take(scheduler)
            assert not scheduler.waits_more_urgent(job)
            scheduler.add(task(2, priority=other))
            assert scheduler.waits_more_urgent(job) == (other in yields[name]), (name, other)


def test_attributes_under_way_are_left_for_a_new_box() -> None:
    scheduler = queue(task(1), drafts=True)
    do(scheduler, take(scheduler))
    attributes = take(scheduler)
    assert not attributes.draft and not scheduler.waits_more_urgent(attributes)
    scheduler.add(task(2))
    assert scheduler.waits_more_urgent(attributes)
    scheduler.give_back(attributes)
    assert [take(scheduler).places, take(scheduler).places] == [((2, 0),), ((1, 0),)]


def test_preparing_is_left_for_the_pointer() -> None:
    scheduler = Scheduler()
    scheduler.prepare(["b"])
    job = take(scheduler)
    scheduler.add(task(1, priority="batch"))
    assert not scheduler.waits_more_urgent(job)
    scheduler.add(task(2))
    assert scheduler.waits_more_urgent(job)


def test_cancelled_answers_are_dropped() -> None:
    scheduler = queue(task(1, priority="batch"), task(2, priority="batch"))
    job = take(scheduler)
    assert scheduler.cancel(1) is not None and scheduler.cancel(1) is None
    assert scheduler.answer(job, 0) is None
    assert scheduler.answer(job, 1) == (2, 0)
    assert scheduler.answer(job, 1) is None, "once only"
    assert scheduler.finish(job) == (2,)


def test_what_was_answered_before_the_end_is_not_asked_again() -> None:
    scheduler = queue(task(1, count=3, priority="batch"), task(2, priority="batch"))
    job = take(scheduler)
    scheduler.answer(job, 1)
    assert scheduler.answered(job) == ()
    assert scheduler.give_back(job, died=True) == (1, 2)
    again = take(scheduler)
    assert again.places == ((1, 0), (1, 2)), "alone: one of the two is to blame"
    assert do(scheduler, again) == (1,)
    assert take(scheduler).places == ((2, 0),)


def test_task_with_all_answers_is_finished_even_when_its_job_was_left() -> None:
    scheduler = queue(task(1, priority="batch"), task(2, priority="batch"))
    job = take(scheduler)
    scheduler.answer(job, 0)
    assert scheduler.answered(job) == (1,)
    assert scheduler.give_back(job) == (2,)
    assert scheduler.tickets == (2,)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(list(BOXES_PER_JOB)), st.sampled_from("ab"), st.integers(1, 6)),
        st.tuples(st.just("cancel"), st.integers(0, 20)),
        st.tuples(st.just("work"), st.integers(0, 5), st.booleans()),
    ),
    max_size=30,
)


@given(STEPS, st.booleans())
def test_every_box_is_answered_once_whatever_happens(steps: list[Any], drafts: bool) -> None:
    scheduler = Scheduler(drafts=drafts)
    counts: dict[int, int] = {}
    answers: list[tuple[int, int]] = []
    finished: list[int] = []

    def work(some: int | None, died: bool) -> bool:
        job = scheduler.take()
        if job is None:
            return False
        for index in range(len(job.places))[:some]:
            place = scheduler.answer(job, index)
            if place is not None and not job.draft:
                answers.append(place)
        if some is None:
            finished.extend(scheduler.finish(job))
        else:
            finished.extend(scheduler.answered(job))
            scheduler.give_back(job, died=died)
        return True

    for what, *arguments in steps:
        if what == "add":
            priority, image, count = arguments
            ticket = len(counts)
            counts[ticket] = count
            scheduler.add(task(ticket, image=image, count=count, priority=priority))
        elif what == "cancel":
            if scheduler.cancel(arguments[0]) is not None:
                del counts[arguments[0]]
                counts[-1 - arguments[0]] = 0  # keeps ticket numbers apart
        else:
            work(*arguments)
    while work(None, False):
        pass
    assert not scheduler.has_work()
    assert len(answers) == len(set(answers))
    wanted = {ticket: count for ticket, count in counts.items() if count}
    assert sorted(finished) == sorted(wanted)
    assert {place for place in answers if place[0] in wanted} == {(t, k) for t, n in wanted.items() for k in range(n)}
