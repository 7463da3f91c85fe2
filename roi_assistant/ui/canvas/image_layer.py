"""Paints the image: a small version of it whole, and over that the tiles of the level that fits the zoom.

All edges lie on whole device pixels, computed from the image and not from what happens to be repainted, so that
neighbouring tiles, and strips painted one after the other while scrolling, meet without seams.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QRect, QRectF, pyqtSignal
from PyQt6.QtGui import QImage, QPainter, QRegion

from roi_assistant.imaging.tone import Tone
from roi_assistant.ui.canvas.loader import LoadedImage
from roi_assistant.ui.canvas.tile_source import TileSource

if TYPE_CHECKING:
    from roi_assistant.imaging.tiles import TileKey

PIXELS_FROM = 3.0
"""From this zoom on, in device pixels per pixel of the image, pixels are shown as squares."""
_PIECE = 64
_PIECES_FROM = 4.0
"""From this zoom on a tile is painted in pieces: painting it whole would make numbers too large for the painter."""


class ImageLayer(QObject):
    """The image of a canvas and what of it is ready."""

    tileReady = pyqtSignal(QRectF)
    """Rectangle, in pixels of the image, that can be painted better now."""
    toneReady = pyqtSignal()
    """All of the image can be painted in the tone that was asked for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._image: LoadedImage | None = None
        self._whole: tuple[tuple[int, QImage], ...] = ()
        self.tiles = TileSource(self)
        self.tiles.ready.connect(self._tile_ready)
        self.tiles.wholeReady.connect(self._whole_ready)

    @property
    def image(self) -> LoadedImage | None:
        """The image that is painted; None when the canvas is empty."""
        return self._image

    @property
    def can_paint(self) -> bool:
        """Whether there is an image, and in a tone that may be seen: not the plain one of a photo shown brighter."""
        return bool(self._whole)

    def set_image(self, image: LoadedImage | None) -> None:
        """Paint ``image`` from the next frame on; None paints nothing. The tiles of the image before are dropped."""
        same = image is not None and self._image is not None and image.path == self._image.path
        self._image = image
        if image is None or self.tiles.tone.is_neutral:
            self._whole = () if image is None else image.whole
        elif not same:
            self._whole = ()
        self.tiles.set_image(image)

    def set_tone(self, tone: Tone) -> None:
        """Show the image in ``tone``; what is painted before ``toneReady`` is as it was."""
        if tone == self.tiles.tone:
            return
        self.tiles.set_tone(tone)
        if tone.is_neutral and self._image is not None:
            self._whole = self._image.whole
            self.toneReady.emit()

    def _whole_ready(self, image: LoadedImage, tone: Tone, whole: tuple[tuple[int, QImage], ...]) -> None:
        if image is self._image and not self.tiles.tone.is_neutral:  # one of an earlier tone is nearer than none
            self._whole = whole
            self.toneReady.emit()

    def small_version(self, side: int) -> QImage | None:
        """The image whole, its longest side at least ``side`` pixels where there is such a version; None: none yet."""
        if not self._whole:
            return None
        version = self._whole[0][1]
        for _, image in self._whole:
            if max(image.width(), image.height()) >= side:
                version = image
        return version

    def paint(
        self, painter: QPainter, *, scale: float, left: float, top: float, exposed: QRegion, smooth: bool
    ) -> list[TileKey]:
        """Paint what lies in ``exposed``; returns the tiles that are missing there.

        Args:
            painter: in device pixels of the view, without transform.
            scale: device pixels per pixel of the image.
            left: where the left edge of the image is, in device pixels.
            top: where its upper edge is.
            exposed: what is to be painted, in device pixels.
            smooth: whether there is time for smoothing.
        """
        image = self._image
        if image is None or not self._whole:
            return []
        place = _Place(scale, left, top, exposed)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth and scale < PIXELS_FROM)
        level = math.floor(math.log2(1 / scale) + 1e-6) if scale < 1 else 0
        first_whole = image.whole[0][0]
        if image.pyramid is None or level >= first_whole:
            number, pixels = next(
                ((n, p) for n, p in reversed(self._whole) if n <= max(level, first_whole)), self._whole[0]
            )
            _paint_part(painter, pixels, place, number, 0, 0)
            return []
        pyramid = image.pyramid
        level = max(level, pyramid.first)
        missing = []
        for key in pyramid.tiles_in(level, place.area(image.width, image.height)):
            x1, y1, x2, y2 = pyramid.bounds(key)
            if not exposed.intersects(place.target(x1, y1, x2, y2, level)):
                continue
            tile = self.tiles.get(key)
            if tile is None or self.tiles.is_outdated(key):
                missing.append(key)
            if tile is not None:
                _paint_part(painter, tile, place, level, x1, y1)
            else:
                self._paint_stand_in(painter, place, (x1, y1, x2, y2), level)
        return missing

    def ask_for_view(self, area: QRectF, scale: float) -> None:
        """Have the tiles made that show ``area`` (pixels of the image) at ``scale``, from its middle outwards."""
        pyramid = None if self._image is None else self._image.pyramid
        if pyramid is not None and not area.isEmpty():
            level = max(pyramid.first, math.floor(math.log2(1 / scale) + 1e-6) if scale < 1 else 0)
            if level <= pyramid.last:
                self.tiles.ask(pyramid.tiles_in(level, (area.left(), area.top(), area.right(), area.bottom())))

    def _paint_stand_in(self, painter: QPainter, place: _Place, bounds: tuple[int, int, int, int], level: int) -> None:
        number, pixels = self._whole[0]
        factor = 2.0 ** (level - number)
        x1, y1, x2, y2 = bounds
        source = QRectF(x1 * factor, y1 * factor, (x2 - x1) * factor, (y2 - y1) * factor)
        painter.drawImage(QRectF(place.target(x1, y1, x2, y2, level)), pixels, source)

    def _tile_ready(self, key: TileKey) -> None:
        pyramid = None if self._image is None else self._image.pyramid
        if pyramid is not None and pyramid.first <= key.level <= pyramid.last:
            x1, y1, x2, y2 = (value * 2.0**key.level for value in pyramid.bounds(key))
            self.tileReady.emit(QRectF(x1, y1, x2 - x1, y2 - y1))


class _Place:
    """Where pixels of the image are on the device."""

    def __init__(self, scale: float, left: float, top: float, exposed: QRegion) -> None:
        self.scale, self.left, self.top = scale, left, top
        self.exposed = exposed

    def target(self, x1: float, y1: float, x2: float, y2: float, level: int) -> QRect:
        """The device pixels of a rectangle in pixels of ``level``."""
        factor = self.scale * 2.0**level
        left, top = math.floor(self.left + x1 * factor + 0.5), math.floor(self.top + y1 * factor + 0.5)
        right, bottom = math.floor(self.left + x2 * factor + 0.5), math.floor(self.top + y2 * factor + 0.5)
        return QRect(left, top, right - left, bottom - top)

    def area(self, width: int, height: int) -> tuple[float, float, float, float]:
        """What of the image lies in ``exposed``, in its pixels."""
        rect = self.exposed.boundingRect()
        x1, y1 = (rect.left() - self.left) / self.scale, (rect.top() - self.top) / self.scale
        x2, y2 = x1 + rect.width() / self.scale, y1 + rect.height() / self.scale
        return (max(0.0, x1), max(0.0, y1), min(float(width), x2), min(float(height), y2))


def _paint_part(painter: QPainter, pixels: QImage, place: _Place, level: int, x: int, y: int) -> None:
    """Paint ``pixels``, whose corner is at ``x``, ``y`` of ``level``."""
    if place.scale * 2.0**level < _PIECES_FROM:
        painter.drawImage(place.target(x, y, x + pixels.width(), y + pixels.height(), level), pixels)
        return
    for piece in _pieces(pixels, place, level, x, y):
        x1, y1 = x + piece.left(), y + piece.top()
        target = place.target(x1, y1, x1 + piece.width(), y1 + piece.height(), level)
        if place.exposed.intersects(target):
            painter.drawImage(target, pixels, piece)


def _pieces(pixels: QImage, place: _Place, level: int, x: int, y: int) -> Iterator[QRect]:
    """The squares of a fixed grid on ``pixels`` that may be exposed."""
    factor = place.scale * 2.0**level
    rect = place.exposed.boundingRect()
    first_x = max(0, math.floor(((rect.left() - place.left) / factor - x) / _PIECE))
    first_y = max(0, math.floor(((rect.top() - place.top) / factor - y) / _PIECE))
    last_x = math.ceil(((rect.right() + 1 - place.left) / factor - x) / _PIECE)
    last_y = math.ceil(((rect.bottom() + 1 - place.top) / factor - y) / _PIECE)
    for row in range(first_y, min(last_y, math.ceil(pixels.height() / _PIECE))):
        for column in range(first_x, min(last_x, math.ceil(pixels.width() / _PIECE))):
            left, top = column * _PIECE, row * _PIECE
            yield QRect(left, top, min(_PIECE, pixels.width() - left), min(_PIECE, pixels.height() - top))
