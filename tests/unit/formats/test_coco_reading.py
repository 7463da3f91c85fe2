"""What COCO files of other tools hold: what is kept, what is left out, and that both are said."""

from __future__ import annotations

import copy
import json
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import Region
from roi_assistant.errors import FormatError
from roi_assistant.formats import coco_reading
from roi_assistant.formats.annotations import AnnotationSet
from roi_assistant.formats.coco_reading import from_coco, read_coco_boxes
from roi_assistant.formats.coco_shapes import box_of_shape
from tests.unit.formats.coco_written import to_coco
from tests.unit.region_records import suggested


def coco(*annotations: dict[str, Any], **more: object) -> dict[str, Any]:
    """A file about ``a.jpg`` of 64 x 48 pixels, whose boxes are of 20 x 20 pixels unless they say otherwise."""
    plain = {"image_id": 1, "category_id": 1, "bbox": [8, 8, 20, 20]}
    return {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}],
        "categories": [{"id": 1, "name": "cup"}],
        "annotations": [{"id": number} | plain | entry for number, entry in enumerate(annotations, start=1)],
    } | more


def read(*annotations: dict[str, Any], strict: bool = False, **more: object) -> AnnotationSet:
    return from_coco(coco(*annotations, **more), name="in.json", strict=strict)


def only(annotations: AnnotationSet) -> Region:
    (image,) = annotations.images
    (region,) = image.regions
    return region


def lost(annotations: AnnotationSet) -> dict[str, int]:
    return {loss.field: loss.count for loss in annotations.losses}


# ------------------------------------------------------------------------------------------------------- what is lost


def test_what_no_project_keeps_is_counted_from_the_records() -> None:
    found = read(
        {"segmentation": [[8, 8, 28, 8, 18, 28]], "area": 200, "keypoints": [9, 9, 2], "num_keypoints": 1},
        {"bbox": [1, 1, 5, 5], "segmentation": {"size": [48, 64], "counts": "abc"}, "track_id": 7},
        {"bbox": [2, 2, 5, 5], "captions": [{"text": "a", "language": "en"}], "caption": "a"},
        licenses=[{"id": 7, "name": "CC BY", "url": "u"}, {"id": 8, "name": "", "url": ""}],
        images=[{"id": 1, "file_name": "a.jpg", "license": 7, "flickr_url": "f", "date_captured": ""}],
        categories=[{"id": 1, "name": "cup", "supercategory": "kitchen", "skeleton": []}],
        info={"description": "mine", "date_created": "2026-01-02", "version": ""},
        videos=[{"id": 1}],
    )
    assert lost(found) == {
        "licenses": 1, "videos": 1, "info.description": 1, "images.license": 1, "images.flickr_url": 1,
        "categories.supercategory": 1, "segmentation": 2, "area": 1, "keypoints": 1, "num_keypoints": 1,
        "track_id": 1, "captions.language": 1,
    }  # fmt: skip
    assert "a.jpg, region 1: [[8, 8, 28, 8, 18, 28]]" in {loss.example for loss in found.losses}


@pytest.mark.parametrize(
    "entry",
    [
        {"area": 400, "iscrowd": 0, "segmentation": []},
        {"segmentation": [[8, 8, 28, 8, 28, 28, 8, 28]]},
        {"segmentation": [[8, 8, 8, 28, 28, 28, 28, 8, 8, 8]]},
        {"keypoints": [], "ignored": None, "comment": ""},
        {"score": 1.0},
    ],
)
def test_what_says_nothing_more_than_the_box_is_no_loss(entry: dict[str, Any]) -> None:
    licenses, info = [{"id": 0, "name": "", "url": ""}], {"year": "", "contributor": ""}
    images = [{"id": 1, "file_name": "a.jpg", "license": 0, "coco_url": ""}]
    assert read(entry, images=images, licenses=licenses, info=info).losses == ()


def test_our_own_file_loses_nothing() -> None:
    region = suggested()
    (image,) = read({}).images
    data, report = to_coco(
        [type(image)("a.jpg", 64, 48, (region, suggested("r2")), note="dark")], created_at="2026-01-02T03:04:05+00:00"
    )
    found = from_coco(json.loads(json.dumps(data)), name="x", strict=False)
    assert report.lossless and found.losses == () and found.left_out == ()
    data["annotations"][0] |= {"score": 0.123, "provenance": {"author": "human"}}
    data["licenses"][0]["name"] = "CC BY"
    assert lost(from_coco(data, name="x")) == {"licenses": 1, "images.license": 1, "score": 1, "provenance": 1}


def test_ids_of_categories_that_no_project_keeps_are_said() -> None:
    categories = [{"id": "a", "name": "cup"}, {"id": 2, "name": "dog"}, {"id": 3, "name": "dog"}]
    found = read({"category_id": 3}, categories=categories)
    assert found.category_ids == {"dog": 3}
    assert [(loss.field, loss.count, loss.example) for loss in found.losses] == [("categories.id", 2, "cup: 'a'")]


def test_types_of_attributes_that_become_texts_are_said() -> None:
    found = read({"attributes": {"occluded": True, "number": 3, "color": "red", "sides": ["a", 2], "none": None}})
    assert [(loss.field, loss.kind, loss.count) for loss in found.losses] == [
        ("attributes.occluded", "altered", 1),
        ("attributes", "altered", 2),
    ]


# ----------------------------------------------------------------------------------------------------- words and scores


@pytest.mark.parametrize(
    ("entry", "captions", "is_altered"),
    [
        ({"caption": "new", "captions": [{"text": "old", "preferred": True}]}, [("new", True), ("old", False)], True),
        ({"caption": "new", "captions": []}, [("new", True)], False),
        ({"caption": "new", "captions": None}, [("new", True)], False),
        ({"caption": "b", "captions": ["a", "b"]}, [("a", False), ("b", True)], False),
        (
            {"caption": "b", "captions": [{"text": "a", "preferred": True}, {"text": "b"}]},
            [("a", False), ("b", True)],
            True,
        ),
        ({"caption": " ", "captions": [{"text": "a", "preferred": True}]}, [("a", True)], False),
        ({"captions": [{"text": "a", "preferred": True}]}, [("a", True)], False),
    ],
)
def test_a_caption_that_was_corrected_is_the_preferred_one(
    entry: dict[str, Any], captions: list[tuple[str, bool]], is_altered: bool
) -> None:
    found = read(entry)
    assert [(caption.text, caption.preferred) for caption in only(found).captions] == captions
    assert lost(found) == ({"captions": 1} if is_altered else {})


@pytest.mark.parametrize("score", [0.31, 0, 0.9999])
def test_the_score_of_a_detector_comes_out_again(score: float) -> None:
    found = read({"score": score})
    assert only(found).category_score == score and found.losses == ()
    data, _ = to_coco(found.images)
    assert data["annotations"][0]["score"] == score
    captioned = read({"score": score, "caption": "a cup"})
    assert only(captioned).captions[0].score == only(captioned).category_score == score
    assert to_coco(captioned.images)[0]["annotations"][0]["score"] == score


@pytest.mark.parametrize(
    "entry", [{"score": 31}, {"score": "0.31"}, {"score": -1}, {"score": True}, {"score": 0.3, "category_score": 0.4}]
)
def test_other_scores_are_counted(entry: dict[str, Any]) -> None:
    assert lost(read(entry)) == {"score": 1}


def test_who_wrote_a_caption_that_stands_alone() -> None:
    found = read({"caption": "a cup", "provenance": {"author": "model", "model_id": "florence"}})
    assert only(found).captions[0].provenance.model_id == "florence" and found.losses == ()
    assert lost(read({"caption": "a cup", "provenance": "the web"})) == {"provenance": 1}


# -------------------------------------------------------------------------------------------------- not all or nothing


def test_what_cannot_be_used_is_left_out_and_counted() -> None:
    stray: list[dict[str, Any]] = [
        {},
        {"image_id": 8},
        {"image_id": 9},
        {"bbox": [1, 2, 0, 4]},
        {"bbox": [1, 2, "3", 4]},
        {"bbox": None},
        {"id": None},
        {"category_id": 9, "bbox": [1, 1, 5, 5]},
        {"id": 1, "bbox": [2, 2, 5, 5]},
    ]
    found = read(*stray, {"iscrowd": 1, "bbox": None, "segmentation": {"counts": [1], "size": [1, 1]}})
    assert [str(told) for told in found.left_out] == [
        "in.json: annotations left out: 2, such as: in.json, annotation 2: There is no image with the id 8.",
        "in.json: annotations left out: 1, such as: in.json, annotation 4: Box (1, 2, 1, 6) has no area: give "
        "x1,y1,x2,y2 with x1 < x2 and y1 < y2.",
        "in.json: annotations left out: 1, such as: in.json, annotation 5: bbox: A box must be four numbers, x, y, "
        "width and height, not [1, 2, '3', 4].",
        "in.json: annotations left out: 2, such as: in.json, annotation 6: The field 'bbox' is missing.",
    ]
    assert found.crowds_skipped == 1 and lost(found) == {"category_id": 1}
    assert [(region.id, region.category) for region in found.images[0].regions] == [
        ("1", "cup"),
        ("8", None),
        ("1#2", "cup"),
    ]
    for entry in stray[1:]:
        with pytest.raises(FormatError):
            read({}, entry, strict=True)


def test_images_and_categories_that_cannot_be_used() -> None:
    images = [{"id": 1, "file_name": "a.jpg"}, {"id": 2}, {"id": 1, "file_name": "a.jpg"}]
    found = read({}, {"image_id": 2}, images=images, categories=[{"id": 1, "name": "cup"}, {"id": 2, "name": ""}])
    assert [image.file_name for image in found.images] == ["a.jpg"] and len(found.images[0].regions) == 1
    assert [str(told).split(":")[1].strip() for told in found.left_out] == [
        "images left out",
        "categories left out",
        "annotations left out",
    ]
    with pytest.raises(FormatError, match="image 1: This id occurs twice"):
        read({}, images=[{"id": 1, "file_name": "a.jpg"}, {"id": 1, "file_name": "b.jpg"}])
    with pytest.raises(FormatError, match="category 1: This id occurs twice"):
        read({}, categories=[{"id": 1, "name": "cup"}, {"id": 1, "name": "dog"}])


@pytest.mark.parametrize(
    ("segmentation", "box"),
    [
        ([[8, 8, 28, 8, 18, 28.5]], Box(8, 8, 28, 28.5)),
        ([[8, 8, 28, 8, 18, 28], [1, 30, 2, 30, 2, 31]], Box(1, 8, 28, 31)),
        # 4 rows, 5 columns: 6 empty, then 3 from row 2 of column 1 to row 0 of column 2, then 1 in row 2 of column 2.
        ({"size": [4, 5], "counts": [6, 3, 1, 1, 9]}, Box(1, 0, 3, 4)),
        ({"size": [4, 5], "counts": [5, 2, 13]}, Box(1, 1, 2, 3)),
        ({"size": [4, 5], "counts": "631N8"}, Box(1, 0, 3, 4)),  # the same, as pycocotools writes it
        ({"size": [4, 5], "counts": "compressed"}, None),
        ({"size": [4, 5], "counts": "6" + "o" * 40}, None),
        ({"size": [4, 5], "counts": "é"}, None),
        ({"size": [4, 5], "counts": [20]}, None),
        ({"size": [4, 5], "counts": [5, 200]}, None),
        ([[8, 8, 28, 8]], None),
        ([[8, 8, 8, 9, 8, 10]], None),
        ([[8, 8, 28, 8, 18, "28"]], None),
        ([[8, 8, 28, 8, 18, float("nan")]], None),
        ("polygon", None),
        (None, None),
    ],
)
def test_a_shape_without_a_box_gets_the_box_around_it(segmentation: object, box: Box | None) -> None:
    assert box_of_shape(segmentation) == box
    found = read({"bbox": None, "segmentation": segmentation})
    assert [region.box for region in found.images[0].regions] == ([] if box is None else [box])
    assert len(found.left_out) == (box is None)


# ------------------------------------------------------------------------------------------------------- other tools

LABEL_STUDIO = {"id": 1, "data": {"image": "/data/upload/1/a.jpg"}, "annotations": [{"result": []}]}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([LABEL_STUDIO], "JSON export of Label Studio: choose the format label-studio"),
        (
            [{"image": "/data/upload/a.jpg", "label": [], "annotator": 1, "annotation_id": 2, "lead_time": 3}],
            "Label St",
        ),
        (LABEL_STUDIO, "Label Studio"),
        ({"version": "5.0", "shapes": [], "imagePath": "a.jpg", "imageData": None}, "labelme"),
        ({"a.jpg123": {"filename": "a.jpg", "size": 123, "regions": [], "file_attributes": {}}}, "VIA"),
        ({"_via_settings": {}, "_via_img_metadata": {}}, "VIA"),
        ([{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}], "list of COCO results"),
        ([{"image": "a.jpg", "annotations": [{"label": "cup", "coordinates": {}}]}], "CreateML"),
        ({"size": {"height": 1, "width": 1}, "objects": []}, "Supervisely"),
        ({"info": {}, "categories": {}, "items": []}, "Datumaro"),
        ({"filename": "a", "height": 9, "width": 8, "grounding": {}}, "JSON lines"),
    ],
)
def test_json_of_other_tools_is_named(data: object, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        from_coco(data, name="in.json")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<annotation>\n<folder>x</folder></annotation>", "Pascal VOC"),
        (b'<?xml version="1.0"?>\n<annotations><version>1.1</version></annotations>', "CVAT"),
        (b"0 0.5 0.5 0.1 0.25\n1 0.1 0.1 0.1 0.1\n", "labels of YOLO"),
        (b"0 0.5 0.5 0.1 0.25 0.7 0.8", "labels of YOLO"),
        (b"train: images\nnc: 2\nnames: [a, b]\n", "YOLO data set"),
        (b'{"filename": "a"}\n{"filename": "b"}\n', "JSON lines"),
        (b"\xff\xd8\xff\xe0..", "a picture"),
        (b"\x1f\x8b\x08", "an archive: unpack it"),
        (b"PK\x03\x04 damaged", "a zip archive: unpack it"),
        (b'{"a": "\xff"}', "is not a JSON file: it is not text in UTF-8"),
    ],
)
def test_other_files_are_named(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_bytes(content)
    with pytest.raises(FormatError, match=words):
        read_coco_boxes(tmp_path / "in.json")


def test_a_zip_as_it_is_downloaded_says_what_to_give(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr("annotations/instances_default.json", "{}")
        archive.writestr("images/a.jpg", "")
    with pytest.raises(FormatError, match=r"unpack it .* \(annotations/instances_default.json\)"):
        read_coco_boxes(tmp_path / "in.zip")


# ------------------------------------------------------------------------------------------------------ damaged files


def test_a_file_of_nothing_but_empty_entries_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coco_reading, "_MOST_STRAYS", 10)
    (tmp_path / "in.json").write_text('{"images": [' + "[]," * 11 + "1]}")
    with pytest.raises(FormatError, match="is not a COCO file: 11 entries of 'images' and others have no id"):
        read_coco_boxes(tmp_path / "in.json")


def test_copies_with_their_id_are_numbered() -> None:
    found = read(*({"region_id": "a#2", "caption": str(n)} for n in range(3)), {"region_id": "a"}, {"region_id": "a"})
    assert [region.id for region in found.images[0].regions] == ["a#2", "a#3", "a#4", "a", "a#5"]


def test_a_block_that_is_there_twice_is_read_twice(tmp_path: Path) -> None:
    """As in a file that was put together by hand; other readers take the last one only."""
    more = json.dumps(coco({}, {})["annotations"][1:])
    text = json.dumps(coco({}))[:-1] + f', "annotations": {more}, "annotations": []}}'
    (tmp_path / "in.json").write_text(text)
    assert [region.id for region in read_coco_boxes(tmp_path / "in.json").images[0].regions] == ["1", "2"]


def test_an_attribute_of_hundreds_of_digits_is_damage() -> None:
    found = read({"attributes": {"size": 10**400}}, {"attributes": {"size": 2**127}})
    assert [region.id for region in found.images[0].regions] == ["2"]
    assert "annotations left out: 1" in str(found.left_out[0]) and "at most 128 bits" in str(found.left_out[0])


JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 10**400, 1e308, float("nan"), "", "x", "\udcff", [], {}, [None], [[]], [{}], {"a": 1},
    [1, 2, 3, 4], {"size": [0, 0], "counts": [1]},
)  # fmt: skip


def places(data: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    for key in data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield from places(data[key], (*place, key))


def test_any_value_anywhere_is_read_or_refused() -> None:
    rich = coco(
        {"area": 400, "segmentation": [[8, 8, 28, 8, 18, 28]], "score": 0.3, "region_id": "0123456789abcdef"},
        {"caption": "a", "captions": [{"text": "b", "score": 0.5, "provenance": {"author": "human"}}, "c"]},
        {"attributes": {"a": True, "b": ["x", 1]}, "attribute_provenance": {"a": {"author": "model"}}},
        licenses=[{"id": 1, "name": "CC BY"}, {"id": 2}],
        info={"date_created": "2026"},
    )
    chance = random.Random(5)
    for _ in range(1000):
        data = copy.deepcopy(rich)
        for _ in range(chance.randint(1, 3)):
            place = chance.choice(list(places(data))[1:])
            target = data
            for key in place[:-1]:
                target = target[key]
            target[place[-1]] = copy.deepcopy(chance.choice(JUNK))
        try:
            found = from_coco(data, name="in.json", strict=chance.random() < 0.3)
        except FormatError:
            continue
        for image in found.images:
            assert len({region.id for region in image.regions}) == len(image.regions)
