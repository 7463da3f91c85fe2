"""Writing a file as a whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from roi_assistant.errors import FileWriteError
from roi_assistant.temporary_files import sweep_temporaries, temporary_name


def write_atomically(path: Path | str, data: bytes | str) -> None:
    """Make ``path`` hold exactly ``data`` (text as UTF-8, line ends as they are), as `atomic_file` does.

    Raises:
        FileWriteError: as `atomic_file`.
    """
    with atomic_file(path) as stream:
        stream.write(data.encode("utf-8") if isinstance(data, str) else data)


@contextlib.contextmanager
def atomic_file(path: Path | str) -> Iterator[BinaryIO]:
    """A stream whose bytes become the contents of ``path`` when the block ends, and only then.

    The data go to a new file in the same folder, are flushed to the disk, and take the name of ``path`` in one step;
    then the folder is flushed. A reader, and a machine that loses power, sees the old contents or the new ones. A link
    is followed, and permissions of a file that is replaced are kept. A pipe or a device such as ``/dev/stdout`` is
    written to and never replaced. After an exception in the block ``path`` is as it was.

    Raises:
        FileWriteError: the folder is missing or not writable, or the disk is full, also while the block writes.
            ``path`` is then as it was, and no temporary file is left.
    """
    path = Path(path)
    temporary: Path | None = None
    try:
        _check_name(path)
        if path.exists() and not (path.is_file() or path.is_dir()):
            with path.open("wb") as stream:
                yield stream
            return
        target = path.resolve() if path.is_symlink() else path
        if target.is_dir():
            raise FileWriteError("{path} cannot be written (it is a folder): give the path of a file.", path=path)
        sweep_temporaries(target.parent)
        candidate = target.with_name(temporary_name())
        # Not tempfile: its files are readable by their owner only, whatever the umask says.
        descriptor = os.open(candidate, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        temporary = candidate
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
        temporary = None
        flush_folder(target.parent)
    except OSError as error:
        raise _not_written(path, error) from error
    finally:
        if temporary is not None:  # also when the process is interrupted
            with contextlib.suppress(OSError):
                temporary.unlink()


@contextlib.contextmanager
def scratch_file(path: Path | str) -> Iterator[BinaryIO]:
    """A file without a name on the disk of ``path``, for what is written into ``path`` later.

    Raises:
        FileWriteError: it cannot be made.
    """
    path = Path(path)
    try:
        _check_name(path)
        is_device = path.exists() and not path.is_file()
        folder = None if is_device else path.resolve().parent
        scratch = cast("BinaryIO", tempfile.TemporaryFile(dir=folder))  # noqa: SIM115 - closed below
    except OSError as error:
        raise _not_written(path, error) from error
    with scratch:
        yield scratch


def _not_written(path: Path, error: OSError) -> FileWriteError:
    return FileWriteError(
        "{path} cannot be written ({reason}): check that its folder exists, is writable and has space.",
        path=path,
        reason=error.strerror or str(error),
    )


def _check_name(path: Path) -> None:
    """Raises: OSError: no file can have this name."""
    try:
        if b"\0" in os.fsencode(path):
            raise OSError(errno.EINVAL, "embedded null byte")
    except UnicodeEncodeError as error:
        raise OSError(errno.EINVAL, str(error)) from error


def flush_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut. Windows and some network file systems cannot; the file is in
    place."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
