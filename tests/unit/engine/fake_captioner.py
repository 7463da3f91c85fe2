"""A captioner for tests of the engine, as a plugin: it does what a file says, and writes down what it was asked.

The fixture ``fake`` copies this file into the plugins folder of the test. ``FAKE_PLAN/plan.json`` maps the left edge of
a box to what happens there; ``FAKE_PLAN/calls`` gets a line for each call. A box without an entry is described.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path

from roi_assistant.api import (
    CaptionerError,
    CaptionerInfo,
    RegionText,
    ScoredText,
    SuggestedAttribute,
    hookimpl,
)

FOLDER = Path(os.environ["FAKE_PLAN"])


def log(*words):
    with (FOLDER / "calls").open("a") as stream:
        stream.write(" ".join(map(str, words)) + "\n")


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
    register("fake-failing", failing)
    register("fake-dying", dying)
