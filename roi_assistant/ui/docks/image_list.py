"""The list of images: 100,000 rows, thumbnails of the visible ones, search and filters."""

from __future__ import annotations

from collections.abc import Collection, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QIcon, QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStackedLayout,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from roi_assistant.storage.records import ImageFilter, SearchHit
from roi_assistant.ui.docks.image_filters import ImageFilters
from roi_assistant.ui.docks.image_jump import ImageJump
from roi_assistant.ui.docks.image_model import THUMBNAIL, ImageDelegate, ImageModel, heading_height, search_words
from roi_assistant.ui.docks.image_notes import ImageNotesBar
from roi_assistant.ui.docks.image_order import ImageOrderChip
from roi_assistant.ui.look.controls import ENTER, ElidedLabel, EmptyState, claims_key, quiet_button, viewport_of
from roi_assistant.ui.look.keys import is_letter
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.marks import search_icon
from roi_assistant.ui.look.palette import GRID, look
from roi_assistant.ui.look.palette_change import on_palette_change
from roi_assistant.ui.look.thumbnails import Thumbnails
from roi_assistant.ui.look.timers import single_shot

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project
    from roi_assistant.ui.session.view import SessionView

SEARCH_AFTER_MS: Final = 180
"""Pause in typing after which the project is searched."""
OPEN_AFTER_MS: Final = 70
"""While a key is held down, images are opened only where it pauses."""
MOST_HITS: Final = 2000
_AHEAD: Final = 8
_LIST_KEYS: Final = ENTER | {Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End}
"""Here they move in the list, and not on the canvas."""


class ImageList(QWidget):
    """Rows of ``session.images.rows``; the current row is the image on screen."""

    openRequested = pyqtSignal()
    """Enter or a double click on a row: the keyboard may go to the picture."""
    contextMenuRequested = pyqtSignal(object)
    """A place on the screen; the image that it is about is in sight."""

    def __init__(
        self, session: SessionView, parent: QWidget | None = None, *, thumbnails: Thumbnails | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._total = 0
        self._near = 0
        self._hits: dict[str, SearchHit] = {}
        self._hits_of: tuple[str, ...] = ()
        """The words for which ``_hits`` has the best hit in each image."""
        self._opens_hit = False
        """Whether the first image is to be opened when the hits are known."""
        self._syncing = False
        self.thumbnails = thumbnails or Thumbnails(size=THUMBNAIL, ratio=self.devicePixelRatioF(), parent=self)
        self.model = ImageModel(self)
        self.search = _Search(self)
        self.search.setPlaceholderText(self.tr("Search captions, categories, attributes"))
        self.search.setAccessibleName(self.tr("Search the project"))
        self.search.setToolTip(self.tr("Search captions, categories, attributes, file names and notes (Ctrl+F)"))
        self.search.setClearButtonEnabled(True)
        self._glass = self.search.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        self.filters = ImageFilters(session, self)
        self.order = ImageOrderChip(session, self)
        self.filters.add(self.order)
        self.view = _View(self)
        self.view.setModel(self.model)
        self._delegate = ImageDelegate(self.thumbnails, self.view)
        self.view.setItemDelegate(self._delegate)
        self.view.setAccessibleName(self.tr("Images"))
        self._empty = EmptyState(parent=self)
        self._count = ElidedLabel(self, muted=True, small=True)
        self._clear = quiet_button(
            self.tr("Show all"), self, tooltip=self.tr("Clear search and filters"), slot=self.clear_filter
        )
        self.jump = ImageJump(session, self)
        self.notes = ImageNotesBar(session, self)
        self._lay_out()
        self._typing = single_shot(self, SEARCH_AFTER_MS, self._search)
        self._opening = single_shot(self, OPEN_AFTER_MS, self._open_current)
        self._looking = single_shot(self, 0, self._want_visible)
        self._connect()
        self.thumbnails.set_folder(session.folder)
        self._follow_look()
        on_palette_change(self, self._follow_look, fonts=True)
        self.refresh()

    def _lay_out(self) -> None:
        self._stack = QStackedLayout()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._empty)
        top = lay_column(self.search, self.filters, self.jump, margins=GRID, spacing=GRID)
        footer = lay_row((self._count, 1), self._clear, margins=(GRID, GRID // 2, GRID, GRID // 2), spacing=GRID)
        policy = self._clear.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._clear.setSizePolicy(policy)
        lay_column(top, (self._stack, 1), self.notes, footer, parent=self, margins=0, spacing=0)

    def _connect(self) -> None:
        session = self._session
        self.search.textEdited.connect(lambda _text: self._type())
        self.search.textChanged.connect(lambda text: None if text else self._typing.start())
        self.search.returnPressed.connect(self._search_and_open)
        self.search.installEventFilter(self)
        self.filters.changed.connect(self._apply)
        selection = self.view.selectionModel()
        assert selection is not None
        self._selection = selection
        selection.currentChanged.connect(self._current_changed)
        self.view.activated.connect(lambda _index: self._enter())
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._ask_for_menu)
        self.view.shown.connect(self._looking.start)
        bar = self.view.verticalScrollBar()
        assert bar is not None
        bar.valueChanged.connect(lambda _value: self._looking.start())
        self.thumbnails.ready.connect(self._thumbnail_ready)
        session.projectOpened.connect(lambda _summary: self._project_changed())
        session.projectClosed.connect(self._project_changed)
        session.images.changed.connect(self.refresh)
        session.images.rowChanged.connect(self._row_changed)
        session.image.opened.connect(lambda _key: self._show_current())
        session.images.scanFinished.connect(lambda _count: self._tell())

    # What others call.

    def focus_search(self) -> None:
        """Put the cursor into the search box."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def clear_filter(self) -> None:
        """Show all images again."""
        self._typing.stop()
        self.search.clear()
        self._typing.stop()
        self._apply(ImageFilter())

    def close_pictures(self) -> None:
        """End the threads that make thumbnails."""
        self.thumbnails.close()

    # What the session says.

    def _project_changed(self) -> None:
        self.thumbnails.set_folder(self._session.folder)
        self._total = 0
        self.refresh()

    def refresh(self) -> None:
        """Show the session's images and filter."""
        bar = self.view.verticalScrollBar()
        assert bar is not None
        before = bar.value()
        flt = self._session.images.filter or ImageFilter()
        self._syncing = True
        self.model.set_rows(self._session.images.rows, self._session.images.keys)
        self.view.set_headings(self._session.images.rows.groups.keys())
        self._syncing = False
        if self._session.images.filter is None:
            self._total = len(self._session.images.keys)
        self.filters.show_filter(flt)
        if not self._typing.isActive() and search_words(self.search.text()) != search_words(flt.text):
            self.search.setText(flt.text)
            self._typing.stop()
        self._find_snippets(flt.text)
        bar.setValue(before)
        self._show_current()
        self._tell()
        self._looking.start()

    def _find_snippets(self, text: str) -> None:
        words = search_words(text)
        self._hits, self._hits_of = {}, ()
        if not words:
            self.model.set_snippets({}, ())
            return

        def best_hits(project: Project) -> dict[str, SearchHit]:
            hits: dict[str, SearchHit] = {}
            for hit in project.search(text, limit=MOST_HITS):
                hits.setdefault(hit.image, hit)
            return hits

        def arrived(hits: dict[str, SearchHit]) -> None:
            if words == search_words((self._session.images.filter or ImageFilter()).text):
                self._hits, self._hits_of = hits, words
                self.model.set_snippets({key: _snippet(hit) for key, hit in hits.items()}, words)
                self._open_hit()

        self._session.store.read(best_hits, arrived)

    def _tell(self) -> None:
        count = len(self._session.images.keys)
        filtered = self._session.images.filter is not None and self._session.images.filter != ImageFilter()
        locale = self.locale()
        if filtered and self._total:
            text = self.tr("{count} of {total} images").format(
                count=locale.toString(count), total=locale.toString(self._total)
            )
        elif count:
            text = self.tr("{finished} of {total} finished").format(
                finished=locale.toString(self._session.images.rows.finished), total=locale.toString(count)
            )
        else:
            text = ""
        if self._session.images.scanning:
            text = self.tr("{text}, looking for more…").format(text=text) if text else ""
        self._count.set_text(text, tooltip=self.tr("Finished: every region is decided, or there is nothing here"))
        self._clear.setVisible(filtered)
        if self._session.folder is None:
            self._empty.set_message(self.tr("No folder is open"), self.tr("Open or drop a folder of images."))
        elif filtered:
            self._empty.set_message(self.tr("No image matches"), self.tr("Change the search or the filters above."))
        elif self._session.images.scanning:
            self._empty.set_message(self.tr("Looking for images…"))
        else:
            self._empty.set_message(
                self.tr("No images in this folder"), self.tr("Put pictures into it, or open another folder.")
            )
        self._stack.setCurrentIndex(0 if count else 1)

    def _row_changed(self, key: str) -> None:
        self.model.row_changed(self.model.row_of(key, near=self._near))
        self._tell()

    def _show_current(self) -> None:
        key = self._session.image.key
        row = self.model.row_of(key, near=self._near) if key else -1
        self._syncing = True
        if row < 0:
            self._selection.clear()
        else:
            self._near = row
            index = self.model.index(row)
            if self.view.currentIndex() != index or not self._selection.isSelected(index):
                self._selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.view.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)
        self._syncing = False

    # What the user does.

    def _apply(self, flt: ImageFilter) -> None:
        text = " ".join(self.search.text().split())
        flt = replace(flt, text=text)
        chosen = None if flt == ImageFilter() else flt
        if chosen != self._session.images.filter:
            self._session.images.set_filter(chosen)

    def _search(self) -> None:
        self._typing.stop()
        self._apply(self._session.images.filter or ImageFilter())

    def _type(self) -> None:
        self._opens_hit = False
        self._typing.start()

    def _search_and_open(self) -> None:
        self._opens_hit = True
        self._search()
        self._open_hit()

    def _open_hit(self) -> None:
        """Open the first image in which the words were found, with the region that has them, if Enter asked for it and
        the hits for what stands in the search box are known."""
        if not self._opens_hit or not self._hits_of or self._hits_of != search_words(self.search.text()):
            return
        self._opens_hit = False
        if key := next(iter(self._session.images.keys), ""):
            hit = self._hits.get(key)
            self._session.open_image(key, region=hit.region_id if hit is not None else "")
            self.openRequested.emit()

    def _current_changed(self, index: QModelIndex, _before: QModelIndex) -> None:
        if self._syncing or not index.isValid():
            return
        if self._opening.isActive():
            self._opening.start()
            return
        self._open_current()
        self._opening.start()

    def _open_current(self) -> None:
        key = self.model.key(self.view.currentIndex().row())
        if key and key != self._session.image.key:
            self._session.open_image(key)

    def _ask_for_menu(self, place: QPoint) -> None:
        index = self.view.indexAt(place)  # the press has made it the current one
        if index.isValid():
            self._open_current()
            self.contextMenuRequested.emit(viewport_of(self.view).mapToGlobal(place))

    def _enter(self) -> None:
        self._open_current()
        self.openRequested.emit()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down:
                self.view.setFocus()
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)

    # Thumbnails.

    def _visible_rows(self) -> tuple[int, int]:
        viewport = self.view.viewport()
        count = self.model.rowCount()
        if viewport is None or not count:
            return 0, -1
        first = self.view.indexAt(QPoint(2, 2)).row()
        last = self.view.indexAt(QPoint(2, viewport.height() - 2)).row()
        return max(0, first), last if last >= 0 else count - 1

    def _want_visible(self) -> None:
        first, last = self._visible_rows()
        if last - first > 400:  # the view has no size yet
            last = first + 40
        rows = [*range(first, last + 1), *range(last + 1, last + 1 + _AHEAD), *range(first - 1, first - 1 - _AHEAD, -1)]
        self.thumbnails.want([key for row in rows if (key := self.model.key(row))])

    def _thumbnail_ready(self, key: str) -> None:
        failure = self.thumbnails.failure(key)
        row = self._session.images.row(key)
        if failure and row is not None and not row.problem:
            self._session.images.set_problem(key, failure)  # then the filter finds it, and its row says why
        first, last = self._visible_rows()
        for place in range(first, min(last, first + 400) + 1):
            if self.model.key(place) == key:
                self.view.update(self.model.index(place))
                return

    def _follow_look(self) -> None:
        """The icon in the colors of now, the rows as high as the font of now needs."""
        if self._glass is not None:
            self._glass.setIcon(search_icon(look(self.palette()).muted))
        option = QStyleOptionViewItem()
        option.font = self.view.font()
        self.view.set_row_height(self._delegate.sizeHint(option, QModelIndex()).height())


def _snippet(hit: SearchHit) -> str:
    return " · ".join(part for part in (hit.caption, hit.category) if part)


class _Search(QLineEdit):
    def event(self, event: QEvent | None) -> bool:
        return claims_key(event, ENTER | {Qt.Key.Key_Escape}) or super().event(event)


class _View(QTableView):
    """A table of one column. A list view asks the model about each of 100,000 rows to lay them out, which takes most of
    a second; the rows of a table are as high as it is told. The first row of a group is higher, for its heading."""

    shown = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setMouseTracking(True)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        across, down = self.horizontalHeader(), self.verticalHeader()
        assert across is not None and down is not None
        across.hide()
        across.setStretchLastSection(True)
        across.setMinimumSectionSize(1)
        down.hide()
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._down = down
        self._with_heading: frozenset[int] = frozenset()

    def set_row_height(self, height: int) -> None:
        """All rows are ``height`` pixels high, and the heading on top of some of them."""
        if height != self._down.defaultSectionSize():
            self._down.setMinimumSectionSize(height)
            self._down.setDefaultSectionSize(height)
            self._resize(self._with_heading, heading_height(self.font()))

    def set_headings(self, rows: Set[int]) -> None:
        """There are headings above these rows and no others."""
        count, before = self._down.count(), self._with_heading
        self._with_heading = frozenset(rows)
        self._resize([row for row in before - self._with_heading if row < count], 0)
        self._resize(self._with_heading - before, heading_height(self.font()))

    def _resize(self, rows: Collection[int], heading: int) -> None:
        height = self._down.defaultSectionSize() + heading
        self._down.setUpdatesEnabled(False)  # else each row makes it count the heights of all
        for row in rows:
            self._down.resizeSection(row, height)
        self._down.setUpdatesEnabled(True)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.shown.emit()

    def event(self, event: QEvent | None) -> bool:
        return claims_key(event, _LIST_KEYS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        model = self.model()
        if event is None or model is None:
            return
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: model.rowCount() - 1}
        if not event.modifiers() and event.key() in ends:  # a table takes them for its columns
            self.setCurrentIndex(model.index(ends[Qt.Key(event.key())], 0))
        elif is_letter(event):
            event.ignore()  # names are found with the search box
        else:
            super().keyPressEvent(event)
