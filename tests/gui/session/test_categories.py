"""What the session knows of categories: armed, hidden, digits, a closed list, and changes of the whole project."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.edits import CategoryMove
from roi_assistant.core.records import Caption, RegionText, ScoredText
from roi_assistant.storage.project import Project
from tests.gui.fake_session import FakeSession, make_region
from tests.unit.region_records import MINI, create

BOX = Box(10, 10, 60, 60)


@pytest.fixture
def project(tmp_path: Path, qapp: QApplication) -> Iterator[Project]:
    with Project.open(tmp_path) as opened:
        cats = [make_region("a"), make_region("b")]
        opened.apply(create("cat.jpg", *cats, make_region("c", (("a dog", 0.5),), category="dog")), undoable=False)
        yield opened


@pytest.fixture
def session(project: Project) -> FakeSession:
    session = FakeSession(project=project)
    session.categories.refresh()
    return session


def categories(session: FakeSession) -> list[str | None]:
    return [region.category for region in session.image.regions]


def test_the_next_boxes_get_the_armed_category_as_a_persons(session: FakeSession) -> None:
    session.categories.arm("dog")
    region = session.image.region(session.edits.add_box(BOX))
    assert region is not None and (region.category, region.state) == ("dog", "suggested")
    assert region.category_provenance is not None and region.category_provenance.author == "human"
    session.suggestions.keep("cat.jpg", [(region.id, region.box, RegionText(BOX, ScoredText("a wolf", 0.9)))])
    kept = session.image.region(region.id)
    assert kept is not None and kept.category == "dog" and kept.captions[0].text == "a wolf"
    session.categories.toggle_armed("dog")
    after = session.image.region(session.edits.add_box(BOX))
    assert after is not None and after.category is None


def test_drawing_with_a_category_is_one_step(session: FakeSession) -> None:
    session.categories.arm("dog")
    session.edits.add_box(BOX)
    session.history.undo()
    assert len(session.image.regions) == 3


def test_counts_follow_what_is_done(session: FakeSession) -> None:
    assert session.categories.counts == {"": 0, "cat": 2, "dog": 1}
    session.edits.set_category("a", "dog")
    session.categories.refresh()
    assert session.categories.names == ("dog", "cat")


def test_a_digit_stays_with_its_category(session: FakeSession) -> None:
    assert session.categories.digits[:2] == ("cat", "dog")
    for id_ in ("a", "b"):
        session.edits.set_category(id_, "dog")
    session.categories.refresh()
    assert session.categories.digits[:2] == ("", "dog")
    session.categories.toggle_digit(2)
    assert session.categories.armed == "dog"
    session.categories.set_digit("dog", 7)
    assert session.categories.digits[6] == "dog" and session.categories.digits.count("dog") == 1


def test_a_new_name_reaches_the_image_in_sight_and_what_is_armed(session: FakeSession) -> None:
    told: list[str] = []
    session.categories.told.connect(told.append)
    session.categories.arm("cat")
    session.categories.rename("cat", "  feline ")
    assert categories(session) == ["feline", "feline", "dog"]
    assert session.categories.armed == "feline" and told[-1] == "“cat” is called “feline” now."
    assert session.categories.digits[0] == "feline"
    session.categories.undo()
    assert categories(session) == ["cat", "cat", "dog"]


def test_merging_splitting_and_deleting_say_how_many(session: FakeSession) -> None:
    told: list[str] = []
    session.categories.told.connect(told.append)
    session.categories.merge(("cat", "dog"), "dog")
    assert categories(session) == ["dog"] * 3 and told[-1].startswith("2 region")
    counted: list[int] = []
    move = CategoryMove("dog", "cat", containing="gray")
    session.categories.count_move(move, counted.append)
    session.categories.split(move)
    assert counted == [2] and categories(session) == ["cat", "cat", "dog"]
    session.categories.delete(("cat",))
    assert categories(session) == [None, None, "dog"]
    assert told[-1].startswith("“cat” deleted: 2 region")
    for _ in range(3):
        session.categories.undo()
    assert categories(session) == ["cat", "cat", "dog"]


def test_a_closed_list_refuses_and_takes_what_was_added(session: FakeSession) -> None:
    session.categories.set_closed(True)
    assert session.categories.list.names == ("cat", "dog")
    session.edits.set_category("a", "bird")
    assert categories(session)[0] == "cat" and "not in the list" in session.notices[-1]
    session.categories.arm("bird")
    assert session.categories.armed == "" and len(session.notices) == 2
    session.categories.add(("bird",))
    session.edits.set_category("a", "BIRD")
    assert categories(session)[0] == "bird"


def test_a_suggestion_gets_the_nearest_name_of_a_closed_list(session: FakeSession) -> None:
    session.categories.set_closed(True)
    region = session.image.regions[0]
    text = RegionText(region.box, ScoredText("a dalmatian", 0.9), category=ScoredText("dalmatian", 0.8))
    session.suggestions.keep("cat.jpg", [(region.id, region.box, text)])
    suggested = session.image.regions[0]
    assert suggested.category == "dog" and suggested.category_alternatives[0].text == "dalmatian"


def test_what_is_outside_the_list_can_wait_but_not_be_accepted(session: FakeSession) -> None:
    session.categories.set_closed(True)
    session.categories.take_off(("cat",))
    session.edits.accept(("a", "c"))
    assert [region.state for region in session.image.regions] == ["suggested", "suggested", "accepted"]
    assert "'cat' is not in the list" in session.notices[-1]


def test_the_category_of_a_caption_is_the_nearest_of_a_closed_list(session: FakeSession) -> None:
    session.categories.set_closed(True)
    session.edits.edit_caption("a", "a dalmatian")
    session.edits.edit_caption("b", "a bathtub")
    assert categories(session) == ["dog", None, "dog"] and not session.notices
    puppy = replace(session.image.regions[2], captions=(Caption("a puppy", MINI, 0.5, preferred=True),), category="cat")
    assert session.categories.fitted(puppy, session.edits.with_acceptance(puppy)).category == "dog"


def test_hiding(session: FakeSession) -> None:
    session.categories.show_only(("dog",))
    assert session.categories.hidden == {"cat", ""}
    session.categories.arm("cat")
    assert session.categories.hidden == {""}
    session.categories.show_all()
    assert not session.categories.hidden


def test_another_project_begins_with_nothing(session: FakeSession) -> None:
    session.categories.arm("cat")
    session.categories.toggle_hidden(("dog",))
    session.categories.reset()
    assert (session.categories.armed, session.categories.hidden, session.categories.names) == ("", frozenset(), ())
