"""The canvas: the view of an image with its regions, and what mouse and keyboard do on it.

It changes nothing by itself: a drawn, moved or resized box is shown where the hand left it and told to whoever listens,
who answers with ``set_regions``. Coordinates in signals are pixels of the image.

Tools: ``select`` clicks, moves, resizes, and selects by a rubber band; ``draw`` draws boxes, also inside others,
selects by a click and resizes what is selected; ``pan`` moves the image. In each of them space or the middle button
moves the image, and Z with a drag zooms to what is dragged over; Z alone zooms to the selected region.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt
from PyQt6.QtGui import QContextMenuEvent, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QToolTip, QWidget

from roi_assistant.core.box import Box
from roi_assistant.ui.canvas import geometry
from roi_assistant.ui.canvas.gestures import BandGesture, DrawGesture, Gesture, MoveGesture, ResizeGesture
from roi_assistant.ui.canvas.model import Tool
from roi_assistant.ui.canvas.region_view import RegionView
from roi_assistant.ui.canvas.snapping import REACH, SnapLines, snap_lines
from roi_assistant.ui.canvas.viewport import WHEEL_STEP

LEAST_DRAG = 3.0
"""A hand that moves less, in pixels of the screen, has clicked."""
_STEP, _LONG_STEP = 1, 10
_CURSORS: dict[geometry.Handle, Qt.CursorShape] = {
    "nw": Qt.CursorShape.SizeFDiagCursor,
    "se": Qt.CursorShape.SizeFDiagCursor,
    "ne": Qt.CursorShape.SizeBDiagCursor,
    "sw": Qt.CursorShape.SizeBDiagCursor,
    "n": Qt.CursorShape.SizeVerCursor,
    "s": Qt.CursorShape.SizeVerCursor,
    "e": Qt.CursorShape.SizeHorCursor,
    "w": Qt.CursorShape.SizeHorCursor,
}
_ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_TOOL_KEYS: dict[int, Tool] = {Qt.Key.Key_W: "draw", Qt.Key.Key_V: "select", Qt.Key.Key_H: "pan"}
_SHIFT, _CONTROL, _ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Canvas(RegionView):
    """See the module."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._snap = True
        self._crosshair = True
        self._gesture: Gesture | None = None
        self._pressed: QPointF | None = None
        self._pressed_on = ""
        self._dragged = False
        self._pointer: QPointF | None = None
        self._space = self._zoom_key = self._zoomed = False
        self.viewChanged.connect(self._after_move)
        self.setMouseTracking(True)
        self._viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._update_cursor()

    # -------------------------------------------------------------------------------------------------------- settings

    def set_tool(self, tool: Tool) -> None:
        """What a drag with the left button does; see the module."""
        if tool != self._tool:
            self.cancel_gesture()
            self._tool = tool
            self.toolChanged.emit(tool)
        self._update_cursor()
        self.repaint_overlay()

    def set_crosshair(self, shown: bool) -> None:
        """Show lines through the pointer in the draw tool."""
        self._crosshair = shown
        self._update_crosshair()
        self.repaint_overlay()

    def set_snap(self, snap: bool) -> None:
        """Let edges jump to edges that are near. They stay free while Alt or Ctrl is held."""
        self._snap = snap

    def cancel_gesture(self) -> None:
        """Leave off a drag; everything is as before it."""
        held = self._held()
        self._gesture = None
        self._pressed = None
        self.end_pan()
        self._shown.new_box = self._shown.band = None
        self._shown.guides = (None, None)
        before = {name: self._regions[name].box for name in held if name in self._regions}
        self._shown.boxes = self._shown.boxes | before
        self.repaint_overlay()

    def _held(self) -> Mapping[str, Box]:
        return self._gesture.boxes if isinstance(self._gesture, MoveGesture | ResizeGesture) else {}

    # ----------------------------------------------------------------------------------------------------------- mouse

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        event.accept()
        self._flush_nudges()
        button, position = event.button(), event.position()
        panning = button == Qt.MouseButton.MiddleButton or (
            button == Qt.MouseButton.LeftButton and (self._space or (self._tool == "pan" and not self._zoom_key))
        )
        if panning:
            self.begin_pan(position.toPoint())
            self._update_cursor()
        elif button == Qt.MouseButton.LeftButton and self.image_size[0] and self._gesture is None:
            self._pressed, self._dragged = position, False
            self._pressed_on = self._region_at(position)
            self._begin(position, event.modifiers())

    def _begin(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Decide what a drag from here is about; nothing is changed before the hand has moved."""
        point = self.to_image(position)
        if self._zoom_key:
            self._zoomed = True
            self._gesture = BandGesture(point, point, zoom=True)
            return
        handle = self._handle_at(position)
        width, height = self.image_size
        if handle is not None:
            name = self.selection[0]
            lines = self._lines(without=(name,))
            self._gesture = ResizeGesture(point, name, self._shown.boxes[name], handle, width, height, lines)
        elif self._tool == "draw" and not self._read_only:
            reach = self._reach(modifiers)
            self._gesture = DrawGesture(point, width, height, self._lines(without=()), reach)
        elif self._tool == "select":
            self._begin_selecting(point, modifiers)

    def _begin_selecting(self, point: tuple[float, float], modifiers: Qt.KeyboardModifier) -> None:
        name = self._pressed_on
        adding = bool(modifiers & (_SHIFT | _CONTROL))
        if not name:
            self._gesture = BandGesture(point, point, add=adding)
            return
        if adding:
            chosen = [n for n in self.selection if n != name] if name in self.selection else [*self.selection, name]
            self._select_by_hand(chosen)
            self._pressed_on = ""  # the click is done with
        elif name not in self.selection:
            self._select_by_hand((name,))
            self._pressed_on = ""
        movable = {n: self._shown.boxes[n] for n in self.selection if not self._regions[n].locked}
        if movable and name in movable and not self._read_only:
            width, height = self.image_size
            self._gesture = MoveGesture(point, movable, width, height, self._lines(without=tuple(movable)))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        position = event.position()
        self._pointer = position
        if self.panning:
            super().mouseMoveEvent(event)
        elif self._gesture is not None and self._pressed is not None:
            moved = position - self._pressed
            if self._dragged or max(abs(moved.x()), abs(moved.y())) >= LEAST_DRAG:
                self._dragged = True
                self._drag(position, event.modifiers())
        elif event.buttons() == Qt.MouseButton.NoButton:
            self._hover(self._region_at(position) if self.image_size[0] else "")
            self._update_cursor()
        if self.image_size[0]:
            self.pointerMoved.emit(*self.to_image(position))
        self._update_crosshair()
        event.accept()

    def _drag(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        gesture = self._gesture
        x, y = self.to_image(position)
        if isinstance(gesture, BandGesture):
            gesture.update(x, y)
            self._shown.band = gesture
        elif gesture is not None:
            gesture.update(x, y, reach=self._reach(modifiers))
            self._shown.guides = gesture.guides
            if isinstance(gesture, DrawGesture):
                self._shown.new_box = gesture.box
            else:
                self._shown.boxes = self._shown.boxes | gesture.boxes
        self.repaint_overlay()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        event.accept()
        if self.panning:
            self.end_pan()
            self._update_cursor()
            return
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        gesture, dragged, clicked_on = self._gesture, self._dragged, self._pressed_on
        if dragged:
            self._drag(event.position(), event.modifiers())
        self._gesture = self._pressed = None
        self._shown.new_box = self._shown.band = None
        self._shown.guides = (None, None)
        if not dragged:
            self._clicked(gesture, clicked_on, event.modifiers())
        elif isinstance(gesture, DrawGesture):
            box = gesture.result(LEAST_DRAG / self.scale_factor)
            if box is not None:
                self.boxDrawn.emit(box)
        elif isinstance(gesture, BandGesture):
            self._finish_band(gesture)
        elif gesture is not None:
            self._change_boxes(gesture.boxes)
        self._update_cursor()
        self.repaint_overlay()

    def _clicked(self, gesture: Gesture | None, name: str, modifiers: Qt.KeyboardModifier) -> None:
        if isinstance(gesture, ResizeGesture):
            return
        if isinstance(gesture, BandGesture) and gesture.zoom:
            self.set_zoom(self.zoom * WHEEL_STEP**2, at=self._pointer)
        elif name:
            if modifiers & (_SHIFT | _CONTROL) and self._tool == "draw":
                kept = [n for n in self.selection if n != name]
                self._select_by_hand(kept if name in self.selection else [*kept, name])
            else:
                self._select_by_hand((name,))
        elif isinstance(gesture, BandGesture | DrawGesture) and not (modifiers & (_SHIFT | _CONTROL)):
            self._select_by_hand(())

    def _finish_band(self, band: BandGesture) -> None:
        x1, y1, x2, y2 = band.rect
        if band.zoom:
            self.zoom_to_area(QRectF(x1, y1, x2 - x1, y2 - y1), margin=0.0)
            return
        inside = geometry.boxes_inside(self._shown.boxes.items(), band.rect)
        self._select_by_hand([*self.selection, *inside] if band.add else inside)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        name = self._region_at(event.position()) if self.image_size[0] else ""
        if event.button() == Qt.MouseButton.LeftButton and name and not self._space:
            self.cancel_gesture()
            self._select_by_hand((name,))
            self.regionActivated.emit(name)
            event.accept()
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        if event is None:
            return
        self.cancel_gesture()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            name = self.selection[0] if self.selection else ""
            box = self.box(name)
            frame = self.frame()
            corner = QPointF(frame.width / 2, frame.height / 2)
            if box is not None:
                cut = frame.rect(box)
                corner = QPointF(min(max(cut[0], 0), frame.width), min(max(cut[3], 0), frame.height))
            where = self._viewport().mapToGlobal(corner.toPoint())
        else:
            name = self._region_at(QPointF(event.pos())) if self.image_size[0] else ""
            where = event.globalPos()
            if name and name not in self.selection:
                self._select_by_hand((name,))
        self.contextMenuRequested.emit(name, where)
        event.accept()

    def leaveEvent(self, event: QEvent | None) -> None:
        super().leaveEvent(event)
        self._pointer = None
        self._hover("")
        self._update_crosshair()

    def viewportEvent(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._show_tip(event)
            return True
        return super().viewportEvent(event)

    def _show_tip(self, event: QHelpEvent) -> None:
        name = self._region_at(QPointF(event.pos())) if self.image_size[0] else ""
        region = self._regions.get(name)
        lines = [part for part in (region.label, region.warning) if part] if region is not None else []
        if lines:
            QToolTip.showText(event.globalPos(), "\n".join(lines), self)
        else:
            QToolTip.hideText()

    # -------------------------------------------------------------------------------------------------------- keyboard

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._claims(event):
            event.accept()
            return True
        # Tab goes from region to region; without regions it leaves the canvas, as everywhere.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._regions:
            steps = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}
            if event.key() in steps and not event.modifiers() & (_CONTROL | _ALT):
                self._flush_nudges()
                self.select_next(steps[Qt.Key(event.key())])
                return True
        return super().event(event)

    def _claims(self, event: QKeyEvent) -> bool:
        """Whether a key is ours although the window may have given it to an action: Escape in the middle of a drag or
        with a selection, which it takes away before it takes the tool, and Z, which is held here."""
        if event.key() == Qt.Key.Key_Escape:
            return self._gesture is not None or self.panning or bool(self.selection)
        return event.key() == Qt.Key.Key_Z and not event.modifiers() and self.image_size[0] > 0

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if not self._pressed_key(event):
            event.ignore()

    def _pressed_key(self, event: QKeyEvent) -> bool:
        """Do what the key says; False: it says nothing here."""
        key, modifiers = event.key(), event.modifiers()
        control = bool(modifiers & _CONTROL)
        if key in _ARROWS:
            return self._arrow(key, modifiers)
        if key == Qt.Key.Key_Escape:
            return self._escape()
        if key == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = True
        elif key == Qt.Key.Key_Z and not modifiers:
            if not event.isAutoRepeat():
                self._zoom_key, self._zoomed = True, False
        elif key in _TOOL_KEYS and not modifiers:
            self.set_tool(_TOOL_KEYS[key])
        elif (key == Qt.Key.Key_F and not modifiers) or (key == Qt.Key.Key_0 and control):
            self.fit()
        elif key == Qt.Key.Key_1 and control:
            self.one_to_one()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(WHEEL_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / WHEEL_STEP)
        elif key == Qt.Key.Key_A and control:
            self._select_by_hand(tuple(self._regions))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not modifiers and len(self.selection) == 1:
            self.regionActivated.emit(self.selection[0])
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.selection and not self._read_only:
            self._flush_nudges()
            self.deleteRequested.emit(self.selection)
        else:
            return key == Qt.Key.Key_Space
        self._update_cursor()
        return True

    def _arrow(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        dx, dy = _ARROWS[key]
        step = _LONG_STEP if modifiers & _SHIFT else _STEP
        if modifiers & _ALT:
            return False
        if self.selection:
            self.nudge(dx * step, dy * step, bool(modifiers & _CONTROL))
            return True
        if not self._fitted and not modifiers & _CONTROL:
            size = self._viewport().size()
            self.pan_by(-dx * size.width() / 8, -dy * size.height() / 8)
            return True
        return False

    def _escape(self) -> bool:
        if self._gesture is not None or self.panning:
            self.cancel_gesture()
            self._pressed_on = ""
            return True
        if self.selection:
            self._select_by_hand(())
            return True
        return False

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if not event.isAutoRepeat():
            if event.key() == Qt.Key.Key_Space:
                self._space = False
            elif event.key() == Qt.Key.Key_Z and self._zoom_key:
                self._zoom_key = False
                if not self._zoomed and self.selection:  # a tap
                    self.zoom_to_region(self.selection[-1])
            self._update_cursor()
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        self._space = self._zoom_key = False
        self._flush_nudges()
        self._update_cursor()
        super().focusOutEvent(event)

    # --------------------------------------------------------------------------------------------------------- helpers

    def _handle_at(self, position: QPointF) -> geometry.Handle | None:
        """The handle of the selected box under a point of the widget."""
        if self._read_only or len(self.selection) != 1 or self._tool == "pan":
            return None
        name = self.selection[0]
        if self._regions[name].locked:
            return None
        rect = self.frame().rect(self._shown.boxes[name])
        return geometry.handle_at(rect, position.x(), position.y())

    def _reach(self, modifiers: Qt.KeyboardModifier) -> float:
        """From how far edges pull now, in pixels of the image."""
        if not self._snap or modifiers & (_ALT | _CONTROL):
            return 0.0
        return REACH / self.scale_factor

    def _lines(self, *, without: tuple[str, ...]) -> SnapLines:
        width, height = self.image_size
        boxes = (box for name, box in self._shown.boxes.items() if name not in without)
        return snap_lines(boxes, width=width, height=height)

    def _after_move(self) -> None:
        if self._pointer is not None and self._gesture is None and not self.panning and self.image_size[0]:
            self.pointerMoved.emit(*self.to_image(self._pointer))

    def _update_crosshair(self) -> None:
        wanted = self._crosshair and self._tool == "draw" and not self._read_only and self.image_size[0] > 0
        point = self._pointer if wanted and not self.panning else None
        if point != self._shown.crosshair:
            self._shown.crosshair = point
            self.repaint_overlay()

    def _update_cursor(self) -> None:
        self._viewport().setCursor(self._cursor())
        self._update_crosshair()

    def _cursor(self) -> Qt.CursorShape:
        if self.panning:
            return Qt.CursorShape.ClosedHandCursor
        if self._space or (self._tool == "pan" and not self._zoom_key):
            return Qt.CursorShape.OpenHandCursor
        if self._zoom_key:
            return Qt.CursorShape.CrossCursor
        handle = self._handle_at(self._pointer) if self._pointer is not None else None
        if handle is not None:
            return _CURSORS[handle]
        if self._tool == "draw" and not self._read_only:
            return Qt.CursorShape.CrossCursor
        hovered = self._shown.hovered
        if hovered in self.selection and not self._read_only and not self._regions[hovered].locked:
            return Qt.CursorShape.SizeAllCursor
        return Qt.CursorShape.PointingHandCursor if hovered else Qt.CursorShape.ArrowCursor

    def set_image(self, path: Path | None, *, key: str = "") -> None:
        """Show the image in ``path``, or nothing; the regions of the image before are taken away at once.

        ``key`` comes back in signals; it is the path when empty.
        """
        super().set_image(path, key=key)
        self._update_cursor()
