"""What a project asks models for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from roi_assistant.cli import main
from roi_assistant.core.records import Prompts
from roi_assistant.storage.project import Project
from roi_assistant.storage.project_prompts import project_prompts, store_prompts

OWN = replace(Prompts(), phrase="kurz", attributes=(("color", "welche Farbe?"),))


def test_they_are_kept_and_taken_back(project: Project) -> None:
    assert project_prompts(project) is None
    store_prompts(project, OWN)
    with Project.open(project.folder, read_only=True) as again:
        assert project_prompts(again) == OWN
    store_prompts(project, Prompts())
    assert project_prompts(project) is None, "the program's own are not stored: they may get better"
    store_prompts(project, OWN)
    store_prompts(project, None)
    assert project_prompts(project) is None


@pytest.mark.parametrize("text", ["", "[]", '{"phrase": 1}', "[" * 9999, '{"phrase": "' + "x" * 300_000 + '"}'])
def test_what_is_none_of_ours_is_passed_over(project: Project, text: str) -> None:
    with project.writing():
        project.database.execute("INSERT INTO meta (key, value) VALUES ('prompts', ?)", (text,))
    assert project_prompts(project) is None


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, file = tmp_path / "photos", tmp_path / "prompts.json"
    folder.mkdir()
    Project.open(folder).close()
    assert main(["project", "prompts", str(folder)]) == 0
    assert json.loads(capsys.readouterr().out)["phrase"] == Prompts().phrase
    file.write_text(json.dumps({"phrase": "kurz"}))
    assert main(["project", "prompts", str(folder), "--set", str(file)]) == 0
    assert json.loads(capsys.readouterr().out)["phrase"] == "kurz"
    file.write_text(json.dumps({"task": "no place"}))
    assert main(["project", "prompts", str(folder), "--set", str(file)]) == 2
    assert "does not hold <region>" in capsys.readouterr().err
    assert main(["project", "prompts", str(folder), "--clear"]) == 0
    assert json.loads(capsys.readouterr().out)["phrase"] == Prompts().phrase
