"""The real program, with a captioner that needs no model: driven through ``main``, looked at through its window."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from PyQt6.QtCore import QPoint, Qt, QTimer
from PyQt6.QtTest import QTest

from roi_assistant.cli import main

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget

    from roi_assistant.ui.window.main_window import MainWindow

PATIENCE = 30.0
"""Seconds until a test gives up waiting; no test asks how long something took."""

MANIFEST = {
    "name": "writer",
    "version": "1.0",
    "kinds": ["captioner"],
    "module": "writer",
    "captioners": ["writer", "writer-broken"],
    "weights_licence": "none needed",
}
CODE = '''
"""Says how wide a box is."""
from roi_assistant.api import (
    CaptionerError, CaptionerInfo, RegionText, ScoredText, SuggestedAttribute, hookimpl,
)


class Writer:
    def __init__(self, id):
        capabilities = frozenset({"alternatives", "attributes", "chat", "multi_region", "streams"})
        self.info = CaptionerInfo(id, "Writer", "ab" * 32, "cpu", "fp32", (), capabilities)

    def set_image(self, image):
        return image.size

    def describe(self, state, boxes, request):
        for box in boxes:
            if self.info.id == "writer-broken":
                raise CaptionerError("The pencil is broken.")
            word = f"a thing of {box.width:.0f}"
            others = tuple(ScoredText(f"{word}, take {n}", 0.5 - n / 20) for n in range(1, 8))
            attributes = (SuggestedAttribute("color", ("red",), 0.9), SuggestedAttribute("material", ("wood",), 0.1))
            yield RegionText(box, ScoredText(word, 0.75), others, ScoredText("thing", 0.9), (), attributes,
                             False, "ask", word)

    def chat(self, state, boxes, turns):
        yield from (f"{len(boxes)} boxes. ", "You said: ", turns[-1].text)

    def close(self):
        pass


@hookimpl
def register_captioners(register):
    for id in ("writer", "writer-broken"):
        register(id, lambda *, device="auto", threads=None, id=id: Writer(id))
'''


def install(home: Path, **settings: object) -> None:
    """Put the captioner and ``settings`` into ``home``."""
    plugin = home / "data" / "plugins" / "writer"
    plugin.mkdir(parents=True)
    (plugin / "plugin.json").write_text(json.dumps(MANIFEST))
    (plugin / "__init__.py").write_text(CODE)
    write_settings(home, model="writer", language="en", theme="light", **settings)


def write_settings(home: Path, **settings: object) -> None:
    (home / "config").mkdir(parents=True, exist_ok=True)
    (home / "config" / "settings.json").write_text(json.dumps(settings))


def make_photos(folder: Path, names: tuple[str, ...] = ("a.png", "b.png", "inner/c.png")) -> Path:
    """Gray pictures of 400 x 300 pixels."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (400, 300), "gray").save(folder / name)
    return folder


def wait_for(condition: Callable[[], object], what: str = "") -> None:
    """Let the program run until ``condition`` holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {PATIENCE:g} seconds for {what or condition}")
        QTest.qWait(10)


def run_program(drive: Callable[[MainWindow], None], *arguments: str) -> int:
    """``roi-assistant arguments``, with ``drive`` called in it; what that raises is raised here. The window is closed
    at the end."""
    problems: list[BaseException] = []

    def act() -> None:
        from roi_assistant.ui.window.main_window import FIRST_SIZE, shown_window

        window = shown_window()
        if window.memory.get("geometry") is None:
            window.resize(FIRST_SIZE)  # the screen that is not there is small
        try:
            drive(window)
        except BaseException as error:
            problems.append(error)
        if not window._closing:
            window.close()

    QTimer.singleShot(0, act)
    code = main(list(arguments))
    if problems:
        raise problems[0]
    return code


def drag(canvas: QWidget, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Press at a point of the image, move, release; in pixels of the image."""
    view = canvas.viewport()  # type: ignore[attr-defined]
    a, b = (canvas.mapFromScene(*point) for point in (start, end))  # type: ignore[attr-defined]
    QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, a)
    QTest.mouseMove(view, QPoint((a.x() + b.x()) // 2, (a.y() + b.y()) // 2))
    QTest.mouseMove(view, b)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, b)


def key(widget: QWidget, name: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(widget, name, modifiers)


def settle(window: MainWindow) -> None:
    """Wait until everything that was done is stored and the window knows it."""
    told: list[object] = []
    window.session.store.ask(lambda _: None, told.append)
    wait_for(lambda: told, "the storage thread")


def is_open(window: MainWindow) -> bool:
    """Whether an image and its regions are there."""
    session = window.session
    return bool(session.image.key) and session.image.size is not None and session.history.state is not None


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """``folder`` as if nobody could write into it, also for root."""
    import os

    real = os.access

    def access(path: object, mode: int, **more: object) -> bool:
        if mode & os.W_OK and Path(str(path)) == folder:
            return False
        return real(path, mode, **more)  # type: ignore[call-overload, no-any-return]

    os.access = access  # type: ignore[assignment]
    try:
        yield
    finally:
        os.access = real
