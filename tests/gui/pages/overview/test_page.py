"""The overview: figures of a real project file, and bars that ask for images."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtTest import QTest

from roi_assistant.core.box import Box
from roi_assistant.core.edits import Edit, RegionChange
from roi_assistant.core.records import Attribute, Caption, Provenance, Region, ReviewState
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import ImageFilter, Overview
from roi_assistant.ui.pages.overview.cards import DaysCard, LearningCard
from roi_assistant.ui.pages.overview.page import OverviewPage
from tests.gui.fake_session import FakeSession

MODEL = Provenance("model", "2026-01-02T03:04:05+00:00", "gpt4roi-mini")
HUMAN = Provenance("human", "2026-01-03T03:04:05+00:00")


def region(id_: str, category: str, state: ReviewState, box: Box, caption: str = "a brown dog") -> Region:
    captions = (Caption(caption, MODEL, 0.5, preferred=state != "edited"),)
    if state == "edited":
        captions = (Caption("a wet dog", HUMAN, preferred=True), *captions)
    return Region(id_, box, category, captions, (Attribute("color", ("brown",), MODEL, 0.9, "model"),), state)


def fill(project: Project) -> None:
    regions = [
        region("r1", "dog", "accepted", Box(0, 0, 100, 100)),
        region("r2", "dog", "edited", Box(40, 40, 60, 60)),
        region("r3", "cat", "suggested", Box(0, 0, 50, 50)),
        region("r4", "bird", "rejected", Box(0, 0, 10, 10)),
    ]
    project.add_images(["a.jpg", "b.jpg"])
    project.set_image_size("a.jpg", 100, 100)
    project.apply(Edit("Import", "a.jpg", tuple(RegionChange("a.jpg", None, item) for item in regions)))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path) as project:
        yield project


def shown(project: Project) -> OverviewPage:
    page = OverviewPage(FakeSession(project=project, folder=project.folder, key=""))
    page.resize(1200, 1800)
    page.show()
    page.activateWindow()
    QTest.qWaitForWindowActive(page)
    wait_filled(page)
    return page


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(6000):
        if condition():
            return
        QTest.qWait(10)
    raise AssertionError("waited for too long")


def wait_filled(page: OverviewPage) -> None:
    """Cards are made one after the other."""
    wait_for(lambda: not page.is_filling)


def plot(page: OverviewPage, name: str) -> Any:
    """The plot of the card of class ``name``."""
    return next(card.plot for card in page.cards if type(card).__name__ == name)  # type: ignore[attr-defined]


def test_figures_of_the_project_are_shown(project: Project) -> None:
    fill(project)
    page = shown(project)
    assert (page.tiles["images"].text(), page.tiles["regions"].text()) == ("2", "4")
    assert plot(page, "CategoriesCard").bars == (("dog", 2), ("cat", 1))
    assert plot(page, "AttributesCard").bars == (("brown", 3),)
    assert [count for _, count in plot(page, "ReviewCard").bars] == [1, 1, 1, 1]
    assert plot(page, "PositionsCard").total == plot(page, "SizesCard").total == 3
    # From the smallest class to the whole image: 1/25, 1/4, all of it.
    assert plot(page, "AreasCard").counts[-3:] == (1, 1, 1) and sum(plot(page, "AreasCard").counts) == 3
    assert [model.model for model in plot(page, "AgreementCard").models] == ["gpt4roi-mini"]


def test_each_model_is_told_in_numbers(project: Project) -> None:
    fill(project)
    page = shown(project)
    (card,) = (card for card in page.cards if type(card).__name__ == "OutcomesCard")
    # One each: accepted as it was, edited ("a wet dog" for "a brown dog", one word of three), rejected, waiting.
    assert card.rows == [("gpt4roi-mini", "4", "1", "0", "1", "33 %", "1", "0", "1")]  # type: ignore[attr-defined]


def test_a_click_and_the_keyboard_ask_for_the_images_behind_a_bar(project: Project) -> None:
    fill(project)
    page = shown(project)
    asked: list[ImageFilter] = []
    page.filterRequested.connect(asked.append)
    chart = plot(page, "CategoriesCard")
    QTest.mouseClick(chart.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(chart.width() // 2, 12))
    chart.setFocus()
    QTest.keyClick(chart, Qt.Key.Key_Down)
    QTest.keyClick(chart, Qt.Key.Key_Return)
    QTest.keyClick(plot(page, "AttributesCard"), Qt.Key.Key_Home)
    QTest.keyClick(plot(page, "AttributesCard"), Qt.Key.Key_Space)
    plot(page, "ReviewCard").activated.emit(1)
    QTest.keyClick(plot(page, "AgreementCard"), Qt.Key.Key_Down)
    QTest.keyClick(plot(page, "AgreementCard"), Qt.Key.Key_Return)
    assert asked == [
        ImageFilter(category="dog"),
        ImageFilter(category="cat"),
        ImageFilter(attribute=("color", "brown")),
        ImageFilter(states=frozenset({"edited"})),
        ImageFilter(model="gpt4roi-mini"),
    ]
    assert page.session.images.filter == asked[-1]
    assert all([row.key for row in project.images(flt)] == ["a.jpg"] for flt in asked)


def test_a_card_is_one_class(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from roi_assistant.ui.pages.overview import cards

    monkeypatch.setattr(cards, "CARDS", list(cards.CARDS))

    @cards.card
    class LockedCard(cards.OverviewCard[int]):
        title = "Locked"

        @staticmethod
        def query(project: Project, overview: Overview) -> int:
            return sum(region.locked for region in project.regions("a.jpg"))

        def show_figures(self) -> None:
            self.set_hint(f"Locked regions: {self.figures}")

    fill(project)
    page = shown(project)
    assert page.cards[-1].heading.text() == "Locked" and page.cards[-1].hint.text() == "Locked regions: 0"
    assert page.cards[-1].isVisibleTo(page)


def test_the_rest_in_one_bar_cannot_be_chosen(project: Project) -> None:
    regions = [region(f"r{n}", f"kind {n:02}", "accepted", Box(0, 0, 9, 9)) for n in range(20)]
    project.add_images(["a.jpg"])
    project.apply(Edit("Import", "a.jpg", tuple(RegionChange("a.jpg", None, item) for item in regions)))
    page = shown(project)
    asked: list[ImageFilter] = []
    page.filterRequested.connect(asked.append)
    assert plot(page, "CategoriesCard").bars[-1] == ("8 others", 8)
    QTest.keyClick(plot(page, "CategoriesCard"), Qt.Key.Key_End)
    QTest.keyClick(plot(page, "CategoriesCard"), Qt.Key.Key_Return)
    assert asked == []


def test_an_empty_project_says_so_and_figures_follow_when_it_is_shown_again(project: Project) -> None:
    project.add_images(["a.jpg"])
    page = shown(project)
    assert page.empty.isVisibleTo(page) and not page.cards
    fill(project)
    page.hide()
    page.show()
    wait_filled(page)
    assert not page.empty.isVisibleTo(page) and page.cards
    assert page.tiles["regions"].text() == "4"


def test_an_answer_for_another_project_is_dropped(project: Project) -> None:
    fill(project)
    page = OverviewPage(FakeSession(project=project, folder=project.folder, key=""))
    page.session.store.held = []
    page.show()
    (answer,) = page.session.store.held
    page.session.store.folder = None
    page.session.projectClosed.emit()
    answer()
    assert page._results is None and page.tiles["regions"].text() == "–"


def test_plots_follow_the_theme(project: Project) -> None:
    fill(project)
    page = shown(project)
    palette = QPalette(QColor("#303030"))
    palette.setColor(QPalette.ColorRole.Base, QColor("#101214"))
    palette.setColor(QPalette.ColorRole.Text, QColor("#eeeeee"))
    page.setPalette(palette)
    chart = plot(page, "CategoriesCard")
    wait_for(lambda: chart.grab().toImage().pixelColor(1, 1) == QColor("#101214"))


def test_every_plot_is_reached_by_keyboard_and_tells_a_screen_reader_what_it_shows(project: Project) -> None:
    fill(project)
    page = shown(project)
    for card in page.cards:
        if card.is_empty or isinstance(card, DaysCard):  # nobody has decided anything on any day
            continue
        shown_plot = card.plot  # type: ignore[attr-defined]
        assert shown_plot.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert shown_plot.accessibleName() and shown_plot.accessibleDescription(), card.title
    assert "dog: 2" in plot(page, "CategoriesCard").accessibleDescription()


def test_the_plotting_library_is_not_loaded_before_the_page_is_shown() -> None:
    code = "import sys, roi_assistant.ui.pages.overview.page; print('pyqtgraph' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


def test_what_it_learned_is_shown_from_fifty_decisions_on(project: Project) -> None:
    fill(project)
    page = shown(project)
    card = next(card for card in page.cards if isinstance(card, LearningCard))
    assert not card.isVisibleTo(page)
    states: list[ReviewState] = ["edited"] * 60 + ["accepted"] * 60
    decided = [
        replace(
            region(f"d{n:03}", "dog", state, Box(0, 0, 9, 9)),
            reviewed_at=f"2026-01-03T{n // 60:02}:{n % 60:02}:00+00:00",
            category_score=0.5,
        )
        for n, state in enumerate(states)
    ]
    project.apply(Edit("Import", "b.jpg", tuple(RegionChange("b.jpg", None, item) for item in decided)))
    page.refresh()
    wait_filled(page)
    assert card.isVisibleTo(page) and card.plot.counts == (0, 40)
    assert card.hint.text() == "In the last 50 regions 50 were right as suggested, in the first 50 0."
    columns = {page.grid.getItemPosition(page.grid.indexOf(one))[:2] for one in page.cards}
    assert len(columns) == len(page.cards), "each card has a place of its own"
