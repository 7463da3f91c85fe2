"""A project that learns: what was corrected changes the next suggestion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import Region
from roi_assistant.memory.vectors import packed
from roi_assistant.storage.project import Project
from roi_assistant.ui.session import memory
from roi_assistant.ui.session.options import SessionOptions
from tests.gui.application_fixtures import make_photos, wait_for
from tests.gui.session.session_setup import INFO, Setup

DIMENSIONS = 8


def looks(kind: int, number: int = 0) -> str:
    """Things of a kind look alike, nearly."""
    vector = np.full(DIMENSIONS, 0.02 * number, np.float32)
    vector[kind] = 1
    return packed(vector / np.linalg.norm(vector))


FORK, CUP = looks(0), looks(1)


@pytest.fixture
def setup(tmp_path: Path, qapp: QApplication) -> Iterator[Setup]:
    made = Setup(make_photos(tmp_path / "photos"))
    yield made
    made.close()


def drawn(setup: Setup, *, features: str, number: int, words: str = "a spoon", category: str = "spoon") -> str:
    """The id of a new box of which the model says ``words``."""
    id_: str = setup.session.edits.add_box(Box(10 * number + 1, 10, 10 * number + 9, 60))
    setup.engine.answer(len(setup.engine.asked), words, category=category, features=features)
    setup.settle()
    return id_


def correct(setup: Setup, id_: str, words: str) -> None:
    setup.session.image.select((id_,))
    setup.session.edits.edit_caption(id_, words)
    setup.settle()


def teach(setup: Setup, count: int = 3) -> list[str]:
    taught = []
    for number in range(count):
        taught.append(drawn(setup, features=looks(0, number), number=number))
        correct(setup, taught[-1], "a fork")
    return taught


def said(setup: Setup, id_: str) -> tuple[str, str | None]:
    region = next(region for region in setup.session.image.regions if region.id == id_)
    return region.captions[0].text, region.category


def test_three_corrections_change_the_fourth_suggestion(setup: Setup) -> None:
    taught = teach(setup)
    assert setup.session.memory.lessons == 3
    fourth = drawn(setup, features=looks(0, 4), number=5)
    assert said(setup, fourth) == ("a fork", "fork")
    region = setup.session.image.regions[-1]
    assert {key.region for key in region.like} == set(taught) and {key.image for key in region.like} == {"a.png"}
    assert region.captions[0].provenance.decoding == "beam, memory of 3 regions"
    assert region.state == "suggested" and "a spoon" in [caption.text for caption in region.captions]
    other = drawn(setup, features=CUP, number=6, words="a cup", category="cup")
    assert said(setup, other) == ("a cup", "cup"), "what looks unlike stays as the model says"


def test_a_category_teaches_at_once(setup: Setup) -> None:
    id_ = drawn(setup, features=FORK, number=1)
    setup.session.image.select((id_,))
    setup.session.edits.set_category(id_, "fork")
    setup.settle()
    assert setup.session.memory.lessons == 1
    assert said(setup, drawn(setup, features=looks(0, 1), number=3)) == ("a fork", "fork")


def test_captions_say_the_place_as_hers_do(setup: Setup, tmp_path: Path) -> None:
    """Six forks, at the left and at the right of an image of 400 pixels; also after a new start."""
    for number, (left, row) in enumerate([(0, 20), (0, 120), (0, 220), (300, 20), (300, 120), (300, 220)]):
        id_ = setup.session.edits.add_box(Box(left + 10, row, left + 60, row + 50))
        setup.engine.answer(len(setup.engine.asked), "a fork", category="fork", features=looks(0, number))
        setup.settle()
        correct(setup, id_, "fork, links" if left == 0 else "fork, rechts")

    def next_at(left: float) -> str:
        setup.session.edits.add_box(Box(left, 130, left + 40, 190))
        setup.engine.answer(len(setup.engine.asked), "a cup", category="cup", features=CUP)
        setup.settle()
        return setup.session.image.regions[-1].captions[0].text

    assert [next_at(30), next_at(330), next_at(180)] == ["cup, links", "cup, rechts", "a cup"]
    setup.session.close_project()
    assert setup.session.store.wait_closed(30)
    setup.session.open_folder(tmp_path / "photos")
    wait_for(lambda: setup.session.memory.lessons == 6, "the lessons of before")
    wait_for(lambda: len(setup.session.image.regions) == 9)
    assert next_at(40) == "cup, links"


def test_a_draft_says_it_already(setup: Setup) -> None:
    teach(setup)
    setup.session.edits.add_box(Box(200, 10, 240, 60))
    setup.engine.answer(len(setup.engine.asked), "a spoon", category="spoon", features=FORK, partial=True)
    setup.settle()
    assert setup.texts[-1] == "a fork"


def test_undoing_the_correction_takes_its_lesson_away(setup: Setup) -> None:
    id_ = teach(setup, 1)[0]
    setup.session.history.undo()
    setup.settle()
    wait_for(lambda: setup.session.memory.lessons == 0)
    assert said(setup, drawn(setup, features=FORK, number=5)) == ("a spoon", "spoon")
    setup.session.edits.delete([id_])
    setup.settle()
    assert setup.session.memory.lessons == 0


def test_without_memory_the_model_is_believed(setup: Setup) -> None:
    teach(setup)
    setup.session.options = SessionOptions(memory=False)
    assert said(setup, drawn(setup, features=FORK, number=5)) == ("a spoon", "spoon")


def test_it_is_there_after_a_new_start(setup: Setup, tmp_path: Path) -> None:
    teach(setup)
    setup.session.close_project()
    assert setup.session.store.wait_closed(30) and setup.session.memory.lessons == 0
    with Project.open(tmp_path / "photos", read_only=True) as project:
        assert len(list(project.features(model=INFO.weights_sha256))) == 3
    setup.session.open_folder(tmp_path / "photos")
    wait_for(lambda: setup.session.memory.lessons == 3, "the lessons of before")
    wait_for(lambda: setup.session.history.state is not None and len(setup.session.image.regions) == 3)
    setup.session.set_image_size("a.png", 400, 300)
    fourth = drawn(setup, features=FORK, number=7)
    assert said(setup, fourth) == ("a fork", "fork")


def test_a_project_starts_with_the_words_of_another(setup: Setup, tmp_path: Path) -> None:
    teach(setup)
    setup.session.close_project()
    assert setup.session.store.wait_closed(30)
    new = make_photos(tmp_path / "new")
    setup.session.open_folder(new)
    wait_for(lambda: setup.session.history.state is not None)
    setup.session.set_image_size("a.png", 400, 300)
    setup.session.memory.learn_from(tmp_path / "photos")
    wait_for(lambda: setup.session.memory.lessons == 3, "the lessons of the other project")
    assert setup.notices[-1] == "3 regions of photos teach this project."
    first = drawn(setup, features=FORK, number=1)
    assert said(setup, first) == ("a fork", "fork")
    region = setup.session.image.regions[-1]
    assert region.like == () and region.captions[0].provenance.decoding == "beam, memory of 3 regions of photos"
    told = len(setup.notices)
    setup.session.memory.learn_from(tmp_path)
    wait_for(lambda: len(setup.notices) > told)
    assert "has no project.roi" in setup.notices[-1]


def test_a_decision_before_the_answer_teaches_when_the_answer_comes(setup: Setup) -> None:
    id_ = setup.session.edits.add_box(Box(1, 10, 9, 60))
    setup.session.edits.edit_caption(id_, "a fork")
    setup.settle()
    assert setup.session.memory.lessons == 0
    setup.engine.answer(1, "a spoon", category="spoon", features=FORK)
    setup.settle()
    assert said(setup, drawn(setup, features=FORK, number=5))[0] == "a fork"


def test_features_that_are_none_cost_nothing(setup: Setup) -> None:
    teach(setup)
    for number, odd in enumerate(("!", "AAA=", packed(np.ones(3, np.float32)))):
        id_ = drawn(setup, features=odd, number=10 + number)
        assert said(setup, id_) == ("a spoon", "spoon")
    assert setup.session.memory.lessons == 3 and not setup.notices


def test_captions_come_in_the_form_in_which_she_writes_them(setup: Setup) -> None:
    for number in range(6):
        id_ = drawn(setup, features=looks(0, number), number=number)
        correct(setup, id_, "fork, red")
    assert said(setup, drawn(setup, features=CUP, number=8, words="a cup", category="cup"))[0] == "cup, red"
    assert setup.session.image.regions[-1].captions[1].text == "a cup"


def test_a_large_edit_is_read_beside_the_window(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [drawn(setup, features=looks(0, number), number=number) for number in range(3)]
    monkeypatch.setattr(memory, "MOST_AT_ONCE", 2)
    setup.session.edits.accept(ids)
    assert setup.session.memory.lessons == 0
    wait_for(lambda: setup.session.memory.lessons == 3, "the lessons")
    setup.session.edits.delete(ids)
    wait_for(lambda: setup.session.memory.lessons == 0, "the regions are gone")
    setup.session.history.undo()
    setup.settle()
    assert setup.session.memory.lessons == 0, "nobody has looked at them since they came back"


def test_regions_of_before_are_looked_at_behind_other_work(tmp_path: Path, qapp: QApplication) -> None:
    """Two that were accepted without a look, one that only waits: the first two teach."""
    folder = make_photos(tmp_path / "photos")
    with Project.open(folder) as project:
        project.add_images(["b.png"])
        boxes = [Box(10 * n, 10, 10 * n + 9, 60) for n in range(1, 4)]
        regions = [Region(f"r{n}", box, category="fork", state="accepted") for n, box in enumerate(boxes)]
        regions[2] = replace(regions[2], state="suggested")
        project.apply(Edit("Import", "b.png", tuple(RegionChange("b.png", None, region) for region in regions)))
    setup = Setup(folder)
    try:
        wait_for(lambda: setup.engine.asked, "the question")
        path, asked = setup.engine.asked[1]
        assert (path.name, asked) == ("b.png", tuple(boxes[:2]))
        setup.engine.answer(1, "whatever", features=FORK)
        setup.settle()
        assert setup.session.memory.lessons == 2
        fourth = drawn(setup, features=FORK, number=7)
        assert said(setup, fourth) == ("a fork", "fork")
    finally:
        setup.close()
