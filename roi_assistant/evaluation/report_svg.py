"""The report's diagrams as inline SVG. Colors come from the page's CSS variables, so they follow light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_SIDE = 220
_LEFT, _TOP, _BOTTOM, _COUNTS = 38, 8, 34, 40


def _frame(width: int, height: int, label: str, body: list[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{escape(label)}">{"".join(body)}</svg>'
    )


def _axes(x_name: str, y_name: str, top: int) -> list[str]:
    parts = []
    for step in range(0, 6, 1):
        value = step / 5
        x, y = _LEFT + value * _SIDE, top + (1 - value) * _SIDE
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_LEFT + _SIDE}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 5}" y="{y + 3.5:.1f}" text-anchor="end">{value:.1f}</text>')
        parts.append(f'<text x="{x:.1f}" y="{top + _SIDE + 14}" text-anchor="middle">{value:.1f}</text>')
    middle = _LEFT + _SIDE / 2
    parts.append(f'<text x="{middle}" y="{top + _SIDE + 29}" text-anchor="middle">{escape(x_name)}</text>')
    parts.append(
        f'<text transform="rotate(-90)" x="{-(top + _SIDE / 2)}" y="10" text-anchor="middle">{escape(y_name)}</text>'
    )
    return parts


def reliability_svg(figures: Mapping[str, Any], *, label: str) -> str:
    """Share of right answers per bin of scores as bars, the mean score of the bin as a dot, counts in a strip above.

    Bars that end on the dashed diagonal belong to honest scores; below it the model is too sure.
    """
    bins: Sequence[Mapping[str, Any]] = figures["bins"]
    top = _TOP + _COUNTS
    most = max((row["count"] for row in bins), default=0) or 1
    body = _axes("score", "share right", top)
    for row in bins:
        if not row["count"]:
            continue
        x = _LEFT + row["low"] * _SIDE + 1
        width = (row["high"] - row["low"]) * _SIDE - 2
        height = row["accuracy"] * _SIDE
        tall = max(1.0, row["count"] / most * (_COUNTS - 8))
        told = (
            f"scores {row['low']:.1f} to {row['high']:.1f}: {row['count']} items, mean score {row['mean_score']:.2f}, "
            f"right {row['accuracy']:.2f}"
        )
        body.append(f"<g><title>{escape(told)}</title>")
        body.append(
            f'<rect class="count" x="{x:.1f}" y="{_TOP + _COUNTS - 6 - tall:.1f}" width="{width:.1f}" '
            f'height="{tall:.1f}"/>'
        )
        body.append(
            f'<rect class="bar" x="{x:.1f}" y="{top + _SIDE - height:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
        )
        body.append(
            f'<circle class="dot" cx="{_LEFT + row["mean_score"] * _SIDE:.1f}" cy="{top + _SIDE - height:.1f}" r="3"/>'
        )
        body.append("</g>")
    body.append(f'<line class="diagonal" x1="{_LEFT}" y1="{top + _SIDE}" x2="{_LEFT + _SIDE}" y2="{top}"/>')
    return _frame(_LEFT + _SIDE + 12, top + _SIDE + _BOTTOM, label, body)


def coverage_svg(rows: Sequence[Mapping[str, float]], *, label: str) -> str:
    """Accuracy of the surest answers against the share of items that is kept."""
    top = _TOP + _COUNTS
    body = _axes("share of items kept, surest first", "share right", top)
    points = [(_LEFT + r["coverage"] * _SIDE, top + (1 - r["accuracy"]) * _SIDE, r) for r in rows]
    if points:
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
        body.append(f'<polyline class="line" points="{line}"/>')
    for x, y, row in points:
        told = (
            f"the surest {row['coverage']:.0%}: right {row['accuracy']:.2f}, scores from {row['threshold']:.2f} upwards"
        )
        body.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{escape(told)}</title></circle>')
    return _frame(_LEFT + _SIDE + 12, top + _SIDE + _BOTTOM, label, body)
