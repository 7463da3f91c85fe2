"""Loads images in a thread: size first, for large ones a preview, then all levels; keeps the last ones in memory.

There is one thread. The image that is looked at comes first, what is prefetched after it; a decode that nobody wants
any more is left off between two blocks of its file. Pillow is imported by the thread, not with the window.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QImage

from roi_assistant.imaging.tone import Tone, toned
from roi_assistant.sentences import Sentence
from roi_assistant.ui.look.pixels import to_qimage

if TYPE_CHECKING:
    from PIL.Image import Image

    from roi_assistant.imaging.tiles import TilePyramid

_log = logging.getLogger(__name__)

CACHE_BYTES = 512 << 20
_PREVIEW_FROM_PIXELS = 16_000_000
"""JPEG images with fewer pixels are decoded at once; for others a small version is decoded first."""
_PREVIEW_SIDE = 1400
_BYTES_PER_PIXEL = 4 * 4 / 3

Stamp = tuple[int, int]
"""Size in bytes and time of change of a file: tells whether it is still the same."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadedImage:
    """An image, or at first only its preview, ready to be drawn.

    ``width`` and ``height`` are those of the whole image. ``whole`` has a level and its pixels, most detailed first;
    ``pyramid`` has the levels that are more detailed (None: there are none, or they are still to come). ``deep`` has
    the levels of ``whole`` in mode I;16, for gray of 16 bits only.
    """

    path: Path
    stamp: Stamp
    width: int
    height: int
    whole: tuple[tuple[int, QImage], ...]
    pyramid: TilePyramid | None = None
    deep: tuple[Image, ...] = ()
    complete: bool = True

    @property
    def nbytes(self) -> int:
        """Memory of the reduced copies and the pyramid, in bytes."""
        own = sum(image.sizeInBytes() for _, image in self.whole) + sum(2 * i.width * i.height for i in self.deep)
        return own + (self.pyramid.nbytes if self.pyramid is not None else 0)


@dataclass(slots=True)
class _Job:
    path: Path
    request: int | None = None
    size: tuple[int, int] | None = None
    cancelled: bool = False


class ImageLoader(QObject):
    """See the module. Signals carry the number that ``load`` returned; those of earlier numbers may still arrive."""

    sized = pyqtSignal(int, int, int)
    """Request, width, height: known from the header."""
    loaded = pyqtSignal(int, object)
    """Request, LoadedImage; twice for large images, the first one not ``complete``."""
    failed = pyqtSignal(int, str)

    def __init__(self, parent: QObject | None = None, *, cache_bytes: int = CACHE_BYTES) -> None:
        super().__init__(parent)
        self._cache_bytes = cache_bytes
        self._cache: OrderedDict[Path, LoadedImage] = OrderedDict()
        self._cached_bytes = 0
        self._changed = threading.Condition()
        self._number = 0
        self._wanted: _Job | None = None
        self._ahead: list[Path] = []
        self._job: _Job | None = None
        self._current: Path | None = None
        self._closing = False
        self._thread: threading.Thread | None = None

    def load(self, path: Path) -> int:
        """Ask for ``path`` before all else; what was asked before is dropped. Returns the number of the request."""
        with self._changed:
            self._number += 1
            self._current = path
            job = self._job
            if job is not None and not job.cancelled and job.path == path:
                job.request = self._number  # it is being prefetched
                self._wanted = None
                if job.size is not None:
                    self.sized.emit(self._number, *job.size)
            else:
                if job is not None:
                    job.cancelled = True
                self._wanted = _Job(path, self._number)
            self._wake()
            return self._number

    def cached(self, path: Path) -> LoadedImage | None:
        """The image, if it is in memory. ``load`` looks whether the file has changed since."""
        with self._changed:
            return self._cache.get(path)

    def prefetch(self, paths: Sequence[Path]) -> None:
        """Load ``paths`` when there is nothing else to do, as far as they fit into memory; replaces earlier ones."""
        with self._changed:
            self._ahead = list(paths)
            job = self._job
            if job is not None and job.request is None and job.path not in self._ahead:
                job.cancelled = True
            self._wake()

    def forget(self) -> None:
        """Drop the current request and what was prefetched."""
        with self._changed:
            self._number += 1
            self._current = None
            self._wanted = None
            self._ahead = []
            if self._job is not None:
                self._job.cancelled = True

    def close(self) -> None:
        """Stop the thread; it ends by itself after at most one block of a file."""
        with self._changed:
            self._closing = True
            if self._job is not None:
                self._job.cancelled = True
            self._cache.clear()
            self._changed.notify_all()

    # ------------------------------------------------------------------------------------------------- in the thread

    def _wake(self) -> None:
        if self._thread is None and not self._closing:
            self._thread = threading.Thread(target=self._run, name="image-loader", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._work(job)
            except RuntimeError:  # the window, and with it the receiver of our signals, is gone
                return
            finally:
                with self._changed:
                    self._job = None

    def _next(self) -> _Job | None:
        with self._changed:
            while not self._closing:
                if self._wanted is not None:
                    self._job, self._wanted = self._wanted, None
                    return self._job
                while self._ahead:
                    path = self._ahead.pop(0)
                    if path not in self._cache:
                        self._job = _Job(path)
                        return self._job
                self._changed.wait()
            return None

    def _work(self, job: _Job) -> None:
        from roi_assistant.errors import ImageError
        from roi_assistant.imaging.decode import DecodeCancelledError

        try:
            self._load(job)
        except DecodeCancelledError:
            return
        except ImageError as error:
            self._fail(job, error.sentence)
        except MemoryError:
            full = Sentence.of(
                "{path} does not fit into memory: close other programs or make it smaller.", path=job.path
            )
            self._fail(job, full)
        except Exception as error:  # a thread that dies of one bad file would leave the window waiting for ever
            _log.exception("Loading %s failed", job.path)
            told = Sentence.of(
                "{path} cannot be shown ({reason}): copy or export it again.", path=job.path, reason=error
            )
            self._fail(job, told)

    def _fail(self, job: _Job, message: Sentence) -> None:
        with self._changed:
            self._drop(job.path)
            request = None if job.cancelled else job.request
        if request is not None:
            self.failed.emit(request, message.to_text())

    def _load(self, job: _Job) -> None:
        from roi_assistant.imaging.decode import MAX_PIXELS, decode_image, read_size
        from roi_assistant.imaging.tiles import build_pyramid, load_pyramid

        def cancelled() -> bool:
            return job.cancelled

        stamp = _stamp(job.path)
        with self._changed:
            known = self._cache.get(job.path)
        if known is not None and known.complete and known.stamp == stamp:
            self._deliver(job, known)
            return
        width, height = read_size(job.path)
        if job.request is None and not self._fits(width, height):
            return
        with self._changed:
            job.size = (width, height)
            request = None if job.cancelled else job.request
        if request is not None:
            self.sized.emit(request, width, height)
            draft = _draft(job.path, width, height)
            if draft > 1 and width * height <= MAX_PIXELS * 64:
                small = build_pyramid(decode_image(job.path, draft=draft, cancelled=cancelled).pixels)
                level = draft.bit_length() - 1
                whole = tuple((level + number, to_qimage(image)) for number, image in enumerate(small.levels))
                self._deliver(job, LoadedImage(job.path, stamp, width, height, whole, complete=False))
        pyramid = load_pyramid(job.path, cancelled=cancelled)
        first_whole = pyramid.whole
        levels = range(first_whole, pyramid.last + 1)
        whole = tuple((level, to_qimage(toned(pyramid.level(level), Tone()))) for level in levels)
        detailed = pyramid.levels[: first_whole - pyramid.first]
        finished = LoadedImage(
            job.path,
            stamp,
            pyramid.width,
            pyramid.height,
            whole,
            replace(pyramid, levels=detailed) if detailed else None,
            deep=tuple(image for level in levels if (image := pyramid.level(level)).mode == "I;16"),
        )
        self._deliver(job, finished)

    def _fits(self, width: int, height: int) -> bool:
        with self._changed:
            current = self._cache.get(self._current) if self._current is not None else None
            taken = current.nbytes if current is not None else 0
        return taken + width * height * _BYTES_PER_PIXEL <= self._cache_bytes

    def _deliver(self, job: _Job, image: LoadedImage) -> None:
        with self._changed:
            if self._closing or job.cancelled:
                return
            if image.complete:
                self._keep(image)
            request = job.request
        if request is not None:
            self.loaded.emit(request, image)

    def _keep(self, image: LoadedImage) -> None:
        """Remember ``image``, and forget those that were used longest ago, never the one that is looked at.

        The window waits for the lock that is held here, so nothing is added up: thousands of small images fit.
        """
        self._drop(image.path)
        self._cache[image.path] = image
        self._cached_bytes += image.nbytes
        while self._cached_bytes > self._cache_bytes:
            oldest = next((path for path in self._cache if path != self._current), None)
            if oldest is None:
                return
            self._drop(oldest)

    def _drop(self, path: Path) -> None:
        image = self._cache.pop(path, None)
        if image is not None:
            self._cached_bytes -= image.nbytes


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return (0, 0)  # decoding says what is wrong
    return (status.st_size, status.st_mtime_ns)


def _draft(path: Path, width: int, height: int) -> int:
    """To which part a JPEG is decoded for its preview; 1: no preview."""
    if width * height < _PREVIEW_FROM_PIXELS:
        return 1
    with path.open("rb") as stream:
        if stream.read(3) != b"\xff\xd8\xff":
            return 1
    draft = 8
    while draft > 2 and max(width, height) / draft < _PREVIEW_SIDE / 2:
        draft //= 2
    return draft
