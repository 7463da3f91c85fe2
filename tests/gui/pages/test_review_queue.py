"""The review queue on a real project file: by keyboard from the first suggestion to the last."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.answers import with_answer
from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import Answer, AttributeDefinition, AttributeSchema, Provenance, Region
from roi_assistant.core.review import preferred_caption
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import QueueFilter, QueueItem
from roi_assistant.ui.look.thumbnails import crop_window
from roi_assistant.ui.pages import review_queue
from roi_assistant.ui.pages.review_deck import ReviewDeck
from roi_assistant.ui.pages.review_queue import ReviewQueue
from tests.gui.fake_session import FakeSession, make_region

SCHEMA = AttributeSchema("test", (AttributeDefinition("size", "single", ("small", "large")),))
SCORES = {"c.jpg": 0.2, "a.jpg": 0.4, "b.jpg": 0.6}
"""The least certain suggestion is not on the first image."""


def add(project: Project, image: str, regions: Iterable[Region]) -> None:
    project.apply(Edit("Draw box", image, tuple(RegionChange(image, None, region) for region in regions)))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path, backup=False) as project:
        project.add_images(sorted(SCORES))
        for image, score in SCORES.items():
            texts = ((f"a thing of {image}", score), ("another", 0.1))
            add(project, image, [replace(make_region(f"r-{image}", texts, category=None), category_alternatives=())])
        yield project


@pytest.fixture
def session(qapp: QApplication, project: Project, tmp_path: Path) -> FakeSession:
    return FakeSession(project=project, folder=tmp_path, schema=SCHEMA, key="")


@pytest.fixture
def queue(session: FakeSession) -> Iterator[ReviewQueue]:
    queue = ReviewQueue(session)
    queue.resize(1000, 700)
    queue.show()
    yield queue
    queue.close()
    queue.close_pictures()


def stored(project: Project, image: str) -> tuple[str, str]:
    region = project.regions(image)[0]
    caption = preferred_caption(region)
    return region.state, caption.text if caption else ""


def press(queue: ReviewQueue, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(queue, key)


def here(queue: ReviewQueue) -> str:
    return queue.deck.current.image if queue.deck.current else ""


def test_by_keyboard_from_start_to_end(queue: ReviewQueue, project: Project) -> None:
    assert here(queue) == "c.jpg"
    press(queue, Qt.Key.Key_Return)
    assert here(queue) == "a.jpg"
    press(queue, Qt.Key.Key_1)
    assert here(queue) == "b.jpg"
    press(queue, Qt.Key.Key_E)
    queue.caption.selectAll()
    QTest.keyClicks(queue.caption, "my words")
    QTest.keyClick(queue.caption, Qt.Key.Key_Return)
    assert here(queue) == ""
    assert stored(project, "c.jpg") == ("accepted", "a thing of c.jpg")
    assert stored(project, "a.jpg") == ("accepted", "another")
    assert stored(project, "b.jpg") == ("edited", "my words")
    assert project.review_queue() == []
    assert "3 decided" in queue.bar.progress.text() and "0 left" in queue.bar.progress.text()


def test_reject_undo_and_the_figures(queue: ReviewQueue, project: Project) -> None:
    press(queue, Qt.Key.Key_X, Qt.Key.Key_A)
    assert stored(project, "c.jpg")[0] == "rejected" and stored(project, "a.jpg")[0] == "accepted"
    assert "1 left" in queue.bar.progress.text()
    press(queue, Qt.Key.Key_U, Qt.Key.Key_U, Qt.Key.Key_U)
    assert {stored(project, image)[0] for image in SCORES} == {"suggested"}
    assert here(queue) == "c.jpg" and queue.deck.done == 0 and "3 left" in queue.bar.progress.text()


def test_next_and_previous_change_nothing(queue: ReviewQueue, project: Project) -> None:
    press(queue, Qt.Key.Key_J, Qt.Key.Key_J, Qt.Key.Key_K)
    assert here(queue) == "a.jpg"
    press(queue, Qt.Key.Key_K, Qt.Key.Key_K)
    assert here(queue) == "c.jpg"
    press(queue, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_J, Qt.Key.Key_J)
    assert here(queue) == "" and not queue.deck.decisions
    assert len(project.review_queue()) == 3


def test_escape_and_unchanged_words(queue: ReviewQueue, project: Project) -> None:
    press(queue, Qt.Key.Key_E)
    QTest.keyClicks(queue.caption, "x")
    QTest.keyClick(queue.caption, Qt.Key.Key_Escape)
    assert here(queue) == "c.jpg" and stored(project, "c.jpg") == ("suggested", "a thing of c.jpg")
    press(queue, Qt.Key.Key_E)
    QTest.keyClick(queue.caption, Qt.Key.Key_Return)
    assert here(queue) == "a.jpg" and stored(project, "c.jpg") == ("accepted", "a thing of c.jpg")


def test_category_and_attributes_are_edits_and_stay_at_the_region(queue: ReviewQueue, project: Project) -> None:
    press(queue, Qt.Key.Key_C)
    QTest.keyClicks(queue.category.line, "mug")
    QTest.keyClick(queue.category.line, Qt.Key.Key_Return)
    queue.attributes.valuesChosen.emit("size", ("small",))
    assert here(queue) == "c.jpg"
    press(queue, Qt.Key.Key_Return)
    region = project.regions("c.jpg")[0]
    assert (region.category, region.attributes[0].values, region.state) == ("mug", ("small",), "accepted")
    press(queue, Qt.Key.Key_U, Qt.Key.Key_U, Qt.Key.Key_U)
    assert project.regions("c.jpg")[0].category is None and not project.regions("c.jpg")[0].attributes


def test_the_image_on_screen_goes_through_the_session(
    queue: ReviewQueue, session: FakeSession, project: Project
) -> None:
    session.open_image("c.jpg")
    press(queue, Qt.Key.Key_Return)
    assert session.image.regions[0].state == "accepted" and stored(project, "c.jpg")[0] == "accepted"
    press(queue, Qt.Key.Key_U)
    assert session.image.regions[0].state == "suggested" and stored(project, "c.jpg")[0] == "suggested"


def test_a_region_that_changed_meanwhile_is_left_alone(
    queue: ReviewQueue, session: FakeSession, project: Project
) -> None:
    before = project.regions("c.jpg")[0]
    after = replace(before, category="changed")
    project.apply(Edit("Set category", "c.jpg", (RegionChange("c.jpg", before, after),)))
    press(queue, Qt.Key.Key_Return)
    assert project.regions("c.jpg")[0] == after
    assert session.notices and queue.deck.done == 0 and here(queue) == "c.jpg"


def test_a_decision_that_cannot_be_stored_is_taken_back(
    queue: ReviewQueue, session: FakeSession, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Project, edit: Edit) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Project, "apply", full)
    press(queue, Qt.Key.Key_Return)
    assert here(queue) == "c.jpg" and queue.deck.done == 0
    assert "the disk is full" in session.notices[-1] and "c.jpg" in session.notices[-1]


def test_a_locked_region_and_a_read_only_project(queue: ReviewQueue, session: FakeSession, project: Project) -> None:
    session.store.read_only = True
    press(queue, Qt.Key.Key_Return, Qt.Key.Key_X)
    assert len(project.review_queue()) == 3 and here(queue) == "c.jpg"
    session.store.read_only = False
    queue.deck.items[0] = replace(queue.deck.items[0], region=replace(queue.deck.items[0].region, locked=True))
    press(queue, Qt.Key.Key_Return)
    assert here(queue) == "c.jpg" and session.notices


def test_pages_are_fetched_as_one_goes(session: FakeSession, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    add(project, "a.jpg", [make_region(f"n{n}", ((f"text {n}", 0.3 + n / 1000),)) for n in range(60)])
    monkeypatch.setattr(review_queue, "PAGE", 25)
    queue = ReviewQueue(session)
    queue.show()
    assert len(queue.deck.items) == 25
    seen = []
    while queue.deck.current is not None and len(seen) < 100:
        seen.append(queue.deck.current.region.id)
        press(queue, Qt.Key.Key_Return)
    assert len(seen) == len(set(seen)) == 63
    assert not project.review_queue()
    queue.close()
    queue.close_pictures()


def test_filters_and_order(queue: ReviewQueue) -> None:
    queue.bar._set(QueueFilter(order="image"))
    assert [item.image for item in queue.deck.items] == ["a.jpg", "b.jpg", "c.jpg"]
    queue.bar._set(QueueFilter(text="b"))
    assert [item.image for item in queue.deck.items] == ["b.jpg"]
    queue.bar._set(QueueFilter(model="nobody"))
    assert here(queue) == ""


def test_its_keys_are_not_the_windows(queue: ReviewQueue) -> None:
    queue.activateWindow()
    queue.setFocus()
    for key in (Qt.Key.Key_A, Qt.Key.Key_Return, Qt.Key.Key_Down, Qt.Key.Key_5):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        QApplication.sendEvent(queue, event)
        assert event.isAccepted(), key


def test_open_shows_the_region_on_its_picture(queue: ReviewQueue, session: FakeSession) -> None:
    asked: list[tuple[str, str]] = []
    queue.openRequested.connect(lambda image, region: asked.append((image, region)))
    press(queue, Qt.Key.Key_O)
    assert asked == [("c.jpg", "r-c.jpg")] and session.image.key == "c.jpg"
    assert session.image.selection == ("r-c.jpg",)


def test_pace() -> None:
    deck = ReviewDeck()
    deck.add([QueueItem("a", make_region(str(n)), 0.5, "m", (n,)) for n in range(9)], limit=100)
    for at in (0.0, 6.0, 12.0, 500.0):
        item = deck.current
        assert item is not None
        deck.decide(replace(item.region, state="accepted"), label="Accept", at=at)
        deck.step(1)
    assert deck.pace(12.0) == pytest.approx(10.0) or deck.pace(12.0) is not None
    assert deck.pace(501.0) is None  # one decision within five minutes is no pace
    deck.take_back()
    assert deck.done == 3 and deck.place == 3


def test_a_close_up_contains_the_box_and_its_surroundings() -> None:
    small = Box(326, 0, 400, 74)
    window = crop_window(small, width=451, height=300, least=(200.0, 200.0))
    assert window.x1 <= 326 and window.x2 >= 400 and window.y1 == 0 and window.y2 >= 74
    assert (window.width, window.height) == (200.0, 200.0)
    large = crop_window(Box(0, 0, 451, 300), width=451, height=300, least=(200.0, 100.0))
    assert large == Box(0, 0, 451, 300)


def test_the_order_that_teaches_most_begins_with_a_kind_of_which_many_wait(
    queue: ReviewQueue, project: Project
) -> None:
    cup, boat = struct.pack("<2e", 1, 0), struct.pack("<2e", 0, 1)
    for image, looks in {"a.jpg": cup, "b.jpg": cup, "c.jpg": boat}.items():
        project.store_features(image, {f"r-{image}": looks}, model="ab" * 32)
    chooser = queue.bar.order
    chooser.setCurrentIndex(chooser.findData("teaches"))
    chooser.activated.emit(chooser.currentIndex())
    assert [item.image for item in queue.deck.items] == ["a.jpg", "c.jpg", "b.jpg"]
    press(queue, Qt.Key.Key_Return, Qt.Key.Key_Return, Qt.Key.Key_Return)
    assert here(queue) == "" and queue.deck.is_complete and project.review_queue() == []


def test_where_two_models_answered_one_key_keeps_the_left_or_takes_the_right(
    queue: ReviewQueue, session: FakeSession, project: Project
) -> None:
    other = Provenance("model", "2026-01-02T03:04:05+00:00", "other", "ef" * 32)
    for image, words in (("b.jpg", "a zebra"), ("a.jpg", "a thing of a.jpg")):
        before = project.regions(image)[0]
        after = with_answer(before, Answer(provenance=other, caption=words))
        project.apply(Edit("Answers of another model", image, (RegionChange(image, before, after),)))
    queue.bar.order.setCurrentIndex(queue.bar.order.findData("disagreement"))
    queue.bar.order.activated.emit(queue.bar.order.currentIndex())
    items = [item.image for item in queue.deck.items]
    assert items == ["b.jpg", "a.jpg", "c.jpg"], "another word, the same words, and one nobody else was asked about"
    assert "against a zebra" in queue.form.second.reason.text()
    press(queue, Qt.Key.Key_R)
    assert stored(project, "b.jpg") == ("accepted", "a zebra")
    assert queue.deck.current is not None and queue.deck.current.image == "a.jpg"
    press(queue, Qt.Key.Key_L)
    assert stored(project, "a.jpg") == ("accepted", "a thing of a.jpg")
    assert not queue.keys.button("right").isEnabled() and queue.form.second.isHidden()
    press(queue, Qt.Key.Key_L, Qt.Key.Key_R)
    assert stored(project, "c.jpg")[0] == "suggested", "there is nothing to take"
    press(queue, Qt.Key.Key_U, Qt.Key.Key_U)
    assert stored(project, "b.jpg") == ("suggested", "a thing of b.jpg")
