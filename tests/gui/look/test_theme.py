"""Light and dark: what can be read, and icons in the color of the text."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import get_args

import pytest
from PyQt6.QtCore import QPoint, QSize
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel, QToolTip

from roi_assistant.ui.look.marks import lock_icon
from roi_assistant.ui.look.palette import look, state_icon
from roi_assistant.ui.look.theme import COLORS, Scheme, apply_theme, contrast, icon, palette_for, scheme_for, tinted

SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
SMALL_TEXT = 4.5
"""WCAG 2.1, level AA."""


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert contrast(QColor("#777777"), QColor("#ffffff")) == pytest.approx(4.48, abs=0.01)
    assert contrast(QColor("#123456"), QColor("#123456")) == 1


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("WindowText", "Window"),
        ("Text", "Base"),
        ("Text", "AlternateBase"),
        ("ButtonText", "Button"),
        ("PlaceholderText", "Base"),
        ("HighlightedText", "Highlight"),
        ("ToolTipText", "ToolTipBase"),
        ("Link", "Window"),
        ("LinkVisited", "Window"),
    ],
)
def test_text_can_be_read(scheme: Scheme, text: str, ground: str) -> None:
    assert contrast(QColor(COLORS[scheme][text]), QColor(COLORS[scheme][ground])) >= SMALL_TEXT


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["text", "muted", "suggested", "accepted", "edited", "rejected", "warning", "error"])
def test_colors_of_states_can_be_read_also_on_a_selected_row(scheme: Scheme, name: str) -> None:
    palette, colors = palette_for(scheme), look(palette_for(scheme))
    grounds = [palette.color(role) for role in (QPalette.ColorRole.Base, QPalette.ColorRole.Window)]
    grounds += [colors.hover, colors.selected(active=True), colors.selected(active=False)]
    assert min(contrast(getattr(colors, name), ground) for ground in grounds) >= SMALL_TEXT


def test_both_schemes_name_the_same_colors() -> None:
    assert COLORS["light"].keys() == COLORS["dark"].keys()


def test_the_theme_changes_the_application(qapp: QApplication) -> None:
    before = qapp.palette()
    try:
        apply_theme(qapp, "dark")
        assert qapp.palette().color(QPalette.ColorRole.Base).lightness() < 100
        apply_theme(qapp, "light")
        assert qapp.palette().color(QPalette.ColorRole.Base) == QColor("white")
        assert (scheme_for("dark"), scheme_for("light")) == ("dark", "light")
        assert scheme_for("system") in SCHEMES
    finally:
        qapp.setPalette(before)
        qapp.setStyleSheet("")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_tooltip_can_be_read_as_it_is_painted(qapp: QApplication, scheme: Scheme) -> None:
    apply_theme(qapp, scheme)
    window = QLabel("x")
    window.resize(300, 150)
    window.show()
    QTest.qWait(100)
    QToolTip.showText(window.mapToGlobal(QPoint(20, 20)), "HHHHHH", window)
    QTest.qWait(300)
    (tip,) = (w for w in QApplication.allWidgets() if w.metaObject().className() == "QTipLabel" and w.isVisible())
    image = tip.grab().toImage()
    colors = {image.pixelColor(x, y).rgb() for x in range(image.width()) for y in range(image.height())}
    assert max(contrast(QColor(a), QColor(b)) for a in colors for b in colors) >= SMALL_TEXT
    QToolTip.hideText()


@pytest.mark.usefixtures("qapp")
def test_icons_are_sharp_and_in_the_color_of_the_text() -> None:
    pixmap = tinted("accept", QColor("#ff0000"), 20, 2)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (40, 2)
    image = pixmap.toImage()
    colors = {
        image.pixelColor(x, y).name() for x in range(40) for y in range(40) if image.pixelColor(x, y).alpha() == 255
    }
    assert colors == {"#ff0000"}
    assert len(icon("accept", palette_for("dark")).availableSizes()) >= 1


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("made", ["file", "mark", "state"])
def test_icons_have_the_pixels_of_their_screen(qapp: QApplication, made: str, ratio: float) -> None:
    icons = {
        "file": icon("describe", qapp.palette()),
        "mark": lock_icon(True, QColor("black")),
        "state": state_icon("accepted", QColor("green")),
    }
    pixmap = icons[made].pixmap(QSize(20, 20), ratio)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (round(20 * ratio), ratio)


BLURRED = """
import sys
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QImage, QPainter, QPalette
from PyQt6.QtWidgets import QApplication, QToolButton
from roi_assistant.resources_path import resource
from roi_assistant.ui.look.theme import apply_theme, icon, tinted

application = QApplication([])
apply_theme(application, "light")
for name in sorted(path.stem for path in resource("icons").glob("*.svg")):
    button = QToolButton()
    button.setAutoRaise(True)
    button.setIconSize(QSize(20, 20))
    button.setIcon(icon(name, button.palette()))
    button.resize(40, 40)
    seen = button.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    assert seen.width() == 80, seen.size()
    drawn = QImage(40, 40, QImage.Format.Format_RGB32)
    drawn.fill(seen.pixelColor(1, 1))
    painter = QPainter(drawn)
    painter.drawImage(0, 0, tinted(name, button.palette().color(QPalette.ColorRole.ButtonText), 40, 1).toImage())
    painter.end()
    if not any(seen.copy(x, y, 40, 40) == drawn for x in range(17, 23) for y in range(17, 23)):
        print(name)
"""


def test_icons_on_buttons_are_drawn_and_not_enlarged_at_scale_2() -> None:
    environment = {**os.environ, "QT_SCALE_FACTOR": "2", "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", BLURRED], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == []
