"""The batch page: counts before, progress while, one sentence after."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PyQt6.QtTest import QTest

from roi_assistant.storage import project_words
from roi_assistant.storage.records import BatchFilter, BatchTargets, ImageFilter, ImageRows, ReviewCounts
from roi_assistant.ui.pages.batch import BatchPage
from roi_assistant.ui.session.jobs import JobState
from tests.gui.fake_session import FakeSession


class Boxes:
    """A project with 9 boxes to caption, 4 of them without words."""

    def __init__(self) -> None:
        self.asked: list[BatchFilter] = []

    def batch_targets(self, flt: BatchFilter) -> BatchTargets:
        self.asked.append(flt)
        return BatchTargets(3, 4 if flt.only_empty else 9, lambda: iter(()))

    def images(self, flt: ImageFilter) -> ImageRows:
        """Two without a box, one that is empty, one that cannot be read, one with boxes."""
        nothing = (None, None, 0, 0, 0, 0, 0)
        rows = [
            (1, "a.png", *nothing, "", "", 0),
            (2, "b.png", *nothing, "", "", 0),
            (3, "c.png", *nothing, "", "", 1),
            (4, "d.png", *nothing, "damaged", "", 0),
            (5, "e.png", None, None, 3, 3, 0, 0, 0, "", "", 0),
        ]
        return ImageRows(rows if not flt.text else [])

    def review_counts(self) -> ReviewCounts:
        return ReviewCounts(images=10, suggested=9, accepted=1200, edited=30, rejected=4)


@pytest.fixture
def page() -> BatchPage:
    page = BatchPage(FakeSession(project=Boxes(), key=""))
    page.show()
    return page


def change_job(page: Any, **fields: Any) -> None:
    page.session.jobs.set(replace(page.session.jobs.statuses[-1], **fields))


def test_what_will_happen_is_counted_before_it_starts(page: BatchPage) -> None:
    assert page.figures["boxes"].text() == "9" and page.figures["untouched"].text() == "1,234"
    assert page.start_button.text() == "Caption 9 boxes"
    page.empty_boxes.setChecked(True)
    assert page.start_button.text() == "Caption 4 boxes"
    assert page.session.batches.filters == []


def test_the_filter_says_what_was_chosen(page: BatchPage) -> None:
    page.session.images.filter = ImageFilter(text="dog")
    page.listed_images.setChecked(True)
    page.start_button.click()
    assert page.session.batches.filters == [BatchFilter(images=ImageFilter(text="dog"), skip_model="gpt4roi-mini")]
    assert page.session.project.asked[-1] == page.session.batches.filters[0]


def test_boxes_may_be_suggested_first(page: BatchPage) -> None:
    page.boxes_first.setChecked(True)
    assert page.start_button.text() == "Suggest boxes on 2 images"
    page.start_button.click()
    assert page.session.batches.boxes_first and page.session.batches.filters == [page.filter]
    change_job(page, state="done")
    page.session.images.filter = ImageFilter(text="dog")
    page.listed_images.setChecked(True)
    assert page.start_button.text() == "Caption 9 boxes", "there is no image without boxes"
    page.start_button.click()
    assert not page.session.batches.boxes_first


def test_what_a_detector_looks_for(page: BatchPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_words, "store_words", lambda _project, text: stored.append(text))
    stored: list[str] = []
    look_for = page.session.look_for
    page.boxes_first.setChecked(True)
    assert page.words.isHidden(), "the captioner looks for nothing"
    page.session.options = replace(page.session.options, proposer="grounder")
    page.boxes_first.setChecked(False)
    assert page.words.isHidden()
    page.boxes_first.setChecked(True)
    assert page.words.isVisible() and page.words.text() == ""
    assert page.boxes_first.text() == "Let grounder suggest boxes first on images without any"
    look_for.replace("red car")
    assert page.words.text() == "red car", "typed beside the picture"
    page.words.selectAll()
    QTest.keyClicks(page.words, "blue bus")
    page.refresh()  # regions change meanwhile
    assert page.words.text() == "blue bus" and look_for.text == "red car"
    page.start()
    assert look_for.text == "blue bus" and stored == ["red car", "blue bus"]
    change_job(page, state="done")
    QTest.keyClicks(page.words, ", cat")
    assert page.words.text() == "blue bus, cat"
    look_for.reset("dog")
    page.session.projectOpened.emit(None)
    assert (page.words.text(), look_for.text) == ("dog", "dog"), "another project has words of its own"


def test_progress_and_time_left_are_shown_and_stop_stops(page: BatchPage) -> None:
    page.start()
    assert not page.choices_card.isEnabled()
    change_job(page, done=3, total=9, seconds_left=200.0)
    assert "3 of 9 boxes." in page.progress_card.hint.text() and "3 minutes" in page.progress_card.hint.text()
    page.cancel_button.click()
    assert page.session.jobs.cancelled
    page.start()
    assert len(page.session.batches.filters) == 1, "a second run began beside the first"


@pytest.mark.parametrize(("state", "level"), [("done", "success"), ("cancelled", "info"), ("failed", "error")])
def test_the_end_is_told_once(page: BatchPage, state: JobState, level: str) -> None:
    page.start()
    change_job(page, state=state, message="The model is missing." if state == "failed" else "")
    assert page.message.level == level and page.message.text
    assert page.start_button.isVisibleTo(page) and page.start_button.isEnabled()
    page.message.clear()
    page.session.jobs.changed.emit()
    assert page.message.text == ""


def test_a_run_from_before_a_restart_is_shown(page: BatchPage) -> None:
    page.session.batches.start(BatchFilter())
    assert page.progress_card.isVisibleTo(page) and not page.start_button.isVisibleTo(page)


def test_nothing_to_do_cannot_be_started(page: BatchPage) -> None:
    page.session.project.batch_targets = lambda flt: BatchTargets(0, 0, lambda: iter(()))
    page.refresh()
    assert not page.start_button.isEnabled() and "Nothing to do" in page.status.text()


def test_a_count_for_choices_of_before_is_not_shown(page: BatchPage) -> None:
    page.session.store.held = []
    page.empty_boxes.setChecked(True)
    page.all_boxes.setChecked(True)
    first, *rest = page.session.store.held
    first()
    assert page.figures["boxes"].text() == "–"
    for count in rest:
        count()
    assert page.figures["boxes"].text() == "9"
