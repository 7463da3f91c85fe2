"""``roi-assistant evaluate`` from the command line, with an invented captioner in place of a model."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import roi_assistant.plugins
from roi_assistant.cli import main
from roi_assistant.core.records import RegionText
from roi_assistant.evaluation.flickr30k import load_flickr30k
from roi_assistant.evaluation.items import EvaluationItem, EvaluationSet
from roi_assistant.evaluation.metrics import is_exact_match


class Models:
    """Stands for the plugin manager; ``made`` are the captioners that were loaded, with their options."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make
        self.made: list[tuple[Any, str, str, int | None]] = []

    def __call__(self) -> Models:
        return self

    def create_captioner(self, id_: str, *, device: str = "auto", threads: int | None = None) -> Any:
        captioner = self.make()
        self.made.append((captioner, id_, device, threads))
        return captioner


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch, make_captioner: Any, make_text: Callable[..., RegionText]) -> Models:
    found = Models(lambda: make_captioner(lambda box: make_text(box, "the man", category="cup")))
    monkeypatch.setattr(roi_assistant.plugins, "PluginManager", found)
    return found


@pytest.mark.usefixtures("scorers")
def test_flickr30k_writes_both_reports(
    flickr_root: Path, tmp_path: Path, models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    out, page = tmp_path / "out.json", tmp_path / "out.html"
    options = ["--model", "fake", "--decoding", "beam", "--device", "cpu", "--threads", "1", "--seed", "4", "--no-java"]
    code = main(["evaluate", "flickr30k", str(flickr_root), "--json", str(out), "--html", str(page), *options])
    assert code == 0
    report = json.loads(out.read_text(encoding="utf-8"))
    assert report["protocol"] == "flickr30k-entities"
    assert report["decoding"] == "beam"
    assert report["seed"] == report["metrics"]["human_agreement"]["seed"] == 4
    assert report["model"]["weights_sha256"] == "ab" * 32
    assert report["data"]["items"] == report["timing"]["items_described"] == 4
    assert report["metrics"]["captions"]["specific"]["exact_match"] == 0.25
    assert page.read_text(encoding="utf-8").count("data:image/jpeg") == 4
    captioner, id_, device, threads = models.made[0]
    assert (id_, device, threads) == ("fake", "cpu", 1)
    assert captioner.closed
    assert {(r.decoding, r.style) for r in captioner.requests} == {("beam", "phrase")}
    printed = capsys.readouterr()
    assert "exact match" in printed.out
    assert "a person" in printed.out
    assert "METEOR was not computed" in printed.err


@pytest.mark.usefixtures("scorers")
def test_answers_are_saved_continued_and_scored_again(flickr_root: Path, tmp_path: Path, models: Models) -> None:
    saved, out = tmp_path / "p.jsonl", tmp_path / "out.json"
    start = ["evaluate", "flickr30k", str(flickr_root), "--no-java"]
    assert main([*start, "--limit", "1", "--predictions", str(saved)]) == 0
    assert main([*start, "--predictions", str(saved), "--json", str(out)]) == 0
    assert [len(captioner.asked) for captioner, *_ in models.made] == [2, 2]
    first = json.loads(out.read_text(encoding="utf-8"))
    assert first["timing"]["items_reused"] == 2

    page = ["--html", str(tmp_path / "out.html")]
    assert main([*start, "--from-predictions", str(saved), "--json", str(out), *page]) == 0
    assert main([*start, "--from-predictions", str(saved), "--json", str(out), *page]) == 0, "reports are replaced"
    again = json.loads(out.read_text(encoding="utf-8"))
    assert len(models.made) == 2, "no model is loaded"
    assert again["metrics"] == first["metrics"]
    assert again["timing"] is None
    assert again["model"] == first["model"]


@pytest.mark.usefixtures("scorers")
def test_the_difference_from_other_answers_is_told(
    flickr_root: Path, tmp_path: Path, models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other answers are the references for one region of four, and for the rest the same."""
    mine, other, out, page = (tmp_path / name for name in ("mine.jsonl", "other.jsonl", "out.json", "out.html"))
    start = ["evaluate", "flickr30k", str(flickr_root), "--no-java"]
    assert main([*start, "--predictions", str(mine)]) == 0
    header, *lines = [json.loads(line) for line in mine.read_text(encoding="utf-8").splitlines()]
    data = load_flickr30k(flickr_root, split="val")
    wrong = next(line for line in lines if not is_exact_match(line["specific"][0], _item(data, line).references))
    wrong["specific"][0] = _item(data, wrong).references[0]
    records = [{**header, "model_id": "better"}, *lines]
    other.write_text("\n".join(map(json.dumps, records)) + "\n", encoding="utf-8")

    capsys.readouterr()
    scored = ["--from-predictions", str(mine), "--json", str(out), "--html", str(page)]
    assert main([*start, *scored, "--against", str(other)]) == 0
    assert "Against better, greedy:" in capsys.readouterr().out
    against = json.loads(out.read_text(encoding="utf-8"))["metrics"]["against"]
    assert (against["model"], against["decoding"]) == ("better", "greedy")
    assert against["differences"]["exact_match"]["difference"] == -0.25
    assert against["differences"]["cider"]["difference"] < 0
    assert "<h2>Against better, greedy</h2>" in page.read_text(encoding="utf-8")

    other.write_text("\n".join(map(json.dumps, records[:-1])) + "\n", encoding="utf-8")
    assert main([*start, *scored, "--against", str(other)]) == 2
    assert f"{other} has no answer for 1 of 4 regions" in capsys.readouterr().err


def _item(data: EvaluationSet, line: dict[str, Any]) -> EvaluationItem:
    return next(item for item in data.items if item.id == line["item"])


def test_incomplete_answers_are_not_scored(
    flickr_root: Path, tmp_path: Path, models: Models, capsys: pytest.CaptureFixture[str], scorers: None
) -> None:
    saved = tmp_path / "p.jsonl"
    start = ["evaluate", "flickr30k", str(flickr_root), "--no-java"]
    assert main([*start, "--limit", "1", "--predictions", str(saved)]) == 0
    capsys.readouterr()
    assert main([*start, "--from-predictions", str(saved)]) == 2
    assert "no answer for 2 of 4 regions" in capsys.readouterr().err


def test_general_photos_need_no_caption_metrics(
    general_root: Path,
    tmp_path: Path,
    models: Models,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("roi_assistant.commands.evaluating.find_spec", lambda name: None)
    out, page = tmp_path / "out.json", tmp_path / "out.html"
    options = ["--min-train-photos", "1", "--json", str(out), "--html", str(page)]
    code = main(["evaluate", "coco", "--root", str(general_root), *options])
    assert code == 0
    report = json.loads(out.read_text(encoding="utf-8"))
    assert report["protocol"] == "general-photos"
    assert report["metrics"]["category"]["all"]["top1"]["strict"] == 0.5
    assert report["metrics"]["category"]["frequent"]["items"] == 3
    assert "top-1, categories with 1 or more training photos" in capsys.readouterr().out
    assert "zebra" in page.read_text(encoding="utf-8")


@pytest.mark.usefixtures("scorers")
def test_coco_files(general_root: Path, tmp_path: Path, models: Models, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "boxes.json"
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 30, 30], "caption": "The man"}
    image = {"id": 1, "file_name": "v1.jpg", "width": 160, "height": 120}
    second = {"id": 2, "image_id": 1, "category_id": 1, "bbox": [60, 60, 30, 30], "caption": "a blue cup"}
    path.write_text(
        json.dumps({"images": [image], "annotations": [box, second], "categories": [{"id": 1, "name": "mug"}]})
    )
    code = main(["evaluate", "coco", str(general_root / "images"), "--annotations", str(path), "--no-java"])
    assert code == 0
    assert re.search(r"^exact match +0.500 ", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--predictions", "a.jsonl", "--from-predictions", "b.jsonl"], "not both"),
        (["--json", "none/out.json"], "--json: the folder none does not exist"),
        (["--html", "."], "--html . is a folder"),
        (["--json", "mine.json"], "mine.json is there and is no report"),
        (["--html", "mine.json"], "mine.json is there and is no report"),
        (["--json", "new", "--html", "./new"], "--json and --html are the same file"),
        (["--split", "test"], "the splits here are: val"),
        (["--from-predictions", "none.jsonl"], "cannot be read"),
    ],
)
def test_wrong_options_are_found_before_the_model_is_loaded(
    flickr_root: Path,
    tmp_path: Path,
    models: Models,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    annotations = tmp_path / "mine.json"
    annotations.write_text('{"images": []}')
    assert main(["evaluate", "flickr30k", str(flickr_root), *options]) == 2
    assert annotations.read_text() == '{"images": []}'
    error = capsys.readouterr().err
    assert message in error
    assert len(error.strip().splitlines()) == 1
    assert models.made == []


def test_another_file_is_not_taken_for_answers(
    flickr_root: Path, tmp_path: Path, models: Models, capsys: pytest.CaptureFixture[str], scorers: None
) -> None:
    mine = tmp_path / "mine.json"
    mine.write_text('{"images": []}')
    assert main(["evaluate", "flickr30k", str(flickr_root), "--predictions", str(mine)]) == 2
    assert "not a predictions file" in capsys.readouterr().err
    assert mine.read_text() == '{"images": []}'


def test_caption_metrics_without_their_package(
    flickr_root: Path, models: Models, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("roi_assistant.commands.evaluating.find_spec", lambda name: None)
    assert main(["evaluate", "flickr30k", str(flickr_root)]) == 5
    assert "roi-assistant[evaluation]" in capsys.readouterr().err
    assert models.made == []


@pytest.mark.parametrize("arguments", [[], ["x", "--root", "y"]])
def test_the_photos_folder_is_given_once(
    arguments: list[str], models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "coco", *arguments]) == 2
    assert "--root PHOTOS" in capsys.readouterr().err


def test_a_run_that_fails_gives_the_model_back(
    flickr_root: Path, models: Models, make_captioner: Any, capsys: pytest.CaptureFixture[str], scorers: None
) -> None:
    def fail(box: Any) -> RegionText:
        raise MemoryError("no room")

    models.make = lambda: make_captioner(fail)
    assert main(["evaluate", "flickr30k", str(flickr_root), "--no-java"]) == 70
    assert models.made[0][0].closed
