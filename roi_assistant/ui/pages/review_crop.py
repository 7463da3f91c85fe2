"""The large view of one region in the review queue."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from roi_assistant.core.box import Box
from roi_assistant.ui.look.palette import GRID, look
from roi_assistant.ui.look.thumbnails import CropKey, RegionCrops
from roi_assistant.ui.look.timers import single_shot
from roi_assistant.ui.look.translation import translated

_STEP: Final = 64
"""Close-ups are made for sizes in such steps: a few pixels more of a window do not decode all again."""
_SETTLED_MS: Final = 120
_SHADE: Final = QColor(0, 0, 0, 90)


class CropView(QWidget):
    """Shows the region of an image with some of its surroundings, which are shaded."""

    failed = pyqtSignal(str)

    def __init__(self, crops: RegionCrops, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._crops = crops
        self._subject: tuple[str, Box] | None = None
        self._next: list[tuple[str, Box]] = []
        self._drawn: CropKey | None = None
        self.setMinimumSize(240, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("The region"))
        self._sized = single_shot(self, 0, self._want)
        crops.ready.connect(self._ready)

    def show_region(self, image: str, box: Box, upcoming: list[tuple[str, Box]]) -> None:
        """Show ``box`` of ``image``; ``upcoming`` are made ready meanwhile."""
        if self._subject != (image, box):
            self._drawn = None
        self._subject, self._next = (image, box), upcoming
        if not self._sized.isActive():
            self._sized.start(0)  # after the layout, which a page that is just shown has yet to go through
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._subject, self._next = None, []
        self._crops.want(())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, 480)

    def _key(self, image: str, box: Box) -> CropKey:
        ratio = self.devicePixelRatioF()
        width = max(1, int(self.width() * ratio)) // _STEP * _STEP
        height = max(1, int(self.height() * ratio)) // _STEP * _STEP
        return CropKey(image, box, max(_STEP, width), max(_STEP, height))

    def _want(self) -> None:
        if self._subject is not None:
            self._crops.want([self._key(*subject) for subject in (self._subject, *self._next)])

    def _ready(self, key: CropKey) -> None:
        if self._subject is not None and key == self._key(*self._subject):
            self.update()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._sized.start(_SETTLED_MS)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        colors = look(self.palette())
        painter.fillRect(self.rect(), colors.hover)
        if self._subject is None:
            painter.end()
            return
        key = self._key(*self._subject)
        pixmap = self._crops.pixmap(key)
        if pixmap is not None:
            self._drawn = key
        elif self._drawn is not None:  # made for another size of the window; better than none
            key = self._drawn
            pixmap = self._crops.pixmap(key)
        if pixmap is None:
            painter.setPen(colors.muted)
            problem = self._crops.failure(key)
            text = translated(problem) if problem else self.tr("Reading the picture…")
            middle = self.rect().adjusted(2 * GRID, 2 * GRID, -2 * GRID, -2 * GRID)
            painter.drawText(middle, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
            painter.end()
            return
        room = QRectF(self.rect()).adjusted(GRID, GRID, -GRID, -GRID)
        scale = min(room.width() / pixmap.width(), room.height() / pixmap.height())
        width, height = pixmap.width() * scale, pixmap.height() * scale
        place = QRectF(room.center().x() - width / 2, room.center().y() - height / 2, width, height)
        paint_close_up(painter, place, pixmap, self._crops.frame(key), QColor(255, 255, 255))
        painter.end()


def paint_close_up(
    painter: QPainter, place: QRectF, pixmap: QPixmap, frame: tuple[float, float, float, float] | None, color: QColor
) -> None:
    """Paint a picture of ``RegionCrops`` with its surroundings shaded and its box, ``frame``, outlined in ``color``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
    if frame is not None:
        x1, y1, x2, y2 = frame
        width, height = place.width(), place.height()
        box = QRectF(place.x() + x1 * width, place.y() + y1 * height, (x2 - x1) * width, (y2 - y1) * height)
        outside = QPainterPath()  # the odd-even rule leaves the box out
        outside.addRect(place)
        outside.addRect(box)
        painter.fillPath(outside, _SHADE)
        painter.setPen(QPen(QColor(0, 0, 0, 160), 4))
        painter.drawRect(box)
        painter.setPen(QPen(color, 2))
        painter.drawRect(box)
    painter.restore()
