"""The editor of the selected region: caption, alternatives, category, attributes, decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PyQt6.QtWidgets import (
    QPushButton,
    QStackedLayout,
    QToolButton,
    QWidget,
)

from roi_assistant.core.records import Region
from roi_assistant.core.review import alternatives, preferred_caption
from roi_assistant.ui.docks.region_form import RegionForm
from roi_assistant.ui.docks.region_model import state_name
from roi_assistant.ui.look.controls import EmptyState
from roi_assistant.ui.look.drawn_text import elided
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.marks import lock_icon
from roi_assistant.ui.look.palette import GRID, chip_size, look, paint_chip, paint_state, small_font, state_icon
from roi_assistant.ui.look.palette_change import on_palette_change

if TYPE_CHECKING:
    from roi_assistant.ui.session.region_actions import AnswerPart
    from roi_assistant.ui.session.view import SessionView


_REMEMBERED = 200
"""Captions that were typed and may be proposed."""


class RegionEditor(QWidget):
    """Edits the one selected region; with several selected it decides about all of them."""

    left = pyqtSignal()
    """What was typed is kept or taken back: the keyboard may go back to the picture."""
    stepped = pyqtSignal(int)
    """Tab while a field offers words: the next region is wanted, or with -1 the one before."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._region: Region | None = None
        self._written: dict[str, None] = {}
        """Captions that were typed since the folder was opened, the latest last."""
        self.head = _Head(self)
        self.form = RegionForm(session, self.head, origin_beside=True, gap=GRID // 2, margins=GRID, parent=self)
        self.caption, self.origin, self.alternatives = self.form.caption, self.form.origin, self.form.alternatives
        self.category, self.attributes = self.form.category, self.form.attributes
        self.accept = QPushButton(self.tr("Accept"), self)
        self.accept.setToolTip(self.tr("Accept what stands here (Enter)"))
        self.reject = QPushButton(self.tr("Reject"), self)
        self.reject.setToolTip(self.tr("Reject it (X)"))
        self.reopen = QPushButton(self.tr("Reopen"), self)
        self.reopen.setToolTip(self.tr("Back to be reviewed"))
        self.lock = QToolButton(self)
        self.lock.setCheckable(True)
        self.lock.setAutoRaise(True)
        self.lock.setAccessibleName(self.tr("Lock the box"))
        self.lock.setToolTip(self.tr("Lock: the region is neither moved nor changed"))
        self._message = EmptyState(parent=self)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._message)
        self._stack.addWidget(self.form)
        lay_column((self._stack, 1), self._decision(), parent=self, margins=0, spacing=0)
        self._connect()
        self._icons()
        on_palette_change(self, self._icons)
        on_palette_change(self, self.refresh)
        self._show_schema()
        self.refresh()

    def _decision(self) -> QWidget:
        bar = QWidget(self)
        row = lay_row(parent=bar, margins=(GRID, GRID // 2, GRID, GRID), spacing=GRID // 2)
        for button in (self.accept, self.reject, self.reopen):
            row.addWidget(button, 1)
        row.addWidget(self.lock)
        return bar

    def _connect(self) -> None:
        session = self._session
        self.caption.committed.connect(self._edit_caption)
        self.caption.confirmed.connect(self._confirm)
        self.caption.left.connect(self.left)
        self.category.left.connect(self.left)
        self.category.stepped.connect(self.stepped)
        self.attributes.left.connect(self.left)
        self.alternatives.chosen.connect(self._choose)
        self.form.second.allTaken.connect(self.take_answer)
        self.form.second.leftKept.connect(lambda: self._decide(session.edits.accept))
        self.form.second.partTaken.connect(self._take_part)
        self.category.chosen.connect(session.edits.set_category)
        self.category.follow(session.categories)
        self.attributes.valuesChosen.connect(self._set_attribute)
        self.attributes.listExtended.connect(self._extend_list)
        self.accept.clicked.connect(lambda: self._decide(session.edits.accept))
        self.reject.clicked.connect(lambda: self._decide(session.edits.reject))
        self.reopen.clicked.connect(self._reopen)
        self.lock.clicked.connect(lambda checked: session.edits.set_locked(session.image.selection, checked))
        session.image.regionsChanged.connect(self.refresh)
        session.image.selectionChanged.connect(lambda _ids: self.refresh())
        session.image.opened.connect(lambda _key: self.refresh())
        session.history.committed.connect(self._forget_categories)
        session.attributes.changed.connect(lambda _schema: self._show_schema())
        session.projectOpened.connect(lambda _summary: self._project_changed())
        session.projectClosed.connect(self._project_changed)
        session.edits.earlier.changed.connect(self.refresh)

    # What others call.

    def focus_caption(self) -> None:
        """Put the cursor into the caption, all of it selected: E."""
        if self._region is not None:
            self.form.focus_caption()

    def focus_category(self) -> None:
        """Put the cursor into the category, all of it selected: T."""
        if self._region is not None:
            self.form.focus_category()

    def commit(self) -> None:
        """Hand over what is being typed, as when the focus leaves: before closing, or going to another region."""
        self.form.commit()

    def select_field(self) -> None:
        """Select all that stands in the field with the focus, so that one can write something else."""
        self.form.select_field()

    @property
    def region(self) -> Region | None:
        """The region that is edited."""
        return self._region

    # What the session says.

    def _project_changed(self) -> None:
        self._written.clear()
        self.refresh()

    def _forget_categories(self) -> None:
        """There may be a new one."""
        self._categories_known = False

    def _show_schema(self) -> None:
        self.form.set_schema(self._session.schema)
        self.attributes.set_region(self._region)

    def refresh(self) -> None:
        """Show the selected region as it is now."""
        chosen = [region for region in self._session.image.regions if region.id in self._session.image.selection]
        self._region = chosen[0] if len(chosen) == 1 else None
        if self._region is not None:
            self._show(self._region)
        else:
            self.form.clear()
            self._say(len(chosen))
        self._stack.setCurrentIndex(1 if self._region is not None else 0)
        self._show_buttons(chosen)

    def _say(self, selected: int) -> None:
        if selected:
            self._message.set_message(
                self.tr("{count} regions selected").format(count=selected),
                self.tr("Accept, reject or reopen all of them below."),
            )
        elif not self._session.image.key:
            self._message.set_message(self.tr("No image"), self.tr("Open a folder of images to begin."))
        else:
            self._message.set_message(
                self.tr("No region selected"), self.tr("Draw a box (W) or select one on the picture or in the list.")
            )

    def _show(self, region: Region) -> None:
        self.head.show_region(self._session.image.number(region.id), region)
        pending = region.id in self._session.suggestions.pending
        nothing = self.tr("The model is writing…") if pending else self.tr("No caption yet")
        self.form.show_region(region, key=region.id, without_caption=nothing)
        self.form.show_offers(region, self._session.edits.offers(region), self._phrases(region))
        may = not self._session.read_only and not region.locked
        for widget in (self.alternatives, self.category, self.attributes):
            widget.setEnabled(may)
        self.form.second.set_enabled(may)
        self.caption.setReadOnly(not may)

    def _phrases(self, region: Region) -> Iterator[str]:
        """Completions of the caption: captions of other regions of this image, captions typed before, captions of
        such things in this project, and the model's alternatives."""
        for other in reversed(self._session.image.regions):
            caption = preferred_caption(other)
            if caption is not None and other.id != region.id and other.state in ("accepted", "edited"):
                yield caption.text
        yield from reversed(self._written)
        yield from self._session.edits.earlier.of(region)
        yield from (caption.text for caption in alternatives(region))

    def _show_buttons(self, chosen: list[Region]) -> None:
        may = bool(chosen) and not self._session.read_only
        free = [region for region in chosen if not region.locked]
        self.accept.setEnabled(may and any(region.state in ("suggested", "rejected") for region in free))
        self.reject.setEnabled(may and any(region.state != "rejected" for region in free))
        self.reopen.setEnabled(may and any(region.state != "suggested" for region in free))
        self.lock.setEnabled(may)
        locked = bool(chosen) and all(region.locked for region in chosen)
        self.lock.setChecked(locked)
        self.lock.setIcon(lock_icon(locked, look(self.palette()).text))

    # What the user does.

    def _decide(self, act: Callable[[Iterable[str]], None]) -> None:
        self.caption.commit()
        self._session.edits.decide(act, self._session.image.selection)

    def _reopen(self) -> None:
        self.caption.commit()
        self._session.edits.reopen(self._session.image.selection)

    def _edit_caption(self, id_: str, text: str) -> None:
        self._written.pop(text, None)
        self._written[text] = None
        if len(self._written) > _REMEMBERED:
            del self._written[next(iter(self._written))]
        if self.caption.was_kept:
            self._session.edits.decide(lambda _ids: self._session.edits.edit_caption(id_, text), (id_,))
        else:  # the focus left: where to is up to whoever took it
            self._session.edits.edit_caption(id_, text)

    def _confirm(self, id_: str) -> None:
        """Enter on words as they are: they are right as they are."""
        if self._region is not None and self._region.id == id_ and self._region.state == "suggested":
            self._session.edits.decide(self._session.edits.accept, (id_,))

    def _choose(self, index: int) -> None:
        if self._region is not None:
            self.caption.revert()
            id_ = self._region.id
            self._session.edits.decide(lambda _ids: self._session.edits.choose_alternative(id_, index), (id_,))

    def take_answer(self, index: int = -1) -> None:
        """Accept the other model's words, those that are shown or those of ``index``: Shift+Return."""
        index = self.form.second.index if index < 0 else index
        if self._region is not None and index >= 0:
            self.caption.revert()
            id_ = self._region.id
            self._session.edits.decide(lambda _ids: self._session.edits.take_answer(id_, index), (id_,))

    def _take_part(self, index: int, part: AnswerPart, name: str) -> None:
        if self._region is not None:
            self.caption.revert()
            self._session.edits.take_part(self._region.id, index, part, name)

    def _set_attribute(self, name: str, values: tuple[str, ...]) -> None:
        if self._region is not None:
            self._session.edits.set_attribute(self._region.id, name, values)

    def _extend_list(self, name: str, values: tuple[str, ...]) -> None:
        self._session.edits.extend_list(name, values)
        self._set_attribute(name, values)

    def _icons(self) -> None:
        colors = look(self.palette())
        self.accept.setIcon(state_icon("accepted", colors.accepted))
        self.reject.setIcon(state_icon("rejected", colors.rejected))
        self.reopen.setIcon(state_icon("suggested", colors.suggested))
        self.lock.setIcon(lock_icon(self.lock.isChecked(), colors.text))


class _Head(QWidget):
    """Number, state and the unsure mark in one line."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._number = 0
        self._region: Region | None = None

    def show_region(self, number: int, region: Region) -> None:
        self._number, self._region = number, region
        text = self.tr("Region {number}, {state}").format(number=number, state=state_name(region.state))
        if region.unsure:
            text += ", " + self.tr("the model is unsure")
        if region.copied_from:
            text += ", " + self.tr("copied from {image}").format(image=region.copied_from)
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics, width = self.fontMetrics(), 16 + 2 * GRID
        if self._region is not None:
            width += chip_size(self._number, QFontMetrics(small_font(self.font(), bold=True))).width()
            width += metrics.horizontalAdvance(state_name(self._region.state)) + GRID
            width += metrics.horizontalAdvance(self.tr("? unsure")) if self._region.unsure else 0
        return QSize(width, metrics.height() + 6)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        region = self._region
        if region is None:
            return
        painter = QPainter(self)
        colors = look(self.palette())
        font = small_font(self.font(), bold=True)
        painter.setFont(font)
        chip = chip_size(self._number, QFontMetrics(font))
        top = (self.height() - chip.height()) / 2
        paint_chip(painter, QRectF(0, top, chip.width(), chip.height()), self._number, colors, unsure=region.unsure)
        x = chip.width() + GRID
        paint_state(painter, QRectF(x, self.height() / 2 - 8, 16, 16), region.state, colors.state(region.state))
        x += 16 + GRID // 2
        painter.setFont(self.font())
        metrics = self.fontMetrics()
        painter.setPen(colors.state(region.state))
        name = state_name(region.state)
        painter.drawText(QRectF(x, 0, self.width() - x, self.height()), Qt.AlignmentFlag.AlignVCenter, name)
        x += metrics.horizontalAdvance(name) + GRID
        if region.unsure:
            painter.setPen(colors.warning)
            text = elided(metrics, self.tr("? unsure"), max(0, self.width() - x))
            painter.drawText(QRectF(x, 0, self.width() - x, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
