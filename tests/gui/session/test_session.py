"""The session with a real project file and an engine that answers when it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeDefinition, AttributeSchema
from roi_assistant.engine.engine import Failed
from roi_assistant.storage.project import Project
from roi_assistant.ui.session.session import SessionOptions
from tests.gui.application_fixtures import make_photos, wait_for
from tests.gui.session.session_setup import Setup

BOX = Box(10, 10, 60, 60)
OTHER = Box(100, 100, 180, 160)


@pytest.fixture
def setup(tmp_path: Path, qapp: QApplication) -> Iterator[Setup]:
    made = Setup(make_photos(tmp_path / "photos"))
    yield made
    made.close()


def test_a_box_and_its_first_suggestion_are_one_edit(setup: Setup) -> None:
    session = setup.session
    id_ = session.edits.add_box(BOX)
    assert (session.image.selection, session.suggestions.pending, setup.texts) == ((id_,), {id_}, [""])
    setup.engine.answer(1, "a cup")
    setup.settle()
    assert (setup.texts, session.suggestions.pending) == (["a cup"], frozenset())
    assert session.image.regions[0].captions[0].provenance.model_id == "m"
    assert (session.history.state.undo_label, session.store.state) == ("Draw box", "saved")
    session.history.undo()
    setup.settle()
    assert session.image.regions == () and session.image.selection == ()
    session.history.redo()
    session.history.redo()
    setup.settle()
    assert setup.texts == ["a cup"]


def test_a_draft_is_shown_and_stored_only_when_it_is_acted_upon(setup: Setup) -> None:
    session = setup.session
    id_ = session.edits.add_box(BOX)
    setup.engine.answer(1, "a cup", partial=True)
    setup.settle()
    assert setup.texts == ["a cup"] and session.suggestions.pending == {id_}
    assert session.history.state.undo_label == "Draw box"
    session.edits.accept([id_])
    setup.settle()
    assert (setup.texts, session.image.regions[0].state, session.history.state.undo_label) == (
        ["a cup"],
        "accepted",
        "Accept",
    )
    setup.engine.answer(1, "a mug")  # the rest: an accepted caption stays
    setup.settle()
    assert setup.texts == ["a cup"] and session.image.regions[0].state == "accepted"


def test_an_answer_about_a_box_that_was_moved_or_deleted_is_dropped(setup: Setup) -> None:
    session = setup.session
    moved, deleted = session.edits.add_box(BOX), session.edits.add_box(OTHER)
    session.edits.change_boxes({moved: Box(20, 20, 90, 90)})
    session.edits.delete([deleted])
    setup.settle()
    assert setup.engine.cancelled == [2]
    setup.engine.answer(1, "about the old place")
    setup.engine.answer(2, "about nothing")
    setup.settle()
    assert setup.texts == [""]
    setup.engine.answer(3, "about the new place")  # asked when it was moved
    setup.settle()
    assert setup.texts == ["about the new place"]


def test_an_answer_for_an_image_that_was_left_finds_it(setup: Setup) -> None:
    session = setup.session
    session.edits.add_box(BOX)
    session.step_image(1)
    assert session.image.regions == () and session.suggestions.pending == frozenset()
    setup.engine.answer(1, "a cup")
    setup.settle()
    session.step_image(-1)
    wait_for(lambda: session.history.state is not None)
    assert setup.texts == ["a cup"]
    assert session.images.row("a.png").regions == 1


def test_what_is_not_asked_for_is_left_out(setup: Setup) -> None:
    session = setup.session
    session.options = SessionOptions(attribute_score=0.5)
    session.edits.add_box(BOX)
    session.edits.add_box(OTHER)
    setup.engine.answer(1, "likely", score=0.5)
    setup.engine.answer(2, "unlikely", score=0.4)
    setup.settle()
    assert [len(region.attributes) for region in session.image.regions] == [1, 0]
    assert setup.engine.requests[0].attributes == session.schema and session.schema.attributes


def test_without_suggestions_on_drawing_nothing_is_asked(setup: Setup) -> None:
    setup.session.options = SessionOptions(suggest_on_draw=False)
    id_ = setup.session.edits.add_box(BOX)
    assert setup.engine.asked == {}
    setup.session.suggestions.describe([id_])
    assert len(setup.engine.asked) == 1


def test_boxes_stay_inside_the_image(setup: Setup) -> None:
    session = setup.session
    id_ = session.edits.add_box(Box(350, 250, 900, 900))
    assert session.image.regions[0].box == Box(350, 250, 400, 300)
    assert session.edits.add_box(Box(500, 500, 600, 600)) == ""
    session.edits.change_boxes({id_: Box(-50, -50, 30, 40)})
    assert session.image.regions[0].box == Box(0, 0, 30, 40)
    session.edits.change_boxes({id_: Box(900, 900, 950, 950)})
    assert session.image.regions[0].box == Box(0, 0, 30, 40)


def test_copies_take_what_a_person_wrote_and_not_what_a_model_did(setup: Setup) -> None:
    session = setup.session
    first, second = session.edits.add_box(BOX), session.edits.add_box(OTHER)
    setup.engine.answer(1, "by a model")
    setup.engine.answer(2, "by a model")
    setup.settle()
    session.edits.edit_caption(second, "by hand")
    session.edits.copy([first, second])
    session.edits.paste()
    assert [region.box.x1 for region in session.image.regions] == [10, 100, 22, 112]
    assert setup.texts == ["by a model", "by hand", "", "by hand"]
    assert len({region.id for region in session.image.regions}) == 4
    session.step_image(1)
    wait_for(lambda: session.history.state is not None)
    session.copy_from_previous(words=False)
    wait_for(lambda: len(session.image.regions) == 4)
    assert session.image.regions[0].box == BOX and setup.texts == [""] * 4
    assert {region.state for region in session.image.regions} == {"suggested"}
    asked = len(setup.engine.asked)
    session.step_image(1)
    wait_for(lambda: session.history.state is not None)
    session.edits.copy_from("a.png", words=True)
    wait_for(lambda: len(session.image.regions) == 4)
    assert setup.texts == ["by a model", "by hand", "", "by hand"] and len(setup.engine.asked) == asked
    assert [region.state for region in session.image.regions] == ["suggested", "edited", "suggested", "edited"]


def test_boxes_are_copied_once_and_what_is_left_out_is_told(setup: Setup) -> None:
    session = setup.session
    session.set_image_size("a.png", 900, 300)
    session.edits.add_box(BOX)
    session.edits.add_box(Box(390, 10, 450, 60))
    outside = session.edits.add_box(Box(500, 10, 550, 60))
    session.edits.copy([outside])
    session.edits.paste()
    session.edits.paste()
    assert [region.box.x1 for region in session.image.regions[2:]] == [500, 512, 524]
    session.edits.reject([session.image.regions[3].id])
    session.step_image(1)
    wait_for(lambda: session.history.state is not None)
    session.set_image_size("b.png", 400, 300)
    session.copy_from_previous(words=False)
    wait_for(lambda: len(session.image.regions) == 2)
    assert session.image.regions[1].box == Box(390, 10, 400, 60)
    assert "outside this image: 2." in setup.notices[-1] and "cut off at the edge: 1." in setup.notices[-1]
    session.copy_from_previous(words=False)
    wait_for(lambda: "No box was added" in setup.notices[-1])
    assert "here already: 2." in setup.notices[-1] and len(session.image.regions) == 2
    session.edits.copy([session.image.regions[0].id])
    session.step_image(1)
    wait_for(lambda: session.history.state is not None)
    session.edits.paste()
    session.edits.paste()
    assert len(session.image.regions) == 1 and "here already: 1." in setup.notices[-1]


def test_a_suggestion_for_an_image_out_of_sight_is_part_of_the_box_too(setup: Setup) -> None:
    session = setup.session
    session.edits.add_box(BOX)
    session.edits.add_box(OTHER)
    session.step_image(1)
    wait_for(lambda: session.history.state is not None)
    setup.engine.answer(1, "a cup")
    setup.settle()
    session.step_image(-1)
    wait_for(lambda: session.history.state is not None)
    assert setup.texts == ["a cup", ""]
    session.history.undo()
    setup.settle()
    assert setup.texts == ["a cup"]
    session.history.undo()
    setup.settle()
    assert setup.texts == []
    session.history.redo()
    setup.settle()
    assert setup.texts == ["a cup"] and session.image.regions[0].state == "suggested"


def test_a_locked_box_is_neither_moved_nor_deleted(setup: Setup) -> None:
    session = setup.session
    id_ = session.edits.add_box(BOX)
    session.edits.set_locked([id_], True)
    session.edits.change_boxes({id_: OTHER})
    session.edits.delete([id_])
    assert [region.box for region in session.image.regions] == [BOX]
    assert "unlock" in setup.notices[-1].lower()
    session.edits.set_locked([id_], False)
    session.edits.delete([id_])
    assert session.image.regions == ()


def test_bad_values_are_said_and_change_nothing(setup: Setup) -> None:
    session = setup.session
    id_ = session.edits.add_box(BOX)
    session.history.set_schema(AttributeSchema("mine", (AttributeDefinition("color", "single", ("red", "blue")),)))
    session.edits.set_attribute(id_, "color", ("green",))
    assert "green" in setup.notices[-1] and session.image.regions[0].attributes == ()
    session.edits.set_attribute(id_, "color", ("RED",))
    assert session.image.regions[0].attributes[0].values == ("red",)
    session.edits.edit_caption(id_, "   ")
    assert "words" in setup.notices[-1]
    session.edits.choose_alternative(id_, 4)
    assert "no alternative 5" in setup.notices[-1]


def test_the_schema_has_its_own_undo(setup: Setup) -> None:
    session, before = setup.session, setup.session.schema
    session.history.set_schema(AttributeSchema("mine"))
    session.edits.add_box(BOX)
    session.history.undo("")
    setup.settle()
    assert session.schema == before and len(session.image.regions) == 1
    session.history.undo("")
    setup.settle()
    assert "nothing to undo" in setup.notices[-1], "the attributes that a new project begins with are no edit"
    assert session.schema == before


def test_a_value_joins_the_list_of_its_attribute_and_leaves_it_again(setup: Setup) -> None:
    session = setup.session
    session.history.set_schema(paints("color"))
    id_ = session.edits.add_box(BOX)
    session.edits.extend_list("color", ("teal",))
    session.edits.set_attribute(id_, "color", ("teal",))
    assert session.schema.attributes[0].values == ("red", "blue", "teal")
    assert session.image.regions[0].attributes[0].values == ("teal",)
    edits = len(setup.notices)
    session.edits.extend_list("hue", ("teal",))
    assert "hue" in setup.notices[-1] and len(setup.notices) == edits + 1
    session.history.undo("")
    setup.settle()
    assert session.schema == paints("color")
    assert session.image.regions[0].attributes[0].values == ("teal",), "what was said of the region stays"
    session.history.redo("")
    setup.settle()
    assert session.schema.attributes[0].values == ("red", "blue", "teal")


def paints(name: str) -> AttributeSchema:
    """A schema with one attribute, which is called ``name``."""
    return AttributeSchema("mine", (AttributeDefinition(name, "single", ("red", "blue")),))


def test_a_renamed_attribute_keeps_its_values(setup: Setup) -> None:
    session = setup.session
    color, hue = paints("color"), paints("hue")
    session.history.set_schema(color)
    id_ = session.edits.add_box(BOX)
    session.edits.set_attribute(id_, "color", ("red",))
    session.history.set_schema(hue, renamed=(("color", "hue"),))
    session.edits.set_attribute(id_, "hue", ("blue",))  # waits for the new names
    wait_for(lambda: session.image.regions and session.image.regions[0].attributes[0].values == ("blue",))
    assert [attribute.name for attribute in session.image.regions[0].attributes] == ["hue"]
    setup.settle()
    session.history.undo("")
    wait_for(lambda: [attribute.name for attribute in session.image.regions[0].attributes] == ["color"])
    assert session.schema == color and setup.notices == []


def test_what_was_copied_is_pasted_under_the_names_of_now(setup: Setup) -> None:
    session = setup.session
    color, hue = paints("color"), paints("hue")
    session.history.set_schema(color)
    id_ = session.edits.add_box(BOX)
    session.edits.set_attribute(id_, "color", ("red",))
    session.edits.copy([id_])
    session.history.set_schema(hue, renamed=(("color", "hue"),))
    setup.settle()
    session.edits.paste()
    setup.settle()
    assert [[attribute.name for attribute in region.attributes] for region in session.image.regions] == [
        ["hue"],
        ["hue"],
    ]
    session.history.undo("")
    setup.settle()
    session.edits.paste()
    setup.settle()
    assert [region.attributes[0].name for region in session.image.regions] == ["color"] * 3


def test_what_was_asked_under_an_old_name_arrives_under_the_new_one(setup: Setup) -> None:
    def names() -> list[str]:
        return [attribute.name for region in session.image.regions for attribute in region.attributes]

    session = setup.session
    session.history.set_schema(paints("color"))
    session.edits.add_box(BOX)
    session.edits.add_box(OTHER)
    session.step_image(1)
    wait_for(lambda: setup.session.history.state is not None)
    session.edits.add_box(BOX)
    session.history.set_schema(paints("hue"), renamed=(("color", "hue"),))
    session.history.set_schema(paints("tint"), renamed=(("hue", "tint"),))
    setup.settle()
    setup.engine.answer(3, "in sight")
    setup.engine.answer(1, "on another image")
    wait_for(lambda: setup.texts == ["in sight"])
    setup.settle()
    assert names() == ["tint"]
    session.suggestions.describe([session.image.regions[0].id])
    session.history.undo("")  # and before it is done:
    setup.engine.answer(4, "asked twice", attribute="tint")
    setup.engine.answer(2, "on another image")
    wait_for(lambda: session.schema == paints("hue") and setup.texts == ["asked twice"])
    assert names() == ["hue"]
    setup.settle()
    session.open_image("a.png")
    wait_for(lambda: setup.texts == ["on another image"] * 2)
    assert names() == ["hue", "hue"]


def test_an_edit_while_an_image_is_read_waits_for_it(setup: Setup) -> None:
    session = setup.session
    session.step_image(1)
    session.edits.add_box(BOX)  # its regions are not there yet
    assert session.image.regions == ()
    wait_for(lambda: len(session.image.regions) == 1)
    setup.settle()
    with Project.open(setup.folder, read_only=True) as project:
        assert len(project.regions("b.png")) == 1


def test_going_about(setup: Setup) -> None:
    session = setup.session
    ids = [session.edits.add_box(Box(n, n, n + 50, n + 50)) for n in (1, 2, 3)]
    session.image.select([])
    for step, expected in ((1, ids[0]), (1, ids[1]), (1, ids[2]), (1, ids[0]), (-1, ids[2])):
        session.image.step_region(step)
        assert session.image.selection == (expected,)
    assert [session.image.number(id_) for id_ in (*ids, "other")] == [1, 2, 3, 0]
    session.step_image(-5)
    assert session.image.key == "a.png"
    session.step_image(5)
    assert session.image.key == "inner/c.png"
    assert setup.engine.prefetched == ["c.png", "b.png"]


def test_reads_see_the_edits_before_them_and_cannot_write(setup: Setup) -> None:
    session = setup.session
    for n in range(5):
        session.edits.add_box(Box(n, n, n + 30, n + 30))
    counts: list[int] = []
    session.store.read(lambda project: len(project.regions("a.png")), counts.append)
    wait_for(lambda: counts)
    assert counts == [5]
    errors: list[Exception] = []
    session.store.read(lambda project: project.add_images(["x.png"]), None, errors.append)
    wait_for(lambda: errors)
    assert "read-only" in str(errors[0])


def test_writes_beside_the_edits_count_as_saving_until_the_last_is_stored(setup: Setup) -> None:
    session = setup.session
    states: list[str] = []
    session.store.stateChanged.connect(states.append)
    session.edits.add_box(Box(1, 1, 30, 30))
    session.store.change(lambda project: project.set_image_problem("b.png", "odd"), None, lambda error: None)
    setup.settle()
    wait_for(lambda: session.store.state == "saved", "the last write, which has a failure handler of its own")
    assert states == ["saving", "saved"]
    failures: list[Exception] = []
    session.store.change(lambda project: project.set_image_problem("/outside", ""), None, failures.append)
    wait_for(lambda: failures and session.store.state != "saving", "a write that fails")


def test_a_job_reports_and_can_be_cancelled(setup: Setup) -> None:
    session = setup.session
    answers: list[int] = []
    id_ = session.jobs.run("Count", lambda project, control: control.progress(3, 3) or 3, answers.append)
    wait_for(lambda: answers == [3])
    assert next(job for job in session.jobs.statuses if job.id == id_).state == "done"

    def forever(_project: Project, control: Any) -> None:
        while True:
            control.progress(1, 100)

    id_ = session.jobs.run("Forever", forever)
    wait_for(lambda: any(job.id == id_ and job.done == 1 for job in session.jobs.statuses))
    session.jobs.cancel(id_)
    wait_for(lambda: next(job for job in session.jobs.statuses if job.id == id_).state == "cancelled")


def test_a_batch_describes_what_waits_and_gives_up_when_nothing_works(setup: Setup) -> None:
    session = setup.session
    session.options = SessionOptions(suggest_on_draw=False)
    accepted, waiting = session.edits.add_box(BOX), session.edits.add_box(OTHER)
    session.edits.edit_caption(accepted, "by hand")
    setup.settle()
    session.batches.start()
    wait_for(lambda: setup.engine.asked)
    assert setup.engine.asked[1] == (setup.folder / "a.png", (OTHER,))
    setup.engine.answer(1, "by a model")
    wait_for(lambda: session.jobs.statuses[-1].state == "done")
    setup.settle()
    assert setup.texts == ["by hand", "by a model"]
    session.suggestions.describe([waiting])
    setup.engine.on_event(Failed(2, "No luck."))
    wait_for(lambda: "No luck." in setup.notices)


def test_closing_stores_everything_first(setup: Setup) -> None:
    for n in range(30):
        setup.session.edits.add_box(Box(n, n, n + 30, n + 30))
    setup.close()
    assert setup.session.folder is None and setup.session.image.regions == ()
    with Project.open(setup.folder) as project:
        assert len(project.regions("a.png")) == 30


def test_a_filter_limits_the_list(setup: Setup) -> None:
    from roi_assistant.storage.records import ImageFilter

    session = setup.session
    session.edits.add_box(BOX)
    session.images.set_filter(ImageFilter(only_with_regions=True))
    wait_for(lambda: list(session.images.keys) == ["a.png"])
    session.images.set_filter(None)
    wait_for(lambda: len(session.images.keys) == 3)


def test_what_people_said_of_a_category_is_offered_for_the_next_region(setup: Setup) -> None:
    session, told = setup.session, []
    session.edits.earlier.changed.connect(lambda: told.append(True))
    first, second = session.edits.add_box(BOX), session.edits.add_box(OTHER)
    for id_ in (first, second):
        session.edits.set_category(id_, "cup")
    session.edits.edit_caption(first, "a chipped cup")

    def offered(id_: str) -> tuple[str, ...]:
        region = session.image.region(id_)
        assert region is not None
        return session.edits.offers(region).earlier

    wait_for(lambda: offered(second) == ("a chipped cup",), "the answer of the project")
    assert told and offered(first) == (), "its own words are no offer"
    session.edits.choose_alternative(second, 0)
    assert setup.texts == ["a chipped cup", "a chipped cup"]
    session.edits.choose_alternative(second, 0)
    assert "no alternative 1" in setup.notices[-1]
