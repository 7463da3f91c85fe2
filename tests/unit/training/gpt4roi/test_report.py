"""The page with the curves of a run."""

from __future__ import annotations

import re

from roi_assistant.training.gpt4roi.report import report_page

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


def test_charts_share_their_steps_and_a_share_ends_at_1() -> None:
    page = report_page(LINES, title="a & b")
    assert "<title>a &amp; b</title>" in page and "a &lt;bus&gt;" in page and "&lt;1&gt;" in page
    charts = {m[2]: m[1] for m in re.finditer(r"<figure>(.*?)<figcaption><b>(.*?)</b>", page)}
    assert all(">step 40</text>" in chart for chart in charts.values()) and len(charts) == 3
    answers = charts["Answers as expected, share"]
    assert re.findall(r'class="end"[^>]*>([\d.]+)</text>', answers) == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    (line,) = re.findall(r'<polyline class="line" points="([^"]*)"', answers)
    (_, first), (x, second) = (map(float, point.split(",")) for point in line.split())
    assert (x, first, second) == (632.0, 147.0, 102.0), "a quarter and half of 180 above 192"
    assert '<span class="second">held out</span>' in page and 'class="line second"' in charts["Loss per learned token"]


def test_a_run_that_failed_says_so() -> None:
    page = report_page([*LINES, {"step": 38, "failed": "loss"}], title="x")
    assert "Stopped in step 38: the loss was not a number." in page
    assert "<svg" not in report_page([], title="x")
