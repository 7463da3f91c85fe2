"""The categories of the project: how many regions have each, which one the next boxes get, and changing them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QContextMenuEvent, QIcon, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPixmap
from PyQt6.QtWidgets import QAbstractItemView, QColorDialog, QLabel, QListView, QMenu, QStackedLayout, QWidget

from roi_assistant.core.categories import in_list
from roi_assistant.core.category_edits import KEYS
from roi_assistant.storage.records import ImageFilter
from roi_assistant.ui.docks.category_model import (
    DIGIT_KEY,
    EYE,
    INDENT,
    SWATCH,
    CategoryDelegate,
    CategoryModel,
    CategoryRow,
    category_rows,
)
from roi_assistant.ui.docks.category_split import CategorySplit
from roi_assistant.ui.look.controls import (
    ENTER,
    EmptyState,
    EntryLine,
    add_choice,
    claims_key,
    quiet_button,
)
from roi_assistant.ui.look.keys import shown_key
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.marks import menu_icon
from roi_assistant.ui.look.palette import GRID, look, small_font
from roi_assistant.ui.look.palette_change import on_palette_change

if TYPE_CHECKING:
    from roi_assistant.ui.session.view import SessionView

COLORS: Final = (
    "#e6194b", "#f58231", "#ffe119", "#bfef45", "#3cb44b", "#42d4f4",
    "#4363d8", "#911eb4", "#f032e6", "#fabed4", "#aaffc3", "#dcbeff",
)  # fmt: skip
"""Colors to choose from that are told apart on a photo."""
_KEYS: Final = ENTER | {
    Qt.Key.Key_Delete,
    Qt.Key.Key_Backspace,
    Qt.Key.Key_Space,
    Qt.Key.Key_Escape,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
}


class CategoryList(QWidget):
    """Rows of ``session.categories``."""

    left = pyqtSignal()
    """Esc, or a category was armed by the keyboard: the keyboard may go to the picture."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._categories = session.categories
        self._is_tree = False
        self._told = ""
        self.filter = EntryLine(self)
        self.filter.setPlaceholderText(self.tr("Find, or add a category"))
        self.filter.setAccessibleName(self.tr("Find or add a category"))
        self.filter.setToolTip(
            self.tr("Enter: the next boxes get the first category found; a new name is added to the list")
        )
        self.filter.setClearButtonEnabled(True)
        self.menu = quiet_button("", self, tooltip=self.tr("Closed list, tree, show all"), slot=self._show_menu)
        self.model = CategoryModel(self._categories, self)
        self.view = _View(self)
        self.view.setModel(self.model)
        self.view.setItemDelegate(CategoryDelegate(self.view))
        self.view.setAccessibleName(self.tr("Categories"))
        self._empty = EmptyState(parent=self)
        self.split = CategorySplit(session, self)
        self.split.hide()
        self.told = QLabel(self)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setWordWrap(True)
        self.told.setFont(small_font(self.font()))
        self.undo = quiet_button(
            self.tr("Undo"), self, tooltip=self.tr("Take back what was done to the categories (Ctrl+Z in this panel)"),
            slot=self._categories.undo,
        )  # fmt: skip
        policy = self.undo.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.undo.setSizePolicy(policy)
        self._lay_out()
        self._connect()
        self._tint()
        on_palette_change(self, self._tint)
        self.refresh()

    def _lay_out(self) -> None:
        self._stack = QStackedLayout()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._empty)
        top = lay_row((self.filter, 1), self.menu, margins=GRID, spacing=GRID // 2)
        footer = lay_row((self.told, 1), self.undo, margins=(GRID, GRID // 2, GRID, GRID // 2), spacing=GRID)
        lay_column(top, (self._stack, 1), self.split, footer, parent=self, margins=0, spacing=0)

    def _connect(self) -> None:
        categories = self._categories
        for signal in (categories.changed, categories.hiddenChanged):
            signal.connect(self.refresh)
        categories.armedChanged.connect(lambda _name: self.refresh())
        categories.told.connect(self._tell)
        self.filter.textChanged.connect(lambda _text: self.refresh())
        self.filter.entered.connect(self._enter_filter)
        self.filter.escaped.connect(self._leave_filter)
        self.filter.down.connect(self.view.setFocus)
        self.view.keyPressed.connect(self._act)
        self.view.eyeClicked.connect(self._toggle_hidden)
        self.view.colorClicked.connect(self._choose_color)
        self.view.nameClicked.connect(lambda row: self._categories.toggle_armed(row.name))
        self.view.undone.connect(categories.undo)
        self.view.redone.connect(lambda: self._session.history.redo(""))
        self.split.closed.connect(self.view.setFocus)

    # What others call.

    def focus_filter(self) -> None:
        """Put the cursor where a category is found or added."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    @property
    def selected(self) -> tuple[str, ...]:
        """The names of the selected rows, in their order."""
        selection = self.view.selectionModel()
        assert selection is not None
        places = sorted(index.row() for index in selection.selectedRows())
        return tuple(self.model.rows[place].name for place in places)

    def select(self, *names: str) -> None:
        """Select the rows of these categories; the last one is the current row."""
        selection = self.view.selectionModel()
        assert selection is not None
        selection.clear()
        for place in map(self.model.row_of, names):
            if place >= 0:
                index = self.model.index(place)
                selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.Select)

    # What the session says.

    def refresh(self) -> None:
        """Show the categories of now."""
        before = self.selected
        self.model.set_rows(category_rows(self._categories, text=self.filter.text().strip(), tree=self._is_tree))
        if self.selected != before:
            self.select(*before)
        if not self.model.rows:
            typed = self.filter.text().strip()
            if typed:
                self._empty.set_message(
                    self.tr("No category “{}”").format(typed), self.tr("Enter adds it and gives it to the next boxes.")
                )
            else:
                self._empty.set_message(self.tr("No categories yet"), self.tr("Type one above, or draw boxes."))
        self._stack.setCurrentIndex(0 if self.model.rows else 1)
        self._show_footer()

    def _tell(self, sentence: str) -> None:
        self._told = sentence
        self._show_footer()

    def _show_footer(self) -> None:
        categories = self._categories
        self.undo.setVisible(bool(self._told))
        if categories.is_busy:
            self.told.setText(self.tr("Changing the whole project…"))
        elif self._told:
            self.told.setText(self._told)
        else:
            text = self.tr("Categories: {}").format(len(categories.names))
            if categories.list.closed:
                text += "  ·  " + self.tr("closed list")
            if categories.hidden:
                text += "  ·  " + self.tr("%n hidden", "", len(categories.hidden))
            self.told.setText(text)

    # What the user does.

    def _enter_filter(self) -> None:
        """The first row that is found, or a new category, for the next boxes."""
        typed = " ".join(self.filter.text().split())
        found = [row.name for row in self.model.rows if row.name and not row.is_heading]
        exact = next((name for name in found if name.casefold() == typed.casefold()), "")
        if not typed:
            return
        if exact or found:
            self._arm(exact or found[0])
        else:
            self._categories.add((typed,), lambda: self._arm(typed))

    def _arm(self, name: str) -> None:
        self.filter.clear()
        self._categories.arm(name)
        self.left.emit()

    def _leave_filter(self) -> None:
        if self.filter.text():
            self.filter.clear()
        else:
            self.left.emit()

    def _act(self, key: int) -> None:
        names = self.selected
        current = self._current()
        if key == Qt.Key.Key_Escape:
            if self._categories.armed:
                self._categories.disarm()
            else:
                self.left.emit()
        elif key in ENTER and current is not None and current.name:
            self._categories.toggle_armed(current.name)
            if self._categories.armed:
                self.left.emit()
        elif key == Qt.Key.Key_Space and names:
            self._categories.toggle_hidden(names)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete()

    def _current(self) -> CategoryRow | None:
        place = self.view.currentIndex().row()
        row = self.model.rows[place] if 0 <= place < len(self.model.rows) else None
        return None if row is None or row.is_heading else row

    def _toggle_hidden(self, row: CategoryRow) -> None:
        names = self.selected
        self._categories.toggle_hidden(names if row.name in names else (row.name,))

    def rename(self) -> None:
        """Open the name of the current row for editing."""
        if self._current() is not None:
            self.view.edit(self.view.currentIndex())

    def delete(self) -> None:
        """Take the selected categories away from all regions of the project."""
        names = tuple(name for name in self.selected if name)
        if names:
            self._categories.delete(names)

    def merge(self) -> None:
        """All regions of the selected categories get the category of the current row."""
        current = self._current()
        if current is not None and current.name:
            self._categories.merge(tuple(name for name in self.selected if name), current.name)

    def _show_images(self, name: str) -> None:
        self._session.images.set_filter(ImageFilter(category=name))

    # Menus.

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        if event is None or not self.view.underMouse():
            return
        menu = self.row_menu()
        if menu is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(event.globalPos())

    def row_menu(self) -> QMenu | None:
        """What can be done to the selected rows."""
        row, names, categories = self._current(), tuple(name for name in self.selected if name), self._categories
        menu = QMenu(self)
        if row is None or row.name not in self.selected:
            return None
        name = row.name
        may = not self._session.read_only
        if name:
            armed = self.tr("Not for the next boxes") if row.is_armed else self.tr("For the next boxes")
            _add(menu, armed, "Return", lambda: categories.toggle_armed(name))
        hide = self.tr("Show on the image") if row.is_hidden else self.tr("Hide on the image")
        _add(menu, hide, "Space", lambda: categories.toggle_hidden(self.selected))
        _add(menu, self.tr("Show only this on the image"), "", lambda: categories.show_only(self.selected))
        if name:
            _add(menu, self.tr("List its images"), "", lambda: self._show_images(name))
        if name and may:
            menu.addSeparator()
            _add(menu, self.tr("Rename"), "F2", self.rename)
            if len(names) > 1:
                _add(menu, self.tr("Merge %n categories into “{}”", "", len(names)).format(name), "", self.merge)
            _add(menu, self.tr("Move some of its regions…"), "", lambda: self.split.open(name))
            _add(menu, self.tr("Delete, and keep its regions"), "Del", self.delete)
            menu.addSeparator()
            if in_list(name, categories.list.names):
                _add(menu, self.tr("Take off the list"), "", lambda: categories.take_off(names))
            else:
                _add(menu, self.tr("Add to the list"), "", lambda: categories.add(names))
            self._fill_colors(_submenu(menu, self.tr("Color")), name)
            self._fill_digits(_submenu(menu, self.tr("Key for the next boxes")), row)
        return menu

    def _fill_colors(self, menu: QMenu, name: str) -> None:
        chosen = dict(self._categories.list.colors).get(name, "")
        for color in COLORS:
            action = menu.addAction(_swatch(color), color)
            assert action is not None
            action.triggered.connect(lambda _checked, color=color: self._categories.set_color(name, color))
        menu.addSeparator()
        add_choice(
            menu,
            self.tr("Follows from the name"),
            checked=not chosen,
            choose=lambda: self._categories.set_color(name, ""),
        )
        _add(menu, self.tr("Another…"), "", lambda: self._ask_color(name))

    def _ask_color(self, name: str) -> None:
        dialog = QColorDialog(QColor(self._categories.color(name)), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(lambda color: self._categories.set_color(name, color.name()))
        dialog.open()

    def _choose_color(self, row: CategoryRow, place: QPoint) -> None:
        if row.name and not self._session.read_only:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self._fill_colors(menu, row.name)
            menu.popup(place)

    def _fill_digits(self, menu: QMenu, row: CategoryRow) -> None:
        digits = self._categories.digits
        for digit in range(1, KEYS + 1):
            owner = digits[digit - 1] if digit <= len(digits) else ""
            text = f"{shown_key(DIGIT_KEY.format(digit))}  {owner}" if owner else shown_key(DIGIT_KEY.format(digit))
            add_choice(
                menu,
                text,
                checked=owner == row.name,
                choose=lambda digit=digit: self._categories.set_digit(row.name, digit),  # type: ignore[misc]
            )

    def _show_menu(self) -> None:
        menu = self.list_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.menu.mapToGlobal(QPoint(0, self.menu.height())))

    def list_menu(self) -> QMenu:
        """What concerns the whole list."""
        categories = self._categories
        menu = QMenu(self)
        add_choice(
            menu,
            self.tr("Closed list: no other categories"),
            checked=categories.list.closed,
            choose=lambda: categories.set_closed(not categories.list.closed),
        )
        add_choice(menu, self.tr("As a tree"), checked=self._is_tree, choose=lambda: self.set_tree(not self._is_tree))
        menu.addSeparator()
        _add(menu, self.tr("Show all on the image"), "", categories.show_all)
        return menu

    def set_tree(self, tree: bool) -> None:
        """Show each category below the more general ones, or all in one line of rows."""
        self._is_tree = tree
        self.refresh()

    def _tint(self) -> None:
        self.menu.setIcon(menu_icon(look(self.palette()).text))


def _add(menu: QMenu, text: str, key: str, run: Callable[[], object]) -> None:
    """Add an entry that calls ``run``; ``key`` is shown beside it, the list itself acts upon it."""
    action = menu.addAction(text.replace("&", "&&") + (f"\t{shown_key(key)}" if key else ""))
    assert action is not None
    action.triggered.connect(lambda _checked: run())


def _submenu(menu: QMenu, title: str) -> QMenu:
    sub = menu.addMenu(title)
    assert sub is not None
    return sub


def _swatch(color: str) -> QIcon:
    pixmap = QPixmap(32, 32)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawRoundedRect(QRectF(1, 1, 14, 14), 3, 3)
    painter.end()
    return QIcon(pixmap)


class _View(QListView):
    """Tells keys, and on what of a row the mouse was pressed."""

    keyPressed = pyqtSignal(int)
    eyeClicked = pyqtSignal(object)
    colorClicked = pyqtSignal(object, QPoint)
    """Row, and a place on the screen."""
    nameClicked = pyqtSignal(object)
    """By the left button alone: Shift and Ctrl select."""
    undone = pyqtSignal()
    redone = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _is_undo(event):
            event.accept()
            return True
        return claims_key(event, _KEYS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undone.emit()
        elif _is_undo(event):
            self.redone.emit()
        elif event.key() in _ACTS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.keyPressed.emit(event.key())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """The eye and the color are buttons: a press on them leaves the selection alone."""
        if event is None:
            return
        row, part = self._hit(event)
        if row is not None and event.button() == Qt.MouseButton.LeftButton and part != "name":
            if part == "eye":
                self.eyeClicked.emit(row)
            else:
                self.colorClicked.emit(row, event.globalPosition().toPoint())
            return
        super().mousePressEvent(event)
        plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        if plain and row is not None and row.name:
            self.nameClicked.emit(row)

    def _hit(self, event: QMouseEvent) -> tuple[CategoryRow | None, str]:
        index = self.indexAt(event.position().toPoint())
        model = self.model()
        if not index.isValid() or not isinstance(model, CategoryModel) or model.rows[index.row()].is_heading:
            return None, ""
        row = model.rows[index.row()]
        x = event.position().x() - GRID // 2
        if x < EYE:
            return row, "eye"
        return row, "color" if row.depth * INDENT + EYE <= x < row.depth * INDENT + EYE + SWATCH - 4 else "name"

    def keyboardSearch(self, search: str | None) -> None:
        """Typing letters is for the shortcuts of the window; names are found above."""

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        super().currentChanged(current, previous)
        self.scrollTo(current)


_ACTS: Final = ENTER | {Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Space, Qt.Key.Key_Escape}


def _is_undo(event: QKeyEvent) -> bool:
    return event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
