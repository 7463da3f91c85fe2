"""COCO region text: what is written, what is lost, what is read, and what is refused."""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from roi_assistant.core.box import Box
from roi_assistant.core.records import (
    Attribute,
    AttributeSchema,
    Caption,
    Provenance,
    Region,
)
from roi_assistant.errors import FileWriteError, FormatError
from roi_assistant.formats.coco_region_text import (
    AnnotatedImage,
    DatasetInfo,
    from_coco,
    read_coco_boxes,
    relative_file_name,
    write_coco,
)
from tests.unit.formats.coco_written import BARE, CUP, DOG, MINI, NOW, SCHEMA, to_coco
from tests.unit.region_records import FEW, regions


def image(*regions: Region, name: str = "a/b.jpg", **fields: Any) -> AnnotatedImage:
    return replace(AnnotatedImage(name, 100, 80, regions), **fields)


# ------------------------------------------------------------------------------------------------------------ writing


def test_full_annotation() -> None:
    data, report = to_coco([image(CUP)], created_at=NOW)
    (annotation,) = data["annotations"]
    wrote = {
        "author": "model",
        "created_at": NOW,
        "model_id": "mini",
        "weights_sha256": "ab" * 32,
        "prompt": "describe <region1>",
        "decoding": "beam",
        "raw_output": "a red cup </s>",
    }
    assert annotation == {
        "id": 1,
        "image_id": 1,
        "category_id": 1,
        "bbox": [10, 20, 30.5, 40],
        "area": 1220,
        "iscrowd": 0,
        "segmentation": [],
        "caption": "a red cup",
        "captions": [
            {"text": "a mug", "score": 0.25, "preferred": False, "provenance": wrote},
            {"text": "a red cup", "score": 0.75, "preferred": True, "provenance": wrote},
        ],
        "attributes": {"color": "red", "pattern": ["striped", "dotted"], "occluded": "yes"},
        "attribute_scores": {"color": 0.5},
        "attribute_provenance": {
            "color": {"source": "pixels", **wrote},
            "pattern": {"source": "human", "author": "human", "created_at": NOW},
            "occluded": {"source": "human", "author": "human", "created_at": NOW},
        },
        "score": 0.75,
        "provenance": wrote,
        "region_id": "r1",
        "review_state": "suggested",
        "category_score": 0.9,
        "unsure": True,
    }
    assert report.lossless and (report.images, report.regions) == (1, 1)
    assert str(report) == "1 image, 1 region written; nothing was lost."


def test_schema_decides_on_lists_and_truth_values() -> None:
    data, _ = to_coco([image(CUP)], schema=SCHEMA)
    assert data["annotations"][0]["attributes"] == {
        "color": ["red"],
        "pattern": ["striped", "dotted"],
        "occluded": True,
    }


def test_image_and_info_blocks() -> None:
    data, _ = to_coco(
        [image(name="x y/ü.png")],
        created_at=NOW,
        info=DatasetInfo(licence="CC0-1.0", licence_url="https://example.org"),
    )
    assert data["images"] == [
        {"id": 1, "file_name": "x y/ü.png", "width": 100, "height": 80, "license": 1, "date_captured": ""}
    ]
    assert data["licenses"] == [{"id": 1, "name": "CC0-1.0", "url": "https://example.org"}]
    assert data["info"]["year"] == 2026 and data["info"]["date_created"] == NOW
    assert to_coco([])[0]["info"]["year"] == 0


def test_what_a_person_wrote_has_score_one() -> None:
    annotations = to_coco([image(DOG, BARE)])[0]["annotations"]
    assert [annotation["score"] for annotation in annotations] == [1.0, 1.0]
    assert "caption" not in annotations[1] and annotations[1]["captions"] == []
    assert annotations[0]["captions"][0]["score"] is None


def test_category_ids_are_the_given_ones_and_new_names_follow() -> None:
    regions = [replace(DOG, category=name) for name in ("zebra", "cup", "ant", "zebra")]
    data, _ = to_coco([image(*regions)], category_ids={"dog": 18, "cup": 3})
    assert [(c["name"], c["id"]) for c in data["categories"]] == [("dog", 18), ("cup", 3), ("zebra", 19), ("ant", 20)]
    assert [annotation["category_id"] for annotation in data["annotations"]] == [19, 3, 20, 19]


def test_category_ids_do_not_depend_on_what_else_is_exported() -> None:
    ids = {"dog": 1, "cup": 2}
    alone, _ = to_coco([image(CUP)], category_ids=ids)
    both, _ = to_coco([image(DOG, CUP)], category_ids=ids)
    assert alone["categories"] == both["categories"]
    assert alone["annotations"][0]["category_id"] == both["annotations"][1]["category_id"] == 2


def test_a_region_without_category_is_an_object_and_counted() -> None:
    data, report = to_coco([image(BARE, replace(BARE, id="r4"))])
    assert data["categories"] == [{"id": 1, "name": "object", "supercategory": ""}]
    (loss,) = report.losses
    assert (loss.field, loss.kind, loss.count, loss.example) == ("category", "altered", 2, "a/b.jpg, region r3")
    assert str(report).splitlines() == [
        "1 image, 2 regions written.",
        "  category: altered 2 times, COCO needs one, so it is 'object' (a/b.jpg, region r3)",
    ]


def test_attributes_that_do_not_fit_are_counted() -> None:
    attributes = (
        Attribute("color", ("red",), MINI, 0.5, "pixels"),
        Attribute("color", ("blue",), MINI, 0.4),
        Attribute("size", (), MINI),
    )
    data, report = to_coco([image(replace(CUP, attributes=attributes))])
    assert data["annotations"][0]["attributes"] == {"color": "red"}
    assert [(loss.field, loss.count, loss.example) for loss in report.losses] == [
        ("attributes", 1, "a/b.jpg, region r1, color: blue"),
        ("attributes", 1, "a/b.jpg, region r1, size: "),
    ]


def test_image_ids_are_kept_or_counted_from_one() -> None:
    kept = [image(name="a", id=9), image(name="b", id=7)]
    assert [record["id"] for record in to_coco(kept)[0]["images"]] == [9, 7]
    assert [record["id"] for record in to_coco([image(name="a"), image(name="b")])[0]["images"]] == [1, 2]


@pytest.mark.parametrize(
    ("images", "category_ids", "message"),
    [
        ([image(), image()], {}, r"Image a/b\.jpg occurs twice"),
        ([image(name="a", id=1), image(name="b", id=1)], {}, "Two images have the same id"),
        ([image(name="a"), image(name="b", id=1)], {}, "Some images have an id"),
        ([image(name="a", id=1), image(name="b")], {}, "Some images have an id"),
        ([image(width=None)], {}, "has no width and height"),
        ([image(name="/abs.jpg")], {}, "POSIX path relative"),
        ([image(name="../up.jpg")], {}, "POSIX path relative"),
        ([image(name="")], {}, "POSIX path relative"),
        ([], {"a": 1, "b": 1}, "Two categories have the same id"),
    ],
)
def test_what_cannot_be_written(images: list[AnnotatedImage], category_ids: dict[str, int], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        to_coco(images, category_ids=category_ids)


def test_nothing_is_written_when_it_cannot(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")
    with pytest.raises(FormatError):
        write_coco(path, [image(), image()])
    with pytest.raises(FileWriteError):
        write_coco(tmp_path / "nowhere" / "out.json", [image()])
    with pytest.raises(FormatError, match="Region r1 has a score that is not a finite number"):
        write_coco(path, [image(replace(CUP, category_score=float("nan")))])
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["out.json"]


class _WatchedImage(AnnotatedImage):
    """Without slots, so that it can be weakly referenced."""


def test_images_are_let_go_one_after_the_other(tmp_path: Path) -> None:
    watched: list[weakref.ref[AnnotatedImage]] = []

    def many() -> Iterator[AnnotatedImage]:
        for number in range(100):
            one = _WatchedImage(f"{number}.jpg", 100, 80, (CUP,))
            watched.append(weakref.ref(one))
            yield one
            del one
            assert sum(reference() is not None for reference in watched) <= 1

    assert write_coco(tmp_path / "a.json", many()).regions == 100


def test_one_record_a_line(tmp_path: Path) -> None:
    write_coco(tmp_path / "a.json", [image(CUP, DOG)])
    text = (tmp_path / "a.json").read_text()
    assert sum(line.startswith('  {"id"') for line in text.splitlines()) == 6  # licence, image, 2 categories, 2 boxes


def test_relative_file_name(tmp_path: Path) -> None:
    assert relative_file_name(tmp_path / "a" / "b.jpg", tmp_path) == "a/b.jpg"
    with pytest.raises(FormatError, match="is not below"):
        relative_file_name(tmp_path, tmp_path / "a")


def test_a_photo_whose_own_name_holds_a_backslash_keeps_it() -> None:
    data, _ = to_coco([image(name="a\\b.jpg")])
    assert data["images"][0]["file_name"] == "a\\b.jpg"


def test_osprey_makes_masks_of_the_profile_gpt4roi(tmp_path: Path) -> None:
    coco = pytest.importorskip("pycocotools.coco")
    write_coco(tmp_path / "out.json", [image(CUP)], profile="gpt4roi")
    loaded = coco.COCO(str(tmp_path / "out.json"))
    (annotation,) = loaded.loadAnns(loaded.getAnnIds())
    assert abs(int(loaded.annToMask(annotation).sum()) - CUP.box.area) < 50


def test_profile_of_gpt4roi() -> None:
    data, report = to_coco([image(CUP, DOG, BARE)], profile="gpt4roi", category_ids={"cup": 5})
    assert data["categories"] == [{"id": 1, "name": "object", "supercategory": ""}]
    common = {"image_id": 1, "category_id": 1, "iscrowd": 0}
    cup, dog = [[10, 20, 40.5, 20, 40.5, 60, 10, 60]], [[0, 0, 100, 0, 100, 50, 0, 50]]
    assert data["annotations"] == [
        {"id": 1, **common, "segmentation": cup, "bbox": [10, 20, 30.5, 40], "area": 1220, "caption": "a red cup"},
        {"id": 2, **common, "segmentation": dog, "bbox": [0, 0, 100, 50], "area": 5000, "caption": "a dog"},
    ]
    assert (report.images, report.regions) == (1, 2)
    assert [(loss.field, loss.kind, loss.count) for loss in report.losses] == [
        ("captions", "dropped", 1),
        ("attributes", "dropped", 3),
        ("score", "dropped", 1),
        ("provenance", "dropped", 2),
        ("region_id", "dropped", 2),
        ("review_state", "dropped", 2),
        ("category_score", "dropped", 1),
        ("unsure", "dropped", 1),
        ("category", "altered", 2),
        ("region", "dropped", 1),
    ]
    assert report.losses[0].example == "a/b.jpg, region r1: a mug"


def test_profile_of_gpt4roi_warns_of_what_its_loader_skips() -> None:
    # of 4000 pixels across, 224 remain: 35 pixels become 1.96, 36 become 2.02
    thin, wide = replace(DOG, box=Box(0, 0, 35, 90)), replace(DOG, box=Box(0, 0, 36, 90))
    _, report = to_coco([image(thin, wide, width=4000, height=3000)], profile="gpt4roi")
    skipped = [loss for loss in report.losses if loss.kind == "ignored by readers"]
    assert [(loss.field, loss.count) for loss in skipped] == [("region", 1)]
    assert "35 x 90" in skipped[0].example
    _, report = to_coco([image(replace(DOG, box=Box(0, 0, 30, 20)), height=31)], profile="gpt4roi")
    assert "side under 32 pixels" in str(report.losses[-1].reason)


# ------------------------------------------------------------------------------------------------------------ reading


@pytest.mark.parametrize("schema", [None, SCHEMA])
def test_there_and_back(schema: AttributeSchema | None, tmp_path: Path) -> None:
    images = (image(CUP, DOG, id=4), image(name="empty.png", id=9))
    report = write_coco(tmp_path / "a.json", images, category_ids={"dog": 8, "cup": 2}, schema=schema)
    assert report.lossless
    result = read_coco_boxes(tmp_path / "a.json")
    assert result.images == images
    assert result.category_ids == {"dog": 8, "cup": 2}
    assert result.crowds_skipped == 0


def coco(**fields: Any) -> dict[str, Any]:
    annotation = {"id": 5, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4], "iscrowd": 0}
    return {
        "info": {"date_created": "2020/01/01"},
        "images": [{"id": 1, "file_name": "a.jpg", "width": 10, "height": 20}],
        "categories": [{"id": 3, "name": "cat"}],
        "annotations": [annotation],
    } | fields


def annotated(**fields: Any) -> dict[str, Any]:
    data = coco()
    data["annotations"][0] |= fields
    return data


def region_of(data: dict[str, Any]) -> Region:
    return from_coco(data, name="x.json").images[0].regions[0]


PERSON = Provenance("human", "2020-01-01T00:00:00+00:00")


def test_plain_coco() -> None:
    assert region_of(coco()) == Region("5", Box(1, 2, 4, 6), "cat", state="accepted")


def test_caption_alone_is_the_preferred_one() -> None:
    assert region_of(annotated(caption="a cat")).captions == (Caption("a cat", PERSON, preferred=True),)
    assert region_of(annotated(caption=" ")).captions == ()
    assert region_of(annotated(caption=None)).captions == ()


def test_captions_as_plain_texts() -> None:
    captions = region_of(annotated(caption="two", captions=["one", "two", {"text": "three", "score": 1}])).captions
    assert [(c.text, c.preferred, c.score) for c in captions] == [
        ("one", False, None),
        ("two", True, None),
        ("three", False, 1.0),
    ]


def test_attributes_of_other_tools() -> None:
    attributes = region_of(
        annotated(attributes={"occluded": False, "count": 2, "color": ["red", "blue"], "text": "", "none": None})
    ).attributes
    assert [(a.name, a.values) for a in attributes] == [
        ("occluded", ("no",)),
        ("count", ("2",)),
        ("color", ("red", "blue")),
    ]
    assert attributes[0].provenance == PERSON and attributes[0].source == "human"


@pytest.mark.parametrize(("value", "words"), [(12345678, "12345678"), (0.123456789, "0.123456789"), (3.0, "3")])
def test_numbers_keep_their_digits(value: float, words: str) -> None:
    data = annotated(attributes={"number": value})
    data["categories"][0]["name"] = value
    region = region_of(data)
    assert region.attributes[0].values == (words,)
    assert region.category == words


@pytest.mark.parametrize(
    ("written", "read"),
    [(7, 7), ("7", 7), (7.0, 7), (-7, -7), ("-7", -7), (2**53, 2**53), (-(2**53), -(2**53)), (0, 0)],
)
def test_ids_are_whole_numbers_however_they_are_written(written: object, read: int) -> None:
    data = annotated(id=written, image_id=written, category_id=written)
    data["images"][0]["id"] = read
    data["categories"][0]["id"] = written
    (only,) = from_coco(data, name="x").images
    assert (only.id, only.regions[0].id, only.regions[0].category) == (read, str(read), "cat")


@pytest.mark.parametrize("id_", ["a", "007", "7.0", "1_000", "٣", str(2**63), "-0"])
def test_ids_that_are_texts_stay_what_they_are(id_: str) -> None:
    data = annotated(id=id_, image_id=id_)
    data["images"][0]["id"] = id_
    (only,) = from_coco(data, name="x").images
    assert (only.id, only.regions[0].id) == (None, id_)


def test_ids_that_other_programs_round_are_texts() -> None:
    data = annotated(id=2**53 + 1, image_id=str(2**53 + 1))
    data["images"][0]["id"] = 2**53 + 1
    (only,) = from_coco(data, name="x").images
    assert (only.id, only.regions[0].id) == (None, "9007199254740993")


def test_ids_of_one_number_written_in_two_ways_are_the_same() -> None:
    images = [{"id": 1, "file_name": "a"}, {"id": "1", "file_name": "b"}]
    with pytest.raises(FormatError, match="image '1': This id occurs twice"):
        from_coco(coco(images=images), name="x.json")


@pytest.mark.parametrize(
    ("iscrowd", "crowds"),
    [(value, 0) for value in (0, False, None, "0", "false", "False", 0.0)]
    + [(value, 1) for value in (1, True, "1", "true", 1.0)],
)
def test_crowds_are_what_says_so(iscrowd: object, crowds: int) -> None:
    result = from_coco(annotated(iscrowd=iscrowd), name="x")
    assert (result.crowds_skipped, len(result.images[0].regions)) == (crowds, 1 - crowds)


def test_null_is_as_if_the_field_was_not_there() -> None:
    data = coco()
    plain = region_of(data)
    for key in ("caption", "captions", "attributes", "review_state", "region_id", "unsure", "category_alternatives"):
        data["annotations"][0][key] = None
    assert region_of(data) == plain


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-01-02T03:04:05.678+00:00", "2026-01-02T03:04:05.678+00:00"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05+00:00"),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05+00:00"),
        ("2026-01-02 03:04:05", "2026-01-02T03:04:05+00:00"),
        ("2026-01-02", "2026-01-02T00:00:00+00:00"),
        ("", ""),
        (None, ""),
    ],
)
def test_times_are_read_in_utc(written: str | None, read: str) -> None:
    region = region_of(annotated(created_at=written, reviewed_at=written))
    assert (region.created_at, region.reviewed_at) == (read, read)
    caption = {"text": "a cat", "provenance": {"author": "human", "created_at": written}}
    assert region_of(annotated(captions=[caption])).captions[0].provenance.created_at == read


def test_a_date_of_the_whole_file_in_words_is_not_taken_over() -> None:
    data = annotated(caption="a cat")
    data["info"]["date_created"] = "some day in spring"
    assert region_of(data).captions[0].provenance == Provenance("human", "")


def test_crowds_are_skipped_and_counted() -> None:
    data = coco()
    data["annotations"].append({"id": 6, "image_id": 1, "category_id": 3, "bbox": [0, 0, 0, 0], "iscrowd": 1})
    result = from_coco(data, name="x")
    assert result.crowds_skipped == 1 and len(result.images[0].regions) == 1


def test_boxes_without_categories_sizes_or_annotations() -> None:
    data = {
        "images": [{"id": "p", "file_name": "a.jpg"}],
        "annotations": [{"id": 0, "image_id": "p", "bbox": [0, 0, 1, 1]}],
    }
    (only,) = from_coco(data, name="x").images
    assert (only.width, only.height, only.id) == (None, None, None)
    assert only.regions[0].category is None
    assert from_coco({"images": []}, name="x").images == ()


def test_a_name_that_two_ids_share_goes_to_the_used_one() -> None:
    categories = [{"id": 0, "name": "cat"}, {"id": 3, "name": "cat"}, {"id": 4, "name": "cat"}]
    assert from_coco(coco(categories=categories), name="x").category_ids == {"cat": 3}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "x.json is not a COCO file"),
        ([{"image_id": 1, "bbox": [1, 2, 3, 4]}], "x.json: This is a list of COCO results"),
        ("text", 'x.json is not a COCO file: it has no list "images"'),
        ({"images": {}}, "not a COCO file"),
        (coco(images=[3]), "x.json, image no. 1: An object is needed, not 3"),
        (coco(images=[{"file_name": "a"}]), "x.json, image no. 1: The field 'id' is missing"),
        (coco(images=[{"id": 1, "file_name": "a"}] * 2), "x.json, image 1: This id occurs twice"),
        (coco(images=[{"id": 1}]), "x.json, image 1: The field 'file_name' is missing"),
        (coco(images=[{"id": 1, "file_name": ""}]), "x.json, image 1: file_name: A text that is not empty is needed"),
        (coco(images=[{"id": 1, "file_name": "a"}, {"id": 2, "file_name": "a"}]), "images 1 and 2 are both called a"),
        (coco(images=[{"id": 1, "file_name": "a", "width": -4}]), "image 1: width: A positive number of pixels"),
        (coco(annotations={}), None),
        (coco(annotations=3), "x.json: annotations: A list is needed, not 3"),
        (coco(annotations=[{"image_id": 1}]), "x.json, annotation no. 1: The field 'id' is missing"),
        (coco(annotations=coco()["annotations"] * 2), "annotation 5: This id occurs twice"),
        (coco(categories=[{"id": 3, "name": "a"}, {"id": 3, "name": "b"}]), "category 3: This id occurs twice"),
        (coco(categories=[{"id": 3}]), "category 3: The field 'name' is missing"),
        (coco(categories=[{"id": 3, "name": ""}]), "category 3: name: A text that is not empty is needed"),
        (coco(categories=[{"id": 3, "name": True}]), "category 3: name: A text or a number is needed, not True"),
        (annotated(image_id=8), "x.json, annotation 5: There is no image with the id 8"),
        (annotated(image_id=None), "annotation 5: The field 'image_id' is missing"),
        (annotated(image_id=[1]), "annotation 5: image_id: An id must be a text or a whole number"),
        (annotated(id=5.5), "annotation 5.5: id: An id must be"),
        (annotated(id=2**63), "annotation 9223372036854775808: id: An id must be"),
        (annotated(id=-(2**63) - 1), "id: An id must be"),
        (annotated(id=True), "annotation True: id: An id must be"),
        (annotated(id=""), "id: An id must be"),
        (annotated(id=1e300), "id: An id must be"),
        (annotated(id=float("nan")), "annotation nan: id: An id must be"),
        (annotated(category_id=2**63), "annotation 5: category_id: An id must be"),
        (annotated(iscrowd="no way"), "annotation 5: iscrowd: 0, 1, true or false is needed, not 'no way'"),
        (annotated(iscrowd=2), "iscrowd: 0, 1, true or false is needed, not 2"),
        (annotated(iscrowd=[0]), "iscrowd: 0, 1, true or false is needed"),
        (annotated(unsure="perhaps"), "unsure: 0, 1, true or false is needed"),
        (annotated(category_id=9), "annotation 5: There is no category with the id 9"),
        (annotated(bbox=[1, 2, 3]), "annotation 5: bbox: A box must be four numbers, x, y, width and height, not"),
        (annotated(bbox=[1, 2, "3", 4]), "must be four numbers"),
        (annotated(bbox=[1, 2, True, 4]), "must be four numbers"),
        (annotated(bbox=None), "annotation 5: The field 'bbox' is missing"),
        (annotated(reviewed_at="yesterday, about noon"), "x.json, annotation 5: reviewed_at: A time such as"),
        (annotated(created_at=1767323045), "annotation 5: created_at: A time such as"),
        (annotated(created_at="0001-01-01T00:00:00+02:00"), "annotation 5: created_at: A time such as"),
        (
            annotated(captions=[{"text": "a", "provenance": {"author": "human", "created_at": "noon"}}]),
            r"annotation 5: captions\[0\].provenance.created_at: A time such as",
        ),
        (annotated(bbox=[1, 2, -3, 4]), r"annotation 5: Box \(1, 2, -3, 4\) has a negative width"),
        (annotated(bbox=[1, 2, 0, 4]), "annotation 5: .* has no area"),
        (annotated(bbox=[1, float("nan"), 3, 4]), "annotation 5: bbox: A box must be four numbers"),
        (annotated(bbox=[1, 2, 10**400, 4]), "annotation 5: bbox: A box must be four numbers"),
        (annotated(caption=3), "caption: A text is needed, not 3"),
        (annotated(captions="one"), "captions: A list is needed"),
        (annotated(captions=[3]), r"captions\[0\]: An object is needed, not 3"),
        (annotated(captions=[{"score": 1}]), r"captions\[0\]: The field 'text' is missing"),
        (annotated(captions=[{"text": "a", "score": "high"}]), r"captions\[0\].score: A finite number is needed"),
        (
            annotated(captions=[{"text": "a", "provenance": {"author": "dog"}}]),
            r"annotation 5: captions\[0\].provenance.author: One of human, model is needed, not 'dog'",
        ),
        (annotated(attributes=[1]), "attributes: An object is needed"),
        (annotated(attributes={"a": {"b": 1}}), r"annotation 5: attributes\['a'\]: A text or a number is needed"),
        (annotated(attributes={"a": float("nan")}), r"attributes\['a'\]: A text or a number is needed, not nan"),
        (
            annotated(attributes={"a": "b"}, attribute_provenance={"a": {"author": "human", "source": "x"}}),
            r"annotation 5: attribute_provenance\['a'\].source: One of model, pixels, human is needed",
        ),
        (annotated(review_state="done"), "review_state: One of suggested, accepted, edited, rejected is needed"),
        (annotated(category_score="x"), "category_score: A finite number is needed, not 'x'"),
    ],
)
def test_what_is_refused(data: Any, message: str | None) -> None:
    if message is None:  # an empty object where a list belongs holds nothing either way
        assert from_coco(data, name="x.json").images[0].regions == ()
        return
    with pytest.raises(FormatError, match=message):
        from_coco(data, name="x.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"a\.json does not exist"),
        (b"", "is not a JSON file"),
        (b"{", "is not a JSON file"),
        (b"\xff\xfe{}", "is not a JSON file"),
        (b"[" * 100_000, "is not a JSON file"),
    ],
)
def test_files_that_cannot_be_read(content: bytes | None, message: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(FormatError, match=message):
        read_coco_boxes(tmp_path / "a.json")
    with pytest.raises(FormatError, match="cannot be read"):
        read_coco_boxes(tmp_path)


def test_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(coco()), encoding="utf-8-sig")
    assert len(read_coco_boxes(tmp_path / "a.json").images) == 1


def test_a_file_name_that_is_no_unicode_is_kept_by_escapes(tmp_path: Path) -> None:
    name = "latin1 \udcfc 写.png"
    target = tmp_path / "out.json"
    write_coco(target, [image(name=name), image(name="写.png")])
    assert [image["file_name"] for image in json.loads(target.read_bytes())["images"]] == [name, "写.png"]
    assert "写.png" in target.read_text(encoding="utf-8")  # the others can be read as they are


# ----------------------------------------------------------------------------------------------------- there and back


@FEW
@given(st.lists(regions, min_size=1, max_size=4, unique_by=lambda region: region.id))
def test_what_is_said_to_be_lossless_reads_back_as_it_was(written: list[Region]) -> None:
    data, report = to_coco([image(*written)], created_at=NOW)
    assume(report.lossless)
    found = from_coco(data, name="a.json").images[0].regions
    assert len(found) == len(written)
    for before, after in zip(written, found, strict=True):
        # x + (x2 - x) is x2 but for the last bits.
        assert after.box.xyxy == pytest.approx(before.box.xyxy, rel=1e-9, abs=1e-9)
        assert replace(after, box=before.box) == before
