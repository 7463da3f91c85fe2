"""Times in UTC and their order."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from roi_assistant.core.times import instant, local_day, now, to_utc


def test_now_is_in_utc_and_stays_as_it_is_when_it_is_read() -> None:
    text = now()
    assert text.endswith("+00:00") and len(text) == len("2026-01-02T03:04:05.678+00:00")
    assert to_utc(text) == text
    assert abs((instant(text) - datetime.now(UTC)).total_seconds()) < 60


@pytest.mark.parametrize("text", ["yesterday, about noon", "2026-13-01", "12:30", "9999-12-31T23:59:59-01:00"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError):
        to_utc(text)
    assert instant(text) < instant("0001-01-02")


def test_instants_of_other_offsets_are_compared() -> None:
    assert instant("2026-01-02T03:00:00+02:00") < instant("2026-01-02T02:00:00+00:00")
    assert instant("2026-01-02T03:00:00Z") == instant("2026-01-02T03:00:00")


def test_days_are_those_of_the_place_where_one_works(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        for zone, day in (("EAST-5:45", "2026-01-03"), ("WEST+11", "2026-01-02")):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            assert local_day("2026-01-02T18:15") == local_day("2026-01-02T18:15:00+00:00") == day
        assert local_day("yesterday, about noon") == "yesterday,"
    finally:
        monkeypatch.undo()
        time.tzset()
