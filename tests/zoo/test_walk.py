"""Through a folder of awkward pictures in the program: all are shown, or it is said why not, and nothing stalls.

``python scripts/image_zoo.py walk --many 50000 --jpeg`` does it at full size.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from roi_assistant.core.box import Box
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import ImageFilter
from roi_assistant.ui.window.main_window import MainWindow
from scripts.image_zoo import Specimen, Walked, make_zoo, walk
from tests.gui.application_fixtures import is_open, run_program, wait_for
from tests.gui.e2e.driving import shot, stored

DEAF = 1.0
"""Seconds: a window that hears nothing for so long has stalled. The figure itself is printed; aims are in the
benchmarks."""


def keep_pictures(window: MainWindow, specimen: Specimen) -> None:
    """For those who want to see it: ``ROI_ASSISTANT_SHOTS``."""
    if os.environ.get("ROI_ASSISTANT_SHOTS") and not specimen.key.startswith("many/"):
        name = "".join(c if c.isascii() and c.isalnum() else "_" for c in specimen.key)[:60]
        shot(window, f"zoo-{name}")


def report(walked: Walked) -> None:
    print(walked)
    assert walked.wrong == []
    assert walked.worst < DEAF, str(walked)


@pytest.mark.skipif(os.name == "nt", reason="names and links of POSIX")
def test_every_awkward_picture_is_shown_or_its_reason_is(tmp_path: Path) -> None:
    zoo = make_zoo(tmp_path / "zoo", many=500, large=0)
    report(walk(zoo, look=keep_pictures))
    unreadable = {specimen.key for specimen in zoo.specimens if specimen.size is None}
    with Project.open(zoo.folder) as project:
        kept = {row.key: row.problem for row in project.images(ImageFilter(problem=True))}
        assert kept.keys() == unreadable
        assert all(kept.values())


def test_a_picture_of_400_megapixels(tmp_path: Path) -> None:
    """It is shown reduced, and a box on it is stored although the captioner cannot take it."""
    from scripts.image_zoo import Zoo, make_huge, picture

    zoo = Zoo(tmp_path / "zoo")
    for name in ("before.png", "huger.png"):
        picture().save(zoo.path(name))
        zoo.specimens.append(Specimen(name))
    make_huge(zoo, 20_000)
    said: list[str] = []

    def draw(window: MainWindow, specimen: Specimen) -> None:
        keep_pictures(window, specimen)
        if specimen.key.startswith("huge/"):
            session = window.session
            session.edits.add_box(Box(5000, 5000, 15000, 12000))
            wait_for(lambda: not session.suggestions.pending, "the captioner's word")
            stored(window)
            shot(window, "zoo-huge-box")
            said.append(window.bar.text)
            window.bar.clear()

    report(walk(zoo, look=draw))
    assert len(said) == 1 and "20000" in said[0] and "limit" in said[0]
    with Project.open(zoo.folder) as project:
        (region,) = project.regions("huge/20000.png")
        assert region.box == Box(5000, 5000, 15000, 12000)


def test_a_file_that_is_mended_loses_its_mark(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    from scripts.image_zoo import picture

    for name in ("a.png", "b.png"):
        picture().save(folder / name)
    whole = (folder / "b.png").read_bytes()
    (folder / "b.png").write_bytes(whole[:40])

    def drive(window: MainWindow) -> None:
        session, canvas = window.session, window.workspace.canvas
        wait_for(lambda: is_open(window) and len(session.images.keys) == 2)
        session.step_image(1)
        wait_for(lambda: bool(session.images.row("b.png").problem), "the reason")
        shot(window, "unreadable")
        (folder / "b.png").write_bytes(whole)
        session.step_image(-1)
        wait_for(lambda: is_open(window) and session.image.key == "a.png")
        session.step_image(1)
        wait_for(lambda: canvas.camera.image_size == (240, 160) and session.image.key == "b.png", "the picture")
        assert session.images.row("b.png").problem == ""

    assert run_program(drive, "open", str(folder)) == 0


def test_a_name_that_is_no_unicode_is_remembered_over_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    from scripts.image_zoo import picture

    name = os.fsdecode(b"latin1 \xfc.png")
    try:
        picture().save(folder / name, "PNG")
    except (OSError, UnicodeError):
        pytest.skip("this disk wants file names in Unicode")
    picture().save(folder / "a.png")

    def leave(window: MainWindow) -> None:
        session = window.session
        wait_for(lambda: is_open(window) and len(session.images.keys) == 2)
        session.open_image(name)
        wait_for(lambda: is_open(window) and session.image.key == name)

    assert run_program(leave, "open", str(folder)) == 0
    seen: list[str] = []
    assert (
        run_program(lambda w: wait_for(lambda: is_open(w)) or seen.append(w.session.image.key), "open", str(folder))
        == 0
    )
    assert seen == [name]
