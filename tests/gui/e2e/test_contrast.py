"""Every page and panel of the window in both themes: what stands there can be read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, QRect
from PyQt6.QtGui import QColor, QFont, QImage, QPainter
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel, QWidget

from roi_assistant.core.box import Box
from roi_assistant.core.records import ReviewState
from roi_assistant.imaging.tone import Tone
from roi_assistant.ui.canvas.labels import LabelArt
from roi_assistant.ui.canvas.model import CanvasRegion
from roi_assistant.ui.canvas.theme import theme_for
from roi_assistant.ui.look.theme import Scheme, contrast, palette_for
from roi_assistant.ui.window.main_window import MainWindow
from roi_assistant.ui.window.page_stack import PAGES
from tests.gui.application_fixtures import drag, install, is_open, run_program, settle, wait_for
from tests.gui.contrast import ENOUGH, unreadable

SCHEMES: tuple[Scheme, ...] = ("light", "dark")
STATES: tuple[ReviewState, ...] = ("suggested", "accepted", "edited", "rejected")


def fill(window: MainWindow) -> None:
    """Regions in every state, a chat, a search that finds something, a picture that is shown brighter."""
    wait_for(lambda: is_open(window), "the first image")
    canvas, session = window.workspace.canvas, window.session
    for left in range(4):
        drag(canvas, (10 + left * 90, 40), (80 + left * 90, 200))
    wait_for(lambda: len(session.image.regions) == 4 and not session.suggestions.pending, "the suggestions")
    settle(window)
    first, second, third, _ = (region.id for region in session.image.regions)
    session.edits.accept((first,))
    session.edits.edit_caption(second, "a thing that a person wrote")
    session.edits.reject((third,))
    session.chat.ask("what is <region1>?")
    wait_for(lambda: not session.chat.is_answering, "the answer")
    window.workspace.set_tone(Tone(brightness=10))
    settle(window)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_all_pages_and_panels_can_be_read(tmp_path: Path, writer: Path, photos: Path, scheme: Scheme) -> None:
    shutil.rmtree(writer)
    install(writer, show_attributes=True)
    (writer / "config" / "settings.json").write_text(
        (writer / "config" / "settings.json").read_text().replace('"light"', f'"{scheme}"')
    )
    (photos / "broken.png").write_bytes(b"no picture")
    found: dict[str, list[str]] = {}

    def look_at(window: MainWindow, what: str) -> None:
        QTest.qWait(150)
        if bad := unreadable(window):
            found[what] = bad

    def drive(window: MainWindow) -> None:
        fill(window)
        window.workspace.view_panel.open()
        window.say("warning", "Something that is worth a look.")
        for number, region in enumerate(window.session.image.regions):
            window.session.image.select((region.id,))
            look_at(window, f"region {number}")
        for dock in ("chat", "activity", "images"):
            window.workspace.raise_dock(dock)
            look_at(window, dock)
        window.workspace.images.search.setText("thing")
        QTest.qWait(400)
        look_at(window, "search")
        window.workspace.images.clear_filter()
        window.show_palette()
        look_at(window, "palette")
        assert window._palette is not None
        window._palette.hide()
        for page in PAGES:
            window.show_page(page)
            QTest.qWait(900)
            look_at(window, page)
        window.leave_project()
        wait_for(lambda: window.page == "welcome")
        look_at(window, "welcome")

    assert run_program(drive, "open", str(photos)) == 0
    assert not found, "\n".join(f"{what}:\n  " + "\n  ".join(bad) for what, bad in found.items())


def test_the_check_finds_a_pale_text(qapp: QApplication) -> None:
    page = QWidget()
    page.setPalette(palette_for("light"))
    label = QLabel("hardly to be seen", page)
    label.setStyleSheet("color: #b0b0b0")
    page.resize(200, 60)
    page.show()
    (bad,) = unreadable(page)
    assert "hardly to be seen" in bad
    label.setStyleSheet("color: #404040")
    assert unreadable(page) == []


@pytest.mark.parametrize("photo", ["black", "white", "#808080"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_labels_on_the_canvas_can_be_read_on_any_photo(
    qapp: QApplication, scheme: Scheme, state: ReviewState, photo: str
) -> None:
    art = LabelArt(theme_for(palette_for(scheme)), QFont(), 4.0)
    region = CanvasRegion("a", 8, Box(0, 0, 50, 50), "HHHHHHHH", state, details="HHHHHHHH")
    with_details, *_ = art.shapes(region)
    chip = art.chip_size(region)
    for picture, parts in (
        (
            art.picture(region, with_details, mirrored=False, strong=False),
            [
                QRect(round(chip[0]) + 4, 0, 60, round(chip[1])),
                QRect(round(chip[0]) + 4, round(chip[1]), 60, round(with_details.size[1] - chip[1])),
                QRect(2, 2, round(chip[0]) - 4, round(chip[1]) - 4),
            ],
        ),
        (art.quiet_chip(region), [QRect(5, 1, 20, 12)]),
    ):
        assert picture is not None
        seen = QImage(picture.size(), QImage.Format.Format_RGB32)
        seen.fill(QColor(photo))
        painter = QPainter(seen)
        image = picture.toImage()
        image.setDevicePixelRatio(1)
        painter.drawImage(QPoint(), image)
        painter.end()
        for part in parts:
            colors = colors_in(seen, QRect(part.topLeft() * 4, part.size() * 4))
            assert max(contrast(a, b) for a in colors for b in colors) >= ENOUGH, (part, state, photo)


def colors_in(image: QImage, part: QRect) -> list[QColor]:
    part = part.intersected(image.rect())
    pixels = {image.pixel(x, y) for x in range(part.left(), part.right()) for y in range(part.top(), part.bottom())}
    ordered = sorted(pixels, key=lambda pixel: QColor(pixel).lightness())
    return [QColor(ordered[0]), QColor(ordered[-1])]
