"""Rows of the list of categories, and how a row is painted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from PyQt6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, QRect, QRectF, QSize, Qt, QTimer
from PyQt6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PyQt6.QtWidgets import QCompleter, QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from roi_assistant.core.categories import hierarchy
from roi_assistant.core.text_bounds import LONGEST_NAME, shortened
from roi_assistant.ui.look.bounded_fields import BoundedLine
from roi_assistant.ui.look.drawn_text import elided
from roi_assistant.ui.look.keys import shown_key
from roi_assistant.ui.look.marks import paint_eye, paint_warning
from roi_assistant.ui.look.palette import GRID, look, mix, small_font
from roi_assistant.ui.session.categories import Categories

ROW_ROLE: Final = Qt.ItemDataRole.UserRole
_NO_PARENT: Final = QModelIndex()
EYE, SWATCH, INDENT = 24, 24, 14
"""Widths of the eye and of the color at the left of a row, and of a level of the tree."""
DIGIT_KEY = "Alt+{}"


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """One line. ``is_heading``: a more general word that is no category; ``is_outside``: not in the closed list."""

    name: str
    count: int = 0
    color: str = ""
    depth: int = 0
    digit: int = 0
    is_heading: bool = False
    is_outside: bool = False
    is_hidden: bool = False
    is_armed: bool = False


def category_rows(categories: Categories, *, text: str, tree: bool) -> list[CategoryRow]:
    """The rows whose names contain ``text``: those in use, the most frequent first, or as a tree."""
    wanted = text.casefold()
    names = [name for name in categories.names if wanted in name.casefold()]
    places = [(line.name, line.depth, line.is_heading) for line in hierarchy(names)] if tree else []
    rows = [
        _row(categories, name, depth=depth) if not is_heading else CategoryRow(name, depth=depth, is_heading=True)
        for name, depth, is_heading in places or [(name, 0, False) for name in names]
    ]
    if categories.counts.get("", 0) and not wanted:
        rows.append(_row(categories, ""))
    return rows


def _row(categories: Categories, name: str, *, depth: int = 0) -> CategoryRow:
    return CategoryRow(
        name,
        count=categories.counts.get(name, 0),
        color=categories.color(name) if name else "",
        depth=depth,
        digit=categories.digits.index(name) + 1 if name and name in categories.digits else 0,
        is_outside=not categories.is_allowed(name),
        is_hidden=name in categories.hidden,
        is_armed=bool(name) and name == categories.armed,
    )


class CategoryModel(QAbstractListModel):
    """Rows that stay are updated and not rebuilt, so that selection and scrolling stay."""

    def __init__(self, categories: Categories, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._categories = categories
        self.rows: tuple[CategoryRow, ...] = ()

    def set_rows(self, rows: Sequence[CategoryRow]) -> None:
        """Show these rows; what is selected stays selected by its name."""
        new, old = tuple(rows), self.rows
        if [(row.name, row.is_heading) for row in new] != [(row.name, row.is_heading) for row in old]:
            self.beginResetModel()
            self.rows = new
            self.endResetModel()
            return
        self.rows = new
        for place, (before, after) in enumerate(zip(old, new, strict=True)):
            if before != after:
                self.dataChanged.emit(self.index(place), self.index(place))

    def row_of(self, name: str) -> int:
        """The row of a category; -1 when it is not there."""
        return next((n for n, row in enumerate(self.rows) if row.name == name and not row.is_heading), -1)

    def rowCount(self, parent: QModelIndex = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        row = self.rows[index.row()] if 0 <= index.row() < len(self.rows) else None
        if row is None or row.is_heading:
            return Qt.ItemFlag.ItemIsEnabled
        editable = Qt.ItemFlag.ItemIsEditable if row.name else Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | editable

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.EditRole:
            return shortened(row.name, LONGEST_NAME)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._told(row)
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        row = self.rows[index.row()]
        if role != Qt.ItemDataRole.EditRole or not str(value).strip() or value == self.data(index, role):
            return False
        name = str(value)
        QTimer.singleShot(0, lambda: self._categories.rename(row.name, name))  # the editor is closed by then
        return True

    def _told(self, row: CategoryRow) -> str:
        if row.is_heading:
            return self.tr("{}: a more general word").format(shortened(row.name))
        parts = [shortened(row.name or self.tr("No category")), self.tr("%n region(s)", "", row.count)]
        if row.digit:
            parts.append(self.tr("the next boxes with {}").format(shown_key(DIGIT_KEY.format(row.digit))))
        if row.is_armed:
            parts.append(self.tr("the next boxes get it"))
        if row.is_hidden:
            parts.append(self.tr("hidden on the image"))
        if row.is_outside:
            parts.append(self.tr("not in the list"))
        return ", ".join(parts)


class CategoryDelegate(QStyledItemDelegate):
    """Paints a category: eye, color, name, digit, count. Its editor renames, with the other names as completion."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:
        return QSize(1, QFontMetrics(option.font).height() + GRID)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        if painter is None:
            return
        row: CategoryRow = index.data(ROW_ROLE)
        colors, rect = look(option.palette), option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if option.state & QStyle.StateFlag.State_Selected:
            active = option.state & QStyle.StateFlag.State_Active
            painter.fillRect(rect, mix(colors.accent, colors.base, 0.3 if active else 0.18))
        elif hovered and not row.is_heading:
            painter.fillRect(rect, colors.hover)
        if row.is_armed:
            painter.fillRect(QRect(rect.x(), rect.y(), 3, rect.height()), colors.accent)
        if option.state & QStyle.StateFlag.State_HasFocus and option.state & QStyle.StateFlag.State_Active:
            painter.setPen(QPen(colors.accent, 1))
            painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5))
        middle = rect.center().y() + 1
        left = rect.x() + GRID // 2 + row.depth * INDENT
        if row.is_heading:
            painter.setFont(small_font(option.font, bold=True))
            painter.setPen(colors.muted)
            text = QRect(left + EYE, rect.y(), rect.right() - left - EYE, rect.height())
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, row.name)
            painter.restore()
            return
        eye = QRectF(rect.x() + GRID // 2 + 2, middle - 8, 16, 16)
        quiet = mix(colors.muted, colors.base, 0.4)
        paint_eye(painter, eye, is_open=not row.is_hidden, color=colors.muted if hovered or row.is_hidden else quiet)
        swatch = QRectF(left + EYE, middle - 6, 12, 12)
        painter.setPen(QPen(colors.line if row.color else colors.muted, 1))
        painter.setBrush(QColor(row.color) if row.color else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(swatch.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        right = self._paint_right(painter, option, row)
        self._paint_name(painter, option, row, left + EYE + SWATCH, right)
        painter.restore()

    def _paint_right(self, painter: QPainter, option: QStyleOptionViewItem, row: CategoryRow) -> int:
        """Paint count and digit from the right; the x where the name must end."""
        colors, rect = look(option.palette), option.rect
        font = small_font(option.font)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(colors.muted)
        count = f"{row.count:,}"
        x = rect.right() - GRID - metrics.horizontalAdvance(count)
        painter.drawText(QRect(x, rect.y(), rect.right() - x, rect.height()), Qt.AlignmentFlag.AlignVCenter, count)
        x = min(x, rect.right() - GRID - metrics.horizontalAdvance("0,000")) - GRID
        if row.digit:
            key = shown_key(DIGIT_KEY.format(row.digit))
            width = metrics.horizontalAdvance(key) + GRID
            plate = QRectF(x - width, rect.center().y() - metrics.height() / 2, width, metrics.height() + 2)
            painter.setPen(QPen(colors.line, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(plate.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
            painter.setPen(colors.muted)
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, key)
            x -= width + GRID // 2
        return x

    def _paint_name(
        self, painter: QPainter, option: QStyleOptionViewItem, row: CategoryRow, left: int, right: int
    ) -> None:
        colors, rect = look(option.palette), option.rect
        font = option.font
        font.setBold(row.is_armed)
        font.setItalic(not row.name)
        metrics = QFontMetrics(font)
        if row.is_outside:
            right -= 18
        text = elided(metrics, row.name or self.tr("No category"), right - left)
        painter.setFont(font)
        painter.setPen(colors.muted if row.is_hidden or not row.count else colors.text)
        painter.drawText(QRect(left, rect.y(), right - left, rect.height()), Qt.AlignmentFlag.AlignVCenter, text)
        if row.is_outside:
            x = left + metrics.horizontalAdvance(text) + 4
            paint_warning(painter, QRectF(x, rect.center().y() - 6, 14, 14), colors.warning)

    def createEditor(self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> QWidget | None:
        line = BoundedLine(parent, most=LONGEST_NAME)
        line.setText(index.data(Qt.ItemDataRole.EditRole))
        model = index.model()
        assert isinstance(model, CategoryModel)
        completer = QCompleter([row.name for row in model.rows if row.name and not row.is_heading], line)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        line.setCompleter(completer)
        line.setAccessibleName(self.tr("New name of the category; the name of another one merges the two"))
        line.setToolTip(line.accessibleName())
        line.selectAll()
        return line

    def setEditorData(self, editor: QWidget | None, index: QModelIndex) -> None:
        """Nothing: it has its text from the beginning, and new counts do not disturb who types."""

    def setModelData(self, editor: QWidget | None, model: QAbstractItemModel | None, index: QModelIndex) -> None:
        if isinstance(editor, QLineEdit) and model is not None:
            model.setData(index, " ".join(editor.text().split()))

    def updateEditorGeometry(self, editor: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        row: CategoryRow = index.data(ROW_ROLE)
        if editor is not None:
            editor.setGeometry(option.rect.adjusted(EYE + SWATCH - 2 + row.depth * INDENT, 0, 0, 0))
