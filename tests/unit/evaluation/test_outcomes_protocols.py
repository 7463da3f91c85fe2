from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.phrases import parse_phrase
from roi_assistant.core.records import Caption, Provenance, Region, RegionText, ReviewState, ScoredText
from roi_assistant.errors import FormatError, ImageError
from roi_assistant.evaluation.flickr30k import evaluate_flickr30k, load_flickr30k
from roi_assistant.evaluation.general import evaluate_general, load_coco, load_region_lines
from roi_assistant.evaluation.items import EvaluationItem, EvaluationSet
from roi_assistant.evaluation.outcomes import ScoringOptions, attribute_figures
from roi_assistant.evaluation.predictions import Prediction, prediction_of
from roi_assistant.formats.coco_region_text import AnnotatedImage, write_coco

pytestmark = pytest.mark.usefixtures("scorers")
BOX = Box(0, 0, 50, 50)


def _answers(data: EvaluationSet, answer: Callable[[EvaluationItem], RegionText]) -> dict[str, Prediction]:
    return {item.id: prediction_of(item, answer(item)) for item in data.items}


def _flickr(data: EvaluationSet, answers: Mapping[str, Prediction], **more: Any) -> Any:
    return evaluate_flickr30k(data, answers, ScoringOptions(meteor=False, tokenizer="plain", **more))


def _general(data: EvaluationSet, answers: Mapping[str, Prediction], **more: Any) -> Any:
    return evaluate_general(data, answers, ScoringOptions(meteor=False, tokenizer="plain"), **more)


@pytest.fixture
def flickr(flickr_root: Path) -> EvaluationSet:
    return load_flickr30k(flickr_root, split="val")


@pytest.fixture
def general(general_root: Path) -> EvaluationSet:
    return load_region_lines(general_root, split="val")


def test_an_oracle_is_right_everywhere(flickr: EvaluationSet, make_text: Callable[..., RegionText]) -> None:
    named = {"11.jpg#1": {"action": ("riding",)}, "22.jpg#3": {"action": ("running",)}}

    def oracle(item: EvaluationItem) -> RegionText:
        text = item.references[0]
        attributes = {**parse_phrase(text).attributes, **named.get(item.id, {})}
        return make_text(item.box, text, score=1.0, category=parse_phrase(text).head, attributes=attributes)

    metrics, outcomes = _flickr(flickr, _answers(flickr, oracle))
    assert metrics["captions"]["specific"]["exact_match"] == 1.0
    assert metrics["captions"]["shown"] == metrics["captions"]["specific"]
    assert metrics["category"]["caption_head"]["strict"] == 1.0
    assert metrics["category"]["answer"]["strict"] == 1.0
    assert all(outcome.right and outcome.exact for outcome in outcomes)
    for name, figures in metrics["attributes"]["answer"].items():
        assert figures["accuracy"] == 1.0, name
    assert metrics["calibration"]["caption_exact_match"]["ece"] == 0.0
    assert metrics["unsure"]["share"] == 0.0
    assert metrics["coverage"]["caption_exact_match"][-1]["accuracy"] == 1.0


def test_a_constant_is_right_where_it_happens_to_be(
    flickr: EvaluationSet, make_text: Callable[..., RegionText]
) -> None:
    answers = _answers(flickr, lambda item: make_text(item.box, "the man", score=0.75, category="man"))
    metrics, _ = _flickr(flickr, answers)
    assert metrics["captions"]["specific"]["exact_match"] == 0.25
    assert metrics["category"]["caption_head"] == {
        "items": 4,
        "strict": 0.25,
        "with_synonyms": 0.25,
        "narrower": 0.0,
        "broader": 0.0,
        "catch_all": 0.0,
        "wrong": 0.75,
        "no_answer": 0.0,
    }
    assert metrics["calibration"]["caption_exact_match"]["ece"] == pytest.approx(0.5)
    assert metrics["calibration"]["category_right"]["ece"] == pytest.approx(0.5)
    assert all(row["accuracy"] == 0.0 for row in metrics["attributes"]["answer"].values())


def test_only_labelled_regions_count_for_an_attribute(
    flickr: EvaluationSet, make_text: Callable[..., RegionText]
) -> None:
    """People name a color of the bicycle (red) and of the dogs (brown), and of nothing else."""

    def answer(item: EvaluationItem) -> RegionText:
        return make_text(item.box, "a red bicycle", attributes={"color": ("Red", "blue")})

    metrics, _ = _flickr(flickr, _answers(flickr, answer))
    color = metrics["attributes"]["answer"]["color"]
    assert (color["labelled"], color["answered"], color["correct"], color["accuracy"]) == (2, 2, 1, 0.5)
    assert metrics["attributes"]["caption"]["color"]["correct"] == 1
    action = metrics["attributes"]["answer"]["action"]
    assert (action["labelled"], action["answered"], action["accuracy_when_answered"]) == (2, 0, None)
    assert metrics["attributes"]["answer"]["material"]["labelled"] == 1


def test_attribute_figures_by_hand() -> None:
    figures = attribute_figures(
        {"1": {"color": {"red", "white"}}, "2": {"color": {"red"}}, "3": {"color": {"green"}}},
        {"1": {"color": ("WHITE",)}, "2": {"color": ()}, "4": {"color": ("green",)}},
    )
    assert figures == {
        "color": {
            "labelled": 3,
            "answered": 1,
            "correct": 1,
            "accuracy": pytest.approx(1 / 3),
            "accuracy_when_answered": 1.0,
            "most_common": "red",
            "most_common_accuracy": pytest.approx(2 / 3),
        }
    }


def test_unsure_regions_are_scored_as_guessed_and_as_shown(
    flickr: EvaluationSet, make_text: Callable[..., RegionText]
) -> None:
    def answer(item: EvaluationItem) -> RegionText:
        if item.id != "22.jpg#3":
            return make_text(item.box, "nothing like it", category="cup")
        return make_text(
            item.box,
            "an animal",
            score=0.6,
            category="animal",
            categories=("dog",),
            unsure=True,
            specific=ScoredText("two dogs", 0.2),
            alternatives=(ScoredText("two dogs", 0.2),),
        )

    metrics, outcomes = _flickr(flickr, _answers(flickr, answer))
    assert metrics["captions"]["specific"]["exact_match"] == 0.25
    assert metrics["captions"]["shown"]["exact_match"] == 0.0
    assert metrics["category"]["caption_head"]["strict"] == 0.25
    assert metrics["category"]["caption_head_shown"]["broader"] == 0.25
    assert metrics["unsure"]["share"] == 0.25
    assert metrics["unsure"]["unsure"]["exact_match"] == 1.0
    assert metrics["unsure"]["unsure"]["shown_category"]["broader"] == 1.0
    assert metrics["unsure"]["sure"]["category_right"] == 0.0
    assert next(o for o in outcomes if o.item.id == "22.jpg#3").exact


def test_person_and_model_stand_side_by_side(flickr: EvaluationSet, make_text: Callable[..., RegionText]) -> None:
    answers = _answers(flickr, lambda item: make_text(item.box, "the man"))
    agreement = _flickr(flickr, answers, seed=5)[0]["human_agreement"]
    assert (agreement["seed"], agreement["items"]) == (5, 3), "the fence has one distinct phrase"
    assert agreement["human"]["items"] == agreement["model"]["items"] == 3
    assert agreement["category"]["human"]["with_synonyms"] == 1.0, "man and man, bicycle and bike, dogs and dogs"
    assert agreement["category"]["model"]["with_synonyms"] == pytest.approx(1 / 3)


def test_groups_cover_kinds_sizes_and_groups_of_boxes(
    flickr: EvaluationSet, make_text: Callable[..., RegionText]
) -> None:
    groups = _flickr(flickr, _answers(flickr, lambda i: make_text(i.box, i.references[0])))[0]["groups"]
    assert groups["kind: animals"]["items"] == 1
    assert groups["boxes: several"]["items"] == 1
    assert groups["boxes: one"]["items"] == 3
    assert sum(row["items"] for name, row in groups.items() if name.startswith("size: ")) == 4


def test_general_top1_top5_and_training_photos(general: EvaluationSet, make_text: Callable[..., RegionText]) -> None:
    """cup, dog, cup, zebra; "cup" alone has five training photos."""
    said = {
        "v1.jpg#0": ("cup", ()),
        "v1.jpg#1": ("cat", ("fox", "cow", "pig", "dog", "cup")),
        "v2.jpg#0": ("bowl", ("plate", "fork", "knife", "spoon", "cup")),
        "v2.jpg#1": ("animal", ()),
    }

    def answer(item: EvaluationItem) -> RegionText:
        first, others = said[item.id]
        return make_text(item.box, f"a red {first}", score=0.8, category=first, categories=others)

    metrics, outcomes = _general(general, _answers(general, answer))
    category = metrics["category"]
    assert category["all"]["items"] == 4
    assert category["all"]["categories"] == 3
    assert category["all"]["top1"]["strict"] == 0.25
    assert category["all"]["top1"]["broader"] == 0.25, "an animal for the zebra"
    assert category["all"]["top5"]["strict"] == 0.5, "the sixth guess does not count"
    assert category["frequent"]["items"] == 2
    assert category["frequent"]["top1"]["strict"] == 0.5
    assert category["all"]["caption_head"]["strict"] == 0.25
    assert sum(block["items"] for block in category["by_size"].values()) == 4
    assert category["by_size"]["small"]["items"] == 1
    rows = {row["category"]: row for row in category["per_category"]}
    assert rows["cup"] | {"items": 2, "train_photos": 5, "top1_strict": 0.5} == rows["cup"]
    assert rows["zebra"]["train_photos"] == 0
    assert {"category": "dog", "answer": "cat", "relation": "wrong", "count": 1} in category["confusions"]
    assert {"category": "zebra", "answer": "animal", "relation": "broader", "count": 1} in category["confusions"]
    assert len(category["confusions"]) == 3
    assert metrics["calibration"]["category_right"]["ece"] == pytest.approx(0.55)
    assert metrics["captions"] is None
    assert [outcome.right for outcome in outcomes] == [True, False, False, False]


def test_least_number_of_training_photos_can_be_chosen(
    general: EvaluationSet, make_text: Callable[..., RegionText]
) -> None:
    answers = _answers(general, lambda item: make_text(item.box, "x", category=item.category))
    metrics, _ = _general(general, answers, min_train_photos=1)
    assert metrics["category"]["frequent"]["items"] == 3
    assert metrics["category"]["frequent"]["top1"]["strict"] == 1.0
    assert metrics["category"]["min_train_photos"] == 1


def test_a_captioner_without_categories_has_no_answer(
    general: EvaluationSet, make_text: Callable[..., RegionText]
) -> None:
    metrics, _ = _general(general, _answers(general, lambda item: make_text(item.box, "a dog")))
    assert metrics["category"]["all"]["top1"]["no_answer"] == 1.0
    assert metrics["category"]["all"]["caption_head"]["strict"] == 0.25
    assert metrics["calibration"]["category_right"]["items"] == 0
    assert metrics["category"]["confusions"] == []


def _coco(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "images": [{"id": 7, "file_name": "a/b.jpg", "width": 100, "height": 80}],
        "categories": [{"id": 3, "name": "Traffic_Light"}, {"id": 4, "name": "object"}],
        "annotations": [
            {"id": 1, "image_id": 7, "category_id": 3, "bbox": [10, 10, 30, 30]},
            {"id": 2, "image_id": 7, "category_id": 3, "bbox": [10, 10, 0, 30]},
            {"id": 3, "image_id": 7, "category_id": 3, "bbox": [0, 0, 90, 70], "iscrowd": 1},
            {"id": 4, "image_id": 7, "category_id": 4, "bbox": [0, 0, 20, 20], "caption": "A Red Cup"},
            {"id": 5, "image_id": 7, "category_id": 4, "bbox": [50, 0, 20, 20], "captions": ["a spoon", "A  spoon"]},
            {"id": 6, "image_id": 7, "category_id": 4, "bbox": [50, 0, 30, 20]},
        ],
    }
    return {**content, **changes}


def _write(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "boxes.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_coco_boxes_and_captions(tmp_path: Path, make_text: Callable[..., RegionText]) -> None:
    data = load_coco(tmp_path, _write(tmp_path, _coco()))
    assert [(i.id, i.category, i.references) for i in data.items] == [
        ("a/b.jpg#1", "traffic light", ()),
        ("a/b.jpg#4", None, ("a red cup",)),
        ("a/b.jpg#5", None, ("a spoon",)),
    ]
    assert data.items[0].box == Box(10, 10, 40, 40)
    answers = _answers(data, lambda item: make_text(item.box, "a red cup", category="traffic light"))
    metrics, _ = _general(data, answers)
    assert metrics["category"]["all"]["top1"]["strict"] == 1.0
    assert metrics["category"]["frequent"] is None, "there is no training split"
    assert metrics["captions"]["specific"]["items"] == 2
    assert metrics["captions"]["specific"]["exact_match"] == 0.5


def test_what_people_wrote_or_accepted_in_an_export_are_the_references(tmp_path: Path) -> None:
    human, model = Provenance("human", ""), Provenance("model", "", "mini")

    def region(id: str, state: ReviewState, *captions: tuple[str, Provenance], category: Provenance) -> Region:
        texts = tuple(Caption(text, by, preferred=k == 0) for k, (text, by) in enumerate(captions))
        return Region(id, Box(0, 0, 9, 9), "cup", texts, state=state, category_provenance=category)

    regions = (
        region("1", "accepted", ("a red cup", model), ("a mug", model), category=model),
        region("2", "edited", ("my cup", human), ("a mug", model), category=human),
        region("3", "suggested", ("a mug", model), category=human),
        region("4", "suggested", ("a mug", model), category=model),
        region("5", "rejected", ("my cup", human), category=human),
    )
    write_coco(tmp_path / "out.json", [AnnotatedImage("a.jpg", 10, 10, regions)])
    found = load_coco(tmp_path, tmp_path / "out.json").items
    assert [(item.id, item.category, item.references) for item in found] == [
        ("a.jpg#1", "cup", ("a red cup",)),
        ("a.jpg#2", "cup", ("my cup",)),
        ("a.jpg#3", "cup", ()),
    ]


def test_a_file_with_captions_only(tmp_path: Path, make_text: Callable[..., RegionText]) -> None:
    content = _coco()
    content["annotations"] = content["annotations"][3:5]
    data = load_coco(tmp_path, _write(tmp_path, content))
    metrics, outcomes = _general(data, _answers(data, lambda item: make_text(item.box, "a spoon")))
    assert metrics["category"]["all"]["top1"]["strict"] is None
    assert [outcome.exact for outcome in outcomes] == [False, True]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("nonsense", "is not a JSON file"),
        ("[]", "is not a COCO file"),
        ('[{"image_id": 1, "bbox": [1, 2, 3, 4]}]', "is a list of COCO results"),
        ({"images": []}, "nothing to evaluate"),
        (_coco(annotations=[{"id": 1, "image_id": 99, "bbox": [0, 0, 1, 1]}]), "no image with the id 99"),
        (_coco(images=[{"id": 7, "file_name": "../x.jpg", "width": 9, "height": 9}]), "not inside"),
        (_coco(images=[{"id": 7, "file_name": "/etc/x.jpg", "width": 9, "height": 9}]), "not inside"),
        (_coco(annotations=[{"id": 1, "image_id": 7, "category_id": 3, "bbox": [1, 2]}]), "must be four numbers"),
        (_coco(annotations=[{"id": 1, "image_id": 7, "category_id": 3, "bbox": "abcd"}]), "must be four numbers"),
        (_coco(images=[{"id": 7, "file_name": "x.jpg"}]), "width and height of x.jpg"),
    ],
)
def test_damaged_coco_files_are_refused(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        load_coco(tmp_path, _write(tmp_path, content))


def test_missing_places_are_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is not a folder"):
        load_coco(tmp_path / "none", _write(tmp_path, _coco()))
    with pytest.raises(FormatError, match=r"none\.json does not exist"):
        load_coco(tmp_path, tmp_path / "none.json")
    with pytest.raises(ImageError, match="does not exist"):
        load_coco(tmp_path, _write(tmp_path, _coco())).load("a/b.jpg")
