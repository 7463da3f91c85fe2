"""Files that must be plain ones of a bounded size: a pipe would be waited for, a device has no end."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
"""Opening a pipe would wait for its other end."""
SMALL = 1 << 20
"""Bytes of a settings file, a manifest and the like, at most."""


class NotPlainError(OSError):
    """The path is a folder, a pipe, a socket or a device."""


def check_plain(path: Path) -> None:
    """Raises: OSError: ``path`` is missing or unreadable; `NotPlainError` if it is a folder, a pipe, a socket or a
    device."""
    try:
        mode = os.stat(path).st_mode
    except ValueError as error:  # a NUL character in the path
        raise NotPlainError(0, str(error)) from error
    if not stat.S_ISREG(mode):
        raise NotPlainError(0, "it is not a plain file")


def read_small(path: Path, *, most: int = SMALL) -> bytes:
    """The bytes of the plain file ``path``.

    Raises:
        OSError: as `check_plain`.
        ValueError: it has more than ``most`` bytes.
    """
    check_plain(path)
    descriptor = os.open(path, os.O_RDONLY | _NO_WAIT | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotPlainError(0, "it is not a plain file")
        data = stream.read(most + 1)
    if len(data) > most:
        raise ValueError(f"it has more than {most} bytes")
    return data
