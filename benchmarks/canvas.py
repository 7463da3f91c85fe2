"""How long frames of the canvas take while panning and zooming over a large image with many regions.

    python benchmarks/canvas.py [--megapixels 100] [--regions 500] [--frames 240] [--size 1600x1000]

An image is made, opened and moved by a script, without a window (Qt's offscreen platform, the same painter). A frame is
one step of the hand, all that the event loop has to do for it, and painting. Printed are the middle and the 99th
percentile in milliseconds, the time to the first pixels and to full detail, and the memory of the process. ``--items``
also paints the boxes as one QGraphicsItem each, for comparison. Times are by the clock and, because
other programs disturb that, of the processor in the thread of the window.
"""

from __future__ import annotations

import argparse
import functools
import math
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from PyQt6.QtCore import QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPixmap
from PyQt6.QtWidgets import QApplication, QGraphicsRectItem, QGraphicsSimpleTextItem

from roi_assistant.core.box import Box
from roi_assistant.core.records import ReviewState
from roi_assistant.ui.canvas import Canvas, CanvasRegion, MiniMap
from roi_assistant.ui.canvas.outlines import add_frame, draw_rects, line_pen
from roi_assistant.ui.look import garbage

STATES: tuple[ReviewState, ...] = ("suggested", "accepted", "edited", "rejected")
WORDS = ("red", "cup", "on", "the", "left", "of", "wooden", "table", "beside", "two", "small", "books")


def make_image(path: Path, megapixels: float) -> tuple[int, int]:
    width = round(math.sqrt(megapixels * 1e6 * 1.4))
    height = round(megapixels * 1e6 / width)
    noise = Image.effect_noise((width // 12, height // 12), 90).convert("RGB")
    noise.resize((width, height), Image.Resampling.BILINEAR).save(path, quality=85)
    return width, height


def make_regions(count: int, width: int, height: int) -> list[CanvasRegion]:
    chance = random.Random(7)
    regions = []
    for number in range(1, count + 1):
        w, h = chance.uniform(0.004, 0.08) * width, chance.uniform(0.004, 0.08) * height
        x, y = chance.uniform(0, width - w), chance.uniform(0, height - h)
        label = " ".join(chance.sample(WORDS, chance.randint(2, 9)))
        box = Box(x, y, x + w, y + h)
        state = chance.choice(STATES)
        regions.append(CanvasRegion(f"r{number}", number, box, label, state, unsure=chance.random() < 0.2))
    return regions


def pump(until: Callable[[], bool], seconds: float = 120.0) -> float:
    start = time.perf_counter()
    while not until() and time.perf_counter() - start < seconds:
        QApplication.processEvents()
        time.sleep(0.001)
    return time.perf_counter() - start


Times = list[tuple[float, float]]
"""Milliseconds by the clock, and of the processor in the thread of the window."""


def timed(work: Callable[[], object]) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.thread_time()
    work()
    return (time.perf_counter() - clock) * 1000, (time.thread_time() - processor) * 1000


def frames(step: Callable[[int], None], count: int) -> Times:
    """The times of each frame: the step, and the events that follow from it, of which painting is one."""

    def frame(number: int) -> None:
        step(number)
        QApplication.processEvents()

    return [timed(functools.partial(frame, number)) for number in range(count)]


def tell(what: str, took: Times) -> None:
    parts = []
    for name, values in zip(("clock", "processor"), zip(*took, strict=True), strict=True):
        ordered = sorted(values)
        worst = ordered[math.ceil(0.99 * len(ordered)) - 1]
        parts.append(f"{name}: p50 {statistics.median(ordered):6.1f} p99 {worst:6.1f} max {ordered[-1]:7.1f} ms")
    print(f"{what:<28} {'   '.join(parts)}", flush=True)


def memory() -> str:
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return "unknown"
    figures = {
        line.split(":")[0]: int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("Vm")
    }
    return f"{figures['VmRSS']} MB now, {figures['VmHWM']} MB at most"


def script(canvas: Canvas, count: int) -> None:
    size = canvas.size()

    def pan(number: int) -> None:
        angle = number / 17
        canvas.camera.pan_by(14 * math.cos(angle), 11 * math.sin(angle * 1.3))

    def zoom(number: int) -> None:
        inward = (number // 30) % 2 == 0
        at = QPointF(size.width() * 0.4, size.height() * 0.55)
        canvas.camera.set_zoom(canvas.camera.zoom * (1.09 if inward else 1 / 1.09), at=at)

    canvas.camera.fit()
    tell("zoom from the whole image", frames(zoom, count))
    canvas.camera.fit()
    canvas.camera.set_zoom(canvas.camera.zoom * 2.2)
    pump(lambda: not canvas.camera.moving, 2)
    tell("pan, most regions in view", frames(pan, count))
    canvas.camera.set_zoom(0.8)
    pump(lambda: not canvas.camera.moving, 2)
    tell("pan at 80 %", frames(pan, count))
    canvas.camera.one_to_one()
    pump(lambda: not canvas.camera.moving, 2)
    tell("zoom around 1:1", frames(zoom, count))


def compare_items(canvas: Canvas, regions: list[CanvasRegion], count: int) -> None:
    """The same pan with a rectangle and a text item per region instead of our painter."""
    scene = canvas.scene()
    assert scene is not None
    canvas.regions.set_regions(())
    pen = QPen(QColor(240, 176, 32), 2)
    pen.setCosmetic(True)
    for region in regions:
        box = region.box
        item = QGraphicsRectItem(QRectF(box.x1, box.y1, box.width, box.height))
        item.setPen(pen)
        text = QGraphicsSimpleTextItem(str(region.number), item)
        text.setFlag(QGraphicsSimpleTextItem.GraphicsItemFlag.ItemIgnoresTransformations)
        text.setPos(box.x1, box.y1)
        scene.addItem(item)
    canvas.camera.fit()
    canvas.camera.set_zoom(canvas.camera.zoom * 2.2)
    pump(lambda: not canvas.camera.moving, 2)
    tell("pan, an item per region", frames(lambda n: canvas.camera.pan_by(9 * math.cos(n / 17), 7), count))


def compare_pens(count: int) -> None:
    """Translucent lines around boxes: by a pen, and as the filled slivers that the canvas paints."""
    picture = QPixmap(1600, 1000)
    rects = [QRect(10 + n % 40 * 38, 10 + n // 40 * 60 % 900, 34, 50) for n in range(count)]
    slivers: list[QRectF] = []
    for rect in rects:
        add_frame(slivers, (rect.x(), rect.y(), rect.x() + rect.width(), rect.y() + rect.height()), line=2, out=1)
    painter = QPainter(picture)
    color = QColor(0, 0, 0, 120)
    painter.setPen(line_pen(color, 4))
    tell(f"{count} outlines by a pen", [timed(lambda: draw_rects(painter, rects)) for _ in range(9)])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    tell(f"{count} outlines as slivers", [timed(lambda: draw_rects(painter, slivers)) for _ in range(9)])
    painter.end()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megapixels", type=float, default=100.0)
    parser.add_argument("--regions", type=int, default=500)
    parser.add_argument("--frames", type=int, default=240)
    parser.add_argument("--size", default="1600x1000")
    parser.add_argument("--items", action="store_true")
    options = parser.parse_args()
    application = QApplication([])
    canvas = Canvas()
    MiniMap().attach(canvas)
    canvas.resize(*map(int, options.size.split("x")))
    canvas.show()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.jpg"
        width, height = make_image(path, options.megapixels)
        regions = make_regions(options.regions, width, height)
        first: list[float] = []
        start = time.perf_counter()
        canvas.picture.imageLoaded.connect(lambda *_: first.append(time.perf_counter() - start))
        canvas.set_image(path)
        canvas.regions.set_regions(regions)
        waiting: Times = []
        while not canvas.picture.complete and time.perf_counter() - start < 300:
            waiting.append(timed(QApplication.processEvents))
            time.sleep(0.001)
        print(f"{width} x {height}, {options.regions} regions, {options.size} view, {os.cpu_count()} cores")
        print(f"first pixels after {first[0]:.2f} s, full detail after {time.perf_counter() - start:.2f} s")
        tell("event loop while loading", waiting)
        garbage.gc_freeze()  # as the program does after its first picture
        script(canvas, options.frames)
        if options.items:
            compare_items(canvas, regions, options.frames)
            compare_pens(options.regions)
        print(f"memory: {memory()}")
    canvas.close_threads()
    application.quit()


if __name__ == "__main__":
    main()
