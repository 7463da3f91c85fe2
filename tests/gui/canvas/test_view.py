"""Zooming, panning, loading and painting."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QColor, QImage, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.imaging.tone import Tone
from roi_assistant.ui.canvas import Canvas, MiniMap
from roi_assistant.ui.canvas.loader import ImageLoader
from roi_assistant.ui.look.pixels import to_qimage
from roi_assistant.ui.look.translation import translated
from tests.gui.canvas.conftest import Hand, region, wait_for


def wheel(canvas: Canvas, at: QPointF, *, turned: int = 0, pixels: tuple[int, int] = (0, 0), keys: Any = None) -> None:
    viewport = canvas.viewport()
    assert viewport is not None
    event = QWheelEvent(
        at,
        viewport.mapToGlobal(at),
        QPoint(*pixels),
        QPoint(0, turned),
        Qt.MouseButton.NoButton,
        keys or Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


def color_at(canvas: Canvas, x: float, y: float) -> QColor:
    place = Hand(canvas).at(x, y).toPoint()
    return canvas.grab().toImage().pixelColor(place)


def test_the_image_is_fitted_and_its_pixels_are_shown(bare: Canvas, photo: Path) -> None:
    loaded: list[tuple[str, int, int]] = []
    bare.picture.imageLoaded.connect(lambda *values: loaded.append(values))
    bare.set_image(photo, key="a/photo.png")
    wait_for(lambda: loaded)
    assert loaded == [("a/photo.png", 800, 600)]
    area = bare.camera.visible_area()
    assert (area.width(), area.height()) == (800, 600)
    assert color_at(bare, 400, 300) == QColor(120, 90, 60)


def test_the_wheel_zooms_where_the_pointer_is(canvas: Canvas) -> None:
    point = QPointF(300, 500)
    before = canvas.camera.to_image(point)
    zooms: list[float] = []
    canvas.camera.zoomChanged.connect(zooms.append)
    wheel(canvas, point, turned=360)
    assert zooms and zooms[-1] == pytest.approx(canvas.camera.zoom) and canvas.camera.zoom > 1.9
    assert canvas.camera.to_image(point) == pytest.approx(before, abs=1)


def test_two_fingers_move_the_image(canvas: Canvas) -> None:
    canvas.camera.set_zoom(3)
    before = canvas.camera.origin()
    wheel(canvas, QPointF(300, 300), turned=-80, pixels=(-15, -40))
    assert canvas.camera.zoom == 3
    assert canvas.camera.origin() - before == QPointF(-15, -40)


def test_space_and_the_middle_button_move_the_image(canvas: Canvas, hand: Hand) -> None:
    canvas.camera.set_zoom(3)
    before = canvas.camera.origin()
    hand.drag((400, 300), (380, 310), button=Qt.MouseButton.MiddleButton)
    assert canvas.camera.origin() - before == QPointF(-60, 30)
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    hand.drag((400, 300), (420, 290))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.camera.origin() == before


def test_z_and_a_drag_zoom_to_what_is_dragged_over_and_z_alone_to_the_region(canvas: Canvas, hand: Hand) -> None:
    canvas.regions.set_regions((region("a", 1, (100, 100, 140, 130)),))
    QTest.keyPress(canvas, Qt.Key.Key_Z)
    hand.drag((200, 200), (300, 260))
    QTest.keyRelease(canvas, Qt.Key.Key_Z)
    area = canvas.camera.visible_area()
    assert area.contains(250, 230) and area.width() <= 110
    canvas.regions.set_selection(["a"])
    QTest.keyClick(canvas, Qt.Key.Key_Z)
    assert canvas.camera.visible_area().contains(120, 115) and canvas.camera.visible_area().width() < 120


def test_fit_and_actual_size_by_keys(canvas: Canvas) -> None:
    canvas.camera.set_zoom(7)
    QTest.keyClick(canvas, Qt.Key.Key_F)
    assert canvas.camera.visible_area().width() == 800
    QTest.keyClick(canvas, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert canvas.camera.zoom == 1
    QTest.keyClick(canvas, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert canvas.camera.visible_area().width() == 800


def test_a_resized_window_keeps_the_image_fitted_or_its_middle(canvas: Canvas) -> None:
    canvas.camera.fit()
    canvas.resize(500, 400)
    assert canvas.camera.visible_area().width() == 800
    canvas.camera.set_zoom(4)
    canvas.camera.center_on(400, 300)
    canvas.resize(700, 500)
    center = canvas.camera.visible_area().center()
    assert (center.x(), center.y()) == (pytest.approx(400, abs=1), pytest.approx(300, abs=1))


def test_the_next_image_never_shows_the_boxes_or_the_pixels_of_the_last(
    canvas: Canvas, photo: Path, tmp_path: Path
) -> None:
    canvas.regions.set_regions((region("a", 1, (100, 100, 300, 250)),))
    other = tmp_path / "other.png"
    Image.new("RGB", (800, 600), (10, 200, 30)).save(other)
    canvas.set_image(other)
    assert canvas.regions.regions == () and canvas.regions.selection == ()
    canvas.camera.fit()
    assert color_at(canvas, 400, 300) != QColor(120, 90, 60)
    wait_for(lambda: canvas.picture.complete)
    assert color_at(canvas, 400, 300) == QColor(10, 200, 30)
    canvas.set_image(photo)  # still in memory: at once
    assert canvas.picture.complete
    assert color_at(canvas, 400, 300) == QColor(120, 90, 60)


def test_of_images_that_are_flipped_through_only_the_last_is_told(bare: Canvas, tmp_path: Path) -> None:
    loaded: list[str] = []
    bare.picture.imageLoaded.connect(lambda key, *_: loaded.append(key))
    paths = []
    for number in range(5):
        paths.append(tmp_path / f"{number}.png")
        Image.new("RGB", (900, 700), (number * 40, 0, 0)).save(paths[-1])
    for path in paths:
        bare.set_image(path, key=path.name)
    wait_for(lambda: loaded)
    QTest.qWait(50)
    assert loaded == ["4.png"]
    assert color_at(bare, 450, 350) == QColor(160, 0, 0)


def test_a_prefetched_image_is_there_at_once_and_a_changed_file_is_read_anew(canvas: Canvas, tmp_path: Path) -> None:
    path = tmp_path / "next.png"
    Image.new("RGB", (300, 200), "red").save(path)
    canvas.picture.prefetch([path])
    wait_for(lambda: canvas.picture._loader.cached(path) is not None)
    canvas.set_image(path)
    assert canvas.picture.complete and canvas.camera.image_size == (300, 200)
    Image.new("RGB", (310, 200), "blue").save(path)
    canvas.set_image(path)
    wait_for(lambda: canvas.camera.image_size == (310, 200))


def test_memory_for_prefetched_images_is_bounded(qapp: QApplication, tmp_path: Path) -> None:
    loader = ImageLoader(cache_bytes=2_500_000)
    paths = []
    for number in range(4):
        paths.append(tmp_path / f"{number}.png")
        Image.new("RGB", (500, 400)).save(paths[-1])
    seen: list[object] = []
    loader.loaded.connect(lambda _, image: seen.append(image))
    loader.prefetch(paths[1:])
    loader.load(paths[0])
    wait_for(lambda: seen and loader.cached(paths[3]) is not None)
    kept = [path for path in paths if loader.cached(path) is not None]
    assert paths[0] in kept and len(kept) == 2
    loader.close()


def test_a_broken_image_is_said_and_drawing_on_it_is_not_possible(bare: Canvas, tmp_path: Path) -> None:
    failed: list[tuple[str, str]] = []
    drawn: list[Box] = []
    bare.picture.imageFailed.connect(lambda *values: failed.append(values))
    bare.hand.boxDrawn.connect(drawn.append)
    path = tmp_path / "broken.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0 no picture")
    bare.set_image(path, key="broken.jpg")
    wait_for(lambda: failed)
    assert failed[0][0] == "broken.jpg" and "broken.jpg" in failed[0][1]
    assert bare.picture.message == translated(failed[0][1])
    bare.hand.set_tool("draw")
    Hand(bare).drag((10, 10), (200, 200))
    assert drawn == []


def test_large_images_are_shown_by_tiles(bare: Canvas, tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    image = Image.new("RGB", (4600, 3100), (200, 200, 200))
    image.paste((255, 0, 0), (4000, 2500, 4100, 2600))
    image.paste((0, 0, 255), (4050, 2550, 4051, 2551))  # one pixel: only full detail has it
    image.save(path)
    bare.set_image(path)
    wait_for(lambda: bare.picture.complete)
    bare.camera.set_zoom(8)
    bare.camera.center_on(4050, 2550)
    wait_for(lambda: color_at(bare, 4050.5, 2550.5) == QColor(0, 0, 255))
    assert color_at(bare, 4060.5, 2550.5) == QColor(255, 0, 0)
    bare.camera.fit()
    wait_for(lambda: not bare.camera.moving)
    assert color_at(bare, 100, 100) == QColor(200, 200, 200)


def test_tiles_meet_without_seams(bare: Canvas, tmp_path: Path) -> None:
    path = tmp_path / "plain.png"
    Image.new("RGB", (5000, 3000), (90, 140, 200)).save(path)
    bare.set_image(path)
    wait_for(lambda: bare.picture.complete)
    for zoom in (0.61, 0.83, 1.37, 2.9, 5.3):
        bare.camera.set_zoom(zoom)
        bare.camera.center_on(1024, 1024)
        bare.camera.pan_by(7, -13)  # a strip is painted beside what is kept
        wait_for(lambda: not bare.camera.moving)
        shown = bare.grab().toImage()
        colors = {shown.pixel(x, y) for x in range(100, 900, 3) for y in range(100, 700, 3)}
        assert colors == {QColor(90, 140, 200).rgb()}, zoom


def test_captions_are_painted_and_can_be_hidden(canvas: Canvas) -> None:
    canvas.regions.set_regions((region("a", 1, (300, 300, 500, 400), label="a red cup"),))
    wait_for(lambda: canvas.regions._overlay.places)
    labelled = canvas.grab().toImage()
    canvas.regions.set_labels_visible(False)
    bare = canvas.grab().toImage()
    corner = Hand(canvas).at(300, 300).toPoint()
    above = [(corner.x() + dx, corner.y() - dy) for dx in range(0, 60, 2) for dy in range(6, 18, 2)]
    assert {bare.pixelColor(*point).name() for point in above} == {QColor(120, 90, 60).name()}
    assert {labelled.pixelColor(*point).name() for point in above} != {QColor(120, 90, 60).name()}


def test_a_waiting_region_moves_its_dots(canvas: Canvas) -> None:
    canvas.regions.set_regions((region("a", 1, (300, 300, 500, 400), label="", pending=True),))
    wait_for(lambda: canvas.regions.shown.phase > 0)
    canvas.regions.set_regions((region("a", 1, (300, 300, 500, 400)),))
    assert not canvas.regions._dots.isActive()


def test_the_minimap_is_there_when_not_all_is_in_view_and_moves_it(canvas: Canvas) -> None:
    small = MiniMap()
    small.attach(canvas)
    canvas.camera.fit()
    assert not small.isVisible()
    canvas.camera.set_zoom(6)
    assert small.isVisible()
    QTest.mouseClick(small, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    area = canvas.camera.visible_area()
    assert area.center().x() < 200 and area.center().y() < 200


def test_a_dark_window_has_a_dark_canvas(canvas: Canvas, qapp: QApplication) -> None:
    palette = canvas.palette()
    palette.setColor(palette.ColorRole.Window, QColor(30, 30, 32))
    canvas.setPalette(palette)
    assert canvas.picture.theme.dark
    canvas.camera.fit()
    assert canvas.grab().toImage().pixelColor(2, 2).lightness() < 60


def test_numbers_of_many_regions_appear_over_a_few_frames(canvas: Canvas) -> None:
    boxes = [(20 + n % 14 * 54, 20 + n // 14 * 50) for n in range(150)]
    canvas.regions.set_regions([region(f"r{n}", n + 1, (x, y, x + 30, y + 20)) for n, (x, y) in enumerate(boxes)])
    wait_for(lambda: len(canvas.regions._overlay.places) > 100)
    wait_for(lambda: len(canvas.regions._overlay.art._chips) == len(canvas.regions._overlay.places))
    assert not canvas.regions._more.isActive()


@pytest.mark.parametrize("size", [(1, 1), (3, 300), (257, 128), (64, 129)])
def test_pictures_keep_their_pixels_on_the_way_to_qt(size: tuple[int, int]) -> None:
    image = Image.frombytes("RGB", size, random.Random(size[0]).randbytes(3 * size[0] * size[1]))
    picture = to_qimage(image).convertToFormat(QImage.Format.Format_RGB888)
    assert (picture.width(), picture.height()) == size
    rows = b""
    for y in range(picture.height()):
        line = picture.constScanLine(y)
        assert line is not None
        rows += line.asstring(3 * size[0])
    assert rows == image.tobytes()


def shown_gray(canvas: Canvas, x: float, y: float) -> int:
    return color_at(canvas, x, y).red()


def test_a_tone_changes_what_is_seen_and_nothing_else(canvas: Canvas, photo: Path) -> None:
    before = photo.read_bytes()
    canvas.picture.set_tone(Tone(brightness=30))
    wait_for(lambda: shown_gray(canvas, 400, 300) == 120 + 77)  # 30 % of 255, rounded
    canvas.picture.set_tone(Tone())
    wait_for(lambda: color_at(canvas, 400, 300) == QColor(120, 90, 60))
    assert photo.read_bytes() == before


def test_the_next_image_is_seen_in_the_same_tone_and_never_without_it(canvas: Canvas, tmp_path: Path) -> None:
    canvas.picture.set_tone(Tone(gamma=2.0))
    path = tmp_path / "next.png"
    Image.new("RGB", (800, 600), (64, 64, 64)).save(path)
    seen: list[int] = []
    canvas.picture.imageSwapped.connect(lambda: seen.append(shown_gray(canvas, 400, 300)))
    canvas.set_image(path)
    wait_for(lambda: seen and seen[-1] == 128)
    assert 64 not in seen


def test_tiles_of_a_large_photo_are_made_anew_in_the_tone(bare: Canvas, tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.new("RGB", (6000, 4000), (64, 64, 64)).save(path)
    bare.set_image(path)
    wait_for(lambda: bare.picture.complete)
    bare.camera.one_to_one()
    wait_for(lambda: shown_gray(bare, 3000, 2000) == 64 and bare.picture._layer.tiles._tiles)
    bare.picture.set_tone(Tone(gamma=2.0))
    wait_for(lambda: shown_gray(bare, 3000, 2000) == 128)
    wait_for(lambda: not bare.picture._layer.tiles._outdated)
    bare.picture.set_tone(Tone())
    wait_for(lambda: shown_gray(bare, 3000, 2000) == 64)


def test_dark_gray_of_16_bits_is_lifted_with_all_its_steps(bare: Canvas, tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    ramp = np.linspace(0, 1500, 400).astype(np.uint16)
    Image.fromarray(np.tile(ramp, (300, 1))).save(path)
    bare.set_image(path)
    wait_for(lambda: bare.picture.complete)
    bare.picture.set_tone(Tone(gamma=4.0))

    def steps() -> int:
        return len({shown_gray(bare, x, 150) for x in range(5, 400, 5)})

    wait_for(lambda: steps() > 30)
