"""Kills the program again and again while it is used, and looks whether anything that was stored is lost.

    python scripts/kill_test.py --times 200

Each round starts the real program without a display, on one folder of pictures that lives through all rounds. In it, a
driver does at random what an annotator does - through the session and the actions of the window - while a captioner
that needs no model writes suggestions. The program is ended by SIGKILL at a random moment: while it starts, while it
works, while it closes. Then the project file is opened: every page of it must be sound, all that had been shown as
stored must be there, and undo and redo must work. The process of the model must be gone, too.

What the driver says on stdout, a line each:

    doing WHAT          before an action
    state NAME DIGEST   the content of an image, a conversation or the schema in the window
    saved               everything before this line is shown as stored

Linux and other systems with SIGKILL.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project
    from roi_assistant.ui.window.main_window import MainWindow

IMAGES = ("a.png", "b.png", "unter ordner/ü 3.png")
STEPS_AHEAD = 12
"""So many edits at most can have reached the disk without having been announced: a burst and the suggestions for it."""


def digest(content: object) -> str:
    """The same for equal content."""
    return hashlib.sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def conversation_texts(turns: Any) -> list[tuple[str, str]]:
    """What was said in a conversation."""
    return [(turn.role, turn.text) for turn in turns]


# ------------------------------------------------------------------------------------------------- the program, driven


class Driver:
    """Uses a window at random and says what is in it. Lives in the process that is killed."""

    def __init__(self, window: MainWindow, seed: int) -> None:
        from PyQt6.QtCore import QTimer

        self.window, self.session = window, window.session
        self.chance = random.Random(seed)
        self.closes_after = self.chance.randrange(5, 40) if self.chance.random() < 0.2 else None
        self.told: dict[str, str] = {}
        self.count = 0
        self.is_acknowledged = True
        session = self.session
        session.image.regionsChanged.connect(self.tell)
        session.history.changed.connect(lambda _: self.tell())
        session.attributes.changed.connect(lambda _: self.tell_schema())
        session.chat.changed.connect(self.tell_conversation)
        self.timer = QTimer()
        self.timer.setInterval(0)
        self.timer.timeout.connect(self.step)
        self.timer.start()

    def say(self, *parts: str) -> None:
        print(*parts, flush=True)

    def state(self, name: str, content: object) -> None:
        state_digest = digest(content)
        if self.told.get(name) != state_digest:
            self.told[name] = state_digest
            self.is_acknowledged = False
            self.say("state", name.replace(" ", "\\_"), state_digest)

    def tell(self) -> None:
        session = self.session
        if session.image.key and session.history.state is not None and not session.image.is_loading:
            self.state(session.image.key, session.image.stored)  # without what the model has not written to its end

    def tell_schema(self) -> None:
        if self.session.folder is not None:
            self.state("#schema", self.session.schema)

    def tell_conversation(self) -> None:
        session = self.session
        if session.image.key and session.history.state is not None:
            self.state(f"#chat {session.image.key}", conversation_texts(session.chat.shown.turns))

    def step(self) -> None:
        """One action, once what is awaited has come."""
        session = self.session
        if session.folder is None or not session.image.key or session.history.state is None:
            return
        if not session.history.is_settled:
            return  # what is done now would wait, and not be told
        if not session.store.is_saving and session.store.state == "saved" and not self.is_acknowledged:
            self.is_acknowledged = True
            self.say("saved")
        if session.store.is_saving and self.chance.random() < 0.5:
            return  # a burst goes on while the disk works, or it does not
        if self.closes_after is not None and self.count >= self.closes_after:
            self.timer.stop()
            self.say("doing close")
            self.window.close()
            return
        self.count += 1
        self.act()

    def act(self) -> None:
        from PyQt6.QtCore import Qt
        from PyQt6.QtTest import QTest

        from roi_assistant.core.box import Box
        from roi_assistant.core.records import AttributeDefinition, AttributeSchema

        session, chance, window = self.session, self.chance, self.window
        regions = session.image.regions
        region = chance.choice(regions) if regions else None
        roll = chance.random()
        if region is None or roll < 0.25:
            self.say("doing draw")
            x, y = chance.random() * 300, chance.random() * 200
            session.edits.add_box(Box(x, y, x + 20 + chance.random() * 80, y + 20 + chance.random() * 80))
        elif roll < 0.40:
            history = session.history.state
            is_redo = history.can_redo and chance.random() < 0.5
            is_possible = history.can_redo if is_redo else history.can_undo
            if session.store.is_saving or session.suggestions.pending or not is_possible:
                return
            self.say("doing travel")
            name = "redo" if is_redo else "undo"
            window.actions_of[name].trigger()
        elif roll < 0.50:
            session.image.select((region.id,))
            self.say("doing accept")
            window.actions_of["accept"].trigger()
        elif roll < 0.60:
            session.image.select((region.id,))
            self.say("doing type")
            editor = window.workspace.editor
            window.workspace.edit_caption(region.id)
            editor.caption.selectAll()
            editor.caption.insertPlainText("ü ")
            QTest.keyClicks(editor.caption, f"words {self.count}")
            QTest.keyClick(editor.caption, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        elif roll < 0.67:
            self.say("doing move")
            box = region.box
            session.edits.change_boxes({region.id: Box(box.x1 + 1, box.y1, box.x2 + 1, box.y2)})
        elif roll < 0.72:
            self.say("doing choose")
            session.edits.choose_alternative(region.id, 0)
        elif roll < 0.77:
            self.say("doing attribute")
            session.edits.set_attribute(region.id, "color", (chance.choice(("red", "blue")),))
        elif roll < 0.82:
            session.image.select(tuple(r.id for r in chance.sample(regions, min(2, len(regions)))))
            self.say("doing delete")
            window.actions_of["delete"].trigger()
        elif roll < 0.86:
            session.image.select(tuple(r.id for r in regions[:2]))
            self.say("doing paste")
            window.actions_of["copy"].trigger()
            window.actions_of["paste"].trigger()
        elif roll < 0.90 and not session.chat.is_answering:
            self.say("doing ask")
            session.chat.ask(f"what is here, {self.count}?")
        elif roll < 0.92:
            self.say("doing schema")
            word = AttributeDefinition(f"made {chance.randrange(5)}", "text")
            session.history.set_schema(AttributeSchema(session.schema.name, (*session.schema.attributes[:8], word)))
        else:
            self.say("doing go")
            others = [key for key in session.images.keys if key != session.image.key]
            if others:
                session.open_image(chance.choice(others))


def drive(folder: Path, seed: int) -> int:
    """``roi-assistant open folder`` with a driver in it; ends when it is killed or the driver closes the window."""
    from PyQt6.QtCore import QTimer

    from roi_assistant.cli import main

    drivers = []

    def begin() -> None:
        from roi_assistant.ui.window.main_window import shown_window

        drivers.append(Driver(shown_window(), seed))
        print("ready", flush=True)

    QTimer.singleShot(0, begin)
    return main(["open", str(folder)])


# ------------------------------------------------------------------------------------------------- outside, with a gun


@dataclass
class Known:
    """What the lines of one round tell. ``candidates``: name -> contents that the disk may hold; the first of them is
    shown as stored, the later ones are on their way."""

    candidates: dict[str, list[str]] = field(default_factory=dict)
    travelling: bool = False
    acknowledged: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    def begin_round(self) -> None:
        self.travelling = False
        self.lines = [f"{name}: {states}" for name, states in self.candidates.items()]

    def take(self, line: str) -> None:
        self.lines.append(line)
        kind, _, rest = line.partition(" ")
        if kind == "doing":
            self.actions[rest] += 1
            self.travelling = rest == "travel"
        elif kind == "state":
            name, _, state = rest.rpartition(" ")
            self.candidates.setdefault(name.replace("\\_", " "), []).append(state)
        elif kind == "saved":
            self.travelling = False
            self.acknowledged += 1
            for states in self.candidates.values():
                del states[:-1]


class LostError(AssertionError):
    """Something that was stored is not there."""


@dataclass
class Outcome:
    """Of all rounds. ``ahead``: how often the disk held more than had been shown as stored."""

    kills: int = 0
    closed: int = 0
    early: int = 0
    acknowledged: int = 0
    ahead: int = 0
    regions: int = 0
    steps: int = 0
    actions: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        actions = ", ".join(f"{name} {count}" for name, count in self.actions.most_common())
        return (
            f"{self.kills} times SIGKILL ({self.early} of them while the window was coming up), {self.closed} times\n"
            f"closed by itself before; {self.acknowledged} times everything was shown as stored, {self.ahead} times\n"
            "the file held more than that. Nothing was lost, every file was sound.\n"
            f"At the end: {self.regions} regions, {self.steps} steps of undo.\n"
            f"Actions: {actions}"
        )


def kill_round(folder: Path, home: Path, known: Known, *, seed: int, chance: random.Random, outcome: Outcome) -> None:
    """Start, kill, and take down what was said."""
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "ROI_ASSISTANT_HOME": str(home),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
    }
    command = [sys.executable, str(Path(__file__).resolve()), "--drive", str(folder), "--seed", str(seed)]
    known.begin_round()
    with open(home / "stderr.txt", "ab") as errors, contextlib.ExitStack() as ended:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8", cwd=ROOT, env=environment
        )
        assert process.stdout is not None
        ended.callback(process.wait)
        ended.callback(process.kill)  # also when this script is stopped
        is_early = chance.random() < 0.1
        if is_early:
            time.sleep(chance.random() * 1.5)
        else:
            lines = chance.randrange(1, 120)  # so that slow machines do as much before it happens
            for line in process.stdout:
                known.take(line.rstrip("\n"))
                lines -= line.startswith(("doing", "state", "saved"))
                if not lines:
                    break
            time.sleep(chance.random() * 0.03)
        code = process.poll()
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read()
        process.wait()
        process.stdout.close()
    if code not in (None, 0):
        raise LostError(f"the program ended by itself with {code}: see {home / 'stderr.txt'}")
    outcome.kills += code is None
    outcome.closed += code is not None
    outcome.early += is_early
    for line in rest.split("\n")[:-1]:  # what comes after the last line break was cut
        known.take(line)
    (home / "said.txt").write_text("\n".join(known.lines), encoding="utf-8")  # of this round, for who must find out


def verify(folder: Path, known: Known, outcome: Outcome) -> None:
    """Open what the killed program left; raises LostError."""
    from roi_assistant.errors import ProjectError
    from roi_assistant.storage.checking import check_project
    from roi_assistant.storage.project import Project

    if not (folder / "project.roi").exists():
        if any(known.candidates.values()):
            raise LostError("the project file is gone")
        return  # killed before it was made
    try:
        with Project.open(folder, backup=False) as project:
            report = check_project(project)
            if not report.ok:
                raise LostError("; ".join(report.problems))
            outcome.regions, outcome.steps = report.regions, report.steps
            for name, states in known.candidates.items():
                stored = stored_digest(project, name)
                if stored in states:
                    outcome.ahead += states.index(stored) > 0
                elif is_ahead(project, name, states, back=known.travelling):
                    outcome.ahead += 1
                else:
                    raise LostError(f"{name}: what was stored is not there")
                states[:] = [stored_digest(project, name)]
            for image in IMAGES:
                use_history(project, image)
    except ProjectError as error:
        raise LostError(str(error)) from error


def stored_digest(project: Project, name: str) -> str:
    """The digest of what the project holds under a name of the driver."""
    if name == "#schema":
        return digest(project.schema)
    if name.startswith("#chat "):
        conversations = project.conversations(name[6:])
        return digest(conversation_texts(conversations[-1].turns if conversations else ()))
    return digest(project.regions(name))


def is_ahead(project: Project, name: str, states: list[str], *, back: bool) -> bool:
    """Whether the project holds one of ``states`` and what was done after it: stored, and killed before it was said.
    With ``back``, an undo or redo was under way."""
    if not name.startswith("#chat "):
        return one_of_the_steps(project, "" if name == "#schema" else name, name, states, back=back)
    conversations = project.conversations(name[6:])
    turns = conversation_texts(conversations[-1].turns) if conversations else []
    return any(digest(turns[:-more]) in states for more in (1, 2) if len(turns) >= more)  # a question, and its answer


def one_of_the_steps(project: Project, image: str, name: str, states: list[str], *, back: bool) -> bool:
    """Whether undoing what came last leads to one of ``states``: edits that were stored and not announced yet. With
    ``back``, an undo or redo was under way."""
    taken, is_found = 0, False
    while taken < STEPS_AHEAD and not is_found and project.undo(image) is not None:
        taken += 1
        is_found = stored_digest(project, name) in states
    for _ in range(taken):
        project.redo(image)
    if not is_found and back and project.redo(image) is not None:
        is_found = stored_digest(project, name) in states
        project.undo(image)
    return is_found


def use_history(project: Project, image: str) -> None:
    """Undo a few steps and do them again: all is as before."""
    before = project.regions(image)
    taken = 0
    while taken < 5 and project.undo(image) is not None:
        taken += 1
    for _ in range(taken):
        project.redo(image)
    if project.regions(image) != before:
        raise LostError(f"{image}: undo and redo lead elsewhere")


def left_processes(home: Path) -> list[int]:
    """Processes of the model that belong to ``home``; found on Linux only."""
    processes = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (
                b"engine_child" in (entry / "cmdline").read_bytes()
                and str(home).encode() in (entry / "environ").read_bytes()
            ):
                processes.append(int(entry.name))
    return processes


def run(folder: Path, *, times: int, seed: int = 1, on_round: Any = None) -> Outcome:
    """``times`` rounds in the empty folder ``folder``; raises LostError when something is lost."""
    from tests.gui.application_fixtures import install, make_photos

    photos, home = folder / "photos", folder / "home"
    make_photos(photos, IMAGES)
    install(home, attribute_score=0.05)
    known, outcome, chance = Known(), Outcome(), random.Random(seed)
    for number in range(times):
        kill_round(photos, home, known, seed=seed * 100_003 + number, chance=chance, outcome=outcome)
        end = time.monotonic() + 30
        while left_processes(home):
            if time.monotonic() > end:
                raise LostError("a process of the model outlives the window")
            time.sleep(0.05)
        verify(photos, known, outcome)
        outcome.acknowledged, outcome.actions = known.acknowledged, known.actions
        if on_round is not None:
            on_round(number + 1, outcome)
    return outcome


@contextlib.contextmanager
def work_folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="roi-kill-") as made:
        yield Path(made)


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill the program while it works; see whether anything is lost.")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="an empty folder to work in; it is kept")
    parser.add_argument("--drive", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.drive is not None:
        return drive(arguments.drive, arguments.seed)

    def show(number: int, outcome: Outcome) -> None:
        done = f"{number}/{arguments.times}: {outcome.kills} times SIGKILL, {outcome.acknowledged} times stored"
        print(f"\r{done}", end="", flush=True)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with work_folder(arguments.folder) as folder:
        outcome = run(folder, times=arguments.times, seed=arguments.seed, on_round=show)
    print(f"\n{outcome}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
