"""Boxes with categories from ``regions.jsonl``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roi_assistant.core.box import Box
from roi_assistant.errors import FormatError
from roi_assistant.formats.annotated_photos import AnnotatedPhoto, AnnotatedRegion
from roi_assistant.formats.region_lines import RegionLines


def line(image: str, split: str, *regions: dict[str, object]) -> str:
    return json.dumps({"image": image, "width": 100, "height": 50, "split": split, "regions": regions})


def make(root: Path, *lines: str) -> RegionLines:
    (root / "images").mkdir()
    (root / "regions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return RegionLines(root)


def test_photos_of_a_split(tmp_path: Path) -> None:
    data = make(
        tmp_path,
        line("a.jpg", "train", {"bbox": [1, 2, 3, 4], "category": "cup", "fine": "mug"}),
        line(
            "b.jpg",
            "val",
            {"bbox": [90, 40, 30, 30], "category": "cat"},  # cut at the border
            {"bbox": [5, 5, 0, 10], "category": "nothing"},  # of no size: left out
            {"bbox": [5, 5, 10.5, 10], "category": "dog"},
        ),
    )
    assert list(data.photos("val")) == [
        AnnotatedPhoto(
            "b.jpg",
            100,
            50,
            (
                AnnotatedRegion("0", Box(90, 40, 100, 50), category="cat", kinds=("object",)),
                AnnotatedRegion("2", Box(5, 5, 15.5, 15), category="dog", kinds=("object",)),
            ),
        )
    ]
    assert [photo.image for photo in data.photos("train")] == ["a.jpg"]
    assert list(data.photos("test")) == []


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("{", r"regions\.jsonl, line 2: "),
        ('{"image": "a.jpg"}', "line 2: The field 'width' is missing"),
        (line("a.jpg", "val", {"bbox": [1, 2, 3, 4]}), "line 2: regions.0.: The field 'category' is missing"),
        (
            line("a.jpg", "val", {"bbox": ["x", 2, 3, 4], "category": "c"}),
            "line 2: regions.0..bbox: A box must be four numbers",
        ),
        (line("a.jpg", "val").replace("100", '"wide"'), "line 2: width: A positive number of pixels"),
        ("3", "line 2: "),
    ],
)
def test_bad_line_is_named(bad: str, message: str, tmp_path: Path) -> None:
    data = make(tmp_path, line("ok.jpg", "val"), bad)
    with pytest.raises(FormatError, match=message):
        list(data.photos("val"))


def test_missing_parts(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"regions\.jsonl is missing"):
        RegionLines(tmp_path)
    (tmp_path / "regions.jsonl").touch()
    with pytest.raises(FormatError, match="images/"):
        RegionLines(tmp_path)


def test_words_of_people_in_the_line_and_in_a_file_of_their_own(tmp_path: Path) -> None:
    own: dict[str, object] = {
        "bbox": [1, 2, 3, 4],
        "category": "cup",
        "phrases": ["a red cup"],
        "attributes": {"color": "red"},
    }
    make(tmp_path, line("a.jpg", "val", own, {"bbox": [5, 5, 9, 9], "category": "cat"}))
    file = tmp_path / "words.jsonl"
    region = {"region": 1, "category": "cat", "phrases": ["a cat"], "phrases_long": ["a cat on a mat"]}
    file.write_text(json.dumps({"image": "a.jpg", "split": "val", "regions": [region]}) + "\n")
    (photo,) = RegionLines(tmp_path, words=file).photos("val")
    cup, cat = photo.regions
    assert (cup.phrases, cup.attributes, cup.clauses) == (("a red cup",), {"color": ("red",)}, ())
    assert (cat.phrases, cat.clauses) == (("a cat",), ("a cat on a mat",))
