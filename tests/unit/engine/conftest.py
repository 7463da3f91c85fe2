"""A fake captioner for the engine, and what watches it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.unit.engine.engine_watch import Watched, picture


@dataclass(frozen=True)
class FakePlugin:
    """The captioners of ``fake_captioner.py``, in the plugins folder of a home of the test's own."""

    folder: Path

    def plan(self, **boxes: str) -> None:
        """What happens at a box, by its left edge (``x10="exit"``), or at a word of a chat (``word="exit"``)."""
        plan = {key.removeprefix("x").replace("_", " "): what for key, what in boxes.items()}
        (self.folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")

    def go(self) -> None:
        """Let calls that wait go on."""
        (self.folder / "go").touch()

    def calls(self, word: str = "") -> list[str]:
        """What the captioner was asked, in order; only the lines that begin with ``word``."""
        path = self.folder / "calls"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [line for line in lines if line.startswith(word)]

    def workers(self) -> list[int]:
        """Ids of the processes that it left to themselves."""
        return [int(line.split()[1]) for line in self.calls("worker")]

    def processes(self) -> list[int]:
        """Ids of all processes that loaded it."""
        return [int(line.split()[1]) for line in self.calls("load")]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakePlugin:
    home, plan = tmp_path / "home", tmp_path / "plan"
    plugin = home / "data" / "plugins" / "fake"
    plugin.mkdir(parents=True)
    plan.mkdir()
    shutil.copy(Path(__file__).with_name("fake_captioner.py"), plugin / "__init__.py")
    ids = ["fake", "fake-drafts", "fake-proposing", "fake-failing", "fake-dying"]
    manifest = {"name": "fake", "version": "1", "kinds": ["captioner"], "module": "fake", "description": "For tests."}
    (plugin / "plugin.json").write_text(json.dumps({**manifest, "captioners": ids}), encoding="utf-8")
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(home))
    monkeypatch.setenv("FAKE_PLAN", str(plan))
    found = FakePlugin(plan)
    found.plan()
    return found


@pytest.fixture
def start(fake: Any) -> Iterator[Callable[..., Watched]]:
    started: list[Watched] = []

    def make(**options: Any) -> Watched:
        started.append(Watched(**options))
        return started[-1]

    yield make
    for watched in started:
        watched.engine.close()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return picture(tmp_path / "a photo.png")
