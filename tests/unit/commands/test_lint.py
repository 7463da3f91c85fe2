"""``roi-assistant lint``."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from roi_assistant.cli import main
from roi_assistant.storage.project import Project
from tests.unit.region_records import create, suggested


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A photo with the same suggestion twice, in two spellings of two categories."""
    Image.new("RGB", (80, 70), (200, 20, 20)).save(tmp_path / "a.png")
    twice = replace(suggested("r2"), category="Cups")
    with Project.open(tmp_path) as project:
        project.apply(create("a.png", suggested("r1"), suggested("copy"), replace(twice, box=suggested("x").box)))
        project.set_image_size("a.png", 80, 70)
    return tmp_path


def test_findings_and_their_exit_code(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(folder)]) == 1
    out = capsys.readouterr().out
    assert "doubled-box: Nearly the same box twice (warning, 1)" in out
    assert "  a.png, region copy, r1: Two boxes of “cup” overlap by 100 percent." in out
    assert "“Cups” (1) is also spelled “cup” (2)." in out
    assert out.splitlines()[-1] == "2 findings on 3 regions of 1 images; --fix puts 2 right."


def test_one_rule(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(folder), "--rule", "tiny-box"]) == 0
    assert main(["lint", str(folder), "--rule", "tiny-box", "--rule", "category-spelling"]) == 1
    assert "doubled-box" not in capsys.readouterr().out
    assert main(["lint", str(folder), "--rule", "typo"]) == 2
    assert "There is no rule typo; there are: photo-missing" in capsys.readouterr().err


def test_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(folder), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["format"], document["version"]) == ("roi-assistant-lint", 1)
    assert document["counts"] == {"category-spelling": 1, "doubled-box": 1}
    (doubled,) = [entry for entry in document["findings"] if entry["rule"] == "doubled-box"]
    assert (doubled["image"], doubled["regions"], doubled["fixable"]) == ("a.png", ["copy", "r1"], True)
    assert len(doubled["key"]) == 16


def test_fixing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # The spelling is merged first; then there is a third copy, which the second look finds.
    assert main(["lint", str(folder), "--fix"]) == 1
    told = capsys.readouterr()
    assert "1 region(s) have the more frequent spelling" in told.err and "1 copied box(es) were removed" in told.err
    assert main(["lint", str(folder), "--fix"]) == 0
    with Project.open(folder) as project:
        assert [region.id for region in project.regions("a.png")] == ["r1"]
        for _ in range(3):
            assert project.undo("") is not None
        assert [region.id for region in project.regions("a.png")] == ["r1", "copy", "r2"]
        assert project.regions("a.png")[2].category == "Cups"


@pytest.mark.parametrize("options", [[], ["--fix"], ["--json"]])
def test_a_folder_without_a_project_stays_so(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint", str(tmp_path), *options]) == 2
    assert "open the folder once" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
