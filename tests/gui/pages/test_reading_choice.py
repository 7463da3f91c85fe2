"""The switch for reading boxes on the page of attributes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from roi_assistant.core.records import AttributeDefinition, AttributeSchema
from roi_assistant.storage.records import HistoryState
from roi_assistant.ui.pages.schema_editor import SchemaEditor
from tests.gui.fake_session import FakeSession

COLORS = AttributeSchema("colors", (AttributeDefinition("color", "text"),))
SIGNS = AttributeSchema("signs", (AttributeDefinition("text", "text"),))


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the project was told."""
    choices: list[str] = []
    monkeypatch.setattr(
        "roi_assistant.storage.project_reading.store_reading", lambda _project, choice: choices.append(choice)
    )
    return choices


def editor(schema: AttributeSchema) -> SchemaEditor:
    project = SimpleNamespace(
        overview=lambda: SimpleNamespace(attributes={}), history=lambda image: HistoryState(), schema=schema
    )
    page = SchemaEditor(FakeSession(project=project, key=""))
    page.show()
    return page


def click(page: SchemaEditor) -> None:
    QTest.keyClick(page.reading, Qt.Key.Key_Space)


def test_it_shows_whether_boxes_are_read(stored: list[str]) -> None:
    assert editor(SIGNS).reading.isChecked(), "the attribute is there: that is enough"
    assert not editor(COLORS).reading.isChecked()
    single = AttributeSchema("s", (AttributeDefinition("text", "single", ("a", "b")),))
    assert not editor(single).reading.isChecked(), "another kind of attribute"
    assert stored == []


def test_switching_on_adds_the_attribute_to_what_is_edited(stored: list[str]) -> None:
    page = editor(COLORS)
    click(page)
    added = page.draft[-1]
    assert (added.name, added.kind) == ("text", "text")
    assert page.reading.isChecked() and page.save_button.isEnabled()
    assert stored == ["yes"]
    page.discard_button.click()
    assert not page.reading.isChecked(), "without the attribute nothing is read"


def test_switching_off_keeps_the_attribute(stored: list[str]) -> None:
    page = editor(SIGNS)
    click(page)
    assert not page.reading.isChecked()
    assert [item.name for item in page.draft] == ["text"]
    assert not page.save_button.isEnabled()
    assert stored == ["no"]
    click(page)
    assert page.reading.isChecked() and len(page.draft) == 1
    assert stored == ["no", "yes"]


def test_requests_follow_it(stored: list[str]) -> None:
    page = editor(SIGNS)
    session: Any = page.session
    assert session.suggestions.request.read_text == "if_possible"
    click(page)
    assert session.suggestions.request.read_text == "no"


def test_a_note_of_the_engine_is_told(stored: list[str]) -> None:
    session: Any = editor(SIGNS).session
    session.engine.noted.emit("install it")
    assert session.notices == ["install it"]
