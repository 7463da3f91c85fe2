"""The card of models to download: what it says, one download at a time, progress, cancel and resume."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtTest import QSignalSpy, QTest
from PyQt6.QtWidgets import QApplication, QLabel, QWidget

from roi_assistant.settings import NO_MODEL
from roi_assistant.ui.pages.model_downloads import ROWS_AT_A_TIME, DownloadRow, DownloadsCard
from roi_assistant.ui.pages.models import ModelsPage
from roi_assistant.ui.session.model_commands import (
    CommandResult,
    PullProcess,
    PullProgress,
    listed_models,
    offered_models,
    pull_progress,
)
from tests.unit.hub_server import Hub, running_hub


def offer(id_: str, **changes: object) -> dict[str, object]:
    return {
        "id": id_,
        "kind": "catalogue",
        "title": id_.title(),
        "good_for": {"en": f"Good for {id_}.", "zh_CN": "好"},
        "licence": {"name": "MIT", "commercial_use": "yes", "note": {}},
        "gated": None,
        "download_bytes": 17_534_000_000,
        "memory": {"bf16": 20_287_000_000},
        "fits": {"where": "gpu", "precision": "bf16"},
        "begun": False,
        **changes,
    }


class FakePull(QObject):
    progressed = pyqtSignal(object)
    ended = pyqtSignal(object)
    is_stopped = False

    def stop(self) -> None:
        self.is_stopped = True
        self.ended.emit(CommandResult(False, ""))


class Pulls:
    """Begins nothing real."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.pulls: list[FakePull] = []

    def __call__(self, arguments: Sequence[str], owner: QWidget) -> FakePull:
        self.asked.append(tuple(arguments))
        self.pulls.append(FakePull())
        return self.pulls[-1]


@pytest.fixture
def pulls() -> Pulls:
    return Pulls()


def shown(pulls: Pulls, *entries: dict[str, object]) -> DownloadsCard:
    card = DownloadsCard(pulls)
    card.show_models(offered_models(json.dumps(entries)))
    card.show()
    return card


def texts(row: DownloadRow) -> list[str]:
    return [label.text() for label in row.findChildren(QLabel) if not label.isHidden()]


def test_what_is_said_of_a_model(qapp: QApplication, pulls: Pulls) -> None:
    card = shown(
        pulls,
        offer("large"),
        offer(
            "strange",
            licence={"name": "Terms", "commercial_use": "conditions", "note": {"en": "Small firms only."}},
            gated=True,
            download_bytes=None,
            memory={"bf16": None},
            fits={"where": "not known", "precision": None},
        ),
        offer("tight", fits={"where": "gpu", "precision": "int4"}),
        offer("unread", licence={"name": "not known", "commercial_use": "not known", "note": {}}),
    )
    large, strange, tight, unread = card.rows
    assert texts(large)[:2] == ["Large", "Good for large."]
    assert large.needs.text() == "fits this GPU · 17.5 GB to download · 20.3 GB of GPU memory"
    assert large.terms.text() == "MIT, commercial use: yes"
    assert strange.needs.text() == "not known whether it fits · size is told before the download"
    assert strange.terms.text() == (
        "Terms, commercial use: under conditions · Small firms only · first accept its terms on its page, and set "
        "HF_TOKEN"
    )
    assert tight.needs.text().startswith("fits this GPU in int4 ·")
    assert unread.terms.text() == "the licence is told before the download"
    assert pulls.asked == [], "nothing is fetched by looking"


def test_a_download_shows_where_it_is(qapp: QApplication, pulls: Pulls) -> None:
    card = shown(pulls, offer("large"), offer("small"))
    large, small = card.rows
    ended = QSignalSpy(card.ended)
    large.button.click()
    assert pulls.asked == [("large",)] and large.button.text() == "Cancel"
    assert texts(large)[-1] == "Asking the hub…" and large.bar.maximum() == 0
    assert not small.button.isEnabled() and small.button.toolTip() == "One download at a time"
    pulls.pulls[0].progressed.emit(PullProgress(5_000_000_000, 20_000_000_000, 610.0))
    assert (large.bar.value(), texts(large)[-1]) == (250, "5.0 GB of 20.0 GB · about 10 min left")
    card.show_models([row.model for row in card.rows])
    assert texts(large)[-1].startswith("5.0 GB"), "the list was read again meanwhile"
    pulls.pulls[0].progressed.emit(PullProgress(20_000_000_000, 20_000_000_000, 0.0))
    assert texts(large)[-1] == "20.0 GB of 20.0 GB · checking the files…"
    pulls.pulls[0].ended.emit(CommandResult(True, "large is there"))
    assert ended[0] == [CommandResult(True, "large is there")]
    assert large.bar.isHidden() and small.button.isEnabled()


def test_a_list_that_changed_meanwhile_keeps_the_download(qapp: QApplication, pulls: Pulls) -> None:
    card = shown(pulls, offer("large"), offer("small"))
    card.rows[0].button.click()
    pulls.pulls[0].progressed.emit(PullProgress(1, 2, None))
    card.show_models(offered_models(json.dumps([offer("large", begun=True)])))
    [row] = card.rows
    assert row.button.text() == "Cancel" and row.bar.value() == 500
    row.button.click()
    assert pulls.pulls[0].is_stopped and row.button.text() == "Resume"
    assert row.button.accessibleName() == "Resume Large"


def test_a_long_list_is_made_a_few_rows_at_a_time(qapp: QApplication, pulls: Pulls) -> None:
    card = shown(pulls, *(offer(f"model-{number}") for number in range(10)))
    assert len(card.rows) == ROWS_AT_A_TIME < 10
    card.rows[0].button.click()
    while len(card.rows) < 10:
        qapp.processEvents()
    assert [row.model.id for row in card.rows] == [f"model-{number}" for number in range(10)]
    assert not card.rows[9].button.isEnabled(), "a download began meanwhile"


def test_a_licence_against_commercial_use_is_consented_to_first(qapp: QApplication, pulls: Pulls) -> None:
    licence = {"name": "Research", "commercial_use": "no", "note": {}}
    [row] = shown(pulls, offer("study", licence=licence)).rows
    assert not row.button.isEnabled() and not row.consent.isHidden()
    row.consent.click()
    row.button.click()
    assert pulls.asked == [("study", "--accept-licence")]


def test_the_page_tells_how_it_ended(qapp: QApplication, pulls: Pulls) -> None:
    ran: list[tuple[str, ...]] = []

    def run(arguments: Sequence[str], done: Callable[[CommandResult], None]) -> None:
        ran.append(tuple(arguments))
        done(CommandResult(True, json.dumps([{"id": "gpt4roi-mini", "description": ""}, offer("large")])))

    page = ModelsPage(
        run=run,
        current=lambda: "gpt4roi-mini",
        use=lambda id_: None,
        second=lambda: NO_MODEL,
        use_second=lambda id_: None,
        pull=pulls,
    )
    page.show()
    assert [model.id for model in page.models] == ["gpt4roi-mini"], "what is offered is not yet there"
    [row] = page.downloads.rows
    row.button.click()
    pulls.pulls[-1].ended.emit(CommandResult(False, "The disk is full."))
    [row] = page.downloads.rows
    assert not row.state.isHidden() and row.state.text() == "The disk is full."
    row.button.click()
    row.button.click()
    assert row.state.isHidden() and page.message.isHidden(), "who cancels knows it"
    before = len(ran)
    row.button.click()
    pulls.pulls[-1].ended.emit(CommandResult(True, "large is there"))
    assert page.message.level == "success" and ran[before:] == [("list", "--json")]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"kind": "catalogue", "id": 1}]', "[" * 9999])
def test_a_catalogue_that_is_none(text: str) -> None:
    assert offered_models(text) == [] and listed_models(text) == []


@pytest.mark.parametrize("line", ["", "large is there", "{}", '{"bytes": "x", "of": 1, "seconds_left": 1}', "[1]"])
def test_a_line_that_is_no_progress(line: str) -> None:
    assert pull_progress(line) is None


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    pytest.importorskip("huggingface_hub")
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    with running_hub() as running:
        running.files["lab/eye"] = {"config.json": b"{}", "model.safetensors": b"w" * 3_000_000}
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        yield running


def test_a_real_download_is_stopped_and_goes_on(qapp: QApplication, hub: Hub, tmp_path: Path) -> None:
    hub.faults["model.safetensors"] = ["stall"] * 20
    pull = PullProcess(["lab/eye"])
    progressed, ended = QSignalSpy(pull.progressed), QSignalSpy(pull.ended)
    part = tmp_path / "home" / "data" / "models" / "eye.partial" / "model.safetensors.part"
    deadline = time.monotonic() + 60
    while not (len(progressed) and part.exists() and part.stat().st_size >= 1_000_000):
        assert not len(ended) and time.monotonic() < deadline
        QTest.qWait(20)
    assert progressed[-1][0].total == 3_000_002
    pull.stop()
    assert len(ended) or ended.wait(10_000)
    assert ended[0] == [CommandResult(False, "")]
    hub.faults.clear()
    hub.requests.clear()
    again = PullProcess(["lab/eye"])
    ended = QSignalSpy(again.ended)
    assert ended.wait(30_000)
    [result] = ended[0]
    assert result.is_well and result.answer.startswith("eye is there"), result
    assert hub.asked("model.safetensors")[0].range.startswith("bytes=")
    refused = PullProcess(["lab/no-such"])
    ended = QSignalSpy(refused.ended)
    assert ended.wait(30_000)
    assert not ended[0][0].is_well and "has no model lab/no-such" in ended[0][0].answer
