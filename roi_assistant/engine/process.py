"""The model's process as the window's process holds it: its pipes, its guard and its end.

Nothing here waits for the model's process but `ModelProcess.end`, and that not for long.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

from roi_assistant.engine import messages
from roi_assistant.engine.descendants import end_descendants
from roi_assistant.engine.job_object import JobObject
from roi_assistant.errors import EngineError
from roi_assistant.sentences import Sentence

PATIENCE = 1.2
"""Seconds that the guard gets to end the process and itself; it needs half a second where the process does not obey."""
_FORCE = 0.3
"""Seconds within which what was killed must be gone."""
_LAST_WORDS = 1.0
"""Seconds that the end of the answers may come later than the end of the process."""

_log = logging.getLogger(__name__)


class ModelProcess:
    """The process, started by its guard (`engine.guard`).

    Make it in a thread that lives as long as it: Linux tells the guard of the end of that thread.
    """

    def __init__(self) -> None:
        """Raises: OSError when it cannot be started."""
        package = Path(__file__).resolve().parents[1]
        environment = dict(os.environ, PYTHONUNBUFFERED="1")
        if package.parent.name not in ("site-packages", "dist-packages"):
            paths = (str(package.parent), environment.get("PYTHONPATH"))
            environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        control, self._control = os.pipe()
        try:
            # -P: a folder of images must not put its files before Python's own modules.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "roi_assistant.engine.guard", str(control)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
                pass_fds=(control,) if os.name == "posix" else (),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except BaseException:
            os.close(self._control)
            raise
        finally:
            os.close(control)
        self._job: JobObject | None = None
        try:
            self._job = JobObject(getattr(self._process, "_handle", 0))
        except OSError as error:
            _log.warning("The model's process may stay when this one is killed: %s", error)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._input: IO[bytes] = self._process.stdin
        self._output: IO[bytes] = self._process.stdout
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._write, name="engine writer", daemon=True).start()

    def send(self, command: messages.Command) -> None:
        """Pass ``command`` on as soon as the process reads; returns at once.

        Raises:
            EngineError: it is no plain data.
        """
        self._outbox.put(messages.encode(command))

    def listen(
        self, on_report: Callable[[messages.Report], None], on_end: Callable[[EngineError | None], None]
    ) -> None:
        """Call ``on_report`` for each message, and ``on_end`` once the answers end, or cannot be read (then with the
        error), and once the process is gone: the later call may be ignored. From new threads."""

        def read() -> None:
            error = None
            try:
                while (report := messages.read_report(self._output)) is not None:
                    on_report(report)
            except EngineError as unreadable:
                error = unreadable
            except OSError:
                pass
            finally:
                on_end(error)
                self._output.close()

        def wait() -> None:
            # Somebody else may hold the pipe of the answers open: it need not end with the process.
            self._process.wait()
            reader.join(_LAST_WORDS)
            on_end(None)

        reader = threading.Thread(target=read, name="engine reader", daemon=True)
        reader.start()
        threading.Thread(target=wait, name="engine waiter", daemon=True).start()

    def end(self) -> Sentence:
        """End the process and all that it started, killing what does not go; how it ended, in words."""
        self._outbox.put(None)
        if self._control >= 0:
            os.close(self._control)
            self._control = -1
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:  # the guard does not go on either
            end_descendants(self._process.pid, seconds=_FORCE)
            self._process.kill()
            code = -signal.SIGTERM if sys.platform == "win32" else -signal.SIGKILL
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self._process.wait(_FORCE)
        if self._job is not None:
            self._job.close()
        return how_it_ended(code)

    def _write(self) -> None:
        """Write frames until there is a None or nobody reads. A process that does not read keeps only this thread."""
        try:
            while (frame := self._outbox.get()) is not None:
                self._input.write(frame)
                self._input.flush()
        except OSError as error:
            # Nothing more to do here: the end of the process is noticed by those who listen.
            _log.info("The model's process did not take a message: %s", error)
        with contextlib.suppress(OSError):  # a last message was not read
            self._input.close()


def how_it_ended(code: int) -> Sentence:
    """An exit code as ``subprocess`` gives it, in words: ``-9`` -> "signal SIGKILL; ..."."""
    if code >= 0:
        return Sentence.of("exit code {code}.", code=code)
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    if name == "SIGKILL":
        return Sentence(
            "signal SIGKILL, as the system sends it when memory runs out; close programs or choose a smaller model."
        )
    return Sentence.of("signal {name}.", name=name)
