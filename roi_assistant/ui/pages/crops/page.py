"""The crops of one category: spot those that do not belong, select them, and decide about all of them at once.

Or the look-alikes of a region that was decided about, to be called the same.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from PyQt6.QtCore import QCoreApplication, QEvent, QLocale, QModelIndex, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PyQt6.QtWidgets import QStackedLayout, QWidget

from roi_assistant.core.edits import Edit
from roi_assistant.core.records import Region
from roi_assistant.core.review import confirmed
from roi_assistant.storage.records import CategoryCount, CategoryFilter, CategoryRegion
from roi_assistant.ui.look.controls import EmptyState, viewport_of
from roi_assistant.ui.look.keys import pressed_key
from roi_assistant.ui.look.layouts import lay_column
from roi_assistant.ui.look.thumbnails import RegionCrops
from roi_assistant.ui.look.timers import single_shot
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.pages.crops.alike import AlikeBar, AlikeRows, alike_keys, read_alike
from roi_assistant.ui.pages.crops.bars import CropBar, DecisionBar, shown_category
from roi_assistant.ui.pages.crops.model import CropModel
from roi_assistant.ui.pages.crops.view import CropGridView
from roi_assistant.ui.pages.review_bars import KeyBar
from roi_assistant.ui.session import region_actions
from roi_assistant.ui.session.region_actions import JointDecision

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project
    from roi_assistant.ui.session.memory import LookAlikes
    from roi_assistant.ui.session.view import SessionView

MOST_AT_ONCE: Final = 2000
"""Regions that are decided in one step: storing them takes some seconds, in which nothing else is stored."""
_CTRL: Final = Qt.KeyboardModifier.ControlModifier
_APPLY: Final = "Apply to look-alikes"
_LABELS: Final = frozenset({"Accept", "Reject", "Set category", _APPLY})
"""Edits of the project as a whole that this page makes, and takes back."""


class CropsPage(QWidget):
    """A page: a grid of crops, which of them above it, what to do with the selected ones below."""

    openRequested = pyqtSignal(str, str)
    """Image and region that are to be shown on the canvas. The session has opened the image already."""
    alikeRequested = pyqtSignal(str, str)
    """Image and region, whose look-alikes are asked for."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked = 0
        self._is_reading = False
        self._is_changed = False
        self._is_begun = False
        """Whether the look-alikes were read: only the first time the likely ones are selected."""
        self._alike: LookAlikes | None = None
        """Of what look-alikes are shown; None: the crops of a category."""
        self.crops = RegionCrops(parent=self)
        self.bar = CropBar(self)
        self.alike_bar = AlikeBar(self)
        self.model = CropModel(session.store, self)
        self.view = CropGridView(self.crops, self)
        self.view.setModel(self.model)
        self.decision = DecisionBar(self)
        self.keys = KeyBar(_keys(), self)
        self.alike_keys = KeyBar(alike_keys(), self)
        self._empty = EmptyState(parent=self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        bars = (self.bar, self.alike_bar), (self.keys, self.alike_keys)
        lay_column(*bars[0], (self._stack, 1), self.decision, *bars[1], parent=self, margins=0, spacing=0)
        self._prepare_soon = single_shot(self, 0, self._prepare)
        self._connect()
        self._set_alike(None)

    def _connect(self) -> None:
        session = self._session
        self.bar.changed.connect(self._filter_changed)
        self.bar.left.connect(self.setFocus)
        self.view.sightChanged.connect(self._prepare_soon.start)
        self.model.dataChanged.connect(self._prepare_soon.start)
        self.view.selectedChanged.connect(self._show_selection)
        self.view.doubleClicked.connect(lambda _index: self.act("open"))
        for keys in (self.keys, self.alike_keys):
            keys.pressed.connect(self.act)
        self.decision.categoryChosen.connect(self._set_category)
        self.decision.left.connect(self.setFocus)
        for widget in (self, self.view):
            widget.installEventFilter(self)
        # Bound methods, which Qt lets go of with this page: a change of language makes the pages anew.
        session.projectOpened.connect(self._project_changed)
        session.projectClosed.connect(self._project_changed)
        self.crops.set_folder(session.folder)

    # Reading.

    def show_look_alikes(self, alike: LookAlikes) -> None:
        """Show regions that look alike; those that are likely to be the same thing are selected."""
        self._set_alike(alike)
        self._begin()

    def _set_alike(self, alike: LookAlikes | None) -> None:
        self._alike = alike
        is_alike = alike is not None
        if alike is not None:
            self.alike_bar.show_example(alike)
        for of_category, of_alike in ((self.bar, self.alike_bar), (self.keys, self.alike_keys)):
            of_category.setVisible(not is_alike)
            of_alike.setVisible(is_alike)
        self.view.set_toggling(is_alike)
        self._show()

    def show_category(self, name: str) -> None:
        """Show the crops of the category ``name`` in any state."""
        self._set_alike(None)
        self.bar.show_filter(replace(self.bar.filter, category=name, states=frozenset()))
        self._filter_changed(self.bar.filter)

    def reload(self, *, select: Sequence[int] = ()) -> None:
        """Read again which categories and regions there are. ``select`` are rows of the project file; without any, what
        is selected stays so."""
        if self._session.folder is None:
            return
        self._asked += 1
        self._is_reading = True
        self.model.forget()
        alike = self._alike
        if alike is not None:
            self._session.store.read(
                lambda project: read_alike(project, alike),
                partial(self._alike_arrived, self._asked, select=select),
                partial(self._failed, self._asked),
            )
            self._show()
            return
        self._session.store.read(
            partial(_read, flt=self.bar.filter, has_category=self.bar.has_category),
            partial(self._arrived, self._asked, select=select),
            partial(self._failed, self._asked),
        )
        self._show()

    def _arrived(
        self,
        asked: int,
        answer: tuple[list[CategoryCount], CategoryFilter | None, array[int]],
        *,
        select: Sequence[int],
    ) -> None:
        if asked != self._asked:
            return
        categories, flt, row_ids = answer
        self._is_reading = False
        self.bar.category.set_categories(categories, [category.suggested for category in categories])
        named = [category for category in categories if category.name]
        self.decision.line.set_categories(named, [category.regions for category in named])
        if flt is not None and not self.bar.has_category:
            self.bar.show_filter(flt)
        self._show_rows(row_ids, select=select)

    def _alike_arrived(self, asked: int, rows: AlikeRows, *, select: Sequence[int]) -> None:
        if asked == self._asked:
            self._is_reading = False
            is_new, self._is_begun = not self._is_begun, True
            self._show_rows(rows.row_ids, select=select or (rows.chosen if is_new else ()))

    def _show_rows(self, row_ids: array[int], *, select: Sequence[int]) -> None:
        current = max(self.view.currentIndex().row(), 0 if self._alike is not None else -1)
        kept = select or self._selected_row_ids()
        self.model.set_row_ids(row_ids)
        chosen = self.model.items_of(kept)
        self._show()
        self.view.select_items(chosen, current=min(chosen[0] if select and chosen else current, len(row_ids) - 1))

    def _failed(self, asked: int, error: Exception) -> None:
        if asked == self._asked:
            self._is_reading = False
            self._session.notice.emit("error", self.tr("The crops cannot be read. {}").format(translated(error)))
            self._show()

    def _filter_changed(self, _flt: CategoryFilter) -> None:
        self._begin()

    def _begin(self) -> None:
        """Other crops than before are shown from their beginning."""
        self._is_begun = False
        self.decision.tell("")
        self.view.clearSelection()
        self.view.setCurrentIndex(QModelIndex())
        self.view.scrollToTop()
        self.reload()

    def _project_changed(self, _summary: object = None) -> None:
        self.crops.set_folder(self._session.folder)
        self._asked += 1
        self._is_reading = self._is_changed = False
        self._set_alike(None)
        self.bar.reset()
        self.decision.tell("")
        self.model.clear()
        self._show()
        if self.isVisible():
            self.reload()

    # Showing.

    def _show(self) -> None:
        is_filled = bool(self.model.row_ids)
        if not is_filled:
            self._say()
        had_focus = self.hasFocus()
        self._stack.setCurrentIndex(int(is_filled))
        self.setFocusProxy(self.view if is_filled else None)  # without crops one can still undo
        if had_focus:
            self.setFocus()
        self._show_selection()

    def _say(self) -> None:
        name = shown_category(self.bar.filter.category)
        if self._session.folder is None:
            self._empty.set_message(self.tr("No folder is open"), self.tr("Open a folder of images to begin."))
        elif self._is_reading:
            self._empty.set_message(self.tr("Reading…"))
        elif self._alike is not None:
            self._empty.set_message(
                self.tr("No look-alike waits any more"), self.tr("Esc goes back, U takes the last decision back.")
            )
        elif not self.bar.has_category:
            self._empty.set_message(
                self.tr("No regions yet"),
                self.tr("Draw boxes on your images, or let the model caption boxes that you import."),
            )
        elif self.bar.filter.states == {"suggested"}:
            self._empty.set_message(
                self.tr("No “{category}” waits for review").format(category=name),
                self.tr("Choose another category above, or other states."),
            )
        else:
            self._empty.set_message(
                self.tr("No “{category}” here").format(category=name),
                self.tr("Choose another category above, or other states."),
            )

    def _show_selection(self) -> None:
        selected = self.view.selected_count
        count = None if self._is_reading else len(self.model.row_ids)
        self.bar.set_counts(count, selected)
        self.alike_bar.set_counts(count, selected)
        self.decision.set_count(min(selected, MOST_AT_ONCE))
        may, is_filled = not self._session.read_only, bool(self.model.row_ids)
        always = {"undo": may, "larger": True, "smaller": True}
        self.keys.enable(bool(selected) and may, open=bool(selected), alike=bool(selected), **always)
        self.alike_keys.enable(bool(selected) and may, open=is_filled, strike=is_filled, **always)
        for keys in (self.keys, self.alike_keys):
            keys.set_count("accept", min(selected, MOST_AT_ONCE))

    def _prepare(self) -> None:
        """Read the regions in sight and those after them, and make the crops of those that are read."""
        in_sight = self.view.in_sight()
        ahead = range(in_sight.stop, min(in_sight.stop + len(in_sight), len(self.model.row_ids)))
        self.model.want((*in_sight, *ahead))
        regions = [found for item in (*in_sight, *ahead) if (found := self.model.region(item)) is not None]
        order: dict[str, int] = {}
        for found in regions:
            order.setdefault(found.image, len(order))
        # All crops of an image together, so that it is decoded once.
        self.crops.want(self.view.crop_key(found) for found in sorted(regions, key=lambda found: order[found.image]))

    def _selected_row_ids(self) -> list[int]:
        return [self.model.row_ids[item] for item in self.view.selected_items()]

    # Deciding.

    def act(self, command: str) -> None:
        """Do what a key says: accept, reject, category, undo, redo, open, all, larger, smaller, alike; of look-alikes
        accept means as the region that they look like, and reject (or strike) only not to choose one."""
        if command == "strike" or (command == "reject" and self._alike is not None):
            self.view.toggle_current()
        elif command == "accept" and self._alike is not None:
            self._decide(_APPLY, self._alike.named)
        elif command == "category" and self._alike is not None:
            return  # these are all to be called the same
        elif command == "alike":
            self._ask_alike()
        elif command == "accept":
            self._decide("Accept", lambda region: _accepted(region, self._session.edits.with_acceptance))
        elif command == "reject":
            self._decide("Reject", _reject)
        elif command == "category":
            if self._may_decide():
                self.decision.ask_category()
        elif command in ("undo", "redo"):
            self._take_back("undo" if command == "undo" else "redo")
        elif command == "open":
            self._open()
        elif command == "all":
            self.view.selectAll()
        elif command in ("larger", "smaller"):
            self.view.step_size(1 if command == "larger" else -1)

    def _may_decide(self) -> bool:
        if not self.view.selected_count:
            self.decision.tell(self.tr("Select crops first: click them, drag around them, or press Ctrl+A for all."))
        return bool(self.view.selected_count) and self._session.store.may_edit()

    def _set_category(self, name: str) -> None:
        self.setFocus()
        name = self._session.categories.spelled(name)
        self._decide("Set category", lambda region: region_actions.set_category(region, name))

    def _decide(self, label: str, act: Callable[[Region], Region]) -> None:
        """Apply ``act`` to the selected regions as one step."""
        if not self._may_decide():
            return
        items = self.view.selected_items(most=MOST_AT_ONCE)
        row_ids = [self.model.row_ids[item] for item in items]
        decided: list[JointDecision] = []
        fitted = self._session.categories.fitted

        def make(project: Project) -> list[Edit]:
            decided.append(region_actions.decide_stored(project, label, row_ids, act, fitted=fitted))
            return [edit for decision in decided if (edit := decision.edit) is not None]

        self.decision.tell(self.tr("Storing {count} decisions…").format(count=self.locale().toString(len(row_ids))))
        self.view.deselect_items(items)
        self._session.history.store_edits(make, lambda: self._decided(label, decided[0]), self._not_stored)

    def _decided(self, label: str, decision: JointDecision) -> None:
        self.decision.tell(_decision_text(label, decision, more=self.view.selected_count))
        if decision.edit is None:
            return
        self._is_changed = True
        # No caption brings the category from now on: the box was wrong, not what the project calls such things.
        self._session.edits.earlier.outdate()
        self.model.replace_regions(decision.regions)
        gone = {row_id for row_id, region in decision.regions.items() if not self._belongs(region)}
        if gone:
            selected = self._selected_row_ids()
            current = self.view.currentIndex().row()
            before = self.model.row_ids[:current] if current > 0 else ()
            self.model.remove(gone)
            current -= sum(row_id in gone for row_id in before)
            self._show()
            self.view.select_items(self.model.items_of(selected), current=min(current, len(self.model.row_ids) - 1))
        self.view.sightChanged.emit()
        viewport_of(self.view).update()

    def _belongs(self, region: Region) -> bool:
        """Whether a region is still shown."""
        return region.state == "suggested" if self._alike is not None else _belongs(region, self.bar.filter)

    def _take_back(self, way: Literal["undo", "redo"]) -> None:
        """Undo or redo the last step that was made here, and select its regions."""
        if not self._session.store.may_edit():
            return
        edits: list[Edit] = []
        row_ids: list[int] = []

        def make(project: Project) -> list[Edit]:
            edit = region_actions.take_back_stored(project, _LABELS, way)
            if edit is not None:
                edits.append(edit)
                row_ids.extend(project.region_row_ids((change.image, change.region_id) for change in edit.regions))
            return edits

        def done() -> None:
            if not edits:
                self.decision.tell(self.tr("There is nothing to take back here."))
                return
            self._is_changed = True
            text = (
                self.tr("Taken back: {edit}, {count} regions") if way == "undo" else self.tr("{edit}, {count} regions")
            )
            label = QCoreApplication.translate("Edits", edits[0].label)
            self.decision.tell(text.format(edit=label, count=self.locale().toString(len(edits[0].regions))))
            self.reload(select=row_ids)

        self._session.history.store_edits(make, done, self._not_stored)

    def _not_stored(self, error: Exception) -> None:
        self.decision.tell("")
        self._session.notice.emit("error", self.tr("Nothing was changed. {}").format(translated(error)))
        self.reload()

    # Opening an image, or look-alikes.

    def _ask_alike(self) -> None:
        record = self._current_region()
        if record is not None and self._alike is None:
            self.alikeRequested.emit(record.image, record.region.id)

    def _current_region(self) -> CategoryRegion | None:
        items = self.view.selected_items()
        current = self.view.currentIndex().row()
        is_current = self._alike is not None or current in items or not items
        return self.model.region(current if is_current else items[-1])

    def _open(self) -> None:
        record = self._current_region()
        if record is None:
            return
        self._session.open_image(record.image, region=record.region.id)
        self.openRequested.emit(record.image, record.region.id)

    # Keys.

    _KEYS: Final = {
        (Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier): "accept",
        (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier): "accept",
        (Qt.Key.Key_Enter, Qt.KeyboardModifier.NoModifier): "accept",
        (Qt.Key.Key_X, Qt.KeyboardModifier.NoModifier): "reject",
        (Qt.Key.Key_T, Qt.KeyboardModifier.NoModifier): "category",
        (Qt.Key.Key_C, Qt.KeyboardModifier.NoModifier): "category",
        (Qt.Key.Key_Z, Qt.KeyboardModifier.NoModifier): "undo",
        (Qt.Key.Key_U, Qt.KeyboardModifier.NoModifier): "undo",
        (Qt.Key.Key_Z, _CTRL): "undo",
        (Qt.Key.Key_Z, _CTRL | Qt.KeyboardModifier.ShiftModifier): "redo",
        (Qt.Key.Key_Y, _CTRL): "redo",
        (Qt.Key.Key_O, Qt.KeyboardModifier.NoModifier): "open",
        (Qt.Key.Key_Y, Qt.KeyboardModifier.NoModifier): "alike",
        (Qt.Key.Key_A, _CTRL): "all",
        (Qt.Key.Key_Plus, Qt.KeyboardModifier.NoModifier): "larger",
        (Qt.Key.Key_Plus, Qt.KeyboardModifier.ShiftModifier): "larger",
        (Qt.Key.Key_Equal, Qt.KeyboardModifier.NoModifier): "larger",
        (Qt.Key.Key_Minus, Qt.KeyboardModifier.NoModifier): "smaller",
    }

    def _command(self, event: QKeyEvent) -> str:
        """The command of a key that was pressed in the grid, "" for none."""
        pressed = pressed_key(event)
        return self._KEYS.get((pressed.key(), pressed.keyboardModifiers()), "") if self.hasFocus() else ""

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        # Before the view, for which letters are a search and Enter opens an item.
        if isinstance(event, QKeyEvent) and (command := self._command(event)):
            if event.type() == QEvent.Type.KeyPress:
                self.act(command)
            event.accept()  # of ShortcutOverride, too: else the window's own shortcuts with these keys would run
            return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self.setFocus()
        self.reload()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        is_minimized = event is not None and event.spontaneous()
        if self._alike is not None and not is_minimized:  # who comes back asks for the crops of a category
            self._set_alike(None)
            self.model.clear()
        if self._is_changed and self._session.folder is not None:
            self._is_changed = False
            self._session.images.refresh()  # the badges of images whose regions were decided about here

    def close_pictures(self) -> None:
        """End the threads that make the crops."""
        self.crops.close()


def _read(
    project: Project, *, flt: CategoryFilter, has_category: bool
) -> tuple[list[CategoryCount], CategoryFilter | None, array[int]]:
    """The categories, and the regions that ``flt`` chooses; without a category, those of the one with most to review,
    in any state when nothing waits."""
    categories = project.categories_with_regions()
    if not has_category:
        first = next((category for category in categories if category.name), None)
        if first is None:
            return categories, None, array("q")
        flt = replace(flt, category=first.name, states=flt.states if first.suggested else frozenset())
    return categories, flt, project.category_region_ids(flt)


def _accepted(region: Region, act: Callable[[Region], Region]) -> Region:
    """What was decided already, every field of it, stays as it is; ``act`` accepts the others."""
    if region.state in ("accepted", "edited") and confirmed(region) == region:
        return region
    return act(region)


def _reject(region: Region) -> Region:
    return region if region.state == "rejected" else region_actions.reject(region)


def _belongs(region: Region, flt: CategoryFilter) -> bool:
    """Whether ``flt`` still chooses the region."""
    return (region.category or "") == flt.category and (not flt.states or region.state in flt.states)


def _decision_text(label: str, decision: JointDecision, *, more: int) -> str:
    """``17 accepted, 2 locked``; ``more`` are still selected."""
    translate, locale = QCoreApplication.translate, QLocale()
    texts = {
        "Accept": translate("CropsPage", "{} accepted"),
        "Reject": translate("CropsPage", "{} rejected"),
        "Set category": translate("CropsPage", "{} got the category"),
        _APPLY: translate("CropsPage", "{} accepted"),
    }
    changed = len(decision.edit.regions) if decision.edit is not None else 0
    parts = [texts[label].format(locale.toString(changed))]
    if same := len(decision.regions) - changed:
        parts.append(translate("CropsPage", "{} unchanged").format(locale.toString(same)))
    if decision.locked:
        parts.append(translate("CropsPage", "{} locked").format(locale.toString(decision.locked)))
    if decision.empty:
        parts.append(translate("CropsPage", "{} without words").format(locale.toString(decision.empty)))
    if decision.unlisted:
        told = translate("CropsPage", "{} of a category that is not in the list of the project")
        parts.append(told.format(locale.toString(decision.unlisted)))
    text = ", ".join(parts)
    if more:
        again = translate("CropsPage", "{} more are selected: press the key again.").format(locale.toString(more))
        text = f"{text}. {again}"
    return text


def _keys() -> tuple[tuple[str, str, str], ...]:
    translate = QCoreApplication.translate
    return (
        ("accept", translate("KeyBar", "Accept"), "A"),
        ("reject", translate("KeyBar", "Reject"), "X"),
        ("category", translate("KeyBar", "Category"), "T"),
        ("", "", ""),
        ("undo", translate("KeyBar", "Undo"), "U"),
        ("", "", ""),
        ("smaller", translate("KeyBar", "Smaller"), "-"),
        ("larger", translate("KeyBar", "Larger"), "+"),
        ("alike", translate("KeyBar", "Look-alikes"), "Y"),
        ("open", translate("KeyBar", "Open"), "O"),
    )
