"""The bars of the page of crops: which crops and how many above, the line for a category and the keys below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from PyQt6.QtCore import QCoreApplication, QEvent, QLocale, QModelIndex, QStringListModel, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent
from PyQt6.QtWidgets import QComboBox, QCompleter, QLabel, QLineEdit, QWidget

from roi_assistant.core.records import ReviewState
from roi_assistant.core.text_bounds import shortened
from roi_assistant.storage.records import CategoryCount, CategoryFilter
from roi_assistant.ui.look.controls import ENTER, ElidedLabel, claims_key
from roi_assistant.ui.look.layouts import lay_row
from roi_assistant.ui.look.palette import GRID

_MOST_SHOWN: Final = 14
_LINE_WIDTH: Final = 26 * GRID
_STATES: Final[dict[str, frozenset[ReviewState]]] = {
    "waiting": frozenset({"suggested"}),
    "decided": frozenset({"accepted", "edited", "rejected"}),
    "all": frozenset(),
}


class CategoryLine(QLineEdit):
    """A line for a category, with those that the project has in a list below. Enter keeps what stands there."""

    entered = pyqtSignal(str)
    """A category; not empty."""
    left = pyqtSignal()
    """Esc: the keyboard goes back to the crops."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.names: tuple[str, ...] = ()
        self._model = _Counted(self)
        self._completions = QCompleter(self._model, self)
        self._completions.setCompletionRole(Qt.ItemDataRole.EditRole)
        self._completions.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completions.setFilterMode(Qt.MatchFlag.MatchContains)
        self._completions.setMaxVisibleItems(_MOST_SHOWN)
        self._completions.activated[str].connect(self._enter)
        self.setCompleter(self._completions)
        self.setFixedWidth(_LINE_WIDTH)

    def set_categories(self, categories: Sequence[CategoryCount], counts: Sequence[int]) -> None:
        """Offer ``categories``, each with the number that stands behind it."""
        self.names = tuple(category.name for category in categories)
        self._model.show([shown_category(name) for name in self.names], counts)

    def offer_all(self) -> None:
        """Select what stands here, and open the list."""
        self.selectAll()
        self._completions.setCompletionPrefix("")
        self._completions.complete()

    def _enter(self, text: str) -> None:
        popup = self._completions.popup()
        if popup is not None:
            popup.hide()
        name = " ".join(text.split())
        if name:
            self.entered.emit(name)

    def event(self, event: QEvent | None) -> bool:
        return claims_key(event, ENTER | {Qt.Key.Key_Escape}) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        popup = self._completions.popup()
        if event is None or event.key() not in ENTER | {Qt.Key.Key_Escape}:
            super().keyPressEvent(event)
        elif event.key() != Qt.Key.Key_Escape:
            self._enter(self.text())
        elif popup is not None and popup.isVisible():
            event.ignore()  # the completer closes its list
        else:
            self.left.emit()


class CategoryChooser(CategoryLine):
    """Chooses one of the categories that the project has: the list opens at once, and what is typed goes to the first
    that has it."""

    chosen = pyqtSignal(str)
    """A category, "" for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen = ""
        self.setAccessibleName(self.tr("Category"))
        self.setPlaceholderText(self.tr("Category"))
        self.setToolTip(self.tr("The category whose crops are shown; behind each stands how many wait for review"))
        self.entered.connect(self._find)
        self.left.connect(lambda: self.show_category(self._chosen))

    def show_category(self, name: str) -> None:
        """``name`` is shown now."""
        self._chosen = name
        self.setText(shown_category(name) if name or self.names else "")
        self.setCursorPosition(0)

    def _find(self, text: str) -> None:
        folded = text.casefold()
        matching = [name for name in self.names if folded in shown_category(name).casefold()]
        matching.sort(key=lambda name: shown_category(name).casefold() != folded)  # the very name before longer ones
        self.show_category(matching[0] if matching else self._chosen)
        if matching:
            self.chosen.emit(matching[0])

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        if event is not None and event.reason() not in (
            Qt.FocusReason.PopupFocusReason,
            Qt.FocusReason.ActiveWindowFocusReason,
        ):
            self.offer_all()


class _Counted(QStringListModel):
    """Names; their list shows the counts, which are no part of the name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: tuple[int, ...] = ()

    def show(self, names: Sequence[str], counts: Sequence[int]) -> None:
        self._counts = tuple(counts)
        self.setStringList(list(names))

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        value = super().data(index, role)
        if role == Qt.ItemDataRole.DisplayRole and 0 <= index.row() < len(self._counts):
            return f"{value}    {self._counts[index.row()]:,}"
        return value


class CropBar(QWidget):
    """Which crops are shown, in which order, and how many."""

    changed = pyqtSignal(object)
    """CategoryFilter"""
    left = pyqtSignal()
    """The keyboard goes back to the crops."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filter = CategoryFilter("", _STATES["waiting"])
        self.has_category = False
        """Whether a category was chosen, be it that of regions without any."""
        self.category = CategoryChooser(self)
        self.order = QComboBox(self)
        self.order.setAccessibleName(self.tr("Order of the crops"))
        self.order.addItem(self.tr("Least certain first"), "certainty")
        self.order.addItem(self.tr("By image"), "image")
        self.order.addItem(self.tr("Random"), "random")
        self.states = QComboBox(self)
        self.states.setAccessibleName(self.tr("Review states"))
        self.states.addItem(self.tr("To review"), "waiting")
        self.states.addItem(self.tr("Decided"), "decided")
        self.states.addItem(self.tr("All"), "all")
        self.summary = QLabel(self)
        self.summary.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = lay_row(parent=self, margins=(2 * GRID, GRID, 2 * GRID, GRID), spacing=GRID)
        for widget in (self.category, self.order, self.states):
            layout.addWidget(widget)
        for choice in (self.order, self.states):
            choice.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        layout.addStretch(1)
        layout.addWidget(self.summary)
        self.category.chosen.connect(self.choose)
        self.category.left.connect(self.left)
        self.order.activated.connect(self._order_chosen)
        self.states.activated.connect(self._states_chosen)

    def reset(self) -> None:
        """No category, its suggestions, the least certain first."""
        self.show_filter(CategoryFilter("", _STATES["waiting"]))
        self.has_category = False
        self.category.clear()
        self.summary.clear()

    def choose(self, category: str) -> None:
        """Show the crops of ``category``; also when it is shown already, for whoever presses Enter on it."""
        self.has_category = True
        self.category.show_category(category)
        self._set(replace(self.filter, category=category))

    def show_filter(self, flt: CategoryFilter) -> None:
        """Say what is shown, without asking for it."""
        self.filter = flt
        self.has_category = True
        self.category.show_category(flt.category)
        self.order.setCurrentIndex(self.order.findData(flt.order))
        name = next(name for name, states in _STATES.items() if states == flt.states)
        self.states.setCurrentIndex(self.states.findData(name))

    def _order_chosen(self, _place: int) -> None:
        order = self.order.currentData()
        self._set(replace(self.filter, order=order, seed=self.filter.seed + (order == "random")))

    def _states_chosen(self, _place: int) -> None:
        self._set(replace(self.filter, states=_STATES[self.states.currentData()]))

    def _set(self, flt: CategoryFilter) -> None:
        self.filter = flt
        self.changed.emit(flt)
        self.left.emit()

    def set_counts(self, crops: int | None, selected: int) -> None:
        """How many crops there are, None while they are counted, and how many of them are selected."""
        self.summary.setText(crop_counts(self.locale(), crops, selected))


class DecisionBar(QWidget):
    """What the last decision did, and a line for the category that the selected regions get."""

    categoryChosen = pyqtSignal(str)
    left = pyqtSignal()
    """The line was left without a category."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.told = ElidedLabel(self, muted=True)
        self.label = QLabel(self)
        self.line = CategoryLine(self)
        self.line.setAccessibleName(self.tr("Category of the selected regions"))
        self.line.setPlaceholderText(self.tr("Category"))
        self.label.setBuddy(self.line)
        lay_row(
            self.label, self.line, (self.told, 1), parent=self, margins=(2 * GRID, GRID // 2, 2 * GRID, 0), spacing=GRID
        )
        self.line.entered.connect(self._entered)
        self.line.left.connect(self._leave)
        self.setFixedHeight(self.line.sizeHint().height() + GRID // 2)
        self._close()

    def tell(self, text: str) -> None:
        """Show one sentence about the last decision."""
        self.told.set_text(text)
        self.told.setAccessibleName(text)

    def set_count(self, selected: int) -> None:
        """How many regions get the category."""
        text = self.tr("Category of {count} regions:")
        self.label.setText(text.format(count=self.locale().toString(selected)))

    def ask_category(self) -> None:
        """Let the user type a category."""
        self.line.clear()
        self.label.show()
        self.line.show()
        self.told.clear()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _entered(self, text: str) -> None:
        known = next((name for name in self.line.names if name.casefold() == text.casefold()), text)
        self._close()
        self.categoryChosen.emit(known)

    def _leave(self) -> None:
        self._close()
        self.left.emit()

    def _close(self) -> None:
        self.label.hide()
        self.line.hide()


def shown_category(name: str) -> str:
    """A category as it is called on screen."""
    return shortened(name) or QCoreApplication.translate("CropBar", "(no category)")


def crop_counts(locale: QLocale, crops: int | None, selected: int) -> str:
    """How many crops there are, None while they are counted, and how many of them are selected."""
    translate = QCoreApplication.translate
    if crops is None:
        return translate("CropBar", "Reading…")
    parts = [translate("CropBar", "Crops: {count}").format(count=locale.toString(crops))]
    if selected:
        parts.append(translate("CropBar", "{count} selected").format(count=locale.toString(selected)))
    return "  ·  ".join(parts)
