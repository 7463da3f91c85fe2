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
        wait_for(lambda: is_open(window) and not session.images.scanning)
        first, second = session.edits.add_box(Box(10, 10, 60, 60)), session.edits.add_box(Box(100, 100, 160, 160))
        wait_for(lambda: not session.suggestions.pending)
        stored(window)
        session.edits.edit_caption(first, "one")
        stored(window)
        session.history.undo()
        session.edits.edit_caption(first, "two")  # built on what the undo leaves
        session.history.undo()
        session.edits.edit_caption(first, "three")
        session.edits.change_boxes({second: Box(100, 100, 170, 170)})
        session.history.undo()
        session.edits.delete([second])
        third = session.edits.add_box(Box(200, 100, 260, 160))
        session.step_image(1)
        wait_for(lambda: session.image.key == "b.png" and is_open(window), "the next image")
        session.step_image(-1)
        wait_for(lambda: session.image.key == "a.png" and is_open(window), "the image again")
        wait_for(lambda: not session.suggestions.pending)
        stored(window)
        assert [region.id for region in session.image.regions] == [first, third]
        assert words(session.image.regions[0]) == "three"
        assert words(session.image.regions[1]) == "a thing of 60"
        assert window.bar.current is None, window.bar.text

    assert run_program(drive, "open", str(photos)) == 0
    with Project.open(photos) as project:
        assert len(project.regions("a.png")) == 2
