"""What is promised to others about the COCO output: the exact file, and that pycocotools works with it.

After a wanted change of the format, write the golden file anew with ``python tests/contract/test_coco_region_text.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import (
    Attribute,
    AttributeDefinition,
    AttributeSchema,
    Caption,
    Provenance,
    Region,
)
from roi_assistant.formats.coco_region_text import AnnotatedImage, CocoProfile, read_coco_boxes, write_coco

GOLDEN = Path(__file__).parent / "golden"
FILES: dict[CocoProfile, Path] = {
    "full": GOLDEN / "coco_region_text.json",
    "gpt4roi": GOLDEN / "coco_region_text_gpt4roi.json",
}
NOW = "2026-02-03T04:05:06+00:00"
CATEGORY_IDS = {"teapot": 12, "kite": 5}
SCHEMA = AttributeSchema(
    "demo",
    (
        AttributeDefinition("color", "multi", ("blue", "green", "white")),
        AttributeDefinition("size", "single", ("small", "large")),
        AttributeDefinition("occluded", "boolean"),
    ),
)


def project() -> list[AnnotatedImage]:
    """Two invented images."""
    person = Provenance("human", NOW)
    model = Provenance("model", NOW, "gpt4roi-mini", "0f" * 32, "describe <region1>", "beam")
    teapot = Region(
        id="region-1",
        box=Box(12, 34.5, 112, 134),
        category="teapot",
        captions=(
            Caption("a blue teapot with a bent spout", person, preferred=True),
            Caption("a teapot", model, 0.625),
        ),
        attributes=(
            Attribute("color", ("blue",), model, 0.75, "pixels"),
            Attribute("size", ("small",), model, 0.5, "model"),
            Attribute("occluded", ("no",), person),
        ),
        state="edited",
    )
    kite = Region(
        id="region-2",
        box=Box(200, 0, 320, 90),
        category="kite",
        captions=(Caption("a kite", model, 0.375, preferred=True),),
        category_score=0.25,
        unsure=True,
    )
    unnamed = Region(id="region-3", box=Box(0, 200, 8, 208), state="accepted")
    return [
        AnnotatedImage("kitchen/table 1.jpg", 320, 240, (teapot, kite), id=41),
        AnnotatedImage("garden/Gräser.png", 640, 480, (unnamed,), id=42),
    ]


def write(path: Path, profile: CocoProfile) -> None:
    write_coco(path, project(), profile=profile, category_ids=CATEGORY_IDS, schema=SCHEMA, created_at=NOW)


@pytest.mark.parametrize("profile", FILES)
def test_file_is_the_golden_one(profile: CocoProfile, tmp_path: Path) -> None:
    write(tmp_path / "out.json", profile)
    assert (tmp_path / "out.json").read_text(encoding="utf-8") == FILES[profile].read_text(encoding="utf-8")


def test_golden_file_reads_as_the_project() -> None:
    images = read_coco_boxes(FILES["full"]).images
    teapot, kite = images[0].regions
    assert (teapot, kite) == project()[0].regions
    assert [image.file_name for image in images] == ["kitchen/table 1.jpg", "garden/Gräser.png"]


@pytest.mark.parametrize("profile", FILES)
def test_pycocotools_loads_and_indexes_it(profile: CocoProfile) -> None:
    coco = pytest.importorskip("pycocotools.coco").COCO(str(FILES[profile]))
    assert sorted(coco.getImgIds()) == [41, 42]
    names = {category["name"]: category["id"] for category in coco.loadCats(coco.getCatIds())}
    if profile == "full":
        assert names == {"teapot": 12, "kite": 5, "object": 13}
        assert coco.getAnnIds(imgIds=[41], catIds=[5]) == [2]
    else:
        assert names == {"object": 1}
    for annotation in coco.loadAnns(coco.getAnnIds()):
        assert set(annotation) >= {"bbox", "area", "iscrowd", "segmentation", "category_id", "image_id"}
        assert annotation["area"] == pytest.approx(annotation["bbox"][2] * annotation["bbox"][3])
    assert coco.loadAnns(coco.getAnnIds(imgIds=[41]))[0]["caption"] == "a blue teapot with a bent spout"


def test_annotations_serve_as_results() -> None:
    """``loadRes`` and the box evaluation of pycocotools take the annotations as they are."""
    coco_module = pytest.importorskip("pycocotools.coco")
    evaluation = pytest.importorskip("pycocotools.cocoeval")
    truth = coco_module.COCO(str(FILES["full"]))
    written = json.loads(FILES["full"].read_text(encoding="utf-8"))["annotations"]
    as_captions = truth.loadRes([dict(annotation) for annotation in written if "caption" in annotation])
    assert len(as_captions.getAnnIds()) == 2
    keys = ("image_id", "category_id", "bbox", "score")
    results: list[dict[str, Any]] = [{key: annotation[key] for key in keys} for annotation in written]
    run = evaluation.COCOeval(truth, truth.loadRes(results), "bbox")
    run.evaluate()
    run.accumulate()
    run.summarize()
    assert run.stats[0] == pytest.approx(1.0)


@pytest.mark.parametrize("profile", FILES)
def test_what_readers_of_region_text_rely_on(profile: CocoProfile) -> None:
    data = json.loads(FILES[profile].read_text(encoding="utf-8"))
    ids = [annotation["id"] for annotation in data["annotations"]]
    assert len(set(ids)) == len(ids)
    assert {annotation["image_id"] for annotation in data["annotations"]} <= {image["id"] for image in data["images"]}
    assert all("\\" not in image["file_name"] and image["license"] == 1 for image in data["images"])
    if profile == "gpt4roi":
        assert [category["name"] for category in data["categories"]] == ["object"]
        assert all(isinstance(annotation["caption"], str) for annotation in data["annotations"])


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, file in FILES.items():
        write(file, name)
