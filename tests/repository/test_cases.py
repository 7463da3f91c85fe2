"""The inputs and attacks in ``shared/cases`` and ``shared/cases-reliability`` that once succeeded, where those are.

    ROI_ASSISTANT_ALL_CASES=1 python -m pytest tests/repository/test_cases.py

also runs those that need minutes or gigabytes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the cases are shell scripts")
PROGRAM = Path(sys.executable).with_name("roi-assistant")
MOVED = {
    "roi_assistant.ui.theme": "roi_assistant.ui.look.theme",
    "roi_assistant.ui import theme": "roi_assistant.ui.look import theme",
    "roi_assistant.inference.engine": "roi_assistant.engine.engine",
    "roi_assistant.inference": "roi_assistant.captioners",
    "'$CASES'": "os.environ['CASES']",
    "s.current and s.history is not None and s.regions": "s.image.key and s.history.state and s.image.regions",
    "s.regions": "s.image.regions",
    "s.select": "s.image.select",
    "s.accept(": "s.edits.accept(",
    "s.edit_caption": "s.edits.edit_caption",
    "s.undo()": "s.history.undo()",
}
"""What the scripts call by the names of before."""
PATIENCE = 600


@dataclass(frozen=True, slots=True)
class Right:
    """What the output of an attack holds when it fails (patterns), and what it does not. ``is_long``: it takes minutes
    or gigabytes."""

    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    is_long: bool = False


ATTACKS = {
    "01": Right(("my precious diary, 1000 lines", "is a link")),
    "03": Right(("opened without a word: 50 regions|is gone", r"regions +50")),
    "04": Right(("opened 300", "second opening 300")),
    "05": Right((r"regions +200",)),
    "06": Right(("it is gone, but .roi-backups",)),
    "07": Right(("exit code 0",)),
    "08": Right(("huge width:(?s:.*)exit code 2(?s:.*)exit code 2(?s:.*)exit code 2",), ("Traceback", "exit code 70")),
    "10": Right(("info: exit code 6", "check: exit code 6", "trigger evil, which is not"), ("exit code 124",)),
    "11": Right(("cannot be read", r"largest memory \d{1,6} kB"), is_long=True),
    "12": Right(("answered or reported within 25 s: True", r"after close\(\): \[\]")),
    "13": Right((r"(?s:(?:6 s later: \[\].*){3})",), is_long=True),
    "14": Right(("^log: [0-9] MB",), is_long=True),
    "15": Right((r"(?s:(?:left \[\].*){25})",), ("NOTHING CAME",), is_long=True),
    "16": Right(("import: exit code [02]", "pickle: exit code [01]"), ("exit code 124",)),
    "17": Right((), ("Traceback", "exit code 124", "exit code 137"), is_long=True),
    "18": Right(
        ("loaded: .'fine', 'coarse', 'pooled'.",)
    ),  # the graph that was checked, not the one that took its place
    "19": Right(("(?s:(?:ModelFileError.*){5})",), ("exit code 124",)),
    "20": Right(("acknowledged (\\d+) there \\1", "my-work.tmp"), ("exit code 70", "Traceback"), is_long=True),
    "21": Right(("exit code [01] ",), ("exit code 124",)),
    "22": Right(("is not run",), ("code that anybody could write was run",)),
    "27": Right((r"exit code 0(?s:.*)regions +2\b",), ("Traceback", "exit code 70")),  # the stray line is told
    "28": Right(("exit code 6", r"m3.* cannot be read", r"^4$"), ("exit code 70",)),
    "29": Right(("exit code 6",)),
    "30": Right(("read_size a.webp ImageError", r"decode_image b.png(?s:.*?) 1?\d{6} kB"), is_long=True),
    "31": Right((r"largest memory \d{1,6} kB", "bytes written"), is_long=True),
    "33": Right(("undo: [0-5][.]", "exit code 0"), ("exit code 124",), is_long=True),
    "34": Right((r"(?s:(?:left: \[\].*){2})", r"close\(\) took [01]\.")),
    "35": Right(("(?s:(?:FormatError: [^\n]*regions.jsonl.*){4})",), ("^UnicodeDecodeError", "^RecursionError")),
    "37": Right((), (r"\.tmp",)),
    "39": Right(("ProjectError",), ("journal mode now: wal",)),
}


def _cases(folder: str) -> list[Path]:
    shared = Path(os.environ.get("ROI_ASSISTANT_SHARED") or Path(__file__).resolve().parents[3] / "shared")
    return sorted(script.parent for script in (shared / folder).glob("*/run.sh"))


def _run(case: Path, tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of ``case``, in which modules have their names of today, from the root of this checkout."""
    needed = re.findall(r"^# needs: (.*)$", (case / "run.sh").read_text(), re.MULTILINE)
    missing = [program for line in needed for program in line.split() if shutil.which(program) is None]
    if missing:
        pytest.skip(f"it needs {', '.join(missing)}")
    copy = tmp_path / "cases"
    shutil.copytree(case.parent, copy, ignore=lambda folder, names: [n for n in names if _is_other(folder, n, case)])
    for file in copy.rglob("*"):
        if file.suffix in (".sh", ".py"):
            text = file.read_text()
            for before, after in MOVED.items():
                text = text.replace(before, after)
            file.write_text(text)
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "TMPDIR": str(tmp_path), **variables}
    return subprocess.run(
        ["bash", str(copy / case.name / "run.sh")],
        cwd=root,
        env=environment,
        timeout=PATIENCE,
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _is_other(folder: str, name: str, case: Path) -> bool:
    """Whether an entry of the folder of cases is another case."""
    return Path(folder) == case.parent and name != case.name and (Path(folder) / name).is_dir()


@pytest.mark.parametrize("case", _cases("cases"), ids=lambda path: path.name)
def test_an_input_that_once_failed(case: Path, tmp_path: Path) -> None:
    done = _run(case, tmp_path, ROI=str(PROGRAM))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("case", _cases("cases-reliability"), ids=lambda path: path.name)
def test_an_attack_that_once_succeeded(case: Path, tmp_path: Path) -> None:
    right = ATTACKS[case.name[:2]]
    if right.is_long and not os.environ.get("ROI_ASSISTANT_ALL_CASES"):
        pytest.skip("it takes minutes or gigabytes: set ROI_ASSISTANT_ALL_CASES")
    out = _run(case, tmp_path, APP=str(Path(__file__).resolve().parents[2]), PY=sys.executable, RA=str(PROGRAM)).stdout
    for pattern in right.holds:
        assert re.search(pattern, out, re.MULTILINE), f"{pattern!r} is not in\n{out}"
    for pattern in right.lacks:
        assert not re.search(pattern, out, re.MULTILINE), f"{pattern!r} is in\n{out}"
