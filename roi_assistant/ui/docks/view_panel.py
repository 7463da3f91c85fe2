"""How the picture and its boxes look: a small panel over the canvas, open as long as one likes.

Brightness, contrast and gamma belong to this run of the program and change no file; line width, opacity and attribute
values are settings, and change at once.
"""

from __future__ import annotations

import math
from typing import Final

from PyQt6.QtCore import QEvent, QPoint, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PyQt6.QtWidgets import QCheckBox, QGridLayout, QLabel, QSlider, QWidget

from roi_assistant.imaging.tone import LEAST_GAMMA, MOST_GAMMA, Tone
from roi_assistant.settings import Settings, setting_specs
from roi_assistant.ui.docks.provenance import percent
from roi_assistant.ui.look.controls import Heading, quiet_button
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.palette import GRID, look
from roi_assistant.ui.look.palette_change import on_palette_change
from roi_assistant.ui.look.theme import icon

_WIDTH: Final = 316
_MARGIN: Final = 2 * GRID
_STEPS: Final = 100
"""Of the gamma slider to either side of 1, so that 2 and 1/2 are as far from it."""


class ViewPanel(QWidget):
    """See the module. Lies in the upper right corner of its parent. Escape closes it."""

    toneChanged = pyqtSignal(object)
    """The Tone that the sliders ask for."""
    settingChanged = pyqtSignal(str, object)
    """Name and value of a setting."""
    closed = pyqtSignal()
    """It was closed by hand: the keyboard may go back to the picture."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)  # a click beside a slider must not draw a box
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # nor take the keyboard to the picture
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(GRID)
        self._grid.setVerticalSpacing(GRID // 2)
        self._grid.setColumnStretch(1, 1)
        self._values: dict[QSlider, QLabel] = {}
        self._heading(self.tr("Picture: seen only, no file changes"))
        self.brightness = self._slider(self.tr("&Brightness"), -100, 100)
        self.contrast = self._slider(self.tr("&Contrast"), -100, 100)
        self.gamma = self._slider(self.tr("&Gamma"), -_STEPS, _STEPS)
        self._grid.setRowMinimumHeight(self._grid.rowCount(), GRID)
        self._heading(self.tr("Boxes"))
        specs = setting_specs()
        self.line_width = self._slider(
            self.tr("&Line width"), int(specs["line_width"].minimum), int(specs["line_width"].maximum), page=1
        )
        self.fill = self._slider(
            self.tr("&Opacity inside"), int(specs["box_fill"].minimum), int(specs["box_fill"].maximum)
        )
        self.attributes = QCheckBox(self.tr("Attribute &values below captions"), self)
        self.close_button = quiet_button("", self, tooltip=self.tr("Close (Esc)"), slot=self.leave)
        self.reset = quiet_button(
            self.tr("&Reset the picture"),
            self,
            tooltip=self.tr("Brightness, contrast and gamma as they are in the file (Shift+B)"),
            slot=lambda: self.toneChanged.emit(Tone()),
        )
        title = Heading(self.tr("Picture and boxes"), self)
        lay_column(
            lay_row((title, 1), self.close_button),
            self._grid,
            self.attributes,
            lay_row(None, self.reset),
            parent=self,
            margins=(2 * GRID, GRID, 2 * GRID, GRID),
            spacing=GRID,
        )
        self.setFixedWidth(_WIDTH)
        self.setAccessibleName(title.text())
        for slider in (self.brightness, self.contrast, self.gamma):
            slider.valueChanged.connect(lambda _: self.toneChanged.emit(self._tone()))
        self.line_width.valueChanged.connect(lambda value: self.settingChanged.emit("line_width", value))
        self.fill.valueChanged.connect(lambda value: self.settingChanged.emit("box_fill", value))
        self.attributes.toggled.connect(lambda on: self.settingChanged.emit("show_attributes", on))
        parent.installEventFilter(self)
        self._tint()
        on_palette_change(self, self._tint)
        self.hide()

    # What is shown.

    def show_tone(self, tone: Tone) -> None:
        """Put the sliders where ``tone`` is."""
        self._show(self.brightness, tone.brightness, signed(tone.brightness))
        self._show(self.contrast, tone.contrast, signed(tone.contrast))
        self._show(self.gamma, _gamma_step(tone.gamma), self.locale().toString(tone.gamma, "f", 2))
        self.reset.setEnabled(not tone.is_neutral)

    def show_settings(self, settings: Settings) -> None:
        """Put the controls of boxes where the settings are."""
        self._show(self.line_width, settings.line_width, f"{settings.line_width} px")
        self._show(self.fill, settings.box_fill, percent(settings.box_fill / 100))
        self.attributes.blockSignals(True)
        self.attributes.setChecked(settings.show_attributes)
        self.attributes.blockSignals(False)

    def open(self) -> None:
        """Show it, with the keyboard at the first slider."""
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()
        self.brightness.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def leave(self) -> None:
        """Close it by hand."""
        self.hide()
        self.closed.emit()

    def _tone(self) -> Tone:
        return Tone(
            brightness=self.brightness.value(), contrast=self.contrast.value(), gamma=_gamma_at(self.gamma.value())
        )

    def _show(self, slider: QSlider, value: int, text: str) -> None:
        slider.blockSignals(True)
        slider.setValue(value)
        slider.blockSignals(False)
        self._values[slider].setText(text)

    # How it is made.

    def _heading(self, text: str) -> None:
        self._grid.addWidget(Heading(text, self), self._grid.rowCount(), 0, 1, 3)

    def _slider(self, text: str, least: int, most: int, *, page: int = 10) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setRange(least, most)
        slider.setPageStep(page)
        label, value = QLabel(text, self), QLabel(self)
        label.setBuddy(slider)
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        value.setMinimumWidth(value.fontMetrics().horizontalAdvance("+100 %"))
        slider.setAccessibleName(text.replace("&", ""))
        row = self._grid.rowCount()
        for column, widget in enumerate((label, slider, value)):
            self._grid.addWidget(widget, row, column)
        self._values[slider] = value
        return slider

    def _tint(self) -> None:
        self.close_button.setIcon(icon("close", self.palette()))

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.move(QPoint(max(0, parent.width() - self.width() - _MARGIN), _MARGIN))

    def eventFilter(self, watched: object, event: QEvent | None) -> bool:
        if watched is self.parent() and event is not None and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.leave()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent | None) -> bool:
        # Esc is the window's shortcut for the tool that selects; here it closes the panel.
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look(self.palette()).line, 1))
        painter.setBrush(self.palette().color(QPalette.ColorRole.Window))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), GRID, GRID)
        painter.end()


def signed(value: int) -> str:
    """``+20``, ``−20`` or ``0``"""
    return f"{value:+d}".replace("-", "\N{MINUS SIGN}") if value else "0"


def _gamma_at(step: int) -> float:
    return round(MOST_GAMMA ** (step / _STEPS), 2)


def _gamma_step(gamma: float) -> int:
    return round(math.log(min(max(gamma, LEAST_GAMMA), MOST_GAMMA), MOST_GAMMA) * _STEPS)
