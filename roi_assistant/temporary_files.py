"""Names of files and folders that exist until they are whole, and the removal of those whose process was killed.

``.PID-XXXXRRRRRRRR.tmp``: X stands for this computer, so that one that shares the folder over a network is not taken
for dead, and R is random.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

_HERE = hashlib.blake2b(socket.gethostname().encode(), digest_size=2).hexdigest()
_TEMPORARY = re.compile(rf"\.(?P<pid>\d{{1,10}})-{_HERE}[0-9a-f]{{8}}\.tmp")
_CLOCKS_DIFFER = 10.0
"""Seconds by which a file may seem older than the process that made it."""


def temporary_name() -> str:
    """A new name for a file of this process, which the next writer of the folder removes if this one is killed."""
    return f".{os.getpid()}-{_HERE}{secrets.token_hex(4)}.tmp"


@contextlib.contextmanager
def temporary_beside(folder: Path) -> Iterator[Path]:
    """A new name in ``folder`` that says which process made it. At the end what has the name, or begins with it as a
    log does, is removed."""
    path = folder / temporary_name()
    try:
        yield path
    finally:
        for file in folder.glob(f"{path.name}*") if folder.is_dir() else ():
            with contextlib.suppress(OSError):
                file.unlink()


def sweep_temporaries(folder: Path) -> None:
    """Remove what `temporary_name` named for processes of this computer that are gone: they were killed."""
    try:
        names = os.listdir(folder)
    except (OSError, ValueError):
        return
    for name in names:
        match = _TEMPORARY.match(name)
        if match:
            with contextlib.suppress(OSError):
                path = folder / name
                if not _is_running(int(match["pid"]), since=path.lstat().st_mtime):
                    if path.is_dir() and not path.is_symlink():
                        shutil.rmtree(path)
                    else:
                        path.unlink()


def _is_running(pid: int, *, since: float) -> bool:
    """Whether the process that wrote a file ``since`` then (Unix time) still runs. Numbers are given again: one that
    began later is another."""
    if sys.platform == "win32":
        return True  # another process's file cannot be removed there while it is open, and os.kill would end it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    started = _start_of(pid)
    return started is None or started <= since + _CLOCKS_DIFFER


def _start_of(pid: int) -> float | None:
    """When a process began, Unix time; None where the system does not say, as other systems than Linux."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        boot = re.search(r"^btime (\d+)", Path("/proc/stat").read_text(), re.MULTILINE)
        return int(boot[1]) + int(fields[19]) / os.sysconf("SC_CLK_TCK") if boot else None
    except (OSError, ValueError, IndexError):
        return None
