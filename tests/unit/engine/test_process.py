"""Nothing of the model's process is left, however it, the window or what it started ends, and nobody waits for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.core.records import Turn
from roi_assistant.engine.engine import ChatPiece, Described, EngineStateChanged, Failed
from roi_assistant.engine.messages import Chat, Load
from roi_assistant.engine.process import PATIENCE, ModelProcess, how_it_ended
from roi_assistant.errors import EngineError
from tests.unit.engine.engine_watch import REQUEST, boxes, eventually, runs

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes in /proc")

WORKERS = ("fork", "session", "daemon", "program", "nest")
STUCK = ("stop", "native", "stubborn")
WINDOW = """
import sys, time
from pathlib import Path
from tests.unit.engine.engine_watch import REQUEST, Watched, boxes
watched = Watched()
watched.engine.describe(Path(sys.argv[1]), boxes(20), REQUEST)
time.sleep(600)
"""


def guard_of(watched: Any) -> int:
    return int(watched.engine._child._process.pid)


def everything(fake: Any, guard: int) -> list[int]:
    """The guard, the model's processes and what they started."""
    return [guard, *fake.processes(), *fake.workers()]


def soon_gone(processes: list[int], seconds: float = 2.0) -> bool:
    end = time.monotonic() + seconds
    while any(map(runs, processes)) and time.monotonic() < end:
        time.sleep(0.01)
    return not any(map(runs, processes))


@pytest.mark.parametrize("worker", WORKERS)
def test_a_process_that_forks_and_dies_is_noticed_and_what_it_forked_ends(
    worker: str, start: Any, fake: Any, image: Path
) -> None:
    """The forked ones hold the pipe of the answers open."""
    fake.plan(x20=f"{worker} kill")
    watched = start()
    begun = time.monotonic()
    watched.over(watched.engine.describe(image, boxes(20), REQUEST))
    (failed,) = watched.of(Failed)
    assert "signal SIGKILL" in str(failed.message) and "tried twice" in str(failed.message)
    assert time.monotonic() - begun < 10, "two starts of an interpreter and no patience"
    assert len(fake.workers()) >= 2
    assert soon_gone(fake.workers())


@pytest.mark.parametrize("worker", WORKERS)
def test_close_ends_what_was_forked(worker: str, start: Any, fake: Any, image: Path) -> None:
    fake.plan(x20=worker)
    watched = start()
    watched.over(watched.engine.describe(image, boxes(20), REQUEST))
    assert watched.of(Described)
    guard = guard_of(watched)
    assert eventually(lambda: fake.workers() != [])
    assert all(map(runs, everything(fake, guard)))
    begun = time.monotonic()
    watched.engine.close()
    assert time.monotonic() - begun < 2
    assert not any(map(runs, everything(fake, guard)))


@pytest.mark.parametrize("stuck", STUCK)
@pytest.mark.parametrize("worker", ["", "session"])
def test_close_does_not_wait_for_a_process_that_does_not_listen(
    stuck: str, worker: str, start: Any, fake: Any, image: Path
) -> None:
    fake.plan(x20=f"{worker} {stuck}")
    watched = start()
    watched.engine.describe(image, boxes(20), REQUEST)
    assert eventually(lambda: fake.calls("box") != [] and (not worker or fake.workers() != []))
    time.sleep(0.2)  # it is at it
    guard = guard_of(watched)
    begun = time.monotonic()
    watched.engine.close()
    assert time.monotonic() - begun < 2
    assert not any(map(runs, everything(fake, guard)))


def test_close_does_not_wait_for_a_guard_that_was_stopped(start: Any, fake: Any, image: Path) -> None:
    fake.plan(x20="daemon stop")
    watched = start()
    watched.engine.describe(image, boxes(20), REQUEST)
    assert eventually(lambda: fake.workers() != [])
    guard = guard_of(watched)
    os.kill(guard, signal.SIGSTOP)
    begun = time.monotonic()
    watched.engine.close()
    assert time.monotonic() - begun < 2
    assert soon_gone(everything(fake, guard))


def test_close_does_not_wait_for_a_full_pipe(start: Any, fake: Any, image: Path) -> None:
    """A conversation that is longer than the pipe takes, to a process that does not read."""
    watched = start()
    watched.over(watched.engine.describe(image, boxes(10), REQUEST))
    (process,) = fake.processes()
    os.kill(process, signal.SIGSTOP)
    watched.engine.chat(image, boxes(10), [Turn("user", "word " * 500_000)])
    watched.wait(EngineStateChanged, lambda event: event.state == "busy")
    begun = time.monotonic()
    watched.engine.close()
    assert time.monotonic() - begun < 2
    assert not runs(process)


def test_what_is_asked_of_a_stopped_process_is_answered_when_it_goes_on(start: Any, fake: Any, image: Path) -> None:
    watched = start()
    watched.over(watched.engine.describe(image, boxes(10), REQUEST))
    (process,) = fake.processes()
    os.kill(process, signal.SIGSTOP)
    ticket = watched.engine.chat(image, boxes(10), [Turn("user", "word " * 20_000)])
    time.sleep(0.2)
    os.kill(process, signal.SIGCONT)
    watched.over(ticket)
    assert len(watched.of(ChatPiece)) == 20_000


@pytest.mark.parametrize("plan", [*STUCK, *WORKERS, "daemon stop", "nest native", "session stubborn", "wait"])
@pytest.mark.parametrize("how", ["kill", "stopped guard"])
def test_nothing_outlives_a_window_that_is_killed(plan: str, how: str, fake: Any, image: Path) -> None:
    fake.plan(x20=f"{plan} wait")
    with subprocess.Popen([sys.executable, "-c", WINDOW, str(image)], cwd=Path(__file__).parents[3]) as window:
        try:
            assert eventually(lambda: fake.calls("box") != [] and (plan.split()[0] not in WORKERS or fake.workers()))
            time.sleep(0.2)  # it is at it
            (child,) = fake.processes()
            guard = int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[1])
            processes = everything(fake, guard)
            assert all(map(runs, processes))
            if how == "stopped guard":
                os.kill(guard, signal.SIGSTOP)
        finally:
            window.kill()
        assert soon_gone(processes, seconds=5)


def test_the_model_does_not_outlive_a_guard_that_is_killed(start: Any, fake: Any, image: Path) -> None:
    """What then holds the pipe of the answers open is beyond reach, but nobody waits for it."""
    fake.plan(x20="once session native")
    watched = start()
    ticket = watched.engine.describe(image, boxes(20), REQUEST)
    assert eventually(lambda: fake.workers() != [])
    time.sleep(0.2)  # it is at it
    try:
        os.kill(guard_of(watched), signal.SIGKILL)
        assert soon_gone(fake.processes()[:1])
        watched.over(ticket)
        assert [d.ticket for d in watched.of(Described)] == [ticket], "it was noticed, and the box tried again"
    finally:
        os.kill(fake.workers()[0], signal.SIGKILL)


def test_idle_unload_ends_what_was_forked(start: Any, fake: Any, image: Path) -> None:
    fake.plan(x20="daemon")
    watched = start(idle_seconds=0.05)
    watched.over(watched.engine.describe(image, boxes(20), REQUEST))
    watched.wait(EngineStateChanged, lambda event: event.state == "unloaded")
    assert not any(map(runs, fake.processes() + fake.workers()))


def test_it_is_told_how_it_ended(fake: Any) -> None:
    process = ModelProcess()
    process.send(Load("fake", "auto", None, 0))
    begun = time.monotonic()
    assert str(process.end()) == "exit code 0."
    assert time.monotonic() - begun < PATIENCE
    with pytest.raises(EngineError):
        process.send(Chat(1, "a", (), (Turn("user", b"bytes"),)))  # type: ignore[arg-type]
    process.send(Load("fake", "auto", None, 0))  # to nobody: no error
    assert str(how_it_ended(-11)) == "signal SIGSEGV." and str(how_it_ended(-99)) == "signal 99."


def test_no_descriptors_are_left(start: Any, fake: Any, image: Path) -> None:
    watched = start(idle_seconds=0.01)
    counts = []
    for _ in range(3):
        watched.over(watched.engine.describe(image, boxes(10), REQUEST))
        watched.wait(EngineStateChanged, lambda event: event.state == "unloaded")
        time.sleep(0.2)
        counts.append(len(os.listdir("/proc/self/fd")))
    assert counts[0] == counts[-1]
