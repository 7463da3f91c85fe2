"""A folder with a detector through the program's own commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from roi_assistant.cli import main


def test_a_detector_is_added_and_proposes_boxes(
    folder_of: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path / "home"))
    folder = folder_of("rt_detr")
    assert main(["models", "add", str(folder)]) == 0
    assert capsys.readouterr().out == "tiny-rt_detr proposes boxes: roi-assistant models try tiny-rt_detr\n"
    assert main(["models", "list", "--json"]) == 0
    listed = {entry["id"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert listed["tiny-rt_detr"]["makes"] == "proposer" and "makes" not in listed["gpt4roi-mini"]
    assert main(["models", "try", "tiny-rt_detr", "--device", "cpu"]) == 0
    assert "boxes in" in capsys.readouterr().err

    photo = tmp_path / "photo.png"
    Image.effect_noise((200, 100), 90).convert("RGB").save(photo)
    words = ["--look-for", "cat, person", "--propose-score", "0"]
    out = tmp_path / "out.json"
    quick = ["--attributes", "none", "--device", "cpu", "--json", "--coco", str(out)]
    assert main(["caption", str(photo), "--propose", "tiny-rt_detr", *words, *quick]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["boxes_by"]["id"] == "tiny-rt_detr" and len(document["boxes_by"]["weights_sha256"]) == 64
    regions = document["images"][0]["regions"]
    assert regions and {region["category"]["text"] for region in regions} <= {"cat", "person"}
    assert '"derived_from": "detection"' in out.read_text() or '"derived_from":"detection"' in out.read_text()

    assert main(["caption", str(photo), "--model", "tiny-rt_detr"]) == 2
    assert "tiny-rt_detr finds boxes and writes no captions: give it to --propose" in capsys.readouterr().err
    assert main(["caption", str(photo), "--propose", "tiny-rt_detr", "--look-for", "dragon", *quick]) != 0
    assert "cannot find dragon: it knows 3 classes" in capsys.readouterr().err
