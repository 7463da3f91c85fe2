"""What goes wrong around the program is said in a sentence, costs nothing that was stored, and the program goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import Qt

from roi_assistant.core.box import Box
from roi_assistant.storage.project import Project
from roi_assistant.ui.pages.export import ExportPage
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import is_open, key, make_photos, run_program, wait_for
from tests.gui.e2e.driving import CTRL, SHIFT, press, shot, stored

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a small disk is made with unshare and mount")
pytestmark = pytest.mark.usefixtures("writer")


def use(act: Callable[[MainWindow], None], *arguments: str) -> None:
    """Run the program; nothing may have gone wrong in it that it did not expect."""
    shown: list[str] = []

    def drive(window: MainWindow) -> None:
        window.session.notice.connect(lambda _level, text: shown.append(text))
        act(window)
        shown.extend(notice.text for notice in window.bar.notices)

    assert run_program(drive, *arguments) == 0
    assert not [text for text in shown if "went wrong" in text], shown


def opened(window: MainWindow) -> None:
    wait_for(lambda: is_open(window) and not window.session.images.scanning, "the folder")


# ------------------------------------------------------------------------------------------------------ a small disk


def on_a_small_disk(mode: str, folder: Path, repository: Path) -> dict[str, Any]:
    """What ``small_disk`` saw on a disk of 2 MB that only it can see."""
    folder.mkdir()
    in_it = 'mount -t tmpfs -o size=2m tmpfs "$1" && shift && exec "$@"'
    prefix = ["unshare", "-rm", "sh", "-c", in_it, "sh", str(folder)]
    try:
        can = subprocess.run([*prefix, "true"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("needs unshare")
    if can.returncode:
        pytest.skip(f"no disk can be mounted here: {can.stderr.strip()}")
    command = [*prefix, sys.executable, "-m", "tests.gui.e2e.small_disk", mode, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=repository, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen


@linux
def test_a_full_disk(tmp_path: Path, repository: Path) -> None:
    seen = on_a_small_disk("full", tmp_path / "disk", repository)
    assert seen["failed"] and "disk is full" in seen["message"] and "taken back" in seen["message"]
    assert "free some space" in seen["message"]
    assert seen["notices"] == 1  # the same sentence is said once
    assert (seen["kept"], seen["goes on"], seen["sound"], seen["stored"], seen["code"]) == (True, True, True, True, 0)


@linux
def test_a_disk_that_cannot_be_written(tmp_path: Path, repository: Path) -> None:
    seen = on_a_small_disk("read-only", tmp_path / "disk", repository)
    assert "cannot be written" in seen["message"]
    assert seen["regions"] and seen["painted"] and seen["added"] == ""
    assert seen["code"] == 0


def has_notice(window: MainWindow, *words: str) -> bool:
    """Whether a notice that is still to be read has all ``words``; what the model could not read is said there, too."""
    return any(all(word in notice.text for word in words) for notice in window.bar.notices)


# --------------------------------------------------------------------------------------------------- the folder goes


def test_a_folder_that_is_renamed_and_comes_back(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session = window.session
        opened(window)
        session.edits.add_box(Box(10, 10, 60, 60))
        wait_for(lambda: not session.suggestions.pending)
        stored(window)
        before = session.image.regions
        photos.rename(photos.with_name("elsewhere"))
        session.edits.add_box(Box(100, 100, 160, 160))
        wait_for(lambda: session.store.state == "failed" and session.image.regions == before, "the way back")
        # The model says that the picture is gone, too, and either may be first.
        wait_for(lambda: has_notice(window, "is gone", str(photos)), "the notice")
        shot(window, "folder-gone")
        session.step_image(1)
        wait_for(lambda: session.image.key == "b.png")
        wait_for(lambda: "b.png does not exist" in window.workspace.canvas.picture.message, "the reason")
        photos.with_name("elsewhere").rename(photos)
        session.step_image(-1)
        wait_for(lambda: is_open(window) and session.image.key == "a.png")
        assert session.image.regions == before
        session.edits.accept([before[0].id])
        stored(window)
        assert session.store.state == "saved"

    use(drive, "open", str(photos))
    with Project.open(photos) as project:
        assert [region.state for region in project.regions("a.png")] == ["accepted"]


def test_a_folder_that_is_removed(photos: Path, tmp_path: Path) -> None:
    other = make_photos(tmp_path / "other")

    def drive(window: MainWindow) -> None:
        session = window.session
        opened(window)
        shutil.rmtree(photos)
        session.edits.add_box(Box(100, 100, 160, 160))
        wait_for(lambda: session.store.state == "failed" and not session.image.regions, "the way back")
        wait_for(lambda: has_notice(window, "is gone"), "the notice")
        window.open_folder(other)
        wait_for(lambda: session.folder == other and is_open(window), "another folder")
        session.edits.add_box(Box(100, 100, 160, 160))
        wait_for(lambda: not session.suggestions.pending)
        stored(window)
        assert session.store.state == "saved"

    use(drive, "open", str(photos))
    assert not photos.exists()  # and it is not made again
    with Project.open(other) as project:
        assert len(project.regions("a.png")) == 1


def test_a_project_file_that_another_program_replaces(photos: Path, tmp_path: Path) -> None:
    def drive(window: MainWindow) -> None:
        session = window.session
        opened(window)
        copy = photos / "copy"
        shutil.copy(photos / "project.roi", copy)
        copy.replace(photos / "project.roi")
        session.edits.add_box(Box(100, 100, 160, 160))
        wait_for(lambda: session.store.state == "failed" and not session.image.regions, "the way back")
        wait_for(lambda: has_notice(window, "was replaced by another file"), "the notice")
        shot(window, "file-replaced")

    use(drive, "open", str(photos))


# ------------------------------------------------------------------------------------------------------- other owners

HOLDER = """
import sys
from pathlib import Path
from roi_assistant.storage.project import Project
with Project.open(Path(sys.argv[1])) as project:
    project.add_images(["a.png", "b.png", "inner/c.png"])
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_project_that_another_process_has(photos: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(photos)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin is not None and holder.stdout is not None
        assert holder.stdout.readline() == "open\n"

        def drive(window: MainWindow) -> None:
            session = window.session
            wait_for(lambda: is_open(window))
            assert session.read_only
            assert "reading only" in window.bar.text and f"process {holder.pid}" in window.bar.text
            shot(window, "locked")
            canvas = window.workspace.canvas
            wait_for(lambda: canvas.camera.image_size[0] > 0)
            canvas.setFocus()
            key(canvas, Qt.Key.Key_W)
            assert session.image.regions == ()
            assert holder.stdin is not None
            holder.stdin.close()
            holder.wait(60)
            window.open_folder(photos)
            wait_for(lambda: is_open(window) and not session.read_only, "the folder, to write")
            assert window.bar.current is None
            session.edits.add_box(Box(100, 100, 160, 160))
            wait_for(lambda: not session.suggestions.pending)
            stored(window)

        use(drive, "open", str(photos))
    with Project.open(photos) as project:
        assert len(project.regions("a.png")) == 1


@pytest.mark.parametrize("kind", ["text", "cut", "page"])
def test_a_damaged_project_without_a_backup(photos: Path, tmp_path: Path, kind: str) -> None:
    from tests.unit.region_records import create, suggested

    with Project.open(photos) as project:
        project.apply(create("a.png", *(suggested(str(number)) for number in range(50))))
    path = photos / "project.roi"
    data = bytearray(path.read_bytes())
    if kind == "text":
        data = bytearray(b"these are my notes\n" * 100)
    elif kind == "cut":
        del data[len(data) // 2 :]
    else:
        data[8192:12288] = b"\xa5" * 4096
    path.write_bytes(data)
    other = make_photos(tmp_path / "other")

    def drive(window: MainWindow) -> None:
        session = window.session
        wait_for(lambda: window.bar.current is not None, "the message")
        notice = window.bar.current
        assert notice is not None and notice.level == "error" and not notice.actions
        assert "damaged" in notice.text and str(path) in notice.text and "no backup" in notice.text
        assert window.page == "welcome"
        shot(window, f"damaged-{kind}")
        window.open_folder(other)
        wait_for(lambda: session.folder == other and is_open(window), "another folder")

    use(drive, "open", str(photos))
    assert path.read_bytes() == data  # left as it is, for whoever may rescue it


def test_a_project_file_that_is_damaged_while_it_is_open(photos: Path) -> None:
    """The window goes on or says what is wrong; the next start does not begin anew over the remains."""

    def drive(window: MainWindow) -> None:
        session = window.session
        opened(window)
        for n in range(30):
            session.edits.add_box(Box(10 + n, 10, 60 + n, 60))
        wait_for(lambda: not session.suggestions.pending)
        stored(window)
        with open(photos / "project.roi", "r+b") as stream:
            size = os.fstat(stream.fileno()).st_size
            stream.write(b"\xa5" * size)
        for name in ("b.png", "inner/c.png", "a.png"):
            session.open_image(name)
            wait_for(
                lambda: session.history.state is not None or "damaged" in window.bar.text, "the picture or the reason"
            )
        session.edits.add_box(Box(100, 100, 160, 160))
        wait_for(lambda: not session.store.is_saving)
        shot(window, "damaged-while-open")

    use(drive, "open", str(photos))

    def again(window: MainWindow) -> None:
        wait_for(lambda: window.bar.current is not None or is_open(window))
        session = window.session
        if is_open(window):  # the write-ahead log held all pages
            assert len(session.image.regions) >= 30
        else:
            assert "damaged" in window.bar.text and window.page == "welcome"

    use(again, "open", str(photos))


# ------------------------------------------------------------------------------------------------------------- export


def test_an_export_that_cannot_be_written(photos: Path, tmp_path: Path) -> None:
    target = tmp_path / "no such folder" / "out.json"

    def drive(window: MainWindow) -> None:
        opened(window)
        window.session.edits.add_box(Box(10, 10, 60, 60))
        wait_for(lambda: not window.session.suggestions.pending)
        window.session.edits.accept([window.session.image.regions[0].id])
        stored(window)
        window.workspace.canvas.setFocus()
        press(window, Qt.Key.Key_E, CTRL)
        page = window.pages.page("export")
        assert isinstance(page, ExportPage)
        wait_for(lambda: page.export_button.isEnabled())
        page.path.setText(str(target))
        page.path.setFocus()
        key(page.path, Qt.Key.Key_Return, CTRL | SHIFT)
        wait_for(lambda: page.message.isVisible(), "the message")
        assert "out.json" in page.message.text and page.result is None
        shot(window, "export-failed")
        target.parent.mkdir()
        key(page.path, Qt.Key.Key_Return, CTRL | SHIFT)
        wait_for(lambda: page.result is not None, "the file")

    use(drive, "open", str(photos))
    assert json.loads(target.read_text(encoding="utf-8"))["annotations"]
