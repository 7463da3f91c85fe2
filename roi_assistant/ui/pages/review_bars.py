"""The bars of the review queue: order, filters and progress above, keys below; and its caption field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QCoreApplication, QEvent, QPoint, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QComboBox, QLabel, QLineEdit, QMenu, QSizePolicy, QToolButton, QWidget

from roi_assistant.core.records import ReviewState
from roi_assistant.storage.records import QueueFilter, QueueItem
from roi_assistant.ui.docks.image_model import one_line
from roi_assistant.ui.docks.provenance import percent
from roi_assistant.ui.docks.region_model import state_name
from roi_assistant.ui.look.controls import ENTER, Chip, add_choice, claims_key
from roi_assistant.ui.look.drawn_text import elided
from roi_assistant.ui.look.layouts import lay_row
from roi_assistant.ui.look.palette import GRID, look, paint_state, small_font, state_icon
from roi_assistant.ui.look.palette_change import on_palette_change
from roi_assistant.ui.look.timers import single_shot

if TYPE_CHECKING:
    from roi_assistant.ui.session.view import SessionView

_SEARCH_MS: Final = 250
_STATE_OF: Final[dict[str, ReviewState]] = {"accept": "accepted", "edit": "edited", "reject": "rejected"}
"""Commands whose buttons have the icon of the state that they lead to."""


class QueueBar(QWidget):
    """What is in the queue and in which order, and how far one is."""

    changed = pyqtSignal(object)
    """QueueFilter"""
    left = pyqtSignal()
    """Esc or Enter in the search box: the keyboard goes back to the queue."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._filter = QueueFilter()
        self._models: tuple[str, ...] = ()
        self.order = QComboBox(self)
        self.order.setAccessibleName(self.tr("Order of the queue"))
        self.order.addItem(self.tr("Least certain first"), "certainty")
        self.order.addItem(self.tr("Teaches most first"), "teaches")
        self.order.addItem(self.tr("Models disagree most first"), "disagreement")
        self.order.addItem(self.tr("By category"), "category")
        self.order.addItem(self.tr("By model"), "model")
        self.order.addItem(self.tr("By image"), "image")
        self.order.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.category = Chip("", self)
        self.model = Chip("", self)
        self.search = _Search(self)
        self.search.setPlaceholderText(self.tr("Filter by words"))
        self.search.setAccessibleName(self.tr("Filter the queue by words"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(220)
        self.progress = QLabel(self)
        self.progress.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.progress.setToolTip(self.tr("Decided since the folder was opened, your pace lately, and what is left"))
        layout = lay_row(parent=self, margins=(2 * GRID, GRID, 2 * GRID, GRID), spacing=GRID)
        for widget in (self.order, self.category, self.model, self.search):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self.progress)
        self._typing = single_shot(
            self, _SEARCH_MS, lambda: self._set(replace(self._filter, text=self.search.text().strip()))
        )
        self.search.textChanged.connect(lambda _text: self._typing.start())
        self.search.left.connect(self.left)
        self.order.activated.connect(lambda _n: self._set(replace(self._filter, order=self.order.currentData())))
        self.category.clicked.connect(self._choose_category)
        self.model.clicked.connect(self._choose_model)
        self._show()

    def reset(self) -> None:
        """All suggestions, least certain first."""
        self._filter = QueueFilter()
        self.order.setCurrentIndex(0)
        self.search.clear()
        self._typing.stop()
        self._show()

    def set_models(self, names: Sequence[str]) -> None:
        """The models whose suggestions wait."""
        self._models = tuple(sorted(name for name in names if name))

    def set_progress(self, done: int, pace: float | None, left: int) -> None:
        """Show the figures: decisions of this session, per minute, and suggestions that are left."""
        locale = self.locale()
        parts = [self.tr("{count} decided").format(count=locale.toString(done))]
        if pace is not None:
            parts.append(self.tr("{pace} per minute").format(pace=locale.toString(pace, "f", 0 if pace >= 10 else 1)))
        parts.append(self.tr("{count} left").format(count=locale.toString(left)))
        self.progress.setText("  ·  ".join(parts))

    def _set(self, flt: QueueFilter) -> None:
        if flt != self._filter:
            self._filter = flt
            self._show()
            self.changed.emit(flt)

    def _show(self) -> None:
        flt = self._filter
        for chip, chosen, name in (
            (self.category, flt.category, self.tr("Category")),
            (self.model, flt.model, self.tr("Model")),
        ):
            chip.setChecked(chosen is not None)
            chip.setText(f"{chosen if chosen is not None else name} ▾")
            chip.setAccessibleName(f"{name}: {chosen}" if chosen is not None else name)
            chip.updateGeometry()

    def _choose_category(self) -> None:
        self._show()
        self._session.store.read(
            lambda project: sorted(project.category_ids(), key=str.casefold),
            lambda names: self._menu(
                self.category, names, self._filter.category, lambda n: self._set(replace(self._filter, category=n))
            ),
        )

    def _choose_model(self) -> None:
        self._show()
        self._menu(self.model, self._models, self._filter.model, lambda n: self._set(replace(self._filter, model=n)))

    def _menu(self, chip: Chip, names: Sequence[str], chosen: str | None, choose: Callable[[str | None], None]) -> None:
        menu = QMenu(self)
        for name in (None, *names):
            text = self.tr("Any") if name is None else name
            add_choice(menu, text, checked=name == chosen, choose=partial(choose, name))
        menu.aboutToHide.connect(self.left)
        menu.popup(chip.mapToGlobal(QPoint(0, chip.height())))


class _Search(QLineEdit):
    left = pyqtSignal()

    def event(self, event: QEvent | None) -> bool:
        return claims_key(event, ENTER | {Qt.Key.Key_Escape}) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.key() == Qt.Key.Key_Escape:
                self.clear()
            self.left.emit()
            return
        super().keyPressEvent(event)


class KeyBar(QWidget):
    """The commands with their keys, to click or to learn them."""

    pressed = pyqtSignal(str)

    def __init__(self, entries: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        """``entries``: name of the command, text and key of its button; an empty name makes a gap."""
        super().__init__(parent)
        self._buttons: dict[str, QToolButton] = {}
        self._entries = {name: (text, key) for name, text, key in entries}
        layout = lay_row(parent=self, margins=(2 * GRID, GRID, 2 * GRID, GRID), spacing=GRID // 2)
        for name, text, key in entries:
            if not name:
                layout.addStretch(1)
                continue
            button = QToolButton(self)
            button.setText(f"{text}  {key}")
            button.setAccessibleName(text)
            button.setToolTip(f"{text} ({key})")
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.clicked.connect(lambda _checked=False, name=name: self.pressed.emit(name))
            layout.addWidget(button)
            self._buttons[name] = button
        self._buttons["open"].setToolTip(QCoreApplication.translate("KeyBar", "Show this region on its picture (O)"))
        self._icons()
        on_palette_change(self, self._icons)

    def button(self, name: str) -> QToolButton:
        """The button of a command."""
        return self._buttons[name]

    def set_count(self, name: str, count: int) -> None:
        """Say on the button of a command to how many regions it would be done; 0 says nothing."""
        text, key = self._entries[name]
        shown = f"{text} {self.locale().toString(count)}" if count else text
        self._buttons[name].setText(f"{shown}  {key}")
        self._buttons[name].setAccessibleName(shown)

    def enable(self, others: bool, **named: bool) -> None:
        """Enable the buttons of the commands ``named`` as they say, and all ``others``."""
        for name, button in self._buttons.items():
            button.setEnabled(named.get(name, others))

    def _icons(self) -> None:
        colors = look(self.palette())
        for name, state in _STATE_OF.items():
            if name in self._buttons:
                self._buttons[name].setIcon(state_icon(state, colors.state(state)))


def queue_keys() -> tuple[tuple[str, str, str], ...]:
    """What can be done to an item of the review queue, for `KeyBar`."""
    translate = QCoreApplication.translate
    return (
        ("accept", translate("KeyBar", "Accept"), "Enter"),
        ("edit", translate("KeyBar", "Edit"), "E"),
        ("reject", translate("KeyBar", "Reject"), "X"),
        ("category", translate("KeyBar", "Category"), "C"),
        ("", "", ""),
        ("left", translate("KeyBar", "Keep left"), "L"),
        ("right", translate("KeyBar", "Take right"), "R"),
        ("", "", ""),
        ("undo", translate("KeyBar", "Undo"), "U"),
        ("previous", translate("KeyBar", "Back"), "K"),
        ("next", translate("KeyBar", "Skip"), "J"),
        ("", "", ""),
        ("alike", translate("KeyBar", "Look-alikes"), "Y"),
        ("open", translate("KeyBar", "Open"), "O"),
    )


class StateLine(QWidget):
    """State and certainty of an item over the path of its image."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._item: QueueItem | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_item(self, item: QueueItem) -> None:
        """Show ``item``."""
        self._item = item
        self.setAccessibleName(f"{item.image}, {state_name(item.region.state)}, {percent(item.certainty)}")
        self.setToolTip(item.image)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(100, 2 * self.fontMetrics().height() + GRID)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        item = self._item
        if item is None:
            return
        painter = QPainter(self)
        colors, metrics = look(self.palette()), self.fontMetrics()
        region, height = item.region, metrics.height()
        painter.setFont(small_font(self.font()))
        painter.setPen(colors.muted)
        path = elided(painter.fontMetrics(), one_line(item.image), self.width(), middle=True)
        painter.drawText(QRectF(0, 0, self.width(), height), Qt.AlignmentFlag.AlignVCenter, path)
        painter.setFont(self.font())
        top = height + GRID // 2
        color = colors.state(region.state)
        paint_state(painter, QRectF(0, top + (height - 16) / 2, 16, 16), region.state, color)
        painter.setPen(color)
        name = state_name(region.state)
        x = 16 + GRID // 2
        painter.drawText(QRectF(x, top, self.width() - x, height), Qt.AlignmentFlag.AlignVCenter, name)
        x += metrics.horizontalAdvance(name) + 2 * GRID
        painter.setPen(colors.warning if region.unsure else colors.muted)
        text = self.tr("? unsure, {certainty} certain") if region.unsure else self.tr("{certainty} certain")
        text = text.format(certainty=percent(item.certainty))
        painter.drawText(QRectF(x, top, self.width() - x, height), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
