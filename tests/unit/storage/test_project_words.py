"""What a project lets a detector look for."""

from __future__ import annotations

import pytest

from roi_assistant.errors import ProjectError
from roi_assistant.storage.project import Project
from roi_assistant.storage.project_words import LONGEST, project_words, store_words


def test_words_are_kept_and_taken_back(project: Project) -> None:
    assert project_words(project) == ""
    store_words(project, "red car, 交通标志")
    store_words(project, "red car, 红绿灯")
    with Project.open(project.folder, read_only=True) as again:
        assert project_words(again) == "red car, 红绿灯"
    store_words(project, "")
    assert project_words(project) == ""
    assert not project.database.execute("SELECT * FROM meta WHERE key = 'look_for'").fetchall(), "nothing is left"


def test_a_long_text_is_cut_and_a_longer_one_of_others_is_passed_over(project: Project) -> None:
    store_words(project, "x" * (LONGEST + 5))
    assert project_words(project) == "x" * LONGEST
    with project.writing():
        project.database.execute("UPDATE meta SET value = ? WHERE key = 'look_for'", ("y" * 300_000,))
    assert project_words(project) == ""


def test_a_project_that_is_open_for_reading_only(project: Project) -> None:
    store_words(project, "cat")
    with (
        Project.open(project.folder, read_only=True) as again,
        pytest.raises(ProjectError, match="is open read-only"),
    ):
        store_words(again, "dog")
    assert project_words(project) == "cat"
