"""Reading boxes in the model's process: a plugin beside the fake captioner."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeDefinition, AttributeSchema, DescribeRequest
from roi_assistant.engine.engine import Cancelled, Described, Noted
from tests.unit.engine.engine_watch import Watched

SIGNS = AttributeSchema("signs", (AttributeDefinition("text", "text"),))
REQUEST = DescribeRequest(attributes=SIGNS, read_text="yes")
BOXES = [Box(10, 0, 30, 20), Box(20, 0, 40, 20)]

READER = """
import os
import time
from pathlib import Path

from roi_assistant.api import MissingDependencyError, ReadLine, ReadText, TextReaderInfo, hookimpl

FOLDER = Path(os.environ["FAKE_PLAN"])


class Reader:
    info = TextReaderInfo("spelling", "Spelling", "cd" * 32)

    def read(self, image, boxes):
        for box in boxes:
            with (FOLDER / "calls").open("a") as stream:
                stream.write(f"read {image.mode} {image.width} {box.x1:g}\\n")
            if (FOLDER / "wait").exists():
                while not (FOLDER / "go").exists():
                    time.sleep(0.01)
            if (FOLDER / "fail").exists():
                raise ZeroDivisionError("no such luck")
            yield ReadText((ReadLine(f"at {box.x1:g}", 0.95),), f"at {box.x1:g}", 0.95)


def load(*, threads=None):
    if (FOLDER / "missing").exists():
        raise MissingDependencyError("Reading needs a library: pip install it.")
    return Reader()


@hookimpl
def register_text_readers(register):
    register("spelling", load)
"""


@pytest.fixture(autouse=True)
def reader(fake: Any, tmp_path: Path) -> None:
    """A reader that the user installed: it comes before the one that ships."""
    folder = tmp_path / "home" / "data" / "plugins" / "spelling"
    folder.mkdir()
    manifest = {"name": "spelling", "version": "1", "kinds": ["text_reader"], "module": "spelling"}
    (folder / "plugin.json").write_text(json.dumps({**manifest, "text_readers": ["spelling"]}))
    (folder / "__init__.py").write_text(READER)


def texts(watched: Watched) -> list[dict[str, str]]:
    """What was read; the fake captioner says other things."""
    return [
        {item.name: item.values[0] for item in event.text.attributes if item.name == "text"}
        for event in watched.of(Described)
    ]


def test_boxes_are_read_beside_the_captioner(fake: Any, start: Callable[..., Watched], image: Path) -> None:
    watched = start()
    watched.over(watched.engine.describe(image, BOXES, REQUEST))
    assert texts(watched) == [{"text": "at 10"}, {"text": "at 20"}]
    (by,) = {item.weights_sha256 for event in watched.of(Described) for item in event.text.attributes[-1:]}
    assert by == "cd" * 32
    assert [line.split()[1] for line in fake.calls("read")] == ["RGB", "RGB"]


def test_a_reader_that_fails_costs_a_note_and_no_caption(fake: Any, start: Callable[..., Watched], image: Path) -> None:
    (fake.folder / "fail").touch()
    watched = start()
    watched.over(watched.engine.describe(image, BOXES, REQUEST))
    assert [bool(event.text.caption.text) for event in watched.of(Described)] == [True, True]
    assert texts(watched) == [{}, {}]
    (note,) = watched.of(Noted)
    assert "ZeroDivisionError: no such luck" in str(note.message)
    assert len(fake.processes()) == 1


def test_a_missing_library_is_told_once(fake: Any, start: Callable[..., Watched], image: Path) -> None:
    (fake.folder / "missing").touch()
    watched = start()
    for _ in range(2):
        watched.over(watched.engine.describe(image, BOXES, REQUEST))
    assert len(watched.of(Described)) == 4
    assert [str(note.message) for note in watched.of(Noted)] == ["Reading needs a library: pip install it."]


def test_a_request_is_left_between_boxes(fake: Any, start: Callable[..., Watched], image: Path) -> None:
    (fake.folder / "wait").touch()
    watched = start()
    ticket = watched.engine.describe(image, BOXES, REQUEST)
    until(lambda: bool(fake.calls("read")))
    watched.engine.cancel(ticket)
    watched.wait(Cancelled)
    fake.go()
    watched.over(watched.engine.describe(image, BOXES[:1], DescribeRequest()))
    assert len(fake.calls("read")) == 1, "the second box was not read"


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
