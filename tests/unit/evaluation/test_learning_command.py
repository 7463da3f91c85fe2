"""``roi-assistant evaluate learning`` with an invented captioner in place of a model."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import roi_assistant.plugins
from roi_assistant.cli import main
from roi_assistant.core.box import Box
from roi_assistant.core.records import RegionText
from roi_assistant.evaluation.flickr30k import load_flickr30k, named_by_nouns
from roi_assistant.memory.evidence import INPUTS, NONE_INPUTS
from roi_assistant.memory.vectors import packed
from roi_assistant.memory.weights import Scorer, Weights, weights_text


class Models:
    """Stands for the plugin manager; ``made`` are the captioners that were loaded."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make
        self.made: list[Any] = []

    def __call__(self) -> Models:
        return self

    def create_captioner(self, id_: str, *, device: str = "auto", threads: int | None = None) -> Any:
        self.made.append(self.make())
        return self.made[-1]


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch, make_captioner: Any, make_text: Callable[..., RegionText]) -> Models:
    """A captioner that calls everything a cup; large boxes look otherwise than small ones."""

    def answer(box: Box) -> RegionText:
        vector = np.array([1, 0] if box.width < 60 else [0, 1], np.float32)
        return make_text(box, "a cup", category="cup", features=packed(vector))

    def make() -> Any:
        captioner = make_captioner(answer)
        captioner.info = replace(captioner.info, capabilities=frozenset({"features"}))
        return captioner

    found = Models(make)
    monkeypatch.setattr(roi_assistant.plugins, "PluginManager", found)
    return found


def test_figures_are_printed_and_written(
    general_root: Path, tmp_path: Path, models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    """Four boxes: two cups, a dog and a zebra, too few for projects of 12 categories."""
    out, page = tmp_path / "out.json", tmp_path / "out.html"
    options = ["--stream", "3", "--unknown", "--json", str(out), "--html", str(page)]
    assert main(["evaluate", "learning", str(general_root), *options]) == 0
    report = json.loads(out.read_text(encoding="utf-8"))
    assert (report["schema"], report["protocol"], report["seed"]) == ("roi-assistant-evaluation", "learning", 3)
    assert report["data"]["items"] == report["timing"]["items_described"] == 4
    (mixed,) = report["metrics"]["groups"]
    assert mixed["without_memory"]["windows"][0]["right"]["mean"] == 0.5
    assert mixed["without_memory"]["windows"][0]["keys"]["mean"] == (1 + 1 + 4 + 6) / 4
    assert "<h2>Mixed (projects: 1, boxes: 4, categories: 3)</h2>" in page.read_text(encoding="utf-8")
    printed = capsys.readouterr()
    assert re.search(r"^all +4 +right noun +0.500 ± 0.000 ", printed.out, re.MULTILINE)
    assert "12 categories: left out" in printed.err
    assert "does not know: left out" in printed.err
    assert models.made[0].closed


def test_pages_show_learning_curves(general_root: Path, tmp_path: Path, models: Models) -> None:
    """The split train has 11 boxes; 60 more of one photo make a curve."""
    path, page = general_root / "regions.jsonl", tmp_path / "out.html"
    boxes = [{"bbox": [0, 0, 50, 20 + number], "category": "cup", "fine": "cup"} for number in range(60)]
    shutil.copy(general_root / "images" / "t9.jpg", general_root / "images" / "t10.jpg")
    line = {"image": "t10.jpg", "width": 160, "height": 120, "split": "train", "regions": boxes}
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")
    options = ["--split", "train", "--projects", "0", "--html", str(page)]
    assert main(["evaluate", "learning", "--root", str(general_root), *options]) == 0
    html = page.read_text(encoding="utf-8")
    assert '<span class="first">with memory</span> <span class="second">without memory</span>' in html
    assert ">box 71</text>" in html
    assert html.count("<polyline") == 2


def test_what_was_described_is_not_asked_again(general_root: Path, tmp_path: Path, models: Models) -> None:
    saved, out = tmp_path / "p.jsonl", tmp_path / "out.json"
    start = ["evaluate", "learning", str(general_root), "--json", str(out)]
    assert main([*start, "--limit", "1", "--predictions", str(saved)]) == 0
    assert main([*start, "--predictions", str(saved)]) == 0
    assert [len(captioner.asked) for captioner in models.made] == [2, 2]
    first = json.loads(out.read_text(encoding="utf-8"))
    assert main([*start, "--from-predictions", str(saved)]) == 0
    again = json.loads(out.read_text(encoding="utf-8"))
    assert len(models.made) == 2, "no model is loaded"
    assert again["metrics"] == first["metrics"]
    assert again["timing"] is None


def test_answers_about_other_names_are_refused(
    general_root: Path, tmp_path: Path, models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    saved, path = tmp_path / "p.jsonl", general_root / "regions.jsonl"
    assert main(["evaluate", "learning", str(general_root), "--predictions", str(saved)]) == 0
    path.write_text(path.read_text(encoding="utf-8").replace("zebra", "horse"), encoding="utf-8")
    assert main(["evaluate", "learning", str(general_root), "--predictions", str(saved)]) == 2
    assert "was a 'zebra' when it was described and is a 'horse' now" in capsys.readouterr().err


def test_a_captioner_that_does_not_tell_looks_is_refused(
    general_root: Path,
    models: Models,
    make_captioner: Any,
    make_text: Callable[..., RegionText],
    capsys: pytest.CaptureFixture[str],
) -> None:
    models.make = lambda: make_captioner(lambda box: make_text(box, "a cup", category="cup"))
    assert main(["evaluate", "learning", str(general_root)]) != 0
    assert "fake has no capability 'features'" in capsys.readouterr().err
    assert models.made[0].asked == []
    assert models.made[0].closed

    def lies() -> Any:
        captioner = make_captioner(lambda box: make_text(box, "a cup", category="cup"))
        captioner.info = replace(captioner.info, capabilities=frozenset({"features"}))
        return captioner

    models.make = lies
    assert main(["evaluate", "learning", str(general_root)]) != 0
    assert "fake told no features of v1.jpg#" in capsys.readouterr().err


def test_weights_of_a_file_are_used(
    general_root: Path, tmp_path: Path, models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    """Weights under which whatever was taught most is always right."""
    path, out = tmp_path / "w.json", tmp_path / "out.json"
    names = Scorer.of_linear([-50.0 if name == "never taught" else 0.0 for name in INPUTS])
    path.write_text(weights_text(Weights(names, Scorer.of_linear([-50.0] * len(NONE_INPUTS))), digits=4))
    start = ["evaluate", "learning", str(general_root), "--json", str(out)]
    assert main([*start, "--weights", str(path)]) == 0
    mixed = json.loads(out.read_text(encoding="utf-8"))["metrics"]["groups"][0]
    assert mixed["with_memory"] != mixed["without_memory"]
    for wrong in ("[]", '{"names": {}, "none": {}}'):
        path.write_text(wrong)
        capsys.readouterr()
        assert main([*start, "--weights", str(path)]) == 2
        assert "holds no weights of a memory" in capsys.readouterr().err
    assert main([*start, "--weights", str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_captions_in_a_form(
    general_root: Path, tmp_path: Path, models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that is said of a cup is "a cup"; who writes so keeps it."""
    path, out = tmp_path / "words.json", tmp_path / "out.json"
    start = ["evaluate", "learning", str(general_root), "--json", str(out)]
    path.write_text(json.dumps({"category": {"cup": "a cup"}}))
    assert main([*start, "--restyled", "{category}, {color}|{category}", "--words", str(path)]) == 0
    metrics = json.loads(out.read_text(encoding="utf-8"))["metrics"]
    assert metrics["forms"] == ["{category}, {color}", "{category}"]
    assert metrics["groups"][0]["without_memory"]["windows"][0]["unchanged"]["mean"] == 0.5
    assert main([*start, "--restyled", "{category}"]) == 0
    metrics = json.loads(out.read_text(encoding="utf-8"))["metrics"]
    assert metrics["groups"][0]["without_memory"]["windows"][0]["unchanged"]["mean"] == 0.0
    for wrong in ("[]", '{"color": {"red": 1}}'):
        path.write_text(wrong)
        capsys.readouterr()
        assert main([*start, "--restyled", "{category}", "--words", str(path)]) == 2
        assert "holds no words" in capsys.readouterr().err
    assert main([*start, "--words", str(path)]) == 2
    assert "give --restyled FORM" in capsys.readouterr().err
    assert main([*start, "--restyled", "cup"]) == 2
    assert "has no slot" in capsys.readouterr().err


def test_regions_of_flickr30k_are_called_by_their_nouns(flickr_root: Path, tmp_path: Path, models: Models) -> None:
    out = tmp_path / "out.json"
    assert main(["evaluate", "learning", str(flickr_root), "--json", str(out)]) == 0
    report = json.loads(out.read_text(encoding="utf-8"))
    assert report["data"]["name"] == "Flickr30k Entities"
    assert report["metrics"]["groups"][0]["regions"] == report["data"]["items"] > 0
    items = named_by_nouns(load_flickr30k(flickr_root, split="val")).items
    assert [item.category for item in items] == ["person", "bicycle", "dog", "fence"]
    unnamed = replace(items[0], id="unnamed", mentions=((("Another", "one", "runs"), 0, 2),))
    more = [replace(items[1], id=f"#{number}", mentions=(items[1].mentions[1],)) for number in range(2)]
    again = named_by_nouns(replace(load_flickr30k(flickr_root, split="val"), items=(*items, unnamed, *more)))
    assert [item.category for item in again.items] == ["person", "bike", "dog", "fence", None, "bike", "bike"]


def test_boxes_without_names_teach_nothing(
    general_root: Path, tmp_path: Path, models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "boxes.json"
    image = {"id": 1, "file_name": "v1.jpg", "width": 160, "height": 120}
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 30, 30], "caption": "The man"}
    data = {"images": [image], "annotations": [box], "categories": [{"id": 1, "name": "object"}]}
    path.write_text(json.dumps(data))
    start = ["evaluate", "learning", "--root", str(general_root / "images"), "--annotations", str(path)]
    assert main(start) == 2
    assert "nothing to learn" in capsys.readouterr().err
    data["categories"] = [{"id": 1, "name": "Cup"}]
    path.write_text(json.dumps(data))
    assert main(start) == 0
    assert "right noun           1.000        1.000" in capsys.readouterr().out


def test_the_folder_is_given_once(models: Models, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "learning"]) == 2
    assert "--root PHOTOS" in capsys.readouterr().err
