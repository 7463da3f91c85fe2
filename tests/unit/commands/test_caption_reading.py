"""``caption --read-text``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

Run = Callable[..., Any]


@pytest.fixture
def sign(tmp_path: Path) -> Path:
    photo = Image.new("RGB", (400, 200), "navy")
    ImageDraw.Draw(photo).text((60, 60), "EXIT 12", fill="white", font=ImageFont.load_default(54))
    photo.save(tmp_path / "sign.png")
    return tmp_path / "sign.png"


def test_what_is_written_is_read_and_quoted(run: Run, sign: Path, tmp_path: Path) -> None:
    pytest.importorskip("rapidocr", reason="reading text needs the extra 'ocr'")
    asked = ("caption", sign, "--model", "fake", "--json")
    coco = tmp_path / "out.json"
    (region,) = json.loads(run(*asked, "--read-text", "--coco", coco).out)["images"][0]["regions"]
    text = region["attributes"][-1]
    assert (text["name"], text["values"], text["model"]) == ("text", ["EXIT 12"], "rapidocr")
    assert region["caption"]["text"] == 'thing at 0. It reads "EXIT 12".'
    assert "EXIT 12" in coco.read_text()
    for options in ((), ("--no-read-text",)):
        (region,) = json.loads(run(*asked, *options).out)["images"][0]["regions"]
        assert [item["name"] for item in region["attributes"]] == ["color", "state"]
    schema = tmp_path / "signs.json"
    schema.write_text(json.dumps({"name": "signs", "attributes": [{"name": "text", "kind": "text"}]}))
    (region,) = json.loads(run(*asked, "--attributes", schema, "--style", "phrase").out)["images"][0]["regions"]
    assert region["attributes"][-1]["values"] == ["EXIT 12"]
    assert region["caption"]["text"] == "thing at 0", "a phrase quotes nothing"


def test_without_the_package(run: Run, sign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *rest: None if name == "rapidocr" else real(name))
    result = run("caption", sign, "--model", "fake", "--read-text")
    assert result.code == 0 and "thing at 0" in result.out
    assert result.err.count("pip install 'roi-assistant[ocr]'") == 1
    assert "pip install" not in run("caption", sign, "--model", "fake").err
