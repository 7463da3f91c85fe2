"""A grid of crops: items of equal size in rows, with the selection of a file manager.

`QListView` lays all its items out whenever the window gets another width, a second for 200,000 of them. Here the place
of an item is computed from its number, so the grid is as quick with a million items as with ten.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import chain, islice
from typing import Final

from PyQt6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    Qt,
    pyqtSignal,
)
from PyQt6.QtGui import (
    QColor,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QScrollBar,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from roi_assistant.core.records import ReviewState
from roi_assistant.storage.records import CategoryRegion
from roi_assistant.ui.docks.region_model import caption_text
from roi_assistant.ui.look.controls import viewport_of
from roi_assistant.ui.look.drawn_text import elided
from roi_assistant.ui.look.marks import paint_lock
from roi_assistant.ui.look.palette import BOX_COLORS, GRID, Look, look, mix, paint_state, small_font
from roi_assistant.ui.look.thumbnails import CropKey, RegionCrops
from roi_assistant.ui.pages.crops.model import ITEM_ROLE
from roi_assistant.ui.pages.review_crop import paint_close_up

HEIGHTS: Final = (80, 112, 144, 192, 256)
"""Heights of a crop that one can choose, in device-independent pixels."""
_ASPECT: Final = 1.25
_GAP: Final = GRID // 2
_MARK: Final = 14
_MARKED: Final = 400
"""Crops that are kept with their box painted on them: some screens."""


class CropGridView(QAbstractItemView):
    """Shows a `CropModel`. Only items in sight are painted, and their crops are made only then."""

    sightChanged = pyqtSignal()
    """Other items came into sight, or the crops got another size."""
    selectedChanged = pyqtSignal()

    def __init__(self, crops: RegionCrops, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._crops = crops
        self._height = HEIGHTS[2]
        self._band: QRect | None = None
        """From where a mouse button was pressed to where the mouse is, in the content."""
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFrameShape(QAbstractItemView.Shape.NoFrame)
        self.setViewportMargins(GRID, 0, 0, 0)
        self.setItemDelegate(_CropDelegate(crops, self))
        self.setAccessibleName(self.tr("Crops"))
        crops.ready.connect(self._crop_ready)

    # Geometry. Positions are in the content, which is higher than the viewport.

    @property
    def crop_height(self) -> int:
        """Height of the crops in device-independent pixels."""
        return self._height

    def step_size(self, step: int) -> None:
        """Make the crops larger or smaller; the item in the first row stays in sight."""
        place = min(max(HEIGHTS.index(self._height) + step, 0), len(HEIGHTS) - 1)
        if HEIGHTS[place] != self._height:
            first = self.in_sight()[:1]
            self._height = HEIGHTS[place]
            self.updateGeometries()
            for item in first:
                self._bar().setValue(item // self.columns * self._cell_height)
            self._sight_changed()

    def _count(self) -> int:
        model = self.model()
        return 0 if model is None else model.rowCount()

    @property
    def columns(self) -> int:
        """Items in a row."""
        return max(1, viewport_of(self).width() // (self._crop_width + 2 * _GAP + GRID))

    @property
    def _crop_width(self) -> int:
        return round(self._height * _ASPECT)

    @property
    def _cell_height(self) -> int:
        return self._height + self.fontMetrics().height() + 3 * _GAP + GRID

    def _cell_rect(self, item: int) -> QRect:
        """Of an item, in the viewport; the columns share its width."""
        row, column = divmod(item, self.columns)
        width = viewport_of(self).width()
        left, right = width * column // self.columns, width * (column + 1) // self.columns
        return QRect(left, row * self._cell_height - self.verticalOffset(), right - left, self._cell_height)

    def _cell(self, point: QPoint) -> tuple[int, int]:
        """Column and row at a point of the viewport; the nearest column, whether the row has items or not."""
        column = point.x() * self.columns // max(1, viewport_of(self).width())
        return min(max(column, 0), self.columns - 1), max(point.y() + self.verticalOffset(), 0) // self._cell_height

    def _item_at(self, point: QPoint) -> int:
        """The item at a point of the viewport; as many as there are items, or more, where there is none."""
        column, row = self._cell(point)
        return row * self.columns + column

    def in_sight(self) -> range:
        """The items that the viewport shows, at least in part."""
        first = self.verticalOffset() // self._cell_height * self.columns
        rows = viewport_of(self).height() // self._cell_height + 2
        return range(first, min(first + rows * self.columns, self._count()))

    def crop_key(self, found: CategoryRegion) -> CropKey:
        """What the crop of a region is made for."""
        ratio = self.devicePixelRatioF()
        return CropKey(found.image, found.region.box, round(self._crop_width * ratio), round(self._height * ratio))

    # Selection.

    def _selected_ranges(self) -> list[range]:
        selection = self.selectionModel()
        ranges = selection.selection() if selection is not None else QItemSelection()
        return [range(ranges[n].top(), ranges[n].bottom() + 1) for n in range(len(ranges))]

    def selected_items(self, *, most: int | None = None) -> list[int]:
        """The numbers of the first ``most`` selected items, ascending; None: of all."""
        ranges = sorted(self._selected_ranges(), key=lambda items: items.start)
        return list(islice(chain.from_iterable(ranges), most))

    @property
    def selected_count(self) -> int:
        """How many items are selected."""
        return sum(map(len, self._selected_ranges()))

    def select_items(self, items: Sequence[int], *, current: int) -> None:
        """Select ``items``, ascending, and no others; the keys go on from ``current``."""
        self._change_selection(items, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._set_current(current)

    def deselect_items(self, items: Sequence[int]) -> None:
        """Take ``items``, ascending, out of the selection; the keys go on from the first of them."""
        self._change_selection(items, QItemSelectionModel.SelectionFlag.Deselect)
        self._set_current(items[0] if items else -1)

    def set_toggling(self, toggles: bool) -> None:
        """Whether a click or Space takes an item in or out and leaves the others as they are; else the selection is
        that of a file manager."""
        modes = QAbstractItemView.SelectionMode
        self.setSelectionMode(modes.MultiSelection if toggles else modes.ExtendedSelection)

    def toggle_current(self) -> None:
        """Take the item that has the keys into the selection, or out of it, and go on to the next one."""
        current, selection = self.currentIndex(), self.selectionModel()
        if current.isValid() and selection is not None:
            selection.select(current, QItemSelectionModel.SelectionFlag.Toggle)
            self._set_current(current.row() + 1)

    def _change_selection(self, items: Sequence[int], command: QItemSelectionModel.SelectionFlag) -> None:
        model, selection = self.model(), self.selectionModel()
        if model is not None and selection is not None:
            chosen = QItemSelection()
            begin = 0
            for place in range(1, len(items) + 1):
                if place == len(items) or items[place] != items[place - 1] + 1:
                    chosen.select(model.index(items[begin], 0), model.index(items[place - 1], 0))
                    begin = place
            selection.select(chosen, command)

    def _set_current(self, item: int) -> None:
        model, selection = self.model(), self.selectionModel()
        if model is not None and selection is not None and 0 <= item < self._count():
            selection.setCurrentIndex(model.index(item, 0), QItemSelectionModel.SelectionFlag.NoUpdate)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Of a rubber band: the items that it touches; of Shift with a click or a key: all from one to the other."""
        model, selection, last = self.model(), self.selectionModel(), self._count() - 1
        if model is None or selection is None:
            return
        chosen = QItemSelection()
        if self.state() == QAbstractItemView.State.DragSelectingState:
            band = rect.normalized()
            (left, top), (right, bottom) = self._cell(band.topLeft()), self._cell(band.bottomRight())
            for row in range(top, min(bottom, last // self.columns) + 1):
                begin, end = row * self.columns + left, min(row * self.columns + right, last)
                if begin <= end:
                    chosen.select(model.index(begin, 0), model.index(end, 0))
        else:
            begin, end = sorted((self._item_at(rect.topLeft()), self._item_at(rect.bottomRight())))
            if begin <= last:
                chosen.select(model.index(begin, 0), model.index(min(end, last), 0))
        selection.select(chosen, command)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.selectedChanged.emit()

    # What Qt asks of a view.

    def visualRect(self, index: QModelIndex) -> QRect:
        return self._cell_rect(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        model, item = self.model(), self._item_at(point)
        return model.index(item, 0) if model is not None and item < self._count() else QModelIndex()

    def scrollTo(
        self,
        index: QModelIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        rect, room = self.visualRect(index), viewport_of(self).rect()
        if index.isValid() and not room.contains(rect):
            above, below = rect.top(), rect.bottom() - room.bottom()
            self._bar().setValue(
                self.verticalOffset() + (above if above < 0 or rect.height() > room.height() else below)
            )

    def moveCursor(self, action: QAbstractItemView.CursorAction, _modifiers: Qt.KeyboardModifier) -> QModelIndex:
        model, last = self.model(), self._count() - 1
        if model is None or last < 0:
            return QModelIndex()
        actions = QAbstractItemView.CursorAction
        page = max(1, viewport_of(self).height() // self._cell_height) * self.columns
        item = max(0, self.currentIndex().row())
        steps = {
            actions.MoveLeft: -1,
            actions.MovePrevious: -1,
            actions.MoveRight: 1,
            actions.MoveNext: 1,
            actions.MoveUp: -self.columns,
            actions.MoveDown: self.columns,
            actions.MovePageUp: -page,
            actions.MovePageDown: page,
            actions.MoveHome: -item,
            actions.MoveEnd: last - item,
        }
        if self.currentIndex().isValid():  # the first key goes to the first item
            target = item + steps[action]
            if action in (actions.MoveUp, actions.MovePageUp) and target < 0:
                target = item % self.columns
            item = min(max(target, 0), last)
        return model.index(item, 0)

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self._bar().value()

    def isIndexHidden(self, _index: QModelIndex) -> bool:
        return False

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        region, in_sight = QRegion(), self.in_sight()
        for n in range(len(selection)):
            first, last = max(selection[n].top(), in_sight.start), min(selection[n].bottom(), in_sight.stop - 1)
            for item in range(first, last + 1):
                region += QRegion(self._cell_rect(item))
        return region

    def keyboardSearch(self, _text: str | None) -> None:
        """Letters are commands."""

    def _bar(self) -> QScrollBar:
        bar = self.verticalScrollBar()
        assert bar is not None
        return bar

    def updateGeometries(self) -> None:
        rows, room = -(-self._count() // self.columns), viewport_of(self).height()
        self._bar().setRange(0, max(0, rows * self._cell_height - room))
        self._bar().setPageStep(room)
        self._bar().setSingleStep(self._cell_height // 3)
        super().updateGeometries()

    def reset(self) -> None:
        super().reset()
        self.updateGeometries()
        self._sight_changed()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.updateGeometries()
        self._sight_changed()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._sight_changed()

    def _sight_changed(self) -> None:
        viewport_of(self).update()
        self.sightChanged.emit()

    # Painting.

    def paintEvent(self, event: QPaintEvent | None) -> None:
        model, selection = self.model(), self.selectionModel()
        if model is None or selection is None or event is None:
            return
        painter = QPainter(viewport_of(self))
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        delegate = self.itemDelegate()
        assert delegate is not None
        plain, current = option.state & ~QStyle.StateFlag.State_HasFocus, self.currentIndex().row()
        for item in self.in_sight():
            option.rect = self._cell_rect(item)
            if not event.region().intersects(option.rect):
                continue
            index = model.index(item, 0)
            option.state = plain
            if selection.isSelected(index):
                option.state |= QStyle.StateFlag.State_Selected
            if item == current and self.hasFocus():
                option.state |= QStyle.StateFlag.State_HasFocus
            delegate.paint(painter, option, index)
        if self._band is not None and self.state() == QAbstractItemView.State.DragSelectingState:
            accent = QColor(look(self.palette()).accent)
            band = self._band.translated(0, -self.verticalOffset()).normalized()
            painter.setPen(QPen(accent, 1))
            accent.setAlpha(40)
            painter.fillRect(band, accent)
            painter.drawRect(band)
        painter.end()

    def _crop_ready(self, key: CropKey) -> None:
        model = self.model()
        if model is not None and self.isVisible():
            for item in self.in_sight():
                found = model.index(item, 0).data(ITEM_ROLE)
                if found is not None and found.image == key.image and found.region.box == key.box:
                    viewport_of(self).update(self._cell_rect(item))

    # Mouse and keys.

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            start = event.position().toPoint() + QPoint(0, self.verticalOffset())
            self._band = QRect(start, start)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        super().mouseMoveEvent(event)
        if event is not None and self._band is not None:
            before = QRect(self._band)
            self._band.setBottomRight(event.position().toPoint() + QPoint(0, self.verticalOffset()))
            changed = before.normalized() | self._band.normalized()
            viewport_of(self).update(changed.translated(0, -self.verticalOffset()).adjusted(-1, -1, 1, 1))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        super().mouseReleaseEvent(event)
        self._band = None
        viewport_of(self).update()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if event.angleDelta().y():
                self.step_size(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            if self.selected_count and self.selectionMode() != QAbstractItemView.SelectionMode.MultiSelection:
                self.clearSelection()
            else:
                event.ignore()  # back to the images
        else:
            super().keyPressEvent(event)


class _CropDelegate(QStyledItemDelegate):
    """Paints the crop of a region over its state and caption."""

    def __init__(self, crops: RegionCrops, view: CropGridView) -> None:
        super().__init__(view)
        self._crops, self._view = crops, view
        self._marked_crops: OrderedDict[tuple[CropKey, ReviewState, int], QPixmap] = OrderedDict()

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        if painter is None:
            return
        colors = look(option.palette)
        cell = option.rect.adjusted(_GAP, _GAP, -_GAP, -_GAP)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(mix(colors.accent, colors.base, 0.3))
            painter.drawRoundedRect(QRectF(cell), _GAP, _GAP)
        if is_selected or option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            dotted = Qt.PenStyle.SolidLine if is_selected else Qt.PenStyle.DashLine
            painter.setPen(QPen(colors.accent, 2 if option.state & QStyle.StateFlag.State_HasFocus else 1, dotted))
            painter.drawRoundedRect(QRectF(cell).adjusted(1, 1, -1, -1), _GAP, _GAP)
        found: CategoryRegion | None = index.data(ITEM_ROLE)
        room = QRectF(cell.adjusted(_GAP, _GAP, -_GAP, 0))
        room.setHeight(self._view.crop_height)
        if found is not None:
            self._paint_crop(painter, room, found, colors, option)
            text = QRectF(room.x(), room.bottom() + _GAP, room.width(), option.fontMetrics.height())
            self._paint_caption(painter, text, found, colors, option)
        else:
            painter.fillRect(room, colors.hover)
        painter.restore()

    def _paint_crop(
        self, painter: QPainter, room: QRectF, found: CategoryRegion, colors: Look, option: QStyleOptionViewItem
    ) -> None:
        key = self._view.crop_key(found)
        pixmap = self._crops.pixmap(key)
        if pixmap is None:
            painter.fillRect(room, colors.hover)
            if self._crops.failure(key):
                painter.setFont(small_font(option.font))
                painter.setPen(colors.muted)
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.tr("No picture"))
            return
        marked = self._marked(key, pixmap, found.region.state, colors.base)
        corner = room.center() - QRectF(QPointF(), marked.deviceIndependentSize()).center()
        painter.drawPixmap(corner.toPoint(), marked)

    def _marked(self, key: CropKey, pixmap: QPixmap, state: ReviewState, veil: QColor) -> QPixmap:
        """The crop with its box; made once, because half a screen of them takes longer to paint than a frame."""
        made_for = (key, state, veil.rgb())
        marked = self._marked_crops.get(made_for)
        if marked is None:
            marked = QPixmap(pixmap)
            marked.setDevicePixelRatio(self._view.devicePixelRatioF())
            painter = QPainter(marked)
            place = QRectF(QPointF(), marked.deviceIndependentSize())
            paint_close_up(painter, place, pixmap, self._crops.frame(key), BOX_COLORS[state])
            if state == "rejected":
                painter.setOpacity(0.6)
                painter.fillRect(place, veil)
            painter.end()
            self._marked_crops[made_for] = marked
            if len(self._marked_crops) > _MARKED:
                self._marked_crops.popitem(last=False)
        else:
            self._marked_crops.move_to_end(made_for)
        return marked

    def _paint_caption(
        self, painter: QPainter, text: QRectF, found: CategoryRegion, colors: Look, option: QStyleOptionViewItem
    ) -> None:
        region = found.region
        mark = QRectF(text.x(), text.center().y() - _MARK / 2, _MARK, _MARK)
        paint_state(painter, mark, region.state, colors.state(region.state))
        text.setLeft(mark.right() + _GAP)
        if region.locked:
            mark.moveRight(text.right())
            paint_lock(painter, mark, closed=True, color=colors.muted)
            text.setRight(mark.left() - _GAP)
        font = QFont(option.font)
        font.setItalic(region.unsure)
        font.setStrikeOut(region.state == "rejected")
        painter.setFont(font)
        caption = caption_text(region).replace("\n", " ") or self.tr("no caption")
        painter.setPen(colors.text if region.captions and region.state != "rejected" else colors.muted)
        shown = elided(option.fontMetrics, caption, int(text.width()))
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
