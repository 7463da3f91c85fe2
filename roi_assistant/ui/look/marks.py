"""Small line icons of the docks, painted in the colors of the palette in use and not read from files."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPolygonF

from roi_assistant.ui.look.icon_engine import painted_icon

_SIDE = 16


def _icon(paint: Callable[[QPainter], None]) -> QIcon:
    """What is painted in a square of 16 x 16, as an icon of any size."""

    def paint_scaled(painter: QPainter, rect: QRectF) -> None:
        painter.scale(rect.width() / _SIDE, rect.width() / _SIDE)
        paint(painter)

    return painted_icon(paint_scaled)


def _as_icon(paint: Callable[[QPainter, QColor], None]) -> Callable[[QColor], QIcon]:
    """What paints in a square of 16 x 16, as a function that makes an icon in a color."""
    return lambda color: _icon(lambda painter: paint(painter, color))


def paint_lock(painter: QPainter, rect: QRectF, *, closed: bool, color: QColor) -> None:
    """A padlock in ``rect`` (square)."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / _SIDE, rect.width() / _SIDE)
    painter.setPen(QPen(color, 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(3.5, 7.5, 9, 6), 1.2, 1.2)
    painter.drawArc(QRectF(5 if closed else 8.5, 2.8, 6, 9), 0, 180 * 16)
    painter.restore()


def lock_icon(closed: bool, color: QColor) -> QIcon:
    """A padlock, closed or open."""
    return _icon(lambda painter: paint_lock(painter, QRectF(0, 0, _SIDE, _SIDE), closed=closed, color=color))


def paint_eye(painter: QPainter, rect: QRectF, *, is_open: bool, color: QColor) -> None:
    """An eye in ``rect`` (square), crossed out when it is not open."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / _SIDE, rect.width() / _SIDE)
    painter.setPen(QPen(color, 1.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    outline = QPainterPath(QPointF(1.5, 8))
    outline.quadTo(8, 0.5, 14.5, 8)
    outline.quadTo(8, 15.5, 1.5, 8)
    painter.drawPath(outline)
    painter.drawEllipse(QPointF(8, 8), 2, 2)
    if not is_open:
        painter.drawLine(QPointF(3, 13.5), QPointF(13, 2.5))
    painter.restore()


@_as_icon
def menu_icon(painter: QPainter, color: QColor) -> None:
    """Three lines."""
    painter.setPen(QPen(color, 1.6))
    for y in (4.0, 8.0, 12.0):
        painter.drawLine(QPointF(3, y), QPointF(13, y))


@_as_icon
def plus_icon(painter: QPainter, color: QColor) -> None:
    """A plus."""
    painter.setPen(QPen(color, 1.6))
    painter.drawLine(QPointF(8, 3), QPointF(8, 13))
    painter.drawLine(QPointF(3, 8), QPointF(13, 8))


@_as_icon
def trash_icon(painter: QPainter, color: QColor) -> None:
    """A bin."""
    painter.setPen(QPen(color, 1.4))
    painter.drawLine(QPointF(3, 4.5), QPointF(13, 4.5))
    painter.drawLine(QPointF(6.5, 2.5), QPointF(9.5, 2.5))
    painter.drawPolyline(QPolygonF([QPointF(4.5, 5), QPointF(5, 13.5), QPointF(11, 13.5), QPointF(11.5, 5)]))


@_as_icon
def send_icon(painter: QPainter, color: QColor) -> None:
    """An arrow upwards."""
    painter.setPen(QPen(color, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawLine(QPointF(8, 3.5), QPointF(8, 13))
    painter.drawPolyline(QPolygonF([QPointF(4, 7.5), QPointF(8, 3.5), QPointF(12, 7.5)]))


@_as_icon
def stop_icon(painter: QPainter, color: QColor) -> None:
    """A square."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(QRectF(4, 4, 8, 8), 1.5, 1.5)


@_as_icon
def search_icon(painter: QPainter, color: QColor) -> None:
    """A magnifying glass."""
    painter.setPen(QPen(color, 1.6))
    painter.drawEllipse(QPointF(7, 7), 4, 4)
    painter.drawLine(QPointF(10, 10), QPointF(13.5, 13.5))


def note_icon(color: QColor) -> QIcon:
    """A sheet with lines of writing."""
    return _icon(lambda painter: paint_note(painter, QRectF(0, 0, _SIDE, _SIDE), color))


def paint_note(painter: QPainter, rect: QRectF, color: QColor) -> None:
    """A sheet with lines of writing in ``rect`` (square)."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / _SIDE, rect.width() / _SIDE)
    painter.setPen(QPen(color, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(3, 2, 10, 12), 1.5, 1.5)
    for y in (5.5, 8, 10.5):
        painter.drawLine(QPointF(5.5, y), QPointF(10.5 if y < 10 else 8.5, y))
    painter.restore()


@_as_icon
def nothing_icon(painter: QPainter, color: QColor) -> None:
    """The sign of the empty set."""
    painter.setPen(QPen(color, 1.6))
    painter.drawEllipse(QPointF(8, 8), 5, 5)
    painter.drawLine(QPointF(3.2, 12.8), QPointF(12.8, 3.2))


def warning_icon(color: QColor) -> QIcon:
    """A triangle with an exclamation mark."""
    return _icon(lambda painter: paint_warning(painter, QRectF(0, 0, _SIDE, _SIDE), color))


def paint_warning(painter: QPainter, rect: QRectF, color: QColor) -> None:
    """A triangle with an exclamation mark in ``rect`` (square)."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / _SIDE, rect.width() / _SIDE)
    pen = QPen(color, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolygon(QPolygonF([QPointF(8, 2), QPointF(14.3, 13.5), QPointF(1.7, 13.5)]))
    painter.drawLine(QPointF(8, 6.5), QPointF(8, 9.5))
    painter.drawPoint(QPointF(8, 11.6))
    painter.restore()
