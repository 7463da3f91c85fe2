"""Which regions teach most, among kinds of things that lie at right angles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from roi_assistant.memory.teaching import teaches_most

CUP, FORK, BOAT = np.eye(3, dtype=np.float32)


def order(
    *looks: NDArray[np.float32], doubts: list[float], lessons: list[NDArray[np.float32]], count: int
) -> list[int]:
    taught = np.array(lessons, np.float32).reshape(-1, 3)
    return teaches_most(np.stack(looks), np.array(doubts, np.float32), taught, count=count)


def test_what_many_look_like_comes_first_and_then_another_kind() -> None:
    found = order(BOAT, CUP, CUP, CUP, FORK, FORK, doubts=[0.5] * 6, lessons=[], count=3)
    assert [found[0] in (1, 2, 3), found[1] in (4, 5), found[2]] == [True, True, 0]


def test_what_is_known_comes_last() -> None:
    assert order(CUP, CUP, FORK, doubts=[0.5] * 3, lessons=[CUP], count=1) == [2]


def test_what_is_sure_teaches_little() -> None:
    assert order(CUP, CUP, FORK, doubts=[0.05, 0.05, 0.9], lessons=[], count=2)[0] == 2


def test_each_comes_once_and_no_more_than_there_are() -> None:
    assert sorted(order(CUP, CUP, FORK, doubts=[0.0] * 3, lessons=[], count=9)) == [0, 1, 2]
    nothing = np.zeros((0, 3), np.float32)
    assert teaches_most(nothing, np.zeros(0, np.float32), nothing, count=5) == []


def test_what_looks_only_a_little_alike_is_no_copy() -> None:
    """At a cosine of 0.3 a fork tells nothing about the cups."""
    fork = np.array([0.3, 0.954, 0], np.float32)
    assert order(CUP, fork, doubts=[0.5, 0.5], lessons=[CUP], count=1) == [1]
    alike = np.array([0.95, 0.312, 0], np.float32)
    assert order(alike, BOAT, doubts=[0.5, 0.5], lessons=[CUP], count=1) == [1]
