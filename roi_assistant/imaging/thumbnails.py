"""Small versions of pictures, kept in memory and on disk, both bounded. Pillow only; any number of threads.

A thumbnail is found again by the path, size in bytes and time of change of its picture, so that a picture that was
exported anew gets a new one. What is on the disk is a cache: whatever goes wrong with it costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import math
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from PIL import Image

from roi_assistant.imaging.decode import MAX_PIXELS, decode_bytes, decode_image, read_size
from roi_assistant.imaging.huge import decode_reduced
from roi_assistant.temporary_files import temporary_name

MEMORY_BYTES = 48 << 20
DISK_BYTES = 256 << 20
_QUALITY = 85
_KEPT_AFTER_SWEEP = 0.8
_log = logging.getLogger(__name__)


class ThumbnailCache:
    """Thumbnails below ``folder`` (None: in memory only). The least recently used go first."""

    def __init__(self, folder: Path | None, *, memory_bytes: int = MEMORY_BYTES, disk_bytes: int = DISK_BYTES) -> None:
        self._folder = folder
        self._memory_bytes, self._disk_bytes = memory_bytes, disk_bytes
        self._memory: OrderedDict[str, Image.Image] = OrderedDict()
        self._bytes = 0
        self._on_disk = math.inf  # not looked at yet
        self._lock = threading.Lock()

    def thumbnail(self, path: Path, size: int) -> Image.Image:
        """The picture in ``path``, mode RGB, at most ``size`` pixels wide and high; smaller ones are not enlarged.

        The image is shared: do not change it.

        Raises:
            ImageError: as ``decode_image``.
        """
        key = _key(path, size)
        with self._lock:
            kept = self._memory.get(key)
            if kept is not None:
                self._memory.move_to_end(key)
                return kept
        image = self._stored(key)
        if image is None:
            image = make_thumbnail(path, size)
            self._store(key, image)
        with self._lock:
            if key not in self._memory:
                self._memory[key] = image
                self._bytes += _nbytes(image)
            while self._bytes > self._memory_bytes and len(self._memory) > 1:
                self._bytes -= _nbytes(self._memory.popitem(last=False)[1])
        return image

    @property
    def memory_used(self) -> int:
        """Bytes of the thumbnails in memory."""
        return self._bytes

    def _file(self, key: str) -> Path | None:
        return None if self._folder is None else self._folder / key[:2] / f"{key}.jpg"

    def _stored(self, key: str) -> Image.Image | None:
        file = self._file(key)
        if file is None:
            return None
        try:
            data = file.read_bytes()
            image = decode_bytes(data, name=file.name).pixels
            os.utime(file)  # used just now: the last to be swept away
        except FileNotFoundError:
            return None
        except Exception as error:  # a damaged file of the cache is made anew
            _log.info("Thumbnail %s is not used: %s", file, error)
            return None
        return image

    def _store(self, key: str, image: Image.Image) -> None:
        file = self._file(key)
        if file is None:
            return
        packed = io.BytesIO()
        image.save(packed, "JPEG", quality=_QUALITY)
        temporary = file.with_name(temporary_name())
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(packed.getbuffer())
            os.replace(temporary, file)
        except OSError as error:
            _log.info("Thumbnail %s is not kept: %s", file, error)
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            return
        # The files are looked at once, and again when there are too many: with 50,000 of them a look is long, and
        # other threads wait for their turn meanwhile.
        with self._lock:
            self._on_disk += len(packed.getbuffer())
            sweep = self._on_disk > self._disk_bytes
            if sweep:
                self._on_disk = 0  # what others write meanwhile is added
        if sweep:
            left = self._sweep()
            with self._lock:
                self._on_disk += left

    def _sweep(self) -> int:
        """Remove the files that were used longest ago if there are too many bytes; returns how many are left."""
        assert self._folder is not None
        files = list(_files_below(self._folder))
        total = sum(size for _, size, _ in files)
        if total <= self._disk_bytes:
            return total
        for _, size, file in sorted(files):
            if total <= self._disk_bytes * _KEPT_AFTER_SWEEP:
                break
            try:
                Path(file).unlink(missing_ok=True)  # another window may have swept it away
            except OSError as error:
                _log.info("Thumbnail %s cannot be removed: %s", file, error)
                continue
            total -= size
        return total


def _files_below(folder: Path) -> Iterator[tuple[int, int, str]]:
    """When used (ns), bytes and path of the files in the folders of ``folder``."""
    with contextlib.suppress(OSError), os.scandir(folder) as groups:
        for group in groups:
            with contextlib.suppress(OSError), os.scandir(group) as files:
                for file in files:
                    with contextlib.suppress(OSError):
                        status = file.stat()
                        yield status.st_mtime_ns, status.st_size, file.path


def make_thumbnail(path: Path, size: int) -> Image.Image:
    """The picture in ``path``, mode RGB, at most ``size`` pixels wide and high, without any cache.

    JPEG files are decoded no larger than needed; pictures of more than ``MAX_PIXELS`` pixels are read reduced.

    Raises:
        ImageError: as ``decode_image``.
    """
    width, height = read_size(path)
    draft = 8
    while draft > 1 and max(width, height) < 2 * size * draft:
        draft //= 2
    if width * height > MAX_PIXELS and not _is_jpeg(path):
        image, _ = decode_reduced(path)
    else:
        image = decode_image(path, draft=draft).pixels
    image = image if image.mode == "RGB" else image.convert("RGB")
    image.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return image


def thumbnail(path: Path, size: int) -> Image.Image:
    """As ``ThumbnailCache.thumbnail``, from the cache of this user."""
    return _own_cache().thumbnail(path, size)


@cache
def _own_cache() -> ThumbnailCache:
    from roi_assistant.settings import APP_NAME, HOME_VARIABLE

    home = os.environ.get(HOME_VARIABLE)
    if home:
        return ThumbnailCache(Path(home) / "cache" / "thumbnails")
    import platformdirs

    return ThumbnailCache(Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False)) / "thumbnails")


def _is_jpeg(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(3) == b"\xff\xd8\xff"


def _key(path: Path, size: int) -> str:
    try:
        status = path.stat()
        state = (status.st_size, status.st_mtime_ns)
    except (OSError, ValueError):
        state = (-1, -1)  # decoding says what is wrong
    text = "\0".join((os.path.abspath(path), *map(str, state), str(size)))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _nbytes(image: Image.Image) -> int:
    return image.width * image.height * 4
