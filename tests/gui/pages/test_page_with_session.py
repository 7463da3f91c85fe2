"""The pages on the real session and a real project file: threads, jobs, one edit of the schema that can be undone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtTest import QTest

from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeDefinition, AttributeSchema
from roi_assistant.plugins import PluginManager
from roi_assistant.storage.records import ImageFilter
from roi_assistant.ui.pages.batch import BatchPage
from roi_assistant.ui.pages.export import ExportPage
from roi_assistant.ui.pages.overview.cards import CARDS, CategoriesCard
from roi_assistant.ui.pages.overview.page import OverviewPage
from roi_assistant.ui.pages.schema_editor import SchemaEditor
from roi_assistant.ui.session.engine_bridge import EngineBridge
from roi_assistant.ui.session.session import ProjectSession


class NoEngine:
    """A model that never answers."""

    def __getattr__(self, name: str) -> Callable[..., int]:
        return lambda *args, **options: 1


def wait_for(condition: Callable[[], Any]) -> None:
    for _ in range(6000):
        if condition():
            return
        QTest.qWait(10)
    raise AssertionError("waited for too long")


@pytest.fixture
def session(tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProjectSession]:
    monkeypatch.setenv("ROI_ASSISTANT_HOME", str(tmp_path / "home"))
    folder = tmp_path / "photos"
    (folder / "cats").mkdir(parents=True)
    shutil.copy(samples / "coffee.jpg", folder)
    shutil.copy(samples / "chelsea.jpg", folder / "cats")
    session = ProjectSession(EngineBridge(lambda on_event: NoEngine()), plugins=PluginManager(packages=False))
    session.open_folder(folder)
    wait_for(lambda: len(session.images.keys) == 2 and session.history.state is not None)
    session.edits.add_box(Box(10, 10, 200, 200))
    session.edits.set_category(session.image.regions[0].id, "cup")
    yield session
    session.close_project()
    assert session.store.wait_closed(60)


def test_export_writes_the_regions_and_images_that_were_never_opened(session: ProjectSession) -> None:
    page = ExportPage(session)
    page.show()
    wait_for(lambda: "Regions: 1 of 1" in page.summary.text())
    page.start()
    wait_for(lambda: page.result is not None)
    data = json.loads((session.folder / "regions.json").read_text(encoding="utf-8"))  # type: ignore[operator]
    assert {image["file_name"]: image["width"] for image in data["images"]} == {
        "cats/chelsea.jpg": 451,
        "coffee.jpg": 600,
    }
    assert [a["bbox"] for a in data["annotations"]] == [[10, 10, 190, 190]]
    assert session.jobs.statuses[-1].state == "done"


def test_a_schema_is_saved_and_taken_back(session: ProjectSession) -> None:
    page = SchemaEditor(session)
    page.show()
    before = session.schema
    page.use(AttributeSchema("cups", (AttributeDefinition("handle", "boolean"),)))
    page.save()
    assert session.schema.name == "cups"
    wait_for(lambda: page.undo_button.isEnabled())
    page.undo_button.click()
    wait_for(lambda: session.schema == before)
    wait_for(lambda: page.draft == tuple(page.draft) and page.name_edit.text() == before.name)


def test_a_bar_of_the_overview_filters_the_list(session: ProjectSession) -> None:
    page = OverviewPage(session)
    page.show()
    wait_for(lambda: len(page.cards) == len(CARDS) and not page.is_filling)
    (categories,) = (card for card in page.cards if isinstance(card, CategoriesCard))
    assert categories.plot.bars == (("cup", 1),)
    categories.plot.activated.emit(0)
    wait_for(lambda: list(session.images.keys) == [session.image.key])
    assert session.images.filter == ImageFilter(category="cup")


def test_a_batch_is_counted_started_and_stopped(session: ProjectSession) -> None:
    page = BatchPage(session)
    page.show()
    wait_for(lambda: page.start_button.isEnabled())
    assert page.figures["boxes"].text() == "1"
    page.start()
    wait_for(lambda: page.progress_card.isVisibleTo(page))
    page.cancel()
    wait_for(lambda: page.message.text != "")
    assert page.message.level == "info" and page.start_button.isVisibleTo(page)
