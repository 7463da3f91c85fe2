"""The catalogue in ``models list``: a table that fits a terminal, and all facts as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roi_assistant.added_models import AddedModel
from roi_assistant.commands.model_list import offered, offered_document, pin_of, print_offered
from roi_assistant.machine import Machine
from roi_assistant.model_catalogue import catalogue_entry, model_catalogue
from roi_assistant.model_hub import PIN

DESK = Machine(gpu=24_000_000_000, memory=64_000_000_000, disk=None)


def pulled(folder: Path, repository: str) -> AddedModel:
    folder.mkdir()
    files = {"config.json": "0" * 64}
    (folder / PIN).write_text(json.dumps({"repository": repository, "revision": "1" * 40, "files": files}))
    return AddedModel(id=folder.name, kind="folder", place=str(folder))


def test_a_table_that_fits_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_offered(list(model_catalogue()), DESK)
    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert len(lines) == len(model_catalogue()) + 1 and max(map(len, lines)) <= 120
    [row] = [line.split() for line in lines if line.startswith("qwen3-vl-8b")]
    assert row == ["qwen3-vl-8b", "17.5", "20/12/8", "GPU", "in", "bf16", "yes", "Apache-2.0"]
    [row] = [line.split() for line in lines if line.startswith("owlv2-base")]
    assert row[1:] == ["-", "-", *["not", "known"] * 3]
    assert any(line.endswith("Gemma terms, gated") for line in lines)
    assert "a GPU of 24 GB, 64 GB of memory." in told.err


def test_what_was_downloaded_is_not_offered_again(tmp_path: Path) -> None:
    model = pulled(tmp_path / "qwen", "Qwen/Qwen3-VL-8B-Instruct")
    own = AddedModel(id="own", kind="folder", place=str(tmp_path))
    server = AddedModel(id="desk", kind="server", place="http://127.0.0.1:8000/v1")
    assert pin_of(own) is None and pin_of(server) is None
    left = [entry.id for entry in offered((model, own, server))]
    assert "qwen3-vl-8b" not in left and len(left) == len(model_catalogue()) - 1
    (tmp_path / "qwen" / PIN).write_text("{")
    assert pin_of(model) is None, "a damaged pin is told by verify, and does not keep the list from being shown"


def test_all_facts_as_json() -> None:
    entry = catalogue_entry("paligemma2-3b")
    assert entry is not None
    document = json.loads(json.dumps(offered_document(entry, DESK)))
    assert document["fits"] == {"where": "gpu", "precision": "bf16"}
    assert document["licence"]["commercial_use"] == "conditions" and document["gated"] is True
    assert document["memory"]["bf16"] == 7_600_000_000
    assert document["revision"] == "not pinned" and document["sources"]["licence"] == "model card"
