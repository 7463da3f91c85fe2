"""RefCOCOg and Visual Genome: which items there are, and that the two ways of counting stay apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import roi_assistant.plugins
from roi_assistant.cli import main
from roi_assistant.core.records import RegionText, ScoredText
from roi_assistant.errors import FormatError
from roi_assistant.evaluation.outcomes import ScoringOptions
from roi_assistant.evaluation.predictions import Prediction
from roi_assistant.evaluation.refcocog import load_refcocog
from roi_assistant.evaluation.region_captions import BY_EXPRESSION, BY_OBJECT, evaluate_region_captions
from roi_assistant.evaluation.visual_genome import (
    evaluate_genome_attributes,
    load_genome_attributes,
    load_visual_genome,
)
from tests.unit import official_data_sets as official


def prediction(item: Any, text: str, **more: Any) -> Prediction:
    return Prediction(item.id, item.box.xyxy, ScoredText("a thing", 0.5), ScoredText(text, 0.5), **more)


def test_refcocog_from_either_distribution(tmp_path: Path) -> None:
    official.make_mdetr(tmp_path / "m", variant="refcocog", split="val")
    loaded = load_refcocog(tmp_path / "m")
    assert [item.references for item in loaded.data.items] == [
        ("the cat on the left", "cat under <bbox> the table ###"),
        ("left cat",),
        ("a tall lamp in the corner",),
        ("a very small thing",),
    ], "nothing is filtered in evaluation"
    assert next(iter(loaded.expressions.values())) == loaded.data.items[0].references
    assert loaded.data.load(loaded.data.items[0].photo).size == (400, 200)
    assert load_refcocog(tmp_path / "m", limit=1).data.photos == 1

    official.make_refer(tmp_path / "r")
    other = load_refcocog(tmp_path / "r", split="train")
    assert other.data.items[0].references == loaded.data.items[0].references
    assert other.data.items[0].box == loaded.data.items[0].box


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"finetune_refcocog_val\.json.*zenodo"):
        load_refcocog(tmp_path)
    with pytest.raises(FormatError, match="GRiT"):
        load_visual_genome(tmp_path)


def test_visual_genome_from_either_distribution(tmp_path: Path) -> None:
    official.make_genome(tmp_path / "official")
    official.make_grit(tmp_path / "grit", split="test")
    for place in ("official", "grit"):
        loaded = load_visual_genome(tmp_path / place)
        assert [item.references for item in loaded.data.items] == [
            ("the clock is green", "a green clock"),
            ("a speck",),
            ("a dog with a red collar",),
        ]
        for item in loaded.data.items:
            assert loaded.data.load(item.photo).size == (400, 200)


OPTIONS = ScoringOptions(meteor=False, tokenizer="plain")


@pytest.mark.usefixtures("scorers")
def test_the_two_ways_of_counting(tmp_path: Path) -> None:
    official.make_genome(tmp_path)
    loaded = load_visual_genome(tmp_path)
    words = ["A green clock", "a speck", "a cat"]
    answers = {item.id: prediction(item, text) for item, text in zip(loaded.data.items, words, strict=True)}
    metrics, outcomes = evaluate_region_captions(loaded.data, answers, OPTIONS, expressions=loaded.expressions)
    single, grouped = metrics["by_expression"], metrics["by_object"]
    assert (single["label"], grouped["label"]) == (BY_EXPRESSION, BY_OBJECT)
    assert (single["items"], grouped["items"]) == (4, 3)
    assert single["exact_match"] == 2 / 4, "the other sentence about the clock is an item that was missed"
    assert grouped["exact_match"] == 2 / 3
    assert metrics["captions"]["specific"]["exact_match"] == 2 / 3
    assert metrics["captions"]["shown"]["exact_match"] == 0.0
    assert metrics["human_agreement"]["items"] == 1
    assert [outcome.right for outcome in outcomes] == [True, True, False]


@pytest.mark.usefixtures("scorers")
def test_a_repeated_expression_counts_twice_by_expression(tmp_path: Path) -> None:
    official.make_grit(tmp_path, split="test")
    path = tmp_path / "vg/annotations/test.json"
    data = json.loads(path.read_text())
    data["annotations"].append({**data["annotations"][1], "id": 99, "caption": "a GREEN clock"})
    path.write_text(json.dumps(data))
    loaded = load_visual_genome(tmp_path)
    assert len(loaded.data.items[0].references) == 2
    answers = {item.id: prediction(item, "a green clock") for item in loaded.data.items}
    metrics, _ = evaluate_region_captions(loaded.data, answers, OPTIONS, expressions=loaded.expressions)
    assert metrics["by_expression"]["items"] == 5
    assert metrics["by_expression"]["exact_match"] == 2 / 5


def test_attributes_on_labelled_pairs(tmp_path: Path) -> None:
    official.make_genome(tmp_path)
    data, words = load_genome_attributes(tmp_path)
    assert list(words.values()) == [("green", "tall"), ("brown", "happy-ish")]
    clock, dog = data.items
    answers = {
        clock.id: prediction(clock, "a green clock", attributes={"color": ("green",), "material": ("metal",)}),
        dog.id: prediction(dog, "a dog", attributes={"color": ("black",)}, categories=(ScoredText("dog", 0.9),)),
    }
    metrics, outcomes = evaluate_genome_attributes(data, answers, OPTIONS, words=words)
    color = metrics["attributes"]["answer"]["color"]
    assert (color["labelled"], color["accuracy"], color["answered"]) == (2, 0.5, 2)
    assert metrics["attributes"]["caption"]["color"]["accuracy"] == 0.5
    assert "material" not in metrics["attributes"]["answer"], "nobody named a material"
    assert metrics["words"] == 4 and metrics["words_without_attribute"] >= 1
    assert [outcome.right for outcome in outcomes] == [False, True]


class Models:
    def __init__(self, captioner: Any) -> None:
        self.captioner = captioner

    def __call__(self) -> Models:
        return self

    def create_captioner(self, *args: Any, **options: Any) -> Any:
        return self.captioner


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, make_captioner: Any, make_text: Callable[..., RegionText]) -> Any:
    captioner = make_captioner(
        lambda box: make_text(box, "a green clock", category="clock", attributes={"color": ("green",)})
    )
    monkeypatch.setattr(roi_assistant.plugins, "PluginManager", Models(captioner))
    return captioner


@pytest.mark.usefixtures("scorers")
@pytest.mark.parametrize(("command", "boxes"), [("refcocog", 4), ("visual-genome", 3)])
def test_from_the_command_line(
    tmp_path: Path, model: Any, capsys: pytest.CaptureFixture[str], command: str, boxes: int
) -> None:
    official.make_mdetr(tmp_path, variant="refcocog", split="val")
    official.make_genome(tmp_path)
    out, page = tmp_path / "out.json", tmp_path / "out.html"
    assert main(["evaluate", command, str(tmp_path), "--no-java", "--json", str(out), "--html", str(page)]) == 0
    report = json.loads(out.read_text())
    assert report["protocol"] == command
    assert report["timing"]["items_described"] == boxes, "each box is asked about once"
    assert report["metrics"]["by_expression"]["items"] == boxes + 1
    printed = capsys.readouterr().out
    assert f"{BY_EXPRESSION}  {BY_OBJECT}" in printed
    assert "Two ways to count" in page.read_text()


@pytest.mark.usefixtures("scorers")
def test_sentences_are_another_run(tmp_path: Path, model: Any, capsys: pytest.CaptureFixture[str]) -> None:
    official.make_mdetr(tmp_path, variant="refcocog", split="val")
    saved = ["--predictions", str(tmp_path / "answers.jsonl")]
    command = ["evaluate", "refcocog", str(tmp_path), "--no-java"]
    assert main([*command, "--style", "sentence", *saved]) == 0
    assert {request.style for request in model.requests} == {"sentence"}
    asked = {tuple(a.name for a in request.attributes.attributes) for request in model.requests}
    assert asked == {("color",)}, "no other attribute counts for captions"
    capsys.readouterr()
    assert main([*command, *saved]) != 0
    assert "another run than this one" in capsys.readouterr().err


def test_attributes_from_the_command_line(tmp_path: Path, model: Any, capsys: pytest.CaptureFixture[str]) -> None:
    official.make_genome(tmp_path)
    out, page = tmp_path / "out.json", tmp_path / "out.html"
    code = main(["evaluate", "visual-genome", str(tmp_path), "--attributes", "--json", str(out), "--html", str(page)])
    assert code == 0
    assert json.loads(out.read_text())["metrics"]["attributes"]["answer"]["color"]["labelled"] == 2
    assert "color" in capsys.readouterr().out
    assert "labelled regions" in page.read_text()
