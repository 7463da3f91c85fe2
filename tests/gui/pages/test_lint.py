"""The page of doubtful regions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from roi_assistant.ui.pages.lint import LintPage
from tests.gui.application_fixtures import make_photos, wait_for
from tests.gui.session.session_setup import Setup
from tests.gui.session.test_linting import check, fill, rules


@pytest.fixture
def setup(tmp_path: Path, qapp: QApplication) -> Iterator[Setup]:
    folder = make_photos(tmp_path / "photos")
    fill(folder)
    made = Setup(folder)
    yield made
    made.close()


@pytest.fixture
def page(setup: Setup) -> LintPage:
    page = LintPage(setup.session)
    page.resize(900, 600)
    page.show()
    return page


def texts(page: LintPage) -> dict[str, list[str]]:
    """Group -> its findings, as they are read."""
    model = page.model
    rows = [model.index(row, 0) for row in range(model.rowCount())]
    return {
        str(model.data(above)): [str(model.data(model.index(n, 0, above))) for n in range(model.rowCount(above))]
        for above in rows
    }


def choose(page: LintPage, group: int, row: int | None = None) -> None:
    above = page.model.index(group, 0)
    page.tree.setCurrentIndex(above if row is None else page.model.index(row, 0, above))


def test_before_and_while_something_is_checked(setup: Setup, page: LintPage) -> None:
    assert page.empty.isVisible() and not page.tree.isVisible() and not page.progress.isVisible()
    assert page.check_button.isEnabled() and not page.show_button.isEnabled()
    page.check_button.click()
    assert page.progress.isVisible() and page.stop_button.isVisible() and not page.check_button.isEnabled()
    wait_for(lambda: page.tree.isVisible(), "findings")
    assert not page.progress.isVisible() and page.check_button.isEnabled()


def test_findings_by_rule(setup: Setup, page: LintPage) -> None:
    check(setup.session.lint)
    assert texts(page) == {
        "One category spelled in several ways  (1)": ["“Cars” (1) is also spelled “car” (3)."],
        "Nearly the same box twice  (1)": ["Two boxes of “car” overlap by 100 percent."],
        "Caption and category name different things  (1)": [
            "The caption “a brown dog” is about a “dog”, the category is “car”."
        ],
    }
    assert page.lead.text().startswith("3 finding") and "on 4 regions of 3 images" in page.lead.text()
    assert page.model.data(page.model.index(0, 1, page.model.index(1, 0))) == "a.png"


def test_enter_shows_the_region(setup: Setup, page: LintPage) -> None:
    check(setup.session.lint)
    opened: list[None] = []
    categories: list[str] = []
    page.openRequested.connect(lambda: opened.append(None))
    page.categoryRequested.connect(categories.append)
    choose(page, 2, 0)
    QTest.keyClick(page.tree, Qt.Key.Key_Return)
    wait_for(lambda: (setup.session.image.key, tuple(setup.session.image.selection)) == ("b.png", ("r1",)))
    assert len(opened) == 1
    choose(page, 0, 0)
    QTest.keyClick(page.tree, Qt.Key.Key_Return)
    assert (categories, len(opened)) == (["Cars"], 1), "names are on no image: the regions that have them are shown"
    choose(page, 1)
    assert page.tree.isExpanded(page.model.index(1, 0))
    QTest.keyClick(page.tree, Qt.Key.Key_Return)
    assert not page.tree.isExpanded(page.model.index(1, 0))


def test_the_page_follows_the_walk(setup: Setup, page: LintPage) -> None:
    check(setup.session.lint)
    setup.session.lint.step(1)
    assert page.model.place(page.tree.currentIndex()) == setup.session.lint.current == 1


def test_delete_ignores_what_is_selected(setup: Setup, page: LintPage) -> None:
    check(setup.session.lint)
    choose(page, 1)
    assert not page.ignore_button.isEnabled(), "a whole kind is not ignored by a slip"
    QTest.keyClick(page.tree, Qt.Key.Key_Delete)
    choose(page, 1, 0)
    QTest.keyClick(page.tree, Qt.Key.Key_Delete)
    assert rules(setup.session.lint) == ["category-spelling", "caption-category"]
    assert page.model.rowCount() == 2 and "1 ignored" in page.lead.text()


def test_only_what_is_safe_can_be_fixed(setup: Setup, page: LintPage) -> None:
    check(setup.session.lint)
    choose(page, 2, 0)
    assert not page.fix_button.isEnabled()
    choose(page, 1)
    assert page.fix_button.isEnabled()
    page.fix_button.click()
    wait_for(lambda: rules(setup.session.lint) == ["category-spelling", "caption-category"])
    assert [region.id for region in setup.session.image.stored] == ["r1"]


def test_nothing_doubtful(setup: Setup, page: LintPage) -> None:
    check(setup.session.lint)
    setup.session.lint.ignore(setup.session.lint.findings)
    assert page.empty.isVisible() and page.empty.text == "Nothing doubtful was found."
    setup.session.close_project()
    assert page.empty.text == "Nothing was checked yet." and not page.check_button.isEnabled()
