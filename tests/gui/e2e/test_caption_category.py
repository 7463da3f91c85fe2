"""Whoever corrects a caption corrects the category with it, in the window and in the file that is exported."""

from __future__ import annotations

import json
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from roi_assistant.cli import main
from roi_assistant.core.caption_category import category_of_caption
from roi_assistant.core.review import alternatives
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import is_open, key, run_program, wait_for, write_settings
from tests.gui.e2e.driving import CTRL, draw, stored, travel


def correct_the_caption(window: MainWindow, text: str) -> None:
    """Write ``text`` into the caption of the selected region by keys."""
    canvas, editor = window.workspace.canvas, window.workspace.editor
    canvas.setFocus()
    key(canvas, Qt.Key.Key_E)
    key(editor.caption, Qt.Key.Key_A, CTRL)
    QTest.keyClicks(editor.caption, text)
    key(editor.caption, Qt.Key.Key_Return, CTRL)
    stored(window)


def test_the_category_follows_the_caption(home: Path, samples_copy: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    write_settings(home, language="en", theme="light", threads=1, device="cpu", attribute_score=0.0)

    def work(window: MainWindow) -> None:
        session, canvas = window.session, window.workspace.canvas
        wait_for(lambda: is_open(window) and canvas.camera.image_size == (512, 512), "the picture")
        person = draw(window, (20, 16), (364, 508))
        assert person.category == "person"
        assert any(a.name == "action" for a in person.attributes), "what the bear may not do"
        correct_the_caption(window, "a teddy bear")
        bear = session.image.region(person.id)
        assert bear is not None and (bear.category, bear.state) == ("teddy bear", "edited")
        assert window.workspace.editor.category.line.text() == "teddy bear"
        assert "from the caption" in window.workspace.editor.category.line.toolTip()
        assert [a.name for a in bear.attributes if a.name == "action" and a.unconfirmed] == ["action"]

        travel(window)  # one step takes all of it back
        assert session.image.region(person.id) == person
        correct_the_caption(window, "a teddy bear")

        flag = draw(window, (2, 2), (98, 510))
        place, other = next(
            (place, caption)
            for place, caption in enumerate(alternatives(flag))
            if category_of_caption(caption.text, category=flag.category) != flag.category
        )
        canvas.setFocus()
        key(canvas, Qt.Key(Qt.Key.Key_1 + place))
        stored(window)
        chosen = session.image.region(flag.id)
        assert chosen is not None and chosen.state == "accepted"
        assert chosen.category != flag.category
        assert chosen.category == category_of_caption(
            other.text, category=None, guesses=[guess.text for guess in flag.category_alternatives]
        )

    assert run_program(work, "open", str(samples_copy)) == 0
    assert main(["project", "export", str(samples_copy), str(target)]) == 0
    data = json.loads(target.read_text("utf-8"))
    names = {category["id"]: category["name"] for category in data["categories"]}
    bear = next(annotation for annotation in data["annotations"] if annotation["caption"] == "a teddy bear")
    assert names[bear["category_id"]] == "teddy bear"
    assert bear["category_provenance"]["derived_from"] == "caption"
    assert "action" not in bear["attributes"] and "action" in bear["unconfirmed_attributes"]
