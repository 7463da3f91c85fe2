"""Text as it is drawn: no more of it than there is room for, found in a time that does not depend on its length."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetrics, QFontMetricsF

from roi_assistant.core.text_bounds import shortened, with_both_ends


def elided(metrics: QFontMetrics | QFontMetricsF, text: str, width: float, *, middle: bool = False) -> str:
    """``text`` cut with an ellipsis to ``width`` pixels, at its end or, if ``middle``, in its middle.

    Qt measures all letters of a text before it cuts: it is given no more than it can show.
    """
    begun = with_both_ends(text) if middle else shortened(text)
    mode = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
    if isinstance(metrics, QFontMetricsF):
        return metrics.elidedText(begun, mode, width)
    return metrics.elidedText(begun, mode, int(width))
