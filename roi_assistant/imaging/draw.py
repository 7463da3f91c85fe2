"""Numbered boxes with captions, drawn on a copy of the picture. Pillow only, no font files.

Colors are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), which people with any kind of color vision tell
apart; the numbers say the same without color.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from roi_assistant.core.box import Box, clip_box, scale_box
from roi_assistant.core.records import RegionText
from roi_assistant.imaging.label_layout import Placement, Rect, place_labels

Labels = Literal["captions", "numbers", "none"]
Color = tuple[int, int, int]

PALETTE: tuple[Color, ...] = (
    (230, 159, 0),  # orange
    (86, 180, 233),  # sky blue
    (0, 158, 115),  # bluish green
    (240, 228, 66),  # yellow
    (204, 121, 167),  # reddish purple
    (213, 94, 0),  # vermillion
    (0, 114, 178),  # blue
)
"""Okabe and Ito's colors without black, in an order in which neighbours differ most."""
MIN_LONG_SIDE = 600
"""Smaller pictures are enlarged by a whole factor before drawing: letters have a least size, pixels do not."""

_FONT_PER_SIDE = 0.0225
_MIN_FONT = 13
_LEGEND_PART = 0.85
"""Letters in the legend stand on plain ground and may be smaller."""
_LEGEND_COLUMN = 14
"""Least width of a column of the legend, in font sizes."""
_MOST_LINES = 3
_WIDEST_PLATE = 0.62
"""Of the picture's width."""
_PLATE_COLOR = (22, 22, 26, 214)
_PLATE_TEXT: Color = (255, 255, 255)
_PANEL: Color = (255, 255, 255)
_PANEL_TEXT: Color = (33, 33, 38)
_SHADE = (0, 0, 0, 120)
_SMOOTH = 4
"""Rounded corners are drawn this many times larger and scaled down."""


@dataclass(frozen=True, slots=True)
class _Style:
    """Sizes in pixels, from the size of the picture; ``font`` draws captions and numbers."""

    font: ImageFont.FreeTypeFont
    line: int
    text_height: int
    line_step: int
    baseline: int
    pad: int
    radius: int
    shade: int


@dataclass(frozen=True, slots=True)
class _Label:
    """What stands at a box: its number, and the caption's lines for each shape that the plate may take."""

    number: str
    caption: str
    wrapped: tuple[tuple[str, ...], ...]


def draw_regions(
    image: Image.Image,
    texts: Sequence[RegionText],
    *,
    labels: Labels = "captions",
    font_file: Path | None = None,
) -> Image.Image:
    """``image`` with the boxes of ``texts``, numbered in their order, and their captions.

    A caption stands in a plate at its box, where it covers neither another label nor a small box; captions without such
    a place go to a legend below the picture. What the captioner is unsure of has a dashed outline and a question mark.

    Args:
        image: mode RGB; it is not changed.
        texts: boxes in pixels of ``image``; what lies outside is cut off.
        labels: ``captions``, ``numbers`` only, or ``none``.
        font_file: a TrueType or OpenType font for captions in scripts other than Latin; None is Pillow's own, in which
            letters with accents lose them.

    Returns:
        A new RGB picture: as wide as ``image``, or a whole multiple of it for pictures under ``MIN_LONG_SIDE`` pixels;
        as high, plus the legend.

    Raises:
        BoxError: a box lies outside the image.
        OSError: ``font_file`` cannot be read.
    """
    factor = max(1, math.ceil(MIN_LONG_SIDE / max(image.size)))
    if factor == 1:
        canvas = image.convert("RGB") if image.mode != "RGB" else image.copy()
    else:
        size = (image.width * factor, image.height * factor)
        canvas = image.convert("RGB").resize(size, Image.Resampling.BICUBIC)
    style = _style(canvas.width, canvas.height, font_file)
    boxes = [
        scale_box(clip_box(text.box, width=image.width, height=image.height), x=factor, y=factor) for text in texts
    ]
    colors = _colors(boxes)
    for index in sorted(range(len(boxes)), key=lambda i: -boxes[i].area):
        _draw_outline(canvas, boxes[index], colors[index], style, dashed=texts[index].unsure)
    if labels == "none" or not texts:
        return canvas
    written = [
        _label(text, number, style, canvas.width, captions=labels == "captions")
        for number, text in enumerate(texts, start=1)
    ]
    placements = place_labels(
        boxes,
        [[_plate_size(label, lines, style) for lines in label.wrapped] for label in written],
        [_chip_size(label.number, style) for label in written],
        width=canvas.width,
        height=canvas.height,
        gap=(style.line + 1) // 2,
    )
    for label, placement, color in zip(written, placements, colors, strict=True):
        _draw_label(canvas, label, placement, color, style)
    left_over = [
        (label, color)
        for label, placement, color in zip(written, placements, colors, strict=True)
        if placement.plate is None and label.caption
    ]
    if not left_over:
        return canvas
    return _with_legend(canvas, left_over, _style(canvas.width, canvas.height, font_file, part=_LEGEND_PART))


# ------------------------------------------------------------------------------------------------------------- style


def _style(width: int, height: int, font_file: Path | None, *, part: float = 1.0) -> _Style:
    side = math.sqrt(width * height)
    # A long narrow picture has room for letters by its short side only.
    size = max(_MIN_FONT, round(part * _FONT_PER_SIDE * min(side, 1.6 * width)))
    font = _font(size, font_file)
    top, bottom = font.getbbox("Ag", anchor="ls")[1], font.getbbox("Ag", anchor="ls")[3]
    text_height = math.ceil(bottom - top)
    return _Style(
        font=font,
        line=max(2, round(side * 0.0042)),
        text_height=text_height,
        line_step=round(size * 1.22),
        baseline=math.ceil(-top),
        pad=max(3, round(size * 0.34)),
        radius=max(2, round(size * 0.26)),
        shade=max(1, round(side * 0.0011)),
    )


@lru_cache(maxsize=8)
def _font(size: int, font_file: Path | None) -> ImageFont.FreeTypeFont:
    if font_file is not None:
        return ImageFont.truetype(str(font_file), size)
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise OSError("this build of Pillow has no FreeType: install Pillow from its wheel")
    return font


def _colors(boxes: Sequence[Box]) -> list[Color]:
    """A color per box: the palette in order, then for each box the one whose nearest bearer is farthest away."""
    chosen: list[int] = []
    for index, box in enumerate(boxes):
        if index < len(PALETTE):
            chosen.append(index)
            continue
        nearest = [math.inf] * len(PALETTE)
        for other, color in zip(boxes, chosen, strict=False):
            nearest[color] = min(nearest[color], math.dist(box.center, other.center))
        chosen.append(max(range(len(PALETTE)), key=lambda color: nearest[color]))
    return [PALETTE[color] for color in chosen]


def _ink(background: Color) -> Color:
    """Black or white, whichever contrasts more with ``background`` (relative luminance as in WCAG 2)."""
    linear = [(v / 255 / 12.92) if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in background]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return (0, 0, 0) if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else (255, 255, 255)


# -------------------------------------------------------------------------------------------------------------- text


def _label(text: RegionText, number: int, style: _Style, width: int, *, captions: bool) -> _Label:
    mark = f"{number}?" if text.unsure else f"{number}"
    if not captions:
        return _Label(mark, "", ())
    caption = _drawable(" ".join(text.caption.text.split()), style.font)
    most = width * _WIDEST_PLATE
    wrapped: list[tuple[str, ...]] = []
    for count in range(1, _MOST_LINES + 1):
        lines = _wrap_evenly(caption, count, style.font)
        if lines is not None and lines not in wrapped and max(map(style.font.getlength, lines)) <= most:
            wrapped.append(lines)
    return _Label(mark, caption, tuple(wrapped) if caption else ())


def _drawable(text: str, font: ImageFont.FreeTypeFont) -> str:
    """``text`` with letters that ``font`` lacks reduced to their base letters (é -> e); others stay, as empty boxes."""
    missing = bytes(font.getmask("\uffff"))
    letters = []
    for letter in text:
        if not letter.isascii() and bytes(font.getmask(letter)) == missing:
            base = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
            letters.append(base if base.isascii() else letter)
        else:
            letters.append(letter)
    return "".join(letters)


def _wrap(text: str, width: float, font: ImageFont.FreeTypeFont) -> tuple[str, ...]:
    """``text`` in lines of at most ``width`` pixels; words that are longer are cut."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if font.getlength(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        while font.getlength(word) > width and len(word) > 1:
            fits = next((n for n in range(len(word) - 1, 1, -1) if font.getlength(word[:n]) <= width), 1)
            lines.append(word[:fits])
            word = word[fits:]
        line = word
    return (*lines, line) if line else tuple(lines)


def _wrap_evenly(text: str, count: int, font: ImageFont.FreeTypeFont) -> tuple[str, ...] | None:
    """``text`` in ``count`` lines of nearly equal length; None when there are too few words."""
    words = text.split()
    if len(words) < count:
        return None
    low, high = max(map(font.getlength, words)), font.getlength(text)
    if len(_wrap(text, low, font)) < count:
        return None
    while high - low > 1:
        middle = (low + high) / 2
        low, high = (low, middle) if len(_wrap(text, middle, font)) <= count else (middle, high)
    return _wrap(text, high, font)


# ----------------------------------------------------------------------------------------------------------- drawing


def _chip_size(number: str, style: _Style) -> tuple[int, int]:
    height = style.text_height + 2 * style.pad - style.pad // 2
    return max(height, math.ceil(style.font.getlength(number)) + 2 * style.pad), height


def _plate_size(label: _Label, lines: Sequence[str], style: _Style) -> tuple[int, int]:
    chip_width, chip_height = _chip_size(label.number, style)
    text_width = math.ceil(max(map(style.font.getlength, lines)))
    return chip_width + text_width + 2 * style.pad, chip_height + (len(lines) - 1) * style.line_step


def _draw_outline(canvas: Image.Image, box: Box, color: Color, style: _Style, *, dashed: bool) -> None:
    half = style.line // 2
    x1, y1 = max(0, round(box.x1) - half), max(0, round(box.y1) - half)
    x2 = min(canvas.width, round(box.x2) + style.line - half)
    y2 = min(canvas.height, round(box.y2) + style.line - half)
    line, shade = style.line, style.shade
    blend = ImageDraw.Draw(canvas, "RGBA")
    # A dark seam on both sides keeps the line visible on grounds of its own color.
    _frame(blend, (x1 - shade, y1 - shade, x2 + shade, y2 + shade), line + 2 * shade, _SHADE)
    dash = 4 * line if dashed else 0
    _frame(ImageDraw.Draw(canvas), (x1, y1, x2, y2), line, color, dash=dash)


def _frame(
    draw: ImageDraw.ImageDraw,
    rect: tuple[int, int, int, int],
    line: int,
    fill: Color | tuple[int, int, int, int],
    *,
    dash: int = 0,
) -> None:
    """The four sides of ``rect``, ``line`` wide inwards, no pixel twice; ``dash`` > 0: in dashes about that long."""
    x1, y1, x2, y2 = rect
    line = max(1, min(line, (x2 - x1) // 2, (y2 - y1) // 2))
    for x, start, stop in ((x1, y1 + line, y2 - line), (x2 - line, y1 + line, y2 - line)):
        for a, b in _dashes(start, stop, dash):
            draw.rectangle((x, a, x + line - 1, b - 1), fill=fill)
    for y in (y1, y2 - line):
        for a, b in _dashes(x1, x2, dash):
            draw.rectangle((a, y, b - 1, y + line - 1), fill=fill)


def _dashes(start: int, stop: int, dash: int) -> list[tuple[int, int]]:
    if stop <= start:
        return []
    if not dash or stop - start <= 2 * dash:
        return [(start, stop)]
    # An odd number of equal pieces, drawn and left out in turn: a dash at each end, so that corners are closed.
    pieces = max(3, round((stop - start) / (0.8 * dash)) | 1)
    edges = [start + round((stop - start) * n / pieces) for n in range(pieces + 1)]
    return [(edges[n], edges[n + 1]) for n in range(0, pieces, 2)]


def _draw_label(canvas: Image.Image, label: _Label, placement: Placement, color: Color, style: _Style) -> None:
    if placement.plate is not None:
        _fill_rounded(canvas, placement.plate, style.radius, _PLATE_COLOR)
        chip_width = placement.chip[2] - placement.chip[0]
        x = round(placement.plate[0] + style.pad + (0 if placement.mirrored else chip_width))
        lines = label.wrapped[placement.shape]
        _write(canvas, lines, (x, round(placement.plate[1])), style, _PLATE_TEXT)
    _draw_chip(canvas, label.number, placement.chip, color, style)


def _draw_chip(canvas: Image.Image, number: str, rect: Rect, color: Color, style: _Style) -> None:
    _fill_rounded(canvas, rect, style.radius, (*color, 255))
    bounds = style.font.getbbox(number, anchor="ls")
    x = (rect[0] + rect[2] - bounds[0] - bounds[2]) / 2
    y = (rect[1] + rect[3] - bounds[1] - bounds[3]) / 2
    ImageDraw.Draw(canvas).text((round(x), round(y)), number, font=style.font, fill=_ink(color), anchor="ls")


def _write(canvas: Image.Image, lines: Sequence[str], corner: tuple[int, int], style: _Style, ink: Color) -> None:
    """``lines`` from ``corner``, top left of the first line's plate."""
    draw = ImageDraw.Draw(canvas)
    x, y = corner[0], corner[1] + style.pad - style.pad // 4 + style.baseline
    for line in lines:
        draw.text((x, y), line, font=style.font, fill=ink, anchor="ls")
        y += style.line_step


def _fill_rounded(canvas: Image.Image, rect: Rect, radius: int, color: tuple[int, int, int, int]) -> None:
    x1, y1, x2, y2 = (round(value) for value in rect)
    size = (max(1, x2 - x1), max(1, y2 - y1))
    mask = Image.new("L", (size[0] * _SMOOTH, size[1] * _SMOOTH), 0)
    ends = (0, 0, mask.width - 1, mask.height - 1)
    ImageDraw.Draw(mask).rounded_rectangle(ends, radius * _SMOOTH, fill=color[3])
    canvas.paste(color[:3], (x1, y1, x1 + size[0], y1 + size[1]), mask.resize(size, Image.Resampling.BOX))


# ------------------------------------------------------------------------------------------------------------ legend


def _with_legend(canvas: Image.Image, entries: Sequence[tuple[_Label, Color]], style: _Style) -> Image.Image:
    """``canvas`` with ``entries`` written below it, in as many columns as are comfortably wide."""
    margin = 2 * style.pad
    chip_width = max(_chip_size(label.number, style)[0] for label, _ in entries)
    comfortable = style.font.size * _LEGEND_COLUMN
    count = max(1, min(4, len(entries), int((canvas.width - margin) // comfortable)))
    column_width = (canvas.width - margin * (count + 1)) / count
    text_width = max(style.font.size * 2, column_width - chip_width - 2 * style.pad)
    texts = [_wrap(label.caption, text_width, style.font) for label, _ in entries]
    heights = [_chip_size("1", style)[1] + (len(lines) - 1) * style.line_step + style.pad for lines in texts]
    columns = _columns(heights, count)
    panel_height = max(sum(heights[i] for i in column) for column in columns) + 2 * margin - style.pad
    result = Image.new("RGB", (canvas.width, canvas.height + panel_height), _PANEL)
    result.paste(canvas, (0, 0))
    for number, column in enumerate(columns):
        x, y = round(margin + number * (column_width + margin)), canvas.height + margin
        for index in column:
            label, color = entries[index]
            chip_height = _chip_size(label.number, style)[1]
            _draw_chip(result, label.number, (x, y, x + chip_width, y + chip_height), color, style)
            place = (x + chip_width + 2 * style.pad, y)
            _write(result, texts[index], place, style, _PANEL_TEXT)
            y += heights[index]
    return result


def _columns(heights: Sequence[int], count: int) -> list[list[int]]:
    """Indices in their order, cut into at most ``count`` columns such that the highest is as low as possible."""
    low, high = max(heights), sum(heights)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if len(_filled(heights, middle)) <= count else (middle + 1, high)
    return _filled(heights, low)


def _filled(heights: Sequence[int], most: int) -> list[list[int]]:
    columns: list[list[int]] = [[]]
    used = 0
    for index, height in enumerate(heights):
        if columns[-1] and used + height > most:
            columns.append([])
            used = 0
        columns[-1].append(index)
        used += height
    return columns
