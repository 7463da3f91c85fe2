"""The progress bar."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from roi_assistant.commands import progress
from roi_assistant.commands.progress import Progress


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(progress, "time", found)
    return found


def test_on_a_terminal_a_bar_is_drawn_and_taken_away(
    time: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "is_terminal", lambda stream: True)
    monkeypatch.setenv("TERM", "xterm")
    with Progress(4, what="images") as bar:
        for seconds in (30, 70, 1):
            time.now += seconds
            bar.step()
        bar.clear()
        print("a result")
        bar.step()
    result = capsys.readouterr()
    assert result.out == "a result\n", "nothing of the bar, and no result among it"
    assert "3/4 images" in click.unstyle(result.err) and "left" in result.err
    assert result.err.endswith("4/4 images, done in 0:01:41\n")


def test_elsewhere_a_line_now_and_then(time: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(4, what="images") as bar:
        for seconds in (5, 5, 5, 1):
            time.now += seconds
            bar.step()
    assert capsys.readouterr().err.splitlines() == ["2/4 images, 0:00:10 left", "4/4 images, done in 0:00:16"]


def test_pieces_may_be_done_in_part(time: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(3, what="MB") as bar:
        for _ in range(5):
            time.now += 10
            bar.step(0.5)
    assert capsys.readouterr().err.splitlines()[-2:] == ["2/3 MB, 0:00:10 left", "2/3 MB, done in 0:00:50"]


def test_nothing_for_one_piece_of_work(time: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(1, what="images") as bar:
        time.now += 60
        bar.step()
    assert capsys.readouterr().err == ""


def test_an_error_does_not_end_as_done(time: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError), Progress(3, what="images"):
        raise KeyError
    assert capsys.readouterr().err == ""


def test_a_long_folder_shows_progress_in_a_log(
    run: object, folder: Path, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_PLAIN_SECONDS", 0.0)
    result = run("caption", folder, "--model", "fake", "--json")  # type: ignore[operator]
    lines = [line for line in result.err.splitlines() if " images, " in line]
    assert [line.partition(" ")[0] for line in lines] == ["1/5", "2/5", "3/5", "4/5", "5/5", "5/5"]
