"""Whether a project reads what is written in boxes."""

from __future__ import annotations

from pathlib import Path

import pytest

from roi_assistant.cli import main
from roi_assistant.core.edits import Edit
from roi_assistant.core.records import AttributeDefinition, AttributeSchema, ReadingText
from roi_assistant.storage.project import Project
from roi_assistant.storage.project_reading import project_reading, store_reading


@pytest.mark.parametrize("choice", ["yes", "no"])
def test_it_is_kept_and_taken_back(project: Project, choice: ReadingText) -> None:
    assert project_reading(project) == "if_possible"
    store_reading(project, choice)
    with Project.open(project.folder, read_only=True) as again:
        assert project_reading(again) == choice
    store_reading(project, "if_possible")
    assert project_reading(project) == "if_possible"


@pytest.mark.parametrize("text", ["", "maybe", "x" * 300_000])
def test_what_is_none_of_ours_is_passed_over(project: Project, text: str) -> None:
    with project.writing():
        project.database.execute("INSERT INTO meta (key, value) VALUES ('read_text', ?)", (text,))
    assert project_reading(project) == "if_possible"


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    with Project.open(folder) as opened:
        before = opened.schema
    assert main(["project", "reading", str(folder)]) == 0
    told = capsys.readouterr()
    assert told.out == "default\n" and "no attribute 'text'" in told.err
    with Project.open(folder) as opened:
        after = AttributeSchema("signs", (AttributeDefinition("text", "text"),))
        opened.apply(Edit("Change attributes", "", schema=(before, after)))
    for choice in ("on", "off", "default"):
        assert main(["project", "reading", str(folder), choice]) == 0
        told = capsys.readouterr()
        assert (told.out, told.err) == (f"{choice}\n", "")
    assert main(["project", "reading", str(folder), "perhaps"]) == 2
    assert main(["project", "reading", str(tmp_path / "nowhere")]) == 2
