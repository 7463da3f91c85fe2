"""The engine looks for boxes: with real processes and a fake captioner that proposes, and with one that does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import ScoredBox
from roi_assistant.engine.engine import BoxesProposed, Cancelled, Described, Failed, Finished
from tests.unit.engine.engine_watch import REQUEST, boxes

MODEL = {"model": "fake-proposing"}


def test_boxes_come_inside_the_image_and_the_surest_first(start: Any, fake: Any, image: Path) -> None:
    watched = start(**MODEL)
    ticket = watched.engine.propose(image, most=3)
    watched.over(ticket)
    (found,) = watched.of(BoxesProposed)
    assert found == BoxesProposed(
        ticket,
        (
            ScoredBox(Box(90, 0, 100, 10), 0.75),
            ScoredBox(Box(0, 0, 8, 10), 0.5),
            ScoredBox(Box(10, 0, 18, 10), 0.49),
        ),
    )
    assert watched.events[-1] == Finished(ticket)
    assert fake.calls("propose") == ["propose 100 3"]


def test_the_encoded_image_is_shared_with_describing(start: Any, fake: Any, image: Path) -> None:
    watched = start(**MODEL)
    watched.over(watched.engine.describe(image, boxes(1), REQUEST))
    watched.over(watched.engine.propose(image, most=200))
    watched.over(watched.engine.describe(image, boxes(2), REQUEST))
    assert len(fake.calls("image")) == 1


def test_a_captioner_that_cannot_says_so(start: Any, fake: Any, image: Path) -> None:
    watched = start()
    ticket = watched.engine.propose(image, most=3)
    watched.over(ticket)
    (failed,) = watched.of(Failed)
    assert (failed.ticket, str(failed.message)) == (ticket, "fake cannot propose boxes: draw them.")
    assert not watched.of(BoxesProposed)
    watched.over(watched.engine.describe(image, boxes(20), REQUEST))
    assert len(fake.processes()) == 1


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("raise", "fake failed on {image} (ValueError: no such thing)."),
        ("refuse", "The box is too small."),
        ("silent", "The model fake proposed something on {image} that is no box with a score from 0 to 1."),
        ("odd", "The model fake proposed something on {image} that is no box with a score from 0 to 1."),
        ("nan", "The model fake proposed something on {image} that is no box with a score from 0 to 1."),
    ],
)
def test_a_search_that_fails(what: str, message: str, start: Any, fake: Any, image: Path) -> None:
    fake.plan(propose=what)
    watched = start(**MODEL)
    ticket = watched.engine.propose(image, most=3)
    watched.over(ticket)
    (failed,) = watched.of(Failed)
    assert failed.ticket == ticket and str(failed.message) == message.format(image=image)
    assert len(fake.processes()) == 1


def test_a_search_that_runs_is_cancelled(start: Any, fake: Any, image: Path) -> None:
    fake.plan(propose="wait")
    watched = start(**MODEL)
    ticket = watched.engine.propose(image, most=3)
    while not fake.calls("propose"):
        pass
    watched.engine.cancel(ticket)
    watched.wait(Cancelled)
    watched.over(watched.engine.describe(image, boxes(20), REQUEST))
    assert not watched.of(BoxesProposed) and len(fake.processes()) == 1


def test_a_search_in_a_batch_is_left_for_the_pointer_and_done_later(start: Any, fake: Any, image: Path) -> None:
    fake.plan(propose="wait")
    watched = start(**MODEL)
    later = watched.engine.propose(image, most=3, priority="batch")
    while not fake.calls("propose"):
        pass
    now = watched.engine.describe(image, boxes(20), REQUEST)
    watched.over(now)
    assert watched.of(Described) and not watched.of(BoxesProposed)
    fake.go()
    watched.over(later)
    assert [found.ticket for found in watched.of(BoxesProposed)] == [later]


def test_a_process_that_dies_at_a_search_is_tried_again(start: Any, fake: Any, image: Path) -> None:
    fake.plan(propose="once exit")
    watched = start(**MODEL)
    watched.over(watched.engine.propose(image, most=3))
    assert len(watched.of(BoxesProposed)) == 1 and len(fake.processes()) == 2
