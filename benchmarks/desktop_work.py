"""Works in the real window by mouse and keys and takes the time. For desktop.py.

    python benchmarks/desktop_work.py captions FOLDER REPEAT
    python benchmarks/desktop_work.py annotator FOLDER

``captions``: from the release of the mouse button to the end of the paint event that showed the caption of the new box:
the first box of an image that was not prepared, later boxes of it, and the first box of an image that was prepared
while its neighbour was in sight. ``annotator``: the boxes of the sample photos are captioned by a script that accepts,
chooses or types as a person would. The answer is one line of JSON on stdout.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from PyQt6.QtCore import QPoint, Qt, QTimer  # noqa: E402
from PyQt6.QtTest import QTest  # noqa: E402
from PyQt6.QtWidgets import QApplication  # noqa: E402

from roi_assistant.cli import main as program  # noqa: E402
from roi_assistant.core.review import preferred_caption  # noqa: E402
from roi_assistant.ui.canvas.labels import LabelArt  # noqa: E402
from roi_assistant.ui.canvas.overlay import Overlay  # noqa: E402

if TYPE_CHECKING:
    from roi_assistant.ui.window.main_window import MainWindow

PATIENCE = 120.0
NONE = Qt.KeyboardModifier.NoModifier
STRIDE = 6
"""Images for a round: those between are there so that no image is prepared by the neighbour of another."""

PEOPLE: dict[tuple[str, int], tuple[str, tuple[str, ...]]] = {
    ("astronaut.jpg", 0): ("a woman", ("woman", "person", "astronaut")),
    ("astronaut.jpg", 1): ("a space suit", ("suit", "clothing", "uniform", "jacket")),
    ("astronaut.jpg", 2): ("a helmet", ("helmet",)),
    ("astronaut.jpg", 3): ("a space shuttle", ("shuttle", "rocket", "spacecraft")),
    ("astronaut.jpg", 4): ("a flag", ("flag",)),
    ("chelsea.jpg", 0): ("a cat", ("cat",)),
    ("chelsea.jpg", 1): ("an eye", ("eye",)),
    ("chelsea.jpg", 2): ("a nose", ("nose",)),
    ("chelsea.jpg", 3): ("an ear", ("ear",)),
    ("coffee.jpg", 0): ("a cup", ("cup", "mug")),
    ("coffee.jpg", 1): ("a saucer", ("saucer", "plate")),
    ("coffee.jpg", 2): ("a spoon", ("spoon",)),
    ("coffee.jpg", 3): ("coffee", ("coffee", "espresso", "drink")),
    ("coffee.jpg", 4): ("a table", ("table",)),
    ("rocket.jpg", 0): ("a rocket", ("rocket",)),
    ("rocket.jpg", 1): ("a tower", ("tower",)),
    ("rocket.jpg", 2): ("a tower", ("tower",)),
    ("rocket.jpg", 3): ("a tower", ("tower",)),
}
"""Photo and place of the box in regions.json -> the shortest caption that a person would type, and the words of which
one makes a suggestion acceptable."""


class Painted:
    """When the caption of each region was on the screen for the first time, by ``time.perf_counter``."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}
        self._now: set[str] = set()
        picture, paint = LabelArt.picture, Overlay.paint

        def drawn(art: LabelArt, region: Any, shape: Any, **more: Any) -> Any:
            if shape is not None and region.label:
                self._now.add(region.id)
            return picture(art, region, shape, **more)

        def painted(overlay: Overlay, *given: Any) -> None:
            self._now.clear()
            paint(overlay, *given)
            new = self._now - self.at.keys()
            if new:
                QTimer.singleShot(0, lambda: self._tell(new))

        LabelArt.picture = drawn  # type: ignore[method-assign]
        Overlay.paint = painted  # type: ignore[method-assign]

    def _tell(self, ids: set[str]) -> None:
        for id_ in ids:
            self.at.setdefault(id_, time.perf_counter())


def wait_for(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"Waited {PATIENCE:g} seconds for {what}.")
        QTest.qWait(1)


class Hand:
    """Uses the window."""

    def __init__(self, window: MainWindow, painted: Painted) -> None:
        self.window, self.session, self.canvas = window, window.session, window.workspace.canvas
        self.painted = painted
        self.keys = 0
        window.resize(1360, 860)
        wait_for(lambda: self.session.image.key and not self.session.images.scanning, "the images")
        wait_for(lambda: getattr(self.session.engine.state, "state", "") == "ready", "the model")

    def open_image(self, key: str) -> None:
        session = self.session
        session.open_image(key)
        wait_for(
            lambda: (
                session.image.key == key
                and session.image.size
                and session.history.state
                and self.canvas.picture.complete
            ),
            key,
        )

    def rest(self) -> None:
        """Wait until nothing is going on."""
        wait_for(lambda: not self.session.suggestions.pending and not self.session.store.is_saving, "the model")
        QTest.qWait(150)

    def prefetch(self, on: bool) -> None:
        self.session.options = replace(self.session.options, prefetch=on)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)
        self.keys += 1

    def type(self, text: str) -> None:
        """Type a caption; what is proposed is taken with Tab where it is right to the end of a word and saves keys."""
        caption = self.window.workspace.editor.caption
        while (done := caption.toPlainText() if caption.is_changed else "") != text:
            ahead = done + caption.completion
            if len(ahead) > len(done) + 1 and f"{text} ".startswith(f"{ahead} "):
                self.press(Qt.Key.Key_Tab)
            else:
                QTest.keyClicks(caption, text[len(done)])
                self.keys += 1

    def draw(self, x1: float, y1: float, x2: float, y2: float) -> tuple[str, float]:
        """Draw a box with the mouse; answers the region and the seconds until its caption was painted."""
        self.session.image.select(())  # else a handle of the selected box may lie where this one begins
        self.canvas.setFocus()
        self.window.set_tool("draw")
        view = self.canvas.viewport()
        assert view is not None
        a, b = self.canvas.mapFromScene(x1, y1), self.canvas.mapFromScene(x2, y2)
        QTest.mousePress(view, Qt.MouseButton.LeftButton, NONE, a)
        for step in range(1, 9):
            QTest.mouseMove(view, QPoint(a.x() + (b.x() - a.x()) * step // 8, a.y() + (b.y() - a.y()) * step // 8))
            QTest.qWait(8)
        before = {region.id for region in self.session.image.regions}
        start = time.perf_counter()
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, NONE, b)
        wait_for(lambda: len(self.session.image.regions) > len(before), "the box")
        id_ = next(region.id for region in self.session.image.regions if region.id not in before)
        wait_for(lambda: id_ in self.painted.at, "the caption")
        return id_, self.painted.at[id_] - start


def measure_captions(hand: Hand, repeat: int) -> dict[str, list[float]]:
    """Milliseconds by case; the first round warms up."""
    chance = random.Random(7)
    times: dict[str, list[float]] = {"first": [], "later": [], "prefetched": []}

    def box() -> tuple[float, float, float, float]:
        width, height = hand.session.image.size or (400, 300)
        x, y = chance.uniform(10, width / 2), chance.uniform(10, height / 2)
        return x, y, x + chance.uniform(60, width / 2 - 20), y + chance.uniform(60, height / 2 - 20)

    for round_ in range(repeat + 1):
        keys = hand.session.images.keys[round_ * STRIDE :]
        taken = {}
        hand.prefetch(False)
        hand.open_image(keys[0])
        taken["first"] = hand.draw(*box())[1]
        hand.rest()
        taken["later"] = hand.draw(*box())[1]
        hand.rest()
        hand.prefetch(True)
        hand.open_image(keys[3])
        QTest.qWait(2000)
        hand.prefetch(False)
        hand.open_image(keys[4])
        taken["prefetched"] = hand.draw(*box())[1]
        hand.rest()
        if round_:
            for name, seconds in taken.items():
                times[name].append(seconds * 1000)
    return times


def annotate(hand: Hand) -> dict[str, Any]:
    """Caption the boxes of the sample photos; answers how each was done, with how many keys, and what typing takes."""
    regions = json.loads((ROOT / "resources" / "samples" / "regions.json").read_text(encoding="utf-8"))
    names = {image["id"]: image["file_name"] for image in regions["images"]}
    done = []
    places: dict[str, int] = {}
    for annotation in regions["annotations"]:
        name = names[annotation["image_id"]]
        place = places[name] = places.get(name, -1) + 1
        person_caption, words = PEOPLE[name, place]
        if hand.session.image.key != name:
            hand.open_image(name)
            hand.rest()
        x, y, width, height = annotation["bbox"]
        inset = 1.5  # a box is drawn inside of the picture
        id_, waited = hand.draw(x + inset, y + inset, x + width - inset, y + height - inset)
        hand.rest()
        hand.window.set_tool("select")
        hand.session.image.select([id_])
        hand.window.activateWindow()  # without a window manager nobody else does, and shortcuts need it
        hand.canvas.setFocus()
        wait_for(hand.canvas.hasFocus, "the focus")
        region = hand.session.image.region(id_)
        assert region is not None
        caption = preferred_caption(region)
        offers = hand.session.edits.offers(region)
        offered = [caption.text if caption else "", *(other.text for other in offers.alternatives), *offers.earlier]
        fitting = next((n for n, text in enumerate(offered) if set(words) & set(text.split())), None)
        hand.keys = 0
        if fitting == 0:
            hand.press(Qt.Key.Key_Return)
        elif fitting is not None and fitting <= 9:
            hand.press(Qt.Key(Qt.Key.Key_0 + fitting))
        else:
            hand.press(Qt.Key.Key_E)
            hand.type(person_caption)
            hand.press(Qt.Key.Key_Return)
        hand.rest()
        region = hand.session.image.region(id_)
        caption = preferred_caption(region) if region is not None else None
        assert region is not None and caption is not None and region.state in ("accepted", "edited")
        how = "typed" if fitting is None or fitting > 9 else "chosen" if fitting else "accepted"
        typing = len(person_caption) + 2
        done.append(
            {"image": name, "how": how, "caption": caption.text, "keys": hand.keys, "typing": typing, "wait": waited}
        )
    return {"regions": done}


def main() -> None:
    what, folder = sys.argv[1], sys.argv[2]
    painted = Painted()
    answers: list[dict[str, Any]] = []
    problems: list[BaseException] = []

    def act() -> None:
        from roi_assistant.ui.window.main_window import shown_window

        window = shown_window()
        try:
            hand = Hand(window, painted)
            answers.append(measure_captions(hand, int(sys.argv[3])) if what == "captions" else annotate(hand))
        except BaseException as error:
            problems.append(error)
        window.close()

    application = QApplication(["roi-assistant"])
    QTimer.singleShot(0, act)
    program(["open", folder])
    if problems:
        raise problems[0]
    print(json.dumps(answers[0]), flush=True)
    del application


if __name__ == "__main__":
    main()
