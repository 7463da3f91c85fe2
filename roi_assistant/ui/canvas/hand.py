"""What mouse and keyboard do on the canvas.

Tools: ``select`` clicks, moves, resizes, and selects by a rubber band; ``draw`` draws boxes, also inside others and
from their handles, and selects by a click, which beside regions tells where it was (with Ctrl the tool
resizes what is selected); ``pan`` moves the image. In each of them space or the middle button moves the image, and Z
with a drag zooms to what is dragged over; Z alone zooms to the selected region.
"""

from __future__ import annotations

from PyQt6.QtCore import QKeyCombination, QObject, QPoint, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QGuiApplication, QHelpEvent, QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QGraphicsView, QToolTip

from roi_assistant.ui.canvas import geometry
from roi_assistant.ui.canvas.camera import WHEEL_STEP, Camera
from roi_assistant.ui.canvas.gestures import BandGesture, DrawGesture, Gesture, MoveGesture, ResizeGesture
from roi_assistant.ui.canvas.model import Tool
from roi_assistant.ui.canvas.region_layer import RegionLayer
from roi_assistant.ui.canvas.snapping import REACH, SnapLines, snap_lines
from roi_assistant.ui.look.controls import viewport_of
from roi_assistant.ui.look.keys import pressed_key

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
_ZOOM_KEY = QKeyCombination(Qt.Key.Key_Z)
_TOOL_KEYS: dict[int, Tool] = {Qt.Key.Key_W: "draw", Qt.Key.Key_V: "select", Qt.Key.Key_H: "pan"}
_SHIFT, _CONTROL, _ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Hand(QObject):
    """Turns events of ``view`` into changes of ``camera`` and ``layer``, and into signals. Coordinates in signals are
    pixels of the image."""

    boxDrawn = pyqtSignal(object)
    """A Box, clipped to the image."""
    spotClicked = pyqtSignal(float, float)
    """A click of the draw tool where no region is."""
    regionActivated = pyqtSignal(str)
    pointerMoved = pyqtSignal(float, float)
    contextMenuRequested = pyqtSignal(str, QPoint)
    """Region id or empty, and the global position."""
    deleteRequested = pyqtSignal(tuple)
    letGo = pyqtSignal()
    """Esc took the selection away."""
    toolChanged = pyqtSignal(str)

    def __init__(self, view: QGraphicsView, camera: Camera, layer: RegionLayer) -> None:
        super().__init__(view)
        self._view, self._camera, self._layer = view, camera, layer
        self._tool: Tool = "select"
        self._snap = True
        self._crosshair = True
        self._gesture: Gesture | None = None
        self._pressed: QPointF | None = None
        self._pressed_on = ""
        self._dragged = False
        self._pointer: QPointF | None = None
        self._space = self._zoom_key = self._zoomed = False
        camera.viewChanged.connect(self._after_move)
        layer.heldGone.connect(self.cancel)
        self.update_cursor()

    @property
    def tool(self) -> Tool:
        """What a drag with the left button does."""
        return self._tool

    # -------------------------------------------------------------------------------------------------------- settings

    def set_tool(self, tool: Tool) -> None:
        """What a drag with the left button does; see the module."""
        if tool != self._tool:
            self.cancel()
            self._tool = tool
            self.toolChanged.emit(tool)
        self.update_cursor()
        self._layer.repaint()

    def set_crosshair(self, shown: bool) -> None:
        """Show lines through the pointer in the draw tool."""
        self._crosshair = shown
        self._update_crosshair()
        self._layer.repaint()

    def set_snap(self, snap: bool) -> None:
        """Let edges jump to edges that are near. They stay free while Alt or Ctrl is held."""
        self._snap = snap

    def cancel(self) -> None:
        """Leave off a drag; everything is as before it."""
        held, self._layer.held = self._layer.held, {}
        self._gesture = None
        self._pressed = None
        self._camera.end_pan()
        shown = self._layer.shown
        shown.new_box = shown.band = None
        shown.guides = (None, None)
        shown.boxes = shown.boxes | {name: region.box for name in held if (region := self._layer.region(name))}
        self._layer.repaint()

    # ----------------------------------------------------------------------------------------------------------- mouse

    def press(self, event: QMouseEvent) -> None:
        """A button goes down."""
        event.accept()
        self._layer.flush_nudges()
        button, position = event.button(), event.position()
        panning = button == Qt.MouseButton.MiddleButton or (
            button == Qt.MouseButton.LeftButton and (self._space or (self._tool == "pan" and not self._zoom_key))
        )
        if panning:
            self._camera.begin_pan(position.toPoint())
            self.update_cursor()
        elif button == Qt.MouseButton.LeftButton and self._camera.image_size[0] and self._gesture is None:
            self._pressed, self._dragged = position, False
            self._pressed_on = self._layer.region_at(position)
            self._begin(position, event.modifiers())

    def _begin(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Decide what a drag from here is about; nothing is changed before the hand has moved."""
        point = self._camera.to_image(position)
        if self._zoom_key:
            self._zoomed = True
            self._gesture = BandGesture(point, point, zoom=True)
            return
        handle = self._handle_at(position, modifiers)
        width, height = self._camera.image_size
        if handle is not None:
            name = self._layer.selection[0]
            lines = self._lines(without=(name,))
            self._gesture = ResizeGesture(point, name, self._layer.shown.boxes[name], handle, width, height, lines)
        elif self._tool == "draw" and not self._layer.read_only:
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
            self._toggle_selected(name)
            self._pressed_on = ""  # the click is done with
        elif name not in self._layer.selection:
            self._layer.select_by_hand((name,))
            self._pressed_on = ""
        movable = {n: self._layer.shown.boxes[n] for n in self._layer.selection if self._layer.is_movable(n)}
        if name in movable:
            width, height = self._camera.image_size
            self._gesture = MoveGesture(point, movable, width, height, self._lines(without=tuple(movable)))

    def move(self, event: QMouseEvent) -> None:
        """The pointer moves."""
        position = event.position()
        self._pointer = position
        if self._camera.panning:
            self._camera.pan_to(position.toPoint())
        elif self._gesture is not None and self._pressed is not None:
            moved = position - self._pressed
            if self._dragged or max(abs(moved.x()), abs(moved.y())) >= LEAST_DRAG:
                self._dragged = True
                self._drag(position, event.modifiers())
        elif event.buttons() == Qt.MouseButton.NoButton:
            self._layer.hover(self._layer.region_at(position) if self._camera.image_size[0] else "")
            self.update_cursor()
        if self._camera.image_size[0]:
            self.pointerMoved.emit(*self._camera.to_image(position))
        self._update_crosshair()
        event.accept()

    def _drag(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        gesture = self._gesture
        x, y = self._camera.to_image(position)
        if isinstance(gesture, BandGesture):
            gesture.update(x, y)
            self._layer.shown.band = gesture
        elif gesture is not None:
            gesture.update(x, y, reach=self._reach(modifiers))
            self._layer.shown.guides = gesture.guides
            if isinstance(gesture, DrawGesture):
                self._layer.shown.new_box = gesture.box
            else:
                self._layer.held = gesture.boxes
                self._layer.shown.boxes = self._layer.shown.boxes | gesture.boxes
        self._layer.repaint()

    def release(self, event: QMouseEvent) -> None:
        """A button comes up."""
        event.accept()
        if self._camera.panning:
            self._camera.end_pan()
            self.update_cursor()
            return
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        gesture, dragged, clicked_on = self._gesture, self._dragged, self._pressed_on
        if dragged:
            self._drag(event.position(), event.modifiers())
        self._gesture = self._pressed = None
        self._layer.held = {}
        self._layer.shown.new_box = self._layer.shown.band = None
        self._layer.shown.guides = (None, None)
        if not dragged:
            self._clicked(gesture, clicked_on, event.modifiers())
        elif isinstance(gesture, DrawGesture):
            box = gesture.result(LEAST_DRAG / self._camera.scale_factor)
            if box is not None:
                self.boxDrawn.emit(box)
        elif isinstance(gesture, BandGesture):
            self._finish_band(gesture)
        elif gesture is not None:
            self._layer.change_boxes(gesture.boxes)
        self.update_cursor()
        self._layer.repaint()

    def _clicked(self, gesture: Gesture | None, name: str, modifiers: Qt.KeyboardModifier) -> None:
        if isinstance(gesture, ResizeGesture):
            return
        if isinstance(gesture, BandGesture) and gesture.zoom:
            self._camera.set_zoom(self._camera.zoom * WHEEL_STEP**2, at=self._pointer)
        elif name:
            if modifiers & (_SHIFT | _CONTROL) and self._tool == "draw":
                self._toggle_selected(name)
            else:
                self._layer.select_by_hand((name,))
        elif isinstance(gesture, BandGesture | DrawGesture) and not (modifiers & (_SHIFT | _CONTROL)):
            self._layer.select_by_hand(())
            if isinstance(gesture, DrawGesture):
                self.spotClicked.emit(*gesture.start)

    def _toggle_selected(self, name: str) -> None:
        others = [n for n in self._layer.selection if n != name]
        self._layer.select_by_hand(others if name in self._layer.selection else [*others, name])

    def _finish_band(self, band: BandGesture) -> None:
        x1, y1, x2, y2 = band.rect
        if band.zoom:
            self._camera.zoom_to_area(QRectF(x1, y1, x2 - x1, y2 - y1), margin=0.0)
            return
        inside = geometry.boxes_inside(self._layer.shown.boxes.items(), band.rect)
        self._layer.select_by_hand([*self._layer.selection, *inside] if band.add else inside)

    def double_click(self, event: QMouseEvent) -> None:
        """The second press of a double click."""
        name = self._layer.region_at(event.position()) if self._camera.image_size[0] else ""
        if event.button() == Qt.MouseButton.LeftButton and name and not self._space:
            self.cancel()
            self._layer.select_by_hand((name,))
            self.regionActivated.emit(name)
            event.accept()
        else:
            self.press(event)

    def context_menu(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the region under the pointer, or of the selected one."""
        self.cancel()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            name = self._layer.selection[0] if self._layer.selection else ""
            box = self._layer.box(name)
            frame = self._layer.frame()
            corner = QPointF(frame.width / 2, frame.height / 2)
            if box is not None:
                cut = frame.rect(box)
                corner = QPointF(min(max(cut[0], 0), frame.width), min(max(cut[3], 0), frame.height))
            where = viewport_of(self._view).mapToGlobal(corner.toPoint())
        else:
            name = self._layer.region_at(QPointF(event.pos())) if self._camera.image_size[0] else ""
            where = event.globalPos()
            if name and name not in self._layer.selection:
                self._layer.select_by_hand((name,))
        self.contextMenuRequested.emit(name, where)
        event.accept()

    def leave(self) -> None:
        """The pointer has left the canvas."""
        self._pointer = None
        self._layer.hover("")
        self._update_crosshair()

    def show_tip(self, event: QHelpEvent) -> None:
        """Tell what the region under the pointer is."""
        name = self._layer.region_at(QPointF(event.pos())) if self._camera.image_size[0] else ""
        region = self._layer.region(name)
        lines = [part for part in (region.label, region.warning) if part] if region is not None else []
        if lines:
            QToolTip.showText(event.globalPos(), "\n".join(lines), self._view)
        else:
            QToolTip.hideText()

    # -------------------------------------------------------------------------------------------------------- keyboard

    def step_region(self, event: QKeyEvent) -> bool:
        """Tab goes from region to region; without regions it leaves the canvas, as everywhere. True: it went."""
        steps = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}
        if not self._layer.regions or event.key() not in steps or event.modifiers() & (_CONTROL | _ALT):
            return False
        self._layer.flush_nudges()
        self._layer.select_next(steps[Qt.Key(event.key())])
        return True

    def claims(self, event: QKeyEvent) -> bool:
        """Whether a key is ours although the window may have given it to an action: Escape in the middle of a drag or
        with a selection, which it takes away before it takes the tool, and Z, which is held here."""
        if event.key() == Qt.Key.Key_Escape:
            return self._gesture is not None or self._camera.panning or bool(self._layer.selection)
        return pressed_key(event) == _ZOOM_KEY and self._camera.image_size[0] > 0

    def press_key(self, event: QKeyEvent) -> bool:
        """Do what the key says; False: it says nothing here."""
        key, modifiers = pressed_key(event).key(), event.modifiers()
        control = bool(modifiers & _CONTROL)
        if key in _ARROWS:
            return self._arrow(key, modifiers)
        if key == Qt.Key.Key_Escape:
            return self._escape()
        if key == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = True
        elif pressed_key(event) == _ZOOM_KEY:
            if not event.isAutoRepeat():
                self._zoom_key, self._zoomed = True, False
        elif key in _TOOL_KEYS and not modifiers:
            self.set_tool(_TOOL_KEYS[key])
        elif (key == Qt.Key.Key_F and not modifiers) or (key == Qt.Key.Key_0 and control):
            self._camera.fit()
        elif key == Qt.Key.Key_1 and control:
            self._camera.one_to_one()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._camera.zoom_by(WHEEL_STEP)
        elif key == Qt.Key.Key_Minus:
            self._camera.zoom_by(1 / WHEEL_STEP)
        elif key == Qt.Key.Key_A and control:
            self._layer.select_by_hand([region.id for region in self._layer.regions])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not modifiers and len(self._layer.selection) == 1:
            self.regionActivated.emit(self._layer.selection[0])
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._layer.selection and not self._layer.read_only:
            self._layer.flush_nudges()
            self.deleteRequested.emit(self._layer.selection)
        else:
            return key == Qt.Key.Key_Space
        self.update_cursor()
        return True

    def _arrow(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        dx, dy = _ARROWS[key]
        step = _LONG_STEP if modifiers & _SHIFT else _STEP
        if modifiers & _ALT:
            return False
        if self._layer.selection:
            self._layer.nudge(dx * step, dy * step, bool(modifiers & _CONTROL))
            return True
        if not self._camera.fitted and not modifiers & _CONTROL:
            size = viewport_of(self._view).size()
            self._camera.pan_by(-dx * size.width() / 8, -dy * size.height() / 8)
            return True
        return False

    def _escape(self) -> bool:
        if self._gesture is not None or self._camera.panning:
            self.cancel()
            self._pressed_on = ""
            return True
        if self._layer.selection:
            self._layer.select_by_hand(())
            self.letGo.emit()
            return True
        return False

    def release_key(self, event: QKeyEvent) -> None:
        """A key that was held is let go."""
        if event.isAutoRepeat():
            return
        if event.key() == Qt.Key.Key_Space:
            self._space = False
        elif pressed_key(event).key() == _ZOOM_KEY.key() and self._zoom_key:
            self._zoom_key = False
            if not self._zoomed and self._layer.selection:  # a tap
                self._layer.zoom_to_region(self._layer.selection[-1])
        self.update_cursor()

    def leave_focus(self) -> None:
        """Keys go elsewhere now, also those that are held."""
        self._space = self._zoom_key = False
        self._layer.flush_nudges()
        self.update_cursor()

    # --------------------------------------------------------------------------------------------------------- helpers

    def _handle_at(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> geometry.Handle | None:
        """The handle of the selected box under a point of the widget, where a press would take it: the draw tool draws
        unless Ctrl is held, or a new box beside another would destroy that."""
        takes = self._tool == "select" or (self._tool == "draw" and modifiers & _CONTROL)
        if len(self._layer.selection) != 1 or not takes:
            return None
        name = self._layer.selection[0]
        if not self._layer.is_movable(name):
            return None
        rect = self._layer.frame().rect(self._layer.shown.boxes[name])
        return geometry.handle_at(rect, position.x(), position.y())

    def _reach(self, modifiers: Qt.KeyboardModifier) -> float:
        """From how far edges pull now, in pixels of the image."""
        if not self._snap or modifiers & (_ALT | _CONTROL):
            return 0.0
        return REACH / self._camera.scale_factor

    def _lines(self, *, without: tuple[str, ...]) -> SnapLines:
        width, height = self._camera.image_size
        boxes = (box for name, box in self._layer.shown.boxes.items() if name not in without)
        return snap_lines(boxes, width=width, height=height)

    def _after_move(self) -> None:
        if (
            self._pointer is not None
            and self._gesture is None
            and not self._camera.panning
            and self._camera.image_size[0]
        ):
            self.pointerMoved.emit(*self._camera.to_image(self._pointer))

    def _update_crosshair(self) -> None:
        is_drawing = (
            self._crosshair and self._tool == "draw" and not self._layer.read_only and self._camera.image_size[0] > 0
        )
        point = self._pointer if is_drawing and not self._camera.panning else None
        if point != self._layer.shown.crosshair:
            self._layer.shown.crosshair = point
            self._layer.repaint()

    def update_cursor(self) -> None:
        """Show what the hand can do where the pointer is."""
        viewport_of(self._view).setCursor(self._cursor())
        self._update_crosshair()

    def _cursor(self) -> Qt.CursorShape:
        if self._camera.panning:
            return Qt.CursorShape.ClosedHandCursor
        if self._space or (self._tool == "pan" and not self._zoom_key):
            return Qt.CursorShape.OpenHandCursor
        if self._zoom_key:
            return Qt.CursorShape.CrossCursor
        modifiers = QGuiApplication.keyboardModifiers()
        handle = self._handle_at(self._pointer, modifiers) if self._pointer is not None else None
        if handle is not None:
            return _CURSORS[handle]
        if self._tool == "draw" and not self._layer.read_only:
            return Qt.CursorShape.CrossCursor
        hovered = self._layer.shown.hovered
        if hovered in self._layer.selection and self._layer.is_movable(hovered):
            return Qt.CursorShape.SizeAllCursor
        return Qt.CursorShape.PointingHandCursor if hovered else Qt.CursorShape.ArrowCursor
