"""Colors, spacing and small painted marks that all parts of the window share.

States are told apart by shape first: an open ring, a check, a pencil, a cross. Color only repeats it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PyQt6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QIcon, QPainter, QPainterPath, QPalette, QPen, QPixmap, QPolygonF

from roi_assistant.core.records import ReviewState
from roi_assistant.ui.look.icon_engine import painted_icon

GRID = 8
"""Space between controls, in device-independent pixels; half of it inside a control."""
SMALL = 0.88
"""Size of secondary text relative to the font in use."""


BOX_COLORS: dict[ReviewState, QColor] = {
    "suggested": QColor(240, 176, 32),
    "accepted": QColor(20, 184, 134),
    "edited": QColor(86, 180, 233),
    "rejected": QColor(158, 162, 168),
}
"""Of boxes on a photo, whatever the theme; near Okabe and Ito's."""
TEXT_COLORS: dict[ReviewState, tuple[str, str]] = {
    "suggested": ("#7a5000", "#f0b43c"),
    "accepted": ("#07634a", "#4fd1a5"),
    "edited": ("#135a91", "#6fc0f0"),
    "rejected": ("#565c64", "#a4a9b0"),
}
"""The same hues for marks and texts on a light and on a dark ground, with the contrast that small text needs, also on a
selected row."""


@dataclass(frozen=True, slots=True)
class Look:
    """Colors for one palette."""

    dark: bool
    text: QColor
    muted: QColor
    line: QColor
    base: QColor
    raised: QColor
    hover: QColor
    accent: QColor
    on_accent: QColor
    suggested: QColor
    accepted: QColor
    edited: QColor
    rejected: QColor
    info: QColor
    warning: QColor
    error: QColor
    chip: QColor
    on_chip: QColor

    def selected(self, *, active: bool) -> QColor:
        """The ground of a selected row; ``active``: the keyboard is there."""
        return mix(self.accent, self.base, 0.25 if active else 0.16)

    def state(self, state: ReviewState) -> QColor:
        """The color that goes with the shape of ``state``."""
        color: QColor = getattr(self, state)
        return color


def look(palette: QPalette) -> Look:
    """The colors that go with ``palette``; cached, and cheap enough for paint events."""
    group = QPalette.ColorGroup.Active
    return _look(
        palette.color(group, QPalette.ColorRole.Base).rgba(),
        palette.color(group, QPalette.ColorRole.Text).rgba(),
        palette.color(group, QPalette.ColorRole.Highlight).rgba(),
        palette.color(group, QPalette.ColorRole.HighlightedText).rgba(),
        palette.color(group, QPalette.ColorRole.Window).rgba(),
    )


@lru_cache(maxsize=8)
def _look(base: int, text: int, accent: int, on_accent: int, window: int) -> Look:
    ground, ink, mark = QColor(base), QColor(text), QColor(accent)
    dark = ground.lightness() < ink.lightness()
    return Look(
        dark=dark,
        text=ink,
        muted=mix(ink, ground, 0.66 if dark else 0.74),
        line=mix(ink, ground, 0.18 if dark else 0.14),
        base=ground,
        raised=mix(ink, QColor(window), 0.06),
        hover=mix(ink, ground, 0.07),
        accent=mark,
        on_accent=QColor(on_accent),
        **{state: QColor(colors[dark]) for state, colors in TEXT_COLORS.items()},
        info=QColor("#7fb4f5" if dark else "#1d569c"),
        warning=QColor("#f2a468" if dark else "#9a3f07"),
        error=QColor("#f0897f" if dark else "#a02f29"),
        chip=QColor("#e9ebee" if dark else "#26292e"),
        on_chip=QColor("#16181b" if dark else "#ffffff"),
    )


def mix(over: QColor, under: QColor, part: float) -> QColor:
    """``part`` of ``over`` on ``under``; both opaque."""
    rest = 1.0 - part
    return QColor(
        round(over.red() * part + under.red() * rest),
        round(over.green() * part + under.green() * rest),
        round(over.blue() * part + under.blue() * rest),
    )


def small_font(font: QFont, *, bold: bool = False) -> QFont:
    """``font`` for secondary text."""
    small = QFont(font)
    if font.pointSizeF() > 0:
        small.setPointSizeF(font.pointSizeF() * SMALL)
    else:
        small.setPixelSize(max(9, round(font.pixelSize() * SMALL)))
    small.setBold(bold)
    return small


def paint_state(painter: QPainter, rect: QRectF, state: ReviewState, color: QColor) -> None:
    """The shape of ``state`` in ``rect`` (square): ring, check, pencil or cross."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    unit = rect.width() / 16.0
    pen = QPen(color, 1.8 * unit, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.translate(rect.topLeft())
    painter.scale(unit, unit)
    pen.setWidthF(1.8)
    painter.setPen(pen)
    if state == "suggested":
        painter.drawEllipse(QPointF(8, 8), 5, 5)
    elif state == "accepted":
        painter.drawPolyline(QPolygonF([QPointF(3, 8.5), QPointF(6.5, 12), QPointF(13, 4.5)]))
    elif state == "edited":
        path = QPainterPath(QPointF(3, 13))
        path.lineTo(3.8, 9.6)
        path.lineTo(10.4, 3)
        path.lineTo(13, 5.6)
        path.lineTo(6.4, 12.2)
        path.closeSubpath()
        painter.drawPath(path)
    else:
        painter.drawLine(QPointF(4, 4), QPointF(12, 12))
        painter.drawLine(QPointF(12, 4), QPointF(4, 12))
    painter.restore()


def state_icon(state: ReviewState, color: QColor) -> QIcon:
    """The shape of ``state`` as an icon."""
    return painted_icon(lambda painter, rect: paint_state(painter, rect, state, color))


def chip_size(number: int, metrics: QFontMetrics) -> QSize:
    """Size of the chip with ``number``: as high for all, wider for more digits."""
    height = metrics.height() + 2
    return QSize(max(height + 2, metrics.horizontalAdvance(str(number)) + 10), height)


def paint_chip(painter: QPainter, rect: QRect | QRectF, number: int, look: Look, *, unsure: bool = False) -> None:
    """The number of a region on its plate; dashed for a region that the model is unsure of."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5)
    if unsure:
        painter.setPen(QPen(look.muted, 1, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(look.text)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.chip)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(look.on_chip)
    painter.drawText(QRectF(rect), Qt.AlignmentFlag.AlignCenter, str(number))
    painter.restore()


def chip_pixmap(number: int, look: Look, font: QFont, *, ratio: float = 2.0) -> QPixmap:
    """The number chip as a pixmap with ``ratio`` pixels per device-independent pixel."""
    size = chip_size(number, QFontMetrics(font))
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setFont(font)
    paint_chip(painter, QRect(0, 0, size.width(), size.height()), number, look)
    painter.end()
    return pixmap


def paint_bar(painter: QPainter, rect: QRectF, part: float, look: Look) -> None:
    """A quiet bar of which ``part`` (0..1) is filled: a score."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    radius = rect.height() / 2
    painter.setBrush(look.line)
    painter.drawRoundedRect(rect, radius, radius)
    width = rect.width() * min(1.0, max(0.0, part))
    if width > 0:
        painter.setBrush(mix(look.accent, look.base, 0.7))
        painter.drawRoundedRect(QRectF(rect.x(), rect.y(), max(width, rect.height()), rect.height()), radius, radius)
    painter.restore()
