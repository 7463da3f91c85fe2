"""Processes of the engine that end by themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roi_assistant.core.records import Turn
from roi_assistant.engine.engine import (
    MOST_CRASHES,
    ChatPiece,
    Described,
    EngineStateChanged,
    Failed,
)
from tests.unit.engine.engine_watch import REQUEST, boxes, eventually, picture


@pytest.mark.parametrize("how", ["exit", "kill", "garbage"])
def test_what_ended_the_process_once_is_tried_again(how: str, start: Any, fake: Any, image: Path) -> None:
    fake.plan(x20=f"once {how}")
    watched = start()
    ticket = watched.engine.describe(image, boxes(10, 20, 30), REQUEST)
    watched.over(ticket)
    assert [d.index for d in watched.of(Described)] == [0, 1, 2], "each box once"
    assert watched.of(Failed) == []
    assert len(fake.processes()) == 2
    assert fake.calls("describe") == ["describe 100 10 20 30", "describe 100 20 30"]


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("exit", "exit code 7."),
        ("kill", "signal SIGKILL, as the system sends it when memory runs out"),
        ("garbage", "claims 4294967295 bytes"),
    ],
)
def test_what_ends_the_process_twice_is_reported(how: str, says: str, start: Any, fake: Any, image: Path) -> None:
    fake.plan(x20=how)
    watched = start()
    bad = watched.engine.describe(image, boxes(20), REQUEST)
    watched.over(bad)
    (failed,) = watched.of(Failed)
    assert failed.ticket == bad
    for part in (f"The process of the model fake ended at {image}", says, "It was tried twice", "roi-assistant.log"):
        assert part in str(failed.message)
    good = watched.engine.describe(image, boxes(10), REQUEST)
    watched.over(good)
    assert [d.ticket for d in watched.of(Described)] == [good]
    assert len(fake.processes()) == 3
    assert any("ended" in str(event.message) for event in watched.of(EngineStateChanged) if event.state == "starting")


def test_others_do_not_suffer_for_the_one_that_ends_the_process(start: Any, fake: Any, image: Path) -> None:
    fake.plan(x1="wait", x20="kill")
    watched = start()
    blocker = watched.engine.describe(image, boxes(1), REQUEST)
    tickets = [watched.engine.describe(image, boxes(left), REQUEST, priority="batch") for left in (20, 30)]
    assert eventually(lambda: fake.calls("describe") != [])
    fake.go()
    watched.over(blocker, *tickets)
    assert [event.ticket for event in watched.of(Failed)] == [tickets[0]]
    assert [d.ticket for d in watched.of(Described)] == [blocker, tickets[1]]


def test_chat_that_was_shown_in_part_is_not_begun_again(start: Any, fake: Any, image: Path) -> None:
    fake.plan(three="exit")
    watched = start()
    watched.over(watched.engine.chat(image, [], [Turn("user", "one two three")]))
    assert [piece.text for piece in watched.of(ChatPiece)] == ["one", "two"]
    assert len(watched.of(Failed)) == 1 and "twice" not in str(watched.of(Failed)[0].message)


def test_image_that_ends_the_process_is_not_encoded_ahead_again(
    start: Any, fake: Any, image: Path, tmp_path: Path
) -> None:
    fake.plan(image_140="kill")
    watched = start()
    watched.engine.start()
    watched.engine.prefetch([picture(tmp_path / "deadly.png", width=140)])
    watched.wait(EngineStateChanged, lambda event: "ended" in str(event.message))
    watched.over(watched.engine.describe(image, boxes(10), REQUEST))
    assert fake.calls("image") == ["image 140 80", "image 100 80"]


def test_process_that_never_loads_is_given_up(start: Any, fake: Any, image: Path) -> None:
    watched = start(model="fake-dying")
    ticket = watched.engine.describe(image, boxes(10), REQUEST)
    watched.over(ticket)
    (failed,) = watched.of(Failed)
    assert "ended while it was loading the model: exit code 9." in str(failed.message)
    assert len(fake.processes()) == MOST_CRASHES
    assert watched.states()[-1] == "failed"


def test_pauses_between_restarts_grow(start: Any, fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With pauses of an hour, the first restart is at once and the second does not come."""
    watched = start(model="fake-dying", restart_seconds=3600.0)
    watched.engine.start()
    for _ in range(2):
        watched.wait(EngineStateChanged, lambda event: bool(event.message))
    assert len(fake.processes()) == 2
    watched.engine.close()
