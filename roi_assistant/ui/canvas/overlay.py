"""Paints what lies over the image: boxes, labels, handles, snap lines, the crosshair, rubber bands.

All of it in one go and in pixels of the widget, so that lines and letters keep their size and stay crisp at any zoom.
One painter for all boxes, and not an item per box: see ``benchmarks/canvas.py`` for what both cost.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from PyQt6.QtCore import QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter

from roi_assistant.core.box import Box
from roi_assistant.imaging.label_layout import Rect, overlap
from roi_assistant.ui.canvas.geometry import handle_points
from roi_assistant.ui.canvas.gestures import BandGesture, Guides
from roi_assistant.ui.canvas.labels import LabelArt, Shape
from roi_assistant.ui.canvas.model import BoxStyle, CanvasRegion
from roi_assistant.ui.canvas.outlines import Outlines, PixelRect, draw_rects, line_pen, names_in
from roi_assistant.ui.canvas.placing import MOST_CAPTIONS, LabelRequest, Place, beside
from roi_assistant.ui.canvas.theme import CanvasTheme, box_color
from roi_assistant.ui.look.palette import BOX_COLORS

_HANDLE = 9
_BEYOND = 64
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
    new_label: str = ""
    """The category that a box which is drawn now gets."""
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
    moving: bool = False

    def rect(self, box: Box) -> PixelRect:
        """``box`` on whole pixels of the widget, at least one wide and high."""
        x1, y1 = math.floor(self.left + box.x1 * self.scale + 0.5), math.floor(self.top + box.y1 * self.scale + 0.5)
        x2, y2 = math.floor(self.left + box.x2 * self.scale + 0.5), math.floor(self.top + box.y2 * self.scale + 0.5)
        return x1, y1, max(x2, x1 + 1), max(y2, y1 + 1)

    def cut(self, rect: Rect) -> Rect:
        """The part in view of a rectangle that is seen."""
        x1, y1, x2, y2 = rect
        return (x1 if x1 > 0 else 0.0, y1 if y1 > 0 else 0.0, min(x2, self.width), min(y2, self.height))

    def near(self, rect: PixelRect) -> PixelRect:
        """``rect`` without what lies far out of view: at high zoom boxes are larger than the painter likes."""
        far_x, far_y = int(self.width) + _BEYOND, int(self.height) + _BEYOND
        return (max(rect[0], -_BEYOND), max(rect[1], -_BEYOND), min(rect[2], far_x), min(rect[3], far_y))


class Overlay:
    """See the module. ``places`` says where labels are; the canvas renews it when the view is at rest."""

    def __init__(self, theme: CanvasTheme, art: LabelArt, style: BoxStyle) -> None:
        self.theme = theme
        self.art = art
        self.outlines = Outlines(theme.halo, style)
        self.places: Mapping[str, Place] = {}

    def requests(self, shown: Shown, frame: Frame) -> list[LabelRequest]:
        """The labels that want a place in this frame."""
        if not shown.labels:
            return []
        rects = self._seen(shown, frame)
        many = len(rects) > MOST_CAPTIONS
        labels = []
        for name, rect in rects.items():
            region = shown.regions[name]
            shapes = () if many else self.art.shapes(region)
            labels.append(
                LabelRequest(
                    name,
                    Box(*frame.cut(rect)),
                    self.art.chip_size(region, quiet=many),
                    tuple(shape.size for shape in shapes),
                    outside=sum(bool(shape.details) for shape in shapes),
                )
            )
        return labels

    def _seen(self, shown: Shown, frame: Frame) -> dict[str, PixelRect]:
        """The boxes in view, in pixels of the widget."""
        left, top = round(frame.left), round(frame.top)  # whole pixels anyway: views scroll by them
        rects = self.outlines.rects(shown.boxes, frame.scale)
        names = names_in(rects, left=left, top=top, width=frame.width, height=frame.height)
        seen = {}
        for name in names:
            x1, y1, x2, y2 = rects[name]
            seen[name] = (x1 + left, y1 + top, x2 + left, y2 + top)
        return seen

    def paint(self, painter: QPainter, shown: Shown, frame: Frame) -> None:
        """Paint a frame. ``painter`` is in pixels of the widget, without transform."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self.art.begin_frame()
        rects = self._seen(shown, frame)
        selected = [name for name in shown.selected if name in rects]
        hovered = shown.hovered if shown.hovered in rects and shown.hovered not in selected else ""
        front = frozenset(shown.selected)
        self.outlines.paint(
            painter,
            shown.regions,
            rects,
            without=front,
            left=round(frame.left),
            top=round(frame.top),
            view=(frame.width, frame.height),
            moving=frame.moving,
        )
        if hovered:
            region = shown.regions[hovered]
            color, rect = box_color(region), frame.near(rects[hovered])
            self.outlines.paint_strong(painter, rect, color, fill=26, dashed=region.unsure, ring=False)
        self._paint_selected(painter, shown, rects, selected, frame)
        if shown.labels:
            behind = [name for name in rects if name not in front and name != hovered]
            self._paint_labels(painter, shown, frame, rects, behind)
            self._paint_labels(painter, shown, frame, rects, selected, must=len(selected) <= 3)
            if hovered:
                self._paint_labels(painter, shown, frame, rects, [hovered], must=True)
        self._paint_selected_handles(painter, shown, rects)
        self._paint_gesture(painter, shown, frame)
        if shown.crosshair is not None:
            self._paint_crosshair(painter, shown.crosshair, frame)

    # ----------------------------------------------------------------------------------------------------------- boxes

    def _paint_selected(
        self, painter: QPainter, shown: Shown, rects: Mapping[str, PixelRect], names: Sequence[str], frame: Frame
    ) -> None:
        for name in names:
            region = shown.regions[name]
            color = box_color(region)
            rect = frame.near(rects[name])
            self.outlines.paint_strong(painter, rect, color, fill=18, dashed=region.unsure, ring=True)

    def _paint_selected_handles(self, painter: QPainter, shown: Shown, rects: Mapping[str, PixelRect]) -> None:
        """Over the labels: a handle that a caption hides cannot be grabbed with confidence."""
        if len(shown.selected) != 1 or shown.selected[0] not in rects or not shown.handles:
            return
        region = shown.regions[shown.selected[0]]
        if not region.locked:
            self._paint_handles(painter, rects[region.id], box_color(region))

    def _paint_handles(self, painter: QPainter, rect: PixelRect, color: QColor) -> None:
        half = _HANDLE // 2
        squares = [
            QRect(round(x) - half - 1, round(y) - half - 1, _HANDLE, _HANDLE) for x, y in handle_points(rect).values()
        ]
        painter.setPen(line_pen(QColor(0, 0, 0), 1))
        painter.setBrush(QColor(0, 0, 0))
        draw_rects(painter, [square.adjusted(-1, -1, 0, 0) for square in squares])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        draw_rects(painter, squares)
        painter.setBrush(QColor(255, 255, 255))
        draw_rects(painter, [square.adjusted(2, 2, -2, -2) for square in squares])

    # ---------------------------------------------------------------------------------------------------------- labels

    def _paint_labels(
        self,
        painter: QPainter,
        shown: Shown,
        frame: Frame,
        rects: Mapping[str, PixelRect],
        names: Iterable[str],
        *,
        must: bool = False,
    ) -> None:
        for name in names:
            region = shown.regions[name]
            place = self.places.get(name)
            shapes = self.art.shapes(region) if must or (place is not None and place.shape is not None) else ()
            rect = frame.cut(rects[name])
            if place is not None and place.shape is not None and place.shape >= len(shapes):
                place = None  # its caption has changed since places were found
            if must and (place is None or (place.shape is None and shapes)):
                place = self._place_that_must_be(region, shapes, rect, frame)
            if place is None:
                continue
            chosen = None if place.shape is None else shapes[place.shape]
            x, y = place.corner(rect)
            corner = QPointF(round(x), round(y))
            if chosen is None and not must and len(rects) > MOST_CAPTIONS:
                quiet = self.art.quiet_chip(region)
                if quiet is not None:
                    painter.drawPixmap(corner, quiet)
            else:
                painter.drawPixmap(corner, self.art.picture(region, chosen, mirrored=place.mirrored, strong=must))
            if region.pending:
                self._paint_dots(painter, region, chosen, corner, shown.phase, mirrored=place.mirrored)

    def _place_that_must_be(self, region: CanvasRegion, shapes: Sequence[Shape], rect: Rect, frame: Frame) -> Place:
        """Beside the box, with details only where they do not cover it; the chip alone where there is no caption."""
        for number, shape in enumerate(shapes):
            place = beside(Box(*rect), shape.size, shape=number, width=frame.width, height=frame.height)
            x, y = place.corner(rect)
            if not shape.details or not overlap((x, y, x + shape.size[0], y + shape.size[1]), rect):
                return place
        return beside(Box(*rect), self.art.chip_size(region), shape=None, width=frame.width, height=frame.height)

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
            self.outlines.paint_strong(
                painter, frame.near(rect), BOX_COLORS["suggested"], fill=30, dashed=False, ring=False
            )
            self._paint_size(painter, shown, shown.new_box, rect, frame)
        line_x, line_y = shown.guides
        color = QColor(255, 64, 160)
        if line_x is not None:
            painter.fillRect(QRectF(round(frame.left + line_x * frame.scale), 0, 1, frame.height), color)
        if line_y is not None:
            painter.fillRect(QRectF(0, round(frame.top + line_y * frame.scale), frame.width, 1), color)
        if shown.band is not None:
            self._paint_band(painter, shown.band, frame)

    def _paint_size(self, painter: QPainter, shown: Shown, box: Box, rect: PixelRect, frame: Frame) -> None:
        """Width and height of the box that is being drawn, and the category that it gets, at its lower right corner."""
        text = f"{box.width:g} × {box.height:g}"
        if shown.new_label:
            text += f"  ·  {shown.new_label}"
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
        painter.setPen(line_pen(QColor(0, 0, 0), 1))
        painter.drawRect(rect)
        painter.setPen(line_pen(QColor(255, 255, 255), 1, dashed=True))
        painter.drawRect(rect)

    def _paint_crosshair(self, painter: QPainter, point: QPointF, frame: Frame) -> None:
        x, y = round(point.x()), round(point.y())
        dark, light = QColor(0, 0, 0, 110), QColor(255, 255, 255, 190)
        painter.fillRect(QRect(x - 1, 0, 3, int(frame.height)), QColor(0, 0, 0, 50))
        painter.fillRect(QRect(0, y - 1, int(frame.width), 3), QColor(0, 0, 0, 50))
        painter.fillRect(QRect(x, 0, 1, int(frame.height)), light)
        painter.fillRect(QRect(0, y, int(frame.width), 1), light)
        painter.fillRect(QRect(x - 1, y - 1, 3, 3), dark)
