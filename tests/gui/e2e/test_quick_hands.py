"""Who is quicker than the disk: what is done while an undo is under way is done after it, and none of it is lost."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.core.box import Box
from roi_assistant.storage.project import Project
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import is_open, run_program, wait_for
from tests.gui.e2e.driving import stored, words

pytestmark = pytest.mark.usefixtures("writer")


@pytest.fixture(autouse=True)
def slow_undo(monkeypatch: pytest.MonkeyPatch) -> None:
    """An undo that takes as long as on a worn disk."""
    for name in ("undo", "redo"):
        real = getattr(Project, name)

        def slow(self: Project, image: str, real: Any = real) -> Any:
            time.sleep(0.3)
            return real(self, image)

        monkeypatch.setattr(Project, name, slow)


def test_edits_undos_and_images_in_quick_order(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session = window.session
        wait_for(lambda: is_open(window) and not session.scanning)
        first, second = session.add_box(Box(10, 10, 60, 60)), session.add_box(Box(100, 100, 160, 160))
        wait_for(lambda: not session.pending)
        stored(window)
        session.edit_caption(first, "one")
        stored(window)
        session.undo()
        session.edit_caption(first, "two")  # built on what the undo leaves
        session.undo()
        session.edit_caption(first, "three")
        session.change_boxes({second: Box(100, 100, 170, 170)})
        session.undo()
        session.delete([second])
        third = session.add_box(Box(200, 100, 260, 160))
        session.step_image(1)
        wait_for(lambda: session.current == "b.png" and is_open(window), "the next image")
        session.step_image(-1)
        wait_for(lambda: session.current == "a.png" and is_open(window), "the image again")
        wait_for(lambda: not session.pending)
        stored(window)
        assert [region.id for region in session.regions] == [first, third]
        assert words(session.regions[0]) == "three"
        assert words(session.regions[1]) == "a thing of 60"
        assert window.bar.current is None, window.bar.text

    assert run_program(drive, "open", str(photos)) == 0
    with Project.open(photos) as project:
        assert len(project.regions("a.png")) == 2
