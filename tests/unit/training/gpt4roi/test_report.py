"""The page with the curves of a run."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roi_assistant.training.gpt4roi.report import axis_ticks, report_page

LINES = [
    *({"step": k, "of": 40, "loss": 3.0 / k, "learned_tokens": 9, "step_seconds": 0.5} for k in range(1, 38)),
    {"step": 20, "held_out_loss": 0.7, "answers": 4, "answers_as_expected": 1},
    {
        "step": 40,
        "held_out_loss": 0.4,
        "answers": 4,
        "answers_as_expected": 2,
        "examples": [{"id": "<1>", "turn": 0, "expected": "a bus", "written": "a <bus>"}],
    },
]


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_ticks_are_few_and_around_all_values(low: float, reach: float) -> None:
    ticks = axis_ticks(low, low + reach)
    tolerance = 1e-6 * max(abs(low), reach, 1e-9)
    assert ticks[0] <= low + tolerance and ticks[-1] >= low + reach - tolerance
    assert 2 <= len(ticks) <= 7


def test_ticks_are_round() -> None:
    assert axis_ticks(0, 2.148) == [0, 0.5, 1, 1.5, 2, 2.5]
    assert axis_ticks(0, 0.003) == pytest.approx([0, 0.001, 0.002, 0.003])
    assert axis_ticks(-0.3, 5) == [-2, 0, 2, 4, 6]


def test_charts_share_their_steps_and_a_share_ends_at_1() -> None:
    page = report_page(LINES, title="a & b")
    assert "<title>a &amp; b</title>" in page and "a &lt;bus&gt;" in page and "&lt;1&gt;" in page
    charts = {m[1]: m[2] for m in re.finditer(r"<figcaption>([^<]*?) ?(?:<span.*?)?</figcaption>(.*?)</figure>", page)}
    assert all(">step 40</text>" in chart for chart in charts.values()) and len(charts) == 3
    answers = charts["Answers as expected, share"]
    assert re.findall(r'class="end">([\d.]+)</text>', answers) == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    (line,) = re.findall(r'<polyline class="held" points="([^"]*)"', answers)
    (_, first), (x, second) = (map(float, point.split(",")) for point in line.split())
    assert (x, first, second) == (632.0, 147.0, 102.0), "a quarter and half of 180 above 192"
