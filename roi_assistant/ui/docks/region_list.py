"""The list of the current image's regions: one row each, selected together with the canvas, worked by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QKeyEvent
from PyQt6.QtWidgets import QAbstractItemView, QListView, QStackedLayout, QWidget

from roi_assistant.ui.docks.look_for import LookForLine
from roi_assistant.ui.docks.region_model import RegionDelegate, RegionModel
from roi_assistant.ui.look.controls import ElidedLabel, EmptyState, claims_key
from roi_assistant.ui.look.keys import is_letter
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.palette import GRID

if TYPE_CHECKING:
    from roi_assistant.ui.session.view import SessionView

_PENDING_STEP_MS = 280
_MOVES = frozenset({Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})


class RegionList(QWidget):
    """Rows of ``session.image.regions``; the selection is the session's, in both directions."""

    editRequested = pyqtSignal(str)
    """The region whose caption is to be edited now: E or a double click."""
    contextMenuRequested = pyqtSignal(str, object)
    """A selected region and a place on the screen."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._syncing = False
        self._model = RegionModel(self)
        self._delegate = RegionDelegate(self)
        self.view = _View(self)
        self.view.setModel(self._model)
        self.view.setItemDelegate(self._delegate)
        self.view.setAccessibleName(self.tr("Regions"))
        self.view.setToolTip(
            self.tr("Enter accepts, X rejects, E edits, 1-9 takes an alternative, Delete removes the selected regions")
        )
        self._empty = EmptyState(parent=self)
        self._summary = ElidedLabel(self, muted=True, small=True)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._empty)
        footer = lay_row(self._summary, margins=(GRID, GRID // 2, GRID, GRID // 2))
        self.look_for = LookForLine(session, self)
        lay_column(self.look_for, (self._stack, 1), footer, parent=self, margins=0, spacing=0)
        self._ticker = QTimer(self)
        self._ticker.setInterval(_PENDING_STEP_MS)
        self._ticker.timeout.connect(self._tick)

        selection = self.view.selectionModel()
        assert selection is not None
        self._selection = selection
        selection.selectionChanged.connect(self._selected)
        self.view.doubleClicked.connect(lambda index: self._edit(index))
        session.image.regionsChanged.connect(self.refresh)
        session.image.opened.connect(lambda _key: self.refresh())
        session.projectClosed.connect(self.refresh)
        session.image.selectionChanged.connect(lambda _ids: self._show_selection())
        session.suggestions.pendingChanged.connect(self._pending)
        self.refresh()

    def refresh(self) -> None:
        """Show the session's regions and selection."""
        with self._from_session():
            moved = self._model.set_regions(self._session.image.regions)
        if moved:
            self._show_selection()
        self._summarize()

    def _summarize(self) -> None:
        regions = self._session.image.regions
        if not regions:
            if self._session.image.key:
                self._empty.set_message(self.tr("No regions yet"), self.tr("Draw a box (W) on the picture."))
            else:
                self._empty.set_message(self.tr("No image"), self.tr("Open a folder of images to begin."))
            self._summary.set_text("")
        else:
            done = sum(region.state != "suggested" for region in regions)
            self._summary.set_text(self.tr("{done} of {total} reviewed").format(done=done, total=len(regions)))
        self._stack.setCurrentIndex(0 if regions else 1)

    @contextmanager
    def _from_session(self) -> Iterator[None]:
        self._syncing = True
        try:
            yield
        finally:
            self._syncing = False

    def _show_selection(self) -> None:
        chosen = QItemSelection()
        rows = [row for row in map(self._model.row_of, self._session.image.selection) if row >= 0]
        for row in rows:
            chosen.select(self._model.index(row), self._model.index(row))
        with self._from_session():
            self._selection.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            if rows:
                current = self._model.index(rows[-1])
                self._selection.setCurrentIndex(current, QItemSelectionModel.SelectionFlag.NoUpdate)
                self.view.scrollTo(current)

    def _selected(self) -> None:
        if self._syncing:
            return
        rows = sorted(index.row() for index in self._selection.selectedRows())
        self._session.image.select(tuple(self._model.regions[row].id for row in rows))

    def _pending(self, ids: frozenset[str]) -> None:
        self._model.set_pending(frozenset(ids))
        if ids and not self._ticker.isActive():
            self._ticker.start()
        elif not ids:
            self._ticker.stop()

    def _tick(self) -> None:
        self._delegate.phase = (self._delegate.phase + 1) % 3
        viewport = self.view.viewport()
        if viewport is not None and self.isVisible():
            viewport.update()

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        if event is not None and self._session.image.selection:
            self.contextMenuRequested.emit(self._session.image.selection[-1], event.globalPos())

    def _edit(self, index: QModelIndex) -> None:
        if index.isValid():
            self.editRequested.emit(self._model.regions[index.row()].id)


class _View(QListView):
    """A list view that leaves letters and digits to the shortcuts of the window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)

    def event(self, event: QEvent | None) -> bool:
        return claims_key(event, _MOVES) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and is_letter(event):
            event.ignore()  # a list would search for a row that begins with it
        else:
            super().keyPressEvent(event)
