from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from roi_assistant.core.box import Box
from roi_assistant.core.phrases import parse_phrase
from roi_assistant.core.records import RegionText, ScoredText
from roi_assistant.errors import FileWriteError
from roi_assistant.evaluation.flickr30k import evaluate_flickr30k, load_flickr30k
from roi_assistant.evaluation.general import evaluate_general, load_region_lines
from roi_assistant.evaluation.items import EvaluationItem, EvaluationSet
from roi_assistant.evaluation.outcomes import ItemOutcome, ScoringOptions
from roi_assistant.evaluation.predictions import Prediction, RunHeader, prediction_of
from roi_assistant.evaluation.report import build_report, choose_outcomes, write_json
from roi_assistant.evaluation.report_html import crop_picture, unstretched, write_html
from roi_assistant.evaluation.runner import Timing

HEADER = RunHeader(
    "flickr30k-entities", "val", "fake", "Fake captioner", "ab" * 32, "greedy", "cpu", "fp32", ("Note.",)
)
TIMING: Timing = {
    "items_described": 4,
    "items_reused": 0,
    "photos": 2,
    "image_seconds": 0.2,
    "describe_seconds": 0.4,
    "seconds_per_photo": 0.1,
    "seconds_per_item": 0.15,
}
Evaluated = tuple[dict[str, Any], EvaluationSet, list[ItemOutcome]]


def _report(data: EvaluationSet, metrics: dict[str, Any]) -> dict[str, Any]:
    return build_report(
        data,
        HEADER,
        metrics,
        command=["roi-assistant", "evaluate", "<root>"],
        seed=0,
        timing=TIMING,
    )


@pytest.fixture
def flickr(scorers: None, flickr_root: Path, make_text: Callable[..., RegionText]) -> Evaluated:
    data = load_flickr30k(flickr_root, split="val")

    def answer(item: EvaluationItem) -> RegionText:
        text = "<b>a man</b> & co" if item.id.endswith("#2") else item.references[0]
        unsure = item.id.endswith("#4")
        return make_text(item.box, text, category=parse_phrase(text).head or "man", categories=("dog",), unsure=unsure)

    answers = {item.id: prediction_of(item, answer(item)) for item in data.items}
    metrics, outcomes = evaluate_flickr30k(data, answers, ScoringOptions(meteor=False, tokenizer="plain"))
    return _report(data, metrics), data, outcomes


@pytest.fixture
def general(general_root: Path, make_text: Callable[..., RegionText]) -> Evaluated:
    data = load_region_lines(general_root, split="val")
    answers = {item.id: prediction_of(item, make_text(item.box, "a cup", category="cup")) for item in data.items}
    metrics, outcomes = evaluate_general(data, answers, ScoringOptions())
    return _report(data, metrics), data, outcomes


def _keys(value: Any, *, stop: frozenset[str]) -> Any:
    """The nested keys of ``value``; below ``stop``, keys are data."""
    if isinstance(value, dict):
        return {key: (... if key in stop else _keys(inner, stop=stop)) for key, inner in value.items()}
    return None


FIGURES = dict.fromkeys(
    ("items", "cider", "meteor", "meteor_reason", "bleu4", "bleu1", "rouge_l", "exact_match", "tokenizer")
)
RELATION = dict.fromkeys(("items", "strict", "with_synonyms", "narrower", "broader", "catch_all", "wrong", "no_answer"))
CALIBRATION = dict.fromkeys(("items", "ece", "brier", "bins"))
TOP = {
    "schema": None,
    "version": None,
    "protocol": None,
    "created_at": None,
    "command": None,
    "model": dict.fromkeys(("id", "name", "weights_sha256", "device", "precision")),
    "decoding": None,
    "seed": None,
    "data": dict.fromkeys(("name", "split", "limit_photos", "photos", "items", "references", "sha256")),
    "timing": dict.fromkeys(TIMING),
    "notes": None,
}


def test_json_of_flickr30k_has_a_stable_schema(flickr: Evaluated) -> None:
    report, _, _ = flickr
    sure = {"items": None, "exact_match": None, "category_right": None, "shown_category": RELATION}
    assert _keys(report, stop=frozenset({"attributes", "groups"})) == {
        **TOP,
        "metrics": {
            "captions": {"specific": FIGURES, "shown": FIGURES},
            "standard_errors": dict.fromkeys(("cider", "exact_match", "strict", "with_synonyms")),
            "human_agreement": {
                "seed": None,
                "items": None,
                "human": FIGURES,
                "model": FIGURES,
                "difference_standard_error": None,
                "category": {"human": RELATION, "model": RELATION},
            },
            "category": {
                "caption_head": RELATION,
                "caption_head_shown": RELATION,
                "answer": RELATION,
                "answer_top5": RELATION,
                "items_without_human_head": None,
            },
            "attributes": ...,
            "bare_captions": None,
            "unsure": {"items": None, "share": None, "sure": sure, "unsure": sure},
            "calibration": {
                "caption_exact_match": CALIBRATION,
                "shown_caption_exact_match": CALIBRATION,
                "caption_head_right": CALIBRATION,
                "category_right": CALIBRATION,
            },
            "coverage": {"caption_exact_match": None},
            "groups": ...,
        },
    }
    assert (report["schema"], report["version"]) == ("roi-assistant-evaluation", 1)
    assert datetime.fromisoformat(report["created_at"]).tzinfo == UTC
    assert set(report["metrics"]["attributes"]) == {"answer", "caption"}


def test_json_of_general_photos_has_a_stable_schema(general: Evaluated) -> None:
    report, _, _ = general
    block = {
        "items": None,
        "categories": None,
        "standard_errors": dict.fromkeys(("top1", "top5")),
        "top1": RELATION,
        "top5": RELATION,
        "shown": RELATION,
        "caption_head": RELATION,
    }
    sure = {"items": None, "category_right": None, "shown_category": RELATION}
    assert _keys(report, stop=frozenset()) == {
        **TOP,
        "metrics": {
            "category": {
                "all": block,
                "frequent": block,
                "min_train_photos": None,
                "by_size": {"small": block, "medium": block, "large": block},
                "per_category": None,
                "confusions": None,
            },
            "bare_captions": None,
            "unsure": {"items": None, "share": None, "sure": sure, "unsure": sure},
            "calibration": {"category_right": CALIBRATION},
            "coverage": {"category_right": None},
            "captions": None,
            "human_agreement": None,
        },
    }


def test_json_file_holds_the_report(flickr: Evaluated, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    write_json(path, flickr[0])
    assert json.loads(path.read_text(encoding="utf-8")) == flickr[0]
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".out")] == []


def test_an_impossible_place_leaves_nothing_behind(flickr: Evaluated, tmp_path: Path) -> None:
    with pytest.raises(FileWriteError, match="cannot be written"):
        write_json(tmp_path / "none" / "out.json", flickr[0])
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileWriteError, match="cannot be written"):
        write_json(tmp_path / "folder", flickr[0])
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".folder")] == []


def test_notes_tell_the_scale_and_what_was_left_out(flickr: Evaluated, general: Evaluated) -> None:
    notes = " ".join(flickr[0]["notes"])
    for words in ("not multiplied by 100", "own tokenizer", "METEOR was not computed", "Note."):
        assert words in notes
    assert "CIDEr" not in " ".join(general[0]["notes"])


def _page(evaluated: Evaluated, tmp_path: Path) -> str:
    report, data, outcomes = evaluated
    path = tmp_path / "out.html"
    write_html(path, report, data, outcomes)
    return path.read_text(encoding="utf-8")


def _pictures(page: str) -> list[Image.Image]:
    found = re.findall(r'<img src="data:image/jpeg;base64,([^"]+)"', page)
    return [Image.open(io.BytesIO(base64.b64decode(text))) for text in found]


def test_html_holds_its_pictures_with_the_box_drawn(flickr: Evaluated, tmp_path: Path) -> None:
    page = _page(flickr, tmp_path)
    pictures = _pictures(page)
    assert len(pictures) == 4, "every region once"
    for picture in pictures:
        colors = picture.convert("RGB").getcolors(picture.width * picture.height)
        assert colors is not None
        yellow = sum(count for count, (r, g, b) in colors if r > 180 and g > 150 and b < 110)
        assert yellow > 50
        assert max(picture.size) <= 300


def test_html_needs_nothing_beside_itself(flickr: Evaluated, general: Evaluated, tmp_path: Path) -> None:
    for evaluated in (flickr, general):
        page = _page(evaluated, tmp_path)
        assert not re.search(r"<script|<link|@import|url\(|https?://", page)
        assert set(re.findall(r'src="([a-z:/]+)', page)) == {"data:image/jpeg"}
        assert "prefers-color-scheme: dark" in page
        assert page.count("<svg") == page.count("</svg>") >= 2
        assert page.startswith("<!doctype html>")


def test_html_escapes_what_models_write(flickr: Evaluated, tmp_path: Path) -> None:
    page = _page(flickr, tmp_path)
    assert "<b>a man</b> & co" not in page
    assert "&lt;b&gt;a man&lt;/b&gt; &amp; co" in page
    assert "&lt;root&gt;" in page


def test_html_shows_the_figures(flickr: Evaluated, general: Evaluated, tmp_path: Path) -> None:
    page = _page(flickr, tmp_path)
    metrics = flickr[0]["metrics"]
    cider, error = metrics["captions"]["specific"]["cider"], metrics["standard_errors"]["cider"]
    for words in (
        f"<b>{cider:.3f} ± {error:.3f}</b>",
        "Human baseline (leave-one-out)",
        "shown as unsure",
        "kind: animals",
        "ab" * 32,
    ):
        assert words in page
    page = _page(general, tmp_path)
    for words in ("categories with 5 or more training photos", "zebra", "All 3 categories", "small boxes"):
        assert words in page


def _outcome(number: int, value: float, *, score: float = 0.5, photo: str = "") -> ItemOutcome:
    item = EvaluationItem(f"{number}", photo or f"p{number}", Box(0, 0, 9, 9), 10, 10)
    text = ScoredText("x", score)
    prediction = Prediction(item.id, item.box.xyxy, text, text)
    return ItemOutcome(item, prediction, value, right=value > 0, relation="exact" if value > 0 else "wrong")


def test_pictures_are_best_surest_errors_and_a_sample() -> None:
    outcomes = [_outcome(n, n / 100 if n >= 50 else 0.0, score=n / 100) for n in range(100)]
    chosen = choose_outcomes(outcomes, pictures=40, seed=1)
    assert [o.item.id for o in chosen["best"]] == [str(n) for n in range(99, 83, -1)]
    assert [o.item.id for o in chosen["worst"]] == [str(n) for n in range(49, 33, -1)], "the surest errors first"
    shown = [o.item.id for group in chosen.values() for o in group]
    assert len(shown) == len(set(shown)) == 40
    assert [o.item.id for o in choose_outcomes(outcomes, seed=1)["random"]] == [o.item.id for o in chosen["random"]]
    assert [o.item.id for o in choose_outcomes(outcomes, seed=2)["random"]] != [o.item.id for o in chosen["random"]]


def test_one_picture_of_a_photo_among_the_best() -> None:
    outcomes = [_outcome(n, 1.0, photo="same") for n in range(5)]
    chosen = choose_outcomes(outcomes)
    assert len(chosen["best"]) == 1
    assert chosen["worst"] == []
    assert len(chosen["random"]) == 4


@pytest.mark.parametrize(
    "box", [Box(0, 0, 1, 1), Box(399, 199, 400, 200), Box(0, 0, 400, 200), Box(10, 0, 12, 200), Box(0.2, 0.2, 0.4, 0.4)]
)
def test_crops_of_odd_boxes(box: Box) -> None:
    picture = Image.open(io.BytesIO(crop_picture(Image.new("RGB", (400, 200)), box)))
    assert max(picture.size) == 300
    assert picture.format == "JPEG"


def test_squashed_photos_are_shown_in_their_own_proportions() -> None:
    square = Image.new("RGB", (224, 224))
    assert unstretched(square, width=500, height=250).size == (448, 224)
    assert unstretched(square, width=500, height=500) is square
