"""The guard: starts the model's process, writes what it prints to the log, and leaves nothing of it behind.

Started by `engine.process` as ``python -P -m roi_assistant.engine.guard CONTROL``; not for people. ``CONTROL`` is the
read end of a pipe that the window holds open: its end says that the window is gone or wants this to end. stdin and
stdout are those of the model's process. The guard ends as that process did, and after it: whatever it forked is killed
first.

Nothing is asked of the model's process: it may be stopped, or blocked in native code, or have started others. See
docs/adr/0009-engine-process.md.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from functools import partial

from roi_assistant.engine.descendants import (
    adopt_orphans,
    end_descendants,
    end_group,
    signal_at_death_of_parent,
)

GRACE = 0.5
"""Seconds that the model's process gets to end by itself once the window is gone."""
_SWEEP = 1.0
"""Seconds within which what was killed must be gone; only the system can make it last longer."""
_CHUNK = 1 << 16


def main() -> None:
    """Start the model's process and stay until it and all that it started are gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    adopt_orphans()
    if sys.platform == "linux":
        # A guard that somebody stopped goes on when the window dies; one that runs does not notice the signal.
        signal_at_death_of_parent(signal.SIGCONT)
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "roi_assistant.engine.child"],
        stderr=subprocess.PIPE,
        bufsize=0,
        # Before the child's own first line; there is one thread yet, so a function may run between fork and exec.
        preexec_fn=partial(_die_with, os.getpid()) if sys.platform == "linux" else None,
        process_group=0 if os.name == "posix" else None,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    _let_go_of_the_messages()
    ended = threading.Event()
    if os.name == "posix":
        watch = partial(_watch, int(sys.argv[1]), process.pid, ended)
        threading.Thread(target=watch, name="window", daemon=True).start()
    assert process.stderr is not None
    printing = threading.Thread(target=_log_all, args=(process.stderr.fileno(),), name="log", daemon=True)
    printing.start()
    code = _wait_for(process)
    ended.set()
    _end_all(process.pid)
    printing.join(_SWEEP)
    _end_as(code)


def _die_with(parent: int) -> None:
    signal_at_death_of_parent(signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)


def _let_go_of_the_messages() -> None:
    """The pipes of the messages are the child's: they must end when it ends."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    os.close(nothing)


def _watch(control: int, group: int, ended: threading.Event) -> None:
    """Wait for the end of the window, then for the child a little longer."""
    with contextlib.suppress(OSError):
        while os.read(control, 1):
            pass
    if not ended.wait(GRACE):
        _end_all(group)


def _end_all(group: int) -> None:
    end_group(group)
    end_descendants(os.getpid(), seconds=_SWEEP)


def _log_all(printed: int) -> None:
    """Write what comes from the pipe ``printed`` to the log until nobody holds it open."""
    with contextlib.suppress(OSError):
        while data := os.read(printed, _CHUNK):
            from roi_assistant.error_log import append_to_log  # late: most processes print nothing

            append_to_log(data)


def _wait_for(process: subprocess.Popen[bytes]) -> int:
    """How the child ended; orphans that were adopted are collected on the way."""
    if sys.platform == "win32":
        return process.wait()
    while True:
        found, status = os.waitpid(-1, 0)
        if found == process.pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode


def _end_as(code: int) -> None:
    """End with the exit code or by the signal that the child ended with."""
    if code < 0 and sys.platform != "win32":
        import resource

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the child's core is enough
            if -code != signal.SIGKILL:
                signal.signal(-code, signal.SIG_DFL)
            os.kill(os.getpid(), -code)
    os._exit(code)


if __name__ == "__main__":
    try:
        main()
    except Exception:
        import traceback  # late, as the next: not needed where nothing fails

        from roi_assistant.error_log import append_to_log

        append_to_log(traceback.format_exc().encode("utf-8", "backslashreplace"))
        os._exit(1)
