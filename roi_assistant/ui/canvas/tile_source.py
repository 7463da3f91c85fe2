"""Cuts tiles in a thread and keeps those drawn last. The most recently asked for come first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QImage

from roi_assistant.ui.look.pixels import to_qimage

if TYPE_CHECKING:
    from roi_assistant.imaging.tiles import TileKey, TilePyramid

TILE_BYTES = 160 << 20
"""Memory for tiles that are ready to be drawn; the tiles of one screen are kept beyond it."""


class TileSource(QObject):
    """See the module. One pyramid at a time."""

    ready = pyqtSignal(object)
    """TileKey of a tile that can be had from ``get`` now."""

    def __init__(self, parent: QObject | None = None, *, max_bytes: int = TILE_BYTES) -> None:
        super().__init__(parent)
        self._max_bytes = max_bytes
        self._pyramid: TilePyramid | None = None
        self._tiles: OrderedDict[TileKey, QImage] = OrderedDict()
        self._bytes = 0
        self._asked: list[TileKey] = []
        self._changed = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None

    @property
    def pyramid(self) -> TilePyramid | None:
        """The picture whose tiles are asked for; None while there is none."""
        return self._pyramid

    def set_pyramid(self, pyramid: TilePyramid | None) -> None:
        """Show another image; all tiles are forgotten."""
        with self._changed:
            self._pyramid = pyramid
            self._tiles.clear()
            self._bytes = 0
            self._asked = []

    def get(self, key: TileKey) -> QImage | None:
        """The tile, if it is there."""
        with self._changed:
            image = self._tiles.get(key)
            if image is not None:
                self._tiles.move_to_end(key)
            return image

    def ask(self, keys: Sequence[TileKey]) -> None:
        """These tiles are wanted, in this order, and no others any more."""
        with self._changed:
            self._asked = [key for key in keys if key not in self._tiles]
            if self._asked and self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._run, name="tiles", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Stop the thread."""
        with self._changed:
            self._closing = True
            self._asked = []
            self._tiles.clear()
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._asked and not self._closing:
                    self._changed.wait()
                if self._closing:
                    return
                key, pyramid = self._asked.pop(0), self._pyramid
            if pyramid is None:
                continue
            image = to_qimage(pyramid.tile(key))
            with self._changed:
                if pyramid is not self._pyramid:
                    continue
                if key not in self._tiles:
                    self._bytes += image.sizeInBytes()
                self._tiles[key] = image
                while self._bytes > self._max_bytes and len(self._tiles) > 1:
                    self._bytes -= self._tiles.popitem(last=False)[1].sizeInBytes()
            try:
                self.ready.emit(key)
            except RuntimeError:  # the window is gone
                return
