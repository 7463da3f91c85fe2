"""What of an image a view shows: zoom and pan by wheel, touchpad and pinch, fit, 1:1, zoom to a box.

Zoom is given in device pixels of the screen per pixel of the image, so 1.0 is 1:1 on any display.
"""

from __future__ import annotations

from PyQt6.QtCore import QObject, QPoint, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QNativeGestureEvent, QTransform, QWheelEvent
from PyQt6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView

from roi_assistant.ui.look.controls import viewport_of
from roi_assistant.ui.look.timers import single_shot

MOST_ZOOM = 40.0
_LEAST_SHOWN = 24.0
"""An image is never zoomed out below this size, in pixels of the screen."""
WHEEL_STEP = 1.25
_FIT_MARGIN = 0.03
_SPARE = 0.4
"""How far the border of a large image can be moved into the view, as a part of the view."""
_AT_REST_AFTER_MS = 140


class Camera(QObject):
    """Zoom and position of an image in a graphics view, whose scene has the pixels of the image as coordinates."""

    zoomChanged = pyqtSignal(float)
    viewChanged = pyqtSignal()
    """The image was moved or zoomed in the view, or the view resized."""
    cameToRest = pyqtSignal()
    """Nothing has moved for a moment: time for what is dear."""

    def __init__(self, view: QGraphicsView) -> None:
        super().__init__(view)
        self._view = view
        self._image_width = self._image_height = 0.0
        self._zoom = 1.0
        self._fitted = True
        self._panning: QPoint | None = None
        self._moving = False
        view.setScene(QGraphicsScene(view))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        view.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self._rest = single_shot(self, _AT_REST_AFTER_MS, self._come_to_rest)

    # ---------------------------------------------------------------------------------------------------- what is seen

    @property
    def zoom(self) -> float:
        """Device pixels of the screen per pixel of the image."""
        return self._zoom

    @property
    def scale_factor(self) -> float:
        """Widget pixels per pixel of the image."""
        return self._zoom / self._view.devicePixelRatioF()

    @property
    def fitted(self) -> bool:
        """Whether the whole image is shown, and stays so when the view is resized."""
        return self._fitted

    @property
    def moving(self) -> bool:
        """Whether the view is being zoomed or panned just now."""
        return self._moving

    @property
    def image_size(self) -> tuple[float, float]:
        """Width and height of the image; zeros while there is none."""
        return (self._image_width, self._image_height)

    def origin(self) -> QPointF:
        """Where the top left corner of the image is, in pixels of the widget."""
        transform = self._view.viewportTransform()
        return QPointF(transform.dx(), transform.dy())

    def visible_area(self) -> QRectF:
        """What of the image is in view, in its pixels."""
        factor, origin = self.scale_factor, self.origin()
        size = viewport_of(self._view).size()
        area = QRectF(-origin.x() / factor, -origin.y() / factor, size.width() / factor, size.height() / factor)
        return area.intersected(QRectF(0, 0, self._image_width, self._image_height))

    def to_image(self, position: QPointF) -> tuple[float, float]:
        """The point of the image under a point of the widget."""
        factor, origin = self.scale_factor, self.origin()
        return ((position.x() - origin.x()) / factor, (position.y() - origin.y()) / factor)

    # ---------------------------------------------------------------------------------------------------------- moving

    def forget_image(self) -> None:
        """There is no image."""
        self._image_width = self._image_height = 0.0

    def set_image_size(self, width: float, height: float) -> None:
        """Show a plane of this size, in pixels of the image, fitted into the view."""
        self._image_width, self._image_height = float(width), float(height)
        self._fitted = True
        self.fit()

    def fit(self) -> None:
        """Show the whole image as large as the view allows."""
        if not self._image_width:
            return
        self._zoom_to_area(QRectF(0, 0, self._image_width, self._image_height), margin=_FIT_MARGIN)
        self._fitted = True

    def one_to_one(self) -> None:
        """One pixel of the image on one pixel of the screen."""
        self.set_zoom(1.0)

    def zoom_by(self, factor: float) -> None:
        """Zoom around the middle of the view."""
        self.set_zoom(self._zoom * factor)

    def set_zoom(self, zoom: float, *, at: QPointF | None = None) -> None:
        """Zoom such that the image stays where it is under ``at`` (a point of the widget; None: the middle)."""
        if not self._image_width:
            return
        point = QPointF(viewport_of(self._view).rect().center()) if at is None else at
        x, y = self.to_image(point)
        self._fitted = False
        self._apply_zoom(zoom)
        self._put(x, y, point)
        self._changed(zoomed=True)

    def zoom_to_area(self, area: QRectF, *, margin: float = 0.25) -> None:
        """Show ``area`` (pixels of the image) with a margin, a part of the view, around it."""
        if self._image_width and area.width() > 0 and area.height() > 0:
            self._fitted = False
            self._zoom_to_area(area, margin=margin)

    def center_on(self, x: float, y: float) -> None:
        """Bring a point of the image to the middle of the view."""
        self._fitted = False
        self._put(x, y, QPointF(viewport_of(self._view).rect().center()))
        self._changed()

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the image by widget pixels."""
        self._fitted = False
        self._scroll(round(-dx), round(-dy))
        self._changed()

    def _zoom_to_area(self, area: QRectF, *, margin: float) -> None:
        size, ratio = viewport_of(self._view).size(), self._view.devicePixelRatioF()
        room = 1 - 2 * margin
        zoom = min(size.width() * room / area.width(), size.height() * room / area.height()) * ratio
        self._apply_zoom(zoom)
        self._put(area.center().x(), area.center().y(), QPointF(size.width() / 2, size.height() / 2))
        self._changed(zoomed=True)

    def _apply_zoom(self, zoom: float) -> None:
        least = min(1.0, _LEAST_SHOWN / max(self._image_width, self._image_height))
        self._zoom = min(max(zoom, least), MOST_ZOOM)
        factor = self.scale_factor
        size = viewport_of(self._view).size()
        # The spare room grows with what of the image is out of view, so that nothing jumps when it begins to be.
        spare_x = min(_SPARE * size.width(), max(0.0, self._image_width * factor - size.width())) / factor
        spare_y = min(_SPARE * size.height(), max(0.0, self._image_height * factor - size.height())) / factor
        self._view.setSceneRect(-spare_x, -spare_y, self._image_width + 2 * spare_x, self._image_height + 2 * spare_y)
        self._view.setTransform(QTransform.fromScale(factor, factor))

    def _put(self, x: float, y: float, point: QPointF) -> None:
        factor, origin = self.scale_factor, self.origin()
        self._scroll(round(origin.x() + x * factor - point.x()), round(origin.y() + y * factor - point.y()))

    def _scroll(self, dx: int, dy: int) -> None:
        for bar, by in ((self._view.horizontalScrollBar(), dx), (self._view.verticalScrollBar(), dy)):
            if bar is not None and by:
                bar.setValue(bar.value() + by)

    def _changed(self, *, zoomed: bool = False) -> None:
        self._moving = True
        self._rest.start()
        if zoomed:
            self.zoomChanged.emit(self._zoom)
        self.viewChanged.emit()

    def _come_to_rest(self) -> None:
        self._moving = False
        self.cameToRest.emit()

    # --------------------------------------------------------------------------------------------------------- panning

    @property
    def panning(self) -> bool:
        """Whether the hand is moving the image."""
        return self._panning is not None

    def begin_pan(self, position: QPoint) -> None:
        """The hand takes hold of the image at a point of the widget."""
        self._panning = position

    def pan_to(self, position: QPoint) -> None:
        """The hand has moved to a point of the widget."""
        if self._panning is not None:
            moved = position - self._panning
            self._panning = position
            self.pan_by(moved.x(), moved.y())

    def end_pan(self) -> None:
        """The hand lets go."""
        self._panning = None

    # ---------------------------------------------------------------------------------------------- events of the view

    def middle_of(self, size: QSize) -> tuple[float, float] | None:
        """The point of the image in the middle of a view of ``size``; None where it need not be kept."""
        if not size.isValid() or not self._image_width or self._fitted:
            return None
        return self.to_image(QPointF(size.width() / 2, size.height() / 2))

    def resized(self, middle: tuple[float, float] | None) -> None:
        """The view has another size: keep the image fitted, or ``middle`` in its middle."""
        if self._fitted:
            self.fit()
        elif middle is not None:
            self._apply_zoom(self._zoom)
            self._put(*middle, QPointF(viewport_of(self._view).rect().center()))
            self._changed()

    def screen_changed(self) -> None:
        """A pixel of the widget is another number of pixels of the screen."""
        if self._fitted:
            self.fit()
        elif self._image_width:
            self.set_zoom(self._zoom)

    def turn_wheel(self, event: QWheelEvent) -> None:
        """Zoom at the pointer; a touchpad, or the wheel with Shift, moves the image."""
        pixels, turned = event.pixelDelta(), event.angleDelta()
        modifiers = event.modifiers()
        zooming = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if not pixels.isNull() and not zooming:  # a touchpad: two fingers move the image
            self.pan_by(pixels.x(), pixels.y())
        elif modifiers & Qt.KeyboardModifier.ShiftModifier and not zooming:
            self.pan_by(turned.y() / 2 + turned.x() / 2, 0)
        elif turned.y():
            self.set_zoom(self._zoom * WHEEL_STEP ** (turned.y() / 120), at=event.position())
        elif turned.x():
            self.pan_by(turned.x() / 2, 0)

    def pinch(self, event: QNativeGestureEvent) -> bool:
        """Follow a gesture of a touchpad; False: it is none of those that zoom."""
        if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.set_zoom(self._zoom * (1 + event.value()), at=event.position())
        elif event.gestureType() == Qt.NativeGestureType.SmartZoomNativeGesture:
            self.fit()
        else:
            return False
        return True
