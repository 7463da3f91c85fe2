"""The embedded model and one behind a server answer about the same boxes: real window, real processes, a simulator."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import Qt

from roi_assistant.added_models import AddedModel, add_model
from roi_assistant.core.review import preferred_caption
from roi_assistant.storage.project import Project
from roi_assistant.ui.pages.review_queue import ReviewQueue
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import is_open, key, run_program, wait_for, write_settings
from tests.gui.e2e.driving import draw, go_to, shot, stored
from tests.unit.plugins.openai_server.simulator import Desk, serving

PHOTO = "café/咖啡 1.jpg"
CUP = ((175, 20), (405, 305))
BESIDE = ((20, 200), (120, 330))
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def said(body: dict[str, Any], _color: tuple[int, int, int]) -> str:
    """Whatever is asked: a zebra."""
    return json.dumps({"caption": "a small zebra", "category": "zebra", "alternatives": [], "attributes": {}})


def work(desk: Desk, window: MainWindow) -> None:
    wait_for(lambda: is_open(window) and len(window.session.images.keys) == 3, "the photos")
    session = window.session
    go_to(window, PHOTO)
    wait_for(lambda: session.image.size == (600, 400), "the picture")
    first, second = draw(window, *CUP), draw(window, *BESIDE)
    own = preferred_caption(first)
    assert own is not None and not desk.bodies, "the embedded model wrote"
    session.image.select((first.id,))
    window.workspace.canvas.setFocus()
    key(window.workspace.canvas, Qt.Key.Key_R, SHIFT)
    wait_for(lambda: session.image.region(first.id).answers, "the second model answers")
    wait_for(lambda: not session.second.is_at_work, "it makes room again")
    panel = window.workspace.editor.form.second
    assert panel.isVisible() and "zebra" in panel.reason.text()
    shot(window, "two-models-editor")
    window.show_page("batch")
    batch = window.pages.page(window.page)
    batch.compare.setChecked(True)
    wait_for(lambda: batch.start_button.isEnabled() and "1" in batch.start_button.text(), "one box is left")
    shot(window, "two-models-batch")
    batch.start()
    wait_for(lambda: session.image.region(second.id).answers, "the batch")
    wait_for(lambda: not session.second.is_at_work, "it makes room again")
    stored(window)
    window.show_page("review")
    queue = window.pages.page(window.page)
    assert isinstance(queue, ReviewQueue)
    queue.bar.order.setCurrentIndex(queue.bar.order.findData("disagreement"))
    queue.bar.order.activated.emit(queue.bar.order.currentIndex())
    wait_for(lambda: len(queue.deck.items) == 2, "the queue")
    wait_for(lambda: queue.form.second.isVisible())
    shot(window, "two-models-review")
    key(queue, Qt.Key.Key_R)
    assert queue.deck.decisions[-1].label == "Take another model's words"
    key(queue, Qt.Key.Key_L)
    stored(window)
    window.show_page("overview")
    overview = window.pages.page(window.page)
    wait_for(lambda: overview.cards and not overview.is_filling, "the figures")
    (table,) = (card for card in overview.cards if type(card).__name__ == "OutcomesCard")
    figures = {row[0].partition(" ")[0]: row[1:] for row in table.rows}
    server = next(name for name in figures if name.startswith("vllm/"))
    # given, unchanged, alternative, edited, words changed, rejected, passed over, waiting
    assert figures["gpt4roi-mini"] == ("2", "1", "0", "0", "–", "0", "1", "0")
    assert figures[server] == ("2", "1", "0", "0", "–", "0", "1", "0")
    shot(window, "two-models-overview")
    assert desk.wrong == []


def test_two_models_on_the_same_boxes(home: Path, samples_copy: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnxruntime", reason="the embedded model needs onnxruntime")
    with serving("vllm", answer=said) as desk:
        add_model(AddedModel(id="desk", kind="server", place=desk.url))
        write_settings(
            home, language="en", theme="light", threads=1, device="cpu", model="gpt4roi-mini", second_model="desk"
        )
        assert run_program(partial(work, desk), "open", str(samples_copy)) == 0
        with Project.open(samples_copy, read_only=True) as project:
            captions = [preferred_caption(region) for region in project.regions(PHOTO)]
        taken, kept = sorted((c for c in captions if c is not None), key=lambda c: c.text != "a small zebra")
        assert (taken.text, kept.text != "a small zebra") == ("a small zebra", True)
        assert taken.provenance.model_id.startswith("vllm/") and kept.provenance.model_id == "gpt4roi-mini"
