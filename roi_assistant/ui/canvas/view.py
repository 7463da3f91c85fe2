"""The canvas: a graphics view put together of four parts, to which it hands its events on.

`Camera` knows what of the image is in view, `Picture` loads and paints the image, `RegionLayer` has the regions over
it, and `Hand` is what mouse and keyboard do. The canvas changes no region by itself: a drawn, moved or resized box is
shown where the hand left it and told to whoever listens, who answers with ``regions.set_regions``.
"""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QEvent, QRectF, Qt
from PyQt6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QGraphicsView, QWidget

from roi_assistant.ui.canvas.camera import Camera
from roi_assistant.ui.canvas.hand import Hand
from roi_assistant.ui.canvas.picture import Picture
from roi_assistant.ui.canvas.region_layer import RegionLayer
from roi_assistant.ui.look.controls import viewport_of
from roi_assistant.ui.look.palette_change import on_palette_change


class Canvas(QGraphicsView):
    """See the module."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        viewport = viewport_of(self)
        # A graphics scene takes every drag for itself and drops none: folders and photos are for the window.
        self.setAcceptDrops(False)
        viewport.setAcceptDrops(False)
        # The image is kept as painted and scrolled; only the strips that come into view are painted. What lies over it
        # is painted anew in each frame, so nothing has to know what it covered before.
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheBackground)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setMouseTracking(True)
        viewport.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Image with regions"))
        self.camera = Camera(self)
        self.picture = Picture(self, self.camera)
        self.regions = RegionLayer(self, self.camera, self.picture.theme)
        self.hand = Hand(self, self.camera, self.regions)
        self.picture.imageSwapped.connect(self.regions.place_labels_soon)
        on_palette_change(self, self._follow_look, fonts=True)

    def set_image(self, path: Path | None, *, key: str = "") -> None:
        """Show the image in ``path``, or nothing; the regions of the image before are taken away at once.

        ``key`` comes back in signals; it is the path when empty.
        """
        self.hand.cancel()
        self.regions.flush_nudges()
        self.regions.set_regions(())
        self.picture.set_image(path, key=key)
        self.hand.update_cursor()

    def set_read_only(self, read_only: bool) -> None:
        """Boxes cannot be drawn, moved or resized; looking and selecting go on."""
        self.hand.cancel()
        self.regions.set_read_only(read_only)
        self.hand.update_cursor()

    def close_threads(self) -> None:
        """Stop all threads for good, before the application ends."""
        self.picture.close_threads()
        self.regions.close_threads()

    def _follow_look(self) -> None:
        self.picture.follow_palette()
        self.regions.set_theme(self.picture.theme)

    # Events.

    def drawBackground(self, painter: QPainter | None, rect: QRectF) -> None:
        if painter is not None:
            self.picture.paint(painter, rect)

    def drawForeground(self, painter: QPainter | None, rect: QRectF) -> None:
        if painter is not None:
            painter.save()
            painter.resetTransform()
            self.regions.paint(painter)
            self.picture.paint_message(painter)
            painter.restore()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        middle = None if event is None else self.camera.middle_of(event.oldSize())
        super().resizeEvent(event)
        self.camera.resized(middle)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            self.camera.turn_wheel(event)
            event.accept()

    def viewportEvent(self, event: QEvent | None) -> bool:
        if isinstance(event, QNativeGestureEvent) and self.camera.pinch(event):
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self.hand.show_tip(event)
            return True
        return super().viewportEvent(event)

    def event(self, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.DevicePixelRatioChange:  # moved to another screen
            self.camera.screen_changed()
            self.regions.set_theme(self.picture.theme)
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and self.hand.claims(event):
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and self.hand.step_region(event):
                return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self.hand.press(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self.hand.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self.hand.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self.hand.double_click(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        if event is not None:
            self.hand.context_menu(event)

    def leaveEvent(self, event: QEvent | None) -> None:
        super().leaveEvent(event)
        self.hand.leave()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and not self.hand.press_key(event):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        if event is not None:
            self.hand.release_key(event)
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        self.hand.leave_focus()
        super().focusOutEvent(event)
