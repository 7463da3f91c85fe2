"""A captioner for tests of the engine, as a plugin: it does what a file says, and writes down what it was asked.

The fixture ``fake`` copies this file into the plugins folder of the test. ``FAKE_PLAN/plan.json`` maps the left edge of
a box to what happens there; ``FAKE_PLAN/calls`` gets a line for each call. A box without an entry is described.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from roi_assistant.api import (
    Box,
    CaptionerError,
    CaptionerInfo,
    RegionText,
    ScoredBox,
    ScoredText,
    SuggestedAttribute,
    hookimpl,
)

FOLDER = Path(os.environ["FAKE_PLAN"])


def log(*words):
    with (FOLDER / "calls").open("a") as stream:
        stream.write(" ".join(map(str, words)) + "\n")


WORKERS = ("fork", "session", "daemon", "program", "nest")


def start_worker(how):
    """A process that outlives this one if it is let, started in one of ``WORKERS``' ways; its pipes stay open."""
    if how == "program":
        log("worker", subprocess.Popen(["sleep", "600"], start_new_session=True, close_fds=False).pid)
        return
    before = (FOLDER / "calls").read_text().count("worker")
    if os.fork():
        while (FOLDER / "calls").read_text().count("worker") == before:
            time.sleep(0.01)
        return
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    if how in ("session", "daemon"):
        os.setsid()
    if how == "daemon" and os.fork():
        os._exit(0)  # nobody but the system knows whose child the other one was
    if how == "nest":
        for _ in range(5):
            if os.fork() == 0:
                log("worker", os.getpid())
                break
    log("worker", os.getpid())
    time.sleep(600)
    os._exit(0)


def flood():
    """Print 50 MB in every way that there is."""
    line = "x" * 99_999 + "\n"
    for _ in range(250):
        print(line, end="")
        sys.stderr.write(line)
    os.write(1, b"\n")
    for _ in range(250):
        os.write(1, line.encode())
        os.write(2, b"\0" * 100)


class State:
    def __init__(self, size, nbytes):
        self.size = size
        self.nbytes = nbytes


class Fake:
    def __init__(self, capabilities):
        self.info = CaptionerInfo("fake", "Fake", device="CPU", capabilities=frozenset({"chat", *capabilities}))
        self.interrupt = lambda: None
        log("load", os.getpid())

    def set_image(self, image):
        log("image", *image.size)
        self.act(f"image {image.width}", None)
        return State(image.size, 1000)

    def describe(self, state, boxes, request):
        log("describe", state.size[0], *(int(box.x1) for box in boxes))
        for box in boxes:
            log("box", *(f"{value:g}" for value in box.xyxy))
            text = self.act(str(int(box.x1)), box)
            if text is not None:
                yield text

    def draft(self, state, boxes, request):
        log("draft", state.size[0], *(int(box.x1) for box in boxes))
        for box in boxes:
            yield RegionText(box, ScoredText(f"draft {box.x1:g}", 0.5))

    def chat(self, state, boxes, turns):
        log("chat", len(boxes), len(turns))
        for word in turns[-1].text.split():
            self.act(word, None)
            yield word

    def propose(self, state, *, most=50):
        log("propose", state.size[0], most)
        answer = self.act("propose", Box(90, 0, 110, 10))
        if not isinstance(answer, RegionText):
            return [answer]
        if math.isnan(answer.caption.score):
            return [ScoredBox(answer.box, answer.caption.score)]
        inside = [ScoredBox(Box(10 * n, 0, 10 * n + 8, 10), 0.5 - n / 100) for n in range(5)]
        return [ScoredBox(Box(200, 0, 210, 10), 1.0), *inside, ScoredBox(answer.box, 0.75)]

    def close(self):
        log("close")

    def act(self, key, box):
        """What the plan says about ``key``; the answer about ``box``, or None."""
        plan = json.loads((FOLDER / "plan.json").read_text())
        for what in plan.get(key, "").split():
            if what == "once":
                if (FOLDER / f"met {key}").exists():
                    break
                (FOLDER / f"met {key}").touch()
            elif what == "exit":
                os._exit(7)
            elif what == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            elif what == "print":
                print("a progress bar", flush=True)
                assert sys.__stdout__ is not None
                sys.__stdout__.flush()
                os.write(1, b"and a native library\n")
                assert sys.stdin.read() == "", "nothing of the messages can be read by accident"
            elif what == "garbage":
                for descriptor in range(3, 30):
                    with contextlib.suppress(OSError):
                        os.write(descriptor, b"\xff" * 64)
            elif what == "crash":
                ctypes.string_at(0)
            elif what == "stop":
                os.kill(os.getpid(), signal.SIGSTOP)
            elif what == "native":
                ctypes.PyDLL(None).sleep(600)  # does not let go of the interpreter
            elif what == "stubborn":
                for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
                    signal.signal(number, signal.SIG_IGN)
                time.sleep(600)
            elif what in WORKERS:
                start_worker(what)
            elif what == "flood":
                flood()
            elif what == "raise":
                raise ValueError("no such thing")
            elif what == "refuse":
                raise CaptionerError("The box is too small.")
            elif what == "leave":
                sys.exit(3)
            elif what == "silent":
                return None
            elif what == "nan":
                return RegionText(box, ScoredText("a thing", float("nan")))
            elif what == "odd":
                return "a thing"
            elif what == "wait":
                while not (FOLDER / "go").exists():
                    self.interrupt()
                    time.sleep(0.002)
        if box is None:
            return None
        attributes = (SuggestedAttribute("size", ("large",), 0.25),)
        return RegionText(box, ScoredText(f"box {box.x1:g}", 0.5), attributes=attributes)


def failing(*, device="auto", threads=None):
    raise CaptionerError("The fake has no weights.")


def dying(*, device="auto", threads=None):
    log("load", os.getpid())
    os._exit(9)


@hookimpl
def register_captioners(register):
    register("fake", lambda *, device="auto", threads=None: Fake({"of a newer version"}))
    register("fake-drafts", lambda *, device="auto", threads=None: Fake({"drafts", "interruptible"}))
    register("fake-proposing", lambda *, device="auto", threads=None: Fake({"proposes", "interruptible"}))
    register("fake-failing", failing)
    register("fake-dying", dying)
