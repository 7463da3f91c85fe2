"""The images of the project as rows of a list, and how such a row is painted. No object per row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from PyQt6.QtCore import QAbstractListModel, QLocale, QModelIndex, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from roi_assistant.core.records import ReviewState
from roi_assistant.core.text_bounds import MOST_SHOWN, shortened, with_both_ends
from roi_assistant.storage.records import ImageRows
from roi_assistant.ui.docks.image_order import group_name
from roi_assistant.ui.look.drawn_text import elided
from roi_assistant.ui.look.marks import paint_note, paint_warning
from roi_assistant.ui.look.palette import GRID, Look, look, paint_state, small_font
from roi_assistant.ui.look.translation import translated

if TYPE_CHECKING:
    from roi_assistant.storage.records import ImageRow
    from roi_assistant.ui.look.thumbnails import Thumbnails

ROW_ROLE: Final = Qt.ItemDataRole.UserRole
SNIPPET_ROLE: Final = Qt.ItemDataRole.UserRole + 1
HEADING_ROLE: Final = Qt.ItemDataRole.UserRole + 2
"""What stands above the first row of a group; that row is higher by ``heading_height``."""
THUMBNAIL: Final = 56
"""Width and height, in device-independent pixels, in which a thumbnail fits."""
_BADGES: Final = 46
_MARKS: Final = re.compile(r"[\s_.,()-]+")
_NO_PARENT: Final = QModelIndex()
_TURNING: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks of bidirectional text: one of them in a name turns all that stands behind it on the line."""


class ImageModel(QAbstractListModel):
    """Shows a sequence of rows that somebody else owns; a snippet of found text per image on top of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = ImageRows()
        self._keys: Sequence[str] = ()
        self._snippets: Mapping[str, str] = {}
        self.words: tuple[str, ...] = ()
        """Beginnings of words that are searched for."""

    def set_rows(self, rows: ImageRows, keys: Sequence[str]) -> None:
        """Show ``rows`` under the headings of their groups; ``keys`` are their keys in the same order."""
        self.beginResetModel()
        self._rows, self._keys = rows, keys
        self.endResetModel()

    def set_snippets(self, snippets: Mapping[str, str], words: Sequence[str]) -> None:
        """The text in which the words were found, by image key."""
        self._snippets, self.words = snippets, tuple(words)
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1), [SNIPPET_ROLE])

    def key(self, row: int) -> str:
        """The image of ``row``; empty when there is none."""
        return self._keys[row] if 0 <= row < len(self._keys) else ""

    def row_of(self, key: str, *, near: int = 0) -> int:
        """The row of ``key``, -1 when the filter hides it. ``near`` is where it probably is."""
        for row in range(max(0, near - 2), min(len(self._keys), near + 3)):
            if self._keys[row] == key:
                return row
        try:
            return self._keys.index(key)
        except ValueError:
            return -1

    def row_changed(self, row: int) -> None:
        """The figures of ``row`` are new."""
        if 0 <= row < len(self._rows):
            self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: QModelIndex = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == SNIPPET_ROLE:
            return self._snippets.get(row.key) or self._noted(row)
        if role == HEADING_ROLE:
            return self._heading(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return row.key.rpartition("/")[2]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._tooltip(row).replace("\n", ", ")
        return None

    def _heading(self, row: int) -> str:
        group = self._rows.groups.get(row)
        return f"{group_name(group.name, self._rows.grouping)} · {QLocale().toString(group.images)}" if group else ""

    def _noted(self, row: ImageRow) -> str:
        """The note on an image if the search found its words there."""
        note = row.note.casefold()
        if not note or not self.words or not all(word in note for word in self.words):
            return ""
        start = max(0, min(note.find(word) for word in self.words) - MOST_SHOWN // 2)
        return one_line(row.note[start : start + MOST_SHOWN])

    def _tooltip(self, row: ImageRow) -> str:
        lines = [row.key]
        if row.problem:
            lines.append(translated(row.problem))
        if row.width and row.height:
            lines.append(f"{row.width} × {row.height}")
        if row.regions:
            lines.append(
                self.tr(
                    "{total} regions: {suggested} to review, {accepted} accepted, {edited} edited, {rejected} rejected"
                ).format(
                    total=row.regions,
                    suggested=row.suggested,
                    accepted=row.accepted,
                    edited=row.edited,
                    rejected=row.rejected,
                )
            )
        elif row.reviewed_empty:
            lines.append(self.tr("nothing here, as a person decided"))
        else:
            lines.append(self.tr("no regions"))
        if row.note:
            lines.append(self.tr("Note: {text}").format(text=shortened(row.note)))
        return "\n".join(lines)


class ImageDelegate(QStyledItemDelegate):
    """Paints an image: thumbnail, name, then folder, found text or problem; the review state on the right."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:
        lines = 2 * QFontMetrics(option.font).height() + QFontMetrics(small_font(option.font)).height()
        return QSize(1, max(THUMBNAIL, lines) + GRID)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        if painter is None:
            return
        row: ImageRow = index.data(ROW_ROLE)
        colors, rect = look(option.palette), option.rect
        painter.save()
        if heading := index.data(HEADING_ROLE):
            rect = paint_heading(painter, rect, heading, colors, option)
        if option.state & QStyle.StateFlag.State_Selected:
            active = option.state & QStyle.StateFlag.State_Active
            painter.fillRect(rect, colors.selected(active=bool(active)))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colors.hover)
        if option.state & QStyle.StateFlag.State_HasFocus and option.state & QStyle.StateFlag.State_Active:
            painter.setPen(QPen(colors.accent, 1))
            painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5))
        place = QRect(rect.x() + GRID, rect.y() + (rect.height() - THUMBNAIL) // 2, THUMBNAIL, THUMBNAIL)
        self._thumbnail(painter, place, row, colors)
        if row.note:
            _paint_note_mark(painter, place, colors)
        width = _BADGES if row.regions or row.finished else 0
        badges = QRect(rect.right() - width - GRID + 1, rect.y(), width, rect.height())
        self._badges(painter, badges, row, colors, option)
        left = place.right() + 1 + GRID
        text = QRect(left, rect.y(), badges.x() - left - GRID // 2, rect.height())
        self._text(painter, text, row, index.data(SNIPPET_ROLE) or "", index.model(), colors, option)
        painter.restore()

    def _thumbnail(self, painter: QPainter, place: QRect, row: ImageRow, colors: Look) -> None:
        pixmap = self._thumbnails.pixmap(row.key)
        if pixmap is None:
            painter.fillRect(place.adjusted(0, 6, 0, -6), colors.hover)
            if row.problem or self._thumbnails.failure(row.key):
                side = 20
                middle = QRectF(place.center().x() - side / 2 + 1, place.center().y() - side / 2 + 1, side, side)
                paint_warning(painter, middle, colors.warning)
            return
        size = pixmap.deviceIndependentSize()
        scale = min(place.width() / size.width(), place.height() / size.height(), 1.0)
        width, height = size.width() * scale, size.height() * scale
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1.0)
        target = QRectF(
            round(place.x() + (place.width() - width) / 2),
            round(place.y() + (place.height() - height) / 2),
            width,
            height,
        )
        painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))

    def _badges(
        self, painter: QPainter, rect: QRect, row: ImageRow, colors: Look, option: QStyleOptionViewItem
    ) -> None:
        """Counts to review over counts decided; one filled check when everything is decided."""
        if not (row.regions or row.finished):
            return
        small = small_font(option.font)
        metrics = QFontMetrics(small)
        if row.finished:
            disc = QRectF(rect.right() - 19, rect.center().y() - 9, 20, 20)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.accepted)
            painter.drawEllipse(disc)
            paint_state(painter, disc.adjusted(4, 4, -4, -4), "accepted", colors.base)
            return
        painter.setFont(small)
        decided = row.accepted + row.edited + row.rejected
        shown: list[tuple[ReviewState, int]] = [("suggested", row.suggested)]
        if decided:
            shown.append(("accepted", decided))
        height = metrics.height() + 3
        y = rect.center().y() - height * len(shown) / 2 + 1
        for state, count in shown:
            text = str(count) if count < 1000 else "999+"
            color = colors.state(state)
            painter.setPen(color)
            line = QRectF(rect.x(), y, rect.width() - 18, height)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
            paint_state(painter, QRectF(rect.right() - 13, y + (height - 14) / 2, 14, 14), state, color)
            y += height

    def _text(
        self,
        painter: QPainter,
        rect: QRect,
        row: ImageRow,
        snippet: str,
        model: object,
        colors: Look,
        option: QStyleOptionViewItem,
    ) -> None:
        folder, _, name = row.key.rpartition("/")
        upper, small = QFontMetrics(option.font), small_font(option.font)
        lower = QFontMetrics(small)
        problem = reason(row)
        second = problem or snippet or folder
        name_lines = lines_of_name(one_line(name), upper, rect.width())
        height = len(name_lines) * upper.height() + (lower.height() if second else 0)
        top = rect.y() + (rect.height() - height) // 2
        painter.setFont(option.font)
        painter.setPen(colors.text)
        for shown in name_lines:
            line = QRect(rect.x(), top, rect.width(), upper.height())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
            top += upper.height()
        if not second:
            return
        painter.setFont(small)
        line = QRect(rect.x(), top, rect.width(), lower.height())
        if snippet and not problem:
            words = model.words if isinstance(model, ImageModel) else ()
            paint_snippet(painter, line, snippet, words, colors, option)
            return
        painter.setPen(colors.warning if problem else colors.muted)
        shown = elided(lower, one_line(second), rect.width(), middle=not problem)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def _paint_note_mark(painter: QPainter, thumbnail: QRect, colors: Look) -> None:
    """A sheet in the corner of ``thumbnail``, on a ground that sets it off from the picture."""
    sheet = QRect(thumbnail.right() - 18, thumbnail.bottom() - 18, 18, 18)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colors.base)
    painter.drawRoundedRect(sheet, 4, 4)
    paint_note(painter, QRectF(sheet).adjusted(2, 2, -2, -2), colors.text)


def heading_height(font: QFont) -> int:
    """Pixels that a heading takes above the first row of its group, for a list with ``font``."""
    return QFontMetrics(small_font(font, bold=True)).height() + 2 * GRID


def paint_heading(painter: QPainter, rect: QRect, text: str, colors: Look, option: QStyleOptionViewItem) -> QRect:
    """Paint ``text`` at the top of ``rect``, above a line; answers what is left for the row."""
    height = heading_height(option.font)
    font = small_font(option.font, bold=True)
    painter.fillRect(QRect(rect.topLeft(), QSize(rect.width(), height)), colors.base)  # a selected row ends below it
    line = QRect(rect.x() + GRID, rect.y() + GRID // 2, rect.width() - 2 * GRID, height - GRID // 2)
    painter.setFont(font)
    painter.setPen(colors.muted)
    shown = elided(QFontMetrics(font), one_line(text), line.width(), middle=True)
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
    painter.setPen(QPen(colors.line, 1))
    painter.drawLine(line.left(), rect.y() + height - 1, line.right(), rect.y() + height - 1)
    return rect.adjusted(0, height, 0, 0)


def lines_of_name(name: str, metrics: QFontMetrics, width: int) -> tuple[str, ...]:
    """``name`` in one line or two, broken behind a mark such as ``_`` where there is one; of what two lines do not hold
    the middle is left out, as names mostly differ at their ends."""
    name = with_both_ends(name)
    if metrics.horizontalAdvance(name) <= width:
        return (name,)
    cut = next((n for n in range(len(name) - 1, 0, -1) if metrics.horizontalAdvance(name[:n]) <= width), 1)
    marks = [place.end() for place in _MARKS.finditer(name, 0, cut) if place.end() > cut // 2]
    if marks and metrics.horizontalAdvance(name[marks[-1] :]) <= width:
        cut = marks[-1]
    return (name[:cut], elided(metrics, name[cut:], width, middle=True))


def reason(row: ImageRow) -> str:
    """Why the image cannot be read, without the path with which messages begin: the name stands above."""
    problem = translated(row.problem)
    before, named, after = problem.partition(row.key)
    return after.lstrip(" :：，") if named and " " not in before.strip() else problem


def one_line(text: str) -> str:
    """``text`` as it is shown: cut, and without line breaks and marks that turn the direction of what follows, which
    names of files may have."""
    return _TURNING.sub("", with_both_ends(text)).replace("\n", "␤").replace("\r", "␍").replace("\t", " ")


def search_words(text: str) -> tuple[str, ...]:
    """The words of a search, as the index sees them."""
    return tuple(dict.fromkeys(re.findall(r"\w+", text.casefold())))


def match_spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where in ``text`` words begin with one of ``words``: (begin, end) of the part that matches, in order."""
    spans = []
    for match in re.finditer(r"\w+", text):
        word = match[0].casefold()
        best = max((len(w) for w in words if word.startswith(w)), default=0)
        if best:
            spans.append((match.start(), min(match.end(), match.start() + best)))
    return spans


def paint_snippet(
    painter: QPainter, rect: QRect, text: str, words: Sequence[str], colors: Look, option: QStyleOptionViewItem
) -> None:
    """``text`` with what was found in it in bold, cut so that the first find is seen."""
    plain, bold = small_font(option.font), small_font(option.font, bold=True)
    light, heavy = QFontMetrics(plain), QFontMetrics(bold)
    text = shortened(text)
    spans = match_spans(text, words)
    start = 0
    if spans and heavy.horizontalAdvance(text[: spans[0][1]]) > rect.width():
        start = max(0, spans[0][0] - 12)
        start = text.find(" ", start, spans[0][0]) + 1 or spans[0][0]
    x, position = rect.x(), start
    pieces: list[tuple[str, bool]] = [("…", False)] if start else []
    for begin, end in spans:
        if begin >= position:
            pieces += [(text[position:begin], False), (text[begin:end], True)]
            position = end
    pieces.append((text[position:], False))
    for piece, is_match in pieces:
        metrics = heavy if is_match else light
        room = rect.right() - x + 1
        if room <= 0 or not piece:
            continue
        painter.setFont(bold if is_match else plain)
        painter.setPen(colors.text if is_match else colors.muted)
        shown = elided(metrics, piece, room)
        painter.drawText(QRect(x, rect.y(), room, rect.height()), Qt.AlignmentFlag.AlignVCenter, shown)
        if shown != piece:
            return
        x += metrics.horizontalAdvance(piece)
