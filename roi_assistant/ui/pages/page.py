"""What the pages of the central stack are made of: a title and a sentence over a column, cards, hints, messages.

Sizes are multiples of 8 pixels. Colors come from the palette when something is painted, so a page follows a change of
the theme without being told.
"""

from __future__ import annotations

from typing import Literal

from PyQt6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from roi_assistant.core.text_bounds import LONGEST_TEXT, with_both_ends
from roi_assistant.ui.look.layouts import lay_column, lay_row
from roi_assistant.ui.look.palette import GRID, look, mix
from roi_assistant.ui.look.palette_change import on_palette_change

FORM_WIDTH = 760
"""Pixels of the widest column of a form: longer lines are hard to read."""
LABEL_WIDTH = 13 * GRID

Level = Literal["info", "success", "warning", "error"]


def level_color(level: Level, palette: QPalette) -> QColor:
    """The accent of a message."""
    colors = look(palette)
    return {
        "info": colors.info,
        "success": colors.accepted,
        "warning": colors.warning,
        "error": colors.error,
    }[level]


class Hint(QLabel):
    """A quiet line of explanation, or one in the color of a level."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._level: Level | None = None
        self.setWordWrap(True)
        self._color_text()
        on_palette_change(self, self._color_text)

    def set_level(self, level: Level | None) -> None:
        """Show the text in the color of ``level``; None: in the quiet one."""
        self._level = level
        self._color_text()

    def _color_text(self) -> None:
        palette = self.palette()  # only its WindowText is ours, the rest follows the theme
        color = level_color(self._level, palette) if self._level else look(palette).muted
        if palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText) == color:
            return  # setting a palette sends another PaletteChange
        for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
            palette.setColor(group, QPalette.ColorRole.WindowText, color)
        self.setPalette(palette)


class PageHeading(QLabel):
    """A title. ``size`` is a factor on the font of the page."""

    def __init__(self, text: str, parent: QWidget | None = None, *, size: float = 1.0) -> None:
        super().__init__(text, parent)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * size)
        font.setWeight(font.Weight.DemiBold)
        self.setFont(font)
        self.setWordWrap(size > 1.2)


class FigureTile(QWidget):
    """A large figure over what it counts, with ``spacing`` between; a dash while it is not known."""

    def __init__(self, text: str, *, spacing: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figure = PageHeading("–", self, size=1.8)
        self._figure.setWordWrap(False)
        self._figure.setAccessibleName(text)
        lay_column(self._figure, Hint(text, self), None, parent=self, margins=0, spacing=spacing)

    def text(self) -> str:
        """The figure."""
        return self._figure.text()

    def setText(self, text: str) -> None:
        """Show a figure."""
        self._figure.setText(text)


class Card(QFrame):
    """A rounded panel with a heading and a hint; put widgets into ``body``."""

    def __init__(self, title: str = "", hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.body = lay_column(parent=self, margins=2 * GRID, spacing=GRID)
        self.heading = PageHeading(title, self)
        self.hint = Hint(hint, self)
        self.body.addWidget(self.heading)
        self.body.addWidget(self.hint)
        self.heading.setVisible(bool(title))
        self.hint.setVisible(bool(hint))

    def set_hint(self, text: str) -> None:
        """The line of explanation below the title; "" hides it."""
        self.hint.setText(text)
        self.hint.setVisible(bool(text))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look(self.palette()).line, 1))
        painter.setBrush(self.palette().color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), GRID, GRID)


def form_layout() -> QFormLayout:
    """Labels left, fields right; fill it with ``add_form_row``."""
    form = QFormLayout()
    form.setHorizontalSpacing(2 * GRID)
    form.setVerticalSpacing(GRID)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def add_form_row(form: QFormLayout, text: str, field: QWidget | QLayout) -> QLabel:
    """Add a row; the labels of all forms of a page are equally wide, so that their fields line up. ``text`` is
    translated already."""
    label = QLabel(text)
    label.setMinimumWidth(LABEL_WIDTH)
    if isinstance(field, QAbstractSpinBox):  # as high as text fields: Fusion makes them lower
        field.setMinimumHeight(field.fontMetrics().height() + GRID)
    form.addRow(label, field)
    return label


class MessageStrip(QFrame):
    """One sentence with the color of its level, hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._level: Level = "info"
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        # Errors name files and commands: people copy them.
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        row.addWidget(self.label, 1)
        self.hide()

    @property
    def level(self) -> Level:
        """The level of the message that was shown last."""
        return self._level

    @property
    def text(self) -> str:
        """The message in sight, "" when there is none."""
        return self.label.text()

    def show_message(self, level: Level, text: str) -> None:
        """Show ``text`` in place of the message before; "" hides the strip. Screen readers get the level as well."""
        self._level, text = level, with_both_ends(text, LONGEST_TEXT)
        self.label.setText(text)
        names = {
            "info": QCoreApplication.translate("MessageStrip", "Note"),
            "success": QCoreApplication.translate("MessageStrip", "Done"),
            "warning": QCoreApplication.translate("MessageStrip", "Warning"),
            "error": QCoreApplication.translate("MessageStrip", "Error"),
        }
        self.setAccessibleName(names[level])
        self.setAccessibleDescription(text)
        self.setVisible(bool(text))
        self.update()

    def clear(self) -> None:
        """Hide the strip and forget its message."""
        self.label.clear()
        self.hide()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent = level_color(self._level, self.palette())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mix(accent, self.palette().color(QPalette.ColorRole.Window), 0.14))
        frame = QRectF(self.rect())
        painter.drawRoundedRect(frame, GRID / 2, GRID / 2)
        painter.setBrush(accent)
        painter.drawRoundedRect(QRectF(0, 0, GRID / 2, frame.height()), GRID / 4, GRID / 4)


class _Column(QWidget):
    """The scrolled column. Its width hint decides how wide it may grow."""

    def __init__(self, width: int | None) -> None:
        super().__init__()
        self._width = width
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        if width is not None:
            self.setMaximumWidth(width)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return hint if self._width is None else QSize(self._width, hint.height())


class _Footer(QWidget):
    """The row of buttons under the column, as wide as it."""

    def __init__(self, width: int | None) -> None:
        super().__init__()
        outer = QHBoxLayout(self)
        outer.setContentsMargins(3 * GRID, GRID, 3 * GRID, GRID)
        column = _Column(width)
        outer.addStretch(1)
        outer.addWidget(column, 1000)
        outer.addStretch(1)
        self.row = lay_row(parent=column, margins=0, spacing=GRID)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setPen(look(self.palette()).line)
        painter.drawLine(0, 0, self.width(), 0)


class Page(QWidget):
    """A page: title and lead on top of a column that scrolls. ``width`` None uses all there is."""

    def __init__(self, *, width: int | None = FORM_WIDTH, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.scroll_area = QScrollArea(self)
        self.scroll_area.setWidgetResizable(True)
        self.scroll_area.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer.setSpacing(0)
        outer.addWidget(self.scroll_area, 1)
        self.footer = _Footer(width)
        self.footer.hide()
        outer.addWidget(self.footer)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        column = _Column(width)
        row.addStretch(1)
        row.addWidget(column, 1000)
        row.addStretch(1)
        self.scroll_area.setWidget(holder)
        self.body = lay_column(parent=column, margins=0, spacing=2 * GRID)
        self.heading = PageHeading("", self, size=1.5)
        self.lead = Hint("", self)
        self.message = MessageStrip(self)
        self.body.addWidget(self.heading)
        self.body.addWidget(self.lead)
        self.body.addWidget(self.message)

    def set_title(self, title: str, lead: str, *, name: str = "") -> None:
        """Show ``title`` and ``lead``; screen readers call the page ``name``, or the title."""
        self.heading.setText(title)
        self.lead.setText(lead)
        self.setAccessibleName(name or title)

    def add_to_footer(self, *widgets: QWidget | None) -> None:
        """Put ``widgets`` into the row that stays in sight below the column; None is a gap that grows."""
        for widget in widgets:
            if widget is None:
                self.footer.row.addStretch(1)
            else:
                self.footer.row.addWidget(widget)
        self.footer.show()
