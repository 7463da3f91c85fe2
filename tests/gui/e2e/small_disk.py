"""Uses the program on a disk that is full, or that cannot be written. Run by test_failures.py in a mount namespace.

usage: python -m tests.gui.e2e.small_disk full|read-only FOLDER      # FOLDER is a small disk of its own

Says on stdout what was seen, as one JSON object.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roi_assistant.core.box import Box
from roi_assistant.storage.checking import check_project
from roi_assistant.storage.project import Project
from tests.gui.application_fixtures import is_open, make_photos, run_program, wait_for
from tests.gui.e2e.driving import shot, stored

if TYPE_CHECKING:
    from roi_assistant.ui.window.main_window import MainWindow


def fill(folder: Path) -> Path:
    """A file that takes all the space that there is."""
    path = folder / "ballast.bin"
    with open(path, "wb", buffering=0) as stream:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    stream.write(bytes(size))
            except OSError:
                continue
    return path


def on_a_full_disk(folder: Path) -> dict[str, Any]:
    make_photos(folder)
    seen: dict[str, Any] = {}

    def drive(window: MainWindow) -> None:
        session = window.session
        window.change_setting("suggest_on_draw", False)
        wait_for(lambda: is_open(window) and not session.images.scanning)
        kept = session.edits.add_box(Box(10, 10, 60, 60))
        stored(window)
        ballast = fill(folder)
        before: tuple[object, ...] = ()
        for number in range(2000):
            before = session.image.regions
            session.edits.edit_caption(kept, f"caption {number} " + "with many words " * 50)
            stored(window)
            if session.store.state == "failed":
                break
        wait_for(lambda: session.image.regions == before, "the way back")
        seen["failed"] = session.store.state == "failed"
        seen["message"] = window.bar.text
        seen["status"] = window.status.saved.text()
        shot(window, "disk-full")
        session.step_image(1)
        wait_for(lambda: is_open(window), "another picture")
        session.step_image(-1)
        wait_for(lambda: is_open(window) and session.image.key == "a.png", "the picture again")
        seen["kept"] = session.image.regions == before
        session.edits.reject([kept])  # still full
        stored(window)
        seen["notices"] = len(window.bar.notices)
        ballast.unlink()
        session.edits.add_box(Box(100, 100, 160, 160))
        stored(window)
        seen["goes on"] = session.store.state == "saved" and len(session.image.regions) == 2
        seen["regions"] = session.image.regions
        seen["last"] = window.bar.text

    seen["code"] = run_program(drive, "open", str(folder))
    with Project.open(folder, backup=False) as project:
        seen["sound"] = check_project(project).ok
        seen["stored"] = project.regions("a.png") == seen.pop("regions")
    return seen


def on_a_read_only_disk(folder: Path) -> dict[str, Any]:
    make_photos(folder)
    seen: dict[str, Any] = {}
    with Project.open(folder, backup=False) as project:
        project.add_images(["a.png", "b.png", "inner/c.png"])
        from tests.unit.region_records import create, suggested

        project.apply(create("a.png", suggested("one")))
        regions = project.regions("a.png")
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)

    def drive(window: MainWindow) -> None:
        session = window.session
        wait_for(lambda: is_open(window) and len(session.images.keys) == 3)
        seen["message"] = window.bar.text
        seen["status"] = window.status.saved.text()
        seen["regions"] = session.image.regions == regions
        shot(window, "read-only-disk")
        seen["added"] = session.edits.add_box(Box(10, 10, 60, 60))
        session.step_image(1)
        wait_for(lambda: is_open(window) and session.image.key == "b.png")
        seen["painted"] = session.image.size == (400, 300)

    seen["code"] = run_program(drive, "open", str(folder))
    return seen


if __name__ == "__main__":
    print(json.dumps({"full": on_a_full_disk, "read-only": on_a_read_only_disk}[sys.argv[1]](Path(sys.argv[2]))))
