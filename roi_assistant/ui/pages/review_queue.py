"""The review queue: all suggestions of the project, one after the other, one key each."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QEvent, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PyQt6.QtWidgets import QSizePolicy, QStackedLayout, QWidget

from roi_assistant.core.answers import take_answer
from roi_assistant.core.records import Region
from roi_assistant.core.review import alternatives, shows_general_word
from roi_assistant.core.times import now
from roi_assistant.errors import RoiAssistantError
from roi_assistant.storage.records import QueueFilter, QueueItem, ReviewCounts
from roi_assistant.ui.docks.provenance import provenance_line
from roi_assistant.ui.docks.region_form import RegionForm
from roi_assistant.ui.look.controls import EmptyState
from roi_assistant.ui.look.keys import pressed_key
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.palette import GRID
from roi_assistant.ui.look.palette_change import on_palette_change
from roi_assistant.ui.look.thumbnails import RegionCrops
from roi_assistant.ui.look.timers import single_shot
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.pages.review_bars import KeyBar, QueueBar, StateLine, queue_keys
from roi_assistant.ui.pages.review_crop import CropView
from roi_assistant.ui.pages.review_deck import ReviewDeck, change_stored
from roi_assistant.ui.session import region_actions
from roi_assistant.ui.session.edits import TAKE

if TYPE_CHECKING:
    from roi_assistant.ui.session.view import SessionView

PAGE: Final = 100
TEACHING_PAGE: Final = 25
"""Of the order in which suggestions teach most: the next page knows what the decisions about this one taught."""
PREPARED: Final = 3
"""Close-ups that are made before they are needed."""
_SIDE: Final = 400


class ReviewQueue(QWidget):
    """A page: the region at the left, what the model says about it at the right, keys below."""

    openRequested = pyqtSignal(str, str)
    """Image and region that are to be shown on the canvas: O. The session has opened the image already."""
    alikeRequested = pyqtSignal(str, str)
    """Image and region that was decided last, whose look-alikes are asked for: Y."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.deck = ReviewDeck()
        self._filter = QueueFilter(limit=PAGE)
        self._counts = ReviewCounts()
        self._decided_since = 0
        self._asked = 0
        self._loading = False
        self._elsewhere = False
        self.crops = RegionCrops(parent=self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.bar = QueueBar(session, self)
        self.crop = CropView(self.crops, self)
        self.keys = KeyBar(queue_keys(), self)
        self.state = StateLine(self)
        margins = (2 * GRID, GRID, 2 * GRID, GRID)
        self.form = RegionForm(session, self.state, origin_beside=False, gap=GRID, margins=margins, parent=self)
        self.form.setFixedWidth(_SIDE)
        self.form.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.caption, self.origin, self.alternatives = self.form.caption, self.form.origin, self.form.alternatives
        self.category, self.attributes = self.form.category, self.form.attributes
        self._empty = EmptyState(parent=self)
        self._lay_out()
        self._connect()
        # Marks are painted in the colors of the palette.
        on_palette_change(self, single_shot(self, 0, self._show).start)
        self._ticker = QTimer(self)
        self._ticker.setInterval(5000)
        self._ticker.timeout.connect(self._tell)
        self._show()

    def _lay_out(self) -> None:
        middle = QWidget(self)
        lay_row((self.crop, 1), self.form, parent=middle, margins=0, spacing=0)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(middle)
        lay_column(self.bar, (self._stack, 1), self.keys, parent=self, margins=0, spacing=0)

    def _connect(self) -> None:
        session = self._session
        self.bar.changed.connect(self._set_filter)
        self.bar.left.connect(self.setFocus)
        self.keys.pressed.connect(self.act)
        self.caption.committed.connect(lambda _id, text: self._edit_caption(text))
        self.caption.left.connect(self._editing_ended)
        self.alternatives.chosen.connect(self._choose)
        self.form.second.allTaken.connect(self._take_answer)
        self.form.second.leftKept.connect(lambda: self.act("accept"))
        self.form.second.partTaken.connect(self._take_part)
        self.category.chosen.connect(self._set_category)
        self.category.follow(session.categories)
        self.category.left.connect(self.setFocus)
        self.category.stepped.connect(self._leave_category)
        self.attributes.left.connect(self.setFocus)
        self.attributes.valuesChosen.connect(self._set_attribute)
        self.attributes.listExtended.connect(self._extend_list)
        # Bound methods, which Qt lets go of with this page: a change of language makes the pages anew.
        session.projectOpened.connect(self._project_changed)
        session.projectClosed.connect(self._project_changed)
        session.attributes.changed.connect(self._schema_changed)
        session.edits.earlier.changed.connect(self._show_offers)
        self._schema_changed(session.schema)
        self.crops.set_folder(session.folder)

    # Reading.

    def reload(self) -> None:
        """Read the queue from its beginning."""
        self.deck.clear()
        self._decided_since = 0
        self._loading = False
        self._fetch()
        self._session.store.read(lambda project: project.review_counts(), self._counted)

    def _fetch(self) -> None:
        if self._loading or self._session.folder is None:
            return
        self._loading = True
        self._asked += 1
        asked = self._asked
        after = self.deck.items[-1].cursor if self.deck.items else None
        flt = replace(self._filter, after=after)
        self._session.store.read(
            lambda project: project.review_queue(flt),
            lambda items: self._arrived(asked, items),
            lambda error: self._fetch_failed(asked, error),
        )

    def _arrived(self, asked: int, items: list[QueueItem]) -> None:
        if asked != self._asked:
            return
        self._loading = False
        had = self.deck.current is not None
        self.deck.add(items, limit=self._filter.limit)
        if not had:
            self._show()

    def _fetch_failed(self, asked: int, error: Exception) -> None:
        if asked == self._asked:
            self._loading = False
            self._session.notice.emit("error", self.tr("The review queue cannot be read. {}").format(error))

    def _counted(self, counts: ReviewCounts) -> None:
        self._counts, self._decided_since = counts, 0
        self.bar.set_models(tuple(counts.to_review_by_model))
        self._tell()
        if self.deck.current is None:
            self._show()

    def _set_filter(self, flt: QueueFilter) -> None:
        self._filter = replace(flt, limit=TEACHING_PAGE if flt.order == "teaches" else PAGE, after=None)
        self._asked += 1
        self.reload()

    def _project_changed(self, _summary: object = None) -> None:
        self.crops.set_folder(self._session.folder)
        self._counts = ReviewCounts()
        self.deck = ReviewDeck()
        self._asked += 1
        self._filter = QueueFilter(limit=PAGE)
        self.bar.reset()
        self._show()
        if self.isVisible():
            self.reload()

    def _schema_changed(self, schema: object) -> None:
        self.form.set_schema(self._session.schema)
        item = self.deck.current
        self.attributes.set_region(item.region if item else None)

    # Showing.

    def _show(self) -> None:
        item = self.deck.current
        if item is None:
            self.form.clear()
            self.crop.clear()
            self._say()
        else:
            region = item.region
            self.state.show_item(item)
            nothing = provenance_line(None, score=None, general=shows_general_word(region))
            self.form.show_region(region, key=f"{item.image}\n{region.id}", without_caption=nothing)
            self._show_offers()
            upcoming = [(after.image, after.region.box) for after in self.deck.upcoming(PREPARED)]
            self.crop.show_region(item.image, region.box, upcoming)
            self.crop.setAccessibleName(self.tr("Region of {image}").format(image=item.image))
        self._stack.setCurrentIndex(0 if item is None else 1)
        may = not self._session.read_only
        for widget in (self.caption, self.alternatives, self.category, self.attributes):
            widget.setEnabled(may)
        self.form.second.set_enabled(may)
        self.keys.enable(
            item is not None and may,
            undo=bool(self.deck.decisions),
            alike=bool(self.deck.decisions),
            previous=self.deck.place > 0,
            left=may and self.form.second.index >= 0,
            right=may and self.form.second.index >= 0,
        )
        self._tell()
        if self.deck.wants_more and self.deck.items:
            self._fetch()

    def _show_offers(self) -> None:
        item = self.deck.current
        if item is not None:
            earlier, own = self._session.edits.earlier.of(item.region), alternatives(item.region)
            phrases = (*earlier, *(caption.text for caption in own))
            self.form.show_offers(item.region, self._session.edits.offers(item.region), phrases)

    def _say(self) -> None:
        filtered = self._filter != QueueFilter(limit=self._filter.limit, order=self._filter.order)
        if self._session.folder is None:
            self._empty.set_message(self.tr("No folder is open"), self.tr("Open a folder of images to begin."))
        elif self._loading:
            self._empty.set_message(self.tr("Reading the queue…"))
        elif self.deck.items:
            self._empty.set_message(
                self.tr("That was the last one"), self.tr("K goes back, U takes the last one back.")
            )
        elif filtered:
            self._empty.set_message(self.tr("No suggestion matches"), self.tr("Change the filters above."))
        else:
            self._empty.set_message(
                self.tr("Nothing to review"),
                self.tr("All suggestions are decided. Draw boxes, or caption all boxes, to get more."),
            )

    def _tell(self) -> None:
        left = max(0, self._counts.to_review - self._decided_since)
        if self._filter.model is not None:
            left = max(0, self._counts.to_review_by_model.get(self._filter.model, 0) - self._decided_since)
        self.bar.set_progress(self.deck.done, self.deck.pace(time.monotonic()), left)

    # Deciding.

    def act(self, key: str) -> None:
        """Do what a key of the bar says: accept, edit, reject, undo, next, previous, open, alike, left, right."""
        if key == "next":
            self._leave(1)
        elif key == "previous":
            self._leave(-1)
        elif key == "undo":
            self._undo()
        elif key == "alike":
            if self.deck.decisions:
                self.alikeRequested.emit(self.deck.decisions[-1].image, self.deck.decisions[-1].region_id)
        elif self.deck.current is None:
            return
        elif key == "left":
            if self.form.second.index >= 0:
                self.act("accept")
        elif key == "right":
            self._take_answer(self.form.second.index)
        elif key == "accept":
            self._decide("Accept", self._session.edits.with_acceptance)
        elif key == "reject":
            self._decide("Reject", region_actions.reject)
        elif key == "edit":
            self.form.focus_caption()
        elif key == "category":
            self.form.focus_category()
        elif key == "open":
            self._open()

    def _leave(self, step: int) -> None:
        if self.deck.step(step):
            self._show()

    def _choose(self, index: int) -> None:
        item = self.deck.current
        if item is not None and 0 <= index < len(offered := self._session.edits.offers(item.region)):
            self.caption.revert()
            self._decide("Choose alternative", lambda region: self._session.edits.with_offer(region, offered, index))

    def _take_answer(self, index: int) -> None:
        if index >= 0:
            self.caption.revert()
            self._decide(TAKE, lambda region: take_answer(region, index, at=now()))

    def _take_part(self, index: int, part: region_actions.AnswerPart, name: str) -> None:
        self.caption.revert()
        self._decide(TAKE, lambda region: region_actions.take_part(region, index, part, name), stay=True)

    def _edit_caption(self, text: str) -> None:
        self._decide("Edit caption", lambda region: self._session.edits.with_caption(region, text), stay=True)

    def _editing_ended(self) -> None:
        item = self.deck.current
        self.setFocus()
        if item is not None and self.caption.was_kept:
            if item.region.state == "suggested":  # Enter on unchanged words: they are right as they are
                self._decide("Accept", self._session.edits.with_acceptance)
            else:
                self._leave(1)

    def _set_category(self, _id: str, name: str) -> None:
        self._decide("Set category", lambda region: self._session.edits.with_category(region, name), stay=True)

    def _leave_category(self, _step: int) -> None:
        self.category.commit()
        self.setFocus()

    def _set_attribute(self, name: str, values: tuple[str, ...]) -> None:
        schema = self._session.schema
        self._decide(
            "Set attribute", lambda region: region_actions.set_attribute(region, name, values, schema), stay=True
        )

    def _extend_list(self, name: str, values: tuple[str, ...]) -> None:
        item = self.deck.current
        if item is not None and not item.region.locked:
            self._session.edits.extend_list(name, values)
        self._set_attribute(name, values)

    def _decide(self, label: str, change: Callable[[Region], Region], *, stay: bool = False) -> None:
        """Change the current region, at once here and as an edit in the project, and go on unless ``stay``."""
        item = self.deck.current
        if item is None or self._session.read_only:
            return
        if item.region.locked:
            self._session.notice.emit("info", self.tr("This region is locked: open it (O) and unlock it first."))
            return
        try:
            after = self._session.categories.fitted(item.region, change(item.region))
        except RoiAssistantError as error:
            self._session.notice.emit("error", translated(error))
            return
        if after == item.region:
            if not stay:
                self._leave(1)
            return
        before = item.region
        decision = self.deck.decide(after, label=label, at=time.monotonic())
        self._decided_since += bool(decision and decision.counts)
        if not stay:
            self.deck.step(1)
        self._show()

        def stored(result: Region | None) -> None:
            if result is None and decision is not None and self.deck.withdraw(decision) is not None:
                self._decided_since -= decision.counts
                self._session.notice.emit(
                    "warning", self.tr("This region was changed in the meantime; the queue was read again.")
                )
                self.reload()

        def failed(error: Exception) -> None:
            if decision is not None and self.deck.withdraw(decision) is not None:
                self._decided_since -= decision.counts
                self._session.notice.emit(
                    "error",
                    self.tr("The decision on {image} was not stored. {why}").format(image=item.image, why=error),
                )
                self._show()

        image = item.image
        if image == self._session.image.key:

            def act(region: Region) -> Region:
                if region != before:
                    QTimer.singleShot(0, lambda: stored(None))
                    return region
                return after

            self._session.edits.change(label, (before.id,), act)
        else:
            self._elsewhere = True
            self._session.store.change(
                lambda project: change_stored(project, image, before, label, lambda _region: after), stored, failed
            )

    def _undo(self) -> None:
        decision = self.deck.take_back()
        if decision is None:
            return
        self._decided_since -= decision.counts
        self._session.history.undo(decision.image)
        self._show()

    def _open(self) -> None:
        item = self.deck.current
        if item is None:
            return
        self._session.open_image(item.image, region=item.region.id)
        self.openRequested.emit(item.image, item.region.id)

    # Keys.

    _KEYS: Final = {
        Qt.Key.Key_Return: "accept",
        Qt.Key.Key_Enter: "accept",
        Qt.Key.Key_A: "accept",
        Qt.Key.Key_E: "edit",
        Qt.Key.Key_X: "reject",
        Qt.Key.Key_C: "category",
        Qt.Key.Key_J: "next",
        Qt.Key.Key_Down: "next",
        Qt.Key.Key_Right: "next",
        Qt.Key.Key_K: "previous",
        Qt.Key.Key_Up: "previous",
        Qt.Key.Key_Left: "previous",
        Qt.Key.Key_U: "undo",
        Qt.Key.Key_O: "open",
        Qt.Key.Key_Y: "alike",
        Qt.Key.Key_L: "left",
        Qt.Key.Key_R: "right",
    }

    def _command(self, event: QKeyEvent) -> str:
        pressed = pressed_key(event)
        key, modifiers = pressed.key(), pressed.keyboardModifiers()
        if modifiers == Qt.KeyboardModifier.ControlModifier and key == Qt.Key.Key_Z:
            return "undo"
        if modifiers != Qt.KeyboardModifier.NoModifier:
            return ""
        if Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            return str(key - Qt.Key.Key_0)
        return self._KEYS.get(key, "")

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._command(event):
            event.accept()  # else the window's own shortcuts with these keys would run
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        command = self._command(event)
        if command.isdigit():
            self._choose(int(command) - 1)
        elif command:
            self.act(command)
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self.setFocus()
        self._ticker.start()
        self.reload()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self._ticker.stop()
        if self._elsewhere and self._session.folder is not None:
            self._elsewhere = False
            self._session.images.refresh()  # the badges of images that were decided about here

    def close_pictures(self) -> None:
        """End the threads that make close-ups."""
        self.crops.close()
