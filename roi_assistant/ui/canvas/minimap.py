"""The whole image small, in a corner, with a frame around what is in view; shown while not all of it is."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QRegion
from PyQt6.QtWidgets import QWidget

from roi_assistant.ui.canvas.view import Canvas

_LONGEST = 168
_MARGIN = 12
_PART_SHOWN = 0.98
_BORDER = 1


class MiniMap(QWidget):
    """See the module. A click or drag moves the view there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas: Canvas | None = None
        self._picture: QPixmap | None = None
        self.setAccessibleName(self.tr("Overview of the image"))
        self.setToolTip(self.tr("The whole image: click or drag to look elsewhere"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def attach(self, canvas: Canvas) -> None:
        """Lie in the lower right corner of ``canvas`` and follow it."""
        self._canvas = canvas
        viewport = canvas.viewport()
        self.setParent(viewport)
        if viewport is not None:
            viewport.installEventFilter(self)
        canvas.picture.imageSwapped.connect(self._take_picture)
        canvas.camera.viewChanged.connect(self._follow)
        self._take_picture()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Resize:
            self._follow()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        return QSize(_LONGEST, _LONGEST)

    def _take_picture(self) -> None:
        self._picture = None
        if self._canvas is not None:
            ratio = self.devicePixelRatioF()
            small = self._canvas.picture.small_version(round(_LONGEST * ratio))
            if small is not None:
                size = small.size().scaled(_LONGEST, _LONGEST, Qt.AspectRatioMode.KeepAspectRatio)
                smooth = Qt.TransformationMode.SmoothTransformation
                aspect = Qt.AspectRatioMode.IgnoreAspectRatio
                self._picture = QPixmap.fromImage(small.scaled(size * ratio, aspect, smooth))
                self._picture.setDevicePixelRatio(ratio)
                self.resize(size.width() + 2 * _BORDER, size.height() + 2 * _BORDER)
        self._follow()

    def _follow(self) -> None:
        canvas = self._canvas
        if canvas is None or self._picture is None:
            self.hide()
            return
        viewport = canvas.viewport()
        area = canvas.camera.visible_area()
        width, height = canvas.camera.image_size
        partly = area.width() < _PART_SHOWN * width or area.height() < _PART_SHOWN * height
        roomy = viewport is not None and viewport.width() > 3 * self.width() and viewport.height() > 2 * self.height()
        if viewport is not None and partly and roomy:
            self.move(viewport.width() - self.width() - _MARGIN, viewport.height() - self.height() - _MARGIN)
            self.show()
            self.update()
        else:
            self.hide()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        canvas = self._canvas
        if canvas is None or self._picture is None:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0))
        painter.drawPixmap(_BORDER, _BORDER, self._picture)
        width, height = canvas.camera.image_size
        scale_x = (self.width() - 2 * _BORDER) / width
        scale_y = (self.height() - 2 * _BORDER) / height
        area = canvas.camera.visible_area()
        frame = QRectF(
            _BORDER + area.x() * scale_x, _BORDER + area.y() * scale_y, area.width() * scale_x, area.height() * scale_y
        )
        shade = QColor(0, 0, 0, 110)
        inner = self.rect().adjusted(_BORDER, _BORDER, -_BORDER, -_BORDER)
        painter.setClipRegion(QRegion(inner).subtracted(QRegion(frame.toAlignedRect())))
        painter.fillRect(inner, shade)
        painter.setClipping(False)
        painter.setPen(QPen(QColor(255, 255, 255), 1.5))
        painter.drawRect(frame.adjusted(0, 0, -1, -1) if frame.width() > 3 and frame.height() > 3 else frame)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._look_at(event.position())
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._look_at(event.position())
            event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            event.accept()

    def _look_at(self, position: QPointF) -> None:
        if self._canvas is not None:
            width, height = self._canvas.camera.image_size
            x = (position.x() - _BORDER) / (self.width() - 2 * _BORDER) * width
            y = (position.y() - _BORDER) / (self.height() - 2 * _BORDER) * height
            self._canvas.camera.center_on(min(max(x, 0.0), width), min(max(y, 0.0), height))
