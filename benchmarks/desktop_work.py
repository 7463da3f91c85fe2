"""Works in the real window by mouse and keys and takes the time. For desktop.py.

    python benchmarks/desktop_work.py captions FOLDER REPEAT
    python benchmarks/desktop_work.py annotator FOLDER BOXES MOST

``captions``: from the release of the mouse button to the end of the paint event that showed the caption of the new box:
the first box of an image that was not prepared, later boxes of it, and the first box of an image that was prepared
while its neighbour was in sight. ``annotator``: the first MOST boxes of the COCO file BOXES are captioned by a script
that accepts, chooses or types as a person would and corrects wrong categories. The answer is one line of JSON on
stdout.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from PyQt6.QtCore import QPoint, Qt, QTimer  # noqa: E402
from PyQt6.QtTest import QTest  # noqa: E402
from PyQt6.QtWidgets import QApplication  # noqa: E402

from roi_assistant.cli import main as program  # noqa: E402
from roi_assistant.core.caption_category import agrees, noun_of  # noqa: E402
from roi_assistant.core.lexicon import is_broad, with_article  # noqa: E402
from roi_assistant.core.review import preferred_caption  # noqa: E402
from roi_assistant.ui.canvas.labels import LabelArt  # noqa: E402
from roi_assistant.ui.canvas.overlay import Overlay  # noqa: E402

if TYPE_CHECKING:
    from roi_assistant.core.records import Region
    from roi_assistant.ui.window.main_window import MainWindow

PATIENCE = 120.0
NONE = Qt.KeyboardModifier.NoModifier
STRIDE = 6
"""Images for a round: those between are there so that no image is prepared by the neighbour of another."""


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

    def enter(self, category: str) -> None:
        """Type a category over the old one and keep it."""
        line = self.window.workspace.editor.category.line
        wait_for(line.hasFocus, "the category")
        for letter in category:
            QTest.keyClicks(line, letter)
            self.keys += 1
        QTest.keyClick(line, Qt.Key.Key_Return)
        self.keys += 1

    def region(self, id_: str) -> Region:
        region = self.session.image.region(id_)
        assert region is not None
        return region

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


@dataclass(frozen=True)
class Task:
    """A box, xyxy pixels of the photo, and what a person calls the thing in it."""

    image: str
    box: tuple[float, float, float, float]
    name: str


def read_tasks(boxes: Path, most: int) -> list[Task]:
    """The first ``most`` boxes of a COCO file, whole photos that are nothing but one box left out."""
    data = json.loads(boxes.read_text(encoding="utf-8"))
    images = {image["id"]: image for image in data["images"]}
    names = {category["id"]: category["name"] for category in data["categories"]}
    tasks = []
    for annotation in data["annotations"]:
        image, (x, y, width, height) = images[annotation["image_id"]], annotation["bbox"]
        inset = 1.5  # a box is drawn inside of the picture
        box = (x + inset, y + inset, x + width - inset, y + height - inset)
        if min(width, height) > 4 * inset and width * height < 0.95 * image["width"] * image["height"]:
            tasks.append(Task(image["file_name"], box, names[annotation["category_id"]]))
    return tasks[:most]


def is_right(text: str, name: str) -> bool:
    """Whether the caption or category ``text`` names a ``name``, perhaps more closely: "a woman" for a person."""
    noun = noun_of(text) or text
    return text == name or agrees(name, noun) or (not is_broad(noun) and agrees(noun, name))


def annotate(hand: Hand, tasks: list[Task]) -> dict[str, Any]:
    """Caption boxes as a person would: accept, choose or type; then correct the category where it is wrong.

    Answers how each was done and with how many keys, what typing takes, and what the category was before it was
    corrected and in the end.
    """
    done = []
    for task in tasks:
        if hand.session.image.key != task.image:
            hand.open_image(task.image)
            hand.rest()
        id_, waited = hand.draw(*task.box)
        hand.rest()
        hand.window.set_tool("select")
        hand.session.image.select([id_])
        hand.window.activateWindow()  # without a window manager nobody else does, and shortcuts need it
        hand.canvas.setFocus()
        wait_for(hand.canvas.hasFocus, "the focus")
        region = hand.region(id_)
        caption = preferred_caption(region)
        offers = hand.session.edits.offers(region)
        offered = [caption.text if caption else "", *(other.text for other in offers.alternatives), *offers.earlier]
        fitting = next((n for n, text in enumerate(offered) if is_right(text, task.name)), None)
        typed = with_article(task.name)
        hand.keys = 0
        if fitting == 0:
            hand.press(Qt.Key.Key_Return)
        elif fitting is not None and fitting <= 9:
            hand.press(Qt.Key(Qt.Key.Key_0 + fitting))
        else:
            hand.press(Qt.Key.Key_E)
            hand.type(typed)
            hand.press(Qt.Key.Key_Return)
        hand.rest()
        followed = hand.region(id_).category or ""
        if not is_right(followed, task.name):
            hand.session.image.select([id_])
            hand.canvas.setFocus()
            hand.press(Qt.Key.Key_T)
            hand.enter(task.name)
            hand.rest()
        region = hand.region(id_)
        caption = preferred_caption(region)
        assert caption is not None and region.state in ("accepted", "edited")
        done.append(
            {
                "image": task.image,
                "name": task.name,
                "how": "typed" if fitting is None or fitting > 9 else "chosen" if fitting else "accepted",
                "caption": caption.text,
                "followed": followed,
                "category": region.category,
                "right": is_right(region.category or "", task.name),
                "keys": hand.keys,
                "typing": len(typed) + 2,
                "wait": waited,
            }
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
            if what == "captions":
                answers.append(measure_captions(hand, int(sys.argv[3])))
            else:
                answers.append(annotate(hand, read_tasks(Path(sys.argv[3]), int(sys.argv[4]))))
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
