"""One key for each step of an annotator: where the focus goes, what is selected next, which tool is in the hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtTest import QTest

from roi_assistant.core.box import Box
from roi_assistant.core.records import ReviewState
from roi_assistant.core.review import preferred_caption
from roi_assistant.storage.records import ImageFilter
from roi_assistant.ui.look.palette import BOX_COLORS, look
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import drag, is_open, key, run_program, settle, wait_for

CTRL = Qt.KeyboardModifier.ControlModifier


pytestmark = pytest.mark.usefixtures("writer")


def three_boxes(window: MainWindow) -> list[str]:
    """Ids of three described regions of the first image; the first one is selected and the canvas has the focus."""
    session = window.session
    wait_for(lambda: is_open(window), "the first image")
    ids = [session.edits.add_box(Box(20 + n * 100, 20, 90 + n * 100, 200)) for n in range(3)]
    wait_for(
        lambda: not session.suggestions.pending and all(region.captions for region in session.image.regions),
        "the suggestions",
    )
    session.image.select(ids[:1])
    window.workspace.canvas.setFocus()
    return ids


def states(window: MainWindow) -> list[str]:
    return [region.state for region in window.session.image.regions]


def test_after_a_caption_is_kept_or_taken_back_single_keys_are_commands_again(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session, canvas, editor = window.session, window.workspace.canvas, window.workspace.editor
        window.change_setting("advance", False)
        ids = three_boxes(window)
        key(canvas, Qt.Key.Key_E)
        QTest.keyClicks(editor.caption, "a mug")
        key(editor.caption, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClicks(editor.caption, "of tea")
        key(editor.caption, Qt.Key.Key_Return)
        caption = preferred_caption(session.image.regions[0])
        assert caption is not None and caption.text == "a mug\nof tea"
        assert window.focusWidget() is canvas and session.image.selection == (ids[0],)
        key(canvas, Qt.Key.Key_E)
        QTest.keyClicks(editor.caption, "x")
        key(editor.caption, Qt.Key.Key_Escape)
        assert window.focusWidget() is canvas and preferred_caption(session.image.regions[0]) == caption
        key(canvas, Qt.Key.Key_T)
        assert window.focusWidget() is editor.category.line
        QTest.keyClicks(editor.category.line, "mug")
        key(editor.category.line, Qt.Key.Key_Return)
        assert window.focusWidget() is canvas and session.image.regions[0].category == "mug"
        key(canvas, Qt.Key.Key_T)
        key(editor.category.line, Qt.Key.Key_Escape)
        assert window.focusWidget() is canvas

    run_program(drive, "open", str(photos))


def test_a_decision_goes_on_to_the_next_region_that_waits(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session, canvas, editor = window.session, window.workspace.canvas, window.workspace.editor
        ids = three_boxes(window)
        key(canvas, Qt.Key.Key_Return)
        assert states(window) == ["accepted", "suggested", "suggested"] and session.image.selection == (ids[1],)
        settle(window)
        key(canvas, Qt.Key.Key_Z, CTRL)  # what was decided by mistake is in sight again
        settle(window)
        assert states(window) == ["suggested"] * 3 and session.image.selection == (ids[0],)
        key(canvas, Qt.Key.Key_2)
        assert session.image.selection == (ids[1],)
        key(canvas, Qt.Key.Key_E)
        key(editor.caption, Qt.Key.Key_Return)  # right as it is, and only this one
        assert states(window) == ["accepted", "accepted", "suggested"] and session.image.selection == (ids[2],)
        session.image.select(ids[:1])
        key(canvas, Qt.Key.Key_3)  # was decided already: another choice, and no way to go
        assert session.image.selection == (ids[0],)
        session.image.select(ids[2:])
        key(canvas, Qt.Key.Key_E)
        QTest.keyClicks(editor.caption, "the last")
        key(editor.caption, Qt.Key.Key_Return)
        assert states(window) == ["accepted", "accepted", "edited"]
        assert session.image.selection == (ids[2],) and window.focusWidget() is canvas

    run_program(drive, "open", str(photos))


def test_decisions_by_the_list_go_on_too_and_not_when_it_is_switched_off(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session, view = window.session, window.workspace.regions.view
        ids = three_boxes(window)
        view.setFocus()
        key(view, Qt.Key.Key_X)
        assert states(window) == ["rejected", "suggested", "suggested"] and session.image.selection == (ids[1],)
        window.change_setting("advance", False)
        key(view, Qt.Key.Key_1)
        assert states(window) == ["rejected", "accepted", "suggested"] and session.image.selection == (ids[1],)

    run_program(drive, "open", str(photos))


def test_the_window_begins_with_the_tool_that_draws_or_with_the_one_it_was_left_with(photos: Path) -> None:
    def draw(window: MainWindow) -> None:
        wait_for(lambda: is_open(window), "the first image")
        assert window.actions_of["draw"].isChecked() and not window.actions_of["select"].isChecked()
        drag(window.workspace.canvas, (50, 50), (150, 120))
        assert len(window.session.image.regions) == 1
        key(window.workspace.canvas, Qt.Key.Key_V)

    def select(window: MainWindow) -> None:
        wait_for(lambda: is_open(window), "the first image")
        assert window.actions_of["select"].isChecked() and not window.actions_of["draw"].isChecked()
        drag(window.workspace.canvas, (200, 150), (300, 220))
        assert len(window.session.image.regions) == 1

    run_program(draw, "open", str(photos))
    run_program(select, "open", str(photos))


def test_words_that_are_being_typed_are_proposed_and_taken_with_tab_only(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session, canvas, caption = window.session, window.workspace.canvas, window.workspace.editor.caption
        three_boxes(window)
        key(canvas, Qt.Key.Key_E)
        assert caption.completion == ""
        QTest.keyClicks(caption, "a bicyc")
        assert caption.completion == "le"
        key(caption, Qt.Key.Key_Tab)
        assert caption.toPlainText() == "a bicycle" and caption.hasFocus()
        QTest.keyClicks(caption, " hel")
        assert caption.completion == "met"
        key(caption, Qt.Key.Key_Return)  # keeps what was typed, and not what was proposed
        key(canvas, Qt.Key.Key_E)
        QTest.keyClicks(caption, "a b")
        assert caption.completion == "icycle hel"  # what was written before
        key(caption, Qt.Key.Key_Left)
        assert caption.completion == ""
        key(caption, Qt.Key.Key_End)
        assert caption.completion == "icycle hel"
        key(caption, Qt.Key.Key_Right)
        QTest.keyClicks(caption, "x")
        key(caption, Qt.Key.Key_Tab)  # nothing is proposed: the next region
        assert session.image.selection == (session.image.regions[2].id,) and caption.completion == ""
        texts = [found.text for region in session.image.regions if (found := preferred_caption(region))]
        assert texts[:2] == ["a bicycle hel", "a bicycle helx"]

    run_program(drive, "open", str(photos))


def test_escape_takes_the_selection_away_and_keeps_the_tool(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        canvas, view = window.workspace.canvas, window.workspace.regions.view
        ids = three_boxes(window)
        for _ in range(3):
            key(canvas, Qt.Key.Key_Escape)
            assert window.session.image.selection == () and window.tool == "draw"
        window.session.image.select(ids)
        view.setFocus()
        key(view, Qt.Key.Key_Escape)
        assert window.session.image.selection == () and window.focusWidget() is canvas

    run_program(drive, "open", str(photos))


def test_a_filter_of_the_overview_shows_one_of_the_images_that_it_found(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session = window.session
        wait_for(lambda: is_open(window) and len(session.images.keys) == 3, "the images")
        session.open_image("b.png")
        wait_for(lambda: is_open(window))
        id_ = session.edits.add_box(Box(20, 20, 90, 200))
        wait_for(lambda: not session.suggestions.pending, "the suggestion")
        session.edits.accept([id_])
        settle(window)
        session.open_image("a.png")
        wait_for(lambda: is_open(window))
        window.show_page("overview")
        page: Any = window.pages.page("overview")  # type: ignore[union-attr]
        assert "a.png" not in window.status.place.text() and not window.status.pointer.isVisible()
        page._filter(ImageFilter(states=frozenset({"accepted"})))
        wait_for(lambda: session.image.key == "b.png", "the image behind the bar")
        assert window.page == "workspace" and list(session.images.keys) == ["b.png"]
        assert "b.png" in window.status.place.text() and window.status.pointer.isVisible()

    run_program(drive, "open", str(photos))


def contrast(one: QColor, other: QColor) -> float:
    """The contrast ratio of WCAG 2."""

    def luminance(color: QColor) -> float:
        parts = (color.redF(), color.greenF(), color.blueF())
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("base", ["#ffffff", "#1e2024"])
@pytest.mark.parametrize("state", ["suggested", "accepted", "edited", "rejected"])
def test_a_state_has_one_hue_on_the_canvas_and_in_the_docks_and_can_be_read(base: str, state: ReviewState) -> None:
    palette = QPalette(QColor(base))
    palette.setColor(QPalette.ColorRole.Base, QColor(base))
    palette.setColor(QPalette.ColorRole.Text, QColor("#000000" if base == "#ffffff" else "#ffffff"))
    text, box = look(palette).state(state), BOX_COLORS[state]
    assert contrast(text, QColor(base)) >= 4.5
    if state == "rejected":
        assert max(text.saturation(), box.saturation()) < 40
    else:
        assert abs(text.hsvHue() - box.hsvHue()) <= 12
