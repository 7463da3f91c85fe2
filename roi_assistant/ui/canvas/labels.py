"""Number chips and caption plates as pictures, made once per label and look; drawing one is then a copy.

A chip has the number that stands for the region in the chat, in the color of its state, and marks that say the same
without color: a tick for accepted, a pencil for edited, a cross for rejected, ``?`` for unsure, a lock, a warning sign.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF

from roi_assistant.imaging.label_layout import Size
from roi_assistant.ui.canvas.model import CanvasRegion
from roi_assistant.ui.canvas.theme import CanvasTheme, box_color, ink_on
from roi_assistant.ui.look.drawn_text import elided

_CHIP_FONT = 11
_QUIET_FONT = 10
_CAPTION_FONT = 12
_DETAILS_FONT = 11
_CHIP_PAD = 5.0
_PAD = 7.0
_MARK = 9.0
_MARK_GAP = 3.0
_RADIUS = 4.0
_QUIET_BAR = 3.0
_QUIET_PLATE = QColor(20, 21, 25, 205)
_QUIET_TEXT = QColor(246, 247, 249)
_WIDEST = 300.0
_MOST_LINES = 2
_MOST_PICTURES = 1500
_NEW_PER_FRAME = 40
"""Quiet chips that are made in one frame; the others follow in the next ones."""
DOTS_WIDTH = 26.0
"""Of the plate of a region that waits for its caption."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A form that a plate may take: the lines of its caption, and below them one of details, empty for none."""

    size: Size
    lines: tuple[str, ...]
    details: str = ""


class LabelArt:
    """Sizes and pictures of labels for one theme, font and pixel ratio."""

    def __init__(self, theme: CanvasTheme, font: QFont, ratio: float) -> None:
        self._theme = theme
        self._ratio = ratio
        self._chip_font = QFont(font)
        self._chip_font.setPixelSize(_CHIP_FONT)
        self._chip_font.setWeight(QFont.Weight.DemiBold)
        self._font = QFont(font)
        self._font.setPixelSize(_CAPTION_FONT)
        self._chip_metrics = QFontMetricsF(self._chip_font)
        self._metrics = QFontMetricsF(self._font)
        self._details_font = QFont(font)
        self._details_font.setPixelSize(_DETAILS_FONT)
        self._details_metrics = QFontMetricsF(self._details_font)
        self._details_line = float(math.ceil(self._details_metrics.height()))
        self._quiet_font = QFont(self._chip_font)
        self._quiet_font.setPixelSize(_QUIET_FONT)
        self._quiet_metrics = QFontMetricsF(self._quiet_font)
        self._quiet_height = float(math.ceil(self._quiet_metrics.height()))
        self._chip_height = float(math.ceil(self._chip_metrics.height())) + 3
        self._line = float(math.ceil(self._metrics.height()))
        self._height = max(self._chip_height, self._line + 4)
        self._shapes: dict[tuple[str, str], tuple[Shape, ...]] = {}
        self._left = _NEW_PER_FRAME
        self._quiet_widths: dict[tuple[str, int], float] = {}
        self._chips: dict[str, tuple[CanvasRegion, QPixmap]] = {}
        self._pictures: OrderedDict[tuple[object, ...], QPixmap] = OrderedDict()

    def chip_size(self, region: CanvasRegion, *, quiet: bool = False) -> Size:
        """Of the number chip alone; ``quiet`` ones are for views with many."""
        if quiet:
            number, marks = _number(region), len(_marks(region))
            width = self._quiet_widths.get((number, marks))
            if width is None:
                text = self._quiet_metrics.horizontalAdvance(number)
                width = float(math.ceil(_QUIET_BAR + text + marks * (_MARK + _MARK_GAP - 1) + 6))
                self._quiet_widths[number, marks] = width
            return (width, self._quiet_height)
        text = self._chip_metrics.horizontalAdvance(_number(region))
        width = 2 * _CHIP_PAD + text + len(_marks(region)) * (_MARK + _MARK_GAP)
        return (float(math.ceil(max(width, self._chip_height))), self._chip_height)

    def shapes(self, region: CanvasRegion) -> tuple[Shape, ...]:
        """The forms of the plate, chip included, the preferred first; none when there is no caption. Those with details
        come before those without."""
        label, details = " ".join(region.label.split()), " ".join(region.details.split())
        chip = self.chip_size(region)[0]
        if not label:
            return (Shape((chip + DOTS_WIDTH, self._height), ("",)),) if region.pending else ()
        bare = self._shapes.get((label, details))
        if bare is None:
            if len(self._shapes) > 2 * _MOST_PICTURES:
                self._shapes.clear()
            bare = self._wrapped(label)
            if details:
                bare = (*(self._with_details(shape, details) for shape in bare), *bare)
            self._shapes[label, details] = bare
        return tuple(replace(shape, size=(chip + shape.size[0], shape.size[1])) for shape in bare)

    def begin_frame(self) -> None:
        """Some quiet chips may be made again."""
        self._left = _NEW_PER_FRAME

    @property
    def incomplete(self) -> bool:
        """Whether chips were left out of this frame."""
        return self._left < 0

    def quiet_chip(self, region: CanvasRegion) -> QPixmap | None:
        """A chip that does not shout: one of many. None: not in this frame, which would take too long."""
        chip = self._chips.get(region.id)
        if chip is None or chip[0] is not region:
            self._left -= 1
            if self._left < 0:
                self._left = -1
                return None
            if len(self._chips) > 2 * _MOST_PICTURES:
                self._chips.clear()
            picture = self._kept(("quiet", *_look(region)), lambda: self._draw_quiet(region))
            chip = self._chips[region.id] = (region, picture)
        return chip[1]

    def picture(self, region: CanvasRegion, shape: Shape | None, *, mirrored: bool, strong: bool) -> QPixmap:
        """The label with its plate, or its chip alone. ``strong`` is for selected regions."""
        key = (*_look(region), (shape.lines, shape.details) if shape is not None else None, mirrored, strong)
        return self._kept(key, lambda: self._draw(region, shape, mirrored=mirrored, strong=strong))

    def _kept(self, key: tuple[object, ...], draw: Callable[[], QPixmap]) -> QPixmap:
        picture = self._pictures.get(key)
        if picture is None:
            picture = self._pictures[key] = draw()
            if len(self._pictures) > _MOST_PICTURES:
                self._pictures.popitem(last=False)
        else:
            self._pictures.move_to_end(key)
        return picture

    def _wrapped(self, label: str) -> tuple[Shape, ...]:
        """``label`` in one line where it is short enough, and in two; what is too long ends in an ellipsis."""
        measure = self._metrics.horizontalAdvance
        whole = measure(label)
        variants: list[tuple[str, ...]] = []
        if whole <= _WIDEST:
            variants.append((label,))
        words = label.split()
        if whole > _WIDEST / 3 and len(words) > 1:
            splits = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]
            best = min(splits, key=lambda pair: max(measure(pair[0]), measure(pair[1])))
            if measure(best[0]) > _WIDEST or measure(best[1]) > _WIDEST:
                cut = next((n for n in range(len(words), 1, -1) if measure(" ".join(words[:n])) <= _WIDEST), 1)
                best = (" ".join(words[:cut]), " ".join(words[cut:]))
            variants.append(best)
        elif not variants:
            variants.append((label,))
        shapes = []
        for lines in variants[:_MOST_LINES]:
            shown = tuple(elided(self._metrics, line, _WIDEST + 1) if line else line for line in lines)
            width = max(measure(line) for line in shown) + 2 * _PAD
            shapes.append(Shape((float(math.ceil(width)), self._height + (len(shown) - 1) * self._line), shown))
        return tuple(shapes)

    def _with_details(self, shape: Shape, details: str) -> Shape:
        shown = elided(self._details_metrics, details, _WIDEST + 1)
        width = max(shape.size[0], math.ceil(self._details_metrics.horizontalAdvance(shown) + 2 * _PAD))
        return Shape((float(width), shape.size[1] + self._details_line), shape.lines, shown)

    def _draw(self, region: CanvasRegion, shape: Shape | None, *, mirrored: bool, strong: bool) -> QPixmap:
        chip_width, chip_height = self.chip_size(region)
        width, height = (chip_width, chip_height) if shape is None else shape.size
        picture = self._blank(width, height)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        color = box_color(region)
        chip = QRectF(0, 0, chip_width, height)
        if shape is not None:
            plate = QColor(self._theme.plate)
            if strong:
                plate.setAlpha(255)
            painter.setBrush(plate)
            painter.drawRoundedRect(QRectF(0, 0, width, height), _RADIUS, _RADIUS)
            if mirrored:
                chip.moveRight(width)
            self._write(painter, region, shape, 0.0 if mirrored else chip_width)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(chip, _RADIUS, _RADIUS)
        if shape is not None:  # the side towards the caption is straight
            painter.drawRect(chip.adjusted(0, 0, -_RADIUS, 0) if mirrored else chip.adjusted(_RADIUS, 0, 0, 0))
        self._fill_chip(painter, region, chip, ink_on(color))
        painter.end()
        return picture

    def _draw_quiet(self, region: CanvasRegion) -> QPixmap:
        width, height = self.chip_size(region, quiet=True)
        picture = self._blank(width, height)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_QUIET_PLATE)
        painter.drawRoundedRect(QRectF(0, 0, width, height), 3, 3)
        painter.setBrush(box_color(region))
        painter.drawRoundedRect(QRectF(0, 0, _QUIET_BAR + 2, height), 2, 2)
        painter.setBrush(_QUIET_PLATE)
        x = _QUIET_BAR + 3
        painter.setFont(self._quiet_font)
        painter.setPen(_QUIET_TEXT)
        baseline = (height + self._quiet_metrics.ascent() - self._quiet_metrics.descent()) / 2
        number = _number(region)
        painter.drawText(QPointF(x, baseline), number)
        self._draw_marks(
            painter, region, x + self._quiet_metrics.horizontalAdvance(number) + 2, height / 2, _QUIET_TEXT
        )
        painter.end()
        return picture

    def _blank(self, width: float, height: float) -> QPixmap:
        picture = QPixmap(math.ceil(width * self._ratio), math.ceil(height * self._ratio))
        picture.setDevicePixelRatio(self._ratio)
        picture.fill(Qt.GlobalColor.transparent)
        return picture

    def _draw_marks(self, painter: QPainter, region: CanvasRegion, x: float, middle: float, ink: QColor) -> None:
        for mark in _marks(region):
            painter.save()
            painter.translate(x, middle - _MARK / 2)
            _MARK_PAINTERS[mark](painter, ink)
            painter.restore()
            x += _MARK + _MARK_GAP - 1

    def _write(self, painter: QPainter, region: CanvasRegion, shape: Shape, left: float) -> None:
        text = QColor(self._theme.plate_text)
        if region.state == "rejected":
            text.setAlpha(180)
        font = QFont(self._font)
        font.setItalic(region.unsure)
        font.setStrikeOut(region.state == "rejected")
        painter.setFont(font)
        painter.setPen(text)
        top = (self._height - self._line) / 2 + self._metrics.ascent()
        for number, line in enumerate(shape.lines):
            painter.drawText(QPointF(left + _PAD, top + number * self._line), line)
        if shape.details:
            painter.setFont(self._details_font)
            bottom = shape.size[1] - (self._height - self._line) / 2 - self._details_metrics.descent()
            painter.drawText(QPointF(left + _PAD, bottom), shape.details)

    def _fill_chip(self, painter: QPainter, region: CanvasRegion, chip: QRectF, ink: QColor) -> None:
        number = _number(region)
        marks = _marks(region)
        text = self._chip_metrics.horizontalAdvance(number)
        used = text + len(marks) * (_MARK + _MARK_GAP - 1)
        x = chip.left() + (chip.width() - used) / 2
        middle = min(chip.height(), self._height) / 2
        painter.setFont(self._chip_font)
        painter.setPen(ink)
        baseline = middle + (self._chip_metrics.ascent() - self._chip_metrics.descent()) / 2
        painter.drawText(QPointF(x, baseline), number)
        self._draw_marks(painter, region, x + text + _MARK_GAP, middle, ink)


def _number(region: CanvasRegion) -> str:
    return f"{region.number}?" if region.unsure else str(region.number)


def _look(region: CanvasRegion) -> tuple[object, ...]:
    """All that chips differ in."""
    return (_number(region), _marks(region), region.state, region.color)


def _marks(region: CanvasRegion) -> tuple[str, ...]:
    marks: list[str] = []
    if region.state != "suggested":
        marks.append(region.state)
    if region.locked:
        marks.append("locked")
    if region.warning:
        marks.append("warning")
    return tuple(marks)


# Marks are drawn in a square of 9 x 9 pixels.


def _line_pen(ink: QColor) -> QPen:
    pen = QPen(ink, 1.6)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _tick(painter: QPainter, ink: QColor) -> None:
    painter.setPen(_line_pen(ink))
    painter.drawPolyline(QPolygonF([QPointF(0.8, 4.8), QPointF(3.4, 7.4), QPointF(8.2, 1.8)]))


def _cross(painter: QPainter, ink: QColor) -> None:
    painter.setPen(_line_pen(ink))
    painter.drawLine(QPointF(1.4, 1.4), QPointF(7.6, 7.6))
    painter.drawLine(QPointF(7.6, 1.4), QPointF(1.4, 7.6))


def _pencil(painter: QPainter, ink: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawPolygon(QPolygonF([QPointF(2.2, 4.8), QPointF(6.6, 0.4), QPointF(8.6, 2.4), QPointF(4.2, 6.8)]))
    painter.drawPolygon(QPolygonF([QPointF(1.5, 5.6), QPointF(3.4, 7.5), QPointF(0.4, 8.6)]))


def _lock(painter: QPainter, ink: QColor) -> None:
    painter.setPen(QPen(ink, 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(2.2, 0.6, 4.6, 6.0), 0, 180 * 16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawRoundedRect(QRectF(1.0, 3.8, 7.0, 4.8), 1.0, 1.0)


def _warning(painter: QPainter, ink: QColor) -> None:
    painter.setPen(QPen(ink, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolygon(QPolygonF([QPointF(4.5, 0.6), QPointF(8.7, 8.4), QPointF(0.3, 8.4)]))
    painter.setPen(QPen(ink, 1.3))
    painter.drawLine(QPointF(4.5, 3.4), QPointF(4.5, 5.4))
    painter.drawPoint(QPointF(4.5, 7.1))


_MARK_PAINTERS: dict[str, Callable[[QPainter, QColor], None]] = {
    "accepted": _tick,
    "edited": _pencil,
    "rejected": _cross,
    "locked": _lock,
    "warning": _warning,
}
