"""Choosing the kind of an attribute."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QSizePolicy, QWidget

from roi_assistant.core.records import AttributeKind


class KindChooser(QComboBox):
    """A list of the kinds, in words."""

    kindChanged = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        kinds: tuple[tuple[AttributeKind, str], ...] = (
            ("single", self.tr("One of a list")),
            ("multi", self.tr("Any of a list")),
            ("boolean", self.tr("Yes or no")),
            ("text", self.tr("Free text")),
        )
        for kind, text in kinds:
            self.addItem(text, kind)
        self.setAccessibleName(self.tr("Kind of the attribute"))
        self.setToolTip(self.tr("What may be entered"))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.currentIndexChanged.connect(lambda *_: self.kindChanged.emit(self.kind))

    @property
    def kind(self) -> AttributeKind:
        """The kind that is chosen."""
        kind: AttributeKind = self.currentData()
        return kind

    def set_kind(self, kind: AttributeKind) -> None:
        """Choose ``kind``; as with any choice the signals of the box follow."""
        self.setCurrentIndex(self.findData(kind))
