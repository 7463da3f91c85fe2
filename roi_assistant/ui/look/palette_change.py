"""The one way in which a widget follows a change of the theme or the font."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QWidget

_PALETTE = frozenset({QEvent.Type.PaletteChange})
_PALETTE_OR_FONT = _PALETTE | {QEvent.Type.FontChange}


def on_palette_change(widget: QWidget, function: Callable[[], object], *, fonts: bool = False) -> None:
    """Call ``function`` whenever the palette of ``widget`` has changed, and with ``fonts`` when its font has.

    What is painted in ``paintEvent`` needs no call: Qt repaints a widget whose palette changes. This is for icons, rich
    text and other things that were made in the colors of before.
    """
    widget.installEventFilter(_ChangeFilter(widget, function, _PALETTE_OR_FONT if fonts else _PALETTE))


class _ChangeFilter(QObject):
    def __init__(self, widget: QWidget, function: Callable[[], object], types: frozenset[QEvent.Type]) -> None:
        super().__init__(widget)
        self._function, self._types = function, types

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() in self._types:
            self._function()
        return False
