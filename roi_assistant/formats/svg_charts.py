"""Charts as inline SVG for `html_page`, whose style gives the colors, so that they follow light and dark."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

Point = tuple[float, float]
_MOST_POINTS, _FEW_POINTS = 1500, 30
_MOST_STEPS = 5
_UNIT = tuple(step / 5 for step in range(6))
_STRIP = 40
"""Height of the strip of counts above a reliability diagram."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """A plot of ``width`` x ``height`` pixels with space around it for the numbers; ticks are values, increasing."""

    width: float
    height: float
    left: float
    top: float
    x_ticks: Sequence[float]
    y_ticks: Sequence[float]
    x_text: Callable[[float], str]
    y_text: Callable[[float], str]
    x_name: str = ""
    y_name: str = ""

    def x(self, value: float) -> float:
        """The place of ``value`` from the left, in pixels."""
        low, high = self.x_ticks[0], self.x_ticks[-1]
        return self.left + self.width * ((value - low) / ((high - low) or 1.0))

    def y(self, value: float) -> float:
        """The place of ``value`` from above, in pixels."""
        low, high = self.y_ticks[0], self.y_ticks[-1]
        return self.top + self.height * (1 - (value - low) / (high - low))

    def line(self, points: Iterable[Point], css: str = "") -> str:
        """A line through ``points``, which are values."""
        places = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        return f'<polyline class="line{css}" points="{places}"/>'

    def dot(self, point: Point, css: str = "", title: str = "") -> str:
        """A dot at ``point``, which tells ``title`` under the mouse."""
        place = f'cx="{self.x(point[0]):.1f}" cy="{self.y(point[1]):.1f}"'
        inner = f"<title>{escape(title)}</title>" if title else ""
        return f'<circle class="dot{css}" {place} r="3">{inner}</circle>'

    def svg(self, marks: Iterable[str], *, label: str) -> str:
        """The whole chart: grid and numbers, then ``marks``, which are SVG."""
        right, bottom = self.left + self.width, self.top + self.height
        parts = []
        for value in self.y_ticks:
            y = self.y(value)
            parts.append(f'<line class="grid" x1="{self.left:g}" x2="{right:g}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(f'<text class="end" x="{self.left - 5:g}" y="{y + 3.5:.1f}">{self.y_text(value)}</text>')
        for value in self.x_ticks:
            text = f'x="{self.x(value):.1f}" y="{bottom + 14:g}">{self.x_text(value)}</text>'
            parts.append(f'<text class="{"end" if value == self.x_ticks[-1] else "middle"}" {text}')
        if self.x_name:
            middle = f'x="{self.left + self.width / 2:g}" y="{bottom + 29:g}"'
            parts.append(f'<text class="middle" {middle}>{escape(self.x_name)}</text>')
        if self.y_name:
            middle = f'transform="rotate(-90)" x="{-(self.top + self.height / 2):g}" y="10"'
            parts.append(f'<text class="middle" {middle}>{escape(self.y_name)}</text>')
        size = f'viewBox="0 0 {right + 12:g} {bottom + 34:g}"'
        return f'<svg {size} role="img" aria-label="{escape(label)}">{"".join([*parts, *marks])}</svg>'


def _shares(x_name: str) -> Axes:
    """Axes of two shares in 0..1."""
    return Axes(
        width=220,
        height=220,
        left=38,
        top=8 + _STRIP,
        x_ticks=_UNIT,
        y_ticks=_UNIT,
        x_text=lambda value: f"{value:.1f}",
        y_text=lambda value: f"{value:.1f}",
        x_name=x_name,
        y_name="share right",
    )


@dataclass(frozen=True, slots=True)
class Bin:
    """The ``count`` answers with a score from ``low`` to ``high``, their mean score and share of right ones."""

    low: float
    high: float
    count: int
    mean_score: float
    accuracy: float


def reliability_chart(bins: Sequence[Bin], *, label: str) -> str:
    """Share of right answers per bin of scores as bars, the mean score of the bin as a dot, counts in a strip above.

    Bars that end on the dashed diagonal belong to honest scores; below it the model is too sure.
    """
    axes = _shares("score")
    most = max((row.count for row in bins), default=0) or 1
    bottom = axes.y(0)
    marks = []
    for row in bins:
        if row.count:
            title = (
                f"scores {row.low:.1f} to {row.high:.1f}: {row.count} items, mean score {row.mean_score:.2f}, "
                f"right {row.accuracy:.2f}"
            )
            place = f'x="{axes.x(row.low) + 1:.1f}" width="{axes.x(row.high) - axes.x(row.low) - 2:.1f}"'
            tall, top = max(1.0, row.count / most * (_STRIP - 8)), axes.y(row.accuracy)
            marks.append(
                f"<g><title>{escape(title)}</title>"
                f'<rect class="count" {place} y="{axes.top - 6 - tall:.1f}" height="{tall:.1f}"/>'
                f'<rect class="bar" {place} y="{top:.1f}" height="{bottom - top:.1f}"/>'
                f"{axes.dot((row.mean_score, row.accuracy))}</g>"
            )
    ends = f'x1="{axes.x(0):g}" y1="{bottom:g}" x2="{axes.x(1):g}" y2="{axes.y(1):g}"'
    return axes.svg([*marks, f'<line class="diagonal" {ends}/>'], label=label)


def coverage_chart(points: Sequence[tuple[float, float, float]], *, label: str) -> str:
    """Accuracy of the surest answers against the share of items that is kept: (coverage, accuracy, lowest score)."""
    axes = _shares("share of items kept, surest first")
    marks = [axes.line((x, y) for x, y, _ in points)] if points else []
    for x, y, threshold in points:
        title = f"the surest {x:.0%}: right {y:.2f}, scores from {threshold:.2f} upwards"
        marks.append(axes.dot((x, y), title=title))
    return axes.svg(marks, label=label)


def step_chart(
    title: str, series: Mapping[str, Sequence[Point]], *, last: float, top: float | None = None, unit: str = "step"
) -> str:
    """Curves over steps, of training say; "" without a point.

    Args:
        title: what is drawn.
        series: (step, value) by name; the first is drawn in the first color.
        last: the last step.
        top: the upper end, where the largest value is not.
        unit: what a step is.
    """
    drawn = {name: _thinned(points) for name, points in series.items()}
    values = [y for points in drawn.values() for _, y in points]
    if not values:
        return ""
    axes = Axes(
        width=568,
        height=180,
        left=64,
        top=12,
        x_ticks=(0.0, last or 1.0),
        y_ticks=axis_ticks(min(0.0, *values), max(values) if top is None else top),
        x_text=lambda step: f"{unit} {last:g}" if step else "0",
        y_text=lambda value: f"{value:.6g}",
    )
    marks = []
    for css, points in zip(("", " second"), drawn.values(), strict=False):
        if points:
            marks.append(axes.line(points, css))
        if len(points) < _FEW_POINTS:
            marks += [axes.dot(point, css) for point in points]
    return axes.svg(marks, label=title)


def axis_ticks(low: float, high: float) -> list[float]:
    """Three to seven round numbers, evenly apart, the first at most ``low`` and the last at least ``high``."""
    # A smaller difference than doubles can tell apart is none.
    least = 1e-12 * max(abs(low), abs(high), 1e-12)
    reach = high - low if high - low > least else max(1.0, 1e-6 * abs(low))
    unit = 10.0 ** math.floor(math.log10(reach))
    step = next(size * unit for size in (0.2, 0.25, 0.5, 1.0, 2.0, 2.5) if reach / (size * unit) <= _MOST_STEPS)
    first, stop = math.floor(low / step), math.ceil(low / step + reach / step - 1e-9)
    return [tick * step for tick in range(first, stop + 1)]


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    """At most so many as can be told apart, the last one among them."""
    every = -(-len(points) // _MOST_POINTS)
    return list(points[::-every][::-1]) if every > 1 else points
