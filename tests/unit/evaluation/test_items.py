from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from roi_assistant.core.box import Box
from roi_assistant.errors import FormatError
from roi_assistant.evaluation.flickr30k import load_flickr30k
from roi_assistant.evaluation.general import load_region_lines
from roi_assistant.evaluation.items import EvaluationItem


def _item(box: Box, width: int = 640, height: int = 480) -> EvaluationItem:
    return EvaluationItem("p#1", "p", box, width, height)


def test_flickr_items_are_boxed_chains_with_their_distinct_phrases(flickr_root: Path) -> None:
    data = load_flickr30k(flickr_root, split="val")
    assert [item.id for item in data.items] == ["11.jpg#1", "11.jpg#2", "22.jpg#3", "22.jpg#4"]
    by_id = {item.id: item for item in data.items}
    assert by_id["11.jpg#1"].references == ("a tall man", "the man")
    assert by_id["22.jpg#4"].references == ("a wooden fence",), "the same words from two people are one reference"
    assert by_id["22.jpg#3"].members == 2
    assert by_id["22.jpg#3"].box == Box(0, 0, 400, 100), "the union box of the group, corners counted from 1"
    assert by_id["11.jpg#1"].mentions[0] == (("A", "tall", "man", "is", "riding", "a", "red", "bicycle", "."), 0, 3)
    assert data.photos == 2


def test_limit_counts_photos(flickr_root: Path) -> None:
    assert {item.photo for item in load_flickr30k(flickr_root, split="val", limit=1).items} == {"11.jpg"}


def test_the_hash_covers_what_is_asked(flickr_root: Path) -> None:
    whole = load_flickr30k(flickr_root, split="val")
    assert whole.sha256 == load_flickr30k(flickr_root, split="val").sha256
    assert whole.sha256 != load_flickr30k(flickr_root, split="val", limit=1).sha256
    sentences = flickr_root / "Sentences" / "11.txt"
    sentences.write_text(sentences.read_text().replace("tall", "small"))
    assert whole.sha256 != load_flickr30k(flickr_root, split="val").sha256


def test_boxes_follow_photos_that_are_stored_stretched(flickr_root: Path) -> None:
    data = load_flickr30k(flickr_root, split="val")
    item = data.items[0]
    image = data.load(item.photo)
    assert (item.width, item.height) == (400, 200)
    assert image.size == (100, 100)
    assert item.box == Box(40, 20, 120, 100)
    assert item.box_in(image) == Box(10, 10, 30, 50), "x by 100/400, y by 100/200"


def test_unknown_split_names_those_that_exist(flickr_root: Path) -> None:
    with pytest.raises(FormatError, match="the splits here are: val"):
        load_flickr30k(flickr_root, split="test")


def test_a_split_without_phrases_is_refused(flickr_root: Path) -> None:
    for path in (flickr_root / "Sentences").iterdir():
        path.write_text("Nothing is mentioned here .\n")
    with pytest.raises(FormatError, match="nothing to evaluate"):
        load_flickr30k(flickr_root, split="val")


def test_region_lines_count_training_photos_not_boxes(general_root: Path) -> None:
    data = load_region_lines(general_root, split="val")
    assert data.train_photos == {"cup": 5, "dog": 1}
    assert [item.category for item in data.items] == ["cup", "dog", "cup", "zebra"]
    assert data.load("v1.jpg").size == (160, 120)


def test_region_lines_without_the_split(general_root: Path) -> None:
    with pytest.raises(FormatError, match="nothing to evaluate"):
        load_region_lines(general_root, split="test")


@pytest.mark.parametrize(("side", "size"), [(31.9, "small"), (32.0, "medium"), (95.9, "medium"), (96.0, "large")])
def test_sizes_are_those_of_coco(side: float, size: str) -> None:
    assert _item(Box(0, 0, side, side)).size == size
    half = Box(0, 0, side / 2, side / 2)
    assert _item(half, width=240, height=320).size == size, "a smaller copy of the photo has the same sizes"


def test_a_box_at_the_border_stays_inside(tmp_path: Path) -> None:
    item = _item(Box(600, 400, 640, 480))
    box = item.box_in(Image.new("RGB", (33, 31)))
    assert box.x2 <= 33
    assert box.y2 <= 31


def test_items_of_one_photo_come_together(flickr_root: Path) -> None:
    groups: list[tuple[str, Any]] = list(load_flickr30k(flickr_root, split="val").by_photo())
    assert [(photo, len(items)) for photo, items in groups] == [("11.jpg", 2), ("22.jpg", 2)]
