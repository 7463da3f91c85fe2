"""The queue in the order in which suggestions teach most, of kinds of things that lie at right angles."""

from __future__ import annotations

import struct

import pytest

from roi_assistant.core import review
from roi_assistant.core.records import Region
from roi_assistant.storage import teaching_queue
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import QueueFilter
from tests.unit.region_records import NOW, change, create, suggested

IMAGE, OTHER = "a.jpg", "b.jpg"
MODEL, NEWER = "ab" * 32, "cd" * 32
CUP, FORK, BOAT = (struct.pack("<3e", *place) for place in ((1, 0, 0), (0, 1, 0), (0, 0, 1)))


def waiting(id_: str, score: float = 0.5) -> Region:
    return suggested(id_, score=score)


@pytest.fixture
def things(project: Project) -> Project:
    """Three cups, two forks and a boat, all as doubtful, and a thing that nobody has looked at."""
    ids = ("cup1", "cup2", "cup3", "fork1", "fork2", "boat")
    project.apply(create(IMAGE, *map(waiting, ids)))
    project.apply(create(OTHER, waiting("unseen", 0.1)))
    vectors = dict(zip(ids, (CUP, CUP, CUP, FORK, FORK, BOAT), strict=True))
    project.store_features(IMAGE, vectors, model=MODEL)
    return project


def queue(project: Project, *, limit: int = 100, after: tuple[object, ...] | None = None, **other: str) -> list[str]:
    flt = QueueFilter(order="teaches", limit=limit, after=after, **other)
    return [item.region.id for item in project.review_queue(flt)]


def kinds(ids: list[str]) -> list[str]:
    return [id_.rstrip("123") for id_ in ids]


def test_one_of_each_kind_then_copies_then_what_nobody_looked_at(things: Project) -> None:
    found = queue(things)
    assert kinds(found)[:3] == ["cup", "fork", "boat"]
    assert found[-1] == "unseen" and len(set(found)) == 7


def test_pages_make_up_the_whole(things: Project) -> None:
    whole, after = [], None
    while page := things.review_queue(QueueFilter(order="teaches", limit=3, after=after)):
        whole += [item.region.id for item in page]
        after = page[-1].cursor
    assert sorted(whole) == sorted(queue(things)) and len(whole) == 7


def test_what_was_decided_changes_the_order(things: Project) -> None:
    (first,) = things.review_queue(QueueFilter(order="teaches", limit=1))
    things.apply(change(first.image, first.region, review.accept(first.region, at=NOW)))
    assert kinds(queue(things, after=first.cursor))[:2] == ["fork", "boat"]


def test_an_item_tells_what_the_other_orders_tell(things: Project) -> None:
    by_certainty = {item.region.id: item for item in things.review_queue()}
    for item in things.review_queue(QueueFilter(order="teaches")):
        other = by_certainty[item.region.id]
        assert (item.image, item.region, item.certainty, item.model) == (
            other.image,
            other.region,
            other.certainty,
            other.model,
        )


def test_filters(things: Project) -> None:
    assert queue(things, image=OTHER) == ["unseen"]
    assert queue(things, text="?") == queue(things, category="unheard of") == []


def test_vectors_of_another_model_and_damaged_ones_are_not_compared(things: Project) -> None:
    things.store_features(IMAGE, {"cup1": struct.pack("<2e", 1, 0)}, model=NEWER)
    things.store_features(IMAGE, {"boat": struct.pack("<3e", float("nan"), 0, 0)}, model=MODEL)
    found = queue(things)
    assert len(found) == 7 and set(found[4:]) == {"cup1", "boat", "unseen"}


def test_of_many_a_sample_is_looked_at(things: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching_queue, "MOST_WAITING", 4)
    assert len(queue(things)) == 4 and queue(things) == queue(things)
