"""One writer per project: a lock file that the operating system releases when its holder dies.

The lock is held on an open file, not by the file's existence, so nothing is left to clean up after a crash. Its text
(process, machine, time) only says whom to look for. On network folders whose locks do not reach other machines, a
second machine is not kept out.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from pathlib import Path
from typing import IO

from roi_assistant.core.plain_files import read_small
from roi_assistant.core.times import now
from roi_assistant.errors import ProjectError, ProjectLockedError
from roi_assistant.sentences import NOTHING, Sentence
from roi_assistant.storage.own_files import open_own_file

_LOCKED_BYTE = 1 << 30
"""Windows keeps others from reading the bytes that are locked; this one lies behind the text."""


class WriterLock:
    """The right to write to a project. ``release`` may be called twice."""

    def __init__(self, path: Path, stream: IO[bytes]) -> None:
        self._path = path
        self._stream: IO[bytes] | None = stream

    @classmethod
    def acquire(cls, path: Path, *, project: Path) -> WriterLock:
        """Take the lock file ``path``; does not wait.

        Raises:
            ProjectLockedError: another process, or another part of this one, has it; the message says who.
            ProjectError: the file cannot be made.
        """
        while True:
            try:
                stream = os.fdopen(open_own_file(path), "r+b")
            except FileNotFoundError:
                if path.parent.is_dir():
                    continue  # removed by its holder between the two steps
                raise ProjectError("The folder {folder} does not exist: check the path.", folder=path.parent) from None
            except OSError as error:
                way_out = (
                    Sentence("it can be opened read-only")
                    if project.exists()
                    else Sentence("copy the images to one that is")
                )
                raise ProjectError(
                    "{project} cannot be opened for writing ({reason}): the folder must be writable; {way_out}.",
                    project=project,
                    reason=error,
                    way_out=way_out,
                ) from error
            if not _lock(stream):
                holder = _holder(path)
                stream.close()
                raise ProjectLockedError(
                    "{project} is open in another window{holder}: close it there, or go on here read-only.",
                    project=project,
                    holder=holder,
                )
            if _is_at(path, stream):
                break
            stream.close()  # its holder removed the file when it left: lock the new one
        me = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": now(),
        }
        with contextlib.suppress(OSError):  # a full disk: the lock holds without its text
            stream.truncate(0)
            stream.seek(0)
            stream.write(json.dumps(me).encode())
            stream.flush()
        return cls(path, stream)

    def release(self) -> None:
        """Give the right back and remove the file."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        if sys.platform != "win32" and _is_at(self._path, stream):
            with contextlib.suppress(OSError):
                self._path.unlink()
        stream.close()
        if sys.platform == "win32":
            with contextlib.suppress(OSError):  # somebody else has it already
                self._path.unlink()


def _lock(stream: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            stream.seek(_LOCKED_BYTE)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
            stream.seek(0)
        else:
            import fcntl

            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # a file system without locks: SQLite's own remain
    return True


def _is_at(path: Path, stream: IO[bytes]) -> bool:
    try:
        at_path, held = os.stat(path), os.fstat(stream.fileno())
    except OSError:
        return False
    return (at_path.st_dev, at_path.st_ino) == (held.st_dev, held.st_ino)


def _holder(path: Path) -> Sentence:
    try:
        text = json.loads(read_small(path))
        pid, host, since = text["pid"], text["host"], text["since"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return NOTHING
    if host == socket.gethostname():
        return Sentence.of(" (process {pid}, since {since})", pid=pid, since=since)
    return Sentence.of(" (process {pid} on {host}, since {since})", pid=pid, host=host, since=since)
