"""A second model answers beside the words, and the first makes room for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.records import CaptionerInfo, Region
from roi_assistant.core.review import preferred_caption
from roi_assistant.engine.engine import EngineStateChanged
from roi_assistant.sentences import Sentence
from roi_assistant.storage.records import BatchFilter
from tests.gui.application_fixtures import make_photos, wait_for
from tests.gui.session.session_setup import Engine, Setup
from tests.unit.region_records import create, suggested

SECOND = CaptionerInfo("qwen/qwen3-vl", "Qwen", "cd" * 32)


class Second(Engine):
    """Another model; ``fails``: it cannot be loaded."""

    fails = False

    def __init__(self, on_event: Callable[[Any], None], log: list[str]) -> None:
        super().__init__(on_event)
        self._log = log

    def start(self) -> None:
        self._log.append("second begins")
        if self.fails:
            self.on_event(EngineStateChanged("failed", None, Sentence("No such model.")))
        else:
            self.on_event(EngineStateChanged("ready", SECOND))

    def close(self) -> None:
        self._log.append("second ends")


class Both:
    """A project with words on two images, and a second model that answers when it is told to."""

    def __init__(self, setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
        self.setup, self.session, self.log = setup, setup.session, list[str]()
        self.seconds: list[Second] = []
        self.may_end = threading.Event()
        self.may_end.set()

        def end(_engine: Engine) -> None:
            self.may_end.wait(20)
            self.log.append("first ends")

        monkeypatch.setattr(Engine, "close", end)
        self.session.second.use("qwen", self._make)
        self.session.store.write(lambda project: project.apply(create("b.png", suggested("far"))))
        self.session.history.commit("Draw box", create("a.png", suggested("here")).regions)
        setup.settle()

    def _make(self, on_event: Callable[[Any], None]) -> Second:
        self.seconds.append(Second(on_event, self.log))
        return self.seconds[-1]

    def region(self, image: str = "a.png") -> Region:
        found: list[Region] = []
        self.session.store.ask(lambda project: project.regions(image), lambda regions: found.extend(regions))
        wait_for(lambda: found)
        return found[0]

    def answer(self, words: str) -> None:
        wait_for(lambda: self.seconds and self.seconds[-1].asked, "the second model is asked")
        self.seconds[-1].answer(max(self.seconds[-1].asked), words, category="dog")


@pytest.fixture
def both(tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    setup = Setup(make_photos(tmp_path / "photos"))
    yield Both(setup, monkeypatch)
    setup.close()


def test_the_first_ends_before_the_second_begins_and_comes_back(both: Both) -> None:
    both.may_end.clear()
    both.session.second.ask(("here",))
    both.setup.settle()
    assert both.log == [] and "comes back afterwards" in both.setup.notices[-1]
    both.may_end.set()
    both.answer("a brown dog")
    wait_for(lambda: "second ends" in both.log, "the second ends")
    assert both.log == ["first ends", "second begins", "second ends"]
    wait_for(lambda: len(both.setup.engines) == 2, "the first begins again")
    region = both.session.image.stored[0]
    assert [(a.caption, a.provenance.model_id, a.provenance.weights_sha256) for a in region.answers] == [
        ("a brown dog", "qwen/qwen3-vl", "cd" * 32)
    ]
    caption = preferred_caption(region)
    assert caption is not None and (caption.text, region.state) == ("a red cup", "suggested"), "no word was changed"
    assert both.region() == region, "it is in the file"


def test_taking_its_words_is_one_step_that_is_taken_back(both: Both) -> None:
    both.session.second.ask(("here",))
    both.answer("a brown dog")
    wait_for(lambda: both.session.image.stored[0].answers)
    asked = both.session.image.stored[0]
    both.session.edits.take_answer("here", 0)
    both.setup.settle()
    taken = both.region()
    assert (taken.state, taken.category) == ("accepted", "dog")
    both.session.history.undo()
    both.setup.settle()
    assert both.region() == asked
    both.session.edits.take_part("here", 0, "category")
    both.setup.settle()
    mixed = both.region()
    assert (mixed.category, mixed.state) == ("dog", "suggested")


def test_a_batch_asks_about_all_boxes_with_words_and_the_first_comes_back(both: Both) -> None:
    both.session.batches.start(BatchFilter(compare_with="qwen"))
    wait_for(lambda: both.seconds and len(both.seconds[-1].asked) == 2, "both images")
    for ticket in (1, 2):
        both.seconds[-1].answer(ticket, "a brown dog", category="dog")
    wait_for(lambda: "second ends" in both.log, "the batch is over")
    assert [len(both.region(image).answers) for image in ("a.png", "b.png")] == [1, 1]
    assert both.session.second.model_id == "qwen/qwen3-vl", "its answers are known by what it calls itself"
    both.session.batches.start(BatchFilter(compare_with=both.session.second.model_id))
    wait_for(lambda: both.log.count("second ends") == 2, "there was nothing to ask")
    assert not both.seconds[-1].asked


def test_a_model_that_cannot_be_loaded_is_told_and_the_first_comes_back(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Second, "fails", True)
    both.session.second.ask(("here",))
    wait_for(lambda: "No such model." in both.setup.notices, "the reason")
    wait_for(lambda: len(both.setup.engines) == 2, "the first begins again")
    assert not both.session.second.is_at_work


def test_without_a_second_model_or_without_words_it_is_told_what_to_do(both: Both) -> None:
    both.session.second.ask(())
    assert "no words to compare yet" in both.setup.notices[-1]
    both.session.second.use("none", None)
    both.session.second.ask(("here",))
    assert "page Models" in both.setup.notices[-1] and both.log == []


def test_while_the_first_is_at_work_on_a_batch_it_is_not_cut_off(both: Both) -> None:
    both.session.batches.start(BatchFilter())
    wait_for(lambda: both.setup.engine.asked, "the batch")
    both.session.second.ask(("here",))
    assert "when it has ended" in both.setup.notices[-1] and both.log == []
