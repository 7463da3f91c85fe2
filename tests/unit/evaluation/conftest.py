"""Invented photos, phrases and captioners."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from roi_assistant.core.box import Box
from roi_assistant.core.records import CaptionerInfo, DescribeRequest, RegionText, ScoredText, SuggestedAttribute
from roi_assistant.errors import CaptionerError

PHOTO_WIDTH, PHOTO_HEIGHT = 400, 200
"""Size in the annotations; the stored photos are 100 x 100, stretched."""

FLICKR = {
    "11": {
        "boxes": {"1": [(41, 21, 120, 100)], "2": [(201, 101, 300, 200)]},
        "sentences": [
            "[/EN#1/people A tall man] is riding [/EN#2/vehicles a red bicycle] .",
            "[/EN#1/people The man] rides [/EN#2/vehicles a bike] .",
        ],
    },
    "22": {
        "boxes": {"3": [(1, 1, 100, 100), (301, 1, 400, 100)], "4": [(101, 101, 200, 200)]},
        "sentences": [
            "[/EN#3/animals Two brown dogs] play near [/EN#4/other a wooden fence] .",
            "[/EN#3/animals Two dogs] run past [/EN#4/other a wooden fence] in [/EN#5/scene a park] .",
        ],
    },
}
"""Invented. Chain 5 has no box; chain 3 is a group of two."""


def jpeg(color: tuple[int, int, int] = (90, 120, 60), size: tuple[int, int] = (100, 100)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, color).save(stream, "JPEG")
    return stream.getvalue()


def _annotation(boxes: dict[str, list[tuple[int, int, int, int]]]) -> str:
    objects = "".join(
        f"<object><name>{chain}</name><bndbox><xmin>{b[0]}</xmin><ymin>{b[1]}</ymin><xmax>{b[2]}</xmax>"
        f"<ymax>{b[3]}</ymax></bndbox></object>"
        for chain, several in boxes.items()
        for b in several
    )
    size = f"<size><width>{PHOTO_WIDTH}</width><height>{PHOTO_HEIGHT}</height><depth>3</depth></size>"
    return f"<annotation>{size}{objects}</annotation>"


@pytest.fixture
def flickr_root(tmp_path: Path) -> Path:
    """A data set in the layout of Flickr30k Entities: annotations in a folder, photos in a tar archive."""
    root = tmp_path / "entities"
    for name in ("Annotations", "Sentences"):
        (root / name).mkdir(parents=True)
    with tarfile.open(root / "images-0.tar", "w") as tar:
        for photo, content in FLICKR.items():
            (root / "Annotations" / f"{photo}.xml").write_text(_annotation(content["boxes"]))
            (root / "Sentences" / f"{photo}.txt").write_text("\n".join(content["sentences"]) + "\n")
            info = tarfile.TarInfo(f"{photo}.jpg")
            data = jpeg()
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    (root / "val.txt").write_text("\n".join(FLICKR) + "\n")
    return root


@pytest.fixture
def general_root(tmp_path: Path) -> Path:
    """A folder with ``regions.jsonl``: "cup" in five training photos, "zebra" in none."""
    root = tmp_path / "objects"
    (root / "images").mkdir(parents=True)

    def line(name: str, split: str, regions: list[tuple[list[float], str]]) -> str:
        (root / "images" / name).write_bytes(jpeg(size=(160, 120)))
        boxes = [{"bbox": box, "category": category, "fine": category} for box, category in regions]
        return json.dumps({"image": name, "width": 160, "height": 120, "split": split, "regions": boxes})

    lines = [line(f"t{i}.jpg", "train", [([0, 0, 50, 50], "cup"), ([60, 60, 50, 50], "cup")]) for i in range(5)]
    lines.append(line("t9.jpg", "train", [([0, 0, 50, 50], "dog")]))
    lines.append(line("v1.jpg", "val", [([0, 0, 6, 6], "cup"), ([20, 20, 100, 90], "dog")]))
    lines.append(line("v2.jpg", "val", [([10, 10, 20, 20], "cup"), ([5, 5, 150, 110], "zebra")]))
    (root / "regions.jsonl").write_text("\n".join(lines) + "\n")
    return root


def text_of(
    box: Box,
    caption: str,
    *,
    score: float = 0.9,
    category: str | None = None,
    categories: Sequence[str] = (),
    attributes: dict[str, tuple[str, ...]] | None = None,
    **more: Any,
) -> RegionText:
    return RegionText(
        box=box,
        caption=ScoredText(caption, score),
        category=ScoredText(category, score) if category else None,
        category_alternatives=tuple(ScoredText(name, 0.1) for name in categories),
        attributes=tuple(SuggestedAttribute(name, values, 0.5) for name, values in (attributes or {}).items()),
        **more,
    )


class FakeCaptioner:
    """Answers with ``answer(stored box)`` and remembers what it was asked."""

    def __init__(self, answer: Callable[[Box], RegionText], *, sha256: str = "ab" * 32) -> None:
        self.info = CaptionerInfo("fake", "Fake captioner", sha256, "cpu", "fp32", notes=("Invented answers.",))
        self.answer = answer
        self.asked: list[Box] = []
        self.sizes: list[tuple[int, int]] = []
        self.requests: list[DescribeRequest] = []
        self.closed = False

    def set_image(self, image: Image.Image) -> Image.Image:
        self.sizes.append(image.size)
        return image

    def describe(self, state: Image.Image, boxes: Sequence[Box], request: DescribeRequest) -> Iterator[RegionText]:
        self.requests.append(request)
        for box in boxes:
            self.asked.append(box)
            yield self.answer(box)

    def chat(self, state: Image.Image, boxes: Sequence[Box], turns: Sequence[Any]) -> Iterator[str]:
        raise CaptionerError("The fake captioner cannot chat.")

    def close(self) -> None:
        self.closed = True


@pytest.fixture(scope="session")
def make_captioner() -> type[FakeCaptioner]:
    return FakeCaptioner


@pytest.fixture(scope="session")
def make_text() -> Callable[..., RegionText]:
    return text_of


@pytest.fixture(scope="session")
def scorers() -> None:
    """For tests that compute CIDEr and its like."""
    pytest.importorskip("pycocoevalcap", reason="caption metrics need pycocoevalcap, the extra 'evaluation'")
