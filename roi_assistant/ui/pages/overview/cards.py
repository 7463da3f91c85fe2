"""The cards of the overview: each a plot, what it says in words, and the filter behind its bars."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QSizePolicy, QWidget

from roi_assistant.core.records import ReviewState
from roi_assistant.storage.records import ImageFilter, Overview
from roi_assistant.ui.pages.overview.agreement_plot import AgreementPlot
from roi_assistant.ui.pages.overview.figures import (
    Bar,
    caption_figures,
    grid_mode,
    grid_total,
    latest_days,
    percent,
    reviewed,
    top_bars,
    used_length,
)
from roi_assistant.ui.pages.overview.plots import BarChart, HeatMap, Histogram
from roi_assistant.ui.pages.page import Card

_TOP = 12
_DAYS = 30
_LEAST_LENGTHS = 10
_STATES: tuple[ReviewState, ...] = ("accepted", "edited", "suggested", "rejected")


class OverviewCards(QObject):
    """Makes the cards once and fills them as often as figures arrive; plots and cards are attributes once made."""

    filterRequested = pyqtSignal(object)

    cardMade = pyqtSignal()
    """There is one more in ``in_order``."""
    filled = pyqtSignal()
    """All cards show the figures of the last ``show_overview``."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._overview: Overview | None = None
        self._show_images = self.tr("Show these images")
        self.in_order: list[Card] = []
        self._next = 0
        self._steps: tuple[tuple[Callable[[], Card], Callable[[], None]], ...] = (
            (self._make_review, self._show_review),
            (self._make_agreement, self._show_agreement),
            (self._make_categories, self._show_categories),
            (self._make_attributes, self._list_attributes),
            (self._make_words, self._show_words),
            (self._make_lengths, self._show_lengths),
            (self._make_positions, self._show_positions),
            (self._make_sizes, self._show_sizes),
            (self._make_areas, self._show_areas),
            (self._make_days, self._show_days),
        )
        # One card for each turn of the event loop: all at once would hold the window up.
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._step)

    def show_overview(self, overview: Overview) -> None:
        """Make the cards that are not there yet and fill all; ``filled`` follows."""
        self._overview = overview
        self._next = 0
        self._timer.start()

    def stop(self) -> None:
        """Leave the cards as they are."""
        self._timer.stop()

    def set_visible(self, visible: bool) -> None:
        for card in self.in_order:
            card.setVisible(visible)

    def _step(self) -> None:
        make, fill = self._steps[self._next]
        if self._next == len(self.in_order):
            self.in_order.append(make())
            self.cardMade.emit()
        fill()
        self.in_order[self._next].show()
        self._next += 1
        if self._next == len(self._steps):
            self._timer.stop()
            self.filled.emit()

    # ------------------------------------------------------------------------------------------------------- making

    def _make_review(self) -> Card:
        self.states = BarChart(self.tr("Review"))
        self.states.activated.connect(lambda key: self._ask(ImageFilter(states=frozenset({_STATES[key]}))))
        self.review_card = self._card(self.tr("Review"), self.states)
        return self.review_card

    def _make_agreement(self) -> Card:
        self.agreement = AgreementPlot(self.tr("Model and people"))
        self.agreement.activated.connect(lambda key: self._ask(ImageFilter(model=self._of().models[key].model)))
        self.agreement_card = self._card(self.tr("Model and people"), self.agreement)
        return self.agreement_card

    def _make_categories(self) -> Card:
        self.categories = BarChart(self.tr("Categories"))
        self.categories.activated.connect(lambda key: self._ask(ImageFilter(category=self._of().categories[key][0])))
        self.category_card = self._card(self.tr("Categories"), self.categories)
        return self.category_card

    def _make_attributes(self) -> Card:
        self.attribute_choice = QComboBox()
        self.attribute_choice.setAccessibleName(self.tr("Attribute"))
        self.attribute_choice.setToolTip(self.tr("The attribute whose values are shown"))
        self.attribute_choice.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.attribute_choice.currentIndexChanged.connect(lambda *_: self._show_attribute())
        self.attributes = BarChart(self.tr("Values of an attribute"))
        self.attributes.activated.connect(self._ask_attribute)
        self.attribute_card = self._card(self.tr("Attributes"), self.attribute_choice, self.attributes)
        return self.attribute_card

    def _make_words(self) -> Card:
        self.words = BarChart(self.tr("Most frequent words"))
        self.words.activated.connect(lambda key: self._ask(ImageFilter(text=self._of().vocabulary[key][0])))
        self.word_card = self._card(self.tr("Vocabulary"), self.words)
        return self.word_card

    def _make_lengths(self) -> Card:
        self.lengths = Histogram(self.tr("Words per caption"), across=self.tr("words"))
        self.length_card = self._card(self.tr("Words per caption"), self.lengths)
        return self.length_card

    def _make_positions(self) -> Card:
        self.positions = HeatMap(
            self.tr("Positions of boxes"),
            across=self.tr("across the image"),
            down=self.tr("down the image"),
            told=self.tr("{} box centers at {} across and {} down"),
            downwards=True,
        )
        self.position_card = self._card(self.tr("Positions of boxes"), self.positions)
        return self.position_card

    def _make_sizes(self) -> Card:
        self.sizes = HeatMap(
            self.tr("Width and height of boxes"),
            across=self.tr("width of the box"),
            down=self.tr("height of the box"),
            told=self.tr("{} boxes, {} wide and {} high"),
            downwards=False,
        )
        self.size_card = self._card(self.tr("Width and height of boxes"), self.sizes)
        return self.size_card

    def _make_areas(self) -> Card:
        self.areas = Histogram(self.tr("Box sizes"), across=self.tr("part of the image's area"))
        self.area_card = self._card(self.tr("Box sizes"), self.areas)
        return self.area_card

    def _make_days(self) -> Card:
        self.days = Histogram(self.tr("Decisions per day"), across=self.tr("day (UTC)"))
        self.day_card = self._card(self.tr("Decisions per day"), self.days)
        return self.day_card

    def _card(self, title: str, *widgets: QWidget) -> Card:
        card = Card(title, " ")
        for widget in widgets:
            card.body.addWidget(widget)
        card.body.addStretch(1)
        return card

    def _of(self) -> Overview:
        assert self._overview is not None
        return self._overview

    def _ask(self, flt: ImageFilter) -> None:
        self.filterRequested.emit(flt)

    # ------------------------------------------------------------------------------------------------------ filling

    def _show_categories(self) -> None:
        categories = self._of().categories
        self._show_bars(self.categories, top_bars(categories, most=_TOP))
        self.category_card.set_hint(self.tr("Different categories: {}.").format(f"{len(categories):,}"))

    def _show_bars(self, chart: BarChart, bars: tuple[Bar, ...]) -> None:
        labels = [bar.label if bar.key >= 0 else self.tr("{} others").format(f"{bar.others:,}") for bar in bars]
        counts, keys = [bar.count for bar in bars], [bar.key for bar in bars]
        chart.show_bars(labels, counts, keys=keys, hint=self._show_images)

    def _show_review(self) -> None:
        counts = self._of().counts
        names = (self.tr("accepted"), self.tr("edited"), self.tr("suggested"), self.tr("rejected"))
        numbers = (counts.accepted, counts.edited, counts.suggested, counts.rejected)
        figures = [f"{number:,}  ({percent(number, counts.regions)})" for number in numbers]
        self.states.show_bars(
            names,
            numbers,
            figures=figures,
            states=_STATES,
            hint=self._show_images,
        )
        self.review_card.set_hint(
            self.tr("Reviewed: {} of {} regions. Boxes without any words: {}.").format(
                f"{counts.reviewed:,}", f"{counts.regions:,}", f"{counts.empty:,}"
            )
        )

    def _show_agreement(self) -> None:
        models = self._of().models
        self.agreement.show_models(models, hint=self._show_images)
        judged = [model for model in models if reviewed(model)]
        if not judged:
            self.agreement_card.set_hint(self.tr("No suggestion of a model has been reviewed yet."))
            return
        told = [
            self.tr("{}: words kept in final captions {}").format(model.model, _share(model.mean))
            for model in judged
            if model.mean is not None
        ]
        self.agreement_card.set_hint(
            " ".join([self.tr("What became of reviewed suggestions."), "; ".join(told) + "." if told else ""]).strip()
        )

    def _list_attributes(self) -> None:
        names = list(self._of().attributes)
        chosen = self.attribute_choice.currentText()
        self.attribute_choice.blockSignals(True)
        self.attribute_choice.clear()
        self.attribute_choice.addItems(names)
        self.attribute_choice.setCurrentIndex(names.index(chosen) if chosen in names else 0 if names else -1)
        self.attribute_choice.blockSignals(False)
        self.attribute_choice.setVisible(bool(names))
        self._show_attribute()

    def _show_attribute(self) -> None:
        name = self.attribute_choice.currentText()
        values = self._of().attributes.get(name, ())
        self._show_bars(self.attributes, top_bars(values, most=_TOP - 1))
        self.attributes.setVisible(bool(values))
        self.attribute_card.set_hint(
            self.tr("Different values: {}.").format(f"{len(values):,}")
            if values
            else self.tr("No region has an attribute yet.")
        )

    def _ask_attribute(self, key: int) -> None:
        name = self.attribute_choice.currentText()
        self._ask(ImageFilter(attribute=(name, self._of().attributes[name][key][0])))

    def _show_words(self) -> None:
        overview = self._of()
        figures = caption_figures(overview)
        self._show_bars(self.words, top_bars(overview.vocabulary[:_TOP], most=_TOP))
        ratio = figures.type_token
        self.word_card.set_hint(
            self.tr("Regions by word. Different words: {} among {} (ratio {}).").format(
                f"{figures.distinct:,}", f"{figures.words:,}", "–" if ratio is None else f"{ratio:.3f}"
            )
        )

    def _show_lengths(self) -> None:
        overview = self._of()
        figures = caption_figures(overview)
        histogram = overview.caption_words
        length = used_length(histogram, least=min(_LEAST_LENGTHS, len(histogram)))
        shown = histogram[:length]
        last = len(histogram) - 1
        names = [
            self.tr("{} or more words").format(n) if n == last else self.tr("{} words").format(n) for n in range(length)
        ]
        step = 1 if length <= 15 else 5
        ticks = [str(n) + ("+" if n == last else "") if n % step == 0 else "" for n in range(length)]
        self.lengths.show_counts(shown, ticks=ticks, names=names)
        self.length_card.set_hint(
            self.tr("Captions: {}. Half of them have at most {} words.").format(
                f"{figures.captions:,}", "–" if figures.median is None else figures.median
            )
        )

    def _show_positions(self) -> None:
        overview = self._of()
        total = grid_total(overview.positions)
        row, column, count = grid_mode(overview.positions)
        rows = len(overview.positions)
        summary = self.tr("Boxes: {}. Most centers ({}) lie near {} across and {} down.").format(
            f"{total:,}", f"{count:,}", _share((column + 0.5) / rows), _share((row + 0.5) / rows)
        )
        self.positions.show_grid(overview.positions, summary=summary)
        self.position_card.set_hint(summary if total else self.tr("No image size is known yet: open some images."))

    def _show_sizes(self) -> None:
        overview = self._of()
        total = grid_total(overview.sizes)
        row, column, count = grid_mode(overview.sizes)
        rows = len(overview.sizes)
        summary = self.tr("Most boxes ({}) are near {} wide and {} high, as parts of the image.").format(
            f"{count:,}", _share((column + 0.5) / rows), _share((row + 0.5) / rows)
        )
        self.sizes.show_grid(overview.sizes, summary=summary)
        self.size_card.set_hint(summary if total else self.tr("No image size is known yet: open some images."))

    def _show_areas(self) -> None:
        # Octaves of the side of a square of the same area: 1/4 of the side is 1/16 of the area.
        octaves = self._of().areas
        length = len(octaves)
        edges = [100.0 * 4.0**-step for step in range(length, -1, -1)]
        names = [self.tr("{} to {} of the area").format(_percent(low), _percent(high)) for low, high in pairwise(edges)]
        ticks = [f"≤ {_percent(high)}" if index % 2 == 1 else "" for index, high in enumerate(edges[1:])]
        self.areas.show_counts(tuple(reversed(octaves)), ticks=ticks, names=names)
        small = sum(octaves[4:])
        self.area_card.set_hint(
            self.tr(
                "Each bar is four times the area of the one before. Under {} of the image: {} of the boxes."
            ).format(_percent(100.0 * 4.0**-4), percent(small, sum(octaves)))
        )

    def _show_days(self) -> None:
        days = latest_days(self._of().reviewed_per_day, most=_DAYS)
        step = max(1, len(days) // 5)
        ticks = [day[5:] if index % step == 0 else "" for index, (day, _) in enumerate(days)]
        self.days.show_counts([count for _, count in days], ticks=ticks, names=[day for day, _ in days])
        self.days.setVisible(bool(days))
        self.day_card.set_hint(
            self.tr("Regions decided on, the last {} days with work.").format(len(days))
            if days
            else self.tr("Nothing has been reviewed yet.")
        )


def _percent(value: float) -> str:
    """A share in percent with as many digits as it needs."""
    return f"{value:.0f} %" if value >= 1 else f"{value:.2g} %"


def _share(value: float) -> str:
    return _percent(value * 100)
