"""Files that may have been put there by somebody else: only plain ones are opened, and each is read once.

A link can lead anywhere, a pipe makes who opens it wait, a device never ends. What was hashed and what is used are the
same bytes in memory, as the file may be exchanged at any time.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

_CHUNK = 1 << 22
SMALL = 1 << 20
"""Bytes of a settings file, a manifest and the like, at most."""
_HANDED_OVER = (Path("/dev/fd"), Path("/proc/self/fd"))
"""Where the descriptors are that a shell gave to the program."""


class NotPlainError(OSError):
    """The path is a link, a folder, a pipe, a socket or a device, or can be no path."""


class TooLargeError(OSError):
    """The file has more bytes than it may have."""


def open_plain(path: Path, flags: int = os.O_RDONLY, *, follow: bool = False) -> int:
    """A descriptor of the plain file ``path``; ``flags`` are those of ``os.open``. ``follow``: a link may lead to it.

    Raises:
        OSError: it cannot be opened; `NotPlainError`: it is a link, a folder, a pipe or a device.
    """
    no_link = 0 if follow else getattr(os, "O_NOFOLLOW", 0)
    if not (follow or no_link) and path.is_symlink():
        raise _unusual(path, "it is a link")
    try:
        flags |= no_link | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags, 0o666)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _unusual(path, "it is a link") from error
        raise
    except ValueError as error:  # a NUL character
        raise _unusual(path, str(error)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _unusual(path, "it is not a plain file")
    return descriptor


def check_plain(path: Path) -> None:
    """Check that ``path`` is, or a link leads to, a plain file, or a pipe that a shell handed over: ``<(zcat file)``.

    Raises:
        OSError: as `open_plain`.
    """
    if str(path) == "/dev/stdin" or path.parent in _HANDED_OVER:
        return
    os.close(open_plain(path, follow=True))


def _unusual(path: Path, what: str) -> OSError:
    return NotPlainError(errno.EINVAL, what, str(path))


def read_plain(path: Path, *, longest: int, follow: bool = False) -> bytes:
    """The contents of the plain file ``path``; ``follow`` as `open_plain`.

    Raises:
        OSError: as `open_plain`; `TooLargeError`: it has more than ``longest`` bytes.
    """
    with os.fdopen(open_plain(path, follow=follow), "rb", buffering=0) as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > longest:
            raise TooLargeError(errno.EFBIG, f"it is larger than {longest} bytes", str(path))
        parts = []
        left = size + 1
        while left > 0 and (part := stream.read(left)):
            parts.append(part)
            left -= len(part)
    data = parts[0] if len(parts) == 1 else b"".join(parts)
    if len(data) > size:
        raise _unusual(path, "it grew while it was read")
    return data


def read_small(path: Path, *, most: int = SMALL) -> bytes:
    """The contents of the plain file ``path``, to which a link may lead, for who reads its text.

    Raises:
        OSError: as `open_plain`.
        ValueError: it has more than ``most`` bytes, so that it is not what it should be.
    """
    try:
        return read_plain(path, longest=most, follow=True)
    except TooLargeError as error:
        raise ValueError(error.strerror) from error


class HashedFile:
    """The plain file ``path``, read from its begin to its end and hashed on the way. For files too large to be held in
    memory as a whole: what `take` gave is to be thrown away when `finish` gives another digest than expected."""

    def __init__(self, path: Path) -> None:
        """Raises: OSError, as `open_plain`."""
        self._stream = os.fdopen(open_plain(path), "rb", buffering=0)
        self._path = path
        self._left = os.fstat(self._stream.fileno()).st_size
        self._digest = hashlib.sha256()
        self._hasher = ThreadPoolExecutor(1)
        self._hashing: Future[None] | None = None

    def __enter__(self) -> HashedFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hasher.shutdown()
        self._stream.close()

    @property
    def left(self) -> int:
        """Bytes that were not taken yet."""
        return self._left

    def take(self, count: int) -> bytearray:
        """The next ``count`` bytes. They must not be changed before the next call: they are hashed meanwhile.

        Raises:
            OSError: there are not so many, or they cannot be read.
        """
        if count > self._left:
            raise _unusual(self._path, "it is shorter than it says")
        data = bytearray(count)
        place = memoryview(data)
        while place:
            read = self._stream.readinto(place)
            if not read:
                raise _unusual(self._path, "it shrank while it was read")
            place = place[read:]
        self._left -= count
        self._wait()
        self._hashing = self._hasher.submit(self._digest.update, data)
        return data

    def finish(self) -> str:
        """Read what is left; the hex digest of all.

        Raises:
            OSError: it cannot be read, or is longer than it was.
        """
        while self._left:
            self.take(min(self._left, _CHUNK))
        if self._stream.read(1):
            raise _unusual(self._path, "it grew while it was read")
        self._wait()
        return self._digest.hexdigest()

    def _wait(self) -> None:
        if self._hashing is not None:
            self._hashing.result()
            self._hashing = None
