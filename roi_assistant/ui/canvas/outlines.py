"""The lines around boxes: thin, crisp, with a dark seam that keeps them visible on grounds of their own color.

Lines are gathered by their look and drawn in a few calls; translucent ones as filled slivers, which Qt's painter does
several times faster than translucent pens. With many boxes in view the gathered lines are kept and only moved while the
view pans.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from PyQt6.QtCore import QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from roi_assistant.core.box import Box
from roi_assistant.ui.canvas.model import BoxStyle, CanvasRegion
from roi_assistant.ui.canvas.theme import box_color

PixelRect = tuple[int, int, int, int]
"""``x1, y1, x2, y2`` in whole pixels of the widget."""

_THIN_FROM = 120
"""With more boxes in view lines are one pixel wide."""
_KEPT_FROM = 60
"""With fewer boxes in view the lines are gathered anew in each frame, cut to the view: at high zoom boxes are larger
than the painter likes."""
_BEYOND = 64
_QUICK_SEAM = QColor(45, 45, 48)


@dataclass(slots=True)
class _Lines:
    halo: list[QRectF] = field(default_factory=list)
    solid: dict[int, list[QRect]] = field(default_factory=dict)
    """Color, as ``QColor.rgba``, -> boxes."""
    dashed: dict[int, list[QRect]] = field(default_factory=dict)

    def add(self, rect: PixelRect, region: CanvasRegion, width: int, *, halo: bool = True) -> None:
        if halo:
            add_frame(self.halo, rect, line=width, out=1)
        x1, y1, x2, y2 = rect
        group = self.dashed if region.unsure or region.state == "rejected" else self.solid
        group.setdefault(box_color(region).rgba(), []).append(QRect(x1, y1, x2 - x1, y2 - y1))


class Outlines:
    """Where boxes are on the screen, and their lines, both kept from frame to frame as far as they hold."""

    def __init__(self, halo: QColor, style: BoxStyle) -> None:
        self._halo = halo
        self.style = style
        self._boxes: Mapping[str, Box] | None = None
        self._scale = self._last_scale = 0.0
        self._zooming = False
        self._rects: dict[str, PixelRect] = {}
        self._lines = _Lines()
        self._key: tuple[object, ...] = ()

    def rects(self, boxes: Mapping[str, Box], scale: float) -> dict[str, PixelRect]:
        """``boxes`` on whole pixels, counted from the corner of the image, at least one wide and high.

        Kept as long as it is asked for the same mapping, which therefore must not be changed in place.
        """
        if boxes is not self._boxes or scale != self._scale:
            self._boxes, self._scale = boxes, scale
            on_pixels = {}
            for name, box in boxes.items():  # inside the image, so nothing is negative and int rounds down
                x1, y1 = int(box.x1 * scale + 0.5), int(box.y1 * scale + 0.5)
                x2, y2 = int(box.x2 * scale + 0.5), int(box.y2 * scale + 0.5)
                on_pixels[name] = (x1, y1, x2 if x2 > x1 else x1 + 1, y2 if y2 > y1 else y1 + 1)
            self._rects = on_pixels
        return self._rects

    def paint(
        self,
        painter: QPainter,
        regions: Mapping[str, CanvasRegion],
        seen: Mapping[str, PixelRect],
        *,
        without: frozenset[str],
        left: int,
        top: int,
        view: tuple[float, float],
        moving: bool,
    ) -> None:
        """Paint the outlines of ``regions``, except those ``without``.

        Args:
            painter: in pixels of the widget.
            regions: by id; kept lines hold as long as it is the same mapping.
            seen: the boxes in view, in pixels of the widget.
            without: ids of those that are painted otherwise.
            left: where the corner of the image is on the widget.
            top: the same, downwards.
            view: width and height of the widget.
            moving: whether the view is being zoomed or panned.
        """
        width = 1 if len(seen) > _THIN_FROM else self.style.line_width
        if len(seen) < _KEPT_FROM:
            lines = _Lines()
            for name, rect in seen.items():
                if name not in without:
                    lines.add(_cut(rect, view), regions[name], width)
            self._draw(painter, lines, width)
            return
        # In the middle of a zoom all is another in each frame: nothing is kept, and seams are drawn coarser,
        # until it comes to rest, because tiles that arrive have the view painted more than once at a scale.
        self._zooming = moving and (self._zooming or self._scale != self._last_scale)
        self._last_scale = self._scale
        if self._zooming:
            self._paint_quickly(painter, regions, seen, without=without, view=view, width=width)
            return
        key = (id(self._rects), id(regions), without, width)
        if key != self._key:
            self._key = key
            self._held = (self._rects, regions)  # so that their ids are not given to others
            self._lines = _Lines()
            for name, rect in self._rects.items():
                if name not in without:
                    self._lines.add(rect, regions[name], width)
        painter.translate(left, top)
        self._draw(painter, self._lines, width)
        painter.translate(-left, -top)

    def _paint_quickly(
        self,
        painter: QPainter,
        regions: Mapping[str, CanvasRegion],
        seen: Mapping[str, PixelRect],
        *,
        without: frozenset[str],
        view: tuple[float, float],
        width: int,
    ) -> None:
        lines = _Lines()
        for name, rect in seen.items():
            if name not in without:
                lines.add(_cut(rect, view), regions[name], width, halo=False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(line_pen(_QUICK_SEAM, width + 2))
        for group in (*lines.solid.values(), *lines.dashed.values()):
            draw_rects(painter, group)
        self._draw(painter, lines, width)

    def _draw(self, painter: QPainter, lines: _Lines, width: int) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        if self.style.alpha:
            for color, group in (*lines.solid.items(), *lines.dashed.items()):
                painter.setBrush(_translucent(QColor(color), self.style.alpha))
                draw_rects(painter, group)
        painter.setBrush(self._halo)
        draw_rects(painter, lines.halo)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, group in lines.solid.items():
            painter.setPen(line_pen(QColor(color), width))
            draw_rects(painter, group)
        for color, group in lines.dashed.items():
            painter.setPen(line_pen(QColor(color), width, dashed=True))
            draw_rects(painter, group)

    def paint_strong(
        self, painter: QPainter, rect: PixelRect, color: QColor, *, fill: int, dashed: bool, ring: bool
    ) -> None:
        """A box that stands out: tinted by ``fill`` (0..255) or more, with a white ring if it is selected."""
        x1, y1, x2, y2 = rect
        width = self.style.line_width
        painter.fillRect(QRect(x1, y1, x2 - x1, y2 - y1), _translucent(color, max(fill, self.style.alpha)))
        around: list[QRectF] = []
        add_frame(around, rect, line=width, out=3 if ring else 1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._halo)
        draw_rects(painter, around)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if ring:  # seen on any image, and not by color alone
            painter.setPen(line_pen(QColor(255, 255, 255), 1))
            out = width // 2 + 2
            painter.drawRect(QRect(x1 - out, y1 - out, x2 - x1 + 2 * out - 1, y2 - y1 + 2 * out - 1))
        painter.setPen(line_pen(color, width, dashed=dashed))
        painter.drawRect(QRect(x1, y1, x2 - x1, y2 - y1))

    _held: tuple[object, ...] = ()


def _translucent(color: QColor, alpha: int) -> QColor:
    tint = QColor(color)
    tint.setAlpha(alpha)
    return tint


def _cut(rect: PixelRect, view: tuple[float, float]) -> PixelRect:
    """``rect`` without what lies far out of the view."""
    return (
        max(rect[0], -_BEYOND),
        max(rect[1], -_BEYOND),
        min(rect[2], int(view[0]) + _BEYOND),
        min(rect[3], int(view[1]) + _BEYOND),
    )


def line_pen(color: QColor, width: int, *, dashed: bool = False) -> QPen:
    """A pen for crisp lines."""
    pen = QPen(color, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dashed:
        pen.setDashPattern([6.0 / width, 5.0 / width])
    return pen


def draw_rects(painter: QPainter, rects: Sequence[QRect] | Sequence[QRectF]) -> None:
    """All rectangles in one call, which the stubs of PyQt6 do not know to take a list."""
    if rects:
        cast("Any", painter).drawRects(rects)


def add_frame(to: list[QRectF], rect: PixelRect, *, line: int, out: int) -> None:
    """The four sides of a frame under a line ``line`` pixels wide: ``out`` pixels beyond it outwards, one inwards."""
    x1, y1, x2, y2 = rect
    half = line // 2
    thick = out + line + 1
    left, top = x1 - half - out, y1 - half - out
    width, height = x2 - x1 + line + 2 * out, y2 - y1 + line + 2 * out
    if width <= 2 * thick or height <= 2 * thick:
        to.append(QRectF(left, top, width, height))
        return
    to.append(QRectF(left, top, width, thick))
    to.append(QRectF(left, top + height - thick, width, thick))
    to.append(QRectF(left, top + thick, thick, height - 2 * thick))
    to.append(QRectF(left + width - thick, top + thick, thick, height - 2 * thick))


def names_in(rects: Mapping[str, PixelRect], *, left: int, top: int, width: float, height: float) -> Iterable[str]:
    """Ids of the rectangles (counted from the corner of the image at ``left``, ``top``) that are in view."""
    low_x, high_x, low_y, high_y = -left, width - left, -top, height - top
    return [
        name for name, (x1, y1, x2, y2) in rects.items() if x1 < high_x and x2 > low_x and y1 < high_y and y2 > low_y
    ]
