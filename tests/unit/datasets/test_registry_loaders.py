"""Each data set from its official files: what is left out, what is asked, and what holds for all samples."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from roi_assistant.core.box import Box
from roi_assistant.datasets import templates
from roi_assistant.datasets.dataset import RegionDataset, is_large_enough
from roi_assistant.datasets.records import RegionSample, segments
from roi_assistant.datasets.registry import REGISTRY, dataset_spec
from roi_assistant.errors import FormatError
from tests.unit import official_data_sets as official


def load(root: Path, name: str, split: str = "train") -> RegionDataset:
    return dataset_spec(name).load(root, split)


def turns(sample: RegionSample) -> list[tuple[str, str]]:
    texts = [turn.text for turn in sample.turns]
    return list(zip(texts[::2], texts[1::2], strict=True))


@pytest.mark.parametrize("name", REGISTRY)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_holds_for_all(root: Path, name: str, seed: int) -> None:
    dataset = load(root, name)
    first, again = list(dataset.samples(seed=seed)), list(dataset.samples(seed=seed))
    assert first == again and len(first) == len(dataset) > 0
    for sample in first:
        questions = [turn.text for turn in sample.turns if turn.role == "user"]
        answers = [turn.text for turn in sample.turns if turn.role == "assistant"]
        assert sum(text.count("<bbox>") for text in questions) == len(sample.boxes)
        assert not any("<bbox>" in text or "<image>" in text for text in answers)
        assert all(0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1 for x1, y1, x2, y2 in sample.boxes)
        pieces = list(segments(sample.turns, system="S"))
        learned = [piece.text for piece in pieces if piece.learned]
        assert learned == [f"Assistant: {text}\n###" for text in answers]
        assert not any("{" in text for text in questions)
        names = re.findall(r"region(\d+) <bbox>", "".join(questions))
        assert names == [str(k) for k in range(1, len(names) + 1)], "regions are numbered in the order of their boxes"
        said = {int(k) for turn in sample.turns for k in re.findall(r"region(\d+)", turn.text)}
        assert said <= set(range(1, len(sample.boxes) + 1))
        assert sample.image in dataset.images
        assert dataset.picture(sample.image).size == (official.WIDTH, official.HEIGHT)


def test_wordings_change_from_epoch_to_epoch(root: Path) -> None:
    dataset = load(root, "refcocog")
    drawn = {dataset.sample(0, seed=seed, epoch=epoch).turns[0].text for seed in range(8) for epoch in range(8)}
    assert len(drawn) > 12


def test_numbers_of_wordings() -> None:
    numbers = {"DESCRIBE": 20, "CAPTION": 30, "PHRASE": 10, "VCR_GIVEN": 6, "WHY": 39}
    for name, count in numbers.items():
        assert len(set(getattr(templates, name))) == count, name


def test_coco(root: Path, tmp_path: Path) -> None:
    dataset = load(root, "coco_detection")
    assert dataset.dropped == {"crowd": 1, "box without area": 1, "box too small": 1}
    assert (len(dataset), dataset.boxes, dataset.mirrors) == (2, 3, True)
    sample = dataset.sample(0)
    begin = (
        "<image>\nIn the conversation below, you simply answer the category name based on what you see in the imagery "
        "inside a particular region.I will give you only one region each time. Categories Containing person, cat.\n"
    )
    asked = dict(zip([answer for _, answer in turns(sample)], sample.boxes, strict=True))
    assert asked == {"cat": (0.25, 0.25, 0.75, 0.75), "person": (0.0, 0.0, 1.0, 1.0)}
    assert [question for question, _ in turns(sample)] == [begin + "<bbox>", "<bbox>"]
    assert dataset.sample(1).boxes == ((0.875, 0.75, 1.0, 1.0),)

    official.make_coco(tmp_path, crowded=150)
    crowded = load(tmp_path, "coco_detection")
    drawn = [crowded.sample(1, seed=seed) for seed in (0, 1)]
    assert [len(sample.boxes) for sample in drawn] == [100, 100]
    assert drawn[0].boxes != drawn[1].boxes


@pytest.mark.parametrize(
    ("name", "said", "unsaid"),
    [
        ("refcoco", "objects in the image, as well as its position within the image and its basic attributes.", "not"),
        ("refcoco+", "and its basic attibuts, you should not give its position within the image.", "as well as"),
    ],
)
def test_refcoco(root: Path, name: str, said: str, unsaid: str) -> None:
    dataset = load(root, name)
    assert dataset.dropped == {"fewer than three words": 1, "box too small": 1}
    answers = [turns(sample)[0][1] for sample in dataset.samples()]
    assert answers == ["the Cat on the left", "cat under bbox the table", "a tall lamp in the corner"]
    ((question, _),) = turns(dataset.sample(0))
    assert question.startswith("<image>\n I will provide") and question.endswith(".\n<bbox>")
    assert said in question and unsaid not in question
    assert dataset.sample(0).boxes == ((0.25, 0.25, 0.75, 0.75),)


def test_refcocog_from_either_distribution(root: Path, tmp_path: Path) -> None:
    official.make_refer(tmp_path)
    for place in (root, tmp_path):
        dataset = load(place, "refcocog")
        answers = [sample.turns[1].text.lower() for sample in dataset.samples()]
        assert answers == ["the cat on the left", "cat under bbox the table", "a tall lamp in the corner"]
        question = dataset.sample(0).turns[0].text
        assert question.startswith("The <image> provides an overview of the picture.\n")
        assert question.count("region1 <bbox>") == 1


def test_flickr30k(root: Path, tmp_path: Path) -> None:
    official.make_mdetr_flickr(tmp_path)
    dataset = load(root, "flickr30k_entities")
    assert len(dataset) == 2 and dataset.dropped == {"box too small": 1, "caption without a box": 1}
    for each in (dataset, load(tmp_path, "flickr30k_entities")):
        (ask, caption), *rest = turns(each.sample(0, seed=3))
        assert caption == official.FLICKR_CAPTION
        assert "region1 <bbox>,region2 <bbox>" in ask
        sample = each.sample(0, seed=3)
        assert {answer for _, answer in rest} == {"A clown", "three pears"}
        place = [answer for _, answer in rest].index("A clown")
        assert sample.boxes[place] == (0.25, 0.25, 0.75, 0.75)
        assert [re.findall(r"region\d+", question) for question, _ in rest] == [["region1"], ["region2"]]


def test_visual_genome(root: Path, tmp_path: Path) -> None:
    dataset = load(root, "visual_genome")
    assert (len(dataset), dataset.boxes, dataset.dropped) == (2, 3, {"box too small": 1})
    answers = [answer for _, answer in turns(dataset.sample(0))]
    assert sorted(answers) == ["A green clock", "the clock is green"]
    assert dataset.sample(0).image == "VG_100K_2/1.jpg"

    official.make_grit(tmp_path / "grit")
    grit = load(tmp_path / "grit", "visual_genome")
    assert (grit.boxes, grit.sample(0).image) == (3, "1.jpg")
    assert grit.sample(0).boxes == dataset.sample(0).boxes
    assert grit.picture("1.jpg").size == (official.WIDTH, official.HEIGHT)

    official.make_genome(tmp_path / "many", regions=40)
    assert len(load(tmp_path / "many", "visual_genome").sample(0).boxes) == 15


def test_regions_of_many_photos_come_back(tmp_path: Path) -> None:
    official.make_genome(tmp_path, regions=7)
    entries = load(tmp_path, "visual_genome").entries
    first, last = entries
    assert list(entries) == [first, last] == list(entries[:]) and entries[-1] == last and len(entries) == 2
    assert first.image == "VG_100K_2/1.jpg" and (first.width, first.height) == (official.WIDTH, official.HEIGHT)
    assert first.regions[1] == (Box(100, 50, 300, 150), "A green clock")
    assert len({box for box, _ in first.regions}) > 3 and len(last.regions) == 1
    with pytest.raises(IndexError):
        entries[2]


def test_boxes_of_small_photos() -> None:
    """More than 2 pixels of the squeezed photo can be less than one of the photo."""
    assert is_large_enough(Box(0, 0, 1, 1), width=100, height=100)
    assert not is_large_enough(Box(0, 0, 0.95, 1), width=100, height=100)
    assert not is_large_enough(Box(0, 0, 1, 0.95), width=100, height=100)
    assert not is_large_enough(Box(0, 0, 2, 2), width=224, height=224)


def test_attributes(root: Path) -> None:
    dataset = load(root, "visual_genome_attributes")
    ((question, answer),) = turns(dataset.sample(0))
    assert "the clock in region1 <bbox>" in question and answer == "green, tall"


def test_vcr_lists_all_objects(root: Path) -> None:
    dataset = load(root, "vcr")
    (ask, answer), (why, rationale) = turns(dataset.sample(0))
    assert "region1 <bbox>,region2 <bbox>,region3 <bbox>" in ask
    assert "Why is person at region1 holding 2 bottles?" in ask, "a number is no object"
    assert answer == "person at region1 is thirsty."
    assert why in templates.WHY
    assert rationale == "person at region1 is sweating, and it is hot."
    assert len(dataset) == 3 and len(dataset.sample(0).boxes) == 3
    assert turns(dataset.sample(2))[0][1] == "To person at region2."


def test_vcr_with_one_or_several_objects(root: Path) -> None:
    single, multi = load(root, "single_vcr"), load(root, "multi_vcr")
    assert [entry.id for entry in single.entries] == ["train-0"]
    assert single.dropped == {"not exactly one object in the question": 1, "the answer names other objects": 1}
    (ask, answer), _ = turns(single.sample(0))
    assert ask.endswith("Why is person at region1 <bbox> holding 2 bottles?")
    assert answer == "person at region1 is thirsty."
    assert single.sample(0).boxes == ((0.25, 0.25, 0.75, 0.75),)

    assert [entry.id for entry in multi.entries] == ["train-1"]
    (ask, answer), _ = turns(multi.sample(0))
    assert ask.endswith("What are person at region1 <bbox> and person at region2 <bbox> doing?")
    assert answer == "person at region1 and person at region2 are talking."


def test_vcr_with_an_object_outside_the_photo(tmp_path: Path) -> None:
    official.make_vcr(tmp_path)
    path = tmp_path / "vcr/vcr1images/film_1/scene@0.json"
    data = json.loads(path.read_text())
    data["boxes"][1] = [500, 0, 600, 100, 0.9]
    path.write_text(json.dumps(data))
    dataset = load(tmp_path, "vcr")
    assert [entry.id for entry in dataset.entries] == ["train-0"] and dataset.dropped == {"box without area": 2}
    assert len(dataset.sample(0).boxes) == 2


def test_llava(root: Path, tmp_path: Path) -> None:
    dataset = load(root, "llava")
    assert len(dataset) == 2 and dataset.dropped == {"question without an answer": 1}
    begin = "The <image> provides an overview of the picture.\n"
    seen = {dataset.sample(0, seed=seed).turns[0].text: dataset.sample(0, seed=seed).boxes for seed in range(20)}
    hint = (
        "Here is also some regional information about the image, such as <bbox> may feature a cat,<bbox> may feature a "
        "shaving cream.\n"
    )
    assert seen == {
        f"{begin}What is\nthere?": (),
        f"{begin}{hint}What is\nthere?": ((0.2, 0.2, 0.9, 0.9), (0.1, 0.1, 0.5, 0.5)),
    }
    assert [answer for _, answer in turns(dataset.sample(0))] == ["A cat.\n\nIt ssleeps.", "No."]
    assert turns(dataset.sample(1)) == [(f"{begin}Describe it.", "A lamp.")]
    official.make_llava(tmp_path, hints=False)
    assert load(tmp_path, "llava").boxes == 0


@pytest.mark.parametrize("name", REGISTRY)
def test_missing_files_are_named_with_where_to_get_them(tmp_path: Path, name: str) -> None:
    with pytest.raises(FormatError, match=rf"{re.escape(name)} is missing .* from \S+\.\S+"):
        load(tmp_path, name)


def test_the_most_complete_distribution_is_asked_for(tmp_path: Path) -> None:
    official.make_refer(tmp_path)
    (tmp_path / "refcocog/instances.json").unlink()
    with pytest.raises(FormatError, match=r"instances\.json") as caught:
        load(tmp_path, "refcocog")
    assert "finetune" not in str(caught.value)


def test_the_folder_of_one_data_set_works_too(root: Path) -> None:
    for folder, name in (
        ("flickr30k_entities", "flickr30k_entities"),
        ("vcr", "vcr"),
        ("visual_genome", "visual_genome"),
    ):
        assert len(load(root / folder, name)) == len(load(root, name))


def test_the_corpus_of_flickr30k(shared: Path) -> None:
    root = shared / "flickr30k-entities-8k"
    if not root.is_dir():
        pytest.skip("needs Flickr30k Entities")
    dataset = load(root, "flickr30k_entities", "val")
    assert len(dataset) > 100
    for index in range(0, len(dataset), 97):
        sample = dataset.sample(index)
        assert sample.image in dataset.images
        words = sample.turns[1].text
        assert all(turn.text in words for turn in sample.turns[3::2])
