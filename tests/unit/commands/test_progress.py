"""The progress bar."""

from __future__ import annotations

from pathlib import Path

import pytest

from roi_assistant.commands import progress
from roi_assistant.commands.progress import Progress, clock


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(progress, "time", found)
    return found


def test_on_a_terminal_one_line_is_rewritten(
    time: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "is_terminal", lambda stream: True)
    with Progress(4, what="images") as bar:
        time.now += 30
        bar.step()
        time.now += 0.01
        bar.step()  # too soon to be drawn
        bar.clear()
        time.now += 70
        bar.step()
        time.now += 1
        bar.step()
    err = capsys.readouterr().err
    drawn = [part for part in err.replace("\n", "\r").split("\r") if part.strip()]
    assert [text.rstrip() for text in drawn] == [
        "[........................] 0/4 images, time left unknown",
        "[######..................] 1/4 images, 1:30 left",
        "[##################......] 3/4 images, 0:33 left",
        "[########################] 4/4 images, done in 1:41",
        "[########################] 4/4 images, done in 1:41",
    ]
    assert err.count("\n") == 1
    assert err.endswith("done in 1:41\n")


def test_elsewhere_a_line_now_and_then(time: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(3, what="images") as bar:
        for seconds in (1, 10, 1):
            time.now += seconds
            bar.step()
    assert capsys.readouterr().err.splitlines() == ["2/3 images, 0:06 left", "3/3 images, done in 0:12"]


def test_nothing_for_one_piece_of_work(time: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(1, what="images") as bar:
        time.now += 60
        bar.step()
    assert capsys.readouterr().err == ""


def test_an_error_does_not_end_as_done(time: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError), Progress(3, what="images"):
        raise KeyError
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0:00"), (59.6, "1:00"), (75, "1:15"), (3661, "1:01:01")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_a_long_folder_shows_progress_in_a_log(
    run: object, folder: Path, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_PLAIN_SECONDS", 0.0)
    result = run("caption", folder, "--model", "fake", "--json")  # type: ignore[operator]
    lines = [line for line in result.err.splitlines() if " images, " in line]
    assert [line.partition(" ")[0] for line in lines] == ["0/5", "1/5", "2/5", "3/5", "4/5", "5/5", "5/5"]
