"""The export page: counts before, one file or none, the report after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QFileDialog

from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeSchema, Caption, Provenance, Region, ReviewState
from roi_assistant.formats.annotations import AnnotatedImage
from roi_assistant.storage.records import ReviewCounts
from roi_assistant.ui.pages.export import ExportPage
from roi_assistant.ui.session.export_job import ExportChoices, remembered_choices
from tests.gui.fake_session import FakeSession

MODEL = Provenance("model", "2026-01-02T03:04:05+00:00", "gpt4roi-mini")


def region(id_: str, state: ReviewState) -> Region:
    return Region(id_, Box(1, 2, 30, 40), "dog", (Caption("a dog", MODEL, 0.5, preferred=True),), (), state)


class Photos:
    """A project of three images; the size of the last is not known yet."""

    schema = AttributeSchema("")

    def take_unreadable(self) -> tuple[str, ...]:
        return ()

    def __init__(self, folder: Path, samples: Path) -> None:
        self.folder = folder
        (folder / "cat.jpg").write_bytes((samples / "chelsea.jpg").read_bytes())
        self.images = [
            AnnotatedImage("a/1.jpg", 640, 480, (region("r1", "accepted"), region("r2", "rejected"))),
            AnnotatedImage("b/1.jpg", 640, 480),
            AnnotatedImage("cat.jpg", None, None, (region("r3", "suggested"),)),
        ]

    def review_counts(self) -> ReviewCounts:
        return ReviewCounts(images=3, images_with_regions=2, suggested=1, accepted=1, rejected=1)

    def category_ids(self) -> dict[str, int]:
        return {"cat": 7, "dog": 3}

    def export_images(self) -> Iterator[AnnotatedImage]:
        return iter(self.images)


@pytest.fixture
def page(tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch) -> ExportPage:
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path / "home"))
    folder = tmp_path / "photos"
    folder.mkdir()
    page = ExportPage(FakeSession(project=Photos(folder, samples), folder=folder, key=""))
    page.show()
    return page


def export(page: ExportPage) -> None:
    page.start()
    page.session.jobs.finish()  # type: ignore[attr-defined]


def test_what_will_be_written_is_counted_before(page: ExportPage) -> None:
    assert page.summary.text() == "Images: 3. Regions: 2 of 3."
    page.states["rejected"].setChecked(True)
    page.empty_images.setChecked(False)
    assert page.summary.text() == "Images: 2. Regions: 3 of 3."
    assert page.path.text().endswith("regions.json") and page.target_hint.text() == ""


def test_the_file_holds_what_was_chosen_and_the_report_says_what_not(page: ExportPage) -> None:
    page.description.setText("Dogs")
    export(page)
    assert page.result is not None and page.message.level == "success"
    data = json.loads(page.result.path.read_text(encoding="utf-8"))
    assert [image["file_name"] for image in data["images"]] == ["a/1.jpg", "b/1.jpg", "cat.jpg"]
    assert (data["images"][2]["width"], data["images"][2]["height"]) == (451, 300)
    assert [a["region_id"] for a in data["annotations"]] == ["r1", "r3"]
    assert data["info"]["description"] == "Dogs"
    assert {c["name"]: c["id"] for c in data["categories"]} == {"cat": 7, "dog": 3}
    row = [page.report_table.item(0, column).text() for column in range(4)]
    assert row == ["region", "left out: its review state is rejected", "1", "a/1.jpg, region r2"]
    page.copy_button.click()
    assert "dropped 1 time, its review state is rejected" in QGuiApplication.clipboard().text()


def test_the_gpt4roi_profile_is_written(page: ExportPage) -> None:
    choose_format(page, "coco-gpt4roi")
    export(page)
    data = json.loads(page.result.path.read_text(encoding="utf-8"))
    assert [category["name"] for category in data["categories"]] == ["object"]
    assert page.report_table.rowCount() > 2


def choose_format(page: ExportPage, id_: str) -> None:
    page.format.setCurrentIndex(page.format.findData(id_))


def test_the_format_decides_the_ending_of_the_file(page: ExportPage, monkeypatch: pytest.MonkeyPatch) -> None:
    choose_format(page, "odvg")
    assert page.path.text() == str(page.session.folder / "regions.jsonl")
    choose_format(page, "coco-gpt4roi")
    assert page.path.text() == str(page.session.folder / "regions.json")
    page.path.setText("mine.txt")
    choose_format(page, "odvg")
    assert page.path.text() == "mine.txt", "an ending that the user chose stays"
    asked: list[str] = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args, **_: (asked.append(args[3]), ("", ""))[1])
    page.browse_button.click()
    assert asked == ["odvg (*.jsonl);;All files (*)"]
    assert "JSON" not in page.lead.text()


def test_a_format_that_is_a_folder(page: ExportPage, monkeypatch: pytest.MonkeyPatch) -> None:
    choose_format(page, "labelme")
    assert page.path.text() == str(page.session.folder / "regions"), "a folder has no ending"
    export(page)
    assert page.result is not None and (page.result.path / "a/1.json").is_file()
    export(page)
    assert "replaced if it is empty or holds an earlier export" in page.target_hint.text()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(page.session.folder / "new"))
    page.browse_button.click()
    assert page.path.text() == str(page.session.folder / "new")
    choose_format(page, "odvg")
    assert page.path.text() == str(page.session.folder / "new.jsonl")


def test_the_format_of_a_plugin_is_written_and_counts_what_is_left_out(page: ExportPage) -> None:
    choose_format(page, "odvg")
    export(page)
    assert page.result is not None and page.result.path.name == "regions.jsonl"
    rows = [page.report_table.item(row, 1).text() for row in range(page.report_table.rowCount())]
    assert rows[0] == "left out: its review state is rejected"
    assert len(page.result.path.read_text(encoding="utf-8").splitlines()) == 2


def test_an_image_that_cannot_be_read_is_left_out_and_told(page: ExportPage) -> None:
    (page.session.folder / "cat.jpg").write_bytes(b"")
    export(page)
    data = json.loads(page.result.path.read_text(encoding="utf-8"))
    assert [image["file_name"] for image in data["images"]] == ["a/1.jpg", "b/1.jpg"]
    last = page.report_table.rowCount() - 1
    assert page.report_table.item(last, 3).text() == "cat.jpg"
    assert "cat.jpg" in str(page.result)


def test_a_file_that_is_there_is_announced_and_survives_a_cancelled_export(page: ExportPage) -> None:
    target = page.session.folder / "regions.json"
    target.write_text("mine", encoding="utf-8")
    page.refresh()
    assert "replaced" in page.target_hint.text()
    page.start()
    assert page.progress.isVisibleTo(page) and not page.content_card.isEnabled()
    page.cancel()
    page.session.jobs.finish()
    assert target.read_text(encoding="utf-8") == "mine"
    assert "cancelled" in page.message.text and page.export_button.isEnabled()
    assert list(page.session.folder.glob(".*")) == []


def test_an_error_is_one_sentence_in_the_page(page: ExportPage) -> None:
    page.path.setText(str(page.session.folder / "missing" / "x.json"))
    export(page)
    assert page.message.level == "error" and "missing" in page.message.text
    assert not page.report_card.isVisibleTo(page) and page.export_button.isEnabled()


def test_a_photo_of_the_project_is_not_overwritten(page: ExportPage) -> None:
    photo = page.session.folder / "a" / "1.jpg"
    photo.parent.mkdir(exist_ok=True)
    photo.write_bytes(b"a photo")
    page.path.setText(str(photo))
    export(page)
    assert page.message.level == "error" and "give another name" in page.message.text
    assert photo.read_bytes() == b"a photo"


def test_nothing_to_choose_from_cannot_be_started(page: ExportPage) -> None:
    for box in page.states.values():
        box.setChecked(False)
    assert not page.export_button.isEnabled() and "state" in page.summary.text()
    page.start()
    assert page.session.jobs.statuses == ()


def test_choices_are_remembered_per_project(page: ExportPage, samples: Path, tmp_path: Path) -> None:
    page.licence.setText("CC0")
    page.states["suggested"].setChecked(False)
    chosen = page.choices
    export(page)
    again = ExportPage(FakeSession(project=page.session.project, folder=page.session.folder, key=""))
    assert again.choices == chosen
    other = tmp_path / "other"
    other.mkdir()
    assert remembered_choices(other) == ExportChoices(path=str(other / "regions.json"))


@pytest.mark.parametrize("stored", ["{", "[]", '{"%s": {"states": ["nonsense"]}}', '{"%s": {"path": 3}}'])
def test_a_broken_memory_means_the_defaults(page: ExportPage, tmp_path: Path, stored: str) -> None:
    memory = tmp_path / "home" / "config" / "export.json"
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(stored.replace("%s", str(page.session.folder.resolve())), encoding="utf-8")
    assert remembered_choices(page.session.folder) == ExportChoices(path=str(page.session.folder / "regions.json"))


def test_conversations_are_a_format_with_questions_of_ones_own(page: ExportPage, tmp_path: Path) -> None:
    dialects = [format_.id for format_ in page._formats if format_.id.startswith("conversations-")]
    assert len(dialects) >= 13 and "conversations-qwen3-vl" in dialects
    assert not page.questions.isEnabled(), "COCO asks nothing"
    questions, target = tmp_path / "q.json", tmp_path / "out.json"
    questions.write_text(json.dumps({"caption": ["Name {region}."], "grounding": [], "category": []}))
    page.set_choices(ExportChoices(path=str(target), format="conversations-qwen3-vl", questions=str(questions)))
    assert page.questions.isEnabled()
    export(page)
    records = json.loads(target.read_text(encoding="utf-8"))
    told = [turn["value"] for turn in records[0]["conversations"]]
    assert told == ['<image>\nName {"bbox_2d": [2, 4, 47, 83]}.', "a dog"]
    questions.write_text(json.dumps({"caption": ["Name it."]}))
    export(page)
    assert "does not hold {region}" in page.message.text
