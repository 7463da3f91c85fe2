"""The page of crops on a real project file: selecting, deciding about many at once, and taking that back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import AttributeSchema
from roi_assistant.storage.project import Project
from roi_assistant.ui.pages.crops import page as crops_page
from roi_assistant.ui.pages.crops.page import CropsPage
from tests.gui.application_fixtures import wait_for
from tests.gui.fake_session import FakeSession, make_region

NONE, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
IMAGES = ("a.png", "b.png", "c.png")
COUNT = 30


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Cats n00 to n29, less and less uncertain, on three images, and a dog."""
    with Project.open(tmp_path, backup=False) as project:
        for number, image in enumerate(IMAGES):
            Image.new("RGB", (200, 150), ("red", "green", "blue")[number]).save(tmp_path / image)
            cats = [
                make_region(f"n{n:02}", ((f"cat {n}", 0.1 + n / 100),), category_alternatives=())
                for n in range(number, COUNT, len(IMAGES))
            ]
            project.apply(Edit("x", image, tuple(RegionChange(image, None, cat) for cat in cats)), undoable=False)
        dog = make_region("dog", (("a dog", 0.9),), category="dog")
        project.apply(Edit("x", "a.png", (RegionChange("a.png", None, dog),)), undoable=False)
        yield project


@pytest.fixture
def session(qapp: QApplication, project: Project, tmp_path: Path) -> FakeSession:
    return FakeSession(project=project, folder=tmp_path, key="")


@pytest.fixture
def page(session: FakeSession) -> Iterator[CropsPage]:
    page = CropsPage(session)
    page.resize(1000, 700)
    page.show()
    page.activateWindow()
    page.setFocus()
    QApplication.processEvents()
    yield page
    page.close()
    page.close_pictures()


def shown(page: CropsPage) -> list[str]:
    """Ids of the regions, in the order of the grid."""
    return [found.region.id for found in page._session.store.project.regions_by_row_id(page.model.row_ids)]  # type: ignore[attr-defined]


def selected(page: CropsPage) -> list[str]:
    return [shown(page)[item] for item in page.view.selected_items()]


def click(page: CropsPage, item: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
    place = page.view.visualRect(page.model.index(item)).center()
    QTest.mouseClick(page.view.viewport(), Qt.MouseButton.LeftButton, modifiers, place)


def press(page: CropsPage, name: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(page.view if page.model.row_ids else page, name, modifiers)


def states(project: Project, state: str) -> list[str]:
    return sorted(region.id for image in IMAGES for region in project.regions(image) if region.state == state)


def test_it_begins_with_the_category_that_has_most_to_review(page: CropsPage) -> None:
    assert page.bar.category.text() == "cat" and shown(page) == [f"n{n:02}" for n in range(COUNT)]
    assert page.bar.summary.text() == "Crops: 30"
    assert page.view.columns > 2


def test_selecting_as_in_a_file_manager(page: CropsPage) -> None:
    click(page, 2)
    assert selected(page) == ["n02"]
    click(page, 4, CTRL)
    assert selected(page) == ["n02", "n04"]
    click(page, 2, CTRL)
    assert selected(page) == ["n04"]
    click(page, 7, SHIFT)
    assert selected(page) == [f"n{n:02}" for n in range(2, 8)]  # from the one that was clicked last
    press(page, Qt.Key.Key_Escape)
    assert selected(page) == []
    press(page, Qt.Key.Key_Home)
    press(page, Qt.Key.Key_Right)
    assert selected(page) == ["n01"]
    press(page, Qt.Key.Key_Down, SHIFT)
    assert selected(page) == [f"n{n:02}" for n in range(1, page.view.columns + 2)]
    press(page, Qt.Key.Key_End)
    assert selected(page) == ["n29"] and page.view.visualRect(page.model.index(29)).bottom() < page.view.height()
    press(page, Qt.Key.Key_A, CTRL)
    assert len(selected(page)) == COUNT and "30 selected" in page.bar.summary.text()
    press(page, Qt.Key.Key_Home)
    assert selected(page) == ["n00"]
    page.resize(1000, 2000)
    QTest.mouseClick(page.view.viewport(), Qt.MouseButton.LeftButton, NONE, QPoint(3, 1700))
    assert selected(page) == []  # there is no crop


def test_a_rubber_band_takes_what_it_touches(page: CropsPage) -> None:
    columns, view = page.view.columns, page.view.viewport()
    start = page.view.visualRect(page.model.index(1)).center()
    end = page.view.visualRect(page.model.index(columns + 2)).center()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, NONE, start)
    QTest.mouseMove(view, (start + end) / 2)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, NONE, end)
    assert page.view.selected_items() == [1, 2, columns + 1, columns + 2]


def test_accepting_and_rejecting_many_is_one_step_each(page: CropsPage, project: Project) -> None:
    click(page, 1)
    click(page, 3, SHIFT)
    press(page, Qt.Key.Key_X)
    assert states(project, "rejected") == ["n01", "n02", "n03"] and page.decision.told.text() == "3 rejected"
    assert len(shown(page)) == COUNT - 3 and selected(page) == []
    press(page, Qt.Key.Key_A, CTRL)
    press(page, Qt.Key.Key_Return)
    assert len(states(project, "accepted")) == COUNT - 3 and shown(page) == []
    assert "“cat”" in page._empty.text and page.hasFocus()
    press(page, Qt.Key.Key_U)
    assert states(project, "accepted") == [] and len(selected(page)) == COUNT - 3
    assert "27" in page.decision.told.text()
    press(page, Qt.Key.Key_Z, CTRL)
    assert states(project, "suggested") == sorted(["dog", *(f"n{n:02}" for n in range(COUNT))])
    assert selected(page) == ["n01", "n02", "n03"]
    press(page, Qt.Key.Key_U)
    assert "nothing" in page.decision.told.text()
    press(page, Qt.Key.Key_Y, CTRL)
    assert states(project, "rejected") == ["n01", "n02", "n03"]


def test_locked_and_empty_regions_are_passed_over_and_counted(page: CropsPage, project: Project) -> None:
    before = project.regions("a.png")[0]
    locked = replace(before, locked=True)
    project.apply(Edit("Lock", "a.png", (RegionChange("a.png", before, locked),)))
    press(page, Qt.Key.Key_A, CTRL)
    press(page, Qt.Key.Key_A)
    assert page.decision.told.text() == "29 accepted, 1 locked" and shown(page) == [before.id]
    assert project.regions("a.png")[0] == locked
    project.apply(Edit("x", "b.png", (RegionChange("b.png", None, make_region("bare", (), category=None)),)))
    page.show_category("")
    assert page.bar.category.text() == "(no category)" and shown(page) == ["bare"]
    press(page, Qt.Key.Key_A, CTRL)
    press(page, Qt.Key.Key_A)
    assert page.decision.told.text() == "0 accepted, 1 without words"


def test_a_category_is_typed_with_completion_in_one_line(page: CropsPage, session: FakeSession) -> None:
    project: Project = session.project
    click(page, 0)
    click(page, 5, CTRL)
    press(page, Qt.Key.Key_T)
    line = page.decision.line
    assert line.isVisible() and "2 regions" in page.decision.label.text()
    QTest.keyClicks(line, "DOG")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert not line.isVisible() and page.decision.told.text() == "2 got the category"
    regions = {region.id: region for image in IMAGES for region in project.regions(image)}
    assert regions["n00"].category == regions["n05"].category == "dog"  # as the project spells it
    assert "n00" not in shown(page) and session.edits.earlier_categories("cat 0") is None
    press(page, Qt.Key.Key_T)
    assert not line.isVisible() and "Select" in page.decision.told.text()
    click(page, 0)
    press(page, Qt.Key.Key_T)
    QTest.keyClicks(line, "x")
    QTest.keyClick(line.completer().popup() if line.completer().popup().isVisible() else line, Qt.Key.Key_Escape)  # type: ignore[union-attr]
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert not line.isVisible() and selected(page) == ["n01"]


def test_a_closed_list_holds_for_many_regions_too(page: CropsPage, session: FakeSession, project: Project) -> None:
    session.categories.refresh()
    session.categories.set_closed(True)
    click(page, 0)
    press(page, Qt.Key.Key_T)
    QTest.keyClicks(page.decision.line, "zebra")
    QTest.keyClick(page.decision.line, Qt.Key.Key_Return)
    assert page.decision.told.text().endswith("1 of a category that is not in the list of the project")
    assert "n00" in shown(page) and "zebra" not in project.category_ids()
    session.categories.add(("zebra",))
    click(page, 0)
    press(page, Qt.Key.Key_T)
    QTest.keyClicks(page.decision.line, "ZEBRA")
    QTest.keyClick(page.decision.line, Qt.Key.Key_Return)
    assert project.category_ids().keys() >= {"zebra"}


def test_a_step_of_the_attributes_is_not_taken_back_here(page: CropsPage, project: Project) -> None:
    click(page, 0)
    press(page, Qt.Key.Key_A)
    project.apply(Edit("Change attributes", "", schema=(project.schema, AttributeSchema("other"))))
    press(page, Qt.Key.Key_U)
    assert "nothing" in page.decision.told.text() and project.schema.name == "other"
    assert states(project, "accepted") == ["n00"]


def test_the_image_in_sight_follows(page: CropsPage, session: FakeSession) -> None:
    session.open_image("a.png")
    click(page, 0)
    press(page, Qt.Key.Key_X)
    assert session.image.regions[0].state == "rejected"
    press(page, Qt.Key.Key_U)
    assert session.image.regions[0].state == "suggested"


def test_more_than_one_step_takes_stay_selected(page: CropsPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crops_page, "MOST_AT_ONCE", 20)
    press(page, Qt.Key.Key_A, CTRL)
    press(page, Qt.Key.Key_A)
    assert page.decision.told.text().startswith("20 accepted. 10 more are selected")
    assert len(selected(page)) == 10 == len(shown(page))


def test_a_decision_that_cannot_be_stored_changes_nothing(
    page: CropsPage, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Project, edit: Edit) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Project, "apply", full)
    click(page, 0)
    press(page, Qt.Key.Key_A)
    assert "the disk is full" in session.notices[-1] and len(shown(page)) == COUNT


def test_a_project_that_is_only_read_is_not_changed(page: CropsPage, session: FakeSession) -> None:
    session.store.read_only = True
    click(page, 0)
    for name in (Qt.Key.Key_A, Qt.Key.Key_X, Qt.Key.Key_T, Qt.Key.Key_U):
        press(page, name)
    assert len(states(session.project, "suggested")) == COUNT + 1 and not page.decision.line.isVisible()


def test_other_categories_states_and_orders(page: CropsPage) -> None:
    page.bar.category.setFocus()
    QTest.keyClicks(page.bar.category, "do")
    QTest.keyClick(page.bar.category, Qt.Key.Key_Return)
    assert page.bar.category.text() == "dog" and shown(page) == ["dog"] and page.hasFocus()
    page.bar.category.setFocus()
    QTest.keyClicks(page.bar.category, "zebra")
    QTest.keyClick(page.bar.category, Qt.Key.Key_Return)
    assert page.bar.category.text() == "dog"
    page.bar.choose("cat")
    press(page, Qt.Key.Key_X)  # nothing is selected
    assert len(shown(page)) == COUNT
    click(page, 0)
    press(page, Qt.Key.Key_X)
    page.bar.states.setCurrentIndex(1)
    page.bar.states.activated.emit(1)
    assert shown(page) == ["n00"]
    page.bar.states.setCurrentIndex(2)
    page.bar.states.activated.emit(2)
    page.bar.order.setCurrentIndex(1)
    page.bar.order.activated.emit(1)
    assert shown(page) == [f"n{n:02}" for number in range(3) for n in range(number, COUNT, 3)]
    click(page, 1)
    press(page, Qt.Key.Key_X)
    assert len(shown(page)) == COUNT  # rejected ones are among all


def test_states_that_are_chosen_before_the_first_crops_have_come(session: FakeSession) -> None:
    session.store.held = []
    page = CropsPage(session)
    page.show()
    page.bar.states.setCurrentIndex(2)
    page.bar.states.activated.emit(2)
    held, session.store.held = session.store.held, None
    for read in held:
        read()
    assert page.bar.category.text() == "cat" and len(shown(page)) == COUNT
    assert page.bar.filter.states == frozenset()
    page.close()
    page.close_pictures()


def test_a_category_that_is_chosen_before_the_first_crops_have_come(session: FakeSession) -> None:
    session.store.held = []
    page = CropsPage(session)
    page.show()
    page.bar.category.chosen.emit("dog")
    held, session.store.held = session.store.held, None
    for read in held:
        read()
    assert page.bar.category.text() == "dog" and shown(page) == ["dog"]
    page.close()
    page.close_pictures()


def test_where_nothing_waits_all_are_shown(page: CropsPage, session: FakeSession) -> None:
    for name in ("cat", "dog"):
        page.show_category(name)
        press(page, Qt.Key.Key_A, CTRL)
        press(page, Qt.Key.Key_A)
    session.projectOpened.emit(None)
    assert page.bar.category.text() == "cat" and len(shown(page)) == COUNT
    assert page.bar.states.currentData() == "all"


def test_keys_go_by_their_place(page: CropsPage, project: Project) -> None:
    click(page, 0)
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
        event = QKeyEvent(kind, 0x0427, NONE, 53, 0, 0, "ч")  # what a Russian layout has in the place of X
        event.ignore()
        QApplication.sendEvent(page.view, event)
        assert event.isAccepted()
    assert states(project, "rejected") == ["n00"]


def test_open_shows_the_region_on_its_image(page: CropsPage, session: FakeSession) -> None:
    asked: list[tuple[str, str]] = []
    page.openRequested.connect(lambda image, region: asked.append((image, region)))
    click(page, 4)
    press(page, Qt.Key.Key_O)
    assert asked == [("b.png", "n04")] and session.image.selection == ("n04",)


def test_crops_are_made_for_what_is_in_sight(page: CropsPage) -> None:
    first, last = page.model.region(0), page.model.region(COUNT - 1)
    assert first is not None and last is not None
    wait_for(lambda: page.crops.pixmap(page.view.crop_key(first)) is not None, "the first crop")
    QApplication.processEvents()
    rect = page.view.visualRect(page.model.index(0))
    color = page.grab().toImage().pixelColor(page.view.viewport().mapTo(page, rect.center()))  # type: ignore[union-attr]
    assert color.red() > 200 and color.green() < 60, "the red image"
    small = page.view.columns
    press(page, Qt.Key.Key_Plus)
    assert page.view.columns < small
    press(page, Qt.Key.Key_Minus)
    assert page.view.columns == small


def test_another_project_begins_anew(page: CropsPage, session: FakeSession) -> None:
    page.bar.choose("dog")
    session.projectOpened.emit(None)
    assert page.bar.category.text() == "cat" and len(shown(page)) == COUNT
    session.store.folder = None
    session.projectClosed.emit()
    assert not page.model.row_ids and "No folder" in page._empty.text


def test_a_box_of_the_image_is_marked(page: CropsPage) -> None:
    found = page.model.region(0)
    assert found is not None
    key = page.view.crop_key(found)
    wait_for(lambda: page.crops.frame(key) is not None, "the crop")
    frame = page.crops.frame(key)
    assert frame is not None and found.region.box == Box(10, 10, 110, 90)
    assert 0 < frame[0] < frame[2] <= 1 and 0 < frame[1] < frame[3] <= 1
