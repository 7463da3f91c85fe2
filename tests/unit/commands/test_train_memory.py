from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="fitting needs torch, the extra 'training'")

from roi_assistant.core.box import Box
from roi_assistant.core.records import RegionText, ScoredText
from roi_assistant.evaluation.named_regions import REGION_TEXTS, NamedRegion
from roi_assistant.evaluation.predictions import RunHeader
from roi_assistant.memory.evidence import INPUTS
from roi_assistant.memory.vectors import packed
from roi_assistant.memory.weights import weights_of


def _write(path: Path, *, weights_sha256: str = "ab" * 32, boxes: int = 24) -> Path:
    looks = {"fork": [1.0, 0.0], "whisk": [0.0, 1.0]}
    header = RunHeader("learning", "val", "fake", "Fake captioner", weights_sha256, "greedy")
    with REGION_TEXTS.open(path, header) as saved:
        for number in range(boxes):
            name = ("fork", "whisk")[number % 2]
            vector = packed(np.array(looks[name], np.float32))
            text = RegionText(
                Box(0, 0, 9, 9), ScoredText("a spoon", 0.5), category=ScoredText("spoon", 0.5), features=vector
            )
            region = NamedRegion(item=f"#{number}", photo=f"{number}", name=name, box=(0, 0, 9, 9), text=text)
            saved.add({region.item: region})
    return path


def test_weights_are_fitted_and_written(work: Path, run: Callable[..., Any]) -> None:
    # Of two models: what is fitted is how to weigh what they say, not what they say.
    first, second = _write(work / "a.jsonl"), _write(work / "b.jsonl", weights_sha256="cd" * 32)
    for _ in range(2):  # earlier weights are replaced
        result = run("train", "memory", "--predictions", first, "--predictions", second, "--out", "w.json")
        assert result.code == 0, result.err
        assert "1344 boxes: loss 0." in result.out
        weights = weights_of((work / "w.json").read_text())
        assert weights is not None
        assert list(json.loads((work / "w.json").read_text())["names"]["inputs"]) == list(INPUTS)


def test_what_cannot_be_fitted_is_refused(work: Path, run: Callable[..., Any]) -> None:
    first = _write(work / "a.jsonl")
    (work / "mine.json").write_text('{"images": []}')
    (work / "empty.jsonl").write_text(first.read_text().splitlines()[0] + "\n")
    for arguments, message in (
        (("--predictions", first, "--out", "mine.json"), "mine.json is there and holds no weights"),
        (("--predictions", "none.jsonl", "--out", "w.json"), "cannot be read"),
        (("--predictions", "empty.jsonl", "--out", "w.json"), "no box with a name"),
        (("--predictions", first, "--out", "none/w.json"), "does not exist"),
    ):
        result = run("train", "memory", *arguments)
        assert result.code == 2
        assert message in result.err
    assert (work / "mine.json").read_text() == '{"images": []}'
    assert not (work / "w.json").exists()
