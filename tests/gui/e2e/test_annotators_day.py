"""What an annotator does all day, through ``main``, by mouse and keys: nothing is pressed twice, nothing gets lost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu, QWidget

from roi_assistant.core.box import Box
from roi_assistant.core.records import AttributeDefinition, AttributeSchema
from roi_assistant.core.review import preferred_caption
from roi_assistant.ui.docks.attribute_form import _TextRow
from roi_assistant.ui.pages.review_queue import ReviewQueue
from roi_assistant.ui.window.main_window import MainWindow
from tests.gui.application_fixtures import drag, is_open, key, run_program, settle, wait_for

CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
BOXES = (Box(20, 20, 90, 200), Box(120, 20, 190, 200), Box(220, 20, 290, 200))
RUSSIAN = {"X": ("ч", 53), "J": ("о", 44), "A": ("ф", 38), "D": ("в", 40)}
"""What a Russian layout types with a key of a US keyboard, and the scan code of that key in X11."""

pytestmark = pytest.mark.usefixtures("writer")


def press(window: QWidget, name: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """A key for whatever has the focus."""
    key(window.focusWidget() or window, name, modifiers)


def press_place(widget: QWidget, typed: str, code: int) -> None:
    """The key with the scan code ``code``, which types ``typed``."""
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
        event = QKeyEvent(kind, ord(typed.upper()), Qt.KeyboardModifier.NoModifier, code, 0, 0, typed)
        QApplication.sendEvent(widget, event)


def arrive(window: MainWindow, image: str) -> None:
    window.session.open_image(image)
    wait_for(lambda: window.session.image.key == image and is_open(window), image)


def add_boxes(window: MainWindow, image: str, boxes: Sequence[Box] = BOXES) -> list[str]:
    """Described regions on ``image``, which is in sight then."""
    session = window.session
    arrive(window, image)
    ids = [session.edits.add_box(box) for box in boxes]
    wait_for(
        lambda: not session.suggestions.pending and all(region.captions for region in session.image.regions),
        "the suggestions",
    )
    settle(window)
    return ids


def begin(window: MainWindow, **regions: int) -> dict[str, list[str]]:
    """So many regions on images ``a``, ``b``, with the canvas in focus and the first image in sight."""
    wait_for(lambda: is_open(window) and len(window.session.images.keys) == 3, "the images")
    ids = {name: add_boxes(window, f"{name}.png", BOXES[:count]) for name, count in regions.items()}
    arrive(window, "inner/c.png")
    arrive(window, "a.png")
    window.workspace.canvas.setFocus()
    return ids


def states(window: MainWindow) -> list[str]:
    return [region.state for region in window.session.image.regions]


def texts(window: MainWindow) -> list[str]:
    found = [preferred_caption(region) for region in window.session.image.regions]
    return [caption.text if caption else "" for caption in found]


def test_one_enter_keeps_a_category_and_the_next_key_is_a_command(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session, line = window.session, window.workspace.editor.category.line
        begin(window, a=2)
        ids = [region.id for region in session.image.regions]
        for id_, category in zip(ids, ("person", "pers"), strict=True):
            settle(window)
            # Counting comes after storing: what is offered is what was counted.
            wait_for(lambda category=category: category == "person" or "person" in session.categories.names)  # type: ignore[misc]
            session.image.select((id_,))
            window.workspace.canvas.setFocus()
            press(window, Qt.Key.Key_T)
            assert window.focusWidget() is line
            QTest.keyClicks(line, category)
            completer = line.completer()
            popup = completer.popup() if completer is not None else None
            assert popup is not None and popup.isVisible() == (category == "pers")
            key(popup if popup.isVisible() else line, Qt.Key.Key_Return)
            assert not popup.isVisible() and window.focusWidget() is window.workspace.canvas
            region = session.image.region(id_)
            assert region is not None and region.category == category  # what was typed, and not what was offered
        press(window, Qt.Key.Key_D)
        assert session.image.key == "b.png" and line.text() == ""

    run_program(drive, "open", str(photos))


def test_a_completion_that_the_arrows_went_to_is_kept_with_one_enter(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session, line = window.session, window.workspace.editor.category.line
        begin(window, a=1)
        press(window, Qt.Key.Key_T)
        QTest.keyClicks(line, "thi")
        completer = line.completer()
        popup = completer.popup() if completer is not None else None
        assert popup is not None and popup.isVisible()
        key(popup, Qt.Key.Key_Down)
        assert line.text() == "thing"
        key(popup, Qt.Key.Key_Return)
        assert session.image.regions[0].category == "thing" and window.focusWidget() is window.workspace.canvas

    run_program(drive, "open", str(photos))


def test_enter_in_a_text_attribute_gives_the_keys_back(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session = window.session
        begin(window, a=2)
        session.history.set_schema(AttributeSchema("signs", (AttributeDefinition("text", "text"),)))
        row = window.workspace.editor.attributes.row("text")
        assert isinstance(row, _TextRow)
        row.edit.setFocus()
        QTest.keyClicks(row.edit, "stop")
        press(window, Qt.Key.Key_Return)
        assert window.focusWidget() is window.workspace.canvas
        assert session.image.regions[0].attributes[-1].values == ("stop",)
        row.edit.setFocus()
        press(window, Qt.Key.Key_End)
        QTest.keyClicks(row.edit, " sign")
        press(window, Qt.Key.Key_Tab)  # it was typed for the first region
        assert session.image.selection == (session.image.regions[1].id,)
        assert session.image.regions[0].attributes[-1].values == ("stop sign",)
        assert all(item.name != "text" for item in session.image.regions[1].attributes)

    run_program(drive, "open", str(photos))


def test_keys_count_by_their_place_under_other_layouts(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session, workspace = window.session, window.workspace
        window.change_setting("advance_image", False)
        begin(window, a=3, b=3)
        key(workspace.canvas, Qt.Key.Key_9)  # there is none
        assert states(window) == ["suggested"] * 3 and session.image.selection == (session.image.regions[0].id,)
        press_place(workspace.canvas, *RUSSIAN["X"])
        assert states(window) == ["rejected", "suggested", "suggested"]
        workspace.regions.view.setFocus()
        press_place(workspace.regions.view, *RUSSIAN["X"])
        assert states(window) == ["rejected", "rejected", "suggested"]
        press_place(workspace.regions.view, "é", 11)  # French: 2 without Shift
        assert states(window) == ["rejected", "rejected", "accepted"] and texts(window)[2].endswith("take 2")
        workspace.images.view.setFocus()
        press_place(workspace.images.view, *RUSSIAN["D"])
        wait_for(lambda: session.image.key == "b.png" and is_open(window), "the next image")
        settle(window)
        press(window, Qt.Key.Key_Q)
        page = window.pages.page("review")
        assert isinstance(page, ReviewQueue)
        wait_for(lambda: len(page.deck.items) == 3, "the queue")
        press_place(page, *RUSSIAN["X"])
        press_place(page, "&", 10)  # French: 1 without Shift
        key(page, Qt.Key.Key_1, SHIFT)  # French: 1
        assert [item.region.state for item in page.deck.items] == ["rejected", "accepted", "accepted"]
        press_place(page, "г", 30)  # U
        press_place(page, *RUSSIAN["A"])
        assert [item.region.state for item in page.deck.items] == ["rejected", "accepted", "accepted"]

    run_program(drive, "open", str(photos))


def test_the_first_region_that_waits_is_selected_on_arrival(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session = window.session
        ids = begin(window, a=3, b=2)
        assert session.image.selection == (ids["a"][0],)
        press(window, Qt.Key.Key_Return)
        press(window, Qt.Key.Key_D)
        wait_for(lambda: session.image.selection == (ids["b"][0],), "the first region of the second image")
        press(window, Qt.Key.Key_A)
        wait_for(lambda: session.image.selection == (ids["a"][1],), "the first region that is not decided")

    run_program(drive, "open", str(photos))


def test_the_last_decision_leads_to_the_next_image_with_work_and_undo_back(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session = window.session
        ids = begin(window, a=2, b=1)
        press(window, Qt.Key.Key_Return)
        press(window, Qt.Key.Key_X)
        wait_for(lambda: session.image.selection == (ids["b"][0],), "the image with work")
        settle(window)
        press(window, Qt.Key.Key_Z, CTRL)
        wait_for(lambda: session.image.key == "a.png" and states(window) == ["accepted", "suggested"], "the undo")
        assert session.image.selection == (ids["a"][1],)
        press(window, Qt.Key.Key_Return)
        wait_for(lambda: session.image.selection == (ids["b"][0],), "the image with work again")
        press(window, Qt.Key.Key_Return)
        wait_for(lambda: "waits" in window.bar.text, "the word that nothing is left")
        assert session.image.key == "b.png"

    run_program(drive, "open", str(photos))


def test_who_draws_or_does_not_want_it_stays(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session, canvas = window.session, window.workspace.canvas
        begin(window, b=1)
        drag(canvas, (50, 50), (150, 120))
        wait_for(lambda: texts(window) != [""] and not session.suggestions.pending, "the suggestion")
        press(window, Qt.Key.Key_Return)
        settle(window)
        assert states(window) == ["accepted"] and session.image.key == "a.png" and window.bar.current is None
        window.change_setting("advance_image", False)
        add_boxes(window, "inner/c.png", BOXES[:1])
        arrive(window, "b.png")
        press(window, Qt.Key.Key_Return)
        settle(window)
        assert states(window) == ["accepted"] and session.image.key == "b.png"

    run_program(drive, "open", str(photos))


def test_a_box_and_its_suggestion_are_undone_and_redone_together(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session, canvas = window.session, window.workspace.canvas
        begin(window)
        for place in (50, 200):
            drag(canvas, (place, 50), (place + 100, 120))
        wait_for(lambda: not session.suggestions.pending and all(texts(window)), "the suggestions")
        settle(window)
        drawn = session.image.regions
        for left in (1, 0):
            press(window, Qt.Key.Key_Z, CTRL)
            settle(window)
            assert session.image.regions == drawn[:left]
        for there in (1, 2):
            press(window, Qt.Key.Key_Z, CTRL | SHIFT)
            settle(window)
            assert session.image.regions == drawn[:there]

    run_program(drive, "open", str(photos))


def test_tab_goes_through_the_regions_wherever_the_focus_is(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session, workspace, editor = window.session, window.workspace, window.workspace.editor
        ids = begin(window, a=3)["a"]
        places = (workspace.canvas, workspace.regions.view, workspace.images.view, editor.accept, editor.caption)
        for number, place in enumerate(places, start=1):
            place.setFocus()
            press(window, Qt.Key.Key_Tab)
            assert session.image.selection == (ids[number % 3],) and window.focusWidget() is place
        press(window, Qt.Key.Key_Backtab, SHIFT)
        assert session.image.selection == (ids[1],)
        QTest.keyClicks(editor.caption, "qqx")
        press(window, Qt.Key.Key_Tab)
        QTest.keyClicks(editor.caption, "wwx")
        press(window, Qt.Key.Key_Tab)
        assert texts(window)[1:] == ["qqx", "wwx"] and session.image.selection == (ids[0],)
        window.workspace.canvas.setFocus()
        press(window, Qt.Key.Key_T)
        QTest.keyClicks(editor.category.line, "thi")
        completer = editor.category.line.completer()
        popup = completer.popup() if completer is not None else None
        assert popup is not None and popup.isVisible()
        key(popup, Qt.Key.Key_Tab)
        assert session.image.selection == (ids[1],) and session.image.regions[0].category == "thi"
        before = window.focusWidget()
        press(window, Qt.Key.Key_F6)
        assert window.focusWidget() is not before and session.image.selection == (ids[1],)
        workspace.images.focus_search()
        press(window, Qt.Key.Key_Tab)
        assert session.image.selection == (ids[1],)  # a field outside the form is left as usual

    run_program(drive, "open", str(photos))


def test_enter_in_the_search_opens_the_first_hit(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session, search = window.session, window.workspace.images.search
        begin(window, a=1, b=3)
        arrive(window, "b.png")
        ids = [region.id for region in session.image.regions]
        session.edits.edit_caption(ids[2], "a zebra")
        settle(window)
        arrive(window, "a.png")
        press(window, Qt.Key.Key_F, CTRL)
        QTest.keyClicks(search, "zeb")
        key(search, Qt.Key.Key_Return)
        wait_for(lambda: session.image.selection == (ids[2],), "the region with the word")
        assert session.image.key == "b.png" and window.focusWidget() is window.workspace.canvas
        session.image.select(ids[:1])
        press(window, Qt.Key.Key_F, CTRL)
        key(search, Qt.Key.Key_Return)  # the list shows it already
        assert session.image.selection == (ids[2],)
        press(window, Qt.Key.Key_F, CTRL)
        QTest.keyClicks(search, "nothing")
        key(search, Qt.Key.Key_Return)
        wait_for(lambda: not session.images.keys, "no image")
        assert window.focusWidget() is search and session.image.key == "b.png"

    run_program(drive, "open", str(photos))


def test_boxes_of_the_previous_image_come_once_and_with_alt_with_their_words(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session = window.session
        begin(window, a=3)
        session.edits.edit_caption(session.image.regions[0].id, "mine")
        session.edits.reject([session.image.regions[2].id])
        settle(window)
        window.change_setting("suggest_on_draw", False)
        arrive(window, "b.png")
        press(window, Qt.Key.Key_V, CTRL | SHIFT)
        wait_for(lambda: len(session.image.regions) == 2, "the boxes")
        assert texts(window) == ["", ""] and states(window) == ["suggested"] * 2
        press(window, Qt.Key.Key_V, CTRL | SHIFT)
        wait_for(lambda: "already: 2" in window.bar.text, "the word that they are here")
        assert len(session.image.regions) == 2
        press(window, Qt.Key.Key_Z, CTRL)
        wait_for(lambda: not session.image.regions, "the undo")
        press(window, Qt.Key.Key_V, CTRL | SHIFT | ALT)
        wait_for(lambda: len(session.image.regions) == 2, "the boxes")
        assert texts(window)[0] == "mine" and texts(window)[1] != "" and states(window) == ["edited", "suggested"]

    run_program(drive, "open", str(photos))


def test_two_errors_in_a_row_are_both_read(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        wait_for(lambda: is_open(window), "the first image")
        window.say("error", "The first one failed.")
        window.say("error", "The second one failed.")
        QApplication.processEvents()
        lines = window.bar.lines
        assert [line.notice.text for line in lines] == ["The first one failed.", "The second one failed."]
        assert all(line.isVisible() and line.height() > 10 for line in lines)
        assert lines[0].geometry().bottom() < lines[1].geometry().top()
        lines[0].close_button.click()
        assert [line.notice.text for line in window.bar.lines] == ["The second one failed."]

    run_program(drive, "open", str(photos))


def test_what_is_left_to_review_is_one_number(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session = window.session
        begin(window, a=2)
        window.change_setting("suggest_on_draw", False)
        session.edits.add_box(BOXES[2])  # nothing is said of it: there is nothing to review
        settle(window)
        assert "2 to review" in window.status.place.text() and "3 regions" in window.status.place.text()
        press(window, Qt.Key.Key_Q)
        page = window.pages.page("review")
        assert isinstance(page, ReviewQueue)
        wait_for(lambda: "2 left" in page.bar.progress.text(), "the count of the queue")

    run_program(drive, "open", str(photos))


def test_the_list_of_images_has_a_context_menu(photos: Path) -> None:
    def drive(window: MainWindow) -> None:
        session, view = window.session, window.workspace.images.view
        begin(window, b=2)

        def menu_at(row: int) -> QMenu:
            viewport, index = view.viewport(), view.model().index(row, 0)  # type: ignore[union-attr]
            assert viewport is not None
            place = view.visualRect(index).center()
            QTest.mouseClick(viewport, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, place)
            QApplication.sendEvent(viewport, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, QPoint(9, 9)))
            menu = QApplication.activePopupWidget()
            assert isinstance(menu, QMenu)
            return menu

        menu = menu_at(1)
        wait_for(lambda: session.image.key == "b.png" and is_open(window), "the image")
        names = [action.objectName() for action in menu.actions()]
        assert names.index("describe_image") < names.index("copy_file_path") < names.index("delete_all")
        window.actions_of["copy_file_path"].trigger()
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None and clipboard.text() == str(photos / "b.png")
        window.actions_of["copy_file_name"].trigger()
        assert clipboard.text() == "b.png"
        window.actions_of["accept_image"].trigger()
        assert states(window) == ["accepted"] * 2
        menu.close()
        settle(window)
        window.actions_of["delete_all"].trigger()
        assert session.image.regions == ()
        settle(window)
        window.actions_of["undo"].trigger()
        settle(window)
        assert states(window) == ["accepted"] * 2
        window.actions_of["undo"].trigger()
        settle(window)
        assert states(window) == ["suggested"] * 2

    run_program(drive, "open", str(photos))
