"""Readers of the official files of the region-text data sets."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.core.box import Box
from roi_assistant.datasets.registry import REGISTRY, Missing, dataset_spec
from roi_assistant.errors import FormatError
from roi_assistant.formats.coco_tables import check_inside, read_coco_tables
from roi_assistant.formats.flickr30k_entities import Flickr30kEntities
from roi_assistant.formats.grounded_captions import entities_captions, read_mdetr_captions
from roi_assistant.formats.referring_expressions import read_mdetr_expressions, read_refer_expressions
from roi_assistant.formats.vcr_annotations import VcrAnnotations, from_typed, from_words, tags_of, write_tags
from roi_assistant.formats.visual_genome import read_attributes, read_grit_split, read_region_descriptions
from tests.unit import official_data_sets as official


def edit(path: Path, change: Any) -> None:
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


@pytest.mark.parametrize("name", ["../a.jpg", "/a.jpg", "a/../../b.jpg", "", "C:/a.jpg", "a\\..\\b.jpg", "a\0.jpg"])
def test_photos_outside_their_folder(name: str) -> None:
    with pytest.raises(FormatError, match="not inside"):
        check_inside(name, name="file")


def test_mdetr_expressions(tmp_path: Path) -> None:
    official.make_mdetr(tmp_path)
    path = tmp_path / "mdetr_annotations/finetune_refcoco_train.json"
    expressions = read_mdetr_expressions(path)
    assert [(e.image, e.text) for e in expressions] == [
        (official.TRAIN2014[i], text) for i, _, text in official.EXPRESSIONS
    ]
    assert expressions[0].box == Box(100, 50, 300, 150)
    assert expressions[0].object_id == expressions[1].object_id != expressions[2].object_id
    edit(path, lambda data: data["images"][0].pop("caption"))
    with pytest.raises(FormatError, match="no caption"):
        read_mdetr_expressions(path)


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_refer_expressions(tmp_path: Path, protocol: int) -> None:
    official.make_refer(tmp_path, protocol=protocol)
    refs, instances = tmp_path / "refcocog/refs(umd).p", tmp_path / "refcocog/instances.json"
    expressions = read_refer_expressions(refs, instances, split="train")
    assert [e.text for e in expressions] == [
        "the cat on the left",
        "cat under <bbox> the table ###",
        "a tall lamp in the corner",
        "a very small thing",
    ]
    assert expressions[0].object_id == expressions[1].object_id == "900"
    assert expressions[0].box == Box(100, 50, 300, 150)
    assert expressions[0].image == official.TRAIN2014[0]
    assert [e.text for e in read_refer_expressions(refs, instances, split="val")] == ["left cat"]
    with pytest.raises(FormatError, match="train, val"):
        read_refer_expressions(refs, instances, split="testA")
    edit(instances, lambda data: data["annotations"].pop(0))
    with pytest.raises(FormatError, match=r"reference 1: instances\.json has no ann_id 900"):
        read_refer_expressions(refs, instances, split="train")


def test_captions_of_both_distributions_agree(tmp_path: Path) -> None:
    official.make_flickr(tmp_path)
    official.make_mdetr_flickr(tmp_path)
    own = next(entities_captions(Flickr30kEntities(tmp_path / "flickr30k_entities"), split="train"))
    mdetr = next(read_mdetr_captions(tmp_path / "flickr30k/final_flickr_mergedGT_train.json"))
    assert own.text == mdetr.text == official.FLICKR_CAPTION
    assert own.phrases[:2] == mdetr.phrases == (("A clown", Box(100, 50, 300, 150)), ("three pears", Box(0, 0, 40, 40)))


def test_a_chain_named_twice_is_listed_once(tmp_path: Path) -> None:
    official.make_flickr(tmp_path)
    captions = list(entities_captions(Flickr30kEntities(tmp_path / "flickr30k_entities"), split="train"))
    assert [words for words, _ in captions[1].phrases] == ["Someone", "fruit"]
    assert captions[2].phrases == ()


@pytest.mark.parametrize("spans", [None, [], [[5, 3]], [[0, 999]], [["a", "b"]]])
def test_spans_outside_the_caption(tmp_path: Path, spans: Any) -> None:
    official.make_mdetr_flickr(tmp_path)
    path = tmp_path / "flickr30k/final_flickr_mergedGT_train.json"
    edit(path, lambda data: data["annotations"][0].update(tokens_positive=spans))
    with pytest.raises(FormatError):
        list(read_mdetr_captions(path))


def test_region_descriptions(tmp_path: Path) -> None:
    official.make_genome(tmp_path)
    first, second = read_region_descriptions(tmp_path / "visual_genome")
    assert (first.image, second.image) == ("VG_100K_2/1.jpg", "VG_100K/2.jpg")
    assert [region.phrases for region in first.regions] == [("the clock is green",), ("A green clock",), ("a speck",)]
    assert second.regions[0].box == Box(350, 150, 400, 200)
    assert list(read_region_descriptions(tmp_path / "visual_genome", split="val")) == []
    with pytest.raises(FormatError, match="train, val"):
        list(read_region_descriptions(tmp_path / "visual_genome", split="testdev"))


def test_attributes(tmp_path: Path) -> None:
    official.make_genome(tmp_path)
    first, second = read_attributes(tmp_path / "visual_genome", split="train")
    assert [(item.name, item.attributes) for item in first.objects] == [("clock", ("green", "tall"))]
    assert second.objects[0].box == Box(300, 100, 390, 190)


def test_grit(tmp_path: Path) -> None:
    official.make_grit(tmp_path)
    photos = list(read_grit_split(tmp_path / "vg/annotations/train.json"))
    assert [len(photo.regions) for photo in photos] == [3, 1]
    assert photos[0].image == "1.jpg"


def test_files_of_another_kind(tmp_path: Path) -> None:
    official.make_genome(tmp_path)
    with pytest.raises(FormatError, match="COCO"):
        read_coco_tables(tmp_path / "visual_genome/image_data.json")
    with pytest.raises(FormatError, match="caption"):
        official.make_coco(tmp_path)
        list(read_grit_split(tmp_path / "coco/annotations/instances_train2017.json"))
    with pytest.raises(FormatError, match="list"):
        (tmp_path / "visual_genome/region_descriptions.json").write_text("{}")
        list(read_region_descriptions(tmp_path / "visual_genome"))


def test_word_lists() -> None:
    words = ["Does", [0], "know", [1, 2], "(", "and", [0], "'s", "dog", ")", ",", "right", "?"]
    text = from_words(words)
    assert write_tags(text, str) == "Does 0 know 1 and 2 ( and 0 's dog ) , right ?"
    assert write_tags(from_words(words, tidy=True), str) == "Does 0 know 1 and 2 (and 0's dog), right?"
    assert tags_of(text) == (0, 1, 2)
    assert write_tags(from_words([[0, 1, 2]]), str) == "0, 1 and 2"
    for wrong in (["a"], [], [True], 3):
        with pytest.raises(FormatError):
            from_words([wrong])


def test_typed_texts_tell_objects_from_numbers() -> None:
    words = ["Why", "is", [0], "holding", "2", "bottles", "?"]
    assert from_typed("Why is 1 holding 2 bottles?", words) == ("Why is ", 0, " holding 2 bottles?")
    assert from_typed("1and 2 are 3.", [[0, 1], "are", "3", "."]) == (0, "and ", 1, " are 3.")
    assert from_typed("Why does one hold two?", words) == ("Why is ", 0, " holding 2 bottles?"), "the words decide"


def test_vcr(tmp_path: Path) -> None:
    official.make_vcr(tmp_path)
    data = VcrAnnotations(tmp_path / "vcr")
    items = list(data.items("train"))
    assert [item.id for item in items] == ["train-0", "train-1", "train-2"]
    assert [entry.name for entry in items[0].objects] == official.VCR_NAMES
    assert items[0].objects[2].box == Box(350, 150, 400, 200)
    assert items[0].typed is not None
    assert write_tags(items[0].typed[0], lambda k: f"[{k}]") == "Why is [0] holding 2 bottles?"
    assert write_tags(items[0].question, lambda k: f"[{k}]") == "Why is [0] holding 2 bottles ?"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"answer_label": 4}, "label"),
        ({"question": ["Is", [7], "?"]}, "not among"),
        ({"img_fn": "../x.jpg"}, "not inside"),
        ({"rationale_choices": [["a"]]}, "rationale_choices: A list of 4"),
        ({"annot_id": None, "metadata_fn": "film_1/none.json"}, "none.json"),
    ],
)
def test_vcr_lines_that_are_wrong(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    official.make_vcr(tmp_path)
    path = tmp_path / "vcr/train.jsonl"
    lines = path.read_text().splitlines()
    lines[1] = json.dumps({**json.loads(lines[1]), **change})
    path.write_text("\n".join(lines))
    with pytest.raises(FormatError, match=r"train\.jsonl, line 2.*" + words):
        list(VcrAnnotations(tmp_path / "vcr").items("train"))


@pytest.mark.parametrize(
    "change",
    [
        {"width": 1e999},
        {"width": None},
        {"boxes": None},
        {"boxes": [[1, 2, 3]] * 3},
        {"boxes": [["a", 2, 3, 4]] * 3},
        {"boxes": [[10**400, 2, 3, 4]] * 3},
        {"names": ["person"]},
    ],
)
def test_metadata_of_vcr_that_is_wrong(tmp_path: Path, change: dict[str, Any]) -> None:
    official.make_vcr(tmp_path)
    path = tmp_path / "vcr/vcr1images/film_1/scene@0.json"
    edit(path, lambda data: data.update(change))
    with pytest.raises(FormatError, match=r"train\.jsonl, line 1.*scene@0\.json"):
        list(VcrAnnotations(tmp_path / "vcr").items("train"))


BILLION: Any = "lol"
for _ in range(60):
    BILLION = [BILLION] * 10
"""Few bytes in a pickle; a text, hash or comparison of it would not end."""
NO_BOXES: tuple[Any, ...] = (
    None,
    "abcd",
    [1, 2, 3],
    [1, 2, 3, "4"],
    [1, 2, 3, float("nan")],
    [0, 0, 1e999, 1],
    {},
    [True] * 4,
)
NO_IDS: tuple[Any, ...] = ([1], {}, 1.5, True)


@pytest.mark.parametrize(
    ("key", "entry", "changes"),
    [
        ("images", 2, [{"width": side} for side in ("wide", 1e999, float("nan"), 0, None, [3], True)]),
        ("images", 2, [{"id": value} for value in (*NO_IDS, None)]),
        ("images", 2, [{"file_name": name} for name in ("../a.jpg", 7, None)]),
        ("annotations", 3, [{"bbox": box} for box in NO_BOXES]),
        ("annotations", 3, [{"image_id": value} for value in (*NO_IDS, None, 77)]),
        ("annotations", 3, [{"category_id": value} for value in (*NO_IDS, 77)]),
        ("categories", 1, [{"id": value} for value in NO_IDS]),
    ],
)
def test_entries_of_coco_that_are_wrong(tmp_path: Path, key: str, entry: int, changes: list[dict[str, Any]]) -> None:
    official.make_coco(tmp_path)
    path = tmp_path / "coco/annotations/instances_train2017.json"
    whole = path.read_text()
    for change in changes:
        path.write_text(whole)
        edit(path, lambda data, change=change: data[key][entry - 1].update(change))
        with pytest.raises(FormatError, match=rf"instances_train2017\.json, entry {entry} of '{key}'"):
            dataset_spec("coco_detection").load(tmp_path)
    for value in (3, "text", {"a": 1}, [3]):
        path.write_text(whole)
        edit(path, lambda data, value=value: data.update({key: value}))
        with pytest.raises(FormatError, match=r"instances_train2017\.json"):
            dataset_spec("coco_detection").load(tmp_path)


@pytest.mark.parametrize(
    ("name", "file", "change"),
    [
        ("visual_genome", "region_descriptions.json", lambda data: data[1].update(id=[1])),
        ("visual_genome", "region_descriptions.json", lambda data: data[1].update(regions=None)),
        ("visual_genome", "region_descriptions.json", lambda data: data[1]["regions"][0].update(x=None)),
        ("visual_genome", "region_descriptions.json", lambda data: data[1]["regions"][0].update(width=1e999)),
        ("visual_genome", "region_descriptions.json", lambda data: data[1]["regions"][0].update(phrase=["a"])),
        ("visual_genome", "image_data.json", lambda data: data[1].update(width="wide")),
        ("visual_genome", "image_data.json", lambda data: data[1].update(image_id={})),
        ("visual_genome_attributes", "attributes.json", lambda data: data[1]["attributes"][0].update(names=7)),
        ("visual_genome_attributes", "attributes.json", lambda data: data[1]["attributes"][0].update(attributes=[7])),
        ("visual_genome_attributes", "attributes.json", lambda data: data[1]["attributes"][0].update(w=True)),
    ],
)
def test_entries_of_visual_genome_that_are_wrong(tmp_path: Path, name: str, file: str, change: Any) -> None:
    official.make_genome(tmp_path)
    edit(tmp_path / "visual_genome" / file, change)
    with pytest.raises(FormatError, match=rf"{file}, entry 2"):
        dataset_spec(name).load(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"split": BILLION, "image_id": 61},
        {"ann_id": BILLION},
        {"image_id": BILLION},
        {"image_id": ((61,),)},
        {"ann_id": None},
        {"sentences": BILLION},
        {"sentences": [{"sent": BILLION, "sent_id": 1}]},
        {"sentences": [{"sent": "a cat here", "sent_id": BILLION}]},
        {"sentences": None},
        {"ref_id": BILLION, "sentences": None},
    ],
)
def test_references_of_other_types_take_no_time(tmp_path: Path, change: dict[str, Any]) -> None:
    """Parts that a pickle shares are never written out, compared or hashed."""
    official.make_refer(tmp_path)
    path = tmp_path / "refcocog/refs(umd).p"
    records = pickle.loads(path.read_bytes())
    records[0].update(change)
    path.write_bytes(pickle.dumps(records))
    if "split" in change:
        expressions = read_refer_expressions(path, path.with_name("instances.json"), split="train")
        assert [e.text for e in expressions] == ["a tall lamp in the corner", "a very small thing"]
        return
    with pytest.raises(FormatError, match=r"refs\(umd\)\.p, reference 1"):
        read_refer_expressions(path, path.with_name("instances.json"), split="train")


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[1].update(image=7),
        lambda data: data[1].update(image="../../a.jpg"),
        lambda data: data[1].update(conversations="hi"),
        lambda data: data[1].update(conversations=[{"value": "hi"}]),
        lambda data: data.__setitem__(1, [1]),
    ],
)
def test_conversations_that_are_wrong(tmp_path: Path, change: Any) -> None:
    official.make_llava(tmp_path)
    edit(tmp_path / "llava/llava_instruct_150k.json", change)
    with pytest.raises(FormatError, match=r"llava_instruct_150k\.json, entry 2"):
        dataset_spec("llava").load(tmp_path)


@pytest.mark.parametrize("name", REGISTRY)
def test_truncated_files(tmp_path: Path, name: str) -> None:
    """A download that broke off: every text file of a data set in turn."""
    for make in (
        official.make_coco, official.make_mdetr, official.make_refer, official.make_flickr, official.make_genome,
        official.make_vcr, official.make_llava,
    ):  # fmt: skip
        make(tmp_path)
    official.make_mdetr(tmp_path, variant="refcoco+")
    location = dataset_spec(name).find(tmp_path)
    assert not isinstance(location, Missing)
    files = [path for path in location[1].values() if path.suffix in (".json", ".jsonl", ".p")]
    files += [
        path / file for path in location[1].values() for file in ("film_1/scene@0.json",) if (path / file).is_file()
    ]
    for path in files:
        whole = path.read_bytes()
        for stop in (len(whole) // 3, len(whole) - 3):
            path.write_bytes(whole[:stop])
            with pytest.raises(FormatError, match=re.escape(path.name)):
                dataset_spec(name).load(tmp_path)
        path.write_bytes(whole)
    dataset_spec(name).load(tmp_path)
