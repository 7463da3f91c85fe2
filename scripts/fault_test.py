"""Lets each single call that changes a file fail, in each operation on a project, and looks what is left.

    python scripts/fault_test.py                  # every point: some minutes
    python scripts/fault_test.py --every 37       # a sample, as the tests take it

As SQLite tests itself (https://www.sqlite.org/testing.html, "I/O error testing" and "crash testing"): a shim before the
C library counts the calls that write, flush, rename, make or remove a file in the folder of the project. An operation
runs once undisturbed. Then it runs again for each call and each way in which that can fail: an error, a full disk from
there on, half of a write, half of a write and SIGKILL, SIGKILL. Afterwards

* the project opens and is sound, or, where there was none before, there is none;
* what was acknowledged is there; what was not is there as a whole or not at all;
* an export, a backup and the settings are the old ones or the new ones;
* the program ended with an error of ours, never with another exception, and left no temporary file unless killed.

Linux, with a C compiler.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import hashlib
import io
import itertools
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

KINDS = {"e": "an error", "f": "a full disk", "s": "a short write", "t": "a torn write", "k": "a kill"}
_ENDS = (0, 1, 2, 6)
"""Exit codes of the command line that say what happened; 70 is an exception that nobody foresaw."""
_SHIM = "ROI_ASSISTANT_FAULT_SHIM"


class LostError(AssertionError):
    """Something is not as it must be."""


# ------------------------------------------------------------------------------------------------------ operations


Say = Callable[[str], None]
"""Called in the process that fails, with the state that was acknowledged."""


@dataclass(frozen=True, slots=True)
class Operation:
    """``prepare`` fills a folder; ``run`` works in it and says states, see `state_of`; ``files`` are other files in it
    of which each is, after all, the old one or the new one. What stores image by image ``resumes``: a part of it may be
    there, and doing it again leads to the end."""

    name: str
    prepare: Callable[[Path], None]
    run: Callable[[Path, Say], None]
    files: tuple[str, ...] = ()
    resumes: bool = False


def edit_project(folder: Path, say: Say) -> None:
    """A session of an annotator; a step that failed is tried once more, as she would."""
    from roi_assistant.errors import RoiAssistantError
    from roi_assistant.storage.project import Project
    from tests.unit.region_records import change, create, suggested

    try:
        opened = Project.open(folder, backup=False)
    except RoiAssistantError:
        return
    with opened as project:
        say(state_of(project))
        first = project.regions("a.png")[0]
        steps: list[Callable[[], object]] = [
            lambda: project.apply(create("a.png", suggested("new 1"), suggested("new 2", "words " * 2000))),
            lambda: project.apply(change("a.png", first, None)),
            lambda: project.undo("a.png"),
            lambda: project.redo("a.png"),
            lambda: project.rename_category("cup", "mug"),
            lambda: project.apply(create("b.png", suggested("new 3", category="spoon"))),
        ]
        for step in steps:
            before = state_of(project)
            for attempt in (1, 2):
                try:
                    step()
                    break
                except RoiAssistantError:
                    if state_of(project) != before:
                        raise LostError("a step that was refused is there") from None
                    if attempt == 2:
                        return
            say(state_of(project))


def command(*arguments: str) -> Callable[[Path, Say], None]:
    """A command line; ``{}`` is the folder. When it says that all went well, the state is acknowledged."""

    def run(folder: Path, say: Say) -> None:
        from roi_assistant.cli import main
        from roi_assistant.storage.project import Project

        told = io.StringIO()
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            code = main([argument.replace("{}", str(folder)) for argument in arguments])
        if code not in _ENDS:
            raise LostError(f"exit code {code}: {told.getvalue()[-300:]}")
        if code == 0:
            library().fault_disarm()
            with Project.open(folder, read_only=True) as project:
                say(state_of(project))

    return run


def save_settings(folder: Path, say: Say) -> None:
    """A setting is changed."""
    from roi_assistant.errors import RoiAssistantError
    from roi_assistant.settings import Settings, save_settings, with_setting

    with contextlib.suppress(RoiAssistantError):
        save_settings(with_setting(Settings(), "attribute_score", 0.25), folder / "settings.json")


def photos(folder: Path) -> None:
    """Two small pictures."""
    from PIL import Image

    for name in ("a.png", "b.png"):
        Image.new("RGB", (120, 90), "gray").save(folder / name)


def project(folder: Path) -> None:
    """Pictures, a project with a few regions, and a backup."""
    from roi_assistant.storage.backup import make_backup
    from roi_assistant.storage.project import Project
    from tests.unit.region_records import create, suggested

    photos(folder)
    with Project.open(folder) as opened:
        opened.add_images(["a.png", "b.png"])
        for number in range(4):
            opened.apply(create("a.png", suggested(f"old {number}", f"a cup {number}")))
    make_backup(folder / "project.roi")
    with Project.open(folder, backup=False) as opened:
        opened.apply(create("b.png", suggested("later")))


def older_project(folder: Path) -> None:
    """A project as an earlier version wrote it."""
    from tests.unit.older_projects import make_older

    project(folder)
    make_older(folder / "project.roi", 2)


def project_and_file(folder: Path) -> None:
    """A project, a file with regions for it, and one that will be replaced."""
    project(folder)
    regions_file(folder)
    (folder / "out.json").write_text("old")


def photos_and_file(folder: Path) -> None:
    """Pictures, and a file with regions for them."""
    photos(folder)
    regions_file(folder)


def regions_file(folder: Path) -> None:
    """Regions of the two pictures."""
    boxes = [{"id": n, "image_id": 1 + n % 2, "bbox": [n, n, 9, 9], "caption": f"thing {n}"} for n in range(1, 40)]
    images = [{"id": 1 + k, "file_name": name, "width": 120, "height": 90} for k, name in enumerate(("a.png", "b.png"))]
    (folder / "regions.json").write_text(json.dumps({"images": images, "annotations": boxes}))


def two_projects(folder: Path) -> None:
    """A project, and a copy of it in which somebody else worked."""
    from roi_assistant.storage.project import Project
    from tests.unit.region_records import create, suggested

    project(folder)
    other = folder.with_name(folder.name + " of another")
    shutil.copytree(folder, other)
    with Project.open(other, backup=False) as opened:
        opened.apply(create("b.png", suggested("theirs", "a red fork", category="fork")))
    shutil.copy(other / "project.roi", folder / "theirs.roi")
    shutil.rmtree(other)


def killed_project(folder: Path) -> None:
    """A project whose last session was killed: steps are in the log only."""
    from tests.unit.region_records import create, suggested

    project(folder)
    process = os.fork()
    if not process:
        from roi_assistant.storage.project import Project

        opened = Project.open(folder, backup=False)
        for number in range(5):
            opened.apply(create("a.png", suggested(f"last {number}")))
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(process, 0)


def settings(folder: Path) -> None:
    """Settings that are there."""
    from roi_assistant.settings import Settings, save_settings

    save_settings(Settings(), folder / "settings.json")


OPERATIONS = (
    Operation("begin a project", photos_and_file, command("project", "import", "{}", "{}/regions.json"), resumes=True),
    Operation("work", project, edit_project),
    Operation("work after a kill", killed_project, edit_project),
    Operation("bring an older project up to date", older_project, edit_project),
    Operation("import", project_and_file, command("project", "import", "{}", "{}/regions.json"), resumes=True),
    Operation("export", project_and_file, command("project", "export", "{}", "{}/out.json"), ("out.json",)),
    Operation("merge", two_projects, command("project", "merge", "{}", "{}/theirs.roi")),
    Operation("back up", project, command("project", "backup", "{}")),
    Operation("restore", project, command("project", "restore", "{}")),
    Operation("repair", project, command("project", "check", "--repair", "{}")),
    Operation("save settings", settings, save_settings, ("settings.json",)),
)


# ---------------------------------------------------------------------------------------------- what is there after


def state_of(project: object) -> str:
    """What a project holds, in a few letters; without times, which differ from run to run."""
    from roi_assistant.storage.project import Project

    assert isinstance(project, Project)
    images = [
        (image.file_name, [(r.id, r.box.xyxy, r.category, r.state, tuple(c.text for c in r.captions)) for r in regions])
        for image in project.export_images()
        for regions in [image.regions]
    ]
    return hashlib.sha256(repr((images, sorted(project.category_counts().items()))).encode()).hexdigest()[:16]


def stored_state(folder: Path) -> str:
    """Open the project as the next session would, look at all of it, and say its state; "" where there is none.

    Raises:
        LostError: it is not sound.
    """
    from roi_assistant.errors import RoiAssistantError
    from roi_assistant.storage.backup import backups
    from roi_assistant.storage.checking import check_project
    from roi_assistant.storage.project import Project

    if not any(folder.glob("project.roi*")):
        return ""
    try:
        with Project.open(folder, backup=False) as project:
            report = check_project(project)
            if not report.ok:
                raise LostError("; ".join(report.problems))
            state = state_of(project)
        for backup in backups(folder / "project.roi"):
            with contextlib.closing(sqlite3.connect(f"{backup.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
                if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                    raise LostError(f"the backup {backup.name} is damaged")
        return state
    except RoiAssistantError as error:
        raise LostError(f"{type(error).__name__}: {error}") from error


def file_state(path: Path) -> str:
    """What is in a file that holds JSON, but for its times; "old" is the text ``old``."""
    text = path.read_text() if path.exists() else ""
    if text == "old":
        return text
    try:
        data = json.loads(text)
    except ValueError as error:
        raise LostError(f"{path.name} is neither the old file nor the new one: {text[:80]!r}") from error
    data.pop("info", None)
    return json.dumps(data, sort_keys=True)


# ------------------------------------------------------------------------------------------------------ one failure


def library() -> ctypes.CDLL:
    """The shim in this process."""
    return ctypes.CDLL(None)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended that ran an operation: its exit status (negative: a signal), what it had acknowledged, how
    many calls there were, and what went wrong in it."""

    status: int
    said: tuple[str, ...]
    calls: int
    failure: str


def run_in_child(operation: Operation, folder: Path, *, at: int, kind: str) -> Ending:
    """Run ``operation`` in a process of its own, in which call ``at`` fails; 0: none."""
    reader, writer = os.pipe()
    process = os.fork()
    if not process:
        os.close(reader)
        status, failure = 0, ""

        def say(state: str) -> None:
            os.write(writer, f"{state}\n".encode())

        shim = library()
        shim.fault_arm(os.fsencode(f"{folder}/"), at, ctypes.c_char(kind.encode()))
        try:
            operation.run(folder, say)
        except BaseException:
            status, failure = 99, traceback.format_exc()
        calls = shim.fault_count()
        shim.fault_disarm()
        os.write(writer, json.dumps({"calls": calls, "failure": failure[-3000:]}).encode())
        os._exit(status)
    os.close(writer)
    with open(reader, "rb") as stream:
        *lines, last = stream.read().decode().split("\n")
    _, status = os.waitpid(process, 0)
    end: dict[str, Any] = json.loads(last) if last else {"calls": 0, "failure": ""}
    return Ending(os.waitstatus_to_exitcode(status), tuple(lines), end["calls"], end["failure"])


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What an operation does when nothing fails: states of the project and of its files, first to last."""

    states: tuple[str, ...]
    files: dict[str, tuple[str, ...]]
    calls: int


def run_undisturbed(operation: Operation, template: Path, folder: Path) -> Undisturbed:
    """Run ``operation`` once, and count its calls."""
    shutil.copytree(template, folder)
    before = {name: file_state(folder / name) for name in operation.files}
    first = _first_state(template, folder)
    shutil.rmtree(folder)
    shutil.copytree(template, folder)
    ending = run_in_child(operation, folder, at=0, kind="e")
    if ending.status or ending.failure:
        raise LostError(f"{operation.name} fails by itself: {ending.failure}")
    states = tuple(state for state, _ in itertools.groupby((first, *ending.said, stored_state(folder))))
    after = {name: file_state(folder / name) for name in operation.files}
    shutil.rmtree(folder)
    return Undisturbed(states, {name: (before[name], after[name]) for name in operation.files}, ending.calls)


def _first_state(template: Path, folder: Path) -> str:
    return stored_state(folder) if (template / "project.roi").exists() else ""


def check_after(operation: Operation, folder: Path, ending: Ending, usual: Undisturbed, *, kind: str) -> None:
    """Raises LostError: what is left in ``folder`` is not what it may be."""
    if ending.status not in (0, -signal.SIGKILL):
        raise LostError(f"ended with {ending.status}: {ending.failure}")
    left = [path.name for path in folder.rglob("*.tmp*")] if ending.status == 0 else []
    if len(left) > (kind in "est"):  # an error at the very removal of one leaves it to the next session
        raise LostError(f"temporary files are left: {left}")
    state = stored_state(folder)
    if left := [path.name for path in folder.rglob(".[0-9]*.tmp*")]:
        raise LostError(f"the next session left temporary files of a process that is gone: {left}")
    allowed = usual.states[_last_index(usual.states, ending.said) :]
    if usual.states[0] == "" and not ending.said:
        allowed = ("", _empty_state(), *allowed)
    if state not in allowed and operation.resumes and not ending.said:
        again = run_in_child(operation, folder, at=0, kind="e")
        if again.said != usual.states[-1:]:
            raise LostError(f"a part is there, and doing it again does not lead to the end: {again.failure}")
    elif state not in allowed:
        raise LostError(f"the project is in state {state or 'missing'}; {len(ending.said)} were acknowledged")
    for name, states in usual.files.items():
        if file_state(folder / name) not in states:
            raise LostError(f"{name} is neither the old file nor the new one")


def _last_index(states: tuple[str, ...], said: tuple[str, ...]) -> int:
    index = 0
    for state in said:
        if state in states[index:]:
            index = states.index(state, index)
    return index


def _empty_state() -> str:
    from roi_assistant.storage.project import Project

    with tempfile.TemporaryDirectory() as folder, Project.open(Path(folder)) as project:
        return state_of(project)


# ------------------------------------------------------------------------------------------------------------ all


@dataclass
class Outcome:
    """Of all failures that were tried."""

    runs: Counter[str] = field(default_factory=Counter)
    killed: int = 0
    lost: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        each = ", ".join(f"{name} {count}" for name, count in self.runs.items())
        return f"{sum(self.runs.values())} failures, {self.killed} of them kills ({each}); {len(self.lost)} wrong."


def points(calls: int, every: int) -> Iterator[tuple[int, str]]:
    """Each call and kind, or each ``every``-th of them."""
    yield from itertools.islice(itertools.product(range(1, calls + 1), KINDS), 0, None, every)


def run_all(work: Path, *, every: int, only: str = "", show: Callable[[str], None] = lambda line: None) -> Outcome:
    """Try all operations in folders below ``work``."""
    outcome = Outcome()
    for operation in OPERATIONS:
        if only not in operation.name:
            continue
        began = time.monotonic()
        template = work / "template"
        template.mkdir()
        operation.prepare(template)
        folder = work / "project"
        usual = run_undisturbed(operation, template, folder)
        for at, kind in points(usual.calls, every):
            shutil.copytree(template, folder)
            ending = run_in_child(operation, folder, at=at, kind=kind)
            outcome.runs[operation.name] += 1
            outcome.killed += ending.status == -signal.SIGKILL
            try:
                check_after(operation, folder, ending, usual, kind=kind)
            except LostError as error:
                outcome.lost.append(f"{operation.name}, {KINDS[kind]} at call {at} of {usual.calls}: {error}")
                show(outcome.lost[-1])
            shutil.rmtree(folder)
        shutil.rmtree(template)
        show(f"{operation.name}: {usual.calls} calls, {time.monotonic() - began:.0f} s")
    return outcome


def build_shim(folder: Path) -> Path | None:
    """The shim as a library; None without a compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    target = folder / "fault_shim.so"
    source = Path(__file__).with_name("fault_shim.c")
    done = subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", target, source, "-ldl"], capture_output=True)
    return target if done.returncode == 0 else None


def start(arguments: list[str], shim: Path, *, out: int | None = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    """This script with the shim before the C library; ``out`` as for `subprocess.run`."""
    environment = {**os.environ, "LD_PRELOAD": str(shim), _SHIM: str(shim), "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, __file__, *arguments], env=environment, text=True, stdout=out, cwd=ROOT)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Let each call that changes a file fail.")
    parser.add_argument("--every", type=int, default=1, help="only each so many-th failure")
    parser.add_argument("--only", default="", help="operations whose names hold this")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        if _SHIM not in os.environ:
            shim = build_shim(Path(work))
            if shim is None:
                print("A C compiler on Linux is needed.")
                return 2
            return start(sys.argv[1:], shim, out=None).returncode
        os.environ["ROI_ASSISTANT_HOME"] = work
        outcome = run_all(Path(work), every=options.every, only=options.only, show=lambda line: print(line, flush=True))
    print(outcome)
    return 1 if outcome.lost else 0


if __name__ == "__main__":
    sys.exit(main())
