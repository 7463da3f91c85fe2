"""Text as it is drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtGui import QFont, QFontMetrics

from roi_assistant.ui.look.drawn_text import elided

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.mark.parametrize("middle", [False, True])
def test_no_text_is_measured_as_a_whole(middle: bool) -> None:
    metrics = QFontMetrics(QFont())
    shown = elided(metrics, "word " * 400_000 + "end", 200, middle=middle)
    assert metrics.horizontalAdvance(shown) <= 200 and shown.endswith("end" if middle else "…")


def test_nobody_else_cuts_to_a_width(repository: Path) -> None:
    users = [p for p in (repository / "roi_assistant").rglob("*.py") if ".elidedText(" in p.read_text("utf-8")]
    assert [path.name for path in users] == ["drawn_text.py"]
