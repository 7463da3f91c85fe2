"""The regions of the image on screen as rows of a list, and how such a row is painted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PyQt6.QtCore import QAbstractListModel, QCoreApplication, QModelIndex, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetrics, QPainter, QPen
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from roi_assistant.core.records import Region, ReviewState
from roi_assistant.core.review import preferred_caption
from roi_assistant.core.text_bounds import shortened
from roi_assistant.ui.look.drawn_text import elided
from roi_assistant.ui.look.marks import paint_lock
from roi_assistant.ui.look.palette import GRID, chip_size, look, paint_chip, paint_state, small_font

REGION_ROLE: Final = Qt.ItemDataRole.UserRole
PENDING_ROLE: Final = Qt.ItemDataRole.UserRole + 1
_NO_PARENT: Final = QModelIndex()


def state_name(state: ReviewState) -> str:
    """What a review state is called on screen."""
    names = {
        "suggested": QCoreApplication.translate("ReviewState", "suggested"),
        "accepted": QCoreApplication.translate("ReviewState", "accepted"),
        "edited": QCoreApplication.translate("ReviewState", "edited"),
        "rejected": QCoreApplication.translate("ReviewState", "rejected"),
    }
    return names[state]


def is_copy(region: Region) -> bool:
    """Whether box and words came from another image and nobody has decided about them here."""
    return bool(region.copied_from) and region.state == "suggested"


def caption_text(region: Region) -> str:
    """The preferred caption of ``region`` as it is shown; empty when it has none."""
    caption = preferred_caption(region)
    return shortened(caption.text) if caption else ""


class RegionModel(QAbstractListModel):
    """One row per region, in the order of their numbers. Rows that stay are updated and not rebuilt."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._regions: tuple[Region, ...] = ()
        self._pending: frozenset[str] = frozenset()

    @property
    def regions(self) -> tuple[Region, ...]:
        """The rows."""
        return self._regions

    def set_regions(self, regions: Sequence[Region]) -> bool:
        """Show ``regions``; True when rows came, went or moved, and a selection must be set again."""
        new = tuple(regions)
        old = self._regions
        if [region.id for region in new] == [region.id for region in old]:
            self._regions = new
            for row, (before, after) in enumerate(zip(old, new, strict=True)):
                if before is not after and before != after:
                    self.dataChanged.emit(self.index(row), self.index(row))
            return False
        self.beginResetModel()
        self._regions = new
        self.endResetModel()
        return True

    def set_pending(self, ids: frozenset[str]) -> None:
        """The regions that a model is writing about now."""
        changed = ids ^ self._pending
        self._pending = ids
        for row, region in enumerate(self._regions):
            if region.id in changed:
                self.dataChanged.emit(self.index(row), self.index(row))

    def row_of(self, region_id: str) -> int:
        """The row of a region; -1 when it is not there."""
        return next((row for row, region in enumerate(self._regions) if region.id == region_id), -1)

    def rowCount(self, parent: QModelIndex = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._regions)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self._regions):
            return None
        region = self._regions[index.row()]
        if role == REGION_ROLE:
            return region
        if role == PENDING_ROLE:
            return region.id in self._pending
        if role == Qt.ItemDataRole.DisplayRole:
            return caption_text(region)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(region)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(index.row(), region)
        return None

    def _tooltip(self, region: Region) -> str:
        parts = [caption_text(region) or self.tr("No caption yet")]
        if region.category:
            parts.append(shortened(region.category))
        if region.unsure:
            parts.append(self.tr("The model is unsure of this one."))
        if region.locked:
            parts.append(self.tr("Locked"))
        if region.copied_from:
            parts.append(self.tr("Copied from {image}").format(image=region.copied_from))
        return "\n".join(parts)

    def _spoken(self, row: int, region: Region) -> str:
        text = self.tr("Region {number}: {caption}, {category}, {state}").format(
            number=row + 1,
            caption=caption_text(region) or self.tr("no caption"),
            category=shortened(region.category or self.tr("no category")),
            state=state_name(region.state),
        )
        if region.unsure:
            text += ", " + self.tr("unsure")
        if is_copy(region):
            text += ", " + self.tr("copied")
        if region.id in self._pending:
            text += ", " + self.tr("the model is writing")
        return text


class RegionDelegate(QStyledItemDelegate):
    """Paints a region: number chip, what it is over its caption, then marks and the state. Captions may be long: the
    noun tells the rows apart at a glance."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.phase = 0
        """Step of the pending animation, 0..2; counted up by the list while something is pending."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:
        metrics = QFontMetrics(option.font)
        small = QFontMetrics(small_font(option.font))
        return QSize(1, metrics.height() + small.height() + GRID + 4)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        if painter is None:
            return
        region: Region = index.data(REGION_ROLE)
        colors = look(option.palette)
        painter.save()
        rect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            active = option.state & QStyle.StateFlag.State_Active
            painter.fillRect(rect, colors.selected(active=bool(active)))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colors.hover)
        if option.state & QStyle.StateFlag.State_HasFocus and option.state & QStyle.StateFlag.State_Active:
            painter.setPen(QPen(colors.accent, 1))
            painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5))
        normal, small = QFontMetrics(option.font), small_font(option.font)
        lower = QFontMetrics(small)
        inner = rect.adjusted(GRID, 0, -GRID, 0)
        chip = chip_size(index.row() + 1, lower)
        column = max(chip.width(), chip_size(99, lower).width())  # captions line up until a hundred regions
        painter.setFont(small_font(option.font, bold=True))
        place = QRect(inner.x(), rect.center().y() - chip.height() // 2 + 1, chip.width(), chip.height())
        paint_chip(painter, place, index.row() + 1, colors, unsure=region.unsure)

        right = self._marks(painter, inner, region, pending=bool(index.data(PENDING_ROLE)), option=option)
        text = QRect(inner.x() + column + GRID, rect.y(), right - inner.x() - column - 2 * GRID, rect.height())
        top = rect.y() + (rect.height() - normal.height() - lower.height()) // 2
        caption = caption_text(region)
        painter.setFont(option.font)
        if caption and region.state == "rejected":
            painter.setPen(colors.muted)
        elif caption:
            painter.setPen(colors.text)
        else:
            painter.setPen(colors.muted)
            caption = self.tr("writing…") if index.data(PENDING_ROLE) else self.tr("no caption")
        first, second = caption, shortened(region.category or "–")
        if region.category and caption_text(region):
            first, second = second, first
        line = QRect(text.x(), top, text.width(), normal.height())
        shown = elided(normal, first.replace("\n", " "), line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.setFont(small)
        painter.setPen(colors.muted)
        line = QRect(text.x(), top + normal.height(), text.width(), lower.height())
        if is_copy(region):
            second = f"{self.tr('copied')} · {second}"
        below = elided(lower, second.replace("\n", " "), line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, below)
        painter.restore()

    def _marks(
        self, painter: QPainter, inner: QRect, region: Region, *, pending: bool, option: QStyleOptionViewItem
    ) -> int:
        """Paint state, unsure, lock and pending from the right; the x where the text must end."""
        colors = look(option.palette)
        side = 16
        x, y = inner.right() - side + 1, inner.center().y() - side // 2 + 1
        if pending:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            for dot in range(3):
                painter.setBrush(colors.accent if dot == self.phase else colors.line)
                painter.drawEllipse(QRectF(x + dot * 6 - 1, y + 6, 4, 4))
            painter.restore()
        else:
            paint_state(painter, QRectF(x, y, side, side), region.state, colors.state(region.state))
        if region.unsure:
            x -= side
            painter.setPen(colors.warning)
            painter.setFont(small_font(option.font, bold=True))
            painter.drawText(QRect(x, inner.y(), side, inner.height()), Qt.AlignmentFlag.AlignCenter, "?")
        if region.locked:
            x -= side + 2
            paint_lock(painter, QRectF(x, y, side, side), closed=True, color=colors.muted)
        return x
