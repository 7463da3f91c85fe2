"""Drawing, moving, resizing, selecting and nudging, by real events."""

from __future__ import annotations

from typing import Any

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QContextMenuEvent, QKeyEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from roi_assistant.core.box import Box
from roi_assistant.ui.canvas import Canvas
from tests.gui.canvas.conftest import LEFT, Hand, region, wait_for

Signals = list[tuple[Any, ...]]
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
A = region("a", 1, (100, 100, 300, 250))
B = region("b", 2, (400, 300, 500, 420))
INSIDE_A = region("c", 3, (150, 150, 200, 200))
LOCKED = region("l", 4, (600, 100, 700, 200), locked=True)


@pytest.fixture(autouse=True)
def regions(canvas: Canvas) -> None:
    canvas.regions.set_regions((A, B, INSIDE_A, LOCKED))


def test_a_box_is_drawn(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    canvas.hand.set_tool("draw")
    signals.clear()
    hand.drag((20, 30), (60, 60), (90, 80))
    assert signals == [("boxDrawn", Box(20, 30, 90, 80))]


def test_a_box_can_be_drawn_inside_another(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    canvas.hand.set_tool("draw")
    signals.clear()
    hand.drag((210, 110), (290, 190))
    assert signals == [("boxDrawn", Box(210, 110, 290, 190))]


def test_a_click_in_the_draw_tool_draws_nothing_and_selects(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    canvas.hand.set_tool("draw")
    signals.clear()
    hand.click(450, 360)
    assert signals == [("selectionChanged", ("b",))]
    hand.drag((20, 30), (22, 31))
    assert [name for name, *_ in signals if name == "boxDrawn"] == []


def test_a_click_of_the_draw_tool_beside_regions_tells_where(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    spots: list[tuple[float, float]] = []
    canvas.hand.spotClicked.connect(lambda x, y: spots.append((x, y)))
    canvas.hand.set_tool("draw")
    hand.click(450, 360)
    hand.click(20, 30, keys=SHIFT)
    hand.drag((20, 30), (60, 70))
    assert not spots, "not on a region, with a modifier, or after a drag"
    signals.clear()
    hand.click(20, 30)
    assert spots == [(20, 30)] and signals == [("selectionChanged", ())], "as before, nothing is selected"
    canvas.set_read_only(True)
    hand.click(20, 30)
    canvas.set_read_only(False)
    canvas.hand.set_tool("select")
    hand.click(20, 30)
    assert len(spots) == 1


def test_a_drawn_box_is_cut_to_the_image(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    canvas.hand.set_tool("draw")
    signals.clear()
    hand.drag((760, 560), (900, 700))
    assert signals == [("boxDrawn", Box(760, 560, 800, 600))]


def test_a_box_is_selected_and_moved_in_one_drag_and_told_once(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    hand.drag((450, 350), (455, 353), (480, 340))
    assert signals == [("selectionChanged", ("b",)), ("boxesChanged", {"b": Box(430, 290, 530, 410)})]
    assert canvas.regions.box("b") == Box(430, 290, 530, 410)


def test_the_smaller_box_in_front_is_moved(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    hand.drag((170, 170), (180, 180))
    assert signals[-1] == ("boxesChanged", {"c": Box(160, 160, 210, 210)})


def test_a_selected_box_is_resized_by_a_handle_and_by_its_edge(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    canvas.regions.set_selection(["b"])
    hand.drag((500, 420), (520, 450))
    assert signals == [("boxesChanged", {"b": Box(400, 300, 520, 450)})]
    signals.clear()
    hand.drag((400, 330), (380, 330))
    assert signals == [("boxesChanged", {"b": Box(380, 300, 520, 450)})]


def test_the_draw_tool_draws_beside_a_selected_box_and_never_resizes_it(
    canvas: Canvas, hand: Hand, signals: Signals
) -> None:
    canvas.regions.set_selection(["b"])
    canvas.hand.set_tool("draw")
    canvas.hand.set_snap(False)
    for start in ((500, 420), (400, 330)):  # a handle, an edge
        signals.clear()
        hand.drag(start, (start[0] + 60, start[1] + 50))
        assert signals == [("boxDrawn", Box(*start, start[0] + 60, start[1] + 50))]
    signals.clear()
    hand.drag((500, 420), (520, 450), keys=CONTROL)
    assert signals == [("boxesChanged", {"b": Box(400, 300, 520, 450)})]


def test_a_click_on_a_handle_changes_nothing(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    canvas.regions.set_selection(["b"])
    hand.click(500, 420)
    assert signals == []


def test_several_boxes_move_together_without_the_locked_one(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    canvas.regions.set_selection(["b", "l"])
    hand.drag((450, 350), (460, 350))
    assert signals == [("boxesChanged", {"b": Box(410, 300, 510, 420)})]


def test_a_locked_box_is_neither_moved_nor_resized_nor_nudged(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    hand.drag((650, 150), (660, 170))
    hand.drag((700, 200), (720, 220))
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    wait_for(lambda: not canvas.regions._burst.isActive())
    assert [name for name, *_ in signals if name == "boxesChanged"] == []
    assert canvas.regions.box("l") == LOCKED.box


def test_nothing_is_changed_when_read_only_but_selecting_goes_on(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    canvas.set_read_only(True)
    canvas.hand.set_tool("draw")
    signals.clear()
    hand.drag((20, 30), (90, 80))
    canvas.hand.set_tool("select")
    hand.drag((450, 350), (480, 340))
    hand.drag((500, 420), (520, 450))
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert ("selectionChanged", ("b",)) in signals
    assert not {"boxDrawn", "boxesChanged", "deleteRequested"} & {name for name, *_ in signals}


@pytest.mark.parametrize("key", [SHIFT, CONTROL])
def test_a_click_with_a_key_adds_and_takes_away(canvas: Canvas, hand: Hand, signals: Signals, key: Any) -> None:
    hand.click(450, 350)
    hand.click(650, 150, keys=key)
    hand.click(450, 350, keys=key)
    assert [ids for name, ids in signals if name == "selectionChanged"] == [("b",), ("b", "l"), ("l",)]


def test_a_rubber_band_selects_what_is_inside_and_a_click_beside_nothing(
    canvas: Canvas, hand: Hand, signals: Signals
) -> None:
    hand.drag((90, 90), (310, 260))
    assert canvas.regions.selection == ("a", "c")
    hand.drag((390, 290), (520, 440), keys=SHIFT)
    assert canvas.regions.selection == ("a", "c", "b")
    hand.click(20, 580)
    assert canvas.regions.selection == ()


def test_selecting_by_program_says_nothing(canvas: Canvas, signals: Signals) -> None:
    canvas.regions.set_selection(["a", "unknown"])
    assert canvas.regions.selection == ("a",)
    assert signals == []


def test_edges_snap_unless_a_key_is_held(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    canvas.hand.set_snap(True)
    hand.drag((450, 350), (450, 400), (353, 350))  # the left edge comes to 303
    assert signals[-1] == ("boxesChanged", {"b": Box(300, 300, 400, 420)})
    canvas.regions.set_regions((A, B))
    hand.drag((450, 350), (450, 400), (353, 350), keys=ALT)
    assert signals[-1] == ("boxesChanged", {"b": Box(303, 300, 403, 420)})


def test_escape_leaves_a_drag_off(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    hand.press(450, 350)
    hand.move(480, 400)
    assert canvas.regions.box("b") == Box(430, 350, 530, 470)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    hand.release(480, 400)
    assert canvas.regions.box("b") == B.box
    assert [name for name, *_ in signals if name == "boxesChanged"] == []
    canvas.hand.set_tool("draw")
    hand.press(20, 20)
    hand.move(60, 60)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    hand.release(60, 60)
    assert [name for name, *_ in signals if name == "boxDrawn"] == []


def test_escape_in_a_drag_is_not_left_to_the_window(canvas: Canvas, hand: Hand) -> None:
    def claimed() -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        QApplication.sendEvent(canvas, event)
        return event.isAccepted()

    assert not claimed()
    hand.press(450, 350)
    assert claimed()


def test_answers_during_a_drag_do_not_take_the_box_out_of_the_hand(
    canvas: Canvas, hand: Hand, signals: Signals
) -> None:
    hand.press(450, 350)
    hand.move(480, 350)
    canvas.regions.set_regions((A, region("b", 2, (400, 300, 500, 420), label="a caption"), INSIDE_A, LOCKED))
    assert canvas.regions.box("b") == Box(430, 300, 530, 420)
    hand.release(480, 350)
    assert signals[-1] == ("boxesChanged", {"b": Box(430, 300, 530, 420)})


def test_a_region_that_is_deleted_during_a_drag_ends_it(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    hand.press(450, 350)
    hand.move(480, 350)
    canvas.regions.set_regions((A,))
    hand.move(490, 350)
    hand.release(490, 350)
    assert canvas.regions.selection == ()
    assert [name for name, *_ in signals if name == "boxesChanged"] == []


def test_arrows_nudge_and_a_burst_is_told_once(canvas: Canvas, signals: Signals) -> None:
    canvas.regions.set_selection(["b"])
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Down, SHIFT)
    QTest.keyClick(canvas, Qt.Key.Key_Left, CONTROL)
    assert canvas.regions.box("b") == Box(401, 310, 500, 430)
    assert signals == []
    wait_for(lambda: signals)
    assert signals == [("boxesChanged", {"b": Box(401, 310, 500, 430)})]


def test_a_burst_is_told_before_the_image_goes(canvas: Canvas, signals: Signals) -> None:
    canvas.regions.set_selection(["b"])
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    canvas.set_image(None)
    assert signals[0] == ("boxesChanged", {"b": Box(401, 300, 501, 420)})
    assert canvas.regions.regions == ()


def test_tab_goes_round_the_numbers(canvas: Canvas, signals: Signals) -> None:
    for key in (Qt.Key.Key_Tab, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Backtab):
        QTest.keyClick(canvas, key)
    assert [ids for _, ids in signals] == [("a",), ("b",), ("a",), ("l",)]


def test_keys_choose_tools_delete_and_activate(canvas: Canvas, signals: Signals) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_W)
    QTest.keyClick(canvas, Qt.Key.Key_A, CONTROL)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    canvas.regions.set_selection(["b"])
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    everything = ("a", "b", "c", "l")
    assert signals == [
        ("toolChanged", "draw"),
        ("selectionChanged", everything),
        ("deleteRequested", everything),
        ("regionActivated", "b"),
    ]


def test_a_double_click_activates(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    hand.click(450, 350)
    hand.send(QEvent.Type.MouseButtonDblClick, hand.at(450, 350), LEFT, LEFT)
    hand.release(450, 350)
    assert signals == [("selectionChanged", ("b",)), ("regionActivated", "b")]


def test_what_is_under_the_pointer_is_told(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    hand.move(450, 350, buttons=Qt.MouseButton.NoButton)
    hand.move(460, 350, buttons=Qt.MouseButton.NoButton)
    hand.move(20, 20, buttons=Qt.MouseButton.NoButton)
    assert signals == [("regionHovered", "b"), ("regionHovered", "")]


def test_a_context_menu_is_asked_for_with_its_region(canvas: Canvas, hand: Hand, signals: Signals) -> None:
    viewport = canvas.viewport()
    assert viewport is not None
    point = hand.at(450, 350).toPoint()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, viewport.mapToGlobal(point))
    QApplication.sendEvent(viewport, event)
    assert signals == [("selectionChanged", ("b",)), ("contextMenuRequested", "b", viewport.mapToGlobal(point))]


def test_screen_readers_hear_what_is_selected(canvas: Canvas) -> None:
    assert canvas.accessibleName()
    canvas.regions.set_selection(["b"])
    assert "2" in canvas.accessibleDescription() and "thing 2" in canvas.accessibleDescription()
