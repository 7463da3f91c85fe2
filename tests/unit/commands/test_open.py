"""What ``roi-assistant open`` opens when it is given a path."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from roi_assistant.cli import main
from roi_assistant.commands import open as command
from roi_assistant.errors import MissingDependencyError


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path | None, str]]:
    """What the window was opened on."""
    found: list[tuple[Path | None, str]] = []

    def window(folder: Path | None, *, image: str = "") -> int:
        found.append((folder, image))
        return 0

    monkeypatch.setattr(command, "open_window", window)
    return found


@pytest.mark.parametrize(
    ("given", "expected"),
    [("photos", ("photos", "")), ("photos/a.JPG", ("photos", "a.JPG")), ("photos/project.roi", ("photos", ""))],
)
def test_folder_image_or_project(
    tmp_path: Path, opened: list[tuple[Path | None, str]], given: str, expected: tuple[str, str]
) -> None:
    (tmp_path / "photos").mkdir()
    for name in ("a.JPG", "project.roi"):
        (tmp_path / "photos" / name).touch()
    assert main(["open", str(tmp_path / given)]) == 0
    assert opened == [(tmp_path / expected[0], expected[1])]


@pytest.mark.parametrize(
    ("name", "said"),
    [("notes.txt", "is no image by its name"), ("nowhere.jpg", "does not exist"), ("x", "is no image")],
)
def test_anything_else_opens_no_window(
    tmp_path: Path, opened: list[tuple[Path | None, str]], capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    for there in ("notes.txt", "x"):
        (tmp_path / there).touch()
    assert main(["open", str(tmp_path / name)]) == 2
    assert said in capsys.readouterr().err
    assert opened == []


def test_no_folder(opened: list[tuple[Path | None, str]]) -> None:
    assert main(["open"]) == 0
    assert opened == [(None, "")]


@pytest.mark.skipif(sys.platform != "linux", reason="of X11")
@pytest.mark.parametrize(
    "platform", [{"DISPLAY": ":977"}, {"QT_QPA_PLATFORM": "nonsense"}], ids=["display", "platform"]
)
def test_a_display_that_does_not_answer_is_told_in_one_sentence(tmp_path: Path, platform: dict[str, str]) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")}
    environment = {**kept, "ROI_ASSISTANT_HOME": str(tmp_path), **platform}
    environment.setdefault("DISPLAY", ":977")
    command = [sys.executable, "-m", "roi_assistant", "open"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("The window cannot start (")
    assert line.endswith("roi-assistant doctor, which says what to install.")
    assert done.returncode == MissingDependencyError.exit_code
