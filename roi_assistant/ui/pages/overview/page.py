"""The page with the figures of the whole project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QGridLayout, QPushButton, QWidget

from roi_assistant.storage.records import ImageFilter, Overview
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.palette import GRID
from roi_assistant.ui.pages.overview.figures import caption_figures, percent, reviewed
from roi_assistant.ui.pages.page import Card, FigureTile, Page

if TYPE_CHECKING:
    from roi_assistant.storage.project import Project
    from roi_assistant.ui.pages.overview.cards import OverviewCard
    from roi_assistant.ui.session.view import SessionView

_TWO_COLUMNS = 880
"""Pixels of width from which cards stand side by side."""
_WIDEST = 1400


@dataclass(frozen=True, slots=True)
class OverviewResults:
    """What was read for the page: ``figures`` has one entry for each card, in the order of the cards."""

    overview: Overview
    figures: tuple[tuple[type[OverviewCard[Any]], Any], ...]


class OverviewPage(Page):
    """Read when shown; a click on a bar asks for the images behind it."""

    filterRequested = pyqtSignal(object)
    """The list of images was given this ImageFilter; the window brings it into sight."""
    cropsRequested = pyqtSignal(str)
    """The crops of a category."""

    def __init__(self, session: SessionView, parent: QWidget | None = None) -> None:
        super().__init__(width=_WIDEST, parent=parent)
        self.session = session
        self._results: OverviewResults | None = None
        self.cards: list[OverviewCard[Any]] = []
        self._next = 0
        self._card_timer = QTimer(self)
        self._card_timer.setInterval(0)
        self._card_timer.timeout.connect(self._fill_next_card)
        self._arranged: tuple[int, list[OverviewCard[Any]]] = (0, [])
        self._asked = 0
        lead = self.tr("What is in this project. A click on a bar shows the images behind it.")
        self.set_title(self.tr("Overview"), lead)
        self._build_head()
        self.empty = Card(
            self.tr("No regions yet"),
            self.tr("Draw boxes on your images, or let the model caption boxes that you import; figures appear here."),
        )
        self.empty.hide()
        self.body.addWidget(self.empty)
        self.grid = QGridLayout()
        self.grid.setSpacing(2 * GRID)
        self.body.addLayout(self.grid)
        self.body.addStretch(1)
        self.setFocusProxy(self.refresh_button)
        session.projectOpened.connect(self._project_changed)
        session.projectClosed.connect(self._project_changed)

    def _build_head(self) -> None:
        self.tiles = {
            "images": FigureTile(self.tr("images")),
            "regions": FigureTile(self.tr("regions")),
            "reviewed": FigureTile(self.tr("of the regions reviewed")),
            "unchanged": FigureTile(self.tr("of reviewed suggestions accepted unchanged")),
            "words": FigureTile(self.tr("different words")),
        }
        self.refresh_button = QPushButton(self.tr("Count again"))
        self.refresh_button.setToolTip(self.tr("Read the figures of the project again"))
        self.refresh_button.clicked.connect(self.refresh)
        tiles = ((tile, 1) for tile in self.tiles.values())
        self.body.addLayout(lay_row(*tiles, lay_column(self.refresh_button, None), spacing=4 * GRID))

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self.refresh()

    def _project_changed(self, _summary: object = None) -> None:
        self._results = None
        self._asked += 1
        for figure in self.tiles.values():
            figure.setText("–")
        self._hide_cards()
        self.empty.hide()
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Read the figures again, away from the window."""
        if self.session.folder is None:
            self.message.show_message("info", self.tr("Open a folder first."))
            return
        self._asked += 1
        asked = self._asked
        self.refresh_button.setEnabled(False)
        if self._results is None:
            self.message.show_message("info", self.tr("Counting…"))
        self.session.store.read(
            _read, lambda results: self._show(results, asked), lambda error: self._failed(error, asked)
        )

    def _failed(self, error: Exception, asked: int) -> None:
        if asked == self._asked:
            self.refresh_button.setEnabled(True)
            self.message.show_message("error", self.tr("The project cannot be read: {}").format(error))

    def _show(self, results: OverviewResults, asked: int) -> None:
        if asked != self._asked:
            return
        self._results = results
        self.refresh_button.setEnabled(True)
        self.message.clear()
        overview = results.overview
        counts = overview.counts
        done, unchanged = sum(map(reviewed, overview.models)), sum(model.unchanged for model in overview.models)
        self.tiles["images"].setText(f"{counts.images:,}")
        self.tiles["regions"].setText(f"{counts.regions:,}")
        self.tiles["reviewed"].setText(percent(counts.reviewed, counts.regions))
        self.tiles["unchanged"].setText(percent(unchanged, done))
        self.tiles["words"].setText(f"{caption_figures(overview).distinct:,}")
        self.empty.setVisible(not counts.regions)
        if counts.regions:
            self._next = 0
            self._card_timer.start()
        else:
            self._hide_cards()

    @property
    def is_filling(self) -> bool:
        """Whether some cards do not show the latest figures yet."""
        return self._card_timer.isActive()

    def _fill_next_card(self) -> None:
        """One card for each turn of the event loop: all at once would hold the window up."""
        if self._results is None or self._next == len(self._results.figures):
            self._card_timer.stop()
            return
        card_class, figures = self._results.figures[self._next]
        if self._next == len(self.cards):
            card = card_class()
            card.filterRequested.connect(self._filter)
            card.cropsRequested.connect(self.cropsRequested)
            self.cards.append(card)
        card = self.cards[self._next]
        card.figures = figures
        card.show_figures()
        self._arrange()
        card.setVisible(not card.is_empty)
        self._next += 1

    def _hide_cards(self) -> None:
        self._card_timer.stop()
        for card in self.cards:
            card.hide()

    def _filter(self, flt: ImageFilter) -> None:
        self.session.images.set_filter(flt)
        self.filterRequested.emit(flt)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """One or two columns, whatever there is room for."""
        columns = 2 if self.width() >= _TWO_COLUMNS else 1
        cards = [card for card in self.cards if not card.is_empty]
        if not cards or (columns, cards) == self._arranged:
            return
        self._arranged = columns, cards
        for index, card in enumerate(cards):
            self.grid.addWidget(card, index // columns, index % columns)
        for column in range(2):
            self.grid.setColumnStretch(column, 1 if column < columns else 0)


def _read(project: Project) -> OverviewResults:
    # Imported here, in a thread: pyqtgraph takes a good part of a second, which the window must not.
    from roi_assistant.ui.pages.overview.cards import CARDS

    overview = project.overview()
    return OverviewResults(overview, tuple((card, card.query(project, overview)) for card in CARDS))
