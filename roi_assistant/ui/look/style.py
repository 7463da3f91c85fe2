"""Fusion with outlines that can be seen in the dark: its own are darker than the window, and there nearly black."""

from __future__ import annotations

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import QProxyStyle, QStyle, QStyleOption, QStyleOptionComplex, QWidget

FIELD, INDICATOR = QColor("#4a505b"), QColor("#757c88")
"""An empty box that can be checked is nothing but its outline; a field also has its text."""

_CHECK, _RADIO = QStyle.PrimitiveElement.PE_IndicatorCheckBox, QStyle.PrimitiveElement.PE_IndicatorRadioButton
_FRAMES = (QStyle.PrimitiveElement.PE_PanelLineEdit, QStyle.PrimitiveElement.PE_Frame)
_OUTLINED = (_CHECK, _RADIO, *_FRAMES)


class OutlinedFusion(QProxyStyle):
    """See the module."""

    def __init__(self) -> None:
        super().__init__("Fusion")
        self.setObjectName("fusion")

    def drawPrimitive(
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption | None,
        painter: QPainter | None,
        widget: QWidget | None = None,
    ) -> None:
        super().drawPrimitive(element, option, painter, widget)
        if element in _OUTLINED and option is not None and painter is not None:
            if element in _FRAMES and not _has_frame(element, option, widget):
                return
            color = FIELD if element in _FRAMES else INDICATOR
            _outline(painter, option, color, round_=element == _RADIO)

    def drawComplexControl(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex | None,
        painter: QPainter | None,
        widget: QWidget | None = None,
    ) -> None:
        super().drawComplexControl(control, option, painter, widget)
        is_field = control == QStyle.ComplexControl.CC_SpinBox
        if is_field and option is not None and painter is not None:
            _outline(painter, option, FIELD, round_=False)


def _has_frame(element: QStyle.PrimitiveElement, option: QStyleOption, widget: QWidget | None) -> bool:
    """Whether a field has an outline by itself and is not in focus, which Fusion shows well."""
    if option.state & QStyle.StateFlag.State_HasFocus:
        return False
    if element == QStyle.PrimitiveElement.PE_PanelLineEdit:
        return getattr(option, "lineWidth", 0) > 0
    return widget is not None and widget.inherits("QPlainTextEdit")


def _outline(painter: QPainter, option: QStyleOption, color: QColor, *, round_: bool) -> None:
    if not option.state & QStyle.StateFlag.State_Enabled:
        color = QColor(color.red(), color.green(), color.blue(), 110)
    rect = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1))
    if round_:
        painter.drawEllipse(rect)
    else:
        painter.drawRoundedRect(rect, 2, 2)
    painter.restore()
