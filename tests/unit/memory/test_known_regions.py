"""What looks like a region that was decided about, among things whose looks are directions in a plane."""

from __future__ import annotations

import numpy as np
import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import Caption, Provenance, Region, RegionKey
from roi_assistant.memory import known_regions
from roi_assistant.memory.known_regions import KnownRegions

PHOTO = "a.jpg"
HUMAN = Provenance("human", "2026-01-02T03:04:05+00:00")


def _known(**degrees: float) -> KnownRegions:
    """Regions by their ids, each of which waits."""
    known = KnownRegions()
    for id_, degree in degrees.items():
        angle = np.deg2rad(degree)
        vector = np.array([np.cos(angle), np.sin(angle)], np.float32).astype("<f2").tobytes()
        known.see(RegionKey(PHOTO, id_), vector)
    return known


def _decide(known: KnownRegions, id_: str, category: str, state: str = "edited") -> None:
    caption = Caption(f"a {category}", HUMAN, preferred=True)
    region = Region(id_, Box(0, 0, 9, 9), category, (caption,), category_provenance=HUMAN, state=state)  # type: ignore[arg-type]
    known.decide(PHOTO, region)


def _alike(known: KnownRegions, id_: str) -> list[tuple[str, bool]]:
    return [(found.key.region, found.is_chosen) for found in known.look_alikes(RegionKey(PHOTO, id_))]


def test_the_likely_ones_come_first_and_what_looks_unlike_not_at_all() -> None:
    known = _known(cup=0, near=10, far=60, other=90)
    _decide(known, "cup", "cup")
    assert _alike(known, "cup") == [("near", True), ("far", False)]
    assert [round(f.similarity, 2) for f in known.look_alikes(RegionKey(PHOTO, "cup"))] == [0.98, 0.5]


def test_what_another_name_fits_better_is_not_chosen() -> None:
    known = _known(cup=0, near=10, between=30, bowl=45)
    _decide(known, "cup", "cup")
    assert _alike(known, "cup") == [("near", True), ("between", True), ("bowl", True)]
    _decide(known, "bowl", "bowl")
    assert _alike(known, "cup") == [("near", True), ("between", False)]
    assert _alike(known, "bowl") == [("between", True), ("near", False)]


def test_only_what_was_taught_has_look_alikes() -> None:
    known = _known(cup=0, near=10)
    assert _alike(known, "cup") == _alike(known, "unheard of") == []
    _decide(known, "cup", "cup")
    _decide(known, "near", "cup")
    assert _alike(known, "cup") == []


def test_there_are_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_regions, "MOST_ALIKE", 2)
    known = _known(cup=0, a=3, b=2, c=1)
    _decide(known, "cup", "cup")
    assert [id_ for id_, _ in _alike(known, "cup")] == ["c", "b"]


def test_what_looks_like_another_of_the_name_is_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    known = _known(cup=0, other=80, below=-15, above=20, far=96)
    _decide(known, "cup", "cup")
    _decide(known, "other", "cup")
    assert _alike(known, "cup") == [("below", True), ("far", True), ("above", True)]
    monkeypatch.setattr(known_regions, "MOST_ALIKE", 1)
    assert _alike(known, "cup") == [("above", True)], "it is searched in the direction of all cups"
