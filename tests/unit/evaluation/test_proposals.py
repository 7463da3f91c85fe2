"""Recall of proposed boxes, worked out by hand, and the command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import roi_assistant.plugins
from roi_assistant.cli import main
from roi_assistant.core.box import Box
from roi_assistant.core.records import Capability, CaptionerInfo, ScoredBox
from roi_assistant.errors import FormatError
from roi_assistant.evaluation.proposals import evaluate_proposals, frequent_boxes, hits_of, load_boxes, recall

LEFT, RIGHT = (0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0)


class Proposing:
    """Proposes the left half, then a quarter of the right one, which overlaps it by 0.5, of every photo."""

    def __init__(self, *capabilities: Capability) -> None:
        self.info = CaptionerInfo("halves", "Halves", "0" * 64, capabilities=frozenset(capabilities))
        self.asked: list[int] = []

    def set_image(self, image: Image.Image) -> Image.Image:
        return image

    def propose(self, state: Image.Image, *, most: int = 50) -> list[ScoredBox]:
        self.asked.append(most)
        width, height = state.size
        return [
            ScoredBox(Box(0, 0, width / 2, height), 0.9),
            ScoredBox(Box(width / 2, 0, width, height / 2), 0.35),
        ][:most]

    def close(self) -> None:
        pass


def write_lines(root: Path, photos: list[tuple[str, str, list[list[int]]]]) -> Path:
    """A folder with ``regions.jsonl``: photos of 100 x 50, stored at 50 x 50."""
    (root / "images").mkdir(parents=True)
    lines = []
    for name, split, boxes in photos:
        regions = [{"bbox": box, "category": "thing", "fine": "thing"} for box in boxes]
        lines.append(json.dumps({"image": name, "width": 100, "height": 50, "split": split, "regions": regions}))
        Image.new("RGB", (50, 50)).save(root / "images" / name)
    (root / "regions.jsonl").write_text("\n".join(lines) + "\n")
    return root


@pytest.fixture
def halves(tmp_path: Path) -> Path:
    """Of four boxes on two val photos the left halves are two; trained on: thrice the right half, once the left."""
    left, right, lower = [0, 0, 50, 50], [50, 0, 50, 50], [0, 25, 100, 25]
    photos = [("a.jpg", "val", [left, right]), ("b.jpg", "val", [left, lower])]
    photos += [(f"t{k}.jpg", "train", [box]) for k, box in enumerate((right, left, right, right))]
    return write_lines(tmp_path / "halves", photos)


def test_recall() -> None:
    big, small, other = Box(0, 0, 10, 10), Box(0, 0, 10, 6), Box(20, 0, 30, 10)
    proposed = [[other, small], [big]]
    drawn = [[big, other], [small, other]]
    # small and big overlap by 0.6.
    assert recall(proposed, drawn, most=2, least=0.5) == 3 / 4
    assert recall(proposed, drawn, most=2, least=0.6) == 3 / 4
    assert recall(proposed, drawn, most=2, least=0.7) == 1 / 4
    assert recall(proposed, drawn, most=1, least=0.5) == 2 / 4
    assert recall([[]], [[]], most=1, least=0.5) is None
    assert hits_of([ScoredBox(big, 0.5), ScoredBox(other, 0.5)], [small]) == [True, False]


def test_figures_of_a_data_set(halves: Path) -> None:
    model, seen = Proposing("proposes"), []
    data = load_boxes(halves, split="val")
    figures = evaluate_proposals(model, data, frequent=[Box(*RIGHT)], progress=seen.append)  # type: ignore[arg-type]
    assert (figures["name"], figures["photos"], figures["boxes"]) == ("halves", 2, 4)
    assert model.asked == [50, 50] and seen == [1, 1]
    # Both left halves are found, and the right one by an overlap of a half; the lower half is not.
    rows = {(row["proposals"], row["iou"]): (row["recall"], row["frequent"]) for row in figures["recall"]}
    assert rows == {(10, 0.5): (0.75, 0.25), (10, 0.7): (0.5, 0.25), (50, 0.5): (0.75, 0.25), (50, 0.7): (0.5, 0.25)}
    bins = {round(one["low"], 1): one for one in figures["calibration"]["bins"] if one["count"]}
    assert {low: (one["count"], one["accuracy"]) for low, one in bins.items()} == {0.3: (2, 0.5), 0.9: (2, 1.0)}


def test_frequent_boxes_are_those_that_find_the_most(halves: Path, tmp_path: Path) -> None:
    found = frequent_boxes(halves, most=9)
    assert found is not None
    assert [box.xyxy for box in found[:2]] == [RIGHT, LEFT]
    only_val = write_lines(tmp_path / "val", [("a.jpg", "val", [[0, 0, 50, 50]])])
    assert frequent_boxes(only_val, most=9) is None


def test_folders_of_both_layouts(flickr_root: Path, halves: Path, tmp_path: Path) -> None:
    data = load_boxes(flickr_root, split="val")
    assert (data.name, data.photos, len(data.items)) == ("entities", 2, 4)
    assert frequent_boxes(flickr_root, most=3) is None, "it has no train.txt"
    assert len(load_boxes(halves, split="val", limit=1).items) == 2
    with pytest.raises(FormatError, match="no box"):
        load_boxes(halves, split="test")
    with pytest.raises(FormatError, match=r"regions\.jsonl is missing"):
        load_boxes(tmp_path / "nowhere", split="val")


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proposing]:
    proposing = Proposing("proposes")

    class Models:
        def create_captioner(self, *args: Any, **options: Any) -> Proposing:
            return proposing

    monkeypatch.setattr(roi_assistant.plugins, "PluginManager", Models)
    return iter([proposing])


def test_from_the_command_line(
    halves: Path, flickr_root: Path, tmp_path: Path, model: Iterator[Proposing], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    assert main(["evaluate", "proposals", str(halves), str(flickr_root), "--json", str(out)]) == 0
    report = json.loads(out.read_text())
    assert report["schema"] == "roi-assistant-evaluation" and report["protocol"] == "proposals"
    assert report["data"] == {"split": "val", "limit_photos": None} and report["model"]["id"] == "halves"
    first, second = report["metrics"]["data_sets"]
    assert first["recall"][0] == {"proposals": 10, "iou": 0.5, "recall": 0.75, "frequent": 0.75}
    assert second["name"] == "entities" and second["recall"][0]["frequent"] is None
    printed = capsys.readouterr().out
    assert "halves, 4 boxes on 2 photos:" in printed and "recall" in printed
    next(model).info = CaptionerInfo("halves", "Halves")
    assert main(["evaluate", "proposals", str(halves)]) == 3
    assert "no capability 'proposes'" in capsys.readouterr().err
