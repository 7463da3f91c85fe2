"""The chips above the image list: review state, problem, category, attribute, model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QPoint, pyqtSignal
from PyQt6.QtWidgets import QMenu, QSizePolicy, QWidget

from roi_assistant.core.records import ReviewState
from roi_assistant.core.schema import NO, YES
from roi_assistant.storage.records import ImageFilter
from roi_assistant.ui.docks.region_model import state_name
from roi_assistant.ui.look.controls import Chip, FlowLayout, add_choice
from roi_assistant.ui.look.marks import note_icon, nothing_icon, warning_icon
from roi_assistant.ui.look.palette import look, small_font, state_icon
from roi_assistant.ui.look.palette_change import on_palette_change

if TYPE_CHECKING:
    from roi_assistant.ui.session.view import SessionView

_STATES: Final[tuple[ReviewState, ...]] = ("suggested", "accepted", "edited", "rejected")
MOST_CATEGORIES: Final = 400
"""Entries of the category menu; rarer ones are found by typing into the search box."""


class ImageFilters(QWidget):
    """Chips that make up an ``ImageFilter``; its text belongs to the search box."""

    changed = pyqtSignal(object)
    """The ImageFilter after a chip was clicked."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._filter = ImageFilter()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        flow = self._flow = FlowLayout(self)
        self.states: dict[ReviewState, Chip] = {}
        for state in _STATES:
            chip = Chip("", self)
            name = self.tr("Images with regions that are {state}").format(state=state_name(state))
            chip.setAccessibleName(name)
            chip.setToolTip(name)
            chip.clicked.connect(lambda _checked, state=state: self._toggle_state(state))
            chip.setFont(small_font(self.font()))
            self.states[state] = chip
            flow.addWidget(chip)
        self.problem = Chip("", self)
        self.problem.setAccessibleName(self.tr("Images with a problem"))
        self.problem.setToolTip(self.tr("Images that cannot be read"))
        self.problem.clicked.connect(lambda checked: self._set(replace(self._filter, problem=checked)))
        self.reviewed_empty = self._mark_chip(self.tr("Images with nothing to box, as a person decided"))
        self.reviewed_empty.clicked.connect(lambda checked: self._set(replace(self._filter, reviewed_empty=checked)))
        self.note = self._mark_chip(self.tr("Images with a note"))
        self.note.clicked.connect(lambda checked: self._set(replace(self._filter, note=checked)))
        self.category = Chip(self.tr("Category"), self)
        self.category.clicked.connect(self._choose_category)
        self.attribute = Chip(self.tr("Attribute"), self)
        self.attribute.clicked.connect(self._choose_attribute)
        self.model = Chip(self.tr("Model"), self)
        self.model.clicked.connect(self._choose_model)
        for chip in (self.problem, self.reviewed_empty, self.note, self.category, self.attribute, self.model):
            chip.setFont(small_font(self.font()))
            flow.addWidget(chip)
        self._icons()
        on_palette_change(self, self._icons)
        self.show_filter(ImageFilter())

    def add(self, chip: Chip) -> None:
        """Put another chip behind those of the filter."""
        chip.setFont(small_font(self.font()))
        self._flow.addWidget(chip)

    def show_filter(self, flt: ImageFilter) -> None:
        """Show ``flt``, from wherever it comes."""
        self._filter = flt
        for state, chip in self.states.items():
            chip.setChecked(state in flt.states)
        self.problem.setChecked(flt.problem)
        self.reviewed_empty.setChecked(flt.reviewed_empty)
        self.note.setChecked(flt.note)
        attribute = ": ".join(part for part in flt.attribute if part) if flt.attribute else None
        _show_choice(self.category, flt.category, self.tr("Category"))
        _show_choice(self.attribute, attribute, self.tr("Attribute"))
        _show_choice(self.model, flt.model, self.tr("Model"))

    def _mark_chip(self, name: str) -> Chip:
        chip = Chip("", self)
        chip.setAccessibleName(name)
        chip.setToolTip(name)
        return chip

    def _set(self, flt: ImageFilter) -> None:
        self.show_filter(flt)
        self.changed.emit(flt)

    def _toggle_state(self, state: ReviewState) -> None:
        self._set(replace(self._filter, states=self._filter.states ^ {state}))

    def _choose_category(self) -> None:
        self.show_filter(self._filter)  # a click checks the chip, but only a choice filters
        self._session.store.read(
            lambda project: tuple(project.category_ids())[:MOST_CATEGORIES],
            lambda names: self._menu(
                self.category,
                sorted(names, key=str.casefold),
                self._filter.category,
                lambda name: self._set(replace(self._filter, category=name)),
            ),
        )

    def _choose_model(self) -> None:
        self.show_filter(self._filter)
        self._session.store.read(
            lambda project: project.models(),
            lambda names: self._menu(
                self.model,
                names,
                self._filter.model,
                lambda name: self._set(replace(self._filter, model=name)),
            ),
        )

    def _choose_attribute(self) -> None:
        self.show_filter(self._filter)
        menu = QMenu(self)
        self._any(menu, self._filter.attribute is None, lambda: self._set(replace(self._filter, attribute=None)))
        for definition in self._session.schema.attributes:
            values = (YES, NO) if definition.kind == "boolean" else definition.values
            if not values:
                self._entry(menu, definition.name, (definition.name, ""))
                continue
            sub = menu.addMenu(definition.name)
            assert sub is not None
            self._entry(sub, self.tr("Any value"), (definition.name, ""))
            sub.addSeparator()
            for value in values:
                self._entry(sub, value, (definition.name, value))
        menu.popup(self.attribute.mapToGlobal(QPoint(0, self.attribute.height())))

    def _entry(self, menu: QMenu, text: str, attribute: tuple[str, str]) -> None:
        add_choice(
            menu,
            text,
            checked=self._filter.attribute == attribute,
            choose=lambda: self._set(replace(self._filter, attribute=attribute)),
        )

    def _any(self, menu: QMenu, checked: bool, choose: Callable[[], None]) -> None:
        add_choice(menu, self.tr("Any"), checked=checked, choose=choose)
        menu.addSeparator()

    def _menu(self, chip: Chip, names: Sequence[str], chosen: str | None, choose: Callable[[str | None], None]) -> None:
        menu = QMenu(self)
        self._any(menu, chosen is None, lambda: choose(None))
        for name in names:
            add_choice(menu, name, checked=name == chosen, choose=partial(choose, name))
        if not names:
            action = menu.addAction(self.tr("None in this project yet"))
            assert action is not None
            action.setEnabled(False)
        menu.popup(chip.mapToGlobal(QPoint(0, chip.height())))

    def _icons(self) -> None:
        colors = look(self.palette())
        for state, chip in self.states.items():
            chip.setIcon(state_icon(state, colors.state(state)))
        self.problem.setIcon(warning_icon(colors.warning))
        self.reviewed_empty.setIcon(nothing_icon(colors.accepted))
        self.note.setIcon(note_icon(colors.text))


def _show_choice(chip: Chip, chosen: str | None, name: str) -> None:
    chip.setChecked(chosen is not None)
    chip.setText(f"{chosen if chosen is not None else name} ▾")
    described = f"{name}: {chosen}" if chosen is not None else name
    chip.setAccessibleName(described)
    chip.setToolTip(described)
    chip.updateGeometry()
