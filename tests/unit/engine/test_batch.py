"""The batch runner with an engine that is played by the test, and once with a real one."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from roi_assistant.core.box import Box
from roi_assistant.core.records import DescribeRequest, RegionText, ScoredText
from roi_assistant.engine.batch import IMAGES_AT_ONCE, BatchItem, BatchProgress, BatchResult, BatchRunner
from roi_assistant.engine.engine import (
    Cancelled,
    ChatPiece,
    Described,
    Engine,
    EngineEvent,
    EngineStateChanged,
    Failed,
    Finished,
)
from roi_assistant.sentences import Sentence


def item(name: str, count: int) -> BatchItem:
    return Path(name), name, [(f"{name}-{k}", Box(k, 0, k + 1, 1)) for k in range(count)]


class Desk:
    """Plays the engine, and keeps what the runner says."""

    def __init__(self, items: Any, *, total: int, **options: Any) -> None:
        self.asked: list[tuple[Path, Sequence[Box]]] = []
        self.cancelled: list[int] = []
        self.images: list[BatchResult] = []
        self.progress: list[BatchProgress] = []
        self.runner = BatchRunner(
            items,
            total=total,
            describe=self.describe,
            cancel=self.cancelled.append,
            on_image=self.images.append,
            on_progress=self.progress.append,
            **options,
        )

    def describe(self, path: Path, boxes: Sequence[Box]) -> int:
        self.asked.append((path, boxes))
        return len(self.asked)

    def answer(self, ticket: int, *indices: int, partial: bool = False) -> None:
        for index in indices:
            box = self.asked[ticket - 1][1][index]
            text = RegionText(box, ScoredText(f"{ticket}:{index}", 0.5))
            assert self.runner.handle(Described(ticket, index, text, partial=partial))

    def finish(self, ticket: int) -> None:
        """Answer all boxes of a ticket."""
        self.answer(ticket, *range(len(self.asked[ticket - 1][1])))
        assert self.runner.handle(Finished(ticket))

    def names(self) -> list[str]:
        return [str(path) for path, _ in self.asked]


def test_images_in_order_a_few_at_a_time() -> None:
    desk = Desk([item(name, 2) for name in "abcd"], total=8)
    assert desk.names() == []
    desk.runner.start()
    desk.runner.start()
    assert desk.names() == ["a", "b"] and IMAGES_AT_ONCE == 2
    desk.answer(1, 1, 0)
    assert desk.names() == ["a", "b"]
    desk.runner.handle(Finished(1))
    assert desk.names() == ["a", "b", "c"]
    for ticket in (2, 3, 4):
        desk.finish(ticket)
    assert [(r.image, [(id_, t.caption.text) for id_, t in r.texts]) for r in desk.images[:2]] == [
        ("a", [("a-0", "1:0"), ("a-1", "1:1")]),
        ("b", [("b-0", "2:0"), ("b-1", "2:1")]),
    ]
    last = desk.progress[-1]
    assert (last.done, last.total, last.last_image, last.finished, last.failed) == (8, 8, "d", True, 0)
    assert [p.finished for p in desk.progress].count(True) == 1
    assert [p.done for p in desk.progress] == sorted(p.done for p in desk.progress)


def test_items_are_taken_as_they_are_needed() -> None:
    taken = []

    def items() -> Iterator[BatchItem]:
        for name in "abcdef":
            taken.append(name)
            yield item(name, 1)

    desk = Desk(items(), total=6)
    desk.runner.start()
    assert taken == ["a", "b"]
    desk.finish(1)
    assert taken == ["a", "b", "c"]


def test_events_of_others_are_left_alone() -> None:
    desk = Desk([item("a", 1)], total=1)
    desk.runner.start()
    text = RegionText(Box(0, 0, 1, 1), ScoredText("x", 0.5))
    others = (Described(9, 0, text), Finished(9), Failed(9, Sentence("")), Cancelled(9), ChatPiece(1, ""))
    for event in (*others, EngineStateChanged("ready")):
        assert not desk.runner.handle(event)
    assert desk.images == [] and not desk.runner.finished


def test_drafts_do_not_count() -> None:
    desk = Desk([item("a", 1)], total=1)
    desk.runner.start()
    desk.answer(1, 0, partial=True)
    assert desk.progress[-1].done == 0
    desk.finish(1)
    assert desk.progress[-1].done == 1


def test_failed_images_are_left_out_and_told() -> None:
    desk = Desk([item("a", 3), item("b", 1), item("c", 1)], total=5)
    desk.runner.start()
    desk.answer(1, 0)
    desk.runner.handle(Failed(1, Sentence("a is damaged.")))
    desk.finish(2)
    desk.runner.handle(Cancelled(3))
    assert [(r.image, [id_ for id_, _ in r.texts], str(r.problem)) for r in desk.images] == [
        ("a", ["a-0"], "a is damaged."),
        ("b", ["b-0"], ""),
        ("c", [], "c was cancelled."),
    ]
    last = desk.progress[-1]
    assert (last.done, last.failed, last.finished) == (5, 2, True)


def test_more_boxes_than_were_counted() -> None:
    desk = Desk([item("a", 3)], total=2)
    desk.runner.start()
    desk.finish(1)
    assert (desk.progress[-1].done, desk.progress[-1].total) == (3, 3)


def test_cancel() -> None:
    desk = Desk([item(name, 2) for name in "abc"], total=6)
    desk.runner.start()
    desk.finish(1)
    desk.answer(2, 0)
    desk.runner.cancel()
    desk.runner.cancel()
    assert desk.cancelled == [2, 3] and desk.runner.finished
    assert not desk.runner.handle(Cancelled(2)) and not desk.runner.handle(Cancelled(3))
    assert [r.image for r in desk.images] == ["a"]
    assert (desk.progress[-1].last_image, desk.progress[-1].finished) == ("a", True)
    assert len(desk.asked) == 3


def test_nothing_to_do() -> None:
    for items in ([], [item("a", 0), item("b", 0)]):
        desk = Desk(items, total=0)
        desk.runner.start()
        assert desk.progress[-1].finished and desk.asked == [] and desk.images == []
    assert desk.progress[-1].last_image == "b"


def test_with_an_engine_that_dies_on_the_way(fake: Any, tmp_path: Path) -> None:
    fake.plan(x2="once kill", image_103="kill")
    paths = []
    for width in (101, 102, 103, 104):
        paths.append(tmp_path / f"{width}.png")
        Image.new("RGB", (width, 80)).save(paths[-1])
    paths.insert(1, tmp_path / "gone.png")
    regions = [(str(left), Box(left, 0, left + 5, 5)) for left in range(20)]
    events: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
    engine = Engine(model="fake", on_event=events.put, restart_seconds=0.0)
    images: list[BatchResult] = []
    progress: list[BatchProgress] = []
    runner = BatchRunner(
        [(path, path.name, regions) for path in paths],
        total=100,
        describe=lambda path, boxes: engine.describe(path, boxes, DescribeRequest(), priority="batch"),
        cancel=engine.cancel,
        on_image=images.append,
        on_progress=progress.append,
    )
    runner.start()
    while not runner.finished:
        runner.handle(events.get(timeout=60))
    engine.close()
    results = {result.image: result for result in images}
    for name in ("101.png", "102.png", "104.png"):
        assert [(id_, t.caption.text) for id_, t in results[name].texts] == [(id_, f"box {id_}") for id_, _ in regions]
    assert "does not exist" in str(results["gone.png"].problem)
    assert "It was tried twice." in str(results["103.png"].problem)
    assert (progress[-1].done, progress[-1].failed, progress[-1].last_image) == (100, 2, "104.png")
