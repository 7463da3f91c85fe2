"""``roi-assistant demo``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

Run = Callable[..., Any]


def test_the_samples_are_captioned(run: Run, work: Path, samples: Path) -> None:
    result = run("demo", "--model", "fake")
    assert result.code == 0
    out = work / "roi-assistant-demo"
    assert result.err.splitlines()[-1] == f"The pictures and captions.json are in {out}"
    photos = sorted(path.stem for path in samples.glob("*.jpg"))
    assert len(photos) >= 4
    assert sorted(path.name for path in out.iterdir()) == sorted(["captions.json", *(f"{name}.png" for name in photos)])
    for name in photos:
        Image.open(out / f"{name}.png").verify()
    written = json.loads((out / "captions.json").read_text())
    given = json.loads((samples / "regions.json").read_text())
    assert len(written["annotations"]) == len(given["annotations"])
    assert [category["name"] for category in written["categories"]] == ["thing"]
    assert "photo" not in {path.name for path in work.iterdir()}


def test_another_folder(run: Run, work: Path) -> None:
    assert run("demo", "--model", "fake", "--out", "deep/er").code == 0
    assert (work / "deep" / "er" / "captions.json").exists()


def test_a_folder_that_cannot_be_made(run: Run, photo: Path) -> None:
    result = run("demo", "--model", "fake", "--out", photo)
    assert result.code == 2
    assert "--out photo.png cannot be made" in result.err


def test_a_failure_leaves_no_folder_behind(run: Run, work: Path) -> None:
    result = run("demo", "--model", "nothing")
    assert result.code == 2
    assert list(work.iterdir()) == []
    (work / "mine").mkdir()
    assert run("demo", "--model", "nothing", "--out", "mine").code == 2
    assert [path.name for path in work.iterdir()] == ["mine"]
