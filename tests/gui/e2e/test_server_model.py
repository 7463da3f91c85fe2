"""A model behind a server writes, and the embedded one beside it remembers: real window, real process, a simulator."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import Qt

from roi_assistant.added_models import AddedModel, add_model
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import is_open, key, run_program, wait_for, write_settings
from tests.gui.e2e.driving import draw, go_to, shot, stored, words
from tests.unit.plugins.openai_server.simulator import Desk, serving

CUP = ((175, 20), (405, 305))
BESIDE = ((180, 25), (400, 300))


def said(body: dict[str, Any], _color: tuple[int, int, int]) -> str:
    """Whatever is asked: a vase."""
    return json.dumps({"caption": "a white vase", "category": "vase", "alternatives": [], "attributes": {}})


def work(desk: Desk, window: MainWindow) -> None:
    wait_for(lambda: is_open(window) and len(window.session.images.keys) == 3, "the photos")
    session = window.session
    go_to(window, "café/咖啡 1.jpg")
    wait_for(lambda: session.image.size == (600, 400), "the picture")
    first = draw(window, *CUP)
    assert (words(first), first.category) == ("a white vase", "vase")
    by = first.captions[0].provenance
    assert (
        by.model_id.startswith("vllm/") and "the thing in the red box" in by.prompt and "a white vase" in by.raw_output
    )
    session.image.select((first.id,))
    session.edits.edit_caption(first.id, "a cup of coffee")
    stored(window)
    wait_for(lambda: session.memory.lessons == 1, "the embedded model saw it")
    asked = len(desk.bodies)
    second = draw(window, *BESIDE)
    assert second.category == "cup", "what she called it, though the server says vase"
    assert len(desk.bodies) == asked + 1 and "a cup of coffee" in json.dumps(desk.bodies[-1]), "and it was told so"
    shot(window, "server-model")
    window.workspace.canvas.setFocus()
    before = len(session.image.regions)
    key(window.workspace.canvas, Qt.Key.Key_P)
    wait_for(lambda: len(session.image.regions) > before and not session.suggestions.pending, "boxes of the companion")
    stored(window)
    assert desk.wrong == []


def test_a_server_writes_and_the_project_learns(home: Path, samples_copy: Path) -> None:
    pytest.importorskip("onnxruntime", reason="the embedded model needs onnxruntime")
    with serving("vllm", answer=said) as desk:
        add_model(AddedModel(id="desk", kind="server", place=desk.url))
        write_settings(home, language="en", theme="light", threads=1, device="cpu", model="desk")
        assert run_program(partial(work, desk), "open", str(samples_copy)) == 0
