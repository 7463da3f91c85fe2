"""What all pages are made of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QApplication

from roi_assistant.ui.look.palette import look
from roi_assistant.ui.look.theme import COLORS, apply_theme, contrast
from roi_assistant.ui.pages.page import Card, Hint, Page, level_color


@pytest.fixture
def themed(application: QApplication) -> Iterator[QApplication]:
    yield application
    application.setStyleSheet("")
    application.setPalette(application.style().standardPalette())


def test_everything_on_a_page_follows_a_change_of_the_theme(themed: QApplication) -> None:
    apply_theme(themed, "light")
    page = Page()
    page.set_title("Title", "Lead")
    card = Card("Card", "Hint")
    page.body.addWidget(card)
    page.show()
    for theme in ("dark", "light", "dark"):
        apply_theme(themed, theme)
        for _ in range(5):
            themed.processEvents()
        window = COLORS[theme]["Window"]  # type: ignore[index]
        for widget in (page, card, card.heading, page.lead, page.footer):
            assert widget.palette().color(QPalette.ColorRole.Window).name() == window, (theme, widget)
        for hint in (page.lead, card.hint):
            assert hint.palette().color(QPalette.ColorRole.WindowText) == look(page.palette()).muted, theme


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_hints_and_errors_can_be_read(themed: QApplication, theme: str) -> None:
    apply_theme(themed, theme)
    hint = Hint("Words")
    grounds = [themed.palette().color(role) for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Base)]
    colors = [hint.palette().color(QPalette.ColorRole.WindowText)]
    for level in ("info", "success", "warning", "error"):
        colors.append(level_color(level, themed.palette()))  # type: ignore[arg-type]
    assert min(contrast(color, ground) for color in colors for ground in grounds) >= 4.5


def test_a_message_is_told_to_screen_readers_and_goes_away() -> None:
    page = Page()
    page.set_title("Title", "Lead")
    page.show()
    page.message.show_message("error", "It broke.")
    assert page.message.isVisible() and page.message.accessibleName() == "Error"
    assert page.message.accessibleDescription() == page.message.text == "It broke."
    page.message.clear()
    assert not page.message.isVisible()
