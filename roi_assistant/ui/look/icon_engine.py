"""Icons that are drawn when they are looked at, in the pixels of the screen that they are on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QT_VERSION, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QIcon, QIconEngine, QPainter, QPixmap

ICON_SIZE = 20
_SIZES_OF_SCREEN: Final = QT_VERSION < 0x060800
"""Older versions of Qt ask for a scaled pixmap in pixels of the screen, newer ones in device-independent pixels."""

Draw = Callable[[int, float, QIcon.Mode], QPixmap]
"""A picture of so many device-independent pixels on each side, for a screen with so many pixels to one of these."""


class IconEngine(QIconEngine):
    """See the module."""

    def __init__(self, draw: Draw) -> None:
        super().__init__()
        self._draw = draw

    def clone(self) -> QIconEngine:
        return IconEngine(self._draw)

    def isNull(self) -> bool:
        return False

    def availableSizes(self, mode: QIcon.Mode = QIcon.Mode.Normal, state: QIcon.State = QIcon.State.Off) -> list[QSize]:
        return [QSize(ICON_SIZE, ICON_SIZE)]

    def paint(self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        if painter is not None:
            device = painter.device()
            ratio = 1.0 if device is None else device.devicePixelRatioF()
            painter.drawPixmap(rect, self._draw(min(rect.width(), rect.height()), ratio, mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self._draw(min(size.width(), size.height()), 1.0, mode)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        side = min(size.width(), size.height())
        return self._draw(round(side / scale) if _SIZES_OF_SCREEN else side, scale, mode)


def painted_pixmap(paint: Callable[[QPainter, QRectF], None], side: int, ratio: float) -> QPixmap:
    """What ``paint`` paints into a square, as a picture of ``side`` device-independent pixels."""
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint(painter, QRectF(0, 0, side, side))
    painter.end()
    return pixmap


def painted_icon(paint: Callable[[QPainter, QRectF], None]) -> QIcon:
    """What ``paint`` paints into a square, as an icon; paler where it cannot be clicked."""

    def draw(side: int, ratio: float, mode: QIcon.Mode) -> QPixmap:
        def paint_in_mode(painter: QPainter, rect: QRectF) -> None:
            painter.setOpacity(0.4 if mode == QIcon.Mode.Disabled else 1.0)
            paint(painter, rect)

        return painted_pixmap(paint_in_mode, side, ratio)

    return QIcon(IconEngine(draw))
