"""The engine with real processes and a fake captioner. Nothing here depends on how long something takes: tests wait for
events, and a test that would hang fails after a minute."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import Turn
from roi_assistant.engine import engine as engine_module
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
from tests.unit.engine.engine_watch import LONG, REQUEST, Watched, boxes, eventually, picture, runs

# Asking.


def test_answers_come_for_each_box_in_order(start: Any, fake: Any, image: Path) -> None:
    watched = start()
    ticket = watched.engine.describe(image, boxes(10, 20, 30), REQUEST)
    watched.over(ticket)
    assert [(d.ticket, d.index, d.text.caption.text, d.partial) for d in watched.of(Described)] == [
        (ticket, 0, "box 10", False),
        (ticket, 1, "box 20", False),
        (ticket, 2, "box 30", False),
    ]
    first = watched.of(Described)[0].text
    assert first.box == boxes(10)[0] and first.attributes[0].values == ("large",)
    assert watched.events[-1] == Finished(ticket)
    watched.wait(EngineStateChanged)
    assert watched.states() == ["starting", "busy", "ready"]
    info = watched.of(EngineStateChanged)[-1].info
    assert info is not None and (info.id, info.device, info.capabilities) == ("fake", "CPU", {"chat"})
    assert [call for call in fake.calls() if not call.startswith("box")] == [
        f"load {fake.processes()[0]}",
        "image 100 80",
        "describe 100 10 20 30",
    ]


def test_nothing_to_describe_is_finished(start: Any, image: Path) -> None:
    watched = start()
    watched.over(watched.engine.describe(image, [], REQUEST))
    assert watched.of(Failed) == []


def test_image_is_encoded_once_until_its_file_changes(start: Any, fake: Any, image: Path) -> None:
    watched = start()
    for left in (10, 20):
        watched.over(watched.engine.describe(image, boxes(left), REQUEST))
    assert fake.calls("image") == ["image 100 80"]
    picture(image, width=120)
    watched.over(watched.engine.describe(image, boxes(10), REQUEST))
    assert fake.calls("image") == ["image 100 80", "image 120 80"]


def test_states_beyond_the_limit_are_forgotten(start: Any, fake: Any, tmp_path: Path) -> None:
    images = [picture(tmp_path / f"{width}.png", width=width) for width in (100, 101, 102)]
    watched = start(cache_bytes=2500)  # a state of the fake takes 1000
    for path in (*images, images[1], images[0]):
        watched.over(watched.engine.describe(path, boxes(10), REQUEST))
    assert fake.calls("image") == ["image 100 80", "image 101 80", "image 102 80", "image 100 80"]


def test_chat_comes_in_pieces(start: Any, fake: Any, image: Path) -> None:
    watched = start()
    ticket = watched.engine.chat(image, boxes(10, 20), [Turn("user", "what is this")])
    watched.over(ticket)
    assert [piece.text for piece in watched.of(ChatPiece)] == ["what", "is", "this"]
    assert fake.calls("chat") == ["chat 2 1"]


def test_captions_come_before_attributes(start: Any, fake: Any, image: Path) -> None:
    fake.plan(x10="wait")
    watched = start(model="fake-drafts")
    first = watched.engine.describe(image, boxes(10), REQUEST)
    assert watched.wait(Described).partial
    assert eventually(lambda: fake.calls("describe") != [])
    second = watched.engine.describe(image, boxes(20), REQUEST)
    draft = watched.wait(Described)
    assert (draft.ticket, draft.partial, draft.text.caption.text) == (second, True, "draft 20")
    assert not draft.text.attributes
    fake.go()
    watched.over(first, second)
    final = {d.ticket: d.text.caption.text for d in watched.of(Described) if not d.partial}
    assert final == {first: "box 10", second: "box 20"}
    assert sorted(len(watched_events(watched, t)) for t in (first, second)) == [2, 2]


def watched_events(watched: Watched, ticket: int) -> list[Described]:
    return [d for d in watched.of(Described) if d.ticket == ticket]


def test_only_boxes_under_the_pointer_are_drafted(start: Any, fake: Any, image: Path) -> None:
    watched = start(model="fake-drafts")
    watched.over(watched.engine.describe(image, boxes(10, 20), REQUEST, priority="batch"))
    assert fake.calls("draft") == [] and fake.calls("describe") == ["describe 100 10 20"]


# Order.


def test_more_urgent_work_comes_first_and_waiting_boxes_of_an_image_together(
    start: Any, fake: Any, image: Path, tmp_path: Path
) -> None:
    fake.plan(x1="wait")
    watched = start()
    blocker = watched.engine.describe(image, boxes(1), REQUEST)
    assert eventually(lambda: fake.calls("describe") != [])
    other = picture(tmp_path / "other.png", width=130)
    tickets = [
        watched.engine.describe(other, boxes(51), REQUEST, priority="batch"),
        watched.engine.describe(image, boxes(30), REQUEST, priority="batch"),
        watched.engine.describe(image, boxes(31, 32), REQUEST, priority="batch"),
        watched.engine.describe(image, boxes(10), REQUEST),
        watched.engine.describe(image, boxes(11), REQUEST),
    ]
    fake.go()
    watched.over(blocker, *tickets)
    assert fake.calls("describe")[1:] == [
        "describe 100 11",
        "describe 100 10",
        "describe 130 51",
        "describe 100 30 31 32",
    ]


def test_running_batch_is_taken_back_for_the_pointer(start: Any, fake: Any, image: Path) -> None:
    fake.plan(x50="wait")
    watched = start(model="fake-drafts")
    batch = watched.engine.describe(image, boxes(49, 50, 51), REQUEST, priority="batch")
    watched.wait(Described)
    assert eventually(lambda: fake.calls("describe") != [])
    pointer = watched.engine.describe(image, boxes(10), REQUEST)
    watched.wait(Finished, lambda event: event.ticket == pointer)
    fake.go()
    watched.over(batch)
    assert [d.index for d in watched_events(watched, batch)] == [0, 1, 2], "what was answered is not asked again"
    assert fake.calls("describe") == [
        "describe 100 49 50 51",
        "describe 100 10",
        "describe 100 50 51",
    ]


def test_neighbours_are_encoded_when_idle_and_left_for_work(start: Any, fake: Any, image: Path, tmp_path: Path) -> None:
    slow, fast = picture(tmp_path / "slow.png", width=140), picture(tmp_path / "fast.png", width=150)
    fake.plan(image_140="wait")
    watched = start(model="fake-drafts")
    watched.engine.start()
    watched.engine.prefetch([tmp_path / "gone.png", slow, fast])
    assert eventually(lambda: "image 140 80" in fake.calls())
    watched.over(watched.engine.describe(image, boxes(10), REQUEST))
    fake.go()
    assert eventually(lambda: "image 150 80" in fake.calls())
    watched.over(watched.engine.describe(fast, boxes(10), REQUEST))
    assert fake.calls("image").count("image 150 80") == 1
    assert watched.of(Failed) == []


def test_prefetching_goes_before_a_batch(start: Any, fake: Any, image: Path, tmp_path: Path) -> None:
    fake.plan(x1="wait")
    watched = start()
    first = watched.engine.describe(image, boxes(1), REQUEST, priority="batch")
    assert eventually(lambda: fake.calls("describe") != [])
    second = watched.engine.describe(image, boxes(2), REQUEST, priority="batch")
    watched.engine.prefetch([picture(tmp_path / "next.png", width=160)])
    fake.go()
    watched.over(first, second)
    assert fake.calls()[-3:-1] == ["image 160 80", "describe 100 2"]


# Cancelling.


def test_waiting_work_is_cancelled(start: Any, fake: Any, image: Path) -> None:
    fake.plan(x1="wait")
    watched = start()
    blocker = watched.engine.describe(image, boxes(1), REQUEST)
    waiting = watched.engine.describe(image, boxes(2), REQUEST)
    watched.engine.cancel(waiting)
    assert watched.wait(Cancelled) == Cancelled(waiting)
    fake.go()
    watched.over(blocker)
    assert fake.calls("describe") == ["describe 100 1"]


def test_running_work_is_cancelled_between_boxes(start: Any, fake: Any, image: Path) -> None:
    fake.plan(x2="wait")
    watched = start()
    ticket = watched.engine.describe(image, boxes(1, 2, 3), REQUEST)
    watched.wait(Described)
    watched.engine.cancel(ticket)
    watched.wait(Cancelled)
    fake.go()
    after = watched.engine.describe(image, boxes(4), REQUEST)
    watched.over(after)
    assert [d.index for d in watched_events(watched, ticket)] == [0]
    assert Finished(ticket) not in watched.events
    watched.engine.cancel(ticket)
    watched.engine.cancel(12345)
    watched.over(watched.engine.describe(image, boxes(5), REQUEST))
    assert watched.of(Cancelled) == [Cancelled(ticket)], "what is over is not cancelled again"


def test_chat_is_cancelled_between_pieces(start: Any, fake: Any, image: Path) -> None:
    fake.plan(two="wait")
    watched = start()
    ticket = watched.engine.chat(image, [], [Turn("user", "one two three four")])
    watched.wait(ChatPiece)
    watched.engine.cancel(ticket)
    watched.wait(Cancelled)
    fake.go()
    watched.over(watched.engine.describe(image, boxes(4), REQUEST))
    assert [piece.text for piece in watched.of(ChatPiece)] == ["one"]
    assert len(fake.processes()) == 1


def test_process_that_does_not_stop_is_ended(start: Any, fake: Any, image: Path) -> None:
    fake.plan(x2="wait")
    watched = start(stop_seconds=0.0)
    ticket = watched.engine.describe(image, boxes(2), REQUEST)
    assert eventually(lambda: fake.calls("describe") != [])
    watched.engine.cancel(ticket)
    watched.wait(Cancelled)
    watched.over(watched.engine.describe(image, boxes(4), REQUEST))
    assert [d.text.caption.text for d in watched.of(Described)] == ["box 4"]
    assert len(fake.processes()) == 2 and not runs(fake.processes()[0])
    (ended,) = (str(event.message) for event in watched.of(EngineStateChanged) if event.message)
    assert "it did not stop within 0 seconds" in ended


# What cannot be done.


def test_picture_that_cannot_be_read(start: Any, image: Path, tmp_path: Path) -> None:
    watched = start()
    broken = tmp_path / "broken.png"
    broken.write_bytes(image.read_bytes()[:60])
    tickets = [watched.engine.describe(path, boxes(1), REQUEST) for path in (tmp_path / "gone.png", broken)]
    watched.over(*tickets)
    messages = {event.ticket: str(event.message) for event in watched.of(Failed)}
    assert messages[tickets[0]] == f"{tmp_path / 'gone.png'} does not exist: check the path."
    assert messages[tickets[1]].startswith(f"{broken} is truncated or damaged")
    watched.over(watched.engine.describe(image, boxes(1), REQUEST))
    assert watched.of(Described)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("raise", "fake failed on {image} (ValueError: no such thing)."),
        ("refuse", "The box is too small."),
        ("leave", "fake failed on {image} (SystemExit: 3)."),
        ("silent", "The model fake gave 0 answers about 1 boxes of {image}."),
        ("odd", "The model fake gave 0 answers about 1 boxes of {image}."),
        ("nan", "The model fake gave a score of nan on {image}"),
    ],
)
def test_captioner_that_fails(what: str, message: str, start: Any, fake: Any, image: Path) -> None:
    fake.plan(x10=what)
    watched = start()
    ticket = watched.engine.describe(image, boxes(10), REQUEST)
    watched.over(ticket)
    (failed,) = watched.of(Failed)
    assert failed.ticket == ticket and str(failed.message).startswith(message.format(image=image))
    watched.over(watched.engine.describe(image, boxes(20), REQUEST))
    assert len(fake.processes()) == 1


def test_boxes_are_clipped_for_the_captioner_only(start: Any, fake: Any, image: Path) -> None:
    watched = start()
    over = Box(90, -10, 170.5, 40)
    inside = watched.engine.describe(image, [over], REQUEST)
    outside = watched.engine.describe(image, [Box(200, 0, 210, 10)], REQUEST)
    watched.over(inside, outside)
    assert [d.text.box for d in watched.of(Described)] == [over]
    assert fake.calls("box") == ["box 90 0 100 40"]
    assert "outside the image of 100 x 80" in str(watched.of(Failed)[0].message)


def test_one_bad_box_does_not_spoil_the_others(start: Any, fake: Any, image: Path) -> None:
    fake.plan(x1="wait", x20="refuse")
    watched = start()
    blocker = watched.engine.describe(image, boxes(1), REQUEST)
    tickets = [watched.engine.describe(image, boxes(left), REQUEST, priority="batch") for left in (10, 20, 30)]
    assert eventually(lambda: fake.calls("describe") != [])
    fake.go()
    watched.over(blocker, *tickets)
    assert [event.ticket for event in watched.of(Failed)] == [tickets[1]]
    assert [d.ticket for d in watched.of(Described)] == [blocker, tickets[0], tickets[2]]


def test_prints_do_not_disturb(start: Any, fake: Any, image: Path) -> None:
    fake.plan(x10="print")
    watched = start()
    watched.over(watched.engine.describe(image, boxes(10), REQUEST))
    assert [d.text.caption.text for d in watched.of(Described)] == ["box 10"]
    watched.engine.close()
    log = (Path(os.environ["ROI_ASSISTANT_HOME"]) / "log" / "roi-assistant.log").read_text()
    assert "a progress bar" in log and "and a native library" in log


def test_model_that_is_not_there(start: Any, image: Path) -> None:
    watched = start(model="no such model")
    ticket = watched.engine.describe(image, boxes(10), REQUEST)
    watched.over(ticket)
    (failed,) = watched.of(Failed)
    assert str(failed.message).startswith("There is no model 'no such model'; there are fake, ")
    assert watched.states() == ["starting", "failed"]
    assert watched.of(EngineStateChanged)[-1].message == failed.message


def test_model_that_does_not_load_is_tried_again_only_by_start(start: Any, image: Path) -> None:
    watched = start(model="fake-failing")
    watched.engine.start()
    watched.wait(EngineStateChanged, lambda event: event.state == "failed")
    watched.over(watched.engine.describe(image, boxes(10), REQUEST))
    assert str(watched.of(Failed)[0].message) == "The fake has no weights."
    assert watched.states() == ["starting", "failed"]
    watched.engine.start()
    watched.wait(EngineStateChanged, lambda event: event.state == "failed")
    assert watched.states() == ["starting", "failed", "starting", "failed"]


# Idle, and the end.


def test_idle_process_gives_its_memory_back_and_comes_again(start: Any, fake: Any, image: Path) -> None:
    watched = start(idle_seconds=0.0)
    watched.over(watched.engine.describe(image, boxes(10), REQUEST))
    watched.wait(EngineStateChanged, lambda event: event.state == "unloaded")
    (process,) = fake.processes()
    assert not runs(process)
    watched.over(watched.engine.describe(image, boxes(20), REQUEST))
    assert len(fake.processes()) == 2
    assert [d.text.caption.text for d in watched.of(Described)] == ["box 10", "box 20"]


@pytest.mark.parametrize("busy", [False, True])
def test_close_ends_the_process(busy: bool, start: Any, fake: Any, image: Path) -> None:
    fake.plan(x10="wait")
    watched = start()
    watched.engine.start()
    watched.wait(EngineStateChanged, lambda event: event.state == "ready")
    if busy:
        watched.engine.describe(image, boxes(10), REQUEST)
        assert eventually(lambda: fake.calls("describe") != [])
    watched.engine.close()
    (process,) = fake.processes()
    assert not runs(process)
    watched.wait(EngineStateChanged, lambda event: event.state == "stopped")
    watched.engine.close()


def test_close_of_an_engine_that_never_started(start: Any, fake: Any) -> None:
    start().engine.close()
    assert fake.calls() == []


PARENT = """
import sys, time
from pathlib import Path
from roi_assistant.core.box import Box
from roi_assistant.core.records import DescribeRequest
from roi_assistant.engine.engine import Engine
engine = Engine(model="fake", on_event=lambda event: None)
engine.describe(Path(sys.argv[1]), [Box(10, 0, 20, 10)], DescribeRequest())
time.sleep(600)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
def test_process_ends_when_the_window_is_killed(fake: Any, image: Path) -> None:
    fake.plan(x10="wait")
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(image)])
    try:
        assert eventually(lambda: fake.calls("describe") != [])
    finally:
        parent.kill()
        parent.wait()
    (process,) = fake.processes()
    assert eventually(lambda: not runs(process))


def test_callback_that_fails_does_not_stop_the_engine(fake: Any, image: Path) -> None:
    seen: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()

    def fail(event: EngineEvent) -> None:
        seen.put(event)
        raise RuntimeError("a defect in the window")

    engine = Engine(model="fake", on_event=fail)
    engine.describe(image, boxes(10), REQUEST)
    while not isinstance(seen.get(timeout=LONG), Finished):
        pass
    engine.close()


def test_window_does_not_import_the_model(repository: Path) -> None:
    code = "import sys, roi_assistant.engine.engine; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=repository)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"torch", "onnxruntime", "PyQt6", "numpy", "PIL", "tokenizers"}


@pytest.mark.parametrize(("cores", "threads"), [({0}, 1), ({0, 1}, 1), (set(range(8)), 7)])
def test_a_core_is_left_to_the_window(cores: set[int], threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: cores, raising=False)
    assert engine_module._threads() == threads


def test_embedded_model_in_its_process(samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real one: a caption first, then the same caption with attributes."""
    pytest.importorskip("onnxruntime")
    if not (samples.parent / "models" / "gpt4roi-mini" / "manifest.json").is_file():
        pytest.skip("needs the embedded model")
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path))
    watched = Watched(model="gpt4roi-mini", device="cpu")
    try:
        ticket = watched.engine.describe(samples / "astronaut.jpg", [Box(120, 10, 330, 500)], REQUEST)
        watched.over(ticket)
        draft, final = watched.of(Described)
        assert (draft.partial, final.partial) == (True, False)
        assert draft.text.caption == final.text.caption and draft.text.alternatives == final.text.alternatives
        assert draft.text.category == final.text.category
        assert len(final.text.attributes) > len(draft.text.attributes)
    finally:
        watched.engine.close()
