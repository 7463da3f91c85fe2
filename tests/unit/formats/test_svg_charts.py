from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roi_assistant.formats.svg_charts import Bin, axis_ticks, coverage_chart, reliability_chart, step_chart


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
@example(0.0, 5e-324)
@example(1e6, 1e-9)
@example(-1e6, 0.0)
def test_ticks_are_few_and_around_all_values(low: float, reach: float) -> None:
    ticks = axis_ticks(low, low + reach)
    tolerance = 1e-6 * max(abs(low), reach, 1e-9)
    assert ticks[0] <= low + tolerance and ticks[-1] >= low + reach - tolerance
    assert 2 <= len(ticks) <= 7


def test_ticks_are_round() -> None:
    assert axis_ticks(0, 2.148) == [0, 0.5, 1, 1.5, 2, 2.5]
    assert axis_ticks(0, 0.003) == pytest.approx([0, 0.001, 0.002, 0.003])
    assert axis_ticks(-0.3, 5) == [-2, 0, 2, 4, 6]


def test_a_difference_that_is_none_has_ticks_around_it() -> None:
    assert axis_ticks(0, 5e-324) == axis_ticks(0, 0) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    for large in (1e20, -1e20):
        assert len(set(axis_ticks(large, large))) >= 2


def test_reliability_charts_draw_every_bin_that_has_items() -> None:
    drawn = reliability_chart([Bin(0.0, 0.5, 3, 0.2, 0.0), Bin(0.5, 1.0, 0, 0.0, 0.0)], label='a "label"')
    assert drawn.count('class="bar"') == 1
    assert "3 items, mean score 0.20, right 0.00" in drawn
    assert 'aria-label="a &quot;label&quot;"' in drawn
    assert ElementTree.fromstring(drawn).tag == "svg"


def test_coverage_charts_have_a_dot_for_each_row() -> None:
    curve = coverage_chart([(1.0, 0.25, 0.1)], label="x")
    assert curve.count("<circle") == 1
    assert "<circle" not in coverage_chart([], label="x")


def test_step_charts_thin_long_curves_and_keep_their_end() -> None:
    assert step_chart("x", {"": []}, last=0.0) == ""
    chart = step_chart("x", {"": [(float(k), 1.0) for k in range(4001)]}, last=4000.0)
    (line,) = re.findall(r'points="([^"]*)"', chart)
    assert len(line.split()) <= 1500 and line.split()[-1].startswith("632.0,")
    assert "<circle" not in chart, "dots only where there are few"
    ElementTree.fromstring(step_chart("one point at zero", {"": [(0.0, 0.0)]}, last=0.0))
