"""Boxes that go on from image to image, in the whole program and by its keys."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PyQt6.QtCore import Qt

from roi_assistant.cli import main
from roi_assistant.core.box import Box
from roi_assistant.ui.session.region_actions import suggested_copies
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import drag, is_open, key, run_program, settle, wait_for
from tests.gui.e2e.driving import travel
from tests.gui.fake_session import make_region

CTRL = Qt.KeyboardModifier.ControlModifier


def test_copies_keep_words_and_wait_for_review() -> None:
    region = make_region(box=Box(10, 10, 110, 90), attributes=[("color", ("red",), 0.9)], locked=True)
    region = replace(
        region,
        state="edited",
        reviewed_at="2026-01-02T03:04:05+00:00",
        attributes=(replace(region.attributes[0], unconfirmed=True),),
    )
    rejected, outside = replace(region, state="rejected"), replace(region, box=Box(60, 60, 90, 90))
    (copy,) = suggested_copies([region, rejected, outside], source="in/a.jpg", size=(50, 50))
    assert copy.box == Box(10, 10, 50, 50) and copy.id != region.id
    assert (copy.state, copy.locked, copy.reviewed_at, copy.copied_from) == ("suggested", False, "", "in/a.jpg")
    assert copy.captions == region.captions and copy.category_provenance == region.category_provenance
    assert copy.attributes == (replace(region.attributes[0], unconfirmed=False),)


@pytest.mark.usefixtures("writer")
def test_boxes_go_on_to_untouched_images_once(photos: Path, tmp_path: Path) -> None:
    Image.new("RGB", (100, 80), "gray").save(photos / "inner/c.png")

    def drive(window: MainWindow) -> None:
        session, canvas = window.session, window.workspace.canvas
        asked: list[object] = []

        def step(name: Qt.Key) -> int:
            """Go on or back; answers how many boxes are there then."""
            canvas.setFocus()
            key(canvas, name)
            wait_for(lambda: is_open(window), "the image")
            for _ in range(3):
                settle(window)
            return len(session.image.stored)

        wait_for(lambda: is_open(window) and not session.images.scanning, "the first image")
        canvas.setFocus()
        drag(canvas, (20, 20), (60, 60))
        drag(canvas, (150, 150), (250, 250))
        wait_for(lambda: all(region.captions for region in session.image.stored), "the suggestions")
        settle(window)
        original = session.image.stored
        key(canvas, Qt.Key.Key_Return)
        settle(window)
        assert step(Qt.Key.Key_D) == 0, "not before it is asked for"
        step(Qt.Key.Key_A)

        key(canvas, Qt.Key.Key_K)
        assert window.settings.keep_previous and window.actions_of["toggle_keep_previous"].isChecked()
        session.engine.described.connect(lambda *_: asked.append(1))
        assert step(Qt.Key.Key_D) == 2
        copies = session.image.stored
        assert [region.box for region in copies] == [region.box for region in original]
        assert [region.captions for region in copies] == [region.captions for region in original]
        assert {(region.state, region.copied_from) for region in copies} == {("suggested", "a.png")}
        assert session.image.selection == (copies[0].id,)
        key(canvas, Qt.Key.Key_Right)
        wait_for(lambda: session.image.stored[0].box != copies[0].box, "the move")
        assert not session.suggestions.pending

        assert step(Qt.Key.Key_A) == 2 and step(Qt.Key.Key_D) == 2, "nothing is added twice"
        travel(window)  # the move
        travel(window)
        assert session.image.stored == ()
        assert step(Qt.Key.Key_A) == 2 and step(Qt.Key.Key_D) == 0, "what was undone does not come back"
        travel(window, CTRL | Qt.KeyboardModifier.ShiftModifier)
        assert len(session.image.stored) == 2
        assert step(Qt.Key.Key_D) == 1, "the smaller image has room for one"
        assert session.image.stored[0].copied_from == "b.png" and not asked

        key(canvas, Qt.Key.Key_R)
        wait_for(lambda: session.image.stored[0].copied_from == "", "the model, which is asked now")

    target = tmp_path / "out.json"
    assert run_program(drive, "open", str(photos)) == 0
    assert main(["project", "export", str(photos), str(target)]) == 0
    annotations = json.loads(target.read_text("utf-8"))["annotations"]
    assert [a.get("copied_from", "") for a in annotations] == ["", "", "a.png", "a.png", ""]


@pytest.mark.usefixtures("writer")
def test_an_image_where_nothing_is_stays_empty(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session, canvas = window.session, window.workspace.canvas
        wait_for(lambda: is_open(window) and not session.images.scanning, "the first image")
        canvas.setFocus()
        drag(canvas, (20, 20), (60, 60))
        settle(window)
        for name in (Qt.Key.Key_D, Qt.Key.Key_0, Qt.Key.Key_A, Qt.Key.Key_K, Qt.Key.Key_D):
            key(canvas, name)
            wait_for(lambda: is_open(window), "the image")
            settle(window)
        settle(window)
        assert session.image.key == "b.png" and session.image.stored == () and session.image.notes.reviewed_empty

    assert run_program(drive, "open", str(photos)) == 0
