"""The cards of the overview, each one class: what it reads of the project, its plot, and how it shows what was read.

A new card is a subclass of `OverviewCard` under the decorator `card`, at the place where it shall stand on the page.
pyqtgraph comes with this module, so it is imported in a thread and only once the page is shown.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Generic, TypeVar

from PyQt6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QGridLayout, QLabel, QSizePolicy, QWidget

from roi_assistant.core.records import ReviewState
from roi_assistant.core.text_bounds import shortened
from roi_assistant.storage.project import Project
from roi_assistant.storage.records import (
    LEARNING_STEP,
    ImageFilter,
    LearningCurve,
    ModelAgreement,
    Overview,
    ProjectOutcomes,
    ReviewCounts,
    model_name,
)
from roi_assistant.ui.look.palette import GRID
from roi_assistant.ui.pages.overview.agreement_plot import AgreementPlot
from roi_assistant.ui.pages.overview.figures import (
    Bar,
    CaptionFigures,
    caption_figures,
    grid_mode,
    grid_total,
    latest_days,
    learning_bars,
    percent,
    reviewed,
    top_bars,
    used_length,
)
from roi_assistant.ui.pages.overview.plots import BarChart, HeatMap, Histogram
from roi_assistant.ui.pages.page import Card, Hint

Figures = TypeVar("Figures")
Widget = TypeVar("Widget", bound=QWidget)
Counted = Sequence[tuple[str, int]]
"""Names with their counts, most frequent first."""
Grid = Sequence[Sequence[int]]

_TOP = 12
_DAYS = 30
_LEAST_LENGTHS = 10
_LEARNING_BARS = 24
_STATES: tuple[ReviewState, ...] = ("accepted", "edited", "suggested", "rejected")


class OverviewCard(Card, Generic[Figures]):
    """One card. A subclass has a `title`, makes its plot in ``__init__``, and has `query` and `show_figures`."""

    title: ClassVar[str]
    """English; ``QT_TRANSLATE_NOOP("OverviewCards", ...)``."""
    figures: Figures
    """What `query` answered last."""
    is_empty = False
    """Whether there is nothing to show yet: then the card is not on the page. Set by `show_figures`."""
    filterRequested = pyqtSignal(object)
    """An ImageFilter: the images behind the bar that was chosen."""
    cropsRequested = pyqtSignal(str)
    """The crops of a category."""

    def __init__(self) -> None:
        super().__init__(QCoreApplication.translate("OverviewCards", self.title), " ")
        self.body.addStretch(1)

    def add(self, widget: Widget) -> Widget:
        """Put ``widget`` below what is there; answers it."""
        self.body.insertWidget(self.body.count() - 1, widget)
        return widget

    @staticmethod
    @abstractmethod
    def query(project: Project, overview: Overview) -> Any:
        """The `figures` of ``project``, of which ``overview`` has been read for all cards. Runs in a thread."""

    @abstractmethod
    def show_figures(self) -> None:
        """Show `figures`."""

    def ask_when_chosen(self, plot: BarChart | AgreementPlot, filter_of: Callable[[int], ImageFilter]) -> None:
        """Ask for the images of ``filter_of(key)`` when a bar of ``plot`` is chosen."""
        plot.activated.connect(lambda key: self.filterRequested.emit(filter_of(key)))


CARDS: list[type[OverviewCard[Any]]] = []
"""In the order in which they stand on the page."""
CardClass = TypeVar("CardClass", bound=type[OverviewCard[Any]])


def card(card_class: CardClass) -> CardClass:
    """Put a card on the page."""
    CARDS.append(card_class)
    return card_class


@card
class ReviewCard(OverviewCard[ReviewCounts]):
    """How many regions are in which state."""

    title = QT_TRANSLATE_NOOP("OverviewCards", "Review")

    def __init__(self) -> None:
        super().__init__()
        self.plot = self.add(BarChart(self.heading.text()))
        self.ask_when_chosen(self.plot, lambda key: ImageFilter(states=frozenset({_STATES[key]})))

    @staticmethod
    def query(project: Project, overview: Overview) -> ReviewCounts:
        return overview.counts

    def show_figures(self) -> None:
        counts = self.figures
        names = (self.tr("accepted"), self.tr("edited"), self.tr("suggested"), self.tr("rejected"))
        numbers = (counts.accepted, counts.edited, counts.suggested, counts.rejected)
        figures = [f"{number:,}  ({percent(number, counts.regions)})" for number in numbers]
        self.plot.show_bars(names, numbers, figures=figures, states=_STATES, hint=_show_images())
        text = self.tr("Reviewed: {} of {} regions. Boxes without any words: {}.")
        self.set_hint(text.format(f"{counts.reviewed:,}", f"{counts.regions:,}", f"{counts.empty:,}"))


@card
class AgreementCard(OverviewCard[tuple[ModelAgreement, ...]]):
    """What became of the suggestions of each model."""

    title = QT_TRANSLATE_NOOP("OverviewCards", "Model and people")

    def __init__(self) -> None:
        super().__init__()
        self.plot = self.add(AgreementPlot(self.heading.text()))
        self.ask_when_chosen(self.plot, lambda key: ImageFilter(model=self.figures[key].model))

    @staticmethod
    def query(project: Project, overview: Overview) -> tuple[ModelAgreement, ...]:
        return overview.models

    def show_figures(self) -> None:
        self.plot.show_models(self.figures, hint=_show_images())
        judged = [model for model in self.figures if reviewed(model)]
        if not judged:
            self.set_hint(self.tr("No suggestion of a model has been reviewed yet."))
            return
        kept = self.tr("{}: words kept in final captions {}")
        means = [kept.format(shortened(model.model), _share(model.mean)) for model in judged if model.mean is not None]
        text = self.tr("What became of reviewed suggestions.")
        self.set_hint(f"{text} {'; '.join(means)}." if means else text)


_COLUMNS = ("given", "unchanged", "alternative", "edited", "edit_distance", "rejected", "passed_over", "waiting")


@card
class OutcomesCard(OverviewCard[ProjectOutcomes]):
    """In numbers, what people made of what each model said."""

    title = QT_TRANSLATE_NOOP("OverviewCards", "Each model in numbers")

    def __init__(self) -> None:
        super().__init__()
        self._heads = (
            self.tr("model"),
            self.tr("given"),
            self.tr("accepted unchanged"),
            self.tr("alternative chosen"),
            self.tr("edited"),
            self.tr("words changed"),
            self.tr("rejected"),
            self.tr("passed over"),
            self.tr("waiting"),
        )
        self.rows: list[tuple[str, ...]] = []
        """What the table says, line by line."""
        self.plot = self.add(QWidget())
        self.plot.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.plot.setAccessibleName(self.heading.text())
        self._grid = QGridLayout(self.plot)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2 * GRID)

    @staticmethod
    def query(project: Project, overview: Overview) -> ProjectOutcomes:
        return project.outcomes()

    def show_figures(self) -> None:
        found = self.figures
        self.is_empty = not found.models
        self.rows = [
            (model_name(model), *(_outcome(getattr(model, column)) for column in _COLUMNS)) for model in found.models
        ]
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        for column, cells in enumerate((self._heads, *self.rows)):
            for row, text in enumerate(cells):
                label = QLabel(text) if column and row else Hint(text)
                label.setTextFormat(Qt.TextFormat.PlainText)
                side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                label.setAlignment(side | Qt.AlignmentFlag.AlignBottom)
                self._grid.addWidget(label, row, column)
        self._grid.setColumnStretch(0, 1)
        told_of = (zip(self._heads[1:], cells[1:], strict=True) for cells in self.rows)
        lines = (", ".join(f"{name} {figure}" for name, figure in pairs) for pairs in told_of)
        self.plot.setAccessibleDescription(
            ". ".join(f"{cells[0]}: {line}" for cells, line in zip(self.rows, lines, strict=True))
        )
        told = self.tr("Of what the project holds now; deleted regions and replaced suggestions are not counted.")
        if found.counted < found.regions:
            latest = self.tr("Only the latest {} of {} regions were read.")
            told = f"{told} {latest.format(f'{found.counted:,}', f'{found.regions:,}')}"
        self.set_hint(told)


def _outcome(value: int | float | None) -> str:
    if value is None:
        return "–"
    return _share(value) if isinstance(value, float) else f"{value:,}"


@card
class LearningCard(OverviewCard[LearningCurve | None]):
    """How many suggestions were right as they came, from the first decisions to the last."""

    title = QT_TRANSLATE_NOOP("OverviewCards", "Right as suggested")

    def __init__(self) -> None:
        super().__init__()
        self.plot = self.add(Histogram(self.heading.text(), across=self.tr("regions decided"), most=LEARNING_STEP))

    @staticmethod
    def query(project: Project, overview: Overview) -> LearningCurve | None:
        return overview.learning

    def show_figures(self) -> None:
        curve = self.figures
        self.is_empty = curve is None
        if curve is None:
            return
        bars = learning_bars(curve, most=_LEARNING_BARS)
        told = self.tr("{} to {}, right of 50")
        names = [told.format(f"{bar.first:,}", f"{bar.last:,}") for bar in bars]
        step = max(1, -(-len(bars) // 8))
        ticks = [f"{bar.last:,}" if index % step == step - 1 else "" for index, bar in enumerate(bars)]
        self.plot.show_counts([bar.right for bar in bars], ticks=ticks, names=names)
        if len(curve.steps) > 1:
            text = self.tr("In the last 50 regions {} were right as suggested, in the first 50 {}.")
            self.set_hint(text.format(curve.last, curve.steps[0]))
        else:
            self.set_hint(self.tr("In the last 50 regions {} were right as suggested.").format(curve.last))


@card
class CategoriesCard(OverviewCard[Counted]):
    """The most frequent categories."""

    title = QT_TRANSLATE_NOOP("OverviewCards", "Categories")

    def __init__(self) -> None:
        super().__init__()
        self.plot = self.add(BarChart(self.heading.text()))
        self.ask_when_chosen(self.plot, lambda key: ImageFilter(category=self.figures[key][0]))
        self.plot.ctrlActivated.connect(lambda key: self.cropsRequested.emit(self.figures[key][0]))

    @staticmethod
    def query(project: Project, overview: Overview) -> Counted:
        return overview.categories

    def show_figures(self) -> None:
        hint = self.tr("Show these images; with Ctrl, the crops of the category")
        _show_bars(self.plot, top_bars(self.figures, most=_TOP), hint=hint)
        text = self.tr("Different categories: {}. With Ctrl, a click shows the crops of one.")
        self.set_hint(text.format(f"{len(self.figures):,}"))


@card
class AttributesCard(OverviewCard[Mapping[str, Counted]]):
    """The most frequent values of the attribute that is chosen."""

    title = QT_TRANSLATE_NOOP("OverviewCards", "Attributes")

    def __init__(self) -> None:
        super().__init__()
        self.choice = self.add(QComboBox())
        self.choice.setAccessibleName(self.tr("Attribute"))
        self.choice.setToolTip(self.tr("The attribute whose values are shown"))
        self.choice.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.choice.currentIndexChanged.connect(lambda *_: self._show_values())
        self.plot = self.add(BarChart(self.tr("Values of an attribute")))
        self.ask_when_chosen(self.plot, lambda key: ImageFilter(attribute=(self._name, self._values[key][0])))

    @staticmethod
    def query(project: Project, overview: Overview) -> Mapping[str, Counted]:
        return overview.attributes

    @property
    def _name(self) -> str:
        return self.choice.currentText()

    @property
    def _values(self) -> Counted:
        return self.figures.get(self._name, ())

    def show_figures(self) -> None:
        names, chosen = list(self.figures), self._name
        self.choice.blockSignals(True)
        self.choice.clear()
        self.choice.addItems(names)
        self.choice.setCurrentIndex(names.index(chosen) if chosen in names else 0 if names else -1)
        self.choice.blockSignals(False)
        self.choice.setVisible(bool(names))
        self._show_values()

    def _show_values(self) -> None:
        values = self._values
        _show_bars(self.plot, top_bars(values, most=_TOP - 1))
        self.plot.setVisible(bool(values))
        if values:
            self.set_hint(self.tr("Different values: {}.").format(f"{len(values):,}"))
        else:
            self.set_hint(self.tr("No region has an attribute yet."))


@card
class VocabularyCard(OverviewCard[tuple[Counted, CaptionFigures]]):
    """The most frequent words of captions."""

    title = QT_TRANSLATE_NOOP("OverviewCards", "Vocabulary")

    def __init__(self) -> None:
        super().__init__()
        self.plot = self.add(BarChart(self.tr("Most frequent words")))
        self.ask_when_chosen(self.plot, lambda key: ImageFilter(text=self.figures[0][key][0]))

    @staticmethod
    def query(project: Project, overview: Overview) -> tuple[Counted, CaptionFigures]:
        return overview.vocabulary, caption_figures(overview)

    def show_figures(self) -> None:
        vocabulary, captions = self.figures
        _show_bars(self.plot, top_bars(vocabulary[:_TOP], most=_TOP))
        ratio = "–" if captions.type_token is None else f"{captions.type_token:.3f}"
        text = self.tr("Regions by word. Different words: {} among {} (ratio {}).")
        self.set_hint(text.format(f"{captions.distinct:,}", f"{captions.words:,}", ratio))


@card
class LengthsCard(OverviewCard[tuple[Sequence[int], CaptionFigures]]):
    """How many words captions have."""

    title = QT_TRANSLATE_NOOP("OverviewCards", "Words per caption")

    def __init__(self) -> None:
        super().__init__()
        self.plot = self.add(Histogram(self.heading.text(), across=self.tr("words")))

    @staticmethod
    def query(project: Project, overview: Overview) -> tuple[Sequence[int], CaptionFigures]:
        return overview.caption_words, caption_figures(overview)

    def show_figures(self) -> None:
        histogram, captions = self.figures
        length = used_length(histogram, least=min(_LEAST_LENGTHS, len(histogram)))
        last = len(histogram) - 1
        names = [
            self.tr("{} or more words").format(n) if n == last else self.tr("{} words").format(n) for n in range(length)
        ]
        step = 1 if length <= 15 else 5
        ticks = [str(n) + ("+" if n == last else "") if n % step == 0 else "" for n in range(length)]
        self.plot.show_counts(histogram[:length], ticks=ticks, names=names)
        median = "–" if captions.median is None else captions.median
        text = self.tr("Captions: {}. Half of them have at most {} words.")
        self.set_hint(text.format(f"{captions.captions:,}", median))


@card
class PositionsCard(OverviewCard[Grid]):
    """Where in the image the centers of boxes lie."""

    title = QT_TRANSLATE_NOOP("OverviewCards", "Positions of boxes")

    def __init__(self) -> None:
        super().__init__()
        self.plot = self.add(
            HeatMap(
                self.heading.text(),
                across=self.tr("across the image"),
                down=self.tr("down the image"),
                told=self.tr("{} box centers at {} across and {} down"),
                downwards=True,
            )
        )

    @staticmethod
    def query(project: Project, overview: Overview) -> Grid:
        return overview.positions

    def show_figures(self) -> None:
        total = grid_total(self.figures)
        text = self.tr("Boxes: {}. Most centers ({}) lie near {} across and {} down.")
        summary = text.format(f"{total:,}", *_fullest_cell(self.figures))
        self.plot.show_grid(self.figures, summary=summary)
        self.set_hint(summary if total else _sizes_unknown())


@card
class SizesCard(OverviewCard[Grid]):
    """How wide and high boxes are."""

    title = QT_TRANSLATE_NOOP("OverviewCards", "Width and height of boxes")

    def __init__(self) -> None:
        super().__init__()
        self.plot = self.add(
            HeatMap(
                self.heading.text(),
                across=self.tr("width of the box"),
                down=self.tr("height of the box"),
                told=self.tr("{} boxes, {} wide and {} high"),
                downwards=False,
            )
        )

    @staticmethod
    def query(project: Project, overview: Overview) -> Grid:
        return overview.sizes

    def show_figures(self) -> None:
        text = self.tr("Most boxes ({}) are near {} wide and {} high, as parts of the image.")
        summary = text.format(*_fullest_cell(self.figures))
        self.plot.show_grid(self.figures, summary=summary)
        self.set_hint(summary if grid_total(self.figures) else _sizes_unknown())


@card
class AreasCard(OverviewCard[Sequence[int]]):
    """How large boxes are, in octaves of the side of a square of the same area: 1/4 of the side is 1/16 of the area."""

    title = QT_TRANSLATE_NOOP("OverviewCards", "Box sizes")

    def __init__(self) -> None:
        super().__init__()
        self.plot = self.add(Histogram(self.heading.text(), across=self.tr("part of the image's area")))

    @staticmethod
    def query(project: Project, overview: Overview) -> Sequence[int]:
        return overview.areas

    def show_figures(self) -> None:
        octaves = self.figures
        edges = [100.0 * 4.0**-step for step in range(len(octaves), -1, -1)]
        names = [self.tr("{} to {} of the area").format(_percent(low), _percent(high)) for low, high in pairwise(edges)]
        ticks = [f"≤ {_percent(high)}" if index % 2 == 1 else "" for index, high in enumerate(edges[1:])]
        self.plot.show_counts(tuple(reversed(octaves)), ticks=ticks, names=names)
        text = self.tr("Each bar is four times the area of the one before. Under {} of the image: {} of the boxes.")
        self.set_hint(text.format(_percent(100.0 * 4.0**-4), percent(sum(octaves[4:]), sum(octaves))))


@card
class DaysCard(OverviewCard[Counted]):
    """How many regions were decided on, day by day."""

    title = QT_TRANSLATE_NOOP("OverviewCards", "Decisions per day")

    def __init__(self) -> None:
        super().__init__()
        self.plot = self.add(Histogram(self.heading.text(), across=self.tr("day")))

    @staticmethod
    def query(project: Project, overview: Overview) -> Counted:
        return latest_days(overview.reviewed_per_day, most=_DAYS)

    def show_figures(self) -> None:
        days = self.figures
        step = max(1, len(days) // 5)
        ticks = [day[5:] if index % step == 0 else "" for index, (day, _) in enumerate(days)]
        self.plot.show_counts([count for _, count in days], ticks=ticks, names=[day for day, _ in days])
        self.plot.setVisible(bool(days))
        if days:
            self.set_hint(self.tr("Regions decided on, the last {} days with work.").format(len(days)))
        else:
            self.set_hint(self.tr("Nothing has been reviewed yet."))


def _show_images() -> str:
    """What choosing a bar does."""
    return QCoreApplication.translate("OverviewCards", "Show these images")


def _sizes_unknown() -> str:
    return QCoreApplication.translate("OverviewCards", "No image size is known yet: open some images.")


def _show_bars(chart: BarChart, bars: Sequence[Bar], *, hint: str = "") -> None:
    others = QCoreApplication.translate("OverviewCards", "{} others")
    labels = [bar.label if bar.key >= 0 else others.format(f"{bar.others:,}") for bar in bars]
    chart.show_bars(labels, [bar.count for bar in bars], keys=[bar.key for bar in bars], hint=hint or _show_images())


def _fullest_cell(grid: Grid) -> tuple[str, str, str]:
    """Count, and middle of the column and of the row, of the fullest cell of a square ``grid``."""
    row, column, count = grid_mode(grid)
    return f"{count:,}", _share((column + 0.5) / len(grid)), _share((row + 0.5) / len(grid))


def _percent(value: float) -> str:
    """A share in percent with as many digits as it needs."""
    return f"{value:.0f} %" if value >= 1 else f"{value:.2g} %"


def _share(value: float) -> str:
    return _percent(value * 100)
