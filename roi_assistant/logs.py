"""The log file, to which the command line and the window write the traces of errors."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

_MAX_LOG_BYTES = 1 << 20


def log_trace(error: BaseException) -> Path | None:
    """Append the trace of ``error`` to the log file; answers its path, None when it cannot be written."""
    import traceback
    from datetime import UTC, datetime

    from roi_assistant import __version__
    from roi_assistant.settings import log_file

    path = log_file()
    head = f"{datetime.now(UTC).isoformat(timespec='seconds')} roi-assistant {__version__} {sys.argv[1:]!r}\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size > _MAX_LOG_BYTES:
                path.replace(path.with_suffix(".1.log"))
        with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(head + "".join(traceback.format_exception(error)) + "\n")
    except OSError:
        return None
    return path
