"""The log of a run as one page with curves, without scripts and without anything from elsewhere."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from roi_assistant.errors import BadInputError
from roi_assistant.formats.atomic import write_atomically

LOG, REPORT = "log.jsonl", "report.html"
Point = tuple[float, float]
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _BOTTOM, _TOP = 640, 220, 64, 8, 28, 12
_MOST_POINTS, _FEW_POINTS = 1500, 30
_MOST_STEPS = 5
_TRAINING, _HELD_OUT, _SMOOTHED = "training, smoothed", "held out", "smoothed"
_SMOOTHING = 0.9


def write_report(out: Path) -> Path:
    """``out/log.jsonl`` -> ``out/report.html``.

    Raises:
        BadInputError: there is no log, or a line of it is no JSON object.
        FileWriteError: the page cannot be written.
    """
    log = out / LOG
    try:
        lines = [dict(json.loads(line)) for line in log.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise BadInputError(f"{log} cannot be read ({error.strerror}): give the folder of a run.") from error
    except (ValueError, TypeError) as error:
        raise BadInputError(f"{log} is not the log of a run: {error}.") from error
    write_atomically(out / REPORT, report_page(lines, title=out.resolve().name))
    return out / REPORT


def report_page(lines: Sequence[Mapping[str, Any]], *, title: str) -> str:
    """A page from the lines of a log: those of steps have ``loss``, those of evaluations ``held_out_loss``."""
    steps = [line for line in lines if "loss" in line]
    evaluations = [line for line in lines if "held_out_loss" in line]
    last = max((float(line["step"]) for line in (*steps, *evaluations)), default=0.0)
    charts = [
        _chart(
            "Loss per learned token",
            {_TRAINING: smoothed(_points(steps, "loss")), _HELD_OUT: _points(evaluations, "held_out_loss")},
            last=last,
        ),
        _chart("Answers as expected, share", {_HELD_OUT: _shares(evaluations)}, last=last, top=1.0),
        _chart("Learning rate", {"": _points(steps, "learning_rate")}, last=last),
        _chart("Gradient norm, before clipping", {_SMOOTHED: smoothed(_points(steps, "gradient_norm"))}, last=last),
        _chart("Learned tokens per second", {_SMOOTHED: smoothed(_rates(steps))}, last=last),
        _chart("Padding, share of places", {_SMOOTHED: smoothed(_points(steps, "padding"))}, last=last),
    ]
    facts = _facts(steps, evaluations)
    failed = "".join(
        f"<p class=failed>Stopped in step {line['step']}: the {escape(str(line['failed']))} was not a number.</p>"
        for line in lines
        if "failed" in line
    )
    page = (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>{_CSS}</style>\n'
        f"<h1>{escape(title)}</h1>{failed}<table>{facts}</table>\n<div class=charts>{''.join(charts)}</div>\n"
    )
    if evaluations and evaluations[-1].get("examples"):
        page += f"<h2>Answers after step {evaluations[-1]['step']}</h2>{_examples(evaluations[-1]['examples'])}\n"
    return page


def smoothed(points: Sequence[Point], *, factor: float = _SMOOTHING) -> list[Point]:
    """Exponential moving average, without the bias of its beginning."""
    found, mean, weight = [], 0.0, 0.0
    for x, y in points:
        mean, weight = factor * mean + (1 - factor) * y, factor * weight + (1 - factor)
        found.append((x, mean / weight))
    return found


def _points(lines: Iterable[Mapping[str, Any]], key: str) -> list[Point]:
    return [(float(line["step"]), float(line[key])) for line in lines if key in line]


def _shares(evaluations: Iterable[Mapping[str, Any]]) -> list[Point]:
    return [(float(e["step"]), e["answers_as_expected"] / e["answers"]) for e in evaluations if e.get("answers")]


def _rates(steps: Iterable[Mapping[str, Any]]) -> list[Point]:
    return [(float(s["step"]), s["learned_tokens"] / s["step_seconds"]) for s in steps if s.get("step_seconds")]


def _facts(steps: Sequence[Mapping[str, Any]], evaluations: Sequence[Mapping[str, Any]]) -> str:
    rows: list[tuple[str, str]] = []
    if steps:
        rows.append(("steps", f"{steps[-1]['step']} of {steps[-1]['of']}"))
        rows.append(("loss of the last step", f"{steps[-1]['loss']:.4f}"))
        rows.append(("learned tokens", f"{sum(s['learned_tokens'] for s in steps):,}"))
        rows.append(("hours in steps", f"{sum(s['step_seconds'] for s in steps) / 3600:.2f}"))
    if evaluations:
        best = min(evaluations, key=lambda e: e["held_out_loss"])
        rows.append(("held-out loss, last", f"{evaluations[-1]['held_out_loss']:.4f}"))
        rows.append(("held-out loss, lowest", f"{best['held_out_loss']:.4f} after step {best['step']}"))
    return "".join(f"<tr><th>{escape(name)}<td>{escape(value)}" for name, value in rows)


def _examples(examples: Sequence[Mapping[str, Any]]) -> str:
    rows = ""
    for example in examples:
        expected, written = str(example["expected"]), str(example["written"])
        kind = "same" if expected == written else "other"
        rows += f"<tr><td>{escape(str(example['id']))}<td>{escape(expected)}<td class={kind}>{escape(written)}"
    return f"<table><tr><th>conversation<th>expected<th>written{rows}</table>"


def _chart(title: str, series: Mapping[str, Sequence[Point]], *, last: float, top: float | None = None) -> str:
    """``series`` by name over the steps up to ``last``; ``top`` is the upper end, where the largest value is not."""
    series = {name: _thinned(points) for name, points in series.items() if points}
    if not series:
        return ""
    ys = [y for points in series.values() for _, y in points]
    ticks = axis_ticks(min(0.0, *ys), max(ys) if top is None else top)
    low, span = ticks[0], ticks[-1] - ticks[0]

    def down(y: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - (y - low) / span)

    def place(point: Point) -> str:
        x = _LEFT + (_WIDTH - _LEFT - _RIGHT) * (point[0] / (last or 1.0))
        return f"{x:.1f},{down(point[1]):.1f}"

    drawn = ""
    for name, points in series.items():
        kind = "held" if name == _HELD_OUT else "own"
        places = [place(point) for point in points]
        drawn += f'<polyline class="{kind}" points="{" ".join(places)}"/>'
        if len(points) < _FEW_POINTS:
            corners = (each.split(",") for each in places)
            drawn += "".join(f'<circle class="{kind}" cx="{x}" cy="{y}" r="3"/>' for x, y in corners)
    lines = ""
    for tick in ticks:
        y = down(tick)
        lines += f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        lines += f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" class="end">{tick:.6g}</text>'
    ends = (
        f'<text x="{_LEFT}" y="{_HEIGHT - 8}">0</text>'
        f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 8}" class="end">step {last:g}</text>'
    )
    names = " ".join(
        f'<span class="{"held" if name == _HELD_OUT else "own"}">{escape(name)}</span>' for name in series if name
    )
    return (
        f'<figure><figcaption>{escape(title)} {names}</figcaption><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">{lines}{ends}{drawn}</svg></figure>'
    )


def axis_ticks(low: float, high: float) -> list[float]:
    """Three to seven round numbers, evenly apart, the first at most ``low`` and the last at least ``high``."""
    reach = (high - low) or 1.0
    unit = 10.0 ** math.floor(math.log10(reach))
    step = next(size * unit for size in (0.2, 0.25, 0.5, 1.0, 2.0, 2.5) if reach / (size * unit) <= _MOST_STEPS)
    first, stop = math.floor(low / step), math.ceil(low / step + reach / step - 1e-9)
    return [number * step for number in range(first, stop + 1)]


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    """At most so many as can be told apart, the last one among them."""
    every = -(-len(points) // _MOST_POINTS)
    return list(points[::-every][::-1]) if every > 1 else points


_CSS = """:root { color-scheme: light dark; --own: #0969da; --held: #bc4c00; --dim: #656d76; --bad: #cf222e }
@media (prefers-color-scheme: dark) { :root { --own: #58a6ff; --held: #f0883e; --dim: #9198a1; --bad: #ff7b72 } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 84rem; margin: 0 auto; padding: 1rem }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem }
figure { margin: 0 } figcaption { font-weight: 600 } figcaption span { font-weight: 400; margin-left: .8em }
polyline { fill: none; stroke-width: 1.8; stroke-linejoin: round }
span.own, .same { color: var(--own) } polyline.own { stroke: var(--own) } circle.own { fill: var(--own) }
span.held { color: var(--held) } polyline.held { stroke: var(--held) } circle.held { fill: var(--held) }
line { stroke: #8885 } text { font-size: 12px; fill: var(--dim) } text.end { text-anchor: end }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { text-align: left; padding: .15rem .8rem .15rem 0; vertical-align: top }
th { color: var(--dim); font-weight: 400 } .failed { color: var(--bad); font-weight: 600 }
"""
