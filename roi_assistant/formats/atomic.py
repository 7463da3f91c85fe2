"""Writing a file as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from roi_assistant.errors import FileWriteError
from roi_assistant.temporary_files import sweep_temporaries, temporary_name


def write_atomically(path: Path | str, data: bytes | str) -> None:
    """Make ``path`` hold exactly ``data`` (text as UTF-8, line ends as they are).

    The data go to a new file in the same folder, are flushed to the disk, and take the name of ``path`` in one step;
    then the folder is flushed. A reader, and a machine that loses power, sees the old contents or the new ones. A link
    is followed, and permissions of a file that is replaced are kept. A pipe or a device such as ``/dev/stdout`` is
    written to and never replaced.

    Raises:
        FileWriteError: the folder is missing or not writable, or the disk is full. ``path`` is then as it was, and no
            temporary file is left.
    """
    path = Path(path)
    payload = data.encode("utf-8") if isinstance(data, str) else data
    temporary: Path | None = None
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            path.write_bytes(payload)
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
            stream.write(payload)
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
        temporary = None
        flush_folder(target.parent)
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileWriteError(
            "{path} cannot be written ({reason}): check that its folder exists, is writable and has space.",
            path=path,
            reason=reason,
        ) from error
    finally:
        if temporary is not None:  # also when the process is interrupted
            with contextlib.suppress(OSError):
                temporary.unlink()


def flush_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut. Windows and some network file systems cannot; the file is in
    place."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
