from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from roi_assistant.core.box import Box
from roi_assistant.core.records import RegionText, ScoredText, SuggestedAttribute
from roi_assistant.errors import BadInputError, FormatError
from roi_assistant.evaluation.items import EvaluationItem
from roi_assistant.evaluation.named_regions import REGION_TEXTS, NamedRegion, check_names
from roi_assistant.evaluation.predictions import PREDICTIONS, RunHeader
from roi_assistant.memory.vectors import packed

HEADER = RunHeader("learning", "val", "fake", "Fake captioner", "ab" * 32, "greedy")
TEXT = RegionText(
    Box(0, 0, 5, 5),
    ScoredText("an object", 0.9),
    (ScoredText("a fork", 0.2),),
    ScoredText("object", 0.9),
    (ScoredText("fork", 0.2),),
    (SuggestedAttribute("color", ("gray",), 0.5, "pixels"),),
    unsure=True,
    specific=ScoredText("a fork", 0.2),
    features=packed(np.array([0.6, 0.8], np.float32)),
)
REGION = NamedRegion(item="p.jpg#1", photo="p.jpg", name="fork", box=(1, 2, 30, 40), text=TEXT)


def test_whole_answers_come_back(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    with REGION_TEXTS.open(path, HEADER) as saved:
        saved.add({REGION.item: REGION})
    assert REGION_TEXTS.read(path) == (HEADER, {REGION.item: REGION})
    assert REGION_TEXTS.read(path)[1][REGION.item].vector.tolist() == pytest.approx([0.6, 0.8], abs=1e-3)
    with pytest.raises(FormatError, match="not a predictions file"):
        PREDICTIONS.read(path)
    with pytest.raises(BadInputError, match="another run"):
        REGION_TEXTS.open(path, replace(HEADER, split="test"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": ""}, "0 bytes"),
        ({"features": "*"}, "base64"),
        ({"features": packed(np.zeros(3, np.float32))}, "all zero"),
        ({"caption": "a fork"}, "caption"),
    ],
)
def test_damaged_answers_are_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    path = tmp_path / "p.jsonl"
    with REGION_TEXTS.open(path, HEADER) as saved:
        saved.add({REGION.item: REGION})
    header, line = path.read_text(encoding="utf-8").splitlines()
    record = json.loads(line)
    record["text"] |= change
    path.write_text(f"{header}\n{json.dumps(record)}\n", encoding="utf-8")
    with pytest.raises(FormatError, match=f"line 2.*{message}"):
        REGION_TEXTS.read(path)


def test_other_names_are_refused() -> None:
    item = EvaluationItem("p.jpg#1", "p.jpg", Box(1, 2, 30, 40), 100, 100, category="fork")
    check_names([REGION], [item])
    check_names([REGION], [])
    with pytest.raises(BadInputError, match="was a 'fork' when it was described and is a 'spoon' now"):
        check_names([REGION], [replace(item, category="spoon")])
