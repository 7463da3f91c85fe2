"""What a process started, and what that started: found and ended, without exception.

Used by the guard and by the window, and imported by the guard before anything else: standard library alone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
"""Of Linux's ``prctl``."""
_PAUSE = 0.005
"""Seconds between two looks at processes that were told to go."""


def end_descendants(root: int, *, seconds: float) -> bool:
    """Kill everything below the process ``root``, again until nothing is left or ``seconds`` are over.

    The answer is whether nothing is left. On Windows a job object does this and nothing is looked at here.
    """
    if sys.platform == "win32":
        return True
    until = time.monotonic() + seconds
    while True:
        found = _below(root)
        for process, _is_dead in found:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        if all(is_dead for _, is_dead in found):
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(_PAUSE)


def end_group(group: int) -> None:
    """Kill the process group ``group`` in one step, which no fork escapes. Nothing on Windows."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGKILL)


def adopt_orphans() -> None:
    """From now on what this process's descendants leave behind becomes its child, also what began a session of its own.
    Only Linux can do that."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def signal_at_death_of_parent(number: int) -> None:
    """Get the signal ``number`` when the thread that started this process ends. Only Linux can do that."""
    _prctl(_PR_SET_PDEATHSIG, number)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        import ctypes  # late: only Linux needs it

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)


def _below(root: int) -> list[tuple[int, bool]]:
    """The descendants of ``root``, and of each whether it only waits to be collected."""
    children: dict[int, list[tuple[int, bool]]] = {}
    for process, parent, state in _processes():
        children.setdefault(parent, []).append((process, state.startswith("Z")))
    found: list[tuple[int, bool]] = []
    parents = [root]
    while parents:
        below = children.pop(parents.pop(), [])
        found += below
        parents += [process for process, _ in below]
    return found


def _processes() -> Iterator[tuple[int, int, str]]:
    """Id, parent and state of every process."""
    if not sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            listing = subprocess.run(
                ["ps", "-A", "-o", "pid=,ppid=,stat="], stdin=subprocess.DEVNULL, capture_output=True, timeout=1
            ).stdout
            for line in listing.decode("ascii", "replace").splitlines():
                process, parent, state, *_ = line.split()
                yield int(process), int(parent), state
        return
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as stream:
                    state, parent = stream.read().rpartition(b")")[2].split()[:2]
            except (OSError, ValueError):  # it is gone
                continue
            yield int(name), int(parent), state.decode("ascii")
