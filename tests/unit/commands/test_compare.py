"""``roi-assistant compare`` through ``main``, with the fake captioner."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.review import edit_caption, preferred_caption
from roi_assistant.storage.project import Project
from tests.unit.region_records import LATER, create, suggested

Run = Callable[..., object]


@pytest.fixture
def project(folder: Path) -> Path:
    """Two boxes on one picture, one of them a person's, and one on another, suggested by ``mini``."""
    own = edit_caption(replace(suggested("own"), box=Box(1, 2, 31, 42)), "thing at 1", at=LATER)
    with Project.open(folder) as opened:
        opened.add_images(["a.png", "b.jpg"])
        opened.apply(create("a.png", replace(suggested("one"), box=Box(5, 5, 50, 50)), own))
        opened.apply(create("b.jpg", replace(suggested("two"), box=Box(7, 5, 50, 50))))
    return folder


def words(folder: Path) -> dict[str, list[str]]:
    with Project.open(folder, read_only=True) as opened:
        regions = [region for image in opened.export_images() for region in image.regions]
    return {region.id: [answer.caption for answer in region.answers] for region in regions}


def test_a_second_model_answers_beside_the_words_and_a_table_tells_how_both_agree(
    project: Path, run: Run, calls: Callable[[], list[str]]
) -> None:
    result = run("compare", project, "--against", "fake", "--out", "report.json")
    assert result.code == 0, result.err
    assert words(project) == {"one": ["thing at 5"], "own": ["thing at 1"], "two": ["thing at 7"]}
    with Project.open(project, read_only=True) as opened:
        (one, own) = opened.regions("a.png")
        caption = preferred_caption(one)
        assert caption is not None and caption.text == "a red cup" and one.state == "suggested"
        assert own.state == "edited" and opened.history("a.png").undo_label == "Answers of another model"
    figures = json.loads(Path("report.json").read_text())
    assert figures["boxes"] == 3 and figures["categories"] == {"synonym": 1, "different": 2}
    # "a red cup" has no word of "thing at 5", "thing at 1" is the same: a third.
    assert figures["caption_similarity"] == pytest.approx(1 / 3)
    assert figures["attributes"]["color"] == {"agree": 0, "differ": 3, "missing": 0}
    assert figures["attributes"]["state"] == {"agree": 0, "differ": 0, "missing": 3}
    assert [one["image"] for one in figures["most_different"]][-1] == "a.png"
    assert figures["most_different"][0]["reason"] == "cup against thing"
    assert "cup against thing" in result.out and "boxes" in result.out
    assert calls()[-1] == "close"


def test_what_was_answered_is_not_asked_again(project: Path, run: Run, calls: Callable[[], list[str]]) -> None:
    assert run("compare", project, "--against", "fake", "--limit", "1").code == 0
    assert sum(map(len, words(project).values())) == 1
    assert run("compare", project, "--against", "fake").code == 0
    assert sum(map(len, words(project).values())) == 3
    asked = [line for line in calls() if line.startswith("describe")]
    assert [line.split()[1] for line in asked] == ["1", "1", "1"], "one box, then the two others"
    assert run("compare", project, "--against", "fake").code == 0
    assert [line for line in calls() if line.startswith("describe")] == asked


def test_a_model_is_compared_by_what_it_said_and_others_are_told(project: Path, run: Run) -> None:
    result = run("compare", project, "--against", "fake", "--model", "mini", "--out", "report.html")
    assert result.code == 0 and "mini against fake" in result.out
    page = Path("report.html").read_text()
    assert "cup against thing" in page and "thing at 7" in page and "Neither side" in page
    result = run("compare", project, "--against", "fake", "--model", "qwen")
    assert result.code == 2 and "Models with words in this project: mini." in result.err


def test_an_image_that_cannot_be_read_is_left_out_and_told(project: Path, run: Run) -> None:
    (project / "b.jpg").write_bytes(b"no picture")
    result = run("compare", project, "--against", "fake")
    assert result.code == 2 and "Left out" in result.err and "b.jpg" in result.err
    assert words(project)["two"] == [] and words(project)["one"] == ["thing at 5"]


def test_without_a_project_both_models_are_asked_one_after_the_other(
    folder: Path, run: Run, calls: Callable[[], list[str]]
) -> None:
    coco = {
        "images": [{"id": 1, "file_name": "b.jpg", "width": 200, "height": 100}],
        "annotations": [{"id": 1, "image_id": 1, "bbox": [5, 6, 190, 90], "category_id": 1}],
        "categories": [{"id": 1, "name": "thing"}],
    }
    Path("boxes.json").write_text(json.dumps(coco))
    result = run("compare", folder, "--boxes", "boxes.json", "--model", "fake", "--against", "fake-unsure")
    assert result.code == 0 and "fake against fake-unsure" in result.out, result.err
    lines = [line.split()[0] for line in calls()]
    assert lines == ["load", "image", "describe", "close"] * 2, "the first is closed before the second is loaded"
    assert not (folder / "project.roi").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--against", "fake"), "has no project"),
        (("--against", "fake", "--boxes", "b.json"), "give --model, too"),
        (("--against", "fake", "--out", "."), "is a folder"),
    ],
)
def test_bad_input_is_told_before_a_model_is_loaded(
    folder: Path, run: Run, calls: Callable[[], list[str]], arguments: tuple[str, ...], told: str
) -> None:
    result = run("compare", folder, *arguments)
    assert result.code == 2 and told in result.err and calls() == []


def test_an_unknown_model_is_told(project: Path, run: Run) -> None:
    result = run("compare", project, "--against", "nothing-like-this")
    assert result.code in (2, 4) and "nothing-like-this" in result.err
    assert words(project) == {"one": [], "own": [], "two": []}
