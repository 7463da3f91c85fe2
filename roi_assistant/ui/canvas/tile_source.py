"""Makes what is painted of an image in a thread: its tiles, of which those drawn last are kept, and, when it is shown
brighter or darker than it is, its small versions. The most recently asked for comes first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QImage

from roi_assistant.imaging.tone import Tone, toned
from roi_assistant.ui.look.pixels import to_pillow, to_qimage

if TYPE_CHECKING:
    from roi_assistant.imaging.tiles import TileKey
    from roi_assistant.ui.canvas.loader import LoadedImage

TILE_BYTES = 160 << 20
"""Memory for tiles that are ready to be drawn; the tiles of one screen are kept beyond it."""


class TileSource(QObject):
    """See the module. One image at a time."""

    ready = pyqtSignal(object)
    """TileKey of a tile that can be had from ``get`` now."""
    wholeReady = pyqtSignal(object, object, object)
    """LoadedImage, Tone, and the versions ``whole`` of the one in the other."""

    def __init__(self, parent: QObject | None = None, *, max_bytes: int = TILE_BYTES) -> None:
        super().__init__(parent)
        self._max_bytes = max_bytes
        self._image: LoadedImage | None = None
        self._tone = Tone()
        self._tone_is_due = False
        self._tiles: OrderedDict[TileKey, QImage] = OrderedDict()
        self._outdated: set[TileKey] = set()
        self._bytes = 0
        self._asked: list[TileKey] = []
        self._changed = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None

    @property
    def tone(self) -> Tone:
        """How tiles are made now."""
        return self._tone

    def set_image(self, image: LoadedImage | None) -> None:
        """Show another image; all tiles are forgotten."""
        with self._changed:
            self._image = image
            self._tiles.clear()
            self._outdated.clear()
            self._bytes = 0
            self._asked = []
            self._ask_whole()

    def set_tone(self, tone: Tone) -> None:
        """Make everything anew; the tiles of before can be had until then."""
        with self._changed:
            self._tone = tone
            self._outdated = set(self._tiles)
            self._asked = []
            self._ask_whole()

    def _ask_whole(self) -> None:
        self._tone_is_due = self._image is not None and not self._tone.is_neutral
        if self._tone_is_due:
            self._wake()

    def get(self, key: TileKey) -> QImage | None:
        """The tile, if it is there."""
        with self._changed:
            image = self._tiles.get(key)
            if image is not None:
                self._tiles.move_to_end(key)
            return image

    def is_outdated(self, key: TileKey) -> bool:
        """Whether the tile is one of the tone of before."""
        return key in self._outdated

    def ask(self, keys: Sequence[TileKey]) -> None:
        """These tiles are wanted, in this order, and no others any more."""
        with self._changed:
            self._asked = [key for key in keys if key not in self._tiles or key in self._outdated]
            if self._asked:
                self._wake()

    def _wake(self) -> None:
        if self._thread is None and not self._closing:
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
                while not (self._asked or self._tone_is_due or self._closing):
                    self._changed.wait()
                if self._closing:
                    return
                image, tone = self._image, self._tone
                key = None if self._tone_is_due else self._asked.pop(0)
                self._tone_is_due = False
            if image is None:
                continue
            try:
                if key is None:
                    self.wholeReady.emit(image, tone, whole_in_tone(image, tone))
                elif self._make(image, key, tone):
                    self.ready.emit(key)
            except RuntimeError:  # the window is gone
                return

    def _make(self, image: LoadedImage, key: TileKey, tone: Tone) -> bool:
        """Cut a tile; whether it belongs to what is shown when it is done."""
        if image.pyramid is None:
            return False
        tile = to_qimage(image.pyramid.tile(key, tone))
        with self._changed:
            if image is not self._image:
                return False
            old = self._tiles.pop(key, None)
            self._bytes += tile.sizeInBytes() - (old.sizeInBytes() if old is not None else 0)
            self._tiles[key] = tile
            if tone == self._tone:
                self._outdated.discard(key)
            else:
                self._outdated.add(key)
            while self._bytes > self._max_bytes and len(self._tiles) > 1:
                dropped, picture = self._tiles.popitem(last=False)
                self._bytes -= picture.sizeInBytes()
                self._outdated.discard(dropped)
        return True


def whole_in_tone(image: LoadedImage, tone: Tone) -> tuple[tuple[int, QImage], ...]:
    """The small versions of ``image`` as ``tone`` shows them: levels and pixels, most detailed first."""
    sources = image.deep or tuple(to_pillow(pixels) for _, pixels in image.whole)
    levels = (level for level, _ in image.whole)
    return tuple((level, to_qimage(toned(source, tone))) for level, source in zip(levels, sources, strict=True))
