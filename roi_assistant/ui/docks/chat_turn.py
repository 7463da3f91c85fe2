"""One message of a conversation, with the regions that it refers to as number chips."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from html import escape

from PyQt6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QGuiApplication, QPainter, QPaintEvent, QPalette, QPen
from PyQt6.QtWidgets import QLabel, QSizePolicy, QWidget

from roi_assistant.core.records import Turn
from roi_assistant.core.references import named_references
from roi_assistant.core.text_bounds import LONGEST_TEXT, shortened
from roi_assistant.ui.look.controls import Heading, quiet_button
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.palette import GRID, Look, chip_pixmap, look, mix, small_font
from roi_assistant.ui.look.palette_change import on_palette_change

_REFERENCE = re.compile(r"<region(\d{1,4})>")
_MOST_CHIPS = 512
_chips: dict[tuple[int, int, str], str] = {}


def spoken_references(text: str) -> str:
    """``text`` with ``region 1`` in the place of ``<region1>``: for a place that has no chips."""
    region = QCoreApplication.translate("TurnView", "region {}")
    return _REFERENCE.sub(lambda match: region.format(match[1]), named_references(text))


def turn_html(text: str, colors: Look, font: QFont) -> str:
    """``text`` as rich text; references to regions become number chips that are links to ``region:N``."""
    text = named_references(text)
    parts, position = [], 0
    for match in _REFERENCE.finditer(text):
        parts.append(_plain(text[position : match.start()]))
        parts.append(_chip(int(match[1]), colors, font))
        position = match.end()
    parts.append(_plain(text[position:]))
    return "".join(parts)


def _plain(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _chip(number: int, colors: Look, font: QFont) -> str:
    key = (number, colors.chip.rgba(), font.toString())
    if key not in _chips:
        if len(_chips) >= _MOST_CHIPS:
            _chips.clear()
        _chips[key] = _chip_html(number, colors, font)
    return _chips[key]


def _chip_html(number: int, colors: Look, font: QFont) -> str:
    pixmap = chip_pixmap(number, colors, small_font(font, bold=True))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    pixmap.save(buffer, "PNG")
    size = pixmap.deviceIndependentSize()
    coded = base64.b64encode(data.data()).decode()
    return (
        f'<a href="region:{number}"><img src="data:image/png;base64,{coded}" width="{size.width():.0f}" '
        f'height="{size.height():.0f}" style="vertical-align:middle"></a>'
    )


class TurnView(QWidget):
    """A question on tinted ground, or an answer with its buttons."""

    regionClicked = pyqtSignal(int)
    """The number of a region whose chip was clicked."""
    useAsCaption = pyqtSignal(str)

    def __init__(self, turn: Turn, parent: QWidget | None = None, *, writing: bool = False) -> None:
        super().__init__(parent)
        self._turn = turn
        self._writing = writing
        self._question = turn.role == "user"
        self._name = Heading(self.tr("You") if self._question else self.tr("Model"), self)
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.RichText)
        self.label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )
        self.label.linkActivated.connect(self._link)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        layout = lay_column(
            self._name, self.label, parent=self, margins=(GRID + 2, GRID // 2 + 2, GRID + 2, GRID // 2 + 2), spacing=2
        )
        self._buttons = QWidget(self)
        self.copy = self._button(self.tr("Copy"), self.tr("Copy this answer"), self._copy)
        self.use = self._button(
            self.tr("Use as caption"),
            self.tr("Make this answer the caption of the selected region"),
            lambda: self.useAsCaption.emit(spoken_references(self._turn.text)),
        )
        lay_row(self.copy, self.use, None, parent=self._buttons, margins=0, spacing=GRID // 2)
        layout.addWidget(self._buttons)
        self._buttons.setVisible(not self._question)
        self.show_text(turn.text, writing=writing)
        on_palette_change(self, lambda: self.show_text(self._turn.text, writing=self._writing))

    def _button(self, text: str, tooltip: str, slot: Callable[[], None]) -> QWidget:
        button = quiet_button(text, self._buttons, tooltip=tooltip, slot=slot)
        button.setFont(small_font(button.font()))
        return button

    def show_text(self, text: str, *, writing: bool) -> None:
        """Show ``text``; ``writing``: there is more to come."""
        self._turn, self._writing = Turn(self._turn.role, text), writing
        text = shortened(text, LONGEST_TEXT)
        html = turn_html(text, look(self.palette()), self.font())
        if writing:
            html += " …" if text else self.tr("thinking…")
        self.label.setText(html)
        self.label.setAccessibleName(f"{self._name.text()}: {spoken_references(text)}")
        self.copy.setEnabled(not writing and bool(text))
        self.use.setEnabled(not writing and bool(text))

    def set_can_use(self, can: bool) -> None:
        """Whether there is a region whose caption this answer could become."""
        self.use.setEnabled(can and not self._writing)

    @property
    def text(self) -> str:
        """The message, with references as ``<region1>``."""
        return self._turn.text

    def _copy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(spoken_references(self._turn.text))

    def _link(self, link: str) -> None:
        self.regionClicked.emit(int(link.removeprefix("region:")))

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        if not self._question:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = look(self.palette())
        painter.setPen(QPen(colors.line, 1))
        painter.setBrush(mix(colors.accent, self.palette().color(QPalette.ColorRole.Base), 0.08))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), GRID, GRID)
        painter.end()
