"""Whoever sees boxes of a wrong category among their crops corrects all of them with a few keys, and takes it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import Region
from roi_assistant.storage.project import Project
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import install, is_open, key, make_photos, run_program, settle, wait_for
from tests.gui.e2e.driving import CTRL, SHIFT, shot
from tests.gui.fake_session import make_region

IMAGES = tuple(f"{name}.png" for name in "abcde")
WRONG = {"a.png-0", "c.png-3", "e.png-5"}


def regions_of(folder: Path) -> dict[str, Region]:
    with Project.open(folder, read_only=True) as project:
        return {region.id: region for image in IMAGES for region in project.regions(image)}


def test_three_wrong_ones_among_thirty(home: Path, tmp_path: Path) -> None:
    install(home)
    folder = make_photos(tmp_path / "photos", IMAGES)
    with Project.open(folder, backup=False) as project:
        for image in IMAGES:
            for n in range(6):
                id_ = f"{image}-{n}"
                region = make_region(
                    id_, ((f"a cup {id_}", 0.5),), category="cup", box=Box(9 + 60 * n, 9, 60 + 60 * n, 90)
                )
                project.apply(Edit("x", image, (RegionChange(image, None, region),)), undoable=False)
    before = regions_of(folder)
    assert len(before) == 30
    corrected: list[dict[str, Region]] = []

    def work(window: MainWindow) -> None:
        wait_for(lambda: is_open(window), "the first image")
        key(window.workspace.canvas, Qt.Key.Key_Q, SHIFT)
        assert window.page == "crops"
        page: Any = window.pages.page("crops")
        view, model = page.view, page.model
        wait_for(lambda: len(model.row_ids) == 30 and model.region(29) is not None, "the crops")
        assert window.focusWidget() is view and page.bar.category.text() == "cup"
        wrong = [item for item in range(30) if model.region(item).region.id in WRONG]
        for item in wrong:
            view.scrollTo(model.index(item))
            place = view.visualRect(model.index(item)).center()
            QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, CTRL, place)
        assert view.selected_items() == wrong
        key(view, Qt.Key.Key_T)
        line = window.focusWidget()
        assert line is page.decision.line
        QTest.keyClicks(line, "lamp")
        shot(window, "crops-category")
        key(line, Qt.Key.Key_Return)
        settle(window)
        wait_for(lambda: len(model.row_ids) == 27, "the crops that are left")
        assert page.decision.told.text() == "3 got the category" and window.focusWidget() is view
        corrected.append(regions_of(folder))
        key(view, Qt.Key.Key_U)
        settle(window)
        wait_for(lambda: len(model.row_ids) == 30, "the crops that came back")
        assert view.selected_items() == wrong
        key(view, Qt.Key.Key_Escape)  # the selection
        assert window.page == "crops" and not view.selected_items()
        key(view, Qt.Key.Key_Escape)
        assert window.page == "workspace"
        QApplication.processEvents()

    assert run_program(work, "open", str(folder)) == 0
    assert {id_ for id_, region in corrected[0].items() if region.category == "lamp"} == WRONG
    assert regions_of(folder) == before


def test_a_category_of_the_overview_leads_to_its_crops(home: Path, tmp_path: Path) -> None:
    install(home)
    folder = make_photos(tmp_path / "photos", IMAGES[:1])
    with Project.open(folder, backup=False) as project:
        for id_, category in (("one", "cup"), ("two", "cup"), ("three", "dog")):
            change = RegionChange("a.png", None, make_region(id_, category=category, state="accepted"))
            project.apply(Edit("x", "a.png", (change,)), undoable=False)

    def work(window: MainWindow) -> None:
        wait_for(lambda: is_open(window), "the first image")
        window.show_page("overview")
        overview: Any = window.pages.page("overview")
        wait_for(lambda: overview.cards and not overview.is_filling, "the figures")
        chart = next(card for card in overview.cards if card.title == "Categories").plot
        chart.setFocus()
        key(chart, Qt.Key.Key_End)
        key(chart, Qt.Key.Key_Return, CTRL)
        assert window.page == "crops"
        page: Any = window.pages.page("crops")
        wait_for(lambda: len(page.model.row_ids) == 1, "the crops of the dog")
        assert page.bar.category.text() == "dog" and page.bar.states.currentData() == "all"

    assert run_program(work, "open", str(folder)) == 0
