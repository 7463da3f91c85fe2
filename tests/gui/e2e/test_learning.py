"""A project that learns while one works in it: real window, real model, mouse and keys."""

from __future__ import annotations

import time
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import is_open, key, run_program, wait_for
from tests.gui.e2e.driving import CTRL, draw, shot, travel, words

CORRECTED = "a visor"


def correct(window: MainWindow, id_: str) -> None:
    """Write `CORRECTED` for the region that was drawn last."""
    key(window.workspace.canvas, Qt.Key.Key_E)
    caption = window.workspace.editor.caption
    key(caption, Qt.Key.Key_A, CTRL)
    QTest.keyClicks(caption, CORRECTED)
    key(caption, Qt.Key.Key_Return, CTRL)
    assert words(window.session.image.region(id_)) == CORRECTED


def work(window: MainWindow) -> None:
    wait_for(lambda: is_open(window) and len(window.session.images.keys) == 3, "the photos")
    wait_for(lambda: window.workspace.canvas.camera.image_size == (512, 512), "the picture")
    session, editor = window.session, window.workspace.editor
    taught = []
    for shift in (0, 6, 12):
        helmet = draw(window, (272 + shift, 338 + shift), (508, 510))
        assert words(helmet) != CORRECTED or shift
        correct(window, helmet.id)
        taught.append(helmet.id)
    wait_for(lambda: session.memory.lessons == 3)
    begun = time.monotonic()
    fourth = draw(window, (280, 340), (500, 505))
    assert time.monotonic() - begun < 30, "patience of a busy machine; it takes a part of a second"
    assert words(fourth) == CORRECTED and {k.region for k in fourth.like} == set(taught)
    session.image.select((fourth.id,))
    wait_for(lambda: all(not b.icon().isNull() for b in editor.form.alike.buttons[:3]), "the close-ups")
    assert not editor.form.alike.isHidden() and "3" in editor.form.alike.title.text()
    shot(window, "learning")
    flag = draw(window, (2, 2), (98, 510))
    assert words(flag) != CORRECTED and not flag.like, "what looks unlike is named by the model"
    travel(window)
    travel(window)
    assert len(session.image.regions) == 3, "flag and fourth box are gone"
    travel(window)
    wait_for(lambda: session.memory.lessons == 2, "the last correction was taken back")


def test_three_corrections_change_the_fourth_suggestion(home: Path, samples_copy: Path) -> None:
    assert run_program(work, "open", str(samples_copy)) == 0
