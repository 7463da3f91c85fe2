"""Make the pictures of docs/guide.md, and its table of shortcuts, from the program as it is.

    python scripts/guide_screenshots.py                        # pictures into docs/images, table into docs/guide.md
    python scripts/guide_screenshots.py --theme dark --out X   # the same pictures in dark, to look at
    python scripts/guide_screenshots.py --shortcuts            # only the table; needs no model

It runs ``roi-assistant open`` without a display on a copy of the sample photos and works in it with mouse and keys.
What the model says is said by the embedded model.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_SCALE_FACTOR", "1")

from PIL import Image  # noqa: E402
from PyQt6.QtCore import QPoint, QRect, Qt, QTimer  # noqa: E402
from PyQt6.QtGui import QPalette  # noqa: E402
from PyQt6.QtTest import QTest  # noqa: E402
from PyQt6.QtWidgets import QApplication, QWidget  # noqa: E402

from roi_assistant.cli import main as program  # noqa: E402
from roi_assistant.core.box import Box  # noqa: E402
from roi_assistant.ui.look.keys import shown_key  # noqa: E402
from roi_assistant.ui.look.palette import BOX_COLORS, look  # noqa: E402
from roi_assistant.ui.window.actions import shortcut_groups  # noqa: E402

if TYPE_CHECKING:
    from roi_assistant.ui.window.main_window import MainWindow

GUIDE = ROOT / "docs" / "guide.md"
SAMPLES = ROOT / "resources" / "samples"
BEGIN, END = "<!-- shortcuts: made by scripts/guide_screenshots.py -->", "<!-- end of shortcuts -->"
SIZE = 1280, 800
FLAT = 64
"""Colors of a picture that are kept exactly: those that cover most of it."""
PATIENCE = 300.0
NONE, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


# The table.


def shortcuts_table() -> str:
    """The shortcuts as Markdown, one table for each menu, from the table of actions."""
    parts = []
    for title, rows in shortcut_groups():
        lines = [f"| {title} | |", "|---|---|"]
        for text, keys in rows:
            shown = dict.fromkeys(shown_key(key) for key in keys)
            lines.append(f"| {text} | {' or '.join(f'`{key}`' for key in shown)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def with_table(text: str) -> str:
    """``text`` of the guide with the table of now between its marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{GUIDE} has no place for the table: it needs the lines\n{BEGIN}\n{END}")
    return f"{before}{BEGIN}\n\n{shortcuts_table()}\n\n{END}{after}"


# The pictures.


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Let the program run until ``condition`` holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"Waited {PATIENCE:g} seconds for {what}.")
        QTest.qWait(20)


def few_colors(image: Image.Image, states: Iterable[tuple[int, int, int]]) -> Image.Image:
    """``image`` in 256 colors: the flat ones of the window and those of the review ``states`` as they are, the rest for
    the photos."""
    counted = sorted(image.getcolors(image.width * image.height) or (), reverse=True)
    flat = list(dict.fromkeys((*states, *(color for _, color in counted[:FLAT]))))
    mixed = image.quantize(256 - len(flat), Image.Quantize.MEDIANCUT, kmeans=2).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*(channel for color in flat for channel in color), *mixed])  # type: ignore[misc]
    return image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def state_colors(palette: QPalette) -> list[tuple[int, int, int]]:
    """Small marks have them, and may not be drawn in the nearest other color."""
    colors = [*BOX_COLORS.values(), *(look(palette).state(state) for state in BOX_COLORS)]
    return [(color.red(), color.green(), color.blue()) for color in colors]


@contextmanager
def stopped_children() -> Iterator[None]:
    """The processes that this one started stand still meanwhile (Linux)."""
    children = [int(pid) for path in Path("/proc/self/task").glob("*/children") for pid in path.read_text().split()]
    for pid in children:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in children:
            os.kill(pid, signal.SIGCONT)


class Photographer:
    """Works in the window like a user and saves what it looks like."""

    def __init__(self, window: MainWindow, out: Path) -> None:
        self.window, self.session, self.out = window, window.session, out
        self.canvas = window.workspace.canvas
        self.names: list[str] = []

    def save(self, name: str, *, of: QWidget | None = None, rest: int = 400) -> None:
        """Save the window, or the part of it under ``of``, as guide-NAME.png after ``rest`` ms."""
        QTest.qWait(rest)
        picture = self.window.grab()
        if of is not None:
            corner = of.mapTo(self.window, QPoint(0, 0))
            picture = picture.copy(QRect(corner, of.size()))
        path = self.out / f"guide-{name}.png"
        picture.save(str(path))
        with Image.open(path) as image:
            small = few_colors(image.convert("RGB"), state_colors(self.window.palette()))
        small.save(path, optimize=True)
        self.names.append(path.name)
        print(f"{path.name}  {small.width} x {small.height}  {path.stat().st_size // 1024} kB", flush=True)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)

    def shown_page(self) -> Any:
        return self.window.pages.page(self.window.page)

    def open_image(self, name: str) -> None:
        self.session.open_image(name)
        wait_for(
            lambda: (
                self.session.image.key == name
                and self.session.image.size is not None
                and self.session.history.state is not None
                and self.canvas.picture.complete
            ),
            name,
        )

    def drag(self, start: tuple[float, float], end: tuple[float, float], *, release: bool = True) -> Callable[[], None]:
        """Drag the mouse over the image, in its pixels; answers what lets the button go."""
        view = self.canvas.viewport()
        assert view is not None
        a, b = self.canvas.mapFromScene(*start), self.canvas.mapFromScene(*end)
        QTest.mousePress(view, Qt.MouseButton.LeftButton, NONE, a)
        for step in range(1, 6):
            QTest.mouseMove(view, QPoint(a.x() + (b.x() - a.x()) * step // 5, a.y() + (b.y() - a.y()) * step // 5))

        def let_go() -> None:
            QTest.mouseRelease(view, Qt.MouseButton.LeftButton, NONE, b)

        if release:
            let_go()
        return let_go

    def described(self) -> None:
        """Wait until the model has nothing left to say about this image, and it is stored."""
        wait_for(lambda: not self.session.suggestions.pending and not self.session.store.is_saving, "the model")

    def id_of(self, number: int) -> str:
        return self.session.image.regions[number - 1].id

    def select(self, *numbers: int) -> None:
        self.session.image.select([self.id_of(number) for number in numbers])

    # What is shown, in the order in which it is done.

    def run(self) -> None:
        session = self.session
        wait_for(lambda: session.image.key and len(session.images.keys) == 4, "the sample photos")
        wait_for(lambda: getattr(session.engine.state, "state", "") == "ready", "the model to load")
        self.first_boxes()
        self.learning()
        self.more_boxes()
        self.marks()
        self.chat()
        self.find()
        self.categories()
        self.pages()
        self.comfort()

    def first_boxes(self) -> None:
        window = self.window
        self.open_image("chelsea.jpg")
        self.canvas.setFocus()
        self.key(Qt.Key.Key_W)
        window.change_setting("crosshair", True)
        let_go = self.drag((4, 4), (402, 296), release=False)
        self.save("draw", of=self.canvas)
        let_go()
        window.change_setting("crosshair", False)
        self.described()
        self.drag((136, 85), (206, 148))
        self.described()
        self.drag((230, 227), (292, 268))
        self.described()
        self.key(Qt.Key.Key_V)
        self.select(1)
        self.save("suggestion")
        self.canvas.setFocus()
        self.key(Qt.Key.Key_Return)
        self.select(2)
        self.canvas.setFocus()
        self.key(Qt.Key.Key_E)
        QTest.keyClicks(window.workspace.editor.caption, "a wide open eye of a cat")
        self.save("edit", of=window.workspace.docks["editor"])
        self.key(Qt.Key.Key_Return, CTRL)
        self.described()

    def more_boxes(self) -> None:
        """The boxes that ship with the sample photos."""
        annotations_file = json.loads((SAMPLES / "regions.json").read_text(encoding="utf-8"))
        names = {image["id"]: image["file_name"] for image in annotations_file["images"]}
        for name in ("rocket.jpg", "astronaut.jpg", "coffee.jpg"):
            self.open_image(name)
            for annotation in annotations_file["annotations"]:
                x, y, width, height = annotation["bbox"]
                if names[annotation["image_id"]] == name and width < 600:
                    self.session.edits.add_box(Box(x, y, x + width, y + height))
            self.described()

    def marks(self) -> None:
        """One box of each kind."""
        session = self.session
        self.open_image("coffee.jpg")
        session.edits.accept([self.id_of(1)])
        session.edits.edit_caption(self.id_of(2), "a saucer with a spoon on it")
        session.edits.reject([self.id_of(4)])
        session.edits.set_locked([self.id_of(2)], True)
        session.edits.add_box(Box(560, 20, 564, 380))
        self.described()
        session.image.select(())
        self.canvas.setFocus()
        with stopped_children():  # the model answers before a picture can be taken
            session.edits.add_box(Box(8, 250, 110, 390))
            session.image.select(())
            self.save("marks", of=self.canvas, rest=600)
        self.described()

    def chat(self) -> None:
        self.open_image("chelsea.jpg")
        self.select(1)
        self.canvas.setFocus()
        self.key(Qt.Key.Key_A, CTRL | SHIFT)
        panel = self.window.workspace.chat
        for question in ("what is <region1>?", "what color is <region2>?"):
            panel.input.setPlainText(question)
            panel.input.submit()
            wait_for(lambda: not self.session.chat.is_answering, "an answer")
            QTest.qWait(200)
        panel.input.setFocus()
        self.save("chat", of=self.window.workspace.docks["chat"])
        self.window.workspace.raise_dock("editor")

    def find(self) -> None:
        images = self.window.workspace.images
        self.canvas.setFocus()
        self.key(Qt.Key.Key_F, CTRL)
        QTest.keyClicks(images.search, "cat")
        wait_for(lambda: len(self.session.images.keys) == 1, "the search")
        self.save("search", of=self.window.workspace.docks["images"], rest=1500)
        images.clear_filter()
        wait_for(lambda: len(self.session.images.keys) == 4, "all images")

    def categories(self) -> None:
        known, panel = self.session.categories, self.window.workspace.categories
        known.refresh()
        wait_for(lambda: len(known.names) > 3, "the categories")
        panel.set_tree(True)
        known.arm(known.names[0])
        panel.select(known.names[0])
        workspace = self.window.workspace
        upper, lower = workspace.docks["images"], workspace.docks["categories"]
        heights = [upper.height(), lower.height()]
        workspace.resizeDocks([upper, lower], [200, 500], Qt.Orientation.Vertical)
        self.save("categories", of=lower, rest=600)
        workspace.resizeDocks([upper, lower], heights, Qt.Orientation.Vertical)
        panel.set_tree(False)
        known.disarm()

    def pages(self) -> None:
        window = self.window
        window.show_page("review")
        page: Any = self.shown_page()
        wait_for(lambda: page.deck.current is not None, "the queue")
        item = page.deck.current
        close_up = page.crop._key(item.image, item.region.box)
        wait_for(lambda: page.crops.pixmap(close_up) is not None, "the close-up")
        self.save("review", rest=800)
        for _ in range(3):
            self.key(Qt.Key.Key_A)
            QTest.qWait(100)
        self.crops()
        window.go_back()
        self.described()
        self.open_image("rocket.jpg")
        window.change_setting("suggest_on_draw", False)
        for box in (Box(280, 60, 380, 420), Box(0, 0, 640, 200)):
            self.session.edits.add_box(box)
        window.change_setting("suggest_on_draw", True)
        self.described()
        window.show_page("batch")
        page = self.shown_page()
        wait_for(lambda: page.count is not None, "the count")
        self.save("batch", rest=800)
        window.show_page("overview")
        page = self.shown_page()
        wait_for(lambda: page.cards and not page.is_filling, "the figures")
        self.save("overview", rest=1500)
        window.show_page("export")
        page = self.shown_page()
        wait_for(page.export_button.isEnabled, "the counts")
        QTest.qWait(800)
        page.format.setCurrentIndex(1)
        page.path.setText("regions.json")
        page.refresh()
        QTest.qWait(800)
        page.start()
        wait_for(lambda: page.result is not None, "the export")
        self.save("export", rest=1200)
        window.show_page("schema")
        self.save("schema", rest=1200)
        window.go_back()

    def crops(self) -> None:
        """The category with most crops, some of which are to get another one."""
        self.window.show_page("crops")
        page: Any = self.shown_page()
        page.bar.states.setCurrentIndex(page.bar.states.findData("all"))
        page.bar.states.activated.emit(page.bar.states.currentIndex())
        wait_for(lambda: page.model.row_ids and page.model.region(0) is not None, "the crops")
        page.view.select_items([0, 2], current=2)
        self.key(Qt.Key.Key_T)
        wait_for(lambda: page.crops.pixmap(page.view.crop_key(page.model.region(0))) is not None, "the first crop")
        self.save("crops", rest=1200)
        self.key(Qt.Key.Key_Escape)

    def learning(self) -> None:
        """One eye of the cat has been called an eye; the other is suggested so."""
        self.open_image("chelsea.jpg")
        self.canvas.setFocus()
        self.key(Qt.Key.Key_W)
        self.drag((294, 106), (364, 164))
        self.described()
        self.key(Qt.Key.Key_V)
        row = self.window.workspace.editor.form.alike
        wait_for(lambda: not row.buttons[0].icon().isNull(), "the close-up")
        self.save("learning", rest=800)
        self.canvas.setFocus()
        self.key(Qt.Key.Key_Z, CTRL)
        wait_for(lambda: len(self.session.image.regions) == 3, "the undo")

    def comfort(self) -> None:
        window = self.window
        self.open_image("astronaut.jpg")
        self.select(1)
        self.canvas.setFocus()
        self.key(Qt.Key.Key_K, CTRL)
        QTest.qWait(200)
        QTest.keyClicks(window._palette.search, "cap")  # type: ignore[union-attr]
        self.save("palette")
        self.key(Qt.Key.Key_Escape)
        for name in ("shortcuts", "settings"):
            window.show_page(name)
            self.save(name)
        window.go_back()
        self.save("window", rest=800)
        before = window.settings.theme
        window.change_setting("theme", "dark" if before == "light" else "light")
        self.save("window-dark" if before == "light" else "window-light", rest=1200)
        window.change_setting("theme", before)
        window.leave_project()
        self.save("welcome")


def take_pictures(out: Path, *, theme: str) -> list[str]:
    """Run the program and save all pictures; answers their names."""
    base = Path(tempfile.gettempdir()) / "roi-assistant-guide"  # it is read in some of the pictures
    shutil.rmtree(base, ignore_errors=True)
    os.environ["ROI_ASSISTANT_HOME"] = str(base / "home")
    (base / "home" / "config").mkdir(parents=True)
    settings = {"theme": theme, "language": "en", "version": 1}
    (base / "home" / "config" / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    photos = base / "photos"
    photos.mkdir()
    for photo in SAMPLES.glob("*.jpg"):
        shutil.copy(photo, photos)
    names: list[str] = []
    problems: list[BaseException] = []

    def act() -> None:
        from roi_assistant.ui.window.main_window import shown_window

        window = shown_window()
        window.resize(*SIZE)
        photographer = Photographer(window, out)
        try:
            photographer.run()
        except BaseException as error:
            problems.append(error)
        names.extend(photographer.names)
        window.close()

    QTimer.singleShot(0, act)
    try:
        program(["open", str(photos)])
    finally:
        shutil.rmtree(base, ignore_errors=True)
    if problems:
        raise problems[0]
    return names


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--shortcuts", action="store_true", help="only the table of shortcuts")
    options = parser.parse_args()
    application = QApplication([])
    if not options.shortcuts:
        options.out.mkdir(parents=True, exist_ok=True)
        take_pictures(options.out, theme=options.theme)
    if options.out == ROOT / "docs" / "images":
        GUIDE.write_text(with_table(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
    application.quit()


if __name__ == "__main__":
    main()
