"""``roi-assistant datasets check``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.unit import official_data_sets as official


def test_says_what_is_there_and_what_is_not(work: Path, run: Callable[..., Any]) -> None:
    official.make_coco(work / "sets")
    result = run("datasets", "check", "sets")
    assert result.code == 0
    assert "train    2 conversations, 3 boxes" in result.out
    assert "left out 1: crowd" in result.out
    assert "missing  questions: train.jsonl\n           get it from visualcommonsense.com/download" in result.out
    assert "zenodo.org" in result.out


def test_draws_samples(work: Path, run: Callable[..., Any]) -> None:
    official.make_all(work / "sets")
    result = run(
        "datasets", "check", "sets", "--name", "vcr", "--name", "coco_detection", "--out", "seen", "--samples", "2"
    )
    assert result.code == 0, result.err
    names = sorted(path.name for path in (work / "seen").iterdir())
    pictures = [f"{name}-0{k}.jpg" for name in ("coco_detection", "vcr") for k in (1, 2)]
    assert names == sorted([*pictures, "coco_detection.html", "vcr.html"])
    with Image.open(work / "seen/vcr-01.jpg") as picture:
        assert picture.width == 800, "small photos are enlarged to draw on"
    page = (work / "seen/vcr.html").read_text()
    assert "region1 &lt;bbox&gt;" in page and "vcr-02.jpg" in page


def test_missing_photos_are_counted(work: Path, run: Callable[..., Any]) -> None:
    official.make_coco(work / "sets")
    (work / "sets/coco/train2017/000000000025.jpg").unlink()
    result = run("datasets", "check", "sets", "--name", "coco_detection", "--out", "seen")
    assert result.code == 0
    assert "missing  1 of the first 2 photos" in result.out
    assert "000000000025.jpg" in result.err
    assert "drawn    1 samples" in result.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "not a folder"),
        (["sets", "--name", "imagenet"], "there are coco_detection, refcoco,"),
        (["sets", "--name", "vcr"], "1 of 1 data sets"),
        (["sets/coco/annotations"], "cannot be used"),
    ],
)
def test_what_cannot_be_checked(work: Path, run: Callable[..., Any], arguments: list[str], words: str) -> None:
    official.make_coco(work / "sets")
    result = run("datasets", "check", *arguments)
    assert result.code == 2 and words in result.err


def test_damaged_files_do_not_stop_the_rest(work: Path, run: Callable[..., Any]) -> None:
    official.make_coco(work / "sets")
    official.make_vcr(work / "sets")
    (work / "sets/coco/annotations/instances_train2017.json").write_text("{")
    result = run("datasets", "check", "sets")
    assert result.code == 0
    assert "unusable" in result.out and "instances_train2017.json is not a JSON file" in result.out
    assert "train    3 conversations, 9 boxes" in result.out
