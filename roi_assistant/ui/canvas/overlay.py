"""Paints what lies over the image: boxes, labels, handles, snap lines, the crosshair, rubber bands.

All of it in one go and in pixels of the widget, so that lines and letters keep their size and stay crisp at any zoom.
One painter for all boxes, and not an item per box: see ``benchmarks/canvas.py`` for what both cost. Lines are gathered
by their look and drawn in a few calls; translucent ones as filled slivers, which Qt's painter does many times faster
than translucent pens.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from PyQt6.QtCore import QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from roi_assistant.core.box import Box
from roi_assistant.core.records import ReviewState
from roi_assistant.imaging.label_layout import Rect
from roi_assistant.ui.canvas.geometry import handle_points
from roi_assistant.ui.canvas.gestures import BandGesture, Guides
from roi_assistant.ui.canvas.labels import LabelArt, Shape
from roi_assistant.ui.canvas.model import CanvasRegion
from roi_assistant.ui.canvas.placing import LabelRequest, Place, beside
from roi_assistant.ui.canvas.theme import STATE_COLORS, CanvasTheme

_HANDLE = 9
_THIN_FROM = 120
"""With more boxes in view lines are one pixel wide."""
_DOT_RADIUS = 2.0


@dataclass(slots=True)
class Shown:
    """What there is to paint. ``boxes`` are where they are now: during a drag, elsewhere than in ``regions``."""

    regions: dict[str, CanvasRegion] = field(default_factory=dict)
    boxes: dict[str, Box] = field(default_factory=dict)
    selected: tuple[str, ...] = ()
    hovered: str = ""
    labels: bool = True
    handles: bool = True
    new_box: Box | None = None
    guides: Guides = (None, None)
    band: BandGesture | None = None
    crosshair: QPointF | None = None
    phase: float = 0.0
    """Of the dots that wait for a caption; 1.0 is a whole turn."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the image is on the widget: pixels of the widget per pixel of the image, its left upper corner, and the
    size of the widget."""

    scale: float
    left: float
    top: float
    width: float
    height: float

    def rect(self, box: Box) -> tuple[int, int, int, int]:
        """``box`` on whole pixels of the widget, at least one wide and high."""
        x1, y1 = math.floor(self.left + box.x1 * self.scale + 0.5), math.floor(self.top + box.y1 * self.scale + 0.5)
        x2, y2 = math.floor(self.left + box.x2 * self.scale + 0.5), math.floor(self.top + box.y2 * self.scale + 0.5)
        return x1, y1, max(x2, x1 + 1), max(y2, y1 + 1)

    def sees(self, rect: Rect) -> bool:
        return rect[0] < self.width and rect[1] < self.height and rect[2] > 0 and rect[3] > 0

    def cut(self, rect: Rect) -> Box:
        """The part in view of a rectangle that is seen."""
        return Box(max(0.0, rect[0]), max(0.0, rect[1]), min(self.width, rect[2]), min(self.height, rect[3]))


class Overlay:
    """See the module. ``places`` says where labels are; the canvas renews it when the view is at rest."""

    def __init__(self, theme: CanvasTheme, art: LabelArt) -> None:
        self.theme = theme
        self.art = art
        self.places: Mapping[str, Place] = {}

    def requests(self, shown: Shown, frame: Frame) -> list[LabelRequest]:
        """The labels that want a place in this frame."""
        found = []
        for name, region in shown.regions.items():
            rect = frame.rect(shown.boxes[name])
            if frame.sees(rect):
                sizes = tuple(shape.size for shape in self.art.shapes(region)) if shown.labels else ()
                found.append(LabelRequest(name, frame.cut(rect), self.art.chip_size(region), sizes))
        return found

    def paint(self, painter: QPainter, shown: Shown, frame: Frame) -> None:
        """Paint a frame. ``painter`` is in pixels of the widget, without transform."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        rects = {name: rect for name, box in shown.boxes.items() if frame.sees(rect := frame.rect(box)) and name}
        selected = [name for name in shown.selected if name in rects]
        front = set(selected)
        others = [name for name in rects if name not in front]
        self._paint_lines(painter, shown, rects, others)
        if shown.labels:
            self._paint_labels(painter, shown, frame, rects, (name for name in others if name != shown.hovered))
        if shown.hovered in rects and shown.hovered not in front:
            self._paint_hovered(painter, shown, rects[shown.hovered])
        self._paint_selected(painter, shown, rects, selected)
        if shown.labels:
            last = [shown.hovered] if shown.hovered in rects and shown.hovered not in front else []
            self._paint_labels(painter, shown, frame, rects, [*selected, *last], must=len(selected) <= 3)
        self._paint_gesture(painter, shown, frame)
        if shown.crosshair is not None:
            self._paint_crosshair(painter, shown.crosshair, frame)

    # ----------------------------------------------------------------------------------------------------------- lines

    def _paint_lines(
        self, painter: QPainter, shown: Shown, rects: Mapping[str, tuple[int, int, int, int]], names: Iterable[str]
    ) -> None:
        halo: list[QRectF] = []
        solid: dict[ReviewState, list[QRect]] = {}
        dashed: dict[ReviewState, list[QRect]] = {}
        width = 1 if len(rects) > _THIN_FROM else 2
        for name in names:
            x1, y1, x2, y2 = rects[name]
            region = shown.regions[name]
            _add_frame(halo, rects[name], line=width, out=1)
            rect = QRect(x1, y1, x2 - x1, y2 - y1)
            (dashed if region.unsure or region.state == "rejected" else solid).setdefault(region.state, []).append(rect)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.halo)
        _draw_rects(painter, halo)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for state, group in solid.items():
            painter.setPen(_outline(STATE_COLORS[state], width))
            _draw_rects(painter, group)
        for state, group in dashed.items():
            painter.setPen(_outline(STATE_COLORS[state], width, dashed=True))
            _draw_rects(painter, group)

    def _paint_hovered(self, painter: QPainter, shown: Shown, rect: tuple[int, int, int, int]) -> None:
        region = shown.regions[shown.hovered]
        self._paint_strong(painter, rect, STATE_COLORS[region.state], fill=26, dashed=region.unsure, ring=False)

    def _paint_selected(
        self, painter: QPainter, shown: Shown, rects: Mapping[str, tuple[int, int, int, int]], names: list[str]
    ) -> None:
        for name in names:
            region = shown.regions[name]
            self._paint_strong(
                painter, rects[name], STATE_COLORS[region.state], fill=34, dashed=region.unsure, ring=True
            )
        if len(names) == 1 and len(shown.selected) == 1 and shown.handles:
            region = shown.regions[names[0]]
            if not region.locked:
                self._paint_handles(painter, rects[names[0]], STATE_COLORS[region.state])

    def _paint_strong(
        self, painter: QPainter, rect: tuple[int, int, int, int], color: QColor, *, fill: int, dashed: bool, ring: bool
    ) -> None:
        x1, y1, x2, y2 = rect
        painter.setPen(Qt.PenStyle.NoPen)
        tint = QColor(color)
        tint.setAlpha(fill)
        painter.fillRect(QRect(x1, y1, x2 - x1, y2 - y1), tint)
        around: list[QRectF] = []
        _add_frame(around, rect, line=2, out=3 if ring else 1)
        painter.setBrush(self.theme.halo)
        _draw_rects(painter, around)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if ring:  # a white ring around the color: seen on any image, and not by color alone
            painter.setPen(_outline(QColor(255, 255, 255), 1))
            painter.drawRect(QRect(x1 - 3, y1 - 3, x2 - x1 + 5, y2 - y1 + 5))
        painter.setPen(_outline(color, 2, dashed=dashed))
        painter.drawRect(QRect(x1, y1, x2 - x1, y2 - y1))

    def _paint_handles(self, painter: QPainter, rect: tuple[int, int, int, int], color: QColor) -> None:
        half = _HANDLE // 2
        squares = [
            QRect(round(x) - half - 1, round(y) - half - 1, _HANDLE, _HANDLE) for x, y in handle_points(rect).values()
        ]
        painter.setPen(_outline(QColor(0, 0, 0), 1))
        painter.setBrush(QColor(0, 0, 0))
        _draw_rects(painter, [square.adjusted(-1, -1, 0, 0) for square in squares])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        _draw_rects(painter, squares)
        painter.setBrush(QColor(255, 255, 255))
        _draw_rects(painter, [square.adjusted(2, 2, -2, -2) for square in squares])

    # ---------------------------------------------------------------------------------------------------------- labels

    def _paint_labels(
        self,
        painter: QPainter,
        shown: Shown,
        frame: Frame,
        rects: Mapping[str, tuple[int, int, int, int]],
        names: Iterable[str],
        *,
        must: bool = False,
    ) -> None:
        for name in names:
            region = shown.regions[name]
            place = self.places.get(name)
            shapes = self.art.shapes(region) if must or (place is not None and place.shape is not None) else ()
            box = frame.cut(rects[name])
            if place is not None and place.shape is not None and place.shape >= len(shapes):
                place = None  # its caption has changed since places were found
            if must and (place is None or (place.shape is None and shapes)):
                shape = shapes[0] if shapes else None
                size = self.art.chip_size(region) if shape is None else shape.size
                place = beside(box, size, shape=None if shape is None else 0, width=frame.width, height=frame.height)
            if place is None:
                continue
            chosen = None if place.shape is None else shapes[place.shape]
            x, y = place.corner(box.xyxy)
            corner = QPointF(round(x), round(y))
            painter.drawPixmap(corner, self.art.picture(region, chosen, mirrored=place.mirrored, strong=must))
            if region.pending:
                self._paint_dots(painter, region, chosen, corner, shown.phase, mirrored=place.mirrored)

    def _paint_dots(
        self,
        painter: QPainter,
        region: CanvasRegion,
        shape: Shape | None,
        corner: QPointF,
        phase: float,
        *,
        mirrored: bool,
    ) -> None:
        """Three dots that take turns: a caption is on its way. They stand beside a caption that there is already."""
        chip_width, height = self.art.chip_size(region)
        width = chip_width if shape is None else shape.size[0]
        empty = shape is not None and not shape.lines[0]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        left = corner.x() + (5.0 if mirrored else chip_width + 5.0) if empty else corner.x() + width + 4.0
        middle = corner.y() + (shape.size[1] if shape is not None else height) / 2
        for number in range(3):
            glow = 0.5 + 0.5 * math.cos(2 * math.pi * (phase - number / 3))
            color = QColor(self.theme.plate_text if empty else QColor(255, 255, 255))
            color.setAlphaF(0.3 + 0.7 * glow)
            painter.setBrush(color)
            painter.drawEllipse(QPointF(left + 3 + number * 6.5, middle), _DOT_RADIUS, _DOT_RADIUS)
        painter.restore()

    # -------------------------------------------------------------------------------------------------------- gestures

    def _paint_gesture(self, painter: QPainter, shown: Shown, frame: Frame) -> None:
        if shown.new_box is not None:
            rect = frame.rect(shown.new_box)
            self._paint_strong(painter, rect, STATE_COLORS["suggested"], fill=30, dashed=False, ring=False)
            self._paint_size(painter, shown.new_box, rect, frame)
        line_x, line_y = shown.guides
        color = QColor(255, 64, 160)
        if line_x is not None:
            painter.fillRect(QRectF(round(frame.left + line_x * frame.scale), 0, 1, frame.height), color)
        if line_y is not None:
            painter.fillRect(QRectF(0, round(frame.top + line_y * frame.scale), frame.width, 1), color)
        if shown.band is not None:
            self._paint_band(painter, shown.band, frame)

    def _paint_size(self, painter: QPainter, box: Box, rect: tuple[int, int, int, int], frame: Frame) -> None:
        """Width and height of the box that is being drawn, at its lower right corner."""
        text = f"{box.width:g} × {box.height:g}"
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(text) + 12, metrics.height() + 4
        x = min(max(0, rect[2] - width), int(frame.width) - width)
        y = rect[3] + 5 if rect[3] + 5 + height <= frame.height else rect[3] - height - 5
        plate = QRectF(x, y, width, height)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.plate)
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(self.theme.plate_text)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()

    def _paint_band(self, painter: QPainter, band: BandGesture, frame: Frame) -> None:
        x1, y1, x2, y2 = band.rect
        left, top = frame.left + x1 * frame.scale, frame.top + y1 * frame.scale
        rect = QRectF(left, top, (x2 - x1) * frame.scale, (y2 - y1) * frame.scale).toRect()
        tint = QColor(self.theme.accent)
        tint.setAlpha(40)
        painter.fillRect(rect, tint)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_outline(QColor(0, 0, 0), 1))
        painter.drawRect(rect)
        painter.setPen(_outline(QColor(255, 255, 255), 1, dashed=True))
        painter.drawRect(rect)

    def _paint_crosshair(self, painter: QPainter, point: QPointF, frame: Frame) -> None:
        x, y = round(point.x()), round(point.y())
        dark, light = QColor(0, 0, 0, 110), QColor(255, 255, 255, 190)
        painter.fillRect(QRect(x - 1, 0, 3, int(frame.height)), QColor(0, 0, 0, 50))
        painter.fillRect(QRect(0, y - 1, int(frame.width), 3), QColor(0, 0, 0, 50))
        painter.fillRect(QRect(x, 0, 1, int(frame.height)), light)
        painter.fillRect(QRect(0, y, int(frame.width), 1), light)
        painter.fillRect(QRect(x - 1, y - 1, 3, 3), dark)


def _outline(color: QColor, width: int, *, dashed: bool = False) -> QPen:
    pen = QPen(color, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dashed:
        pen.setDashPattern([6.0 / width, 5.0 / width])
    return pen


def _draw_rects(painter: QPainter, rects: Sequence[QRect] | Sequence[QRectF]) -> None:
    """All rectangles in one call, which the stubs of PyQt6 do not know to take a list."""
    if rects:
        cast("Any", painter).drawRects(rects)


def _add_frame(to: list[QRectF], rect: tuple[int, int, int, int], *, line: int, out: int) -> None:
    """The four sides of a frame under a line ``line`` pixels wide: ``out`` pixels beyond it outwards, one inwards."""
    x1, y1, x2, y2 = rect
    thick = out + line + 1
    left, top = x1 - line // 2 - out, y1 - line // 2 - out
    right, bottom = x2 - line // 2 + line + out, y2 - line // 2 + line + out
    if right - left <= 2 * thick or bottom - top <= 2 * thick:
        to.append(QRectF(left, top, right - left, bottom - top))
        return
    to.append(QRectF(left, top, right - left, thick))
    to.append(QRectF(left, bottom - thick, right - left, thick))
    to.append(QRectF(left, top + thick, thick, bottom - top - 2 * thick))
    to.append(QRectF(right - thick, top + thick, thick, bottom - top - 2 * thick))
