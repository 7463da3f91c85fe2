"""The log of a run as one page with curves, without scripts and without anything from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from roi_assistant.errors import BadInputError
from roi_assistant.formats.atomic import write_atomically
from roi_assistant.formats.html_page import figure, page, table
from roi_assistant.formats.svg_charts import Point, step_chart

LOG, REPORT = "log.jsonl", "report.html"
Line = Mapping[str, Any]
"""A JSON object of the log; which keys it has depends on what it reports."""
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


def report_page(lines: Sequence[Line], *, title: str) -> str:
    """A page from the lines of a log: those of steps have ``loss``, those of evaluations ``held_out_loss``."""
    steps = [line for line in lines if "loss" in line]
    evaluations = [line for line in lines if "held_out_loss" in line]
    last = max((float(line["step"]) for line in (*steps, *evaluations)), default=0.0)
    smooth = "smoothed"
    curves: tuple[tuple[str, dict[str, list[Point]], float | None], ...] = (
        (
            "Loss per learned token",
            {
                "training, smoothed": smoothed(_points(steps, "loss")),
                "held out": _points(evaluations, "held_out_loss"),
            },
            None,
        ),
        ("Answers as expected, share", {"held out": _shares(evaluations)}, 1.0),
        ("Learning rate", {"": _points(steps, "learning_rate")}, None),
        ("Gradient norm, before clipping", {smooth: smoothed(_points(steps, "gradient_norm"))}, None),
        ("Learned tokens per second", {smooth: smoothed(_rates(steps))}, None),
        ("Padding, share of places", {smooth: smoothed(_points(steps, "padding"))}, None),
    )
    parts = [
        f'<p class="bad">Stopped in step {line["step"]}: the {escape(str(line["failed"]))} was not a number.</p>'
        for line in lines
        if "failed" in line
    ]
    parts += [table(("", ""), _facts(steps, evaluations), text_columns=(0, 1)), '<div class="charts">']
    for name, series, top in curves:
        if chart := step_chart(name, series, last=last, top=top):
            colors = zip(("first", "second"), series, strict=False)
            legend = " ".join(f'<span class="{css}">{escape(curve)}</span>' for css, curve in colors if curve)
            parts.append(figure(chart, f"<b>{escape(name)}</b> {legend}"))
    parts.append("</div>")
    if evaluations and evaluations[-1].get("examples"):
        examples = [(each["id"], each["expected"], each["written"]) for each in evaluations[-1]["examples"]]
        rows = [(*each, "same" if each[1] == each[2] else "other") for each in examples]
        parts.append(f"<h2>Answers after step {evaluations[-1]['step']}</h2>")
        parts.append(table(("conversation", "expected", "written", ""), rows, text_columns=(0, 1, 2, 3)))
    return page(title, parts)


def smoothed(points: Sequence[Point]) -> list[Point]:
    """Exponential moving average, without the bias of its beginning."""
    averages, mean, weight = [], 0.0, 0.0
    for x, y in points:
        mean = _SMOOTHING * mean + (1 - _SMOOTHING) * y
        weight = _SMOOTHING * weight + (1 - _SMOOTHING)
        averages.append((x, mean / weight))
    return averages


def _points(lines: Iterable[Line], key: str) -> list[Point]:
    return [(float(line["step"]), float(line[key])) for line in lines if key in line]


def _shares(evaluations: Iterable[Line]) -> list[Point]:
    return [(float(e["step"]), e["answers_as_expected"] / e["answers"]) for e in evaluations if e.get("answers")]


def _rates(steps: Iterable[Line]) -> list[Point]:
    return [(float(s["step"]), s["learned_tokens"] / s["step_seconds"]) for s in steps if s.get("step_seconds")]


def _facts(steps: Sequence[Line], evaluations: Sequence[Line]) -> list[tuple[str, str]]:
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
    return rows
