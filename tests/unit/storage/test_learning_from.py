"""A project that starts with the words of another: copied, replaced, forgotten, damaged."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from roi_assistant.cli import main
from roi_assistant.core import review
from roi_assistant.errors import BadInputError
from roi_assistant.memory.borrowing import read_borrowed
from roi_assistant.storage import learned, region_features
from roi_assistant.storage.checking import check_project, repair
from roi_assistant.storage.learning_from import (
    LearningReport,
    forget_lessons,
    learn_from,
    learned_from,
    lessons_of_others,
)
from roi_assistant.storage.project import PROJECT_NAME, Project
from tests.unit.older_projects import make_older
from tests.unit.region_records import LATER, create, suggested

MODEL, OTHER_MODEL = "ab" * 32, "cd" * 32


def vector(number: float) -> bytes:
    return struct.pack("<2e", number, -number)


@pytest.fixture
def teacher(tmp_path: Path) -> Path:
    """Three decided regions, one of which no model has looked at, and one that waits."""
    folder = tmp_path / "mugs"
    folder.mkdir()
    decided = [review.accept(suggested(f"r{number}"), at=LATER) for number in range(3)]
    with Project.open(folder) as project:
        project.add_images(["a.jpg"])
        project.apply(create("a.jpg", *decided, suggested("waits")))
        project.store_features("a.jpg", {"r0": vector(0), "r1": vector(1), "waits": vector(9)}, model=MODEL)
    return folder


@pytest.fixture
def pupil(tmp_path: Path) -> Iterator[Project]:
    folder = tmp_path / "new"
    folder.mkdir()
    with Project.open(folder) as project:
        yield project


def taught(project: Project, *, model: str = MODEL) -> list[tuple[str, bytes]]:
    rows = lessons_of_others(project, model=model)
    return [
        (f"{source} {read_borrowed(row.lesson, source=source, number=0).category}", row.vector) for source, row in rows
    ]


def test_decided_regions_with_looks_teach(teacher: Path, pupil: Project) -> None:
    report = learn_from(pupil, teacher)
    assert report == LearningReport("mugs", lessons=2, unseen=1)
    assert [str(sentence) for sentence in report.sentences()] == [
        "2 regions of mugs teach this project.",
        "1 more were never looked at by a model: open mugs in the window, wait, and do this again.",
    ]
    category = suggested().category
    assert taught(pupil) == [(f"mugs {category}", vector(0)), (f"mugs {category}", vector(1))]
    assert taught(pupil, model=OTHER_MODEL) == []
    assert learn_from(pupil, teacher).lessons == 2 and len(taught(pupil)) == 2, "again: in place of before"
    assert learned_from(pupil) == {"mugs": 2}
    assert not check_project(pupil).problems


def test_what_was_learned_is_passed_on(teacher: Path, pupil: Project, tmp_path: Path) -> None:
    learn_from(pupil, teacher)
    third = tmp_path / "third"
    third.mkdir()
    with Project.open(third) as project:
        assert learn_from(project, pupil.path.parent).lessons == 2
        assert learned_from(project) == {"new": 2}


def test_it_can_be_forgotten_when_the_other_is_gone(teacher: Path, pupil: Project, tmp_path: Path) -> None:
    learn_from(pupil, teacher)
    teacher.rename(tmp_path / "elsewhere")
    assert len(taught(pupil)) == 2
    assert forget_lessons(pupil, tmp_path / "mugs") == 2
    assert taught(pupil) == []
    with pytest.raises(BadInputError, match="taught this project nothing"):
        forget_lessons(pupil, tmp_path / "mugs")


def test_no_other_project(teacher: Path, pupil: Project, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="give the folder of another project"):
        learn_from(pupil, tmp_path)
    with pytest.raises(BadInputError, match="is this project itself"):
        learn_from(pupil, pupil.path.parent)


def test_damaged_lessons_are_passed_over_and_repaired(teacher: Path, pupil: Project) -> None:
    learn_from(pupil, teacher)
    with sqlite3.connect(pupil.path) as db:
        for values in ((1, MODEL, "{}", vector(1)), ("mugs", MODEL, "{}", b"odd"), ("mugs", MODEL, b"x", vector(1))):
            db.execute("INSERT INTO learned (source, model, lesson, vector) VALUES (?, ?, ?, ?)", values)
    db.close()
    # Column affinity turns the 1 into a text: two are left that nobody can read.
    assert any("lessons of other projects that cannot be read: 2" in told for told in check_project(pupil).problems)
    assert len(list(lessons_of_others(pupil, model=MODEL))) == 3
    repair(pupil)
    assert not check_project(pupil).problems and learned.count_unusable(pupil.database) == 0


def test_a_file_of_before_has_learned_nothing(teacher: Path) -> None:
    make_older(teacher / PROJECT_NAME, 4)
    with Project.open(teacher, read_only=True) as project:
        assert learned_from(project) == {} and list(lessons_of_others(project, model=MODEL)) == []
        assert region_features.models(project.database) == (MODEL,)
    with Project.open(teacher) as project:
        assert learned_from(project) == {}


def test_the_command(teacher: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "photos"
    assert main(["project", "learn-from", str(folder), str(teacher)]) == 2
    assert "is not a folder" in capsys.readouterr().err
    folder.mkdir()
    assert main(["project", "learn-from", str(folder), str(teacher)]) == 0
    assert "2 regions of mugs teach this project." in capsys.readouterr().out
    assert main(["project", "info", str(folder)]) == 0
    assert "mugs (2 lessons)" in capsys.readouterr().out
    assert main(["project", "learn-from", str(folder), str(teacher), "--forget"]) == 0
    assert "2 lessons of" in capsys.readouterr().out
    assert main(["project", "learn-from", str(folder), str(teacher), "--forget"]) == 2
