"""A captioner without a model, as a plugin in the user's folder, and a way to run commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from roi_assistant.cli import main

FAKE_MANIFEST = {
    "name": "fake",
    "version": "1.0",
    "kinds": ["captioner", "attributes"],
    "module": "fake",
    "captioners": ["fake", "fake-talker", "fake-broken", "fake-short", "fake-unsure", "fake-score", "fake-slow"],
    "attributes": ["fake-preset"],
    "vram_mb": 700,
    "weights_licence": "none needed",
}

FAKE_CODE = '''
"""Says where a box lies; writes down what it is asked."""
import os
import time
from pathlib import Path

from roi_assistant.api import (
    AttributeDefinition, AttributeSchema, CaptionerError, CaptionerInfo, RegionText, ScoredText, SuggestedAttribute,
    hookimpl,
)


class Fake:
    def __init__(self, id, device, threads):
        self.id = id
        capabilities = {"alternatives", "attributes"} | ({"chat", "multi_region"} if id == "fake-talker" else set())
        note = ("CUDA was asked for but does not load, so the CPU is used.",) if device == "cuda" else ()
        precision = f"{threads or 1} threads"
        self.info = CaptionerInfo(id, "Fake", "ab" * 32, "cpu", precision, note, frozenset(capabilities))
        self.log("load", device, threads)

    def log(self, *words):
        with Path(os.environ["ROI_ASSISTANT_HOME"], "calls").open("a") as file:
            print(*words, file=file)

    def set_image(self, image):
        self.log("image", image.mode, *image.size)
        return image

    def describe(self, state, boxes, request):
        self.log("describe", len(boxes), request.style, request.decoding, request.alternatives,
                 request.attributes and request.attributes.name)
        for box in boxes:
            if self.id == "fake-broken":
                raise ZeroDivisionError("no such luck")
            if self.id == "fake-slow" and state.width > 100:
                time.sleep(30)
            if self.id == "fake-short" and box is boxes[-1]:
                return
            word = f"thing at {box.x1:g}"
            score = 7.0 if self.id == "fake-score" else 0.75
            one_too_many = request.alternatives + 1
            guesses = [ScoredText(f"{word} guess {n}", 0.5 - n / 20) for n in range(1, one_too_many + 1)]
            unsure = self.id == "fake-unsure"
            attributes = (
                SuggestedAttribute("color", ("red", "white"), 0.66, "pixels"),
                SuggestedAttribute("state", ("w\\x1b[31met",), 0.6),
            )
            if request.attributes is not None and not request.attributes.attributes:
                attributes = ()
            yield RegionText(
                box, ScoredText("an object" if unsure else word, score), tuple(guesses), ScoredText("thing", 0.9),
                (ScoredText("item", 0.05),), attributes, unsure, f"ask {request.style}", word,
            )

    def chat(self, state, boxes, turns):
        if self.id != "fake-talker":
            raise CaptionerError("cannot chat.")
        self.log("chat", len(boxes), [turn.role for turn in turns])
        yield from ("You said ", f"{turns[-1].text!r}", " about ", f"{len(boxes)} boxes.")

    def close(self):
        self.log("close")


def factory(id):
    return lambda *, device="auto", threads=None: Fake(id, device, threads)


@hookimpl
def register_captioners(register):
    for id in ("fake", "fake-talker", "fake-broken", "fake-short", "fake-unsure", "fake-score", "fake-slow"):
        register(id, factory(id))


@hookimpl
def register_attribute_presets(register):
    register("fake-preset", AttributeSchema("fake-preset", (AttributeDefinition("color", "multi", ("red", "white")),)))
'''


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's own folders, with the fake captioner among the user's plugins."""
    folder = tmp_path / "home"
    plugin = folder / "data" / "plugins" / "fake"
    plugin.mkdir(parents=True)
    (plugin / "plugin.json").write_text(json.dumps(FAKE_MANIFEST))
    (plugin / "__init__.py").write_text(FAKE_CODE)
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(folder))
    return folder


@pytest.fixture
def calls(home: Path) -> Callable[[], list[str]]:
    """What the fake captioner was asked so far."""
    return lambda: (home / "calls").read_text().splitlines() if (home / "calls").exists() else []


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that commands run in."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def photo(work: Path) -> Path:
    """A picture of 640 x 480 pixels, by its relative path."""
    Image.new("RGB", (640, 480), "gray").save(work / "photo.png")
    return Path("photo.png")


@pytest.fixture
def folder(work: Path) -> Path:
    """Four pictures in two folders and one that is damaged, by the folder's relative path."""
    (work / "photos" / "inner").mkdir(parents=True)
    for number, name in enumerate(("a.png", "b.jpg", "inner/a.png", "inner/c.png"), start=1):
        Image.new("RGB", (100 * number, 100), "gray").save(work / "photos" / name)
    (work / "photos" / "bad.png").write_bytes((work / "photos" / "a.png").read_bytes()[:40])
    return Path("photos")


@pytest.fixture
def run(home: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Run ``roi-assistant`` with these arguments in this process."""

    def call(*arguments: object) -> Result:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return Result(code, captured.out, captured.err)

    return call
