"""The pace against servers that are simulated without a clock."""

from __future__ import annotations

import heapq

import pytest

from plugins.openai_server.pace import LONGEST_PAUSE, Pace


def levels(*, slots: int, seconds: float, answers: int, pace: Pace) -> list[int]:
    """How many were allowed at once after each of ``answers`` of a server with ``slots``."""
    now, free, running, found = 0.0, [0.0] * slots, list[tuple[float, float]](), list[int]()
    while len(found) < answers:
        while len(running) < pace.allowed:
            begin = max(now, heapq.heappop(free))
            heapq.heappush(free, begin + seconds)
            heapq.heappush(running, (begin + seconds, now))
        now, started = heapq.heappop(running)
        pace.answered(now - started, started_at=started, now=now)
        found.append(pace.allowed)
    return found


def test_it_begins_with_one() -> None:
    assert Pace(patience=120).allowed == 1


@pytest.mark.parametrize("slots", [1, 2, 4, 8, 16])
def test_it_finds_how_many_are_worked_on_at_once(slots: int) -> None:
    found = levels(slots=slots, seconds=0.2, answers=400, pace=Pace(patience=120))[200:]
    assert slots <= sum(found) / len(found) <= 2.5 * slots + 2
    assert max(found) <= 4 * slots + 4


def test_it_does_not_outrun_the_patience_of_a_question() -> None:
    """A server that takes 20 seconds for each, one after the other."""
    assert max(levels(slots=1, seconds=20.0, answers=40, pace=Pace(patience=120))) == 1
    assert max(levels(slots=1, seconds=10.0, answers=40, pace=Pace(patience=120))) <= 3


def test_it_believes_what_the_server_says() -> None:
    assert max(levels(slots=4, seconds=0.1, answers=100, pace=Pace(patience=120, slots=4))) == 4


def test_one_short_answer_does_not_slow_the_rest() -> None:
    pace = Pace(patience=120)
    pace.answered(0.05, started_at=0.0, now=0.05)
    assert pace.allowed == 8
    found, now = [], 1.0
    for _ in range(200):  # all others take ten times as long, however few they are
        pace.answered(0.5, started_at=now - 0.5, now=now)
        now += 0.6
        found.append(pace.allowed)
    assert max(found[50:]) >= 8


def test_refusals_halve_it_once_a_crowd_and_it_grows_slowly_then() -> None:
    pace = Pace(patience=120, allowed=16)
    pauses = [pace.refused(retry_after=None, tries=1, started_at=1.0, now=2.0) for _ in range(16)]
    assert pace.allowed == 8
    assert all(0 < pause < 8 for pause in pauses) and len(set(pauses)) > 8, "not all at the same moment again"
    for place in range(8):
        pace.answered(0.1, started_at=3.0 + place, now=3.1 + place)
    assert pace.allowed in (9, 10)


def test_a_pause_is_kept_by_all() -> None:
    pace = Pace(patience=120)
    assert pace.refused(retry_after=3.0, tries=1, started_at=1.0, now=2.0) == 3.0
    assert pace.paused_until == 5.0
    assert pace.refused(retry_after=86400.0, tries=1, started_at=6.0, now=7.0) == LONGEST_PAUSE
