"""Small pictures made in threads: thumbnails of images and close-ups of regions, in a cache bounded in bytes.

A view says with ``want`` what it shows now, which replaces what it wanted before, so that scrolling through 100,000
rows decodes the rows where it stops and not those on the way.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QImage, QPixmap

from roi_assistant.core.box import Box, clip_box, context_box
from roi_assistant.errors import RoiAssistantError
from roi_assistant.ui.look.pixels import to_qimage

if TYPE_CHECKING:
    from PIL.Image import Image

K = TypeVar("K", bound=Hashable)

THREADS: Final = 2
MOST_FAILURES: Final = 4096
"""Keys remembered as unreadable; older ones are tried again."""


class BackgroundPictures(QObject, Generic[K]):
    """Pictures by key, made by ``make`` in threads, the least recently shown dropped first.

    All methods are for the GUI thread; ``make`` runs in the threads and must not touch widgets.
    """

    ready = pyqtSignal(object)
    """A key whose picture, or failure, is now known."""
    _made = pyqtSignal(object, object, str, int)

    def __init__(
        self,
        make: Callable[[K], QImage],
        *,
        max_bytes: int,
        threads: int = THREADS,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._make = make
        self._max_bytes = max_bytes
        self._pixmaps: OrderedDict[K, QPixmap] = OrderedDict()
        self._failures: OrderedDict[K, str] = OrderedDict()
        self._bytes = 0
        self._condition = threading.Condition()
        self._queue: list[K] = []
        self._running: set[K] = set()
        self._closed = False
        self._epoch = 0
        self._made.connect(self._store)
        self._threads = [
            threading.Thread(target=self._work, name=f"pictures-{n}", daemon=True) for n in range(max(1, threads))
        ]
        self._started = False
        self.destroyed.connect(lambda: self._end())  # with its window, when nobody closed it before

    @property
    def cached_bytes(self) -> int:
        """Bytes of the pictures that are kept now."""
        return self._bytes

    def pixmap(self, key: K) -> QPixmap | None:
        """The picture of ``key``; None while it is not there. Counts as shown."""
        pixmap = self._pixmaps.get(key)
        if pixmap is not None:
            self._pixmaps.move_to_end(key)
        return pixmap

    def failure(self, key: K) -> str:
        """Why there is no picture of ``key``; empty when it did not fail."""
        return self._failures.get(key, "")

    def want(self, keys: Iterable[K]) -> None:
        """Make the pictures of ``keys``, the first ones first, and forget earlier wishes that have not begun."""
        missing = [key for key in keys if key not in self._pixmaps and key not in self._failures]
        with self._condition:
            self._queue = [key for key in missing if key not in self._running]
            if self._queue and not self._closed:
                if not self._started:
                    self._started = True
                    for thread in self._threads:
                        thread.start()
                self._condition.notify_all()

    def forget(self) -> None:
        """Drop all pictures, failures and wishes: the folder changed."""
        with self._condition:
            self._queue = []
            self._epoch += 1
        self._pixmaps.clear()
        self._failures.clear()
        self._bytes = 0

    def close(self) -> None:
        """Stop the threads; pictures in the making are dropped."""
        self._end()
        if self._started:
            for thread in self._threads:
                thread.join(timeout=2.0)

    def _end(self) -> None:
        with self._condition:
            self._closed = True
            self._queue = []
            self._epoch += 1
            self._condition.notify_all()

    def _work(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._queue or self._closed)
                if not self._queue:  # closing empties it
                    return
                key = self._queue.pop(0)
                self._running.add(key)
                epoch = self._epoch
            try:
                image, failure = self._make(key), ""
            except Exception as error:  # a picture that cannot be read must not end the thread
                told = error.sentence.to_text() if isinstance(error, RoiAssistantError) else str(error)
                image, failure = QImage(), told or type(error).__name__
            with self._condition:
                self._running.discard(key)
            try:
                self._made.emit(key, image, failure, epoch)
            except RuntimeError:  # the QObject went away with its window
                return

    def _store(self, key: K, image: QImage, failure: str, epoch: int) -> None:
        if epoch != self._epoch:
            return
        if failure or image.isNull():
            self._failures[key] = failure
            while len(self._failures) > MOST_FAILURES:
                self._failures.popitem(last=False)
        elif key not in self._pixmaps:
            pixmap = QPixmap.fromImage(image)
            self._pixmaps[key] = pixmap
            self._bytes += _size(pixmap)
            while self._bytes > self._max_bytes and len(self._pixmaps) > 1:
                _, old = self._pixmaps.popitem(last=False)
                self._bytes -= _size(old)
        self.ready.emit(key)


class Thumbnails(BackgroundPictures[str]):
    """Thumbnails of the images of a folder by key, at most ``size`` device-independent pixels on the longer side."""

    def __init__(
        self,
        *,
        size: int = 96,
        ratio: float = 1.0,
        max_bytes: int = 48 << 20,
        load: Callable[[Path, int], Image] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(self._thumbnail, max_bytes=max_bytes, parent=parent)
        self._folder = Path()
        self._pixels = round(size * ratio)
        self._ratio = ratio
        self._load = load or _load_thumbnail

    def set_folder(self, folder: Path | None) -> None:
        """Show images below ``folder`` from now on."""
        if folder != self._folder:
            self._folder = folder or Path()
            self.forget()

    def _thumbnail(self, key: str) -> QImage:
        image = to_qimage(self._load(self._folder / key, self._pixels))
        image.setDevicePixelRatio(self._ratio)
        return image


@dataclass(frozen=True, slots=True)
class CropKey:
    """A close-up: ``box`` of ``image`` (key), shown within ``width`` x ``height`` pixels."""

    image: str
    box: Box
    width: int
    height: int


class RegionCrops(BackgroundPictures[CropKey]):
    """Close-ups of regions with some of their surroundings; ``frame`` says where the box lies in them."""

    def __init__(self, *, max_bytes: int = 64 << 20, parent: QObject | None = None) -> None:
        super().__init__(self._crop, max_bytes=max_bytes, threads=2, parent=parent)
        self._folder = Path()
        self._decoded: OrderedDict[Path, Image] = OrderedDict()
        self._lock = threading.Lock()
        self._frames: OrderedDict[CropKey, tuple[float, float, float, float]] = OrderedDict()

    def set_folder(self, folder: Path | None) -> None:
        """Show images below ``folder`` from now on."""
        if folder != self._folder:
            self._folder = folder or Path()
            self.forget()
            with self._lock:
                self._decoded.clear()

    def frame(self, key: CropKey) -> tuple[float, float, float, float] | None:
        """The box within its close-up, 0..1: x1, y1, x2, y2."""
        return self._frames.get(key)

    def _crop(self, key: CropKey) -> QImage:
        from PIL import Image

        image = self._image(self._folder / key.image)
        box = clip_box(key.box, width=image.width, height=image.height)
        least = (key.width / MOST_ENLARGED, key.height / MOST_ENLARGED)
        window = crop_window(box, width=image.width, height=image.height, least=least)
        scale = min(key.width / window.width, key.height / window.height)
        size = (max(1, round(window.width * scale)), max(1, round(window.height * scale)))
        view = image.resize(size, Image.Resampling.BICUBIC, box=window.xyxy, reducing_gap=2.0)
        self._frames[key] = (
            (box.x1 - window.x1) / window.width,
            (box.y1 - window.y1) / window.height,
            (box.x2 - window.x1) / window.width,
            (box.y2 - window.y1) / window.height,
        )
        while len(self._frames) > MOST_FAILURES:
            self._frames.popitem(last=False)
        return to_qimage(view)

    def _image(self, path: Path) -> Image:
        from roi_assistant.imaging.decode import decode_image

        with self._lock:
            image = self._decoded.get(path)
            if image is not None:
                self._decoded.move_to_end(path)
                return image
        decoded = decode_image(path).pixels
        with self._lock:
            self._decoded[path] = decoded
            while len(self._decoded) > 1 and sum(i.width * i.height * 3 for i in self._decoded.values()) > _DECODED:
                self._decoded.popitem(last=False)
        return decoded


MOST_ENLARGED: Final = 3.0
"""A close-up shows a pixel of the image as at most this many: more would be blur, surroundings say more."""
_DECODED: Final = 192 << 20
"""Bytes of decoded photos that close-ups keep, so that several regions of a photo decode it once."""
_MARGIN: Final = 1.5


def crop_window(box: Box, *, width: float, height: float, least: tuple[float, float]) -> Box:
    """The part of an image of ``width`` x ``height`` that a close-up of ``box`` shows: the box with a margin, at least
    ``least`` (width, height), then grown to the proportions of ``least`` where the image has room."""
    window = context_box(box, margin=_MARGIN, max_aspect=1e6, width=width, height=height)
    w, h = max(window.width, least[0]), max(window.height, least[1])
    aspect = least[0] / least[1]
    w, h = min(width, max(w, h * aspect)), min(height, max(h, w / aspect))
    cx, cy = box.center
    x1 = min(max(cx - w / 2, 0.0), width - w)
    y1 = min(max(cy - h / 2, 0.0), height - h)
    return Box(x1, y1, min(x1 + w, width), min(y1 + h, height))


def _load_thumbnail(path: Path, size: int) -> Image:
    from roi_assistant.imaging.thumbnails import thumbnail

    return thumbnail(path, size)


def _size(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4
