"""What the guide promises about somebody's work, each sentence as a test. Who changes one changes the other.

What happens at each single call that fails is in `test_storage_faults.py`, what a window shows in ``tests/gui/e2e``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from roi_assistant.cli import main
from roi_assistant.errors import ProjectDamagedError, ProjectLockedError
from roi_assistant.storage.backup import backups, make_backup
from roi_assistant.storage.project import Project
from tests.unit.region_records import create, suggested

Promise = Callable[[Path], None]
PROMISES: dict[str, Promise] = {}


def promise(sentence: str) -> Callable[[Promise], Promise]:
    """Whoever wrote ``sentence`` in the guide has to keep what the function checks in a folder of two photos."""

    def add(check: Promise) -> Promise:
        PROMISES[sentence] = check
        return check

    return add


def draw(folder: Path, *ids: str) -> None:
    with Project.open(folder) as project:
        for id_ in ids:
            project.apply(create("a.png", suggested(id_)))


def ids_of(folder: Path) -> list[str]:
    with Project.open(folder, read_only=True) as project:
        return [region.id for region in project.regions("a.png")]


@promise("Your photos are never written to.")
def photos_stay(folder: Path) -> None:
    before = {path: (hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    draw(folder, "one")
    for command in (["export", str(folder), str(folder / "out.json")], ["backup", str(folder)], ["check", str(folder)]):
        assert main(["project", *command]) == 0
    assert main(["project", "import", str(folder), str(folder / "out.json")]) == 0
    assert main(["project", "restore", str(folder)]) == 0
    assert {p: (hashlib.sha256(p.read_bytes()).digest(), p.stat().st_mtime_ns) for p in before} == before


@promise("a note of its last step (`project.roi.last`) and a folder `.roi-backups` beside them.")
def three_names(folder: Path) -> None:
    photos = set(os.listdir(folder))
    draw(folder, "one")
    draw(folder, "two")
    assert set(os.listdir(folder)) - photos <= {"project.roi", "project.roi.last", "project.roi.lock", ".roi-backups"}


@promise("Copying the folder copies the project.")
def a_copy_is_whole(folder: Path) -> None:
    draw(folder, "one", "two")
    shutil.copytree(folder, folder.with_name("copy"))
    assert ids_of(folder.with_name("copy")) == ["one", "two"]


@promise("The newest three are kept, and the newest of each of the last five days on which there is one.")
def backups_of_days(folder: Path) -> None:
    draw(folder, "one")
    day = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(8):
        for hour in (8, 9):
            make_backup(folder / "project.roi", now=day + timedelta(days=number, hours=hour))
    names = [path.name.split("-")[2] + path.name.split("-")[3][:2] for path in backups(folder / "project.roi")]
    assert names == ["2026030809", "2026030808", "2026030709", "2026030609", "2026030509", "2026030409"]


@promise("every step that had been saved is there, undo included.")
def nothing_is_lost_by_a_kill(folder: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from roi_assistant.storage.project import Project\n"
        "from tests.unit.region_records import create, suggested\n"
        "project = Project.open(Path(sys.argv[1]))\n"
        "for k in range(9): project.apply(create('a.png', suggested(f'r{k}')))\n"
        "os._exit(9)"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
    assert len(ids_of(folder)) == 9
    with Project.open(folder) as project:
        assert project.undo("a.png") is not None and len(project.regions("a.png")) == 8


@promise("A damaged one is never opened as if it were empty: the window names the newest backup,")
def damage_is_told(folder: Path) -> None:
    draw(folder, "one")
    backup = make_backup(folder / "project.roi")
    for damage in (b"", b"SQLite format 3\0" + b"\xff" * 5000, None):
        (folder / "project.roi").unlink(missing_ok=True)
        if damage is not None:
            (folder / "project.roi").write_bytes(damage)
        for read_only in (False, True):
            with pytest.raises(ProjectDamagedError, match=backup.name):
                Project.open(folder, read_only=read_only)


@promise("keeps the damaged file under another name.")
def the_damaged_file_stays(folder: Path) -> None:
    draw(folder, "one")
    make_backup(folder / "project.roi")
    (folder / "project.roi").write_bytes(b"damaged")
    assert main(["project", "restore", str(folder)]) == 0
    assert ids_of(folder) == ["one"]
    kept = [path for path in folder.glob("project.roi.damaged-*") if not path.name.endswith(("-wal", "-shm"))]
    assert [path.read_bytes() for path in kept] == [b"damaged"]


@promise("One window at a time can write to a project.")
def one_writer(folder: Path) -> None:
    with Project.open(folder):
        with pytest.raises(ProjectLockedError):
            Project.open(folder)
        Project.open(folder, read_only=True).close()
    Project.open(folder).close()


@pytest.mark.parametrize("sentence", PROMISES, ids=lambda text: text[:40])
def test_the_guide_holds_what_it_promises(sentence: str, repository: Path, tmp_path: Path) -> None:
    guide = " ".join((repository / "docs" / "guide.md").read_text(encoding="utf-8").replace("**", "").split())
    assert sentence in guide, "the guide says something else now: change this test with it"
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        Image.new("RGB", (120, 90), "gray").save(folder / name)
    PROMISES[sentence](folder)
