"""What the model's process prints goes to a log that stays small."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.engine.engine import Described, Failed
from roi_assistant.error_log import LOG_BYTES
from tests.unit.engine.engine_watch import REQUEST, boxes, eventually


def logs(home: Path) -> list[Path]:
    return sorted((home / "log").iterdir())


@pytest.fixture
def home(fake: Any, tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_what_it_prints_is_in_the_log(start: Any, fake: Any, home: Path, image: Path) -> None:
    fake.plan(x20="print")
    watched = start()
    watched.over(watched.engine.describe(image, boxes(20), REQUEST))
    watched.engine.close()
    text = (home / "log" / "roi-assistant.log").read_text()
    assert "a progress bar" in text and "and a native library" in text


def test_a_flood_stays_small_and_nobody_waits_for_long(start: Any, fake: Any, home: Path, image: Path) -> None:
    """50 MB; the last lines, which tell of the end, are there."""
    fake.plan(x20="flood print", x30="exit")
    watched = start()
    begun = time.monotonic()
    watched.over(watched.engine.describe(image, boxes(20, 10), REQUEST))
    assert len(watched.of(Described)) == 2
    assert time.monotonic() - begun < 20
    watched.engine.close()
    names = [path.name for path in logs(home)]
    assert names == ["roi-assistant.1.log", "roi-assistant.log"]
    assert all(path.stat().st_size <= LOG_BYTES for path in logs(home))
    assert "and a native library" in (home / "log" / "roi-assistant.log").read_text()


def test_a_trace_of_a_crash_is_in_the_log(start: Any, fake: Any, home: Path, image: Path) -> None:
    fake.plan(x20="crash")
    watched = start()
    watched.over(watched.engine.describe(image, boxes(20), REQUEST))
    (failed,) = watched.of(Failed)
    assert "signal SIGSEGV" in str(failed.message)
    assert "Segmentation fault" in (home / "log" / "roi-assistant.log").read_text()


def test_a_log_that_cannot_be_written_stops_nothing(start: Any, fake: Any, home: Path, image: Path) -> None:
    (home / "log").write_text("a file where the folder should be")
    fake.plan(x20="flood")
    watched = start()
    watched.over(watched.engine.describe(image, boxes(20), REQUEST))
    assert len(watched.of(Described)) == 1


def test_two_windows_share_a_log(start: Any, fake: Any, home: Path, image: Path) -> None:
    fake.plan(x20="flood")
    first, second = start(), start()
    tickets = [watched.engine.describe(image, boxes(20), REQUEST) for watched in (first, second)]
    for watched, ticket in zip((first, second), tickets, strict=True):
        watched.over(ticket)
        watched.engine.close()
    assert eventually(lambda: len(logs(home)) == 2)
    assert all(path.stat().st_size <= LOG_BYTES + (1 << 18) for path in logs(home))
