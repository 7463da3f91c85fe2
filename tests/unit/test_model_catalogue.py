"""The catalogue that ships, and the memory that its models need."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roi_assistant.errors import FormatError
from roi_assistant.model_catalogue import catalogue_entry, memory_bytes, model_catalogue


def test_every_entry_says_where_its_facts_are_from() -> None:
    entries = model_catalogue()
    assert 12 <= len(entries) <= 24
    for entry in entries:
        assert entry.good_for.keys() == {"en", "zh_CN"} and entry.good_for["en"].endswith("."), entry.id
        assert "licence" in entry.sources and "transformers" in entry.sources, entry.id
        assert (entry.parameters is None) == ("parameters" not in entry.sources), entry.id
        assert (entry.download_bytes is None) == ("download_bytes" not in entry.sources), entry.id
        assert (entry.licence.name == "not known") == (entry.licence.commercial_use == "not known"), entry.id
        assert (entry.licence.commercial_use in ("no", "conditions")) == bool(entry.licence.note), entry.id
        assert not entry.is_pinned, "no commit and no hash can be known here"


def test_an_entry_is_found_by_id_and_by_repository() -> None:
    entry = catalogue_entry("qwen3-vl-8b")
    assert entry is not None and entry == catalogue_entry("Qwen/Qwen3-VL-8B-Instruct")
    assert entry.licence.commercial_use == "yes"
    assert catalogue_entry("qwen") is None
    research = catalogue_entry("qwen2.5-vl-3b")
    assert research is not None and research.licence.commercial_use == "no"


def test_memory_by_precision() -> None:
    # 8.767 B parameters, 0.576 B of them in the eyes: (8.191 * 2 + 0.576 * 2) * 1.1 + 1 GB, and so on.
    def gigabytes(precision: str) -> float:
        return memory_bytes(8_767_000_000, tower=576_000_000, precision=precision) / 1e9  # type: ignore[arg-type]

    assert gigabytes("bf16") == pytest.approx(20.287, abs=0.001)
    assert gigabytes("int8") == pytest.approx(11.728, abs=0.001)
    assert gigabytes("int4") == pytest.approx(7.673, abs=0.001)
    assert gigabytes("fp32") == pytest.approx(39.575, abs=0.001)
    unknown = catalogue_entry("owlv2-base")
    assert unknown is not None and unknown.memory("bf16") is None


def good() -> dict[str, object]:
    return {
        "id": "eye",
        "title": "Eye",
        "good_for": {"en": "Seeing."},
        "repository": "lab/eye",
        "licence": {"name": "MIT", "commercial_use": "yes"},
        "capabilities": ["caption"],
        "sources": {},
    }


@pytest.mark.parametrize(
    "change",
    [
        {"repository": "https://elsewhere/eye"},
        {"revision": "main"},
        {"files": {"config.json": "abc"}},
        {"good_for": {"zh_CN": "看"}},
        {"parameters": 0},
        {"parameters": 5, "tower_parameters": 6},
        {"capabilities": ["singing"]},
        {"licence": {"name": "MIT", "commercial_use": "perhaps"}},
        {"surprise": 1},
    ],
)
def test_an_unsound_entry_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps({"version": 1, "entries": [good()]}))
    [entry] = model_catalogue(path)
    assert entry.id == "eye" and not entry.is_pinned
    path.write_text(json.dumps({"version": 1, "entries": [{**good(), **change}]}))
    with pytest.raises(FormatError, match="install RoI Assistant again"):
        model_catalogue(path)


def test_an_id_is_there_once_and_the_version_is_known(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.json"
    for document in ({"version": 1, "entries": [good(), good()]}, {"version": 2, "entries": []}):
        path.write_text(json.dumps(document))
        with pytest.raises(FormatError):
            model_catalogue(path)
