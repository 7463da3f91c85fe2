"""Light and dark: a palette of calm greys with one accent, and icons in the color of the text."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from PyQt6.QtCore import QByteArray, QSize, Qt
from PyQt6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PyQt6.QtWidgets import QApplication

from roi_assistant.resources_path import resource
from roi_assistant.ui.look.icon_engine import IconEngine

Scheme = Literal["light", "dark"]

COLORS: dict[Scheme, dict[str, str]] = {
    "light": {
        "Window": "#f4f5f7",
        "WindowText": "#1f2328",
        "Base": "#ffffff",
        "AlternateBase": "#f7f8fa",
        "Text": "#1f2328",
        "PlaceholderText": "#6a727d",
        "Button": "#fcfcfd",
        "ButtonText": "#1f2328",
        "BrightText": "#ffffff",
        "ToolTipBase": "#26292e",
        "ToolTipText": "#f4f5f7",
        "Highlight": "#2b6cb0",
        "HighlightedText": "#ffffff",
        "Accent": "#2b6cb0",
        "Link": "#2262a3",
        "LinkVisited": "#6f45a8",
        "Light": "#ffffff",
        "Midlight": "#e9ebee",
        "Mid": "#c3c8cf",
        "Dark": "#9aa1ab",
        "Shadow": "#5b626c",
    },
    "dark": {
        "Window": "#1b1d20",
        "WindowText": "#e3e5e9",
        "Base": "#24272c",
        "AlternateBase": "#282b31",
        "Text": "#e3e5e9",
        "PlaceholderText": "#8b929d",
        "Button": "#2e3138",
        "ButtonText": "#e3e5e9",
        "BrightText": "#ffffff",
        "ToolTipBase": "#e9ebee",
        "ToolTipText": "#16181b",
        "Highlight": "#3a76b8",
        "HighlightedText": "#ffffff",
        "Accent": "#6aa9e9",
        "Link": "#7fb4f5",
        "LinkVisited": "#c7a6f2",
        "Light": "#3a3e46",
        "Midlight": "#31343b",
        "Mid": "#3b3f47",
        "Dark": "#101214",
        "Shadow": "#08090a",
    },
}
_STYLED = "roi_assistant_styled"
DISABLED: dict[Scheme, str] = {"light": "#9097a1", "dark": "#666d78"}

STYLE = """
QStatusBar::item { border: 0; }
QToolBar { border: 0; padding: 4px 6px; spacing: 2px; }
QMainWindow::separator { background: transparent; width: 5px; height: 5px; }
QToolTip { padding: 4px 6px; border: 0; background: palette(tooltip-base); color: palette(tooltip-text); }
"""


def scheme_for(theme: str) -> Scheme:
    """The scheme that the setting ``theme`` asks for now."""
    if theme in ("light", "dark"):
        return "dark" if theme == "dark" else "light"
    hints = QGuiApplication.styleHints()
    return "dark" if hints is not None and hints.colorScheme() == Qt.ColorScheme.Dark else "light"


def palette_for(scheme: Scheme) -> QPalette:
    """The colors of ``scheme`` as a palette, those of disabled controls included."""
    palette = QPalette()
    for name, color in COLORS[scheme].items():
        role = getattr(QPalette.ColorRole, name, None)  # Accent is younger than the oldest Qt that will do
        if role is not None:
            palette.setColor(role, QColor(color))
    off = QPalette.ColorGroup.Disabled
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(off, role, QColor(DISABLED[scheme]))
    palette.setColor(off, QPalette.ColorRole.Highlight, QColor(COLORS[scheme]["Mid"]))
    palette.setColor(off, QPalette.ColorRole.HighlightedText, QColor(COLORS[scheme]["Text"]))
    return palette


def apply_theme(application: QApplication, theme: str) -> None:
    """Give the whole application the scheme that ``theme`` (system, light, dark) asks for."""
    scheme = scheme_for(theme)
    palette = palette_for(scheme)
    if application.property(_STYLED) != scheme:  # style() is the style sheet's, which tells nothing about ours
        # Fusion is the one style that takes its colors from the palette on every platform.
        if scheme == "dark":
            from roi_assistant.ui.look.style import OutlinedFusion  # late: it takes a while, and light does without

            application.setStyle(OutlinedFusion())
        else:
            application.setStyle("Fusion")
        application.setProperty(_STYLED, scheme)
    changed = application.palette() != palette
    if changed:
        application.setPalette(palette)
    if changed or application.styleSheet() != STYLE:
        application.setStyleSheet(STYLE)  # under a style sheet, children take a new palette only together with it


def icon(name: str, palette: QPalette) -> QIcon:
    """The icon ``resources/icons/name.svg`` in the color of the text of ``palette``."""
    text = palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.ButtonText).name()
    off = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText).name()
    return _icon(name, text, off)


def tinted(name: str, color: QColor, size: int, ratio: float) -> QPixmap:
    """The icon in ``color``, ``size`` device-independent pixels wide on a screen with ``ratio``."""
    return _pixmap(name, color.name(), size, ratio)


@lru_cache(maxsize=256)
def _icon(name: str, color: str, disabled: str) -> QIcon:
    return QIcon(
        IconEngine(
            lambda side, ratio, mode: _pixmap(name, disabled if mode == QIcon.Mode.Disabled else color, side, ratio)
        )
    )


@lru_cache(maxsize=256)
def _pixmap(name: str, color: str, size: int, ratio: float) -> QPixmap:
    from PyQt6.QtSvg import QSvgRenderer  # late: the first window needs no icon of ours before it is shown

    text = _source(name).replace("currentColor", color)
    pixmap = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(text.encode())).render(painter)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text(encoding="utf-8")


def contrast(a: QColor, b: QColor) -> float:
    """The contrast ratio of WCAG 2.1, 1 to 21; small text needs 4.5."""
    first, second = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def _luminance(color: QColor) -> float:
    parts = []
    for value in (color.redF(), color.greenF(), color.blueF()):
        parts.append(value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4)
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
