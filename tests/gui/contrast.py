"""Can everything be read? Texts with the colors in which they are painted, on the pixels that are around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from PyQt6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QRectF
from PyQt6.QtGui import QColor, QImage, QPainter, QRegion, QTransform
from PyQt6.QtSvg import QSvgGenerator
from PyQt6.QtWidgets import QWidget

from roi_assistant.ui.look.theme import contrast

ENOUGH = 4.5
"""WCAG 2.1, level AA, for small text."""
_SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True, slots=True)
class PaintedText:
    """A text as a widget paints it: its color, and about where, in pixels of the widget."""

    text: str
    color: QColor
    place: QRect


def unreadable(window: QWidget) -> list[str]:
    """The texts of enabled widgets in ``window`` whose contrast is not enough, with what they are and how much it is.

    The color is that of the paint command, because the thin strokes of small letters have pixels of no pure color; the
    ground is the most frequent pixel behind the text in a picture of the window.
    """
    image = window.grab().toImage()
    ratio = image.devicePixelRatio()
    found = []
    for widget in (window, *window.findChildren(QWidget)):
        if not widget.isVisible() or not widget.isEnabled():
            continue
        seen = widget.visibleRegion()
        for painted in painted_texts(widget):
            place = painted.place.intersected(seen.boundingRect())
            if place.width() < 3 or place.height() < 3 or not seen.contains(place.center()):
                continue
            ground = _most_frequent(image, QRect(widget.mapTo(window, place.topLeft()), place.size()), ratio)
            color = _over(painted.color, ground)
            if contrast(color, ground) < ENOUGH:
                kind = type(widget).__name__
                found.append(
                    f"{kind} {painted.text!r}: {color.name()} on {ground.name()}, {contrast(color, ground):.2f}"
                )
    return sorted(set(found))


def painted_texts(widget: QWidget) -> list[PaintedText]:
    """What ``widget`` itself writes, without its children."""
    buffer = QBuffer(data := QByteArray())
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    paper = QSvgGenerator()
    paper.setOutputDevice(buffer)
    paper.setSize(widget.size())
    paper.setViewBox(widget.rect())
    paper.setResolution(widget.logicalDpiX())
    painter = QPainter(paper)
    QWidget.render(widget, painter, QPoint(), QRegion(), QWidget.RenderFlag(0))  # graphics views have another render
    painter.end()
    return list(_texts(data.data().decode()))


def _texts(svg: str) -> Iterator[PaintedText]:
    for group in ElementTree.fromstring(svg).iter(f"{_SVG}g"):
        for element in group.findall(f"{_SVG}text"):
            text = (element.text or "").strip()
            if not text:
                continue
            color = QColor(element.get("fill", "#000000"))
            color.setAlphaF(float(element.get("fill-opacity", "1")) * float(group.get("opacity", "1")))
            numbers = group.get("transform", "matrix(1,0,0,1,0,0)").removeprefix("matrix(").removesuffix(")")
            place = QTransform(*(float(number) for number in numbers.split(",")))
            size = float(element.get("font-size", "12"))
            x, y = float(element.get("x", "0")), float(element.get("y", "0"))
            area = QRectF(x, y - size, 0.5 * size * len(text), 1.2 * size)
            yield PaintedText(text, color, place.mapRect(area).toAlignedRect())


def _most_frequent(image: QImage, place: QRect, ratio: float) -> QColor:
    colors: Counter[int] = Counter()
    for x in range(round(place.left() * ratio), round((place.right() + 1) * ratio)):
        for y in range(round(place.top() * ratio), round((place.bottom() + 1) * ratio)):
            if image.valid(x, y):
                colors[image.pixel(x, y)] += 1
    return QColor(colors.most_common(1)[0][0])


def _over(color: QColor, ground: QColor) -> QColor:
    part = color.alphaF()
    mixed = (part * a + (1 - part) * b for a, b in zip(color.getRgb()[:3], ground.getRgb()[:3], strict=True))  # type: ignore[operator]
    return QColor(*(round(value) for value in mixed))
