"""The log: traces of errors, and what the model's process prints. It is bounded, whoever writes how much."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import IO

from roi_assistant import __version__
from roi_assistant.core.plain_files import open_plain
from roi_assistant.core.times import now
from roi_assistant.settings import log_file

LOG_BYTES = 1 << 20
"""Size at which the log begins anew; what was in it is kept once, as ``.1.log``."""
_ENTRY_BYTES = LOG_BYTES // 4
"""Longest entry; of a longer one the begin and the end are written."""


def log_trace(error: BaseException) -> Path | None:
    """Append the trace of ``error`` to the log file; None when the log cannot be written."""
    import traceback  # late: not needed where nothing fails

    head = f"{now()} roi-assistant {__version__} {sys.argv[1:]!r}\n"
    text = head + "".join(traceback.format_exception(error)) + "\n"
    return append_to_log(text.encode("utf-8", "backslashreplace"))


def append_to_log(data: bytes) -> Path | None:
    """Append ``data`` to the log file; None when the log cannot be written.

    A full log is copied aside and emptied, not renamed: another program that has it open goes on in the same file, and
    it is opened here for each entry, so that no program's size counts alone. Programs that do this in the same moment
    may lose lines; the bound holds.
    """
    path = log_file()
    if len(data) > _ENTRY_BYTES:
        left_out = b"\n... %d bytes are left out ...\n" % (len(data) - _ENTRY_BYTES)
        data = data[: _ENTRY_BYTES // 2] + left_out + data[-(_ENTRY_BYTES // 2) :]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _opened(path, os.O_APPEND) as log:
            if os.fstat(log.fileno()).st_size + len(data) > LOG_BYTES:
                _begin_anew(log, path.with_suffix(".1.log"))
            log.write(data)
    except OSError:
        return None
    return path


def _opened(path: Path, flags: int = 0) -> IO[bytes]:
    """The file ``path`` for reading and writing; made when it is missing. Raises: OSError, also for a pipe or device,
    which would make everybody wait."""
    return os.fdopen(open_plain(path, os.O_RDWR | os.O_CREAT | flags, follow=True), "r+b", buffering=0)


def _begin_anew(log: IO[bytes], aside: Path) -> None:
    with contextlib.suppress(OSError), _opened(aside) as earlier:  # a log that cannot be kept is no reason to grow
        log.seek(-min(LOG_BYTES, os.fstat(log.fileno()).st_size), os.SEEK_END)
        data = log.read(LOG_BYTES)
        if len(data) > LOG_BYTES // 2:  # else another program has just done it
            earlier.truncate(0)
            earlier.write(data)  # not appended: of two programs that are here together one writes over the other
    log.truncate(0)
